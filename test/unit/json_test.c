#include "json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "num.h"
#include "tap.h"
#include "value.h"

static void dump_is(json value, bool sorted, const char *expected, const char *name)
{
	BUF_AUTO out = {0};
	struct err err = {0};
	is_int(json_dump(value, sorted, &out, &err), 0, name);
	is_str(buf_string(&out), expected, name);
}

static void reads_as(const char *text, const char *expected)
{
	JSON_AUTO value = parse(text);
	dump_is(value, false, expected, text);
}

static void refuses_sized(const char *text, size_t len, const char *reason)
{
	struct err err = {0};
	json value = json_new_number(7);
	char name[64];
	snprintf(name, sizeof name, "refuses %.*s", (int)(len < 40 ? len : 40), text);
	is_int(json_parse(text, len, &value, &err), -1, name);
	is_int(err.code, ERR_INPUT, "as malformed input");
	ok(json_number(value, 0) == 7, "the result is untouched");
	is_str(err.text, reason, "and says why");
}

static void refuses(const char *text, const char *reason)
{
	refuses_sized(text, strlen(text), reason);
}

static void test_parse(void)
{
	reads_as(" {\"b\":1,\"a\":[true,false,null,\"x\"]}\r", "{\"b\":1,\"a\":[true,false,null,\"x\"]}");
	reads_as("\xef\xbb\xbf{}", "{}");
	reads_as("7", "7");
	reads_as("\"\\u00e9\\ud83d\\ude00\\ud83c\\udfff\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	         "\"é😀🏿\\\"\\\\/\\b\\f\\n\\r\\t\"");
	reads_as("\"\\u0000\\u001f\x7f\"", "\"\\u0000\\u001f\x7f\"");
	reads_as("{\"\\u00e9\\t\":\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"}",
	         "{\"é\\t\":\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\"}");
	reads_as("[123456789012345,-999999999999999,1234567890123456,12345678901234567]",
	         "[123456789012345,-999999999999999,1234567890123456,12345678901234568]");
	reads_as("[-0,0.5,1E2,1e-2,-12.25e+1]", "[-0,0.5,100,0.01,-122.5]");
	reads_as("{\"a\":1,\"a\":2}", "{\"a\":2}");
	reads_as("1e308", "1e+308");
	reads_as("0.000000001e310", "1e+301");
	reads_as("[[],{},\"\"]", "[[],{},\"\"]");
}

static void test_refusals(void)
{
	refuses("", "a value expected at the end");
	refuses(" \t", "a value expected at the end");
	refuses("1 2", "more than one value at byte 3");
	refuses("{} x", "more than one value at byte 4");
	refuses("{}}", "more than one value at byte 3");
	refuses("]", "a value expected at byte 1");
	refuses("[1,]", "a value expected at byte 4");
	refuses("[,1]", "a value expected at byte 2");
	refuses("[1 2]", "',' or ']' expected at byte 4");
	refuses("[1}", "',' or ']' expected at byte 3");
	refuses("[", "a value expected at the end");
	refuses("[1", "',' or ']' expected at the end");
	refuses("{", "a key expected at the end");
	refuses("{\"a\"}", "':' expected at byte 5");
	refuses("{\"a\" 1}", "':' expected at byte 6");
	refuses("{\"a\":}", "a value expected at byte 6");
	refuses("{\"a\":1,}", "a key expected at byte 8");
	refuses("{\"a\":1 \"b\":2}", "',' or '}' expected at byte 8");
	refuses("{1:2}", "a key expected at byte 2");
	refuses("1-2", "more than one value at byte 2");
	refuses("\"a\"true", "more than one value at byte 4");
	refuses("nan", "unknown word at byte 1");
	refuses("[NaN]", "unknown word at byte 2");
	refuses("Infinity", "unknown word at byte 1");
	refuses("-Infinity", "malformed number at byte 1");
	refuses("truex", "unknown word at byte 1");
	refuses("TRUE", "unknown word at byte 1");
	refuses("'a'", "a value expected at byte 1");
	refuses("[1e999]", "number beyond the range of a double at byte 2");
	refuses("-1.8e308", "number beyond the range of a double at byte 1");
	refuses("01", "malformed number at byte 1");
	refuses("+1", "a value expected at byte 1");
	refuses(".5", "a value expected at byte 1");
	refuses("1.", "malformed number at byte 1");
	refuses("1e", "malformed number at byte 1");
	refuses("-", "malformed number at byte 1");
	refuses("\"abc", "unfinished string at byte 1");
	refuses("\"abc\\", "invalid escape at byte 5");
	refuses("\"\\x\"", "invalid escape at byte 2");
	refuses("\"\\u12\"", "invalid escape at byte 2");
	refuses("\"a\tb\"", "control character in a string at byte 3");
	refuses("\"\\ud800\"", "unpaired surrogate at byte 2");
	refuses("\"x\\udc00\"", "unpaired surrogate at byte 3");
	refuses("\"\\ud800\\u0041\"", "unpaired surrogate at byte 2");
	refuses("\"\\ud800\\ud800\"", "unpaired surrogate at byte 2");
	refuses("{\"a\\u0000b\":1}", "NUL in the key at byte 2");
	refuses_sized("[1,\0 2]", 7, "a value expected at byte 4");
	refuses_sized("{}\0", 3, "more than one value at byte 3");

	char text[2000];
	memset(text, '9', sizeof text);
	refuses_sized(text, 400, "number beyond the range of a double at byte 1");
	refuses_sized(text, 1025, "number of more than 1024 characters at byte 1");
	/* A message is short however long the text is. */
	memset(text, ' ', sizeof text);
	memcpy(text, "[1 2]", 5);
	refuses_sized(text, sizeof text, "',' or ']' expected at byte 4");
}

