/* spawn COUNT COMMAND ARGUMENT...: runs the command COUNT times, one after another, by posix_spawn and wait, with its
 * output thrown away: the floor below which no sandbox can be. Prints the microseconds that one took. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int argc, char **argv)
{
	struct timespec start, end;
	posix_spawn_file_actions_t actions;
	long count = argc > 2 ? atol(argv[1]) : 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (long i = 0; i < count; i++) {
		pid_t pid;
		int status;
		if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ) || waitpid(pid, &status, 0) < 0 || status)
			return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	double us = (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3;
	printf("%.1f\n", count ? us / (double)count : 0);
	return 0;
}
