#include "replay.h"

#include <string.h>

#include "buf.h"
#include "journal.h"
#include "num.h"
#include "play.h"
#include "record.h"
#include "reset.h"
#include "text.h"
#include "tool.h"

#define SHOWN_MAX 200 /* bytes of a differing value that the report holds */

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

/* Steps as a journal has them: one without observation is under way. */
static void add_step(json *steps, json action, json observation, json state)
{
	if (json_is_none(action))
		return;
	json step = json_new_object();
	json_set(&step, "action", json_copy(action));
	json_set(&step, "observation", json_is_none(observation) ? json_new_null() : json_copy(observation));
	if (!json_is_none(state))
		json_set(&step, "state", json_copy(state));
	json_append(steps, step);
}

static int read_history(void *source, json *steps, struct err *err)
{
	const struct replay *replay = source;
	(void)err;
	*steps = json_copy(replay->steps);
	add_step(steps, replay->pending, json_none(), json_none());
	return 0;
}

/* What a crash left unknown cannot be done again, only passed over. */
static void pass_over(struct replay *replay, int step, json logged)
{
	json info = json_get(logged, "info");
	journal_past_add(&replay->play.past, logged, json_none());
	if (json_get_bool(info, "undone", false))
		replay->matched++;
	else
		diverged(replay, step, "info", info, json_none());
}

/* What a replay cannot know of the circumstances, it is told. */
static void tell(json logged, json *observation)
{
	json info = json_get(logged, "info");
	if (play_is_full(logged))
		play_mark_full(observation);
	if (json_get_bool(info, "retried", false) && json_get_bool(info, "undone", false))
		play_mark_retried(observation, true);
}

/* 1 when the episode goes on after it, 0 when it has ended, -1. */
static int replay_step(struct replay *replay, int number, json step, struct err *err)
{
	char problem[160];
	json logged = json_get(step, "observation");
	if (json_get_bool(json_get(logged, "info"), "interrupted", false)) {
		pass_over(replay, number, logged);
		add_step(&replay->steps, json_get(step, "action"), logged, json_none());
		return !json_get_bool(logged, "truncated", false);
	}
	JSON_AUTO observation = json_none();
	JSON_AUTO submitted = json_none();
	JSON_AUTO action = tool_action(json_get(step, "action"), json_get(replay->meta, "tools"), problem, sizeof problem);
	replay->play.source = replay; /* which has its place now */
	replay->play.lines = replay->lines;
	replay->play.referee = &replay->referee;
	replay->pending = action;
	int failed = play_step(&replay->play, number, action, problem, &observation, &submitted, err);
	replay->pending = json_none();
	if (failed) {
		json_free(&replay->play.state);
		return err_context(err, "step %d", number);
	}
	tell(logged, &observation);
	compare(replay, number, logged, observation);
	add_step(&replay->steps, action, observation, replay->play.state);
	if (!json_is_none(submitted)) {
		json_free(&replay->verdict);
		replay->verdict = json_take(&submitted);
	}
	journal_past_add(&replay->play.past, observation, replay->play.state);
	json_free(&replay->play.state);
	if (journal_is_submit(observation)) {
		json_free(&replay->answer);
		replay->answer = json_copy(json_get(json_get(action, "args"), "answer"));
	}
	return !json_get_bool(observation, "terminated", false) && !json_get_bool(observation, "truncated", false);
}

int replay_steps(struct replay *replay, json steps, int count, struct err *err)
{
	int on = 1;
	for (int i = 0; i < count && on > 0; i++) {
		on = replay_step(replay, i + 1, json_at(steps, i), err);
		if (on == 0 && i + 1 < count)
			diverged(replay, i + 2, "terminated", json_none(), json_new_bool(true));
	}
	return on < 0 ? -1 : 0;
}

/* Whether there is a verdict to compare: an error says only that grading could not be done. */
static bool was_graded(json rollout)
{
	json verdict = json_get(rollout, "verdict");
	const char *status = json_get_string(verdict, "status");
	return json_is_object(verdict) && !(status && !strcmp(status, "error"));
}

