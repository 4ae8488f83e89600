/*
 * pipegym-box: the spawner of boxes. It is started by a program of pipegym
 * with a control socket as descriptor 3 and dies with it. Run by root it first
 * becomes an unprivileged user, so that a box has the same rights on the host
 * whoever makes it: none that count.
 *
 * For each struct box_spec it clones a child in seven new namespaces; the
 * child builds its root (setup.c) and stays as pid 1 of its box (serve.c).
 * There is no exec on the way: a clone of this small process is ready to
 * serve at once, and shares its memory with all others.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL 3

#define NAMESPACES                                                                                                     \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET)

static uid_t host_uid; /* who boxes are on the host */
static gid_t host_gid;

/* Root of a user namespace (a container's, say) is nobody special outside of it, and may have no other id to become. */
static bool in_user_namespace(void)
{
	char map[128] = "";
	int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, map, sizeof map - 1);
	unsigned long inside = 1, outside = 0, count = 0;
	if (fd >= 0)
		close(fd);
	return n > 0 && sscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 &&
	       !(inside == 0 && outside == 0 && count == 4294967295ul);
}

static int become_unprivileged(void)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0)
		return in_user_namespace() ? 0 : -1;
	uid_t id = BOX_HOST_ID;
	if (setresgid(id, id, id) < 0) {
		id = BOX_HOST_ID_ELSE;
		if (setresgid(id, id, id) < 0)
			return in_user_namespace() ? 0 : -1;
	}
	if (setresuid(id, id, id) < 0)
		return -1;
	/* Lost with the change of identity, and needed to write the maps of the children. */
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static pid_t clone_with(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

/* Which namespace the host refuses: each is tried alone, with a user namespace. */
static const char *refused_namespace(void)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} tries[] = {
	        {0, "clone user namespace"},
	        {CLONE_NEWNS, "clone mount namespace"},
	        {CLONE_NEWPID, "clone pid namespace"},
	        {CLONE_NEWIPC, "clone ipc namespace"},
	        {CLONE_NEWUTS, "clone uts namespace"},
	        {CLONE_NEWCGROUP, "clone cgroup namespace"},
	        {CLONE_NEWNET, "clone network namespace"},
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		pid_t pid = clone_with(CLONE_NEWUSER | tries[i].flag);
		if (pid == 0)
			_exit(0);
		if (pid < 0)
			return tries[i].name;
	}
	return "clone";
}

