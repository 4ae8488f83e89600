#include "json_scan.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* No double needs more digits; what has more is an attack on the time of the conversion. */
#define NUMBER_LEN_MAX 1024

struct scan {
	const char *text;
	size_t len, at;
	size_t values;  /* so far */
	bool holds_nul; /* the last string */
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

/* How many bytes at the start of text do. */
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
	scan->holds_nul = false;
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
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
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

static int scan_value(struct scan *scan, int depth);

/* A key and its colon. */
static int scan_key(struct scan *scan)
{
	if (skip_space(scan) != '"')
		return expected(scan, "a key");
	size_t start = scan->at;
	if (scan_string(scan) < 0)
		return -1;
	if (scan->holds_nul)
		return refuse(scan, start, "NUL in the key");
	if (skip_space(scan) != ':')
		return expected(scan, "':'");
	scan->at++;
	return 0;
}

/* Stands on the bracket that opens an array or object. */
static int scan_elements(struct scan *scan, int depth)
{
	bool object = peek(scan) == '{';
	char end = object ? '}' : ']';
	if (depth >= JSON_DEPTH_MAX)
		return refuse(scan, scan->at, "nested deeper than 256 levels");
	scan->at++;
	if (skip_space(scan) == end) {
		scan->at++;
		return 0;
	}
	for (;;) {
		if ((object && scan_key(scan) < 0) || scan_value(scan, depth + 1 + object) < 0)
			return -1;
		char c = skip_space(scan);
		if (c != ',' && c != end)
			return expected(scan, object ? "',' or '}'" : "',' or ']'");
		scan->at++;
		if (c == end)
			return 0;
	}
}

/* depth: of arrays and objects around the value, an object being two levels. */
static int scan_value(struct scan *scan, int depth)
{
	char c = skip_space(scan);
	scan->values++;
	if (c == '{' || c == '[')
		return scan_elements(scan, depth);
	if (c == '"')
		return scan_string(scan);
	return is_digit(c) || c == '-' ? scan_number(scan) : scan_word(scan);
}

static int scan_all(struct scan *scan)
{
	if (scan_value(scan, 0) < 0)
		return -1;
	skip_space(scan);
	return scan->at == scan->len ? 0 : refuse(scan, scan->at, "more than one value");
}

int json_scan(const char *text, size_t len, struct err *err)
{
	struct scan scan = {.text = text, .len = len, .err = err};
	return scan_all(&scan);
}

size_t json_scan_count(const char *text, size_t len)
{
	struct scan scan = {.text = text, .len = len};
	return scan_all(&scan) < 0 ? 0 : scan.values;
}
