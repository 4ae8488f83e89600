#ifndef PIPEGYM_EPISODE_FAMILY_H
#define PIPEGYM_EPISODE_FAMILY_H

#include <stdbool.h>

#include "episode.h"
#include "err.h"
#include "json.h"

/*
 * Families: an episode, all that branched from it, and from these. Each branch
 * names its parent and the first of its family in episode.json:
 *   "parent":{"episode":ID,"step":N,"created":SECONDS},"family":{"episode":ID,"created":SECONDS}
 * so that a family holds together when some of it were closed. An id can be
 * given again once its episode was closed; with the time it is the same one.
 */
void family_join(json parent_meta, int step, json *meta); /* that of a branch of this parent */

struct families;
struct families *families_new(void);
void families_free(struct families *families);
/* One that there is; one that is just being closed is left out. -1: it cannot be read. */
int families_add(struct families *families, const char *id, struct err *err);

/* A member, or a parent that was closed, of which only the name is known. */
struct relative {
	const char *id;
	int depth; /* parents above it */
	int step;  /* of its parent, at which it branched off; -1: it did not */
	bool closed;
};
/* The family of an episode, which may be closed itself: parents before their branches, and each member for the first
 * time only. After the last families_add(). -1 and ERR_INPUT: there is no such episode. */
typedef void family_visit(const struct relative *relative);
int families_visit(struct families *families, const char *id, family_visit *visit, struct err *err);

#endif
