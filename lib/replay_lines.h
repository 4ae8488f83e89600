#ifndef PIPEGYM_REPLAY_LINES_H
#define PIPEGYM_REPLAY_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* What the lines have in common that only one of two texts has. */
struct replay_lines {
	bool system;  /* all name a folder of the root of systems, such as /proc */
	bool refused; /* one says that something below such a folder is not there, or cannot be read */
	bool reworded; /* all are messages of one program, in both texts, or in one that says what stands in place of the other's
	                * lines; or they are lines of its usage */
	bool order; /* put together, all hold the same characters */
};
/* Lines are compared whatever their order. */
struct replay_lines replay_lines_compare(const struct buf *a, const struct buf *b);

#endif
