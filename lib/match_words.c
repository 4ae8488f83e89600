/* Texts as words, some of which are numbers. No program sets a locale: the point is a point. */
#include "match_words.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"

#define NUMBER_MAX 1024          /* bytes; longer words are texts */
#define EXPONENT_MAX 1000000000L /* beyond what a double or a word can have */

bool match_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Of this grammar, whatever its range. */
static bool decimal(const char *text, size_t len, double *value)
{
	char copy[NUMBER_MAX], *end;
	if (len == 0 || len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	/* strtod() alone would take "nan" and "0x1p3". */
	if (strspn(copy, "0123456789+-.eE") != len)
		return false;
	*value = strtod(copy, &end);
	return *end == '\0';
}

bool match_number(const char *text, size_t len, double *value)
{
	double number;
	if (!decimal(text, len, &number) || !isfinite(number))
		return false;
	*value = number;
	return true;
}

bool match_number_close(double value, double expected, struct match_tolerance tolerance)
{
	double allowed = fmax(tolerance.absolute, tolerance.relative * fabs(expected));
	/* 0.4 is within 0.1 of 0.3 although their difference as doubles is not. */
	double slack = allowed > 0 ? 2 * DBL_EPSILON * fmax(fabs(value), fabs(expected)) : 0;
	return fabs(value - expected) <= allowed + slack;
}

/* A number's value as 0.DIGITS times ten to the exponent, so that there is one form of each. */
struct exact {
	bool negative;
	long exponent;
	struct buf digits; /* neither begins nor ends with 0; empty: zero */
};

static void exact_of(const char *text, size_t len, struct exact *exact)
{
	bool fraction = false;
	size_t i = text[0] == '+' || text[0] == '-';
	exact->negative = text[0] == '-';
	for (; i < len && text[i] != 'e' && text[i] != 'E'; i++) {
		bool leading = exact->digits.len == 0 && text[i] == '0';
		if (text[i] == '.') {
			fraction = true;
			continue;
		}
		exact->exponent += fraction ? -leading : !leading;
		if (!leading)
			buf_add_char(&exact->digits, text[i]);
	}
	if (i < len) {
		char copy[NUMBER_MAX] = {0};
		memcpy(copy, text + i + 1, len - i - 1);
		long power = strtol(copy, NULL, 10);
		exact->exponent += power > EXPONENT_MAX ? EXPONENT_MAX : power < -EXPONENT_MAX ? -EXPONENT_MAX : power;
	}
	while (exact->digits.len > 0 && exact->digits.data[exact->digits.len - 1] == '0')
		exact->digits.len--;
	if (exact->digits.len == 0)
		exact->exponent = exact->negative = 0;
}

/* Not as doubles: 12345678901234567890 and ...891 are the same double. */
static bool same_number(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct exact first = {0}, second = {0};
	exact_of(a, a_len, &first);
	exact_of(b, b_len, &second);
	bool same = first.negative == second.negative && first.exponent == second.exponent &&
	            first.digits.len == second.digits.len &&
	            !memcmp(buf_string(&first.digits), buf_string(&second.digits), first.digits.len);
	buf_free(&first.digits);
	buf_free(&second.digits);
	return same;
}

static bool is_unmet(const char *word, size_t len)
{
	static const char *const names[] = {"nan", "inf", "infinity"};
	double value;
	size_t sign = len > 0 && (word[0] == '+' || word[0] == '-');
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (len - sign == strlen(names[i]) && !strncasecmp(word + sign, names[i], len - sign))
			return true;
	/* Long whole numbers are texts to be met as they are. */
	return decimal(word, len, &value) && !isfinite(value) && (memchr(word, 'e', len) || memchr(word, 'E', len));
}

/* The next word from *at; its length, 0 at the end. */
static size_t next_word(const char **at, const char *end)
{
	while (*at < end && match_is_space(**at))
		(*at)++;
	size_t len = 0;
	while (*at + len < end && !match_is_space((*at)[len]))
		len++;
	return len;
}

static bool same_word(const char *word, size_t len, const char *expected, size_t expected_len,
                      struct match_tolerance tolerance)
{
	double value, wanted;
	if (is_unmet(expected, expected_len))
		return false;
	if (!match_number(expected, expected_len, &wanted))
		return len == expected_len && !memcmp(word, expected, len);
	if (!match_number(word, len, &value))
		return false;
	if (tolerance.absolute > 0 || tolerance.relative > 0)
		return match_number_close(value, wanted, tolerance);
	return same_number(word, len, expected, expected_len);
}

bool match_words(const char *text, size_t len, const char *expected, size_t expected_len, struct match_tolerance tolerance)
{
	const char *end = text + len, *expected_end = expected + expected_len;
	for (;;) {
		size_t word = next_word(&text, end), wanted = next_word(&expected, expected_end);
		if (word == 0 || wanted == 0)
			return word == wanted;
		if (!same_word(text, word, expected, wanted, tolerance))
			return false;
		text += word;
		expected += wanted;
	}
}

bool match_words_unmet(const char *expected, size_t len)
{
	const char *end = expected + len;
	for (size_t word; (word = next_word(&expected, end)) > 0; expected += word)
		if (is_unmet(expected, word))
			return true;
	return false;
}
