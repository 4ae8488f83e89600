/* The program's side of a box: the spawner, connections, requests. The theory is in box.h. */
#include "box_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "num.h"
#include "proc.h"
#include "stop.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

struct box_host {
	int control;
	pid_t pid;
	pthread_mutex_t lock;      /* one description at a time */
	struct cgroup_place place; /* no tier: boxes have no control groups */
};

/* --- the spawner ---------------------------------------------------- */

struct box_host *box_host_new(struct err *err)
{
	char path[PATH_MAX];
	int ends[2];
	bool groups;
	CGROUP_PLACE_AUTO place = {.tier = CGROUP_NONE};
	/* First of all: where this process has to move, the spawner is to go with it. */
	if (proc_helper_path("pipegym-box", path, sizeof path, err) < 0 || cgroup_wanted(&groups, err) < 0 ||
	    (groups && cgroup_place_open(&place, err) < 0))
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		err_system(err, "socket for the box helper");
		return NULL;
	}
	const char *const argv[] = {"pipegym-box", NULL};
	pid_t pid = proc_start_helper(path, argv, ends[1], -1, err);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return NULL;
	}
	struct box_host *host = mem_alloc(1, sizeof *host);
	host->control = ends[0];
	host->pid = pid;
	host->place = place;
	place.count = 0;
	pthread_mutex_init(&host->lock, NULL);
	return host;
}

void box_host_free(struct box_host *host)
{
	if (!host)
		return;
	close(host->control); /* the spawner ends when this end is closed */
	while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	cgroup_sweep(&host->place);
	cgroup_place_clear(&host->place);
	pthread_mutex_destroy(&host->lock);
	free(host);
}

enum cgroup_tier box_host_tier(const struct box_host *host)
{
	return host->place.tier;
}

/* --- making --------------------------------------------------------- */

#define WEAKER "a box without namespaces, by --isolation landlock, isolates less"

static const char *remedy(const char *stage, int error)
{
	if (error == ENOSPC && strstr(stage, "namespace"))
		return "; the limit is the sysctl user.max_user_namespaces (and its fellows user.max_*_namespaces): "
		       "raise it; " WEAKER;
	if (strstr(stage, "the base"))
		return error == ENOMEM ? "" : "; a base needs Linux 6.6 with overlayfs, open to user namespaces, and nothing mounted below it";
	if (strncmp(stage, "show ", 5) == 0)
		return error == EACCES
		               ? "; it must be readable by whom boxes run as: you, or for root a user without rights"
		               : "";
	if (strstr(stage, "namespace") || strstr(stage, "uid_map") || strstr(stage, "setgroups") ||
	    strstr(stage, "mount") || strstr(stage, "bind"))
		return "; if this host restricts user namespaces: sysctl kernel.unprivileged_userns_clone=1, on Ubuntu "
		       "kernel.apparmor_restrict_unprivileged_userns=0; in a container, one that may make namespaces "
		       "and whose /proc is not masked; within chroot(1) nobody may: pivot_root(8) into it; " WEAKER;
	if (strstr(stage, "Landlock"))
		return "; it takes a kernel with CONFIG_SECURITY_LANDLOCK, and landlock in its list of LSMs (lsm=)";
	return "";
}

static int box_failed(struct err *err, const char *stage, int error)
{
	return err_set(err, ERR_SYSTEM, "cannot make a box: %s: %s%s", stage, strerror(error), remedy(stage, error));
}

/* Appends the strings of a list, which ends with NULL, each with its NUL, and an empty one. Returns where the next list goes. */
static size_t add_strings(char *to, size_t size, size_t at, const char *const *list)
{
	for (; list && *list; list++) {
		size_t len = strlen(*list) + 1;
		if (at + len > size)
			return size + 1;
		memcpy(to + at, *list, len);
		at += len;
	}
	return at + 1; /* the description begins as zeros */
}

