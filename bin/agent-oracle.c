/* agent-oracle: observations → actions: plays each task's known solution. */
#include "episode.h"
#include "intake.h"
#include "program.h"
#include "resources.h"
#include "tool.h"

struct opts {
	const char *tasks;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	(void)given;
	if (*operands)
		return err_set(err, ERR_USAGE, "it takes no operands: observations come on standard input");
	return 0;
}

static const struct program program = {
        .name = "agent-oracle",
        .synopsis = "[-T DIR]",
        .summary = "Plays the known solution of each task whose first observation comes in.",
        .options = options,
        .check = check,
};

struct run {
	struct resources *resources;
};

/* The solution's actions, whatever form they have there, as action records of this episode. Owned array. */
static int action_records(const struct task *task, const char *episode, json *records, struct err *err)
{
	JSON_AUTO actions = json_none();
	JSON_AUTO list = json_new_array();
	if (task_solution(task, &actions, err) < 0)
		return -1;
	if (json_length(actions) == 0)
		return err_set(err, ERR_INPUT, "task %s has no solution", task->id);
	for (int i = 0; i < json_length(actions); i++) {
		char problem[160];
		json tools = json_get(task->definition, "tools"), record = json_new_object(), value;
		JSON_AUTO full = tool_action(json_at(actions, i), tools, problem, sizeof problem);
		const char *key;
		json_set_string(&record, "episode", episode);
		for (int at = -1; json_each(full, &at, &key, &value);)
			json_set(&record, key, json_copy(value));
		json_append(&list, record);
		if (problem[0])
			return err_set(err, ERR_INPUT, "task %s: action %d of its solution: %s", task->id, i + 1, problem);
	}
	*records = list;
	list = json_none();
	return 0;
}

/* The task as it is in this episode. */
static const struct task *find_task(const struct run *run, const char *id, const char *name, struct err *err)
{
	const struct task *task = resources_find(run->resources, id, err);
	if (!task || !task->generates)
		return task;
	struct episode *episode = episode_open(name, err);
	if (!episode)
		return NULL;
	const char *seed = json_get_string(episode->meta, "seed");
	task = resources_instance(run->resources, task, seed ? seed : "0", err);
	episode_free(episode);
	return task;
}

static int handle(struct record *record, void *context)
{
	struct run *run = context;
	struct err err;
	JSON_AUTO records = json_none();
	const char *episode = record_episode(record->value), *id = json_get_string(record->value, "task");
	json step = json_get(record->value, "step");
	if (!record_is(record->value, "observation") || !episode || !id || !json_is_number(step)) {
		err_set(&err, ERR_INPUT, "not an observation with episode, task and step");
		return program_refuse(record, episode, &err);
	}
	/* The solution is played as a whole when the episode opens; what is observed then changes nothing. */
	if (json_number(step, 0) != 0)
		return 0;
	const struct task *task = find_task(run, id, episode, &err);
	if (!task || action_records(task, episode, &records, &err) < 0)
		return program_refuse(record, episode, &err);
	for (int i = 0; i < json_length(records) && !program_output_failed(); i++)
		program_print(json_at(records, i));
	return 0;
}

int main(int argc, char **argv)
{
	struct opts opts = {0};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.resources = resources_new(opts.tasks)};
	status = intake_records(0, handle, &run);
	resources_free(run.resources);
	return program_finish(status);
}
