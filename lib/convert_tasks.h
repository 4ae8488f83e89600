#ifndef PIPEGYM_CONVERT_TASKS_H
#define PIPEGYM_CONVERT_TASKS_H

#include "err.h"
#include "json.h"

/* The tasks of a set, to be found by what another project's rollout knows of them. */
struct convert_tasks;
/* tasks: -T, or NULL. NULL: ERR_INPUT: there is no such set, or a task of it is broken. */
struct convert_tasks *convert_tasks_open(const char *tasks, const char *set, struct err *err);
void convert_tasks_free(struct convert_tasks *tasks); /* NULL is fine */

/* Gives the rollout its task and task_digest, unless it has one: by rollout.refer, that is the number of the task's
 * record in the file that it was imported from, or its name; else by its prompt, if one task alone has it. -1,
 * ERR_INPUT: there is none, or it asks something else than the rollout says. */
int convert_tasks_resolve(const struct convert_tasks *tasks, json *rollout, struct err *err);

#endif
