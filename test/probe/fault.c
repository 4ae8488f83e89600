/*
 * fault [-p NAME] [-w MS] CALL N ERROR COMMAND [ARGUMENT...]
 *
 * Runs a command and lets the N-th system call CALL that its processes of this
 * name (-p; any) make fail with this error, by its number; N 0: none does. All
 * others go on as they would. The kernel asks by seccomp's notifications, which
 * every descendant has, whatever it is turned into: they also tell when the last
 * of these processes is gone. What they cannot do is show it to the command:
 * nothing in it knows of this.
 *
 * Descriptor 9, where that is open, gets a line: how many such calls were made
 * until the command ended, and "gone" or "left": whether all of its processes
 * were gone within MS milliseconds (2000) of its end. What is left goes on as it
 * would, and its calls are counted further.
 *
 * Exit status: the command's, 128 and more for a signal; 120 when this failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 120, REPORT = 9 };

/* What the processes of this program share. */
static struct shared {
	volatile int listener; /* -1: not yet; less: -errno - 1 */
	volatile unsigned long count;
} * shared;

static int patience_ms = 2000;

static int fail(const char *what)
{
	fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
	return FAILED;
}

/* In the command's process, which has its descriptors in common with its parent until it executes the command. */
static void become(unsigned call, char **argv) __attribute__((noreturn));
static void become(unsigned call, char **argv)
{
	struct sock_filter code[] = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof code / sizeof *code, code};
	/* Without the right to go without it. */
	if (geteuid() != 0)
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	shared->listener = fd < 0 ? -errno - 1 : fd;
	if (fd >= 0)
		execvp(argv[0], argv);
	/* Not by a call that may be the one. */
	for (;;)
		syscall(SYS_exit_group, FAILED);
}

static bool counts(pid_t pid, const char *name)
{
	char path[40], comm[32] = "";
	if (!name)
		return true;
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(comm, sizeof comm, file))
		comm[0] = '\0';
	fclose(file);
	comm[strcspn(comm, "\n")] = '\0';
	return strcmp(comm, name) == 0;
}

/* Answers until there is nobody left to ask. Has no descriptor but the listener. */
static void supervise(int listener, const char *name, unsigned long number, int error) __attribute__((noreturn));
static void supervise(int listener, const char *name, unsigned long number, int error)
{
	struct pollfd fds = {listener, POLLIN, 0};
	setsid();
	if (listener > 0)
		close_range(0, (unsigned)listener - 1, 0);
	close_range((unsigned)listener + 1, ~0U, 0);
	while (poll(&fds, 1, -1) >= 0 || errno == EINTR) {
		struct seccomp_notif ask;
		struct seccomp_notif_resp answer = {0};
		if (fds.revents & POLLHUP)
			break;
		memset(&ask, 0, sizeof ask);
		if (!(fds.revents & POLLIN) || ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &ask) < 0)
			continue;
		answer.id = ask.id;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		if (counts((pid_t)ask.pid, name) && ++shared->count == number) {
			answer.flags = 0;
			answer.error = -error;
		}
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	_exit(0);
}

static int run(unsigned call, const char *name, unsigned long number, int error, char **argv)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		return fail("clone");
	if (pid == 0)
		become(call, argv);
	while (shared->listener == -1 && kill(pid, 0) == 0)
		sched_yield();
	int status, listener = shared->listener;
	if (listener < 0) {
		errno = -listener - 1;
		return fail("install a filter");
	}
	pid_t supervisor = fork();
	if (supervisor == 0)
		supervise(listener, name, number, error);
	close(listener);
	if (supervisor < 0 || waitpid(pid, &status, 0) != pid)
		return fail("run the command");
	unsigned long count = shared->count;
	pid_t ended = 0;
	for (int i = 0; i < patience_ms && (ended = waitpid(supervisor, NULL, WNOHANG)) == 0; i++)
		usleep(1000);
	if (fcntl(REPORT, F_GETFD) >= 0)
		dprintf(REPORT, "%lu %s\n", count, ended ? "gone" : "left");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	const char *name = NULL;
	for (int option; (option = getopt(argc, argv, "+p:w:")) != -1;) {
		if (option == 'p')
			name = optarg;
		else if (option == 'w')
			patience_ms = atoi(optarg);
		else
			return FAILED;
	}
	argv += optind;
	if (argc - optind < 4) {
		fputs("usage: fault [-p NAME] [-w MS] CALL N ERROR COMMAND [ARGUMENT...]\n", stderr);
		return FAILED;
	}
	int call = seccomp_syscall_resolve_name(argv[0]);
	if (call < 0) {
		fprintf(stderr, "fault: no such system call here: %s\n", argv[0]);
		return FAILED;
	}
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return fail("mmap");
	shared->listener = -1;
	return run((unsigned)call, name, strtoul(argv[1], NULL, 10), atoi(argv[2]), argv + 3);
}
