/* env-step: actions → observations: carries actions out in their episodes. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "resources.h"
#include "step.h"

struct opts {
	const char *tasks, *episode;
	unsigned jobs;
	bool plain, strict, retry, skip, sync;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {'e', "episode", "EPISODE", "the episode of actions that name none", PROGRAM_TEXT(episode)},
        {PROGRAM_JOBS},
        {0, "plain", NULL, "each input line is a command, not a record", PROGRAM_FLAG(plain)},
        {0, "strict", NULL, "stop at the first record that cannot be handled", PROGRAM_FLAG(strict)},
        {0, "retry", NULL, "carry a step that was interrupted out again, and go on", PROGRAM_FLAG(retry)},
        {0, "skip", NULL, "leave a step that was interrupted as it is, and go on", PROGRAM_FLAG(skip)},
        {PROGRAM_SYNC},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	if (opts->retry && opts->skip)
		return err_set(err, ERR_USAGE, "--retry and --skip exclude each other");
	if (*operands && !opts->episode)
		return err_set(err, ERR_USAGE, "a command needs -e EPISODE");
	if (opts->plain && !opts->episode)
		return err_set(err, ERR_USAGE, "--plain needs -e EPISODE");
	return 0;
}

static const struct program program = {
        .name = "env-step",
        .synopsis = "[-T DIR] [-e EPISODE] [-j JOBS] [--plain] [--strict] [--retry | --skip] [--sync] [-- COMMAND...]",
        .summary = "Carries out the actions on standard input, or COMMAND, and prints what was observed.",
        .options = options,
        .check = check,
        .boxes = true,
};

struct run {
	const struct opts *opts;
	struct resources *resources;
	struct stepper *stepper;
	struct pool *pool;
	atomic_bool refused; /* an action was, by a job */
};

struct job {
	char *episode;
	json action; /* or json_none(): only what was interrupted */
	uint64_t line;
};

/* An action, after what was interrupted before it. An action that is itself the interrupted one has one observation. */
static int carry_out(const struct run *run, const struct job *job, json *observation, struct buf *text, struct err *err)
{
	JSON_AUTO settled = json_none();
	bool only = json_is_none(job->action);
	if ((run->opts->retry || run->opts->skip) && stepper_settle(run->stepper, job->episode, &settled, err) < 0)
		return -1;
	int failed = only ? 0 : stepper_action(run->stepper, job->episode, job->action, observation, text, err);
	if (json_is_object(settled) && (only || !json_equal(json_get(settled, "step"), json_get(*observation, "step"))))
		program_print(settled);
	return failed;
}

static void answer(struct run *run, const struct job *job)
{
	struct err err;
	const struct record record = {.number = job->line, .value = json_none()};
	JSON_AUTO observation = json_none();
	BUF_AUTO text = {0};
	if (carry_out(run, job, &observation, &text, &err) < 0) {
		atomic_store(&run->refused, true);
		program_fail(program_refuse(&record, job->episode, &err));
	} else if (!json_is_none(observation)) {
		program_print_dumped(observation, &text);
	}
}

static void run_job(void *data, void *context)
{
	struct job *job = data;
	struct run *run = context;
	/* With --strict nothing is done after the first failure. */
	if (!program_stopped() && !(run->opts->strict && atomic_load(&run->refused)))
		answer(run, job);
	json_free(&job->action);
	free(job->episode);
	free(job);
}

static void add_job(struct run *run, const char *episode, json action, uint64_t line)
{
	struct job *job = mem_alloc(1, sizeof *job);
	*job = (struct job){mem_string(episode), action, line};
	pool_add(run->pool, episode, job);
}

/* What of a record is the action, and whose. */
static int handle(struct record *record, void *context)
{
	struct run *run = context;
	struct err err;
	json value = record->value;
	const char *type = json_get_string(value, "type"), *episode = record_episode(value);
	bool odd = !episode && !json_is_none(json_get(value, "episode"));
	if (run->opts->strict && atomic_load(&run->refused))
		return ERR_INPUT;
	if (!episode)
		episode = run->opts->episode;
	if (!json_is_object(value) && !json_is_string(value))
		err_set(&err, ERR_INPUT, "an action is an object or a string");
	else if (type && strcmp(type, "action") != 0)
		err_set(&err, ERR_INPUT, "not an action, but of type %.40s", type);
	else if (odd)
		err_set(&err, ERR_INPUT, "\"episode\" is no id");
	else if (!episode)
		err_set(&err, ERR_INPUT, "no \"episode\" in it, and no -e");
	else {
		add_job(run, episode, json_take(&record->value), record->number);
		return 0;
	}
	return program_refuse(record, episode, &err);
}

/* The words of the command line as one command, as ssh does. */
static void handle_command(struct run *run, char **words)
{
	BUF_AUTO command = {0};
	for (int i = 0; words[i]; i++) {
		if (i > 0)
			buf_add_char(&command, ' ');
		buf_add_string(&command, words[i]);
	}
	json action = json_new_object(), args = json_new_object();
	json_set_string(&args, "command", buf_string(&command));
	json_set_string(&action, "tool", "shell");
	json_set(&action, "args", args);
	add_job(run, run->opts->episode, action, 0);
}

int main(int argc, char **argv)
{
	struct opts opts = {.jobs = 1};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .resources = resources_new(opts.tasks)};
	run.stepper = stepper_new(run.resources, (opts.retry ? STEP_RETRY : 0) | (opts.skip ? STEP_SKIP : 0) |
	                                                 (opts.sync ? STEP_SYNC : 0));
	run.pool = pool_new(opts.jobs, run_job, &run);
	if (opts.episode && (opts.retry || opts.skip))
		add_job(&run, opts.episode, json_none(), 0);
	if (*program_operands())
		handle_command(&run, program_operands());
	else
		status = intake_records((opts.plain ? INTAKE_PLAIN : 0) | (opts.strict ? INTAKE_STRICT : 0), handle, &run);
	pool_free(run.pool);
	stepper_free(run.stepper);
	resources_free(run.resources);
	return program_finish(status);
}
