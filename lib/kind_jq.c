/* The jq kind: the environment is a pure function, its state a value in the journal. */
#include "kind.h"

#include <stdio.h>

#include "buf.h"

#define STATE_MAX ((size_t)1 << 20)  /* bytes of it as JSON; each observation in the journal has one */
#define BOARD_MAX ((size_t)64 << 10) /* bytes of what is drawn */

/* Text and value, one after the other, of an input that is being written. */
static int add(struct buf *input, const char *text, json value, struct err *err)
{
	buf_add_string(input, text);
	return json_dump(value, false, input, err);
}

/* input: what this call alone has, from the bracket that opens the object to a comma. */
static int call(struct eval *eval, const struct task *task, const char *name, const char *seed, struct buf *input,
                struct eval_result *result, struct err *err)
{
	json definition = task->definition, options = json_get(json_get(definition, "env"), "options");
	JSON_AUTO seed_string = json_new_string(seed);
	JSON_AUTO none = json_new_object();
	struct eval_program program = {
	        .owner = task->digest,
	        .text = json_get_string(definition, "env_jq"),
	        .environment = true,
	        .time_ms = (unsigned)(task_step_s(json_get(definition, "limits")) * 1000),
	};
	buf_add_format(input, "\"call\":\"%s\"", name);
	if (add(input, ",\"seed\":", seed_string, err) < 0 ||
	    add(input, ",\"options\":", json_is_object(options) ? options : none, err) < 0)
		return -1;
	buf_add_char(input, '}');
	return eval_run_text(eval, &program, input, result, err) < 0 ? err_context(err, "env.jq") : 0;
}

/* The state that an answer of so many bytes has, into the context. */
static int take_state(struct kind_context *context, json answer, size_t len, char *why, size_t size)
{
	BUF_AUTO text = {0};
	struct err err;
	json state = json_get(answer, "state");
	if (json_is_none(state)) {
		snprintf(why, size, "its answer has no state");
		return -1;
	}
	/* Branches carry it in more levels, which must be readable too. What is short cannot be deep. */
	if (len > KIND_DEPTH_MAX && json_depth(state) > KIND_DEPTH_MAX) {
		snprintf(why, size, "its state is nested deeper than %d levels", KIND_DEPTH_MAX);
		return -1;
	}
	if (len > STATE_MAX && (json_dump(state, false, &text, &err) < 0 || text.len > STATE_MAX)) {
		snprintf(why, size, "its state is longer than %zu KiB", STATE_MAX >> 10);
		return -1;
	}
	json_free(&context->state);
	context->state = json_copy(state);
	return 0;
}

static int take_answer(struct kind_context *context, const struct eval_result *result, json *observation, char *why,
                       size_t size)
{
	if (take_state(context, result->output, result->len, why, size) < 0)
		return -1;
	return kind_answer(context->task, result->output, observation, why, size);
}

static int reset(struct kind_context *context, json *observation, struct err *err)
{
	struct eval_result result;
	BUF_AUTO input = {0};
	char why[300];
	buf_add_char(&input, '{');
	if (call(context->eval, context->task, "reset", context->seed, &input, &result, err) < 0)
		return -1;
	if (result.kind != EVAL_OUTPUT)
		return err_set(err, ERR_INPUT, "env.jq: reset: %s", result.why);
	int refused = take_answer(context, &result, observation, why, sizeof why);
	json_free(&result.output);
	return refused ? err_set(err, ERR_INPUT, "env.jq: reset: %s", why) : 0;
}

static void fail(struct kind_context *context, enum eval_kind kind, const char *why, json *observation)
{
	static const char *const words[] = {
	        [EVAL_TIME] = "time", [EVAL_MEMORY] = "memory", [EVAL_CRASHED] = "ended", [EVAL_OUTPUT] = "rubbish", [EVAL_UNFIT] = "rubbish"};
	const char *word = kind < sizeof words / sizeof *words ? words[kind] : NULL;
	kind_failed(context, word ? word : "error",
	            kind == EVAL_TIME     ? "the environment has failed: it took too long"
	            : kind == EVAL_MEMORY ? "the environment has failed: it took too much memory"
	                                  : "the environment has failed",
	            why, observation);
}

static int step(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	struct eval_result result;
	BUF_AUTO input = {0};
	char why[300];
	JSON_AUTO null = json_new_null();
	buf_add_format(&input, "{\"step\":%d", step);
	if (add(&input, ",\"action\":{\"tool\":", json_get(action, "tool"), err) < 0 ||
	    add(&input, ",\"args\":", json_get(action, "args"), err) < 0 ||
	    add(&input, "},\"state\":", json_is_none(context->state) ? null : context->state, err) < 0)
		return -1;
	buf_add_char(&input, ',');
	if (call(context->eval, context->task, "step", context->seed, &input, &result, err) < 0)
		return -1;
	if (result.kind != EVAL_OUTPUT)
		fail(context, result.kind, result.why, observation);
	else if (take_answer(context, &result, observation, why, sizeof why) < 0)
		fail(context, EVAL_OUTPUT, why, observation);
	json_free(&result.output);
	return 0;
}

int kind_jq_generate(struct eval *eval, const struct task *task, const char *seed, json *patch, struct err *err)
{
	struct eval_result result;
	BUF_AUTO input = {0};
	buf_add_char(&input, '{');
	if (call(eval, task, "generate", seed, &input, &result, err) < 0)
		return -1;
	*patch = result.output;
	return result.kind == EVAL_OUTPUT ? 0 : err_set(err, ERR_INPUT, "%s", result.why);
}

int kind_jq_render(struct eval *eval, const struct task *task, const char *seed, json state, struct buf *board,
                   struct err *err)
{
	struct eval_result result;
	BUF_AUTO input = {0};
	size_t len;
	if (kind_of(task->definition) != &kind_jq || json_is_none(state))
		return 0;
	if (add(&input, "{\"state\":", state, err) < 0)
		return err_context(err, "env.jq: render");
	buf_add_char(&input, ',');
	if (call(eval, task, "render", seed, &input, &result, err) < 0)
		return -1;
	const char *text = json_text(result.output, &len);
	int drawn = text && len <= BOARD_MAX ? 1 : json_is_null(result.output) ? 0 : -1;
	if (drawn > 0)
		buf_add(board, text, len);
	else if (drawn < 0)
		err_set(err, ERR_INPUT, "env.jq: render: %s",
		        result.kind != EVAL_OUTPUT ? result.why
		        : text                     ? "the text is longer than 64 KiB"
		                                   : "its output is no text");
	json_free(&result.output);
	return drawn;
}

const struct kind kind_jq = {.name = "jq", .reset = reset, .step = step};
