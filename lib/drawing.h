#ifndef PIPEGYM_DRAWING_H
#define PIPEGYM_DRAWING_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * What a program that nobody trusts writes, for the terminal of somebody who
 * asked for it to be drawn there. What draws comes through: text, and the
 * control sequences that move, colour, scroll and erase. Everything else is
 * left out: above all what a terminal answers as if it were typed, what reaches
 * the clipboard, files, the printer or the window, and what would change how
 * the terminal takes the text after it. drawing.c has the list, with reasons.
 */
struct drawing { /* all zero at first */
	int state;
	bool too_long; /* the control sequence is, and is left out */
	size_t len;    /* of what has come of it */
	char held[64]; /* behind its "ESC [" */
	size_t bytes;  /* of a character that have come */
	char part[4];
	char introduced; /* by which byte behind ESC a final one belongs to */
};

/* Appends what of the next bytes is drawn; a sequence that is not whole yet comes with its rest. */
void drawing_filter(struct drawing *drawing, const char *data, size_t len, struct buf *out);

/* Undoes what the program can have left: mouse and paste marks, the other screen, scrolling region, character set,
 * colours, keypad, wrapping, a hidden cursor. */
#define DRAWING_END                                                                                                    \
	"\033[?1000l\033[?1002l\033[?1006l\033[?2004l\033[?2026l\033[?1047l\0337\033[r\0338\033[4l\033[?7h"            \
	"\033[?5l\033[?1l\033>\033(B\017\033[0m\033[0 q\033[?25h"

#endif
