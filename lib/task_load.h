#ifndef PIPEGYM_TASK_LOAD_H
#define PIPEGYM_TASK_LOAD_H

#include "err.h"
#include "task.h"
#include "task_set.h"

/*
 * Making a task of what is on disk, for the search path (task_path.c). All
 * three errors name the file: "tasks/x/y/task.json: .limits.steps: must be …".
 */

/* folder: descriptor of SET/NAME; path: its absolute path; shown: the same as the user wrote it. NULL and err. */
struct task *task_load_folder(int folder, const char *id, const char *path, const char *shown, struct err *err);
/* near: absolute path of the folder that the set's file is in; shown: that file as the user wrote it. */
struct task *task_load_line(const struct task_set *set, const struct task_line *line, const char *id, const char *near,
                            const char *shown, struct err *err);
/* The text of a file in the task's folder, or what a task of a .jsonl set or an instance has under key; json_none() if
 * there is none. Owned. */
int task_script(const struct task *task, const char *key, const char *file, json *script, struct err *err);

#endif
