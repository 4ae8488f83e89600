#include "play.h"

#include <math.h>
#include <string.h>

#include "episode.h"
#include "grade.h"
#include "journal.h"
#include "kind.h"
#include "num.h"
#include "task_reward.h"
#include "tool_pty.h"

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

/* Steps as graders see them, whoever grades and when: before the submit that is graded, if one is last, and without
 * what differs between two runs of the same actions ("timing", "episode"). Borrows; owned. */
static json plain_steps(json steps)
{
	int count = json_length(steps);
	json last = json_at(steps, count - 1), plain = json_new_array();
	const char *tool = json_get_string(json_get(last, "action"), "tool");
	json known = json_get(last, "observation");
	/* One that is being graded has no observation yet. */
	if (tool && !strcmp(tool, "submit") && (!json_is_object(known) || journal_is_submit(known)))
		count--;
	for (int i = 0; i < count; i++) {
		json step = json_copy(json_at(steps, i)), observation = json_copy(json_get(step, "observation"));
		json action = json_copy(json_get(step, "action"));
		json_delete(&observation, "timing");
		json_delete(&step, "state");
		json_delete(&observation, "episode");
		/* What the caller notes for itself has no part in a verdict. */
		json_delete(&observation, "tag");
		json_delete(&action, "tag");
		json_set(&step, "observation", observation);
		json_set(&step, "action", action);
		json_append(&plain, step);
	}
	return plain;
}

static int load_steps(void *source, json *steps, struct err *err)
{
	struct play *play = source;
	JSON_AUTO all = json_none();
	if (play->history(play->source, &all, err) < 0)
		return -1;
	*steps = plain_steps(all);
	return 0;
}

/* Whether the agent could have brought it about that the environment failed: it has tools that reach into its box. Else
 * it would get out of a verdict by killing what it is to be asked by. */
static bool agent_could(const struct task *task, json last)
{
	json tools = json_get(task->definition, "tools");
	bool could = false;
	for (int i = 0; i < json_length(tools); i++) {
		const char *name = json_string(json_at(tools, i));
		could |= name && strcmp(name, "submit") != 0 && strcmp(name, "hint") != 0;
	}
	return could && !json_get_bool(json_get(last, "info"), "referee", false);
}

json play_grade(struct play *play, json answer, bool resume)
{
	struct err err = {0};
	const struct task *task = resources_task(play->resources, play->meta, &err);
	struct box_host *host = task && task_boxed(task) ? resources_host(play->resources, &err) : NULL;
	if (task && task_boxed(task) && !host)
		task = NULL;
	if (task && kind_has_failed(play->past.last) && agent_could(task, play->past.last)) {
		play->lost = "the task's environment has failed";
	} else if (task && kind_has_failed(play->past.last)) {
		err_set(&err, ERR_SYSTEM, "the task's environment failed in step %.0f",
		        json_get_number(play->past.last, "step", 0));
		task = NULL;
	}
	if (!task)
		return grade_error(play->episode, json_get_string(play->meta, "task"), &err);
	struct grade_request request = {
	        .landlock = episode_landlock(play->meta),
	        .host = host,
	        .eval = resources_eval(play->resources),
	        .task = task,
	        .episode = play->episode,
	        .seed = json_get_string(play->meta, "seed"),
	        .load_steps = load_steps,
	        .source = play,
	        .box = play->box,
	        .answer = answer,
	        .last = play->past.last,
	        .state = play->past.state,
	        .resume = resume,
	        .lost = play->lost,
	        .broken = &play->broken,
	        .brief = play->brief,
	};
	return grade_episode(&request);
}

/* Of the verdict what the agent may see, for its next attempt: the checks that the task calls visible. */
json play_visible(json verdict)
{
	json checks = json_get(verdict, "checks"), seen = json_new_array();
	for (int i = 0; i < json_length(checks); i++)
		if (json_get_bool(json_at(checks, i), "visible", false))
			json_append(&seen, json_copy(json_at(checks, i)));
	return seen;
}

