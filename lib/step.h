#ifndef PIPEGYM_STEP_H
#define PIPEGYM_STEP_H

#include <stdbool.h>

#include "box_pty.h"
#include "err.h"
#include "json.h"
#include "resources.h"

/*
 * Steps that count: an action is accepted into the episode's journal, carried
 * out, and its observation journalled before anybody sees it. A stepper keeps
 * episodes open from one action to the next, but holds an episode's lock only
 * while it works on it. Safe to use from many threads, for one episode from
 * one thread at a time.
 */
struct stepper;
enum {
	STEP_SYNC = 1,  /* what is written is on the disk before anything comes of it */
	STEP_RETRY = 2, /* a step that was interrupted is carried out again */
	STEP_SKIP = 4,  /* or is left as it is: the episode goes on */
};
struct stepper *stepper_new(struct resources *resources, int flags);
void stepper_free(struct stepper *stepper);
/* From now on a command is stopped when this descriptor becomes readable, which the caller is to read. */
void stepper_interrupt(struct stepper *stepper, int fd);
/* From now on this user (box_pty.h; borrowed) types where an action on a terminal has no "input" of its own; what they
 * type is in the action as it is recorded. NULL: nobody again. */
void stepper_attend(struct stepper *stepper, const struct pty_user *user);

/* Carries out one action. action: any form that tool_action() takes. Owned results: the observation, and, unless it was
 * recorded before, its text (empty until then) as json_dump() has it. An action whose "id" the
 * journal has gets its recorded observation again and runs nothing. Returns -1 with ERR_INPUT (no such episode, it has
 * ended, a malformed action: nothing was done) or ERR_SYSTEM (the box or the disk failed, or a step is interrupted). */
int stepper_action(struct stepper *stepper, const char *episode, json action, json *observation, struct buf *text,
                   struct err *err);

/*
 * A step is interrupted when its action is in the journal and its observation is not: what it did is not known. Until
 * it is settled, as STEP_RETRY or STEP_SKIP says, stepper_action() refuses new actions (ERR_SYSTEM). Returns 1 and the
 * step's *observation (owned), 0 when there was nothing to settle, -1.
 */
int stepper_settle(struct stepper *stepper, const char *episode, json *observation, struct err *err);

/* Grades an episode: the recorded verdict if there is one (and not again), else a new one, which is recorded. Owned. */
int stepper_verdict(struct stepper *stepper, const char *episode, bool again, json *verdict, struct err *err);

/* What of grading may be seen before the end: the checks that the task calls visible (owned array), as they come out
 * now. The episode goes on, and its rollout says that this was asked. ERR_INPUT: it has ended. */
int stepper_score(struct stepper *stepper, const char *episode, json *checks, struct err *err);

/* Ends an episode: its box, then its rollout is printed, then, if that worked, its folder is removed; nobody else can
 * take it in between. print() borrows the rollout and returns whether it was written. One that is not as `only` says
 * (NULL: whatever it is) is left alone. */
typedef bool stepper_print(json rollout);
struct stepper_only {
	double idle_s; /* nothing was asked of it for so long */
	bool dead;     /* its box is gone */
};
int stepper_close(struct stepper *stepper, const char *episode, const struct stepper_only *only, stepper_print *print,
                  struct err *err);

#endif
