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

enum { PLAIN = 256, STRICT, RETRY, SKIP, SYNC };

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR (a list with colons between)"},
        {'e', "episode", "EPISODE", "the episode of actions that name none"},
        {'j', "jobs", "JOBS", "work on up to JOBS at a time (1); their order is then open"},
        {PLAIN, "plain", NULL, "each input line is a command, not a record"},
        {STRICT, "strict", NULL, "stop at the first record that cannot be handled"},
        {RETRY, "retry", NULL, "carry a step that was interrupted out again, and go on"},
        {SKIP, "skip", NULL, "leave a step that was interrupted as it is, and go on"},
        {SYNC, "sync", NULL, "write so that it survives a power cut"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-step",
        .synopsis = "[-T DIR] [-e EPISODE] [-j JOBS] [--plain] [--strict] [--retry | --skip] [--sync] [-- COMMAND...]",
        .summary = "Carries out the actions on standard input, or COMMAND, and prints what was observed.",
        .options = options,
        .boxes = true,
};

struct opts {
	const char *tasks, *episode;
	unsigned jobs;
	bool plain, strict;
	int flags; /* of the stepper */
};

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT)
			return false;
		else if (letter == 'T')
			opts->tasks = program_argument();
		else if (letter == 'e')
			opts->episode = program_argument();
		else if (letter == 'j')
			*status = program_jobs(&opts->jobs);
		else if (letter == PLAIN)
			opts->plain = true;
		else if (letter == STRICT)
			opts->strict = true;
		else if (letter == RETRY)
			opts->flags |= STEP_RETRY;
		else if (letter == SKIP)
			opts->flags |= STEP_SKIP;
		else if (letter == SYNC)
			opts->flags |= STEP_SYNC;
	if (opts->flags & STEP_RETRY && opts->flags & STEP_SKIP)
		*status = program_usage("--retry and --skip exclude each other");
	else if (*program_operands() && !opts->episode)
		*status = program_usage("a command needs -e EPISODE");
	else if (opts->plain && !opts->episode)
		*status = program_usage("--plain needs -e EPISODE");
	return *status == 0;
}

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
	if (run->opts->flags & (STEP_RETRY | STEP_SKIP) && stepper_settle(run->stepper, job->episode, &settled, err) < 0)
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
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .resources = resources_new(opts.tasks)};
	run.stepper = stepper_new(run.resources, opts.flags);
	run.pool = pool_new(opts.jobs, run_job, &run);
	if (opts.episode && opts.flags & (STEP_RETRY | STEP_SKIP))
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
