/*
 * File requests, each in a forked child of pid 1 with the rights of the agent;
 * unpack.c has the way back of what is packed here.
 * Paths resolve in the box's own root, so that "..", links and races can lead
 * nowhere else. Devices, pipes and folders are not files here; a pipe in place
 * of a file does not make anybody wait.
 */
#include "helper.h"
#include "pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64u << 10)
#define STACK_MAX (112u << 20)

PAGED static char chunk[CHUNK];

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
	return fstat(FD_PROC, &proc) == 0 && proc.st_dev != st.st_dev;
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

void make_parents(const char *path)
{
	char copy[4096];
	snprintf(copy, sizeof copy, "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755); /* what fails here fails again, with its reason, at open */
		*slash = '/';
	}
}

int files_write(const char *path, const char *data, size_t len)
{
	make_parents(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	if (fd < 0 || !regular(fd) || ftruncate(fd, 0) < 0 || write_all(fd, data, len) < 0)
		return complain(path);
	for (ssize_t n; (n = read(0, chunk, sizeof chunk)) != 0;)
		if (n < 0 || write_all(fd, chunk, (size_t)n) < 0)
			return complain(path);
	return close(fd) < 0 ? complain(path) : 0;
}

int files_stat(const char *path, bool inside)
{
	struct stat st;
	if (inside && workspaces_left(path)) {
		errno = 0;
		return 3;
	}
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
PAGED static char out_data[CHUNK];
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

/* Which content is behind a file's entry. */
static int (*export_content)(int fd);

static bool zeros(const char *data, size_t len)
{
	return len == 0 || (data[0] == 0 && !memcmp(data, data + 1, len - 1));
}

/*
 * Of a listing, whose entry has the size: a digest of the content, in blocks
 * that begin at a multiple of their length. Those of zeros are left out, so that
 * a hole is worth as much as zeros that were written, and costs nothing.
 */
static int export_digest(int fd)
{
	SHA2_CTX state;
	uint8_t hash[PACK_DIGEST];
	SHA256Init(&state);
	for (off_t at = 0, data; (data = lseek(fd, at, SEEK_DATA)) >= 0;) {
		at = data - data % (off_t)sizeof chunk;
		ssize_t n = pread(fd, chunk, sizeof chunk, at);
		if (n < 0)
			return -1;
		if (!zeros(chunk, (size_t)n)) {
			SHA256Update(&state, (const uint8_t *)&at, sizeof at);
			SHA256Update(&state, (const uint8_t *)chunk, (size_t)n);
		}
		if ((size_t)n < sizeof chunk)
			break;
		at += n;
	}
	SHA256Final(hash, &state);
	return out_add(hash, sizeof hash);
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
	int failed = out_entry(PACK_FILE, name, st, (uint64_t)st->st_size) < 0 || export_content(fd) < 0;
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

/* As the file system has them. */
static int read_names(char ***names)
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
	return count;
}

int list_names(char ***names)
{
	int count = read_names(names);
	if (count > 1)
		qsort(*names, (size_t)count, sizeof **names, compare_names);
	return count;
}

/* Some kernels list the newest name first: of two that nobody can remove, /dev/null is the older one. */
static bool newest_first(void)
{
	struct folder dev;
	int result = -1;
	folder_open(&dev, "/dev");
	for (const char *name; result < 0 && (name = folder_next(&dev));)
		result = !strcmp(name, "zero") ? 1 : !strcmp(name, "null") ? 0 : -1;
	folder_close(&dev);
	return result == 1;
}

int list_by_age(char ***names)
{
	static int reverse = -1;
	int count = read_names(names);
	if (base_used()) {
		if (count > 1)
			qsort(*names, (size_t)count, sizeof **names, compare_names);
		return count;
	}
	if (reverse < 0)
		reverse = newest_first();
	for (int i = 0; reverse && i < count / 2; i++) {
		char *name = (*names)[i];
		(*names)[i] = (*names)[count - 1 - i];
		(*names)[count - 1 - i] = name;
	}
	return count;
}

/*
 * "/" is packed whole: all that is in the box's own file system, without what
 * is mounted in it. With a base, what has not changed since the box was made
 * is only named: ctime is a time that nobody in the box can set. A second
 * allows for a coarse clock; and in a layered file system no folder of the
 * lower one can be renamed, so that an old ctime is that of the same path.
 */
static struct {
	bool on;
	uint64_t mount;
	int64_t before; /* seconds; what changed before is the base's */
} whole;

static int begin_whole(const char *path)
{
	struct statx root;
	struct stat made;
	whole.on = strcmp(path, "/") == 0;
	if (!whole.on)
		return 0;
	if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root) < 0 || stat(SESSION_FOLDER, &made) < 0)
		return -1;
	whole.mount = root.stx_mnt_id;
	whole.before = base_used() ? made.st_ctim.tv_sec - 1 : 0;
	return 0;
}

bool elsewhere(const char *name, uint64_t mount)
{
	struct statx st;
	return statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) < 0 ||
	       st.stx_mnt_id != mount;
}

