#ifndef PIPEGYM_EPISODE_H
#define PIPEGYM_EPISODE_H

#include <stdbool.h>

#include "box.h"
#include "err.h"
#include "journal.h"
#include "json.h"
#include "line.h"

/*
 * Episodes on disk. This module is the one place that knows the layout:
 *   STATE/episodes/ID/episode.json    written once
 *   STATE/episodes/ID/journal.jsonl   journal.h
 *   STATE/episodes/ID/lock            flock: one stepper at a time; its box's note (box.h)
 *   STATE/episodes/ID/box.sock        where pid 1 of its box serves; .box.sock while that is made anew
 *   STATE/episodes/ID/groups          its control groups, a folder a line, if it has any
 *   STATE/boxes/INODE                 the same socket as that box.sock: what has no other name is of an episode that is gone
 * STATE is $PIPEGYM_STATE, else $XDG_STATE_HOME/pipegym, else ~/.local/state/pipegym; mode 0700.
 * An episode that is being made is in STATE/episodes/.ID and gets its name by rename when it is complete.
 *
 * episode.json: {"episode":ID,"task":ID,"task_digest":…,"task_path":…,"seed":…,"created":SECONDS,"env":{…},
 * "limits":{…},"tools":[…],"attempts":N,"idle_s":SECONDS,"pipegym":VERSION,"box":{…}}, and of the task, if it has them,
 * "reward_range", "step_reward" and "penalties": all that a step needs of its task.
 */
struct episode {
	char *id;
	int dirfd;
	int lock;  /* descriptor of the lock file */
	json meta; /* episode.json */
	struct journal journal;
	struct journal_past past;      /* of the journal, as far as somebody has asked for it */
	struct box *box;               /* the connection; NULL: none yet, or there is none (episode_boxed()) */
	struct line *lines[BOX_SLOTS]; /* to its programs, as the journal is at lines_at; NULL: none yet */
	struct box *referee;           /* out of the agent's reach, and this process's own (kind.h); the same */
	off_t lines_at;
};

#define EPISODE_ID_MAX 64
/* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
bool episode_id_valid(const char *id);
/* "ep-" and 13 characters of 64 random bits. */
void episode_id_random(char id[EPISODE_ID_MAX + 1]);

/* Where STATE is, or is to be; owned. NULL and ERR_SYSTEM: nobody says. */
char *episode_state_path(struct err *err);

/* Starts an episode: its folder under its hidden name, an empty journal, the lock held. Until episode_commit() it is
 * nobody else's to see. sync: as for the journal, of all files and folders. ERR_INPUT when there is one of this id. */
struct episode *episode_create(const char *id, bool sync, struct err *err);
/* Writes episode.json and gives the folder its name. */
int episode_commit(struct episode *episode, json meta, struct err *err);
/* Opens an existing one, without lock and box. NULL and ERR_INPUT when there is none. */
struct episode *episode_open(const char *id, struct err *err);
void episode_free(struct episode *episode); /* closes what is open; the episode lives on */
/* Removes the folder (an uncommitted one too). */
int episode_remove(struct episode *episode, struct err *err);
void episode_abandon(struct episode *episode); /* one that could not be made: ends its box, if there is one, and removes it */

/* Waits for others; then learns what they wrote, and has the journal say, once, that the episode has expired. */
int episode_lock(struct episode *episode, struct err *err);
void episode_unlock(struct episode *episode);
/* Whether nobody has closed it; another one may have its name by now. */
bool episode_there(const struct episode *episode);

/* Whether the episode of an episode.json has a box. One that has none always lives, and its deadlines are those of its steps. */
bool episode_boxed(json meta);
/* Whether that of an episode.json, or of a rollout, is a box without namespaces. */
bool episode_landlock(json meta);
/* Makes episode->box a living connection: 1; 0 when the box is gone; -1. */
int episode_reach(struct episode *episode, struct err *err);
/* The same where it must live: 0, or -1 and ERR_SYSTEM, saying what became of it. */
int episode_connect(struct episode *episode, struct err *err);
/* Ends the connections to it and its programs: it lives on, if it does. */
void episode_let_go(struct episode *episode);
void episode_let_go_lines(struct episode *episode); /* those to its programs alone */
/* Ends the box, if it still lives, and removes its control groups. */
int episode_end_box(struct episode *episode, struct err *err);
/* The limit by which the time of its box was up, "total_s" or "idle_s", if it had not ended before and the journal does
 * not say so yet; else NULL. */
const char *episode_expiry(const struct episode *episode);
/* "live", "expired" or "dead", of which the first is known already; the journal is up to date. */
const char *episode_condition(const struct episode *episode, bool live);
/* Seconds since something was last asked of it that the journal has, or since its box was made. */
double episode_idle(const struct episode *episode);

/* Seconds since its box was made; 0 if it has none. */
double episode_box_age(const struct episode *episode);

#define EPISODE_IDLE_S 3600 /* the deadline of a box of which nothing is asked, if nobody says otherwise */
/* What a new box of it needs, closed by episode_home_close(). It is out of everybody's sight until episode_serve(). */
int episode_home(const struct episode *episode, unsigned idle_s, int keeper, struct box_home *home, struct err *err);
void episode_home_close(struct box_home *home);
#define HOME_AUTO __attribute__((cleanup(episode_home_close))) struct box_home
/* Notes the control groups of its new box, and puts the socket where others look for it: before box_adopt(). 0 or -1. */
int episode_serve(const struct episode *episode, const struct box *box, struct err *err);
void episode_unlisten(const struct episode *episode); /* it will not serve */

/* Keeps {"text":…}, {"hint":N} or {"checks":[…]} (borrowed) beside the step where it stands. The lock is held.
 * ERR_INPUT: there is no room. */
int episode_note(struct episode *episode, json note, struct err *err);

/* The rollout record: everything about the episode, complete in itself. Owned. states: as for journal_history(), which
 * a record that is printed does not have. */
int episode_rollout(const struct episode *episode, bool states, json *rollout, struct err *err);

/* What is in the folder of the episodes. */
enum episode_kind {
	EPISODE,
	EPISODE_UNFINISHED, /* its maker is at it, or died */
	EPISODE_FOREIGN,    /* neither its name nor what is in it is an episode's */
};
struct episode_entry {
	const char *name; /* of one that is unfinished: without its dot */
	enum episode_kind kind;
	double age_s; /* since it was last changed; not of an episode, which knows its own */
};
/* Visits all of it, in order of name, until a visit returns other than 0. */
typedef int episode_visit(const struct episode_entry *entry, void *context, struct err *err);
int episode_each(episode_visit *visit, void *context, struct err *err);
/* Removes what an env-reset that died left behind. */
int episode_remove_unfinished(const char *id, struct err *err);

/* Visits boxes whose episode is no more: somebody has removed its folder. visit() is not to free the box. */
typedef int episode_orphan_visit(struct box *box, void *context, struct err *err);
int episode_each_orphan(episode_orphan_visit *visit, void *context, struct err *err);
/* Ends them, and removes what is left of those that have ended. */
int episode_end_orphans(struct err *err);

#endif
