/*
 * The folders of a box that are a task's: its working directory, and what packs
 * are unpacked below.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Calls visit() with each, and stops at a failure. */
static int each_workspace(const struct box_spec *spec, int visit(char *path))
{
	char path[BOX_PATH_MAX];
	const char *folder = spec_paths(spec, BOX_UNPACKED);
	snprintf(path, sizeof path, "%s", spec->cwd);
	int failed = visit(path);
	for (uint32_t i = 0; i < spec->packs && !failed; i++, folder += strlen(folder) + 1) {
		size_t len = strlen(folder);
		errno = ENAMETOOLONG;
		failed = len >= sizeof path ? -1 : visit(memcpy(path, folder, len + 1));
	}
	return failed;
}

/* Of the folders on the way to it. */
static int fix_way(char *path)
{
	int failed = 0;
	for (char *slash = path; !failed && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		failed = fix_time(AT_FDCWD, path);
		*slash = '/';
	}
	return failed;
}

int workspaces_make(const struct box_spec *spec)
{
	return each_workspace(spec, make_folders);
}

int workspaces_date(const struct box_spec *spec)
{
	return each_workspace(spec, fix_way);
}

/* The folder of a pack that an absolute path lies in; "": none. */
static const char *workspace_of(const char *path)
{
	const char *folder = spec_paths(box.spec, BOX_UNPACKED);
	for (uint32_t i = 0; i < box.spec->packs; i++, folder += strlen(folder) + 1)
		if (!strncmp(path, folder, strlen(folder)) && path[strlen(folder)] == '/')
			return folder;
	return "";
}

bool workspaces_left(const char *path)
{
	char folder[PATH_MAX], real[PATH_MAX], here[PATH_MAX];
	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash)
		return false;
	*slash = '\0';
	if (!realpath(folder, real))
		return false;
	if (path[0] == '/')
		snprintf(here, sizeof here, "%s", workspace_of(path));
	else if (!getcwd(here, sizeof here))
		return true;
	size_t len = strlen(here);
	return len == 0 || strncmp(real, here, len) != 0 || (real[len] && real[len] != '/');
}
