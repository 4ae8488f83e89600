/* The shell tool: a command in the episode's live session. */
#include "tool.h"

#include <string.h>

#include "buf.h"
#include "task.h"
#include "tool_intercode.h"
#include "tool_pty.h"

#define STDIN_FILE "/tmp/.stdin" /* in the box: what the running command reads */

/* 1 and a failure told when the box has no room for it: a command must not take a part for the whole. */
static int give_stdin(struct tool_context *context, const char *text, size_t len, json *observation, struct err *err)
{
	struct box_command write = {
	        .op = BOX_WRITE, .path = STDIN_FILE, .input = text, .input_len = len, .timeout_ms = 10000, .keep = 256};
	BOX_RESULT_AUTO result = {0};
	if (box_run(context->box, &write, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0)
		return 0;
	tool_failure(observation, "shell: the command's standard input cannot be put into the box\n");
	return 1;
}

/* Its stdin is a redirection of the whole command, which therefore becomes one word of another eval. */
static void quote_command(const char *command, size_t len, struct buf *out)
{
	buf_add_string(out, "builtin eval -- ");
	buf_add_quoted(out, command, len);
	/* Where it is in a box without namespaces is told there. */
	buf_add_string(out, " <\"${__stdin:-" STDIN_FILE "}\"");
}

int tool_shell(struct tool_context *context, json args, json *observation, struct err *err)
{
	BUF_AUTO own = {0};
	BUF_AUTO quoted = {0};
	BOX_RESULT_AUTO result = {0};
	size_t len, stdin_len;
	const char *command = json_text(json_get(args, "command"), &len);
	const char *input = json_text(json_get(args, "stdin"), &stdin_len);
	if (memchr(command, '\0', len)) {
		tool_failure(observation, "shell: a command cannot hold a NUL character\n");
		return 0;
	}
	if (json_get_is(context->env, "commands", "intercode")) {
		if (tool_intercode(command, len, &own) < 0) {
			tool_failure(observation, "Malformed command\n");
			return 0;
		}
		command = own.data;
		len = own.len;
	}
	if (json_is_object(json_get(args, "pty")))
		return tool_pty(context, args, command, len, observation, err);
	if (input) {
		int refused = give_stdin(context, input, stdin_len, observation, err);
		if (refused)
			return refused < 0 ? -1 : 0;
		quote_command(command, len, &quoted);
		command = quoted.data;
		len = quoted.len;
	}
	struct box_command run = {
	        .op = BOX_SHELL,
	        .input = command,
	        .input_len = len,
	        .timeout_ms = tool_timeout_ms(context, args),
	        .keep = task_output_max(context->limits),
	        .stop = context->stop.fd,
	        .stop_ms = context->stop.ms,
	        .kill_background = json_get_is(context->env, "background", "kill"),
	};
	if (box_run(context->box, &run, &result, err) < 0)
		return -1;
	tool_result(&result, observation);
	return 0;
}
