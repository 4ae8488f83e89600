#ifndef PIPEGYM_POOL_H
#define PIPEGYM_POOL_H

#include <stddef.h>

/*
 * Jobs side by side on a fixed number of threads. Jobs with the same key run
 * one after another in the order they were put in; across keys in any order.
 * The queue is bounded (16 jobs a worker): pool_add waits when it is full.
 * With one worker there are no threads: pool_add runs the job at once.
 */
struct pool;
typedef void pool_run(void *job, void *context);

/* run is called with each job and with context, by as many threads as there are workers, at most. */
struct pool *pool_new(unsigned workers, pool_run *run, void *context);
/* key is copied. The job belongs to run() from here. */
void pool_add(struct pool *pool, const char *key, void *job);
/* The same of one that holds memory, in bytes: those that wait hold 8 MiB in all, or one is larger and waits alone. */
void pool_add_sized(struct pool *pool, const char *key, void *job, size_t size);
void pool_wait(struct pool *pool); /* until all that was added has run */
void pool_free(struct pool *pool); /* waits, then ends the threads; NULL is fine */

#endif
