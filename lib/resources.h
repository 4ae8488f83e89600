#ifndef PIPEGYM_RESOURCES_H
#define PIPEGYM_RESOURCES_H

#include "box.h"
#include "err.h"
#include "eval.h"
#include "json.h"
#include "task.h"

/*
 * What all episodes of one program share, each made when it is first needed:
 * the spawner of boxes, the children that run jq programs, and the task search
 * paths. Safe to use from many threads; tasks are the calling thread's own
 * (task.h).
 */
struct resources;
/* tasks: -T, or NULL. */
struct resources *resources_new(const char *tasks);
void resources_free(struct resources *resources);

/* Both are borrowed; NULL and err: there is no spawner. */
struct box_host *resources_host(struct resources *resources, struct err *err);
struct eval *resources_eval(const struct resources *resources);
/* A task of the program's own search path (-T, else the environment, else the defaults). Borrowed. */
const struct task *resources_find(struct resources *resources, const char *id, struct err *err);
/* The search path as text that finds the same tasks from anywhere, for episode.json. Owned JSON: a string, or null for
 * the defaults. */
json resources_task_path(const struct resources *resources);
/* The task for a seed, which is the task itself unless it has a generator. Borrowed: until 32 others of this task were
 * asked for. NULL and err as instance_make(). */
const struct task *resources_instance(struct resources *resources, const struct task *task, const char *seed,
                                      struct err *err);
/* The task of an episode, as it is for all seeds: as resources_task(). */
const struct task *resources_whole(struct resources *resources, json meta, struct err *err);
/* The task of an episode, for its seed: through -T if it was given, else the path that the episode was made with. It is
 * an error (ERR_INPUT) when its digest is no longer the one in meta (episode.json, or a rollout: "task", "task_digest",
 * "seed"). Borrowed, as resources_instance(). */
const struct task *resources_task(struct resources *resources, json meta, struct err *err);

#endif
