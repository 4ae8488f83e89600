#include "task.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "check.h"
#include "fd.h"
#include "num.h"
#include "tap.h"
#include "task_schema.h"
#include "task_set.h"
#include "tool.h"
#include "value.h"

static char root[] = "/tmp/pipegym-task-test.XXXXXX";

#define BASE                                                                                                           \
	"\"title\":\"T\",\"category\":\"c\",\"difficulty\":\"easy\",\"prompt\":\"P\",\"checks\":[{\"name\":\"n\","     \
	"\"type\":\"file\",\"path\":\"a\"}]"
#define TASK "{" BASE "}"

static void make_folder(const char *path)
{
	STRING_AUTO full = mem_format("%s/%s", root, path);
	if (fd_make_folders(full, 0755, NULL) < 0)
		abort();
}

static void write_file(const char *path, const char *text)
{
	STRING_AUTO full = mem_format("%s/%s", root, path);
	STRING_AUTO folder = mem_format("%.*s", (int)(strrchr(full, '/') - full), full);
	if (fd_make_folders(folder, 0755, NULL) < 0 ||
	    fd_replace_file(AT_FDCWD, full, text, strlen(text), 0644, false, NULL) < 0)
		abort();
}

static void remove_tree(const char *path)
{
	STRING_AUTO full = mem_format("%s/%s", root, path);
	fd_remove_tree(AT_FDCWD, full, NULL);
}

static struct task_path *open_path(const char *name)
{
	struct err err;
	STRING_AUTO full = mem_format("%s/%s", root, name);
	struct task_path *path = task_path_new(full, &err);
	if (!path)
		printf("# %s\n", err.text);
	return path;
}

/* What loading a task says, without the folder of this test in it. The caller frees. */
static char *problem_of(const char *place, const char *id)
{
	struct err err = {0};
	struct task_path *path = open_path(place);
	const struct task *task = task_find(path, id, &err);
	const char *text = strncmp(err.text, root, strlen(root)) ? err.text : err.text + strlen(root) + 1;
	char *problem = mem_string(task ? "loaded" : text);
	task_path_free(path);
	return problem;
}

static void digest_of_task(const char *place, const char *id, char digest[DIGEST_TEXT])
{
	struct err err = {0};
	struct task_path *path = open_path(place);
	const struct task *task = task_find(path, id, &err);
	memcpy(digest, task ? task->digest : "none", task ? DIGEST_TEXT : 5);
	if (!task)
		printf("# %s\n", err.text);
	task_path_free(path);
}

/* --- the schema ---------------------------------------------------------- */

/* The base definition with one field set (value NULL: taken out). Returns the error, "" if there is none. */
static const char *check_with(const char *key, const char *value, bool inlined)
{
	static struct err err;
	JSON_AUTO given = parse(TASK);
	json definition;
	err = (struct err){0};
	if (value)
		json_set(&given, key, parse(value));
	else
		json_delete(&given, key);
	if (task_schema_check(given, "set/name", inlined, &definition, &err) == 0)
		json_free(&definition);
	return err.text;
}

struct schema_case {
	const char *key, *value, *message; /* message "": it is fine */
};

static void check_definitions(const struct schema_case *cases, size_t count, bool inlined)
{
	for (size_t i = 0; i < count; i++) {
		STRING_AUTO name = mem_format("%s %s", cases[i].key, cases[i].value ? cases[i].value : "missing");
		is_str(check_with(cases[i].key, cases[i].value, inlined), cases[i].message, name);
	}
}

static void test_tools(void)
{
	static const struct schema_case cases[] = {
	        {"tools", "[]", ".tools: must have 1 to 64 elements"},
	        {"tools",
	         "[\"fly\"]", ".tools[0]: must be one of: shell write_file read_file edit_file submit hint notebook sql; or an object that declares a tool"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\"}]",
	         ".tools: only an environment (.env.kind) has tools that a task declares"},
	        {"tools", "[{\"name\":\"go\"}]", ".tools[0].description: is missing"},
	        {"tools", "[{\"name\":\"a.b\",\"description\":\"Go.\"}]",
	         ".tools[0]: .name must be letters, digits, '_' and '-'"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\",\"main\":\"to\"}]",
	         ".tools[0]: .main is none of the properties of its parameters"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\",\"parameters\":{\"properties\":{\"n\":{\"type\":\"int\"}}}}]",
	         ".tools[0]: .parameters.properties.n must be an object, its type, if it has one, of: string number "
	         "integer boolean array object null; its enum an array that has a value"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\",\"parameters\":{\"required\":[\"n\"]}}]",
	         ".tools[0]: .parameters.required: n is none of its properties"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\",\"parameters\":{\"properties\":[]}}]",
	         ".tools[0]: .parameters.properties must be an object"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\",\"parameters\":{\"required\":\"n\"}}]",
	         ".tools[0]: .parameters.required must be an array"},
	        {"env", "{\"referee\":{\"command\":[\"a\"]}}", ".env.referee: is for the kind program"},
	        {"reward_range", "[1,0]",
	         ".reward_range: must be [LEAST, MOST], two different numbers of -1000000000 to 1000000000"},
	        {"tools", "[{\"name\":\"shell\",\"description\":\"Go.\"}]",
	         ".tools[0]: the name shell is that of a tool of pipegym's"},
	        {"tools", "[{\"name\":\"go\",\"description\":\"Go.\"},{\"name\":\"go\",\"description\":\"Go.\"}]",
	         ".tools: go is there twice"},
	        {"tools", "[{\"name\":\"sql_schema\",\"description\":\"Go.\"}]",
	         ".tools[0]: the name sql_schema is that of a tool of pipegym's"},
	        {"tools", "[\"notebook\",\"submit\"]", ""},
	        {"tools", "[\"sql\"]", ".env.sql: is missing, and the tool sql needs it"},
	};
	check_definitions(cases, sizeof cases / sizeof *cases, false);
}

