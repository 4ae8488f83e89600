#include "tool.h"

#include <signal.h>

#include "tap.h"
#include "text.h"
#include "value.h"

#define ALL "[\"shell\",\"write_file\",\"read_file\",\"edit_file\",\"submit\"]"

/* What becomes of an action where the task has these tools, and the problem with it. */
static void becomes_of(const char *names, const char *action, const char *full, const char *problem)
{
	char said[160];
	JSON_AUTO list = parse(names);
	JSON_AUTO given = parse(action);
	JSON_AUTO result = tool_action(given, list, said, sizeof said);
	is_json(result, full, action);
	is_str(said, problem, "its problem");
}

static void becomes(const char *action, const char *full, const char *problem)
{
	becomes_of(ALL, action, full, problem);
}

static void test_forms(void)
{
	const char *full = "{\"tool\":\"shell\",\"args\":{\"command\":\"ls\"}}";
	becomes(full, full, "");
	becomes("\"ls\"", full, "");
	becomes("{\"action\":\"command\",\"command\":\"ls\"}", full, "");
	becomes("{\"type\":\"action\",\"episode\":\"e\",\"tool\":\"shell\",\"args\":{\"command\":\"ls\"},\"other\":1}",
	        full, "");
	becomes("\"\"", "{\"tool\":\"shell\",\"args\":{\"command\":\"\"}}", "");
	becomes("{\"action\":\"write_file\",\"path\":\"p\",\"content\":\"c\"}",
	        "{\"tool\":\"write_file\",\"args\":{\"path\":\"p\",\"content\":\"c\"}}", "");
	becomes("{\"action\":\"submit\"}", "{\"tool\":\"submit\",\"args\":{}}", "");
	becomes("{\"tool\":\"submit\"}", "{\"tool\":\"submit\",\"args\":{}}", "");
	/* A tool is the action's, whatever else it has. */
	becomes("{\"tool\":\"submit\",\"action\":\"command\",\"command\":\"ls\"}", "{\"tool\":\"submit\",\"args\":{}}", "");
	becomes("{\"tool\":\"shell\",\"args\":{\"command\":\"ls\",\"stdin\":\"\",\"timeout_s\":0.5}}",
	        "{\"tool\":\"shell\",\"args\":{\"command\":\"ls\",\"stdin\":\"\",\"timeout_s\":0.5}}", "");
	/* The first tool's main argument. */
	becomes_of("[\"read_file\",\"submit\"]", "\"a\"", "{\"tool\":\"read_file\",\"args\":{\"path\":\"a\"}}", "");
	becomes_of("[\"submit\"]", "\"a\"", "{\"tool\":\"submit\",\"args\":{\"answer\":\"a\"}}", "");
	becomes_of("[\"write_file\"]", "\"a\"", "{\"tool\":\"write_file\",\"args\":{\"path\":\"a\"}}",
	           "write_file: missing argument: content");
	/* The caller's own. */
	becomes("{\"tool\":\"submit\",\"id\":\"i\",\"tag\":[1,{}]}",
	        "{\"tool\":\"submit\",\"args\":{},\"id\":\"i\",\"tag\":[1,{}]}", "");
	becomes("{\"action\":\"command\",\"command\":\"ls\",\"id\":\"i\",\"tag\":null}",
	        "{\"tool\":\"shell\",\"args\":{\"command\":\"ls\"},\"id\":\"i\",\"tag\":null}", "");
}

