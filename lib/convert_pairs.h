#ifndef PIPEGYM_CONVERT_PAIRS_H
#define PIPEGYM_CONVERT_PAIRS_H

#include <stdint.h>

#include "err.h"
#include "json.h"

/*
 * Pairs of rollouts of the same task and prompt with different rewards. Which
 * two belong together is known at the end only: until then each is a line of a
 * file without a name in $TMPDIR, and some hundred bytes in memory.
 */
struct convert_pairs;
struct convert_pairs *convert_pairs_new(struct err *err);
void convert_pairs_free(struct convert_pairs *pairs); /* NULL is fine */

/* One side: {task, reward, prompt, completion, …}. 1; 0: it has no reward, and can be in no pair; -1: ERR_SYSTEM. */
int convert_pairs_add(struct convert_pairs *pairs, json side, struct err *err);

/* Of each task, in the order in which they first came, the best is paired with the worst, the second best with the
 * second worst, and so on, as long as their rewards differ: each rollout is in one pair at most. Of those that say the
 * same and have the same reward only the first counts, and two that say the same are no pair. *single: how many are in
 * none. To be called once. */
typedef int convert_pair_visit(json pair, void *context, struct err *err); /* 0 goes on */
int convert_pairs_each(struct convert_pairs *pairs, convert_pair_visit *visit, void *context, uint64_t *single,
                       struct err *err);

#endif
