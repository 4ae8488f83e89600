#include "match.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "buf.h"
#include "match_pattern.h"
#include "match_program.h"
#include "num.h"
#include "tap.h"
#include "value.h"

/* A test's name is one line. */
static void one_line(char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ')
			*name = '~';
}

/* condition: JSON. */
static void holds(const char *condition, const char *text, size_t len, bool expected)
{
	struct err err;
	char reason[120] = "", name[300];
	JSON_AUTO value = parse(condition);
	snprintf(name, sizeof name, "%s %s of '%.60s'", condition, expected ? "is true" : "is false", text);
	one_line(name);
	if (match_check(value, ".c", &err) < 0)
		ok(false, err.text);
	else
		ok(match_text(value, text, len, reason, sizeof reason) == expected && !reason[0] == expected, name);
}

#define yes(condition, text) holds(condition, text, sizeof(text) - 1, true)
#define no(condition, text) holds(condition, text, sizeof(text) - 1, false)

static void refused(const char *condition, const char *message)
{
	struct err err = {0};
	JSON_AUTO value = parse(condition);
	is_int(match_check(value, ".checks[2].stdout", &err), -1, condition);
	is_int(err.code, ERR_INPUT, "it is an error of the input");
	if (!ok(!strncmp(err.text, ".checks[2].stdout", 17) && strstr(err.text, message), message))
		printf("# got: %s\n", err.text);
}

static void test_texts(void)
{
	yes("\"a\"", " a\n");
	yes("\" \\n a\"", "a");
	no("\"a\"", "a b");
	no("\"a\"", "A");
	yes("\"\"", " \t\r\n\v\f");
	yes("{\"equals\":\"a\\n\"}", "a\n");
	no("{\"equals\":\"a\\n\"}", "a");
	yes("{\"equals\":\"a\\u0000b\"}", "a\0b");
	no("{\"equals\":\"a\\u0000b\"}", "a\0c");
	no("{\"equals\":\"a\"}", "a\0");
	yes("{\"trimmed\":\"a\\n\"}", "\n a");
	yes("{\"equals\":\"Straße\",\"ignore_case\":true}", "sTRAße");
	no("{\"equals\":\"é\",\"ignore_case\":true}", "É");
	no("{\"equals\":\"a\",\"ignore_case\":false}", "A");
	yes("{\"trimmed\":\"AB\",\"ignore_case\":true}", "ab\n");
	yes("{\"lines_sorted\":\"b\\na\\n\"}", "a \nb\t\r\n\n\n");
	no("{\"lines_sorted\":\"a\\nb\"}", "a\na\nb");
	no("{\"lines_sorted\":\"a\\nb\"}", "a\n\nb");
	no("{\"lines_sorted\":\"a\\nb\"}", " a\nb");
	yes("{\"lines_sorted\":\"\"}", "\n\n");
	yes("{\"lines_sorted\":\"B\\na\",\"ignore_case\":true}", "A\nb");
}

static void test_parts(void)
{
	yes("{\"contains\":\"ell\"}", "hello");
	no("{\"contains\":\"elo\"}", "hello");
	yes("{\"contains\":[\"h\",\"o\"]}", "hello");
	no("{\"contains\":[\"h\",\"x\"]}", "hello");
	yes("{\"contains\":\"b\"}", "a\0b");
	yes("{\"contains\":\"ELL\",\"ignore_case\":true}", "hello");
	yes("{\"excludes\":\"x\"}", "hello");
	no("{\"excludes\":[\"x\",\"h\"]}", "hello");
	no("{\"excludes\":[\"H\"],\"ignore_case\":true}", "hello");
	yes("{\"contains\":\"a\",\"excludes\":\"b\"}", "a");
	no("{\"contains\":\"a\",\"excludes\":\"b\"}", "ab");
}

