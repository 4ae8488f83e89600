/* The command check: a command in a fresh box with the workspace and the hidden tests; its output is compared here. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "match.h"

#define OUTPUT_MAX (4u << 20) /* bytes of each stream; more is a failed check */
#define ARGUMENTS_MAX 64

static const char **arguments(json command, const char *list[ARGUMENTS_MAX])
{
	int n = 0;
	if (json_is_string(command)) {
		list[n++] = "/bin/bash";
		list[n++] = "-c";
		list[n++] = json_string(command);
	} else {
		for (; n < json_length(command) && n < ARGUMENTS_MAX - 1; n++)
			list[n] = json_string(json_at(command, n));
	}
	list[n] = NULL;
	return list;
}

static void compare_stream(const struct box_output *output, json condition, const char *name, struct check_outcome *outcome)
{
	char why[120];
	if (json_is_none(condition) || outcome->reason[0])
		return;
	if (output->cut > 0)
		snprintf(outcome->reason, sizeof outcome->reason, "%s: too much output", name);
	else if (!match_text(condition, buf_string(&output->head), output->head.len, why, sizeof why))
		snprintf(outcome->reason, sizeof outcome->reason, "%s: %s", name, why);
}

static void judge(const struct box_result *result, json check, struct check_outcome *outcome)
{
	json expected = json_get(check, "exit");
	if (result->how == BOX_TIMEOUT)
		snprintf(outcome->reason, sizeof outcome->reason, "the time limit was exceeded");
	else if (result->how == BOX_FLOODED)
		snprintf(outcome->reason, sizeof outcome->reason, "too much output");
	else if (result->oom)
		snprintf(outcome->reason, sizeof outcome->reason, "the memory limit was exceeded");
	else if (result->how == BOX_SIGNALED)
		snprintf(outcome->reason, sizeof outcome->reason, "killed by signal %d", result->code);
	else if (!json_is_null(expected) && json_number(expected, 0) != result->code)
		snprintf(outcome->reason, sizeof outcome->reason, "exit status %d", result->code);
	compare_stream(&result->out[0], json_get(check, "stdout"), "stdout", outcome);
	compare_stream(&result->out[1], json_get(check, "stderr"), "stderr", outcome);
	outcome->score = outcome->reason[0] ? 0 : 1;
}

int check_command(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	const char *list[ARGUMENTS_MAX];
	size_t len = 0;
	const char *input = json_text(json_get(check, "stdin"), &len);
	double timeout = json_get_number(check, "timeout_s",
	                                 json_get_number(json_get(context->task->definition, "limits"), "step_s", 10));
	struct box *box = check_box(context, true, outcome, err);
	if (!box)
		return outcome->reason[0] ? 0 : -1;
	struct box_command command = {
	        .op = BOX_EXEC,
	        .cwd = json_get_string(json_get(context->task->definition, "env"), "cwd"),
	        .argv = arguments(json_get(check, "command"), list),
	        .input = input,
	        .input_len = input ? len : 0,
	        .timeout_ms = (unsigned)(timeout * 1000),
	        .keep = OUTPUT_MAX,
	};
	int failed = box_run(box, &command, &result, err);
	if (!failed) {
		judge(&result, check, outcome);
		failed = box_end(box, err);
	}
	box_free(box);
	return failed;
}
