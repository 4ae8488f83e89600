#ifndef PIPEGYM_CGROUP_H
#define PIPEGYM_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/*
 * Control groups for boxes, only where PIPEGYM_LIMITS=cgroup asks for them.
 *
 * Theory. Below a group that this process may change there is one folder
 * `pipegym`, and in it a group for each box, with limits for memory and
 * processes, and one without, `init`, for the pids 1 of all boxes: the kernel
 * kills who it likes in a group that is full, and with pid 1 its box would go.
 * A box is born in its group, so that this is the root of its cgroup namespace
 * and commands see themselves in "/"; pid 1 leaves it when the box is ready,
 * and each command enters it before it is executed. Both write to descriptors
 * of cgroup.procs that are opened here, with the rights that this program has
 * and a box has not: the kernel goes by who opened it (Linux 5.16; 5.15.14).
 *
 * Whoever makes or uses a group holds a shared flock() on its cgroup.procs, and
 * pid 1 does for as long as it lives, whatever it dies of. So a group without a
 * lock is a leftover, and the next sweep removes it.
 */
#define CGROUP_HIERARCHIES_MAX 2
#define CGROUP_FDS_MAX (2 * CGROUP_HIERARCHIES_MAX + 2)

enum cgroup_tier {
	CGROUP_NONE, /* "watchdog" */
	CGROUP_V1,   /* "cgroup1": memory and pids may be hierarchies of their own */
	CGROUP_V2,   /* "cgroup2" */
};

/* As in records. Gaps: what the tier does not count, in short sentences; ends with NULL. */
const char *cgroup_tier_name(enum cgroup_tier tier);
const char *const *cgroup_tier_gaps(enum cgroup_tier tier);

/* What PIPEGYM_LIMITS says. 0 and *wanted, or -1 and ERR_USAGE: it is neither watchdog nor cgroup. */
int cgroup_wanted(bool *wanted, struct err *err);

/* The folders of `pipegym`, one for each hierarchy: memory's first. */
struct cgroup_place {
	enum cgroup_tier tier;
	size_t count;                          /* 1 if one hierarchy has both controllers */
	char *parents[CGROUP_HIERARCHIES_MAX]; /* without "/pipegym"; owned */
	bool alone;                            /* this process is in parents[0] itself, and must leave it first (v2) */
};

#define CGROUP_PLACE_AUTO __attribute__((cleanup(cgroup_place_clear))) struct cgroup_place
void cgroup_place_clear(struct cgroup_place *place);

/* cgroup_find.c: where groups of a version (CGROUP_V1, CGROUP_V2) can be made. Only looks. Returns 0, or -1 and why not. */
int cgroup_find(enum cgroup_tier tier, struct cgroup_place *place, struct err *err);

/* The place that is to be used, v2 before v1, made ready; what was left behind in it is removed. 0, or -1 and ERR_SYSTEM. */
int cgroup_place_open(struct cgroup_place *place, struct err *err);

/* Removes the groups of boxes that are gone, and `pipegym` with the last one. */
void cgroup_sweep(const struct cgroup_place *place);
void cgroup_tidy(bool anyway); /* the same for the place that PIPEGYM_LIMITS asks for, or anyway, if there is one */

/* A box's group. Its descriptors go to the box: for each hierarchy cgroup.procs, for each that of init, and what counts
 * kills for want of memory and forks refused. */
struct cgroup {
	size_t count;
	char *paths[CGROUP_HIERARCHIES_MAX];
	int fds[CGROUP_FDS_MAX];
	size_t fd_count;
};

/* memory_mib: of all that is charged to it, files on the box's disk included. processes: without pid 1. NULL and ERR_SYSTEM. */
struct cgroup *cgroup_new(const struct cgroup_place *place, unsigned memory_mib, unsigned processes, struct err *err);
void cgroup_close(struct cgroup *group); /* the descriptors: the box has them */
void cgroup_free(struct cgroup *group);  /* the struct; the group stays */

/* Removes a group that is empty, or will be within a moment, and what is left of `pipegym`. One that is not is left to a sweep. */
void cgroup_remove(const char *path);

#endif