static void test_problems(void)
{
	becomes("{}", "{\"tool\":null,\"args\":{}}", "an action needs a tool");
	becomes("{\"tool\":null}", "{\"tool\":null,\"args\":{}}", "an action needs a tool");
	becomes("{\"tool\":7,\"args\":1}", "{\"tool\":7,\"args\":1}", "an action needs a tool");
	becomes("[]", "{\"tool\":null,\"args\":{}}", "an action needs a tool");
	becomes("{\"tool\":\"Shell\"}", "{\"tool\":\"Shell\",\"args\":{}}", "unknown tool: Shell");
	becomes("{\"tool\":\"\"}", "{\"tool\":\"\",\"args\":{}}", "unknown tool: ");
	becomes("{\"action\":\"reset\"}", "{\"tool\":\"reset\",\"args\":{}}", "unknown tool: reset");
	becomes_of("[\"submit\"]", "{\"tool\":\"shell\",\"args\":{\"command\":\"ls\"}}",
	           "{\"tool\":\"shell\",\"args\":{\"command\":\"ls\"}}", "this task has no tool shell");
	becomes("{\"tool\":\"shell\"}", "{\"tool\":\"shell\",\"args\":{}}", "shell: missing argument: command");
	becomes("{\"tool\":\"shell\",\"args\":null}", "{\"tool\":\"shell\",\"args\":null}",
	        "shell: args must be an object");
	becomes("{\"tool\":\"shell\",\"args\":[\"ls\"]}", "{\"tool\":\"shell\",\"args\":[\"ls\"]}",
	        "shell: args must be an object");
	becomes("{\"tool\":\"shell\",\"args\":{\"command\":null}}", "{\"tool\":\"shell\",\"args\":{\"command\":null}}",
	        "shell: argument command must be a string");
	becomes("{\"tool\":\"shell\",\"args\":{\"command\":\"ls\",\"timeout_s\":true}}",
	        "{\"tool\":\"shell\",\"args\":{\"command\":\"ls\",\"timeout_s\":true}}",
	        "shell: argument timeout_s must be a number");
	becomes("{\"tool\":\"submit\",\"args\":{\"command\":\"ls\"}}",
	        "{\"tool\":\"submit\",\"args\":{\"command\":\"ls\"}}", "submit: unknown argument: command");
	becomes("{\"action\":\"command\"}", "{\"tool\":\"shell\",\"args\":{}}", "shell: missing argument: command");
	becomes("{\"action\":\"write_file\",\"path\":\"p\"}", "{\"tool\":\"write_file\",\"args\":{\"path\":\"p\"}}",
	        "write_file: missing argument: content");
}

/* Tools that a task declares, against their own schemas. */
static void test_declared(void)
{
	static const char tools[] = "[{\"name\":\"go\",\"description\":\"Go.\",\"main\":\"to\",\"parameters\":{"
	                            "\"type\":\"object\",\"properties\":{"
	                            "\"to\":{\"type\":\"string\",\"enum\":[\"n\",\"s\"]},\"far\":{\"type\":\"integer\"}"
	                            ",\"any\":{},\"maybe\":{\"type\":[\"boolean\",\"null\"]}},"
	                            "\"required\":[\"to\"],\"additionalProperties\":{\"type\":\"string\"}}},"
	                            "{\"name\":\"wait\",\"description\":\"Wait.\"},\"submit\"]";
	JSON_AUTO given = parse(tools);
	JSON_AUTO all = tool_describe(given);
	becomes_of(tools, "\"n\"", "{\"tool\":\"go\",\"args\":{\"to\":\"n\"}}", "");
	becomes_of(tools, "\"w\"", "{\"tool\":\"go\",\"args\":{\"to\":\"w\"}}",
	           "go: argument to must be one of those in its schema");
	becomes_of(tools, "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"far\":2,\"any\":[]}}",
	           "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"far\":2,\"any\":[]}}", "");
	becomes_of(tools, "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"far\":2.5}}",
	           "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"far\":2.5}}", "go: argument far must be an integer");
	becomes_of(tools, "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"maybe\":null,\"more\":1}}",
	           "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"maybe\":null,\"more\":1}}", "");
	becomes_of(tools, "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"maybe\":0}}",
	           "{\"tool\":\"go\",\"args\":{\"to\":\"s\",\"maybe\":0}}",
	           "go: argument maybe must be a value of a type in its schema");
	becomes_of(tools, "{\"tool\":\"go\",\"args\":{}}", "{\"tool\":\"go\",\"args\":{}}", "go: missing argument: to");
	becomes_of(tools, "{\"tool\":\"wait\\u0000\"}", "{\"tool\":\"wait\\u0000\",\"args\":{}}",
	           "unknown tool: wait with a NUL in its name");
	becomes_of(tools, "{\"tool\":\"wait\"}", "{\"tool\":\"wait\",\"args\":{}}", "");
	becomes_of(tools, "{\"tool\":\"wait\",\"args\":{\"s\":1}}", "{\"tool\":\"wait\",\"args\":{\"s\":1}}",
	           "wait: unknown argument: s");
	becomes_of(tools, "{\"tool\":\"shell\"}", "{\"tool\":\"shell\",\"args\":{}}", "this task has no tool shell");
	is_int(json_length(all), 3, "all are described");
	is_json(json_at(all, 1), "{\"name\":\"wait\",\"description\":\"Wait.\",\"parameters\":{\"type\":\"object\"}}",
	        "with a schema in any case");
}

