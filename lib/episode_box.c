/* An episode and its box: reaching it, what became of it, where it serves, its control groups. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "episode_folder.h"
#include "fd.h"
#include "num.h"

static int reach(struct episode *episode, struct err *err)
{
	bool gone;
	if (!episode->box)
		episode->box = box_connect(episode->dirfd, SOCKET, &gone, err);
	if (episode->box)
		return 1;
	return gone ? 0 : err_context(err, "episode %s", episode->id);
}

bool episode_boxed(json meta)
{
	return !json_get_is(json_get(meta, "box"), "isolation", "none");
}

bool episode_landlock(json meta)
{
	return json_get_is(json_get(meta, "box"), "isolation", "landlock");
}

/* One that has said that its time is up may take a moment to end. */
int episode_reach(struct episode *episode, struct err *err)
{
	if (!episode_boxed(episode->meta))
		return 1;
	return episode->journal.expired ? 0 : reach(episode, err);
}

static off_t note_of(const struct episode *episode)
{
	struct stat st;
	return fstat(episode->lock, &st) == 0 ? st.st_size : 0;
}

const char *episode_expiry(const struct episode *episode)
{
	off_t note = note_of(episode);
	return episode->journal.ended                  ? NULL
	       : note == BOX_TOTAL || note == BOX_BUSY ? "total_s"
	       : note == BOX_IDLE                      ? "idle_s"
	                                               : NULL;
}

void episode_expire(struct episode *episode)
{
	const char *limit = episode_expiry(episode);
	if (!limit)
		return;
	JSON_AUTO value = json_new_object();
	json_set_string(&value, "limit", limit);
	json_set_bool(&value, "busy", note_of(episode) == BOX_BUSY);
	journal_append(&episode->journal, "expire", episode->journal.step, true, value, NULL);
}

const char *episode_condition(const struct episode *episode, bool live)
{
	return live ? "live" : episode->journal.expired || episode_expiry(episode) ? "expired" : "dead";
}

/* When its socket was made; 0: never. */
static double born_at(const struct episode *episode)
{
	struct stat socket;
	return fstatat(episode->dirfd, SOCKET, &socket, AT_SYMLINK_NOFOLLOW) == 0 ? num_time_s(&socket.st_mtim) : 0;
}

double episode_idle(const struct episode *episode)
{
	struct stat journal;
	double used = 0, born = born_at(episode);
	if (fstat(episode->journal.fd, &journal) == 0)
		used = num_time_s(&journal.st_mtim);
	return num_wall_s() - (used > born ? used : born);
}

double episode_box_age(const struct episode *episode)
{
	double born = born_at(episode), age = num_wall_s() - born;
	return born > 0 && age > 0 ? age : 0;
}

void episode_let_go_lines(struct episode *episode)
{
	line_free_all(episode->lines);
	box_free(episode->referee);
	episode->referee = NULL;
}

void episode_let_go(struct episode *episode)
{
	episode_let_go_lines(episode);
	box_free(episode->box);
	episode->box = NULL;
}

int episode_connect(struct episode *episode, struct err *err)
{
	static const char hint[] = "; env-restore rebuilds it";
	int reached = episode_reach(episode, err);
	if (reached != 0)
		return reached < 0 ? -1 : 0;
	off_t note = note_of(episode);
	if (note == BOX_TOTAL || note == BOX_BUSY)
		return err_set(err, ERR_SYSTEM, "the episode has expired: its time of %.0f s is up%s",
		               json_get_number(json_get(episode->meta, "limits"), "total_s", 0), hint);
	if (note == BOX_IDLE)
		return err_set(err, ERR_SYSTEM, "the episode has expired: nothing was asked of it for %.0f s%s",
		               json_get_number(episode->meta, "idle_s", EPISODE_IDLE_S), hint);
	/* It was about to be restored, which began a new note. */
	if (episode->journal.expired)
		return err_set(err, ERR_SYSTEM, "the episode has expired%s", hint);
	return err_set(err, ERR_SYSTEM, "the episode's box is gone (%s)%s",
	               note == BOX_KEEPER ? "the process that it was to live with has ended"
	                                  : "killed, or the machine was restarted",
	               hint);
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

int episode_end_box(struct episode *episode, struct err *err)
{
	/* A box that is gone is what is wanted. */
	if (!episode_boxed(episode->meta))
		return 0;
	if (reach(episode, NULL) > 0 && box_end(episode->box, err) < 0)
		return -1;
	remove_groups(episode);
	return 0;
}

int episode_home(const struct episode *episode, unsigned idle_s, int keeper, struct box_home *home, struct err *err)
{
	/* Opened anew: the lock of this process must not be the box's. */
	FD_AUTO note = openat(episode->dirfd, LOCK, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (note < 0)
		return err_system(err, "episode %s: lock", episode->id);
	int listener = box_listen(episode->dirfd, NEW_SOCKET, err);
	if (listener < 0)
		return -1;
	*home = (struct box_home){listener, note, keeper, idle_s};
	note = -1;
	return 0;
}

void episode_home_close(struct box_home *home)
{
	fd_close(&home->listener);
	fd_close(&home->note);
}

/* Where in STATE/boxes its socket is. A name that no other socket has, as long as it is there. */
static bool listed_name(const struct episode *episode, char name[48])
{
	struct stat st;
	if (fstatat(episode->dirfd, SOCKET, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	snprintf(name, 48, BOXES "/%llu", (unsigned long long)st.st_ino);
	return true;
}

/* What cannot have two names, on some file systems, is not found without its episode. */
static int list(const struct episode *episode, int state, struct err *err)
{
	char name[48];
	if (!listed_name(episode, name))
		return err_system(err, "socket %s", SOCKET);
	if (linkat(episode->dirfd, SOCKET, state, name, 0) == 0 || errno == EPERM || errno == EOPNOTSUPP)
		return 0;
	if (errno == ENOENT && (mkdirat(state, BOXES, 0700) == 0 || errno == EEXIST) &&
	    linkat(episode->dirfd, SOCKET, state, name, 0) == 0)
		return 0;
	return err_system(err, "list of boxes");
}

void episode_unlist(const struct episode *episode, int state)
{
	char name[48];
	if (listed_name(episode, name))
		unlinkat(state, name, 0);
}

/* Notes those of its new box; those of an earlier one are removed. */
static int keep_groups(const struct episode *episode, const struct box *box, struct err *err)
{
	BUF_AUTO text = {0};
	const char *path;
	remove_groups(episode);
	for (size_t i = 0; (path = box_group(box, i)); i++)
		buf_add_format(&text, "%s\n", path);
	if (text.len > 0)
		return fd_replace_file(episode->dirfd, GROUPS, text.data, text.len, 0600, false, err);
	return unlinkat(episode->dirfd, GROUPS, 0) == 0 || errno == ENOENT ? 0 : err_system(err, GROUPS);
}

int episode_serve(const struct episode *episode, const struct box *box, struct err *err)
{
	if (keep_groups(episode, box, err) < 0)
		return -1;
	FD_AUTO state = episode_state(false, err);
	if (state < 0)
		return -1;
	episode_unlist(episode, state);
	if (renameat(episode->dirfd, NEW_SOCKET, episode->dirfd, SOCKET) < 0)
		return err_system(err, "socket %s", SOCKET);
	return list(episode, state, err);
}

void episode_unlisten(const struct episode *episode)
{
	unlinkat(episode->dirfd, NEW_SOCKET, 0);
}
