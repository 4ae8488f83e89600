#ifndef PIPEGYM_FUZZ_H
#define PIPEGYM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A target: what libFuzzer calls, or main.c. Aborts where something does not hold of the data. 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool condition)
{
	if (!condition)
		abort();
}

#endif
