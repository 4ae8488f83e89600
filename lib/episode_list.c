/*
 * All that is in the folder of the episodes, and boxes that belong to none of
 * them any more.
 *
 * Such a box is told from other processes by the kernel alone: it holds a lock
 * on the roster of this state folder, and /proc/locks says which processes do.
 * A lock ends with its process and is not inherited, so that no name, file or
 * process id that somebody has written down is believed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "episode_folder.h"
#include "fd.h"
#include "num.h"

#define LOOKER_BYTE (BOX_ROSTER_BYTE + 1) /* of the roster: who has a lock on it looks for boxes */
#define LOOKED_MS 1000                    /* for a box to end that was told to look */
#define KILLED_MS 5000

/* --- the folder -------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted and owned, as many as *count. NULL if there are none. */
static char **read_names(DIR *folder, size_t *count)
{
	char **names = NULL;
	size_t size = 0;
	*count = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (*count == size) {
			size = size ? 2 * size : 64;
			char **more = mem_alloc(size, sizeof *more);
			if (names)
				memcpy(more, names, *count * sizeof *more);
			free(names);
			names = more;
		}
		names[(*count)++] = mem_string(entry->d_name);
	}
	if (names)
		qsort(names, *count, sizeof *names, compare_names);
	return names;
}

static enum episode_kind kind_of(int state, const char *name)
{
	static const char *const parts[] = {LOCK, META};
	if (!episode_id_valid(name + (name[0] == '.')))
		return EPISODE_FOREIGN;
	/* An episode that is made, or removed, begins and ends as an empty folder. */
	if (name[0] == '.')
		return EPISODE_UNFINISHED;
	FD_AUTO folder = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* One that ends just now is not foreign, and one whose folder cannot be opened will say why. */
	if (folder < 0)
		return errno == ENOTDIR || errno == ELOOP ? EPISODE_FOREIGN : EPISODE;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (faccessat(folder, parts[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return EPISODE;
	return EPISODE_FOREIGN;
}

static struct episode_entry entry_of(int state, const char *name)
{
	struct stat st;
	struct episode_entry entry = {name, kind_of(state, name), 0};
	if (entry.kind == EPISODE_UNFINISHED)
		entry.name++;
	if (entry.kind != EPISODE && fstatat(state, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		entry.age_s = num_wall_s() - num_time_s(&st.st_mtim);
	return entry;
}

int episode_each(episode_visit *visit, void *context, struct err *err)
{
	size_t count;
	int state = episode_state(false, err);
	DIR *folder = state < 0 ? NULL : fdopendir(state);
	if (!folder) {
		fd_close(&state);
		return -1;
	}
	char **names = read_names(folder, &count);
	int result = 0;
	for (size_t i = 0; i < count; free(names[i++])) {
		if (result != 0)
			continue;
		struct episode_entry entry = entry_of(state, names[i]);
		result = visit(&entry, context, err);
	}
	closedir(folder);
	free(names);
	return result < 0 ? -1 : 0;
}

int episode_remove_unfinished(const char *id, struct err *err)
{
	char hidden[EPISODE_ID_MAX + 2];
	FD_AUTO state = episode_state(false, err);
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

/* --- boxes without an episode ------------------------------------------- */

struct pids {
	pid_t *list;
	size_t count, size;
};

static void add(struct pids *pids, pid_t pid)
{
	if (pids->count == pids->size) {
		pids->size = pids->size ? 2 * pids->size : 64;
		pid_t *more = mem_alloc(pids->size, sizeof *more);
		if (pids->list)
			memcpy(more, pids->list, pids->count * sizeof *more);
		free(pids->list);
		pids->list = more;
	}
	pids->list[pids->count++] = pid;
}

static bool has(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->list[i] == pid)
			return true;
	return false;
}

/* A line of /proc/locks (proc_locks(5)) that is about a lock on one byte of a file. */
static bool parse_lock(const char *line, pid_t *pid, char file[64], unsigned long *byte)
{
	unsigned long end;
	return sscanf(line, "%*d: POSIX %*s %*s %d %63s %lu %lu", pid, file, byte, &end) == 4 && end == *byte;
}

/* Which processes are boxes of this state folder. The file is known by the entry of this process's own lock on it: what
 * stat(2) says of it need not be what the kernel says there. */
static int find_boxes(struct pids *boxes, struct err *err)
{
	struct flock own = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = LOOKER_BYTE, .l_len = 1};
	BUF_AUTO text = {0};
	char file[64], roster[64] = "";
	pid_t pid;
	unsigned long byte;
	FD_AUTO state = episode_state(false, err);
	FD_AUTO fd = state < 0 ? -1 : openat(state, ROSTER, O_RDONLY | O_CLOEXEC);
	if (state < 0)
		return -1;
	/* Where there is no roster there were no boxes, and where it cannot be locked they could not either. */
	if (fd < 0 || fcntl(fd, F_SETLK, &own) < 0 ||
	    fd_read_file(AT_FDCWD, "/proc/locks", (size_t)64 << 20, &text, NULL) < 0)
		return 0;
	for (int found = 0; found < 2; found++) {
		STRING_AUTO lines = mem_string(buf_string(&text));
		char *rest = lines;
		for (char *line; (line = strsep(&rest, "\n"));) {
			if (!parse_lock(line, &pid, file, &byte))
				continue;
			if (!found && byte == LOOKER_BYTE && pid == getpid())
				memcpy(roster, file, sizeof roster);
			if (found && byte == BOX_ROSTER_BYTE && strcmp(file, roster) == 0)
				add(boxes, pid);
		}
	}
	return 0;
}

/* The box of an entry, if it has one that serves. */
static int add_box_of(const struct episode_entry *entry, void *context, struct err *err)
{
	bool gone;
	(void)err;
	FD_AUTO state = entry->kind == EPISODE ? episode_state(false, NULL) : -1;
	FD_AUTO folder = state < 0 ? -1 : openat(state, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct box *box = folder < 0 ? NULL : box_connect(folder, SOCKET, &gone, NULL);
	if (box)
		add(context, box_pid(box));
	box_free(box);
	return 0;
}

static int find_orphans(struct pids *orphans, struct err *err)
{
	struct pids boxes = {0}, known = {0};
	/* In this order: a box has its lock only once its episode has its name. */
	int failed = find_boxes(&boxes, err);
	if (!failed && boxes.count > 0)
		failed = episode_each(add_box_of, &known, err);
	for (size_t i = 0; !failed && i < boxes.count; i++)
		if (!has(&known, boxes.list[i]))
			add(orphans, boxes.list[i]);
	free(boxes.list);
	free(known.list);
	return failed;
}

int episode_orphans(pid_t **pids, struct err *err)
{
	struct pids orphans = {0};
	if (find_orphans(&orphans, err) < 0)
		return -1;
	*pids = orphans.list;
	return (int)orphans.count;
}

/* Waits until all have ended, or the time is up. Whether they have. */
static bool all_end(struct pollfd *boxes, size_t count, int within_ms)
{
	int64_t deadline = num_now_ms() + within_ms;
	for (size_t i = 0; i < count; i++) {
		int64_t left = deadline - num_now_ms();
		if (boxes[i].fd >= 0 && poll(&boxes[i], 1, left > 0 ? (int)left : 0) <= 0)
			return false;
	}
	return true;
}

static void signal_each(const struct pollfd *boxes, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (boxes[i].fd >= 0)
			pidfd_send_signal(boxes[i].fd, number, NULL, 0);
}

int episode_end_orphans(bool force, struct err *err)
{
	struct pids orphans = {0}, still = {0};
	if (find_orphans(&orphans, err) < 0)
		return -1;
	struct pollfd *boxes = mem_alloc(orphans.count + 1, sizeof *boxes);
	for (size_t i = 0; i < orphans.count; i++)
		boxes[i] = (struct pollfd){pidfd_open(orphans.list[i], 0), POLLIN, 0};
	/* Who still has the lock did not become another process before its pidfd was opened. */
	int failed = orphans.count > 0 ? find_boxes(&still, err) : 0;
	for (size_t i = 0; i < orphans.count; i++)
		if (!has(&still, orphans.list[i]))
			fd_close(&boxes[i].fd);
	/* It looks whether its episode is there, and nobody else minds. */
	signal_each(boxes, orphans.count, SIGCHLD);
	bool ended = all_end(boxes, orphans.count, LOOKED_MS);
	if (!ended && force) {
		signal_each(boxes, orphans.count, SIGKILL);
		if (!all_end(boxes, orphans.count, KILLED_MS))
			failed = err_set(err, ERR_SYSTEM, "a box without an episode does not end");
	}
	for (size_t i = 0; i < orphans.count; i++)
		fd_close(&boxes[i].fd);
	free(boxes);
	free(orphans.list);
	free(still.list);
	return failed;
}
