#ifndef PIPEGYM_REPLAY_COMPARE_H
#define PIPEGYM_REPLAY_COMPARE_H

#include "replay.h"

/* What replay.c says of differences; it adds to matched, first and all that goes with normalise. */
/* Two observations of an action. */
void replay_compare(struct replay *replay, int step, json action, json logged, json replayed);
/* A difference of its own kind, in place of an observation. */
void replay_diverged(struct replay *replay, int step, const char *field, json logged, json replayed, const char *cause);
/* The reward differs, where no verdict is compared. */
void replay_other_reward(struct replay *replay, int step, json logged, json replayed);
/* Of two verdicts; whether they are equal. */
bool replay_compare_verdict(struct replay *replay, int step, json logged, json replayed);

#endif
