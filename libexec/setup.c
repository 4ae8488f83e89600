/*
 * From a fresh clone to a finished box.
 *
 * The clone has every capability in its own user namespace and none outside.
 * With them it builds a root of its own on a tmpfs, moves into it, lets go of
 * the host's tree, and then gives up every capability, the right to gain any,
 * and the system calls of filter.c. What is left is a process with the rights
 * of the agent that merely is pid 1: there is nothing to take over.
 *
 * Works from Linux 5.12 (mount_setattr) on; the mount calls before it are older.
 */
#include "helper.h"
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BOX_UID 1000u
#define BOX_GID 1000u

#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x1
#define MOUNT_ATTR_NOSUID 0x2
#define MOUNT_ATTR_NODEV 0x4
struct mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x4
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif

int write_file(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	if (fd < 0)
		return -1;
	size_t len = strlen(text);
	ssize_t n = write(fd, text, len);
	int saved = n < 0 ? errno : EIO;
	close(fd);
	errno = saved;
	return n == (ssize_t)len ? 0 : -1;
}

const char *spec_paths(const struct box_spec *spec, enum box_paths which)
{
	const char *path = spec->paths;
	for (int list = 0; list < (int)which; list++, path++)
		while (*path)
			path += strlen(path) + 1;
	return path;
}

static const char *map_identity(uid_t uid, gid_t gid)
{
	char line[64];
	/* Required before gid_map by a writer without privilege (Linux 3.19). */
	if (write_file("/proc/self/setgroups", "deny", 0) < 0)
		return "deny setgroups";
	snprintf(line, sizeof line, "%u %u 1\n", BOX_UID, (unsigned)uid);
	if (write_file("/proc/self/uid_map", line, 0) < 0)
		return "write uid_map";
	snprintf(line, sizeof line, "%u %u 1\n", BOX_GID, (unsigned)gid);
	if (write_file("/proc/self/gid_map", line, 0) < 0)
		return "write gid_map";
	/* Of project ids a map that is not written now could be written by anyone later, unless there is none above it. */
	snprintf(line, sizeof line, "%u %u 1\n", BOX_UID, (unsigned)uid);
	if (write_file("/proc/self/projid_map", line, 0) < 0 && errno != EPERM && errno != ENOENT)
		return "write projid_map";
	return NULL;
}

static const char *raise_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return "socket for lo";
	int failed = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return failed ? "raise lo" : NULL;
}

/* Binds a file or folder of the host at the same path below the new root (the working directory). A missing source is skipped. */
static int bind_path(const char *path, bool device, bool folder)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	if (folder ? mkdir(path + 1, 0755) : mknod(path + 1, S_IFREG | 0644, 0))
		return -1;
	/* Recursive: a user namespace may not show what a mount of the host covers. */
	if (mount(path, path + 1, NULL, MS_BIND | MS_REC, NULL) < 0)
		return -1;
	/* Of a device, this keeps mode and times, which are the host's, also from an agent who owns it there. */
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | (device ? 0 : MOUNT_ATTR_NODEV)};
	return (int)syscall(SYS_mount_setattr, AT_FDCWD, path + 1, AT_RECURSIVE, &attr, sizeof attr);
}

/* /bin, /sbin, /lib…: links into /usr where usr is merged, else folders of their own. */
static const char *show_system(void)
{
	static const char *const tops[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
	char target[256];
	if (bind_path("/usr", false, true) < 0)
		return "bind /usr";
	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		ssize_t n = readlink(tops[i], target, sizeof target - 1);
		if (n > 0) {
			target[n] = '\0';
			if (symlink(target, tops[i] + 1) < 0)
				return "link /bin and /lib";
		} else if (n < 0 && errno != EINVAL && errno != ENOENT) {
			return "find /bin and /lib";
		} else if (bind_path(tops[i], false, true) < 0) {
			return "bind /bin and /lib";
		}
	}
	return NULL;
}

