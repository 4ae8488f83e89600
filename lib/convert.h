#ifndef PIPEGYM_CONVERT_H
#define PIPEGYM_CONVERT_H

#include "err.h"
#include "import_source.h"
#include "json.h"

/*
 * Rollouts of other projects → ours → theirs. What a format means is a jq
 * program of ours (lib/convert/FORMAT.jq, behind common.jq), which is run in a
 * jq child: the records are anybody's, and may be made to harm. One rollout is
 * in memory at a time.
 */
struct convert_format {
	const char *name, *program;
};
extern const struct convert_format convert_formats[]; /* ends with a NULL name */
extern const char convert_common[];

/* What a format's records are: a rollout each, in lines or also in other forms; entries of one object; steps; or a side
 * of a pair (convert_pairs.h). */
enum convert_unit { CONVERT_LINES, CONVERT_DOCUMENTS, CONVERT_ENTRIES, CONVERT_STEPS, CONVERT_SIDES };
enum convert_unit convert_unit(const char *format);

struct convert_tasks;
struct convert;
/* tasks (borrowed): where the task of another project's rollout is looked up, or NULL. NULL: ERR_USAGE for an unknown
 * format. */
struct convert *convert_new(const char *from, const char *to, struct convert_tasks *tasks, struct err *err);
void convert_free(struct convert *convert); /* NULL is fine */

/* One rollout (a record, or an array of those of its steps) of a file: *rows (owned) is an array of what it becomes.
 * -1: ERR_INPUT: it is refused; ERR_SYSTEM. */
int convert_rollout(struct convert *convert, const char *file, const struct import_record *record, json *rows,
                    struct err *err);
/* Names of what had no place so far, in an object's keys. Borrowed. */
json convert_dropped(const struct convert *convert);

#endif
