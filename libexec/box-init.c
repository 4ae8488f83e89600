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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL 3

/* With a box's control group its cgroup namespace: the group in which it is born is its root. */
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

/*
 * The descriptors that came with the description, at their places; no other
 * stays open. *first: where the first connection is now, even if this fails.
 */
static const char *place_descriptors(const struct box_spec *spec, const int *fds, size_t count, int *first)
{
	int high[BOX_FDS_MAX], places[BOX_FDS_MAX];
	*first = fds[0];
	/* Children are waited for from here on. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return "take signals back";
	/* Beyond the fixed numbers first: each may be where another belongs. */
	for (size_t i = 0; i < count; i++)
		if ((high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_COUNT)) < 0)
			return "place the descriptors";
	*first = high[0];
	if (close_range(3, FD_COUNT - 1, 0) < 0)
		return "close what is not the box's";
	count = 0;
	places[count++] = FD_FIRST;
	if (spec->listens)
		places[count++] = FD_LISTEN;
	if (spec->listens)
		places[count++] = FD_NOTE;
	if (spec->kept)
		places[count++] = FD_KEEPER;
	for (int i = 0; i < (int)spec->groups; i++)
		places[count++] = FD_GROUP + i;
	for (int i = 0; i < (int)spec->groups; i++)
		places[count++] = FD_INIT + i;
	for (int i = 0; spec->groups && i < 2; i++)
		places[count++] = FD_EVENTS + i;
	for (int i = 0; i < (int)spec->packs; i++)
		places[count++] = FD_PACKS + i;
	for (size_t i = 0; i < count; i++)
		if (dup3(high[i], places[i], O_CLOEXEC) < 0)
			return "place the descriptors";
	*first = FD_FIRST;
	return close_range(FD_COUNT, ~0U, 0) < 0 ? "close what is not the box's" : NULL;
}

/* What the box's folders begin with, written with the rights that the box has. */
static const char *unpack(const struct box_spec *spec, uint32_t *unfit)
{
	const char *folder = spec_paths(spec, BOX_UNPACKED), *failed = NULL;
	for (uint32_t i = 0; i < spec->packs && !failed; i++) {
		failed = files_unpack(box_path(folder), FD_PACKS + (int)i);
		if (failed && !host_failed(errno))
			*unfit = i + 1;
		folder += strlen(folder) + 1;
		close(FD_PACKS + (int)i);
	}
	return failed;
}

/* From here on the box's control group is for what the agent starts. */
static const char *leave_group(const struct box_spec *spec)
{
	static const int procs[] = {FD_INIT, FD_INIT + 1};
	if (group_enter(procs, spec->groups) < 0)
		return "leave the control group";
	for (int i = 0; i < (int)spec->groups; i++)
		close(procs[i]);
	return NULL;
}

/* The stack that the setup used, well below the frame that this is in: the box would keep those pages. */
static void give_back(const void *frame)
{
	enum { PAGE = 4096, PAGES = 16 };
	uintptr_t end = ((uintptr_t)frame & ~(uintptr_t)(PAGE - 1)) - PAGE;
	madvise((void *)(end - PAGES * PAGE), PAGES * PAGE, MADV_DONTNEED); /* those that there are */
}

static void child(const struct box_spec *spec, const int *fds, size_t count, const struct sock_fprog *filters)
        __attribute__((noreturn));
static void child(const struct box_spec *spec, const int *fds, size_t count, const struct sock_fprog *filters)
{
	struct {
		struct box_frame frame;
		char stage[320];
	} answer = {.frame = {.op = BOX_READY}};
	int first;
	const char *failed = place_descriptors(spec, fds, count, &first);
	if (!failed)
		failed = spec->landlock ? setup_landlock(spec, &filters[FILTER_ALONE])
		                        : setup_box(spec, host_uid, host_gid, &filters[FILTER_LAST]);
	if (!failed)
		failed = unpack(spec, &answer.frame.stream);
	if (!failed)
		failed = leave_group(spec);
	if (!failed && spec->listens && listen(FD_LISTEN, 16) < 0)
		failed = "listen";
	if (!failed)
		failed = serve_begin(spec);
	if (failed) {
		answer.frame.op = BOX_FAILED;
		answer.frame.code = errno;
		strncpy(answer.stage, failed, sizeof answer.stage - 1);
		answer.frame.len = (uint32_t)strlen(answer.stage);
	}
	if (send(first, &answer, sizeof answer.frame + answer.frame.len, MSG_NOSIGNAL) < 0 || failed)
		box_exit(1);
	give_back(&answer);
	serve();
}

