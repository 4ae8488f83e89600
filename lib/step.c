#include "step.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "episode.h"
#include "play.h"
#include "record.h"
#include "stop.h"
#include "tool.h"

#define ACTION_DEPTH_MAX 200
#define LOG_MAX (RECORD_LINE_MAX - (1u << 20)) /* bytes of a journal: its rollout is one line, which must be readable */
#define OPEN_MAX_EPISODES 4096 /* kept open from step to step: three descriptors each, and one for the box */

struct stepper {
	struct resources *resources;
	pthread_mutex_t lock;
	void *open; /* a tree (search.h) of struct episode, by id */
	int count;
};

struct stepper *stepper_new(struct resources *resources)
{
	struct stepper *stepper = mem_alloc(1, sizeof *stepper);
	stepper->resources = resources;
	pthread_mutex_init(&stepper->lock, NULL);
	return stepper;
}

static void free_node(void *episode)
{
	episode_free(episode);
}

void stepper_free(struct stepper *stepper)
{
	if (!stepper)
		return;
	tdestroy(stepper->open, free_node);
	pthread_mutex_destroy(&stepper->lock);
	free(stepper);
}

static int compare(const void *a, const void *b)
{
	const struct episode *first = a, *second = b;
	return strcmp(first->id, second->id);
}

/* --- episodes kept open ---------------------------------------------- */

/* The episode with its lock held and its journal known up to its end. */
static struct episode *take(struct stepper *stepper, const char *id, struct err *err)
{
	struct episode key = {.id = (char *)(uintptr_t)id};
	pthread_mutex_lock(&stepper->lock);
	struct episode **node = tfind(&key, &stepper->open, compare);
	struct episode *episode = node ? *node : NULL;
	if (episode) {
		tdelete(episode, &stepper->open, compare);
		stepper->count--;
	}
	pthread_mutex_unlock(&stepper->lock);
	if (!episode)
		episode = episode_open(id, err);
	if (episode && episode_lock(episode, err) == 0)
		return episode;
	episode_free(episode);
	return NULL;
}

/* Unlocks it and keeps it for the next step; not when there are too many, or it is of no more use. */
static void put_back(struct stepper *stepper, struct episode *episode, bool keep)
{
	episode_unlock(episode);
	pthread_mutex_lock(&stepper->lock);
	keep = keep && stepper->count < OPEN_MAX_EPISODES && tsearch(episode, &stepper->open, compare);
	stepper->count += keep;
	pthread_mutex_unlock(&stepper->lock);
	if (!keep)
		episode_free(episode);
}

/* --- a step ----------------------------------------------------------- */

/* A connection that was kept from an earlier step may have ended with its box. */
static void drop_dead(struct episode *episode)
{
	if (!episode->box || box_alive(episode->box))
		return;
	box_free(episode->box);
	episode->box = NULL;
}

static int connect_box(struct episode *episode, struct err *err)
{
	drop_dead(episode);
	return episode_connect(episode, err);
}

/* A step that a crash left without observation gets one that says so. */
static int settle_interrupted(struct episode *episode, struct err *err)
{
	int step = episode->journal.step;
	if (!episode->journal.interrupted)
		return 0;
	JSON_AUTO observation = play_interrupted(episode->id, episode->meta, step);
	return journal_append(&episode->journal, "observation", step, json_get_bool(observation, "truncated", false),
	                      observation, err);
}

/* 1: the journal has an action of this id, and *observation is what came of it. */
static int recorded(struct episode *episode, json action, json *observation, struct err *err)
{
	json id = json_get(action, "id");
	if (json_is_none(id))
		return 0;
	if (!json_is_string(id))
		return err_set(err, ERR_INPUT, "an action's id must be a string");
	return journal_find_action(&episode->journal, json_string(id), observation, err);
}

/* Bytes of an observation at its longest: both streams, each byte six characters of JSON, and the rest of it. */
static size_t observation_max(json meta)
{
	double kept = json_get_number(json_get(meta, "limits"), "output_kib", 64) * 1024;
	return (size_t)kept * 2 * 6 + (64u << 10);
}

/* How long the journal is with this value in it, and `more` bytes. */
static int log_size(const struct episode *episode, json value, size_t more, size_t *size, struct err *err)
{
	BUF_AUTO text = {0};
	if (json_dump(value, false, &text, err) < 0)
		return -1;
	*size = (size_t)episode->journal.size + text.len + more;
	return 0;
}

/* An action that, with its observation, would make the journal too long is refused. */
static int check_room(const struct episode *episode, json action, struct err *err)
{
	size_t size, answer = observation_max(episode->meta);
	if (log_size(episode, action, answer, &size, err) < 0)
		return -1;
	/* Its tag is in the observation once more. */
	json tag = json_get(action, "tag");
	if (!json_is_none(tag) && log_size(episode, tag, size - (size_t)episode->journal.size, &size, err) < 0)
		return -1;
	if (size > LOG_MAX)
		return err_set(err, ERR_INPUT, "the action is too long: the episode's record would exceed %u MiB",
		               RECORD_LINE_MAX >> 20);
	return 0;
}

