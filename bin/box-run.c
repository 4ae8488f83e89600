/* box-run: one command in a fresh box: its input, output and exit status are those of a command run here. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "probe.h"
#include "program.h"

/* As env(1) and timeout(1) have them: what is not the command's own status. */
enum { TIMED_OUT = 124, FAILED = 125 };

struct opts {
	unsigned memory_mib, disk_mib, processes, timeout_s;
	const char *cwd;
	const char *binds[2 * BOX_BINDS_MAX + 1]; /* paths of the host are owned, those of the box are arguments */
	size_t bind_count;
	bool no_network, landlock, probe;
};

static bool box_path(const char *path)
{
	const char *dots = strstr(path, "/..");
	for (; dots && dots[3] != '/' && dots[3] != '\0'; dots = strstr(dots + 1, "/.."))
		continue;
	return path[0] == '/' && !dots && strlen(path) < BOX_PATH_MAX;
}

/* What a box has of its own, and needs. */
static bool reserved(const char *path)
{
	static const char *const tops[] = {"/proc", "/dev", "/run"};
	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		size_t len = strlen(tops[i]);
		if (strncmp(path, tops[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	return path[strspn(path, "/.")] == '\0';
}

static int add_pair(struct opts *opts, const struct program_option *option, const char *given, const char *at,
                    struct err *err)
{
	if (opts->bind_count == 2 * BOX_BINDS_MAX)
		return err_set(err, ERR_USAGE, "--%s: at most %d times", option->name, BOX_BINDS_MAX);
	char *source = realpath(given, NULL);
	if (!source)
		return err_system(err, "--%s: %s", option->name, given);
	opts->binds[opts->bind_count++] = source;
	opts->binds[opts->bind_count++] = at;
	return 0;
}

static int take_bind(const struct program_option *option, const char *argument, void *opts, struct err *err)
{
	const char *colon = strrchr(argument, ':');
	if (!colon || colon == argument || !box_path(colon + 1) || strstr(colon + 1, "//") || reserved(colon + 1))
		return err_set(err, ERR_USAGE,
		               "--%s: '%.200s' is not SRC:DST with an absolute DST outside of /proc, /dev and /run",
		               option->name, argument);
	STRING_AUTO given = mem_format("%.*s", (int)(colon - argument), argument);
	return add_pair(opts, option, given, colon + 1, err);
}

static int take_base(const struct program_option *option, const char *argument, void *opts, struct err *err)
{
	return add_pair(opts, option, argument, "/", err);
}

static int take_directory(const struct program_option *option, const char *path, void *opts, struct err *err)
{
	if (!box_path(path))
		return err_set(err, ERR_USAGE, "--%s: '%.200s' is not an absolute path without ..", option->name, path);
	((struct opts *)opts)->cwd = path;
	return 0;
}

static const struct program_option options[] = {
        {'m', "memory", "MIB", "memory of all processes together (512)", PROGRAM_NUMBER(memory_mib, 16, 1048576)},
        {0, "disk", "MIB", "how much may be written (64)", PROGRAM_NUMBER(disk_mib, 1, 65536)},
        {'p', "processes", "COUNT", "processes and threads at a time (128)", PROGRAM_NUMBER(processes, 4, 32768)},
        {'t', "time", "SECONDS", "kill the command after SECONDS (3600)", PROGRAM_NUMBER(timeout_s, 1, 604800)},
        {'C', "directory", "DIR", "start in DIR, which is made if missing (/workspace)", PROGRAM_TAKE(take_directory)},
        {0, "no-network", NULL, "no loopback interface", PROGRAM_FLAG(no_network)},
        {0, "base", "DIR", "start from the root file system DIR, which is not changed", PROGRAM_TAKE(take_base)},
        {0, "bind-ro", "SRC:DST", "show SRC of the host as DST, read-only; may be repeated", PROGRAM_TAKE(take_bind)},
        {PROGRAM_ISOLATION},
        {0, "probe", NULL, "run nothing: print what this host gives to boxes", PROGRAM_FLAG(probe)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	bool command = *operands;
	if (opts->landlock && opts->bind_count > 0)
		return err_set(err, ERR_USAGE,
		               "--base and --bind-ro take a mount namespace: not with --isolation landlock");
	if (command == opts->probe)
		return err_set(err, ERR_USAGE, command ? "--probe takes no command" : "a command is needed");
	return 0;
}

static const struct program program = {
        .name = "box-run",
        .synopsis = "[-m MIB] [--disk MIB] [-p COUNT] [-t SECONDS] [-C DIR] [--no-network] [--base DIR] "
                    "[--bind-ro SRC:DST]... [--isolation NAME] COMMAND [ARG...] | --probe",
        .summary = "Runs a command in a fresh box.",
        .options = options,
        .check = check,
        .boxes = true,
        .command = true,
        .for_person = true,
};

/* --- the command ------------------------------------------------------ */

static void note_isolation(void)
{
	BUF_AUTO text = {0};
	const char *gap;
	for (size_t i = 0; (gap = box_not_isolated(i)); i++)
		buf_add_format(&text, "%s%s", i ? "; " : "", gap);
	program_note("--isolation landlock does not isolate: %s", buf_string(&text));
}

static int take_output(void *context, int stream, const char *data, size_t len, struct err *err)
{
	(void)context;
	if (stream == 2)
		return record_write_lines(STDERR_FILENO, data, len, err);
	return program_print_bytes(data, len) ? 0 : err_set(err, ERR_SYSTEM, "standard output");
}

static int status_of(const struct opts *opts, const struct box_result *result)
{
	if (result->how == BOX_TIMEOUT) {
		program_note("killed after %u s", opts->timeout_s);
		return TIMED_OUT;
	}
	if (result->oom)
		program_note("the memory limit was met: the largest process was killed");
	return result->how == BOX_EXITED ? result->code : 128 + result->code;
}

/* Returns 0 and the command's status, or -1: box-run itself failed. */
static int run_command(const struct opts *opts, char **argv, int *status, struct err *err)
{
	const struct box_limits limits = {.memory_mib = opts->memory_mib,
	                                  .disk_mib = opts->disk_mib,
	                                  .processes = opts->processes,
	                                  .network = !opts->no_network,
	                                  .landlock = opts->landlock,
	                                  .cwd = opts->cwd,
	                                  .bind_ro = opts->binds};
	const struct box_stream stream = {.input = STDIN_FILENO, .take = take_output};
	const struct box_command command = {.op = BOX_EXEC,
	                                    .cwd = opts->cwd,
	                                    .argv = (const char *const *)argv,
	                                    .timeout_ms = opts->timeout_s * 1000,
	                                    .stream = &stream};
	BOX_RESULT_AUTO result = {0};
	int failed = -1;
	struct box_host *host = box_host_new(err);
	struct box *box = host ? box_new(host, &limits, NULL, err) : NULL;
	if (box) {
		if (opts->landlock)
			note_isolation();
		failed = box_run(box, &command, &result, err);
		/* Nothing of the box is left when this program is gone, whatever it dies of but SIGKILL. */
		if (box_end(box, failed ? NULL : err) < 0)
			failed = -1;
	}
	if (!failed)
		*status = status_of(opts, &result);
	box_free(box);
	box_host_free(host);
	return failed;
}

static int print_probe(void)
{
	bool works;
	JSON_AUTO record = probe_record(&works);
	program_print(record);
	return works ? 0 : FAILED;
}

int main(int argc, char **argv)
{
	struct opts opts = {.memory_mib = 512, .disk_mib = 64, .processes = 128, .timeout_s = 3600, .cwd = "/workspace"};
	struct err err;
	int failed = 0, status = 0;
	bool parsed = program_start(&program, argc, argv, &opts, &failed);
	if (parsed && opts.probe) {
		status = print_probe();
	} else if (parsed && run_command(&opts, program_operands(), &status, &err) < 0) {
		failed = FAILED;
		if (!program_stopped())
			program_error(&err);
	}
	for (size_t i = 0; i < opts.bind_count; i += 2)
		free((char *)(uintptr_t)opts.binds[i]);
	return program_finish(failed) ? FAILED : status;
}
