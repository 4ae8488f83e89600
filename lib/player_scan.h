#ifndef PIPEGYM_PLAYER_SCAN_H
#define PIPEGYM_PLAYER_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* What a person types for a shell, looked at before it goes to the box. */

/* Whether a command goes on in the next line, as bash -n sees it: a quote, a here document, a loop is open, or a
 * backslash ends it. It is parsed, and not carried out. Where there is no bash nothing ever goes on. */
bool player_unfinished(const char *command);

/* Where the word begins that ends at the cursor; *command: it is the name of a command. */
size_t player_word(const char *line, size_t cursor, bool *command);
/* A word as it is meant, without its quotes. */
void player_unquote(const char *word, size_t len, struct buf *out);
/* A name as it is to be typed: printable ASCII, or UTF-8 without control characters. */
void player_quote(const char *name, size_t len, struct buf *out);

#endif
