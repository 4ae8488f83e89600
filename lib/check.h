#ifndef PIPEGYM_CHECK_H
#define PIPEGYM_CHECK_H

#include "box.h"
#include "err.h"
#include "json.h"
#include "task.h"

/*
 * Checks are what a condition means: a row of one table and one function
 * each. They look at a *capture* of the workspace, taken when the episode's
 * processes were stopped, in boxes of their own: never in the box that the
 * agent lived in, and no box in which the agent's code has run is used for a
 * second check. What is expected stays in this process.
 */
#define CHECK_TESTS "/tests" /* where the boxes of some checks have the hidden tests */

struct check_context {
	struct box_host *host;
	const struct task *task;
	const char *seed; /* of the episode */
	bool landlock;    /* as in struct box_limits */
	int capture;      /* descriptor of the workspace's pack */
	int tests;        /* descriptor of the hidden tests' pack */
	struct box *files; /* a box that holds the capture and has run nothing; made when first needed; the owner frees it */
	json answer;       /* what was submitted: a string, or json_none() */
	json last;         /* the observation of the last step that was not submit, or json_none() */
};

struct check_outcome {
	double score;     /* 0 to 1 */
	bool tampered;    /* the agent changed what it must not */
	char reason[200]; /* why it is not 1, without telling what was expected */
};

/* Returns 0 and *outcome, or -1 when the check itself could not be done. */
typedef int check_run(struct check_context *context, json check, struct check_outcome *outcome, struct err *err);

/* The function of a type; the task's schema has made sure that there is one. */
check_run *check_find(const char *type);

/* A fresh box with the capture at the task's working directory and, with tests, the hidden tests at /tests. The caller ends and frees it.
 * NULL and outcome->reason not empty: what the agent left does not fit into a box. NULL otherwise: err. */
struct box *check_box(struct check_context *context, bool with_tests, struct check_outcome *outcome, struct err *err);

check_run check_file, check_command, check_answer, check_output, check_python;
check_run check_tree, check_output_like, check_intercode;

#endif
