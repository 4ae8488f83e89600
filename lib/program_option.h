#ifndef PIPEGYM_PROGRAM_OPTION_H
#define PIPEGYM_PROGRAM_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/*
 * A program's options are a table: what --help says of each, and what becomes
 * of it. What is given goes into fields of the program's struct opts, which a
 * row names; that the field is of the right type is seen when it is compiled.
 */
struct program_option;
/* Takes an option's argument (NULL: none was given; it stays as long as the program runs) into a field of opts. 0: on to
 * the next option; 1: that was all, as of --help; -1: ERR_USAGE, or ERR_SYSTEM. */
typedef int program_take(const struct program_option *option, const char *argument, void *field, struct err *err);

struct program_option {
	int letter;           /* 'n', or 0 */
	const char *name;     /* long name, "number" for --number */
	const char *argument; /* "COUNT" when it takes one, "[=COUNT]" when it may, else NULL */
	const char *help;     /* one line, lower case, no full stop */
	program_take *take;
	size_t field;         /* where in opts it begins that take gets */
	unsigned least, most; /* of a number or a time */
};

/* How a row goes on behind its help. A number or a time that may be left out is PROGRAM_NONE before. */
#define PROGRAM_NONE 0xffffffffU
#define PROGRAM_FIELD(name, type) _Generic(((struct opts *)0)->name, type : offsetof(struct opts, name))
#define PROGRAM_INTO(take, name, type) take, PROGRAM_FIELD(name, type), 0, 0
#define PROGRAM_FLAG(name) PROGRAM_INTO(program_take_flag, name, bool)
#define PROGRAM_TEXT(name) PROGRAM_INTO(program_take_text, name, const char *)
#define PROGRAM_NUMBER(name, least, most) program_take_number, PROGRAM_FIELD(name, unsigned), least, most
#define PROGRAM_DURATION(name, least, most) program_take_duration, PROGRAM_FIELD(name, unsigned), least, most
#define PROGRAM_TAKE(take) take, 0, 0, 0 /* the program's own, for all of its opts */

program_take program_take_flag;      /* true */
program_take program_take_text;      /* as it is */
program_take program_take_number;    /* a whole number */
program_take program_take_duration;  /* a time in seconds, from such as 90, 90s, 15m, 1h or 2d */
program_take program_take_process;   /* the id of a process that is there: a pidfd (owned), before that -1; it is that
                                      * process and no later one of the id */
program_take program_take_isolation; /* namespaces or landlock (box.h): whether it is landlock */
program_take program_take_seed;      /* any text that is UTF-8 */
program_take program_take_prefix;    /* what the ids of new episodes begin with (reset_next_id()) */

/* Whole rows, for what several programs take. The fields: tasks, jobs, seed, prefix, keeper, landlock, accept, sync. */
#define PROGRAM_TASKS 'T', "tasks", "DIR", "look for tasks in DIR (a list with colons between)", PROGRAM_TEXT(tasks)
#define PROGRAM_JOBS                                                                                                   \
	'j', "jobs", "JOBS", "work on up to JOBS at a time (1); their order is then open", PROGRAM_NUMBER(jobs, 1, 4096)
#define PROGRAM_SEED                                                                                                   \
	0, "seed", "SEED", "the seed that a task's setup sees (0)", PROGRAM_INTO(program_take_seed, seed, const char *)
#define PROGRAM_ID                                                                                                     \
	0, "id", "PREFIX", "name the episodes PREFIX-1, PREFIX-2, ...",                                                \
	        PROGRAM_INTO(program_take_prefix, prefix, const char *)
#define PROGRAM_KEEPER                                                                                                 \
	0, "keep-alive-with", "PID", "the boxes end when process PID does",                                            \
	        PROGRAM_INTO(program_take_process, keeper, int)
#define PROGRAM_ISOLATION                                                                                              \
	0, "isolation", "NAME", "namespaces|landlock, which isolates less (namespaces)",                               \
	        PROGRAM_INTO(program_take_isolation, landlock, bool)
#define PROGRAM_ACCEPT 0, "accept", NULL, "go on also where a replay diverged", PROGRAM_FLAG(accept)
#define PROGRAM_SYNC 0, "sync", NULL, "write so that it survives a power cut", PROGRAM_FLAG(sync)

/* Options, and what their fields are of. */
struct program_table {
	const struct program_option *options; /* the last has no name */
	void *opts;
};
/*
 * Takes a command line, option for option, by several tables, of which the last has no options: 0, or what a take gave
 * that is not 0. command: the first operand begins a command, and what follows it is no option. *operands: what is left;
 * ends with NULL. Built on getopt_long.
 */
int program_options(const struct program_table *tables, bool command, int argc, char **argv, char ***operands,
                    struct err *err);

#endif
