#ifndef PIPEGYM_PROGRAM_H
#define PIPEGYM_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"
#include "json.h"
#include "layout.h"
#include "program_option.h"
#include "record.h"

/*
 * What every program does in the same way: options, help, version, messages,
 * records out, the exit status. It is the one library module that prints: it
 * does so on behalf of bin/, so that no two programs do it differently.
 */
struct program {
	const char *name;
	const char *synopsis;                 /* what follows the name in the usage line */
	const char *summary;                  /* one sentence of --help */
	const struct program_option *options; /* own options, ends with a NULL name */
	/* Whether all options, each right by itself, and the operands go together: 0, or -1 and ERR_USAGE. Or NULL. */
	int (*check)(const void *opts, char **operands, struct err *err);
	bool command;    /* the first operand begins a command: what follows it is no option */
	bool boxes;      /* makes boxes: PIPEGYM_LIMITS must be a right one */
	bool for_person; /* prints for a person unless --json is given, also to a pipe */
};

/*
 * Starts: names the program for messages, stop_install(), a umask of 077, SIGPIPE ignored, and takes back file
 * descriptors 0 to 2 when they were closed (opened on /dev/null, wrong way round, so that use fails). Then takes the
 * options into opts, where what holds without them is already; common to all, and handled here, are -h --help,
 * -V --version, -q --quiet, -v --verbose, --json, --text. False: there is no more to be done, and main returns
 * program_finish(*status).
 */
bool program_start(const struct program *program, int argc, char **argv, void *opts, int *status);

char **program_operands(void); /* what is left behind the options; ends with NULL */
bool program_quiet(void);
bool program_verbose(void);
bool program_for_person(void); /* by --text and --json; else at a terminal, and always with for_person */
bool program_colour(void);     /* and it shows colours, and nobody objects to them */

void program_error(const struct err *err);                                        /* "prog: text" on stderr */
void program_note(const char *format, ...) __attribute__((format(printf, 1, 2))); /* unless -q */

/* The worse of two exit statuses: 4 > 3 > 2 > 1 > 0. */
int program_worse(int a, int b);

/* Prints one record: JSON Lines, or for a person by show_record(). Thread-safe, flushed. Consumes nothing. Returns
 * whether it was written. A failed write is remembered for program_finish(), and stops the program
 * (program_output_failed()). */
bool program_print(json record);
/* The same where text is the record as json_dump() has it, or empty. It is used up. */
bool program_print_dumped(json record, struct buf *text);
/* What was printed is on the disk, if that is where it goes. False: as program_print(). */
bool program_output_sync(void);
/* As program_print() for text already in JSON (the original bytes of an input line). */
void program_print_line(const char *line, size_t len);
/* Bytes that are no record, as they are. */
bool program_print_bytes(const char *data, size_t len);
/* Lines for a person, as wide as the screen is now. */
bool program_print_layout(const struct layout *layout);
bool program_output_failed(void); /* a write has failed, or a stop signal ended it */
/* By a signal, or since its output failed: nothing further is begun. program_finish() has the status for that. */
bool program_stopped(void);

/* Says what was wrong with an input line on stderr ("prog: line 12: reason") and prints its error record; for
 * a line of a file both name that. record NULL: not an input line but an operand. Returns err->code. */
int program_refuse(const struct record *record, const char *episode, const struct err *err);

/* Passes an error record of an earlier program on. Returns the status it stands for. */
int program_pass_error(const struct record *record);

/* Notes a status from any thread; program_finish() gives the worst of all. */
void program_fail(int status);

/* Flushes and checks stdout ("prog: standard output: No space left on device" → 4; a reader that went away → 4,
 * silent); after a stop signal dies of that signal by its default action. Returns the exit status. */
int program_finish(int status);

#endif
