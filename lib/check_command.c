/* The command check: a command in a fresh box with the workspace and the hidden tests; its output is compared here. */
#include "check.h"

#include <stdio.h>

#include "buf.h"
#include "match.h"
#include "text.h"

#define OUTPUT_MAX (4u << 20) /* bytes of each stream; more is a failed check */

int check_words(json command, const char *list[CHECK_WORDS_MAX])
{
	int n = 0;
	if (json_is_string(command)) {
		list[n++] = "/bin/bash";
		list[n++] = "-c";
		list[n++] = json_string(command);
	} else {
		for (; n < json_length(command) && n < CHECK_WORDS_MAX - 1; n++)
			list[n] = json_string(json_at(command, n));
	}
	list[n] = NULL;
	return n;
}

static bool stream_is(const struct box_output *output, json condition, const char *name, char *reason, size_t size)
{
	char why[120];
	if (json_is_none(condition))
		return true;
	if (output->cut > 0)
		snprintf(reason, size, "%s: too much output", name);
	else if (!match_text(condition, buf_string(&output->head), output->head.len, why, sizeof why))
		snprintf(reason, size, "%s: %s", name, why);
	return !reason[0];
}

void check_limit(const struct box_result *result, bool secret, char *reason, size_t size)
{
	if (result->how == BOX_TIMEOUT)
		snprintf(reason, size, "the time limit was exceeded");
	else if (result->how == BOX_FLOODED)
		snprintf(reason, size, "too much output");
	else if (result->oom)
		snprintf(reason, size, "the memory limit was exceeded");
	else if (result->how == BOX_SIGNALED)
		snprintf(reason, size, secret ? "killed by a signal" : "killed by signal %d", result->code);
}

int check_result(const struct box_result *result, json wanted, bool secret, char *reason, size_t size)
{
	json expected = json_get(wanted, "exit");
	check_limit(result, secret, reason, size);
	if (!reason[0] && !json_is_null(expected) && json_number(expected, 0) != result->code)
		snprintf(reason, size, secret ? "another exit status" : "exit status %d", result->code);
	if (reason[0])
		return 0;
	if (!stream_is(&result->out[0], json_get(wanted, "stdout"), "stdout", reason, size))
		return 1;
	return stream_is(&result->out[1], json_get(wanted, "stderr"), "stderr", reason, size) ? 0 : 2;
}

/* A grader's own program that does not come to its end, or that cannot be had, says nothing about the agent. */
static int check_trusted(const struct box_result *result, struct err *err)
{
	BUF_AUTO said = {0};
	const struct buf *text = &result->out[1].head;
	text_for_terminal(buf_string(text), text->len < 100 ? text->len : 100, &said);
	if (result->how == BOX_TIMEOUT)
		return err_set(err, ERR_SYSTEM, "the trusted command exceeded its time limit: %s", buf_string(&said));
	if (result->how == BOX_SIGNALED || result->oom)
		return err_set(err, ERR_SYSTEM, "the trusted command was killed: %s", buf_string(&said));
	if (result->how == BOX_FLOODED || result->out[0].cut > 0 || result->out[1].cut > 0)
		return err_set(err, ERR_SYSTEM, "too much output of the trusted command");
	if (result->code >= 126)
		return err_set(err, ERR_SYSTEM, "exit status %d of the trusted command: %s", result->code,
		               buf_string(&said));
	return 0;
}

int check_command(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	const char *list[CHECK_WORDS_MAX];
	size_t len = 0;
	const char *input = json_text(json_get(check, "stdin"), &len);
	struct box *box = check_box(context, true, outcome, err);
	if (!box)
		return outcome->reason[0] ? 0 : -1;
	check_words(json_get(check, "command"), list);
	struct box_command command = {
	        .op = BOX_EXEC,
	        .cwd = task_cwd(context->task),
	        .argv = list,
	        .input = input,
	        .input_len = input ? len : 0,
	        .timeout_ms = check_timeout_ms(context, check),
	        .keep = OUTPUT_MAX,
	};
	if (check_run_box(box, &command, &result, err) < 0)
		return -1;
	check_result(&result, check, false, outcome->reason, sizeof outcome->reason);
	outcome->score = outcome->reason[0] ? 0 : 1;
	return json_get_bool(check, "trusted", false) ? check_trusted(&result, err) : 0;
}
