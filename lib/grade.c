#include "grade.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "check_gold.h"
#include "fd.h"
#include "num.h"
#include "task_pack.h"
#include "task_reward.h"
#include "tree.h"

static int simple(struct box *box, enum box_op op, bool for_good, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command command = {.op = op, .for_good = for_good, .timeout_ms = 10000};
	return box_run(box, &command, &result, err);
}

static int capture_one(struct box *box, const char *path, int *pack, char *reason, size_t size, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	if ((*pack = memfd_create("capture", MFD_CLOEXEC)) < 0)
		return err_system(err, "memory file");
	struct box_command command = {.op = BOX_EXPORT, .path = path, .fd = *pack, .timeout_ms = 60000, .keep = 512};
	if (box_run(box, &command, &result, err) < 0)
		return -1;
	if (result.how != BOX_EXITED || result.code != 0)
		snprintf(reason, size, "the workspace cannot be read");
	return 0;
}

int grade_capture(struct box *box, struct workspaces *captured, char *reason, size_t size, struct err *err)
{
	for (size_t i = 0; i < captured->count && !reason[0]; i++)
		if (capture_one(box, captured->paths[i], &captured->packs[i], reason, size, err) < 0)
			return -1;
	return 0;
}

/* The workspaces as they stand with everything stopped. reason as for grade_capture(). */
static int capture(const struct grade_request *request, struct workspaces *captured, char *reason, size_t size,
                   struct err *err)
{
	workspaces_of(request->task->definition, captured);
	if (!request->box)
		return err_set(err, ERR_SYSTEM, "the episode's box is gone");
	if (simple(request->box, BOX_FREEZE, !request->resume, err) < 0 ||
	    grade_capture(request->box, captured, reason, size, err) < 0)
		return -1;
	return request->resume ? simple(request->box, BOX_THAW, false, err) : 0;
}

static json outcome_record(json check, const struct check_outcome *outcome, double weight)
{
	json record = json_new_object();
	json_set(&record, "name", json_copy(json_get(check, "name")));
	json_set_number(&record, "weight", weight);
	json_set_number(&record, "score", outcome->score);
	json_set_bool(&record, "passed", outcome->score >= 1);
	if (json_get_bool(check, "visible", false))
		json_set_bool(&record, "visible", true);
	if (outcome->reason[0])
		json_set_string(&record, "reason", outcome->reason);
	if (outcome->cases > 0) {
		json cases = json_new_object();
		json_set_number(&cases, "passed", outcome->cases_passed);
		json_set_number(&cases, "count", outcome->cases);
		json_set(&record, "cases", cases);
	}
	return record;
}

struct totals {
	double weight, score; /* sums */
	bool all, tampered;
	char reason[480];
};

/* The first reason, or all that tell of tampering. */
static void add_reason(struct totals *totals, const char *check, const struct check_outcome *outcome)
{
	size_t used = outcome->tampered && totals->tampered ? strlen(totals->reason) : 0;
	if (outcome->reason[0] && (!totals->reason[0] || outcome->tampered))
		snprintf(totals->reason + used, sizeof totals->reason - used, "%s%.60s: %s", used ? "; " : "", check,
		         outcome->reason);
}

static int run_checks(struct check_context *context, const char *broken, bool brief, struct totals *totals, struct err *err)
{
	json checks = json_get(context->task->definition, "checks");
	for (int i = 0; i < json_length(checks) && (totals->all || !brief); i++) {
		json check = json_at(checks, i);
		struct check_outcome outcome = {0};
		double weight = json_get_number(check, "weight", 1);
		if (broken)
			snprintf(outcome.reason, sizeof outcome.reason, "%s", broken);
		else if (check_find(json_get_string(check, "type"))(context, check, &outcome, err) < 0)
			return err_context(err, "check %s", json_get_string(check, "name"));
		totals->weight += weight;
		totals->score += weight * outcome.score;
		totals->all = totals->all && outcome.score >= 1;
		add_reason(totals, json_get_string(check, "name"), &outcome);
		totals->tampered = totals->tampered || outcome.tampered;
		json_append(&context->checks, outcome_record(check, &outcome, weight));
	}
	return 0;
}

static json verdict_new(const char *episode, const char *task, const char *status)
{
	json verdict = json_new_object();
	json_set_string(&verdict, "type", "verdict");
	json_set_string(&verdict, "episode", episode);
	json_set_string(&verdict, "task", task);
	json_set_string(&verdict, "status", status);
	return verdict;
}

