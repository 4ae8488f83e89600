/* Programs of the box that speak the protocol of environments, a line each way: a task's own, a notebook, an SQL shell. */
#include "kind.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "kind_text.h"
#include "start.h"
#include "text.h"

#define REPLY_MAX ((size_t)16 << 20) /* bytes of a line */
#define START_MS 60000               /* for a program to start, and to begin its environment */
#define WORDS_MAX 64                 /* of a command */
#define CUT_SAYS 64                  /* bytes of what stands where something was cut */

/* How to start one. A script of ours is no file of the box, and longer than a command may be: it is the first line that a
 * program of one line reads. */
struct program {
	unsigned slot;
	const char *argv[WORDS_MAX + 1];
	const char *script;       /* or NULL */
	const char *set, *called; /* of a set of tools: its name, and what an agent is told of */
};

static const char loader[] = "import sys\n"
                             "if sys.path[:1]==['']: del sys.path[0]\n" /* the workspace, where a json.py may be */
                             "import json\n"
                             "source=json.loads(sys.stdin.buffer.readline())\n"
                             "sys.stdout.write('{\"observation\":null}\\n')\n"
                             "sys.stdout.flush()\n"
                             "exec(compile(source,'<program>','exec'))\n";

/* --- one exchange ------------------------------------------------------ */

static size_t output_max(const struct kind_context *context)
{
	return (size_t)json_get_number(json_get(context->task->definition, "limits"), "output_kib", 64) << 10;
}

/* *answer (owned) where *said says that there is one. The line is of no more use where there is none. */
static int ask(const struct kind_context *context, unsigned slot, json request, unsigned timeout_ms, json *answer,
               struct line_answer *said, struct err *err)
{
	BUF_AUTO text = {0};
	struct kind_heard heard = {.answer = json_none()};
	if (json_dump(request, false, &text, err) < 0)
		return -1;
	buf_add_char(&text, '\n');
	struct line_request asked = {.text = text.data,
	                             .len = text.len,
	                             .timeout_ms = timeout_ms,
	                             .most = REPLY_MAX,
	                             .keep = output_max(context),
	                             .judge = kind_hear,
	                             .context = &heard};
	int failed = line_ask(context->lines[slot], &asked, said, err);
	if (failed || said->end != LINE_ANSWERED) {
		line_free(context->lines[slot]);
		context->lines[slot] = NULL;
	}
	*answer = failed || said->end != LINE_ANSWERED ? json_none() : json_take(&heard.answer);
	json_free(&heard.answer);
	if (!failed && heard.why[0]) {
		buf_clear(&said->words);
		buf_add_string(&said->words, heard.why);
	}
	return failed;
}

/* 1: it is there; 0: it is not; -1. */
static int reach(const struct kind_context *context, unsigned slot, struct err *err)
{
	bool none = false;
	if (!context->lines[slot])
		context->lines[slot] = line_fetch(context->box, slot, &none, err);
	return context->lines[slot] ? 1 : none ? 0 : -1;
}

/* 1; 0: it says in *said how it has ended already; -1: ERR_INPUT when it cannot be started. */
static int start(const struct kind_context *context, const struct program *program, struct line_answer *said,
                 struct err *err)
{
	bool referee = program->slot == KIND_REFEREE;
	const char *cwd = json_get_string(json_get(context->task->definition, "env"), "cwd");
	struct line_program how = {.argv = program->argv, .cwd = referee ? START_TESTS : cwd, .timeout_ms = START_MS};
	line_free(context->lines[program->slot]);
	context->lines[program->slot] = line_start(referee ? *context->referee : context->box, program->slot, &how, err);
	if (!context->lines[program->slot])
		return -1;
	if (!program->script)
		return 1;
	JSON_AUTO script = json_new_string(program->script);
	JSON_AUTO answer = json_none();
	if (ask(context, program->slot, script, START_MS, &answer, said, err) < 0)
		return -1;
	bool loaded = said->end == LINE_ANSWERED;
	if (loaded)
		line_answer_free(said);
	return loaded;
}

static const char *const ends[] = {
        [LINE_ENDED] = "ended", [LINE_HUNG] = "hung", [LINE_RUBBISH] = "rubbish", [LINE_TORN] = "torn"};
static const char *const ends_said[] = {
        [LINE_ENDED] = "it ended",
        [LINE_HUNG] = "it did not answer in time",
        [LINE_RUBBISH] = "it answered rubbish",
        [LINE_TORN] = "somebody died while asking it",
};

