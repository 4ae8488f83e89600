/* The jq check, and what else is an expression over {checks, steps, answer}: a task's reward. */
#include "check.h"

#include <math.h>
#include <stdio.h>

#include "eval.h"

int check_evaluate(struct check_context *context, const char *program, double *number, struct err *err)
{
	json steps;
	if (check_steps(context, &steps, err) < 0)
		return -1;
	JSON_AUTO input = json_new_object();
	json_set(&input, "checks", json_copy(context->checks));
	json_set(&input, "steps", json_copy(steps));
	json_set_or_null(&input, "answer", context->answer);
	if (!json_is_none(context->state))
		json_set(&input, "state", json_copy(context->state));
	struct eval_program request = {.owner = context->task->digest, .text = program};
	struct eval_result result;
	if (eval_run(context->eval, &request, input, &result, err) < 0)
		return -1;
	JSON_AUTO output = json_take(&result.output);
	if (result.kind != EVAL_OUTPUT)
		return err_set(err, ERR_INPUT, "%s", result.why);
	if (!json_is_bool(output) && !json_is_number(output))
		return err_set(err, ERR_INPUT, "its output is no number, but of type %s", json_kind_name(output));
	*number = json_is_bool(output) ? json_bool(output, false) : json_number(output, NAN) + 0.0; /* -0 is 0 */
	return 0;
}

int check_jq(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	double score;
	if (check_evaluate(context, json_get_string(check, "condition"), &score, err) < 0)
		return -1;
	if (!(score >= 0 && score <= 1))
		return err_set(err, ERR_INPUT, "its output, %.10g, is not from 0 to 1", score);
	outcome->score = score;
	if (score < 1)
		snprintf(outcome->reason, sizeof outcome->reason, "the condition does not hold");
	return 0;
}
