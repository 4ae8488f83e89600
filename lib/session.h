#ifndef PIPEGYM_SESSION_H
#define PIPEGYM_SESSION_H

#include <stdatomic.h>

#include "box.h"
#include "buf.h"
#include "err.h"
#include "json.h"

/* What a session's shell is: as it tells itself. Made by session_ask(), zero before. */
struct session {
	struct buf text;  /* sections, each with a NUL at its end */
	int script;       /* descriptor of what makes another shell the same; -1: it did not tell */
	atomic_uint lost; /* what of it did not come over, once that is known */
};

/* Asks the shell that a box has, without leaving a trace in it. 0, also when it gives no answer; -1 when the box failed. */
int session_ask(struct box *box, struct session *session, struct err *err);
void session_free(struct session *session);
/* A descriptor of what makes another shell of the same box the same, for session_command(); command is what it is to
 * carry out then. -1 and err. A shell that gave no answer is nothing but where it is started. */
int session_script(const struct session *session, const char *command, size_t len, struct err *err);
/* What such a shell, which has that as descriptor 3, is given by -c; $1 is a value for TERM. */
extern const char session_command[];
/* Makes a new box's shell the same, from any thread. What could not be brought over is appended by name to *lost, an
 * array. 1; 0 when nothing is known of it, which is then whatever it is; -1 when the box failed. */
int session_give(struct box *box, struct session *session, json *lost, struct err *err);
/* The same for a shell of which nothing is known but where it was. 0 or -1. */
int session_go(struct box *box, const char *cwd, json *lost, struct err *err);

#endif
