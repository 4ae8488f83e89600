#include "episode_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "notebook.h"
#include "num.h"
#include "stop.h"

#define META_MAX (64u << 20) /* bytes of an episode.json, which has the options of the task's environment */

bool episode_id_valid(const char *id)
{
	size_t len = strlen(id);
	if (len == 0 || len > EPISODE_ID_MAX || strchr("-._", id[0]))
		return false;
	return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

void episode_id_random(char id[EPISODE_ID_MAX + 1])
{
	strcpy(id, "ep-");
	num_random_name(id + 3, 13);
}

char *episode_state_path(struct err *err)
{
	const char *state = getenv("PIPEGYM_STATE"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char here[PATH_MAX];
	if (state && *state) {
		if (*state == '/')
			return mem_string(state);
		if (getcwd(here, sizeof here))
			return mem_format("%s/%s", here, state);
		err_system(err, "the folder that PIPEGYM_STATE=%s is in", state);
		return NULL;
	}
	if (xdg && *xdg == '/')
		return mem_format("%s/pipegym", xdg);
	if (home && *home)
		return mem_format("%s/.local/state/pipegym", home);
	err_set(err, ERR_SYSTEM, "no state folder: set PIPEGYM_STATE or HOME");
	return NULL;
}

int episode_state(bool sync, struct err *err)
{
	STRING_AUTO state = episode_state_path(err);
	if (!state)
		return -1;
	STRING_AUTO path = mem_format("%s/episodes", state);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (fd_make_folders(path, 0700, err) < 0)
			return -1;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		/* Whatever folders were made on the way. */
		if (fd >= 0 && sync && syncfs(fd) < 0)
			fd_close(&fd);
	}
	return fd < 0 ? err_system(err, "%s", path) : fd;
}

static struct episode *episode_new(const char *id)
{
	struct episode *episode = mem_alloc(1, sizeof *episode);
	episode->id = mem_string(id);
	episode->dirfd = episode->lock = episode->journal.fd = -1;
	episode->meta = json_none();
	episode->past = journal_past_new();
	return episode;
}

void episode_free(struct episode *episode)
{
	if (!episode)
		return;
	episode_let_go(episode);
	journal_close(&episode->journal);
	fd_close(&episode->lock);
	fd_close(&episode->dirfd);
	json_free(&episode->meta);
	journal_past_free(&episode->past);
	free(episode->id);
	free(episode);
}

/* The name of a folder that is nobody's yet. */
static void random_name(char name[EPISODE_ID_MAX + 2])
{
	name[0] = '.';
	episode_id_random(name + 1);
}

static int make_folder(struct episode *episode, int state, const char *name, struct err *err)
{
	if (mkdirat(state, name, 0700) == 0)
		episode->dirfd = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (episode->dirfd >= 0)
		episode->lock = openat(episode->dirfd, LOCK, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (episode->lock < 0 || flock(episode->lock, LOCK_EX) < 0)
		return err_system(err, "episode %s", episode->id);
	return journal_create(episode->dirfd, &episode->journal, err);
}

/* Gives a folder, whose lock is held, the hidden name of its id: so whoever finds that name finds a lock. */
static int claim(int state, const char *fresh, const char *id, struct err *err)
{
	char hidden[EPISODE_ID_MAX + 2];
	snprintf(hidden, sizeof hidden, ".%s", id);
	int failed = -1;
	errno = EEXIST;
	if (faccessat(state, id, F_OK, 0) < 0)
		failed = renameat2(state, fresh, state, hidden, RENAME_NOREPLACE);
	/* What a killed program left half made, or half removed, is in nobody's way. */
	if (failed && errno == EEXIST && faccessat(state, id, F_OK, 0) < 0 && episode_remove_unfinished(id, NULL) == 0)
		failed = renameat2(state, fresh, state, hidden, RENAME_NOREPLACE);
	if (failed && errno == EEXIST)
		return err_set(err, ERR_INPUT, "episode %s exists", id);
	return failed ? err_system(err, "episode %s", id) : 0;
}

struct episode *episode_create(const char *id, bool sync, struct err *err)
{
	char fresh[EPISODE_ID_MAX + 2];
	if (!episode_id_valid(id)) {
		err_set(err, ERR_USAGE, "'%.80s' is no episode id: letters, digits and ._- , at most %d", id,
		        EPISODE_ID_MAX);
		return NULL;
	}
	FD_AUTO state = episode_state(sync, err);
	if (state < 0)
		return NULL;
	struct episode *episode = episode_new(id);
	random_name(fresh);
	if (make_folder(episode, state, fresh, err) == 0 && claim(state, fresh, id, err) == 0) {
		episode->journal.sync = sync;
		return episode;
	}
	fd_remove_tree(state, fresh, NULL);
	episode_free(episode);
	return NULL;
}

int episode_commit(struct episode *episode, json meta, struct err *err)
{
	BUF_AUTO text = {0};
	char hidden[EPISODE_ID_MAX + 2];
	bool sync = episode->journal.sync;
	if (json_dump(meta, false, &text, err) < 0)
		return -1;
	buf_add_char(&text, '\n');
	/* Nobody could open it. */
	if (text.len > META_MAX)
		return err_set(err, ERR_INPUT, "episode %s: its task's options are too long", episode->id);
	if (fd_replace_file(episode->dirfd, META, text.data, text.len, 0600, sync, err) < 0)
		return -1;
	FD_AUTO state = episode_state(sync, err);
	if (state < 0)
		return -1;
	snprintf(hidden, sizeof hidden, ".%s", episode->id);
	if (renameat2(state, hidden, state, episode->id, RENAME_NOREPLACE) < 0)
		return err_system(err, "episode %s", episode->id);
	if (sync && fsync(state) < 0)
		return err_system(err, "folder of the episodes");
	json_free(&episode->meta);
	episode->meta = json_copy(meta);
	return 0;
}

struct episode *episode_open(const char *id, struct err *err)
{
	if (!episode_id_valid(id)) {
		err_set(err, ERR_INPUT, "'%.80s' is no episode id", id);
		return NULL;
	}
	FD_AUTO state = episode_state(false, err);
	if (state < 0)
		return NULL;
	BUF_AUTO text = {0};
	struct episode *episode = episode_new(id);
	episode->dirfd = openat(state, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (episode->dirfd < 0) {
		if (errno == ENOENT)
			err_set(err, ERR_INPUT, "no such episode");
		else
			err_system(err, "episode %s", id);
	} else if (fd_read_file(episode->dirfd, META, META_MAX, &text, err) == 0 &&
	           json_parse(text.data, text.len, &episode->meta, err) == 0 &&
	           journal_open(episode->dirfd, &episode->journal, err) == 0) {
		/* Read-only when the file system is: flock works on either. A pipe in its place keeps nobody waiting. */
		episode->lock = openat(episode->dirfd, LOCK, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (episode->lock >= 0)
			return episode;
		err_system(err, "episode %s: lock", id);
	} else {
		err->code = ERR_SYSTEM;
		err_context(err, "episode %s", id);
	}
	episode_free(episode);
	return NULL;
}

int episode_remove(struct episode *episode, struct err *err)
{
	char hidden[EPISODE_ID_MAX + 2];
	FD_AUTO state = episode_state(false, err);
	if (state < 0)
		return -1;
	snprintf(hidden, sizeof hidden, ".%s", episode->id);
	/* First out of sight as a whole, so that nobody finds half an episode. */
	fd_make_mutable(episode->dirfd);
	episode_unlist(episode, state);
	if (!json_is_none(episode->meta) && renameat2(state, episode->id, state, hidden, RENAME_NOREPLACE) < 0 &&
	    errno != ENOENT)
		return err_system(err, "episode %s", episode->id);
	return fd_remove_tree(state, hidden, err);
}

void episode_abandon(struct episode *episode)
{
	if (episode->box)
		box_end(episode->box, NULL);
	episode_remove(episode, NULL);
}

/* flock() would wait through a stop signal, above all in a thread that has them blocked. */
static int wait_for_lock(const struct episode *episode, struct err *err)
{
	struct pollfd stop = {stop_fd(), POLLIN, 0};
	for (int patience = 1; flock(episode->lock, LOCK_EX | LOCK_NB) < 0; patience += patience < 20) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_system(err, "episode %s: lock", episode->id);
		if (poll(&stop, 1, patience) > 0)
			return err_set(err, ERR_SYSTEM, "stopped by a signal");
	}
	return 0;
}

bool episode_there(const struct episode *episode)
{
	struct stat st;
	return fstat(episode->lock, &st) == 0 && st.st_nlink > 0;
}

int episode_lock(struct episode *episode, struct err *err)
{
	struct stat st;
	if (wait_for_lock(episode, err) < 0)
		return -1;
	/* Closed and removed while we waited for it, or before. */
	if (fstat(episode->lock, &st) < 0 || st.st_nlink == 0) {
		episode_unlock(episode);
		return err_set(err, ERR_INPUT, "no such episode");
	}
	if (journal_refresh(&episode->journal, true, err) < 0) {
		episode_unlock(episode);
		return err_context(err, "episode %s", episode->id);
	}
	if (st.st_size > 0) /* a note why the box ended */
		episode_expire(episode);
	return 0;
}

void episode_unlock(struct episode *episode)
{
	flock(episode->lock, LOCK_UN);
}

int episode_note(struct episode *episode, json note, struct err *err)
{
	struct journal *journal = &episode->journal;
	/* The other half is for steps. */
	if (journal->size > (off_t)JOURNAL_LINE_MAX / 2)
		return err_set(err, ERR_INPUT, "the episode's record has no room for notes any more");
	return journal_append(journal, "note", journal->step, journal->ended, note, err);
}

static void set_ending(json *rollout, json steps, json expired)
{
	bool terminated = false, truncated = json_is_string(expired);
	int count = json_length(steps);
	if (count > 0) {
		json last = json_get(json_at(steps, count - 1), "observation");
		terminated = json_get_bool(last, "terminated", false);
		truncated = truncated || json_get_bool(last, "truncated", false);
	}
	json_set_bool(rollout, "terminated", terminated);
	json_set_bool(rollout, "truncated", truncated);
	if (json_is_string(expired))
		json_set(rollout, "expired", json_copy(expired));
}

/* The verdict's reward and those of all steps but submits, whose reward is a verdict's. NAN when one of them is not known. */
static double return_of(json steps, json verdict)
{
	double sum = json_get_number(verdict, "reward", NAN);
	for (int i = 0; i < json_length(steps); i++) {
		json observation = json_get(json_at(steps, i), "observation");
		if (!journal_is_submit(observation))
			sum += json_get_number(observation, "reward", NAN);
	}
	return sum;
}

/* The notebook has all of its outputs once more. */
static int add_artefacts(const struct episode *episode, json steps, json *record, struct err *err)
{
	BUF_AUTO text = {0};
	JSON_AUTO notebook = notebook_of(steps);
	if (json_is_none(notebook))
		return 0;
	if (json_dump(notebook, false, &text, err) < 0)
		return err_context(err, "episode %s: its notebook", episode->id);
	if ((size_t)episode->journal.size + text.len > JOURNAL_LINE_MAX) {
		json_free(&notebook);
		notebook = notebook_too_long();
	}
	json artefacts = json_new_object();
	json_set(&artefacts, "notebook.ipynb", json_take(&notebook));
	json_set(record, "artefacts", artefacts);
	return 0;
}

/* By what an agent would not have been told. */
static bool is_assisted(json notes)
{
	for (int i = 0; i < json_length(notes); i++)
		if (!json_get_string(json_at(notes, i), "text"))
			return true;
	return false;
}

int episode_rollout(const struct episode *episode, bool states, json *rollout, struct err *err)
{
	JSON_AUTO history = json_none();
	if (journal_history(&episode->journal, states, &history, err) < 0)
		return err_context(err, "episode %s", episode->id);
	json meta = episode->meta, verdict = json_get(history, "verdict");
	json record = json_new_object();
	json_set_string(&record, "type", "rollout");
	json_set_string(&record, "episode", episode->id);
	json_set(&record, "task", json_copy(json_get(meta, "task")));
	json_set(&record, "task_digest", json_copy(json_get(meta, "task_digest")));
	json_set(&record, "seed", json_copy(json_get(meta, "seed")));
	if (json_is_object(json_get(history, "parent")))
		json_set(&record, "parent", json_copy(json_get(history, "parent")));
	json_set(&record, "reset", json_copy(json_get(history, "reset")));
	if (states)
		json_set(&record, "state", json_copy(json_get(history, "state")));
	json_set(&record, "steps", json_copy(json_get(history, "steps")));
	json_set(&record, "reward", json_is_null(verdict) ? json_new_null() : json_copy(json_get(verdict, "reward")));
	double sum = return_of(json_get(history, "steps"), verdict);
	json_set(&record, "return", isnan(sum) ? json_new_null() : json_new_number(sum));
	/* Where nobody has written it yet, or nobody can. */
	const char *limit = episode_expiry(episode);
	if (limit)
		json_set_string(&history, "expired", limit);
	set_ending(&record, json_get(history, "steps"), json_get(history, "expired"));
	json_set(&record, "verdict", json_copy(verdict));
	if (json_length(json_get(history, "restores")) > 0)
		json_set(&record, "restores", json_copy(json_get(history, "restores")));
	json notes = json_get(history, "notes");
	if (json_length(notes) > 0)
		json_set(&record, "notes", json_copy(notes));
	if (is_assisted(notes))
		json_set_bool(&record, "assisted", true);
	if (add_artefacts(episode, json_get(history, "steps"), &record, err) < 0) {
		json_free(&record);
		return -1;
	}
	json_set(&record, "pipegym", json_copy(json_get(meta, "pipegym")));
	json_set(&record, "box", json_copy(json_get(meta, "box")));
	*rollout = record;
	return 0;
}
