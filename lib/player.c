#include "player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "reset.h"
#include "restore.h"
#include "start.h"
#include "stop.h"

struct player player_new(void)
{
	return (struct player){.meta = json_none(),
	                       .reset = json_none(),
	                       .last = json_none(),
	                       .state = json_none(),
	                       .board_meta = json_none()};
}

static void forget(struct player *player)
{
	json_free(&player->meta);
	json_free(&player->reset);
	json_free(&player->last);
	json_free(&player->state);
	player->over = player->graded = false;
	player->step = 0;
}

void player_free(struct player *player)
{
	forget(player);
	for (size_t i = 0; i < player->undone_count; i++)
		free(player->undone[i]);
	free(player->undone);
	board_free(player->board);
	json_free(&player->board_meta);
	player_lines_free(player->lines);
	stepper_free(player->stepper);
	resources_free(player->resources);
}

static int count_hints(json notes)
{
	int count = 0;
	for (int i = 0; i < json_length(notes); i++) {
		const char *kind = json_get_string(json_at(notes, i), "kind");
		count += kind && !strcmp(kind, "hint");
	}
	return count;
}

/* Learns what the journal says of it. The lock is held. */
static int learn(struct player *player, struct episode *episode, struct err *err)
{
	JSON_AUTO history = json_none();
	PAST_AUTO past = journal_past_new();
	if (journal_history(&episode->journal, &history, err) < 0 || journal_past(&episode->journal, &past, err) < 0)
		return -1;
	forget(player);
	if (strcmp(player->episode, episode->id) != 0) {
		board_free(player->board);
		json_free(&player->board_meta);
		player->board_meta = json_copy(episode->meta);
		player->board = board_new(player->resources, player->board_meta);
	}
	snprintf(player->episode, sizeof player->episode, "%s", episode->id);
	player->meta = json_copy(episode->meta);
	player->reset = json_copy(json_get(history, "reset"));
	player->last = json_take(&past.last);
	player->state = json_take(&past.state);
	player->step = episode->journal.step;
	player->hints = count_hints(json_get(history, "notes"));
	player->over = journal_over(&episode->journal);
	return 0;
}

static int enter(struct player *player, const char *id, struct err *err)
{
	struct episode *episode = episode_open(id, err);
	int failed = !episode || episode_lock(episode, err) < 0 || learn(player, episode, err) < 0;
	episode_free(episode);
	return failed ? -1 : 0;
}

int player_open(struct player *player, const char *id, struct err *err)
{
	char name[EPISODE_ID_MAX + 1];
	struct start_source source;
	JSON_AUTO observation = json_none();
	const struct task *task = resources_find(player->resources, id, err);
	const char *missing = task ? task_missing(task) : NULL;
	if (missing)
		return err_set(err, ERR_SYSTEM, "task %s needs %s, which this host does not have", id, missing);
	if (!task || start_source_open(task, &source, err) < 0)
		return -1;
	source.idle_s = EPISODE_IDLE_S;
	episode_id_random(name);
	int failed = reset_episode(player->resources, &source, name, player->seed, false, &observation, err);
	start_source_close(&source);
	return failed ? -1 : enter(player, name, err);
}

/* A step that a crash interrupted cannot be asked about: what it did stays unknown, and its observation says so. */
static int settle(struct player *player, struct err *err)
{
	JSON_AUTO observation = json_none();
	int settled = stepper_settle(player->stepper, player->episode, &observation, err);
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
	STRING_AUTO id = mem_string(name); /* what is known of the one before may have had it */
	if (enter(player, id, err) < 0)
		return -1;
	if (player->over)
		return 0;
	if (restore_episode(player->resources, id, RESTORE_ACCEPT, -1, &report, err) < 0)
		return -1;
	tell_restored(player, report);
	return settle(player, err) < 0 ? -1 : enter(player, id, err);
}

const struct task *player_task(const struct player *player, struct err *err)
{
	return resources_task(player->resources, player->meta, err);
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
	if (stepper_action(player->stepper, player->episode, given, &observation, &text, err) < 0)
		return -1;
	(void)stop_interrupted();
	forget_undone(player);
	struct err reason;
	/* What is shown of a game is its state, which the observation does not have. */
	if (enter(player, player->episode, &reason) < 0)
		program_error(&reason);
	player_show_outcome(player, observation);
	return 0;
}

int player_note(const struct player *player, json note, struct err *err)
{
	struct episode *episode = episode_open(player->episode, err);
	int failed = !episode || episode_lock(episode, err) < 0 || episode_note(episode, note, err) < 0;
	episode_free(episode);
	return failed ? -1 : 0;
}
