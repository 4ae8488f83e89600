#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cgroup.h"
#include "fd.h"
#include "show.h"
#include "stop.h"
#include "terminal.h"
#include "text.h"

/* A program is one process with one command line and one standard output: its state is this module's. */
static const struct program *program;
static char **operands;
static bool colour;
static int output = STDOUT_FILENO;
static atomic_int output_errno; /* of the first write that failed; -1: a stop signal ended it */
static atomic_int worst;        /* status that was noted */

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1.0"
#endif

static program_take take_json, take_help, take_version;

/* What is common to all programs, as each has its own. */
static struct opts {
	bool quiet, verbose, for_person;
} opts;

static const struct program_option common_options[] = {
        {0, "json", NULL, "print JSON Lines, also to a terminal", PROGRAM_INTO(take_json, for_person, bool)},
        {0, "text", NULL, "print for a person, also to a file", PROGRAM_FLAG(for_person)},
        {'q', "quiet", NULL, "no notes on standard error", PROGRAM_FLAG(quiet)},
        {'v', "verbose", NULL, "more notes on standard error", PROGRAM_FLAG(verbose)},
        {'h', "help", NULL, "print this help", PROGRAM_TAKE(take_help)},
        {'V', "version", NULL, "print the version", PROGRAM_TAKE(take_version)},
        {.name = NULL},
};

/* A descriptor of 0 to 2 that was closed would be taken by the next file that is opened. */
static void take_back_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			abort();
}

/*
 * A pipe whose reader has stopped reading would hold up a writer for good, and
 * a worker, whose signals are blocked, even beyond a stop signal. O_NONBLOCK on
 * the descriptor itself would be on our parent's too; opened anew it is ours.
 */
static void open_output(void)
{
	struct stat info;
	if (fstat(STDOUT_FILENO, &info) < 0 || !S_ISFIFO(info.st_mode))
		return;
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		output = fd;
}

/* One write, so that lines of several threads and programs do not mix. What it says may come from anywhere. */
static void say(const char *text, const char *more)
{
	BUF_AUTO line = {0};
	buf_add_format(&line, "%s: ", program->name);
	text_for_terminal(text, strlen(text), &line);
	buf_add_char(&line, '\n');
	if (more)
		buf_add_string(&line, more);
	/* When standard error cannot be written there is nobody to tell. */
	(void)!write(STDERR_FILENO, line.data, line.len);
}

static int take_json(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	(void)option, (void)argument, (void)err;
	*(bool *)field = false;
	return 0;
}

/* How wide its name and argument are. */
static int option_width(const struct program_option *option)
{
	const char *argument = option->argument;
	return (int)(strlen(option->name) + (argument ? strlen(argument) + (*argument != '[') : 0));
}

static int take_help(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	const struct program_option *const tables[] = {program->options, common_options};
	int width = 0;
	(void)argument, (void)field, (void)err;
	for (size_t i = 0; i < 2; i++)
		for (option = tables[i]; option->name; option++)
			width = option_width(option) > width ? option_width(option) : width;
	printf("Usage: %s%s%s\n%s\n\nOptions:\n", program->name, *program->synopsis ? " " : "", program->synopsis,
	       program->summary);
	for (size_t i = 0; i < 2; i++)
		for (option = tables[i]; option->name; option++) {
			const char *given = option->argument ? option->argument : "";
			printf(option->letter ? "  -%c, " : "      ", option->letter);
			printf("--%s%s%s%*s%s\n", option->name, *given && *given != '[' ? " " : "", given,
			       width - option_width(option) + 2, "", option->help);
		}
	printf("\nSee %s(1).\n", program->name);
	return 1;
}

static int take_version(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	(void)option, (void)argument, (void)field, (void)err;
	printf("%s (pipegym) %s\n", program->name, PACKAGE_VERSION);
	return 1;
}

bool program_start(const struct program *started, int argc, char **argv, void *own, int *status)
{
	struct rlimit files;
	program = started;
	take_back_descriptors();
	umask(077);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (stop_install() < 0) {
		fprintf(stderr, "%s: descriptor for signals: %s\n", started->name, strerror(errno));
		/* A program that passes a command's status on has another for its own failures, as env(1) has. */
		exit(started->command ? 125 : ERR_SYSTEM);
	}
	/* An output of some MiB goes through several buffers of its size: without this each is taken from the kernel,
	 * page by page, and given back, for every step anew. */
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
	open_output();
	opts.for_person = started->for_person || isatty(STDOUT_FILENO);
	const struct program_table tables[] = {{started->options, own}, {common_options, &opts}, {NULL, NULL}};
	struct err err;
	bool wanted;
	int done = program_options(tables, started->command, argc, argv, &operands, &err);
	colour = opts.for_person && terminal_colour(STDOUT_FILENO);
	if (!done && started->boxes)
		done = cgroup_wanted(&wanted, &err);
	if (!done && started->check)
		done = started->check(own, operands, &err);
	if (done < 0) {
		STRING_AUTO hint = mem_format("Try '%s --help'.\n", started->name);
		say(err.text, err.code == ERR_USAGE ? hint : NULL);
	}
	*status = done < 0 ? (int)err.code : 0;
	return !done;
}

