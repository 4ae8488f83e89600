#include "tally.h"

#include "buf.h"
#include "tap.h"
#include "value.h"

static struct tally *tally;

static int take(int side, const char *line, struct err *err)
{
	return tally_line(tally, side, line, strlen(line), err);
}

static void refused(const char *line, const char *why)
{
	struct err err = {0};
	is_int(take(0, line, &err), -1, line);
	is_int(err.code, ERR_INPUT, "is malformed");
	is_str(err.text, why, "and why");
}

#define ROLLOUT "{\"type\":\"rollout\",\"task\":\"set/a\",\"steps\":[]"

static void test_malformed(void)
{
	char id[TALLY_ID_MAX + 2] = "";
	memset(id, 'x', sizeof id - 1);
	STRING_AUTO long_id = mem_format("{\"type\":\"rollout\",\"task\":\"%s\",\"steps\":[]}", id);
	refused("{", "invalid JSON: a key expected at the end");
	refused("[]", "it is no record with a \"type\"");
	refused("{\"type\":1}", "it is no record with a \"type\"");
	refused("{\"type\":\"rollout\",\"steps\":[]}", "no \"task\" in it, or none that is an id");
	refused("{\"type\":\"rollout\",\"task\":\"a\\u0000\",\"steps\":[]}",
	        "no \"task\" in it, or none that is an id");
	refused(long_id, "task: longer than 256 bytes");
	refused("{\"type\":\"rollout\",\"task\":\"a\",\"steps\":{}}", "no \"steps\" in it, or none that are an array");
	refused(ROLLOUT ",\"reward\":\"1\"}", "reward: must be a number or null");
	refused(ROLLOUT ",\"truncated\":1}", "truncated: must be true or false");
	refused(ROLLOUT ",\"verdict\":1}", "verdict: must be an object or null");
	refused(ROLLOUT ",\"verdict\":{}}", "verdict.status: must be pass, fail, tampered or error");
	ok(!tally_has(tally, "set/a"), "nothing of it is counted");
}

static json reports[8];
static size_t report_count;

static bool keep(json record)
{
	reports[report_count++] = json_copy(record);
	return report_count < sizeof reports / sizeof *reports;
}

/* A field of the n-th record that was handed out. */
static void field_is(size_t n, const char *field, const char *expected)
{
	is_json(n < report_count ? json_get(reports[n], field) : json_none(), expected, field);
}

static void forget(void)
{
	while (report_count > 0)
		json_free(&reports[--report_count]);
}

static void test_counts(void)
{
	struct err err;
	const struct tally_terms terms = {.k = {1}, .k_count = 1};
	char a[] = "one", b[] = "two";
	is_int(take(0, "{\"type\":\"observation\"}", &err), TALLY_OTHER, "another record");
	is_int(take(0, "{\"type\":\"error\"}", &err), TALLY_ERROR, "an error record");
	is_int(take(0, ROLLOUT ",\"reward\":1,\"verdict\":{\"status\":\"pass\"}}", &err), TALLY_ROLLOUT, "a pass");
	is_int(take(0, ROLLOUT ",\"reward\":0,\"verdict\":{\"status\":\"fail\"}}", &err), TALLY_ROLLOUT, "a failure");
	is_int(take(0, ROLLOUT ",\"reward\":7,\"verdict\":{\"status\":\"error\"}}", &err), TALLY_ROLLOUT, "an error");
	is_int(take(0, "{\"type\":\"rollout\",\"task\":null,\"steps\":[{}]}", &err), TALLY_ROLLOUT, "of no known task");
	tally_report(tally, &terms, keep);
	is_int((long long)report_count, 3, "two tasks, and all");
	field_is(1, "task", "\"set/a\"");
	field_is(1, "graded", "2");
	field_is(1, "errors", "1");
	field_is(1, "reward_mean", "0.5");
	field_is(1, "pass_at", "{\"1\":0.5}");
	field_is(2, "episodes", "4");
	field_is(2, "tasks", "1");
	field_is(2, "ungraded", "1");
	field_is(2, "others", "1");
	forget();
	is_int(take(1, ROLLOUT ",\"reward\":1}", &err), TALLY_ROLLOUT, "of the other side");
	tally_compare(tally, (char *const[]){a, b}, keep);
	field_is(1, "pass_difference", "0.5");
	field_is(2, "pass",
	         "{\"tasks\":1,\"a\":0.5,\"b\":1,\"difference\":0.5,\"error\":null,\"better\":1,\"worse\":0,"
	         "\"p\":1,\"exact\":true}");
	forget();
}

int main(void)
{
	tally = tally_new();
	test_malformed();
	test_counts();
	is_int((long long)tally_left_out(tally), 0, "nothing was left out");
	tally_free(tally);
	return done_testing();
}
