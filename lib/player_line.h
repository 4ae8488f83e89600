#ifndef PIPEGYM_PLAYER_LINE_H
#define PIPEGYM_PLAYER_LINE_H

#include <stdbool.h>

#include "buf.h"
#include "err.h"

/*
 * The lines that a person types, or that a pipe holds. At a terminal they are
 * edited, with libedit, which this module alone knows; it reads by a function
 * of ours, so that whoever waits for a key also waits for signals, and is
 * given no say in what these do.
 */
struct player_lines;

/* Appends to *found what may stand in place of the word that ends at the cursor: "WORD\0" each, as it is to be typed;
 * the word begins at *start. Those that are not whole yet, such as folders, end with '/'. */
typedef void player_complete(void *context, const char *line, size_t cursor, size_t *start, struct buf *found);

/* edit: standard input and output are a terminal's. interrupts: stop_take_interrupts(). NULL and ERR_SYSTEM. */
struct player_lines *player_lines_new(bool edit, int interrupts, player_complete *complete, void *context, struct err *err);
void player_lines_free(struct player_lines *lines);

enum player_got { PLAYER_LINE, PLAYER_END, PLAYER_INTERRUPT, PLAYER_WRONG };
/* The next line, owned, without its newline. PLAYER_WRONG: err says what is wrong with it; it was passed over. A stop
 * signal, and a terminal that is gone, are the end. The prompt is only shown where lines are edited; "\1" stands around
 * what takes no room. */
enum player_got player_lines_read(struct player_lines *lines, const char *prompt, char **line, struct err *err);

/* What the arrow keys bring back: the lines of a file below STATE, one JSON string each, which is made when something
 * is added. name: of a set of tasks. What cannot be read or written is no reason to stop. */
void player_lines_history(struct player_lines *lines, const char *name);
void player_lines_remember(struct player_lines *lines, const char *text);

#endif
