#include "gate.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "gate_agent.h"
#include "gate_secret.h"
#include "kind.h"
#include "num.h"
#include "replay.h"
#include "replay_report.h"
#include "stop.h"
#include "task_reward.h"
#include "text.h"
#include "tool.h"

struct gate {
	struct resources *resources;
	const struct task *whole; /* of all seeds */
	const struct task *task;
	json record;  /* what episodes of the task are opened with: a rollout without its steps */
	json rollout; /* of the solution, when it could be played */
	json tests;
	double solution_ms;
	enum err_code status;
	char reason[300]; /* the first one */
};

/* What a test found. */
struct finding {
	char why[240]; /* the task fails it; empty: it passes */
	json reward;   /* what was scored, or json_none() */
};

/* Returns 0 and *finding, 1: it is not for this task, or -1: ERR_INPUT is the task's fault as well, ERR_SYSTEM is
 * nobody's. */
typedef int gate_test(struct gate *gate, struct finding *finding, struct err *err);

/* --- episodes ------------------------------------------------------- */

static json steps_of(json actions)
{
	json steps = json_new_array();
	for (int i = 0; i < json_length(actions); i++) {
		json step = json_new_object();
		json_set(&step, "action", json_copy(json_at(actions, i)));
		json_append(&steps, step);
	}
	return steps;
}

/* A step whose reward the task's program cannot work out, or in which its environment fails: -1. */
static int find_lost_reward(json steps, struct err *err)
{
	for (int i = 0; i < json_length(steps); i++) {
		json observation = json_get(json_at(steps, i), "observation"), info = json_get(observation, "info");
		const char *why = json_get_string(info, "reward_error");
		if (kind_has_failed(observation))
			return err_set(err, ERR_INPUT, "step %d: its environment has failed: %s", i + 1,
			               json_get_string(info, "environment"));
		if (why)
			return err_set(err, ERR_INPUT, "step_reward: step %d: %s", i + 1, why);
	}
	return 0;
}

/* Plays actions as far as the episode goes and grades it. *verdict is owned; so is *done, the steps as in a rollout.
 * done NULL: of the verdict, the reward is enough. */
static int play(struct gate *gate, json actions, json *verdict, json *done, struct err *err)
{
	struct replay replay;
	JSON_AUTO steps = steps_of(actions);
	if (replay_open(&replay, gate->resources, gate->record, NULL, err) < 0)
		return -1;
	replay.play.brief = !done;
	int failed = replay_steps(&replay, steps, json_length(steps), err);
	if (!failed)
		failed = find_lost_reward(replay.steps, err);
	if (!failed && json_get_is(replay_verdict(&replay), "status", "error"))
		failed = err_set(err, replay.play.broken ? ERR_INPUT : ERR_SYSTEM, "%s",
		                 json_get_string(replay.verdict, "reason"));
	if (!failed)
		*verdict = json_take(&replay.verdict);
	if (!failed && done)
		*done = json_take(&replay.steps);
	replay_close(&replay);
	return failed;
}

/* An action that the task's tools do not take is a mistake of who wrote it. */
static bool are_valid(struct gate *gate, json actions, struct finding *finding)
{
	for (int i = 0; i < json_length(actions); i++) {
		char problem[160];
		JSON_AUTO action = tool_action(json_at(actions, i), json_get(gate->task->definition, "tools"), problem,
		                               sizeof problem);
		if (problem[0]) {
			snprintf(finding->why, sizeof finding->why, "action %d: %s", i + 1, problem);
			return false;
		}
	}
	return true;
}

/* The checks that gave something to what is worth nothing: one of them is too weak. */
static void name_scored(json verdict, struct finding *finding)
{
	json checks = json_get(verdict, "checks");
	const char *between = ": ";
	for (int i = 0; i < json_length(checks); i++) {
		json check = json_at(checks, i);
		size_t used = strlen(finding->why);
		if (json_get_number(check, "score", 0) <= 0)
			continue;
		snprintf(finding->why + used, sizeof finding->why - used, "%s%.60s", between,
		         json_get_string(check, "name"));
		between = ", ";
	}
}

