#ifndef PIPEGYM_REPLAY_H
#define PIPEGYM_REPLAY_H

#include "err.h"
#include "json.h"
#include "normalise.h"
#include "play.h"
#include "resources.h"

/*
 * Steps carried out again in a new box, each observation compared with the one
 * that was logged. Members are read only, but for "normalise" and "blind", which
 * are set before the first step, and the box, which may be taken.
 */
struct replay {
	struct play play;              /* its box may be taken: then it is NULL; its past is owned here */
	struct line *lines[BOX_SLOTS]; /* its programs' */
	struct box *referee;           /* as in struct episode */
	json meta;                     /* the play's */
	json first;   /* the first difference: {"step":…,"field":…,"logged":…,"replayed":…}, or json_none() */
	json steps;   /* those carried out so far, as in a rollout (an observation that is equal is the logged one) */
	json pending; /* the action that is carried out (borrowed), or json_none() */
	json verdict; /* what a submit led to */
	int matched;  /* how many observations were equal */
	/* Where the caller wants to know more of a difference (normalise: borrowed, or NULL): */
	struct normalise *normalise;
	json other;        /* the first difference that it leaves, with "diff" and "command"; as first */
	const char *cause; /* a guess at why */
	struct replay_causes *guess;
	json causes;            /* such guesses at all differences of steps that it leaves: how often */
	int matched_normalised; /* how many observations are equal once they are normalised */
	uint64_t used;          /* the rules that this took */
	json diverging;         /* commands (first words) whose observations differ all the same: how often */
	double wall_ms;         /* of all steps */
	bool blind;             /* observations are not compared at all */
	bool foreign;           /* the rollout is another project's */
};
/* A new box of the task and seed that a record (a rollout, episode.json) names. home as for box_new(). -1: ERR_INPUT
 * when its task is unknown or changed, ERR_SYSTEM when no box could be had; then nothing is to be closed. */
int replay_open(struct replay *replay, struct resources *resources, json record, const struct box_home *home,
                struct err *err);
/* The first count of steps ([{"action":…,"observation":…},…]), or fewer when one ends the episode. A step that was
 * interrupted is not carried out: it differs, unless what it did is known to be undone. Where their numbers leave a
 * gap, something differs as well. An observation without "type" is one of another project: only the fields that it has
 * count. -1 when the box failed. */
int replay_steps(struct replay *replay, json steps, int count, struct err *err);
/* The verdict, by grading what is there unless a submit has led to one. Borrowed. */
json replay_verdict(struct replay *replay);
void replay_close(struct replay *replay);

#endif
