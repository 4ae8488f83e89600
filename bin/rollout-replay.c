/* rollout-replay: rollouts → reports: carries their actions out again and compares. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "replay.h"
#include "resources.h"
#include "stop.h"

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR"},
        {'j', "jobs", "JOBS", "replay up to JOBS rollouts at a time (1); their order is then open"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "rollout-replay",
        .synopsis = "[-T DIR] [-j JOBS]",
        .summary = "Carries out the actions of the rollouts on standard input again and compares every observation and "
                   "the verdict.",
        .options = options,
        .boxes = true,
};

struct opts {
	const char *tasks;
	uint64_t jobs;
};

struct job {
	json rollout;
	uint64_t line;
};

/* One that could not be run says so in a report of its own: it is neither a match nor a divergence. */
static json unreplayable(json rollout, const struct err *err)
{
	json report = json_new_object();
	json_set_string(&report, "type", "replay");
	json_set_string(&report, "episode", json_get_string(rollout, "episode"));
	json_set_string(&report, "task", json_get_string(rollout, "task"));
	json_set_string(&report, "match", "unreplayable");
	json_set_number(&report, "steps", json_length(json_get(rollout, "steps")));
	json_set_number(&report, "matched", 0);
	json_set(&report, "first", json_new_null());
	json_set(&report, "verdict_match", json_new_null());
	json_set_string(&report, "reason", err->text);
	return report;
}

static void replay(struct job *job, struct resources *resources)
{
	struct err err;
	JSON_AUTO report = json_none();
	if (replay_rollout(resources, job->rollout, &report, &err) < 0) {
		report = unreplayable(job->rollout, &err);
		err_context(&err, "line %llu", (unsigned long long)job->line);
		program_error(&err);
		program_fail(ERR_SYSTEM);
	} else if (strcmp(json_get_string(report, "match"), "exact") != 0) {
		program_fail(ERR_NEGATIVE);
	}
	program_print(report);
}

static void run_job(void *data, void *context)
{
	struct job *job = data;
	if (stop_signal() || program_output_failed())
		program_fail(ERR_SYSTEM);
	else
		replay(job, context);
	json_free(&job->rollout);
	free(job);
}

static int handle(struct record *record, void *context)
{
	struct pool *pool = context;
	struct err err;
	char key[32];
	if (replay_check(record->value, &err) < 0)
		return program_refuse(record, json_get_string(record->value, "episode"), &err);
	struct job *job = mem_alloc(1, sizeof *job);
	*job = (struct job){json_take(&record->value), record->number};
	/* Any two may run at a time, whatever they call themselves. */
	snprintf(key, sizeof key, "%llu", (unsigned long long)record->number);
	pool_add(pool, key, job);
	return 0;
}

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		if (letter == 'T')
			opts->tasks = program_argument();
		else if (!program_number(1, 4096, &opts->jobs)) {
			*status = ERR_USAGE;
			return false;
		}
	}
	if (!argv[program_operand()])
		return true;
	*status = program_usage("it takes no operands: rollouts come on standard input");
	return false;
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	struct resources *resources = resources_new(opts.tasks);
	struct pool *pool = pool_new((unsigned)opts.jobs, run_job, resources);
	status = intake_records(0, handle, pool);
	pool_free(pool);
	resources_free(resources);
	return program_finish(status);
}
