#ifndef WRAP_H
#define WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Lays words out in lines. */
struct wrap {
	FILE *out;
	size_t width;  /* columns of a line */
	size_t indent; /* spaces before every line of a paragraph but the first */
	size_t column; /* columns of the line so far; 0: no word of the paragraph yet */
};

void wrap_init(struct wrap *wrap, FILE *out, size_t width, size_t indent);
void wrap_word(struct wrap *wrap, const char *word, size_t len);
void wrap_break(struct wrap *wrap); /* ends the paragraph */
void wrap_end(struct wrap *wrap);   /* ends the text */

#endif
