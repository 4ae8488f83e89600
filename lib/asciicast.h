#ifndef PIPEGYM_ASCIICAST_H
#define PIPEGYM_ASCIICAST_H

#include <stddef.h>

#include "err.h"

/*
 * Writes what happened on a terminal as an asciicast of version 2
 * (https://docs.asciinema.org/manual/asciicast/v2): a header, then an event a
 * line, [seconds since the beginning, "o" or "r", data]. Each line is one
 * write, and whole: after one that could not be written there are no more. A
 * character whose bytes come one by one is in the event that has its last.
 */
struct asciicast; /* NULL is one that nobody wants: nothing is done with it */

/* Begins one and takes fd, also when it fails. title: NULL is none. NULL and err. */
struct asciicast *asciicast_new(int fd, unsigned columns, unsigned rows, const char *title, struct err *err);
void asciicast_output(struct asciicast *cast, const char *data, size_t len);
void asciicast_resize(struct asciicast *cast, unsigned columns, unsigned rows);
/* Ends it. 0; -1: something of it could not be written. */
int asciicast_free(struct asciicast *cast, struct err *err);

#endif
