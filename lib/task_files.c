#include "task_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"

static int open_failed(struct err *err)
{
	if (errno == ENOENT)
		*err = (struct err){.code = ERR_NONE};
	else if (errno == ELOOP)
		err_set(err, ERR_INPUT, "symbolic links are not followed");
	else if (errno == ENOTDIR)
		err_set(err, ERR_INPUT, "not a folder");
	else
		err_system(err, "open");
	return -1;
}

int task_open_folder(int dirfd, const char *name, struct err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? open_failed(err) : fd;
}

int task_open_file(int dirfd, const char *name, size_t max, struct err *err)
{
	/* Not to wait for the writer of a FIFO, nor to take a terminal. */
	FD_AUTO fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat info;
	if (fd < 0 && errno == ENXIO)
		return err_set(err, ERR_INPUT, "not a regular file");
	if (fd < 0)
		return open_failed(err);
	if (fstat(fd, &info) < 0)
		return err_system(err, "stat");
	if (!S_ISREG(info.st_mode))
		return err_set(err, ERR_INPUT, "not a regular file");
	if (info.st_size < 0 || (size_t)info.st_size > max)
		return err_set(err, ERR_INPUT, "longer than %zu bytes", max);
	int opened = fd;
	fd = -1;
	return opened;
}

int task_read_file(int dirfd, const char *name, size_t max, struct buf *out, struct err *err)
{
	FD_AUTO fd = task_open_file(dirfd, name, max, err);
	if (fd < 0)
		return err->code == ERR_NONE ? 0 : -1;
	return fd_read_all(fd, max, out, err) < 0 ? -1 : 1;
}

struct walk {
	task_file_visit *visit;
	void *context;
	const char *skip;
	struct buf path; /* of what is being visited */
	size_t files, total;
};

static int walk_folder(struct walk *walk, int fd, int depth, struct err *err);

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char ***names)
{
	for (char **name = *names; name && *name; name++)
		free(*name);
	free(*names);
}

/* The names in a folder in order; the list ends with NULL. No more than can be visited are kept. */
static int list_names(int fd, size_t max, char ***list, struct err *err)
{
	__attribute__((cleanup(free_names))) char **names = mem_alloc(1, sizeof *names);
	size_t count = 0;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *folder = copy < 0 ? NULL : fdopendir(copy);
	if (!folder) {
		err_system(err, "cannot list");
		fd_close(&copy);
		return -1;
	}
	rewinddir(folder);
	for (struct dirent *entry; (errno = 0, entry = readdir(folder)) && count <= max;) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		names[count++] = mem_string(entry->d_name);
		names = mem_grow(names, count, sizeof *names);
		names[count] = NULL;
	}
	int failed = errno != 0 ? err_system(err, "cannot list") : 0;
	closedir(folder);
	if (failed < 0)
		return -1;
	if (count > 0)
		qsort(names, count, sizeof *names, compare_names);
	*list = names;
	names = NULL;
	return 0;
}

static int visit_link(struct walk *walk, int fd, const char *name, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(fd, name, target, sizeof target - 1);
	if (len < 0)
		return err_system(err, "readlink");
	target[len] = '\0';
	struct task_file file = {.path = walk->path.data, .link = target};
	return walk->visit(&file, walk->context, err);
}

static int visit_file(struct walk *walk, int fd, const char *name, const struct stat *info, struct err *err)
{
	BUF_AUTO data = {0};
	int got = task_read_file(fd, name, TASK_FILE_MAX, &data, err);
	if (got == 0)
		return err_set(err, ERR_SYSTEM, "it has gone while the task was read");
	if (got < 0)
		return -1;
	walk->total += data.len;
	if (walk->total > TASK_TOTAL_MAX)
		return err_set(err, ERR_INPUT, "more than %zu MiB of files", TASK_TOTAL_MAX >> 20);
	struct task_file file = {
	        .path = walk->path.data,
	        .data = buf_string(&data),
	        .len = data.len,
	        .executable = info->st_mode & S_IXUSR,
	};
	return walk->visit(&file, walk->context, err);
}

static int visit_folder(struct walk *walk, int fd, const char *name, int depth, struct err *err)
{
	struct task_file file = {.path = walk->path.data, .folder = true};
	if (depth == TASK_DEPTH_MAX)
		return err_set(err, ERR_INPUT, "more than %d folders in each other", TASK_DEPTH_MAX);
	FD_AUTO folder = task_open_folder(fd, name, err);
	if (folder < 0)
		return err->code == ERR_NONE ? err_set(err, ERR_SYSTEM, "it has gone while the task was read") : -1;
	if (walk->visit(&file, walk->context, err) < 0)
		return -1;
	return walk_folder(walk, folder, depth + 1, err);
}

