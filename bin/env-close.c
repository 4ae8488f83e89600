/* env-close: any record with an episode → rollouts: ends episodes. */
#include "buf.h"
#include "cgroup.h"
#include "episode.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "step.h"

struct opts {
	unsigned jobs, idle; /* idle: seconds */
	bool all, dead, sync;
};

static const struct program_option options[] = {
        {PROGRAM_JOBS},
        {0, "all", NULL, "every episode there is, and what others left behind", PROGRAM_FLAG(all)},
        {0, "dead", NULL, "what is dead: episodes whose box is gone, and what others left behind", PROGRAM_FLAG(dead)},
        {0, "idle", "TIME", "the episodes of which nothing was asked for TIME, such as 1h",
         PROGRAM_DURATION(idle, 0, PROGRAM_NONE - 1)},
        {PROGRAM_SYNC},
        {.name = NULL},
};

static bool by_time(const struct opts *opts)
{
	return opts->idle != PROGRAM_NONE;
}

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	int chosen = opts->all + opts->dead + by_time(opts);
	if (chosen > 1)
		return err_set(err, ERR_USAGE, "--all, --dead and --idle exclude each other");
	if (chosen && *operands)
		return err_set(err, ERR_USAGE, "--%s takes no episodes",
		               opts->all    ? "all"
		               : opts->dead ? "dead"
		                            : "idle");
	return 0;
}

static const struct program program = {
        .name = "env-close",
        .synopsis = "[-j JOBS] [--all | --dead | --idle TIME] [--sync] [EPISODE...]",
        .summary = "Ends episodes, frees their boxes and prints their rollouts.",
        .options = options,
        .check = check,
        .boxes = true,
};

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
	if (entry->kind == EPISODE_UNFINISHED && !by_time(run->opts) && episode_remove_unfinished(entry->name, &reason) < 0)
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
	if (!by_time(run->opts) && episode_end_orphans(&err) < 0)
		status = program_worse(status, program_refuse(NULL, NULL, &err));
	return status;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1, .idle = PROGRAM_NONE};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct resources *resources = resources_new(NULL);
	struct run run = {.opts = &opts, .stepper = stepper_new(resources, 0)};
	run.pool = pool_new(opts.jobs, run_job, &run);
	const struct stepper_only only = {.idle_s = by_time(&opts) ? opts.idle : 0, .dead = opts.dead};
	if (opts.dead || by_time(&opts))
		run.only = &only;
	run.found = opts.all || run.only;
	status = run.found ? close_found(&run) : intake_episodes(program_operands(), run.pool);
	pool_free(run.pool);
	stepper_free(run.stepper);
	resources_free(resources);
	cgroup_tidy(opts.all);
	return program_finish(status);
}