static int describe(const struct box_limits *limits, struct box_spec *spec, struct err *err)
{
	memset(spec, 0, sizeof *spec);
	spec->version = BOX_WIRE_VERSION;
	spec->memory_mib = limits->memory_mib;
	spec->disk_mib = limits->disk_mib;
	/* Enough for files of 1 KiB that fill the disk, and for the system's own. */
	spec->inodes = limits->disk_mib * 1024 + 1024;
	spec->processes = limits->processes;
	spec->network = limits->network;
	spec->merge_output = limits->merge_output;
	spec->landlock = limits->landlock;
	spec->total_s = limits->total_s;
	spec->cleared = limits->cleared;
	if (limits->cwd[0] != '/' || strlen(limits->cwd) >= sizeof spec->cwd)
		return err_set(err, ERR_INPUT, "working directory '%.100s': must be absolute and shorter than %d bytes",
		               limits->cwd, BOX_PATH_MAX);
	strcpy(spec->cwd, limits->cwd);
	const char *unpacked[BOX_PACKS_MAX + 1] = {NULL};
	for (size_t i = 0; i < limits->file_count; i++)
		unpacked[i] = limits->files[i].path;
	spec->packs = (uint32_t)limits->file_count;
	size_t at = add_strings(spec->paths, sizeof spec->paths, 0, limits->hide);
	at = add_strings(spec->paths, sizeof spec->paths, at, limits->bind_ro);
	if (add_strings(spec->paths, sizeof spec->paths, at, unpacked) > sizeof spec->paths)
		return err_set(err, ERR_INPUT, "the paths to be shown or hidden in a box are too long");
	return 0;
}

static void remove_group(struct cgroup *group)
{
	for (size_t i = 0; group && i < group->count; i++)
		cgroup_remove(group->paths[i]);
	cgroup_free(group);
}

static int order(struct box_host *host, struct box_spec *spec, const int *fds, size_t count, struct box_born *born,
                 struct err *err)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(BOX_FDS_MAX * sizeof(int))] = {0};
	struct iovec part = {spec, sizeof *spec};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	fd_attach(&header, control, fds, count);
	pthread_mutex_lock(&host->lock);
	ssize_t n = sendmsg(host->control, &header, MSG_NOSIGNAL);
	if (n > 0)
		do
			n = recv(host->control, born, sizeof *born, 0);
		while (n < 0 && errno == EINTR);
	pthread_mutex_unlock(&host->lock);
	if (n < 0 && errno != ECONNRESET && errno != EPIPE)
		return err_system(err, "cannot make a box: talk to the box helper");
	if (n != sizeof *born)
		return err_set(err, ERR_SYSTEM, "cannot make a box: the box helper ended");
	return born->pid ? 0 : box_failed(err, born->stage, born->error);
}

static int await_ready(int fd, const struct box_limits *limits, struct err *err)
{
	struct {
		struct box_frame frame;
		char stage[320];
	} answer;
	if (stop_ready(fd, POLLIN, INT64_MAX, err) < 0)
		return -1;
	ssize_t n = recv(fd, &answer, sizeof answer - 1, 0);
	if (n < 0 && errno != ECONNRESET)
		return err_system(err, "cannot make a box: hear of it");
	if (n < (ssize_t)sizeof answer.frame)
		return err_set(err, ERR_SYSTEM, "cannot make a box: it died while it was set up");
	if (answer.frame.op == BOX_READY)
		return 0;
	((char *)&answer)[n] = '\0';
	if (answer.frame.stream > 0 && answer.frame.stream <= limits->file_count) {
		limits->files[answer.frame.stream - 1].unfit = true;
		return err_set(err, ERR_INPUT, "%s does not fit into a box: %s", answer.stage, strerror(answer.frame.code));
	}
	return box_failed(err, answer.stage, answer.frame.code);
}

_Static_assert(CGROUP_HIERARCHIES_MAX == BOX_GROUPS_MAX && CGROUP_FDS_MAX == BOX_GROUP_FDS_MAX,
               "a description has room for the descriptors of a group");

