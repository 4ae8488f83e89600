/*
 * Whether a base shows tasks. Mounts give one folder several names; what is
 * compared is where folders lie on their file systems, which is what a mount's
 * line in /proc/self/mountinfo (proc(5)) says.
 */
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "task_schema.h"
#include "task_workspaces.h"

#define MOUNTS_MAX ((size_t)64 << 20) /* bytes of mountinfo */

/* A folder's file system and its path there: "8:1" and "/srv/tasks". */
struct spot {
	char device[32];
	char path[2 * PATH_MAX];
};

/* Undoes \040 and the like, in place. */
static void unescape(char *text)
{
	char *to = text;
	for (const char *at = text; *at; to++) {
		unsigned code;
		if (*at == '\\' && sscanf(at + 1, "%3o", &code) == 1 && strlen(at) >= 4) {
			*to = (char)code;
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

/* The rest of path below folder, beginning with '/' or empty; NULL: it is not there. */
static const char *below(const char *folder, const char *path)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
	return strncmp(folder, path, len) == 0 && (path[len] == '/' || path[len] == '\0') ? path + len : NULL;
}

/* The line of a mount: "36 35 8:1 /root /mountpoint ...", cut into its words. */
static bool find_mount(char *mounts, uint64_t id, struct spot *spot, char **root, char **point)
{
	for (char *line = mounts, *end; line && *line; line = end) {
		uint64_t own;
		int at = 0;
		if ((end = strchr(line, '\n')))
			*end++ = '\0';
		if (sscanf(line, "%" SCNu64 " %*u %31s %n", &own, spot->device, &at) != 2 || own != id || at == 0)
			continue;
		*root = line + at;
		*point = strchr(*root, ' ');
		if (!*point)
			return false;
		*(*point)++ = '\0';
		(*point)[strcspn(*point, " ")] = '\0';
		unescape(*root);
		unescape(*point);
		return true;
	}
	return false;
}

/* 0, 1 when there is no such folder, or -1. */
static int locate(const char *path, struct spot *spot, struct err *err)
{
	char absolute[PATH_MAX], *root, *point;
	struct statx info;
	BUF_AUTO mounts = {0};
	if (!realpath(path, absolute)) {
		bool missing = errno == ENOENT || errno == ENOTDIR;
		err_system(err, "%s", path);
		return missing ? 1 : -1;
	}
	FD_AUTO fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || statx(AT_FDCWD, absolute, 0, STATX_MNT_ID, &info) < 0)
		return err_system(err, "%s", fd < 0 ? "/proc/self/mountinfo" : absolute);
	if (fd_read_all(fd, MOUNTS_MAX, &mounts, err) < 0)
		return err_context(err, "/proc/self/mountinfo");
	const char *rest = NULL;
	if (info.stx_mask & STATX_MNT_ID && mounts.len > 0 && find_mount(mounts.data, info.stx_mnt_id, spot, &root, &point))
		rest = below(point, absolute);
	if (!rest)
		return err_set(err, ERR_SYSTEM, "%s: cannot tell on which mount it is", absolute);
	snprintf(spot->path, sizeof spot->path, "%s%s", *rest && strcmp(root, "/") == 0 ? "" : root, rest);
	return 0;
}

/* Below a place of tasks a base may lie in a task's folder, or in one at the same depth that is none. */
static bool shows_task(const char *place, const char *rest)
{
	static const char *const taken[] = {"cheats", "files", "tests", "workspaces", NULL};
	const char *set = rest + strspn(rest, "/"), *name = strchr(set, '/');
	if (!name)
		return true;
	name++;
	size_t len = strcspn(name, "/");
	STRING_AUTO definition = mem_format("%s/%.*s/task.json", place, (int)(name + len - set), set);
	if (access(definition, F_OK) < 0 && errno == ENOENT)
		return false;
	const char *part = name + len + strspn(name + len, "/");
	return *part == '\0' || task_path_in(part, taken);
}

/* A link there would lead the files of the task and what is graded to different folders. */
static int check_way(const struct task *task, const char *workspace, struct err *err)
{
	for (const char *slash = strchr(workspace + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		STRING_AUTO path = mem_format("%s%.*s", task->base[0], (int)(slash - workspace), workspace);
		struct stat info;
		if (lstat(path, &info) == 0 && S_ISLNK(info.st_mode))
			return err_set(err, ERR_INPUT, "task %s: base: %s, on the way to the workspace, is a symbolic link",
			               task->id, path);
	}
	return 0;
}

int task_check_base(const struct task *task, struct err *err)
{
	struct spot base, place;
	struct workspaces workspaces;
	if (!task->base[0])
		return 0;
	if (locate(task->base[0], &base, err) != 0)
		return err_context(err, "task %s: base", task->id);
	for (const char *const *at = task->places; at && *at; at++) {
		int missing = locate(*at, &place, err);
		if (missing < 0)
			return -1;
		if (missing || strcmp(base.device, place.device) != 0)
			continue;
		const char *rest = below(place.path, base.path);
		if (below(base.path, place.path) || (rest && shows_task(*at, rest)))
			return err_set(
			        err, ERR_INPUT,
			        "task %s: base %s: it would show tasks and their solutions, or episodes (those in %s)",
			        task->id, task->base[0], *at);
	}
	workspaces_of(task->definition, &workspaces);
	for (size_t i = 0; i < workspaces.count; i++)
		if (check_way(task, workspaces.paths[i], err) < 0)
			return -1;
	return 0;
}
