#ifndef PIPEGYM_TALLY_TABLE_H
#define PIPEGYM_TALLY_TABLE_H

#include "tally.h"

/* What tally.c counts and tally_report.c and tally_compare.c make records of. */
struct tally_task {
	struct tally_counts sides[2];
	char *group; /* its JSON; NULL: it has none */
	char id[];   /* empty: theirs is not known, and they are no attempts at one */
};

struct tally {
	void *tree;                /* of tasks, by id */
	struct tally_task **tasks; /* in the order of their first rollouts */
	size_t count;
	uint64_t others, left_out;
};

/* The tasks by group, those without one last, and id. The caller frees the array. */
struct tally_task **tally_sorted(const struct tally *tally);
void tally_set_task(json *record, const struct tally_task *task);
/* Null for what is no number of a finite size. */
void tally_set(json *record, const char *key, double number);

#endif
