#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "num.h"

void fd_close(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

void fd_attach(struct msghdr *header, char *control, const int *fds, size_t count)
{
	header->msg_control = control;
	header->msg_controllen = CMSG_SPACE(count * sizeof(int));
	struct cmsghdr *item = CMSG_FIRSTHDR(header);
	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(item), fds, count * sizeof(int));
}

int fd_read_all(int fd, size_t max, struct buf *out, struct err *err)
{
	size_t before = out->len;
	for (;;) {
		size_t have = out->len - before, room = max - have;
		/* One byte beyond max tells a file of max bytes from a longer one; most are short. */
		size_t part = have < 4096 ? 4096 : have < 65536 ? have : 65536, want = room < part ? room + 1 : part;
		buf_reserve(out, want);
		ssize_t got = read(fd, out->data + out->len, want);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err_system(err, "read");
		else if ((size_t)got > room)
			err_set(err, ERR_INPUT, "longer than %zu bytes", max);
		if (got < 0 || (size_t)got > room) {
			buf_cut(out, before);
			return -1;
		}
		out->len += (size_t)got;
		out->data[out->len] = '\0';
		if (!got)
			return 0;
	}
}

int fd_write_all(int fd, const void *data, size_t len, struct err *err)
{
	const char *at = data;
	while (len) {
		ssize_t written = write(fd, at, len);
		if (written < 0 && errno == EAGAIN) {
			struct pollfd room = {.fd = fd, .events = POLLOUT};
			poll(&room, 1, -1);
		} else if (written < 0 && errno != EINTR) {
			return err_system(err, "write");
		} else if (written > 0) {
			at += written;
			len -= (size_t)written;
		}
	}
	return 0;
}

int fd_read_file(int dirfd, const char *path, size_t max, struct buf *out, struct err *err)
{
	/* Not to wait for the writer of a FIFO, nor to take a terminal. */
	FD_AUTO fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat info;
	if (fd < 0 || fstat(fd, &info) < 0)
		return err_system(err, "%s", path);
	if (!S_ISREG(info.st_mode))
		return err_set(err, ERR_INPUT, "%s: not a regular file", path);
	if (info.st_size > 0 && (size_t)info.st_size <= max)
		buf_reserve(out, (size_t)info.st_size + 1);
	if (fd_read_all(fd, max, out, err) < 0)
		return err_context(err, "%s", path);
	return 0;
}

int fd_put_text(const char *path, const char *text)
{
	size_t len = strlen(text);
	FD_AUTO fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, len) == (ssize_t)len ? 0 : -1;
}

/* Opens a new file beside name, its path in *beside. */
static int open_beside(int dirfd, const char *name, mode_t mode, char **beside)
{
	const char *slash = strrchr(name, '/');
	int folder_len = slash ? (int)(slash - name) + 1 : 0;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t random = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30 ^ (uint64_t)getpid() << 45 ^
	                  (uint64_t)(uintptr_t)&now;
	for (int tries = 0; tries < 100; tries++) {
		*beside = mem_format("%.*s.%.200s.%08x", folder_len, name, name + folder_len,
		                     (unsigned)num_random(&random));
		int fd = openat(dirfd, *beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		if (fd >= 0 || errno != EEXIST)
			return fd;
		mem_free_string(beside);
	}
	return -1;
}

/* Syncs the folder that name is in, so that the rename lasts. */
static int sync_folder(int dirfd, const char *name)
{
	const char *slash = strrchr(name, '/');
	STRING_AUTO folder = slash ? mem_format("%.*s", (int)(slash - name) + 1, name) : mem_string(".");
	FD_AUTO fd = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

int fd_replace_file(int dirfd, const char *name, const void *data, size_t len, mode_t mode, bool sync, struct err *err)
{
	STRING_AUTO beside = NULL;
	FD_AUTO fd = open_beside(dirfd, name, mode, &beside);
	if (fd < 0)
		return err_system(err, "%s", name);
	if (fd_write_all(fd, data, len, err) < 0) {
		unlinkat(dirfd, beside, 0);
		return err_context(err, "%s", name);
	}
	if ((sync && fsync(fd) < 0) || renameat(dirfd, beside, dirfd, name) < 0) {
		err_system(err, "%s", name);
		unlinkat(dirfd, beside, 0);
		return -1;
	}
	if (sync && sync_folder(dirfd, name) < 0)
		return err_system(err, "%s: its folder", name);
	return 0;
}

int fd_make_folders(const char *path, mode_t mode, struct err *err)
{
	STRING_AUTO part = mem_string(path);
	struct stat info;
	if (!*part)
		return err_set(err, ERR_INPUT, "a folder's name is empty");
	for (char *end = part + 1;; end++) {
		if (*end && *end != '/')
			continue;
		char kept = *end;
		*end = '\0';
		if (mkdir(part, mode) < 0) {
			/* On the way, what cannot be made may be there, behind a folder that cannot be written. */
			int reason = errno;
			bool there = stat(part, &info) == 0;
			errno = there ? ENOTDIR : reason;
			if (!there || !S_ISDIR(info.st_mode))
				return err_system(err, "%s", part);
		}
		if (!kept)
			return 0;
		*end = kept;
	}
}

/*
 * Removing a tree. Descriptors are held for TREE_LEVELS folders at most: a
 * folder that is deeper is moved up to the tree's own folder, where a later
 * pass finds it. So neither depth nor the length of paths is limited, and
 * symbolic links are never followed.
 */
#define TREE_LEVELS 32

struct removal {
	int top;
	dev_t device;
	unsigned long moved;
	struct err *err;
};

bool fd_make_mutable(int fd)
{
	unsigned flags;
	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || !(flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)))
		return false;
	flags &= ~(unsigned)(FS_IMMUTABLE_FL | FS_APPEND_FL);
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

/* As unlinkat(2) for what is no folder, also if it is immutable. -1 with errno. */
static int remove_file(int parent, const char *name)
{
	if (unlinkat(parent, name, 0) == 0)
		return 0;
	int reason = errno;
	FD_AUTO fd = reason == EPERM ? openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd_make_mutable(fd) && unlinkat(parent, name, 0) == 0)
		return 0;
	errno = reason;
	return -1;
}

