/*
 * A base: any root file system of the host, a folder, as the root of a box.
 *
 * An overlay has it as its lower layer, which is never written; the upper
 * layer is on the box's own tmpfs, so that what is written there has the same
 * limits as without a base. Nobody vouches for what is in a base: a link in
 * the place of /tmp, a file in the place of /proc, device nodes. So each
 * folder that the setup works in is first made in the upper layer, which only
 * this process has seen: there it lies over whatever the base has in its
 * place, and no path that the setup follows ever leads through the base.
 * Devices are inert (nodev), and of "user.overlay" attributes in a base the
 * kernel heeds none that could lead elsewhere when "userxattr" is given.
 *
 * Linux 5.11 has overlays in user namespaces, 6.6 user attributes on tmpfs:
 * without them no folder could be made in the place of a removed one.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define UPPER ROOT_MOUNTPOINT "/upper"
#define WORK ROOT_MOUNTPOINT "/work"
#define ROOT ROOT_MOUNTPOINT "/root"

static int base = -1;  /* O_PATH, until it is mounted */
static int upper = -1; /* for the names in it */
static bool used;

int base_take(const char *path)
{
	if (base >= 0)
		close(base);
	base = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return base < 0 ? -1 : access(path, R_OK | X_OK);
}

bool base_used(void)
{
	return used;
}

bool base_taken(void)
{
	return base >= 0;
}

/* Of what the base has in the place of a folder nothing is seen. */
static int hide(const char *path)
{
	return setxattr(path, "user.overlay.opaque", "y", 1, 0);
}

/* The box's own folders. */
static int make_own(void)
{
	static const struct {
		const char *path;
		mode_t mode;
		bool empty;
	} folders[] = {
	        {"dev", 0755, true},         {"run", 0755, true},  {"tmp", 01777, true},
	        {"proc", 0555, false},       {"etc", 0755, false}, {"home", 0755, false},
	        {"home/agent", 0755, false}, {"var", 0755, false}, {"var/tmp", 01777, false},
	};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mkdir(folders[i].path, folders[i].mode) < 0 || (folders[i].empty && hide(folders[i].path) < 0))
			return -1;
	return 0;
}

const char *base_begin(const struct box_spec *spec)
{
	if (mkdir(UPPER, 0755) < 0 || mkdir(WORK, 0700) < 0 || mkdir(ROOT, 0755) < 0 || chdir(UPPER) < 0 ||
	    (upper = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || make_own() < 0)
		return "prepare the base";
	const char *failed = base_adopt(spec->cwd, true), *folder = spec_paths(spec, BOX_UNPACKED);
	if (!failed && spec->cleared && (mkdir("tests", 0755) < 0 || hide("tests") < 0 || hide(spec->cwd + 1) < 0))
		failed = "prepare the base";
	for (uint32_t i = 0; i < spec->packs && !failed; i++, folder += strlen(folder) + 1)
		if ((failed = base_adopt(folder, true)) == NULL && spec->cleared && hide(folder + 1) < 0)
			failed = "prepare the base";
	return failed;
}

/* The last of them lies over a link that the base has in its place; one on the way is followed, once nothing but the
 * box can be reached. */
const char *base_adopt(const char *path, bool folder)
{
	char prefix[BOX_PATH_MAX];
	struct stat st;
	snprintf(prefix, sizeof prefix, "%s", path + strspn(path, "/"));
	/* Such a path is not made here, where it could lead out. */
	if (strstr(prefix, ".."))
		return NULL;
	for (char *at = prefix; *at;) {
		char *slash = strchr(at, '/');
		if (slash)
			*slash = '\0';
		int there = slash ? fstatat(base, prefix, &st, AT_SYMLINK_NOFOLLOW) : -1;
		if (there == 0 && S_ISLNK(st.st_mode))
			return NULL;
		if (slash && there < 0 && host_failed(errno))
			return "prepare the base";
		if ((slash || folder) && mkdir(prefix, 0755) < 0 && errno != EEXIST)
			return "prepare the base";
		if (!slash)
			break;
		*slash = '/';
		at = slash + 1;
	}
	return NULL;
}

int base_open(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	struct stat st;
	char name[40];
	int file = base < 0 ? -1 : (int)syscall(SYS_openat2, base, path, &how, sizeof how);
	if (file < 0)
		return -1;
	/* Nothing but a regular file is opened: that alone can have an effect on a device. */
	int fd = -1;
	snprintf(name, sizeof name, "/proc/self/fd/%d", file);
	int failed = fstat(file, &st);
	if (!failed && S_ISREG(st.st_mode))
		fd = open(name, O_RDONLY | O_CLOEXEC);
	else if (!failed)
		errno = ENOENT;
	int error = errno;
	close(file);
	errno = error;
	return fd;
}

const char *base_mount(void)
{
	/* From within, so that its name, whatever characters that has, is no part of the options. */
	if (fchdir(base) < 0 || mount("box", ROOT, "overlay", MS_NOSUID | MS_NODEV,
	                              "lowerdir=.,upperdir=" UPPER ",workdir=" WORK ",userxattr,xino=off") < 0)
		return "mount the base";
	close(base);
	base = -1;
	used = true;
	return chdir(ROOT) < 0 ? "enter the new root" : NULL;
}

bool base_upper(char *name, size_t size, const char *folder)
{
	if (upper < 0)
		return false;
	snprintf(name, size, "/proc/self/fd/%d%s", upper, folder);
	return true;
}

void base_done(void)
{
	if (upper >= 0)
		close(upper);
	upper = -1;
}
