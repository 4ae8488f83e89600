#ifndef PIPEGYM_SHOW_STAT_H
#define PIPEGYM_SHOW_STAT_H

#include "buf.h"
#include "json.h"

/* The line above the table of which record, of type stat or comparison, is the first. */
void show_stat_head(json record, struct buf *out);

#endif