/* Plays what must not be worth anything. */
static int play_worthless(struct gate *gate, json actions, struct finding *finding, struct err *err)
{
	JSON_AUTO verdict = json_none();
	double bound = json_get_number(gate->task->definition, "idle_reward", 0);
	if (play(gate, actions, &verdict, NULL, err) < 0)
		return -1;
	finding->reward = json_copy(json_get(verdict, "reward"));
	double reward = json_number(finding->reward, 0);
	if (reward > bound) {
		snprintf(finding->why, sizeof finding->why, "it scores %.6g, more than %.6g", reward, bound);
		name_scored(verdict, finding);
	}
	return 0;
}

/* --- tests ---------------------------------------------------------- */

static int test_requires(struct gate *gate, struct finding *finding, struct err *err)
{
	const char *missing = task_missing(gate->task);
	(void)finding;
	return missing ? err_set(err, ERR_SYSTEM, "this host does not have %s", missing) : 0;
}

static int test_prompt(struct gate *gate, struct finding *finding, struct err *err)
{
	(void)err;
	gate_secret_prompt(gate->task, finding->why, sizeof finding->why);
	return 0;
}

static int test_hidden(struct gate *gate, struct finding *finding, struct err *err)
{
	struct replay replay;
	/* Where there is no box nothing can lie in it. */
	if (!task_boxed(gate->task))
		return 0;
	if (replay_open(&replay, gate->resources, gate->record, NULL, err) < 0)
		return -1;
	int failed = gate_secret_box(gate->task, replay.play.box, finding->why, sizeof finding->why, err);
	replay_close(&replay);
	return failed;
}

static void judge_solution(const struct task *task, json verdict, int steps, int actions, struct finding *finding)
{
	const char *reason = json_get_string(verdict, "reason");
	double least, most;
	task_reward_range(task->definition, &least, &most);
	finding->reward = json_copy(json_get(verdict, "reward"));
	if (!json_get_is(verdict, "status", "pass") || json_number(finding->reward, 0) < most)
		snprintf(finding->why, sizeof finding->why, "it scores %.6g: %.200s", json_number(finding->reward, 0),
		         reason ? reason : "no reason is given");
	else if (steps < actions)
		snprintf(finding->why, sizeof finding->why, "the episode ends at action %d of %d", steps, actions);
}

static int test_solution(struct gate *gate, struct finding *finding, struct err *err)
{
	JSON_AUTO actions = json_none();
	JSON_AUTO verdict = json_none();
	JSON_AUTO steps = json_none();
	if (task_solution(gate->task, &actions, err) < 0)
		return -1;
	int count = json_length(actions);
	if (count == 0)
		snprintf(finding->why, sizeof finding->why, "there is none");
	if (count == 0 || !are_valid(gate, actions, finding))
		return 0;
	int64_t start = num_now_us();
	if (play(gate, actions, &verdict, &steps, err) < 0)
		return -1;
	gate->solution_ms = num_since_ms(start);
	judge_solution(gate->task, verdict, json_length(steps), count, finding);
	json last = json_get(json_at(steps, json_length(steps) - 1), "observation");
	if (!finding->why[0] && !json_get_bool(last, "terminated", false))
		snprintf(finding->why, sizeof finding->why, "it does not end with submit");
	gate->rollout = json_copy(gate->record);
	json_set(&gate->rollout, "steps", json_take(&steps));
	json_set(&gate->rollout, "verdict", json_take(&verdict));
	return 0;
}

static int test_repeat(struct gate *gate, struct finding *finding, struct err *err)
{
	JSON_AUTO report = json_none();
	BUF_AUTO text = {0};
	if (replay_rollout(gate->resources, NULL, gate->rollout, &report, err) < 0)
		return -1;
	json first = json_get(report, "first");
	if (json_is_object(first) && json_dump(first, false, &text, err) < 0)
		return -1;
	if (!json_get_is(report, "match", "exact"))
		snprintf(finding->why, sizeof finding->why, "step %.0f: %s differs: %.160s",
		         json_get_number(first, "step", 0), json_get_string(first, "field"), buf_string(&text));
	return 0;
}

