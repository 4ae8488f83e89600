#ifndef PIPEGYM_TRANSCRIPT_H
#define PIPEGYM_TRANSCRIPT_H

#include <stdbool.h>

#include "board.h"
#include "episode.h"
#include "err.h"
#include "json.h"
#include "layout.h"

/*
 * A rollout as a person reads it, in the parts in which it is told: what the
 * episode is, each action, what came of it, and how it ended. Each is added to
 * a layout, by which all of it is safe for a terminal. Values are borrowed. A
 * rollout may be anybody's: what is not as it should be is shown as it is, or
 * left out, and never refused.
 */
struct transcript_form {
	bool fold;           /* what is long is folded (layout.h) */
	bool times;          /* with how long things took */
	bool names;          /* with what tells one episode from another: its name, its seed */
	bool cwd;            /* with the working directory after each step */
	struct board *board; /* which draws the environment's states, where they are known ("state"); or NULL */
};

void transcript_head(json rollout, const struct transcript_form *form, struct layout *layout);
void transcript_action(json action, int number, struct layout *layout);
/* null: it is not known. */
void transcript_outcome(json observation, const struct transcript_form *form, struct layout *layout);
/* What else there is of a step, or of the first observation (without an action): every field that these do not show. */
void transcript_details(json action, json observation, struct layout *layout);
void transcript_check(json check, struct layout *layout); /* one of a verdict */
void transcript_verdict(json verdict, struct layout *layout);
/* What an entry of "restores" says. */
void transcript_restore(json restore, struct layout *layout);
void transcript_end(json rollout, struct layout *layout);

/* The whole of it. Each part is handed to tell() as soon as it is there, which empties the layout; false: it is enough. */
typedef bool transcript_tell(struct layout *part);
void transcript_rollout(json rollout, const struct transcript_form *form, transcript_tell *tell);
/* One step, from 1, or what was asked, 0. ERR_INPUT: there is no such step. */
int transcript_step(json rollout, int number, const struct transcript_form *form, transcript_tell *tell, struct err *err);
/* An episode, until it has ended or was closed, or wait(), which waits a moment, returns false. */
int transcript_follow(struct episode *episode, const struct transcript_form *form, transcript_tell *tell,
                      bool (*wait)(void), struct err *err);

/* Two rollouts, step by step, and where they diverge: side by side where the screen is wide, else one below the other.
 * What is compared is what is shown. */
struct transcript_diff {
	json a, b; /* borrowed */
	struct transcript_form form;
	unsigned width;
	bool colour;
	int steps;    /* of the longer one */
	int diverged; /* the first step that differs; 0: none yet */
	bool differ;
	struct layout one, other; /* which do not fold: what is shown of them does */
};
void transcript_diff_begin(struct transcript_diff *diff, struct buf *out);
void transcript_diff_step(struct transcript_diff *diff, int number, struct buf *out); /* from 1 */
void transcript_diff_end(struct transcript_diff *diff, struct buf *out);              /* and frees what it holds */

#endif
