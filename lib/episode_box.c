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
