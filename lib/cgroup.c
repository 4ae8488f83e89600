/* Groups of boxes: made, handed on, removed. The theory is in cgroup.h, where they can be made in cgroup_find.c. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "num.h"

#define FOLDER "pipegym"
#define INIT "init"
#define VACATED "pipegym-main" /* for this process, where it alone is in the way */
#define BOTH "+memory +pids"
#define TRIES 1000 /* against sweeps by others, a millisecond each but for the first ones */
#define REMOVE_MS 1000

const char *cgroup_tier_name(enum cgroup_tier tier)
{
	static const char *const names[] = {"watchdog", "cgroup1", "cgroup2"};
	return names[tier];
}

const char *const *cgroup_tier_gaps(enum cgroup_tier tier)
{
	static const char *const watchdog[] = {
	        "kernel memory, such as that of sockets and pipes, and System V segments are not counted",
	        "memory that is filled between two looks, 5 to 100 ms apart, is seen by the second only",
	        NULL,
	};
	static const char *const cgroup[] = {
	        "messages that netlink sockets hold in the kernel are not counted",
	        "memory_mib and disk_mib are one limit for memory and files together; what processes hold beyond "
	        "memory_mib alone is seen by looks 5 to 100 ms apart",
	        NULL,
	};
	return tier == CGROUP_NONE ? watchdog : cgroup;
}

int cgroup_wanted(bool *wanted, struct err *err)
{
	const char *value = getenv("PIPEGYM_LIMITS");
	*wanted = value && strcmp(value, "cgroup") == 0;
	if (*wanted || !value || !*value || strcmp(value, "watchdog") == 0)
		return 0;
	return err_set(err, ERR_USAGE, "PIPEGYM_LIMITS: '%.80s' is neither watchdog nor cgroup", value);
}

/* --- the place ------------------------------------------------------ */

void cgroup_place_clear(struct cgroup_place *place)
{
	for (size_t i = 0; i < place->count; i++)
		free(place->parents[i]);
	*place = (struct cgroup_place){.tier = CGROUP_NONE};
}

/* Writes a file of a group. -1 with errno. */
static int put(const char *folder, const char *name, const char *text)
{
	STRING_AUTO path = mem_format("%s/%s", folder, name);
	return fd_put_text(path, text);
}

