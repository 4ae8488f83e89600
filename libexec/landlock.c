/*
 * A box without namespaces, for hosts that refuse them, and only when it was
 * asked for by name. It isolates less, and lib/box.c has the list of what it
 * does not.
 *
 * What is the root of other boxes is a private folder in /tmp here, which goes
 * with the box; the workspace, tmp and home are in it, and paths of requests
 * that begin as those do are taken to be there. Each command confines itself
 * before it is executed: Landlock leaves it the system's programs and that
 * folder, the filter no sockets and nothing of other processes. What is called
 * pid 1 elsewhere stays outside, so that a command cannot signal (from ABI 6 on)
 * or trace it, and is the subreaper of all commands: whatever loses its parent
 * becomes its child, so that its descendants are the processes of the box, and
 * nothing else is ever signalled.
 */
#include "helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* As in <linux/landlock.h> of Linux 6.12; an older one lacks some of it. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_ABI_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,     /* ABI 2 */
	FS_TRUNCATE = 1 << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
	NET_TCP = 3,    /* ABI 4: bind and connect */
	SCOPE_BOTH = 3, /* ABI 6: abstract sockets and signals */
};
struct ruleset {
	uint64_t fs, net, scoped;
};
struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

#define FOLDER_MODEL "/tmp/pipegym-box.XXXXXX"

char box_root[sizeof FOLDER_MODEL];
static const struct sock_fprog *own_filter;
static char top[BOX_PATH_MAX];              /* the folder at the root that holds the working directory */
PAGED static char hidden[16][BOX_PATH_MAX]; /* folders of tasks */
static uint64_t handled;

/* --- paths -------------------------------------------------------------- */

static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);
	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

const char *box_path(const char *path)
{
	PAGED static char real[sizeof box_root + 4096];
	if (!box_root[0] || below(path, box_root) ||
	    !(below(path, top) || below(path, "/tmp") || below(path, "/home/agent") || below(path, "/tests")))
		return path;
	snprintf(real, sizeof real, "%s%s", box_root, path);
	return real;
}

const char *landlock_script(const char *script)
{
	static char text[4096];
	size_t used = 0, folder = strlen(SESSION_FOLDER);
	for (const char *at = script; *at && used < sizeof text - sizeof box_root;)
		if (strncmp(at, SESSION_FOLDER, folder) == 0) {
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", box_root, SESSION_FOLDER);
			at += folder;
		} else {
			text[used++] = *at++;
		}
	text[used] = '\0';
	return text;
}

/* --- rules -------------------------------------------------------------- */

static int allow(int rules, const char *path, uint64_t access)
{
	struct stat st;
	struct path_rule rule = {access & handled, open(path, O_PATH | O_CLOEXEC)};
	if (rule.parent < 0)
		return errno == ENOENT ? 0 : -1;
	int failed = fstat(rule.parent, &st);
	if (!failed && !S_ISDIR(st.st_mode))
		rule.allowed &= FS_OF_FILES;
	if (!failed)
		failed = (int)syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0);
	int saved = errno;
	close(rule.parent);
	errno = saved;
	return failed;
}

/* A rule holds for all that is below, and none takes anything back: beside a hidden folder each has its own. */
static int allow_system(int rules, const char *path)
{
	char entry[BOX_PATH_MAX];
	bool divided = false;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden && hidden[i][0]; i++) {
		if (below(path, hidden[i]))
			return 0;
		divided = divided || below(hidden[i], path);
	}
	if (!divided)
		return allow(rules, path, FS_EXECUTE | FS_READ_FILE | FS_READ_DIR);
	DIR *folder = opendir(path);
	int failed = folder ? 0 : -1;
	for (struct dirent *found; !failed && (found = readdir(folder));)
		if (found->d_type != DT_LNK && strcmp(found->d_name, ".") && strcmp(found->d_name, "..") &&
		    snprintf(entry, sizeof entry, "%s/%s", path, found->d_name) < (int)sizeof entry)
			failed = allow_system(rules, entry);
	if (folder)
		closedir(folder);
	return failed;
}

