#ifndef PIPEGYM_IMPORT_SET_H
#define PIPEGYM_IMPORT_SET_H

#include "err.h"
#include "import_assets.h"
#include "json.h"
#include "task_schema.h"

/*
 * A set of tasks that is being made, beside its place: it gets there as a whole
 * or not at all, and never in the place of another.
 */
struct import_set;
/* path: of a folder to be made, or of a file that ends in ".jsonl". NULL: ERR_USAGE, its name is none of a set;
 * ERR_SYSTEM. */
struct import_set *import_set_new(const char *path, struct err *err);
/* Removes what import_set_finish() has not put in place. NULL is fine. */
void import_set_free(struct import_set *set);
const char *import_set_name(const struct import_set *set); /* the last part of its path, without ".jsonl". Borrowed */

/* Adds a task, whose name is made of id: it is valid and the only one of its kind; name gets it. task: as
 * import_convert() makes it (borrowed). -1: ERR_NEGATIVE: it is not fit for the set, and nothing was added;
 * ERR_SYSTEM. */
int import_set_add(struct import_set *set, const char *id, json task, const struct import_assets *assets,
                   char name[TASK_NAME_MAX + 1], struct err *err);

/* Puts the set in place, if there is a task in it. */
int import_set_finish(struct import_set *set, struct err *err);

#endif
