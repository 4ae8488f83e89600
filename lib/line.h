#ifndef PIPEGYM_LINE_H
#define PIPEGYM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box.h"
#include "buf.h"
#include "err.h"

/*
 * A program of the box with which lines are exchanged: it gets one, and
 * answers with one. Pid 1 starts it and keeps our ends of its pipes, so that it
 * lives on when who started it has ended; whoever goes on fetches them. What
 * is said does not pass through pid 1: an exchange costs two switches between
 * processes. Pid 1 is told now and then, since a box of which nothing is asked
 * ends.
 *
 * What the program writes between a request and its answer is stray; what was
 * there before it was asked is dropped. What it writes to its stderr is drained,
 * and the end of it is kept as its last words. It waits when that pipe is full,
 * as long as nobody asks it.
 *
 * A request whose sender dies half-way must not be answered to the next one. So
 * the pipes bear two marks, which all that have them see and which are gone with
 * the pipes: somebody waits for an answer; and a part of a request is in there.
 * Who finds the first passes the next answer over. Who finds the second kills.
 *
 * One at a time may ask; SIGPIPE is to be ignored (stop.h). Everything in the box
 * is one user's: the agent's processes can write to the program's pipes too.
 */
struct line;

struct line_program {
	const char *const *argv; /* ends with NULL; argv[0] is looked up in the box's PATH; all of it less than 32 KiB */
	const char *const *env;  /* "NAME=value" on top of the fixed environment, or NULL */
	const char *cwd;         /* absolute */
	unsigned timeout_ms;     /* until it is executed */
};

/* Starts it; one that has the slot (less than BOX_SLOTS) is killed. The box is borrowed. NULL: ERR_INPUT when it cannot
 * be executed, ERR_SYSTEM. */
struct line *line_start(struct box *box, unsigned slot, const struct line_program *program, struct err *err);
/* The program that was started, by whomever. NULL: there is none, and *none is true; or ERR_SYSTEM. */
struct line *line_fetch(struct box *box, unsigned slot, bool *none, struct err *err);
void line_free(struct line *line); /* the program lives on */
void line_free_all(struct line *lines[BOX_SLOTS]);
/* Kills it, and empties the slot; the line is of no more use. 0, or -1, ERR_SYSTEM. */
int line_kill(struct line *line, struct err *err);

/* What a line is, which comes without its newline and may hold anything. Called for each until one is not stray; also
 * for the answer to a request whose sender has died, after which it is called again. */
enum line_kind { LINE_STRAY, LINE_REPLY, LINE_UNFIT };

struct line_request {
	const char *text; /* ends with a newline and has no other */
	size_t len;
	unsigned timeout_ms; /* 0: none */
	size_t most;         /* bytes of a line that comes back */
	size_t keep;         /* bytes of stray text, of its beginning */
	enum line_kind (*judge)(void *context, const char *text, size_t len);
	void *context;
};

enum line_end {
	LINE_ANSWERED,
	LINE_ENDED,   /* the program has, or takes no more requests */
	LINE_HUNG,    /* no answer in time */
	LINE_RUBBISH, /* a line longer than most, or one that judge() found unfit */
	LINE_TORN,    /* somebody died in the middle of a request to it */
};

struct line_answer {
	enum line_end end;    /* the program is killed, and the slot empty, unless LINE_ANSWERED */
	struct buf reply;     /* if LINE_ANSWERED, without its newline */
	struct buf stray;     /* lines with their newlines; unless LINE_ANSWERED also what came of the last one */
	uint64_t stray_cut;   /* bytes beyond these */
	struct buf words;     /* unless LINE_ANSWERED: the end of its stderr, at most LINE_WORDS bytes */
	bool oom, pids, disk; /* limits of the box that were met, as in struct box_result, as far as it is known yet */
	bool passed;          /* the answer to another's request came before and was passed over */
};
#define LINE_WORDS 4096
#define LINE_ANSWER_AUTO __attribute__((cleanup(line_answer_free))) struct line_answer
void line_answer_free(struct line_answer *answer);

/* 0 and *answer (the caller frees it); or -1, ERR_SYSTEM: the box ended, or a stop signal came. After anything but
 * LINE_ANSWERED the line is of no more use. */
int line_ask(struct line *line, const struct line_request *request, struct line_answer *answer, struct err *err);

#endif