/* Folders of the host that would be seen below /usr but must not be: tasks with their solutions, above all. */
static const char *cover(const struct box_spec *spec)
{
	for (const char *path = spec_paths(spec, BOX_COVERED); *path; path += strlen(path) + 1) {
		struct stat shown, host;
		if (path[0] != '/')
			continue;
		int there = stat(path + 1, &shown);
		if (there < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
			continue;
		if (there < 0 || stat(path, &host) < 0)
			return "find folders of tasks";
		if (shown.st_ino != host.st_ino || shown.st_dev != host.st_dev)
			continue;
		if (mount("covered", path + 1, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV,
		          "size=4k,nr_inodes=2,mode=0555") < 0)
			return "cover folders of tasks";
	}
	return NULL;
}

static const char *show_etc(void)
{
	/* Debian's alternatives: without them /usr/bin/awk leads nowhere. */
	if (bind_path("/etc/alternatives", false, true) < 0)
		return "bind /etc/alternatives";
	if (bind_path("/etc/ld.so.cache", false, false) < 0)
		return "bind /etc/ld.so.cache";
	return NULL;
}

/* A base may have a folder of that name. */
static int make_folder(const char *path, mode_t mode)
{
	return mkdir(path, mode) < 0 && errno != EEXIST ? -1 : 0;
}

static const char *make_dev(void)
{
	static const char *const nodes[] = {"/dev/null",   "/dev/zero",    "/dev/full",
	                                    "/dev/random", "/dev/urandom", "/dev/tty"};
	static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
	                                       {"/proc/self/fd/0", "dev/stdin"},
	                                       {"/proc/self/fd/1", "dev/stdout"},
	                                       {"/proc/self/fd/2", "dev/stderr"}};
	if (make_folder("dev", 0755) < 0 || mkdir("dev/shm", 01777) < 0)
		return "make /dev";
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (bind_path(nodes[i], true, false) < 0)
			return "bind device nodes";
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlink(links[i][0], links[i][1]) < 0)
			return "make /dev";
	return NULL;
}

/* One time for what every box has, so that listings are the same. What is the host's keeps its own. */
int fix_time(int folder, const char *name)
{
	const struct timespec time = {PACK_TIME, 0};
	int failed = utimensat(folder, name, (const struct timespec[2]){time, time}, AT_SYMLINK_NOFOLLOW);
	return failed && errno != EPERM && errno != EACCES && errno != EROFS ? -1 : 0;
}

/*
 * The session's pipes, below /run, which is a mount of its own and read-only:
 * a pipe can be used there but not removed, and neither it nor a folder above
 * it can be moved away.
 */
static const char *make_session_pipes(void)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
	static const char *const pipes[] = {SESSION_COMMAND, SESSION_STATUS, SESSION_STDOUT, SESSION_STDERR};
	if (make_folder("run", 0755) < 0 || mkdir(SESSION_FOLDER + 1, 0755) < 0)
		return "make the session's pipes";
	for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++)
		if (mkfifo(pipes[i] + 1, 0600) < 0)
			return "make the session's pipes";
	if (fix_time(AT_FDCWD, SESSION_FOLDER + 1) < 0 || fix_time(AT_FDCWD, "run") < 0)
		return "set times";
	if (mount("run", "run", NULL, MS_BIND, NULL) < 0 ||
	    syscall(SYS_mount_setattr, AT_FDCWD, "run", 0, &attr, sizeof attr) < 0)
		return "protect the session's pipes";
	return NULL;
}

int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		int failed = mkdir(path, 0755) < 0 && errno != EEXIST;
		if (slash)
			*slash = '/';
		if (failed || !slash)
			return failed ? -1 : 0;
	}
}

/*
 * What else of the host is to be seen is taken hold of before the move into the
 * new root, and put in place after it, when no path of the box can lead out.
 */
static struct {
	const char *at[BOX_BINDS_MAX];
	int tree[BOX_BINDS_MAX];
	int count;
} binds;

/* The step that failed, with its path. */
static const char *bind_failed(const char *path)
{
	TOGETHER static char stage[320];
	snprintf(stage, sizeof stage, "show %s", path);
	return stage;
}

