#ifndef PIPEGYM_CONVERT_SOURCE_H
#define PIPEGYM_CONVERT_SOURCE_H

#include "convert.h"

/* The rollouts of a foreign file, one in memory at a time. */
struct convert_source;
/* path NULL: standard input. */
struct convert_source *convert_source_open(const char *path, const char *format, struct err *err);
void convert_source_free(struct convert_source *source); /* NULL is fine */

/* As import_source_next(): of a format whose records are steps, record->value is the array of those of an episode, and
 * record->number the first one's. An episode with a line that cannot be read is refused as a whole. */
int convert_source_next(struct convert_source *source, struct import_record *record, struct err *err);
/* "line" or "record": what record->number counts. */
const char *convert_source_unit(const struct convert_source *source);

#endif