/* What there is to know of a failure, in one line, for the author. */
static void explain(const struct line_answer *said, struct buf *out)
{
	const struct buf *words = said->words.len ? &said->words : &said->stray;
	buf_add_string(out, ends_said[said->end]);
	if (words->len == 0)
		return;
	buf_add_string(out, ": ");
	text_repair(words->data, words->len, out);
	buf_trim_end(out, 0, '\n');
}

/* Stray prints stand before what the environment says of an error, in the room that this leaves. */
static void add_stray(const struct line_answer *said, size_t max, json *observation)
{
	BUF_AUTO text = {0};
	size_t error_len = 0, len = said->stray.len;
	if (len == 0)
		return;
	json_text(json_get(*observation, "stderr"), &error_len);
	size_t room = max > error_len ? max - error_len : 0;
	if (len > room)
		len = text_cut_end(said->stray.data, room);
	text_repair(said->stray.data, len, &text);
	if (said->stray_cut > 0 || len < said->stray.len)
		text_add_cut(said->stray_cut + said->stray.len - len, &text);
	json_add_text(json_get(*observation, "stderr"), false, &text);
	json_set_text(observation, "stderr", text.data, text.len);
}

static void add_limits(const struct line_answer *said, json *observation)
{
	const char *limit = said->oom ? "oom" : said->pids ? "pids" : said->disk ? "disk" : NULL;
	if (!limit)
		return;
	json info = json_copy(json_get(*observation, "info"));
	json_set_string(&info, "limit", limit);
	json_set(observation, "info", info);
}

static json step_request(json action)
{
	json request = json_new_object(), step = json_new_object();
	json_set(&step, "tool", json_copy(json_get(action, "tool")));
	json_set(&step, "args", json_copy(json_get(action, "args")));
	json_set(&request, "step", step);
	return request;
}

static unsigned step_ms(const struct kind_context *context)
{
	return (unsigned)(json_get_number(json_get(context->task->definition, "limits"), "step_s", 10) * 1000);
}

/* --- the environment's own --------------------------------------------- */

bool kind_referee(const struct task *task)
{
	return json_is_object(json_get(json_get(task->definition, "env"), "referee"));
}

static void words_of(json own, struct program *program)
{
	json words = json_get(own, "command");
	for (int i = 0; i < json_length(words) && i < WORDS_MAX; i++)
		program->argv[i] = json_string(json_at(words, i));
}

/* False: it has none. */
static bool own_program(const struct task *task, unsigned slot, struct program *program)
{
	json env = json_get(task->definition, "env");
	json own = json_get(env, slot == KIND_REFEREE ? "referee" : "program");
	const char *adapter = json_get_string(own, "adapter");
	*program = (struct program){.slot = slot};
	words_of(own, program);
	if (adapter) {
		const char *const argv[] = {"python3", "-c", loader, adapter, json_get_string(own, "class"), NULL};
		memcpy(program->argv, argv, sizeof argv);
		program->script = kind_text_gym;
	}
	return json_is_object(own);
}

/* {"reset":…} or {"step":…} with what the program in the agent's box has replied to it. */
static json with_reply(json request, json reply)
{
	const char *key;
	json value, whole = json_new_object();
	for (int at = -1; json_each(request, &at, &key, &value);) {
		json inner = json_copy(value);
		if (!json_is_none(reply) && !json_is_null(reply))
			json_set(&inner, "reply", json_copy(reply));
		json_set(&whole, key, inner);
	}
	return whole;
}

static json reset_request(const struct kind_context *context)
{
	json options = json_get(json_get(context->task->definition, "env"), "options");
	json request = json_new_object(), begin = json_new_object();
	json_set_string(&begin, "seed", context->seed);
	json_set(&begin, "options", json_is_object(options) ? json_copy(options) : json_new_object());
	json_set(&request, "reset", begin);
	return request;
}

