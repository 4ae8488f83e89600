#ifndef PIPEGYM_TALLY_H
#define PIPEGYM_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "json.h"
#include "statistic.h"

/*
 * Counts of rollouts by task. A line is scanned for the few values that are
 * counted, no value is built of it, and nothing of it is kept but numbers: what
 * a file of rollouts costs is the names of its tasks, of which there is a limit.
 */
#define TALLY_TASKS_MAX 65536
#define TALLY_ID_MAX 256 /* bytes of a task's id */
#define TALLY_K_MAX 16   /* different k for pass@k */

struct tally_counts {
	uint64_t episodes, passed, failed, errors, ungraded, truncated, timed;
	double wall_ms; /* of the `timed` steps that say how long they took */
	struct statistic reward, steps;
};

struct tally;
struct tally *tally_new(void);
void tally_free(struct tally *tally);

/* Counts a line of valid UTF-8. Rollouts of no known task are counted together, and in nothing that is said of a task's
 * attempts. side: 0, or 1 for the other of two that are compared. -1: ERR_INPUT, what is wrong with it. */
enum tally_result {
	TALLY_ROLLOUT, /* it was counted, or left out because its task is one too many */
	TALLY_OTHER,   /* a record of another type was passed over */
	TALLY_ERROR,   /* so was an error record */
};
int tally_line(struct tally *tally, int side, const char *line, size_t len, struct err *err);
uint64_t tally_left_out(const struct tally *tally); /* rollouts of tasks beyond TALLY_TASKS_MAX */

bool tally_has(const struct tally *tally, const char *id);
/* Puts a task that is there into the group of those with the same value (consumed). */
void tally_group(struct tally *tally, const char *id, json group);

/* Hands out records of type stat: one for each task in order of id, or, if fields (names, ends with NULL) is not NULL, for each
 * group; a task without one is in the last, whose fields are null. Then one for all. None without a rollout. */
struct tally_terms {
	uint64_t k[TALLY_K_MAX];
	size_t k_count;
	const char *const *fields;
};
typedef bool tally_print(json record); /* false: no more */
void tally_report(const struct tally *tally, const struct tally_terms *terms, tally_print *print);
/* The same of type comparison: one for each task, then one for all, with the names of the two files. */
void tally_compare(const struct tally *tally, char *const *names, tally_print *print);

#endif
