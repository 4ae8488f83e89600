#include "replay_report.h"

#include <math.h>
#include <string.h>

#include "digest.h"
#include "grade.h"
#include "num.h"
#include "record.h"
#include "replay.h"
#include "replay_compare.h"
#include "replay_pairs.h"

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

/* --- where it was made -------------------------------------------------- */

static void add_difference(json *list, const char *name, json logged, json here)
{
	if (json_is_none(logged) || json_equal(logged, here))
		return;
	json one = json_new_object();
	json_set_string(&one, "name", name);
	json_set(&one, "logged", json_copy(logged));
	json_set_or_null(&one, "here", here);
	json_append(list, one);
}

/* What the rollout says of where it was made and what is otherwise here; null: it says nothing. */
static json host_differences(json rollout, json meta)
{
	json box = json_get(rollout, "box"), here = json_get(meta, "box"), version = json_get(rollout, "pipegym");
	if (!json_is_object(box) && !json_is_string(version))
		return json_new_null();
	json list = json_new_array(), value;
	const char *key;
	add_difference(&list, "pipegym", version, json_get(meta, "pipegym"));
	json programs = json_get(box, "programs");
	/* What limits do not count follows from what they are. */
	for (int at = -1; json_each(box, &at, &key, &value);)
		if (strcmp(key, "gaps") != 0 && strcmp(key, "programs") != 0)
			add_difference(&list, key, value, json_get(here, key));
	for (int at = -1; json_each(programs, &at, &key, &value);)
		add_difference(&list, key, value, json_get(json_get(here, "programs"), key));
	return list;
}

/* --- how it ended ------------------------------------------------------- */

/* Whether there is a verdict to compare: an error says only that grading could not be done. */
static bool was_graded(json rollout)
{
	json verdict = json_get(rollout, "verdict");
	return json_is_object(verdict) && !json_get_is(verdict, "status", "error");
}

/* The reward of the log: what is neither a verdict's nor the rollout's own is not known. */
static json logged_reward(json rollout)
{
	json reward = json_get(was_graded(rollout) ? json_get(rollout, "verdict") : rollout, "reward");
	return json_is_number(reward) ? reward : json_none();
}

/* Logs of others round. */
static bool same_reward(json logged, json replayed)
{
	return json_is_number(replayed) && fabs(json_number(logged, 0) - json_number(replayed, 0)) < 1e-6;
}

/* null when that cannot be told. */
static json end_state(struct replay *replay, bool over)
{
	struct err unknown;
	char digest[DIGEST_TEXT], reason[160];
	const struct task *task = resources_task(replay->play.resources, replay->meta, &unknown);
	struct box_host *host = task && replay->play.box ? resources_host(replay->play.resources, &unknown) : NULL;
	if (!host)
		return json_new_null();
	struct grade_request request = {.host = host,
	                                .task = task,
	                                .seed = json_get_string(replay->meta, "seed"),
	                                .box = replay->play.box,
	                                .resume = !over};
	return grade_digest(&request, digest, reason, sizeof reason, &unknown) == 0 ? json_new_string(digest)
	                                                                            : json_new_null();
}

/* --- the report --------------------------------------------------------- */

static double wall_ms(json steps)
{
	double sum = 0;
	for (int i = 0; i < json_length(steps); i++)
		sum += json_get_number(json_get(json_get(json_at(steps, i), "observation"), "timing"), "wall_ms", 0);
	return sum;
}

static const char *match_of(const struct replay *replay)
{
	if (json_is_none(replay->first))
		return "exact";
	return replay->normalise && json_is_none(replay->other) ? "normalised" : "diverged";
}

static json report_begin(json rollout)
{
	json report = json_new_object();
	json_set_string(&report, "type", "replay");
	json_set_or_null(&report, "episode", json_get(rollout, "episode"));
	json_set_or_null(&report, "task", json_get(rollout, "task"));
	return report;
}

struct work {
	const struct replay_options *options;
	json rollout, steps, irregular; /* steps: in their order */
	struct replay replay;
	int64_t start;
	json end_state, verdict_match; /* json_none(): not known */
};

/* The verdict where there is one, and the reward where it says enough. */
static void compare_end(struct work *work)
{
	struct replay *replay = &work->replay;
	int steps = json_length(json_get(work->rollout, "steps"));
	json logged = logged_reward(work->rollout), verdict = json_get(work->rollout, "verdict"), now = replay->verdict;
	bool same = json_is_none(logged) || same_reward(logged, json_get(now, "reward"));
	if (was_graded(work->rollout)) {
		bool equal = replay->blind ? same && json_equal(json_get(verdict, "status"), json_get(now, "status"))
		                           : replay_compare_verdict(replay, steps, verdict, now);
		work->verdict_match = json_new_bool(equal);
	}
	if (!same && (replay->blind || !was_graded(work->rollout)))
		replay_other_reward(replay, steps, logged, json_get(now, "reward"));
}