/* Starts one of both and has it begin. As start(). */
static int begin(const struct kind_context *context, unsigned slot, json reply, json *answer, struct line_answer *said,
                 struct err *err)
{
	struct program program;
	JSON_AUTO plain = reset_request(context);
	JSON_AUTO request = with_reply(plain, reply);
	if (slot == KIND_REFEREE && !*context->referee &&
	    !(*context->referee = start_apart(context->host, context->task, err)))
		return -1;
	own_program(context->task, slot, &program);
	int started = start(context, &program, said, err);
	if (started <= 0)
		return started;
	/* What was said of the script that it was given first. */
	line_answer_free(said);
	if (ask(context, slot, request, START_MS, answer, said, err) < 0)
		return -1;
	return said->end == LINE_ANSWERED;
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
		JSON_AUTO plain = step_request(one);
		JSON_AUTO request = with_reply(plain, json_get(one, "reply"));
		JSON_AUTO answer = json_none();
		line_answer_free(said);
		if (ask(context, KIND_REFEREE, request, step_ms(context), &answer, said, err) < 0)
			return -1;
		on = said->end == LINE_ANSWERED;
	}
	return on;
}

/* The state of a referee's environment: what the program in the agent's box replied to its reset, and to this step. */
static void note_reply(struct kind_context *context, json reset, json reply)
{
	json state = json_new_object();
	json_set(&state, "reset", json_is_none(reset) ? json_new_null() : json_copy(reset));
	json_set(&state, "reply", json_is_none(reply) ? json_new_null() : json_copy(reply));
	json_free(&context->state);
	context->state = state;
}

