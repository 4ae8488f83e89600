#ifndef PIPEGYM_REPLAY_CAUSE_H
#define PIPEGYM_REPLAY_CAUSE_H

#include <stdbool.h>

#include "buf.h"
#include "json.h"

/* What it takes to guess, for the observations of a rollout: of their texts 16 MiB are looked at closely. Not to be
 * shared between threads. */
struct replay_causes;
struct replay_causes *replay_causes_new(void);
void replay_causes_free(struct replay_causes *causes); /* NULL is fine */

/* A guess at why two observations of an action differ: "limits", "missing program", "network", "order", "time", "randomness",
 * "version", "host" or "unknown". partly: the log is another project's, and what it has no field for says nothing. */
const char *replay_cause(struct replay_causes *causes, json action, json logged, json replayed, bool partly);
/* The first word of what an action is: its command's, without a path before it, else its tool. Appended. */
void replay_command_word(json action, struct buf *out);

#endif
