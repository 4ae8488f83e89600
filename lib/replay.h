#ifndef PIPEGYM_REPLAY_H
#define PIPEGYM_REPLAY_H

#include "err.h"
#include "json.h"
#include "resources.h"

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
