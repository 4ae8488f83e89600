/*
 * calls [names]
 *
 * Prints the names of the calls that are denied whatever their arguments. Or
 * tries these and others, each in a process of its own, and prints "NAME ERROR" a
 * line: EPERM, ENOSYS, EAFNOSUPPORT, another error by its number, 0 for
 * success, SIG and a number for a signal, absent where the architecture has
 * no such call. The arguments are such that without a filter the kernel would
 * do it or find another error, where it does not ask for a capability first;
 * and such that nothing comes of it when that is so.
 */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "numbers.h"

#ifndef SCHED_BATCH
#define SCHED_BATCH 3
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define ODD 0x40000000L /* flags that no call knows */
#define NOWHERE 1L      /* an address where nothing is */
#define HERE (-100L)    /* AT_FDCWD */
#define TEXT(s) ((long)(s))

static long words[8]; /* for a call that wants to write */

static const struct probe {
	const char *name;
	long number, args[6];
} probes[] = {
        /* mounts and roots */
        {"mount", NR_mount, {NOWHERE, NOWHERE, NOWHERE, 0, NOWHERE}},
        {"umount", NR_umount, {NOWHERE}},
        {"umount2", NR_umount2, {TEXT("/"), ODD}},
        {"pivot_root", NR_pivot_root, {NOWHERE, NOWHERE}},
        {"chroot", NR_chroot, {NOWHERE}},
        {"fsopen", NR_fsopen, {NOWHERE, ODD}},
        {"fsconfig", NR_fsconfig, {-1, 99}},
        {"fsmount", NR_fsmount, {-1, ODD}},
        {"fspick", NR_fspick, {HERE, NOWHERE, ODD}},
        {"move_mount", NR_move_mount, {-1, NOWHERE, -1, NOWHERE, ODD}},
        {"open_tree", NR_open_tree, {HERE, TEXT("/")}},
        {"open_tree_attr", NR_open_tree_attr, {HERE, TEXT("/")}},
        {"mount_setattr", NR_mount_setattr, {HERE, TEXT("/"), ODD}},
        {"swapon", NR_swapon, {NOWHERE, ODD}},
        {"swapoff", NR_swapoff, {NOWHERE}},
        {"quotactl", NR_quotactl, {-1, NOWHERE}},
        {"quotactl_fd", NR_quotactl_fd, {-1, -1}},
        {"name_to_handle_at", NR_name_to_handle_at, {HERE, TEXT("/"), NOWHERE, NOWHERE, ODD}},
        {"open_by_handle_at", NR_open_by_handle_at, {-1, NOWHERE}},
        {"statmount", NR_statmount, {NOWHERE}},
        {"listmount", NR_listmount, {NOWHERE}},
        {"listns", NR_listns, {NOWHERE}},
        /* namespaces */
        {"unshare", NR_unshare, {0}},
        {"setns", NR_setns, {-1}},
        /* other processes */
        {"process_vm_readv", NR_process_vm_readv, {1, NOWHERE, 1, NOWHERE, 1, ODD}},
        {"process_vm_writev", NR_process_vm_writev, {1, NOWHERE, 1, NOWHERE, 1, ODD}},
        {"process_madvise", NR_process_madvise, {-1, 0, 0, 0, ODD}},
        {"process_mrelease", NR_process_mrelease, {-1, ODD}},
        {"pidfd_getfd", NR_pidfd_getfd, {-1, 0, ODD}},
        {"kcmp", NR_kcmp, {-1, -1, 99}},
        {"move_pages", NR_move_pages, {0, 0, 0, 0, 0, ODD}},
        {"migrate_pages", NR_migrate_pages, {0}},
        /* memory */
        {"memfd_create", NR_memfd_create, {TEXT("probe")}},
        {"memfd_secret", NR_memfd_secret, {0}},
        {"userfaultfd", NR_userfaultfd, {1}},
        /* keys, programs and rings in the kernel */
        {"add_key", NR_add_key, {TEXT("user"), TEXT("probe"), TEXT("x"), 1, -2}},
        {"request_key", NR_request_key, {TEXT("user"), TEXT("probe")}},
        {"keyctl", NR_keyctl, {0, -2, 1}},
        {"bpf", NR_bpf, {5, NOWHERE, 8}},
        {"perf_event_open", NR_perf_event_open, {NOWHERE}},
        {"io_uring_setup", NR_io_uring_setup, {1, NOWHERE}},
        {"io_uring_enter", NR_io_uring_enter, {-1}},
        {"io_uring_register", NR_io_uring_register, {-1}},
        {"lookup_dcookie", NR_lookup_dcookie, {0, NOWHERE}},
        {"fanotify_init", NR_fanotify_init, {0x200}},
        {"landlock_create_ruleset", NR_landlock_create_ruleset, {0, 0, 1}},
        {"landlock_add_rule", NR_landlock_add_rule, {-1}},
        {"landlock_restrict_self", NR_landlock_restrict_self, {-1}},
        /* the machine */
        {"kexec_load", NR_kexec_load, {NOWHERE, 99}},
        {"kexec_file_load", NR_kexec_file_load, {-1, -1}},
        {"init_module", NR_init_module, {NOWHERE}},
        {"finit_module", NR_finit_module, {-1, NOWHERE}},
        {"delete_module", NR_delete_module, {NOWHERE}},
        {"create_module", NR_create_module, {NOWHERE}},
        {"query_module", NR_query_module, {NOWHERE}},
        {"get_kernel_syms", NR_get_kernel_syms, {NOWHERE}},
        {"reboot", NR_reboot, {0}},
        {"syslog", NR_syslog, {10}},
        {"acct", NR_acct, {NOWHERE}},
        {"settimeofday", NR_settimeofday, {NOWHERE}},
        {"clock_settime", NR_clock_settime, {0, NOWHERE}},
        {"clock_adjtime", NR_clock_adjtime, {0, NOWHERE}},
        {"adjtimex", NR_adjtimex, {NOWHERE}},
        {"stime", NR_stime, {NOWHERE}},
        {"sethostname", NR_sethostname, {NOWHERE, -1}},
        {"setdomainname", NR_setdomainname, {NOWHERE, -1}},
        {"iopl", NR_iopl, {99}},
        {"ioperm", NR_ioperm, {-1, 2}},
        {"vhangup", NR_vhangup, {0}},
        {"nfsservctl", NR_nfsservctl, {-1}},
        {"uselib", NR_uselib, {NOWHERE}},
        {"ustat", NR_ustat, {0, NOWHERE}},
        {"sysfs", NR_sysfs, {3}},
        {"_sysctl", NR__sysctl, {NOWHERE}},
        {"modify_ldt", NR_modify_ldt, {0, TEXT(words), sizeof words}},
        {"vm86", NR_vm86, {NOWHERE}},
        {"vm86old", NR_vm86old, {NOWHERE}},
        /* time and priority of others */
        {"ioprio_set", NR_ioprio_set, {99}},
        {"mbind", NR_mbind, {0, 0, 99}},
        {"set_mempolicy", NR_set_mempolicy, {0}},
        {"set_mempolicy_home_node", NR_set_mempolicy_home_node, {0, 0, 0, ODD}},
};

