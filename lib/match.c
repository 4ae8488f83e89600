#include "match.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "match_pattern.h"
#include "text.h"

enum form { EQUALS, TRIMMED, LINES_SORTED, CONTAINS, EXCLUDES, MATCHES, NUMBER, TOLERANCE, JSON, IGNORE_CASE, FORMS };

static const char *const form_names[FORMS] = {"equals",  "trimmed", "lines_sorted", "contains", "excludes",
                                              "matches", "number",  "tolerance",    "json",     "ignore_case"};

/* A stretch of bytes that belongs to somebody else. */
struct span {
	const char *at;
	size_t len;
};

static struct span span_of(json value)
{
	struct span span = {"", 0};
	const char *text = json_text(value, &span.len);
	if (text)
		span.at = text;
	return span;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span trim_end(struct span span)
{
	while (span.len > 0 && is_space(span.at[span.len - 1]))
		span.len--;
	return span;
}

static struct span trim(struct span span)
{
	span = trim_end(span);
	while (span.len > 0 && is_space(span.at[0])) {
		span.at++;
		span.len--;
	}
	return span;
}

static bool same(struct span a, struct span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

/* --- the shape of a condition ----------------------------------------- */

static int find_form(const char *name)
{
	int form = 0;
	while (form < FORMS && strcmp(form_names[form], name) != 0)
		form++;
	return form;
}

/* A string, or an array of them; none is empty: an empty one occurs everywhere. */
static bool is_strings(json value)
{
	if (json_is_string(value))
		return span_of(value).len > 0;
	for (int i = 0; i < json_length(value); i++)
		if (!json_is_string(json_at(value, i)) || span_of(json_at(value, i)).len == 0)
			return false;
	return json_is_array(value) && json_length(value) > 0;
}

static int check_pattern(json value, const char *path, struct err *err)
{
	struct span text = span_of(value);
	struct err reason;
	if (text.len == 0)
		return err_set(err, ERR_INPUT, "%s: must be a string that is not empty", path);
	struct match_pattern *pattern = match_pattern_new(text.at, text.len, false, &reason);
	match_pattern_free(pattern);
	return pattern ? 0 : err_set(err, ERR_INPUT, "%s: %s", path, reason.text);
}

static int check_form(int form, json value, const char *path, struct err *err)
{
	switch (form) {
	case EQUALS:
	case TRIMMED:
	case LINES_SORTED:
		return json_is_string(value) ? 0 : err_set(err, ERR_INPUT, "%s: must be a string", path);
	case CONTAINS:
	case EXCLUDES:
		return is_strings(value)
		               ? 0
		               : err_set(err, ERR_INPUT, "%s: must be a string or an array of strings, none empty", path);
	case MATCHES:
		return check_pattern(value, path, err);
	case NUMBER:
		return json_is_number(value) ? 0 : err_set(err, ERR_INPUT, "%s: must be a number", path);
	case TOLERANCE:
		return json_number(value, -1) >= 0 ? 0
		                                   : err_set(err, ERR_INPUT, "%s: must be a number of 0 or more", path);
	case IGNORE_CASE:
		return json_is_bool(value) ? 0 : err_set(err, ERR_INPUT, "%s: must be true or false", path);
	default:
		return 0;
	}
}

static bool has_form(json condition, int first, int last)
{
	for (int form = first; form <= last; form++)
		if (!json_is_none(json_get(condition, form_names[form])))
			return true;
	return false;
}

int match_check(json condition, const char *path, struct err *err)
{
	const char *key;
	json value;
	if (json_is_string(condition))
		return 0;
	if (!json_is_object(condition))
		return err_set(err, ERR_INPUT, "%s: must be a string or an object of text conditions", path);
	for (int at = -1; json_each(condition, &at, &key, &value);) {
		STRING_AUTO here = mem_format("%s.%.60s", path, key);
		int form = find_form(key);
		if (form == FORMS)
			return err_set(err, ERR_INPUT, "%s: unknown text condition", here);
		if (check_form(form, value, here, err) < 0)
			return -1;
	}
	if (!has_form(condition, EQUALS, NUMBER) && !has_form(condition, JSON, JSON))
		return err_set(err, ERR_INPUT, "%s: holds no text condition", path);
	if (has_form(condition, TOLERANCE, TOLERANCE) && !has_form(condition, NUMBER, NUMBER))
		return err_set(err, ERR_INPUT, "%s.tolerance: means nothing without \"number\"", path);
	if (has_form(condition, IGNORE_CASE, IGNORE_CASE) && !has_form(condition, EQUALS, MATCHES))
		return err_set(err, ERR_INPUT, "%s.ignore_case: means nothing without a string to compare with", path);
	return 0;
}

/* --- matching ---------------------------------------------------------- */

static int compare_spans(const void *a, const void *b)
{
	const struct span *first = a, *second = b;
	size_t len = first->len < second->len ? first->len : second->len;
	int order = memcmp(first->at, second->at, len);
	return order ? order : (first->len > second->len) - (first->len < second->len);
}

/* The lines, without white space at their ends, in order; empty ones at the end of the text do not count. The caller frees. */
static struct span *sorted_lines(struct span text, size_t *count)
{
	size_t size = 1;
	text = trim_end(text);
	for (size_t i = 0; i < text.len; i++)
		size += text.at[i] == '\n';
	struct span *lines = mem_alloc(size, sizeof *lines);
	*count = 0;
	for (const char *at = text.at, *end = text.at + text.len; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline : end) - at);
		lines[(*count)++] = trim_end((struct span){at, len});
		at += len + 1;
	}
	qsort(lines, *count, sizeof *lines, compare_spans);
	return lines;
}

