/* Environments that are programs of the box: a task's own, and its referee, which is in a box of its own. */
#include "buf.h"
#include "kind_exchange.h"
#include "kind_text.h"
#include "start.h"
#include "text.h"

static const enum kind_slot both[] = {KIND_PROGRAM, KIND_REFEREE}; /* the referee has what the program replied */
#define BOTH (sizeof both / sizeof *both)

static json own_of(const struct task *task, enum kind_slot slot)
{
	return json_get(json_get(task->definition, "env"), slot == KIND_REFEREE ? "referee" : "program");
}

static bool has_own(const struct task *task, enum kind_slot slot)
{
	return json_is_object(own_of(task, slot));
}

bool kind_referee(const struct task *task)
{
	return has_own(task, KIND_REFEREE);
}

static struct exchange_program program_of(const struct task *task, enum kind_slot slot)
{
	json own = own_of(task, slot), words = json_get(own, "command");
	const char *adapter = json_get_string(own, "adapter");
	if (adapter)
		return (struct exchange_program){
		        .slot = slot,
		        .argv = {"python3", "-c", exchange_loader, adapter, json_get_string(own, "class"), NULL},
		        .script = kind_text_gym,
		};
	struct exchange_program program = {.slot = slot};
	for (int i = 0; i < json_length(words) && i < EXCHANGE_WORDS_MAX; i++)
		program.argv[i] = json_string(json_at(words, i));
	return program;
}

/* {"reset":…}, with what the other program has replied to it. */
static json reset_request(const struct kind_context *context, json reply)
{
	json options = json_get(json_get(context->task->definition, "env"), "options");
	json request = json_new_object(), begin = json_new_object();
	json_set_string(&begin, "seed", context->seed);
	json_set(&begin, "options", json_is_object(options) ? json_copy(options) : json_new_object());
	if (!json_is_none(reply) && !json_is_null(reply))
		json_set(&begin, "reply", json_copy(reply));
	json_set(&request, "reset", begin);
	return request;
}

/* Starts one of both and has it begin. As exchange_start(). */
static int begin(const struct kind_context *context, enum kind_slot slot, json reply, json *answer,
                 struct line_answer *said, struct err *err)
{
	struct exchange_program program = program_of(context->task, slot);
	JSON_AUTO request = reset_request(context, reply);
	if (slot == KIND_REFEREE && !*context->referee &&
	    !(*context->referee = start_apart(context->host, context->task, err)))
		return -1;
	int started = exchange_start(context, &program, said, err);
	if (started <= 0)
		return started;
	if (exchange_ask(context, slot, request, EXCHANGE_START_MS, answer, said, err) < 0)
		return -1;
	return said->end == LINE_ANSWERED;
}

/* What there is to know of a failure, in one line, for the author. */
static void explain(const struct line_answer *said, struct buf *out)
{
	const struct buf *words = said->words.len ? &said->words : &said->stray;
	buf_add_string(out, exchange_end_said(said));
	if (words->len == 0)
		return;
	buf_add_string(out, ": ");
	text_repair(words->data, words->len, out);
	buf_trim_end(out, 0, '\n');
}

/* A referee lives as long as this process. A new one is told all that was. */
static int begin_referee_again(const struct kind_context *context, struct line_answer *said, struct err *err)
{
	JSON_AUTO steps = json_none();
	JSON_AUTO first = json_none();
	int on = begin(context, KIND_REFEREE, json_get(context->state, "reset"), &first, said, err);
	if (on > 0 && context->told(context->source, &steps, err) < 0)
		on = -1;
	for (int i = 0; i < json_length(steps) && on > 0; i++) {
		json one = json_at(steps, i);
		JSON_AUTO request = exchange_step(one, json_get(one, "reply"));
		JSON_AUTO answer = json_none();
		if (exchange_ask(context, KIND_REFEREE, request, exchange_step_ms(context), &answer, said, err) < 0)
			return -1;
		on = said->end == LINE_ANSWERED;
	}
	return on;
}

