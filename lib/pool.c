#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "num.h"

/*
 * Each key with jobs has a lane: its jobs in order. A lane that has jobs and
 * no running one is in the ready list, and workers take lanes from there, not
 * jobs: a job that has to wait for its key occupies nobody. A job costs a
 * bounded amount of work whatever the number of keys and workers, and wakes
 * one thread at most: who waits for room is woken when half of it is free, not
 * for each job. Threads are started when there is work that no idle one can take.
 */
#define STACK_SIZE (512u << 10)
#define QUEUED_PER_WORKER 16
#define QUEUED_SIZE (8u << 20) /* bytes */

struct job {
	struct job *next;
	void *job;
	size_t size;
};

struct lane {
	struct lane *next;       /* of the same hash */
	struct lane *next_ready; /* in the ready list */
	struct job *first, **last;
	char *key;
};

struct pool {
	pool_run *run;
	void *context;
	unsigned workers, started, idle;
	pthread_t *threads;
	pthread_mutex_t lock;
	pthread_cond_t work, room, done;
	struct lane **lanes; /* by hash */
	size_t lane_mask;
	struct lane *ready, **ready_last;
	unsigned ready_count;
	unsigned queued;  /* jobs that wait */
	unsigned pending; /* jobs that wait or run */
	size_t size;      /* of the jobs that wait */
	bool closing;
};

struct pool *pool_new(unsigned workers, pool_run *run, void *context)
{
	struct pool *pool = mem_alloc(1, sizeof *pool);
	pool->run = run;
	pool->context = context;
	pool->workers = workers;
	if (workers <= 1)
		return pool;
	pool->threads = mem_alloc(workers, sizeof *pool->threads);
	size_t lanes = 16;
	while (lanes < (size_t)workers * (QUEUED_PER_WORKER + 1))
		lanes *= 2;
	pool->lanes = mem_alloc(lanes, sizeof *pool->lanes);
	pool->lane_mask = lanes - 1;
	pool->ready_last = &pool->ready;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->room, NULL);
	pthread_cond_init(&pool->done, NULL);
	return pool;
}

/* Where the lane of this key is linked, or would be. */
static struct lane **lane_place(struct pool *pool, const char *key)
{
	struct lane **place = &pool->lanes[num_seed(key) & pool->lane_mask];
	while (*place && strcmp((*place)->key, key))
		place = &(*place)->next;
	return place;
}

static void lane_make_ready(struct pool *pool, struct lane *lane)
{
	lane->next_ready = NULL;
	*pool->ready_last = lane;
	pool->ready_last = &lane->next_ready;
	pool->ready_count++;
}

static struct lane *lane_take_ready(struct pool *pool)
{
	struct lane *lane = pool->ready;
	pool->ready = lane->next_ready;
	if (!pool->ready)
		pool->ready_last = &pool->ready;
	pool->ready_count--;
	return lane;
}

static void lane_free(struct pool *pool, struct lane *lane)
{
	*lane_place(pool, lane->key) = lane->next;
	free(lane->key);
	free(lane);
}

/* Runs the first job of a lane. The lock is held, but not while the job runs. */
static void lane_run(struct pool *pool, struct lane *lane)
{
	struct job *job = lane->first;
	lane->first = job->next;
	if (!lane->first)
		lane->last = &lane->first;
	pool->size -= job->size;
	if (--pool->queued == pool->workers * QUEUED_PER_WORKER / 2 || job->size > 0)
		pthread_cond_signal(&pool->room);
	pthread_mutex_unlock(&pool->lock);
	pool->run(job->job, pool->context);
	free(job);
	pthread_mutex_lock(&pool->lock);
	/* This thread looks for work next: nobody has to be woken for the lane. */
	if (lane->first)
		lane_make_ready(pool, lane);
	else
		lane_free(pool, lane);
	if (!--pool->pending)
		pthread_cond_broadcast(&pool->done);
}

static void *worker(void *argument)
{
	struct pool *pool = argument;
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->ready && !pool->closing) {
			pool->idle++;
			pthread_cond_wait(&pool->work, &pool->lock);
			pool->idle--;
		}
		if (!pool->ready)
			break;
		lane_run(pool, lane_take_ready(pool));
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Signals are for the main thread: workers are born with all of them blocked. */
static bool start_worker(struct pool *pool)
{
	sigset_t all, old;
	pthread_attr_t attributes;
	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	bool started = pthread_create(&pool->threads[pool->started], &attributes, worker, pool) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	pool->started += started;
	return started;
}

static void enqueue(struct pool *pool, const char *key, void *data, size_t size)
{
	struct lane **place = lane_place(pool, key), *lane = *place;
	bool is_new = !lane;
	if (is_new) {
		lane = *place = mem_alloc(1, sizeof *lane);
		lane->key = mem_string(key);
		lane->last = &lane->first;
	}
	struct job *job = mem_alloc(1, sizeof *job);
	job->job = data;
	job->size = size;
	*lane->last = job;
	lane->last = &job->next;
	pool->queued++;
	pool->pending++;
	pool->size += size;
	/* A lane that was there runs, or is in the ready list. */
	if (is_new)
		lane_make_ready(pool, lane);
}

void pool_add(struct pool *pool, const char *key, void *job)
{
	pool_add_sized(pool, key, job, 0);
}

/* A job that is larger than what may wait waits alone. */
static bool is_full(const struct pool *pool, size_t size)
{
	return pool->queued >= pool->workers * QUEUED_PER_WORKER || (pool->size > 0 && pool->size + size > QUEUED_SIZE);
}

void pool_add_sized(struct pool *pool, const char *key, void *job, size_t size)
{
	if (pool->workers <= 1) {
		pool->run(job, pool->context);
		return;
	}
	pthread_mutex_lock(&pool->lock);
	while (is_full(pool, size))
		pthread_cond_wait(&pool->room, &pool->lock);
	enqueue(pool, key, job, size);
	if (pool->ready_count > pool->idle && pool->started < pool->workers) {
		bool started = start_worker(pool);
		/* No thread to be had at all: then as with one worker. */
		if (!started && pool->started == 0)
			lane_run(pool, lane_take_ready(pool));
	}
	if (pool->ready_count && pool->idle)
		pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

void pool_wait(struct pool *pool)
{
	if (pool->workers <= 1)
		return;
	pthread_mutex_lock(&pool->lock);
	while (pool->pending)
		pthread_cond_wait(&pool->done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	if (pool->workers > 1) {
		pool_wait(pool);
		pthread_mutex_lock(&pool->lock);
		pool->closing = true;
		pthread_cond_broadcast(&pool->work);
		pthread_mutex_unlock(&pool->lock);
		for (unsigned i = 0; i < pool->started; i++)
			pthread_join(pool->threads[i], NULL);
		pthread_cond_destroy(&pool->work);
		pthread_cond_destroy(&pool->room);
		pthread_cond_destroy(&pool->done);
		pthread_mutex_destroy(&pool->lock);
	}
	free(pool->lanes);
	free(pool->threads);
	free(pool);
}