static void test_fields(void)
{
	static const struct schema_case cases[] = {
	        {"title", NULL, ".title: is missing"},
	        {"title", "\"\"", ".title: must not be empty"},
	        {"title", "1", ".title: must be a string, not number"},
	        {"title", "null", ".title: must be a string, not null"},
	        {"title", "\"a\\nb\"", ".title: must be one line without control characters"},
	        {"title", "\"a\\u0000\"", ".title: must not hold a NUL"},
	        {"category", "\"a b\"", ".category: must be a name: letters, digits, '.', '_', '+' and '-', at most 64"},
	        {"category", "\"c++\"", ""},
	        {"difficulty", "\"eas\"", ".difficulty: must be one of: easy medium hard"},
	        {"difficulty", "\"easy medium\"", ".difficulty: must be one of: easy medium hard"},
	        {"split", "\"dev\"", ".split: must be one of: train test"},
	        {"prompt", "\"a\\nb\"", ""},
	        {"tags", "[\"a\",\"a\"]", ".tags: a is there twice"},
	        {"tags", "[\"a\",1]", ".tags[1]: must be a string, not number"},
	        {"tags", "\"a\"", ".tags: must be an array, not string"},
	        {"requires", "[\"/bin/sh\"]",
	         ".requires[0]: must be a name: letters, digits, '.', '_', '+' and '-', at most 100"},
	        {"env", "{\"sql\":{\"rows\":5}}", ".env.sql.database: is missing"},
	        {"env", "{\"sql\":{\"database\":\"../a\"}}",
	         ".env.sql.database: must be a relative path without empty, '.' and '..' components"},
	        {"env", "{\"kind\":\"jq\"}", ".tools: shell needs a box, and the jq kind has none"},
	        {"reward", "\"some\"", ".reward: must be \"all\", \"weighted\" or {\"jq\": PROGRAM}"},
	        {"attempts", "0", ".attempts: must be a whole number of 1 to 1000"},
	        {"attempts", "1.5", ".attempts: must be a whole number of 1 to 1000"},
	        {"limits", "{\"steps\":0}", ".limits.steps: must be a whole number of 1 to 100000"},
	        {"limits", "{\"steps\":\"5\"}", ".limits.steps: must be a whole number of 1 to 100000"},
	        {"limits", "{\"step_s\":0.5}", ""},
	        {"limits", "{\"step\":1}", ".limits.step: unknown key"},
	        {"limits", "[]", ".limits: must be an object, not array"},
	        {"env", "{\"kind\":\"vm\"}", ".env.kind: must be one of: shell jq program"},
	        {"env", "{\"cwd\":\"work\"}", ".env.cwd: must be an absolute path without empty, '.' and '..' components"},
	        {"env", "{\"cwd\":\"/a/../b\"}", ".env.cwd: must be an absolute path without empty, '.' and '..' components"},
	        {"env", "{\"cwd\":\"/usr/x\"}", ".env.cwd: must not be in /usr"},
	        {"env", "{\"cwd\":\"/users\"}", ""},
	        {"env", "{\"cwd\":\"/home\"}", ".env.cwd: must not be the agent's home (/home/agent), hold it or lie in it"},
	        {"env", "{\"cwd\":\"/home/agent/.local\"}",
	         ".env.cwd: must not be the agent's home (/home/agent), hold it or lie in it"},
	        {"env", "{\"cwd\":\"/home/agents\"}", ""},
	        {"env", "{\"network\":\"all\"}", ".env.network: must be one of: none loopback"},
	        {"env", "{\"merge_output\":1}", ".env.merge_output: must be true or false"},
	        {"source", "{\"any thing\":[1]}", ""},
	        {"meta", "1", ".meta: must be an object, not number"},
	        {"titel", "\"x\"", ".titel: unknown key"},
	        {"a b", "1", ".[\"a b\"]: unknown key"},
	        {"\x1b[31m", "1", ".[\"\\u001b[31m\"]: unknown key"},
	        {"id", "\"set/name\"", ""},
	        {"id", "\"set/other\"", ".id: must be \"set/name\", as its place says"},
	        {"files", "{}", ".files: unknown key"},
	        {"name", "\"name\"", ".name: unknown key"},
	};
	check_definitions(cases, sizeof cases / sizeof *cases, false);
}