static void test_depth(void)
{
	char text[2 * 257 + 1] = "";
	memset(text, '[', 257);
	memset(text + 257, ']', 257);
	JSON_AUTO value = json_none();
	BUF_AUTO out = {0};
	struct err err = {0};
	is_int(json_parse(text + 1, 2 * 256, &value, &err), 0, "256 levels are read");
	is_int(json_dump(value, false, &out, &err), 0, "and written");
	ok(out.len == 2 * 256 && !memcmp(out.data, text + 1, out.len), "as they were");
	refuses_sized(text, 2 * 257, "nested deeper than 256 levels at byte 257");

	json outer = json_new_object();
	json_set(&outer, "a", json_copy(value));
	buf_clear(&out);
	buf_add_string(&out, "kept");
	is_int(json_dump(outer, true, &out, &err), -1, "257 levels are not written");
	is_str(err.text, "nested deeper than 256 levels", "and it says so");
	is_int(json_dump(json_none(), false, &out, &err), -1, "nothing is no value");
	is_int(err.code, ERR_SYSTEM, "which nobody's input can be");
	is_str(buf_string(&out), "kept", "what was there is there");
	json_free(&outer);
	json_free(&value);
	value = json_new_string("<skipped: too deep>");
	dump_is(value, false, "\"<skipped: too deep>\"", "text is never taken for a mark");
}

static void test_read(void)
{
	JSON_AUTO value =
	        parse("{\"s\":\"a\\u0000b\",\"n\":1.5,\"i\":7,\"t\":true,\"z\":null,\"l\":[1,2,3],\"o\":{\"x\":1}}");
	size_t len = 0;
	ok(json_is_object(value) && json_is_array(json_get(value, "l")), "kinds");
	ok(json_is_none(json_get(value, "none")) && json_is_none(json_get(json_get(value, "l"), "x")), "absent");
	ok(json_is_none(json_at(value, 0)) && json_is_none(json_at(json_get(value, "l"), 3)) &&
	           json_is_none(json_at(json_get(value, "l"), -1)),
	   "beyond the ends");
	is_int((long long)json_number(json_at(json_get(value, "l"), 2), 0), 3, "an element");
	const char *text = json_text(json_get(value, "s"), &len);
	ok(len == 3 && !memcmp(text, "a\0b", 4), "a text with NUL");
	ok(!json_string(value) && !json_text(value, &len) && !json_get_string(value, "n"), "no string");
	ok(json_get_number(value, "n", 0) == 1.5 && json_get_number(value, "s", 4) == 4, "numbers");
	ok(json_get_bool(value, "t", false) && json_get_bool(value, "z", true) && !json_get_bool(value, "n", false),
	   "bools");
	ok(json_is_null(json_get(value, "z")) && json_is_bool(json_get(value, "t")), "null is there");
	is_int(json_length(value), 7, "keys");
	is_int(json_length(json_get(value, "l")), 3, "elements");
	is_int(json_length(json_get(value, "s")), 0, "a string has none");
	is_str(json_kind_name(json_get(value, "l")), "array", "kind's name");
	is_str(json_kind_name(json_none()), "nothing", "name of nothing");
	is_int(json_get_int(value, "i", 1, 10, -1), 7, "a whole number");
	is_int(json_get_int(value, "i", 8, 10, -1), -1, "out of bounds");
	is_int(json_get_int(value, "n", 0, 10, -1), -1, "not whole");
	is_int(json_get_int(value, "s", 0, 10, -1), -1, "not a number");
	JSON_AUTO large = parse("{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":1e300}");
	is_int(json_get_int(large, "a", INT64_MIN, INT64_MAX, 5), 5, "2^63 does not fit");
	ok(json_get_int(large, "b", INT64_MIN, INT64_MAX, 5) == INT64_MIN, "-2^63 does");
	is_int(json_get_int(large, "c", INT64_MIN, INT64_MAX, 5), 5, "1e300 does not");
}

