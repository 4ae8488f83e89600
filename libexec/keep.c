/*
 * pipegym-keep: runs one command and leaves nothing of it behind; see
 * lib/keeper.h and keeper_wire.h. A process group does not hold what begins a
 * session of its own, but orphans go to the nearest subreaper (prctl(2)): this
 * process. All that it ever gets as a child is of the command.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper_wire.h"

#define CONTROL 3

struct command {
	char text[KEEPER_MESSAGE_MAX];
	char *strings[KEEPER_STRINGS_MAX + 1]; /* the path, the environment, NULL */
	int fds[3];
};

static bool receive(struct command *command)
{
	_Alignas(struct cmsghdr) char ancillary[CMSG_SPACE(3 * sizeof(int))];
	struct iovec part = {command->text, sizeof command->text};
	struct msghdr header = {
	        .msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary, .msg_controllen = sizeof ancillary};
	ssize_t n = recvmsg(CONTROL, &header, MSG_CMSG_CLOEXEC);
	struct cmsghdr *item = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (!item || item->cmsg_len != CMSG_LEN(3 * sizeof(int)) || command->text[n - 1] != '\0')
		return false;
	memcpy(command->fds, CMSG_DATA(item), 3 * sizeof(int));
	int count = 0;
	for (char *at = command->text; at < command->text + n && count < KEEPER_STRINGS_MAX; at += strlen(at) + 1)
		command->strings[count++] = at;
	command->strings[count] = NULL;
	return true;
}

/* In the child. The descriptors lie above 4. */
static void become(const struct command *command, int report) __attribute__((noreturn));
static void become(const struct command *command, int report)
{
	char *argv[] = {command->strings[0], NULL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (chdir("/") == 0 && dup2(command->fds[0], 0) == 0 && dup2(command->fds[1], 1) == 1 &&
	    dup2(command->fds[2], 2) == 2)
		execve(argv[0], argv, command->strings + 1);
	int error = errno;
	(void)!write(report, &error, sizeof error);
	_exit(127);
}

/* Its pid, or -1 and errno. */
static pid_t start(const struct command *command)
{
	int report[2], error = 0;
	if (fcntl(CONTROL, F_SETFD, FD_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		become(command, report[1]);
	int saved = errno;
	close(report[1]);
	for (int i = 0; i < 3; i++)
		close(command->fds[i]);
	ssize_t n = pid < 0 ? 0 : read(report[0], &error, sizeof error);
	close(report[0]);
	if (n == sizeof error) {
		waitpid(pid, NULL, 0);
		pid = -1;
		saved = error;
	}
	errno = saved;
	return pid;
}

/* The parent of a process; 0 if it is gone. */
static pid_t parent_of(const char *pid)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t len = fread(line, 1, sizeof line - 1, file);
	fclose(file);
	line[len] = '\0';
	/* "PID (NAME) STATE PARENT …", where NAME may hold anything. */
	char *close = strrchr(line, ')');
	return close && strlen(close) >= 5 ? (pid_t)strtol(close + 4, NULL, 10) : 0;
}

/* Every child. Their children become ours, and are next. */
static void kill_children(void)
{
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));)
		if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid())
			kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
	if (proc)
		closedir(proc);
}

/* Kills and reaps until nothing is left. *status is that of the command. */
static void sweep(pid_t command, int *status)
{
	static const struct timespec pause = {0, 1000000};
	for (;;) {
		int ended_with;
		pid_t ended = waitpid(-1, &ended_with, WNOHANG);
		if (ended < 0 && errno == ECHILD)
			return;
		if (ended == command)
			*status = ended_with;
		if (ended > 0)
			continue;
		kill_children();
		nanosleep(&pause, NULL);
	}
}

/* Until the command ends, or the other end wants it to. */
static void await(pid_t command)
{
	struct pollfd fds[2] = {{CONTROL, POLLIN, 0}, {pidfd_open(command, 0), POLLIN, 0}};
	if (fds[1].fd < 0)
		return;
	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		continue;
	close(fds[1].fd);
	if (!fds[1].revents)
		kill(-command, SIGKILL);
}

int main(void)
{
	static struct command command;
	struct keeper_answer answer = {0};
	/* Ctrl-C is for programs, which end this one by their end of CONTROL. */
	setsid();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || !receive(&command))
		return 1;
	pid_t pid = start(&command);
	if (pid < 0) {
		answer.error = errno;
	} else {
		await(pid);
		sweep(pid, &answer.status);
	}
	return send(CONTROL, &answer, sizeof answer, MSG_NOSIGNAL) < 0;
}
