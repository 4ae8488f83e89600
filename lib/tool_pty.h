#ifndef PIPEGYM_TOOL_PTY_H
#define PIPEGYM_TOOL_PTY_H

#include "tool.h"

/* What is wrong with the arguments of a shell action on a terminal; NULL: nothing, or it is on none. */
const char *tool_pty_check(json args);
/* Takes out of a new action that a person typed what it says: that is for records to say, and gives a replay more time. */
void tool_pty_new(json *action);
/* The shell tool's command on a terminal: args.pty, which is as that wants it, says how large it is, and what is typed.
 * As a tool_run. */
int tool_pty(struct tool_context *context, json args, const char *command, size_t len, json *observation, struct err *err);

/* Whether an action's command runs on a terminal. What is written there depends on when which key comes. */
bool tool_is_pty(json action);
/* Bytes, at most, of what is typed, as JSON. */
#define TOOL_PTY_TYPED_MAX ((size_t)PTY_TEXT_MAX * 6 + PTY_EVENTS_MAX * 64)
#define PTY_TEXT_MAX (64u << 10) /* bytes that a person can type in a step */
#define PTY_EVENTS_MAX 190       /* of a record: an action may not have many more values than four for each */
#define PTY_SIDE_MAX 1000        /* rows or columns */

#endif
