/* The answer and output checks: what the agent said, and what its last command printed. */
#include "check.h"

#include <stdio.h>

#include "match.h"

static void compare(json condition, json value, const char *name, struct check_outcome *outcome)
{
	char why[120];
	size_t len;
	const char *text = json_text(value, &len);
	if (json_is_none(condition))
		return;
	if (!text)
		snprintf(outcome->reason, sizeof outcome->reason, "%s: there is none", name);
	else if (!match_text(condition, text, len, why, sizeof why))
		snprintf(outcome->reason, sizeof outcome->reason, "%s: %s", name, why);
}

int check_answer(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	(void)err;
	compare(json_get(check, "answer"), context->answer, "answer", outcome);
	outcome->score = outcome->reason[0] ? 0 : 1;
	return 0;
}

int check_output(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	if (!json_is_none(json_get(check, "compare")))
		return check_output_like(context, check, outcome, err);
	compare(json_get(check, "stdout"), json_get(context->last, "stdout"), "stdout", outcome);
	if (!outcome->reason[0])
		compare(json_get(check, "stderr"), json_get(context->last, "stderr"), "stderr", outcome);
	outcome->score = outcome->reason[0] ? 0 : 1;
	return 0;
}