static void test_build(void)
{
	JSON_AUTO object = json_new_object();
	json_set_string(&object, "s", "x");
	json_set_string(&object, "null", NULL);
	json_set_number(&object, "n", 0.1);
	json_set_bool(&object, "b", true);
	json_set_text(&object, "t", "a\0b", 3);
	json list = json_new_array();
	json_append(&list, json_new_number(1));
	json_append(&list, json_new_null());
	json_append(&list, json_none());
	json_set(&object, "l", list);
	json_set(&object, "none", json_none());
	dump_is(object, false, "{\"s\":\"x\",\"null\":null,\"n\":0.1,\"b\":true,\"t\":\"a\\u0000b\",\"l\":[1,null]}",
	        "in order");
	JSON_AUTO before = json_copy(object);
	json_delete(&object, "n");
	json_delete(&object, "n");
	json_set_number(&object, "s", 2);
	json_set_number(&object, "a", 3);
	dump_is(object, true, "{\"a\":3,\"b\":true,\"l\":[1,null],\"null\":null,\"s\":2,\"t\":\"a\\u0000b\"}", "sorted");
	is_str(json_get_string(before, "s"), "x", "a copy is its own");
	JSON_AUTO string = json_new_string("s");
	json_set(&string, "a", json_new_array());
	json_append(&string, json_new_object());
	json_delete(&string, "a");
	is_str(json_string(string), "s", "setters leave another kind alone");
}

/* Long texts are not made by libjq's own function: they have to be what that makes. */
static void test_long_text(void)
{
	static const struct {
		const char *unit, *name;
		size_t len;
	} units[] = {{"0123456789abcde\n", "ASCII", 16}, {"\"\0\\\xc3\xa9\xf0\x9f\x98\x80", "what needs care", 9}};
	static const size_t counts[] = {63, 64, 113, 114, 1000, 20000};
	for (size_t u = 0; u < 2; u++)
		for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
			BUF_AUTO text = {0};
			BUF_AUTO dumped = {0};
			JSON_AUTO parsed = json_none();
			JSON_AUTO object = json_new_object();
			size_t len = 0;
			while (text.len < units[u].len * counts[c])
				buf_add(&text, units[u].unit, units[u].len);
			JSON_AUTO string = json_new_text(text.data, text.len);
			ok(!memcmp(json_text(string, &len), text.data, text.len + 1) && len == text.len, units[u].name);
			json_dump(string, false, &dumped, NULL);
			ok(json_parse(dumped.data, dumped.len, &parsed, NULL) == 0 && json_equal(string, parsed),
			   "equal to one that was parsed");
			if (!memchr(text.data, '\0', text.len)) {
				json_set_number(&object, json_string(string), 7);
				is_int((int)json_get_number(object, json_string(parsed), 0), 7, "as a key");
			}
		}
	BUF_AUTO bad = {0};
	size_t len = 0;
	for (int i = 0; i < 5000; i++)
		buf_add_char(&bad, i == 2000 ? '\xff' : 'x');
	JSON_AUTO repaired = json_new_text(bad.data, bad.len);
	ok(!memcmp(json_text(repaired, &len) + 2000, "\xef\xbf\xbdx", 4) && len == 5002, "invalid text is repaired");
}

static void test_each(void)
{
	JSON_AUTO object = json_new_object();
	char name[16], last[16] = "";
	bool ordered = true;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "key%04d", i);
		json_set_number(&object, name, i);
	}
	json_delete(&object, "key0000");
	json_delete(&object, "key0500");
	int position = -1, count = 0;
	const char *key;
	json value;
	while (json_each(object, &position, &key, &value)) {
		ordered &= strcmp(last, key) < 0 && atoi(key + 3) == (int)json_number(value, -1);
		snprintf(last, sizeof last, "%s", key);
		count++;
	}
	is_int(count, 998, "every key once");
	ok(ordered, "in the order of insertion");
	position = -1;
	JSON_AUTO empty = json_new_object(), other = json_new_array();
	ok(!json_each(empty, &position, &key, &value), "nothing in an empty object");
	ok(!json_each(other, &position, &key, &value), "nor in an array");
}

