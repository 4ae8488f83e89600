#ifndef PIPEGYM_TASK_FILES_H
#define PIPEGYM_TASK_FILES_H

#include "buf.h"
#include "err.h"
#include "task.h"

/*
 * Reading a task's folder. It may be hostile: below the folder itself no
 * symbolic link is followed, nothing but regular files and folders is opened,
 * and everything has a bound.
 */
#define TASK_FILE_MAX (64u << 20)        /* bytes of one file */
#define TASK_TOTAL_MAX ((size_t)1 << 30) /* bytes of all files of a part */
#define TASK_FILES_MAX 10000             /* files, links and folders */
#define TASK_DEPTH_MAX 64                /* folders in each other */

/* Opens a folder or a regular file below dirfd for reading. Returns a descriptor, or -1: there is none (err->code
 * ERR_NONE), or err. name is a single component, or "a/b" whose folders are trusted. */
int task_open_folder(int dirfd, const char *name, struct err *err);
int task_open_file(int dirfd, const char *name, size_t max, struct err *err);

/* Appends a regular file's bytes. 1 when it was read, 0 when there is none, -1. */
int task_read_file(int dirfd, const char *name, size_t max, struct buf *out, struct err *err);

/* Visits all that is in a folder, in the order that task_files() has; without what lies at the path `skip` (or NULL). */
int task_walk(int folder, const char *skip, task_file_visit *visit, void *context, struct err *err);

/* Of two strings (as qsort() has them): names are compared, not whole paths, so that a folder's content follows it. */
int task_path_order(const void *a, const void *b);

#endif
