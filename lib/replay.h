#ifndef PIPEGYM_REPLAY_H
#define PIPEGYM_REPLAY_H

#include "err.h"
#include "json.h"
#include "play.h"
#include "resources.h"

/*
 * Steps carried out again in a new box, each observation compared with the one
 * that was logged. Members are read only.
 */
struct replay {
	struct play play;              /* its box may be taken: then it is NULL; its past is owned here */
	struct line *lines[BOX_SLOTS]; /* its programs' */
	struct box *referee;           /* as in struct episode */
	json meta;                     /* the play's */
	json first;   /* the first difference: {"step":…,"field":…,"logged":…,"replayed":…}, or json_none() */
	json answer;  /* the last one that was submitted */
	json steps;   /* those carried out so far, as in a rollout */
	json pending; /* the action that is carried out (borrowed), or json_none() */
	json verdict; /* what a submit led to */
	int matched;  /* how many observations were equal */
};
/* A new box of the task and seed that a record (a rollout, episode.json) names. home as for box_new(). -1: ERR_INPUT when
 * its task is unknown or changed, ERR_SYSTEM when no box could be had; then nothing is to be closed. */
int replay_open(struct replay *replay, struct resources *resources, json record, const struct box_home *home,
                struct err *err);
/* The first count of steps ([{"action":…,"observation":…},…]), or fewer when one ends the episode. A step that was
 * interrupted is not carried out: it differs, unless what it did is known to be undone. -1 when the box failed. */
int replay_steps(struct replay *replay, json steps, int count, struct err *err);
/* The verdict, by grading what is there unless a submit has led to one. Borrowed. */
json replay_verdict(struct replay *replay);
void replay_close(struct replay *replay);

/* Whether a record has the shape of a rollout: 0, or -1 and ERR_INPUT. replay_rollout() relies on it. */
int replay_check(json rollout, struct err *err);

/*
 * Carries a rollout's actions out again, in a new box of the same task and
 * seed, and compares every observation, field by field but for "timing", and
 * then the verdict. Nothing of it touches the episodes on disk.
 *
 * *report (owned): {"type":"replay","episode":…,"task":…,"match":"exact|diverged|unreplayable","steps":N,"matched":N,
 * "first":{"step":…,"field":…,"logged":…,"replayed":…}|null,"verdict_match":true|false|null,"reason":…}.
 * verdict_match is null where the rollout has no verdict. Returns 0; -1 and ERR_INPUT when its
 * task is unknown or changed, ERR_SYSTEM when no box could be had.
 */
int replay_rollout(struct resources *resources, json rollout, json *report, struct err *err);

#endif
