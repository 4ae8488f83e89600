/* Back to an earlier step, and to branches that have a name. */
#include "player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "branch.h"

/* Another episode is played from here on. */
static int go_to(struct player *player, const char *id, struct err *err)
{
	if (player_continue(player, id, err) < 0)
		return -1;
	player_say(player, LAYOUT_DIM, "This is step %d of %s.", player->episode->journal.step, player->episode->id);
	player_show_board(player);
	return 0;
}

static void tell_lost(const struct player *player, json info)
{
	json processes = json_get(info, "lost_processes"), session = json_get(info, "lost_session");
	for (int i = 0; i < json_length(processes); i++)
		player_say(player, LAYOUT_RED, "This process does not run there any more: %s",
		           json_get_string(json_at(processes, i), "command"));
	for (int i = 0; i < json_length(session); i++)
		player_say(player, LAYOUT_RED, "Of the shell's state this did not come over: %s",
		           json_string(json_at(session, i)));
}

static int make_branch(struct player *player, int at, bool accept, const char *id, struct err *err)
{
	struct branch_source source;
	JSON_AUTO observation = json_none();
	if (branch_source_open(player->resources, player->episode->id, at, accept, &source, err) < 0)
		return -1;
	int failed = branch_episode(player->resources, &source, id, false, &observation, err);
	branch_source_close(&source);
	if (!failed)
		tell_lost(player, json_get(observation, "info"));
	return failed;
}

int player_undo(struct player *player, int steps, bool accept, struct err *err)
{
	char id[EPISODE_ID_MAX + 1];
	STRING_AUTO left = mem_string(player->episode->id);
	if (steps > player->episode->journal.step)
		return err_set(err, ERR_INPUT, "only %d step%s taken", player->episode->journal.step,
		               player->episode->journal.step == 1 ? " was" : "s were");
	episode_id_random(id);
	if (make_branch(player, player->episode->journal.step - steps, accept, id, err) < 0)
		return err->code == ERR_NEGATIVE
		               ? err_set(err, ERR_INPUT,
		                         "the steps before it cannot be repeated: %.300s. ':undo! %d' goes "
		                         "back all the same",
		                         err->text, steps)
		               : -1;
	if (go_to(player, id, err) < 0)
		return -1;
	player->undone = mem_grow(player->undone, player->undone_count, sizeof *player->undone);
	player->undone[player->undone_count++] = left;
	left = NULL;
	return 0;
}

int player_redo(struct player *player, struct err *err)
{
	if (player->undone_count == 0)
		return err_set(err, ERR_INPUT, "nothing was undone since the last step");
	if (go_to(player, player->undone[player->undone_count - 1], err) < 0)
		return -1;
	free(player->undone[--player->undone_count]);
	return 0;
}

/* The id of a branch of this name, in this family. */
static int name_branch(const struct player *player, const char *name, char id[EPISODE_ID_MAX + 1], struct err *err)
{
	const char *first = json_get_string(json_get(player->episode->meta, "family"), "episode");
	int len = snprintf(id, EPISODE_ID_MAX + 1, "%s.%s", first ? first : player->episode->id, name);
	if (!*name || len > EPISODE_ID_MAX || !episode_id_valid(id))
		return err_set(err, ERR_INPUT, "'%.60s' is no name for a branch: letters, digits, '.', '_' and '-'", name);
	return 0;
}

int player_fork(struct player *player, const char *name, struct err *err)
{
	char id[EPISODE_ID_MAX + 1];
	if (!strcmp(name, "main"))
		return err_set(err, ERR_INPUT, "'main' is where you began; the branch needs another name");
	if (name_branch(player, name, id, err) < 0 || make_branch(player, -1, false, id, err) < 0)
		return -1;
	player_say(player, LAYOUT_DIM, "Kept as '%s': ':back %s' goes there.", name, name);
	return 0;
}

/* A name given by :fork; "main", the first of the family; or an episode of it. */
int player_back(struct player *player, const char *name, struct err *err)
{
	char id[EPISODE_ID_MAX + 1];
	struct err reason;
	const char *first = json_get_string(json_get(player->episode->meta, "family"), "episode");
	if (!strcmp(name, "main"))
		return go_to(player, first ? first : player->episode->id, err);
	if (name_branch(player, name, id, err) < 0)
		return -1;
	struct episode *episode = episode_open(id, err);
	if (!episode && !(episode = episode_open(name, &reason)))
		return err_set(err, ERR_INPUT, "there is no branch '%.60s'", name);
	STRING_AUTO found = mem_string(episode->id);
	bool kin = json_equal(json_get(episode->meta, "task"), json_get(player->episode->meta, "task"));
	episode_free(episode);
	return kin ? go_to(player, found, err) : err_set(err, ERR_INPUT, "%s is of another task", found);
}
