#include "show.h"

#include "tap.h"

static void shown_as(const char *text, bool colour, const char *expected, const char *name)
{
	BUF_AUTO out = {0};
	JSON_AUTO record = json_none();
	struct err err = {0};
	if (json_parse(text, strlen(text), &record, &err) < 0)
		printf("# %s\n", err.text);
	show_record(record, colour, &out);
	is_str(buf_string(&out), expected, name);
}

static void test_task(void)
{
	shown_as("{\"type\":\"task\",\"id\":\"bash/x\",\"difficulty\":\"easy\",\"title\":\"Count\\nthe "
	         "\\u001b[31merrors\"}",
	         false, "bash/x                        easy    Count the ^[[31merrors\n", "a task is a line of a table");
	shown_as("{\"type\":\"task\",\"id\":\"é\",\"difficulty\":\"medium\",\"title\":\"T\"}", false,
	         "é                             medium  T\n", "padded by characters");
}

static void test_observation(void)
{
	shown_as("{\"type\":\"observation\",\"episode\":\"ep-1\",\"task\":\"bash/x\",\"step\":0,\"prompt\":\"Do it.\","
	         "\"tools\":[{\"name\":\"shell\"},{\"name\":\"submit\"}],\"limits\":{\"steps\":50,\"step_s\":10}}",
	         false, "episode ep-1 · task bash/x\n\nDo it.\n\ntools: shell, submit\nlimits: steps 50, step_s 10\n",
	         "the first observation is the prompt");
	shown_as("{\"type\":\"observation\",\"step\":3,\"stdout\":\"a\\nb\",\"stderr\":\"no\\u009b\\n\",\"exit\":0,"
	         "\"reward\":0,"
	         "\"terminated\":false,\"truncated\":false,\"info\":{},\"timing\":{\"wall_ms\":1.9}}",
	         false, "a\nb\nno\\x9b\n[step 3 · exit 0 · 1.9 ms]\n", "a step is its output and a line");
	shown_as("{\"type\":\"observation\",\"step\":4,\"stdout\":\"\",\"stderr\":\"\",\"exit\":null,\"signal\":"
	         "\"KILL\",\"timeout\":true,"
	         "\"reward\":0,\"terminated\":false,\"truncated\":true,\"info\":{\"shell_restarted\":true,\"cut\":7,"
	         "\"x\":false}}",
	         false, "[step 4 · signal KILL · timeout · truncated · shell_restarted · cut 7]\n", "what is set is told");
	shown_as("{\"type\":\"observation\",\"step\":5,\"stdout\":\"\",\"stderr\":\"\",\"exit\":0,\"reward\":0,"
	         "\"terminated\":true}",
	         false, "[step 5 · exit 0 · reward 0 · terminated]\n", "the end tells its reward");
	shown_as("{\"type\":\"observation\",\"step\":6,\"exit\":null,\"error\":\"unknown tool: "
	         "foo\",\"info\":{\"invalid\":true}}",
	         true, "\033[31munknown tool: foo\n\033[0m\033[31m[step 6 · invalid]\033[0m\n",
	         "an invalid action in red");
}

static void test_stat(void)
{
	shown_as("{\"type\":\"stat\",\"scope\":\"task\",\"task\":\"a\",\"episodes\":123456,\"pass_rate\":null,\"reward_"
	         "mean\":-12.5,"
	         "\"steps_mean\":1e9,\"timing\":{\"step_ms\":1234.56}}",
	         false, "a                         123456                 -          -12.5        1e+09  1234.6\n",
	         "numbers as long as their columns are told, longer ones by their size");
}

static void test_relative(void)
{
	shown_as("{\"type\":\"relative\",\"episode\":\"t-1\",\"depth\":0,\"state\":\"live\",\"steps\":4,\"reward\":"
	         "null}",
	         false, "t-1                                                 4 steps  reward null  live\n",
	         "the first of a family");
	shown_as(
	        "{\"type\":\"relative\",\"episode\":\"u-1\\n\",\"depth\":1,\"state\":\"dead\",\"steps\":5,\"reward\":1,"
	        "\"ended\":true,\"parent\":{\"episode\":\"t-1\",\"step\":3}}",
	        false, "  u-1                             from step 3       5 steps  reward 1     dead  ended\n",
	        "a branch is further to the right");
	shown_as("{\"type\":\"relative\",\"episode\":\"x\",\"depth\":30,\"state\":\"closed\"}", false,
	         "                                                            x                       closed\n",
	         "one that was closed");
}

