#include "task.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "stop.h"
#include "task_files.h"
#include "task_load.h"
#include "task_schema.h"
#include "task_set.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/pipegym"
#endif

/*
 * The search path: places, in which SET/NAME folders and SET.jsonl files lie;
 * the sets' indexes, made when first needed; and the tasks that were found.
 * Values of libjq must not be shared between threads, so a found task is
 * cached for the thread that asked; another thread gets one of its own.
 */
struct place {
	char *name; /* as it was given, for messages */
	char *absolute;
	int fd;
};

struct named_set {
	struct named_set *next;
	size_t place;
	char *name;
	struct task_set *set;
};

struct found {
	const char *id; /* the task's own */
	uintptr_t thread;
	struct task *task;
};

struct task_path {
	struct place *places;
	size_t count;
	const char **hidden;  /* task.places */
	char *further;        /* the last of them, or NULL */
	pthread_mutex_t lock; /* of what follows */
	struct named_set *sets;
	void *found; /* tree of struct found */
};

/* Its address tells one living thread from the others. */
static _Thread_local char this_thread;

static int add_place(struct task_path *path, const char *name, bool optional, struct err *err)
{
	char absolute[PATH_MAX];
	FD_AUTO fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && optional && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(err, ERR_INPUT, "task path: %s: %s", name,
		               errno == ENOENT ? "no such folder" : "not a folder");
	if (fd < 0 || !realpath(name, absolute))
		return err_system(err, "task path: %s", name);
	path->places = mem_grow(path->places, path->count, sizeof *path->places);
	path->places[path->count++] = (struct place){mem_string(name), mem_string(absolute), fd};
	fd = -1;
	return 0;
}

static int add_list(struct task_path *path, const char *given, struct err *err)
{
	STRING_AUTO list = mem_string(given);
	char *rest = list;
	for (char *name; (name = strsep(&rest, ":"));)
		if (*name && add_place(path, name, false, err) < 0)
			return -1;
	return path->count > 0 ? 0 : err_set(err, ERR_INPUT, "task path: it names no folder");
}

/* tasks/ beside bin/ (a source tree, or one that was moved as a whole), then the installed sets. */
static int add_defaults(struct task_path *path, struct err *err)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
	if (len > 0) {
		program[len] = '\0';
		for (int i = 0; i < 2 && strrchr(program, '/'); i++)
			*strrchr(program, '/') = '\0';
		STRING_AUTO beside = mem_format("%s/tasks", program);
		if (add_place(path, beside, true, err) < 0)
			return -1;
	}
	return add_place(path, PKGDATADIR "/tasks", true, err);
}

/* The places, and the installed sets even when others are played: what is under /usr is seen in every box. */
static void list_hidden(struct task_path *path)
{
	size_t n = 0;
	path->hidden = mem_alloc(path->count + 3, sizeof *path->hidden);
	for (; n < path->count; n++)
		path->hidden[n] = path->places[n].absolute;
	path->hidden[n] = PKGDATADIR "/tasks";
}

void task_path_hide(struct task_path *path, const char *folder)
{
	free(path->further);
	path->further = mem_string(folder);
	path->hidden[path->count + 1] = path->further;
}

struct task_path *task_path_new(const char *option, struct err *err)
{
	struct task_path *path = mem_alloc(1, sizeof *path);
	const char *variable = getenv("PIPEGYM_TASKS");
	pthread_mutex_init(&path->lock, NULL);
	if (!option && variable && *variable)
		option = variable;
	if ((option ? add_list(path, option, err) : add_defaults(path, err)) == 0) {
		list_hidden(path);
		return path;
	}
	task_path_free(path);
	return NULL;
}

static void free_found(void *node)
{
	struct found *found = node;
	task_free(found->task);
	free(found);
}

void task_path_free(struct task_path *path)
{
	if (!path)
		return;
	tdestroy(path->found, free_found);
	for (struct named_set *next, *named = path->sets; named; named = next) {
		next = named->next;
		task_set_free(named->set);
		free(named->name);
		free(named);
	}
	for (size_t i = 0; i < path->count; i++) {
		free(path->places[i].name);
		free(path->places[i].absolute);
		fd_close(&path->places[i].fd);
	}
	pthread_mutex_destroy(&path->lock);
	free(path->places);
	free(path->hidden);
	free(path->further);
	free(path);
}

/* The index of place/SET.jsonl. NULL and err; ERR_NONE in it when there is no such file. */
static const struct task_set *open_set(struct task_path *path, size_t place, const char *name, struct err *err)
{
	struct task_set *set = NULL;
	pthread_mutex_lock(&path->lock);
	for (struct named_set *named = path->sets; named && !set; named = named->next)
		if (named->place == place && !strcmp(named->name, name))
			set = named->set;
	if (!set) {
		STRING_AUTO file = mem_format("%s.jsonl", name);
		set = task_set_open(path->places[place].fd, file, err);
		if (!set && err->code != ERR_NONE)
			err_context(err, "%s/%s", path->places[place].name, file);
		if (set) {
			struct named_set *named = mem_alloc(1, sizeof *named);
			*named = (struct named_set){path->sets, place, mem_string(name), set};
			path->sets = named;
		}
	}
	pthread_mutex_unlock(&path->lock);
	return set;
}

