#ifndef PIPEGYM_WATCH_H
#define PIPEGYM_WATCH_H

#include "err.h"
#include "resources.h"

/* Shows a person an episode as it goes on, whoever steps it: what was done, and each step as it begins and ends, with
 * its board where the task draws one. 0: it has ended or was closed, or the person has left, with q or Ctrl-C, or
 * nobody reads it any more. -1: ERR_INPUT, there is no such episode; ERR_SYSTEM. */
int watch_episode(struct resources *resources, const char *id, struct err *err);

#endif
