#ifndef PIPEGYM_RESET_H
#define PIPEGYM_RESET_H

#include "box.h"
#include "episode.h"
#include "err.h"
#include "json.h"
#include "resources.h"
#include "start.h"

/* The id of the next new episode: PREFIX-NUMBER, where *number says how many there were, or, where prefix is NULL, a
 * random one. */
void reset_next_id(const char *prefix, uint64_t *number, char id[EPISODE_ID_MAX + 1]);

/* What episode.json holds; see episode.h. tier: what enforces the limits of its box, where it has one. Owned. */
json reset_meta(const struct task *task, bool landlock, const char *episode, const char *seed, enum cgroup_tier tier);
/* The observation of step 0. Owned. */
json reset_observation(const struct task *task, const char *episode);

/* From any thread, also one that did not open the source. A whole new episode on disk, its box ready and waiting; sync
 * as for episode_create(). Returns 0 and its first observation (owned). */
int reset_episode(struct resources *resources, const struct start_source *source, const char *id, const char *seed,
                  bool sync, json *observation, struct err *err);

/* Takes an episode back that nobody was told of. */
void reset_discard(const char *id);

#endif
