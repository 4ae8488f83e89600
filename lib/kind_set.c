/* Sets of tools that are programs of the box: a notebook, an SQL shell. */
#include <stdio.h>

#include "buf.h"
#include "kind_exchange.h"
#include "kind_text.h"
#include "text.h"
#include "tool.h"

#define CUT_SAYS 64 /* bytes of what stands where something was cut */

struct set {
	struct exchange_program program;
	const char *name, *called; /* in a task; by an agent */
};

/* One that comes to its end takes what it knew with it, and nothing else: the next call starts another. */
static void lost(const struct set *set, const struct line_answer *said, json *observation)
{
	BUF_AUTO text = {0};
	json info = json_new_object();
	bool hung = said->end == LINE_HUNG;
	if (said->stray.len > 0)
		text_repair(said->stray.data, said->stray.len, &text);
	json_set_text(observation, "stdout", buf_string(&text), text.len);
	STRING_AUTO message = mem_format("the %s has lost its state: %s; the next call starts another\n", set->called,
	                                 exchange_end_said(said));
	json_set_string(observation, "stderr", message);
	json_set(observation, "exit", json_new_null());
	json_set_string(&info, set->name, hung ? "killed" : exchange_end(said));
	if (hung) {
		json_set_bool(observation, "timeout", true);
		json_set_string(&info, "limit", "timeout");
	}
	json_set(observation, "info", info);
	exchange_add_limits(said, observation);
}

/* A text that is longer than the task wants to be shown loses its middle, as those of commands do. */
static void shorten(json *answer, const char *key, const char *stream, size_t max)
{
	BUF_AUTO shorter = {0};
	size_t len;
	const char *text = json_text(json_get(*answer, key), &len);
	if (!text || len <= max)
		return;
	size_t half = (max - CUT_SAYS) / 2, end = text_cut_end(text, half), start = len - half;
	start += text_cut_start(text + start, len - start);
	buf_add(&shorter, text, end);
	text_add_cut(start - end, &shorter);
	buf_add(&shorter, text + start, len - start);
	json_set_in(answer, "info", stream, json_new_number((double)(start - end)));
	json_set_text(answer, key, shorter.data, shorter.len);
}

/* The agent's own code can write where the program answers: what a step is worth is not for a set to say, and a program
 * whose answer is none is ended. */
static int take_answer(struct kind_context *context, const struct set *set, json *answer, struct line_answer *said,
                       json *observation, struct err *err)
{
	static const char *const worth[] = {"reward", "terminated", "truncated"};
	size_t max = exchange_output_max(context);
	char why[300];
	for (size_t i = 0; i < sizeof worth / sizeof *worth; i++)
		json_delete(answer, worth[i]);
	shorten(answer, "observation", "stdout_cut", max);
	shorten(answer, "error", "stderr_cut", max);
	if (kind_answer(context->task, *answer, observation, why, sizeof why) < 0) {
		struct line *line = context->lines[set->program.slot];
		context->lines[set->program.slot] = NULL;
		int failed = line_kill(line, err);
		line_free(line);
		said->end = LINE_RUBBISH;
		lost(set, said, observation);
		return failed;
	}
	exchange_add_stray(said, max, observation);
	exchange_add_limits(said, observation);
	return 0;
}

static int step_set(struct kind_context *context, const struct set *set, json action, json *observation, struct err *err)
{
	LINE_ANSWER_AUTO said = {0};
	JSON_AUTO request = exchange_step(action, json_none());
	JSON_AUTO answer = json_none();
	int there = exchange_reach(context, set->program.slot, err);
	if (there == 0)
		there = exchange_start(context, &set->program, &said, err);
	/* What it needs is not in the box: the agent may have seen to that. */
	if (there < 0 && err->code == ERR_INPUT) {
		STRING_AUTO message = mem_format("the %s cannot be started: %s\n", set->called, err->text);
		tool_failure(observation, message);
		json_set_number(observation, "exit", 127); /* as of a command that is not there */
		return 0;
	}
	if (there > 0 &&
	    exchange_ask(context, set->program.slot, request, exchange_step_ms(context), &answer, &said, err) < 0)
		there = -1;
	if (there < 0)
		return -1;
	if (said.end != LINE_ANSWERED) {
		lost(set, &said, observation);
		return 0;
	}
	return take_answer(context, set, &answer, &said, observation, err);
}

static int step_notebook(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	static const struct set set = {.program = {.slot = KIND_NOTEBOOK,
	                                           .argv = {"python3", "-c", exchange_loader, NULL},
	                                           .script = kind_text_notebook},
	                               .name = "notebook",
	                               .called = "notebook"};
	(void)step;
	return step_set(context, &set, action, observation, err);
}

static int step_sql(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	json own = json_get(json_get(context->task->definition, "env"), "sql");
	char rows[16];
	snprintf(rows, sizeof rows, "%.0f", json_get_number(own, "rows", 50));
	const char *read_only = json_get_bool(own, "read_only", false) ? "--read-only" : NULL;
	struct set set = {.program = {.slot = KIND_SQL,
	                              .argv = {"python3", "-I", "-S", "-c", exchange_loader,
	                                       json_get_string(own, "database"), "--rows", rows, read_only, NULL},
	                              .script = kind_text_sql},
	                  .name = "sql",
	                  .called = "SQL shell"};
	(void)step;
	return step_set(context, &set, action, observation, err);
}

const struct kind kind_notebook = {.name = "notebook", .step = step_notebook};
const struct kind kind_sql = {.name = "sql", .step = step_sql};