static const char *find_hidden(const struct box_spec *spec)
{
	size_t count = 0;
	for (const char *hide = spec_paths(spec, BOX_COVERED); *hide; hide += strlen(hide) + 1) {
		char real[4096];
		if (!realpath(hide, real) && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
			continue; /* what is not there, or not for us, is not for a command */
		if (!realpath(hide, real))
			return "find folders of tasks";
		errno = E2BIG;
		if (count == sizeof hidden / sizeof *hidden || strlen(real) >= sizeof *hidden)
			return "hide folders of tasks";
		strcpy(hidden[count++], real);
	}
	return NULL;
}

static const char *allow_host(int rules)
{
	static const char *const system[] = {"/usr",
	                                     "/bin",
	                                     "/sbin",
	                                     "/lib",
	                                     "/lib32",
	                                     "/lib64",
	                                     "/libx32",
	                                     "/etc/alternatives",
	                                     "/etc/ld.so.cache"};
	static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
	for (size_t i = 0; i < sizeof system / sizeof *system; i++) {
		char real[4096];
		if (realpath(system[i], real) ? allow_system(rules, real) < 0 : errno != ENOENT)
			return "allow the system's files";
	}
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		if (allow(rules, devices[i], FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE) < 0)
			return "allow devices";
	return NULL;
}

static const char *allow_own(int rules)
{
	const char *own[] = {"/tmp", "/home/agent", "/tests", top};
	char path[BOX_PATH_MAX + sizeof box_root];
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		snprintf(path, sizeof path, "%s%s", box_root, own[i]);
		if (allow(rules, path, handled & ~(uint64_t)FS_IOCTL_DEV) < 0)
			return "allow the box's own folders";
	}
	snprintf(path, sizeof path, "%s%s", box_root, SESSION_FOLDER);
	return allow(rules, path, FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE) < 0 ? "allow the session's pipes" : NULL;
}

static const char *make_rules(const struct box_spec *spec, int abi)
{
	const char *failed = find_hidden(spec);
	if (failed)
		return failed;
	handled = FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
	struct ruleset set = {handled, abi >= 4 ? NET_TCP : 0, abi >= 6 ? SCOPE_BOTH : 0};
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	int rules = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
	if (rules < 0)
		return "make Landlock rules";
	if ((failed = allow_host(rules)) || (failed = allow_own(rules)))
		return failed;
	if (dup3(rules, FD_RULES, O_CLOEXEC) < 0)
		return "keep the Landlock rules";
	close(rules);
	return NULL;
}

int confine(void)
{
	if (!box_root[0])
		return 0;
	if (syscall(SYS_landlock_restrict_self, FD_RULES, 0) < 0)
		return -1;
	return filter_load(own_filter);
}

/* --- the beginning and the end -------------------------------------------- */

static const char *make_folder(const struct box_spec *spec)
{
	static const char *const pipes[] = {SESSION_COMMAND, SESSION_STATUS, SESSION_STDOUT, SESSION_STDERR};
	static const char *const folders[] = {"/tmp", "/home/agent", "/tests", SESSION_FOLDER, NULL};
	char path[sizeof box_root + BOX_PATH_MAX], model[] = FOLDER_MODEL;
	if (!mkdtemp(model))
		return "make a folder in /tmp";
	strcpy(box_root, model);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s%s", box_root, folders[i] ? folders[i] : spec->cwd);
		if (make_folders(path) < 0)
			return "make the box's own folders";
	}
	for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++) {
		snprintf(path, sizeof path, "%s%s", box_root, pipes[i]);
		if (mkfifo(path, 0600) < 0)
			return "make the session's pipes";
	}
	snprintf(path, sizeof path, "%s%s", box_root, spec->cwd);
	return chdir(path) < 0 ? "enter the working directory" : NULL;
}

const char *setup_landlock(const struct box_spec *spec, const struct sock_fprog *filter)
{
	const char *failed;
	umask(022);
	setsid();
	own_filter = filter;
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	if (abi < 1)
		return "find Landlock";
	snprintf(top, sizeof top, "%.*s", (int)(strcspn(spec->cwd + 1, "/") + 1), spec->cwd);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return "adopt what loses its parent";
	if ((failed = make_folder(spec)) || (failed = make_rules(spec, abi)))
		return failed;
	failed = open_fixed(box_root);
	return failed ? failed : give_up_rights();
}

/* In a process of its own, which finishes even if this one is killed. */
static void remove_folder(void)
{
	static char path[] = "PATH=/usr/bin:/bin";
	static char *const environment[] = {path, NULL};
	static char shell[] = "/bin/sh", option[] = "-c",
	            script[] = "chmod -R u+rwX -- \"$0\" 2>/dev/null; exec rm -rf -- \"$0\"";
	static char *const argv[] = {shell, option, script, box_root, NULL};
	pid_t pid = fork_plain();
	if (pid == 0) {
		setsid();
		execve(argv[0], argv, environment);
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void box_exit(int status)
{
	if (box_root[0]) {
		/* Every descendant is a child once what is above it has ended. Bounded, should one not be killed. */
		for (int i = 0; i < 4000; i++) {
			pid_t pid;
			signal_all(SIGKILL);
			while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
				continue;
			if (pid < 0 && errno == ECHILD)
				break;
			usleep(500);
		}
		remove_folder();
	}
	_exit(status);
}