/* The task at place/SET/NAME, if that is a folder with a task.json. NULL and err; ERR_NONE in it when it is none. */
static struct task *load_folder(const struct place *place, const char *id, struct err *err)
{
	STRING_AUTO shown = mem_format("%s/%s", place->name, id);
	STRING_AUTO absolute = mem_format("%s/%s", place->absolute, id);
	struct stat info;
	/* Up to the task's folder links are followed: they are the user's own. */
	FD_AUTO folder = openat(place->fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 ? errno == ENOENT || errno == ENOTDIR
	               : fstatat(folder, "task.json", &info, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
		*err = (struct err){.code = ERR_NONE};
		return NULL;
	}
	if (folder < 0) {
		err_system(err, "%s", shown);
		return NULL;
	}
	return task_load_folder(folder, id, absolute, shown, err);
}

static struct task *load_line(const struct place *place, const struct task_set *set, const struct task_line *line,
                              const char *id, struct err *err)
{
	STRING_AUTO shown = mem_format("%s/%.*s.jsonl", place->name, (int)strcspn(id, "/"), id);
	return task_load_line(set, line, id, place->absolute, shown, err);
}

/* The first task of this id along the path. NULL and err. */
static struct task *load(struct task_path *path, const char *id, struct err *err)
{
	const char *slash = strchr(id, '/');
	STRING_AUTO name = mem_format("%.*s", slash ? (int)(slash - id) : 0, id);
	if (!slash || !task_name_valid(name) || !task_name_valid(slash + 1)) {
		err_set(err, ERR_INPUT, "no id of a task (SET/NAME): %.140s", id);
		return NULL;
	}
	for (size_t i = 0; i < path->count; i++) {
		struct task *task = load_folder(&path->places[i], id, err);
		if (task || err->code != ERR_NONE)
			return task;
		const struct task_set *set = open_set(path, i, name, err);
		const struct task_line *line = set ? task_set_find(set, slash + 1) : NULL;
		if (line)
			return load_line(&path->places[i], set, line, id, err);
		if (!set && err->code != ERR_NONE)
			return NULL;
	}
	err_set(err, ERR_INPUT,
	        path->count ? "no such task: %s" : "no such task: %s (there are no tasks at all: see -T)", id);
	return NULL;
}

static int compare_found(const void *a, const void *b)
{
	const struct found *first = a, *second = b;
	int order = strcmp(first->id, second->id);
	return order ? order : (first->thread > second->thread) - (first->thread < second->thread);
}

const struct task *task_find(struct task_path *path, const char *id, struct err *err)
{
	struct found key = {.id = id, .thread = (uintptr_t)&this_thread};
	struct err reason = {.code = ERR_NONE};
	pthread_mutex_lock(&path->lock);
	struct found **node = tfind(&key, &path->found, compare_found);
	struct task *task = node ? (*node)->task : NULL;
	pthread_mutex_unlock(&path->lock);
	if (task)
		return task;
	task = load(path, id, &reason);
	if (!task) {
		err_set(err, reason.code, "%s", reason.text);
		return NULL;
	}
	task->places = path->hidden;
	struct found *found = mem_alloc(1, sizeof *found);
	*found = (struct found){task->id, key.thread, task};
	pthread_mutex_lock(&path->lock);
	if (!tsearch(found, &path->found, compare_found))
		abort(); /* out of memory, as in buf.h */
	pthread_mutex_unlock(&path->lock);
	return task;
}

bool task_id_matches(const char *id, const char *pattern)
{
	return fnmatch(pattern, id, strchr(pattern, '/') ? 0 : FNM_LEADING_DIR) == 0;
}

int task_path_read(struct task_path *path, const char *name, size_t max, struct buf *out, char **file, struct err *err)
{
	STRING_AUTO base = mem_format("%s.json", name);
	for (size_t i = 0; i < path->count && task_name_valid(name); i++) {
		const struct place *place = &path->places[i];
		if (faccessat(place->fd, base, F_OK, 0) < 0 && errno == ENOENT)
			continue;
		*file = mem_format("%s/%s", place->name, base);
		return fd_read_file(place->fd, base, max, out, err) == 0 ? 0 : err_context(err, "%s", place->name);
	}
	return err_set(err, ERR_INPUT, "task path: there is no %.140s.json", name);
}

/* One task that there seems to be, before it is loaded. */
struct candidate {
	char *id;
	size_t place;
	const struct task_set *set; /* NULL: a folder */
	const struct task_line *line;
	struct err *broken; /* owned; a set that cannot be read */
};

struct listing {
	struct task_path *path;
	task_wanted *wanted;
	void *context;
	struct candidate *list;
	size_t count;
};

static void add_candidate(struct listing *listing, struct candidate candidate)
{
	if (listing->wanted && !listing->wanted(candidate.id, listing->context)) {
		free(candidate.id);
		free(candidate.broken);
		return;
	}
	listing->list = mem_grow(listing->list, listing->count, sizeof *listing->list);
	listing->list[listing->count++] = candidate;
}

static void add_broken(struct listing *listing, size_t place, const char *set, const struct err *reason)
{
	struct err *broken = mem_alloc(1, sizeof *broken);
	*broken = *reason;
	add_candidate(listing, (struct candidate){.id = mem_format("%s/", set), .place = place, .broken = broken});
}

static DIR *open_listing(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (!folder)
		fd_close(&fd);
	return folder;
}

static void list_folder_set(struct listing *listing, size_t place, const char *set)
{
	const struct place *where = &listing->path->places[place];
	DIR *folder = open_listing(where->fd, set);
	struct err reason;
	struct stat info;
	if (!folder) {
		err_system(&reason, "%s/%s", where->name, set);
		add_broken(listing, place, set, &reason);
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		STRING_AUTO file = mem_format("%s/task.json", entry->d_name);
		if (entry->d_name[0] != '.' && fstatat(dirfd(folder), file, &info, AT_SYMLINK_NOFOLLOW) == 0)
			add_candidate(listing,
			              (struct candidate){.id = mem_format("%s/%s", set, entry->d_name), .place = place});
	}
	closedir(folder);
}

static void list_line_set(struct listing *listing, size_t place, const char *name)
{
	struct err reason;
	const struct task_set *set = open_set(listing->path, place, name, &reason);
	if (!set && reason.code != ERR_NONE)
		add_broken(listing, place, name, &reason);
	for (size_t i = 0; set && i < set->count; i++)
		add_candidate(listing, (struct candidate){
		                               .id = mem_format("%s/%s", name, set->lines[i].name),
		                               .place = place,
		                               .set = set,
		                               .line = &set->lines[i],
		                       });
}

static int list_place(struct listing *listing, size_t place, struct err *err)
{
	const struct place *where = &listing->path->places[place];
	DIR *folder = open_listing(where->fd, ".");
	struct stat info;
	if (!folder)
		return err_system(err, "task path: %s", where->name);
	for (struct dirent *entry; (entry = readdir(folder));) {
		size_t len = strlen(entry->d_name);
		if (entry->d_name[0] == '.' || fstatat(where->fd, entry->d_name, &info, 0) < 0)
			continue;
		if (S_ISDIR(info.st_mode)) {
			list_folder_set(listing, place, entry->d_name);
		} else if (len > 6 && !strcmp(entry->d_name + len - 6, ".jsonl")) {
			STRING_AUTO name = mem_format("%.*s", (int)len - 6, entry->d_name);
			list_line_set(listing, place, name);
		}
	}
	closedir(folder);
	return 0;
}

/* By id, and then in the order in which a task of that id is looked for. */
static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *first = a, *second = b;
	int order = strcmp(first->id, second->id);
	if (order == 0)
		order = (first->place > second->place) - (first->place < second->place);
	if (order == 0)
		order = (first->set != NULL) - (second->set != NULL);
	if (order == 0 && first->line && second->line)
		order = (first->line->number > second->line->number) - (first->line->number < second->line->number);
	return order;
}

