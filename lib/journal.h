#ifndef PIPEGYM_JOURNAL_H
#define PIPEGYM_JOURNAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"
#include "json.h"

/*
 * The journal of an episode: journal.jsonl in its folder, append-only, each
 * line one write. It is the truth about the episode; the box is a cache of it.
 *   {"entry":"reset","step":0,"ended":false,"observation":{…}}
 *   {"entry":"action","step":N,"ended":false,"action":{…}}         accepted, not yet answered
 *   {"entry":"observation","step":N,"ended":…,"observation":{…}}   its answer
 *   {"entry":"verdict","step":N,"ended":…,"verdict":{…}}
 * Every entry says how far the episode is, so that the last line alone tells
 * its state. A last line without newline was torn by a crash: it is dropped.
 * Callers hold the episode's lock while they write.
 */
struct journal {
	int fd;
	off_t size;       /* bytes known; more in the file: another program wrote */
	int step;         /* of the last entry */
	bool ended;       /* terminated or truncated */
	bool interrupted; /* the last entry is an action without an observation */
};

int journal_create(int dirfd, struct journal *journal, struct err *err);
int journal_open(int dirfd, struct journal *journal, struct err *err);
void journal_close(struct journal *journal);

/* Learns what other programs wrote since. With repair (the lock is held) a torn last line is cut off. */
int journal_refresh(struct journal *journal, bool repair, struct err *err);

/* Appends one entry: {"entry":kind,"step":…,"ended":…,kind-or-"observation":value}. value is borrowed. */
int journal_append(struct journal *journal, const char *kind, int step, bool ended, json value, struct err *err);

/* Visits all entries in order; visit returns 0 to go on, 1 to stop (journal_each returns 0), -1 with err. A line that
 * is no entry is ERR_SYSTEM and names its number. */
typedef int journal_visit(const char *kind, json entry, void *context, struct err *err);
int journal_each(const struct journal *journal, journal_visit *visit, void *context, struct err *err);

/* The observation recorded for the action with this id: 1 and *observation (owned), 0 when there is none, -1. An
 * accepted action without observation: 1 and json_none(). */
int journal_find_action(const struct journal *journal, const char *id, json *observation, struct err *err);
/* The observation of the last step that was not submit (owned; json_none() if there is none), and how many were submit. */
int journal_recent(const struct journal *journal, json *last, int *submits, struct err *err);
/* The last verdict: 1 and *verdict (owned), 0 when there is none, -1. */
int journal_verdict(const struct journal *journal, json *verdict, struct err *err);
/* {"steps":[{"action":…,"observation":…},…],"reset":…,"verdict":…} (owned). */
int journal_history(const struct journal *journal, json *history, struct err *err);

#endif