static void test_values(void)
{
	yes("{\"number\":3}", "3\n");
	yes("{\"number\":3}", " 3.000 ");
	yes("{\"number\":-1500}", "-1.5e3");
	yes("{\"number\":3}", "+3");
	yes("{\"number\":0.5}", ".5");
	no("{\"number\":3}", "3.0001");
	no("{\"number\":3}", "3 apples");
	no("{\"number\":3}", "3 3");
	no("{\"number\":3}", "0x3");
	no("{\"number\":3}", "");
	no("{\"number\":3}", "three");
	no("{\"number\":0,\"tolerance\":1e308}", "nan");
	no("{\"number\":0,\"tolerance\":1e308}", "inf");
	no("{\"number\":0,\"tolerance\":1e308}", "1e999");
	no("{\"number\":3}", "3\0");
	no("{\"number\":1.5}", "1,5");
	yes("{\"number\":3.14,\"tolerance\":0.01}", "3.15");
	yes("{\"number\":0.3,\"tolerance\":0.1}", "0.4");
	no("{\"number\":3.14,\"tolerance\":0.01}", "3.16");
	yes("{\"json\":{\"a\":1,\"b\":[null]}}", " {\"b\":[null],\"a\":1.0}\n");
	no("{\"json\":{\"a\":1}}", "{\"a\":1,\"b\":2}");
	no("{\"json\":{\"a\":1}}", "{\"a\":1} {\"a\":1}");
	no("{\"json\":1}", "1\xff");
	no("{\"json\":null}", "");
	yes("{\"json\":null}", "null");
}

static void test_tolerance(void)
{
	yes("{\"number\":1000000,\"relative\":1e-3}", "1000999");
	no("{\"number\":1000000,\"relative\":1e-3}", "1001001");
	yes("{\"number\":0,\"relative\":1e-3,\"tolerance\":0.5}", "0.5");
	no("{\"number\":0,\"relative\":1e-3}", "0.0001");
	no("{\"number\":1,\"relative\":1e300}", "nan");
	yes("{\"json\":{\"a\":[0.3,\"x\"]},\"tolerance\":0.1}", "{\"a\":[0.4,\"x\"]}");
	no("{\"json\":{\"a\":[0.3,\"x\"]},\"tolerance\":0.1}", "{\"a\":[0.5,\"x\"]}");
	no("{\"json\":{\"a\":[0.3]},\"tolerance\":1}", "{\"a\":[\"0.3\"]}");
	no("{\"json\":{\"a\":[1]},\"tolerance\":1}", "{\"a\":[1,1]}");
	no("{\"json\":{\"a\":null},\"tolerance\":1}", "{\"b\":null}");
	no("{\"json\":[1,2],\"tolerance\":1}", "{\"0\":1,\"1\":2}");
	no("{\"json\":[1],\"tolerance\":1}", "[1e999]");
	yes("{\"json\":1000,\"relative\":0.1}", "901");
}

static void test_words(void)
{
	yes("{\"numbers\":\"1.0 2.5\\nx\\n\"}", " 1 2.50\r\n\n x");
	no("{\"numbers\":\"1.0 2.5\"}", "1.0");
	no("{\"numbers\":\"1.0\"}", "1.0 2.5");
	no("{\"numbers\":\"1.0 2.5\"}", "1.02.5");
	no("{\"numbers\":\"1 x\"}", "1 X");
	yes("{\"numbers\":\"1 X\",\"ignore_case\":true}", "1E0 x");
	yes("{\"numbers\":\"\"}", " \n");
	yes("{\"numbers\":\"0.3 a 100\",\"tolerance\":0.1}", "0.4 a 99.9");
	no("{\"numbers\":\"0.3 a 100\",\"tolerance\":0.1}", "0.4 a 99.8");
	yes("{\"numbers\":\"0.3 100\",\"relative\":0.1}", "0.32 109");
	no("{\"numbers\":\"0.3 100\",\"relative\":0.1}", "0.4 100");
	no("{\"numbers\":\"0.3\",\"tolerance\":1}", "x");
	no("{\"numbers\":\"x\",\"tolerance\":1}", "0");
	yes("{\"numbers\":\"12345678901234567890\"}", "+12345678901234567890.0");
	no("{\"numbers\":\"12345678901234567890\"}", "12345678901234567891");
	no("{\"numbers\":\"0.1\"}", "0.10000000000000000001");
	yes("{\"numbers\":\"-0 .5e1 0012e-1\"}", "0.00 5 1.2");
	no("{\"numbers\":\"-1\"}", "1");
	no("{\"numbers\":\"1e-300\"}", "0");
	yes("{\"numbers\":\"0e999999999999999999999\"}", "0");
	no("{\"numbers\":\"1\",\"tolerance\":1e308}", "nan");
	no("{\"numbers\":\"1\",\"tolerance\":1e308}", "-inf");
	no("{\"numbers\":\"1\",\"tolerance\":1e308}", "1e999");
	no("{\"numbers\":\"1\",\"tolerance\":1e308}", "0x1");
	yes("{\"numbers\":\"1-2 3e\"}", "1-2 3e");
	no("{\"numbers\":\"1-2\",\"tolerance\":1}", "1-3");
	refused("{\"numbers\":1}", "must be a string");
	refused("{\"numbers\":\"1 NaN\"}", "not finite");
	refused("{\"numbers\":\"-Infinity\"}", "not finite");
	refused("{\"numbers\":\"1e999\"}", "not finite");
	char big[900], condition[1000];
	memset(big, '7', sizeof big);
	snprintf(condition, sizeof condition, "{\"numbers\":\"%.899s\"}", big);
	holds(condition, big, 899, true);
	big[450] = '8';
	holds(condition, big, 899, false);
}