static int visit_candidate(struct listing *listing, const struct candidate *candidate, const struct candidate *before,
                           task_visit *visit)
{
	const struct place *place = &listing->path->places[candidate->place];
	const char *slash = strchr(candidate->id, '/');
	bool named = slash && slash[1] != '\0';
	struct err reason = {.code = ERR_NONE};
	struct task *task = NULL;
	if (named && before && !strcmp(before->id, candidate->id)) {
		/* Hidden by an earlier one; but twice in one file is a mistake. */
		if (!candidate->set || candidate->set != before->set)
			return 0;
		err_set(&reason, ERR_INPUT, "%s/%.*s.jsonl:%llu: .name: is also on line %llu", place->name,
		        (int)strcspn(candidate->id, "/"), candidate->id, (unsigned long long)candidate->line->number,
		        (unsigned long long)before->line->number);
	} else if (candidate->broken) {
		reason = *candidate->broken;
	} else if (candidate->set) {
		task = load_line(place, candidate->set, candidate->line, candidate->id, &reason);
	} else {
		task = load_folder(place, candidate->id, &reason);
		if (!task && reason.code == ERR_NONE)
			return 0;
	}
	int stop = visit(task, task ? NULL : &reason, listing->context);
	task_free(task);
	return stop;
}

int task_each(struct task_path *path, task_wanted *wanted, task_visit *visit, void *context, struct err *err)
{
	struct listing listing = {.path = path, .wanted = wanted, .context = context};
	int status = 0, stop = 0;
	for (size_t i = 0; i < path->count && status == 0; i++)
		status = list_place(&listing, i, err);
	if (listing.count > 0)
		qsort(listing.list, listing.count, sizeof *listing.list, compare_candidates);
	for (size_t i = 0; i < listing.count && status == 0 && !stop && !stop_signal(); i++)
		stop = visit_candidate(&listing, &listing.list[i], i > 0 ? &listing.list[i - 1] : NULL, visit);
	for (size_t i = 0; i < listing.count; i++) {
		free(listing.list[i].id);
		free(listing.list[i].broken);
	}
	free(listing.list);
	return status;
}