/* An episode whose journal has no room for another observation is truncated. */
static int truncate_full(const struct episode *episode, json *observation, struct err *err)
{
	size_t size, next = observation_max(episode->meta) + (64u << 10);
	if ((size_t)episode->journal.size + 2 * next <= LOG_MAX || json_get_bool(*observation, "terminated", false))
		return 0;
	if (log_size(episode, *observation, next, &size, err) < 0)
		return -1;
	if (size > LOG_MAX)
		play_mark_full(observation);
	return 0;
}

static int carry_out(struct stepper *stepper, struct episode *episode, json action, const char *problem,
                     json *observation, struct err *err)
{
	struct journal *journal = &episode->journal;
	const char *tool = json_get_string(action, "tool");
	int step = journal->step + 1;
	JSON_AUTO last = json_none();
	JSON_AUTO verdict = json_none();
	struct play play = {
	        .resources = stepper->resources, .episode = episode->id, .meta = episode->meta, .last = json_none()};
	if (problem[0] || (tool && !strcmp(tool, "submit"))) {
		if (journal_recent(journal, &last, &play.submits, err) < 0)
			return -1;
		play.last = last;
	}
	if (check_room(episode, action, err) < 0 || (!problem[0] && connect_box(episode, err) < 0))
		return -1;
	play.box = episode->box;
	if (journal_append(journal, "action", step, false, action, err) < 0 ||
	    play_step(&play, step, action, problem, observation, &verdict, err) < 0 ||
	    truncate_full(episode, observation, err) < 0)
		return -1;
	bool ended = json_get_bool(*observation, "terminated", false) || json_get_bool(*observation, "truncated", false);
	if (journal_append(journal, "observation", step, ended, *observation, err) == 0 &&
	    (json_is_none(verdict) || journal_append(journal, "verdict", step, ended, verdict, err) == 0))
		return 0;
	json_free(observation);
	return -1;
}

static int act(struct stepper *stepper, struct episode *episode, json action, json *observation, struct err *err)
{
	char problem[160];
	int known = settle_interrupted(episode, err) < 0 ? -1 : recorded(episode, action, observation, err);
	if (known != 0)
		return known < 0 ? -1 : 0;
	if (episode->journal.ended)
		return err_set(err, ERR_INPUT, "the episode has ended");
	/* A rollout wraps it in more levels, which must be readable too. */
	if (json_depth(action) > ACTION_DEPTH_MAX)
		return err_set(err, ERR_INPUT, "the action is nested deeper than %d levels", ACTION_DEPTH_MAX);
	JSON_AUTO full = tool_action(action, json_get(episode->meta, "tools"), problem, sizeof problem);
	return carry_out(stepper, episode, full, problem, observation, err);
}

int stepper_action(struct stepper *stepper, const char *id, json action, json *observation, struct err *err)
{
	struct episode *episode = take(stepper, id, err);
	if (!episode)
		return -1;
	int failed = act(stepper, episode, action, observation, err);
	/* After a failure of the box its connection may be in the middle of an answer. */
	put_back(stepper, episode, !failed);
	return failed;
}

/* --- verdicts --------------------------------------------------------- */

static int answer_visit(const char *kind, json entry, void *context, struct err *err)
{
	json *answer = context, action = json_get(entry, "action");
	const char *tool = json_get_string(action, "tool");
	(void)err;
	if (!strcmp(kind, "action") && tool && !strcmp(tool, "submit")) {
		json_free(answer);
		*answer = json_copy(json_get(json_get(action, "args"), "answer"));
	}
	return 0;
}

static int grade(struct stepper *stepper, struct episode *episode, json *verdict, struct err *err)
{
	struct journal *journal = &episode->journal;
	JSON_AUTO last = json_none();
	JSON_AUTO answer = json_none();
	struct play play = {
	        .resources = stepper->resources, .episode = episode->id, .meta = episode->meta, .last = json_none()};
	if (settle_interrupted(episode, err) < 0 || journal_recent(journal, &last, &play.submits, err) < 0 ||
	    journal_each(journal, answer_visit, &answer, err) < 0)
		return -1;
	struct err gone = {0};
	play.last = last;
	play.box = connect_box(episode, &gone) == 0 ? episode->box : NULL;
	*verdict = play_grade(&play, answer, !journal->ended);
	return journal_append(journal, "verdict", journal->step, journal->ended, *verdict, err);
}

int stepper_verdict(struct stepper *stepper, const char *id, bool again, json *verdict, struct err *err)
{
	struct episode *episode = take(stepper, id, err);
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
	put_back(stepper, episode, false);
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
	drop_dead(episode);
	if (episode_end_box(episode, err) < 0)
		return -1;
	if (settle_interrupted(episode, err) < 0 || episode_rollout(episode, &rollout, err) < 0)
		return -1;
	/* What cannot be printed is not lost. */
	return print(rollout) ? episode_remove(episode, err) : 0;
}

int stepper_close(struct stepper *stepper, const char *id, stepper_print *print, struct err *err)
{
	struct episode *episode = take(stepper, id, err);
	if (!episode) {
		if (err->code == ERR_SYSTEM && !stop_signal())
			end_box_of(id);
		return -1;
	}
	int failed = close_locked(episode, print, err);
	put_back(stepper, episode, false);
	return failed;
}