static const char *take_binds(const struct box_spec *spec)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	                          .propagation = MS_PRIVATE};
	for (const char *path = spec_paths(spec, BOX_BOUND); *path; path += strlen(path) + 1) {
		int n = binds.count;
		const char *at = path + strlen(path) + 1;
		if (strcmp(at, "/") == 0) {
			if (base_take(path) < 0)
				return bind_failed(path);
			path = at;
			continue;
		}
		errno = E2BIG;
		if (n == BOX_BINDS_MAX || access(path, R_OK) < 0 ||
		    (binds.tree[n] = (int)syscall(SYS_open_tree, AT_FDCWD, path,
		                                  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)) < 0 ||
		    syscall(SYS_mount_setattr, binds.tree[n], "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
			return bind_failed(path);
		binds.at[n] = path = at;
		binds.count++;
	}
	return NULL;
}

static const char *place_binds(void)
{
	char path[BOX_PATH_MAX];
	for (int i = 0; i < binds.count; i++) {
		struct stat st;
		snprintf(path, sizeof path, "%s", binds.at[i]);
		char *name = strrchr(path, '/');
		if (fstat(binds.tree[i], &st) < 0)
			return bind_failed(path);
		if (!S_ISDIR(st.st_mode) && name != path)
			*name = '\0';
		if ((S_ISDIR(st.st_mode) || name != path) && make_folders(path) < 0)
			return bind_failed(binds.at[i]);
		if (!S_ISDIR(st.st_mode) && mknod(binds.at[i], S_IFREG | 0644, 0) < 0 && errno != EEXIST)
			return bind_failed(binds.at[i]);
		if (syscall(SYS_move_mount, binds.tree[i], "", AT_FDCWD, binds.at[i], MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return bind_failed(binds.at[i]);
		close(binds.tree[i]);
	}
	return NULL;
}

static const char *build_on_host(const struct box_spec *spec)
{
	const char *failed;
	if ((failed = show_system()) || (failed = cover(spec)) || (failed = make_etc()) || (failed = show_etc()))
		return failed;
	return NULL;
}

static const char *build_on_base(const struct box_spec *spec)
{
	const char *failed = base_begin(spec);
	for (int i = 0; i < binds.count && !failed; i++) {
		struct stat st;
		failed = base_adopt(binds.at[i], fstat(binds.tree[i], &st) == 0 && S_ISDIR(st.st_mode));
	}
	if (failed || (failed = make_etc()) || (failed = base_mount()))
		return failed;
	return NULL;
}

static const char *build_root(const struct box_spec *spec)
{
	static const char *const folders[] = {"tmp", "home", "home/agent", "var", "var/tmp", "root"};
	const char *failed;
	char options[128];
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "make mounts private";
	/* Now, as the new root covers what is in its place. */
	if ((failed = take_binds(spec)))
		return failed;
	snprintf(options, sizeof options, "size=%um,nr_inodes=%u,mode=0755", spec->disk_mib, spec->inodes);
	if (mount("box", ROOT_MOUNTPOINT, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		return "mount tmpfs";
	if (chdir(ROOT_MOUNTPOINT) < 0)
		return "enter the new root";
	failed = base_taken() ? build_on_base(spec) : build_on_host(spec);
	if (failed || (failed = make_dev()) || (failed = make_session_pipes()))
		return failed;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (make_folder(folders[i], strstr(folders[i], "tmp") ? 01777 : 0755) < 0)
			return "make folders";
	if (make_folder("proc", 0555) < 0 || mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return "mount proc";
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return "pivot_root";
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return "leave the host's tree";
	return NULL;
}

/* What the box itself made looks the same in every box. */
static const char *fix_times(const struct box_spec *spec)
{
	static const char *const folders[] = {"/etc", "/dev", "/home", "/var", "/"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct folder folder;
		char own[64];
		int at = -1;
		/* What a base brings keeps its times as well: only names of the upper layer count. */
		bool based = base_upper(own, sizeof own, folders[i]);
		if (based)
			at = open(folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		folder_open(&folder, based ? own : folders[i]);
		int failed = folder.fd < 0 || (based && at < 0);
		for (const char *name; !failed && (name = folder_next(&folder));)
			failed = fix_time(based ? at : folder.fd, name) < 0;
		folder_close(&folder);
		if (at >= 0)
			close(at);
		if (failed)
			return "set times";
	}
	base_done();
	return workspaces_date(spec) < 0 ? "set times" : NULL;
}

const char *open_fixed(const char *root)
{
	static const struct {
		const char *path;
		int fd, flags;
	} files[] = {
	        /* Read and write: a pipe opened so never blocks at opening and never ends. */
	        {SESSION_COMMAND, FD_COMMAND, O_RDWR | O_NONBLOCK},
	        {SESSION_STATUS, FD_STATUS, O_RDWR | O_NONBLOCK},
	        {SESSION_STDOUT, FD_STDOUT, O_RDWR | O_NONBLOCK},
	        {SESSION_STDERR, FD_STDERR, O_RDWR | O_NONBLOCK},
	        /* From here on this process opens nothing by a path that the agent could have changed. */
	        {"/dev/null", FD_NULL, O_RDWR},
	        {"/proc/sys/kernel/ns_last_pid", FD_LAST_PID, O_RDONLY},
	        {"/proc", FD_PROC, O_PATH | O_DIRECTORY},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s%s", files[i].fd < FD_NULL ? root : "", files[i].path);
		int fd = open(path, files[i].flags | O_CLOEXEC);
		if (fd < 0 && files[i].fd == FD_LAST_PID)
			continue; /* a kernel without checkpoint support: start times alone must do */
		if (fd < 0 || (fd != files[i].fd && (dup3(fd, files[i].fd, O_CLOEXEC) < 0 || close(fd) < 0)))
			return "open the session's pipes";
	}
	return NULL;
}

#define SIGNALS_MAX 256

const char *give_up_rights(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	const struct rlimit zero = {0, 0};
	/* Signals that wait, and timers, are counted for the user of the host too. */
	const struct rlimit signals = {SIGNALS_MAX, SIGNALS_MAX};
	if (setrlimit(RLIMIT_CORE, &zero) < 0 || setrlimit(RLIMIT_MSGQUEUE, &zero) < 0 ||
	    setrlimit(RLIMIT_SIGPENDING, &signals) < 0)
		return "set limits";
	/* Same addresses in each run; lost at exec for a process that has capabilities. */
	if (personality(ADDR_NO_RANDOMIZE) < 0)
		return "switch address randomisation off";
	if (syscall(SYS_capset, &header, none) < 0)
		return "drop capabilities";
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? "hide pid 1" : NULL;
}

/* For good: no file that is executed can give them back. */
static const char *drop_rights(const struct sock_fprog *filter)
{
	const char *failed;
	for (int capability = 0; capability < 64; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
			if (errno != EINVAL)
				return "empty the bounding set";
			break; /* past the kernel's last one */
		}
	if ((failed = give_up_rights()))
		return failed;
	return filter_load(filter) < 0 ? "load the system call filter" : NULL;
}

const char *setup_box(const struct box_spec *spec, uid_t host_uid, gid_t host_gid, const struct sock_fprog *filter)
{
	const char *failed;
	umask(0);
	setsid();
	if ((failed = map_identity(host_uid, host_gid)))
		return failed;
	if (sethostname("box", 3) < 0)
		return "set the host name";
	if (spec->network && (failed = raise_loopback()))
		return failed;
	if ((failed = build_root(spec)))
		return failed;
	if ((failed = place_binds()))
		return failed;
	if (workspaces_make(spec) < 0 || chdir(spec->cwd) < 0)
		return "make the working directory";
	if ((failed = fix_times(spec)))
		return failed;
	/* No namespace can be made below this one. */
	if (write_file("/proc/sys/user/max_user_namespaces", "0", 0) < 0)
		return "forbid further user namespaces";
	/* Counted for the user who made the box as well, whose limit all boxes share (128 by default). */
	(void)write_file("/proc/sys/user/max_inotify_instances", "16", 0);
	if ((failed = open_fixed("")))
		return failed;
	umask(022);
	return drop_rights(filter);
}
