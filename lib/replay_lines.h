#ifndef PIPEGYM_REPLAY_LINES_H
#define PIPEGYM_REPLAY_LINES_H

#include <stdbool.h>

#include "json.h"

/* What the lines have in common that only one of two texts has. */
struct replay_lines {
	bool system;   /* all name a folder of the root of systems, such as /proc */
	bool refused;  /* one says that something below such a folder is not there, or cannot be read */
	bool reworded; /* all are messages of one program, which both texts have; or are lines of its usage */
	bool objected; /* those of one text are messages of one program, in place of what the other has, and not that a file is missing */
	bool order; /* put together, all hold the same characters */
};
/* a, b: strings. Lines are compared whatever their order. */
struct replay_lines replay_lines_compare(json a, json b);

#endif