/* Draws the environment as it is at first, and after each step of the solution. */
static int test_render(struct gate *gate, struct finding *finding, struct err *err)
{
	struct replay replay;
	json steps = json_get(gate->rollout, "steps");
	BUF_AUTO board = {0};
	int drawn = 1;
	if (task_boxed(gate->task))
		return 1;
	if (replay_open(&replay, gate->resources, gate->record, NULL, err) < 0)
		return -1;
	for (int i = 0; i <= json_length(steps) && drawn > 0 && !finding->why[0]; i++) {
		json state = i ? json_get(json_at(steps, i - 1), "state") : replay.play.past.state;
		buf_clear(&board);
		drawn = kind_jq_render(resources_eval(gate->resources), gate->task, "0", state, &board, err);
		if (drawn < 0)
			err_context(err, "step %d", i);
		else if (!text_is_plain(buf_string(&board), board.len))
			snprintf(finding->why, sizeof finding->why, "step %d: it has control characters", i);
		/* The step of a submit has no state. */
		drawn += drawn == 0 && i > 0;
	}
	replay_close(&replay);
	return drawn < 0 ? -1 : !drawn;
}

/* One that is made for a seed is to be so for others as well. */
static int test_seed(struct gate *gate, struct finding *finding, struct err *err)
{
	JSON_AUTO actions = json_none();
	JSON_AUTO verdict = json_none();
	JSON_AUTO steps = json_none();
	const struct task *other = resources_instance(gate->resources, gate->whole, "1", err);
	if (!other || task_solution(other, &actions, err) < 0)
		return -1;
	json_set_string(&gate->record, "seed", "1");
	int failed = play(gate, actions, &verdict, &steps, err);
	json_set_string(&gate->record, "seed", "0");
	if (!failed)
		judge_solution(other, verdict, json_length(steps), json_length(actions), finding);
	return failed;
}

static int test_nothing(struct gate *gate, struct finding *finding, struct err *err)
{
	return play_worthless(gate, json_none(), finding, err);
}

static int test_submit(struct gate *gate, struct finding *finding, struct err *err)
{
	JSON_AUTO actions = gate_agent_submit();
	return play_worthless(gate, actions, finding, err);
}

static int test_random(struct gate *gate, struct finding *finding, struct err *err)
{
	JSON_AUTO actions = gate_agent_random(gate->task);
	return play_worthless(gate, actions, finding, err);
}

/* --- the report ----------------------------------------------------- */

static void worse(struct gate *gate, enum err_code status, const char *name, const char *reason)
{
	gate->status = status > gate->status ? status : gate->status;
	if (!gate->reason[0])
		snprintf(gate->reason, sizeof gate->reason, "%.80s: %.200s", name, reason);
}

/* Notes what a test found. failed: it returned -1 and err. */
static void note(struct gate *gate, const char *name, struct finding *finding, int failed, const struct err *err)
{
	json test = json_new_object();
	bool unknown = failed && err->code == ERR_SYSTEM;
	const char *reason = failed ? err->text : finding->why;
	json_set_string(&test, "name", name);
	json_set(&test, "passed", unknown ? json_new_null() : json_new_bool(!reason[0]));
	if (!json_is_none(finding->reward))
		json_set(&test, "reward", finding->reward);
	if (reason[0]) {
		/* It may hold bytes of the task's output, cut anywhere. */
		BUF_AUTO text = {0};
		text_repair(reason, strlen(reason), &text);
		json_set_text(&test, "reason", text.data, text.len);
		worse(gate, unknown ? ERR_SYSTEM : ERR_NEGATIVE, name, text.data);
	}
	json_append(&gate->tests, test);
}

