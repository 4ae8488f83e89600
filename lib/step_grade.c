/* How an episode is graded, and how it is closed. */
#include "step_inside.h"

#include <string.h>

#include "grade.h"
#include "stop.h"

/* --- verdicts --------------------------------------------------------- */

/* What grading needs to know of a journal. */
struct answers {
	json asked;     /* of the last action, if there is one */
	json last;      /* that was submitted */
	int forked;     /* the step up to which it is the parent's */
	double ms;      /* that steps took, since the box was made */
	bool out, busy; /* total_s was up; in the middle of a step */
};

static int answer_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct answers *answers = context;
	(void)err;
	if (!strcmp(kind, "action")) {
		json_free(&answers->asked);
		answers->asked = json_copy(json_get(json_get(json_get(entry, "action"), "args"), "answer"));
	} else if (!strcmp(kind, "observation") && journal_is_submit(json_get(entry, "observation"))) {
		json_free(&answers->last);
		answers->last = json_take(&answers->asked);
	} else if (!strcmp(kind, "fork")) {
		answers->forked = (int)json_get_number(json_get(entry, "fork"), "step", 0);
	} else if (!strcmp(kind, "expire")) {
		json value = json_get(entry, "expire");
		const char *limit = json_get_string(value, "limit");
		answers->out = limit && !strcmp(limit, "total_s");
		answers->busy = json_get_bool(value, "busy", false);
	} else if (!strcmp(kind, "restore")) {
		answers->ms = 0;
		answers->out = false;
	}
	if (strcmp(kind, "observation") != 0)
		return 0;
	json observation = json_get(entry, "observation");
	/* Neither the time of a parent's steps, nor that of grading, is the agent's in this box. */
	if (json_get_number(entry, "step", 0) > answers->forked && !journal_is_submit(observation))
		answers->ms += json_get_number(json_get(observation, "timing"), "wall_ms", 0);
	return 0;
}

/* An agent must not get out of a verdict by letting the time of its task pass. Where it was others who took it, nobody can say
 * what the work was worth. */
static bool took_the_time(const struct episode *episode, const struct answers *answers)
{
	double total_ms = json_get_number(json_get(episode->meta, "limits"), "total_s", 0) * 1000;
	return answers->out && (answers->busy || answers->ms >= total_ms / 2);
}

/* The rules with what grading needs to know of the journal. answer: owned by the caller. */
static int grading_play(struct stepper *stepper, struct episode *episode, struct answers *answers, struct play *play,
                        struct err *err)
{
	struct journal *journal = &episode->journal;
	*answers = (struct answers){.asked = json_none(), .last = json_none()};
	*play = step_play(stepper, episode);
	int failed =
	        journal_past(journal, &episode->past, err) < 0 || journal_each(journal, answer_visit, answers, err) < 0;
	json_free(&answers->asked);
	play->past = episode->past;
	if (failed)
		json_free(&answers->last);
	return failed ? -1 : 0;
}

static int grade(struct stepper *stepper, struct episode *episode, json *verdict, struct err *err)
{
	struct journal *journal = &episode->journal;
	struct answers answers;
	struct play play;
	struct err reason = {0};
	if (grading_play(stepper, episode, &answers, &play, err) < 0)
		return -1;
	JSON_AUTO answer = answers.last;
	bool reached = step_connect(episode, &reason) == 0;
	play.box = reached ? episode->box : NULL;
	if (!reached && took_the_time(episode, &answers))
		play.lost = "the episode's time was up";
	/* What would be graded is not what the actions led to. */
	if (reached && journal->interrupted)
		step_refuse(episode, &reason);
	if (!play.lost && (!reached || journal->interrupted))
		*verdict = grade_error(episode->id, json_get_string(episode->meta, "task"), &reason);
	else
		*verdict = play_grade(&play, answer, !journal->ended);
	return journal_append(journal, "verdict", journal->step, journal->ended, *verdict, err);
}

static int score(struct stepper *stepper, struct episode *episode, json *checks, struct err *err)
{
	struct answers answers;
	struct play play;
	JSON_AUTO note = json_new_object();
	if (journal_over(&episode->journal))
		return err_set(err, ERR_INPUT, "the episode has ended");
	if (episode->journal.interrupted)
		return step_refuse(episode, err);
	if (step_connect(episode, err) < 0 || grading_play(stepper, episode, &answers, &play, err) < 0)
		return -1;
	JSON_AUTO answer = answers.last;
	play.box = episode->box;
	JSON_AUTO verdict = play_grade(&play, answer, true);
	if (!strcmp(json_get_string(verdict, "status"), "error"))
		return err_set(err, ERR_SYSTEM, "%s", json_get_string(verdict, "reason"));
	JSON_AUTO seen = play_visible(verdict);
	json_set_string(&note, "kind", "score");
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
	int known = again ? 0 : journal_verdict(&episode->journal, verdict, err);
	/* A grading that could not be done is worth another try. */
	if (known > 0 && !strcmp(json_get_string(*verdict, "status"), "error")) {
		json_free(verdict);
		known = 0;
	}
	int failed = known < 0 || (known == 0 && grade(stepper, episode, verdict, err) < 0);
	if (failed)
		json_free(verdict);
	step_put_back(stepper, episode, false);
	return failed ? -1 : 0;
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
	if (episode_rollout(episode, &rollout, err) < 0)
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
