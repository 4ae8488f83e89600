/* A condition, a newline, a text. What passes the check can be asked of any text; patterns agree with regexec(). */
#include <regex.h>
#include <string.h>

#include "buf.h"
#include "fuzz.h"
#include "match.h"
#include "match_pattern.h"
#include "match_words.h"
#include "text.h"

static void check_condition(const char *condition, size_t condition_len, const char *text, size_t len)
{
	struct err err = {0};
	char reason[80] = "";
	JSON_AUTO value = json_none();
	if (text_valid(condition, condition_len) < condition_len || json_parse(condition, condition_len, &value, &err) < 0)
		return;
	if (match_check(value, ".path", &err) < 0) {
		must(err.code == ERR_INPUT && !strncmp(err.text, ".path", 5));
		return;
	}
	must(match_text(value, text, len, reason, sizeof reason) == !reason[0]);
}

/* A text has its own words, but for numbers that are not finite; a number is near to itself. */
static void check_words(const char *text, size_t len)
{
	static const struct match_tolerance near = {0.5, 0.5}, none = {0, 0};
	double value;
	bool met = !match_words_unmet(text, len);
	must(match_words(text, len, text, len, none) == met && match_words(text, len, text, len, near) == met);
	must(!match_number(text, len, &value) ||
	     (match_number_close(value, value, none) && match_words(text, len, text, len, none)));
}

/* A text is equal to itself, in every form that says so. */
static void check_same(const char *text, size_t len)
{
	static const char *const forms[] = {"equals", "trimmed", "lines_sorted"};
	char reason[80];
	if (text_valid(text, len) < len)
		return;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		JSON_AUTO condition = json_new_object();
		json_set_text(&condition, forms[i], text, len);
		must(match_text(condition, text, len, reason, sizeof reason));
		json_set_bool(&condition, "ignore_case", true);
		must(match_text(condition, text, len, reason, sizeof reason));
	}
}

/* regexec() knows bytes only, and regcomp() doubles what it has with each repetition inside another. */
static bool is_comparable(const char *text, size_t len, size_t max)
{
	size_t repetitions = 0;
	for (size_t i = 0; i < len; i++) {
		repetitions += text[i] == '+' || text[i] == '{';
		if (!text[i] || (unsigned char)text[i] > 0x7f)
			return false;
	}
	return len <= max && repetitions <= 4;
}

static void check_pattern(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
	struct err err = {0};
	regex_t regex;
	struct match_pattern *compiled = match_pattern_new(pattern, pattern_len, false, &err);
	if (!compiled) {
		must(err.code == ERR_INPUT && err.text[0]);
		return;
	}
	bool found = match_pattern_find(compiled, text, len);
	match_pattern_free(compiled);
	if (!is_comparable(pattern, pattern_len, 40) || memchr(pattern, '{', pattern_len) || !is_comparable(text, len, 200))
		return;
	STRING_AUTO first = mem_format("%.*s", (int)pattern_len, pattern);
	STRING_AUTO second = mem_format("%.*s", (int)len, text);
	must(regcomp(&regex, first, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) == 0);
	must((regexec(&regex, second, 0, NULL, 0) == 0) == found);
	regfree(&regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *first = (const char *)data, *newline = size ? memchr(first, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - first) : size;
	const char *text = newline ? newline + 1 : first + size;
	size_t left = size - (size_t)(text - first);
	check_condition(first, len, text, left);
	check_same(text, left);
	check_words(text, left);
	check_pattern(first, len, text, left);
	return 0;
}
