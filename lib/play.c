#include "play.h"

#include <string.h>

#include "grade.h"
#include "num.h"
#include "tool.h"

static json observation_new(const char *episode, json meta, int step, json tool)
{
	json observation = json_new_object();
	json_set_string(&observation, "type", "observation");
	json_set_string(&observation, "episode", episode);
	json_set(&observation, "task", json_copy(json_get(meta, "task")));
	json_set_number(&observation, "step", step);
	json_set(&observation, "tool", json_is_string(tool) ? json_copy(tool) : json_new_null());
	return observation;
}

json play_grade(struct play *play, json answer, bool resume)
{
	struct err err = {0};
	struct box_host *host = resources_host(play->resources, &err);
	const struct task *task = host ? resources_task(play->resources, play->meta, &err) : NULL;
	if (!task)
		return grade_error(play->episode, json_get_string(play->meta, "task"), &err);
	const char *isolation = json_get_string(json_get(play->meta, "box"), "isolation");
	struct grade_request request = {
	        .landlock = isolation && !strcmp(isolation, "landlock"),
	        .host = host,
	        .task = task,
	        .episode = play->episode,
	        .box = play->box,
	        .answer = answer,
	        .last = play->last,
	        .resume = resume,
	        .brief = play->brief,
	};
	return grade_episode(&request);
}

/* Submit: its observation carries the reward. What could not be graded has none, and can be graded again. */
static void submit(struct play *play, json args, json *observation, json *verdict, bool *terminated)
{
	int attempts = (int)json_get_number(play->meta, "attempts", 1);
	bool last_attempt = play->submits + 1 >= attempts;
	*verdict = play_grade(play, json_get(args, "answer"), !last_attempt);
	const char *status = json_get_string(*verdict, "status");
	*terminated = last_attempt || !strcmp(status, "pass");
	json info = json_new_object();
	json_set_string(&info, "verdict", status);
	json_set_string(observation, "stdout", "");
	json_set_string(observation, "stderr", "");
	json_set_number(observation, "exit", 0);
	json_set(observation, "info", info);
	json_set(observation, "reward", json_copy(json_get(*verdict, "reward")));
}

/* An action that is not one: the agent is told, and it counts as a step. */
static void invalid(const char *problem, json *observation)
{
	json info = json_new_object();
	json_set_bool(&info, "invalid", true);
	json_set(observation, "exit", json_new_null());
	json_set_string(observation, "error", problem);
	json_set(observation, "info", info);
}

static int carry_out(struct play *play, json action, const char *problem, json *observation, json *verdict,
                     bool *terminated, struct err *err)
{
	const struct tool *tool = tool_find(json_get_string(action, "tool"));
	struct tool_context context = {
	        .box = play->box, .limits = json_get(play->meta, "limits"), .env = json_get(play->meta, "env")};
	if (problem[0])
		invalid(problem, observation);
	else if (tool->run)
		return tool->run(&context, json_get(action, "args"), observation, err);
	else
		submit(play, json_get(action, "args"), observation, verdict, terminated);
	return 0;
}

static void finish(struct play *play, int step, json action, bool terminated, int64_t start, json *observation)
{
	json timing = json_new_object(), tag = json_get(action, "tag");
	bool truncated = !terminated && step >= (int)json_get_number(json_get(play->meta, "limits"), "steps", 1);
	/* What did not run in the box changed nothing: the session is where it was. */
	json cwd = json_get(play->last, "cwd");
	if (json_is_none(json_get(*observation, "cwd")))
		json_set(observation, "cwd",
		         json_copy(json_is_none(cwd) ? json_get(json_get(play->meta, "env"), "cwd") : cwd));
	if (json_is_none(json_get(*observation, "reward")))
		json_set_number(observation, "reward", 0);
	json_set_bool(observation, "terminated", terminated);
	json_set_bool(observation, "truncated", truncated);
	if (!json_is_none(tag))
		json_set(observation, "tag", json_copy(tag));
	json_set_number(&timing, "wall_ms", (double)((num_now_us() - start) / 10) / 100);
	json_set(observation, "timing", timing);
}

int play_step(struct play *play, int step, json action, const char *problem, json *observation, json *verdict,
              struct err *err)
{
	int64_t start = num_now_us();
	bool terminated = false;
	JSON_AUTO result = observation_new(play->episode, play->meta, step, json_get(action, "tool"));
	*verdict = json_none();
	if (carry_out(play, action, problem, &result, verdict, &terminated, err) < 0)
		return -1;
	finish(play, step, action, terminated, start, &result);
	*observation = json_take(&result);
	return 0;
}

void play_mark_full(json *observation)
{
	json info = json_copy(json_get(*observation, "info"));
	json_set_bool(&info, "full", true);
	json_set(observation, "info", info);
	json_set_bool(observation, "truncated", true);
}

bool play_is_full(json observation)
{
	return json_get_bool(json_get(observation, "info"), "full", false);
}

json play_interrupted(const char *episode, json meta, int step, bool undone)
{
	json observation = observation_new(episode, meta, step, json_none()), info = json_new_object();
	json_set_bool(&info, "interrupted", true);
	if (undone)
		json_set_bool(&info, "undone", true);
	json_set(&observation, "exit", json_new_null());
	json_set_string(&observation, "error",
	                undone ? "interrupted: the step began in a box that is gone, and was not carried out again"
	                       : "interrupted: the step began, and what it did is not known");
	json_set(&observation, "info", info);
	json_set_number(&observation, "reward", 0);
	json_set_bool(&observation, "terminated", false);
	json_set_bool(&observation, "truncated", step >= (int)json_get_number(json_get(meta, "limits"), "steps", 1));
	return observation;
}

void play_mark_retried(json *observation, bool undone)
{
	json info = json_copy(json_get(*observation, "info"));
	json_set_bool(&info, "retried", true);
	if (undone)
		json_set_bool(&info, "undone", true);
	json_set(observation, "info", info);
}