/* Submit: its observation carries the reward. What could not be graded has none, and can be graded again. */
static void submit(struct play *play, json args, json *observation, json *verdict, bool *terminated)
{
	int attempts = json_get_count(play->meta, "attempts", 1);
	bool last_attempt = play->past.submits + 1 >= attempts;
	*verdict = play_grade(play, json_get(args, "answer"), !last_attempt);
	const char *status = json_get_string(*verdict, "status");
	*terminated = last_attempt || !strcmp(status, "pass");
	json info = json_new_object();
	json_set_string(&info, "verdict", status);
	if (attempts > 1)
		json_set_number(&info, "attempts_left", *terminated ? 0 : attempts - play->past.submits - 1);
	JSON_AUTO seen = play_visible(*verdict);
	if (json_length(seen) > 0)
		json_set(&info, "checks", json_take(&seen));
	json_set_string(observation, "stdout", "");
	json_set_string(observation, "stderr", "");
	json_set_number(observation, "exit", 0);
	json_set(observation, "info", info);
	json_set(observation, "reward", json_copy(json_get(*verdict, "reward")));
}

/* The next one of the task's, while there is one; what it costs is for penalties to say. */
static int hint(struct play *play, json *observation, struct err *err)
{
	const struct task *task = resources_task(play->resources, play->meta, err);
	if (!task)
		return -1;
	json hints = json_get(task->definition, "hints");
	int given = play->past.hints, count = json_length(hints);
	if (given >= count) {
		tool_failure(observation, count ? "there are no more hints\n" : "there are no hints\n");
		return 0;
	}
	json info = json_new_object();
	json_set_number(&info, "hint", given + 1);
	json_set_number(&info, "hints_left", count - given - 1);
	json_set(observation, "stdout", json_copy(json_at(hints, given)));
	json_set_string(observation, "stderr", "");
	json_set_number(observation, "exit", 0);
	json_set(observation, "info", info);
	return 0;
}

size_t play_observation_max(json meta, json action)
{
	return kind_observation_max(meta) + (tool_is_pty(action) ? TOOL_PTY_TYPED_MAX : 0);
}

bool play_needs_past(const char *tool)
{
	const struct tool *ours = tool_find(tool);
	return tool && (!ours || !ours->run);
}

int play_begin(struct resources *resources, const struct task *task, struct box *box, struct line **lines,
               struct box **referee, const char *seed, json *observation, json *state, struct err *err)
{
	static const char *const shown[] = {"stdout", "observation", "info"};
	const struct kind *kind = kind_of(task->definition);
	JSON_AUTO said = json_new_object();
	struct kind_context context = {.task = task,
	                               .seed = seed,
	                               .eval = resources_eval(resources),
	                               .box = box,
	                               .lines = lines,
	                               .referee = referee,
	                               .state = json_none()};
	if (kind_referee(task) && !(context.host = resources_host(resources, err)))
		return -1;
	if (kind->reset && kind->reset(&context, &said, err) < 0) {
		json_free(&context.state);
		return err_context(err, "task %s", task->id);
	}
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (!json_is_none(json_get(said, shown[i])))
			json_set(observation, shown[i], json_copy(json_get(said, shown[i])));
	*state = context.state;
	return 0;
}

/* What a referee was told before this step. */
static int told(void *source, json *steps, struct err *err)
{
	struct play *play = source;
	JSON_AUTO all = json_none();
	JSON_AUTO list = json_new_array();
	if (play->history(play->source, &all, err) < 0)
		return -1;
	for (int i = 0; i < json_length(all); i++) {
		json step = json_at(all, i), action = json_get(step, "action"),
		     reply = json_get(json_get(step, "state"), "reply");
		if (json_is_none(reply))
			continue;
		json one = json_new_object();
		json_set(&one, "tool", json_copy(json_get(action, "tool")));
		json_set(&one, "args", json_copy(json_get(action, "args")));
		json_set(&one, "reply", json_copy(reply));
		json_append(&list, one);
	}
	*steps = json_take(&list);
	return 0;
}

