#ifndef PIPEGYM_EVAL_H
#define PIPEGYM_EVAL_H

#include <stdbool.h>

#include "err.h"
#include "eval_wire.h"
#include "json.h"

/*
 * jq programs of tasks. They are not to be trusted, and libjq is not to be
 * trusted with them: they run in children (libexec/jq-child.c), which have
 * nothing, and limits. A child is started when it is first needed, keeps what
 * it compiled, and serves one owner only, so that no task's program works
 * where another's has been. Safe to use from many threads: each evaluation has
 * a child to itself. SIGPIPE is to be ignored (stop_install).
 */
struct eval;
struct eval *eval_new(void);
void eval_free(struct eval *eval); /* ends its children; NULL is fine */

struct eval_program {
	const char *owner; /* whose it is: a task's digest */
	const char *text;
	bool environment; /* it is the one that the owner has: definitions for kind_jq.c */
	unsigned time_ms; /* processor time of a run; 0: EVAL_TIME_MS */
};
#define EVAL_TIME_MS 2000

struct eval_result {
	enum eval_kind kind; /* EVAL_OUTPUT, or why there is none */
	json output;         /* owned; json_none() unless there is one */
	size_t len;          /* bytes of it as the program's text had it: no part of it is longer */
	char why[300];       /* "" for an output; else a sentence, with the program's own message in it */
};

/* Why there is no output, in words of ours. */
const char *eval_reason(enum eval_kind kind);

/* Makes sure that a child for this owner can be had. 0, or -1 and ERR_SYSTEM. */
int eval_prepare(struct eval *eval, const char *owner, struct err *err);

/* Runs it on one input (borrowed) and wants one output. 0: *result. -1, ERR_SYSTEM: no child could be had, or a stop
 * signal came; ERR_INPUT: the input is nested too deep or too long. */
int eval_run(struct eval *eval, const struct eval_program *program, json input, struct eval_result *result,
             struct err *err);
/* The same with an input that is JSON already. */
int eval_run_text(struct eval *eval, const struct eval_program *program, const struct buf *input,
                  struct eval_result *result, struct err *err);

#endif
