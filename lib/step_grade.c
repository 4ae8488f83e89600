/* How an episode is graded, and how it is closed. */
#include "step_inside.h"

#include <string.h>

#include "grade.h"
#include "stop.h"

/* --- verdicts --------------------------------------------------------- */

/* An agent must not get out of a verdict by letting the time of its task pass. Where it was others who took it, nobody
 * can say what the work was worth. */
static bool took_the_time(const struct episode *episode)
{
	double total_ms = json_get_number(json_get(episode->meta, "limits"), "total_s", 0) * 1000;
	const struct journal_past *past = &episode->past;
	return past->out_of_time && (past->busy || past->wall_ms >= total_ms / 2);
}

static int grade(struct stepper *stepper, struct episode *episode, json *verdict, struct err *err)
{
	struct journal *journal = &episode->journal;
	struct play play = step_play(stepper, episode);
	struct err reason = {0};
	bool reached = step_connect(episode, &reason) == 0;
	play.box = reached ? episode->box : NULL;
	if (!reached && took_the_time(episode))
		play.lost = "the episode's time was up";
	/* What would be graded is not what the actions led to. */
	if (reached && journal->interrupted)
		step_refuse(episode, &reason);
	if (!play.lost && (!reached || journal->interrupted))
		*verdict = grade_error(episode->id, json_get_string(episode->meta, "task"), &reason);
	else
		*verdict = play_grade(&play, episode->past.answer, !journal->ended);
	return journal_append(journal, "verdict", journal->step, journal->ended, *verdict, err);
}

static int score(struct stepper *stepper, struct episode *episode, json *checks, struct err *err)
{
	JSON_AUTO note = json_new_object();
	if (journal_over(&episode->journal))
		return err_set(err, ERR_INPUT, "the episode has ended");
	if (episode->journal.interrupted)
		return step_refuse(episode, err);
	if (step_connect(episode, err) < 0 || journal_past(&episode->journal, &episode->past, err) < 0)
		return -1;
	struct play play = step_play(stepper, episode);
	play.box = episode->box;
	JSON_AUTO verdict = play_grade(&play, episode->past.answer, true);
	if (!strcmp(json_get_string(verdict, "status"), "error"))
		return err_set(err, ERR_SYSTEM, "%s", json_get_string(verdict, "reason"));
	JSON_AUTO seen = play_visible(verdict);
	json_set(&note, "checks", json_copy(seen));
	if (episode_note(episode, note, err) < 0)
		return -1;
	*checks = json_take(&seen);
	return 0;
}

int stepper_score(struct stepper *stepper, const char *id, json *checks, struct err *err)
{
	struct episode *episode = step_take(stepper, id, err);
	if (!episode)
		return -1;
	int failed = score(stepper, episode, checks, err);
	step_put_back(stepper, episode, !failed);
	return failed;
}

int stepper_verdict(struct stepper *stepper, const char *id, bool again, json *verdict, struct err *err)
{
	struct episode *episode = step_take(stepper, id, err);
	if (!episode)
		return -1;
	int failed = journal_past(&episode->journal, &episode->past, err);
	json known = episode->past.verdict;
	/* A grading that could not be done is worth another try. */
	const char *status = json_get_string(known, "status");
	if (!failed && !again && !json_is_none(known) && !status)
		failed = err_set(err, ERR_SYSTEM, "journal.jsonl: a verdict without a status");
	else if (!failed && !again && status && strcmp(status, "error") != 0)
		*verdict = json_copy(known);
	else if (!failed && (failed = grade(stepper, episode, verdict, err)) < 0)
		json_free(verdict);
	step_put_back(stepper, episode, false);
	return failed;
}

/* --- the end ---------------------------------------------------------- */

/* With the journal unreadable the box is ended all the same: what is left is a folder, which says what it can. */
static void end_box_of(const char *id)
{
	struct err err;
	struct episode *episode = episode_open(id, &err);
	if (episode)
		(void)episode_end_box(episode, NULL);
	episode_free(episode);
}

static int close_locked(struct episode *episode, stepper_print *print, struct err *err)
{
	JSON_AUTO rollout = json_none();
	JSON_AUTO skipped = json_none();
	step_drop_dead(episode);
	if (episode_end_box(episode, err) < 0)
		return -1;
	/* Where it cannot be written any more, its observation is null. */
	if (episode->journal.interrupted)
		step_skip(episode, &skipped, NULL);
	if (episode_rollout(episode, false, &rollout, err) < 0)
		return -1;
	/* What cannot be printed is not lost. */
	return print(rollout) ? episode_remove(episode, err) : 0;
}

/* Somebody may have used it, or restored it, since it was chosen. */
static bool is_meant(struct episode *episode, const struct stepper_only *only)
{
	return !only || (episode_idle(episode) >= only->idle_s && (!only->dead || episode_reach(episode, NULL) == 0));
}

int stepper_close(struct stepper *stepper, const char *id, const struct stepper_only *only, stepper_print *print,
                  struct err *err)
{
	struct episode *episode = step_take(stepper, id, err);
	if (!episode) {
		if (!only && err->code == ERR_SYSTEM && !stop_signal())
			end_box_of(id);
		return -1;
	}
	int failed = is_meant(episode, only) ? close_locked(episode, print, err) : 0;
	step_put_back(stepper, episode, false);
	return failed;
}
