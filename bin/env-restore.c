/* env-restore: any record with an episode → reports: rebuilds episodes whose boxes are gone. */
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "restore.h"
#include "stop.h"

enum { CHECK = 256, ACCEPT, KEEPER, SYNC };

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR rather than where the episodes' tasks were"},
        {'j', "jobs", "JOBS", "rebuild up to JOBS episodes at a time (1); their order is then open"},
        {CHECK, "check", NULL, "only compare and report; change nothing"},
        {ACCEPT, "accept", NULL, "go on also where a replay diverged"},
        {KEEPER, "keep-alive-with", "PID", "the new boxes end when process PID does"},
        {SYNC, "sync", NULL, "write so that it survives a power cut"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-restore",
        .synopsis = "[-T DIR] [-j JOBS] [--check | --accept] [--keep-alive-with PID] [--sync] [EPISODE...]",
        .summary = "Rebuilds episodes whose boxes are gone by replaying their journals, and says whether every "
                   "observation was equal.",
        .options = options,
        .boxes = true,
};

struct opts {
	const char *tasks;
	uint64_t jobs;
	int flags;  /* of restore_episode() */
	int keeper; /* pidfd of the process that the new boxes live with; -1: none */
};

struct run {
	const struct opts *opts;
	struct resources *resources;
};

static void run_job(void *data, void *context)
{
	char *episode = data;
	const struct run *run = context;
	struct err err;
	JSON_AUTO report = json_none();
	if (stop_signal() || program_output_failed()) {
		program_fail(ERR_SYSTEM);
	} else if (restore_episode(run->resources, episode, run->opts->flags, run->opts->keeper, &report, &err) < 0) {
		program_fail(program_refuse(NULL, episode, &err));
	} else {
		/* One that was accepted is what was asked for. */
		if (!strcmp(json_get_string(report, "match"), "diverged") && !json_get_bool(report, "restored", false))
			program_fail(ERR_NEGATIVE);
		program_print(report);
	}
	free(episode);
}

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		if (letter == 'T')
			opts->tasks = program_argument();
		else if (letter == CHECK)
			opts->flags |= RESTORE_CHECK;
		else if (letter == ACCEPT)
			opts->flags |= RESTORE_ACCEPT;
		else if (letter == SYNC)
			opts->flags |= RESTORE_SYNC;
		else if (letter == KEEPER ? !program_process(&opts->keeper) : !program_number(1, 4096, &opts->jobs)) {
			*status = ERR_USAGE;
			return false;
		}
	}
	if (opts->flags & RESTORE_CHECK && opts->flags & RESTORE_ACCEPT) {
		*status = program_usage("--check and --accept exclude each other");
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1, .keeper = -1};
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .resources = resources_new(opts.tasks)};
	struct pool *pool = pool_new((unsigned)opts.jobs, run_job, &run);
	status = intake_episodes(argv + program_operand(), pool);
	pool_free(pool);
	resources_free(run.resources);
	fd_close(&opts.keeper);
	return program_finish(status);
}
