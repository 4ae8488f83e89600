#ifndef PIPEGYM_TASK_PACK_H
#define PIPEGYM_TASK_PACK_H

#include "pack.h"
#include "task.h"

/* The files of a part ("files", "tests") as a pack (pack.h) in a sealed memory file. Returns its descriptor, or -1. */
int task_pack(const struct task *task, const char *part, struct err *err);

/* Adds an entry of task_files() to a pack. */
void task_pack_add(struct pack *pack, const struct task_file *file);

#endif