/* What came, at the fixed numbers, and nothing else. *first: where the first connection is now, even if this fails. */
static const char *place_descriptors(const int fds[2], int *first)
{
	/* Beyond the fixed numbers first: either descriptor may be where the other belongs. */
	int listener = fds[0] < 0 ? -1 : fcntl(fds[0], F_DUPFD_CLOEXEC, FD_SIGNAL + 1),
	    high = fcntl(fds[1], F_DUPFD_CLOEXEC, FD_SIGNAL + 1);
	*first = high < 0 ? fds[1] : high;
	/* Children are waited for from here on. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return "take signals back";
	if (high < 0 || (listener < 0 && fds[0] >= 0) || (listener >= 0 && dup3(listener, FD_LISTEN, O_CLOEXEC) < 0) ||
	    dup3(high, FD_FIRST, O_CLOEXEC) < 0)
		return "place the sockets";
	*first = FD_FIRST;
	if (listener < 0)
		close(FD_LISTEN);
	if (close_range(3, FD_LISTEN - 1, 0) < 0 || close_range(FD_FIRST + 1, ~0U, 0) < 0)
		return "close what is not the box's";
	return NULL;
}

static void child(struct box_spec *spec, const int fds[2], const struct sock_fprog *filter) __attribute__((noreturn));
static void child(struct box_spec *spec, const int fds[2], const struct sock_fprog *filter)
{
	struct {
		struct box_frame frame;
		char stage[320];
	} answer = {.frame = {.op = BOX_READY}};
	bool listening = fds[0] >= 0;
	int first;
	const char *failed = place_descriptors(fds, &first);
	if (!failed)
		failed = spec->landlock ? setup_landlock(spec, filter) : setup_box(spec, host_uid, host_gid, filter);
	if (!failed && listening && listen(FD_LISTEN, 16) < 0)
		failed = "listen";
	if (!failed)
		failed = serve_begin(spec, listening);
	if (failed) {
		answer.frame.op = BOX_FAILED;
		answer.frame.code = errno;
		strncpy(answer.stage, failed, sizeof answer.stage - 1);
		answer.frame.len = (uint32_t)strlen(answer.stage);
	}
	if (send(first, &answer, sizeof answer.frame + answer.frame.len, MSG_NOSIGNAL) < 0 || failed)
		box_exit(1);
	serve();
}

/* Takes one description. Returns 1; 0 when there is nobody left to serve; -1 and errno. */
static int receive(struct box_spec *spec, int fds[2])
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	struct iovec part = {spec, sizeof *spec};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n;
	do
		n = recvmsg(CONTROL, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	fds[0] = fds[1] = -1;
	if (n < 0)
		return -1;
	if (n != sizeof *spec || spec->version != BOX_WIRE_VERSION)
		return 0;
	struct cmsghdr *item = CMSG_FIRSTHDR(&header);
	size_t count = item ? (item->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
	/* The first connection, and a socket to listen on unless nobody else is to connect. */
	if (count >= 1)
		memcpy(&fds[1], CMSG_DATA(item), sizeof(int));
	if (count >= 2)
		memcpy(&fds[0], CMSG_DATA(item) + sizeof(int), sizeof(int));
	return count >= 1;
}

/* For a box without namespaces; few programs make one. */
static const struct sock_fprog *landlock_filter(void)
{
	static struct sock_fprog filter;
	signal(SIGCHLD, SIG_DFL);
	int failed = filter.len == 0 && filter_compile(&filter, true) < 0;
	signal(SIGCHLD, SIG_IGN);
	return failed ? NULL : &filter;
}

/* Returns NULL, or the step that failed with errno set. */
static const char *make(struct box_spec *spec, const int fds[2], const struct sock_fprog *filter, pid_t *pid)
{
	if (spec->landlock && !(filter = landlock_filter()))
		return "compile the system call filter";
	*pid = clone_with(spec->landlock ? 0 : NAMESPACES);
	if (*pid == 0)
		child(spec, fds, filter);
	return *pid > 0 ? NULL : spec->landlock ? "clone" : refused_namespace();
}

int main(void)
{
	static struct box_spec spec;
	struct sock_fprog filter;
	struct box_born born;
	int fds[2];
	/* Not in the terminal's foreground group: Ctrl-C is for programs, not for boxes. */
	setsid();
	const char *unfit = filter_compile(&filter, false) < 0 ? "compile the system call filter"
	                    : become_unprivileged() < 0        ? "become an unprivileged user"
	                                                       : NULL;
	int reason = errno;
	signal(SIGCHLD, SIG_IGN); /* nobody waits for boxes */
	host_uid = geteuid();
	host_gid = getegid();
	for (int got; (got = receive(&spec, fds)) != 0;) {
		const char *stage = got < 0 ? "take the box's description" : unfit;
		memset(&born, 0, sizeof born);
		born.error = got < 0 ? errno : reason;
		if (!stage) {
			pid_t pid = 0;
			stage = make(&spec, fds, &filter, &pid);
			born.error = errno;
			born.pid = stage ? 0 : pid;
		}
		if (stage)
			strncpy(born.stage, stage, sizeof born.stage - 1);
		for (int i = 0; i < 2; i++)
			if (fds[i] >= 0)
				close(fds[i]);
		if (send(CONTROL, &born, sizeof born, MSG_NOSIGNAL) < 0)
			break;
	}
	return 0;
}
