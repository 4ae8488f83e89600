#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1.0"
#endif

#define OPTIONS_MAX 64
enum { OPTION_JSON = 0x10000, OPTION_TEXT };

static const struct program_option common_options[] = {
        {OPTION_JSON, "json", NULL, "print JSON Lines, also to a terminal"},
        {OPTION_TEXT, "text", NULL, "print for a person, also to a file"},
        {'q', "quiet", NULL, "no notes on standard error"},
        {'v', "verbose", NULL, "more notes on standard error"},
        {'h', "help", NULL, "print this help"},
        {'V', "version", NULL, "print the version"},
        {0, NULL, NULL, NULL},
};

/* A program is one process with one command line and one standard output: its state is this module's. */
static const struct program *program;
static struct program_option options[OPTIONS_MAX];
static size_t option_count;
static struct option long_options[OPTIONS_MAX + 1];
static char short_options[2 * OPTIONS_MAX + 3];
static const struct program_option *current;
static char **operands;
static bool quiet, verbose, for_person, colour;
static int output = STDOUT_FILENO;
static atomic_int output_errno; /* of the first write that failed; -1: a stop signal ended it */
static atomic_int worst;        /* status that was noted */

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

static void add_options(const struct program_option *more)
{
	for (; more && more->name; more++) {
		if (option_count == OPTIONS_MAX)
			abort();
		options[option_count] = *more;
		long_options[option_count++] = (struct option){
		        .name = more->name,
		        .has_arg = !more->argument          ? no_argument
		                   : *more->argument == '[' ? optional_argument
		                                            : required_argument,
		        .val = more->letter,
		};
		if (more->letter > 255)
			continue;
		char letter[3] = {(char)more->letter, more->argument ? ':' : '\0', '\0'};
		strcat(short_options, letter);
	}
}

static void use_colour(void)
{
	colour = for_person && terminal_colour(STDOUT_FILENO);
}

void program_start(const struct program *started)
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
	/* A missing argument gives ':', and messages are ours. */
	strcpy(short_options, started->command ? "+:" : ":");
	add_options(started->options);
	add_options(common_options);
	for_person = started->for_person || isatty(STDOUT_FILENO);
	use_colour();
}

static void print_help(void)
{
	int width = 0;
	for (size_t i = 0; i < option_count; i++) {
		const struct program_option *option = &options[i];
		int len = (int)(strlen(option->name) +
		                (option->argument ? strlen(option->argument) + (*option->argument != '[') : 0));
		width = len > width ? len : width;
	}
	printf("Usage: %s%s%s\n%s\n\nOptions:\n", program->name, *program->synopsis ? " " : "", program->synopsis,
	       program->summary);
	for (size_t i = 0; i < option_count; i++) {
		const struct program_option *option = &options[i];
		int len = (int)strlen(option->name);
		if (option->letter > 255)
			printf("      --%s", option->name);
		else
			printf("  -%c, --%s", option->letter, option->name);
		if (option->argument)
			len += printf("%s%s", *option->argument == '[' ? "" : " ", option->argument);
		printf("%*s%s\n", width - len + 2, "", option->help);
	}
	printf("\nSee %s(1).\n", program->name);
}

static const struct program_option *find_option(int letter)
{
	for (size_t i = 0; i < option_count; i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* What getopt_long refused is in optopt: a letter that is no option's, or the option that got an argument it does not
 * take, or 0 for a long name; the word itself is only sure for long names. */
static int refuse_option(char **argv)
{
	const struct program_option *option = find_option(optopt);
	if (optopt && option)
		return program_usage("option takes no argument --%s", option->name);
	if (optopt)
		return program_usage("unknown option -- %c", optopt);
	const char *word = argv[optind - 1];
	size_t len = strcspn(word, "="), matches = 0;
	for (size_t i = 0; i < option_count; i++)
		matches += !strncmp(options[i].name, word + 2, len - 2);
	return program_usage("%s option %.*s", matches > 1 ? "ambiguous" : "unknown", (int)len, word);
}

static bool check_environment(int *status)
{
	bool wanted;
	struct err err;
	if (!program->boxes || cgroup_wanted(&wanted, &err) == 0)
		return true;
	*status = program_usage("%s", err.text);
	return false;
}

int program_option(int argc, char **argv, int *status)
{
	if (*status)
		return PROGRAM_EXIT;
	for (;;) {
		opterr = 0;
		int letter = getopt_long(argc, argv, short_options, long_options, NULL);
		current = find_option(letter == ':' ? optopt : letter);
		operands = argv + optind;
		switch (letter) {
		case -1:
			return check_environment(status) ? PROGRAM_DONE : PROGRAM_EXIT;
		case OPTION_JSON:
		case OPTION_TEXT:
			for_person = letter == OPTION_TEXT;
			use_colour();
			continue;
		case 'q':
			quiet = true;
			continue;
		case 'v':
			verbose = true;
			continue;
		case 'h':
			print_help();
			return PROGRAM_EXIT;
		case 'V':
			printf("%s (pipegym) %s\n", program->name, PACKAGE_VERSION);
			return PROGRAM_EXIT;
		case ':':
			*status = program_usage("option needs an argument --%s", current ? current->name : "");
			return PROGRAM_EXIT;
		case '?':
			*status = refuse_option(argv);
			return PROGRAM_EXIT;
		default:
			return letter;
		}
	}
}

const char *program_argument(void)
{
	return optarg;
}

char **program_operands(void)
{
	return operands;
}

const char *program_option_name(void)
{
	return current->name;
}

bool program_quiet(void)
{
	return quiet;
}

bool program_verbose(void)
{
	return verbose;
}

bool program_for_person(void)
{
	return for_person;
}

bool program_colour(void)
{
	return colour;
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

void program_error(const struct err *err)
{
	say(err->text, NULL);
}

int program_usage(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	STRING_AUTO text = mem_format_list(format, arguments);
	va_end(arguments);
	STRING_AUTO hint = mem_format("Try '%s --help'.\n", program->name);
	say(text, hint);
	return ERR_USAGE;
}

void program_note(const char *format, ...)
{
	if (quiet)
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
	if (for_person) {
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
	if (for_person || text->len == 0)
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
	if (for_person) {
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
	if (!for_person || !isatty(STDERR_FILENO)) {
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
