#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"
#include "wrap.h"

static int usage(void)
{
	fputs("usage: wrap [-w WIDTH] [-i INDENT] [FILE]\n", stderr);
	return 2;
}

static void fill(FILE *in, size_t width, size_t indent)
{
	struct words words;
	struct wrap wrap;
	enum words_kind kind;

	words_init(&words, in);
	wrap_init(&wrap, stdout, width, indent);
	while ((kind = words_next(&words)) != WORDS_END) {
		if (kind == WORDS_WORD)
			wrap_word(&wrap, words.word, words.len);
		else
			wrap_break(&wrap);
	}
	wrap_end(&wrap);
}

int main(int argc, char **argv)
{
	int width = 72;
	int indent = 0;
	int option;
	FILE *in = stdin;

	while ((option = getopt(argc, argv, "w:i:")) != -1) {
		switch (option) {
		case 'w':
			width = atoi(optarg);
			break;
		case 'i':
			indent = atoi(optarg);
			break;
		default:
			return usage();
		}
	}
	if (width < 1 || indent < 0 || argc - optind > 1)
		return usage();
	if (optind < argc) {
		in = fopen(argv[optind], "r");
		if (in == NULL) {
			fprintf(stderr, "wrap: %s: %s\n", argv[optind], strerror(errno));
			return 1;
		}
	}
	fill(in, width, indent);
	return 0;
}
