/*
 * Packs on their way into a box: what it begins with, unpacked by pid 1 itself
 * while nobody else is there; and the whole root of another box, unpacked by a
 * child, after which the box holds that and nothing else.
 */
#include "helper.h"
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64u << 10)

/* Given back after use: each box would keep what it wrote to. */
PAGED static char chunk[CHUNK];

/* The reader keeps an offset of its own: several boxes may unpack one memory file at a time. */
PAGED static char in_cache[CHUNK];
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

static bool leads_to(const char *name, const char *target)
{
	char now[4096];
	int reason = errno;
	ssize_t n = readlink(name, now, sizeof now);
	errno = reason;
	return n == (ssize_t)strlen(target) && memcmp(now, target, (size_t)n) == 0;
}

static int import_folder(const char *name)
{
	struct stat st;
	if (mkdir(name, 0700) < 0) {
		if (errno != EEXIST || lstat(name, &st) < 0)
			return -1;
		if (!S_ISDIR(st.st_mode) && (unlink(name) < 0 || mkdir(name, 0700) < 0))
			return -1;
		if (S_ISDIR(st.st_mode) && (st.st_mode & 0700) != 0700)
			chmod(name, 0700); /* whose else it is says chdir */
	}
	return chdir(name);
}

static int import_extents(int fd, off_t *end)
{
	struct pack_extent extent;
	*end = 0;
	while (in_take(&extent, sizeof extent) == 0 && extent.len > 0)
		while (extent.len > 0) {
			size_t n = extent.len < sizeof chunk ? (size_t)extent.len : sizeof chunk;
			if (in_take(chunk, n) < 0 || write_at(fd, chunk, n, (off_t)extent.offset) < 0)
				return -1;
			extent.offset += n;
			extent.len -= n;
			*end = (off_t)extent.offset;
		}
	return 0;
}

/* The umask is 0, so that a new file has its mode at once; stays: into the file that is there. */
static int import_data(const char *name, const struct pack_entry *entry, bool stays)
{
	const struct timespec time = {entry->mtime_s, (long)entry->mtime_ns};
	const int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC | (stays ? O_TRUNC : O_CREAT | O_EXCL);
	mode_t mode = entry->mode & 07777;
	off_t end;
	int fd = open(name, flags, mode);
	if (fd < 0 && gives_way(name))
		fd = open(name, flags, mode);
	if (fd < 0)
		return -1;
	/* What is written takes a set-user-id bit away. */
	bool failed = import_extents(fd, &end) < 0 ||
	              (end != (off_t)entry->size && ftruncate(fd, (off_t)entry->size) < 0) ||
	              ((stays || mode & 06000) && fchmod(fd, mode) < 0) ||
	              futimens(fd, (const struct timespec[2]){time, time}) < 0;
	return close(fd) < 0 || failed ? -1 : 0;
}

static int import_pipe(const char *name, const struct pack_entry *entry)
{
	mode_t mode = entry->mode & 07777;
	if (mkfifo(name, mode) < 0 && (!gives_way(name) || mkfifo(name, mode) < 0))
		return -1;
	return set_times(name, entry);
}

/* A folder that is as it should be is left alone: in a base it would be copied. One that closes is left first. */
static int finish_folder(const struct pack_entry *entry)
{
	struct stat st;
	if (stat(".", &st) < 0)
		return -1;
	bool timed = st.st_mtim.tv_sec == entry->mtime_s && st.st_mtim.tv_nsec == (long)entry->mtime_ns;
	if (!timed && set_times(".", entry) < 0)
		return -1;
	if ((st.st_mode & 07777) == entry->mode)
		return chdir("..");
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int failed = chdir("..") < 0 || fchmod(fd, entry->mode & 07777) < 0;
	close(fd);
	return failed ? -1 : 0;
}

TOGETHER static char entry_name[256];

static int take_entry(struct pack_entry *entry)
{
	entry_name[0] = '\0';
	if (in_take(entry, sizeof *entry) < 0)
		return -1;
	if (entry->name_len < sizeof entry_name && in_take(entry_name, entry->name_len) == 0) {
		entry_name[entry->name_len] = '\0';
		/* One name, and not that of another folder. */
		if (!strchr(entry_name, '/') && strcmp(entry_name, ".") != 0 && strcmp(entry_name, "..") != 0)
			return 0;
	}
	errno = EBADMSG;
	return -1;
}

/* Of a link. Neither is on the stack, which each level of folders takes a piece of. */
static char target[4096];

