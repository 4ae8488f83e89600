#ifndef RING_H
#define RING_H
#include <stddef.h>

/* The last lines of a stream: at most limit of them. Lines may be of any length and hold any bytes. */
struct ring;

struct ring *ring_new(size_t limit);
/* Takes a copy of len bytes as the newest line. Returns 0, or -1 without memory. */
int ring_add(struct ring *ring, const char *text, size_t len);
size_t ring_count(const struct ring *ring);
/* The line that is i-th from the oldest that is left; NULL if there is none. */
const char *ring_get(const struct ring *ring, size_t i, size_t *len);
void ring_free(struct ring *ring);
#endif