static int reset(struct kind_context *context, json *observation, struct err *err)
{
	struct program program;
	JSON_AUTO answer = json_none();
	BUF_AUTO text = {0};
	char why[300];
	for (unsigned slot = KIND_PROGRAM; slot <= KIND_REFEREE; slot += KIND_REFEREE - KIND_PROGRAM) {
		LINE_ANSWER_AUTO said = {0};
		const char *name = slot == KIND_REFEREE ? "the referee" : "the environment's program";
		JSON_AUTO reply = json_take(&answer);
		if (!own_program(context->task, slot, &program)) {
			answer = json_take(&reply);
			continue;
		}
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

static void fail(struct kind_context *context, unsigned slot, const char *how, const char *why, json *observation)
{
	STRING_AUTO shown = mem_format("the environment has failed: %s", how);
	json_free(&context->state);
	context->state = json_new_text(why, strlen(why));
	kind_failed(observation, how, shown);
	if (slot != KIND_REFEREE)
		return;
	json info = json_copy(json_get(*observation, "info"));
	json_set_bool(&info, "referee", true);
	json_set(observation, "info", info);
}

/* One of both. 1; 0: it has failed, and *observation says so; -1. */
static int step_one(struct kind_context *context, unsigned slot, json request, json *answer, struct line_answer *said,
                    json *observation, struct err *err)
{
	BUF_AUTO text = {0};
	*said = (struct line_answer){.end = LINE_ENDED};
	bool again = slot == KIND_REFEREE && !context->lines[slot];
	int there = again ? begin_referee_again(context, said, err) : reach(context, slot, err);
	if (there > 0) {
		line_answer_free(said);
		there = ask(context, slot, request, step_ms(context), answer, said, err) < 0 ? -1 : 1;
	}
	if (there < 0)
		return -1;
	if (said->end == LINE_ANSWERED)
		return 1;
	explain(said, &text);
	fail(context, slot, ends[said->end], text.data, observation);
	return 0;
}

static int step(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	struct program program;
	JSON_AUTO plain = step_request(action);
	JSON_AUTO answer = json_none();
	LINE_ANSWER_AUTO shown = {0};
	char why[300];
	int on = 1;
	(void)step;
	for (unsigned slot = KIND_PROGRAM; slot <= KIND_REFEREE && on > 0; slot += KIND_REFEREE - KIND_PROGRAM) {
		LINE_ANSWER_AUTO said = {0};
		JSON_AUTO reply = json_none();
		if (!own_program(context->task, slot, &program))
			continue;
		reply = json_take(&answer);
		JSON_AUTO request = with_reply(plain, reply);
		on = step_one(context, slot, request, &answer, &said, observation, err);
		if (on < 0)
			return -1;
		if (on > 0 && slot == KIND_REFEREE)
			note_reply(context, json_get(context->state, "reset"), reply);
		if (on > 0 && (slot == KIND_REFEREE || !kind_referee(context->task)) &&
		    kind_answer(context->task, answer, observation, why, sizeof why) < 0)
			fail(context, slot, ends[LINE_RUBBISH], why, observation);
		if (slot == KIND_PROGRAM || on > 0)
			add_limits(&said, observation);
		/* What a referee prints beside its answer could be what is hidden. */
		if (slot == KIND_PROGRAM) {
			shown = said;
			said = (struct line_answer){0};
		}
	}
	add_stray(&shown, output_max(context), observation);
	return 0;
}

const struct kind kind_program = {.name = "program", .reset = reset, .step = step};

/* --- sets of tools ------------------------------------------------------ */

/* One that comes to its end takes what it knew with it, and nothing else: the next call starts another. */
static void lost(const struct program *program, const struct line_answer *said, json *observation)
{
	BUF_AUTO text = {0};
	json info = json_new_object();
	bool hung = said->end == LINE_HUNG;
	if (said->stray.len > 0)
		text_repair(said->stray.data, said->stray.len, &text);
	json_set_text(observation, "stdout", buf_string(&text), text.len);
	STRING_AUTO message = mem_format("the %s has lost its state: %s; the next call starts another\n",
	                                 program->called, ends_said[said->end]);
	json_set_string(observation, "stderr", message);
	json_set(observation, "exit", json_new_null());
	json_set_string(&info, program->set, hung ? "killed" : ends[said->end]);
	if (hung) {
		json_set_bool(observation, "timeout", true);
		json_set_string(&info, "limit", "timeout");
	}
	json_set(observation, "info", info);
	add_limits(said, observation);
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
	json info = json_copy(json_get(*answer, "info"));
	if (!json_is_object(info)) /* null */
		info = json_new_object();
	json_set_number(&info, stream, (double)(start - end));
	json_set(answer, "info", info);
	json_set_text(answer, key, shorter.data, shorter.len);
}

static int step_set(struct kind_context *context, const struct program *program, json action, json *observation,
                    struct err *err)
{
	LINE_ANSWER_AUTO said = {0};
	JSON_AUTO request = step_request(action);
	JSON_AUTO answer = json_none();
	char why[300];
	int there = reach(context, program->slot, err);
	if (there == 0)
		there = start(context, program, &said, err);
	/* What it needs is not in the box: the agent may have seen to that. */
	if (there < 0 && err->code == ERR_INPUT) {
		STRING_AUTO message = mem_format("the %s cannot be started: %s\n", program->called, err->text);
		json_set_string(observation, "stdout", "");
		json_set_string(observation, "stderr", message);
		json_set_number(observation, "exit", 127);
		json_set(observation, "info", json_new_object());
		return 0;
	}
	if (there < 0 || (there > 0 && ask(context, program->slot, request, step_ms(context), &answer, &said, err) < 0))
		return -1;
	if (said.end != LINE_ANSWERED) {
		lost(program, &said, observation);
		return 0;
	}
	/* The agent's own code can write where the program answers: what a step is worth is not for a set to say. */
	json_delete(&answer, "reward");
	json_delete(&answer, "terminated");
	json_delete(&answer, "truncated");
	shorten(&answer, "observation", "stdout_cut", output_max(context));
	shorten(&answer, "error", "stderr_cut", output_max(context));
	if (kind_answer(context->task, answer, observation, why, sizeof why) < 0) {
		struct line *line = context->lines[program->slot];
		context->lines[program->slot] = NULL;
		int failed = line_kill(line, err);
		line_free(line);
		said.end = LINE_RUBBISH;
		lost(program, &said, observation);
		return failed;
	}
	add_stray(&said, output_max(context), observation);
	add_limits(&said, observation);
	return 0;
}

static int step_notebook(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	static const struct program program = {.slot = KIND_NOTEBOOK,
	                                       .argv = {"python3", "-c", loader, NULL},
	                                       .script = kind_text_notebook,
	                                       .set = "notebook",
	                                       .called = "notebook"};
	(void)step;
	return step_set(context, &program, action, observation, err);
}

static int step_sql(struct kind_context *context, int step, json action, json *observation, struct err *err)
{
	json own = json_get(json_get(context->task->definition, "env"), "sql");
	char rows[16];
	snprintf(rows, sizeof rows, "%.0f", json_get_number(own, "rows", 50));
	struct program program = {.slot = KIND_SQL,
	                          .argv = {"python3", "-I", "-S", "-c", loader, json_get_string(own, "database"), "--rows",
	                                   rows, json_get_bool(own, "read_only", false) ? "--read-only" : NULL, NULL},
	                          .script = kind_text_sql,
	                          .set = "sql",
	                          .called = "SQL shell"};
	(void)step;
	return step_set(context, &program, action, observation, err);
}

const struct kind kind_notebook = {.name = "notebook", .step = step_notebook};
const struct kind kind_sql = {.name = "sql", .step = step_sql};
