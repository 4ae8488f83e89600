/* The jq kind: the environment is a pure function, its state a value in the journal. */
#include "kind.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"

#define STATE_MAX ((size_t)1 << 20) /* bytes of it as JSON; each observation in the journal has one */

static int call(struct eval *eval, const struct task *task, const char *name, const char *seed, json *input,
                struct eval_result *result, struct err *err)
{
	json definition = task->definition, env = json_get(definition, "env"), options = json_get(env, "options");
	struct eval_program program = {
	        .owner = task->digest,
	        .text = json_get_string(definition, "env_jq"),
	        .environment = true,
	        .time_ms = (unsigned)(json_get_number(json_get(definition, "limits"), "step_s", 10) * 1000),
	};
	json_set_string(input, "call", name);
	json_set_string(input, "seed", seed);
	json_set(input, "options", json_is_object(options) ? json_copy(options) : json_new_object());
	return eval_run(eval, &program, *input, result, err) < 0 ? err_context(err, "env.jq") : 0;
}

/* The state that an answer has, into the context. */
static int take_state(struct kind_context *context, json answer, char *why, size_t size)
{
	BUF_AUTO text = {0};
	struct err err;
	json state = json_get(answer, "state");
	if (json_is_none(state)) {
		snprintf(why, size, "its answer has no state");
		return -1;
	}
	if (json_dump(state, false, &text, &err) < 0 || text.len > STATE_MAX) {
		snprintf(why, size, "its state is longer than %zu KiB, or nested too deep", STATE_MAX >> 10);
		return -1;
	}
	json_free(&context->state);
	context->state = json_copy(state);
	return 0;
}

static int take_answer(struct kind_context *context, json answer, json *observation, char *why, size_t size)
{
	return take_state(context, answer, why, size) < 0 || kind_answer(context->task, answer, observation, why, size) < 0
	               ? -1
	               : 0;
}

static int reset(struct kind_context *context, json *observation, struct err *err)
{
	struct eval_result result;
	JSON_AUTO input = json_new_object();
	char why[300];
	if (call(context->eval, context->task, "reset", context->seed, &input, &result, err) < 0)
		return -1;
	JSON_AUTO answer = result.output;
	if (result.kind != EVAL_OUTPUT)
		return err_set(err, ERR_INPUT, "env.jq: reset: %s", result.why);
	if (take_answer(context, answer, observation, why, sizeof why) < 0)
		return err_set(err, ERR_INPUT, "env.jq: reset: %s", why);
	return 0;
}

/* What there is to know of it is the author's, and stands where the state would. */
static void fail(struct kind_context *context, enum eval_kind kind, const char *why, json *observation)
{
	static const char *const words[] = {
	        [EVAL_TIME] = "time", [EVAL_MEMORY] = "memory", [EVAL_CRASHED] = "ended", [EVAL_OUTPUT] = "rubbish"};
	const char *word = kind < sizeof words / sizeof *words ? words[kind] : NULL;
	json_free(&context->state);
	context->state = json_new_string(why);
	kind_failed(observation, word ? word : "error",
	            kind == EVAL_TIME     ? "the environment has failed: it took too long"
	            : kind == EVAL_MEMORY ? "the environment has failed: it took too much memory"
	                                  : "the environment has failed");
}

static int step(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	struct eval_result result;
	JSON_AUTO input = json_new_object();
	char why[300];
	json call_action = json_new_object();
	json_set(&call_action, "tool", json_copy(json_get(action, "tool")));
	json_set(&call_action, "args", json_copy(json_get(action, "args")));
	json_set_number(&input, "step", step);
	json_set(&input, "action", call_action);
	json_set(&input, "state", json_is_none(context->state) ? json_new_null() : json_copy(context->state));
	if (call(context->eval, context->task, "step", context->seed, &input, &result, err) < 0)
		return -1;
	JSON_AUTO answer = result.output;
	if (result.kind != EVAL_OUTPUT)
		fail(context, result.kind, result.why, observation);
	else if (take_answer(context, answer, observation, why, sizeof why) < 0)
		fail(context, EVAL_OUTPUT, why, observation);
	return 0;
}

int kind_jq_generate(struct eval *eval, const struct task *task, const char *seed, json *patch, struct err *err)
{
	struct eval_result result;
	JSON_AUTO input = json_new_object();
	if (call(eval, task, "generate", seed, &input, &result, err) < 0)
		return -1;
	*patch = result.output;
	return result.kind == EVAL_OUTPUT ? 0 : err_set(err, ERR_INPUT, "%s", result.why);
}

const struct kind kind_jq = {.name = "jq", .reset = reset, .step = step};
