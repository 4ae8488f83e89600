#ifndef PIPEGYM_EVAL_WIRE_H
#define PIPEGYM_EVAL_WIRE_H

#include <stdint.h>

/*
 * Between a program (eval.c) and its jq child (libexec/jq-child.c), which has
 * two pipes, its descriptors 3 and 4: half the time of a socket, whose reader
 * is also woken when what it wrote is read. The child says EVAL_READY
 * first; then each request is a header, the program's text and the input as
 * JSON, and each answer a header and a text. A child whose time or memory is
 * up ends with a status that says so.
 */
struct eval_request {
	uint32_t environment; /* 1: the program is an environment (kind_jq.c); once given, it need not be given again */
	uint32_t program_len, input_len;
	uint32_t time_ms; /* processor time for the run; compiling has as much of its own, and 1 s at least */
};

enum eval_kind {
	EVAL_READY,   /* no text */
	EVAL_OUTPUT,  /* the program's only output, as JSON */
	EVAL_COMPILE, /* it is no jq program: why and where */
	EVAL_RAISED,  /* it raised an error: its message */
	EVAL_NONE,    /* it had no output */
	EVAL_SEVERAL, /* it had more than one */
	EVAL_UNFIT,   /* its output cannot be had: too long, or nested too deep */
	EVAL_FAILED,  /* the child's own failure */
	/* The parent's, of a child that died: */
	EVAL_TIME,
	EVAL_MEMORY,
	EVAL_CRASHED,
};

struct eval_answer {
	uint32_t kind, len;
};

enum {
	EVAL_EXIT_TIME = 40,
	EVAL_EXIT_MEMORY = 41,
};

#define EVAL_PROGRAM_MAX (1u << 20)
#define EVAL_OUTPUT_MAX (16u << 20)
#define EVAL_VALUES_MAX 200000u /* of an environment's answer: "[]," takes a hundred times its length */
#define EVAL_MEMORY_MIB 512

#endif
