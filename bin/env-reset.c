/* env-reset: tasks → observations: opens episodes. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "reset.h"
#include "resources.h"

struct opts {
	const char *tasks, *seed, *prefix;
	unsigned jobs, count, idle_s;
	int keeper; /* pidfd of the process that the boxes live with; -1: none */
	bool landlock, sync;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {'n', "number", "COUNT", "open COUNT episodes of each task (1)", PROGRAM_NUMBER(count, 1, 1000000)},
        {PROGRAM_JOBS},
        {PROGRAM_SEED},
        {PROGRAM_ID},
        {PROGRAM_ISOLATION},
        {0, "idle", "TIME", "a box ends when nothing was asked of it for TIME (1h)", PROGRAM_DURATION(idle_s, 1, 604800)},
        {PROGRAM_KEEPER},
        {PROGRAM_SYNC},
        {.name = NULL},
};

static const struct program program = {
        .name = "env-reset",
        .synopsis = "[-T DIR] [-n COUNT] [-j JOBS] [--seed SEED] [--id PREFIX] [--isolation NAME] "
                    "[--idle TIME] [--keep-alive-with PID] [--sync] [TASK...]",
        .summary = "Opens episodes of the tasks named, or of the task records on standard input, and prints their "
                   "first observations.",
        .options = options,
        .boxes = true,
};

struct run {
	const struct opts *opts;
	struct resources *resources;
	struct pool *pool;
	uint64_t number; /* of episodes asked for so far */
};

/* One task's starting point, shared by the jobs of its episodes. */
struct shared_source {
	struct start_source source;
	atomic_int users;
};

struct job {
	struct shared_source *source;
	char id[EPISODE_ID_MAX + 1];
	uint64_t line;
};

static void release(struct shared_source *shared)
{
	if (atomic_fetch_sub(&shared->users, 1) > 1)
		return;
	start_source_close(&shared->source);
	free(shared);
}

static void open_episode(const struct run *run, const struct job *job)
{
	struct err err;
	const struct record record = {.number = job->line, .value = json_none()};
	JSON_AUTO observation = json_none();
	if (reset_episode(run->resources, &job->source->source, job->id, run->opts->seed, run->opts->sync, &observation,
	                  &err) < 0)
		program_fail(program_refuse(&record, job->id, &err));
	else if (!program_print(observation))
		reset_discard(job->id); /* nobody knows of it */
}

static void run_job(void *data, void *context)
{
	struct job *job = data;
	if (!program_stopped())
		open_episode(context, job);
	release(job->source);
	free(job);
}

static int open_task(struct run *run, const char *id, const char *digest, uint64_t line, struct err *err)
{
	const struct task *task = resources_find(run->resources, id, err);
	if (!task || task_require(task, err) < 0)
		return -1;
	if (digest && strcmp(digest, task->digest) != 0)
		return err_set(err, ERR_INPUT, "task %s is not the one of the record: its digest differs", id);
	struct shared_source *shared = mem_alloc(1, sizeof *shared);
	if (start_source_open(task, &shared->source, err) < 0) {
		free(shared);
		return -1;
	}
	shared->source.landlock = run->opts->landlock;
	shared->source.idle_s = run->opts->idle_s;
	shared->source.keeper = run->opts->keeper;
	atomic_init(&shared->users, 1);
	for (unsigned i = 0; i < run->opts->count; i++) {
		struct job *job = mem_alloc(1, sizeof *job);
		job->source = shared;
		job->line = line;
		reset_next_id(run->opts->prefix, &run->number, job->id);
		atomic_fetch_add(&shared->users, 1);
		pool_add(run->pool, job->id, job);
	}
	release(shared);
	return 0;
}

static int handle(struct record *record, void *context)
{
	struct run *run = context;
	struct err err;
	const char *id = json_get_string(record->value, "id");
	if (!record_is(record->value, "task") || !id)
		err_set(&err, ERR_INPUT, "not a task record");
	else if (open_task(run, id, json_get_string(record->value, "digest"), record->number, &err) == 0)
		return 0;
	return program_refuse(record, NULL, &err);
}

int main(int argc, char **argv)
{
	struct opts opts = {.seed = "0", .count = 1, .jobs = 1, .idle_s = EPISODE_IDLE_S, .keeper = -1};
	struct err err;
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .resources = resources_new(opts.tasks)};
	run.pool = pool_new(opts.jobs, run_job, &run);
	char **operand = program_operands();
	if (!*operand)
		status = intake_records(0, handle, &run);
	for (; *operand; operand++)
		if (open_task(&run, *operand, NULL, 0, &err) < 0)
			status = program_worse(status, program_refuse(NULL, NULL, &err));
	pool_free(run.pool);
	resources_free(run.resources);
	fd_close(&opts.keeper);
	return program_finish(status);
}
