#ifndef PIPEGYM_RESET_H
#define PIPEGYM_RESET_H

#include "box.h"
#include "episode.h"
#include "err.h"
#include "json.h"
#include "resources.h"
#include "task.h"

/* What every episode of a task starts from, read once: its files as a pack, its setup script, its tools' descriptions. */
struct reset_source {
	const struct task *task; /* the opener's */
	int files;               /* descriptor of the pack */
	char *setup;             /* the script, or NULL */
	/* for the opener to set, if it means something else than reset_source_open() does */
	bool landlock;   /* its boxes are without namespaces; false */
	unsigned idle_s; /* as in struct box_home; EPISODE_IDLE_S */
	int keeper;      /* as there, borrowed; -1 */
};
int reset_source_open(const struct task *task, struct reset_source *source, struct err *err);
void reset_source_close(struct reset_source *source);

/* A box in the task's initial state for this seed. home as for box_new(). NULL and err: ERR_INPUT when it is the task's
 * own setup that fails, ERR_SYSTEM otherwise. */
struct box *reset_box(struct box_host *host, const struct reset_source *source, const char *seed,
                      const struct box_home *home, struct err *err);

/* What episode.json holds; see episode.h. tier: what enforces the limits of its box. Owned. */
json reset_meta(const struct task *task, bool landlock, const char *episode, const char *seed, enum cgroup_tier tier);
/* The observation of step 0. Owned. */
json reset_observation(const struct task *task, const char *episode);

/* From any thread, also one that did not open the source. A whole new episode on disk, its box ready and waiting; sync as
 * for episode_create(). Returns 0 and its first observation (owned). */
int reset_episode(struct resources *resources, const struct reset_source *source, const char *id, const char *seed,
                  bool sync, json *observation, struct err *err);

/* Takes an episode back that nobody was told of. */
void reset_discard(const char *id);

#endif
