#ifndef PIPEGYM_REPLAY_CAUSE_H
#define PIPEGYM_REPLAY_CAUSE_H

#include "json.h"

/* A guess at why two observations of an action differ: "limits", "missing program", "network", "order", "time", "randomness",
 * "version", "host" or "unknown". */
const char *replay_cause(json action, json logged, json replayed);
/* The first word of what an action is: its command's, without a path before it, else its tool. Appended. */
void replay_command_word(json action, struct buf *out);

#endif
