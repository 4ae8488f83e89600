#include "match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "digest.h"
#include "json_scan.h"
#include "match_pattern.h"
#include "match_words.h"
#include "text.h"

/* Forms of a text (but for patterns: in lower case, where case does not count), other forms, and what goes with a form. */
enum form {
	EQUALS,
	TRIMMED,
	LINES_SORTED,
	CONTAINS,
	EXCLUDES,
	NUMBERS,
	SET,
	HASHED,
	MATCHES,
	NUMBER,
	JSON,
	TOLERANCE,
	RELATIVE,
	SALT,
	IGNORE_CASE,
	FORMS
};

static const struct {
	const char *name, *reason; /* why a text is not of it */
} forms[FORMS] = {
        [EQUALS] = {"equals", "not what is expected"},
        [TRIMMED] = {"trimmed", "not what is expected"},
        [LINES_SORTED] = {"lines_sorted", "lines differ"},
        [CONTAINS] = {"contains", "something is missing"},
        [EXCLUDES] = {"excludes", "something is there that must not be"},
        [NUMBERS] = {"numbers", "not the expected words and numbers"},
        [SET] = {"set", "not the expected set"},
        [HASHED] = {"hashed", "not what is expected"},
        [MATCHES] = {"matches", "not of the expected form"},
        [NUMBER] = {"number", "not the expected number"},
        [JSON] = {"json", "not the expected JSON value"},
        [TOLERANCE] = {"tolerance", NULL},
        [RELATIVE] = {"relative", NULL},
        [SALT] = {"salt", NULL},
        [IGNORE_CASE] = {"ignore_case", NULL},
};

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

static struct span trim_end(struct span span)
{
	while (span.len > 0 && match_is_space(span.at[span.len - 1]))
		span.len--;
	return span;
}

