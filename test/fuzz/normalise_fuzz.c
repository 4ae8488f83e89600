/* A rule's pattern, a newline, a text: replaced is what it matches, and no text costs more than its length allows. */
#include <string.h>

#include "diff.h"
#include "fuzz.h"
#include "match_pattern.h"
#include "match_span.h"
#include "normalise.h"
#include "text.h"

/* Matches follow one another, are not empty, and are there if the pattern is found. */
static void check_spans(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
	struct err err = {0};
	struct match_span span;
	size_t before = 0, count = 0;
	struct match_pattern *compiled = match_pattern_new(pattern, pattern_len, false, &err);
	if (!compiled)
		return;
	struct match_scan *scan = match_scan_new(compiled, false);
	match_scan_begin(scan, text, len);
	for (; match_scan_next(scan, &span); count++) {
		must(span.start >= before && span.end > span.start && span.end <= len);
		must(text_valid(text + span.start, span.end - span.start) == span.end - span.start);
		before = span.end;
	}
	must(count == 0 || match_pattern_find(compiled, text, len));
	match_scan_free(scan);
	match_pattern_free(compiled);
}

/* All of pipegym's own: what is left is text again, and equal to what is left of the same. */
static void check_all(const char *text, size_t len)
{
	struct err err;
	uint64_t used = 0;
	BUF_AUTO out = {0};
	BUF_AUTO diff = {0};
	struct normalise *normalise = normalise_new("all", json_none(), &err);
	normalise_text(normalise, text, len, &out);
	must(text_valid(buf_string(&out), out.len) == out.len);
	JSON_AUTO value = json_new_text(text, len);
	must(normalise_equal(normalise, value, value, &used) && used == 0);
	diff_unified(text, len, buf_string(&out), out.len, &diff);
	must(diff.len <= DIFF_MAX && text_valid(buf_string(&diff), diff.len) == diff.len);
	normalise_free(normalise);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *first = (const char *)data, *newline = size ? memchr(first, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - first) : size;
	const char *text = newline ? newline + 1 : first + size;
	size_t left = size - (size_t)(text - first);
	if (text_valid(text, left) < left)
		return 0;
	check_spans(first, len, text, left);
	check_all(text, left);
	return 0;
}
