#ifndef PIPEGYM_CLOCK_H
#define PIPEGYM_CLOCK_H

#include <time.h>

/* Microseconds of CLOCK_MONOTONIC. */
static inline double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

#endif
