#ifndef PIPEGYM_REPLAY_DONE_H
#define PIPEGYM_REPLAY_DONE_H

#include "digest.h"
#include "err.h"

/*
 * A file that says which rollouts were replayed, a JSON line each: {"episode","digest" (of the rollout's
 * line),"match"}. It is appended to after the report was written: whoever is
 * interrupted finds all but, for each of its jobs, the last one in it. A last line that
 * is cut short is as if it were not there. It is not synced itself: a line that a power cut takes
 * costs one replay, a report that it takes from an output that was not synced would be missing
 * for good. Safe to use from many threads.
 */
struct replay_done;
/* Makes it where it is not there. NULL, and ERR_INPUT: it is another kind of file; ERR_SYSTEM: another program is at
 * it, or it cannot be opened. */
struct replay_done *replay_done_open(const char *path, struct err *err);
void replay_done_free(struct replay_done *done); /* NULL is fine */
/* The match of the rollout with this digest; NULL: it is not in the file. Borrowed. */
const char *replay_done_find(struct replay_done *done, const char *digest);
/* Of a file that is appended to, what a run that was killed wrote of a last report is removed; any other last line
 * without its newline gets that. -1: ERR_SYSTEM. */
int replay_done_mend(int output, struct err *err);
/* Adds a rollout that was reported, in one write. 0; -1: ERR_SYSTEM. */
int replay_done_add(struct replay_done *done, const char *episode, const char *digest, const char *match, struct err *err);

#endif
