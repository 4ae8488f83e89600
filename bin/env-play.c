/* env-play: a person plays an episode. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "player.h"
#include "program.h"
#include "stop.h"
#include "text.h"

enum { SEED = 256, SOLUTION };

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR"},
        {SEED, "seed", "SEED", "the seed that a task's setup sees (0)"},
        {SOLUTION, "solution", "TASK", "show how TASK is solved, step by step"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-play",
        .synopsis = "[-T DIR] [--seed SEED] [TASK | EPISODE | --solution TASK]",
        .summary = "Lets a person play an episode of TASK, or go on with EPISODE.",
        .options = options,
        .boxes = true,
        .for_person = true,
};

struct opts {
	const char *tasks, *seed, *solution, *operand;
};

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		*(letter == 'T' ? &opts->tasks : letter == SEED ? &opts->seed : &opts->solution) = program_argument();
	}
	char **operands = argv + program_operand();
	opts->operand = operands[0];
	if (text_valid(opts->seed, strlen(opts->seed)) < strlen(opts->seed))
		*status = program_usage("a seed must be UTF-8");
	else if (operands[0] && (operands[1] || opts->solution))
		*status = program_usage("it takes one task or episode");
	else if (!operands[0] && !opts->solution)
		*status = program_usage("a task or an episode is needed");
	return *status == 0;
}

/* A person at a terminal types lines and is asked; else lines come from wherever standard input does. */
static int begin(struct player *player, const struct opts *opts, struct err *err)
{
	int interrupts = -1;
	player->screen = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && program_for_person();
	if (player->screen && (interrupts = stop_take_interrupts()) < 0)
		return err_system(err, "descriptor for signals");
	player->resources = resources_new(opts->tasks);
	player->stepper = stepper_new(player->resources, STEP_SKIP);
	stepper_interrupt(player->stepper, interrupts > 0 ? interrupts : 0);
	player->lines = player_lines_new(player->screen, interrupts, player_complete_word, player, err);
	return player->lines ? 0 : -1;
}

/* What is a task's name has a slash, and no episode's has. */
static int play(struct player *player, const char *name, char **next, struct err *err)
{
	bool is_task = strchr(name, '/') != NULL;
	if ((is_task ? player_open(player, name, err) : player_continue(player, name, err)) < 0)
		return -1;
	const struct task *task = player_task(player, err);
	if (!task)
		return -1;
	if (!program_for_person())
		program_print(player->reset);
	player_show_task(player, task);
	player_loop(player, next);
	return 0;
}

static int play_all(struct player *player, const char *operand, struct err *err)
{
	char *name = mem_string(operand);
	int failed = 0;
	while (name && !failed) {
		char *next = NULL;
		failed = play(player, name, &next, err);
		free(name);
		name = next;
	}
	return failed;
}

int main(int argc, char **argv)
{
	struct opts opts = {.seed = "0"};
	struct player player = {.meta = json_none(), .reset = json_none(), .last = json_none(), .state = json_none()};
	struct err err;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	player.tasks = opts.tasks;
	player.seed = opts.seed;
	int failed = begin(&player, &opts, &err);
	if (!failed)
		failed = opts.solution ? player_solution(&player, opts.solution, &err)
		                       : play_all(&player, opts.operand, &err);
	status = failed ? program_refuse(NULL, NULL, &err) : player.status;
	player_free(&player);
	return program_finish(status);
}