static void test_sets(void)
{
	yes("{\"set\":[\"a\",\"b c\"]}", "b c, a");
	yes("{\"set\":[\"a\",\"b\"]}", "\n a\r\nb,,a,\n");
	yes("{\"set\":[\"b\",\"a\",\"b\"]}", "a,b");
	no("{\"set\":[\"a\",\"b\"]}", "a");
	no("{\"set\":[\"a\"]}", "a,b");
	no("{\"set\":[\"a\",\"b\"]}", "a b");
	no("{\"set\":[\"a\"]}", "");
	no("{\"set\":[\"a\"]}", "A");
	yes("{\"set\":[\"A\",\"a\"],\"ignore_case\":true}", "a");
	no("{\"set\":[\"a\"]}", "a\0");
	refused("{\"set\":[]}", "must be an array of strings");
	refused("{\"set\":\"a\"}", "must be an array of strings");
	refused("{\"set\":[\"a\",1]}", "must be an array of strings");
	refused("{\"set\":[\"a,b\"]}", "without commas");
	refused("{\"set\":[\" a\"]}", "white space around");
}

/* Digests by sha256sum: printf 'flag{x}', printf 's4ltflag{x}'. */
static void test_hashed(void)
{
	yes("{\"hashed\":\"sha256:7644d4744c3ae2e47564e493f15496d84c90ddf870e564882596de965c7d062c\"}", " flag{x}\n");
	no("{\"hashed\":\"sha256:7644d4744c3ae2e47564e493f15496d84c90ddf870e564882596de965c7d062c\"}", "flag{y}");
	no("{\"hashed\":\"sha256:7644d4744c3ae2e47564e493f15496d84c90ddf870e564882596de965c7d062c\"}", "FLAG{X}");
	yes("{\"hashed\":\"sha256:7644d4744c3ae2e47564e493f15496d84c90ddf870e564882596de965c7d062c\",\"ignore_case\":"
	    "true}",
	    "FLAG{X}");
	yes("{\"hashed\":\"sha256:125e617d17738a01c4d94ba7303b7bac72b9c8c103ae0317b8658e259703af7d\",\"salt\":"
	    "\"s4lt\"}",
	    "flag{x}");
	no("{\"hashed\":\"sha256:125e617d17738a01c4d94ba7303b7bac72b9c8c103ae0317b8658e259703af7d\",\"salt\":\"s4lt\"}",
	   "s4ltflag{x}");
	no("{\"hashed\":\"sha256:7644d4744c3ae2e47564e493f15496d84c90ddf870e564882596de965c7d062c\"}", "");
	refused("{\"hashed\":\"0a39\"}", "must be \"sha256:\" and 64");
	refused("{\"hashed\":1}", "must be \"sha256:\" and 64");
	refused("{\"equals\":\"a\",\"salt\":\"b\"}", "salt: means nothing without \"hashed\"");
}

