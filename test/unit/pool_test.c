#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "num.h"
#include "tap.h"

#define KEYS 64

struct log {
	pthread_mutex_t lock;
	atomic_int running[KEYS], at_once, most, done, out_of_order, together, unblocked;
	atomic_int last[KEYS];
	atomic_bool held; /* jobs of key 1 do not end yet */
	int pause_us;
};

struct job {
	int key, number;
};

static void run(void *argument, void *context)
{
	struct job *job = argument;
	struct log *log = context;
	sigset_t blocked;
	int now = ++log->at_once, most = log->most;
	while (now > most && !atomic_compare_exchange_weak(&log->most, &most, now))
		;
	log->together += log->running[job->key]++ != 0;
	log->out_of_order += log->last[job->key] >= job->number;
	log->last[job->key] = job->number;
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	log->unblocked += !sigismember(&blocked, SIGTERM);
	while (job->key == 1 && log->held)
		usleep(1000);
	if (log->pause_us)
		usleep((useconds_t)log->pause_us);
	log->running[job->key]--;
	log->at_once--;
	log->done++;
	free(job);
}

static void add_sized(struct pool *pool, int key, int number, size_t size)
{
	char name[32];
	struct job *job = malloc(sizeof *job);
	*job = (struct job){.key = key, .number = number};
	snprintf(name, sizeof name, "key-%d", key);
	pool_add_sized(pool, name, job, size);
}

static void add(struct pool *pool, int key, int number)
{
	add_sized(pool, key, number, 0);
}

static void test_many(unsigned workers, int jobs)
{
	static struct log log;
	memset(&log, 0, sizeof log);
	struct pool *pool = pool_new(workers, run, &log);
	for (int i = 1; i <= jobs; i++)
		add(pool, i * 7 % KEYS, i);
	pool_wait(pool);
	is_int(log.done, jobs, "all have run");
	is_int(log.together, 0, "a key's jobs never run together");
	is_int(log.out_of_order, 0, "a key's jobs run in order");
	ok(log.most <= (int)workers, "no more at once than there are workers");
	if (workers > 1)
		is_int(log.unblocked, 0, "signals are for the main thread");
	add(pool, 1, jobs + 1);
	pool_free(pool);
	is_int(log.done, jobs + 1, "pool_free waits");
}

static void test_side_by_side(void)
{
	static struct log log = {.pause_us = 500000};
	int64_t start = num_now_ms();
	struct pool *pool = pool_new(32, run, &log);
	for (int i = 0; i < 32; i++)
		add(pool, i, 1);
	pool_wait(pool);
	ok(num_now_ms() - start < 32 * 500 / 2, "different keys run side by side");
	pool_free(pool);
}

/* The queue holds 16 jobs a worker, and a job that waits for its key occupies no worker. */
static void test_waiting(void)
{
	static struct log log = {.pause_us = 10000, .held = true};
	struct pool *pool = pool_new(2, run, &log);
	for (int i = 1; i <= 4; i++)
		add(pool, 1, i);
	add(pool, 2, 1);
	for (int i = 0; i < 10000 && !log.last[2]; i++)
		usleep(1000);
	is_int(log.last[2], 1, "another key does not wait behind a busy one");
	log.held = false;
	for (int i = 5; i <= 80; i++)
		add(pool, 1, i);
	ok(log.done >= 80 - 32 - 2, "pool_add waits when the queue is full");
	pool_free(pool);
	is_int(log.done, 81, "all have run");
}

/* Of jobs of 5 MiB one waits, and of those that are larger than all that may wait. */
static void test_sizes(void)
{
	static struct log log = {.pause_us = 3000};
	struct pool *pool = pool_new(2, run, &log);
	int most = 0;
	for (int i = 1; i <= 20; i++) {
		add_sized(pool, i, 1, i > 10 ? 100u << 20 : 5u << 20);
		most = i - log.done > most ? i - log.done : most;
	}
	/* Two that run and one that waits. */
	ok(most <= 3, "pool_add_sized waits for room");
	pool_free(pool);
	is_int(log.done, 20, "all have run");
}

int main(void)
{
	test_many(1, 100);
	test_many(2, 2000);
	test_many(16, 20000);
	test_many(1024, 20000);
	test_side_by_side();
	test_waiting();
	test_sizes();
	pool_free(NULL);
	pool_free(pool_new(8, run, NULL));
	return done_testing();
}
