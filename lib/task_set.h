#ifndef PIPEGYM_TASK_SET_H
#define PIPEGYM_TASK_SET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "err.h"

/*
 * A SET.jsonl file: which task is on which line. Opening it reads the file
 * once and looks for names without parsing the lines, so that one task of
 * thousands costs a scan and one parse; whoever loads a line parses it.
 */
struct task_line {
	char *name;      /* of "name", or of "id" behind its slash; "" where none was found */
	uint64_t number; /* from 1 */
	off_t offset;
	size_t len; /* without newline; more than RECORD_LINE_MAX: too long to be read */
};

struct task_set {
	int fd;
	size_t count;
	struct task_line *lines; /* in order of name (strcmp), then of number */
};

/* The set in file `name` of a folder. NULL and err; ERR_NONE in err->code when there is no such file. */
struct task_set *task_set_open(int dirfd, const char *name, struct err *err);
void task_set_free(struct task_set *set);
/* The first line of this name, NULL if there is none. */
const struct task_line *task_set_find(const struct task_set *set, const char *name);
/* Appends the line's bytes. */
int task_set_read(const struct task_set *set, const struct task_line *line, struct buf *out, struct err *err);

#endif