/* By their arguments. CLONE_THREAD alone is an error of its own. */
static const struct probe more[] = {
        {"clone:mnt", SYS_clone, {CLONE_NEWNS | CLONE_THREAD}},
        {"clone:cgroup", SYS_clone, {CLONE_NEWCGROUP | CLONE_THREAD}},
        {"clone:uts", SYS_clone, {CLONE_NEWUTS | CLONE_THREAD}},
        {"clone:ipc", SYS_clone, {CLONE_NEWIPC | CLONE_THREAD}},
        {"clone:user", SYS_clone, {CLONE_NEWUSER | CLONE_THREAD}},
        {"clone:pid", SYS_clone, {CLONE_NEWPID | CLONE_THREAD}},
        {"clone:net", SYS_clone, {CLONE_NEWNET | CLONE_THREAD}},
        {"clone:all", SYS_clone, {CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | SIGCHLD}},
        {"clone:vm", SYS_clone, {CLONE_NEWUSER | CLONE_UNTRACED | SIGCHLD}},
        {"unshare:mnt", SYS_unshare, {CLONE_NEWNS}},
        {"unshare:cgroup", SYS_unshare, {CLONE_NEWCGROUP}},
        {"unshare:uts", SYS_unshare, {CLONE_NEWUTS}},
        {"unshare:ipc", SYS_unshare, {CLONE_NEWIPC}},
        {"unshare:user", SYS_unshare, {CLONE_NEWUSER}},
        {"unshare:pid", SYS_unshare, {CLONE_NEWPID}},
        {"unshare:net", SYS_unshare, {CLONE_NEWNET}},
        {"unshare:time", SYS_unshare, {CLONE_NEWTIME}},
        {"clone3", NR_clone3, {NOWHERE, 64}},
        {"ioctl:TIOCSTI", SYS_ioctl, {-1, TIOCSTI, NOWHERE}},
        {"ioctl:TIOCLINUX", SYS_ioctl, {-1, TIOCLINUX, NOWHERE}},
        /* The kernel looks at the lower half of the request only. */
        {"ioctl:TIOCSTI+", SYS_ioctl, {-1, TIOCSTI | 1L << 32, NOWHERE}},
        {"ioctl:TIOCLINUX+", SYS_ioctl, {-1, TIOCLINUX | 1L << 32, NOWHERE}},
        {"personality", SYS_personality, {0}},
        {"personality:bits", SYS_personality, {0x0400000}},
        /* Pid 1 has the same uid, and the upper half of a pid does not count. */
        {"pid1:prlimit64", SYS_prlimit64, {1, RLIMIT_NOFILE, NOWHERE, 0}},
        {"pid1:prlimit64+", SYS_prlimit64, {1 | 1L << 32, RLIMIT_NOFILE, NOWHERE, 0}},
        {"pid1:setpriority", SYS_setpriority, {PRIO_PROCESS, 1, 19}},
        {"pid1:setpriority+", SYS_setpriority, {PRIO_PROCESS, 1 | 1L << 32, 19}},
        {"pid1:setpriority:group", SYS_setpriority, {PRIO_PGRP, 1, 19}},
        {"pid1:setpriority:user", SYS_setpriority, {PRIO_USER, 0, 0}},
        {"pid1:sched_setparam", SYS_sched_setparam, {1, NOWHERE}},
        {"pid1:sched_setscheduler", SYS_sched_setscheduler, {1, SCHED_BATCH, NOWHERE}},
        {"pid1:sched_setattr", SYS_sched_setattr, {1, NOWHERE}},
        {"pid1:sched_setaffinity", SYS_sched_setaffinity, {1, sizeof words, NOWHERE}},
        {"socket:packet", SYS_socket, {AF_PACKET, SOCK_DGRAM}},
        {"socket:key", SYS_socket, {AF_KEY, SOCK_RAW, 2}},
        {"socket:alg", SYS_socket, {AF_ALG, SOCK_SEQPACKET}},
        {"socket:vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM}},
        {"socket:xdp", SYS_socket, {44, SOCK_RAW}},
        {"socket:tipc", SYS_socket, {30, SOCK_STREAM}},
        {"netlink:usersock", SYS_socket, {AF_NETLINK, SOCK_RAW, 2}},
        {"netlink:audit", SYS_socket, {AF_NETLINK, SOCK_RAW, 9}},
        {"netlink:uevent", SYS_socket, {AF_NETLINK, SOCK_DGRAM, 15}},
        {"netlink:generic", SYS_socket, {AF_NETLINK, SOCK_RAW, 16}},
        {"socket:bluetooth", SYS_socket, {31, SOCK_STREAM}},
        {"socket:can", SYS_socket, {29, SOCK_RAW, 1}},
        {"socketpair:tipc", SYS_socketpair, {30, SOCK_STREAM, 0, NOWHERE}},
        {"socket:none", SYS_socket, {-1, SOCK_STREAM}},
};

static long call(const struct probe *probe)
{
	const long *a = probe->args;
	return syscall(probe->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#ifdef __x86_64__
/* Two further ways into the kernel, with numbers of their own. */
static long enter_32(const struct probe *probe)
{
	long result;
	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"(probe->number), "b"(probe->args[0])
	                 : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}
#endif

/* The call in a child, that a namespace or a signal is the child's; the child's status is the error. */
static void try(const struct probe *probe, long (*enter)(const struct probe *))
{
	if (probe->number < 0) {
		printf("%s absent\n", probe->name);
		return;
	}
	fflush(stdout);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		long result = enter(probe);
		if (getppid() != parent)
			_exit(0); /* born of a clone that was let through */
		_exit(result < 0 ? errno : 0);
	}
	int status = 0;
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("%s not tried\n", probe->name);
		return;
	}
	int error = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	if (WIFSIGNALED(status))
		printf("%s SIG%d\n", probe->name, WTERMSIG(status));
	else if (error == EPERM)
		printf("%s EPERM\n", probe->name);
	else if (error == ENOSYS)
		printf("%s ENOSYS\n", probe->name);
	else if (error == EAFNOSUPPORT)
		printf("%s EAFNOSUPPORT\n", probe->name);
	else if (error == EPROTONOSUPPORT)
		printf("%s EPROTONOSUPPORT\n", probe->name);
	else
		printf("%s %d\n", probe->name, error);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "names") == 0) {
		for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
			puts(probes[i].name);
		return 0;
	}
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
		try(&probes[i], call);
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		try(&more[i], call);
#ifdef __x86_64__
	static const struct probe entries[] = {
	        {"int80:getpid", 20, {0}},
	        {"int80:mount", 21, {0}},
	        {"int80:unshare", 310, {CLONE_NEWUSER}},
	};
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		try(&entries[i], enter_32);
	static const struct probe x32[] = {
	        {"x32:getpid", 0x40000000 + 39, {0}},
	        {"x32:unshare", 0x40000000 + 272, {CLONE_NEWUSER}},
	        {"x32:ptrace", 0x40000000 + 521, {0}},
	};
	for (size_t i = 0; i < sizeof x32 / sizeof *x32; i++)
		try(&x32[i], call);
#endif
	return 0;
}
