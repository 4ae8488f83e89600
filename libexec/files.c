/*
 * File requests, each in a forked child of pid 1 with the rights of the agent;
 * and what a box begins with, unpacked by pid 1 itself while nobody else is there.
 * Paths resolve in the box's own root, so that "..", links and races can lead
 * nowhere else. Devices, pipes and folders are not files here; a pipe in place
 * of a file does not make anybody wait.
 */
#include "helper.h"
#include "pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64u << 10)

static char chunk[CHUNK];

static int complain(const char *path)
{
	int reason = errno;
	fprintf(stderr, "%s: %s\n", path, strerror(reason));
	errno = reason;
	return 1;
}

static int write_all(int fd, const void *data, size_t len)
{
	for (const char *at = data; len > 0;) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* 1 when it is a regular file, and never one of /proc: pid 1's own memory is a "regular file" there. */
static int regular(int fd)
{
	struct stat st, proc;
	if (fstat(fd, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return 0;
	}
	if (!S_ISREG(st.st_mode)) {
		errno = ENODEV;
		return 0;
	}
	errno = EACCES;
	return stat("/proc", &proc) == 0 && proc.st_dev != st.st_dev;
}

int files_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || !regular(fd))
		return complain(path);
	for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) != 0;)
		if (n < 0 || write_all(1, chunk, (size_t)n) < 0)
			return complain(path);
	return 0;
}

static void make_parents(const char *path)
{
	char copy[4096];
	snprintf(copy, sizeof copy, "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755); /* what fails here fails again, with its reason, at open */
		*slash = '/';
	}
}

