#include "replay.h"

#include <string.h>

#include "episode.h"
#include "journal.h"
#include "play.h"
#include "replay_cause.h"
#include "replay_compare.h"
#include "replay_pairs.h"
#include "reset.h"
#include "tool.h"

/* Another project's rollout has only what that one logged: nothing else is compared. */
static bool is_foreign(json rollout)
{
	return json_is_object(json_get(rollout, "source"));
}

static int read_history(void *source, json *steps, struct err *err)
{
	const struct replay *replay = source;
	(void)err;
	*steps = json_copy(replay->steps);
	journal_add_step(steps, replay->pending, json_none(), json_none());
	return 0;
}

/* What a crash left unknown cannot be done again, only passed over. */
static void pass_over(struct replay *replay, int step, json logged)
{
	json info = json_get(logged, "info");
	journal_past_add(&replay->play.past, "observation", step, logged, json_none());
	if (json_get_bool(info, "undone", false))
		replay->matched++, replay->matched_normalised++;
	else
		replay_diverged(replay, step, "info", info, json_none(), "interrupted");
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

/* When a person stopped a command is not the command's doing: it is stopped as early. */
static unsigned stopped_after(json logged)
{
	double ms = json_get_number(json_get(logged, "timing"), "wall_ms", 0);
	if (!json_get_is(json_get(logged, "info"), "limit", "stopped"))
		return 0;
	return ms < 1 ? 1 : ms > 1e8 ? 100000000 : (unsigned)ms;
}

/* 1 when the episode goes on after it, 0 when it has ended, -1. */
static int replay_step(struct replay *replay, int number, json step, struct err *err)
{
	char problem[160];
	json logged = json_get(step, "observation");
	if (json_get_bool(json_get(logged, "info"), "interrupted", false)) {
		pass_over(replay, number, logged);
		journal_add_step(&replay->steps, json_get(step, "action"), logged, json_none());
		return !json_get_bool(logged, "truncated", false);
	}
	JSON_AUTO observation = json_none();
	JSON_AUTO submitted = json_none();
	JSON_AUTO action = tool_action(json_get(step, "action"), json_get(replay->meta, "tools"), problem, sizeof problem);
	replay->play.source = replay; /* which has its place now */
	replay->play.lines = replay->lines;
	replay->play.referee = &replay->referee;
	replay->play.stop.ms = stopped_after(logged);
	replay->pending = action;
	int failed = play_step(&replay->play, number, action, problem, &observation, &submitted, err);
	replay->pending = json_none();
	if (failed) {
		json_free(&replay->play.state);
		return err_context(err, "step %d", number);
	}
	replay->wall_ms += json_get_number(json_get(observation, "timing"), "wall_ms", 0);
	tell(logged, &observation);
	int matched = replay->matched;
	if (!replay->blind)
		replay_compare(replay, number, action, logged, observation);
	/* What is there twice takes the memory of one. */
	bool same = replay->matched > matched && !json_is_none(json_get(logged, "type"));
	journal_add_step(&replay->steps, action, same ? logged : observation, replay->play.state);
	if (!json_is_none(submitted)) {
		json_free(&replay->verdict);
		replay->verdict = json_take(&submitted);
	}
	journal_past_add(&replay->play.past, "action", number, action, json_none());
	journal_past_add(&replay->play.past, "observation", number, observation, replay->play.state);
	json_free(&replay->play.state);
	return !json_get_bool(observation, "terminated", false) && !json_get_bool(observation, "truncated", false);
}

int replay_steps(struct replay *replay, json steps, int count, struct err *err)
{
	int on = 1, number = 0;
	for (int i = 0; i < count && on > 0; i++) {
		int before = number;
		number = replay_number(json_at(steps, i), before);
		if (number > before + 1)
			replay_diverged(replay, before + 1, "missing", json_none(), json_none(), "incomplete log");
		on = replay_step(replay, number, json_at(steps, i), err);
		if (on == 0 && i + 1 < count)
			replay_diverged(replay, replay_number(json_at(steps, i + 1), number), "terminated", json_none(),
			                json_new_bool(true), "unknown");
	}
	return on < 0 ? -1 : 0;
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
	line_free_all(replay->lines);
	box_free(replay->referee);
	replay->referee = NULL;
}

int replay_open(struct replay *replay, struct resources *resources, json record, const struct box_home *home,
                struct err *err)
{
	const char *seed = json_get_string(record, "seed"), *episode = json_get_string(record, "episode");
	struct box *box;
	enum cgroup_tier tier;
	/* Its paths were of a folder that was made for it. */
	if (episode_landlock(record))
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
	replay->foreign = is_foreign(record);
	replay->meta = reset_meta(task, false, episode, seed, tier);
	replay->first = replay->pending = replay->verdict = json_none();
	replay->other = replay->diverging = replay->causes = json_none();
	replay->guess = replay_causes_new();
	replay->steps = json_new_array();
	json_set(&replay->meta, "task_path", json_is_none(path) ? resources_task_path(resources) : json_copy(path));
	replay->play = (struct play){.again = true,
	                             .typed = json_none(),
	                             .resources = resources,
	                             .episode = episode,
	                             .meta = replay->meta,
	                             .past = journal_past_new(),
	                             .state = json_none(),
	                             .box = box,
	                             .history = read_history,
	                             .source = replay};
	replay->play.past.state = state;
	return 0;
}

void replay_close(struct replay *replay)
{
	free_lines(replay);
	box_free(replay->play.box);
	json_free(&replay->meta);
	json_free(&replay->first);
	json_free(&replay->other);
	json_free(&replay->diverging);
	json_free(&replay->causes);
	replay_causes_free(replay->guess);
	journal_past_free(&replay->play.past);
	json_free(&replay->steps);
	json_free(&replay->verdict);
}

json replay_verdict(struct replay *replay)
{
	if (json_is_none(replay->verdict))
		replay->verdict = play_grade(&replay->play, replay->play.past.answer, false);
	return replay->verdict;
}
