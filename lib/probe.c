#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "box.h"
#include "buf.h"
#include "fd.h"
#include "num.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define MOUNT_RDONLY 0x1 /* MOUNT_ATTR_RDONLY */

#define REMEDY_NAMESPACE                                                                                               \
	"user namespaces must be allowed: kernel.unprivileged_userns_clone=1, on Ubuntu "                              \
	"kernel.apparmor_restrict_unprivileged_userns=0, user.max_*_namespaces above 0; in a container, a security "   \
	"profile that lets it make them"

#define FINDINGS_MAX 32

struct finding {
	const char *name;
	bool works;
	bool needed;        /* no box without it */
	char found[256];    /* what was seen: an error, a value; may be empty */
	const char *remedy; /* what to change; NULL when it works */
};

/* --- what is tried in a child ----------------------------------------- */

/* As the spawner of boxes does. Root of a container may have no other id to become. */
static int give_up_root(void)
{
	uid_t id = BOX_HOST_ID;
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0)
		return 0;
	if (setresgid(id, id, id) < 0) {
		id = BOX_HOST_ID_ELSE;
		if (setresgid(id, id, id) < 0)
			return 0;
	}
	if (setresuid(id, id, id) < 0)
		return -1;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ENOSYS; /* killed by a filter, most likely */
}

/* 0, or the errno with which the attempt failed: it fits into an exit status. */
static int in_child(int (*attempt)(unsigned long), unsigned long argument)
{
	pid_t pid = fork();
	if (pid < 0)
		return errno;
	if (pid > 0)
		return wait_for(pid);
	errno = 0;
	_exit(give_up_root() == 0 && attempt(argument) == 0 ? 0 : errno);
}

static int try_namespace(unsigned long flags)
{
	return unshare(CLONE_NEWUSER | (int)flags);
}

static int try_map(unsigned long flags)
{
	char uid[64], gid[64];
	snprintf(uid, sizeof uid, "1000 %u 1\n", (unsigned)geteuid());
	snprintf(gid, sizeof gid, "1000 %u 1\n", (unsigned)getegid());
	if (try_namespace(flags) < 0)
		return -1;
	return fd_put_text("/proc/self/setgroups", "deny") == 0 && fd_put_text("/proc/self/uid_map", uid) == 0 &&
	                       fd_put_text("/proc/self/gid_map", gid) == 0
	               ? 0
	               : -1;
}