/* The state of a referee's environment: what the program in the agent's box replied to its reset, and to this step. */
static void note_reply(struct kind_context *context, json reset, json reply)
{
	json state = json_new_object();
	json_set_or_null(&state, "reset", reset);
	json_set_or_null(&state, "reply", reply);
	json_free(&context->state);
	context->state = state;
}

static int reset(struct kind_context *context, json *observation, struct err *err)
{
	JSON_AUTO answer = json_none();
	BUF_AUTO text = {0};
	char why[300];
	for (size_t i = 0; i < BOTH; i++) {
		enum kind_slot slot = both[i];
		LINE_ANSWER_AUTO said = {0};
		const char *name = slot == KIND_REFEREE ? "the referee" : "the environment's program";
		if (!has_own(context->task, slot))
			continue;
		JSON_AUTO reply = json_take(&answer);
		if (slot == KIND_REFEREE)
			note_reply(context, reply, json_none());
		if (begin(context, slot, reply, &answer, &said, err) < 0)
			return err_context(err, "%s", name);
		if (said.end == LINE_ANSWERED)
			continue;
		explain(&said, &text);
		return err_set(err, ERR_INPUT, "%s: reset: %.300s", name, text.data);
	}
	if (kind_answer(context->task, answer, observation, why, sizeof why) < 0)
		return err_set(err, ERR_INPUT, "the environment's program: reset: %s", why);
	return 0;
}

static void fail(struct kind_context *context, enum kind_slot slot, const char *how, const char *why, json *observation)
{
	STRING_AUTO shown = mem_format("the environment has failed: %s", how);
	kind_failed(context, how, shown, why, observation);
	if (slot == KIND_REFEREE)
		json_set_in(observation, "info", "referee", json_new_bool(true));
}

/* One of both. 1; 0: it has failed, and *observation says so; -1. */
static int step_one(struct kind_context *context, enum kind_slot slot, json request, json *answer,
                    struct line_answer *said, json *observation, struct err *err)
{
	BUF_AUTO text = {0};
	*said = (struct line_answer){.end = LINE_ENDED};
	bool again = slot == KIND_REFEREE && !context->lines[slot];
	int there = again ? begin_referee_again(context, said, err) : exchange_reach(context, slot, err);
	if (there > 0 && exchange_ask(context, slot, request, exchange_step_ms(context), answer, said, err) < 0)
		there = -1;
	if (there < 0)
		return -1;
	if (said->end == LINE_ANSWERED)
		return 1;
	explain(said, &text);
	fail(context, slot, exchange_end(said), text.data, observation);
	return 0;
}

static int step(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	JSON_AUTO answer = json_none();
	LINE_ANSWER_AUTO shown = {0};
	char why[300];
	int on = 1;
	(void)step;
	for (size_t i = 0; i < BOTH && on > 0; i++) {
		enum kind_slot slot = both[i];
		LINE_ANSWER_AUTO said = {0};
		if (!has_own(context->task, slot))
			continue;
		JSON_AUTO reply = json_take(&answer);
		JSON_AUTO request = exchange_step(action, reply);
		on = step_one(context, slot, request, &answer, &said, observation, err);
		if (on < 0)
			return -1;
		if (on > 0 && slot == KIND_REFEREE)
			note_reply(context, json_get(context->state, "reset"), reply);
		if (on > 0 && (slot == KIND_REFEREE || !kind_referee(context->task)) &&
		    kind_answer(context->task, answer, observation, why, sizeof why) < 0)
			fail(context, slot, "rubbish", why, observation);
		if (slot == KIND_PROGRAM || on > 0)
			exchange_add_limits(&said, observation);
		/* What a referee prints beside its answer could be what is hidden. */
		if (slot == KIND_PROGRAM) {
			shown = said;
			said = (struct line_answer){0};
		}
	}
	exchange_add_stray(&shown, exchange_output_max(context), observation);
	return 0;
}

const struct kind kind_program = {.name = "program", .reset = reset, .step = step};
