/* box-run: one command in a fresh box: its input, output and exit status are those of a command run here. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "probe.h"
#include "program.h"
#include "stop.h"

enum { DISK = 256, NO_NETWORK, BASE, BIND_RO, ISOLATION, PROBE };
/* As env(1) and timeout(1) have them: what is not the command's own status. */
enum { TIMED_OUT = 124, FAILED = 125 };

static const struct program_option options[] = {
        {'m', "memory", "MIB", "memory of all processes together (512)"},
        {DISK, "disk", "MIB", "how much may be written (64)"},
        {'p', "processes", "COUNT", "processes and threads at a time (128)"},
        {'t', "time", "SECONDS", "kill the command after SECONDS (3600)"},
        {'C', "directory", "DIR", "start in DIR, which is made if missing (/workspace)"},
        {NO_NETWORK, "no-network", NULL, "no loopback interface"},
        {BASE, "base", "DIR", "start from the root file system DIR, which is not changed"},
        {BIND_RO, "bind-ro", "SRC:DST", "show SRC of the host as DST, read-only; may be repeated"},
        {ISOLATION, "isolation", "NAME", "namespaces|landlock, which isolates less (namespaces)"},
        {PROBE, "probe", NULL, "run nothing: print what this host gives to boxes"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "box-run",
        .synopsis = "[-m MIB] [--disk MIB] [-p COUNT] [-t SECONDS] [-C DIR] [--no-network] [--base DIR] "
                    "[--bind-ro SRC:DST]... [--isolation NAME] COMMAND [ARG...] | --probe",
        .summary = "Runs a command in a fresh box.",
        .options = options,
        .boxes = true,
        .command = true,
        .for_person = true,
};

struct opts {
	uint64_t memory_mib, disk_mib, processes, timeout_s;
	const char *cwd;
	const char *binds[2 * BOX_BINDS_MAX + 1]; /* paths of the host are owned, those of the box are arguments */
	size_t bind_count;
	bool no_network, landlock, probe;
};

/* --- options ---------------------------------------------------------- */

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

static int add_pair(struct opts *opts, const char *option, const char *given, const char *at)
{
	struct err err;
	if (opts->bind_count == 2 * BOX_BINDS_MAX)
		return program_usage("%s: at most %d times", option, BOX_BINDS_MAX);
	char *source = realpath(given, NULL);
	if (!source) {
		err_system(&err, "%s: %s", option, given);
		program_error(&err);
		return ERR_SYSTEM;
	}
	opts->binds[opts->bind_count++] = source;
	opts->binds[opts->bind_count++] = at;
	return 0;
}

static int add_bind(struct opts *opts, const char *argument)
{
	const char *colon = strrchr(argument, ':');
	if (!colon || colon == argument || !box_path(colon + 1) || strstr(colon + 1, "//") || reserved(colon + 1))
		return program_usage(
		        "--bind-ro: '%s' is not SRC:DST with an absolute DST outside of /proc, /dev and /run", argument);
	STRING_AUTO given = mem_format("%.*s", (int)(colon - argument), argument);
	return add_pair(opts, "--bind-ro", given, colon + 1);
}

static int take_directory(struct opts *opts, const char *path)
{
	opts->cwd = path;
	return box_path(path) ? 0 : program_usage("--directory: '%s' is not an absolute path without ..", path);
}

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT)
			return false;
		else if (letter == 'm')
			*status = program_number(16, 1048576, &opts->memory_mib);
		else if (letter == DISK)
			*status = program_number(1, 65536, &opts->disk_mib);
		else if (letter == 'p')
			*status = program_number(4, 32768, &opts->processes);
		else if (letter == 't')
			*status = program_number(1, 604800, &opts->timeout_s);
		else if (letter == 'C')
			*status = take_directory(opts, program_argument());
		else if (letter == NO_NETWORK)
			opts->no_network = true;
		else if (letter == BASE)
			*status = add_pair(opts, "--base", program_argument(), "/");
		else if (letter == BIND_RO)
			*status = add_bind(opts, program_argument());
		else if (letter == ISOLATION)
			*status = program_isolation(&opts->landlock);
		else if (letter == PROBE)
			opts->probe = true;
	bool command = *program_operands();
	if (opts->landlock && opts->bind_count > 0)
		*status = program_usage("--base and --bind-ro take a mount namespace: not with --isolation landlock");
	else if (command == opts->probe)
		*status = program_usage(command ? "--probe takes no command" : "a command is needed");
	return *status == 0;
}

/* --- the command ------------------------------------------------------ */

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
		program_note("killed after %llu s", (unsigned long long)opts->timeout_s);
		return TIMED_OUT;
	}
	if (result->oom)
		program_note("the memory limit was met: the largest process was killed");
	return result->how == BOX_EXITED ? result->code : 128 + result->code;
}

/* Returns 0 and the command's status, or -1: box-run itself failed. */
static int run_command(const struct opts *opts, char **argv, int *status, struct err *err)
{
	const struct box_limits limits = {.memory_mib = (unsigned)opts->memory_mib,
	                                  .disk_mib = (unsigned)opts->disk_mib,
	                                  .processes = (unsigned)opts->processes,
	                                  .network = !opts->no_network,
	                                  .landlock = opts->landlock,
	                                  .cwd = opts->cwd,
	                                  .bind_ro = opts->binds};
	const struct box_stream stream = {.input = STDIN_FILENO, .take = take_output};
	const struct box_command command = {.op = BOX_EXEC,
	                                    .cwd = opts->cwd,
	                                    .argv = (const char *const *)argv,
	                                    .timeout_ms = (unsigned)opts->timeout_s * 1000,
	                                    .stream = &stream};
	BOX_RESULT_AUTO result = {0};
	int failed = -1;
	struct box_host *host = box_host_new(err);
	struct box *box = host ? box_new(host, &limits, NULL, err) : NULL;
	if (box) {
		if (opts->landlock)
			program_note_isolation();
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
	program_start(&program);
	bool parsed = parse(argc, argv, &opts, &failed);
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
