/* env-close: any record with an episode → rollouts: ends episodes. */
#include "buf.h"
#include "cgroup.h"
#include "episode.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "step.h"

enum { ALL = 256, DEAD, IDLE, SYNC };

static const struct program_option options[] = {
        {'j', "jobs", "JOBS", "work on up to JOBS at a time (1); their order is then open"},
        {ALL, "all", NULL, "every episode there is, and what others left behind"},
        {DEAD, "dead", NULL, "what is dead: episodes whose box is gone, and what others left behind"},
        {IDLE, "idle", "TIME", "the episodes of which nothing was asked for TIME, such as 1h"},
        {SYNC, "sync", NULL, "write so that it survives a power cut"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-close",
        .synopsis = "[-j JOBS] [--all | --dead | --idle TIME] [--sync] [EPISODE...]",
        .summary = "Ends episodes, frees their boxes and prints their rollouts.",
        .options = options,
        .boxes = true,
};

struct opts {
	unsigned jobs;
	uint64_t idle_s;
	bool all, dead, idle, sync;
};

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT)
			return false;
		else if (letter == 'j')
			*status = program_jobs(&opts->jobs);
		else if (letter == ALL)
			opts->all = true;
		else if (letter == DEAD)
			opts->dead = true;
		else if (letter == IDLE)
			opts->idle = (*status = program_duration(0, UINT32_MAX, &opts->idle_s)) == 0;
		else if (letter == SYNC)
			opts->sync = true;
	int chosen = opts->all + opts->dead + opts->idle;
	if (chosen > 1)
		*status = program_usage("--all, --dead and --idle exclude each other");
	else if (chosen && *program_operands())
		*status = program_usage("--%s takes no episodes", opts->all ? "all" : opts->dead ? "dead" : "idle");
	return *status == 0;
}

struct run {
	const struct opts *opts;
	struct stepper *stepper;
	struct pool *pool;
	bool found;                      /* episodes are not named, but what there is is closed */
	const struct stepper_only *only; /* NULL: whatever state it is in */
};

static bool print_synced(json rollout)
{
	return program_print(rollout) && program_output_sync();
}

static void run_job(void *data, void *context)
{
	STRING_AUTO episode = data;
	struct run *run = context;
	struct err err;
	if (program_stopped())
		return;
	/* What was found may have been closed by somebody else by now. */
	if (stepper_close(run->stepper, episode, run->only, run->opts->sync ? print_synced : program_print, &err) < 0 &&
	    !(run->found && err.code == ERR_INPUT))
		program_fail(program_refuse(NULL, episode, &err));
}

/* A look without the lock, which a step that takes its time would hold. */
static bool may_be_meant(const char *id, const struct stepper_only *only)
{
	struct err err;
	struct episode *episode = only ? episode_open(id, &err) : NULL;
	/* What is broken is for stepper_close() to tell. */
	bool meant = !episode ||
	             (episode_idle(episode) >= only->idle_s && (!only->dead || episode_reach(episode, &err) == 0));
	episode_free(episode);
	return meant;
}

static int visit(const struct episode_entry *entry, void *context, struct err *err)
{
	struct run *run = context;
	struct err reason;
	(void)err;
	/* What cannot be removed does not keep the others. */
	if (entry->kind == EPISODE_UNFINISHED && !run->opts->idle && episode_remove_unfinished(entry->name, &reason) < 0)
		program_fail(program_refuse(NULL, entry->name, &reason));
	if (entry->kind == EPISODE && may_be_meant(entry->name, run->only))
		pool_add(run->pool, entry->name, mem_string(entry->name));
	return 0;
}

/* Whatever is to be closed without being named. */
static int close_found(struct run *run)
{
	struct err err;
	int status = 0;
	if (episode_each(visit, run, &err) < 0)
		status = program_refuse(NULL, NULL, &err);
	pool_wait(run->pool);
	if (!run->opts->idle && episode_end_orphans(&err) < 0)
		status = program_worse(status, program_refuse(NULL, NULL, &err));
	return status;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	struct resources *resources = resources_new(NULL);
	struct run run = {.opts = &opts, .stepper = stepper_new(resources, 0)};
	run.pool = pool_new(opts.jobs, run_job, &run);
	const struct stepper_only only = {.idle_s = (double)opts.idle_s, .dead = opts.dead};
	if (opts.dead || opts.idle)
		run.only = &only;
	run.found = opts.all || run.only;
	status = run.found ? close_found(&run) : intake_episodes(program_operands(), run.pool);
	pool_free(run.pool);
	stepper_free(run.stepper);
	resources_free(resources);
	cgroup_tidy(opts.all);
	return program_finish(status);
}
