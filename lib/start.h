#ifndef PIPEGYM_START_H
#define PIPEGYM_START_H

#include "box.h"
#include "err.h"
#include "task.h"
#include "task_workspaces.h"

#define START_TESTS "/tests" /* where a box that may have a task's hidden files has them */
#define START_SCRIPT_S 60    /* that a script of the task's may take */

/* What every episode of a task starts from, read once: its files as packs, its setup script. */
struct start_source {
	const struct task *task; /* the opener's */
	struct workspaces files;
	char *setup; /* the script, or NULL */
	/* for the opener to set, if it means something else than start_source_open() does */
	bool landlock;   /* its boxes are without namespaces; false */
	unsigned idle_s; /* as in struct box_home; EPISODE_IDLE_S */
	int keeper;      /* as there, borrowed; -1 */
};
/* 0; -1: ERR_INPUT or ERR_SYSTEM, as the task's files cannot be read, and nothing is to be closed. */
int start_source_open(const struct task *task, struct start_source *source, struct err *err);
void start_source_close(struct start_source *source);

/* What boxes of a task are made of; its strings are the task's. 0, or -1: its base cannot be shown. */
int start_limits(const struct task *task, struct box_limits *limits, struct err *err);

/* A box of the task's own, with its hidden files and nothing that an agent could have touched. Owned. NULL and err. */
struct box *start_apart(struct box_host *host, const struct task *task, struct err *err);

/*
 * Runs a script of the task's, which argv reads from its standard input, so that it is never a file that somebody in
 * the box could read, in the workspace, with the seed in SEED, for a minute at most. Of each output so many bytes are
 * kept. 0 and *result, however it ended; -1: the box could not do it.
 */
int start_script(struct box *box, const struct task *task, const char *const *argv, const char *script,
                 const char *seed, size_t keep, struct box_result *result, struct err *err);

/* A box in the task's initial state for this seed. home as for box_new(). NULL and err: ERR_INPUT when it is the task's
 * own setup that fails, ERR_SYSTEM otherwise. */
struct box *start_box(struct box_host *host, const struct start_source *source, const char *seed,
                      const struct box_home *home, struct err *err);

#endif
