#ifndef PIPEGYM_SHOW_STAT_H
#define PIPEGYM_SHOW_STAT_H

#include <stdbool.h>

#include "buf.h"
#include "json.h"

/* The form that show_record() has for a record of type stat or comparison: a row of a table of 80 columns; the last one has
 * lines below it that say in words what has no column. False: it is of another type. */
bool show_stat(json record, bool colour, struct buf *out);

/* The line above the table of which record is the first. */
void show_stat_head(json record, struct buf *out);

#endif
