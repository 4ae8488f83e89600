/* agent-oracle: observations → actions: plays each task's known solution. */
#include "intake.h"
#include "program.h"
#include "resources.h"
#include "tool.h"

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "agent-oracle",
        .synopsis = "[-T DIR]",
        .summary = "Plays the known solution of each task whose first observation comes in.",
        .options = options,
};

struct run {
	struct resources *resources;
};

/* An action of the solution, whatever form it has there, for this episode. */
static void print_action(const char *episode, json action, json tools)
{
	char problem[160];
	JSON_AUTO full = tool_action(action, tools, problem, sizeof problem);
	JSON_AUTO record = json_new_object();
	const char *key;
	json value;
	json_set_string(&record, "episode", episode);
	for (int at = -1; json_each(full, &at, &key, &value);)
		json_set(&record, key, json_copy(value));
	program_print(record);
}

static int handle(struct record *record, void *context)
{
	struct run *run = context;
	struct err err;
	JSON_AUTO actions = json_none();
	const char *episode = json_get_string(record->value, "episode"), *id = json_get_string(record->value, "task");
	if (!record_is(record->value, "observation") || !episode || !id) {
		err_set(&err, ERR_INPUT, "not an observation with episode and task");
		return program_refuse(record, episode, &err);
	}
	/* The solution is played as a whole when the episode opens; what is observed then changes nothing. */
	if (json_get_number(record->value, "step", 0) != 0)
		return 0;
	const struct task *task = resources_find(run->resources, id, &err);
	if (!task || task_solution(task, &actions, &err) < 0)
		return program_refuse(record, episode, &err);
	if (json_length(actions) == 0) {
		err_set(&err, ERR_INPUT, "task %s has no solution", id);
		return program_refuse(record, episode, &err);
	}
	for (int i = 0; i < json_length(actions) && !program_output_failed(); i++)
		print_action(episode, json_at(actions, i), json_get(task->definition, "tools"));
	return 0;
}

static bool parse(int argc, char **argv, const char **tasks, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		*tasks = program_argument();
	}
	if (!argv[program_operand()])
		return true;
	*status = program_usage("it takes no operands: observations come on standard input");
	return false;
}

int main(int argc, char **argv)
{
	const char *tasks = NULL;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &tasks, &status))
		return program_finish(status);
	struct run run = {.resources = resources_new(tasks)};
	status = intake_records(0, handle, &run);
	resources_free(run.resources);
	return program_finish(status);
}