static int visit_entry(struct walk *walk, int fd, const char *name, int depth, struct err *err)
{
	struct stat info;
	if (++walk->files > TASK_FILES_MAX)
		return err_set(err, ERR_INPUT, "more than %d files", TASK_FILES_MAX);
	if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return err_system(err, "stat");
	if (S_ISLNK(info.st_mode))
		return visit_link(walk, fd, name, err);
	if (S_ISREG(info.st_mode))
		return visit_file(walk, fd, name, &info, err);
	if (S_ISDIR(info.st_mode))
		return visit_folder(walk, fd, name, depth, err);
	return err_set(err, ERR_INPUT, "neither a file nor a folder nor a symbolic link");
}

static int walk_folder(struct walk *walk, int fd, int depth, struct err *err)
{
	__attribute__((cleanup(free_names))) char **names = NULL;
	size_t len = walk->path.len;
	if (list_names(fd, TASK_FILES_MAX, &names, err) < 0)
		return -1;
	for (char **name = names; *name; name++) {
		if (len > 0)
			buf_add_char(&walk->path, '/');
		buf_add_string(&walk->path, *name);
		bool skipped = walk->skip && !strcmp(buf_string(&walk->path), walk->skip);
		if (!skipped && visit_entry(walk, fd, *name, depth, err) < 0)
			return -1;
		buf_cut(&walk->path, len);
	}
	return 0;
}

int task_walk(int folder, const char *skip, task_file_visit *visit, void *context, struct err *err)
{
	struct walk walk = {.visit = visit, .context = context, .skip = skip};
	int status = walk_folder(&walk, folder, 0, err);
	/* The path stays where the walk failed. */
	if (status < 0 && walk.path.len > 0)
		err_context(err, "%s", walk.path.data);
	buf_free(&walk.path);
	return status;
}

/* Paths in the order of a walk: names are compared, not whole paths, so that a folder's content follows it. */
int task_path_order(const void *a, const void *b)
{
	const unsigned char *first = *(unsigned char *const *)a, *second = *(unsigned char *const *)b;
	for (; *first && *first == *second; first++)
		second++;
	int one = *first == '/' ? 1 : *first ? *first + 1 : 0, two = *second == '/' ? 1 : *second ? *second + 1 : 0;
	return one - two;
}

/* Folders that a path lies in and that are no entries of their own come as if they were. */
static int visit_parents(json files, const char *path, const char *before, task_file_visit *visit, void *context,
                         struct err *err)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);
		STRING_AUTO folder = mem_format("%.*s", (int)len, path);
		bool visited = before && !strncmp(before, path, len + 1);
		struct task_file file = {.path = folder, .folder = true};
		if (!visited && json_is_none(json_get(files, folder)) && visit(&file, context, err) < 0)
			return -1;
	}
	return 0;
}

static int visit_inline(const char *path, json value, task_file_visit *visit, void *context, struct err *err)
{
	json text = json_is_string(value) ? value : json_get(value, "text");
	struct task_file file = {
	        .path = path,
	        .link = json_get_string(value, "link"),
	        .folder = json_get_bool(value, "folder", false),
	        .executable = json_get_bool(value, "executable", false),
	};
	file.data = json_text(text, &file.len);
	return visit(&file, context, err);
}

static int walk_inline(json files, task_file_visit *visit, void *context, struct err *err)
{
	int count = json_length(files), i = 0, status = 0;
	char **paths = mem_alloc((size_t)count + 1, sizeof *paths);
	const char *path;
	json value;
	for (int at = -1; json_each(files, &at, &path, &value) && i < count;)
		paths[i++] = mem_string(path);
	qsort(paths, (size_t)i, sizeof *paths, task_path_order);
	for (int n = 0; n < i && status == 0; n++) {
		status = visit_parents(files, paths[n], n > 0 ? paths[n - 1] : NULL, visit, context, err);
		if (status == 0)
			status = visit_inline(paths[n], json_get(files, paths[n]), visit, context, err);
	}
	free_names(&paths);
	return status;
}

/* Of a folder, what an instance does not have of its own. */
struct others {
	json made;
	task_file_visit *visit;
	void *context;
};

static int other_visit(const struct task_file *file, void *context, struct err *err)
{
	struct others *others = context;
	return json_is_none(json_get(others->made, file->path)) ? others->visit(file, others->context, err) : 0;
}

int task_files(const struct task *task, const char *part, task_file_visit *visit, void *context, struct err *err)
{
	struct err reason = {.code = ERR_NONE};
	struct others others = {json_get(task->definition, part), visit, context};
	if (!task->folder)
		return walk_inline(others.made, visit, context, err);
	FD_AUTO folder = open(task->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_system(err, "%s", task->folder);
	FD_AUTO inside = task_open_folder(folder, part, &reason);
	if (inside < 0 ? reason.code == ERR_NONE : task_walk(inside, NULL, other_visit, &others, &reason) == 0)
		return walk_inline(others.made, visit, context, err);
	return err_set(err, reason.code, "%s/%s: %s", task->folder, part, reason.text);
}
