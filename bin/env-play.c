/* env-play: a person plays an episode. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "chooser.h"
#include "player.h"
#include "program.h"
#include "stop.h"
#include "terminal.h"
#include "watch.h"

struct opts {
	const char *tasks, *seed, *asciicast, *solution, *watch;
	bool pty;
};

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {PROGRAM_SEED},
        {0, "pty", NULL, "give editors, pagers and the like the whole screen, as :pty does", PROGRAM_FLAG(pty)},
        {0, "asciicast", "FILE", "keep what is seen in FILE, an asciicast", PROGRAM_TEXT(asciicast)},
        {0, "solution", "TASK", "show how TASK is solved, step by step", PROGRAM_TEXT(solution)},
        {0, "watch", "EPISODE", "look on while EPISODE is stepped, whoever does it", PROGRAM_TEXT(watch)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	int asked = (operands[0] != NULL) + (opts->solution != NULL) + (opts->watch != NULL);
	if (asked > 1 || (operands[0] && operands[1]))
		return err_set(err, ERR_USAGE, "it takes one task or episode");
	return 0;
}

static const struct program program = {
        .name = "env-play",
        .synopsis = "[-T DIR] [--seed SEED] [--pty] [--asciicast FILE] [TASK | EPISODE | --solution TASK | --watch "
                    "EPISODE]",
        .summary = "Lets a person play an episode of TASK, or go on with EPISODE.",
        .options = options,
        .check = check,
        .boxes = true,
        .for_person = true,
};

/* A person at a terminal types lines and is asked; else lines come from wherever standard input does. */
static int begin(struct player *player, const struct opts *opts, const char *name, struct err *err)
{
	int interrupts = -1;
	player->screen = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && program_for_person();
	if (player->screen && (interrupts = stop_take_interrupts()) < 0)
		return err_system(err, "descriptor for signals");
	if (player->screen && terminal_keep(err) < 0)
		return -1;
	player->stepper = stepper_new(player->resources, STEP_SKIP);
	stepper_interrupt(player->stepper, interrupts > 0 ? interrupts : 0);
	player->pty = opts->pty;
	if (opts->asciicast && player_record(player, opts->asciicast, name, err) < 0)
		return -1;
	player->lines = player_lines_new(player->screen, interrupts, player_complete_word, player, err);
	return player->lines ? 0 : -1;
}

/* Without a name the person chooses one; then there may be none. */
static int choose(const struct opts *opts, char **name, struct err *err)
{
	const char *operand = *program_operands();
	if (operand) {
		*name = mem_string(operand);
		return 0;
	}
	return chooser_run(opts->tasks, name, err) < 0 ? -1 : 0;
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

static int play_all(struct player *player, const struct opts *opts, struct err *err)
{
	char *name = NULL;
	int failed = choose(opts, &name, err) < 0 || (name && begin(player, opts, name, err) < 0) ? -1 : 0;
	while (name && !failed) {
		char *next = NULL;
		failed = play(player, name, &next, err);
		free(name);
		name = next;
	}
	free(name);
	return failed;
}

static int show_solution(struct player *player, const struct opts *opts, struct err *err)
{
	return begin(player, opts, opts->solution, err) < 0 ? -1 : player_solution(player, opts->solution, err);
}

int main(int argc, char **argv)
{
	struct opts opts = {.seed = "0"};
	struct player player = {.reset = json_none()};
	struct err err;
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	player.tasks = opts.tasks;
	player.seed = opts.seed;
	player.resources = resources_new(opts.tasks);
	int failed = opts.watch      ? watch_episode(player.resources, opts.watch, &err)
	             : opts.solution ? show_solution(&player, &opts, &err)
	                             : play_all(&player, &opts, &err);
	failed = asciicast_free(player.cast, failed ? NULL : &err) < 0 ? -1 : failed;
	player.cast = NULL;
	status = failed ? program_refuse(NULL, NULL, &err) : player.status;
	player_free(&player);
	return program_finish(status);
}
