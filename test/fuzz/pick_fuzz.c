/* What json_pick() finds in a text is what json_parse() makes of it, and the two refuse the same texts for the same reasons. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "json_scan.h"
#include "text.h"

/* {"a": …, "b": {"a": …, "c": …}, "c": [{"a": {"b": …}}, …]} */
enum { ROOT, A, B, BA, BC, C, CAB, PARTS };
static const struct json_shape cab_shape[] = {{JSON_ANY, "b", CAB, NULL}, {0}};
static const struct json_shape ca_shape[] = {{JSON_OBJECT, "a", -1, cab_shape}, {0}};
static const struct json_shape c_shape[] = {{JSON_OBJECT, NULL, -1, ca_shape}, {0}};
static const struct json_shape b_shape[] = {{JSON_ANY, "a", BA, NULL}, {JSON_ANY, "c", BC, NULL}, {0}};
static const struct json_shape members[] = {
        {JSON_ANY, "a", A, NULL},
        {JSON_OBJECT, "b", B, b_shape},
        {JSON_ARRAY, "c", C, c_shape},
        {0},
};
static const struct json_shape shape = {JSON_OBJECT, NULL, ROOT, members};

#define ELEMENTS_MAX 64
struct found {
	struct json_part parts[PARTS];
	struct json_part elements[ELEMENTS_MAX];
};

static void take_element(size_t index, void *context)
{
	struct found *found = context;
	if (index < ELEMENTS_MAX)
		found->elements[index] = found->parts[CAB];
}

/* jq 1.7 brings a number to 17 digits first. */
static bool is_same_number(double a, double b)
{
	return a == b || fabs(a - b) <= 1e-15 * fabs(a) || fabs(a - b) < 1e-300;
}

static void compare(const struct json_part *part, json value)
{
	BUF_AUTO text = {0};
	JSON_AUTO again = json_none();
	size_t len;
	must((part->kind == 0) == json_is_none(value));
	must((part->kind == '{') == json_is_object(value) && (part->kind == '[') == json_is_array(value));
	must((part->kind == '"') == json_is_string(value) && (part->kind == '-') == json_is_number(value));
	must((part->kind == 'n') == json_is_null(value) && (part->kind == 't' || part->kind == 'f') == json_is_bool(value));
	if (part->kind == 0)
		return;
	must(json_parse(part->text, part->len, &again, NULL) == 0 && json_equal(again, value));
	if (part->kind == '[')
		must(part->count == (size_t)json_length(value));
	if (part->kind == '-')
		must(is_same_number(json_part_number(part), json_number(value, NAN)));
	if (part->kind == '"') {
		const char *expected = json_text(value, &len);
		json_part_string(part, &text);
		must(text.len == len && !memcmp(buf_string(&text), expected, len));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct err err = {0}, reason = {0};
	struct found found = {0};
	const struct json_pick pick = {&shape, found.parts, take_element, &found};
	JSON_AUTO value = json_none();
	if (text_valid(text, size) < size)
		return 0;
	int parsed = json_parse(text, size, &value, &err), picked = json_pick(text, size, &pick, &reason);
	must(parsed == picked && (parsed == 0 || !strcmp(err.text, reason.text)));
	if (parsed < 0)
		return 0;
	json b = json_get(value, "b"), c = json_get(value, "c");
	compare(&found.parts[ROOT], value);
	compare(&found.parts[A], json_get(value, "a"));
	compare(&found.parts[B], b);
	compare(&found.parts[BA], json_get(b, "a"));
	compare(&found.parts[BC], json_get(b, "c"));
	compare(&found.parts[C], c);
	for (int i = 0; json_is_array(c) && i < json_length(c) && i < ELEMENTS_MAX; i++)
		compare(&found.elements[i], json_get(json_get(json_at(c, i), "a"), "b"));
	return 0;
}
