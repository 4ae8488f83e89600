#ifndef PIPEGYM_PROBE_H
#define PIPEGYM_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "cgroup.h"
#include "err.h"

/*
 * What this host gives to boxes, found out by trying. What changes a process
 * is tried in a child, which is what a box's maker would be: root gives itself
 * up there too. Nothing is left behind.
 */
struct probe_finding {
	const char *name;
	bool works;
	bool needed;        /* no box without it */
	char found[256];    /* what was seen: an error, a value; may be empty */
	const char *remedy; /* what to change; NULL when it works */
};

#define PROBE_MAX 32

/* Fills findings (of at least PROBE_MAX) and returns how many there are. */
size_t probe_host(struct probe_finding *findings);

/* Makes a box, runs true in it and ends it. Returns 0 and what enforced its limits, or -1: then a box cannot be had here,
 * and *err says why. */
int probe_box(enum cgroup_tier *tier, struct err *err);

#endif