static json report_of(const struct work *work)
{
	const struct replay *replay = &work->replay;
	const struct replay_options *options = work->options;
	json report = report_begin(work->rollout);
	bool blind = replay->blind;
	json reward = json_new_object(), timing = json_new_object();
	json_set(&report, "host", host_differences(work->rollout, replay->meta));
	if (!json_is_none(work->irregular))
		json_set(&report, "pairs", json_copy(work->irregular));
	if (options && options->stop_at > 0)
		json_set_number(&report, "stop_at", options->stop_at);
	if (options && options->verify_only)
		json_set_bool(&report, "verify_only", true);
	json_set_string(&report, "match", match_of(replay));
	json_set_number(&report, "steps", json_length(json_get(work->rollout, "steps")));
	json_set(&report, "matched", blind ? json_new_null() : json_new_number(replay->matched));
	json_set(&report, "matched_normalised", blind ? json_new_null() : json_new_number(replay->matched_normalised));
	if (replay->normalise) {
		json_set(&report, "normalisers", normalise_names(replay->normalise, UINT64_MAX));
		json_set(&report, "used", normalise_names(replay->normalise, replay->used));
	}
	json first = replay->normalise ? replay->other : replay->first;
	json_set_or_null(&report, "first", first);
	json_set_string(&report, "cause", json_is_none(first) ? NULL : replay->cause);
	if (!json_is_none(replay->diverging))
		json_set(&report, "diverging", json_copy(replay->diverging));
	if (!json_is_none(replay->causes))
		json_set(&report, "causes", json_copy(replay->causes));
	json_set_or_null(&report, "verdict_match", work->verdict_match);
	json_set_or_null(&reward, "logged", logged_reward(work->rollout));
	json_set_or_null(&reward, "replayed", json_get(replay->verdict, "reward"));
	json_set(&report, "reward", reward);
	json_set_or_null(&report, "end_state", work->end_state);
	json_set_number(&timing, "wall_ms", num_since_ms(work->start));
	json_set_number(&timing, "logged_ms", round(wall_ms(work->steps) * 100) / 100);
	json_set_number(&timing, "replayed_ms", round(replay->wall_ms * 100) / 100);
	json_set(&report, "timing", timing);
	return report;
}

json replay_unreplayable(json rollout, const struct err *err)
{
	json report = report_begin(rollout);
	json_set_string(&report, "match", "unreplayable");
	json_set_number(&report, "steps", json_length(json_get(rollout, "steps")));
	json_set_number(&report, "matched", 0);
	json_set_number(&report, "matched_normalised", 0);
	json_set(&report, "first", json_new_null());
	json_set(&report, "verdict_match", json_new_null());
	json_set_string(&report, "reason", err->text);
	return report;
}

/* How many of the steps are wanted. */
static int wanted(json steps, unsigned stop_at)
{
	int count = 0, number = 0;
	for (; count < json_length(steps); count++) {
		number = replay_number(json_at(steps, count), number);
		if (stop_at > 0 && number > (int)stop_at)
			break;
	}
	return count;
}

static int carry_out(struct work *work, struct err *err)
{
	struct replay *replay = &work->replay;
	const struct replay_options *options = work->options;
	unsigned stop_at = options ? options->stop_at : 0;
	replay->blind = options && options->verify_only;
	if (replay_steps(replay, work->steps, wanted(work->steps, stop_at), err) < 0)
		return -1;
	bool rewarded = options && (options->verify_only || !json_is_none(logged_reward(work->rollout)));
	if (stop_at == 0 && (rewarded || was_graded(work->rollout))) {
		/* Graded at the end of its input rather than by a submit. */
		json verdict = replay_verdict(replay);
		if (json_get_is(verdict, "status", "error") && replay->blind)
			return err_set(err, ERR_SYSTEM, "it cannot be graded: %s", json_get_string(verdict, "reason"));
		compare_end(work);
	}
	if (options)
		work->end_state = end_state(replay, !json_is_none(replay->verdict));
	return 0;
}

static int replay_in_order(struct work *work, struct resources *resources, json *report, struct err *err)
{
	struct replay *replay = &work->replay;
	const struct replay_options *options = work->options;
	if (replay_open(replay, resources, work->rollout, NULL, err) < 0)
		return -1;
	const struct task *task = resources_task(resources, work->rollout, err);
	if (options && task)
		replay->normalise = normalise_new(options->normalise, json_get(task->definition, "normalise"), err);
	int failed = options && !replay->normalise ? -1 : carry_out(work, err);
	if (!failed)
		*report = report_of(work);
	normalise_free(replay->normalise);
	json_free(&work->end_state);
	replay_close(replay);
	return failed;
}

int replay_rollout(struct resources *resources, const struct replay_options *options, json rollout, json *report,
                   struct err *err)
{
	struct work work = {.options = options,
	                    .rollout = rollout,
	                    .start = num_now_us(),
	                    .end_state = json_none(),
	                    .verdict_match = json_none()};
	work.steps = replay_pairs(json_get(rollout, "steps"), &work.irregular);
	int failed = replay_in_order(&work, resources, report, err);
	json_free(&work.steps);
	json_free(&work.irregular);
	return failed;
}
