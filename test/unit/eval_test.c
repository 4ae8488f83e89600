#include "eval.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "num.h"
#include "proc.h"
#include "stop.h"
#include "tap.h"
#include "value.h"

static struct eval *eval;

/* A program on an input has this output, as text. */
static void gives(const char *program, const char *input, const char *expected)
{
	struct err err = {0};
	BUF_AUTO text = {0};
	struct eval_result result;
	JSON_AUTO value = parse(input);
	struct eval_program request = {.owner = "a", .text = program};
	if (!ok(eval_run(eval, &request, value, &result, &err) == 0, program)) {
		printf("# %s\n", err.text);
		return;
	}
	if (result.kind == EVAL_OUTPUT)
		json_dump(result.output, false, &text, &err);
	else
		buf_add_string(&text, result.why);
	is_str(buf_string(&text), expected, "its output");
	json_free(&result.output);
}

/* A program has no output, for this reason; why holds the text. */
static void refused(const char *program, enum eval_kind kind, const char *why)
{
	struct err err = {0};
	struct eval_result result;
	JSON_AUTO value = parse("{\"a\":[1,2]}");
	struct eval_program request = {.owner = "a", .text = program, .time_ms = 1000};
	int64_t start = num_now_ms();
	int failed = eval_run(eval, &request, value, &result, &err);
	is_int(failed, 0, program);
	is_int(result.kind, kind, "why it has none");
	if (!ok(strstr(result.why, why) != NULL, why))
		printf("# %s\n", failed ? err.text : result.why);
	ok(num_now_ms() - start < 10000, "in time");
	json_free(&result.output);
}

static void test_outputs(void)
{
	gives(".a + 1", "{\"a\": 1}", "2");
	gives("# a comment\n. as [$x] | $x", "[\"\\u00e9\\u0000\"]", "\"\xc3\xa9\\u0000\"");
	gives("def f: .x; f", "{\"x\": {\"b\": 1, \"a\": [true, null, 0.1]}}", "{\"b\":1,\"a\":[true,null,0.1]}");
	gives("[limit(3; repeat(1))]", "null", "[1,1,1]");
	gives("{nan: nan, big: infinite}", "null", "{\"nan\":null,\"big\":1.7976931348623157e+308}");
	gives("@sh \"echo \\(.)\"", "\"a'b\"", "\"echo 'a'\\\\''b'\"");
	gives("try error(\"x\") catch .", "null", "\"x\"");
	refused("1 +", EVAL_COMPILE, "not a jq program: syntax error, unexpected ");
	refused(".a |\nfoo(1)", EVAL_COMPILE, "foo/1 is not defined at <top-level>, line 2");
	refused("empty", EVAL_NONE, "it has no output");
	refused("1, 2", EVAL_SEVERAL, "it has more than one output");
	refused("repeat(1)", EVAL_SEVERAL, "it has more than one output");
	refused("1, error(\"late\")", EVAL_RAISED, "it raised an error: late");
	refused("error({a: 1})", EVAL_RAISED, "it raised an error: {\"a\":1}");
	refused("error", EVAL_RAISED, "it raised an error: {\"a\":[1,2]}");
	refused(".a.b", EVAL_RAISED, "Cannot index array with string \"b\"");
	refused("reduce range(300) as $i (null; [.])", EVAL_UNFIT, "nested deeper than 256 levels");
	refused("\"x\" * 4096 * 4097", EVAL_UNFIT, "longer than 16 MiB");
}

static void test_texts(void)
{
	struct err err = {0};
	struct eval_program program = {.owner = "t", .text = ".a"};
	struct eval_result result;
	BUF_AUTO input = {0};
	buf_add_string(&input, "{\"a\":[1,\"\\u00e9\"]}");
	is_int(eval_run_text(eval, &program, &input, &result, &err), 0, "a text as input");
	is_str(json_string(json_at(result.output, 1)), "é", "is read");
	is_int((long)result.len, (long)strlen("[1,\"é\"]"), "the output has its length");
	json_free(&result.output);
	buf_add_char(&input, ',');
	is_int(eval_run_text(eval, &program, &input, &result, &err), -1, "one that is no JSON");
	is_int(err.code, ERR_SYSTEM, "is the caller's failure");
}

