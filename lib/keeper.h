#ifndef PIPEGYM_KEEPER_H
#define PIPEGYM_KEEPER_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

/*
 * A command of the caller's own, outside of any box, of which nothing is left
 * when it has ended: it runs under a helper (libexec/keep.c) that inherits
 * whatever it starts, daemons too, and kills them when it ends, when its time
 * is up, and when this program dies.
 */
struct keeper_command {
	const char *path;       /* absolute; no arguments */
	const char *const *env; /* all of its environment: "NAME=value", ends with NULL */
	const void *input;      /* its standard input is a file that holds this */
	size_t input_len;
	unsigned timeout_ms;
	size_t keep; /* bytes of standard output; more end it. Of standard error the first so many are kept. */
};

enum keeper_how { KEEPER_EXITED, KEEPER_SIGNALED, KEEPER_TIMEOUT, KEEPER_FLOODED };

struct keeper_result {
	enum keeper_how how;
	int code; /* exit status, or signal number */
	struct buf out, error;
};

#define KEEPER_RESULT_AUTO __attribute__((cleanup(keeper_result_free))) struct keeper_result
void keeper_result_free(struct keeper_result *result);

/* Runs it to its end. 0 and *result (the caller frees it), or -1 and ERR_SYSTEM: it could not be started, or a stop
 * signal came. Safe to use from many threads. */
int keeper_run(const struct keeper_command *command, struct keeper_result *result, struct err *err);

#endif
