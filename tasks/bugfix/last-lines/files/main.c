#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "read_line.h"
#include "ring.h"

static const char usage[] = "usage: last [-n COUNT] [-w WORD]\n";

static int has_word(const char *text, size_t len, const char *word)
{
	size_t size = strlen(word);
	for (size_t i = 0; i + size < len; i++)
		if (memcmp(text + i, word, size) == 0)
			return 1;
	return 0;
}

static int number(const char *text, size_t *value)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (*end || errno || n > 1000000)
		return -1;
	*value = n;
	return 0;
}

int main(int argc, char **argv)
{
	size_t count = 10, size = 0;
	const char *word = "";
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 < argc && strcmp(argv[i], "-n") == 0 && number(argv[i + 1], &count) == 0)
			continue;
		if (i + 1 < argc && strcmp(argv[i], "-w") == 0) {
			word = argv[i + 1];
			continue;
		}
		fputs(usage, stderr);
		return 2;
	}
	struct ring *ring = ring_new(count);
	if (!ring)
		return 1;
	char *text = NULL;
	for (long len; (len = read_line(stdin, &text, &size)) >= 0;)
		if (has_word(text, (size_t)len, word) && ring_add(ring, text, (size_t)len) < 0)
			return 1;
	for (size_t i = 0; i <= ring_count(ring); i++) {
		size_t len = 0;
		const char *line = ring_get(ring, i, &len);
		fwrite(line, 1, len, stdout);
		putchar('\n');
	}
	ring_free(ring);
	free(text);
	return fflush(stdout) == 0 ? 0 : 1;
}
