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

enum { AT = 256, ACCEPT, ID, KEEPER, SYNC };

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR (a list with colons between)"},
        {'n', "number", "COUNT", "make COUNT branches of each episode (1)"},
        {'j', "jobs", "JOBS", "work on up to JOBS at a time (1); their order is then open"},
        {AT, "at", "STEP", "branch after STEP, replaying all up to it, rather than as the episode stands"},
        {ACCEPT, "accept", NULL, "go on also where a replay diverged"},
        {ID, "id", "PREFIX", "name the episodes PREFIX-1, PREFIX-2, ..."},
        {KEEPER, "keep-alive-with", "PID", "the boxes end when process PID does"},
        {SYNC, "sync", NULL, "write so that it survives a power cut"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-fork",
        .synopsis = "[-T DIR] [-n COUNT] [-j JOBS] [--at STEP [--accept]] [--id PREFIX] "
                    "[--keep-alive-with PID] [--sync] [EPISODE...]",
        .summary = "Branches episodes: makes new ones that begin where these stand, and prints their first "
                   "observations.",
        .options = options,
        .boxes = true,
};

struct opts {
	const char *tasks, *prefix;
	unsigned jobs;
	uint64_t count, at;
	int keeper; /* pidfd of the process that the branches' boxes live with; -1: none */
	bool has_at, accept, sync;
};

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT)
			return false;
		else if (letter == 'T')
			opts->tasks = program_argument();
		else if (letter == 'n')
			*status = program_number(1, 1000000, &opts->count);
		else if (letter == 'j')
			*status = program_jobs(&opts->jobs);
		else if (letter == AT)
			opts->has_at = (*status = program_number(0, INT32_MAX, &opts->at)) == 0;
		else if (letter == ACCEPT)
			opts->accept = true;
		else if (letter == ID)
			*status = program_prefix(&opts->prefix);
		else if (letter == KEEPER)
			*status = program_process(&opts->keeper);
		else if (letter == SYNC)
			opts->sync = true;
	if (opts->accept && !opts->has_at)
		*status = program_usage("--accept is for --at");
	return *status == 0;
}

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
	if (branch_source_open(run->resources, id, opts->has_at ? (int)opts->at : -1, opts->accept, &shared->source,
	                       &err) < 0) {
		program_fail(program_refuse(NULL, id, &err));
		free(shared);
		return;
	}
	shared->source.keeper = opts->keeper;
	atomic_init(&shared->users, 1);
	for (uint64_t i = 0; i < opts->count; i++)
		add_branch(run, shared);
	release(shared);
}

int main(int argc, char **argv)
{
	struct opts opts = {.count = 1, .jobs = 1, .keeper = -1};
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
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
