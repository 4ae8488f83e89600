/* env-close: any record with an episode → rollouts: ends episodes. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cgroup.h"
#include "episode.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "step.h"
#include "stop.h"

enum { ALL = 256, SYNC };

static const struct program_option options[] = {
        {'j', "jobs", "JOBS", "close up to JOBS episodes at a time (1); their order is then open"},
        {ALL, "all", NULL, "close every episode there is"},
        {SYNC, "sync", NULL, "have the rollout on the disk before the episode is removed"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-close",
        .synopsis = "[-j JOBS] [--all] [--sync] [EPISODE...]",
        .summary = "Ends episodes, frees their boxes and prints their rollouts.",
        .options = options,
        .boxes = true,
};

struct opts {
	uint64_t jobs;
	bool all, sync;
};

struct run {
	const struct opts *opts;
	struct stepper *stepper;
	struct pool *pool;
};

static bool print_synced(json rollout)
{
	return program_print(rollout) && program_output_sync();
}

static void run_job(void *data, void *context)
{
	char *episode = data;
	struct run *run = context;
	struct err err;
	if (stop_signal() || program_output_failed())
		program_fail(ERR_SYSTEM);
	else if (stepper_close(run->stepper, episode, run->opts->sync ? print_synced : program_print, &err) < 0)
		program_fail(program_refuse(NULL, episode, &err));
	free(episode);
}

static int visit(const char *id, bool unfinished, void *context, struct err *err)
{
	struct run *run = context;
	if (unfinished)
		return episode_remove_unfinished(id, err);
	pool_add(run->pool, id, mem_string(id));
	return 0;
}

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		if (letter == ALL)
			opts->all = true;
		else if (letter == SYNC)
			opts->sync = true;
		else if (!program_number(1, 4096, &opts->jobs)) {
			*status = ERR_USAGE;
			return false;
		}
	}
	if (opts->all && argv[program_operand()]) {
		*status = program_usage("--all takes no episodes");
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	struct err err;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	struct resources *resources = resources_new(NULL);
	struct run run = {.opts = &opts, .stepper = stepper_new(resources, 0)};
	run.pool = pool_new((unsigned)opts.jobs, run_job, &run);
	if (!opts.all)
		status = intake_episodes(argv + program_operand(), run.pool);
	else if (episode_each(visit, &run, &err) < 0)
		status = program_refuse(NULL, NULL, &err);
	pool_free(run.pool);
	stepper_free(run.stepper);
	resources_free(resources);
	cgroup_tidy();
	return program_finish(status);
}
