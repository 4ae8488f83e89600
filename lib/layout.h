#ifndef PIPEGYM_LAYOUT_H
#define PIPEGYM_LAYOUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * Lines of text, and the rows that they take on a screen of a width. Whatever
 * goes in is made safe for a terminal on its way (text.h), and tabs become
 * spaces: nothing comes out that did not pass here.
 *
 * A line of somebody else's text has a gutter, '|' for example: each of its rows
 * begins with that and a space, or, where it only goes on, with ':' and a space.
 * So such a text cannot pass for a line of ours. A line without a gutter goes on
 * `indent` columns to the right, and rather after a blank.
 */
enum layout_style { LAYOUT_PLAIN, LAYOUT_BOLD, LAYOUT_DIM, LAYOUT_RED, LAYOUT_GREEN };

struct layout_line {
	enum layout_style style;
	char gutter; /* or '\0' */
	unsigned indent;
	size_t start, len; /* of its text */
};

struct layout {
	struct layout_line *lines;
	size_t count;
	struct buf text;
	bool fold; /* what is long is folded: set by the owner, before anything is added */
};
#define LAYOUT_AUTO __attribute__((cleanup(layout_free))) struct layout
void layout_free(struct layout *layout);
void layout_clear(struct layout *layout);

/* Where it folds: of a text of more than LAYOUT_FOLD lines only the first and the last go in, of a line of more than
 * LAYOUT_LONG bytes its head and its tail, and a line of ours that counts what is left out. */
#define LAYOUT_FOLD 16
#define LAYOUT_FIRST 8
#define LAYOUT_LAST 4
#define LAYOUT_LONG 600

/* One line of ours; line breaks in it become spaces. */
void layout_add(struct layout *layout, enum layout_style style, unsigned indent, const char *text, size_t len);
void layout_add_format(struct layout *layout, enum layout_style style, unsigned indent, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void layout_add_format_list(struct layout *layout, enum layout_style style, unsigned indent, const char *format,
                            va_list arguments) __attribute__((format(printf, 4, 0)));
/* Lines of another's; a newline at the end ends the last one. */
#define LAYOUT_PROSE '>' /* the gutter of a text that is broken between words */
void layout_add_block(struct layout *layout, enum layout_style style, char gutter, const char *text, size_t len);

/* How wide the screen is now, at least 20: $COLUMNS, else what the terminal says that stdout is, or, as where that is a
 * pipe to a pager, stderr or stdin; else 80. */
unsigned layout_screen(void);

/* Appends the next row of a line: *at begins at 0. Its columns; a row is at most width wide, unless one character is
 * wider. False: there are no more. Each line has at least one. */
bool layout_row(const struct layout *layout, size_t line, size_t *at, unsigned width, struct buf *out, unsigned *columns);
/* Appends lines [from, to) as rows, each with its newline. colour: with ECMA-48's styles. */
void layout_print(const struct layout *layout, size_t from, size_t to, unsigned width, bool colour, struct buf *out);
/* How many bytes of a text that is safe already, and one line, have room in so many columns; and the columns they take. */
size_t layout_fit(const char *text, size_t len, unsigned width, unsigned *columns);
/* Whether two lines hold the same, whatever their style. */
bool layout_same(const struct layout *a, size_t i, const struct layout *b, size_t j);

/* What switches a style on, and all off. */
const char *layout_style_on(enum layout_style style);
#define LAYOUT_STYLE_OFF "\033[0m"

#endif
