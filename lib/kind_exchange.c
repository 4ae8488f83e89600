#include "kind_exchange.h"

#include "buf.h"
#include "start.h"
#include "text.h"

#define REPLY_MAX ((size_t)16 << 20) /* bytes of a line */

const char exchange_loader[] = "import sys\n"
                               "if sys.path[:1]==['']: del sys.path[0]\n" /* the workspace, where a json.py may be */
                               "import json\n"
                               "source=json.loads(sys.stdin.buffer.readline())\n"
                               "sys.stdout.write('{\"observation\":null}\\n')\n"
                               "sys.stdout.flush()\n"
                               "exec(compile(source,'<program>','exec'))\n";

size_t exchange_output_max(const struct kind_context *context)
{
	return task_output_max(json_get(context->task->definition, "limits"));
}

int exchange_ask(const struct kind_context *context, unsigned slot, json request, unsigned timeout_ms, json *answer,
                 struct line_answer *said, struct err *err)
{
	BUF_AUTO text = {0};
	struct kind_heard heard = {.answer = json_none()};
	line_answer_free(said);
	if (json_dump(request, false, &text, err) < 0)
		return -1;
	buf_add_char(&text, '\n');
	struct line_request asked = {.text = text.data,
	                             .len = text.len,
	                             .timeout_ms = timeout_ms,
	                             .most = REPLY_MAX,
	                             .keep = exchange_output_max(context),
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

int exchange_reach(const struct kind_context *context, unsigned slot, struct err *err)
{
	bool none = false;
	if (!context->lines[slot])
		context->lines[slot] = line_fetch(context->box, slot, &none, err);
	return context->lines[slot] ? 1 : none ? 0 : -1;
}

int exchange_start(const struct kind_context *context, const struct exchange_program *program, struct line_answer *said,
                   struct err *err)
{
	bool referee = program->slot == KIND_REFEREE;
	const char *cwd = task_cwd(context->task);
	struct line_program how = {
	        .argv = program->argv, .cwd = referee ? START_TESTS : cwd, .timeout_ms = EXCHANGE_START_MS};
	line_free(context->lines[program->slot]);
	context->lines[program->slot] = line_start(referee ? *context->referee : context->box, program->slot, &how, err);
	if (!context->lines[program->slot])
		return -1;
	if (!program->script)
		return 1;
	JSON_AUTO script = json_new_string(program->script);
	JSON_AUTO answer = json_none();
	if (exchange_ask(context, program->slot, script, EXCHANGE_START_MS, &answer, said, err) < 0)
		return -1;
	return said->end == LINE_ANSWERED;
}

const char *exchange_end(const struct line_answer *said)
{
	static const char *const ends[] = {
	        [LINE_ENDED] = "ended", [LINE_HUNG] = "hung", [LINE_RUBBISH] = "rubbish", [LINE_TORN] = "torn"};
	return ends[said->end];
}

const char *exchange_end_said(const struct line_answer *said)
{
	static const char *const ends[] = {
	        [LINE_ENDED] = "it ended",
	        [LINE_HUNG] = "it did not answer in time",
	        [LINE_RUBBISH] = "it answered rubbish",
	        [LINE_TORN] = "somebody died while asking it",
	};
	return ends[said->end];
}

/* Stray prints stand before what the environment says of an error, in the room that this leaves. */
void exchange_add_stray(const struct line_answer *said, size_t max, json *observation)
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

void exchange_add_limits(const struct line_answer *said, json *observation)
{
	const char *limit = said->oom ? "oom" : said->pids ? "pids" : said->disk ? "disk" : NULL;
	if (limit)
		json_set_in(observation, "info", "limit", json_new_string(limit));
}

json exchange_step(json action, json reply)
{
	json request = json_new_object(), step = json_new_object();
	json_set(&step, "tool", json_copy(json_get(action, "tool")));
	json_set(&step, "args", json_copy(json_get(action, "args")));
	if (!json_is_none(reply) && !json_is_null(reply))
		json_set(&step, "reply", json_copy(reply));
	json_set(&request, "step", step);
	return request;
}

unsigned exchange_step_ms(const struct kind_context *context)
{
	return (unsigned)(task_step_s(json_get(context->task->definition, "limits")) * 1000);
}
