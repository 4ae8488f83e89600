/* rollout-replay: rollouts → reports: carries their actions out again and compares. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "digest.h"
#include "intake.h"
#include "normalise.h"
#include "pool.h"
#include "program.h"
#include "replay_done.h"
#include "replay_report.h"
#include "replay_summary.h"
#include "resources.h"
#include "show.h"

struct opts {
	const char *tasks, *done;
	unsigned jobs;
	struct replay_options replay;
	bool list, summary;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {PROGRAM_JOBS},
        {0, "normalise", "NAMES", "normalise by default|task|all|none, or names with commas between (default,task)",
         PROGRAM_TEXT(replay.normalise)},
        {0, "stop-at", "STEP", "carry out no step behind this one, and grade nothing",
         PROGRAM_NUMBER(replay.stop_at, 1, 1000000000)},
        {0, "verify-only", NULL, "compare no observations: grade what each ends in, and compare the reward",
         PROGRAM_FLAG(replay.verify_only)},
        {0, "summary", NULL, "print a summary of all as the last record", PROGRAM_FLAG(summary)},
        {0, "done", "FILE", "leave out the rollouts that FILE lists, and add those that were replayed", PROGRAM_TEXT(done)},
        {0, "list-normalisers", NULL, "list the normalisers and exit", PROGRAM_FLAG(list)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	struct normalise *normalise = normalise_new(opts->replay.normalise, json_none(), err);
	normalise_free(normalise);
	if (!normalise)
		return err_set(err, ERR_USAGE, "--normalise: %s", err->text);
	if (opts->replay.stop_at > 0 && opts->replay.verify_only)
		return err_set(err, ERR_USAGE, "--stop-at and --verify-only exclude each other");
	if (*operands)
		return err_set(err, ERR_USAGE, "it takes no operands: rollouts come on standard input");
	return 0;
}

static const struct program program = {
        .name = "rollout-replay",
        .synopsis = "[-T DIR] [-j JOBS] [--normalise NAMES] [--stop-at STEP | --verify-only] [--summary] [--done FILE] "
                    "[--list-normalisers]",
        .summary = "Carries out the actions of the rollouts on standard input again and compares every observation and "
                   "the verdict.",
        .options = options,
        .check = check,
        .boxes = true,
};

struct run {
	const struct replay_options *options;
	struct resources *resources;
	struct replay_done *done;
	struct replay_summary summary;
	pthread_mutex_t lock; /* of the summary */
	struct pool *pool;
};

struct job {
	json rollout;
	uint64_t line;
	char digest[DIGEST_TEXT];
};

/* Behind the report, which is on the disk then, so that nothing counts as done that nobody was told of. */
static void note_done(struct run *run, const struct job *job, json report)
{
	struct err err;
	if (run->done && program_output_sync() &&
	    replay_done_add(run->done, json_get_string(job->rollout, "episode"), job->digest,
	                    json_get_string(report, "match"), &err) < 0) {
		program_error(&err);
		program_fail(ERR_SYSTEM);
	}
}

/* One that could not be run says so in a report of its own: it is neither a match nor a divergence, and not done. */
static void replay(struct run *run, const struct job *job)
{
	struct err err;
	JSON_AUTO report = json_none();
	bool ran = replay_rollout(run->resources, run->options, job->rollout, &report, &err) == 0;
	if (!ran) {
		report = replay_unreplayable(job->rollout, &err);
		err_context(&err, "line %llu", (unsigned long long)job->line);
		program_error(&err);
		program_fail(ERR_SYSTEM);
	} else if (json_get_is(report, "match", "diverged")) {
		program_fail(ERR_NEGATIVE);
	}
	if (program_print(report) && ran)
		note_done(run, job, report);
	pthread_mutex_lock(&run->lock);
	replay_summary_add(&run->summary, report);
	pthread_mutex_unlock(&run->lock);
}

static void run_job(void *data, void *context)
{
	struct job *job = data;
	if (!program_stopped())
		replay(context, job);
	json_free(&job->rollout);
	free(job);
}

/* Whether an earlier run has reported it. Its status counts for this one. */
static bool is_done(struct run *run, const char *digest)
{
	const char *match = run->done ? replay_done_find(run->done, digest) : NULL;
	if (!match)
		return false;
	if (!strcmp(match, "diverged"))
		program_fail(ERR_NEGATIVE);
	pthread_mutex_lock(&run->lock);
	replay_summary_resume(&run->summary, match);
	pthread_mutex_unlock(&run->lock);
	return true;
}

static int handle(struct record *record, void *context)
{
	struct run *run = context;
	struct err err;
	char key[32], digest[DIGEST_TEXT] = "";
	if (replay_check(record->value, &err) < 0)
		return program_refuse(record, json_get_string(record->value, "episode"), &err);
	if (run->done)
		digest_of(record->line, record->len, digest);
	if (is_done(run, digest))
		return 0;
	struct job *job = mem_alloc(1, sizeof *job);
	*job = (struct job){.rollout = json_take(&record->value), .line = record->number};
	memcpy(job->digest, digest, sizeof digest);
	/* Any two may run at a time, whatever they call themselves. */
	snprintf(key, sizeof key, "%llu", (unsigned long long)record->number);
	pool_add_sized(run->pool, key, job, record->len);
	return 0;
}

/* As a record if it was asked for; else a person at a terminal is told. */
static void print_summary(const struct run *run, bool wanted)
{
	BUF_AUTO text = {0};
	JSON_AUTO record = replay_summary_record(&run->summary);
	if (wanted) {
		program_print(record);
	} else if (isatty(STDERR_FILENO) && !program_quiet() && json_get_number(record, "rollouts", 0) > 1) {
		show_record(record, false, &text);
		(void)!write(STDERR_FILENO, text.data, text.len);
	}
}

static void list_normalisers(void)
{
	json rule;
	for (size_t n = 0; !json_is_none(rule = normalise_rule(n)); n++) {
		program_print(rule);
		json_free(&rule);
	}
}

static int replay_all(const struct opts *opts)
{
	struct err err;
	struct run run = {.options = &opts->replay, .lock = PTHREAD_MUTEX_INITIALIZER};
	if (opts->done && (!(run.done = replay_done_open(opts->done, &err)) || replay_done_mend(STDOUT_FILENO, &err) < 0)) {
		replay_done_free(run.done);
		program_error(&err);
		return err.code;
	}
	replay_summary_init(&run.summary);
	run.resources = resources_new(opts->tasks);
	run.pool = pool_new(opts->jobs, run_job, &run);
	int status = intake_records(INTAKE_LONG, handle, &run);
	pool_free(run.pool);
	print_summary(&run, opts->summary);
	resources_free(run.resources);
	replay_summary_free(&run.summary);
	replay_done_free(run.done);
	return status;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	if (opts.list)
		list_normalisers();
	else
		status = replay_all(&opts);
	return program_finish(status);
}
