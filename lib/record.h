#ifndef PIPEGYM_RECORD_H
#define PIPEGYM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "json.h"

/*
 * JSON Lines in and out. The reader splits lines itself (libjq's incremental
 * parser throws its buffer away after an error), counts them, caps them and
 * refuses ill-formed UTF-8, so that one bad line is one error and the next
 * line is read as if nothing had happened.
 */
#define RECORD_LINE_MAX (64u << 20) /* bytes */
#define RECORD_LONG_MAX                                                                                                \
	(256u << 20) /* where rollouts of other projects are read: ours are no longer than a line may be */

struct record_reader;
struct record {
	json value;       /* owned by the record: record_free() */
	const char *line; /* the original bytes, without newline; valid until the next record_next */
	size_t len;
	uint64_t number;  /* line number, from 1 */
	const char *file; /* that the caller has it from, or NULL: not the reader's to know */
	bool torn;        /* the last line, and its newline is not there */
};

struct record_reader *record_reader_new(int fd); /* does not own fd */
/* Lines of up to max bytes instead of RECORD_LINE_MAX: before the first is read. */
void record_reader_limit(struct record_reader *reader, size_t max);
void record_reader_free(struct record_reader *reader); /* NULL is fine */
/* The file may grow: its end is waited at, and ends the records only when wait() says so. A file that became shorter is
 * read from its beginning. */
void record_reader_follow(struct record_reader *reader, bool (*wait)(void));
/* 1: *record holds the next one. 0: end of input. -1: err says why; with ERR_INPUT the line was skipped,
 * record->number names it and reading can go on; with ERR_SYSTEM it cannot. A last line without newline is
 * accepted; an empty line is an error; a line over RECORD_LINE_MAX is skipped without being held in memory.
 * Reads what is there: never waits for more than a line. Stops (0) when stop_fd() becomes readable. */
int record_next(struct record_reader *reader, struct record *record, struct err *err);
/* The same without parsing: plain lines (env-step --plain). record->value is a JSON string of the line. */
int record_next_plain(struct record_reader *reader, struct record *record, struct err *err);
/* The same without parsing and without a value: whether the line, which is not empty, is JSON is for the caller to see. */
int record_next_line(struct record_reader *reader, struct record *record, struct err *err);
void record_free(struct record *record);

/* Writes value and a newline with one write (more only when the descriptor takes less). Safe from many threads. */
int record_write(int fd, json value, struct err *err);
/* The same for whole lines of text, newlines included. errno tells EPIPE. On a descriptor that does not block, or when
 * write was interrupted, a stop signal ends the wait for a reader that takes nothing (ERR_SYSTEM). */
int record_write_lines(int fd, const char *data, size_t len, struct err *err);

/* {"type":"error","line":N,"episode":…,"reason":…,"status":3|4}. line 0 and episode NULL are left out. Owned. */
json record_error(uint64_t line, const char *episode, const struct err *err);
/* The exit status that an error record stands for. */
int record_status(json error);
bool record_is(json value, const char *type); /* value.type == type */
/* value.episode; NULL: there is none, or it is no text without NUL. Borrowed. */
const char *record_episode(json value);

#endif