/* Adds a home to a description and its descriptors. */
static size_t settle(const struct box_home *home, struct box_spec *spec, int *fds, size_t count)
{
	spec->listens = 1;
	spec->idle_s = home->idle_s;
	spec->kept = home->keeper >= 0;
	fds[count++] = home->listener;
	fds[count++] = home->note;
	if (spec->kept)
		fds[count++] = home->keeper;
	return count;
}

/* A box of its own for a description; group: its control group, or NULL. */
static struct box *make(struct box_host *host, struct box_spec *spec, const struct box_limits *limits,
                        const struct box_home *home, const struct cgroup *group, struct err *err)
{
	struct box_born born;
	int ends[2], fds[BOX_FDS_MAX];
	size_t count = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		err_system(err, "socket for a box");
		return NULL;
	}
	fds[count++] = ends[1];
	if (home)
		count = settle(home, spec, fds, count);
	spec->groups = group ? (uint32_t)group->count : 0;
	for (size_t i = 0; group && i < group->fd_count; i++)
		fds[count++] = group->fds[i];
	for (size_t i = 0; i < limits->file_count; i++)
		fds[count++] = limits->files[i].pack;
	int failed = order(host, spec, fds, count, &born, err);
	close(ends[1]);
	if (failed || await_ready(ends[0], limits, err) < 0) {
		close(ends[0]);
		return NULL;
	}
	struct box *box = mem_alloc(1, sizeof *box);
	box->fd = ends[0];
	box->pid = born.pid;
	return box;
}

struct box *box_new(struct box_host *host, const struct box_limits *limits, const struct box_home *home, struct err *err)
{
	struct box_spec spec;
	if (describe(limits, &spec, err) < 0)
		return NULL;
	if (host->place.tier == CGROUP_NONE)
		return make(host, &spec, limits, home, NULL, err);
	/* The disk is memory too, which is never to be missing because files are there. */
	struct cgroup *group = cgroup_new(&host->place, limits->memory_mib + limits->disk_mib, limits->processes - 1, err);
	struct box *box = group ? make(host, &spec, limits, home, group, err) : NULL;
	if (!group)
		return NULL;
	cgroup_close(group);
	if (box) {
		box->group = group;
		return box;
	}
	remove_group(group);
	return NULL;
}

/* --- reaching ------------------------------------------------------- */

/* A path that fits a socket address whatever the folder's own path is. */
static void socket_address(int dirfd, const char *name, struct sockaddr_un *address)
{
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%.60s", dirfd, name);
}

int box_listen(int dirfd, const char *name, struct err *err)
{
	struct sockaddr_un address;
	socket_address(dirfd, name, &address);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT) ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		err_system(err, "socket %s", name);
		fd_close(&fd);
	}
	return fd;
}

struct box *box_connect(int dirfd, const char *name, bool *gone, struct err *err)
{
	struct sockaddr_un address;
	struct ucred peer = {0};
	socklen_t len = sizeof peer;
	socket_address(dirfd, name, &address);
	*gone = false;
	FD_AUTO fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		err_system(err, "socket");
		return NULL;
	}
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		*gone = errno == ECONNREFUSED || errno == ENOENT;
		err_system(err, "connect to the box");
		return NULL;
	}
	/* Who called listen(): pid 1 of the box, as this pid namespace sees it. */
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	struct box *box = mem_alloc(1, sizeof *box);
	box->fd = fd;
	box->pid = peer.pid;
	fd = -1;
	return box;
}

void box_free(struct box *box)
{
	if (!box)
		return;
	/* What was not handed on by box_adopt() is ours to remove, and in use until the box is gone. */
	if (box->group)
		box_end(box, NULL);
	close(box->fd);
	free(box);
}

bool box_alive(const struct box *box)
{
	struct pollfd fds = {box->fd, POLLIN, 0};
	return poll(&fds, 1, 0) == 0; /* between requests nothing is said: anything to read is the end */
}

pid_t box_pid(const struct box *box)
{
	return box->pid;
}