static void test_shapes(void)
{
	refused("1", "must be a string or an object");
	refused("null", "must be a string or an object");
	refused("{}", "holds no text condition");
	refused("{\"ignore_case\":true}", "holds no text condition");
	refused("{\"equal\":\"a\"}", ".checks[2].stdout.equal: unknown text condition");
	refused("{\"equals\":1}", ".checks[2].stdout.equals: must be a string");
	refused("{\"contains\":[]}", "must be a string or an array of strings");
	refused("{\"contains\":\"\"}", "none empty");
	refused("{\"excludes\":[\"a\",\"\"]}", "none empty");
	refused("{\"excludes\":[\"a\",1]}", "must be a string or an array of strings");
	refused("{\"number\":\"3\"}", "must be a number");
	refused("{\"number\":3,\"tolerance\":-1}", "must be a number of 0 or more");
	refused("{\"equals\":\"a\",\"tolerance\":1}", "means nothing without");
	refused("{\"number\":3,\"ignore_case\":true}", "means nothing without");
	refused("{\"equals\":\"a\",\"ignore_case\":1}", "must be true or false");
	refused("{\"matches\":1}", ".checks[2].stdout.matches: must be a string");
	refused("{\"matches\":\"\"}", "not empty");
	refused("{\"matches\":\"a(b\"}", "'(' without ')'");
	refused("{\"matches\":\"a)b\"}", "byte 3: ')' without '('");
	refused("{\"matches\":\"a|*\"}", "a repetition of nothing");
	refused("{\"matches\":\"^*\"}", "a repetition of an anchor");
	refused("{\"matches\":\"a+?\"}", "a repetition behind a repetition");
	refused("{\"matches\":\"[a-m-x]\"}", "a '-' behind a range");
	refused("{\"matches\":\"[[:digit:]-x]\"}", "a '-' behind a range or a class");
	refused("{\"matches\":\"[a-[:digit:]]\"}", "a class cannot begin or end a range");
	refused("{\"matches\":\"[a-[=c=]]\"}", "a class cannot begin or end a range");
	refused("{\"matches\":\"[[=a=]-c]\"}", "a class cannot begin or end a range");
	refused("{\"matches\":\"\\\\<a\"}", "has no meaning");
	refused("{\"matches\":\"[a\"}", "'[' without ']'");
	refused("{\"matches\":\"[b-a]\"}", "end comes before its start");
	refused("{\"matches\":\"[[:word:]]\"}", "unknown character class");
	refused("{\"matches\":\"a{2,1}\"}", "the wrong way round");
	refused("{\"matches\":\"a{1001}\"}", "more than 1000 repetitions");
	refused("{\"matches\":\"a{x}\"}", "a number is missing");
	refused("{\"matches\":\"a{2\"}", "'{' without '}'");
	refused("{\"matches\":\"\\\\d+\"}", "has no meaning");
	refused("{\"matches\":\"(a)\\\\1\"}", "has no meaning");
	refused("{\"matches\":\"a\\\\\"}", "'\\' at the end");
	refused("{\"matches\":\"((a{1000}){1000}){1000}\"}", "too large");
}

/* A reason names the form and never what was expected. */
static void test_reasons(void)
{
	static const char *const conditions[] = {"\"SECRET\"",
	                                         "{\"equals\":\"SECRET\"}",
	                                         "{\"lines_sorted\":\"SECRET\"}",
	                                         "{\"contains\":\"SECRET\"}",
	                                         "{\"matches\":\"SECRET\"}",
	                                         "{\"number\":54321}",
	                                         "{\"numbers\":\"SECRET\"}",
	                                         "{\"set\":[\"SECRET\"]}",
	                                         "{\"json\":\"SECRET\"}"};
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		char reason[60] = "";
		JSON_AUTO condition = parse(conditions[i]);
		ok(!match_text(condition, "x", 1, reason, sizeof reason) && reason[0] && !strstr(reason, "SECRET") &&
		           !strstr(reason, "54321"),
		   reason);
	}
	char small[5];
	JSON_AUTO condition = parse("\"a\"");
	ok(!match_text(condition, "b", 1, small, sizeof small) && strlen(small) == 4, "a reason that is cut ends");
}

static void pattern(const char *text, bool ignore_case, const char *subject, size_t len, bool expected)
{
	struct err err;
	char name[200];
	struct match_pattern *compiled = match_pattern_new(text, strlen(text), ignore_case, &err);
	snprintf(name, sizeof name, "/%s/ %s '%.60s'", text, expected ? "matches" : "does not match", subject);
	one_line(name);
	ok(compiled && match_pattern_find(compiled, subject, len) == expected, name);
	match_pattern_free(compiled);
}

#define finds(text, subject) pattern(text, false, subject, sizeof(subject) - 1, true)
#define misses(text, subject) pattern(text, false, subject, sizeof(subject) - 1, false)

