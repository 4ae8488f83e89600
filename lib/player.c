#include "player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "reset.h"
#include "restore.h"
#include "start.h"
#include "stop.h"

void player_free(struct player *player)
{
	for (size_t i = 0; i < player->undone_count; i++)
		free(player->undone[i]);
	free(player->undone);
	board_free(player->board);
	episode_free(player->episode);
	json_free(&player->reset);
	player_lines_free(player->lines);
	stepper_free(player->stepper);
	resources_free(player->resources);
}

/* Brings what is known of it up to its journal's end. The lock is held. */
static int learn(struct episode *episode, struct err *err)
{
	return journal_past(&episode->journal, &episode->past, err);
}

static int enter(struct player *player, const char *id, struct err *err)
{
	JSON_AUTO reset = json_none();
	struct episode *episode = episode_open(id, err);
	if (!episode || episode_lock(episode, err) < 0) {
		episode_free(episode);
		return -1;
	}
	if (journal_reset(&episode->journal, &reset, err) < 0 || learn(episode, err) < 0) {
		episode_free(episode);
		return err_context(err, "episode %s", id);
	}
	episode_unlock(episode);
	board_free(player->board);
	episode_free(player->episode);
	json_free(&player->reset);
	player->episode = episode;
	player->reset = json_take(&reset);
	player->board = board_new(player->resources, episode->meta);
	player->graded = false;
	return 0;
}

int player_look(struct player *player, struct err *err)
{
	struct episode *episode = player->episode;
	if (episode_there(episode)) {
		if (journal_refresh(&episode->journal, false, err) == 0 && learn(episode, err) == 0)
			return 0;
		return err_context(err, "episode %s", episode->id);
	}
	if (enter(player, episode->id, err) < 0)
		return -1;
	return err_set(err, ERR_INPUT,
	               "it was closed, and another episode has its name: that is played now, at step %d of %s",
	               player->episode->journal.step, json_get_string(player->episode->meta, "task"));
}

int player_open(struct player *player, const char *id, struct err *err)
{
	char name[EPISODE_ID_MAX + 1];
	struct start_source source;
	JSON_AUTO observation = json_none();
	const struct task *task = resources_find(player->resources, id, err);
	if (!task || task_require(task, err) < 0 || start_source_open(task, &source, err) < 0)
		return -1;
	episode_id_random(name);
	int failed = reset_episode(player->resources, &source, name, player->seed, false, &observation, err);
	start_source_close(&source);
	return failed ? -1 : enter(player, name, err);
}

/* A step that a crash interrupted cannot be asked about: what it did stays unknown, and its observation says so. */
static int settle(struct player *player, struct err *err)
{
	JSON_AUTO observation = json_none();
	int settled = stepper_settle(player->stepper, player->episode->id, &observation, err);
	if (settled > 0)
		player_say(player, LAYOUT_RED, "Step %.0f was interrupted: what it did is not known.",
		           json_get_number(observation, "step", 0));
	return settled < 0 ? -1 : 0;
}

static void tell_restored(const struct player *player, json report)
{
	const char *match = json_get_string(report, "match");
	json first = json_get(report, "first");
	if (!match || !strcmp(match, "live"))
		return;
	player_say(player, LAYOUT_DIM, "Its box was gone. A new one was made, and %.0f steps were carried out again in it.",
	           json_get_number(report, "steps", 0));
	if (json_is_object(first))
		player_say(player, LAYOUT_RED, "Not all of it is as before: step %.0f came out differently.",
		           json_get_number(first, "step", 0));
}

int player_continue(struct player *player, const char *name, struct err *err)
{
	JSON_AUTO report = json_none();
	if (enter(player, name, err) < 0)
		return -1;
	if (player_over(player))
		return 0;
	if (restore_episode(player->resources, player->episode->id, RESTORE_ACCEPT, -1, &report, err) < 0)
		return -1;
	tell_restored(player, report);
	return settle(player, err) < 0 ? -1 : player_look(player, err);
}

bool player_over(const struct player *player)
{
	return journal_over(&player->episode->journal);
}

const struct task *player_task(const struct player *player, struct err *err)
{
	return resources_task(player->resources, player->episode->meta, err);
}

const char *player_title(const struct task *task)
{
	return json_get_string(task->definition, "title");
}

/* --- a step ------------------------------------------------------------------- */

static void forget_undone(struct player *player)
{
	while (player->undone_count > 0)
		free(player->undone[--player->undone_count]);
}

int player_act(struct player *player, json action, struct err *err)
{
	JSON_AUTO observation = json_none();
	BUF_AUTO text = {0};
	JSON_AUTO given = action;
	if (!player->screen)
		player_show_action(player, given);
	(void)stop_interrupted(); /* what was pressed before it is not meant for it */
	if (stepper_action(player->stepper, player->episode->id, given, &observation, &text, err) < 0)
		return -1;
	(void)stop_interrupted();
	forget_undone(player);
	struct err reason;
	/* What is shown of a game is its state, which the observation does not have. */
	if (player_look(player, &reason) < 0)
		program_error(&reason);
	player_show_outcome(player, observation);
	return 0;
}

int player_note(struct player *player, json note, struct err *err)
{
	if (episode_lock(player->episode, err) < 0)
		return -1;
	int failed = episode_note(player->episode, note, err) < 0 || learn(player->episode, err) < 0;
	episode_unlock(player->episode);
	return failed ? -1 : 0;
}
