#ifndef PIPEGYM_NORMALISE_TEXT_H
#define PIPEGYM_NORMALISE_TEXT_H

#include "buf.h"

/* The normalisers that are no pattern: each appends what is left of a text. */
typedef void normalise_function(const char *text, size_t len, struct buf *out);
normalise_function normalise_ansi;     /* without escape sequences (ECMA-48) */
normalise_function normalise_progress; /* of a line that was written over with carriage returns, what was last */
normalise_function normalise_trailing; /* without white space at the end of lines, and empty lines at the end */
/* Messages of bash about a command that ends too early, in the words of no version: without the line's number, and
 * without the second message. */
normalise_function normalise_unfinished;
normalise_function normalise_order; /* lines sorted by byte */

#endif
