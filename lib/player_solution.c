/* How an episode was played beside how it can be; and what comes next. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

#include "curriculum.h"
#include "program.h"
#include "replay.h"
#include "reset.h"
#include "stop.h"

/* Actions as the steps of a rollout, but for what would grade them. */
static json steps_of(json actions)
{
	json steps = json_new_array();
	for (int i = 0; i < json_length(actions); i++) {
		json action = json_at(actions, i), step = json_new_object();
		if (json_get_is(action, "tool", "submit")) {
			json_free(&step);
			continue;
		}
		json_set(&step, "action", json_copy(action));
		json_set(&step, "observation", json_new_null());
		json_append(&steps, step);
	}
	return steps;
}

int player_oracle(struct player *player, int *steps, double *seconds, struct err *err)
{
	struct replay replay;
	JSON_AUTO actions = json_none();
	const struct task *task = player_task(player, err);
	*seconds = -1;
	*steps = 0;
	if (!task || task_solution(task, &actions, err) < 0)
		return -1;
	*steps = json_length(actions);
	if (*steps == 0)
		return 0;
	JSON_AUTO list = steps_of(actions);
	if (replay_open(&replay, player->resources, player->episode->meta, NULL, err) < 0)
		return -1;
	replay.blind = true;
	int failed = replay_steps(&replay, list, json_length(list), err);
	if (!failed)
		*seconds = replay.wall_ms / 1000;
	replay_close(&replay);
	return failed;
}

int player_finish(struct player *player, json *verdict, struct err *err)
{
	struct err unknown;
	if (stepper_verdict(player->stepper, player->episode->id, false, verdict, err) < 0)
		return -1;
	player_show_end(player, *verdict, player_task(player, &unknown));
	player->graded = true;
	return 0;
}

/* --- the known way ------------------------------------------------------------------ */

/* Whether the person wants to see the next step. */
static bool goes_on(struct player *player, bool asks, bool first)
{
	if (!asks)
		return !stop_signal() && !program_output_failed();
	player->screen = true;
	char answer =
	        player_ask(player, first ? "Enter: the first step, q: enough " : "\nEnter: the next step, q: enough ");
	player->screen = false;
	return answer != 'q' && answer != '\0';
}

static int show_steps(struct player *player, json actions, struct err *err)
{
	bool asks = player->screen;
	int count = json_length(actions), failed = 0;
	JSON_AUTO verdict = json_none();
	/* What is done is shown, as nobody has typed it. */
	player->screen = false;
	for (int i = 0; i < count && !failed && !player_over(player) && goes_on(player, asks, i == 0); i++)
		failed = player_act(player, json_copy(json_at(actions, i)), err);
	player->screen = asks;
	return !failed && player_over(player) ? player_finish(player, &verdict, err) : failed;
}

int player_solution(struct player *player, const char *id, struct err *err)
{
	JSON_AUTO actions = json_none();
	if (player_open(player, id, err) < 0)
		return -1;
	const struct task *task = player_task(player, err);
	int failed = task ? task_solution(task, &actions, err) : -1;
	if (!failed && json_length(actions) == 0)
		failed = err_set(err, ERR_INPUT, "task %s has no known solution", id);
	if (!failed) {
		player_show_task(player, task);
		failed = show_steps(player, actions, err);
	}
	reset_discard(player->episode->id);
	return failed;
}

/* --- the next task --------------------------------------------------------------------- */

struct search {
	struct curriculum *curriculum;
	const char *id; /* of the task that was played */
	long own;       /* its place */
	char **ids;
	long *places;
	size_t count;
};

static bool wanted(const char *id, void *context)
{
	return curriculum_wants(((struct search *)context)->curriculum, id);
}

static int visit(const struct task *task, const struct err *err, void *context)
{
	struct search *search = context;
	(void)err;
	/* What this host cannot run, or is broken, is not offered. */
	if (!task || task_missing(task))
		return 0;
	long place = curriculum_add(search->curriculum, task->id, json_get_string(task->definition, "difficulty"));
	if (place < 0)
		return 0;
	if (!strcmp(task->id, search->id))
		search->own = place;
	search->ids = mem_grow(search->ids, search->count, sizeof *search->ids);
	search->places = mem_grow(search->places, search->count, sizeof *search->places);
	search->ids[search->count] = mem_string(task->id);
	search->places[search->count++] = place;
	return stop_signal() != 0;
}

char *player_next(const struct player *player)
{
	struct err err;
	struct search search = {.id = json_get_string(player->episode->meta, "task"), .own = -1};
	struct task_path *path = task_path_new(player->tasks, &err);
	char *next = NULL;
	long best = 0;
	if (path && search.id && (search.curriculum = curriculum_open(path, "curriculum", &err)) &&
	    task_each(path, wanted, visit, &search, &err) == 0 && search.own >= 0)
		for (size_t i = 0; i < search.count; i++)
			if (search.places[i] > search.own && (!next || search.places[i] < best)) {
				free(next);
				next = mem_string(search.ids[i]);
				best = search.places[i];
			}
	for (size_t i = 0; i < search.count; i++)
		free(search.ids[i]);
	free(search.ids);
	free(search.places);
	curriculum_free(search.curriculum);
	task_path_free(path);
	return next;
}
