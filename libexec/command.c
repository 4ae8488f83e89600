/* Commands in the box: how they start. */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXTRA_ENV_MAX 16

static const char *const fixed_env[] = {
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "HOME=/home/agent",
        "USER=agent",
        "LOGNAME=agent",
        "SHELL=/bin/bash",
        "TERM=dumb",
        "COLUMNS=80",
        "LINES=24",
        "TZ=UTC",
        "LC_ALL=C.UTF-8",
        "LANG=C.UTF-8",
        "PAGER=cat",
        "GIT_PAGER=cat",
        "PYTHONHASHSEED=0",
};
#define FIXED_ENV (sizeof fixed_env / sizeof *fixed_env)

static size_t groups; /* of which each child becomes a member */

TOGETHER static struct {
	int resource;
	struct rlimit limit;
} limits[5];

void command_limits(const struct box_spec *spec)
{
	rlim_t data = (rlim_t)spec->memory_mib << 20;
	rlim_t file = (rlim_t)spec->disk_mib << 20;
	limits[0].resource = RLIMIT_NPROC;
	/* Of the box's user namespace; without one, of all that this user has. One more than the control group's, so
	 * that it is the group that refuses, and counts it. */
	rlim_t processes = spec->processes + (spec->landlock ? processes_of_user() : 0) + (spec->groups > 0);
	limits[0].limit = (struct rlimit){processes, processes};
	groups = spec->groups;
	/* Private writable memory; address space alone costs nothing and some runtimes reserve much. */
	limits[1].resource = RLIMIT_DATA;
	limits[1].limit = (struct rlimit){data, data};
	limits[2].resource = RLIMIT_FSIZE;
	limits[2].limit = (struct rlimit){file, file};
	limits[3].resource = RLIMIT_NOFILE;
	/* Descriptors on their way in sockets are counted for the user of the host, and compared with the sender's limit: with
	 * what one message may hold beyond it (253), still below the 1024 that other programs of this user have. */
	limits[3].limit = (struct rlimit){768, 768};
	limits[4].resource = RLIMIT_MEMLOCK;
	limits[4].limit = (struct rlimit){64 << 10, 64 << 10};
}

bool host_failed(int error)
{
	return error == ENOMEM || error == EAGAIN || error == EMFILE || error == ENFILE || error == ENOBUFS;
}

static void say_failure(int to, const char *what)
{
	const char *reason = strerror(errno);
	(void)!write(to, what, strlen(what));
	(void)!write(to, ": ", 2);
	(void)!write(to, reason, strlen(reason));
	(void)!write(to, "\n", 1);
}

/* In the child, which has not executed anything yet. */
static void refused(const char *stage) __attribute__((noreturn));
static void refused(const char *stage)
{
	request_failed(stage);
	_exit(126);
}

static void not_started(const struct launch *launch, const char *what, int status) __attribute__((noreturn));
static void not_started(const struct launch *launch, const char *what, int status)
{
	if ((launch->fresh && !base_used()) || host_failed(errno))
		refused(what);
	say_failure(launch->tell ? launch->tell : 2, what);
	_exit(status);
}

/* Descriptors 3 and on; none of them is left out by being at its place already, and none covers one that is still to come. */
static int place_more(const int *more)
{
	int high[BOX_REQUEST_FDS_MAX];
	for (int i = 0; i < BOX_REQUEST_FDS_MAX; i++) {
		high[i] = more[i] < 0 ? -1 : fcntl(more[i], F_DUPFD_CLOEXEC, FD_COUNT);
		if (more[i] >= 0 && high[i] < 0)
			return -1;
	}
	for (int i = 0; i < BOX_REQUEST_FDS_MAX; i++)
		if (high[i] >= 0 && dup2(high[i], 3 + i) < 0)
			return -1;
	return 0;
}

static void become(const struct launch *launch, char **env) __attribute__((noreturn));
static void become(const struct launch *launch, char **env)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct rlimit limit = limits[i].limit;
		struct rlimit now;
		/* The host's own hard limit may be lower. */
		if (getrlimit(limits[i].resource, &now) == 0 && now.rlim_max < limit.rlim_max) {
			limit.rlim_max = now.rlim_max;
			if (limit.rlim_cur > now.rlim_max)
				limit.rlim_cur = now.rlim_max;
		}
		if (setrlimit(limits[i].resource, &limit) < 0)
			refused("set the limits of a process");
	}
	if (dup2(launch->in, 0) < 0 || dup2(launch->out, 1) < 0 || dup2(launch->err, 2) < 0 ||
	    (launch->more && place_more(launch->more) < 0))
		refused("place the descriptors of a process");
	if (launch->terminal && ioctl(0, TIOCSCTTY, 0) < 0)
		refused("give a process its terminal");
	if (confine() < 0)
		refused("confine a process");
	if (chdir(box_path(launch->cwd)) < 0 && (!launch->ours || host_failed(errno) || chdir("/") < 0))
		not_started(launch, launch->cwd, 126);
	execvpe(launch->argv[0], launch->argv, env);
	not_started(launch, launch->argv[0], errno == ENOENT ? 127 : 126);
}

/* Not vfork(): whoever in the box stops the child before its exec would stop pid 1 with it. Nor fork(), for which the C
 * library writes to four pages of every box. */
pid_t fork_plain(void)
{
	static const int procs[] = {FD_GROUP, FD_GROUP + 1};
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid != 0 || groups == 0 || group_enter(procs, groups) == 0)
		return pid;
	refused("enter the control group");
}

pid_t command_start(const struct launch *launch)
{
	char *env[FIXED_ENV + EXTRA_ENV_MAX + 4];
	char own[3][64];
	size_t n = 0;
	/* The first of a name counts. */
	if (box_root[0]) {
		snprintf(env[n++] = own[0], sizeof *own, "HOME=%s/home/agent", box_root);
		snprintf(env[n++] = own[1], sizeof *own, "TMPDIR=%s/tmp", box_root);
		snprintf(env[n++] = own[2], sizeof *own, "__stdin=%s/tmp/.stdin", box_root);
	}
	for (size_t i = 0; i < FIXED_ENV; i++)
		if (!box_root[0] || strncmp(fixed_env[i], "HOME=", 5) != 0)
			env[n++] = (char *)(uintptr_t)fixed_env[i];
	for (size_t i = 0; launch->env && launch->env[i] && i < EXTRA_ENV_MAX; i++)
		env[n++] = launch->env[i];
	env[n] = NULL;
	pid_t pid = fork_plain();
	if (pid == 0)
		become(launch, env);
	return pid;
}

size_t command_split(char *text, size_t len, char **list, size_t max)
{
	size_t n = 0;
	for (char *at = text; at < text + len && n < max - 1; at += strlen(at) + 1)
		list[n++] = at;
	list[n] = NULL;
	return n;
}
