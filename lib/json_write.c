#include "json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"

/*
 * JSON text out of values. libjq's own printer appends character by character,
 * at a tenth of the speed; below some depth it prints a note that is no JSON;
 * and it writes numbers differently from version to version, so that digests
 * and golden files would depend on it.
 */
struct writer {
	struct buf *out;
	bool sorted;
};

/* The character as it stands in a string: at most WIDEST bytes, behind which it returns. */
#define WIDEST 6
static char *write_character(char *to, char c)
{
	static const char digits[] = "0123456789abcdef";
	if ((unsigned char)c >= 0x20 && c != '"' && c != '\\') {
		*to++ = c;
		return to;
	}
	/* The letters of \b to \r, and of the two characters that stand for themselves. */
	char letter = c >= '\b' && c <= '\r' ? "btn\0fr"[c - '\b'] : c < 0x20 ? '\0' : c;
	*to++ = '\\';
	*to++ = letter ? letter : 'u';
	if (letter)
		return to;
	memcpy(to, "00", 2);
	to[2] = digits[c >> 4];
	to[3] = digits[c & 15];
	return to + 4;
}

static void write_string(struct buf *out, const char *text, size_t len)
{
	buf_reserve(out, len + 2);
	buf_add_char(out, '"');
	while (len > 0) {
		size_t part = len < 4096 ? len : 4096;
		buf_reserve(out, part * WIDEST);
		char *to = out->data + out->len;
		for (const char *end = text + part; text < end;) {
			unsigned run = 0;
			if (end - text >= JSON_WORD) {
				run = json_plain_run(text);
				memcpy(to, text, JSON_WORD);
				to += run;
				text += run;
			}
			if (run < JSON_WORD)
				to = write_character(to, *text++);
		}
		out->len = (size_t)(to - out->data);
		len -= part;
	}
	buf_add_char(out, '"');
}

/* Whole numbers, and those of up to three decimals, of which most numbers here are. False if it is another one. */
static bool write_decimal(struct buf *out, double number)
{
	uint64_t whole;
	unsigned fraction = 0;
	double scaled = fabs(number) * 1000;
	if (fabs(number) < 0x1p53 && number == floor(number)) {
		whole = (uint64_t)fabs(number);
	} else if (scaled < 0x1p53 && scaled == floor(scaled) && scaled / 1000 == fabs(number)) {
		/* Both are exact, so that the quotient is the double nearest to the decimal: what a parser reads. */
		whole = (uint64_t)scaled / 1000;
		fraction = (unsigned)((uint64_t)scaled % 1000);
	} else {
		return false;
	}
	char text[24], *end = text + sizeof text, *at = end;
	if (fraction) {
		for (int i = 0; i < 3; i++, fraction /= 10)
			*--at = (char)('0' + fraction % 10);
		*--at = '.';
		while (end[-1] == '0')
			end--;
	}
	do
		*--at = (char)('0' + whole % 10);
	while (whole /= 10);
	if (signbit(number))
		*--at = '-';
	buf_add(out, at, (size_t)(end - at));
	return true;
}

/* The shortest form that a parser reads as the same double. As in jq, what JSON has no number for becomes null or the
 * largest one. */
static void write_number(struct buf *out, double number)
{
	char text[40];
	if (isnan(number)) {
		buf_add_string(out, "null");
		return;
	}
	if (isinf(number))
		number = copysign(DBL_MAX, number);
	if (write_decimal(out, number))
		return;
	for (int digits = 15; digits <= DBL_DECIMAL_DIG; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	buf_add_string(out, text);
}

static bool write_value(struct writer *writer, json value, int depth);

static bool write_array(struct writer *writer, json array, int depth)
{
	buf_add_char(writer->out, '[');
	for (int i = 0, len = json_length(array); i < len; i++) {
		if (i)
			buf_add_char(writer->out, ',');
		if (!write_value(writer, json_at(array, i), depth))
			return false;
	}
	buf_add_char(writer->out, ']');
	return true;
}

static bool write_member(struct writer *writer, const char *key, json value, int depth)
{
	write_string(writer->out, key, strlen(key));
	buf_add_char(writer->out, ':');
	return write_value(writer, value, depth);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool write_sorted(struct writer *writer, json object, int depth)
{
	int count = 0, position = -1;
	const char **keys = mem_alloc((size_t)json_length(object), sizeof *keys), *key;
	json value;
	while (json_each(object, &position, &key, &value))
		keys[count++] = key;
	qsort(keys, (size_t)count, sizeof *keys, compare_keys);
	bool written = true;
	for (int i = 0; i < count && written; i++) {
		if (i)
			buf_add_char(writer->out, ',');
		written = write_member(writer, keys[i], json_get(object, keys[i]), depth);
	}
	free(keys);
	return written;
}

static bool write_in_order(struct writer *writer, json object, int depth)
{
	const char *key;
	json value;
	int position = -1;
	for (bool first = true; json_each(object, &position, &key, &value); first = false) {
		if (!first)
			buf_add_char(writer->out, ',');
		if (!write_member(writer, key, value, depth))
			return false;
	}
	return true;
}

/* depth: of arrays and objects around the value, an object being two levels. False when there are too many. */
static bool write_value(struct writer *writer, json value, int depth)
{
	size_t len;
	const char *text = json_text(value, &len);
	if (text) {
		write_string(writer->out, text, len);
	} else if (json_is_number(value)) {
		write_number(writer->out, json_number(value, 0));
	} else if (json_is_bool(value)) {
		buf_add_string(writer->out, json_bool(value, false) ? "true" : "false");
	} else if (json_is_null(value)) {
		buf_add_string(writer->out, "null");
	} else if (depth >= JSON_DEPTH_MAX) {
		return false;
	} else if (json_is_array(value)) {
		return write_array(writer, value, depth + 1);
	} else {
		buf_add_char(writer->out, '{');
		bool written = writer->sorted ? write_sorted(writer, value, depth + 2)
		                              : write_in_order(writer, value, depth + 2);
		buf_add_char(writer->out, '}');
		return written;
	}
	return true;
}

int json_dump(json value, bool sorted, struct buf *out, struct err *err)
{
	struct writer writer = {.out = out, .sorted = sorted};
	size_t before = out->len;
	if (json_is_none(value))
		return err_set(err, ERR_SYSTEM, "no value to print");
	if (write_value(&writer, value, 0))
		return 0;
	buf_cut(out, before);
	return err_set(err, ERR_INPUT, "nested deeper than %d levels", JSON_DEPTH_MAX);
}

void json_add_text(json value, bool sorted, struct buf *out)
{
	size_t len;
	const char *text = json_text(value, &len);
	if (text)
		buf_add(out, text, len);
	else if (!json_is_none(value))
		(void)json_dump(value, sorted, out, NULL);
}