/* What would make an output depend on something else than the input, or have an effect. */
static void test_purity(void)
{
	setenv("SECRET", "leaked", 1);
	setenv("TZ", "Asia/Tokyo", 1);
	gives("[$ENV, env, ($ENV.SECRET | not)]", "1", "[{},{},true]");
	gives("0 | [localtime[3], (localtime | mktime), strflocaltime(\"%H %Z\"), todate]", "1",
	      "[0,0,\"00 UTC\",\"1970-01-01T00:00:00Z\"]");
	gives("debug | stderr", "1", "1");
	static const char *const refusals[] = {
	        "now",  "input",      "inputs",        "input_filename",    "input_line_number", "get_search_list",
	        "halt", "halt_error", "halt_error(1)", "\"a\" | modulemeta"};
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		refused(refusals[i], EVAL_RAISED, "is not for programs of tasks");
	refused("import \"x\" as x; 1", EVAL_COMPILE, "syntax error, unexpected import");
	refused("include \"x\"; 1", EVAL_COMPILE, "syntax error, unexpected include");
	refused("import \"/etc/passwd\" as $x; $x", EVAL_COMPILE, "syntax error");
	refused("$__prog_args", EVAL_COMPILE, "is not defined");
	/* Nor does a run leave anything to the next. */
	gives("[., (.[0] |= 5)]", "[1]", "[[1],[5]]");
	gives("[., (.[0] |= 5)]", "[1]", "[[1],[5]]");
}

/* One that no child is given. */
static void test_too_long(void)
{
	struct err err = {0};
	struct eval_result result;
	BUF_AUTO text = {0};
	while (text.len <= EVAL_PROGRAM_MAX)
		buf_add_string(&text, "# so long a comment that nobody reads it\n");
	struct eval_program request = {.owner = "a", .text = text.data};
	is_int(eval_run(eval, &request, json_none(), &result, &err), -1, "a program that is too long");
	is_int(err.code, ERR_INPUT, "is the input's fault");
	is_str(err.text, "a jq program of more than 1048576 bytes", "and why");
}

static void test_limits(void)
{
	refused("def f: f; f", EVAL_TIME, "it took too long");
	refused("last(range(1e12))", EVAL_TIME, "it took too long");
	refused("null | .[300000000] = 1", EVAL_MEMORY, "it took too much memory");
	refused("[300000000] as $p | null | setpath($p; 1) | getpath($p)", EVAL_MEMORY, "it took too much memory");
	gives(".", "1", "1");
	/* Whichever limit is met first. */
	static const char *const programs[] = {"[range(1e12)]",
	                                       "[][1e9] = 1",
	                                       "\"a\" * 1e10",
	                                       "[recurse([.])] | length",
	                                       "reduce range(1e6) as $i (null; [.]) | empty",
	                                       "def f: 1 + f; f",
	                                       "getpath([1e10, \"x\"])"};
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		struct err err = {0};
		struct eval_result result;
		struct eval_program request = {.owner = "a", .text = programs[i], .time_ms = 100};
		JSON_AUTO value = parse("[]");
		is_int(eval_run(eval, &request, value, &result, &err), 0, programs[i]);
		ok(result.kind != EVAL_OUTPUT || json_is_null(result.output), result.why);
		json_free(&result.output);
	}
	gives(".", "1", "1");
}

/* Processes that are children of this one. */
static int children(void)
{
	struct proc_table *table = proc_table_new();
	int count = proc_table_tree(table, getpid()).processes;
	proc_table_free(table);
	return count - 1;
}

static void run_once(const char *owner, const char *program, json input)
{
	struct err err;
	struct eval_result result;
	struct eval_program request = {.owner = owner, .text = program};
	if (eval_run(eval, &request, input, &result, &err) < 0 || result.kind != EVAL_OUTPUT)
		abort();
	json_free(&result.output);
}

static void test_children(void)
{
	char owner[8];
	JSON_AUTO value = json_new_number(1);
	int before = children();
	run_once("a", ".", value);
	is_int(children(), before, "one owner has the same child again");
	run_once("b", ".", value);
	is_int(children(), before + 1, "another has another");
	for (int i = 0; i < 8; i++) {
		snprintf(owner, sizeof owner, "o%d", i);
		run_once(owner, ".", value);
	}
	ok(children() <= before + 16 || children() <= 2 * sysconf(_SC_NPROCESSORS_ONLN), "there are not too many");
	/* More programs than are kept compiled. */
	bool right = true;
	for (int i = 0; i < 20; i++) {
		struct err err;
		struct eval_result result;
		char text[16];
		snprintf(text, sizeof text, ". + %d", i);
		struct eval_program request = {.owner = "o7", .text = text};
		right = eval_run(eval, &request, value, &result, &err) == 0 &&
		        json_number(result.output, -1) == i + 1 && right;
	}
	ok(right, "many programs");
}

static void *work(void *argument)
{
	const char *owner = argument;
	for (int i = 0; i < 50; i++) {
		struct err err;
		struct eval_result result;
		JSON_AUTO value = json_new_number(i);
		struct eval_program request = {.owner = owner, .text = ". * 2"};
		if (eval_run(eval, &request, value, &result, &err) < 0 || json_number(result.output, -1) != 2 * i)
			return argument;
	}
	return NULL;
}

