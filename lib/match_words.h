#ifndef PIPEGYM_MATCH_WORDS_H
#define PIPEGYM_MATCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* How far a number may be from what is expected: the larger of both. */
struct match_tolerance {
	double absolute, relative; /* relative: a part of the expected number */
};

bool match_is_space(char c); /* ASCII's white space */

/* Whether the text as a whole is a finite decimal number: digits, sign, point and exponent; not "nan", "0x1p3" or "1e999". */
bool match_number(const char *text, size_t len, double *value);
bool match_number_close(double value, double expected, struct match_tolerance tolerance);

/*
 * Whether both texts have the same words, with white space between them. A
 * word that is expected to be a number is met by a number within the
 * tolerance: by the same one, whatever its length and form, if that is 0.
 * What is not finite (nan, inf, 1e999) is met by nothing.
 */
bool match_words(const char *text, size_t len, const char *expected, size_t expected_len, struct match_tolerance tolerance);
/* Whether a text holds such a word, and nothing can meet it. */
bool match_words_unmet(const char *expected, size_t len);

#endif