/* Opens a folder so that its entries can be removed, whatever its mode is. */
static int open_folder(int parent, const char *name, struct stat *info)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags);
	if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(parent, name, flags);
	if (fd < 0)
		return -1;
	if (fstat(fd, info) < 0) {
		fd_close(&fd);
		return -1;
	}
	fd_make_mutable(fd);
	/* Where this is refused, the removal of an entry says why. */
	if ((info->st_mode & 0700) != 0700)
		(void)!fchmod(fd, 0700);
	return fd;
}

static int move_up(struct removal *removal, int parent, const char *name)
{
	char moved[32];
	bool opened = false;
	for (;;) {
		snprintf(moved, sizeof moved, "moved-%lu", removal->moved++);
		if (renameat(parent, name, removal->top, moved) == 0)
			return 0;
		if ((errno == EACCES || errno == EPERM) && !opened) {
			/* Its ".." changes: it has to be writable itself. */
			struct stat info;
			int fd = open_folder(parent, name, &info);
			fd_close(&fd);
			opened = true;
		} else if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) {
			return err_system(removal->err, "%s", name);
		}
	}
}

static int empty_folder(struct removal *removal, int fd, int level);

static int remove_entry(struct removal *removal, int parent, const struct dirent *entry, int level)
{
	const char *name = entry->d_name;
	if (entry->d_type != DT_DIR) {
		if (remove_file(parent, name) == 0 || errno == ENOENT)
			return 0;
		if (errno != EISDIR && errno != EPERM)
			return err_system(removal->err, "%s", name);
	}
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	/* EPERM: it may not be changed, which open_folder() takes back. */
	if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES && (errno != EPERM || entry->d_type != DT_DIR))
		return err_system(removal->err, "%s", name);
	if (level == TREE_LEVELS)
		return move_up(removal, parent, name);
	struct stat info;
	int fd = open_folder(parent, name, &info);
	if (fd < 0)
		return err_system(removal->err, "%s", name);
	if (info.st_dev != removal->device) {
		fd_close(&fd);
		return err_set(removal->err, ERR_SYSTEM, "%s: another file system is mounted there", name);
	}
	if (empty_folder(removal, fd, level + 1) < 0)
		return err_context(removal->err, "%s", name);
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_system(removal->err, "%s", name);
	return 0;
}

/* Removes all that is in a folder; takes fd. Passes go on until one finds nothing: file systems
 * differ in what readdir() shows of a folder that changes meanwhile. */
static int empty_folder(struct removal *removal, int fd, int level)
{
	DIR *folder = fdopendir(fd);
	if (!folder) {
		err_system(removal->err, "cannot list");
		fd_close(&fd);
		return -1;
	}
	int status = 0;
	bool found = true;
	while (found && status == 0) {
		struct dirent *entry;
		found = false;
		rewinddir(folder);
		while (status == 0 && (entry = readdir(folder))) {
			if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
				continue;
			found = true;
			status = remove_entry(removal, fd, entry, level);
		}
	}
	closedir(folder);
	return status;
}

int fd_remove_tree(int dirfd, const char *name, struct err *err)
{
	struct removal removal = {.err = err};
	struct stat info;
	if (remove_file(dirfd, name) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_system(err, "%s", name);
	removal.top = open_folder(dirfd, name, &info);
	if (removal.top < 0)
		return err_system(err, "%s", name);
	removal.device = info.st_dev;
	if (empty_folder(&removal, removal.top, 1) < 0)
		return err_context(err, "%s", name);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_system(err, "%s", name);
	return 0;
}
