#include "json_scan.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* No double needs more digits; what has more is an attack on the time of the conversion. */
#define NUMBER_LEN_MAX 1024

struct scan {
	const char *text;
	size_t len, at;
	size_t values;  /* so far */
	bool holds_nul; /* the last string */
	bool escaped;   /* the last string has a backslash */
	const struct json_pick *pick;
	struct err *err;
};

static int refuse(const struct scan *scan, size_t at, const char *what)
{
	return err_set(scan->err, ERR_INPUT, "%s at byte %zu", what, at + 1);
}

static int expected(const struct scan *scan, const char *what)
{
	if (scan->at == scan->len)
		return err_set(scan->err, ERR_INPUT, "%s expected at the end", what);
	return err_set(scan->err, ERR_INPUT, "%s expected at byte %zu", what, scan->at + 1);
}

static char peek(const struct scan *scan)
{
	return scan->at < scan->len ? scan->text[scan->at] : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Skips digits; false if there are none. */
static bool digits(struct scan *scan)
{
	size_t start = scan->at;
	while (is_digit(peek(scan)))
		scan->at++;
	return scan->at > start;
}

static bool in_range(const char *text, size_t len)
{
	char number[NUMBER_LEN_MAX + 1];
	memcpy(number, text, len);
	number[len] = '\0';
	return isfinite(strtod(number, NULL));
}

static int scan_number(struct scan *scan)
{
	size_t start = scan->at, exponent = 0;
	if (peek(scan) == '-')
		scan->at++;
	size_t first = scan->at;
	bool well_formed = digits(scan) && (scan->text[first] != '0' || scan->at == first + 1);
	if (well_formed && peek(scan) == '.') {
		scan->at++;
		well_formed = digits(scan);
	}
	if (well_formed && (peek(scan) == 'e' || peek(scan) == 'E')) {
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		size_t from = scan->at;
		well_formed = digits(scan);
		exponent = scan->at - from;
	}
	size_t len = scan->at - start;
	if (!well_formed)
		return refuse(scan, start, "malformed number");
	if (len > NUMBER_LEN_MAX)
		return refuse(scan, start, "number of more than 1024 characters");
	/* 200 digits and a two-digit exponent cannot reach 1e308. */
	if ((len > 200 || exponent > 2) && !in_range(scan->text + start, len))
		return refuse(scan, start, "number beyond the range of a double");
	return 0;
}

/* The four hexadecimal digits at the offset, or -1. */
static int hexadecimal(const struct scan *scan, size_t at)
{
	int value = 0;
	if (scan->len - at < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		char c = scan->text[at + i];
		if (is_digit(c))
			value = value << 4 | (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			value = value << 4 | ((c | 32) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Stands on a backslash. */
static int scan_escape(struct scan *scan)
{
	size_t start = scan->at++;
	char c = peek(scan);
	if (c != 'u') {
		if (!c || !strchr("\"\\/bfnrt", c))
			return refuse(scan, start, "invalid escape");
		scan->at++;
		return 0;
	}
	int unit = hexadecimal(scan, ++scan->at);
	if (unit < 0)
		return refuse(scan, start, "invalid escape");
	scan->at += 4;
	scan->holds_nul |= unit == 0;
	if (unit < 0xd800 || unit > 0xdfff)
		return 0;
	bool second = scan->len - scan->at >= 6 && scan->text[scan->at] == '\\' && scan->text[scan->at + 1] == 'u';
	int low = second ? hexadecimal(scan, scan->at + 2) : -1;
	if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return refuse(scan, start, "unpaired surrogate");
	scan->at += 6;
	return 0;
}

/* How many bytes at the start of text stand for themselves in a string. */
static size_t plain(const char *text, size_t len)
{
	size_t at = 0;
	for (unsigned run = JSON_WORD; run == JSON_WORD && len - at >= JSON_WORD; at += run)
		run = json_plain_run(text + at);
	while (at < len && (unsigned char)text[at] >= 0x20 && text[at] != '"' && text[at] != '\\')
		at++;
	return at;
}

/* Stands on the opening quote. */
static int scan_string(struct scan *scan)
{
	size_t start = scan->at++;
	scan->holds_nul = scan->escaped = false;
	for (;;) {
		scan->at += plain(scan->text + scan->at, scan->len - scan->at);
		if (scan->at == scan->len)
			return refuse(scan, start, "unfinished string");
		char c = scan->text[scan->at];
		if (c == '"') {
			scan->at++;
			return 0;
		}
		if (c != '\\')
			return refuse(scan, scan->at, "control character in a string");
		scan->escaped = true;
		if (scan_escape(scan) < 0)
			return -1;
	}
}

static int scan_word(struct scan *scan)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t start = scan->at;
	while ((peek(scan) | 32) >= 'a' && (peek(scan) | 32) <= 'z')
		scan->at++;
	size_t len = scan->at - start;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (len == strlen(words[i]) && !memcmp(scan->text + start, words[i], len))
			return 0;
	if (len)
		return refuse(scan, start, "unknown word");
	return expected(scan, "a value");
}

static char skip_space(struct scan *scan)
{
	while (peek(scan) == ' ' || peek(scan) == '\t' || peek(scan) == '\r' || peek(scan) == '\n')
		scan->at++;
	return peek(scan);
}

/* --- what is looked at ---------------------------------------------------- */

/* Of a key that is there twice the last counts, as it does for libjq: what was in the first is forgotten. */
static void forget(const struct scan *scan, const struct json_shape *shape)
{
	if (shape->part >= 0)
		scan->pick->parts[shape->part] = (struct json_part){0};
	for (const struct json_shape *inside = shape->inside; inside && inside->of; inside++)
		forget(scan, inside);
}

/* The member of a shape that the last string, a key in quotes at start, is. NULL: it is not looked at. */
static const struct json_shape *find_member(const struct scan *scan, size_t start, const struct json_shape *shape)
{
	BUF_AUTO plain_key = {0};
	struct json_part key = {.kind = '"', .text = scan->text + start, .len = scan->at - start};
	const char *name = key.text + 1;
	size_t len = key.len - 2;
	if (!shape || shape->of != JSON_OBJECT)
		return NULL;
	if (scan->escaped) {
		json_part_string(&key, &plain_key);
		name = buf_string(&plain_key);
		len = plain_key.len;
	}
	for (const struct json_shape *inside = shape->inside; inside && inside->of; inside++)
		if (strlen(inside->key) == len && !memcmp(inside->key, name, len))
			return inside;
	return NULL;
}

static void note_part(const struct scan *scan, const struct json_shape *shape, size_t start, char kind, size_t count)
{
	if (shape && shape->part >= 0)
		scan->pick->parts[shape->part] = (struct json_part){
		        .kind = is_digit(kind) ? '-' : kind,
		        .text = scan->text + start,
		        .len = scan->at - start,
		        .count = count,
		};
}

/* --- what is built -------------------------------------------------------- */

/* The string that ends here, quotes around it. */
static json string_of(const struct scan *scan, size_t start)
{
	BUF_AUTO text = {0};
	struct json_part part = {.text = scan->text + start, .len = scan->at - start};
	if (!scan->escaped)
		return json_new_text(part.text + 1, part.len - 2);
	json_part_string(&part, &text);
	return json_new_text(text.data, text.len);
}

/* Most numbers are whole, and short enough for a double to be exact all along. */
static json number_of(const char *text, size_t len)
{
	struct json_part part = {.text = text, .len = len};
	double value = 0;
	size_t at = *text == '-', first = at;
	for (; at < len && len < 16 && is_digit(text[at]); at++)
		value = value * 10 + (text[at] - '0');
	if (at < len)
		value = json_part_number(&part);
	else if (first)
		value = -value;
	return json_new_number(value);
}

/* The value that ends here and has none inside; c is its first character. */
static json single_of(const struct scan *scan, size_t start, char c)
{
	if (c == '"')
		return string_of(scan, start);
	if (c == '-' || is_digit(c))
		return number_of(scan->text + start, scan->at - start);
	return c == 'n' ? json_new_null() : json_new_bool(c == 't');
}

/* --- the scan ------------------------------------------------------------- */

static int scan_value(struct scan *scan, int depth, const struct json_shape *shape, json *value);

/* A key and its colon. *member: what its value is looked at for. key NULL: it is not built. */
static int scan_key(struct scan *scan, const struct json_shape *shape, const struct json_shape **member, json *key)
{
	if (skip_space(scan) != '"')
		return expected(scan, "a key");
	size_t start = scan->at;
	if (scan_string(scan) < 0)
		return -1;
	if (scan->holds_nul)
		return refuse(scan, start, "NUL in the key");
	if (shape && (*member = find_member(scan, start, shape)))
		forget(scan, *member);
	if (key)
		*key = string_of(scan, start);
	if (skip_space(scan) != ':')
		return expected(scan, "':'");
	scan->at++;
	return 0;
}

/* A member of an object, or element number index of an array, that has the shape. whole: what it is put into, or NULL. */
static int scan_element(struct scan *scan, int depth, bool object, const struct json_shape *shape, size_t index, json *whole)
{
	JSON_AUTO key = json_none();
	JSON_AUTO value = json_none();
	const struct json_shape *inside = NULL;
	bool each = !object && shape && shape->of == JSON_ARRAY;
	if (each) {
		inside = shape->inside;
		forget(scan, inside);
	}
	if ((object && scan_key(scan, shape, &inside, whole ? &key : NULL) < 0) ||
	    scan_value(scan, depth + 1 + object, inside, whole ? &value : NULL) < 0)
		return -1;
	if (whole && object)
		*whole = jv_object_set(*whole, json_take(&key), json_take(&value));
	else if (whole)
		json_append(whole, json_take(&value));
	if (each)
		scan->pick->element(index, scan->pick->context);
	return 0;
}

/* Stands on the bracket that opens an array or object. *count: of an array's elements or an object's keys. */
static int scan_elements(struct scan *scan, int depth, const struct json_shape *shape, size_t *count, json *value)
{
	bool object = peek(scan) == '{';
	char end = object ? '}' : ']';
	if (depth >= JSON_DEPTH_MAX)
		return refuse(scan, scan->at, "nested deeper than 256 levels");
	if (value)
		*value = object ? json_new_object() : json_new_array();
	scan->at++;
	if (skip_space(scan) == end) {
		scan->at++;
		return 0;
	}
	for (;;) {
		if (scan_element(scan, depth, object, shape, (*count)++, value) < 0)
			return -1;
		char c = skip_space(scan);
		if (c != ',' && c != end)
			return expected(scan, object ? "',' or '}'" : "',' or ']'");
		scan->at++;
		if (c == end)
			return 0;
	}
}

/* depth: of arrays and objects around the value, an object being two levels. shape NULL: nothing of it is looked at.
 * value NULL: it is not built; else the caller's, also where it failed. */
static int scan_value(struct scan *scan, int depth, const struct json_shape *shape, json *value)
{
	char c = skip_space(scan);
	size_t start = scan->at, count = 0;
	int status;
	scan->values++;
	if (c == '{' || c == '[')
		status = scan_elements(scan, depth, shape, &count, value);
	else if (c == '"')
		status = scan_string(scan);
	else
		status = is_digit(c) || c == '-' ? scan_number(scan) : scan_word(scan);
	if (status < 0)
		return -1;
	note_part(scan, shape, start, c, count);
	if (value && c != '{' && c != '[')
		*value = single_of(scan, start, c);
	return 0;
}

static int scan_all(struct scan *scan, const struct json_shape *shape, json *value)
{
	if (scan_value(scan, 0, shape, value) < 0)
		return -1;
	skip_space(scan);
	return scan->at == scan->len ? 0 : refuse(scan, scan->at, "more than one value");
}

int json_scan(const char *text, size_t len, json *value, struct err *err)
{
	struct scan scan = {.text = text, .len = len, .err = err};
	JSON_AUTO all = json_none();
	if (scan_all(&scan, NULL, &all) < 0)
		return -1;
	*value = json_take(&all);
	return 0;
}

size_t json_scan_count(const char *text, size_t len)
{
	struct scan scan = {.text = text, .len = len};
	return scan_all(&scan, NULL, NULL) < 0 ? 0 : scan.values;
}

int json_pick(const char *text, size_t len, const struct json_pick *pick, struct err *err)
{
	size_t mark = text_mark(text, len);
	struct scan scan = {.text = text + mark, .len = len - mark, .pick = pick, .err = err};
	forget(&scan, pick->shape);
	return scan_all(&scan, pick->shape, NULL);
}

void json_part_string(const struct json_part *part, struct buf *out)
{
	static const char escapes[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const struct scan scan = {.text = part->text, .len = part->len};
	for (size_t at = 1; at + 1 < part->len;) {
		size_t run = plain(part->text + at, part->len - 1 - at);
		buf_add(out, part->text + at, run);
		if ((at += run) + 1 >= part->len)
			return;
		char c = part->text[at + 1];
		const char *escape = memchr(escapes, c, sizeof escapes - 1);
		at += 2;
		if (c == 'u') {
			unsigned code = (unsigned)hexadecimal(&scan, at);
			at += 4;
			if (code >= 0xd800 && code <= 0xdbff) {
				code = 0x10000 + ((code - 0xd800) << 10) + (unsigned)hexadecimal(&scan, at + 2) - 0xdc00;
				at += 6;
			}
			text_add_code(code, out);
		} else {
			buf_add_char(out, escape ? meanings[escape - escapes] : c);
		}
	}
}

double json_part_number(const struct json_part *part)
{
	char number[NUMBER_LEN_MAX + 1];
	memcpy(number, part->text, part->len);
	number[part->len] = '\0';
	return strtod(number, NULL);
}
