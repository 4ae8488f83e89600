#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "tap.h"

/* Each case runs in a child of its own: the module is the state of one program. */
static char out[65536], err_text[65536];

struct opts {
	unsigned count;
	bool keep, keen;
};

static const struct program_option options[] = {
        {'n', "count", "COUNT", "how many", PROGRAM_NUMBER(count, 1, 10)},
        {'k', "keep", NULL, "keep it", PROGRAM_FLAG(keep)},
        {0, "keen", NULL, "without a letter", PROGRAM_FLAG(keen)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	(void)operands;
	return opts->keen && opts->count == PROGRAM_NONE ? err_set(err, ERR_USAGE, "--keen needs --count") : 0;
}

static const struct program program = {
        .name = "prog", .synopsis = "[-k] [-n COUNT] [FILE...]", .summary = "Does it.", .options = options, .check = check};

static int parse_options(int argc, char **argv)
{
	struct opts opts = {.count = PROGRAM_NONE};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	printf("count %u keep %d keen %d\n", opts.count, opts.keep, opts.keen);
	for (char **operand = program_operands(); *operand; operand++)
		printf("operand:%s\n", *operand);
	if (program_quiet())
		printf("quiet\n");
	if (program_verbose())
		printf("verbose\n");
	program_note("a note");
	return program_finish(0);
}

static int print_records(int argc, char **argv)
{
	struct err err = {.code = ERR_INPUT, .text = "bad\033"};
	struct record line = {.value = json_none(), .number = 12};
	struct opts opts = {0};
	int status = 0;
	program_start(&program, argc, argv, &opts, &status);
	JSON_AUTO record = json_new_object(), deep = json_new_null();
	json_set_string(&record, "type", "other");
	program_print(record);
	program_print_line("{ }", 3);
	status = program_refuse(&line, "ep-1", &err);
	program_refuse(NULL, NULL, &err);
	for (int i = 0; i < 300; i++) {
		json outer = json_new_array();
		json_append(&outer, json_take(&deep));
		deep = outer;
	}
	program_print(deep);
	return program_finish(status);
}

static int pass_error(int argc, char **argv)
{
	static const char text[] = "{\"type\":\"error\", \"status\":4}";
	struct record record = {.line = text, .len = sizeof text - 1};
	struct opts opts = {0};
	int status = 0;
	program_start(&program, argc, argv, &opts, &status);
	json_parse(record.line, record.len, &record.value, NULL);
	program_fail(program_pass_error(&record));
	program_fail(ERR_NEGATIVE);
	record_free(&record);
	return program_finish(0);
}

static int stop_while_printing(int argc, char **argv)
{
	struct opts opts = {0};
	int status = 0;
	program_start(&program, argc, argv, &opts, &status);
	raise(SIGTERM);
	JSON_AUTO record = json_new_null();
	program_print(record);
	return program_finish(0);
}

static int start_without_descriptors(int argc, char **argv)
{
	char c;
	close(0);
	close(1);
	struct opts opts = {0};
	int status = 0;
	program_start(&program, argc, argv, &opts, &status);
	if (read(0, &c, 1) >= 0 || write(1, "x", 1) >= 0 || open("/dev/null", O_RDONLY) < 3)
		return 99;
	JSON_AUTO record = json_new_null();
	program_print(record);
	return program_finish(0);
}

static int print_nothing_without_descriptors(int argc, char **argv)
{
	close(1);
	struct opts opts = {0};
	int status = 0;
	program_start(&program, argc, argv, &opts, &status);
	return program_finish(0);
}

static void read_back(int fd, char *text, size_t size)
{
	BUF_AUTO buf = {0};
	fd_read_all(fd, size - 1, &buf, NULL);
	snprintf(text, size, "%s", buf_string(&buf));
}

/* What waitpid says of the program's process; its output is in out and err_text. stdout_path: NULL for a pipe, "" for
 * one that nobody reads. */
static int run(int (*body)(int, char **), const char *stdout_path, char **argv)
{
	int output[2], errors[2], status, argc = 0;
	while (argv && argv[argc])
		argc++;
	if (pipe2(output, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0)
		return -1;
	bool unread = stdout_path && !*stdout_path;
	if (unread)
		fd_close(&output[0]);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = stdout_path && !unread ? open(stdout_path, O_WRONLY | O_CLOEXEC) : output[1];
		fd_close(&output[0]);
		dup2(fd, 1);
		dup2(errors[1], 2);
		exit(body(argc, argv));
	}
	fd_close(&output[1]);
	fd_close(&errors[1]);
	read_back(output[0], out, sizeof out);
	read_back(errors[0], err_text, sizeof err_text);
	fd_close(&output[0]);
	fd_close(&errors[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define ARGV(...) ((char *[]){(char *)"x", __VA_ARGS__ __VA_OPT__(, ) NULL})
#define HINT "Try 'prog --help'.\n"

static void test_options(void)
{
	is_int(run(parse_options, NULL,
	           ARGV((char *)"-kn", (char *)"3", (char *)"file", (char *)"--keen", (char *)"-v", (char *)"--",
	                (char *)"-q")),
	       0, "options");
	is_str(out, "count 3 keep 1 keen 1\noperand:file\noperand:-q\nverbose\n", "are read");
	is_str(err_text, "prog: a note\n", "and notes written");
	run(parse_options, NULL, ARGV((char *)"-q"));
	is_str(err_text, "", "but not with -q");

	static const struct {
		const char *argument, *message;
	} wrong[] = {
	        {"-x", "prog: unknown option -- x\n" HINT},
	        {"-kx", "prog: unknown option -- x\n" HINT},
	        {"--foo", "prog: unknown option --foo\n" HINT},
	        {"--foo=1", "prog: unknown option --foo\n" HINT},
	        {"--kee", "prog: ambiguous option --kee\n" HINT},
	        {"--keep=1", "prog: option takes no argument --keep\n" HINT},
	        {"-n", "prog: option needs an argument --count\n" HINT},
	        {"--count", "prog: option needs an argument --count\n" HINT},
	        {"-n0", "prog: --count: '0' is not a whole number from 1 to 10\n" HINT},
	        {"--count=1x", "prog: --count: '1x' is not a whole number from 1 to 10\n" HINT},
	        {"--keen", "prog: --keen needs --count\n" HINT},
	        {"-\xff", "prog: unknown option -- \xef\xbf\xbd\n" HINT},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		is_int(run(parse_options, NULL, ARGV((char *)wrong[i].argument)), ERR_USAGE, wrong[i].argument);
		is_str(err_text, wrong[i].message, "its message");
		ok(!strstr(out, "operand"), "and no more");
	}
}

static void test_help(void)
{
	is_int(run(parse_options, NULL, ARGV((char *)"--help")), 0, "--help");
	is_str(out,
	       "Usage: prog [-k] [-n COUNT] [FILE...]\nDoes it.\n\nOptions:\n"
	       "  -n, --count COUNT  how many\n  -k, --keep         keep it\n      --keen         without a letter\n"
	       "      --json         print JSON Lines, also to a terminal\n"
	       "      --text         print for a person, also to a file\n"
	       "  -q, --quiet        no notes on standard error\n  -v, --verbose      more notes on standard error\n"
	       "  -h, --help         print this help\n  -V, --version      print the version\n\nSee prog(1).\n",
	       "its text");
	is_str(err_text, "", "nothing on standard error");
	is_int(run(parse_options, NULL, ARGV((char *)"-V")), 0, "-V");
	ok(!strncmp(out, "prog (pipegym) ", 15) && strchr(out, '\n') == out + strlen(out) - 1, "one line");
	is_int(run(parse_options, "/dev/full", ARGV((char *)"-h")), ERR_SYSTEM, "help for a full device");
	is_str(err_text, "prog: standard output: No space left on device\n", "is not lost silently");
}

static void test_print(void)
{
	is_int(run(print_records, NULL, ARGV()), ERR_INPUT, "the status of what was refused");
	is_str(out,
	       "{\"type\":\"other\"}\n{ "
	       "}\n{\"type\":\"error\",\"line\":12,\"episode\":\"ep-1\",\"reason\":\"bad\\u001b\",\"status\":3}\n"
	       "{\"type\":\"error\",\"reason\":\"bad\\u001b\",\"status\":3}\n"
	       "{\"type\":\"error\",\"reason\":\"nested deeper than 256 levels\",\"status\":3}\n",
	       "one line each");
	is_str(err_text, "prog: line 12: ep-1: bad^[\nprog: bad^[\nprog: nested deeper than 256 levels\n", "and messages");
	is_int(run(print_records, NULL, ARGV((char *)"--text")), ERR_INPUT, "for a person");
	ok(strstr(out, "}\n{}\nerror · line 12 · episode ep-1: bad^[\n") != NULL, "in words");
	is_int(run(print_records, "/dev/full", ARGV((char *)"--json")), ERR_SYSTEM, "a full device");
	ok(strstr(err_text, "prog: standard output: No space left on device\n") != NULL, "is told");
	is_int(run(pass_error, NULL, ARGV()), ERR_SYSTEM, "the status of a passed error");
	is_str(out, "{\"type\":\"error\", \"status\":4}\n", "and its bytes");
}

static void test_ends(void)
{
	is_int(run(stop_while_printing, NULL, ARGV()), -SIGTERM, "a stop signal is what a program dies of");
	is_str(out, "null\n", "after what it had to say");
	is_int(run(start_without_descriptors, NULL, ARGV()), ERR_SYSTEM, "closed descriptors are no place for output");
	is_str(err_text, "prog: standard output: Bad file descriptor\n", "and that is told");
	is_int(run(print_nothing_without_descriptors, NULL, ARGV()), 0, "but nothing lost is no failure");
	is_int(run(print_records, "", ARGV()), ERR_SYSTEM, "nobody reads");
	ok(!strstr(err_text, "standard output"), "which is not told");
	is_int(program_worse(1, 3), 3, "the worse status");
	is_int(program_worse(4, 0), 4, "either way round");
}

int main(void)
{
	test_options();
	test_help();
	test_print();
	test_ends();
	return done_testing();
}
