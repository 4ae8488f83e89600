#include "read_line.h"

#include <stdlib.h>

long read_line(FILE *file, char **text, size_t *size)
{
	size_t len = 0;
	char c;
	while ((c = getc(file)) != EOF && c != '\n') {
		if (len > *size || !*text) {
			size_t more = *size ? *size * 2 : 16;
			char *bigger = realloc(*text, more);
			if (!bigger)
				return -1;
			*text = bigger;
			*size = more;
		}
		(*text)[len++] = c;
	}
	if (c == EOF)
		return -1;
	return (long)len;
}