/* --- files of several names, in a whole root ----------------------------- */

/* The working directory's path, each folder with a slash before it. Longer ones are not known. */
PAGED static char where[4096];
static size_t where_len;

static void go_down(const char *name)
{
	if (where_len < sizeof where)
		snprintf(where + where_len, sizeof where - where_len, "/%s", name);
	where_len += 1 + strlen(name);
}

static void go_up(const char *name)
{
	where_len -= 1 + strlen(name);
	if (where_len < sizeof where)
		where[where_len] = '\0';
}

struct original {
	ino_t inode;
	char path[];
};

static int compare_inodes(const void *a, const void *b)
{
	const struct original *first = a, *second = b;
	return first->inode < second->inode ? -1 : first->inode > second->inode;
}

/* The path under which a file was packed before; NULL: it was not, but now will be. */
static const char *packed_as(const char *name, const struct stat *st)
{
	static void *originals;
	size_t len = where_len + 1 + strlen(name) + 1;
	if (len > sizeof where)
		return NULL;
	struct original *new = malloc(sizeof *new + len);
	if (!new)
		return NULL;
	new->inode = st->st_ino;
	memcpy(new->path, where, where_len);
	new->path[where_len] = '/';
	strcpy(new->path + where_len + 1, name);
	struct original **node = tsearch(new, &originals, compare_inodes);
	if (node && *node == new)
		return NULL;
	free(new);
	return node ? (*node)->path : NULL;
}

static int export_regular(const char *name, const struct stat *st)
{
	const char *path = whole.on && st->st_nlink > 1 ? packed_as(name, st) : NULL;
	if (!path)
		return export_file(name, st);
	return out_entry(PACK_HARD, name, st, strlen(path)) < 0 ? -1 : out_add(path, strlen(path));
}

/* A base's file, unchanged, as all are that belong to others; or their folder, into which the agent cannot look. */
static bool is_same(const char *name, const struct stat *st)
{
	if (!whole.on || !whole.before)
		return false;
	bool foreign = st->st_uid != geteuid();
	if (S_ISDIR(st->st_mode))
		return foreign && access(name, R_OK | X_OK) < 0;
	return foreign || st->st_ctim.tv_sec < whole.before;
}

/* By more stack than the usual 8 MiB. Below its beginning the kernel leaves 128 MiB or more to it alone. */
void allow_depth(void)
{
	struct rlimit stack;
	if (getrlimit(RLIMIT_STACK, &stack) < 0 || stack.rlim_cur > STACK_MAX)
		return;
	stack.rlim_cur = stack.rlim_max < STACK_MAX ? stack.rlim_max : STACK_MAX;
	setrlimit(RLIMIT_STACK, &stack);
}

/* Everything in the working directory. Depth costs stack alone: no descriptor stays open, no path grows. */
static int export_folder(void)
{
	char **names;
	int count = whole.on ? list_by_age(&names) : list_names(&names), failed = count < 0;
	for (int i = 0; i < count; free(names[i]), i++) {
		struct stat st;
		if (failed || (failed = lstat(names[i], &st) < 0) || (whole.on && elsewhere(names[i], whole.mount))) {
			continue;
		} else if (is_same(names[i], &st)) {
			failed = out_entry(PACK_SAME, names[i], &st, 0) < 0;
		} else if (S_ISDIR(st.st_mode)) {
			if ((st.st_mode & 0700) != 0700)
				chmod(names[i], st.st_mode | 0700);
			go_down(names[i]);
			failed = out_entry(PACK_FOLDER, names[i], &st, 0) < 0 || chdir(names[i]) < 0 ||
			         export_folder() < 0 || chdir("..") < 0 || out_entry(PACK_LEAVE, NULL, &st, 0) < 0;
			go_up(names[i]);
			if ((st.st_mode & 0700) != 0700)
				chmod(names[i], st.st_mode & 07777);
		} else if (S_ISREG(st.st_mode)) {
			failed = export_regular(names[i], &st) < 0;
		} else if (S_ISLNK(st.st_mode)) {
			failed = export_link(names[i], &st) < 0;
		} else if (S_ISFIFO(st.st_mode)) {
			failed = out_entry(PACK_FIFO, names[i], &st, 0) < 0;
		} /* a socket or device means nothing elsewhere */
	}
	free(names);
	return failed ? -1 : 0;
}

static int export_to(const char *path, int fd)
{
	struct stat st;
	out_fd = fd;
	allow_depth();
	/* Not through a link: it would lead to the host's /usr, or anywhere. */
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0 || begin_whole(path) < 0 || fchdir(folder) < 0 || stat(".", &st) < 0 || export_folder() < 0 ||
	    out_entry(PACK_END, NULL, &st, 0) < 0 || out_flush() < 0)
		return complain(path);
	return 0;
}

int files_export(const char *path, int fd)
{
	export_content = export_data;
	return export_to(path, fd);
}

int files_list(const char *path)
{
	export_content = export_digest;
	return export_to(path, 1);
}