static int import_entry(const struct pack_entry *entry)
{
	switch (entry->type) {
	case PACK_FOLDER:
		return import_folder(entry_name);
	case PACK_LEAVE:
		return finish_folder(entry);
	case PACK_FILE:
		return import_data(entry_name, entry, false);
	case PACK_LINK:
		if (entry->size >= sizeof target || in_take(target, (size_t)entry->size) < 0)
			return -1;
		target[entry->size] = '\0';
		if (symlink(target, entry_name) < 0 && !leads_to(entry_name, target) &&
		    (!gives_way(entry_name) || symlink(target, entry_name) < 0))
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
		if (take_entry(&entry) < 0 || (entry.type != PACK_END && import_entry(&entry) < 0))
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

static void begin(int fd)
{
	in_fd = fd;
	in_offset = in_start = 0;
	in_filled = 0;
	entry_name[0] = '\0';
}

const char *files_unpack(const char *path, int fd)
{
	char folder[2 * BOX_PATH_MAX];
	int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	begin(fd);
	snprintf(folder, sizeof folder, "%s/", path);
	make_parents(folder);
	mode_t mask = umask(0);
	int failed = back < 0 || chdir(path) < 0 || import_entries() < 0 || fchdir(back) < 0;
	int reason = errno;
	umask(mask);
	if (back >= 0)
		close(back);
	forget(in_cache);
	forget(chunk);
	errno = reason;
	return !failed ? NULL : entry_name[0] ? entry_name : path;
}

/* --- a whole root ----------------------------------------------------- */

static uint64_t root_mount;

/* Removes what the box itself has and the other one had not; but no mount, nor the folders above it. */
static void prune(const char *name)
{
	char **names;
	if (elsewhere(name, root_mount) || unlink(name) == 0 || errno != EISDIR || chdir(name) < 0)
		return;
	int count = list_names(&names);
	for (int i = 0; i < count; free(names[i]), i++)
		prune(names[i]);
	if (count >= 0)
		free(names);
	if (chdir("..") == 0)
		rmdir(name);
}

/* Another name for the file of this path, from the slash on; folders on the way may be closed. */
static int import_hard(char *path, char *from)
{
	struct stat st;
	char *slash = strchr(from + 1, '/');
	if (!slash)
		return link(path, entry_name);
	*slash = '\0';
	bool closed = lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && !(st.st_mode & 0100) && chmod(path, 0700) == 0;
	*slash = '/';
	int failed = import_hard(path, slash), reason = errno;
	*slash = '\0';
	if (closed)
		chmod(path, st.st_mode & 07777);
	*slash = '/';
	errno = reason;
	return failed;
}

static int import_exactly(void);

/* Whether what is there already keeps its place among the folder's names: it only gets other content. */
static bool can_stay(const struct pack_entry *entry)
{
	struct stat st;
	if (lstat(entry_name, &st) < 0)
		return false;
	switch (entry->type) {
	case PACK_FOLDER:
		return S_ISDIR(st.st_mode);
	case PACK_LINK:
		return S_ISLNK(st.st_mode);
	case PACK_FILE:
		return S_ISREG(st.st_mode) && !base_used() && chmod(entry_name, 0600) == 0;
	default:
		return false;
	}
}

static int import_one(const struct pack_entry *entry, bool there)
{
	if (entry->type == PACK_SAME)
		return 0;
	bool stays = there && can_stay(entry);
	if (there && !stays)
		prune(entry_name);
	switch (entry->type) {
	case PACK_FOLDER:
		return import_folder(entry_name) < 0 || import_exactly() < 0 ? -1 : 0;
	case PACK_FILE:
		return import_data(entry_name, entry, stays);
	case PACK_HARD:
		if (entry->size >= sizeof target || in_take(target, (size_t)entry->size) < 0)
			return -1;
		target[entry->size] = '\0';
		return import_hard(target, target);
	default:
		return import_entry(entry);
	}
}

/*
 * The working directory's entries up to its end, which leads out of it. They
 * are in order of age, and end in that order: names that are there already and
 * come in another one make way, and are made again when their turn comes.
 */
static int import_exactly(void)
{
	struct pack_entry entry = {0};
	char **names;
	int count = list_by_age(&names), at = 0, failed = count < 0;
	while (!failed && !(failed = take_entry(&entry) < 0) && entry.type != PACK_LEAVE && entry.type != PACK_END) {
		int found = at, order = 1;
		/* With a base both are sorted. */
		while (found < count && (order = strcmp(names[found], entry_name)) != 0 && (order < 0 || !base_used()))
			found++;
		for (; order == 0 && at < found; at++)
			prune(names[at]);
		at += order == 0;
		failed = import_one(&entry, order == 0) < 0;
	}
	while (!failed && at < count)
		prune(names[at++]);
	int reason = errno;
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	errno = reason;
	return failed ? -1 : finish_folder(&entry);
}

int files_import(const char *path, int fd)
{
	struct statx root;
	begin(fd);
	umask(0);
	allow_depth();
	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &root) < 0 || chdir(path) < 0)
		return 1;
	root_mount = root.stx_mnt_id;
	if (import_exactly() == 0)
		return 0;
	int reason = errno;
	fprintf(stderr, "%s: %s\n", entry_name[0] ? entry_name : path, strerror(reason));
	errno = reason;
	return 1;
}
