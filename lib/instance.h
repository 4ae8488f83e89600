#ifndef PIPEGYM_INSTANCE_H
#define PIPEGYM_INSTANCE_H

#include "box.h"
#include "err.h"
#include "eval.h"
#include "task.h"

/*
 * A task that has a generate.sh is many: what the script prints for a seed, in
 * a box of its own that no agent is ever in, or what the generate of an env.jq
 * makes of it, is put over the definition (task_instance). The same seed gives
 * the same again, so that nothing of it is kept with an episode.
 */

/* The task for this seed; host is needed for one with a box only. Owned: task_free(). NULL and err: ERR_INPUT when it
 * is the script that fails, ERR_SYSTEM when no box could be had. */
struct task *instance_make(struct box_host *host, struct eval *eval, const struct task *task, const char *seed,
                           struct err *err);

#endif