/* However long and whatever cut, a problem is well-formed text. */
static void test_long(void)
{
	for (int lead = 0; lead < 4; lead++) {
		char said[160];
		BUF_AUTO name = {0};
		for (int i = 0; i < lead; i++)
			buf_add_char(&name, 'x');
		for (int i = 0; i < 500; i++)
			buf_add_string(&name, "\xe2\x82\xac");
		JSON_AUTO names = parse(ALL);
		JSON_AUTO action = json_new_object();
		json_set_string(&action, "tool", name.data);
		JSON_AUTO full = tool_action(action, names, said, sizeof said);
		ok(text_valid(said, strlen(said)) == strlen(said) && strlen(said) < 100, "a long name of a tool");
		is_str(json_get_string(full, "tool"), name.data, "is kept whole in the action");
		json args = json_new_object();
		json_set_string(&args, name.data, "");
		json_set_string(&args, "command", "");
		json_set(&action, "args", args);
		json_set_string(&action, "tool", "shell");
		JSON_AUTO again = tool_action(action, names, said, sizeof said);
		ok(text_valid(said, strlen(said)) == strlen(said) && strlen(said) < 100, "a long name of an argument");
	}
}

static void test_table(void)
{
	JSON_AUTO names = parse(ALL);
	JSON_AUTO none = parse("[\"nosuch\",5,\"submit\"]");
	JSON_AUTO all = tool_describe(names);
	JSON_AUTO some = tool_describe(none);
	is_int(json_length(all), 5, "all tools are described");
	for (int i = 0; i < json_length(all); i++) {
		json entry = json_at(all, i);
		const char *name = json_get_string(entry, "name");
		ok(tool_find(name) && json_length(entry) == 3 && json_get_string(entry, "description") &&
		           !strcmp(json_get_string(json_get(entry, "parameters"), "type"), "object"),
		   name);
		json properties = json_get(json_get(entry, "parameters"), "properties");
		ok(json_is_object(json_get(properties, tool_find(name)->main)), "its main argument is one of them");
	}
	is_int(json_length(some), 1, "and no others");
	ok(!tool_find("nosuch") && !tool_find(NULL) && !tool_find(""), "no such tool");
}

static void is_result(struct box_result *result, const char *expected, const char *name)
{
	JSON_AUTO observation = json_new_object();
	tool_result(result, &observation);
	is_json(observation, expected, name);
	box_result_free(result);
}

static struct box_result result_of(const char *out, const char *err)
{
	struct box_result result = {.how = BOX_EXITED};
	buf_add_string(&result.out[0].head, out);
	buf_add_string(&result.out[1].head, err);
	return result;
}

