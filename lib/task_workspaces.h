#ifndef PIPEGYM_TASK_WORKSPACES_H
#define PIPEGYM_TASK_WORKSPACES_H

#include "box.h"
#include "task.h"

#define TASK_WORKSPACES_MAX 4 /* beside the working directory */

/*
 * A task's workspaces, the working directory one of them, in order of path:
 * what is in them is the task's at the start, and what is graded. A pack for
 * each, so that no box is told of any other folder.
 */
struct workspaces {
	size_t count;
	const char *paths[TASK_WORKSPACES_MAX + 1]; /* the definition's */
	int packs[TASK_WORKSPACES_MAX + 1];         /* descriptors; -1: none yet */
};
#define WORKSPACES_AUTO __attribute__((cleanup(workspaces_close))) struct workspaces
/* Paths alone. */
void workspaces_of(json definition, struct workspaces *workspaces);
/* With what the task's files/ and workspaces/ have. 0 or -1. */
int workspaces_pack(const struct task *task, struct workspaces *workspaces, struct err *err);
void workspaces_close(struct workspaces *workspaces);

/* For box_new(): the folders and what they begin with. Returns how many. */
size_t workspaces_files(const struct workspaces *workspaces, struct box_files *files);

/* Of a definition with defaults: that none lies in another, and that absolute paths of checks and files are in one. */
int workspaces_check(json definition, struct err *err);

#endif
