#ifndef PIPEGYM_MATCH_SPAN_H
#define PIPEGYM_MATCH_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "match_pattern.h"

/*
 * Where a pattern (match_pattern.h) matches, one match after the other: the
 * leftmost, and of those the longest. Each place is tried by itself, from a
 * byte on with which a match can begin, so that a place where nothing matches
 * costs a few instructions; what a hostile text can make of a pattern is
 * bounded by the work for one text: beyond that there are no more matches.
 */
struct match_span {
	size_t start, end; /* of what counts (match_pattern_between()); never empty */
};
struct match_scan;
/* words: a match neither begins nor ends inside a word of [A-Za-z0-9_]. pattern is borrowed. */
struct match_scan *match_scan_new(const struct match_pattern *pattern, bool words);
void match_scan_free(struct match_scan *scan); /* NULL is fine */
/* Looks for matches in another text from here on, which is borrowed. */
void match_scan_begin(struct match_scan *scan, const char *text, size_t len);
/* The next one: behind what counted of the one before. */
bool match_scan_next(struct match_scan *scan, struct match_span *span);

#endif