static void test_threads(void)
{
	static char owners[8][2] = {"t", "t", "u", "v", "t", "u", "t", "t"};
	pthread_t threads[8];
	void *failed = NULL;
	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, work, owners[i]);
	for (int i = 0; i < 8; i++) {
		void *result;
		pthread_join(threads[i], &result);
		failed = result ? result : failed;
	}
	ok(!failed, "eight threads");
}

/* A megabyte and more, both ways; and how fast small ones are is told. */
static void test_sizes(void)
{
	struct err err = {0};
	struct eval_result result;
	BUF_AUTO text = {0};
	for (int i = 0; i < (8 << 20); i++)
		buf_add_char(&text, (char)('a' + i % 26));
	JSON_AUTO value = json_new_text(text.data, text.len);
	struct eval_program request = {.owner = "a", .text = "."};
	is_int(eval_run(eval, &request, value, &result, &err), 0, "8 MiB in and out");
	ok(json_equal(value, result.output), "are the same");
	json_free(&result.output);
	JSON_AUTO small = parse("{\"state\": {\"word\": \"crane\", \"guesses\": [\"stone\"]}, \"action\": \"plane\"}");
	int64_t start = num_now_us();
	for (int i = 0; i < 2000; i++)
		run_once("a", "{state: (.state | .guesses += [\"x\"]), reward: 0, done: false}", small);
	printf("# %.0f small ones a second\n", 2000e6 / (double)(num_now_us() - start));
}

/* The only child of this process. */
static pid_t only_child(void)
{
	char path[64], text[64] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	if (!file || !fgets(text, sizeof text, file))
		abort();
	fclose(file);
	return (pid_t)atoi(text);
}

/* Ticks of processor time that a process has had; -1: none is there. */
static long ticks(pid_t pid)
{
	char path[64];
	long used = -1;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld", &used) != 1)
		used = -1;
	fclose(file);
	return used;
}

struct killing {
	pid_t pid;
	int signal;
};

/* Kills a child once it computes. */
static void *kill_busy(void *argument)
{
	const struct killing *killing = argument;
	long idle = ticks(killing->pid);
	for (int i = 0; i < 10000 && ticks(killing->pid) < idle + 5; i++)
		usleep(1000);
	kill(killing->pid, killing->signal);
	return NULL;
}

/* What becomes of a program whose child gets a signal while it runs. */
static int killed(int signal, struct eval_result *result, struct err *err)
{
	pthread_t thread;
	JSON_AUTO value = json_new_number(1);
	struct eval_program request = {.owner = "a", .text = "last(range(1e12))", .time_ms = 60000};
	struct eval *other = eval_new();
	struct eval_program first = {.owner = "a", .text = "."};
	if (eval_run(other, &first, value, result, err) < 0)
		abort();
	struct killing killing = {.pid = only_child(), .signal = signal};
	pthread_create(&thread, NULL, kill_busy, &killing);
	int failed = eval_run(other, &request, value, result, err);
	pthread_join(thread, NULL);
	eval_free(other);
	return failed;
}

static void test_deaths(void)
{
	siginfo_t info;
	struct err err = {0};
	struct eval_result result;
	JSON_AUTO value = json_new_number(1);
	gives(".", "1", "1");
	pid_t child = only_child();
	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	gives(".", "2", "2");
	eval_free(eval);
	is_int(killed(SIGSEGV, &result, &err), 0, "a crash");
	is_int(result.kind, EVAL_CRASHED, "is the program's");
	is_int(killed(SIGKILL, &result, &err), -1, "a kill from outside");
	is_int(err.code, ERR_SYSTEM, "is not");
}

static void test_infrastructure(void)
{
	struct err err = {0};
	struct eval_result result;
	JSON_AUTO value = json_new_number(1);
	struct eval_program request = {.owner = "a", .text = "."};
	setenv("PIPEGYM_LIBEXEC", "/nowhere", 1);
	struct eval *none = eval_new();
	is_int(eval_run(none, &request, value, &result, &err), -1, "no helper");
	is_int(err.code, ERR_SYSTEM, "is a failure of the system");
	is_str(err.text, "helper /nowhere/pipegym-jq: No such file or directory", "and says which");
	eval_free(none);
}

int main(void)
{
	stop_install();
	eval = eval_new();
	test_outputs();
	test_texts();
	test_purity();
	test_too_long();
	test_limits();
	test_children();
	test_threads();
	test_sizes();
	eval_free(eval);
	eval = eval_new();
	test_deaths();
	is_int(children(), 0, "no child is left");
	test_infrastructure();
	return done_testing();
}