static void test_results(void)
{
	struct box_result result = result_of("out\n", "err");
	result.code = 3;
	strcpy(result.cwd, "/tmp");
	is_result(&result, "{\"stdout\":\"out\\n\",\"stderr\":\"err\",\"exit\":3,\"cwd\":\"/tmp\",\"info\":{}}", "exited");
	result = result_of("", "");
	result.how = BOX_SIGNALED;
	result.code = SIGSEGV;
	result.shell_ended = true;
	is_result(&result, "{\"stdout\":\"\",\"stderr\":\"\",\"exit\":null,\"signal\":\"SIGSEGV\",\"info\":{\"shell\":\"ended\"}}",
	          "killed by a signal");
	result = result_of("", "");
	result.how = BOX_SIGNALED;
	result.code = SIGRTMIN + 1;
	ok(true, "a signal without a name:");
	is_result(&result, "{\"stdout\":\"\",\"stderr\":\"\",\"exit\":null,\"signal\":\"signal 35\",\"info\":{}}",
	          "by its number");
	result = result_of("", "");
	result.how = BOX_TIMEOUT;
	result.code = SIGKILL;
	result.shell_killed = result.shell_ended = true;
	is_result(&result,
	          "{\"stdout\":\"\",\"stderr\":\"\",\"exit\":null,\"signal\":\"SIGKILL\",\"timeout\":true,"
	          "\"info\":{\"limit\":\"timeout\",\"shell\":\"killed\"}}",
	          "a deadline");
	result = result_of("", "");
	result.how = BOX_FLOODED;
	result.code = SIGKILL;
	is_result(&result, "{\"stdout\":\"\",\"stderr\":\"\",\"exit\":null,\"signal\":\"SIGKILL\",\"info\":{\"limit\":\"output\"}}",
	          "a flood");
}

static void test_streams(void)
{
	struct box_result result = result_of("\xff\xc3", "a\xc3\xa4");
	is_result(&result, "{\"stdout\":\"\\ufffd\\ufffd\",\"stderr\":\"a\xc3\xa4\",\"exit\":0,\"info\":{\"stdout_replaced\":true}}",
	          "bytes that are not UTF-8");
	/* Head and tail of which nothing was dropped. */
	result = result_of("head", "");
	buf_add_string(&result.out[0].tail, "tail");
	result.out[0].total = 8;
	is_result(&result, "{\"stdout\":\"headtail\",\"stderr\":\"\",\"exit\":0,\"info\":{}}", "two parts that meet");
	result = result_of("h\xe2\x82", "");
	buf_add_string(&result.out[0].tail, "\xac\xac"
	                                    "t");
	result.out[0].cut = 10;
	is_result(&result, "{\"stdout\":\"h\\n[... 14 bytes cut ...]\\nt\",\"stderr\":\"\",\"exit\":0,\"info\":{\"stdout_cut\":14}}",
	          "cut between characters, all that is missing counted");
	result = result_of("", "");
	buf_add(&result.out[1].head, "a\0b", 3);
	JSON_AUTO observation = json_new_object();
	tool_result(&result, &observation);
	size_t len;
	const char *text = json_text(json_get(observation, "stderr"), &len);
	ok(len == 3 && !memcmp(text, "a\0b", 3), "NUL is a character");
	box_result_free(&result);
}

static void test_timeouts(void)
{
	static const struct {
		const char *limits, *args;
		unsigned expected;
	} cases[] = {
	        {"{\"step_s\":10}", "{}", 10000},
	        {"{\"step_s\":10}", "{\"timeout_s\":3}", 3000},
	        {"{\"step_s\":10}", "{\"timeout_s\":0.25}", 250},
	        {"{\"step_s\":10}", "{\"timeout_s\":100}", 10000},
	        {"{\"step_s\":10}", "{\"timeout_s\":1e300}", 10000},
	        {"{\"step_s\":10}", "{\"timeout_s\":0}", 10000},
	        {"{\"step_s\":10}", "{\"timeout_s\":-1}", 10000},
	        {"{\"step_s\":10}", "{\"timeout_s\":1e-9}", 1},
	        {"{\"step_s\":0.5}", "{}", 500},
	        {"{}", "{}", 10000},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		JSON_AUTO limits = parse(cases[i].limits);
		JSON_AUTO args = parse(cases[i].args);
		struct tool_context context = {.limits = limits, .env = json_none()};
		is_int(tool_timeout_ms(&context, args), cases[i].expected, cases[i].args);
	}
}

int main(void)
{
	test_forms();
	test_problems();
	test_declared();
	test_long();
	test_table();
	test_results();
	test_streams();
	test_timeouts();
	return done_testing();
}
