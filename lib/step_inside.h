#ifndef PIPEGYM_STEP_INSIDE_H
#define PIPEGYM_STEP_INSIDE_H

#include <pthread.h>
#include <sys/resource.h>

#include "episode.h"
#include "play.h"
#include "step.h"

/* What the files of this module share. */
struct stepper {
	struct resources *resources;
	int flags;
	const struct pty_user *user; /* stepper_attend(), or NULL */
	int interrupt;               /* stepper_interrupt(); 0: none */
	pthread_mutex_t lock;
	void *open;         /* a tree (search.h) of struct episode, by id */
	rlim_t count, most; /* descriptors */
};

/* The episode with its lock held and its journal known up to its end; NULL and err. */
struct episode *step_take(struct stepper *stepper, const char *id, struct err *err);
/* Unlocks it, and keeps it for the next step if `keep`. */
void step_put_back(struct stepper *stepper, struct episode *episode, bool keep);
/* Drops a connection that has ended, and those to programs that others have used since. */
void step_drop_dead(struct episode *episode);
int step_connect(struct episode *episode, struct err *err); /* to its box, which must live: 0 or -1 */
/* For an action of the episode; box, lines and referee are the caller's to set. */
struct play step_play(const struct stepper *stepper, struct episode *episode);
int step_refuse(const struct episode *episode, struct err *err); /* a step is interrupted; -1 */
/* Gives a step that was interrupted an observation that says so. */
int step_skip(struct episode *episode, json *observation, struct err *err);

#endif
