/*
 * shells COUNT STEPS COMMAND: as many bash processes as there would be
 * sessions, each reading commands from a named pipe and writing statuses to
 * another with the script that sessions have, but in no box, with no pid 1 and
 * no journal: the floor of steps side by side. Works in a folder "shells" of
 * the working directory, which it makes. Prints how many commands a second
 * were answered, COUNT of them being under way at any time.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define EVAL "builtin eval -- \"${REPLY#*$'\\n'}\" </dev/null >stdout 2>stderr; "
static const char script[] =
        "while builtin read -rd '' <command; do __step=${REPLY%%$'\\n'*}; for __status in \"${__status:-0}\"; do "
        "if ((__status == 0)); then " EVAL "elif (builtin exit $__status); then builtin :; else " EVAL "fi; done; "
        "__status=$?; builtin printf '%s:%s\\n' \"$__step\" \"$__status\" >status; done";

enum { COMMAND, STATUS, STDOUT, STDERR, PIPES };
struct shell {
	pid_t pid;
	int pipes[PIPES]; /* held open at both ends */
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* In a folder of its own, which it stays in. */
static void start(struct shell *shell, unsigned number)
{
	static const char *const names[PIPES] = {"command", "status", "stdout", "stderr"};
	char folder[32];
	snprintf(folder, sizeof folder, "shells/%u", number);
	if (mkdir(folder, 0700) < 0 || chdir(folder) < 0)
		fail(folder);
	for (int i = 0; i < PIPES; i++)
		if (mkfifo(names[i], 0600) < 0 || (shell->pipes[i] = open(names[i], O_RDWR | O_CLOEXEC)) < 0)
			fail(names[i]);
	shell->pid = fork();
	if (shell->pid == 0) {
		int null = open("/dev/null", O_RDWR);
		for (int i = 0; i < 3; i++)
			dup2(null, i);
		execl("/bin/bash", "/bin/bash", "--norc", "--noprofile", "-c", script, "bash", NULL);
		_exit(127);
	}
	if (shell->pid < 0 || chdir("../..") < 0)
		fail("fork");
}

static void give(const struct shell *shell, const char *command)
{
	char text[4096];
	int len = snprintf(text, sizeof text, "1\n%s", command) + 1;
	if (len > (int)sizeof text || write(shell->pipes[COMMAND], text, (size_t)len) != len)
		fail("a command");
}

/* Seconds for so many steps, all shells being busy as long as there are any. */
static double run(const struct shell *shells, unsigned count, unsigned steps, int queue, const char *command)
{
	unsigned sent = 0, done = 0;
	double start = now_us();
	for (; sent < count && sent < steps; sent++)
		give(&shells[sent], command);
	while (done < steps) {
		struct epoll_event events[64];
		int ready = epoll_wait(queue, events, 64, 60000);
		if (ready <= 0)
			fail("answers");
		for (int i = 0; i < ready; i++) {
			char status[64];
			const struct shell *shell = &shells[events[i].data.u32];
			if (read(shell->pipes[STATUS], status, sizeof status) <= 0)
				fail("a status");
			done++;
			if (sent++ < steps)
				give(shell, command);
		}
	}
	return (now_us() - start) / 1e6;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	if (argc != 4)
		return 2;
	unsigned count = (unsigned)atol(argv[1]), steps = (unsigned)atol(argv[2]);
	struct shell *shells = calloc(count, sizeof *shells);
	int queue = epoll_create1(EPOLL_CLOEXEC);
	if (!shells || queue < 0 || mkdir("shells", 0700) < 0)
		fail("begin");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (unsigned i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
		start(&shells[i], i);
		if (epoll_ctl(queue, EPOLL_CTL_ADD, shells[i].pipes[STATUS], &event) < 0)
			fail("epoll_ctl");
	}
	run(shells, count, count, queue, "true"); /* until they have all started */
	printf("%.0f\n", (double)steps / run(shells, count, steps, queue, argv[3]));
	for (unsigned i = 0; i < count; i++)
		kill(shells[i].pid, SIGKILL);
	for (unsigned i = 0; i < count; i++)
		waitpid(shells[i].pid, NULL, 0);
	free(shells);
	return 0;
}
