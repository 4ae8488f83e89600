#ifndef PIPEGYM_CURRICULUM_H
#define PIPEGYM_CURRICULUM_H

#include "err.h"
#include "json.h"
#include "task.h"

/*
 * A curriculum: a file of levels, each some tasks and how many of the last
 * attempts at them have to pass before the next one. pipegym-task(5) has the
 * format. Use: open, task_each() with curriculum_wants() and curriculum_add(),
 * curriculum_check(), and with a history curriculum_read() and curriculum_next().
 */
struct curriculum;

/* name: a file (with a '/' in it, or that ends with ".json"), else NAME.json of the first folder along the path that
 * has it. NULL and ERR_INPUT: there is none, or what is wrong with it. */
struct curriculum *curriculum_open(struct task_path *path, const char *name, struct err *err);
void curriculum_free(struct curriculum *curriculum);

/* Whether a task of this id may be one of a level's. */
bool curriculum_wants(struct curriculum *curriculum, const char *id);
/* Puts a task, in the order of ids, in the first level that it fits. Returns its place in the order of the curriculum,
 * or -1: it is in none. */
long curriculum_add(struct curriculum *curriculum, const char *id, const char *difficulty);
/* The level of such a place, from 0; and the first place of a level. */
int curriculum_level_of(long place);
long curriculum_place_of(int level);
/* After the last task: a pattern of a level that no task matched, or a level without a task, is ERR_INPUT. */
int curriculum_check(const struct curriculum *curriculum, struct err *err);

/* Counts the attempts in a file ("-": standard input) of rollout and verdict records, a bounded number of which is
 * kept. A last line that is no record is left out, and *torn is its number, else 0. -1: ERR_INPUT or ERR_SYSTEM. */
int curriculum_read(struct curriculum *curriculum, const char *file, uint64_t *torn, struct err *err);

struct curriculum_level {
	const char *name;
	uint64_t passed, attempts; /* of the last ones, at most window */
	uint64_t window;
	double pass_rate;
};
/* Level number i, from 0; false beyond the last. */
bool curriculum_level(const struct curriculum *curriculum, int i, struct curriculum_level *level);
/* The level to be played next, or -1: all are passed. */
int curriculum_next(const struct curriculum *curriculum);

#endif
