#ifndef PIPEGYM_CHECK_H
#define PIPEGYM_CHECK_H

#include "box.h"
#include "err.h"
#include "eval.h"
#include "json.h"
#include "task.h"
#include "task_workspaces.h"

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
	const char *episode;              /* its id */
	const char *seed;                 /* its own */
	bool landlock;                    /* as in struct box_limits */
	const struct workspaces *capture; /* what they held */
	int tests;                        /* descriptor of the hidden tests' pack */
	struct box *files; /* a box that holds the capture and has run nothing; made when first needed; the owner frees it */
	json answer;       /* what was submitted: a string, or json_none() */
	json state;        /* the environment's, or json_none() */
	json last;         /* the observation of the last step that was not submit, or json_none() */
	json checks;       /* the records of the checks before this one */
	json steps;        /* for check_steps(); the owner frees it */
	int (*load_steps)(void *source, json *steps, struct err *err);
	void *source;
};

struct check_outcome {
	double score;     /* 0 to 1 */
	bool tampered;    /* the agent changed what it must not */
	char reason[400]; /* why it is not 1, without telling what was expected, but of what the agent may know */
	int cases, cases_passed; /* of a check that has some */
};

/* Returns 0 and *outcome, or -1 when the check itself could not be done. */
typedef int check_run(struct check_context *context, json check, struct check_outcome *outcome, struct err *err);

/* The function of a type; the task's schema has made sure that there is one. */
check_run *check_find(const char *type);

/* A fresh box with the capture at the places of the task's workspaces and, with tests, the hidden tests at /tests. The
 * caller ends and frees it. NULL and outcome->reason not empty: what the agent left does not fit into a box. NULL
 * otherwise: err. */
struct box *check_box(struct check_context *context, bool with_tests, struct check_outcome *outcome, struct err *err);

/* The same for limits from start_limits(), in a thread that has no business with the task's definition. */
struct box *check_box_of(const struct check_context *context, const struct box_limits *limits, bool with_tests,
                         char *reason, size_t size, struct err *err);

/* A box for the task's own work, with the hidden tests and nothing of the agent's, and at least so much memory. Owned. */
struct box *check_box_apart(struct check_context *context, unsigned memory_mib, struct err *err);

/* Runs a command in a box, which it ends and frees. 0 and *result, however it ended; -1. */
int check_run_box(struct box *box, const struct box_command *command, struct box_result *result, struct err *err);
/* The "timeout_s" of a check, or of a case; the task's step_s. */
unsigned check_timeout_ms(const struct check_context *context, json check);

/* The content of a regular file of the workspace. What is none, cannot be read or has more than max bytes is
 * outcome->reason. */
int check_read(struct check_context *context, const char *path, size_t max, struct buf *out,
               struct check_outcome *outcome, struct err *err);

/* The words of a command (an array, or a text for bash -c), borrowed, and NULL. Returns how many. */
#define CHECK_WORDS_MAX 64
int check_words(json command, const char *list[CHECK_WORDS_MAX]);
/* Into reason, why a command did not come to its end, if it did not: a limit, or a signal. secret: without which
 * signal, which the command may have chosen to tell what it saw. */
void check_limit(const struct box_result *result, bool secret, char *reason, size_t size);
/* Whether a result is what "exit", "stdout" and "stderr" of wanted say; if not, reason, empty before, says why. secret:
 * as for check_limit(), and without its status. Returns the stream that is not what is wanted, or 0. */
int check_result(const struct box_result *result, json wanted, bool secret, char *reason, size_t size);

/* The episode's steps as graders see them (play.h), read when first asked for. Borrowed from the context. */
int check_steps(struct check_context *context, json *steps, struct err *err);

/* A jq program of the task over {checks, steps, answer}, and state where there is an environment that has one: its
 * number; 1 and 0 for true and false. -1: it has none. */
int check_evaluate(struct check_context *context, const char *program, double *number, struct err *err);

check_run check_file, check_command, check_answer, check_output, check_cases, check_sql, check_python;
check_run check_tree, check_output_like, check_intercode, check_jq, check_judge;

#endif
