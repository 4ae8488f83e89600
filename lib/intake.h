#ifndef PIPEGYM_INTAKE_H
#define PIPEGYM_INTAKE_H

#include <stdbool.h>

#include "pool.h"
#include "record.h"

/*
 * The loop over standard input that every filter has: hands each record to
 * handle(), which returns an exit status; refuses what is malformed and goes on;
 * passes error records through; ends with the input, after a stop signal, when
 * stdout fails, and with INTAKE_STRICT at the first status that is not 0. With
 * INTAKE_PLAIN each line is a JSON string; with INTAKE_LONG it may have RECORD_LONG_MAX
 * bytes. Returns the worst status.
 */
enum { INTAKE_PLAIN = 1, INTAKE_STRICT = 2, INTAKE_LONG = 4 };
typedef int intake_handle(struct record *record, void *context); /* may take record->value */
int intake_records(int flags, intake_handle *handle, void *context);
/* The same of a file, which is not closed, and whose name, if it is not NULL, is told of what is wrong. handle() may
 * return -1: it has enough. wait, if it is not NULL: the file may grow (record_reader_follow()). */
int intake_file(int fd, const char *name, bool (*wait)(void), int flags, intake_handle *handle, void *context);

/*
 * How the programs that take "any record with an episode" read their input:
 * ids as operands, each at once; else records on stdin, each episode once: when
 * a record says that it has ended, or at the end of input, in order of first
 * appearance. What is no such record is refused. Each episode becomes a job of
 * the pool: a copy of its id, which run() frees. Returns the exit status of what
 * was wrong with the input.
 */
int intake_episodes(char **operands, struct pool *pool);

#endif
