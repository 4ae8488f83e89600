/* env-restore: any record with an episode → reports: rebuilds episodes whose boxes are gone. */
#include <string.h>

#include "buf.h"
#include "fd.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "restore.h"

enum { DRY_RUN = 256, ACCEPT, KEEPER, SYNC };

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR (a list with colons between)"},
        {'j', "jobs", "JOBS", "work on up to JOBS at a time (1); their order is then open"},
        {DRY_RUN, "dry-run", NULL, "only compare and report; change nothing"},
        {ACCEPT, "accept", NULL, "go on also where a replay diverged"},
        {KEEPER, "keep-alive-with", "PID", "the boxes end when process PID does"},
        {SYNC, "sync", NULL, "write so that it survives a power cut"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-restore",
        .synopsis = "[-T DIR] [-j JOBS] [--dry-run | --accept] [--keep-alive-with PID] [--sync] [EPISODE...]",
        .summary = "Rebuilds episodes whose boxes are gone by replaying their journals, and says whether every "
                   "observation was equal.",
        .options = options,
        .boxes = true,
};

struct opts {
	const char *tasks;
	unsigned jobs;
	int flags;  /* of restore_episode() */
	int keeper; /* pidfd of the process that the new boxes live with; -1: none */
};

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT)
			return false;
		else if (letter == 'T')
			opts->tasks = program_argument();
		else if (letter == 'j')
			*status = program_jobs(&opts->jobs);
		else if (letter == DRY_RUN)
			opts->flags |= RESTORE_DRY_RUN;
		else if (letter == ACCEPT)
			opts->flags |= RESTORE_ACCEPT;
		else if (letter == KEEPER)
			*status = program_process(&opts->keeper);
		else if (letter == SYNC)
			opts->flags |= RESTORE_SYNC;
	if (opts->flags & RESTORE_DRY_RUN && opts->flags & RESTORE_ACCEPT)
		*status = program_usage("--dry-run and --accept exclude each other");
	return *status == 0;
}

struct run {
	const struct opts *opts;
	struct resources *resources;
};

static void run_job(void *data, void *context)
{
	STRING_AUTO episode = data;
	const struct run *run = context;
	struct err err;
	JSON_AUTO report = json_none();
	if (program_stopped())
		return;
	if (restore_episode(run->resources, episode, run->opts->flags, run->opts->keeper, &report, &err) < 0) {
		program_fail(program_refuse(NULL, episode, &err));
		return;
	}
	/* One that was accepted is what was asked for. */
	if (json_get_is(report, "match", "diverged") && !json_get_bool(report, "restored", false))
		program_fail(ERR_NEGATIVE);
	program_print(report);
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1, .keeper = -1};
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .resources = resources_new(opts.tasks)};
	struct pool *pool = pool_new(opts.jobs, run_job, &run);
	status = intake_episodes(program_operands(), pool);
	pool_free(pool);
	resources_free(run.resources);
	fd_close(&opts.keeper);
	return program_finish(status);
}
