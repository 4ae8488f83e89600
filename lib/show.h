#ifndef PIPEGYM_SHOW_H
#define PIPEGYM_SHOW_H

#include <stdbool.h>

#include "buf.h"
#include "json.h"

/* Appends a record as a person likes to read it: whole lines, each type in its own form, a type that is not known as
 * its JSON. Every string is made safe for a terminal. colour: with bold, red and green (ECMA-48). */
void show_record(json record, bool colour, struct buf *out);

#endif