static int run_test(struct gate *gate, const char *name, gate_test *test)
{
	struct err err = {0};
	struct finding finding = {.reward = json_none()};
	int failed = test(gate, &finding, &err);
	if (failed <= 0)
		note(gate, name, &finding, failed, &err);
	return failed;
}

static void run_cheats(struct gate *gate)
{
	struct err err = {0};
	struct finding none = {.reward = json_none()};
	JSON_AUTO cheats = json_none();
	const char *name;
	json actions;
	if (task_cheats(gate->task, &cheats, &err) < 0)
		note(gate, "cheats", &none, -1, &err);
	for (int at = -1; json_each(cheats, &at, &name, &actions) && !stop_signal();) {
		struct finding finding = {.reward = json_none()};
		STRING_AUTO test = mem_format("cheat %s", name);
		int failed = are_valid(gate, actions, &finding) ? play_worthless(gate, actions, &finding, &err) : 0;
		note(gate, test, &finding, failed, &err);
	}
}

static void run_tests(struct gate *gate)
{
	static const struct {
		const char *name;
		gate_test *run;
		bool essential; /* when it cannot be done, no other can */
	} tests[] = {
	        {"requires", test_requires, true},  {"prompt", test_prompt, false}, {"hidden", test_hidden, true},
	        {"solution", test_solution, false}, {"repeat", test_repeat, false}, {"seed", test_seed, false},
	        {"nothing", test_nothing, false},   {"submit", test_submit, false}, {"random", test_random, false},
	        {"render", test_render, false},
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests && !stop_signal(); i++) {
		bool possible = (tests[i].run != test_repeat || json_is_object(gate->rollout)) &&
		                (tests[i].run != test_seed || gate->whole->generates);
		if (possible && run_test(gate, tests[i].name, tests[i].run) < 0 && tests[i].essential)
			return;
	}
	run_cheats(gate);
}

static void load(struct gate *gate, const char *id, const char *digest)
{
	struct err err = {0};
	struct finding finding = {.reward = json_none()};
	gate->whole = resources_find(gate->resources, id, &err);
	if (gate->whole && digest && strcmp(digest, gate->whole->digest) != 0)
		err_set(&err, ERR_INPUT, "it is not the one of the record: its digest differs");
	else if (gate->whole)
		gate->task = resources_instance(gate->resources, gate->whole, "0", &err);
	note(gate, "schema", &finding, gate->task ? 0 : -1, &err);
	gate->status = err.code;
}

static json report_of(struct gate *gate, const char *id, int64_t start)
{
	json report = json_new_object(), timing = json_new_object();
	json_set_string(&report, "type", "gate");
	json_set_string(&report, "task", id);
	json_set_string(&report, "digest", gate->task ? gate->task->digest : NULL);
	json_set_string(&report, "status",
	                gate->status == ERR_NONE     ? "pass"
	                : gate->status == ERR_SYSTEM ? "error"
	                                             : "fail");
	json_set_string(&report, "reason", gate->reason[0] ? gate->reason : NULL);
	json_set(&report, "tests", json_take(&gate->tests));
	json_set_number(&timing, "wall_ms", num_since_ms(start));
	if (gate->solution_ms > 0)
		json_set_number(&timing, "solution_ms", gate->solution_ms);
	json_set(&report, "timing", timing);
	return report;
}

enum err_code gate_task(struct resources *resources, const char *id, const char *digest, json *report)
{
	int64_t start = num_now_us();
	struct gate gate = {
	        .resources = resources, .record = json_new_object(), .rollout = json_none(), .tests = json_new_array()};
	load(&gate, id, digest);
	if (gate.task) {
		json_set_string(&gate.record, "episode", "gate");
		json_set_string(&gate.record, "task", id);
		json_set_string(&gate.record, "task_digest", gate.task->digest);
		json_set_string(&gate.record, "seed", "0");
		run_tests(&gate);
	}
	*report = report_of(&gate, id, start);
	json_free(&gate.record);
	json_free(&gate.rollout);
	return gate.status;
}
