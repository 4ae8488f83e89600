#ifndef PIPEGYM_JOURNAL_H
#define PIPEGYM_JOURNAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"
#include "json.h"
#include "record.h"

/*
 * The journal of an episode: journal.jsonl in its folder, append-only, each
 * line one write unless it is long. It is the truth about the episode; the box
 * is a cache of it.
 *   {"entry":"fork","step":0,"ended":false,"fork":{"episode":ID,"step":N},"sum":"…"}      of a branch: the parent's
 *   {"entry":"reset","step":0,"ended":false,"observation":{…},"sum":"…"}
 *   {"entry":"action","step":N,"ended":false,"action":{…},"sum":"…"}         accepted, not yet answered
 *   {"entry":"observation","step":N,"ended":…,"observation":{…},"sum":"…"}   its answer
 *   both observations, where a task's environment keeps a state (kind.h): …,"state":ANY,"sum":"…"}   as it is then
 *   {"entry":"retry","step":N,"ended":false,"retry":{},"sum":"…"}            an action without answer is carried out again
 *   {"entry":"typed","step":N,"ended":false,"typed":{…},"sum":"…"}           what a person typed while it was carried out, for its args.pty
 *   {"entry":"verdict","step":N,"ended":…,"verdict":{…},"sum":"…"}
 *   {"entry":"expire","step":N,"ended":true,"expire":{"limit":…,"busy":…},"sum":"…"}  its box ended because its time was up
 *   {"entry":"restore","step":N,"ended":…,"restore":{…},"sum":"…"}           a new box, in which all up to here was replayed
 *   {"entry":"note","step":N,"ended":…,"note":{"text"|"hint"|"checks":…},"sum":"…"}  what is kept beside the steps
 * sum is digest_sum() of the line before ',"sum"', so that no damage goes unseen; each line must also follow from those
 * before it. A last line without newline was torn by a crash: it is dropped. Callers hold the episode's lock while
 * they write.
 */
struct journal {
	int fd;
	int denied;   /* errno: why it can only be read; or 0 */
	bool sync;    /* the owner's choice: a line is on the disk, not only written, when journal_append() returns */
	off_t size;   /* bytes known; more in the file: another program wrote */
	int cuts;     /* how often the file was found to have fewer */
	int lines;    /* in them */
	int forked;   /* 1: it is that of a branch, and begins with "fork" */
	int step;     /* of the last entry */
	bool ended;   /* terminated or truncated */
	bool expired; /* that is because its time was up, which a restoration undoes */
	bool interrupted; /* the last action has no observation */
	bool undone;      /* and it was given to a box that is gone */
};

/* Bytes of a journal: its rollout, which has no more than the episode's circumstances in addition, is one line that
 * must be readable. */
#define JOURNAL_LINE_MAX (RECORD_LINE_MAX - (1u << 20))

/* Whether it has ended for good: one that has expired can go on in a new box. */
bool journal_over(const struct journal *journal);

/* A new one, which must not be there yet; or that which is there, of which nothing is read. 0 or -1. */
int journal_create(int dirfd, struct journal *journal, struct err *err);
int journal_open(int dirfd, struct journal *journal, struct err *err);
void journal_close(struct journal *journal);

/* Learns what other programs wrote since, and checks every line of it. With repair (the lock is held) a torn last line
 * is cut off. */
int journal_refresh(struct journal *journal, bool repair, struct err *err);

/* Appends one entry: {"entry":kind,"step":…,"ended":…,kind-or-"observation":value}. value is borrowed. */
int journal_append(struct journal *journal, const char *kind, int step, bool ended, json value, struct err *err);
/* The same unless the journal would then have more than `most` bytes: 1, and nothing is written. state (borrowed): with
 * an observation, or json_none(). text, if it is not NULL (empty; the caller's to free), gets the value as json_dump()
 * has it, which is not to be done twice for what is long. */
int journal_append_within(struct journal *journal, off_t most, const char *kind, int step, bool ended, json value,
                          json state, struct buf *text, struct err *err);

/* Visits all entries in order; visit returns 0 to go on, 1 to stop (journal_each returns 0), -1 with err. A line that
 * is no entry, or not what was written, is ERR_SYSTEM and names its number. */
typedef int journal_visit(const char *kind, json entry, void *context, struct err *err);
int journal_each(const struct journal *journal, journal_visit *visit, void *context, struct err *err);
/* The same from where `seen`, all zero at first, has come to, which comes to the end of what was visited. */
int journal_more(const struct journal *journal, struct journal *seen, journal_visit *visit, void *context, struct err *err);

/* The observation recorded for the action with this id: 1 and *observation (owned), 0 when there is none, -1. An
 * accepted action without observation: 1 and json_none(). */
int journal_find_action(const struct journal *journal, const char *id, json *observation, struct err *err);
/* Whether an observation is that of a submit that was one: valid. */
bool journal_is_submit(json observation);
/* Whether it is that of a hint which was given. */
bool journal_is_hint(json observation);
/* What an action or a grading needs to know of all that was before. The values are owned, and json_none() for what is not there. */
struct journal_past {
	json last;           /* that of the last step that did something: no submit, no hint */
	json state;          /* the environment's, as it is now */
	json asked;          /* the answer in the last action */
	json answer;         /* that was submitted last */
	json verdict;        /* the last one, unless its episode had expired and was restored since */
	int submits, hints;  /* how many there were */
	int hints_noted;     /* those that a person was given beside the steps */
	int forked;          /* the step up to which it is the parent's */
	double wall_ms;      /* that steps took, since the box was made */
	bool out_of_time;    /* total_s was up, */
	bool busy;           /* in the middle of a step */
	struct journal seen; /* how far it is known */
};
struct journal_past journal_past_new(void);
void journal_past_free(struct journal_past *past); /* which is then new */
/* One more entry. state as in journal_append_within(). */
void journal_past_add(struct journal_past *past, const char *kind, int step, json value, json state);
/* Whether it is up to the end of the journal. */
bool journal_past_known(const struct journal *journal, const struct journal_past *past);
/* Brings it up to there. */
int journal_past(const struct journal *journal, struct journal_past *past, struct err *err);
/* The observation that it began with; owned. It is an error (ERR_SYSTEM) when there is none, as in the next. */
int journal_reset(const struct journal *journal, json *observation, struct err *err);
/* The last action; owned. */
int journal_last_action(const struct journal *journal, json *action, struct err *err);
/*
 * All of it (owned):
 *   {"parent":{"episode":…,"step":…} (of a branch), "reset":…, "steps":[{"action":…,"observation":…},…],
 *    "verdict":…, "restores":[{…},…], "notes":[{"step":N,…},…], "expired":LIMIT}
 * An observation that is not known, a verdict that is not there, and the limit of what has not expired, are null.
 * states: with the environment's "state" in each step that has one, and beside "reset" the first.
 */
int journal_history(const struct journal *journal, bool states, json *history, struct err *err);
/* A step of such a list (values borrowed); without an action there is none. */
void journal_add_step(json *steps, json action, json observation, json state);

#endif