char **program_operands(void)
{
	return operands;
}

bool program_quiet(void)
{
	return opts.quiet;
}

bool program_verbose(void)
{
	return opts.verbose;
}

bool program_for_person(void)
{
	return opts.for_person;
}

bool program_colour(void)
{
	return colour;
}

void program_error(const struct err *err)
{
	say(err->text, NULL);
}

void program_note(const char *format, ...)
{
	if (opts.quiet)
		return;
	va_list arguments;
	va_start(arguments, format);
	STRING_AUTO text = mem_format_list(format, arguments);
	va_end(arguments);
	say(text, NULL);
}

int program_worse(int a, int b)
{
	return a > b ? a : b;
}

void program_fail(int status)
{
	int before = worst;
	while (before < status && !atomic_compare_exchange_weak(&worst, &before, status))
		;
}

bool program_print_bytes(const char *data, size_t len)
{
	if (program_output_failed())
		return false;
	if (record_write_lines(output, data, len, NULL) == 0)
		return true;
	int none = 0, reason = stop_signal() ? -1 : errno;
	atomic_compare_exchange_strong(&output_errno, &none, reason);
	return false;
}

bool program_print(json record)
{
	BUF_AUTO line = {0};
	struct err err = {0};
	if (opts.for_person) {
		show_record(record, colour, &line);
	} else if (json_dump(record, false, &line, &err) == 0) {
		buf_add_char(&line, '\n');
	} else {
		/* In its place, so that there is one record out for each. */
		JSON_AUTO error = record_error(0, json_get_string(record, "episode"), &err);
		program_error(&err);
		json_dump(error, false, &line, NULL);
		buf_add_char(&line, '\n');
		program_fail(err.code);
	}
	return program_print_bytes(line.data, line.len);
}

bool program_print_dumped(json record, struct buf *text)
{
	if (opts.for_person || text->len == 0)
		return program_print(record);
	buf_add_char(text, '\n');
	return program_print_bytes(text->data, text->len);
}

bool program_output_sync(void)
{
	/* A pipe or a terminal keeps nothing. */
	if (program_output_failed() || fsync(output) == 0 || errno == EINVAL || errno == ENOSYS)
		return !program_output_failed();
	int none = 0, reason = errno;
	atomic_compare_exchange_strong(&output_errno, &none, reason);
	return false;
}

void program_print_line(const char *text, size_t len)
{
	BUF_AUTO line = {0};
	if (opts.for_person) {
		JSON_AUTO record = json_none();
		if (json_parse(text, len, &record, NULL) == 0)
			program_print(record);
		return;
	}
	buf_reserve(&line, len + 1);
	buf_add(&line, text, len);
	buf_add_char(&line, '\n');
	program_print_bytes(line.data, line.len);
}

bool program_print_layout(const struct layout *layout)
{
	BUF_AUTO out = {0};
	layout_print(layout, 0, layout->count, layout_screen(), colour, &out);
	return program_print_bytes(buf_string(&out), out.len);
}

bool program_output_failed(void)
{
	return output_errno != 0;
}

bool program_stopped(void)
{
	return stop_signal() || program_output_failed();
}

int program_refuse(const struct record *record, const char *episode, const struct err *err)
{
	bool named = record && record->file;
	uint64_t number = record && !named ? record->number : 0;
	struct err reason = *err;
	BUF_AUTO text = {0};
	if (named)
		err_context(&reason, "%s: line %llu", record->file, (unsigned long long)record->number);
	if (number)
		buf_add_format(&text, "line %llu: ", (unsigned long long)number);
	if (episode)
		buf_add_format(&text, "%s: ", episode);
	buf_add_string(&text, reason.text);
	say(text.data, NULL);
	/* A person at a terminal has just read it. */
	if (!opts.for_person || !isatty(STDERR_FILENO)) {
		JSON_AUTO error = record_error(number, episode, &reason);
		program_print(error);
	}
	return err->code;
}

int program_pass_error(const struct record *record)
{
	program_print_line(record->line, record->len);
	return record_status(record->value);
}

int program_finish(int status)
{
	int failed = output_errno;
	status = program_worse(status, worst);
	/* Closing tells what a network file system kept to itself until now. */
	if ((fflush(stdout) != 0 || ferror(stdout) || (output != STDOUT_FILENO && close(output) != 0) ||
	     close(STDOUT_FILENO) != 0) &&
	    !failed)
		failed = errno;
	int number = stop_signal();
	terminal_restore();
	if (number) {
		sigset_t set;
		signal(number, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, number);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
		raise(number);
	}
	if (!failed)
		return status;
	if (failed > 0 && failed != EPIPE) {
		STRING_AUTO text = mem_format("standard output: %s", strerror(failed));
		say(text, NULL);
	}
	return ERR_SYSTEM;
}
