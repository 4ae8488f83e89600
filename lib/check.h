#ifndef PIPEGYM_CHECK_H
#define PIPEGYM_CHECK_H

#include "box.h"
#include "err.h"
#include "eval.h"
#include "json.h"
#include "task.h"

/*
 * Checks are what a condition means: a row of one table and one function
 * each. They look at a *capture* of the workspace, taken when the episode's
 * processes were stopped, in boxes of their own: never in the box that the
 * agent lived in, and no box in which the agent's code has run is used for a
 * second check. What is expected stays in this process.
 */
struct check_context {
	struct box_host *host;
	struct eval *eval;
	const struct task *task;
	const char *episode; /* its id */
	json seed;
	bool landlock; /* as in struct box_limits */
	int capture;   /* descriptor of the workspace's pack */
	int tests;     /* descriptor of the hidden tests' pack */
	struct box *files; /* a box that holds the capture and has run nothing; made when first needed; the owner frees it */
	json answer;       /* what was submitted: a string, or json_none() */
	json last;         /* the observation of the last step that was not submit, or json_none() */
	json checks;       /* the records of the checks before this one */
	json steps;        /* for check_steps(); the owner frees it */
	int (*load_steps)(void *source, json *steps, struct err *err);
	void *source;
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

/* The episode's steps as graders see them (play.h), read when first asked for. Borrowed from the context. */
int check_steps(struct check_context *context, json *steps, struct err *err);

/* A jq program of the task over {checks, steps, answer}: its number; 1 and 0 for true and false. -1: it has none. */
int check_evaluate(struct check_context *context, const char *program, double *number, struct err *err);

/* What boxes of a task are made of; its strings are the task's. 0, or -1: its base cannot be shown. */
int check_limits(const struct task *task, struct box_limits *limits, struct err *err);

check_run check_file, check_command, check_answer, check_output, check_jq, check_judge;

#endif