static int make_folder(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

/* A group with processes passes no controllers on. */
static int vacate(const char *folder)
{
	STRING_AUTO leaf = mem_format("%s/" VACATED, folder);
	return make_folder(leaf) < 0 ? -1 : put(leaf, "cgroup.procs", "0");
}

int cgroup_place_open(struct cgroup_place *place, struct err *err)
{
	struct err v2, v1;
	if (cgroup_find(CGROUP_V2, place, &v2) < 0 && cgroup_find(CGROUP_V1, place, &v1) < 0)
		return err_set(err, ERR_SYSTEM,
		               "PIPEGYM_LIMITS=cgroup: no control group for boxes can be had (v2: %.170s; v1: %.120s); "
		               "systemd-run --user --scope -p Delegate=yes COMMAND gives one",
		               v2.text, v1.text);
	const char *folder = place->parents[0];
	if (place->tier == CGROUP_V2 &&
	    ((place->alone && vacate(folder) < 0) || put(folder, "cgroup.subtree_control", BOTH) < 0)) {
		err_system(err, "PIPEGYM_LIMITS=cgroup: control group %.200s", folder);
		cgroup_place_clear(place);
		return -1;
	}
	cgroup_sweep(place);
	return 0;
}

/* --- removal ---------------------------------------------------------- */

/* 0: removed, or gone before. 1: it is in use, or has processes. */
static int remove_unused(const char *group)
{
	STRING_AUTO procs = mem_format("%s/cgroup.procs", group);
	FD_AUTO fd = open(procs, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		return 1;
	return rmdir(group) == 0 || errno == ENOENT ? 0 : 1;
}

static void sweep(const char *parent)
{
	STRING_AUTO path = mem_format("%s/" FOLDER, parent);
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		STRING_AUTO group = mem_format("%s/%s", path, entry->d_name);
		remove_unused(group);
	}
	closedir(folder);
	(void)rmdir(path); /* fails while there are others */
}

void cgroup_sweep(const struct cgroup_place *place)
{
	for (size_t i = 0; i < place->count; i++)
		sweep(place->parents[i]);
}

void cgroup_tidy(bool anyway)
{
	bool wanted;
	CGROUP_PLACE_AUTO place = {.tier = CGROUP_NONE};
	if (cgroup_wanted(&wanted, NULL) < 0 || !(wanted || anyway) ||
	    (cgroup_find(CGROUP_V2, &place, NULL) < 0 && cgroup_find(CGROUP_V1, &place, NULL) < 0))
		return;
	cgroup_sweep(&place);
}

void cgroup_remove(const char *path)
{
	int64_t deadline = num_now_ms() + REMOVE_MS;
	while (remove_unused(path) && num_now_ms() < deadline)
		usleep(1000);
	STRING_AUTO parent = mem_string(path);
	char *slash = strrchr(parent, '/');
	if (!slash)
		return;
	*slash = '\0';
	STRING_AUTO init = mem_format("%s/" INIT, parent);
	if (remove_unused(init) == 0)
		(void)rmdir(parent);
}

/* --- making ----------------------------------------------------------- */

/* Opens a group's cgroup.procs and holds it against sweeps. 1: it was swept before that, once more from the beginning. */
static int hold(struct cgroup *group, const char *path)
{
	STRING_AUTO procs = mem_format("%s/cgroup.procs", path);
	int fd = open(procs, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 1 : -1;
	group->fds[group->fd_count++] = fd;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? 1 : -1;
	return access(procs, F_OK) == 0 ? 0 : 1;
}

static int hold_events(struct cgroup *group, size_t hierarchy, const char *name)
{
	STRING_AUTO path = mem_format("%s/%s", group->paths[hierarchy], name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	group->fds[group->fd_count++] = fd;
	return 0;
}

/* A limit that not every kernel has, or that is not ours to set. */
static int put_if_there(const char *folder, const char *name, const char *text)
{
	return put(folder, name, text) == 0 || errno == ENOENT || errno == EOPNOTSUPP || errno == EACCES ? 0 : -1;
}

static int limit(const struct cgroup *group, enum cgroup_tier tier, unsigned memory_mib, unsigned processes)
{
	char memory[32], pids[32];
	const char *folder = group->paths[0];
	snprintf(memory, sizeof memory, "%llu", (unsigned long long)memory_mib << 20);
	snprintf(pids, sizeof pids, "%u", processes);
	if (put(group->paths[group->count - 1], "pids.max", pids) < 0)
		return -1;
	if (tier == CGROUP_V2)
		return put(folder, "memory.max", memory) < 0 || put_if_there(folder, "memory.swap.max", "0") < 0 ? -1 : 0;
	/* Memory and swap together, and TCP's buffers, which v1 counts apart. */
	return put(folder, "memory.limit_in_bytes", memory) < 0 ||
	                       put_if_there(folder, "memory.memsw.limit_in_bytes", memory) < 0 ||
	                       put_if_there(folder, "memory.kmem.tcp.limit_in_bytes", memory) < 0
	               ? -1
	               : 0;
}

/* The folders and their descriptors. 0; 1: a sweep came in between; -1 with errno. */
static int make(struct cgroup *group, const struct cgroup_place *place, const char *name)
{
	int result = 0;
	char *inits[CGROUP_HIERARCHIES_MAX] = {NULL};
	for (size_t i = 0; i < place->count && !result; i++) {
		STRING_AUTO folder = mem_format("%s/" FOLDER, place->parents[i]);
		group->paths[group->count++] = mem_format("%s/%s", folder, name);
		inits[i] = mem_format("%s/" INIT, folder);
		if (make_folder(folder) < 0 ||
		    (place->tier == CGROUP_V2 && put(folder, "cgroup.subtree_control", BOTH) < 0) ||
		    make_folder(inits[i]) < 0 || mkdir(group->paths[i], 0755) < 0)
			result = errno == ENOENT || errno == ENODEV ? 1 : -1;
	}
	for (size_t i = 0; i < place->count && !result; i++)
		result = hold(group, group->paths[i]);
	for (size_t i = 0; i < place->count && !result; i++)
		result = hold(group, inits[i]);
	for (size_t i = 0; i < CGROUP_HIERARCHIES_MAX; i++)
		free(inits[i]);
	return result;
}

static struct cgroup *attempt(const struct cgroup_place *place, unsigned memory_mib, unsigned processes, int *result)
{
	char name[] = "box-xxxxxxxxxxxx";
	num_random_name(name + 4, 12);
	struct cgroup *group = mem_alloc(1, sizeof *group);
	*result = make(group, place, name);
	if (!*result && (limit(group, place->tier, memory_mib, processes) < 0 ||
	                 hold_events(group, 0, place->tier == CGROUP_V2 ? "memory.events" : "memory.oom_control") < 0 ||
	                 hold_events(group, group->count - 1, "pids.events") < 0))
		*result = -1;
	if (!*result)
		return group;
	int error = errno;
	cgroup_close(group);
	for (size_t i = 0; i < group->count; i++)
		(void)rmdir(group->paths[i]);
	cgroup_free(group);
	errno = error;
	return NULL;
}

struct cgroup *cgroup_new(const struct cgroup_place *place, unsigned memory_mib, unsigned processes, struct err *err)
{
	int result = 1;
	for (int i = 0; i < TRIES && result > 0; i++) {
		struct cgroup *group = attempt(place, memory_mib, processes, &result);
		if (group)
			return group;
		if (i >= 10)
			usleep(1000);
	}
	err_system(err, "control group for a box below %.300s", place->parents[0]);
	return NULL;
}

void cgroup_close(struct cgroup *group)
{
	for (size_t i = 0; i < group->fd_count; i++)
		fd_close(&group->fds[i]);
	group->fd_count = 0;
}

void cgroup_free(struct cgroup *group)
{
	if (!group)
		return;
	cgroup_close(group);
	for (size_t i = 0; i < group->count; i++)
		free(group->paths[i]);
	free(group);
}