static int try_tmpfs(unsigned long flags)
{
	if (try_map(CLONE_NEWNS | flags) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("probe", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m") < 0)
		return -1;
	return chdir("/tmp");
}

static int try_overlay(unsigned long unused)
{
	if (try_tmpfs(unused) < 0 || mkdir("lower", 0755) < 0 || mkdir("upper", 0755) < 0 || mkdir("work", 0755) < 0 ||
	    mkdir("merged", 0755) < 0)
		return -1;
	if (setxattr("upper", "user.overlay.opaque", "y", 1, 0) < 0)
		return -1;
	return mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work,userxattr");
}

static int try_read_only(unsigned long unused)
{
	struct {
		uint64_t set, clear, propagation, userns;
	} attr = {.set = MOUNT_RDONLY};
	if (try_tmpfs(unused) < 0 || mkdir("usr", 0755) < 0 || mount("/usr", "usr", NULL, MS_BIND | MS_REC, NULL) < 0)
		return -1;
	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "usr", 0x8000 /* AT_RECURSIVE */, &attr, sizeof attr);
}

/* The mount is that of a pid namespace's own process: a child. */
static int try_proc(unsigned long unused)
{
	if (try_tmpfs(CLONE_NEWPID | unused) < 0 || mkdir("proc", 0755) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 ? 0 : errno);
	errno = pid < 0 ? errno : wait_for(pid);
	return errno ? -1 : 0;
}

static int try_pivot(unsigned long unused)
{
	if (try_tmpfs(unused) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return -1;
	return umount2(".", MNT_DETACH);
}

static int try_seccomp(unsigned long unused)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = {1, &allow};
	(void)unused;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

static const struct attempt {
	const char *name;
	int (*attempt)(unsigned long);
	unsigned long argument;
	bool needed;
	const char *remedy;
} attempts[] = {
        {"user namespace", try_namespace, 0, true, REMEDY_NAMESPACE},
        {"mount namespace", try_namespace, CLONE_NEWNS, true, REMEDY_NAMESPACE},
        {"pid namespace", try_namespace, CLONE_NEWPID, true, REMEDY_NAMESPACE},
        {"network namespace", try_namespace, CLONE_NEWNET, true, REMEDY_NAMESPACE},
        {"ipc namespace", try_namespace, CLONE_NEWIPC, true, REMEDY_NAMESPACE},
        {"uts namespace", try_namespace, CLONE_NEWUTS, true, REMEDY_NAMESPACE},
        {"cgroup namespace", try_namespace, CLONE_NEWCGROUP, true, REMEDY_NAMESPACE},
        {"uid map", try_map, 0, true, "one's own id must be allowed in /proc/self/uid_map: no AppArmor restriction"},
        {"tmpfs", try_tmpfs, 0, true,
         "mounting in a user namespace must be allowed: Linux 5.12, no AppArmor or container profile against mount"},
        {"read-only bind", try_read_only, 0, true, "mount_setattr is needed: Linux 5.12, no container profile against it"},
        {"proc mount", try_proc, 0, true,
         "in a container, /proc must not be masked: run it with an unmasked /proc (systempaths=unconfined)"},
        {"pivot_root", try_pivot, 0, true, "no container profile may forbid pivot_root"},
        {"seccomp", try_seccomp, 0, true, "a kernel with CONFIG_SECCOMP_FILTER"},
        {"overlay", try_overlay, 0, false,
         "only a base needs it: Linux 6.6 with overlayfs and tmpfs attributes, no container profile against it"},
};

static struct finding try_one(const struct attempt *attempt)
{
	struct finding finding = {.name = attempt->name, .needed = attempt->needed};
	int error = in_child(attempt->attempt, attempt->argument);
	finding.works = error == 0;
	if (error) {
		finding.remedy = attempt->remedy;
		snprintf(finding.found, sizeof finding.found, "%s", strerror(error));
	}
	return finding;
}

/* --- what only has to be read ------------------------------------------ */

/* Asking for the version makes nothing. */
static struct finding landlock(void)
{
	struct finding finding = {.name = "Landlock"};
	int version = box_landlock_abi();
	finding.works = version > 0;
	if (finding.works)
		snprintf(finding.found, sizeof finding.found, "ABI %d", version);
	else
		snprintf(finding.found, sizeof finding.found, "%s", strerror(errno));
	if (!finding.works)
		finding.remedy = "a kernel with CONFIG_SECURITY_LANDLOCK, and landlock in its list of LSMs (lsm=)";
	return finding;
}

static const struct sysctl {
	const char *name, *path;
	uint64_t min, max; /* within them it is in nobody's way */
	const char *remedy;
} sysctls[] = {
        {"kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", 1, 1,
         "sysctl kernel.unprivileged_userns_clone=1"},
        {"kernel.apparmor_restrict_unprivileged_userns", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0, 0,
         "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for pipegym-box with userns"},
        {"user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", 64, UINT64_MAX,
         "sysctl user.max_user_namespaces=10000: one for each box"},
        {"user.max_net_namespaces", "/proc/sys/user/max_net_namespaces", 64, UINT64_MAX,
         "sysctl user.max_net_namespaces=10000: one for each box"},
        {"kernel.pid_max", "/proc/sys/kernel/pid_max", 4096, UINT64_MAX,
         "sysctl kernel.pid_max=4194304: boxes and their processes all count"},
};

static struct finding read_sysctl(const struct sysctl *sysctl)
{
	struct finding finding = {.name = sysctl->name, .works = true};
	BUF_AUTO text = {0};
	uint64_t value;
	if (fd_read_file(AT_FDCWD, sysctl->path, 64, &text, NULL) < 0) {
		snprintf(finding.found, sizeof finding.found, "%s",
		         errno == ENOENT ? "this kernel does not have it" : strerror(errno));
		return finding;
	}
	snprintf(finding.found, sizeof finding.found, "%.*s", (int)strcspn(text.data, "\n"), text.data);
	finding.works = num_parse(finding.found, sysctl->min, sysctl->max, &value) == 0;
	finding.remedy = finding.works ? NULL : sysctl->remedy;
	return finding;
}

static struct finding descriptors(void)
{
	struct finding finding = {.name = "RLIMIT_NOFILE"};
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return finding;
	finding.works = limit.rlim_max >= 1024;
	snprintf(finding.found, sizeof finding.found, "at most %llu", (unsigned long long)limit.rlim_max);
	finding.remedy = finding.works ? NULL : "ulimit -Hn 4096 or more: each open episode takes some descriptors";
	return finding;
}

/* --- cgroups ------------------------------------------------------------- */

static struct finding groups(const char *name, enum cgroup_tier tier, const char *remedy)
{
	struct finding finding = {.name = name};
	CGROUP_PLACE_AUTO place = {.tier = CGROUP_NONE};
	struct err err;
	finding.works = cgroup_find(tier, &place, &err) == 0;
	if (finding.works)
		snprintf(finding.found, sizeof finding.found, "below %.200s", place.parents[0]);
	else
		snprintf(finding.found, sizeof finding.found, "%.250s", err.text);
	finding.remedy = finding.works ? NULL : remedy;
	return finding;
}

/* --- all of it ------------------------------------------------------------ */

static size_t probe_host(struct finding findings[FINDINGS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
		findings[count++] = try_one(&attempts[i]);
	findings[count++] = landlock();
	findings[count++] = groups("cgroup v2", CGROUP_V2,
	                           "for PIPEGYM_LIMITS=cgroup: systemd-run --user --scope -p Delegate=yes COMMAND");
	findings[count++] = groups("cgroup v1", CGROUP_V1, "for PIPEGYM_LIMITS=cgroup; v2 is the better one to have");
	for (size_t i = 0; i < sizeof sysctls / sizeof *sysctls; i++)
		findings[count++] = read_sysctl(&sysctls[i]);
	findings[count++] = descriptors();
	return count;
}

/* Makes a box, runs true in it and ends it. Returns 0 and what enforced its limits, or -1: then a box cannot be had here. */
static int probe_box(enum cgroup_tier *tier, struct err *err)
{
	const struct box_limits limits = {
	        .memory_mib = 128, .disk_mib = 8, .processes = 16, .network = true, .cwd = "/workspace"};
	const struct box_command command = {
	        .op = BOX_EXEC, .cwd = "/", .argv = (const char *const[]){"true", NULL}, .timeout_ms = 10000, .keep = 512};
	BOX_RESULT_AUTO result = {0};
	int failed = -1;
	struct box_host *host = box_host_new(err);
	*tier = host ? box_host_tier(host) : CGROUP_NONE;
	struct box *box = host ? box_new(host, &limits, NULL, err) : NULL;
	if (box && box_run(box, &command, &result, err) == 0) {
		failed = box_end(box, err);
		if (!failed && (result.how != BOX_EXITED || result.code != 0))
			failed = err_set(err, ERR_SYSTEM, "true does not run in a box: %s",
			                 buf_string(&result.out[1].head));
	}
	box_free(box);
	box_host_free(host);
	return failed;
}

json probe_record(bool *works)
{
	struct finding findings[FINDINGS_MAX];
	struct err err;
	enum cgroup_tier tier;
	size_t count = probe_host(findings);
	json record = json_new_object(), list = json_new_array();
	*works = probe_box(&tier, &err) == 0;
	for (size_t i = 0; i < count; i++) {
		json finding = json_new_object();
		json_set_string(&finding, "name", findings[i].name);
		json_set_bool(&finding, "works", findings[i].works);
		json_set_bool(&finding, "needed", findings[i].needed);
		json_set_string(&finding, "found", findings[i].found);
		json_set_string(&finding, "remedy", findings[i].remedy);
		json_append(&list, finding);
	}
	json_set_string(&record, "type", "probe");
	json_set_bool(&record, "works", *works);
	json_set_string(&record, "reason", *works ? NULL : err.text);
	json_set_string(&record, "tier", *works ? cgroup_tier_name(tier) : NULL);
	json_set(&record, "gaps", json_new_strings(cgroup_tier_gaps(tier)));
	json_set(&record, "findings", list);
	return record;
}
