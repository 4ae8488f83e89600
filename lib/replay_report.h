#ifndef PIPEGYM_REPLAY_REPORT_H
#define PIPEGYM_REPLAY_REPORT_H

#include "err.h"
#include "json.h"
#include "resources.h"

struct replay_options {
	const char *normalise; /* as normalise_new() */
	unsigned stop_at;      /* the last step that is carried out; 0: all are */
	bool verify_only;      /* observations are not compared, the reward is */
};

/* Whether a record has the shape of a rollout: 0, or -1 and ERR_INPUT. replay_rollout() relies on it. */
int replay_check(json rollout, struct err *err);

/*
 * Carries a rollout's actions out again, in a new box of the same task and
 * seed, and compares every observation, field by field but for "timing", and
 * then the verdict, or the reward where only that is logged. Nothing of it
 * touches the episodes on disk.
 *
 * *report (owned) is the record of pipegym-record(5), "Replay report". options NULL: byte for byte, and nothing that is
 * only there to be read. Returns 0; -1 and ERR_INPUT when its task is unknown or changed, ERR_SYSTEM when no box could
 * be had.
 */
int replay_rollout(struct resources *resources, const struct replay_options *options, json rollout, json *report,
                   struct err *err);
/* The report of one that could not be carried out. Owned. */
json replay_unreplayable(json rollout, const struct err *err);

#endif