json grade_error(const char *episode, const char *task, const struct err *err)
{
	json verdict = verdict_new(episode, task, "error");
	json_set(&verdict, "reward", json_new_null());
	json_set(&verdict, "checks", json_new_array());
	json_set_string(&verdict, "reason", err->text);
	return verdict;
}

static int reward_of(struct check_context *context, const struct totals *totals, double *reward, struct err *err)
{
	double least, most;
	json kind = json_get(context->task->definition, "reward");
	const char *program = json_get_string(kind, "jq");
	task_reward_range(context->task->definition, &least, &most);
	if (totals->tampered)
		*reward = least;
	else if (program && check_evaluate(context, program, reward, err) < 0)
		return err_context(err, "reward");
	else if (!program)
		*reward = totals->all                                                    ? 1
		          : strcmp(json_string(kind), "weighted") || totals->weight <= 0 ? 0
		                                                                         : totals->score / totals->weight;
	if (*reward >= least && *reward <= most)
		return 0;
	return err_set(err, ERR_INPUT, "reward: %.10g is not from %.10g to %.10g", *reward, least, most);
}

static int verdict_of(struct check_context *context, const struct totals *totals, json *verdict, struct err *err)
{
	double reward;
	if (reward_of(context, totals, &reward, err) < 0)
		return -1;
	*verdict = verdict_new(context->episode, context->task->id,
	                       totals->tampered ? "tampered"
	                       : totals->all    ? "pass"
	                                        : "fail");
	json_set_number(verdict, "reward", reward);
	json_set(verdict, "checks", json_copy(context->checks));
	json_set(verdict, "reason", totals->reason[0] ? json_new_string(totals->reason) : json_new_null());
	return 0;
}

static int grade(const struct grade_request *request, json *verdict, struct err *err)
{
	char broken[120] = "";
	bool looked_at = !request->lost && task_boxed(request->task);
	WORKSPACES_AUTO captured = {0};
	if (looked_at && capture(request, &captured, broken, sizeof broken, err) < 0)
		return -1;
	if (request->lost)
		snprintf(broken, sizeof broken, "%s", request->lost);
	FD_AUTO tests = looked_at ? task_pack(request->task, "tests", err) : -1;
	if (tests < 0 && looked_at)
		return -1;
	struct check_context context = {
	        .host = request->host,
	        .eval = request->eval,
	        .task = request->task,
	        .episode = request->episode,
	        .seed = request->seed ? request->seed : "0",
	        .landlock = request->landlock,
	        .capture = &captured,
	        .tests = tests,
	        .answer = request->answer,
	        .last = request->last,
	        .state = request->state,
	        .checks = json_new_array(),
	        .steps = json_none(),
	        .load_steps = request->load_steps,
	        .source = request->source,
	};
	struct totals totals = {.all = true};
	json reward = json_get(request->task->definition, "reward");
	bool brief = request->brief && json_is_string(reward) && !strcmp(json_string(reward), "all");
	int failed = run_checks(&context, broken[0] ? broken : NULL, brief, &totals, err);
	box_free(context.files);
	if (!failed)
		failed = verdict_of(&context, &totals, verdict, err);
	json_free(&context.checks);
	json_free(&context.steps);
	return failed;
}

json grade_episode(const struct grade_request *request)
{
	struct err err = {0};
	int64_t start = num_now_us();
	json verdict = json_none(), timing = json_new_object();
	int failed = grade(request, &verdict, &err);
	if (failed && request->broken)
		*request->broken = err.code == ERR_INPUT;
	if (failed)
		verdict = grade_error(request->episode, request->task->id, &err);
	json_set_number(&timing, "wall_ms", num_since_ms(start));
	json_set(&verdict, "timing", timing);
	return verdict;
}

int grade_digest(const struct grade_request *request, char *text, char *reason, size_t size, struct err *err)
{
	BUF_AUTO listing = {0};
	struct check_outcome outcome = {0};
	reason[0] = '\0';
	WORKSPACES_AUTO captured = {0};
	if (capture(request, &captured, reason, size, err) < 0)
		return -1;
	if (reason[0])
		return 1;
	struct check_context context = {.host = request->host,
	                                .task = request->task,
	                                .seed = request->seed ? request->seed : "0",
	                                .landlock = request->landlock,
	                                .capture = &captured};
	struct box *box = check_box(&context, false, &outcome, err);
	int failed = box ? gold_list(box, request->task, &listing, outcome.reason, sizeof outcome.reason, err)
	             : outcome.reason[0] ? 1
	                                 : -1;
	box_free(box);
	if (failed > 0)
		snprintf(reason, size, "%s", outcome.reason);
	return failed ? failed : tree_digest(buf_string(&listing), listing.len, text, err);
}
