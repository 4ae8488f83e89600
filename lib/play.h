#ifndef PIPEGYM_PLAY_H
#define PIPEGYM_PLAY_H

#include "box.h"
#include "err.h"
#include "journal.h"
#include "json.h"
#include "resources.h"
#include "tool.h"

/*
 * The rules of an episode, without its journal: what an action in its full
 * form (tool_action) makes of a box, and which observation comes of it. It is
 * used by steps that are journalled and by replays that are not.
 *
 * A step's reward is what the task's step_reward makes of it, 0 without one,
 * plus penalties. Where that is no number of the task's range it is null, and
 * info.reward_error says why; the program's own message, which could tell what
 * the task expects, is not shown to the agent. A submit's is the verdict's.
 */
struct play {
	struct resources *resources;
	const char *episode;         /* id, for the records */
	json meta;                   /* as in episode.json: task, task_digest, env, limits, tools, attempts */
	struct box *box;             /* NULL: gone, or of a task without */
	struct line **lines;         /* BOX_SLOTS, of its programs; as in struct kind_context */
	struct box **referee;        /* as there */
	struct tool_stop stop;       /* of its commands */
	struct journal_past past;    /* borrowed; needed for play_needs_past() and for invalid actions only */
	const struct pty_user *user; /* who sits at terminals; NULL: nobody (borrowed) */
	bool again;                  /* the steps are a record's */
	json typed; /* after play_step(): what the person at the terminal typed; as in tool.h (owned) */
	json state; /* after play_step(): the environment's, if it has one now (owned) */
	/* All steps up to now, [{"action":…,"observation":…,"state":… (if there is one)},…] (owned), whose last may be
	 * the submit that is graded. Called only if a check wants them. */
	int (*history)(void *source, json *steps, struct err *err);
	void *source;
	const char *lost; /* as in struct grade_request */
	bool brief;       /* the same */
	bool broken;      /* the task, when it could not be graded; the same */
};

/* Bytes of what an action's observation shows, and of what is typed meanwhile, at most; json_none(): any action's, if nobody types. */
size_t play_observation_max(json meta, json action);
/* Whether a tool's steps depend on what was done before. */
bool play_needs_past(const char *tool);
/* What a step has to have before it is carried out: the child that works out its reward, if the task says one. 0 or -1. */
int play_prepare(const struct play *play, struct err *err);

/* Begins the environment of a task that has one: what it says goes into the first observation, its state into *state
 * (owned). 0; -1: ERR_INPUT, it fails; ERR_SYSTEM. */
int play_begin(struct resources *resources, const struct task *task, struct box *box, struct line **lines,
               struct box **referee, const char *seed, json *observation, json *state, struct err *err);

/* Carries out step number `step`. problem: why the action is not a valid one, or "". Owned results: *observation,
 * complete; *verdict, the one that a submit led to, else json_none(). Returns 0, or -1 when the box could not do it. */
int play_step(struct play *play, int step, json action, const char *problem, json *observation, json *verdict,
              struct err *err);

/* Grades the episode as it stands, as submit would. resume: it goes on afterwards. Owned; never fails (see grade.h). */
json play_grade(struct play *play, json answer, bool resume);

/* The checks of a verdict that the task calls visible. Owned array. */
json play_visible(json verdict);

/* The observation of an episode whose record has no room for another: truncated. A replay cannot know, and is told. */
void play_mark_full(json *observation);
bool play_is_full(json observation);

/* The observation for a step whose own was lost in a crash. undone: what it did is lost as well. Owned. */
json play_interrupted(const char *episode, json meta, int step, bool undone);
/* That of a step which was interrupted before. */
void play_mark_retried(json *observation, bool undone);

#endif