static void test_inline_fields(void)
{
	static const struct schema_case cases[] = {
	        {"name", "\"name\"", ""},
	        {"name", "\"other\"", ".name: must be \"name\", as in .id"},
	        {"files",
	         "{\"a\":\"x\",\"b/c\":{\"text\":\"\",\"executable\":true},\"l\":{\"link\":\"/any/where\"},"
	         "\"d\":{\"folder\":true}}",
	         ""},
	        {"files", "{\"../a\":\"x\"}",
	         ".files[\"../a\"]: must be a relative path without empty, '.' and '..' components"},
	        {"files", "{\"/a\":\"x\"}", ".files[\"/a\"]: must be a relative path without empty, '.' and '..' components"},
	        {"files", "{\"a\":1}", ".files.a: must be an object, not number"},
	        {"files", "{\"a\":{}}", ".files.a: must have one of \"text\", \"link\", \"folder\": true"},
	        {"files", "{\"a\":{\"text\":\"\",\"link\":\"b\"}}",
	         ".files.a: must have one of \"text\", \"link\", \"folder\": true"},
	        {"files", "{\"a\":{\"folder\":true,\"executable\":true}}",
	         ".files.a: only a file with \"text\" can be executable"},
	        {"files", "{\"a\":{\"text\":1}}", ".files.a: \"text\" must be a string"},
	        {"workspaces", "{\"a\":\"x\"}", ".workspaces: there are none in .env.workspaces"},
	        {"files", "{\"a\":\"x\",\"a/b\":\"y\"}", ".files[\"a/b\"]: is below a file that is no folder"},
	        {"files", "{\"a\":{\"folder\":true},\"a/b\":\"y\"}", ""},
	        {"tests", "{\"a\":{\"mode\":1}}", ".tests.a.mode: unknown key"},
	        {"setup", "1", ".setup: must be a string, not number"},
	        {"solution", "[\"ls\",{\"tool\":\"submit\"}]", ""},
	        {"solution", "[\"ls\",1]", ".solution: action 2 must be a string or an object, not number"},
	        {"solution", "\"ls\"", ".solution: must be an array of actions"},
	        {"cheats", "{\"a\":[\"ls\"]}", ""},
	        {"cheats", "{\"a/b\":[]}", ".cheats[\"a/b\"]: is no name of a cheat"},
	        {"cheats", "{\"a\":[null]}", ".cheats.a: action 1 must be a string or an object, not null"},
	};
	check_definitions(cases, sizeof cases / sizeof *cases, true);
}

