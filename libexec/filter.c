/*
 * The system call filter: everything is allowed but what reaches beyond the
 * box or into the kernel's less trodden parts. Denied calls fail with an
 * errno, so that a program meets a refusal and not a signal. The boundary is
 * the namespaces and the missing capabilities; the filter takes away the
 * calls with which such boundaries have been crossed.
 *
 * A call must pass two filters. The spawner loads the large one for itself and
 * so for all its boxes, which costs them nothing; a box that is finished, or
 * each command of one without namespaces, adds a small one, of what its making
 * needed.
 */
#include "helper.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* By name: what neither the making of a box nor a box needs. */
static const char *const denied[] = {
        /* mounts and roots */
        "chroot",
        "fspick",
        "open_tree_attr",
        "swapon",
        "swapoff",
        "quotactl",
        "quotactl_fd",
        "name_to_handle_at",
        "open_by_handle_at",
        "statmount",
        "listmount",
        "listns",
        /* namespaces (clone and clone3 below) */
        "unshare",
        "setns",
        /* other processes */
        "process_vm_readv",
        "process_vm_writev",
        "process_madvise",
        "process_mrelease",
        "pidfd_getfd",
        "kcmp",
        "move_pages",
        "migrate_pages",
        /* memory that no limit of the box counts, executable memory files */
        "memfd_create",
        "memfd_secret",
        "userfaultfd",
        /* keys, programs and rings in the kernel */
        "add_key",
        "request_key",
        "keyctl",
        "bpf",
        "perf_event_open",
        "io_uring_setup",
        "io_uring_enter",
        "io_uring_register",
        "lookup_dcookie",
        "fanotify_init",
        /* the machine */
        "kexec_load",
        "kexec_file_load",
        "init_module",
        "finit_module",
        "delete_module",
        "create_module",
        "query_module",
        "get_kernel_syms",
        "reboot",
        "syslog",
        "acct",
        "settimeofday",
        "clock_settime",
        "clock_adjtime",
        "adjtimex",
        "stime",
        "setdomainname",
        "iopl",
        "ioperm",
        "vhangup",
        "nfsservctl",
        "uselib",
        "ustat",
        "sysfs",
        "_sysctl",
        "modify_ldt",
        "vm86",
        "vm86old",
        /* time and priority of others */
        "ioprio_set",
        "mbind",
        "set_mempolicy",
        "set_mempolicy_home_node",
};

/* What only the making of a box needs. */
static const char *const denied_at_last[] = {
        "mount",
        "umount",
        "umount2",
        "pivot_root",
        "fsopen",
        "fsconfig",
        "fsmount",
        "move_mount",
        "open_tree",
        "mount_setattr",
        "sethostname",
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
};

/* Denied ones that a kernel may have and a libseccomp in use not know yet. Such numbers are the same everywhere. */
static int newer_call(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} newer[] = {
	        {"memfd_secret", 447}, {"process_mrelease", 448}, {"set_mempolicy_home_node", 450},
	        {"statmount", 457},    {"listmount", 458},        {"open_tree_attr", 467},
	        {"listns", 470},
	};
	for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
		if (!strcmp(newer[i].name, name))
			return newer[i].number;
	return __NR_SCMP_ERROR;
}

static int deny(scmp_filter_ctx ctx, int error, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);
	if (call == __NR_SCMP_ERROR)
		call = newer_call(name);
	if (call == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t)error), call, 0);
}

/* clone with any namespace flag. */
static int deny_namespaces(scmp_filter_ctx ctx)
{
	static const unsigned long flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	                                      CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
	int failed = 0;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
		                           SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
	return failed;
}

/* Changing the execution domain; asking for it is fine. */
static int deny_personality(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1, SCMP_A0(SCMP_CMP_NE, 0xffffffffUL));
}

/* Local, internet and netlink sockets exist; vsock, packet, alg and the rest reach past a network namespace or deep into the kernel. */
static int deny_sockets(scmp_filter_ctx ctx)
{
	static const int calls[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
	int failed = 0;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		for (int family = 0; family < AF_NETLINK; family++)
			if (family != AF_UNIX && family != AF_INET && family != AF_INET6)
				failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), calls[i], 1,
				                           SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), calls[i], 1,
		                           SCMP_A0(SCMP_CMP_GT, AF_NETLINK));
		/* Programs ask for interfaces and addresses by it. In others any sender fills the kernel's memory. */
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPROTONOSUPPORT), calls[i], 2,
		                           SCMP_A0(SCMP_CMP_EQ, AF_NETLINK), SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE));
	}
	return failed;
}

/* Typing into a terminal; and what else a terminal lets be done with it that no program needs: another line discipline,
 * of which there are many and old ones, the console's messages, its settings locked, a hangup. */
static int deny_typing(scmp_filter_ctx ctx)
{
	int failed = 0;
	static const unsigned long ioctls[] = {TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS, TIOCSLCKTRMIOS, TIOCVHANGUP};
	for (size_t i = 0; i < sizeof ioctls / sizeof *ioctls; i++)
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
		                           SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffUL, ioctls[i]));
	return failed;
}

/*
 * Pid 1 has the agent's uid, for which the kernel lets it be slowed down and
 * given other limits: without descriptors it could serve nobody, and an
 * agent's own doing would look like a box that failed. The same goes for what
 * pid 1 forks, and has not yet executed a command: no process gets other
 * limits but from itself.
 */
