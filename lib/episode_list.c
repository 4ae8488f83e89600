/* All that is in the folder of the episodes. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "episode_folder.h"
#include "fd.h"

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int episode_each(episode_visit *visit, void *context, struct err *err)
{
	char **ids = NULL;
	size_t count = 0, size = 0;
	int state = episode_state(false, err);
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
