#ifndef PIPEGYM_KIND_EXCHANGE_H
#define PIPEGYM_KIND_EXCHANGE_H

#include "kind.h"

/* Programs of a box that speak the protocol of environments, a line each way: what the environments and the sets of
 * tools that are such programs have in common. */

#define EXCHANGE_START_MS 60000 /* for a program to start, and to begin its environment */
#define EXCHANGE_WORDS_MAX 64   /* of a command */

/* How to start one. A script of ours is no file of the box, and longer than a command may be: it is the first line that
 * exchange_loader, a program of one line, reads. */
struct exchange_program {
	unsigned slot;
	const char *argv[EXCHANGE_WORDS_MAX + 1];
	const char *script; /* or NULL */
};
extern const char exchange_loader[];

/* Starts it in the agent's box, or the referee's. 1; 0: *said (the caller frees it) has how it has ended already; -1:
 * ERR_INPUT when it cannot be started. */
int exchange_start(const struct kind_context *context, const struct exchange_program *program, struct line_answer *said,
                   struct err *err);
/* The one that was started before. 1; 0: there is none; -1. */
int exchange_reach(const struct kind_context *context, unsigned slot, struct err *err);
/* Has it answer a request, one line of JSON. *said is freed first. *answer (owned) where *said says that there is one;
 * the program has ended where there is none. 0 or -1. */
int exchange_ask(const struct kind_context *context, unsigned slot, json request, unsigned timeout_ms, json *answer,
                 struct line_answer *said, struct err *err);

/* {"step":…} for an action, with what another program has replied to it, if that is anything but null. Owned. */
json exchange_step(json action, json reply);
unsigned exchange_step_ms(const struct kind_context *context);
/* Bytes of a text that the task wants to be shown. */
size_t exchange_output_max(const struct kind_context *context);

/* How one has ended: a word for info, and what to say of it. */
const char *exchange_end(const struct line_answer *said);
const char *exchange_end_said(const struct line_answer *said);
/* The fields of an observation that what came beside an answer adds to. */
void exchange_add_stray(const struct line_answer *said, size_t max, json *observation);
void exchange_add_limits(const struct line_answer *said, json *observation);

#endif