/* A tool that the task declares, or one of a set. What is made for a seed is nothing that they look at. */
static int step_kind(struct play *play, const struct tool *tool, int step, json action, json *observation, struct err *err)
{
	const struct task *task = resources_whole(play->resources, play->meta, err);
	const char *seed = json_get_string(play->meta, "seed");
	/* But for hidden files. */
	if (task && kind_referee(task))
		task = resources_task(play->resources, play->meta, err);
	if (!task)
		return -1;
	const struct kind *kind = tool ? kind_of_set(tool->set) : kind_of(task->definition);
	struct kind_context context = {.task = task,
	                               .seed = seed ? seed : "0",
	                               .eval = resources_eval(play->resources),
	                               .box = play->box,
	                               .lines = play->lines,
	                               .referee = play->referee,
	                               .told = told,
	                               .source = play,
	                               .state = json_copy(play->past.state)};
	if (kind_referee(task) && !(context.host = resources_host(play->resources, err))) {
		json_free(&context.state);
		return -1;
	}
	int failed = kind->step(&context, step, action, observation, err);
	/* A set has none: that is the environment's. */
	if (tool)
		json_free(&context.state);
	json_free(&play->state);
	play->state = context.state;
	return failed;
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

static int run_tool(struct play *play, const struct tool *tool, struct tool_context *context, json args,
                    json *observation, struct err *err)
{
	int failed = tool->run(context, args, observation, err);
	json_free(&play->typed);
	play->typed = context->typed;
	return failed;
}

static int carry_out(struct play *play, int step, json action, const char *problem, json *observation, json *verdict,
                     bool *terminated, struct err *err)
{
	const struct tool *tool = tool_find(json_get_string(action, "tool"));
	struct tool_context context = {.box = play->box,
	                               .stop = play->stop,
	                               .limits = json_get(play->meta, "limits"),
	                               .env = json_get(play->meta, "env"),
	                               .user = play->user,
	                               .again = play->again,
	                               .typed = json_none()};
	if (problem[0])
		invalid(problem, observation);
	else if (!tool || tool->set)
		return step_kind(play, tool, step, action, observation, err);
	else if (tool_is_pty(action) && episode_landlock(play->meta))
		/* Whose shell cannot be asked what it is. */
		tool_failure(observation, "shell: a box without namespaces has no terminals\n");
	else if (tool->run)
		return run_tool(play, tool, &context, json_get(action, "args"), observation, err);
	else if (!strcmp(tool->name, "hint"))
		return hint(play, observation, err);
	else
		submit(play, json_get(action, "args"), observation, verdict, terminated);
	return 0;
}

static void no_reward(json *observation, double *reward, const char *why)
{
	json_set_in(observation, "info", "reward_error", json_new_string(why));
	*reward = NAN;
}

/* What step_reward says of the step; NAN, and info says why, where that is no number of the range. -1: it could not be asked. */
static int evaluate_step(const struct play *play, const char *program, int step, json action, json *observation,
                         double *reward, struct err *err)
{
	static const char *const left_out[] = {"type", "episode", "task", "step", "reward"};
	double least, most;
	JSON_AUTO input = json_new_object();
	json seen = json_copy(*observation);
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		json_delete(&seen, left_out[i]);
	json_set_number(&input, "step", step);
	json_set(&input, "action", json_copy(action));
	json_set(&input, "observation", seen);
	struct eval_program request = {.owner = json_get_string(play->meta, "task_digest"), .text = program};
	struct eval_result result;
	if (eval_run(resources_eval(play->resources), &request, input, &result, err) < 0)
		return err_context(err, "step_reward");
	task_reward_range(play->meta, &least, &most);
	double number = json_number(result.output, NAN);
	json_free(&result.output);
	if (result.kind != EVAL_OUTPUT)
		no_reward(observation, reward, eval_reason(result.kind));
	else if (number >= least && number <= most)
		*reward = number;
	else
		no_reward(observation, reward, "it is no number of the range");
	return 0;
}

static int set_reward(const struct play *play, int step, json action, json *observation, struct err *err)
{
	double reward = json_get_number(*observation, "reward", 0);
	const char *program = json_get_string(json_get(play->meta, "step_reward"), "jq");
	json penalties = json_get(play->meta, "penalties");
	if (program && evaluate_step(play, program, step, action, observation, &reward, err) < 0)
		return -1;
	if (json_get_bool(json_get(*observation, "info"), "invalid", false))
		reward += json_get_number(penalties, "invalid", 0);
	if (journal_is_hint(*observation))
		reward += json_get_number(penalties, "hint", 0);
	if (json_get_bool(*observation, "timeout", false))
		reward += json_get_number(penalties, "timeout", 0);
	json_set(observation, "reward", isnan(reward) ? json_new_null() : json_new_number(reward));
	return 0;
}

int play_prepare(const struct play *play, struct err *err)
{
	if (json_is_none(json_get(play->meta, "step_reward")))
		return 0;
	return eval_prepare(resources_eval(play->resources), json_get_string(play->meta, "task_digest"), err);
}

static int finish(struct play *play, int step, json action, bool terminated, int64_t start, json *observation,
                  struct err *err)
{
	json tag = json_get(action, "tag");
	/* A verdict's reward, or one that nobody knows. */
	bool graded = terminated || journal_is_submit(*observation) || json_is_null(json_get(*observation, "reward"));
	terminated |= json_get_bool(*observation, "terminated", false);
	bool truncated = !terminated && (json_get_bool(*observation, "truncated", false) ||
	                                 step >= json_get_count(json_get(play->meta, "limits"), "steps", 1));
	/* What did not run in the box changed nothing: the session is where it was. */
	json cwd = json_get(play->past.last, "cwd");
	if (episode_boxed(play->meta) && json_is_none(json_get(*observation, "cwd")))
		json_set(observation, "cwd",
		         json_copy(json_is_none(cwd) ? json_get(json_get(play->meta, "env"), "cwd") : cwd));
	if (!graded && json_is_none(json_get(*observation, "reward")))
		json_set_number(observation, "reward", 0);
	json_set_bool(observation, "terminated", terminated);
	json_set_bool(observation, "truncated", truncated);
	if (!graded && set_reward(play, step, action, observation, err) < 0)
		return -1;
	if (!json_is_none(tag))
		json_set(observation, "tag", json_copy(tag));
	json timing = json_new_object();
	json_set_number(&timing, "wall_ms", (double)((num_now_us() - start) / 10) / 100);
	json_set(observation, "timing", timing);
	return 0;
}

int play_step(struct play *play, int step, json action, const char *problem, json *observation, json *verdict,
              struct err *err)
{
	int64_t start = num_now_us();
	bool terminated = false;
	JSON_AUTO result = observation_new(play->episode, play->meta, step, json_get(action, "tool"));
	*verdict = json_none();
	if (carry_out(play, step, action, problem, &result, verdict, &terminated, err) < 0 ||
	    finish(play, step, action, terminated, start, &result, err) < 0)
		return -1;
	*observation = json_take(&result);
	return 0;
}

void play_mark_full(json *observation)
{
	json_set_in(observation, "info", "full", json_new_bool(true));
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
	/* What it was worth is not known either. */
	bool dense = !json_is_none(json_get(meta, "step_reward"));
	json_set(&observation, "reward", dense ? json_new_null() : json_new_number(0));
	json_set_bool(&observation, "terminated", false);
	json_set_bool(&observation, "truncated", step >= json_get_count(json_get(meta, "limits"), "steps", 1));
	return observation;
}

void play_mark_retried(json *observation, bool undone)
{
	json_set_in(observation, "info", "retried", json_new_bool(true));
	if (undone)
		json_set_in(observation, "info", "undone", json_new_bool(true));
}
