#ifndef PIPEGYM_BRANCH_H
#define PIPEGYM_BRANCH_H

#include "err.h"
#include "json.h"
#include "resources.h"
#include "session.h"

/*
 * Branches of an episode: new ones that begin where it stands, or stood. All
 * that they are made of is taken once, from its box, or from one in which its
 * first steps were replayed: the files of the box's root as a pack, and what
 * the session's shell says of itself. The rest of the boxes' processes is not
 * part of it. Where one of them is a program that tools belong to (kind.h),
 * which nobody can copy, each branch replays all steps in its own box instead;
 * and where there is no box, all that there is is the journal. JSON is kept as
 * text: branches are made by many threads.
 */
struct branch_source {
	char *parent;
	int step;
	int files;  /* descriptor of the pack of "/" */
	bool shell; /* there was one; session is its state */
	struct session session;
	char cwd[4096];           /* of a session without a shell; "": none began yet */
	bool replays;             /* the branches do, for themselves; */
	bool accept;              /* also where that diverges */
	struct buf meta, history; /* the parent's episode.json, and journal_history() up to step, with states */
	int keeper;               /* as in struct box_home, borrowed; -1, for the opener to set */
	struct buf lost;          /* [{"pid":N,"command":"..."},...] */
	struct buf first;         /* where an accepted replay diverged; empty: it did not */
};

/* at: the step after which to branch, or -1: as it stands. accept: also when the replay of an earlier step diverged.
 * -1: ERR_NEGATIVE (a divergence), ERR_INPUT (no such episode or step, it has ended), ERR_SYSTEM (its box is gone, a
 * step is interrupted). */
int branch_source_open(struct resources *resources, const char *id, int at, bool accept, struct branch_source *source,
                       struct err *err);
void branch_source_close(struct branch_source *source);

/* From any thread: a whole new episode, as reset_episode() makes one. *observation (owned) is as that of a reset, with
 * parent, {"episode":…,"step":…}, its step, and what was lost in info. */
int branch_episode(struct resources *resources, struct branch_source *source, const char *id, bool sync,
                   json *observation, struct err *err);

#endif
