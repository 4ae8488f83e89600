/* env-fork: any record with an episode → observations: branches episodes. */
#include <stdatomic.h>
#include <stdlib.h>

#include "branch.h"
#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "reset.h"
#include "resources.h"

struct opts {
	const char *tasks, *prefix;
	unsigned jobs, count, at;
	int keeper; /* pidfd of the process that the branches' boxes live with; -1: none */
	bool accept, sync;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {'n', "number", "COUNT", "make COUNT branches of each episode (1)", PROGRAM_NUMBER(count, 1, 1000000)},
        {PROGRAM_JOBS},
        {0, "at", "STEP", "branch after STEP, replaying all up to it, rather than as the episode stands",
         PROGRAM_NUMBER(at, 0, INT32_MAX)},
        {PROGRAM_ACCEPT},
        {PROGRAM_ID},
        {PROGRAM_KEEPER},
        {PROGRAM_SYNC},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	(void)operands;
	if (opts->accept && opts->at == PROGRAM_NONE)
		return err_set(err, ERR_USAGE, "--accept is for --at");
	return 0;
}

static const struct program program = {
        .name = "env-fork",
        .synopsis = "[-T DIR] [-n COUNT] [-j JOBS] [--at STEP [--accept]] [--id PREFIX] "
                    "[--keep-alive-with PID] [--sync] [EPISODE...]",
        .summary = "Branches episodes: makes new ones that begin where these stand, and prints their first "
                   "observations.",
        .options = options,
        .check = check,
        .boxes = true,
};

struct run {
	const struct opts *opts;
	struct resources *resources;
	struct pool *branches;
	uint64_t number; /* of branches asked for so far */
};

/* What the branches of one episode are made of, shared by their jobs. */
struct shared_source {
	struct branch_source source;
	atomic_int users;
};

struct job {
	struct shared_source *source;
	char id[EPISODE_ID_MAX + 1];
};

static void release(struct shared_source *shared)
{
	if (atomic_fetch_sub(&shared->users, 1) > 1)
		return;
	branch_source_close(&shared->source);
	free(shared);
}

static void open_branch(const struct run *run, const struct job *job)
{
	struct err err;
	JSON_AUTO observation = json_none();
	if (branch_episode(run->resources, &job->source->source, job->id, run->opts->sync, &observation, &err) < 0)
		program_fail(program_refuse(NULL, job->id, &err));
	else if (!program_print(observation))
		reset_discard(job->id); /* nobody knows of it */
}

static void run_branch(void *data, void *context)
{
	struct job *job = data;
	if (!program_stopped())
		open_branch(context, job);
	release(job->source);
	free(job);
}

static void add_branch(struct run *run, struct shared_source *shared)
{
	struct job *job = mem_alloc(1, sizeof *job);
	job->source = shared;
	reset_next_id(run->opts->prefix, &run->number, job->id);
	atomic_fetch_add(&shared->users, 1);
	pool_add(run->branches, job->id, job);
}

static void run_episode(void *data, void *context)
{
	STRING_AUTO id = data;
	struct run *run = context;
	const struct opts *opts = run->opts;
	struct err err;
	if (program_stopped())
		return;
	struct shared_source *shared = mem_alloc(1, sizeof *shared);
	if (branch_source_open(run->resources, id, opts->at == PROGRAM_NONE ? -1 : (int)opts->at, opts->accept,
	                       &shared->source, &err) < 0) {
		program_fail(program_refuse(NULL, id, &err));
		free(shared);
		return;
	}
	shared->source.keeper = opts->keeper;
	atomic_init(&shared->users, 1);
	for (unsigned i = 0; i < opts->count; i++)
		add_branch(run, shared);
	release(shared);
}

int main(int argc, char **argv)
{
	struct opts opts = {.count = 1, .jobs = 1, .at = PROGRAM_NONE, .keeper = -1};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .resources = resources_new(opts.tasks)};
	run.branches = pool_new(opts.jobs, run_branch, &run);
	struct pool *episodes = pool_new(1, run_episode, &run);
	status = intake_episodes(program_operands(), episodes);
	pool_free(episodes);
	pool_free(run.branches);
	resources_free(run.resources);
	fd_close(&opts.keeper);
	return program_finish(status);
}
