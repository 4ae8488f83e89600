/* spawn COUNT COMMAND ARGUMENT...: runs the command COUNT times, one after another, by posix_spawn and wait, with its
 * output thrown away: the floor below which no sandbox can be. Prints the microseconds that one took. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "clock.h"

extern char **environ;

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	long count = argc > 2 ? atol(argv[1]) : 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	double start = now_us();
	for (long i = 0; i < count; i++) {
		pid_t pid;
		int status;
		if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ) || waitpid(pid, &status, 0) < 0 || status)
			return 1;
	}
	printf("%.1f\n", count ? (now_us() - start) / (double)count : 0);
	return 0;
}
