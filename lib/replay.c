#include "replay.h"

#include <string.h>

#include "buf.h"
#include "num.h"
#include "play.h"
#include "record.h"
#include "reset.h"
#include "text.h"
#include "tool.h"

#define SHOWN_MAX 200 /* bytes of a differing value that the report holds */

struct replay {
	struct play play;
	json rollout; /* borrowed */
	json first;   /* owned; the first divergence */
	json answer;  /* owned; the last one that was submitted */
	int matched;
};

/* A value short enough for a report: a long one as the beginning of its text. */
static json shown(json value)
{
	BUF_AUTO text = {0};
	size_t len;
	const char *string = json_text(value, &len);
	if (json_is_none(value))
		return json_new_null();
	if (!string && json_dump(value, true, &text, NULL) == 0) {
		string = text.data;
		len = text.len;
		if (len <= SHOWN_MAX)
			return json_copy(value);
	}
	return string ? json_new_text(string, text_cut_end(string, len < SHOWN_MAX ? len : SHOWN_MAX)) : json_new_null();
}

static void diverged(struct replay *replay, int step, const char *field, json logged, json replayed)
{
	if (!json_is_none(replay->first))
		return;
	replay->first = json_new_object();
	json_set_number(&replay->first, "step", step);
	json_set_string(&replay->first, "field", field);
	json_set(&replay->first, "logged", shown(logged));
	json_set(&replay->first, "replayed", shown(replayed));
}

/* The first field, in the order of the one that has it, that differs. NULL when none does. */
static const char *difference(json logged, json replayed)
{
	const json pair[2] = {logged, replayed};
	for (int i = 0; i < 2; i++) {
		const char *key;
		json value;
		for (int at = -1; json_each(pair[i], &at, &key, &value);)
			if (strcmp(key, "timing") != 0 && !json_equal(value, json_get(pair[1 - i], key)))
				return key;
	}
	return NULL;
}

static void compare(struct replay *replay, int step, json logged, json replayed)
{
	const char *field = json_is_object(logged) ? difference(logged, replayed) : "observation";
	if (!field)
		replay->matched++;
	else
		diverged(replay, step, field, json_get(logged, field), json_get(replayed, field));
}

/* Replays all steps. *verdict (owned): the one that a submit led to, or none. */
static int replay_steps(struct replay *replay, json *verdict, struct err *err)
{
	json steps = json_get(replay->rollout, "steps");
	JSON_AUTO last = json_none();
	for (int i = 0; i < json_length(steps); i++) {
		char problem[160];
		json step = json_at(steps, i);
		JSON_AUTO observation = json_none();
		JSON_AUTO action = tool_action(json_get(step, "action"), json_get(replay->play.meta, "tools"), problem,
		                               sizeof problem);
		JSON_AUTO submitted = json_none();
		replay->play.last = last;
		if (play_step(&replay->play, i + 1, action, problem, &observation, &submitted, err) < 0)
			return err_context(err, "step %d", i + 1);
		if (play_is_full(json_get(step, "observation")))
			play_mark_full(&observation);
		compare(replay, i + 1, json_get(step, "observation"), observation);
		const char *tool = json_get_string(observation, "tool");
		if (!json_is_none(submitted)) {
			json_free(verdict);
			*verdict = json_take(&submitted);
		}
		if (tool && !strcmp(tool, "submit")) {
			replay->play.submits++;
			json_free(&replay->answer);
			replay->answer = json_copy(json_get(json_get(action, "args"), "answer"));
		} else {
			json_free(&last);
			last = json_copy(observation);
		}
		if (json_get_bool(observation, "terminated", false) || json_get_bool(observation, "truncated", false)) {
			if (i + 1 < json_length(steps))
				diverged(replay, i + 2, "terminated", json_none(), json_get(observation, "terminated"));
			break;
		}
	}
	replay->play.last = json_none();
	/* Graded at the end of its input rather than by a submit. */
	if (json_is_none(*verdict) && json_is_object(json_get(replay->rollout, "verdict"))) {
		replay->play.last = last;
		*verdict = play_grade(&replay->play, replay->answer, false);
	}
	return 0;
}

static json report_of(struct replay *replay, json verdict)
{
	json logged = json_get(replay->rollout, "verdict"), report = json_new_object();
	int steps = json_length(json_get(replay->rollout, "steps"));
	bool graded = json_is_object(logged);
	const char *field = graded ? difference(logged, verdict) : NULL;
	if (field)
		diverged(replay, steps, "verdict", logged, verdict);
	json_set_string(&report, "type", "replay");
	json_set(&report, "episode", json_copy(json_get(replay->rollout, "episode")));
	json_set(&report, "task", json_copy(json_get(replay->rollout, "task")));
	json_set_string(&report, "match", json_is_none(replay->first) ? "exact" : "diverged");
	json_set_number(&report, "steps", steps);
	json_set_number(&report, "matched", replay->matched);
	json_set(&report, "first", json_is_none(replay->first) ? json_new_null() : json_copy(replay->first));
	json_set(&report, "verdict_match", graded ? json_new_bool(!field) : json_new_null());
	return report;
}

int replay_check(json rollout, struct err *err)
{
	json steps = json_get(rollout, "steps");
	if (!record_is(rollout, "rollout"))
		return err_set(err, ERR_INPUT, "not a rollout");
	if (!json_get_string(rollout, "episode") || !json_is_array(steps))
		return err_set(err, ERR_INPUT, "not a rollout: it needs episode, task, task_digest and steps");
	json seed = json_get(rollout, "seed"), verdict = json_get(rollout, "verdict");
	if (!json_is_none(seed) && !json_is_string(seed))
		return err_set(err, ERR_INPUT, "not a rollout: its seed is no string");
	if (!json_is_none(verdict) && !json_is_null(verdict) && !json_is_object(verdict))
		return err_set(err, ERR_INPUT, "not a rollout: its verdict is no object");
	for (int i = 0; i < json_length(steps); i++)
		if (json_is_none(json_get(json_at(steps, i), "action")))
			return err_set(err, ERR_INPUT, "not a rollout: step %d has no action", i + 1);
	return 0;
}

int replay_rollout(struct resources *resources, json rollout, json *report, struct err *err)
{
	struct replay replay = {.rollout = rollout, .first = json_none(), .answer = json_none()};
	struct reset_source source;
	const char *seed = json_get_string(rollout, "seed");
	const struct task *task = resources_task(resources, rollout, err);
	struct box_host *host = task ? resources_host(resources, err) : NULL;
	if (!host || reset_source_open(task, &source, err) < 0)
		return -1;
	JSON_AUTO verdict = json_none();
	JSON_AUTO meta = reset_meta(task, json_get_string(rollout, "episode"), seed ? seed : "0", box_host_tier(host));
	json_set(&meta, "task_path", resources_task_path(resources));
	replay.play = (struct play){.resources = resources,
	                            .episode = json_get_string(rollout, "episode"),
	                            .meta = meta,
	                            .last = json_none(),
	                            .box = reset_box(host, &source, seed ? seed : "0", -1, err)};
	int failed = !replay.play.box || replay_steps(&replay, &verdict, err) < 0;
	if (!failed)
		*report = report_of(&replay, verdict);
	box_free(replay.play.box);
	json_free(&replay.first);
	json_free(&replay.answer);
	reset_source_close(&source);
	return failed ? -1 : 0;
}
