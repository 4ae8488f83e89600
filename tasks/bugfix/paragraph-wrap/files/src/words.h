#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdio.h>

#define WORDS_MAX 64

enum words_kind {
	WORDS_END,   /* nothing more to read */
	WORDS_WORD,  /* words->word holds a word of words->len bytes */
	WORDS_BREAK, /* an empty line */
};

/* Splits a stream into words and empty lines. */
struct words {
	FILE *in;
	char word[WORDS_MAX];
	size_t len;
	int last; /* the byte before this one */
};

void words_init(struct words *words, FILE *in);
enum words_kind words_next(struct words *words);

#endif
