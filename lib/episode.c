#include "episode.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "num.h"
#include "stop.h"

#define META "episode.json"
#define LOCK "lock"
#define GROUPS "groups"
#define SOCKET "box.sock"
#define NEW_SOCKET ".box.sock"
#define META_MAX (1u << 20)

bool episode_id_valid(const char *id)
{
	size_t len = strlen(id);
	if (len == 0 || len > EPISODE_ID_MAX || strchr("-._", id[0]))
		return false;
	return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

void episode_id_random(char id[EPISODE_ID_MAX + 1])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford's base 32 */
	uint64_t bits = 0;
	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		bits = (uint64_t)num_now_us() * 0x9e3779b97f4a7c15u + (uint64_t)getpid();
	strcpy(id, "ep-");
	for (int i = 3; i < 16; i++, bits >>= 5)
		id[i] = digits[bits & 31];
	id[16] = '\0';
}

/* A descriptor of STATE/episodes, which is made if need be; with sync, so that it lasts. */
static int open_state(bool sync, struct err *err)
{
	const char *state = getenv("PIPEGYM_STATE"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	STRING_AUTO path = NULL;
	if (state && *state)
		path = mem_format("%s/episodes", state);
	else if (xdg && *xdg == '/')
		path = mem_format("%s/pipegym/episodes", xdg);
	else if (home && *home)
		path = mem_format("%s/.local/state/pipegym/episodes", home);
	else
		return err_set(err, ERR_SYSTEM, "no state folder: set PIPEGYM_STATE or HOME");
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
	return episode;
}

void episode_free(struct episode *episode)
{
	if (!episode)
		return;
	box_free(episode->box);
	journal_close(&episode->journal);
	fd_close(&episode->lock);
	fd_close(&episode->dirfd);
	json_free(&episode->meta);
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
	FD_AUTO state = open_state(sync, err);
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
	if (fd_replace_file(episode->dirfd, META, text.data, text.len, 0600, sync, err) < 0)
		return -1;
	FD_AUTO state = open_state(sync, err);
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
	FD_AUTO state = open_state(false, err);
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
		/* Read-only when the file system is: flock works on either. */
		episode->lock = openat(episode->dirfd, LOCK, O_RDONLY | O_CLOEXEC);
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
	FD_AUTO state = open_state(false, err);
	if (state < 0)
		return -1;
	snprintf(hidden, sizeof hidden, ".%s", episode->id);
	/* First out of sight as a whole, so that nobody finds half an episode. */
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
	return 0;
}

void episode_unlock(struct episode *episode)
{
	flock(episode->lock, LOCK_UN);
}

int episode_reach(struct episode *episode, struct err *err)
{
	bool gone;
	if (!episode->box)
		episode->box = box_connect(episode->dirfd, SOCKET, &gone, err);
	if (episode->box)
		return 1;
	return gone ? 0 : err_context(err, "episode %s", episode->id);
}

static double total_s(const struct episode *episode)
{
	return json_get_number(json_get(episode->meta, "limits"), "total_s", 0);
}

bool episode_expired(const struct episode *episode)
{
	struct stat st;
	/* The socket is as old as the box, which need not be the episode's first. */
	double born = fstatat(episode->dirfd, SOCKET, &st, AT_SYMLINK_NOFOLLOW) == 0
	                      ? (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9
	                      : json_get_number(episode->meta, "created", 0);
	return total_s(episode) > 0 && num_wall_s() - born >= total_s(episode);
}

int episode_connect(struct episode *episode, struct err *err)
{
	static const char hint[] = "; env-restore rebuilds it";
	int reached = episode_reach(episode, err);
	if (reached != 0)
		return reached < 0 ? -1 : 0;
	if (episode_expired(episode))
		return err_set(err, ERR_SYSTEM, "the episode has expired: its time of %.0f s is up%s", total_s(episode),
		               hint);
	return err_set(err, ERR_SYSTEM,
	               "the episode's box is gone (idle for too long, killed, or the machine was restarted)%s", hint);
}

/* Also of an earlier box: what is gone is no error. */
static void remove_groups(const struct episode *episode)
{
	BUF_AUTO text = {0};
	if (fd_read_file(episode->dirfd, GROUPS, 1u << 16, &text, NULL) < 0)
		return;
	char *rest = text.data;
	for (char *path; (path = strsep(&rest, "\n"));)
		if (path[0] == '/')
			cgroup_remove(path);
}

int episode_keep_groups(const struct episode *episode, const struct box *box, struct err *err)
{
	BUF_AUTO text = {0};
	const char *path;
	remove_groups(episode);
	for (size_t i = 0; (path = box_group(box, i)); i++)
		buf_add_format(&text, "%s\n", path);
	if (text.len > 0)
		return fd_replace_file(episode->dirfd, GROUPS, text.data, text.len, 0600, 0, err);
	return unlinkat(episode->dirfd, GROUPS, 0) == 0 || errno == ENOENT ? 0 : err_system(err, GROUPS);
}

int episode_end_box(struct episode *episode, struct err *err)
{
	/* A box that is gone is what is wanted. */
	if (episode_connect(episode, NULL) == 0 && box_end(episode->box, err) < 0)
		return -1;
	remove_groups(episode);
	return 0;
}

int episode_listen(const struct episode *episode, struct err *err)
{
	return box_listen(episode->dirfd, NEW_SOCKET, err);
}

int episode_serve(const struct episode *episode, struct err *err)
{
	if (renameat(episode->dirfd, NEW_SOCKET, episode->dirfd, SOCKET) < 0)
		return err_system(err, "socket %s", SOCKET);
	return 0;
}

void episode_unlisten(const struct episode *episode)
{
	unlinkat(episode->dirfd, NEW_SOCKET, 0);
}

static void set_ending(json *rollout, json steps)
{
	bool terminated = false, truncated = false;
	int count = json_length(steps);
	if (count > 0) {
		json last = json_get(json_at(steps, count - 1), "observation");
		terminated = json_get_bool(last, "terminated", false);
		truncated = json_get_bool(last, "truncated", false);
	}
	json_set_bool(rollout, "terminated", terminated);
	json_set_bool(rollout, "truncated", truncated);
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

int episode_rollout(const struct episode *episode, json *rollout, struct err *err)
{
	JSON_AUTO history = json_none();
	if (journal_history(&episode->journal, &history, err) < 0)
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
	json_set(&record, "steps", json_copy(json_get(history, "steps")));
	json_set(&record, "reward", json_is_null(verdict) ? json_new_null() : json_copy(json_get(verdict, "reward")));
	double sum = return_of(json_get(history, "steps"), verdict);
	json_set(&record, "return", isnan(sum) ? json_new_null() : json_new_number(sum));
	set_ending(&record, json_get(history, "steps"));
	json_set(&record, "verdict", json_copy(verdict));
	if (json_length(json_get(history, "restores")) > 0)
		json_set(&record, "restores", json_copy(json_get(history, "restores")));
	json_set(&record, "pipegym", json_copy(json_get(meta, "pipegym")));
	json_set(&record, "box", json_copy(json_get(meta, "box")));
	*rollout = record;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int episode_each(episode_visit *visit, void *context, struct err *err)
{
	char **ids = NULL;
	size_t count = 0, size = 0;
	int state = open_state(false, err);
	DIR *folder = state < 0 ? NULL : fdopendir(state);
	if (!folder) {
		fd_close(&state);
		return -1;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (!episode_id_valid(entry->d_name + (entry->d_name[0] == '.')))
			continue;
		if (count == size) {
			size = size ? 2 * size : 64;
			char **more = mem_alloc(size, sizeof *more);
			if (ids)
				memcpy(more, ids, count * sizeof *more);
			free(ids);
			ids = more;
		}
		ids[count++] = mem_string(entry->d_name);
	}
	closedir(folder);
	if (count > 0)
		qsort(ids, count, sizeof *ids, compare_ids);
	int result = 0;
	for (size_t i = 0; i < count; free(ids[i++])) {
		bool unfinished = ids[i][0] == '.';
		if (result == 0)
			result = visit(ids[i] + unfinished, unfinished, context, err);
	}
	free(ids);
	return result < 0 ? -1 : 0;
}

int episode_remove_unfinished(const char *id, struct err *err)
{
	char hidden[EPISODE_ID_MAX + 2];
	FD_AUTO state = open_state(false, err);
	if (state < 0)
		return -1;
	snprintf(hidden, sizeof hidden, ".%s", id);
	FD_AUTO folder = openat(state, hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	FD_AUTO lock = folder < 0 ? -1 : openat(folder, LOCK, O_RDWR | O_CLOEXEC);
	/* Its maker holds the lock for as long as it lives. */
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0)
		return 0;
	return fd_remove_tree(state, hidden, err);
}
