/*
 * All that is in the folder of the episodes, and boxes that belong to none of
 * them any more.
 *
 * The socket of each box has a second name in STATE/boxes. When that is its
 * only one, the episode is gone; who serves there is found by connecting to it,
 * whatever it is called, and the kernel says which process that is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "episode_folder.h"
#include "fd.h"
#include "num.h"

/* --- the folder -------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted and owned, as many as *count. NULL if there are none. */
static char **read_names(DIR *folder, size_t *count)
{
	char **names = NULL;
	*count = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		names = mem_grow(names, *count, sizeof *names);
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
		if (state >= 0)
			err_system(err, "folder of the episodes");
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

/* Visits who serves where a socket has no name but this one; nobody: it is removed, if `tidy`. */
static int visit_lone(int boxes, const char *name, bool tidy, episode_orphan_visit *visit, void *context, struct err *err)
{
	struct stat st;
	bool gone;
	if (fstatat(boxes, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISSOCK(st.st_mode) || st.st_nlink != 1)
		return 0;
	struct box *box = box_connect(boxes, name, &gone, NULL);
	int result = box ? visit(box, context, err) : 0;
	if (tidy && result == 0 && (box || gone))
		unlinkat(boxes, name, 0);
	box_free(box);
	return result;
}

static int each_lone(bool tidy, episode_orphan_visit *visit, void *context, struct err *err)
{
	size_t count;
	int result = 0;
	FD_AUTO state = episode_state(false, err);
	if (state < 0)
		return -1;
	int boxes = openat(state, BOXES, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (boxes < 0 && errno == ENOENT)
		return 0; /* there never was a box */
	DIR *folder = boxes < 0 ? NULL : fdopendir(boxes);
	if (!folder) {
		err_system(err, "list of boxes");
		fd_close(&boxes);
		return -1;
	}
	char **names = read_names(folder, &count);
	bool failed = false;
	/* One that does not end does not keep the others. */
	for (size_t i = 0; i < count; free(names[i++]))
		if (result <= 0 && (result = visit_lone(boxes, names[i], tidy, visit, context, err)) < 0)
			failed = true;
	closedir(folder);
	free(names);
	return failed ? -1 : 0;
}

int episode_each_orphan(episode_orphan_visit *visit, void *context, struct err *err)
{
	return each_lone(false, visit, context, err);
}

static int end(struct box *box, void *context, struct err *err)
{
	(void)context;
	return box_end(box, err);
}

int episode_end_orphans(struct err *err)
{
	return each_lone(true, end, NULL, err);
}
