#ifndef PIPEGYM_TEST_PTY_H
#define PIPEGYM_TEST_PTY_H

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* A child at a pseudo-terminal: what is typed there, what comes, and how the terminal is. Included once per test program. */
#define PATIENCE_MS 20000

/* Its two sides, open all the time. */
static int master = -1, slave = -1;
static char seen[8192]; /* what the child wrote */
static size_t seen_len;

static inline void open_pair(void)
{
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		abort();
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		abort();
}

/* A session of its own, whose terminal the pair is. */
static inline pid_t begin(void (*play)(void))
{
	seen_len = 0;
	seen[0] = '\0';
	pid_t pid = fork();
	if (pid)
		return pid;
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	setenv("TERM", "xterm", 1);
	play();
	exit(0);
}

static inline bool more(int ms)
{
	struct pollfd polled = {.fd = master, .events = POLLIN};
	if (poll(&polled, 1, ms) != 1)
		return false;
	char much[4096];
	ssize_t n = read(master, much, sizeof much);
	if (n <= 0)
		return false;
	/* What there is no room for is of no interest, but is not to hold it up. */
	if ((size_t)n > sizeof seen - 1 - seen_len)
		n = (ssize_t)(sizeof seen - 1 - seen_len);
	memcpy(seen + seen_len, much, (size_t)n);
	seen_len += (size_t)n;
	seen[seen_len] = '\0';
	return true;
}

/* Waits until the child has written it, and forgets all up to there. */
static inline bool saw(const char *text)
{
	for (;;) {
		char *at = strstr(seen, text);
		if (at) {
			at += strlen(text);
			seen_len -= (size_t)(at - seen);
			memmove(seen, at, seen_len + 1);
			return true;
		}
		if (!more(PATIENCE_MS)) {
			printf("# wanted \"%s\"; there is %zu bytes\n", text, seen_len);
			return false;
		}
	}
}

static inline void type(const char *keys)
{
	(void)!write(master, keys, strlen(keys));
}

static inline int end_of(pid_t pid)
{
	int status = 0;
	while (more(10))
		continue;
	for (int i = 0; i < PATIENCE_MS / 5 && waitpid(pid, &status, WNOHANG) == 0; i++)
		more(5);
	while (more(0))
		continue;
	return status;
}

static inline bool is_cooked(void)
{
	struct termios mode;
	tcgetattr(slave, &mode);
	return (mode.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG) && (mode.c_oflag & OPOST);
}

#endif
