#ifndef PIPEGYM_CHECK_GOLD_H
#define PIPEGYM_CHECK_GOLD_H

#include "buf.h"
#include "check.h"

/*
 * What gold commands make of a task's start: files and setup.sh with the
 * episode's seed in a fresh box, listed; then the commands, and what they left
 * is listed again. It is the same for all episodes of a task and seed, so that
 * this process remembers it.
 */
struct gold {
	struct buf start, end; /* listings of the workspace (pack.h) */
	struct buf output;     /* stdout and stderr of the last command */
};
/* actions: an array, or json_none() for the task's solution; submit is left out. The result is shared between threads
 * and given back by gold_release(). NULL: it could not be made (a gold command that met a limit is ERR_INPUT). */
const struct gold *gold_get(struct check_context *context, json actions, struct err *err);
void gold_release(const struct gold **gold); /* NULL is fine */
#define GOLD_AUTO __attribute__((cleanup(gold_release))) const struct gold *

/* Appends stdout and stderr of an observation. */
void gold_output(json observation, struct buf *output);

/* A listing of the workspace in a box (of several, of the root with nothing else in it), into *listing. 0; 1: it cannot
 * be listed, and why is in reason; -1: the box failed. */
int gold_list(struct box *box, const struct task *task, struct buf *listing, char *reason, size_t size, struct err *err);

#endif
