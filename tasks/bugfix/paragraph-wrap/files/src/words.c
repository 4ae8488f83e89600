#include "words.h"

#include <ctype.h>

void words_init(struct words *words, FILE *in)
{
	words->in = in;
	words->len = 0;
	words->last = 0;
}

enum words_kind words_next(struct words *words)
{
	int byte;

	words->len = 0;
	while ((byte = getc(words->in)) != EOF) {
		if (byte == '\n') {
			if (words->len > 0) {
				ungetc(byte, words->in);
				return WORDS_WORD;
			}
			if (words->last == '\n')
				return WORDS_BREAK;
			words->last = byte;
			continue;
		}
		words->last = byte;
		if (isspace(byte)) {
			if (words->len > 0)
				return WORDS_WORD;
			continue;
		}
		if (words->len < WORDS_MAX)
			words->word[words->len++] = byte;
	}
	return WORDS_END;
}