static json report_of(struct replay *replay, json rollout)
{
	json logged = json_get(rollout, "verdict"), report = json_new_object();
	int steps = json_length(json_get(rollout, "steps"));
	bool graded = was_graded(rollout);
	const char *field = graded ? difference(logged, replay->verdict) : NULL;
	if (field)
		diverged(replay, steps, "verdict", logged, replay->verdict);
	json_set_string(&report, "type", "replay");
	json_set(&report, "episode", json_copy(json_get(rollout, "episode")));
	json_set(&report, "task", json_copy(json_get(rollout, "task")));
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

/* Its box, where the task has one. */
static int open_box(struct resources *resources, const struct task *task, const char *seed, const struct box_home *home,
                    struct box **box, enum cgroup_tier *tier, struct err *err)
{
	struct start_source source;
	*box = NULL;
	*tier = 0;
	if (!task_boxed(task))
		return 0;
	struct box_host *host = resources_host(resources, err);
	if (!host || start_source_open(task, &source, err) < 0)
		return -1;
	*box = start_box(host, &source, seed, home, err);
	*tier = box_host_tier(host);
	start_source_close(&source);
	return *box ? 0 : -1;
}

static void free_lines(struct replay *replay)
{
	for (size_t i = 0; i < BOX_SLOTS; i++) {
		line_free(replay->lines[i]);
		replay->lines[i] = NULL;
	}
	box_free(replay->referee);
	replay->referee = NULL;
}

int replay_open(struct replay *replay, struct resources *resources, json record, const struct box_home *home,
                struct err *err)
{
	const char *seed = json_get_string(record, "seed"), *episode = json_get_string(record, "episode");
	const char *isolation = json_get_string(json_get(record, "box"), "isolation");
	struct box *box;
	enum cgroup_tier tier;
	/* Its paths were of a folder that was made for it. */
	if (isolation && !strcmp(isolation, "landlock"))
		return err_set(err, ERR_SYSTEM, "its box was without namespaces: no other has the same paths");
	seed = seed ? seed : "0";
	const struct task *task = resources_task(resources, record, err);
	if (!task || open_box(resources, task, seed, home, &box, &tier, err) < 0)
		return -1;
	json path = json_get(record, "task_path"), state = json_none();
	JSON_AUTO first = json_new_object();
	memset(replay, 0, sizeof *replay);
	if (play_begin(resources, task, box, replay->lines, &replay->referee, seed, &first, &state, err) < 0) {
		free_lines(replay);
		box_free(box);
		return -1;
	}
	replay->meta = reset_meta(task, false, episode, seed, tier);
	replay->first = replay->answer = replay->pending = replay->verdict = json_none();
	replay->steps = json_new_array();
	json_set(&replay->meta, "task_path", json_is_none(path) ? resources_task_path(resources) : json_copy(path));
	replay->play = (struct play){.resources = resources,
	                             .episode = episode,
	                             .meta = replay->meta,
	                             .past = {.last = json_none(), .state = state},
	                             .state = json_none(),
	                             .box = box,
	                             .history = read_history,
	                             .source = replay};
	return 0;
}

void replay_close(struct replay *replay)
{
	free_lines(replay);
	box_free(replay->play.box);
	json_free(&replay->meta);
	json_free(&replay->first);
	journal_past_free(&replay->play.past);
	json_free(&replay->answer);
	json_free(&replay->steps);
	json_free(&replay->verdict);
}

json replay_verdict(struct replay *replay)
{
	if (json_is_none(replay->verdict))
		replay->verdict = play_grade(&replay->play, replay->answer, false);
	return replay->verdict;
}

int replay_rollout(struct resources *resources, json rollout, json *report, struct err *err)
{
	struct replay replay;
	json steps = json_get(rollout, "steps");
	if (replay_open(&replay, resources, rollout, NULL, err) < 0)
		return -1;
	int failed = replay_steps(&replay, steps, json_length(steps), err);
	/* Graded at the end of its input rather than by a submit. */
	if (!failed && was_graded(rollout))
		(void)replay_verdict(&replay);
	if (!failed)
		*report = report_of(&replay, rollout);
	replay_close(&replay);
	return failed;
}
