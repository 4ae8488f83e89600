/* env-verify: any record with an episode → verdicts: grades episodes. */
#include "buf.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "step.h"

struct opts {
	const char *tasks;
	unsigned jobs;
	bool again, sync;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {PROGRAM_JOBS},
        {0, "again", NULL, "grade anew what has a verdict already", PROGRAM_FLAG(again)},
        {PROGRAM_SYNC},
        {.name = NULL},
};

static const struct program program = {
        .name = "env-verify",
        .synopsis = "[-T DIR] [-j JOBS] [--again] [--sync] [EPISODE...]",
        .summary = "Grades each episode once, when it has ended or at the end of input, and prints the verdicts.",
        .options = options,
        .boxes = true,
};

struct run {
	const struct opts *opts;
	struct stepper *stepper;
};

static void run_job(void *data, void *context)
{
	STRING_AUTO episode = data;
	struct run *run = context;
	struct err err;
	JSON_AUTO verdict = json_none();
	if (program_stopped())
		return;
	if (stepper_verdict(run->stepper, episode, run->opts->again, &verdict, &err) < 0) {
		program_fail(program_refuse(NULL, episode, &err));
		return;
	}
	if (json_get_is(verdict, "status", "error"))
		program_fail(ERR_SYSTEM);
	else if (!json_get_is(verdict, "status", "pass"))
		program_fail(ERR_NEGATIVE);
	program_print(verdict);
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct resources *resources = resources_new(opts.tasks);
	struct run run = {.opts = &opts, .stepper = stepper_new(resources, opts.sync ? STEP_SYNC : 0)};
	struct pool *pool = pool_new(opts.jobs, run_job, &run);
	status = intake_episodes(program_operands(), pool);
	pool_free(pool);
	stepper_free(run.stepper);
	resources_free(resources);
	return program_finish(status);
}