int files_write(const char *path)
{
	make_parents(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	if (fd < 0 || !regular(fd) || ftruncate(fd, 0) < 0)
		return complain(path);
	for (ssize_t n; (n = read(0, chunk, sizeof chunk)) != 0;)
		if (n < 0 || write_all(fd, chunk, (size_t)n) < 0)
			return complain(path);
	return close(fd) < 0 ? complain(path) : 0;
}

int files_stat(const char *path)
{
	struct stat st;
	/* 1: it is not there; 2: nobody can tell. */
	if (lstat(path, &st) < 0)
		return complain(path) + (errno != ENOENT && errno != ENOTDIR);
	const char *kind = S_ISREG(st.st_mode)   ? "regular"
	                   : S_ISDIR(st.st_mode) ? "directory"
	                   : S_ISLNK(st.st_mode) ? "symlink"
	                                         : "special";
	printf("%o %s\n", st.st_mode & 07777, kind);
	return fflush(stdout) ? 1 : 0;
}

/* A writer with a buffer of its own: a pack of small files is a handful of writes. */
static char out_data[CHUNK];
static size_t out_len;
static int out_fd;

static int out_flush(void)
{
	size_t len = out_len;
	out_len = 0;
	return write_all(out_fd, out_data, len);
}

static int out_add(const void *data, size_t len)
{
	if (out_len + len > sizeof out_data && out_flush() < 0)
		return -1;
	if (len > sizeof out_data)
		return write_all(out_fd, data, len);
	memcpy(out_data + out_len, data, len);
	out_len += len;
	return 0;
}

static int out_entry(uint8_t type, const char *name, const struct stat *st, uint64_t size)
{
	struct pack_entry entry = {.type = type, .size = size, .name_len = name ? (uint32_t)strlen(name) : 0};
	if (st) {
		entry.mode = st->st_mode & 07777;
		entry.mtime_s = st->st_mtim.tv_sec;
		entry.mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	}
	if (out_add(&entry, sizeof entry) < 0)
		return -1;
	return name ? out_add(name, entry.name_len) : 0;
}

static int export_data(int fd)
{
	struct pack_extent extent = {0, 0};
	/* Holes stay holes: a file of 10 GB may hold one byte. */
	for (off_t data, hole = 0; (data = lseek(fd, hole, SEEK_DATA)) >= 0;) {
		if ((hole = lseek(fd, data, SEEK_HOLE)) < 0)
			return -1;
		while (data < hole) {
			size_t want = (size_t)(hole - data) < sizeof chunk ? (size_t)(hole - data) : sizeof chunk;
			ssize_t n = pread(fd, chunk, want, data);
			if (n <= 0)
				return n < 0 ? -1 : out_add(&(struct pack_extent){0, 0}, sizeof extent);
			extent = (struct pack_extent){(uint64_t)data, (uint64_t)n};
			if (out_add(&extent, sizeof extent) < 0 || out_add(chunk, (size_t)n) < 0)
				return -1;
			data += n;
		}
	}
	return out_add(&(struct pack_extent){0, 0}, sizeof extent);
}

static int export_file(const char *name, const struct stat *st)
{
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	/* A file that its owner made unreadable is still the owner's. */
	if (fd < 0 && errno == EACCES && chmod(name, 0600) == 0) {
		fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		chmod(name, st->st_mode & 07777);
	}
	if (fd < 0)
		return -1;
	int failed = out_entry(PACK_FILE, name, st, (uint64_t)st->st_size) < 0 || export_data(fd) < 0;
	close(fd);
	return failed ? -1 : 0;
}

static int export_link(const char *name, const struct stat *st)
{
	char target[4096];
	ssize_t n = readlink(name, target, sizeof target);
	if (n < 0 || out_entry(PACK_LINK, name, st, (uint64_t)n) < 0)
		return -1;
	return out_add(target, (size_t)n);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in the working directory, sorted; the caller frees each and the list. -1: unreadable. */
static int list_names(char ***names)
{
	int count = 0, size = 0, missing = 0;
	DIR *folder = opendir(".");
	*names = NULL;
	if (!folder)
		return -1;
	for (struct dirent *entry; errno = 0, (entry = readdir(folder));) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (count == size) {
			size = size ? 2 * size : 32;
			char **more = realloc(*names, (size_t)size * sizeof **names);
			if (!more)
				break;
			*names = more;
		}
		if (!((*names)[count] = strdup(entry->d_name)))
			break;
		count++;
	}
	missing = errno;
	closedir(folder);
	/* What could not be listed, in part or as a whole, is not there to be compared. */
	if (missing) {
		while (count > 0)
			free((*names)[--count]);
		errno = missing;
		return -1;
	}
	if (count > 1)
		qsort(*names, (size_t)count, sizeof **names, compare_names);
	return count;
}

/* Everything in the working directory. Depth costs stack alone: no descriptor stays open, no path grows. */
static int export_folder(void)
{
	char **names;
	int count = list_names(&names), failed = count < 0;
	for (int i = 0; i < count; free(names[i]), i++) {
		struct stat st;
		if (failed || (failed = lstat(names[i], &st) < 0)) {
			continue;
		} else if (S_ISDIR(st.st_mode)) {
			if ((st.st_mode & 0700) != 0700)
				chmod(names[i], st.st_mode | 0700);
			failed = out_entry(PACK_FOLDER, names[i], &st, 0) < 0 || chdir(names[i]) < 0 ||
			         export_folder() < 0 || chdir("..") < 0 || out_entry(PACK_LEAVE, NULL, &st, 0) < 0;
			if ((st.st_mode & 0700) != 0700)
				chmod(names[i], st.st_mode & 07777);
		} else if (S_ISREG(st.st_mode)) {
			failed = export_file(names[i], &st) < 0;
		} else if (S_ISLNK(st.st_mode)) {
			failed = export_link(names[i], &st) < 0;
		} else if (S_ISFIFO(st.st_mode)) {
			failed = out_entry(PACK_FIFO, names[i], &st, 0) < 0;
		} /* a socket or device means nothing elsewhere */
	}
	free(names);
	return failed ? -1 : 0;
}

int files_export(const char *path, int fd)
{
	struct stat st;
	out_fd = fd;
	/* Not through a link: it would lead to the host's /usr, or anywhere. */
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0 || fchdir(folder) < 0 || stat(".", &st) < 0 || export_folder() < 0 ||
	    out_entry(PACK_END, NULL, &st, 0) < 0 || out_flush() < 0)
		return complain(path);
	return 0;
}

/* The reader keeps an offset of its own: several boxes may unpack one memory file at a time. */
static char in_cache[CHUNK];
static size_t in_filled;
static off_t in_offset, in_start;
static int in_fd;

static int in_take(void *data, size_t len)
{
	for (char *at = data; len > 0;) {
		if (in_offset < in_start || in_offset >= in_start + (off_t)in_filled) {
			ssize_t n = pread(in_fd, in_cache, sizeof in_cache, in_offset);
			if (n <= 0) {
				errno = n < 0 ? errno : EBADMSG;
				return -1;
			}
			in_start = in_offset;
			in_filled = (size_t)n;
		}
		size_t have = (size_t)(in_start + (off_t)in_filled - in_offset);
		size_t n = have < len ? have : len;
		memcpy(at, in_cache + (in_offset - in_start), n);
		at += n;
		len -= n;
		in_offset += (off_t)n;
	}
	return 0;
}

