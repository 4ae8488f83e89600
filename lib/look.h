#ifndef PIPEGYM_LOOK_H
#define PIPEGYM_LOOK_H

#include "buf.h"
#include "err.h"
#include "resources.h"

/*
 * What somebody may see of an episode's box beside its steps: nothing of it is journalled, and the session is not touched.
 */

/* The names in a folder of its box (relative to where the session is) that begin so: "/NAME\0" of each folder,
 * " NAME\0" of what else there is, unsorted, appended. They are the agent's. Within a second, and without a process in
 * the box: 0; -1: the box is gone, is busy, or has no such folder. */
int look_names(const char *episode, const char *folder, const char *beginning, struct buf *names, struct err *err);

/* What changed in its workspaces since the start, as "diff -ruN" has it, appended: bytes that are the agent's. The
 * start is made once more, in a box of its own, and compared in a third; in the episode's a process reads the files. */
int look_changes(struct resources *resources, const char *episode, struct buf *out, struct err *err);

#endif
