/* Where groups can be made: by what /proc says of this process, and by what it may write. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "buf.h"
#include "cgroup.h"
#include "fd.h"

static const char *const controllers[] = {"memory", "pids"};
#define CONTROLLERS (sizeof controllers / sizeof *controllers)

/* Whether `word` is one of the words of a list. */
static bool lists(const char *list, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || strchr(", ", at[-1])) && (at[len] == '\0' || strchr(", \n", at[len])))
			return true;
	return false;
}

/* Where a hierarchy is mounted ("" is that of v2), and which part of it. */
struct mounted {
	char root[512], at[512];
};

static bool find_mount(const char *controller, struct mounted *mounted)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	while (mounts && !found && getline(&line, &size, mounts) > 0) {
		char options[512];
		const char *rest = strstr(line, " - ");
		const char *form = *controller ? " - cgroup %*s %511s" : " - cgroup2 %*s %511s";
		found = rest && sscanf(line, "%*s %*s %*s %511s %511s", mounted->root, mounted->at) == 2 &&
		        sscanf(rest, form, options) == 1 && (!*controller || lists(options, controller));
	}
	free(line);
	if (mounts)
		fclose(mounts);
	return found;
}

/* This process's group in a hierarchy, as a line of /proc/self/cgroup has it: "ID:CONTROLLERS:PATH". Owned, or NULL. */
static char *own_path(const char *controller)
{
	char *line = NULL, *found = NULL;
	size_t size = 0;
	FILE *groups = fopen("/proc/self/cgroup", "re");
	while (groups && !found && getline(&line, &size, groups) > 0) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		if (*controller ? lists(list + 1, controller) : list[1] == '\0')
			found = mem_string(path);
	}
	free(line);
	if (groups)
		fclose(groups);
	return found;
}

/* Its folder, with the mount point it lies below. Owned, or NULL with the reason. */
static char *own_folder(const char *controller, struct mounted *mounted, struct err *err)
{
	STRING_AUTO path = own_path(controller);
	if (!path || !find_mount(controller, mounted)) {
		err_set(err, ERR_SYSTEM, "%s is not mounted", *controller ? controller : "cgroup2");
		return NULL;
	}
	size_t skip = strcmp(mounted->root, "/") != 0 ? strlen(mounted->root) : 0;
	if (strstr(path, "/..") || strncmp(path, mounted->root, skip) != 0) {
		err_set(err, ERR_SYSTEM, "the group of this process is not seen below %s", mounted->at);
		return NULL;
	}
	return mem_format("%s%s", mounted->at, strcmp(path + skip, "/") == 0 ? "" : path + skip);
}

/* Appends a file of a group; nothing if it cannot be read. */
static void read_file(const char *folder, const char *name, struct buf *text)
{
	STRING_AUTO path = mem_format("%s/%s", folder, name);
	(void)fd_read_file(AT_FDCWD, path, 1u << 20, text, NULL);
}

static bool may_write(const char *folder, const char *name)
{
	STRING_AUTO path = mem_format("%s/%s", folder, name);
	return access(path, W_OK) == 0;
}

static bool has_both(const char *folder, const char *name)
{
	BUF_AUTO text = {0};
	read_file(folder, name, &text);
	return lists(buf_string(&text), controllers[0]) && lists(buf_string(&text), controllers[1]);
}

/*
 * Whether groups with memory and pids can be made below a group of v2: it is
 * ours to change, and passes the controllers on already or can, which takes
 * that no process is in it (but for the root of all). Where this process is
 * the only one, it can make room itself; others are not ours to move.
 */
static bool usable(const char *folder, bool own, bool *alone)
{
	BUF_AUTO processes = {0};
	STRING_AUTO self = mem_format("%d\n", (int)getpid());
	STRING_AUTO type = mem_format("%s/cgroup.type", folder);
	*alone = false;
	if (!may_write(folder, ".") || !may_write(folder, "cgroup.procs") || !may_write(folder, "cgroup.subtree_control"))
		return false;
	if (has_both(folder, "cgroup.subtree_control"))
		return true;
	if (!has_both(folder, "cgroup.controllers"))
		return false;
	read_file(folder, "cgroup.procs", &processes);
	*alone = own && strcmp(buf_string(&processes), self) == 0;
	return processes.len == 0 || *alone || access(type, F_OK) < 0; /* the root alone has no type */
}

static int find_v2(struct cgroup_place *place, struct err *err)
{
	struct mounted mounted;
	STRING_AUTO folder = own_folder("", &mounted, err);
	if (!folder)
		return -1;
	STRING_AUTO above = mem_string(folder);
	for (bool own = true;; own = false) {
		if (usable(above, own, &place->alone)) {
			place->parents[place->count++] = mem_string(above);
			return 0;
		}
		char *slash = strrchr(above, '/');
		if (strlen(above) <= strlen(mounted.at) || !slash)
			break;
		*slash = '\0';
	}
	return err_set(err, ERR_SYSTEM,
	               "%.200s: neither it nor a group above it is delegated with memory and pids, "
	               "and without processes of its own",
	               folder);
}

static int find_v1(struct cgroup_place *place, struct err *err)
{
	for (size_t i = 0; i < CONTROLLERS; i++) {
		struct mounted mounted;
		STRING_AUTO folder = own_folder(controllers[i], &mounted, err);
		if (!folder)
			return -1;
		if (!may_write(folder, ".") || !may_write(folder, "cgroup.procs"))
			return err_set(err, ERR_SYSTEM, "%.200s is not writable", folder);
		/* One hierarchy may have both. */
		if (place->count == 0 || strcmp(place->parents[0], folder) != 0)
			place->parents[place->count++] = mem_string(folder);
	}
	return 0;
}

int cgroup_find(enum cgroup_tier tier, struct cgroup_place *place, struct err *err)
{
	*place = (struct cgroup_place){.tier = tier};
	if ((tier == CGROUP_V2 ? find_v2(place, err) : find_v1(place, err)) == 0)
		return 0;
	cgroup_place_clear(place);
	return -1;
}