static bool same_lines(struct span a, struct span b)
{
	size_t first_count, second_count;
	struct span *first = sorted_lines(a, &first_count), *second = sorted_lines(b, &second_count);
	bool equal = first_count == second_count;
	for (size_t i = 0; equal && i < first_count; i++)
		equal = same(first[i], second[i]);
	free(first);
	free(second);
	return equal;
}

/* How many of the strings (or of the one) occur. */
static int occurrences(json value, struct span text)
{
	if (json_is_string(value)) {
		struct span part = span_of(value);
		return memmem(text.at, text.len, part.at, part.len) != NULL;
	}
	int count = 0;
	for (int i = 0; i < json_length(value); i++)
		count += occurrences(json_at(value, i), text);
	return count;
}

static bool matches(json value, struct span text, bool ignore_case)
{
	struct span pattern_text = span_of(value);
	struct match_pattern *pattern = match_pattern_new(pattern_text.at, pattern_text.len, ignore_case, NULL);
	bool found = pattern && match_pattern_find(pattern, text.at, text.len);
	match_pattern_free(pattern);
	return found;
}

/* Digits, sign, point and exponent only: strtod() alone would take "nan", "0x1p3" and what follows a number. No program
 * sets a locale: the point is a point. */
static bool close_to(double number, double tolerance, struct span text)
{
	char copy[1024], *end;
	text = trim(text);
	if (text.len == 0 || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (strspn(copy, "0123456789+-.eE") != text.len)
		return false;
	double value = strtod(copy, &end);
	if (*end != '\0' || !isfinite(value))
		return false;
	/* 0.4 is within 0.1 of 0.3 although their difference as doubles is not. */
	double slack = tolerance > 0 ? 2 * DBL_EPSILON * fmax(fabs(value), fabs(number)) : 0;
	return fabs(value - number) <= tolerance + slack;
}

static bool json_is(json expected, struct span text)
{
	JSON_AUTO value = json_none();
	return text_valid(text.at, text.len) == text.len && json_parse(text.at, text.len, &value, NULL) == 0 &&
	       json_equal(value, expected);
}

static bool match_form(int form, json condition, json value, struct span text, bool ignore_case)
{
	switch (form) {
	case EQUALS:
		return same(text, span_of(value));
	case TRIMMED:
		return same(trim(text), trim(span_of(value)));
	case LINES_SORTED:
		return same_lines(text, span_of(value));
	case CONTAINS:
		return occurrences(value, text) == (json_is_string(value) ? 1 : json_length(value));
	case EXCLUDES:
		return occurrences(value, text) == 0;
	case MATCHES:
		return matches(value, text, ignore_case);
	case NUMBER:
		return close_to(json_number(value, 0), json_get_number(condition, "tolerance", 0), text);
	case JSON:
		return json_is(value, text);
	default:
		return true;
	}
}

static const char *const reasons[FORMS] = {
        [EQUALS] = "not what is expected",
        [TRIMMED] = "not what is expected",
        [LINES_SORTED] = "lines differ",
        [CONTAINS] = "something is missing",
        [EXCLUDES] = "something is there that must not be",
        [MATCHES] = "not of the expected form",
        [NUMBER] = "not the expected number",
        [JSON] = "not the expected JSON value",
};

static void lower(struct span text, struct buf *out)
{
	buf_add(out, text.at, text.len);
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] >= 'A' && out->data[i] <= 'Z')
			out->data[i] = (char)(out->data[i] + ('a' - 'A'));
}

/* A string, or the strings of an array, in lower case. Owned. */
static json lower_json(json value)
{
	BUF_AUTO text = {0};
	if (json_is_string(value)) {
		lower(span_of(value), &text);
		return json_new_text(buf_string(&text), text.len);
	}
	json list = json_new_array();
	for (int i = 0; i < json_length(value); i++)
		json_append(&list, lower_json(json_at(value, i)));
	return list;
}

static bool match_one(int form, json condition, json value, struct span text, bool ignore_case)
{
	BUF_AUTO lowered = {0};
	if (!ignore_case || form > EXCLUDES)
		return match_form(form, condition, value, text, ignore_case);
	JSON_AUTO expected = lower_json(value);
	lower(text, &lowered);
	return match_form(form, condition, expected, (struct span){buf_string(&lowered), lowered.len}, true);
}

bool match_text(json condition, const char *text, size_t len, char *reason, size_t size)
{
	const char *key;
	json value;
	struct span span = {text, len};
	if (json_is_string(condition)) {
		if (match_form(TRIMMED, condition, condition, span, false))
			return true;
		snprintf(reason, size, "%s", reasons[TRIMMED]);
		return false;
	}
	bool ignore_case = json_get_bool(condition, "ignore_case", false);
	for (int at = -1; json_each(condition, &at, &key, &value);) {
		int form = find_form(key);
		if (match_one(form, condition, value, span, ignore_case))
			continue;
		snprintf(reason, size, "%s", reasons[form]);
		return false;
	}
	return true;
}