static int send_frame(struct box *box, const struct box_frame *frame, const void *payload, struct err *err)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)frame, sizeof *frame}, {(void *)(uintptr_t)payload, frame->len}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t n;
	do
		n = sendmsg(box->fd, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_system(err, "the box is gone") : 0;
}

int box_adopt(struct box *box, struct err *err)
{
	struct box_frame frame = {.op = BOX_ADOPT};
	if (send_frame(box, &frame, NULL, err) < 0)
		return -1;
	cgroup_free(box->group);
	box->group = NULL;
	return 0;
}

const char *box_group(const struct box *box, size_t hierarchy)
{
	return box->group && hierarchy < box->group->count ? box->group->paths[hierarchy] : NULL;
}

static int end(struct box *box, struct err *err)
{
	/* The connection is alive, so the pid is still that of pid 1 and the pidfd is too. */
	errno = ESRCH;
	FD_AUTO pidfd = box->pid > 0 ? pidfd_open(box->pid, 0) : -1;
	int unseen = pidfd < 0 ? errno : 0;
	struct box_frame frame = {.op = BOX_END};
	struct pollfd room = {box->fd, POLLOUT, 0};
	/* Full of input that no command takes: nothing more can be said. */
	bool full = poll(&room, 1, 0) == 0;
	if (!full && send_frame(box, &frame, NULL, NULL) < 0)
		return 0; /* it ended by itself */
	if (unseen) {
		errno = unseen;
		/* Not of this pid namespace: it ends, but there is nothing to wait for. */
		return errno == ESRCH ? 0 : err_system(err, "wait for the end of the box");
	}
	struct pollfd fds = {pidfd, POLLIN, 0};
	/* What pid 1 is told last if it reads nothing more: a box that was not adopted ends by itself. */
	shutdown(box->fd, SHUT_RDWR);
	int64_t deadline = num_now_ms() + 20000;
	/* One that was told has processes to end and a folder to remove, if it has no namespaces that do. */
	for (int patience = full ? 1000 : 3000; num_now_ms() < deadline; patience = 5000) {
		/* Pid 1 is gone only when every process of its namespace is. */
		if (poll(&fds, 1, patience) > 0)
			return 0;
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	}
	return err_set(err, ERR_SYSTEM, "the box (pid %d) does not end", (int)box->pid);
}

int box_end(struct box *box, struct err *err)
{
	int failed = end(box, err);
	remove_group(box->group);
	box->group = NULL;
	return failed;
}

/* --- what is isolated ------------------------------------------------ */

const char *box_namespaces(void)
{
	return "user,mount,pid,network,ipc,uts,cgroup";
}

bool box_isolation(const char *name, bool *landlock)
{
	*landlock = strcmp(name, "landlock") == 0;
	return *landlock || strcmp(name, "namespaces") == 0;
}

int box_landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1u /* LANDLOCK_CREATE_RULESET_VERSION */);
}

const char *box_not_isolated(size_t i)
{
	static const struct {
		int until; /* the ABI of Landlock that isolates it */
		const char *gap;
	} gaps[] = {
	        {INT_MAX, "files: whether one exists, its size, mode and times, and that it is used, can be seen"},
	        {INT_MAX, "files: mode, times and attributes of those of the same user can be changed"},
	        {3, "files: those of the same user can be truncated"},
	        {INT_MAX, "processes: which there are can be seen"},
	        {6, "processes: those of the same user can be signalled"},
	        {INT_MAX, "processes: their limit counts all others of the same user"},
	        {INT_MAX, "processes: they outlive a helper that is killed"},
	        {INT_MAX, "disk: each file is limited, all together are not"},
	        {INT_MAX, "host name, mounts and kernel settings are the host's"},
	};
	int abi = box_landlock_abi();
	for (size_t at = 0; at < sizeof gaps / sizeof *gaps; at++)
		if (abi < gaps[at].until && i-- == 0)
			return gaps[at].gap;
	return NULL;
}
