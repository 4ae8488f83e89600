#include "stop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "num.h"

static volatile sig_atomic_t asked;
static int event = -1, interrupts = -1;

static void on_signal(int number)
{
	int saved = errno;
	uint64_t one = 1;
	if (!asked)
		asked = number;
	/* Fails only when the counter is full, and then it is readable. */
	ssize_t ignored = write(event, &one, sizeof one);
	(void)ignored;
	errno = saved;
}

int stop_install(void)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	if (event >= 0)
		return 0;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return -1;
	/* Without SA_RESTART: what waits for a lock comes back with EINTR and asks stop_signal(). */
	struct sigaction action = {.sa_handler = on_signal}, old;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		/* nohup(1), and shells for background jobs, have them ignored: that is to stay. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	/* A file that may grow no further is an error of the write, as a full disk is. */
	sigaction(SIGXFSZ, &action, NULL);
	return 0;
}

static void on_interrupt(int number)
{
	int saved = errno;
	uint64_t one = 1;
	ssize_t ignored = write(interrupts, &one, sizeof one);
	(void)number;
	(void)ignored;
	errno = saved;
}

int stop_take_interrupts(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};
	if (interrupts < 0 && (interrupts = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		return -1;
	sigemptyset(&action.sa_mask);
	return sigaction(SIGINT, &action, NULL) < 0 ? -1 : interrupts;
}

bool stop_interrupted(void)
{
	uint64_t count;
	return interrupts >= 0 && read(interrupts, &count, sizeof count) == sizeof count;
}

int stop_signal(void)
{
	return asked;
}

int stop_fd(void)
{
	return event;
}

bool stop_wait(int ms, int fd)
{
	/* Of a descriptor of which nothing is asked poll() tells errors: that a pipe has no reader left is one. */
	struct pollfd polled[2] = {{.fd = event, .events = POLLIN}, {.fd = fd}};
	int ready = poll(polled, 2, ms);
	return !asked && (ready == 0 || (ready < 0 && errno == EINTR));
}

int stop_ready(int fd, short events, int64_t deadline, struct err *err)
{
	struct pollfd polled[2] = {{.fd = fd, .events = events}, {.fd = event, .events = POLLIN}};
	for (;;) {
		int64_t left = deadline - num_now_ms();
		int ready = poll(polled, 2, left < 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX);
		if (ready < 0 && errno != EINTR)
			return err_system(err, "poll");
		if (ready > 0 && polled[1].revents)
			return err_set(err, ERR_SYSTEM, "stopped by a signal");
		if (ready > 0)
			return 1;
		if (ready == 0 && left < INT_MAX)
			return 0;
	}
}