static void test_checks(void)
{
	static const char *const cases[][2] = {
	        {"[]", ".checks: must have 1 to 256 elements"},
	        {"{}", ".checks: must be an array, not object"},
	        {"[1]", ".checks[0]: must be an object, not number"},
	        {"[{\"name\":\"n\"}]", ".checks[0].type: is missing, or no string"},
	        {"[{\"name\":\"n\",\"type\":\"x\"}]", ".checks[0].type: there is no check of type \"x\""},
	        {"[{\"type\":\"file\",\"path\":\"a\"}]", ".checks[0].name: is missing"},
	        {"[{\"name\":\"n\",\"type\":\"file\"}]", ".checks[0].path: is missing"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"/etc/passwd\"}]",
	         ".checks[0].path: /etc/passwd is in no workspace"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"a\",\"weight\":-1}]",
	         ".checks[0].weight: must be a number of 0 to 1000000"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"a\",\"mode\":\"rwx\"}]",
	         ".checks[0].mode: must be 3 or 4 octal digits"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"a\",\"sha256\":\"AB\"}]",
	         ".checks[0].sha256: must be 64 lower-case hexadecimal digits"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"a\",\"content\":{\"equal\":1}}]",
	         ".checks[0].content.equal: unknown text condition"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"a\",\"exists\":false,\"content\":\"a\"}]",
	         ".checks[0].content: cannot be asked of what must not exist"},
	        {"[{\"name\":\"n\",\"type\":\"file\",\"path\":\"a\",\"kind\":\"directory\",\"content\":\"a\"}]",
	         ".checks[0].content: can be asked of regular files only"},
	        {"[{\"name\":\"n\",\"type\":\"command\",\"command\":[]}]",
	         ".checks[0].command: must have 1 to 60 elements"},
	        {"[{\"name\":\"n\",\"type\":\"command\",\"command\":[\"a\",1]}]",
	         ".checks[0].command[1]: must be a string, not number"},
	        {"[{\"name\":\"n\",\"type\":\"command\",\"command\":{}}]",
	         ".checks[0].command: must be a string or an array of strings"},
	        {"[{\"name\":\"n\",\"type\":\"command\",\"command\":\"a\",\"exit\":256}]",
	         ".checks[0].exit: must be a whole number of 0 to 255, or null"},
	        {"[{\"name\":\"n\",\"type\":\"command\",\"command\":\"a\",\"timeout_s\":0}]",
	         ".checks[0].timeout_s: must be a number of 0.1 to 3600"},
	        {"[{\"name\":\"n\",\"type\":\"command\",\"command\":\"a\",\"exit\":null,\"stdin\":\"\",\"stderr\":\"\"}"
	         "]",
	         ""},
	        {"[{\"name\":\"n\",\"type\":\"answer\"}]", ".checks[0].answer: is missing"},
	        {"[{\"name\":\"n\",\"type\":\"output\"}]",
	         ".checks[0]: needs \"stdout\" or \"stderr\", or else \"compare\""},
	        {"[{\"name\":\"n\",\"type\":\"output\",\"stderr\":\"a\",\"path\":\"a\"}]",
	         ".checks[0].path: unknown key"},
	        {"[{\"name\":\"n\",\"type\":\"answer\",\"answer\":\"a\"},{\"name\":\"n\",\"type\":\"output\","
	         "\"stdout\":\"a\"}]",
	         ".checks[1]: has the same name as .checks[0]"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_str(check_with("checks", cases[i][0], false), cases[i][1], cases[i][0]);
}

/* The fields of a type, without name and type, and what is wrong with them. */
static void test_check_fields(void)
{
	static const char *const cases[][2] = {
	        {"output\",\"stdout\":\"a\",\"text\":\"b\"", ".checks[0]: has \"text\" without \"compare\""},
	        {"output\",\"compare\":\"exact\",\"text\":\"a\",\"gold\":[]",
	         ".checks[0]: has both \"text\" and \"gold\""},
	        {"file\",\"path\":\"/../a\"", ".checks[0].path: must be a path without empty, '.' and '..' components"},
	        {"cases\",\"command\":\"a\",\"cases\":1",
	         ".checks[0].cases: must be an array or the name of a file, not number"},
	        {"cases\",\"command\":\"a\",\"cases\":\"/a\"",
	         ".checks[0].cases: must be a relative path without empty, '.' and '..' components"},
	        {"cases\",\"command\":\"a\",\"cases\":\"tests/a\"", ".checks[0].cases: must not be in tests"},
	        {"python\",\"asserts\":[\"a\"],\"names\":[\"1a\"]",
	         ".checks[0].names[0]: must be an identifier of Python's, of ASCII letters"},
	        {"sql\",\"file\":\"f\",\"databases\":[{\"schema\":\"a\",\"rows\":[[true]]}]",
	         ".checks[0].databases[0].rows[0][0]: must be null, a number or a string, not boolean"},
	        {"sql\",\"file\":\"f\",\"databases\":[{\"schema\":\"a\",\"tests\":\"b\"}]",
	         ".checks[0].databases[0]: must have one of \"tests\", \"schema\", \"workspace\""},
	        {"sql\",\"file\":\"f\",\"query\":\"q\",\"databases\":[\"a\"]",
	         ".checks[0]: has both \"query\" and \"file\""},
	        {"sql\",\"file\":\"f\",\"databases\":[\"a\"]",
	         ".checks[0].databases[0]: needs \"rows\", or the check \"gold\""},
	        {"sql\",\"query\":\"q\",\"databases\":[{\"workspace\":\"a\"}]",
	         ".checks[0].databases[0]: needs \"rows\", since it is the agent's own"},
	        {"sql\",\"file\":\"f\",\"databases\":[{\"workspace\":\"a\",\"rows\":[[1]]}]",
	         ".checks[0].databases[0]: cannot be of the workspace, unless the query is the task's"},
	        {"sql\",\"query\":\"q\",\"gold\":\"g\",\"databases\":[\"a\"]",
	         ".checks[0].databases[0]: must be of the workspace, since the query is the task's"},
	        {"sql\",\"file\":\"f\",\"gold\":\"g\",\"compare\":\"iou\",\"databases\":[{\"schema\":\"a\",\"rows\":[["
	         "1]]}]",
	         ".checks[0].databases[0]: \"iou\" compares with what \"gold\" gives, not with \"rows\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		STRING_AUTO list = mem_format("[{\"name\":\"n\",\"type\":\"%s}]", cases[i][0]);
		is_str(check_with("checks", list, false), cases[i][1], cases[i][0]);
	}
}

static void is_dumped(json value, const char *expected, const char *name)
{
	BUF_AUTO text = {0};
	json_dump(value, false, &text, NULL);
	is_str(buf_string(&text), expected, name);
}

static void test_defaults(void)
{
	struct err err;
	JSON_AUTO given = parse(TASK);
	JSON_AUTO definition = json_none();
	JSON_AUTO again = json_none();
	is_int(task_schema_check(given, "set/name", false, &definition, &err), 0, "a minimal definition");
	is_str(json_get_string(definition, "id"), "set/name", "it gets its id");
	is_str(json_get_string(definition, "split"), "train", "split");
	is_dumped(json_get(definition, "limits"),
	          "{\"steps\":50,\"step_s\":10,\"total_s\":3600,\"memory_mib\":512,\"disk_mib\":64,\"processes\":128,"
	          "\"output_kib\":64}",
	          "limits");
	is_dumped(json_get(definition, "env"),
	          "{\"kind\":\"shell\",\"shell\":\"/bin/bash\",\"cwd\":\"/workspace\",\"network\":\"loopback\","
	          "\"background\":\"keep\",\"merge_output\":false}",
	          "env");
	is_dumped(json_get(definition, "checks"),
	          "[{\"name\":\"n\",\"type\":\"file\",\"weight\":1,\"path\":\"a\",\"exists\":true}]", "checks");
	is_dumped(json_get(definition, "hints"), "[]", "hints");
	is_str(json_get_string(definition, "reward"), "all", "reward");
	is_int((int)json_get_number(definition, "attempts", 0), 1, "attempts");
	is_int(task_schema_check(definition, "set/name", false, &again, &err), 0, "with defaults it is still right");
	ok(json_equal(definition, again), "and stays what it is");
	json tools = json_get(definition, "tools");
	for (int i = 0; i < json_length(tools); i++)
		ok(tool_find(json_string(json_at(tools, i))) != NULL,
		   "each tool of the schema is in the table of tools");
	static const char *const types[] = {"file", "command", "answer", "output"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		ok(check_find(types[i]) != NULL, "each type of the schema is in the table of checks");
}

/* --- the search path --------------------------------------------------------- */

static void test_path(void)
{
	struct err err = {0};
	make_folder("one");
	make_folder("two");
	write_file("one/s/a/task.json", "{" BASE ",\"tags\":[\"first\"]}");
	write_file("two/s/a/task.json", "{" BASE ",\"tags\":[\"second\"]}");
	write_file("two/s/b/task.json", TASK);
	STRING_AUTO list = mem_format("%s/one:%s/two", root, root);
	struct task_path *path = task_path_new(list, &err);
	const struct task *a = task_find(path, "s/a", &err), *b = task_find(path, "s/b", &err);
	ok(a && b, "tasks in two folders");
	is_str(a ? json_string(json_at(json_get(a->definition, "tags"), 0)) : NULL, "first", "the first folder wins");
	ok(task_find(path, "s/a", &err) == a, "the same again");
	ok(!task_find(path, "s/c", &err) && err.code == ERR_INPUT, "an unknown one");
	is_str(err.text, "no such task: s/c", "it says so");
	static const char *const bad[] = {"s",    "s/",     "/s",      "s/a/b", "../one/s/a", "s/../s",
	                                  "s/.a", "s/a\nb", "s/a\xff", "-s/a",  "",           "s//a",
	                                  "s/a ", "s+/a",   ".",       "s/.",   "./s/../s"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!task_find(path, bad[i], &err) && !strncmp(err.text, "no id of a task", 15), "no id");
	int64_t start = num_now_ms();
	for (int i = 0; i < 10000; i++)
		task_find(path, "s/a", &err);
	ok(num_now_ms() - start < 4000, "finding one again is quick");
	task_path_free(path);

	ok(!task_path_new("/nowhere/at/all", &err) && err.code == ERR_INPUT, "a folder that is not there");
	is_str(err.text, "task path: /nowhere/at/all: no such folder", "it says so");
	setenv("PIPEGYM_TASKS", "/nowhere/else", 1);
	ok(!task_path_new(NULL, &err) && err.code == ERR_INPUT, "or is not there by the variable");
	setenv("PIPEGYM_TASKS", list, 1);
	path = task_path_new(NULL, &err);
	ok(path && task_find(path, "s/b", &err), "the variable is a list");
	task_path_free(path);
	unsetenv("PIPEGYM_TASKS");
	path = task_path_new(NULL, &err);
	ok(path != NULL, "defaults need not be there");
	task_path_free(path);
	remove_tree("one");
	remove_tree("two");
}

static const struct task *thread_task;

static void *find_in_thread(void *path)
{
	struct err err;
	thread_task = task_find(path, "s/a", &err);
	return NULL;
}

static void test_threads(void)
{
	struct err err;
	pthread_t thread;
	write_file("one/s/a/task.json", TASK);
	struct task_path *path = open_path("one");
	const struct task *mine = task_find(path, "s/a", &err);
	pthread_create(&thread, NULL, find_in_thread, path);
	pthread_join(thread, NULL);
	ok(mine && thread_task && mine != thread_task, "another thread gets a task of its own");
	is_str(thread_task->digest, mine->digest, "the same one");
	task_path_free(path);
	remove_tree("one");
}

struct names {
	struct buf text;
	const char *only; /* set that is wanted */
	int stop_after;
};

static bool wants(const char *id, void *context)
{
	struct names *names = context;
	return !names->only || !strncmp(id, names->only, strlen(names->only));
}

static int collect(const struct task *task, const struct err *err, void *context)
{
	struct names *names = context;
	if (task)
		buf_add_format(&names->text, "%s\n", task->id);
	else
		buf_add_format(&names->text, "! %s\n", err->text + strlen(root) + 1);
	return --names->stop_after == 0;
}

static void is_listing(const char *place, const char *only, int stop_after, const char *expected, const char *name)
{
	struct err err;
	struct names names = {.only = only, .stop_after = stop_after};
	struct task_path *path = open_path(place);
	is_int(task_each(path, wants, collect, &names, &err), 0, name);
	is_str(buf_string(&names.text), expected, name);
	buf_free(&names.text);
	task_path_free(path);
}

static void test_listing(void)
{
	write_file("one/b/two/task.json", TASK);
	write_file("one/b/one/task.json", TASK);
	write_file("one/b/One/task.json", TASK);
	write_file("one/b/broken/task.json", "{");
	write_file("one/b/no-task/README", "");
	write_file("one/b/.hidden/task.json", TASK);
	write_file("one/b/bad name/task.json", TASK);
	write_file("one/README", "");
	write_file("one/a.jsonl", "{\"name\":\"y\"," BASE "}\n"
	                          "{\"id\":\"a/x\"," BASE "}\n"
	                          "{" BASE "}\n"
	                          "\n"
	                          "{\"name\":\"y\"," BASE "}\n"
	                          "{\"name\":\"\\u007a\"," BASE "}");
	write_file("one/b.jsonl", "{\"name\":\"one\"," BASE "}\n{\"name\":\"three\",\"x\":{\"name\":\"no\"}}\n");
	is_listing("one", NULL, 0,
	           "! one/a.jsonl:3: .name: is missing\n"
	           "! one/a.jsonl:4: empty line\n"
	           "a/x\n"
	           "a/y\n"
	           "! one/a.jsonl:5: .name: is also on line 1\n"
	           "a/z\n"
	           "b/One\n"
	           "! one/b/bad name/task.json: its place makes no id of a task: SET and NAME are up to 64 letters, "
	           "digits, '.', '_' and '-', the first a letter or digit\n"
	           "! one/b/broken/task.json: invalid JSON: a key expected at the end\n"
	           "b/one\n"
	           "! one/b.jsonl:2: .x: unknown key\n"
	           "b/two\n",
	           "all, in order, with what is broken in its place");
	is_listing("one", "b/t", 0, "! one/b.jsonl:2: .x: unknown key\nb/two\n", "those that are wanted");
	is_listing("one", "b/o", 1, "b/one\n", "until the visitor has enough");
	STRING_AUTO why = problem_of("one", "b/broken");
	is_str(why, "one/b/broken/task.json: invalid JSON: a key expected at the end", "a broken one is found as broken");
	STRING_AUTO no_task = problem_of("one", "b/no-task");
	is_str(no_task, "no such task: b/no-task", "a folder without task.json is none");
	STRING_AUTO escaped = problem_of("one", "a/z");
	is_str(escaped, "loaded", "a name with escapes");
	remove_tree("one");
}

static void test_set(void)
{
	struct err err;
	struct task_line *line;
	STRING_AUTO full = mem_format("%s/set.jsonl", root);
	char *space = malloc(65u << 20);
	memset(space, ' ', 65u << 20);
	int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	fd_write_all(fd, "{\"name\":\"a\"}\n", 13, NULL);
	fd_write_all(fd, space, 65u << 20, NULL);
	fd_write_all(fd, "\n{\"meta\":{\"name\":\"no\"},\"id\":\"set/b\"}", 37, NULL);
	fd_close(&fd);
	free(space);
	struct task_set *set = task_set_open(AT_FDCWD, full, &err);
	is_int(set ? (int)set->count : -1, 3, "three lines, one of them too long");
	BUF_AUTO text = {0};
	line = (struct task_line *)task_set_find(set, "b");
	ok(line && line->number == 3 && task_set_read(set, line, &text, &err) == 0, "the last one without newline");
	is_str(buf_string(&text), "{\"meta\":{\"name\":\"no\"},\"id\":\"set/b\"}", "its bytes");
	ok(!task_set_find(set, "no"), "a name further inside is none");
	ok(task_set_read(set, &set->lines[0], &text, &err) < 0 && !strcmp(err.text, "line longer than 64 MiB"),
	   "the long one");
	ok(truncate(full, 3) == 0 && task_set_read(set, line, &text, &err) < 0, "of a file that was cut");
	is_str(err.text, "the file has become shorter", "nothing is made up");
	task_set_free(set);
	ok(!task_set_open(AT_FDCWD, "/nowhere/set.jsonl", &err) && err.code == ERR_NONE, "no file is no error");
	ok(!task_set_open(AT_FDCWD, "/dev/null", &err) && err.code == ERR_INPUT, "a device is");
	unlink(full);
}

/* --- files ---------------------------------------------------------------------- */

static int describe(const struct task_file *file, void *context, struct err *err)
{
	(void)err;
	buf_add_format(context, "%s%s%s%s%.*s\n", file->path,
	               file->folder ? "/"
	               : file->link ? " -> "
	                            : "",
	               file->link ? file->link : "", file->executable ? "* " : " ", (int)file->len,
	               file->data ? file->data : "");
	return 0;
}

static void is_files(const struct task *task, const char *part, const char *expected, const char *name)
{
	struct err err = {0};
	BUF_AUTO text = {0};
	if (task_files(task, part, describe, &text, &err) < 0)
		buf_add_format(&text, "! %s",
		               strncmp(err.text, root, strlen(root)) ? err.text : err.text + strlen(root) + 1);
	is_str(buf_string(&text), expected, name);
}

static void test_files(void)
{
	struct err err = {0};
	static const char files[] = "a/ \na/b c\na/d/ \na-b* run\na.txt one\nlink -> ../../../etc/passwd \n";
	write_file("one/s/a/task.json", TASK);
	write_file("one/s/a/files/a/b", "c");
	write_file("one/s/a/files/a-b", "run");
	write_file("one/s/a/files/a.txt", "one");
	make_folder("one/s/a/files/a/d");
	STRING_AUTO program = mem_format("%s/one/s/a/files/a-b", root);
	STRING_AUTO link = mem_format("%s/one/s/a/files/link", root);
	ok(chmod(program, 0755) == 0 && symlink("../../../etc/passwd", link) == 0, "files of every kind");
	write_file("one/i.jsonl",
	           "{\"name\":\"a\"," BASE ",\"files\":{\"link\":{\"link\":\"../../../etc/passwd\"},\"a.txt\":\"one\","
	           "\"a-b\":{\"text\":\"run\",\"executable\":true},\"a/d\":{\"folder\":true},\"a/b\":\"c\"}}\n");
	struct task_path *path = open_path("one");
	const struct task *folder = task_find(path, "s/a", &err), *line = task_find(path, "i/a", &err);
	ok(folder && line, "two tasks");
	is_files(folder, "files", files, "a folder's files, a link as a link");
	is_files(line, "files", files, "the same inside a line");
	is_files(folder, "tests", "", "no tests");
	is_files(line, "tests", "", "no tests inside a line");
	task_path_free(path);
	remove_tree("one");
}

static void test_digest(void)
{
	char first[DIGEST_TEXT], second[DIGEST_TEXT];
	STRING_AUTO file = mem_format("%s/one/s/a/files/x", root);
	STRING_AUTO other = mem_format("%s/one/s/a/files/y", root);
	struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	write_file("one/s/a/task.json", TASK);
	write_file("one/s/a/files/x", "1");
	digest_of_task("one", "s/a", first);
	is_int((int)strlen(first), 71, "a digest");
	utimensat(AT_FDCWD, file, times, 0);
	digest_of_task("one", "s/a", second);
	is_str(second, first, "time does not count");
	chmod(file, 0755);
	digest_of_task("one", "s/a", second);
	ok(strcmp(first, second) != 0, "the executable bit counts");
	chmod(file, 0640);
	digest_of_task("one", "s/a", second);
	is_str(second, first, "other bits do not");
	write_file("one/s/a/files/x", "2");
	digest_of_task("one", "s/a", second);
	ok(strcmp(first, second) != 0, "content counts");
	write_file("one/s/a/files/x", "1");
	ok(rename(file, other) == 0, "renamed");
	digest_of_task("one", "s/a", second);
	ok(strcmp(first, second) != 0, "names count");
	ok(rename(other, file) == 0, "and back");
	write_file("one/s/a/solution.jsonl", "\"ls\"\n");
	digest_of_task("one", "s/a", second);
	ok(strcmp(first, second) != 0, "the solution counts");
	remove_tree("one");
}

/* Loading s/a ends with this message. Afterwards there is a sound task again. */
static void is_problem(const char *expected, const char *name)
{
	STRING_AUTO problem = problem_of("one", "s/a");
	size_t len = strlen(problem), end = strlen(expected);
	is_str(len > end ? problem + len - end : problem, expected, name);
	remove_tree("one");
	write_file("one/s/a/task.json", TASK);
}

/* Whatever a folder holds, nothing outside it is read and nothing is waited for. */
static void test_hostile(void)
{
	STRING_AUTO folder = mem_format("%s/one/s/a", root);
	STRING_AUTO definition = mem_format("%s/task.json", folder);
	STRING_AUTO files = mem_format("%s/files", folder);
	STRING_AUTO inside = mem_format("%s/files/x", folder);
	write_file("one/s/a/task.json", TASK);
	write_file("outside.json", TASK);
	unlink(definition);
	ok(symlink("../../../outside.json", definition) == 0, "task.json leads out");
	is_problem("one/s/a/task.json: symbolic links are not followed", "it is not followed");
	unlink(definition);
	ok(mkfifo(definition, 0644) == 0, "task.json is a FIFO");
	is_problem("one/s/a/task.json: not a regular file", "it is not waited for");
	unlink(definition);
	ok(mkdir(definition, 0755) == 0, "task.json is a folder");
	is_problem("one/s/a/task.json: not a regular file", "it is refused");
	write_file("one/s/a/task.json", "{\"title\":\"\xff\"}");
	is_problem("one/s/a/task.json: invalid UTF-8 at byte 11", "bytes that are no text");
	write_file("one/s/a/task.json", " \n");
	is_problem("one/s/a/task.json: empty file", "nothing");
	ok(truncate(definition, (1 << 20) + 1) == 0, "task.json is too long");
	is_problem("one/s/a/task.json: longer than 1048576 bytes", "it is refused");

	make_folder("one/s/a/files");
	ok(mkfifo(inside, 0644) == 0, "a FIFO in files");
	is_problem("one/s/a: files/x: neither a file nor a folder nor a symbolic link", "it is refused");
	write_file("one/s/a/files/x", "");
	ok(truncate(inside, (64 << 20) + 1) == 0, "a file that is too long");
	is_problem("one/s/a: files/x: longer than 67108864 bytes", "it is refused");
	for (int i = 0; i < 10001; i++) {
		if (i == 0)
			make_folder("one/s/a/files");
		STRING_AUTO full = mem_format("%s/%d", files, i);
		int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		fd_close(&fd);
	}
	is_problem(": more than 10000 files", "too many files are refused");
	BUF_AUTO deep = {0};
	buf_add_string(&deep, "one/s/a/files");
	for (int i = 0; i < 70; i++)
		buf_add_string(&deep, "/d");
	make_folder(deep.data);
	is_problem(": more than 64 folders in each other", "too many folders are refused");

	struct err err = {0};
	ok(symlink("../..", files) == 0, "files itself leads out");
	struct task_path *path = open_path("one");
	const struct task *task = task_find(path, "s/a", &err);
	ok(task != NULL, "the task is there");
	is_files(task, "files", "! one/s/a/files: not a folder", "but has no such files");
	task_path_free(path);
	remove_tree("one");
	remove_tree("outside.json");
}

/* --- what else a task has ----------------------------------------------------------- */

static void test_parts(void)
{
	struct err err = {0};
	write_file("one/s/a/task.json",
	           "{" BASE ",\"hints\":[\"h\",\"i\"],\"requires\":[\"sh\",\"no-such-program\"],\"env\":{"
	           "\"background\":\"kill\"}}");
	write_file("one/s/a/solution.jsonl", "\"ls\"\n{\"tool\":\"submit\",\"args\":{}}\n");
	write_file("one/s/a/cheats/one.jsonl", "\"true\"\n");
	write_file("one/s/a/cheats/README", "");
	write_file("one/s/a/setup.sh", "touch x\n");
	write_file("one/s/b/task.json", TASK);
	write_file("one/s/c/task.json", TASK);
	write_file("one/s/c/solution.jsonl", "\"ls\"\n7\n");
	write_file("one/s/c/cheats/bad.jsonl", "{\n");
	write_file("one/s/c/setup.sh", "\xff");
	write_file("one/i.jsonl",
	           "{\"name\":\"a\"," BASE ",\"solution\":[\"ls\"],\"cheats\":{\"x\":[]},\"setup\":\"true\"}\n");
	struct task_path *path = open_path("one");
	const struct task *a = task_find(path, "s/a", &err), *b = task_find(path, "s/b", &err),
	                  *c = task_find(path, "s/c", &err), *line = task_find(path, "i/a", &err);
	ok(a && b && c && line, "four tasks");
	JSON_AUTO all = json_new_array();
	json part;
	const struct task *tasks[] = {a, b, line};
	for (size_t i = 0; i < 3; i++) {
		part = json_none();
		ok(task_solution(tasks[i], &part, &err) == 0, "a solution");
		json_append(&all, part);
		ok(task_cheats(tasks[i], &part, &err) == 0, "cheats");
		json_append(&all, part);
		ok(task_setup(tasks[i], &part, &err) == 0, "a setup");
		json_append(&all, json_is_none(part) ? json_new_null() : part);
	}
	is_dumped(all,
	          "[[\"ls\",{\"tool\":\"submit\",\"args\":{}}],{\"one\":[\"true\"]},\"touch x\\n\",[],{},null,[\"ls\"],"
	          "{\"x\":[]},\"true\"]",
	          "of a folder, of one without, of a line");
	ok(task_solution(c, &part, &err) < 0 && strstr(err.text, "one/s/c/solution.jsonl: line 2: an action must be"),
	   "a solution that is none");
	ok(task_cheats(c, &part, &err) < 0 && strstr(err.text, "one/s/c/cheats: bad.jsonl: line 1: invalid"),
	   "a cheat that is none");
	ok(task_setup(c, &part, &err) < 0 && strstr(err.text, "one/s/c/setup.sh: not a text"), "a setup that is none");
	is_str(task_missing(a), "no-such-program", "a program that is missing");
	is_str(task_missing(b), NULL, "none is");
	STRING_AUTO origin = mem_format("%s/one/i.jsonl:1", root);
	is_str(line->origin, origin, "a line's origin");
	JSON_AUTO record = task_record(a);
	json_delete(&record, "digest");
	json_delete(&record, "limits");
	is_dumped(record,
	          "{\"type\":\"task\",\"id\":\"s/"
	          "a\",\"title\":\"T\",\"category\":\"c\",\"difficulty\":\"easy\",\"split\":"
	          "\"train\",\"tags\":[],\"prompt\":\"P\",\"tools\":[\"shell\",\"write_file\",\"read_file\",\"edit_"
	          "file\","
	          "\"submit\"],\"requires\":[\"sh\",\"no-such-program\"],\"env\":{\"kind\":\"shell\",\"cwd\":\"/"
	          "workspace\","
	          "\"network\":\"loopback\"},\"hints\":2}",
	          "its record: nothing that grades");
	task_path_free(path);
	remove_tree("one");
}

int main(void)
{
	unsetenv("PIPEGYM_TASKS");
	if (!mkdtemp(root))
		return 1;
	test_fields();
	test_tools();
	test_inline_fields();
	test_checks();
	test_check_fields();
	test_defaults();
	test_path();
	test_threads();
	test_listing();
	test_set();
	test_files();
	test_digest();
	test_hostile();
	test_parts();
	fd_remove_tree(AT_FDCWD, root, NULL);
	return done_testing();
}
