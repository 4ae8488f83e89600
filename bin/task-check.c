/* task-check: tasks → reports: gates tasks before agents meet them. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "gate.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "stop.h"

struct opts {
	const char *tasks;
	unsigned jobs;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {PROGRAM_JOBS},
        {.name = NULL},
};

static const struct program program = {
        .name = "task-check",
        .synopsis = "[-T DIR] [-j JOBS] [TASK...]",
        .summary =
                "Finds out whether the tasks named, or those of the task records on standard input, are fit for use: "
                "their\nsolution scores 1, again and again; doing nothing and cheats score 0; nothing that grades is "
                "in sight.",
        .options = options,
        .boxes = true,
};

struct run {
	struct resources *resources;
	struct pool *pool;
	pthread_mutex_t lock; /* of what follows, and of the terminal */
	bool progress;
	unsigned asked, done, failed;
};

struct job {
	char *id, *digest; /* digest: of the record, or NULL */
};

/* One line of a terminal that is written over, and cleared while a report is printed. */
static void show_progress(const struct run *run, bool clear)
{
	STRING_AUTO line = mem_format("\r%*s\r", 60, "");
	if (!run->progress)
		return;
	(void)!write(STDERR_FILENO, line, strlen(line));
	if (clear)
		return;
	STRING_AUTO text = mem_format("%u of %u tasks checked, %u not fit", run->done, run->asked, run->failed);
	(void)!write(STDERR_FILENO, text, strlen(text));
}

static void print_report(struct run *run, json report, enum err_code status)
{
	pthread_mutex_lock(&run->lock);
	run->done++;
	run->failed += status != ERR_NONE;
	show_progress(run, true);
	program_print(report);
	show_progress(run, false);
	pthread_mutex_unlock(&run->lock);
}

static void run_job(void *data, void *context)
{
	struct job *job = data;
	struct run *run = context;
	JSON_AUTO report = json_none();
	enum err_code status = ERR_SYSTEM;
	if (!program_stopped())
		status = gate_task(run->resources, job->id, job->digest, &report);
	/* What a stop signal cut short says nothing of a task. */
	if (stop_signal())
		status = ERR_SYSTEM;
	else if (!json_is_none(report))
		print_report(run, report, status);
	program_fail(status);
	free(job->id);
	free(job->digest);
	free(job);
}

static void add_task(struct run *run, const char *id, const char *digest, uint64_t number)
{
	struct job *job = mem_alloc(1, sizeof *job);
	char key[32];
	*job = (struct job){mem_string(id), digest ? mem_string(digest) : NULL};
	snprintf(key, sizeof key, "%llu", (unsigned long long)number);
	pthread_mutex_lock(&run->lock);
	run->asked++;
	show_progress(run, false);
	pthread_mutex_unlock(&run->lock);
	pool_add(run->pool, key, job);
}

static int handle(struct record *record, void *context)
{
	struct err err;
	const char *id = json_get_string(record->value, "id");
	if (!record_is(record->value, "task") || !id) {
		err_set(&err, ERR_INPUT, "not a task record");
		return program_refuse(record, NULL, &err);
	}
	add_task(context, id, json_get_string(record->value, "digest"), record->number);
	return 0;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.resources = resources_new(opts.tasks), .lock = PTHREAD_MUTEX_INITIALIZER};
	run.progress = isatty(STDERR_FILENO) && !program_quiet();
	run.pool = pool_new(opts.jobs, run_job, &run);
	char **operand = program_operands();
	if (!*operand)
		status = intake_records(0, handle, &run);
	for (uint64_t number = 1; *operand && !stop_signal(); operand++, number++)
		add_task(&run, *operand, NULL, number);
	pool_free(run.pool);
	show_progress(&run, true);
	resources_free(run.resources);
	return program_finish(status);
}
