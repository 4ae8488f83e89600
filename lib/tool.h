#ifndef PIPEGYM_TOOL_H
#define PIPEGYM_TOOL_H

#include <stdbool.h>

#include "box_pty.h"
#include "err.h"
#include "json.h"

/*
 * Tools are what an action can do. Each is a row of one table and one
 * function; the schema of its arguments is what function-calling models get
 * and what arguments are checked against. To add a tool, write its function
 * in a tool_*.c and add its row in tool.c.
 */
/* What ends a command before its time, as a person may want it: a descriptor that becomes readable, or a time; 0: nothing. */
struct tool_stop {
	int fd;
	unsigned ms;
};

struct tool_context {
	struct box *box;
	struct tool_stop stop;
	json limits;                 /* borrowed: "step_s", "output_kib" */
	json env;                    /* borrowed: "background" */
	const struct pty_user *user; /* who types where an action on a terminal does not say what; NULL: nobody */
	bool again;                  /* it is done once more, and has the time that it took */
	json typed; /* what that was, {"input":…,"attended":true} for args.pty (owned by the caller, who sets json_none()) */
};

/* Carries the tool out. args have passed the schema. Fills *observation with stdout, stderr, exit (and signal, timeout,
 * info, cwd). Returns 0, or -1 when the box could not do it. What the agent did wrong is an observation. */
typedef int tool_run(struct tool_context *context, json args, json *observation, struct err *err);

struct tool {
	const char *name;
	const char *set; /* of which it is one, and the kind that carries it out (kind.h); NULL: of none */
	const char *description;
	const char *main;       /* the argument that a bare string stands for; NULL: it takes none */
	const char *parameters; /* JSON Schema of args, as text */
	tool_run *run;          /* NULL: its set's kind carries it out, or the episode itself (play.c) */
};

const struct tool *tool_find(const char *name); /* NULL when there is none: then the task declares it */

/* [{"name":…,"description":…,"parameters":{…}},…] of a task's tools. Owned. */
json tool_describe(json tools);

/*
 * Brings an action into its full form {"tool":…,"args":{…}} with "id" and "tag" kept. action: that form, or a JSON
 * string (the first of tools, its main argument), or {"action":"command","command":…} (gym-codecraft's). tools: the
 * task's, names of ours and objects that declare others. Owned result; where the action is not one that the task's
 * tools can take, *problem says why (else it is empty) and the result still has what was given, so that it can be
 * journalled.
 */
json tool_action(json action, json tools, char *problem, size_t size);

/* For tools: a box's result as fields of an observation. */
void tool_result(const struct box_result *result, json *observation);
/* Of that only where the session is. */
void tool_where(const struct box_result *result, json *observation);
/* info.limit: the limit that ended the command, else one that was met in the meantime; NULL. */
const char *tool_limit(const struct box_result *result);
/* A file operation's failure as exit 1 and a message. */
void tool_failure(json *observation, const char *message);
unsigned tool_timeout_ms(const struct tool_context *context, json args); /* of "timeout_s" and the task's step_s, the smaller */

tool_run tool_shell, tool_write_file, tool_read_file, tool_edit_file;

#endif