static int protect_pid_1(scmp_filter_ctx ctx)
{
	static const int calls[] = {SCMP_SYS(sched_setparam), SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setattr),
	                            SCMP_SYS(sched_setaffinity)};
	int failed = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_NE, 0),
	                              SCMP_A2(SCMP_CMP_NE, 0));
	/* A pid is an int: the upper half of its register does not count. */
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), calls[i], 1,
		                           SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffUL, 1));
	failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setpriority), 1,
	                           SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffUL, 1));
	/* Everyone's. */
	return failed | seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setpriority), 1,
	                                 SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffUL, PRIO_USER));
}

/*
 * What System V keeps in the kernel belongs to no process, so that no limit of
 * the box counts it: small segments and sets only, of which there can be as
 * many as the kernel's own limits say (4,096 and 32,000), and no queues. As
 * much shared memory as the box may hold is had by mmap() and shm_open().
 */
static int deny_large_ipc(scmp_filter_ctx ctx)
{
	return deny(ctx, ENOSYS, "msgget") |
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(shmget), 1, SCMP_A1(SCMP_CMP_GT, 64 << 10)) |
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(semget), 1, SCMP_A1(SCMP_CMP_GT, 32));
}

/*
 * Without namespaces everybody's processes have pids, and what is kept by a
 * key is everybody's, for who guesses an id without asking for it. Landlock
 * knows of signals and files alone. A pair of sockets is connected to itself;
 * one of datagrams could send elsewhere.
 */
static int deny_strangers(scmp_filter_ctx ctx)
{
	static const int calls[] = {SCMP_SYS(prlimit64), SCMP_SYS(sched_setparam), SCMP_SYS(sched_setscheduler),
	                            SCMP_SYS(sched_setattr), SCMP_SYS(sched_setaffinity)};
	static const char *const names[] = {
	        "shmget", "shmat",  "shmctl", "semget",  "semop",     "semtimedop", "semctl",
	        "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "connect",    "bind",
	};
	static const int types[] = {SOCK_DGRAM, SOCK_RAW};
	/* In the host's network and among its sockets: none. */
	int failed = deny(ctx, EAFNOSUPPORT, "socket");
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), calls[i], 1, SCMP_A0(SCMP_CMP_NE, 0));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		failed |= deny(ctx, EPERM, names[i]);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socketpair), 1,
		                           SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, (scmp_datum_t)types[i]));
	return failed |
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setpriority), 1, SCMP_A0(SCMP_CMP_NE, PRIO_PROCESS)) |
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setpriority), 1, SCMP_A1(SCMP_CMP_NE, 0));
}

static int add_rules(scmp_filter_ctx ctx, enum filter_stage stage)
{
	int failed = 0;
	if (stage != FILTER_COMMON) {
		for (size_t i = 0; i < sizeof denied_at_last / sizeof *denied_at_last; i++)
			failed |= deny(ctx, EPERM, denied_at_last[i]);
		failed |= deny_namespaces(ctx) | deny_personality(ctx);
		return failed | (stage == FILTER_ALONE ? deny_strangers(ctx) : 0);
	}
	for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
		failed |= deny(ctx, EPERM, denied[i]);
	/* clone3, whose flags a filter cannot see, as unknown so that libc falls back to clone. */
	failed |= deny(ctx, ENOSYS, "clone3");
	return failed | deny_sockets(ctx) | deny_typing(ctx) | deny_large_ipc(ctx) | protect_pid_1(ctx);
}

/* Writes the program to fd. 0, or an errno. */
static int export_filter(enum filter_stage stage, int fd)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx)
		return ENOMEM;
	int failed = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	/* A binary tree: a handful of comparisons a call instead of a hundred. Absent before libseccomp 2.5: slower, not wrong. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	/* Errors of the system by their own numbers. Absent before 2.5 too. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_API_SYSRAWRC, 1);
	failed |= add_rules(ctx, stage);
	return failed ? EINVAL : -seccomp_export_bpf(ctx, fd);
}

static int export_filters(const int fds[FILTER_STAGES]) /* 0, or an errno */
{
	int failed = 0;
	for (enum filter_stage stage = 0; stage < FILTER_STAGES && !failed; stage++)
		failed = export_filter(stage, fds[stage]);
	return failed;
}

/* In a child: what libseccomp leaves on the heap would be copied into every box. */
int filter_compile(struct sock_fprog programs[FILTER_STAGES])
{
	PAGED static struct sock_filter code[FILTER_STAGES][BPF_MAXINSNS];
	int status = 0, fds[FILTER_STAGES];
	for (int i = 0; i < FILTER_STAGES; i++)
		if ((fds[i] = memfd_create("filter", MFD_CLOEXEC)) < 0)
			return -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(export_filters(fds));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	errno = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EINVAL;
	for (int i = 0; i < FILTER_STAGES; i++) {
		ssize_t n = status == 0 ? pread(fds[i], code[i], sizeof code[i], 0) : -1;
		if (n <= 0)
			return -1;
		programs[i] = (struct sock_fprog){(unsigned short)((size_t)n / sizeof **code), code[i]};
		close(fds[i]);
	}
	return 0;
}

int filter_load(const struct sock_fprog *program)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0);
}
