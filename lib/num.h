#ifndef PIPEGYM_NUM_H
#define PIPEGYM_NUM_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Parses a whole decimal number, no sign, no space, no leftovers, min <= value <= max.
 * Returns 0, or -1 and leaves *value untouched. */
int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* The same for a time: seconds, or a number with s, m, h or d behind it. *seconds is at most max. */
int num_parse_duration(const char *text, uint64_t min, uint64_t max, uint64_t *seconds);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t num_now_ms(void);
/* Microseconds of CLOCK_MONOTONIC. */
int64_t num_now_us(void);
/* Milliseconds since a time of num_now_us(), with one decimal place. */
double num_since_ms(int64_t start_us);
/* Seconds since the epoch. */
double num_wall_s(void);
double num_time_s(const struct timespec *time); /* a time as seconds */

/* Writes len (at most 13) characters of 64 random bits, in Crockford's base 32, and a NUL: a name that nobody else has. */
void num_random_name(char *name, size_t len);

/* SplitMix64 (Steele, Lea, Flood 2014): the next number of *state. Same on every machine. */
uint64_t num_random(uint64_t *state);
/* A starting state from a seed string (FNV-1a, 64 bit). */
uint64_t num_seed(const char *seed);

#endif
