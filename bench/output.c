/* output FILE TO COUNT: what comes out of `cat FILE` by a pipe goes to two new files TO.1 and TO.2, COUNT times over: the
 * floor of a step's output, which a journal and whoever reads the observations get. Prints the microseconds that one took. */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

extern char **environ;

static char data[8 << 20];

static size_t run(const char *file)
{
	int ends[2], status;
	pid_t pid;
	size_t len = 0;
	posix_spawn_file_actions_t actions;
	char cat[] = "cat", *argv[] = {cat, (char *)(uintptr_t)file, NULL};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (failed)
		return 0;
	for (ssize_t n; (n = read(ends[0], data + len, sizeof data - len)) > 0;)
		len += (size_t)n;
	close(ends[0]);
	return waitpid(pid, &status, 0) == pid && status == 0 ? len : 0;
}

int main(int argc, char **argv)
{
	char name[4096];
	int to[2];
	long count = argc == 4 ? atol(argv[3]) : 0;
	for (int i = 0; i < 2 && count > 0; i++) {
		snprintf(name, sizeof name, "%s.%d", argv[2], i + 1);
		to[i] = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
		if (to[i] < 0)
			return 1;
	}
	double start = now_us();
	for (long i = 0; i < count; i++) {
		size_t len = run(argv[1]);
		if (write(to[0], data, len) != (ssize_t)len || write(to[1], data, len) != (ssize_t)len)
			return 1;
	}
	printf("%.1f\n", count ? (now_us() - start) / (double)count : 0);
	return 0;
}
