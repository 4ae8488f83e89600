#ifndef PIPEGYM_BRANCH_SESSION_H
#define PIPEGYM_BRANCH_SESSION_H

#include "box.h"
#include "buf.h"
#include "err.h"
#include "json.h"

/* What a session's shell is: as it tells itself. text: sections, each with a NUL at its end. */
struct session {
	struct buf text;
};

/* Asks the shell that a box has, without leaving a trace in it. 0 or -1. */
int session_ask(struct box *box, struct session *session, struct err *err);
/* Brings the shell of a new box into this state. What could not be brought over is appended by name to *lost, an array. */
int session_give(struct box *box, const struct session *session, json *lost, struct err *err);
/* A shell that was never asked, as there was none any more: where a new one is to start. */
int session_go(struct box *box, const char *cwd, json *lost, struct err *err);

#endif
