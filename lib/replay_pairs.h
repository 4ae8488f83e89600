#ifndef PIPEGYM_REPLAY_PAIRS_H
#define PIPEGYM_REPLAY_PAIRS_H

#include "json.h"

/*
 * A rollout's steps as they were taken, whatever their order in the log: an
 * observation belongs to the action whose id it has, where both have one, and
 * comes where its number says. Of what is there twice the first counts.
 *
 * Returns them (owned). *irregular (owned): json_none() if they were so all along, else what was not, lists of step
 * numbers, each only if it is not empty and cut to 100: "reordered", "duplicated", "conflicting" (one number, different
 * actions: the later ones are left out), "missing" (pairs: from, to), "unpaired" (no observation has the action's id).
 */
json replay_pairs(json steps, json *irregular);
/* The number of a step behind step `before`: its observation's, or the next where that has none. */
int replay_number(json step, int before);

#endif