static void test_equal(void)
{
	JSON_AUTO a = parse("{\"a\":1.0,\"b\":[1e2]}"), b = parse("{\"b\":[100],\"a\":1}"), c = parse("{\"a\":1}");
	ok(json_equal(a, b), "equal");
	ok(!json_equal(a, c), "different");
	ok(!json_equal(a, json_none()), "nothing is different");
}

static void number_is(double number, const char *expected)
{
	JSON_AUTO value = json_new_number(number);
	dump_is(value, false, expected, expected);
}

static void test_numbers(void)
{
	number_is(0, "0");
	number_is(-0.0, "-0");
	number_is(1.9, "1.9");
	number_is(-0.001, "-0.001");
	number_is(100.25, "100.25");
	number_is(0.1 + 0.2, "0.30000000000000004");
	number_is(1.0 / 3, "0.3333333333333333");
	number_is(9007199254740992, "9007199254740992");
	number_is(1e15, "1000000000000000");
	number_is(DBL_MAX, "1.7976931348623157e+308");
	number_is(INFINITY, "1.7976931348623157e+308");
	number_is(-INFINITY, "-1.7976931348623157e+308");
	number_is(NAN, "null");
	number_is(5e-324, "4.94065645841247e-324");
	/* Whatever the bits, what is written is read as the same. */
	uint64_t state = 1;
	int wrong = 0;
	for (int i = 0; i < 100000; i++) {
		uint64_t bits = num_random(&state);
		double number, thousandths = (double)(int64_t)(bits >> 20) / 1000;
		memcpy(&number, &bits, sizeof number);
		if (i % 2)
			number = thousandths;
		if (!isfinite(number))
			continue;
		BUF_AUTO out = {0};
		JSON_AUTO value = json_new_number(number), again = json_none();
		json_dump(value, false, &out, NULL);
		wrong += json_parse(out.data, out.len, &again, NULL) < 0 || json_number(again, NAN) != number;
	}
	is_int(wrong, 0, "numbers come back");
}

static void test_filter(void)
{
	struct err err = {0};
	JSON_AUTO value = parse("{\"a\":1,\"s\":\"x\"}");
	bool result = false;
	struct json_filter *filter = json_filter_new(".a == 1", NULL, &err);
	ok(filter != NULL, "compiles");
	ok(json_filter_test(filter, value, &result, &err) == 0 && result, "true");
	ok(json_filter_test(filter, json_get(value, "a"), &result, &err) == -1, "a program's error is one");
	is_int(err.code, ERR_INPUT, "of the input");
	ok(strstr(err.text, "Cannot index number") != NULL, "with jq's words");
	ok(json_filter_test(filter, value, &result, &err) == 0 && result, "and it goes on");
	json_filter_free(filter);

	static const struct {
		const char *program;
		int status;
		bool result;
	} cases[] = {
	        {"empty", 0, false},
	        {"null", 0, false},
	        {"false, true", 0, false},
	        {"0", 0, true},
	        {".s | startswith(\"x\")", 0, true},
	        {"halt", 0, false},
	        {"error(\"no\")", -1, true},
	        {"error({a: 1})", -1, true},
	        {"\"bad\" | halt_error", -1, true},
	        {"first(range(10; 20))", 0, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		result = true;
		filter = json_filter_new(cases[i].program, NULL, &err);
		is_int(json_filter_test(filter, value, &result, &err), cases[i].status, cases[i].program);
		is_int(result, cases[i].result, cases[i].program);
		json_filter_free(filter);
	}

	static const char *const broken[] = {".a ==", "import \"x\" as x; .", "nosuch"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		ok(!json_filter_new(broken[i], NULL, &err), broken[i]);
		is_int(err.code, ERR_USAGE, "is a usage error");
		printf("# %s\n", err.text);
	}
	json_filter_free(NULL);
}

int main(void)
{
	test_parse();
	test_refusals();
	test_depth();
	test_read();
	test_build();
	test_long_text();
	test_each();
	test_equal();
	test_numbers();
	test_filter();
	return done_testing();
}