static void test_verdict(void)
{
	static const char text[] =
	        "{\"type\":\"verdict\",\"episode\":\"ep-1\",\"task\":\"bash/x\",\"status\":\"fail\",\"reward\":0.5,"
	        "\"checks\":[{\"name\":\"a\",\"passed\":true},{\"name\":\"b\",\"passed\":false,\"reason\":\"lines "
	        "differ\"}],"
	        "\"reason\":null}";
	shown_as(text, false, "fail · reward 0.5 · episode ep-1 · task bash/x\n  ✓ a\n  ✗ b: lines differ\n", "a verdict");
	shown_as(text, true,
	         "\033[31mfail\033[0m · reward 0.5 · episode ep-1 · task bash/x\n\033[32m  ✓ \033[0ma\n"
	         "\033[31m  ✗ \033[0mb: lines differ\n",
	         "in colour");
	shown_as("{\"type\":\"verdict\",\"status\":\"error\",\"reward\":null,\"reason\":\"no box\"}", false,
	         "error: no box\n", "a verdict without checks");
}

static void test_others(void)
{
	shown_as("{\"type\":\"rollout\",\"episode\":\"ep-1\",\"task\":\"bash/x\",\"steps\":[{},{}],\"reward\":1,"
	         "\"verdict\":{\"status\":\"pass\"}}",
	         false, "ep-1              bash/x                        2 steps  reward 1     pass\n", "a rollout");
	shown_as("{\"type\":\"rollout\",\"episode\":\"ep-1\",\"task\":\"bash/"
	         "x\",\"steps\":[],\"reward\":null,\"verdict\":null}",
	         false, "ep-1              bash/x                        0 steps  reward null  not graded\n",
	         "one without verdict");
	shown_as("{\"type\":\"replay\",\"episode\":\"ep-1\",\"task\":\"bash/"
	         "x\",\"match\":\"diverged\",\"steps\":3,\"matched\":1,"
	         "\"first\":{\"step\":2,\"field\":\"stdout\",\"logged\":\"a\\n\",\"replayed\":\"b\\n\"},\"verdict_"
	         "match\":false}",
	         false,
	         "ep-1              bash/x                        diverged  1 of 3 steps, another verdict\n"
	         "  step 2, stdout: logged a , replayed b \n",
	         "a replay");
	shown_as("{\"type\":\"episode\",\"episode\":\"ep-1\",\"task\":\"bash/"
	         "x\",\"state\":\"live\",\"steps\":12,\"ended\":false,"
	         "\"timing\":{\"age_s\":3725}}",
	         false, "ep-1              bash/x                        live          12 steps  1 h 2 min\n",
	         "an episode");
	shown_as("{\"type\":\"episode\",\"episode\":\"ep-1\",\"state\":\"unfinished\"}", false,
	         "ep-1                                            unfinished\n", "an unfinished one");
	shown_as("{\"type\":\"error\",\"line\":3,\"reason\":\"empty line\",\"status\":3}", false,
	         "error · line 3: empty line\n", "an error");
	shown_as("{\"type\":\"new\",\"a\":[1]}", false, "{\"type\":\"new\",\"a\":[1]}\n", "an unknown type");
	shown_as("[1,\"\\u001b\"]", false, "[1,\"\\u001b\"]\n", "no object");
	/* Any field may be missing or of another kind. */
	static const char *const types[] = {"task", "observation", "verdict", "rollout", "replay", "episode", "error"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char text[300];
		BUF_AUTO out = {0};
		JSON_AUTO record = json_none();
		snprintf(text, sizeof text,
		         "{\"type\":\"%s\",\"step\":\"x\",\"checks\":[1],\"steps\":{},\"info\":[],\"tools\":7,"
		         "\"prompt\":%s,"
		         "\"first\":{},\"verdict\":[],\"reason\":{},\"timing\":3}",
		         types[i], i % 2 ? "null" : "[]");
		json_parse(text, strlen(text), &record, NULL);
		show_record(record, true, &out);
		ok(out.len && out.data[out.len - 1] == '\n', types[i]);
	}
}

int main(void)
{
	test_task();
	test_observation();
	test_stat();
	test_relative();
	test_verdict();
	test_others();
	return done_testing();
}
