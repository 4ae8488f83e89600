#ifndef PIPEGYM_MATCH_PATTERN_H
#define PIPEGYM_MATCH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/*
 * POSIX extended regular expressions (IEEE 1003.1, 9.4), with REG_NEWLINE: '.'
 * and [^...] do not match a newline, ^ and $ match at lines. Characters are
 * those of UTF-8 (an ill-formed byte is one); classes and case are ASCII's.
 * What POSIX leaves undefined is refused: an escaped letter or digit, a
 * repetition of nothing, an anchor or a repetition, a ')' without '(', [a-m-x].
 *
 * regexec() is not used because the text is an agent's: for "[0-9]+x" and a
 * line of digits glibc's takes quadratic time (hours for some megabytes), and
 * "(x.{64}y)" can cost it gigabytes. Here all positions of an automaton are
 * followed at once (Thompson 1968): time is at most the text's length times
 * the pattern's, and memory does not depend on the text. That can still be an
 * hour: after MATCH_WORK_MAX looks at an instruction the text does not match.
 */
struct match_pattern;
/* NULL, and ERR_INPUT with a reason that names the byte. */
struct match_pattern *match_pattern_new(const char *text, size_t len, bool ignore_case, struct err *err);
/* The same for match_span.h, where only what matches text counts, between before and after (NULL: nothing). */
struct match_pattern *match_pattern_between(const char *before, const char *text, const char *after, struct err *err);
void match_pattern_free(struct match_pattern *pattern); /* NULL is fine */
/* Whether it matches somewhere in text, which may hold NUL bytes. */
bool match_pattern_find(const struct match_pattern *pattern, const char *text, size_t len);

#endif