static struct span trim(struct span span)
{
	span = trim_end(span);
	while (span.len > 0 && match_is_space(span.at[0])) {
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
	while (form < FORMS && strcmp(forms[form].name, name) != 0)
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

/* What it holds is to be met by the texts of an answer: something without white space around it or a separator in it. */
static bool is_set(json value)
{
	for (int i = 0; i < json_length(value); i++) {
		struct span item = span_of(json_at(value, i)), trimmed = trim(item);
		if (item.len == 0 || trimmed.len < item.len || memchr(item.at, ',', item.len) ||
		    memchr(item.at, '\n', item.len))
			return false;
	}
	return json_is_array(value) && json_length(value) > 0;
}

static bool is_digest(json value)
{
	const char *text = json_string(value);
	return text && !strncmp(text, "sha256:", 7) && digest_is_hex(text + 7);
}

static int check_numbers(json value, const char *path, struct err *err)
{
	struct span text = span_of(value);
	if (!json_is_string(value))
		return err_set(err, ERR_INPUT, "%s: must be a string", path);
	if (match_words_unmet(text.at, text.len))
		return err_set(err, ERR_INPUT, "%s: holds a number that is not finite, which nothing is equal to", path);
	return 0;
}

static int check_form(int form, json value, const char *path, struct err *err)
{
	switch (form) {
	case EQUALS:
	case TRIMMED:
	case LINES_SORTED:
	case SALT:
		return json_is_string(value) ? 0 : err_set(err, ERR_INPUT, "%s: must be a string", path);
	case CONTAINS:
	case EXCLUDES:
		return is_strings(value)
		               ? 0
		               : err_set(err, ERR_INPUT, "%s: must be a string or an array of strings, none empty", path);
	case NUMBERS:
		return check_numbers(value, path, err);
	case SET:
		return is_set(value) ? 0
		                     : err_set(err, ERR_INPUT,
		                               "%s: must be an array of strings, none empty, without commas, newlines "
		                               "and white "
		                               "space around them",
		                               path);
	case HASHED:
		return is_digest(value) ? 0
		                        : err_set(err, ERR_INPUT,
		                                  "%s: must be \"sha256:\" and 64 lower-case hexadecimal digits", path);
	case MATCHES:
		return check_pattern(value, path, err);
	case NUMBER:
		return json_is_number(value) ? 0 : err_set(err, ERR_INPUT, "%s: must be a number", path);
	case TOLERANCE:
	case RELATIVE:
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
		if (!json_is_none(json_get(condition, forms[form].name)))
			return true;
	return false;
}

/* Whether what goes with a form has one. */
static bool has_partner(json condition, int form)
{
	if (form == IGNORE_CASE)
		return has_form(condition, EQUALS, MATCHES);
	if (form == SALT)
		return has_form(condition, HASHED, HASHED);
	return has_form(condition, NUMBERS, NUMBERS) || has_form(condition, NUMBER, JSON);
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
	if (!has_form(condition, EQUALS, JSON))
		return err_set(err, ERR_INPUT, "%s: holds no text condition", path);
	for (int form = TOLERANCE; form < FORMS; form++)
		if (has_form(condition, form, form) && !has_partner(condition, form))
			return err_set(err, ERR_INPUT, "%s.%s: means nothing without %s", path, forms[form].name,
			               form == SALT          ? "\"hashed\""
			               : form == IGNORE_CASE ? "a string to compare with"
			                                     : "\"number\", \"numbers\" or \"json\"");
	return 0;
}

/* --- matching ---------------------------------------------------------- */

static int compare_spans(const void *a, const void *b)
{
	const struct span *first = a, *second = b;
	return text_order(first->at, first->len, second->at, second->len);
}

/* Empty ones at the end of the text do not count. */
static size_t count_lines(struct span text)
{
	text = trim_end(text);
	size_t count = text.len > 0;
	for (size_t i = 0; i < text.len; i++)
		count += text.at[i] == '\n';
	return count;
}

/* The lines, without white space at their ends, in order. The caller frees. */
static struct span *sorted_lines(struct span text, size_t count)
{
	struct span *lines = mem_alloc(count + 1, sizeof *lines);
	const char *end = text.at + text.len;
	for (size_t i = 0; i < count; i++) {
		const char *newline = memchr(text.at, '\n', (size_t)(end - text.at));
		size_t len = (size_t)((newline ? newline : end) - text.at);
		lines[i] = trim_end((struct span){text.at, len});
		text.at += len + 1;
	}
	qsort(lines, count, sizeof *lines, compare_spans);
	return lines;
}

static bool same_lines(struct span a, struct span b)
{
	size_t count = count_lines(a);
	if (count != count_lines(b)) /* before there are as many spans as a text may have newlines */
		return false;
	struct span *first = sorted_lines(a, count), *second = sorted_lines(b, count);
	bool equal = true;
	for (size_t i = 0; equal && i < count; i++)
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

/* Whether number for number and else as jq's ==. Not deeper than what is expected. */
static bool json_close(json value, json expected, struct match_tolerance tolerance)
{
	const char *key;
	json inside;
	if (json_is_number(value) && json_is_number(expected))
		return match_number_close(json_number(value, 0), json_number(expected, 0), tolerance);
	if (json_is_array(value) && json_is_array(expected)) {
		bool close = json_length(value) == json_length(expected);
		for (int i = 0; close && i < json_length(expected); i++)
			close = json_close(json_at(value, i), json_at(expected, i), tolerance);
		return close;
	}
	if (!json_is_object(value) || !json_is_object(expected))
		return json_equal(value, expected);
	bool close = json_length(value) == json_length(expected);
	for (int at = -1; close && json_each(expected, &at, &key, &inside);)
		close = json_close(json_get(value, key), inside, tolerance);
	return close;
}

static bool json_is(json expected, struct span text, struct match_tolerance tolerance)
{
	JSON_AUTO value = json_none();
	/* As a value, "[],[],[]" takes a hundred times the memory that it takes as a text. */
	size_t count = json_scan_count(text.at, text.len);
	return count > 0 && count <= json_count(expected) && text_valid(text.at, text.len) == text.len &&
	       json_parse(text.at, text.len, &value, NULL) == 0 && json_close(value, expected, tolerance);
}

static bool is_number(json expected, struct span text, struct match_tolerance tolerance)
{
	double value;
	text = trim(text);
	return match_number(text.at, text.len, &value) && match_number_close(value, json_number(expected, 0), tolerance);
}

/* Sorts, and leaves one of each. */
static size_t distinct(struct span *items, size_t count)
{
	size_t kept = 0;
	if (count > 0)
		qsort(items, count, sizeof *items, compare_spans);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !same(items[i], items[kept - 1]))
			items[kept++] = items[i];
	return kept;
}

/* What stands between commas and newlines and is not blank: all of it is wanted, and nothing that is wanted is missing. */
static bool same_set(json expected, struct span text)
{
	size_t count = (size_t)json_length(expected), seen = 0;
	struct span *wanted = mem_alloc(count, sizeof *wanted);
	for (size_t i = 0; i < count; i++)
		wanted[i] = span_of(json_at(expected, (int)i));
	count = distinct(wanted, count);
	bool *found = mem_alloc(count, sizeof *found), equal = true;
	for (size_t start = 0, i = 0; equal && i <= text.len; i++) {
		if (i < text.len && text.at[i] != ',' && text.at[i] != '\n')
			continue;
		struct span item = trim((struct span){text.at + start, i - start}), *at;
		start = i + 1;
		if (item.len == 0)
			continue;
		at = bsearch(&item, wanted, count, sizeof *wanted, compare_spans);
		equal = at != NULL;
		seen += equal && !found[at - wanted];
		if (equal)
			found[at - wanted] = true;
	}
	free(found);
	free(wanted);
	return equal && seen == count;
}

static bool has_digest(json expected, json salt, struct span text)
{
	char digest[DIGEST_TEXT];
	struct digest *sum = digest_new();
	struct span before = span_of(salt);
	text = trim(text);
	digest_add(sum, before.at, before.len);
	digest_add(sum, text.at, text.len);
	digest_finish(sum, digest);
	return !strcmp(digest, json_string(expected));
}

static bool match_form(int form, json condition, json value, struct span text, bool ignore_case)
{
	struct span expected = span_of(value);
	struct match_tolerance tolerance = {json_get_number(condition, "tolerance", 0),
	                                    json_get_number(condition, "relative", 0)};
	switch (form) {
	case EQUALS:
		return same(text, expected);
	case TRIMMED:
		return same(trim(text), trim(expected));
	case LINES_SORTED:
		return same_lines(text, expected);
	case CONTAINS:
		return occurrences(value, text) == (json_is_string(value) ? 1 : json_length(value));
	case EXCLUDES:
		return occurrences(value, text) == 0;
	case NUMBERS:
		return match_words(text.at, text.len, expected.at, expected.len, tolerance);
	case SET:
		return same_set(value, text);
	case HASHED:
		return has_digest(value, json_get(condition, "salt"), text);
	case MATCHES:
		return matches(value, text, ignore_case);
	case NUMBER:
		return is_number(value, text, tolerance);
	case JSON:
		return json_is(value, text, tolerance);
	default:
		return true;
	}
}

/* A string, or the strings of an array, in lower case. Owned. */
static json lower_json(json value)
{
	BUF_AUTO text = {0};
	if (json_is_string(value)) {
		struct span span = span_of(value);
		text_add_lower(span.at, span.len, &text);
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
	if (!ignore_case || form > HASHED)
		return match_form(form, condition, value, text, ignore_case);
	JSON_AUTO expected = lower_json(value);
	text_add_lower(text.at, text.len, &lowered);
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
		snprintf(reason, size, "%s", forms[TRIMMED].reason);
		return false;
	}
	bool ignore_case = json_get_bool(condition, "ignore_case", false);
	for (int at = -1; json_each(condition, &at, &key, &value);) {
		int form = find_form(key);
		if (match_one(form, condition, value, span, ignore_case))
			continue;
		snprintf(reason, size, "%s", forms[form].reason);
		return false;
	}
	return true;
}
