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

int episode_reach(struct episode *episode, struct err *err)
{
	bool gone;
	if (!episode->box)
		episode->box = box_connect(episode->dirfd, SOCKET, &gone, err);
	if (episode->box)
		return 1;
	return gone ? 0 : err_context(err, "episode %s", episode->id);
}

static off_t note_of(const struct episode *episode)
{
	struct stat st;
	return fstat(episode->lock, &st) == 0 ? st.st_size : 0;
}

const char *episode_expiry(const struct episode *episode)
{
	off_t note = note_of(episode);
	return episode->journal.ended ? NULL : note == BOX_TOTAL ? "total_s" : note == BOX_IDLE ? "idle_s" : NULL;
}

void episode_expire(struct episode *episode)
{
	const char *limit = episode_expiry(episode);
	if (!limit)
		return;
	JSON_AUTO value = json_new_object();
	json_set_string(&value, "limit", limit);
	journal_append(&episode->journal, "expire", episode->journal.step, true, value, NULL);
}

const char *episode_condition(const struct episode *episode, bool live)
{
	return live ? "live" : episode->journal.expired || episode_expiry(episode) ? "expired" : "dead";
}

double episode_idle(const struct episode *episode)
{
	struct stat journal, socket;
	double used = 0, born = 0;
	if (fstat(episode->journal.fd, &journal) == 0)
		used = num_time_s(&journal.st_mtim);
	if (fstatat(episode->dirfd, SOCKET, &socket, AT_SYMLINK_NOFOLLOW) == 0)
		born = num_time_s(&socket.st_mtim);
	return num_wall_s() - (used > born ? used : born);
}

int episode_connect(struct episode *episode, struct err *err)
{
	static const char hint[] = "; env-restore rebuilds it";
	int reached = episode_reach(episode, err);
	if (reached != 0)
		return reached < 0 ? -1 : 0;
	off_t note = note_of(episode);
	if (note == BOX_TOTAL)
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

int episode_home(const struct episode *episode, unsigned idle_s, int keeper, struct box_home *home, struct err *err)
{
	FD_AUTO state = episode_state(false, err);
	if (state < 0)
		return -1;
	/* Opened anew: the lock of this process must not be the box's. */
	FD_AUTO note = openat(episode->dirfd, LOCK, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (note < 0)
		return err_system(err, "episode %s: lock", episode->id);
	FD_AUTO roster = openat(state, ROSTER, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	if (roster < 0)
		return err_system(err, "roster of boxes");
	int listener = box_listen(episode->dirfd, NEW_SOCKET, err);
	if (listener < 0)
		return -1;
	*home = (struct box_home){listener, note, roster, keeper, idle_s};
	note = roster = -1;
	return 0;
}

void episode_home_close(struct box_home *home)
{
	fd_close(&home->listener);
	fd_close(&home->note);
	fd_close(&home->roster);
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
