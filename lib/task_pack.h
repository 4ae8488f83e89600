#ifndef PIPEGYM_TASK_PACK_H
#define PIPEGYM_TASK_PACK_H

#include "task.h"

/* The files of a part ("files" or "tests") as a pack (pack.h) in a sealed memory file. Returns its descriptor, or -1. */
int task_pack(const struct task *task, const char *part, struct err *err);

#endif
