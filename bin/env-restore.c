/* env-restore: any record with an episode → reports: rebuilds episodes whose boxes are gone. */
#include "buf.h"
#include "fd.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "restore.h"

struct opts {
	const char *tasks;
	unsigned jobs;
	int keeper; /* pidfd of the process that the new boxes live with; -1: none */
	bool dry_run, accept, sync;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {PROGRAM_JOBS},
        {0, "dry-run", NULL, "only compare and report; change nothing", PROGRAM_FLAG(dry_run)},
        {PROGRAM_ACCEPT},
        {PROGRAM_KEEPER},
        {PROGRAM_SYNC},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	(void)operands;
	if (opts->dry_run && opts->accept)
		return err_set(err, ERR_USAGE, "--dry-run and --accept exclude each other");
	return 0;
}

static const struct program program = {
        .name = "env-restore",
        .synopsis = "[-T DIR] [-j JOBS] [--dry-run | --accept] [--keep-alive-with PID] [--sync] [EPISODE...]",
        .summary = "Rebuilds episodes whose boxes are gone by replaying their journals, and says whether every "
                   "observation was equal.",
        .options = options,
        .check = check,
        .boxes = true,
};

struct run {
	const struct opts *opts;
	int flags; /* of restore_episode() */
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
	if (restore_episode(run->resources, episode, run->flags, run->opts->keeper, &report, &err) < 0) {
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
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts,
	                  .flags = (opts.dry_run ? RESTORE_DRY_RUN : 0) | (opts.accept ? RESTORE_ACCEPT : 0) |
	                           (opts.sync ? RESTORE_SYNC : 0),
	                  .resources = resources_new(opts.tasks)};
	struct pool *pool = pool_new(opts.jobs, run_job, &run);
	status = intake_episodes(program_operands(), pool);
	pool_free(pool);
	resources_free(run.resources);
	fd_close(&opts.keeper);
	return program_finish(status);
}