static void test_patterns(void)
{
	finds("b+c", "abbbc");
	misses("b+c", "abbb");
	finds("^b$", "a\nb\nc");
	misses("^b$", "ab");
	finds("^$", "a\n\nb");
	finds("^$", "");
	misses("^$", "a");
	finds("^$", "a\n");
	misses("a.b", "a\nb");
	misses("a[^x]b", "a\nb");
	finds("a[[:space:]]b", "a\nb");
	finds("a.b", "a\0b");
	finds("b", "a\0b");
	finds("(ab|cd)*e", "xabcdabe");
	misses("^(ab|cd)*e", "xabcdabe");
	finds("^a{2,3}$", "aaa");
	misses("^a{2,3}$", "aaaa");
	finds("^a{2,}$", "aaaaa");
	misses("^a{2,}$", "a");
	finds("^a{0,2}b$", "b");
	finds("^a{0}b$", "b");
	misses("^a{0}b$", "ab");
	finds("^(a|b|c)d$", "cd");
	finds("^(a|)b$", "b");
	finds("^(a|b)*c{2}|x$", "abcc");
	finds("a\\.b", "a.b");
	misses("a\\.b", "axb");
	finds("[]a]", "]");
	finds("[^]a]", "b");
	misses("[^]a]", "]");
	finds("[a-]", "-");
	finds("[\\]", "\\");
	finds("[[.-.]]", "-");
	finds("[[=a=]]", "a");
	finds("^[[:upper:]][[:lower:]]*[[:digit:]]$", "Abc7");
	finds("^[[:xdigit:]]{4}$", "09aF");
	finds("a\nb", "a\nb");
	finds("^.{3}$", "\xc3\xa9t\xc3\xa9");
	finds("^[\xc3\xa0-\xc3\xbf]$", "\xc3\xa9");
	misses("^[\xc3\xa0-\xc3\xbf]$", "e");
	finds("^..$", "\xff\xc3");
	pattern("STRA.E", true,
	        "stra\xc3\x9f"
	        "e",
	        8, true);
	pattern("^[A-F]+$", true, "abc", 3, true);
	pattern("^[^a]$", true, "A", 1, false);
	pattern("A", false, "a", 1, false);
}

/* What takes a backtracking matcher, or one that builds states as it goes, for ever or all memory. */
static void test_cost(void)
{
	static const char *const texts[] = {"[0-9]+x", "(a*)*b", "((a|b)*a(a|b){20})c", "(x.{64}y)", "(a?){30}a{30}z"};
	size_t len = 1 << 20;
	char *text = malloc(len);
	int64_t start = num_now_ms();
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct match_pattern *compiled = match_pattern_new(texts[i], strlen(texts[i]), false, NULL);
		uint64_t state = 1;
		memset(text, '1', len);
		bool found = match_pattern_find(compiled, text, len);
		for (size_t at = 0; at < len; at++)
			text[at] = "ax"[num_random(&state) % 2];
		found = match_pattern_find(compiled, text, len) || found;
		match_pattern_free(compiled);
		ok(!found, texts[i]);
	}
	ok(num_now_ms() - start < 60000, "ten searches in a megabyte take no minute");
	free(text);
}

/* There is an end to what is spent on one text. */
static void test_bounds(void)
{
	struct rusage before, after;
	BUF_AUTO text = {0};
	struct match_pattern *compiled = match_pattern_new("a{3}b", 5, false, NULL);
	for (size_t i = 0; i < 1000; i++)
		buf_add_char(&text, 'a');
	buf_add_char(&text, 'b');
	ok(match_pattern_find(compiled, text.data, text.len), "a text that can be looked at to its end");
	compiled->work_max = 2000;
	ok(!match_pattern_find(compiled, text.data, text.len), "one that takes too long does not match");
	match_pattern_free(compiled);
	buf_clear(&text);
	buf_add_char(&text, '[');
	for (size_t i = 0; i < 1000000; i++)
		buf_add_string(&text, "[],");
	buf_add_string(&text, "[]]");
	getrusage(RUSAGE_SELF, &before);
	holds("{\"json\":[[]]}", text.data, text.len, false);
	memset(text.data, '\n', text.len - 1);
	holds("{\"lines_sorted\":\"]\"}", text.data, text.len, false);
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = i % 2 ? ',' : 'a';
	holds("{\"set\":[\"a\",\"b\"]}", text.data, text.len, false);
	getrusage(RUSAGE_SELF, &after);
	ok(after.ru_maxrss - before.ru_maxrss < 16384, "what has too many parts to be right is not taken apart");
}

int main(void)
{
	test_texts();
	test_parts();
	test_values();
	test_tolerance();
	test_words();
	test_sets();
	test_hashed();
	test_shapes();
	test_reasons();
	test_patterns();
	test_cost();
	test_bounds();
	return done_testing();
}