static int set_times(const char *name, const struct pack_entry *entry)
{
	const struct timespec time = {entry->mtime_s, (long)entry->mtime_ns};
	return utimensat(AT_FDCWD, name, (const struct timespec[2]){time, time}, AT_SYMLINK_NOFOLLOW);
}

static int write_at(int fd, const char *data, size_t len, off_t offset)
{
	for (ssize_t n; len > 0; data += n, offset += n, len -= (size_t)n)
		if ((n = pwrite(fd, data, len, offset)) <= 0)
			return -1;
	return 0;
}

/* A base may have something in the workspace, which is replaced: whether a new try is worth it. */
static bool gives_way(const char *name)
{
	return errno == EEXIST && unlink(name) == 0;
}

static int import_folder(const char *name)
{
	struct stat st;
	if (mkdir(name, 0700) < 0) {
		if (errno != EEXIST || lstat(name, &st) < 0)
			return -1;
		if (!S_ISDIR(st.st_mode) && (unlink(name) < 0 || mkdir(name, 0700) < 0))
			return -1;
	}
	return chdir(name);
}

static int import_data(const char *name, const struct pack_entry *entry)
{
	struct pack_extent extent;
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = open(name, flags, 0600);
	if (fd < 0 && gives_way(name))
		fd = open(name, flags, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)entry->size) < 0)
		goto failed;
	while (in_take(&extent, sizeof extent) == 0 && extent.len > 0)
		while (extent.len > 0) {
			size_t n = extent.len < sizeof chunk ? (size_t)extent.len : sizeof chunk;
			if (in_take(chunk, n) < 0 || write_at(fd, chunk, n, (off_t)extent.offset) < 0)
				goto failed;
			extent.offset += n;
			extent.len -= n;
		}
	if (fchmod(fd, entry->mode & 07777) == 0 && set_times(name, entry) == 0)
		return close(fd);
failed:
	if (fd >= 0)
		close(fd);
	return -1;
}

static int import_pipe(const char *name, const struct pack_entry *entry)
{
	mode_t mode = entry->mode & 0777;
	if (mkfifo(name, mode) < 0 && (!gives_way(name) || mkfifo(name, mode) < 0))
		return -1;
	return set_times(name, entry);
}

static int import_leave(const struct pack_entry *entry)
{
	if (set_times(".", entry) < 0)
		return -1;
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int failed = chdir("..") < 0 || fchmod(fd, entry->mode & 07777) < 0;
	close(fd);
	return failed ? -1 : 0;
}

static char entry_name[256];

static int import_entry(const struct pack_entry *entry)
{
	char target[4096];
	entry_name[0] = '\0';
	if (entry->name_len >= sizeof entry_name || in_take(entry_name, entry->name_len) < 0)
		return -1;
	entry_name[entry->name_len] = '\0';
	switch (entry->type) {
	case PACK_FOLDER:
		return import_folder(entry_name);
	case PACK_LEAVE:
		return import_leave(entry);
	case PACK_FILE:
		return import_data(entry_name, entry);
	case PACK_LINK:
		if (entry->size >= sizeof target || in_take(target, (size_t)entry->size) < 0)
			return -1;
		target[entry->size] = '\0';
		if (symlink(target, entry_name) < 0 && (!gives_way(entry_name) || symlink(target, entry_name) < 0))
			return -1;
		return set_times(entry_name, entry);
	case PACK_FIFO:
		return import_pipe(entry_name, entry);
	default:
		errno = EBADMSG;
		return -1;
	}
}

static int import_entries(void)
{
	struct pack_entry entry;
	do
		if (in_take(&entry, sizeof entry) < 0 || (entry.type != PACK_END && import_entry(&entry) < 0))
			return -1;
	while (entry.type != PACK_END);
	return set_times(".", &entry);
}

/* Gives back the whole pages of a buffer, which every box would go on holding. */
static void forget(char buffer[CHUNK])
{
	size_t page = 4096, skip = -(uintptr_t)buffer % page;
	madvise(buffer + skip, (CHUNK - skip) / page * page, MADV_DONTNEED);
}

const char *files_unpack(const char *path, int fd)
{
	char folder[BOX_PATH_MAX + 1];
	int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	in_fd = fd;
	in_offset = in_start = 0;
	in_filled = 0;
	entry_name[0] = '\0';
	snprintf(folder, sizeof folder, "%s/", path);
	make_parents(folder);
	int failed = back < 0 || chdir(path) < 0 || import_entries() < 0 || fchdir(back) < 0;
	int reason = errno;
	if (back >= 0)
		close(back);
	forget(in_cache);
	forget(chunk);
	errno = reason;
	return !failed ? NULL : entry_name[0] ? entry_name : path;
}
