#include "step_inside.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "episode.h"
#include "grade.h"
#include "play.h"
#include "record.h"
#include "tool.h"
#include "tool_pty.h"

#define ACTION_DEPTH_MAX 200
#define ACTION_VALUES_MAX 1000
#define STATE_LONG ((size_t)33 << 20) /* bytes of an environment's state: two answers of a program */
#define OPEN_MOST 65536               /* descriptors of episodes that are kept open from step to step */
#define OPEN_EACH 4                   /* of one: its folder, journal and lock, and one for the box */

static rlim_t open_most(void)
{
	struct rlimit files = {0};
	getrlimit(RLIMIT_NOFILE, &files);
	rlim_t most = files.rlim_cur / 2; /* the rest is for those that are worked on, and for the program */
	return most < OPEN_MOST ? most : OPEN_MOST;
}

struct stepper *stepper_new(struct resources *resources, int flags)
{
	struct stepper *stepper = mem_alloc(1, sizeof *stepper);
	*stepper = (struct stepper){.resources = resources, .flags = flags, .most = open_most()};
	pthread_mutex_init(&stepper->lock, NULL);
	return stepper;
}

void stepper_interrupt(struct stepper *stepper, int fd)
{
	stepper->interrupt = fd;
}

void stepper_attend(struct stepper *stepper, const struct pty_user *user)
{
	stepper->user = user;
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

/* How many descriptors one has: more with programs in its box, and with a referee in another. */
static rlim_t open_of(const struct episode *episode)
{
	rlim_t count = OPEN_EACH + (episode->referee != NULL);
	for (size_t i = 0; i < BOX_SLOTS; i++)
		count += episode->lines[i] ? BOX_ENDS : 0;
	return count;
}

/* The episode with its lock held and its journal known up to its end. */
struct episode *step_take(struct stepper *stepper, const char *id, struct err *err)
{
	struct episode key = {.id = (char *)(uintptr_t)id};
	pthread_mutex_lock(&stepper->lock);
	struct episode **node = tfind(&key, &stepper->open, compare);
	struct episode *episode = node ? *node : NULL;
	if (episode) {
		tdelete(episode, &stepper->open, compare);
		stepper->count -= open_of(episode);
	}
	pthread_mutex_unlock(&stepper->lock);
	if (episode && !episode_there(episode)) {
		episode_free(episode);
		episode = NULL;
	}
	if (!episode)
		episode = episode_open(id, err);
	if (episode && episode_lock(episode, err) == 0) {
		episode->journal.sync = stepper->flags & STEP_SYNC;
		return episode;
	}
	episode_free(episode);
	return NULL;
}

/* Unlocks it and keeps it for the next step; not when there are too many, or it is of no more use: after its end, above all. */
void step_put_back(struct stepper *stepper, struct episode *episode, bool keep)
{
	episode_unlock(episode);
	pthread_mutex_lock(&stepper->lock);
	keep = keep && !journal_over(&episode->journal) && stepper->count + open_of(episode) <= stepper->most;
	if (keep && tsearch(episode, &stepper->open, compare))
		stepper->count += open_of(episode);
	else
		keep = false;
	pthread_mutex_unlock(&stepper->lock);
	if (!keep)
		episode_free(episode);
}

/* --- a step ----------------------------------------------------------- */

/* A connection that was kept from an earlier step may have ended with its box. */
void step_drop_dead(struct episode *episode)
{
	/* Another program may have spoken with the box's programs, or started others. */
	if (episode->lines_at != episode->journal.size)
		episode_let_go_lines(episode);
	if (episode->box && !box_alive(episode->box))
		episode_let_go(episode);
}

int step_connect(struct episode *episode, struct err *err)
{
	step_drop_dead(episode);
	return episode_connect(episode, err);
}

/* 1: the journal has an action of this id, and *observation is what came of it. */
static int recorded(struct episode *episode, json action, json *observation, struct err *err)
{
	json id = json_get(action, "id");
	if (json_is_none(id))
		return 0;
	size_t len;
	const char *text = json_text(id, &len);
	if (!text || strlen(text) != len)
		return err_set(err, ERR_INPUT, "an action's id must be a string, without a NUL");
	return journal_find_action(&episode->journal, text, observation, err);
}

/* Adds how long a value is as JSON. */
static int add_size(json value, size_t *size, struct err *err)
{
	BUF_AUTO text = {0};
	if (json_is_none(value))
		return 0;
	if (json_dump(value, false, &text, err) < 0)
		return -1;
	*size += text.len;
	return 0;
}

/* How long the journal may be with this action in it: its observation, which has its tag once more, must fit as well. */
static int room_for(const struct episode *episode, json action, off_t *most, struct err *err)
{
	size_t answer = play_observation_max(episode->meta, action);
	if (add_size(json_get(action, "tag"), &answer, err) < 0)
		return -1;
	*most = (off_t)JOURNAL_LINE_MAX - (off_t)answer;
	return 0;
}

/* An episode whose journal has no room for another observation is truncated. */
static int truncate_full(const struct episode *episode, json state, json *observation, struct err *err)
{
	size_t next = play_observation_max(episode->meta, json_none()) + (64u << 10),
	       size = (size_t)episode->journal.size + next;
	if (size + next + STATE_LONG <= JOURNAL_LINE_MAX || json_get_bool(*observation, "terminated", false))
		return 0;
	if (add_size(state, &size, err) < 0 || add_size(*observation, &size, err) < 0)
		return -1;
	if (size > JOURNAL_LINE_MAX)
		play_mark_full(observation);
	return 0;
}

/* Journals an observation, and what follows from it. */
static int settle(struct episode *episode, const struct play *play, int step, json observation, json verdict,
                  struct buf *text, struct err *err)
{
	struct journal *journal = &episode->journal;
	bool ended = json_get_bool(observation, "terminated", false) || json_get_bool(observation, "truncated", false);
	if (journal_append_within(journal, INT64_MAX, "observation", step, ended, observation, play->state, text, err) < 0 ||
	    (!json_is_none(verdict) && journal_append(journal, "verdict", step, ended, verdict, err) < 0))
		return -1;
	return 0;
}

/* The past, which was known up to a step, is known up to here. */
static void learn(struct episode *episode, json action, json observation, json state, json verdict)
{
	int step = episode->journal.step;
	journal_past_add(&episode->past, "action", step, action, json_none());
	journal_past_add(&episode->past, "observation", step, observation, state);
	if (!json_is_none(verdict))
		journal_past_add(&episode->past, "verdict", step, verdict, json_none());
	episode->past.seen = episode->journal;
}

/* Hands it to the box and journals what comes of it. kind: how the journal calls it, "action" or "retry". */
static int carry_out(struct episode *episode, struct play *play, const char *kind, int step, json action,
                     const char *problem, json *observation, struct buf *text, struct err *err)
{
	struct journal *journal = &episode->journal;
	bool again = !strcmp(kind, "retry"), undone = journal->undone, known = journal_past_known(journal, &episode->past);
	JSON_AUTO none = json_new_object();
	JSON_AUTO verdict = json_none();
	off_t most = INT64_MAX;
	play->box = episode->box;
	play->lines = episode->lines;
	play->referee = &episode->referee;
	if (!again && room_for(episode, action, &most, err) < 0)
		return -1;
	int refused =
	        journal_append_within(journal, most, kind, step, false, again ? none : action, json_none(), NULL, err);
	if (refused)
		return refused < 0 ? -1
		                   : err_set(err, ERR_INPUT,
		                             "the action is too long: the episode's record would exceed %u MiB",
		                             RECORD_LINE_MAX >> 20);
	if (play_step(play, step, action, problem, observation, &verdict, err) < 0 ||
	    truncate_full(episode, play->state, observation, err) < 0 ||
	    (!json_is_none(play->typed) && journal_append(journal, "typed", step, false, play->typed, err) < 0)) {
		json_free(&play->state);
		json_free(&play->typed);
		return err_context(err, "step %d is interrupted", step);
	}
	if (again)
		play_mark_retried(observation, undone);
	int failed = settle(episode, play, step, *observation, verdict, text, err);
	if (!failed && known)
		learn(episode, action, *observation, play->state, verdict);
	episode->lines_at = journal->size;
	json_free(&play->state);
	json_free(&play->typed);
	if (!failed)
		return 0;
	json_free(observation);
	return journal->interrupted ? err_context(err, "step %d is interrupted", step) : -1;
}

static int read_history(void *source, json *steps, struct err *err)
{
	const struct episode *episode = source;
	JSON_AUTO history = json_none();
	if (journal_history(&episode->journal, true, &history, err) < 0)
		return -1;
	*steps = json_copy(json_get(history, "steps"));
	return 0;
}

struct play step_play(const struct stepper *stepper, struct episode *episode)
{
	bool known = journal_past_known(&episode->journal, &episode->past);
	return (struct play){.resources = stepper->resources,
	                     .episode = episode->id,
	                     .meta = episode->meta,
	                     .past = known ? episode->past : journal_past_new(),
	                     .user = stepper->user,
	                     .typed = json_none(),
	                     .state = json_none(),
	                     .stop.fd = stepper->interrupt,
	                     .history = read_history,
	                     .source = episode};
}

/* The rules for a step that comes next. */
static int next_play(const struct stepper *stepper, struct episode *episode, json action, const char *problem,
                     struct play *play, struct err *err)
{
	bool past = problem[0] || play_needs_past(json_get_string(action, "tool"));
	if (past && journal_past(&episode->journal, &episode->past, err) < 0)
		return -1;
	*play = step_play(stepper, episode);
	return play_prepare(play, err);
}

/* What to do about a step that is interrupted is for the caller to say. */
int step_refuse(const struct episode *episode, struct err *err)
{
	return err_set(err, ERR_SYSTEM,
	               "step %d is interrupted: %s; env-step --retry carries it out again, --skip goes on without it",
	               episode->journal.step,
	               episode->journal.undone ? "it was given to a box that is gone, and was not done in this one"
	                                       : "it was begun, and what it did is not known");
}

static int act(struct stepper *stepper, struct episode *episode, json action, json *observation, struct buf *text,
               struct err *err)
{
	char problem[160];
	int known = recorded(episode, action, observation, err);
	if (known < 0 || (known > 0 && !json_is_none(*observation)))
		return known < 0 ? -1 : 0;
	if (episode->journal.interrupted)
		return step_connect(episode, err) < 0 ? -1 : step_refuse(episode, err);
	if (journal_over(&episode->journal))
		return err_set(err, ERR_INPUT, "the episode has ended");
	/* A rollout wraps it in more levels, which must be readable too. */
	if (json_depth(action) > ACTION_DEPTH_MAX)
		return err_set(err, ERR_INPUT, "the action is nested deeper than %d levels", ACTION_DEPTH_MAX);
	/* In the memory of a jq program "[]," takes a hundred times its length: a grader that runs out of it has no verdict. */
	if (json_count(action) - json_count(json_get(action, "tag")) > ACTION_VALUES_MAX)
		return err_set(err, ERR_INPUT, "the action has more than %d values", ACTION_VALUES_MAX);
	JSON_AUTO full = tool_action(action, json_get(episode->meta, "tools"), problem, sizeof problem);
	tool_pty_new(&full);
	struct play play;
	if (next_play(stepper, episode, full, problem, &play, err) < 0 ||
	    ((!problem[0] || episode->journal.expired) && step_connect(episode, err) < 0))
		return -1;
	return carry_out(episode, &play, "action", episode->journal.step + 1, full, problem, observation, text, err);
}

int stepper_action(struct stepper *stepper, const char *id, json action, json *observation, struct buf *text,
                   struct err *err)
{
	struct episode *episode = step_take(stepper, id, err);
	if (!episode)
		return -1;
	int failed = act(stepper, episode, action, observation, text, err);
	/* After a failure of the box its connection may be in the middle of an answer. */
	step_put_back(stepper, episode, !failed);
	return failed;
}

/* --- an interrupted step ---------------------------------------------- */

/* Gives it an observation that says so. */
int step_skip(struct episode *episode, json *observation, struct err *err)
{
	int step = episode->journal.step;
	JSON_AUTO result = play_interrupted(episode->id, episode->meta, step, episode->journal.undone);
	bool ended = episode->journal.expired || json_get_bool(result, "truncated", false);
	if (journal_append(&episode->journal, "observation", step, ended, result, err) < 0)
		return -1;
	*observation = json_take(&result);
	return 0;
}

static int retry(struct stepper *stepper, struct episode *episode, json *observation, struct err *err)
{
	char problem[160];
	JSON_AUTO logged = json_none();
	struct play play;
	if (journal_last_action(&episode->journal, &logged, err) < 0)
		return -1;
	JSON_AUTO action = tool_action(logged, json_get(episode->meta, "tools"), problem, sizeof problem);
	if (next_play(stepper, episode, action, problem, &play, err) < 0)
		return -1;
	return carry_out(episode, &play, "retry", episode->journal.step, action, problem, observation, NULL, err);
}

int stepper_settle(struct stepper *stepper, const char *id, json *observation, struct err *err)
{
	struct episode *episode = step_take(stepper, id, err);
	if (!episode)
		return -1;
	bool interrupted = episode->journal.interrupted;
	/* With the box gone it is env-restore's turn: it knows that the step was not done in the new one. */
	int failed = interrupted && step_connect(episode, err) < 0;
	if (interrupted && !failed)
		failed = stepper->flags & STEP_RETRY  ? retry(stepper, episode, observation, err)
		         : stepper->flags & STEP_SKIP ? step_skip(episode, observation, err)
		                                      : step_refuse(episode, err);
	step_put_back(stepper, episode, !failed);
	return failed ? -1 : interrupted;
}
