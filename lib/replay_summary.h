#ifndef PIPEGYM_REPLAY_SUMMARY_H
#define PIPEGYM_REPLAY_SUMMARY_H

#include "json.h"

/* What many replay reports come to. Not to be shared between threads without a lock of the caller's. */
struct replay_summary {
	double exact, normalised, diverged, unreplayable, resumed; /* rollouts */
	double steps, matched, matched_normalised;
	double rewards, flips;              /* rewards that were logged and replayed; that are not the same */
	double logged_ms, replayed_ms;      /* of steps, where both are known */
	json commands, normalisers, causes; /* name: how often */
};
void replay_summary_init(struct replay_summary *summary);
void replay_summary_free(struct replay_summary *summary);
/* A report of replay_rollout() or replay_unreplayable(). */
void replay_summary_add(struct replay_summary *summary, json report);
/* One that an earlier run has reported. */
void replay_summary_resume(struct replay_summary *summary, const char *match);
/* {"type":"replay-summary",…}, as pipegym-record(5) says. Owned. */
json replay_summary_record(const struct replay_summary *summary);

#endif
