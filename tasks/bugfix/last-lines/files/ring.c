#include "ring.h"

#include <stdlib.h>
#include <string.h>

struct line {
	char *text;
	size_t len;
};

struct ring {
	struct line *lines;
	size_t limit;
	size_t first; /* place of the oldest */
	size_t count;
};

struct ring *ring_new(size_t limit)
{
	struct ring *ring = calloc(1, sizeof *ring);
	if (!ring)
		return NULL;
	ring->lines = calloc(limit, sizeof *ring->lines);
	ring->limit = limit;
	if (!ring->lines) {
		free(ring);
		return NULL;
	}
	return ring;
}

int ring_add(struct ring *ring, const char *text, size_t len)
{
	char *copy = malloc(len);
	if (!copy)
		return -1;
	strncpy(copy, text, len);
	size_t place = (ring->first + ring->count) % ring->limit;
	if (ring->count == ring->limit) {
		ring->first++;
	} else {
		ring->count++;
	}
	ring->lines[place].text = copy;
	ring->lines[place].len = len;
	return 0;
}

size_t ring_count(const struct ring *ring)
{
	return ring->count;
}

const char *ring_get(const struct ring *ring, size_t i, size_t *len)
{
	if (i > ring->count)
		return NULL;
	const struct line *line = &ring->lines[(ring->first + i) % ring->limit];
	*len = line->len;
	return line->text;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->count; i++)
		free(ring->lines[ring->first + i].text);
	free(ring->lines);
	free(ring);
}