/* Descriptors that come before those of the control group. */
static size_t before_groups(const struct box_spec *spec)
{
	return 1 + 2 * spec->listens + spec->kept;
}

/* Takes one description. Returns how many descriptors came with it; 0 when there is nobody left to serve; -1 and errno. */
static int receive(struct box_spec *spec, int fds[BOX_FDS_MAX])
{
	char control[CMSG_SPACE(BOX_FDS_MAX * sizeof(int))];
	struct iovec part = {spec, sizeof *spec};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n;
	do
		n = recvmsg(CONTROL, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if (n != sizeof *spec || spec->version != BOX_WIRE_VERSION)
		return 0;
	struct cmsghdr *item = CMSG_FIRSTHDR(&header);
	size_t count = item ? (item->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
	if (count > 0)
		memcpy(fds, CMSG_DATA(item), count * sizeof(int));
	bool fits =
	        spec->groups <= BOX_GROUPS_MAX && spec->packs <= BOX_PACKS_MAX && spec->listens <= 1 && spec->kept <= 1;
	return fits && count == before_groups(spec) + group_fds(spec) + spec->packs ? (int)count : 0;
}

/* Born in its control group, where there is one, which this process leaves again. Returns its pid, or 0 with the stage and errno. */
static pid_t make_box(const struct box_spec *spec, const int *fds, size_t count, const struct sock_fprog *filters,
                      const char **stage)
{
	const int *groups = fds + before_groups(spec), *init = groups + spec->groups;
	if (group_enter(groups, spec->groups) < 0) {
		*stage = "enter the control group";
		return 0;
	}
	pid_t pid = clone_with(spec->landlock ? 0 : NAMESPACES);
	if (pid == 0)
		child(spec, fds, count, filters);
	int error = errno;
	if (pid < 0)
		*stage = spec->landlock ? "clone" : refused_namespace();
	(void)group_enter(init, spec->groups);
	errno = error;
	return pid > 0 ? pid : 0;
}

/* What the spawner is before it makes its first box. NULL, or the step that failed with errno. */
static const char *prepare(struct sock_fprog filters[FILTER_STAGES])
{
	if (filter_compile(filters) < 0)
		return "compile the system call filter";
	if (become_unprivileged() < 0)
		return "become an unprivileged user";
	if (filter_load(&filters[FILTER_COMMON]) < 0)
		return "load the system call filter";
	/* When the host runs out of memory, boxes go first. */
	(void)write_file("/proc/self/oom_score_adj", "500", 0);
	signal(SIGCHLD, SIG_IGN); /* nobody waits for boxes */
	host_uid = geteuid();
	host_gid = getegid();
	return NULL;
}

int main(void)
{
	_Alignas(4096) static struct box_spec spec; /* a page: the spawner's next one makes a copy of it */
	struct sock_fprog filters[FILTER_STAGES];
	struct box_born born;
	int fds[BOX_FDS_MAX];
	/* Not in the terminal's foreground group: Ctrl-C is for programs, not for boxes. */
	setsid();
	const char *unfit = prepare(filters);
	int reason = errno;
	for (int count; (count = receive(&spec, fds)) != 0;) {
		const char *stage = count < 0 ? "take the box's description" : unfit;
		memset(&born, 0, sizeof born);
		born.error = count < 0 ? errno : reason;
		if (!stage) {
			born.pid = make_box(&spec, fds, (size_t)count, filters, &stage);
			born.error = errno;
		}
		if (stage)
			strncpy(born.stage, stage, sizeof born.stage - 1);
		for (int i = 0; i < count; i++)
			close(fds[i]);
		if (send(CONTROL, &born, sizeof born, MSG_NOSIGNAL) < 0)
			break;
	}
	return 0;
}
