#include "import_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "record.h"

#define DEFINITION_MAX (1u << 20) /* bytes of a task.json, as task.c has it */

struct import_set {
	char *path;   /* as it was given */
	char *beside; /* where it is made */
	char *name;
	bool lines;
	bool placed;
	int fd; /* of the file or folder */
	size_t count;
	json names; /* name → 1, or the last number behind it */
};

/* --- the set ------------------------------------------------------------ */

static int make_beside(struct import_set *set, struct err *err)
{
	struct stat info;
	if (lstat(set->path, &info) == 0 || errno != ENOENT) {
		errno = errno == ENOENT || errno == 0 ? EEXIST : errno;
		return err_system(err, "%s", set->path);
	}
	if (set->lines) {
		set->fd = open(set->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		return set->fd < 0 ? err_system(err, "%s", set->beside) : 0;
	}
	if (mkdir(set->beside, 0777) < 0)
		return err_system(err, "%s", set->beside);
	set->fd = open(set->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return set->fd < 0 ? err_system(err, "%s", set->beside) : 0;
}

struct import_set *import_set_new(const char *path, struct err *err)
{
	struct import_set *set = mem_alloc(1, sizeof *set);
	set->path = mem_string(path);
	size_t len = strlen(path);
	while (len > 1 && set->path[len - 1] == '/')
		set->path[--len] = '\0';
	char *slash = strrchr(set->path, '/'), *base = slash ? slash + 1 : set->path;
	set->lines = len > 6 && !strcmp(set->path + len - 6, ".jsonl");
	set->name = mem_format("%.*s", (int)strlen(base) - (set->lines ? 6 : 0), base);
	set->beside = mem_format("%.*s.%s-%ld", (int)(base - set->path), set->path, base, (long)getpid());
	set->names = json_new_object();
	set->fd = -1;
	errno = 0;
	int failed = task_name_valid(set->name)
	                     ? make_beside(set, err)
	                     : err_set(err, ERR_USAGE, "%s: '%s' is no name of a set", path, set->name);
	if (failed == 0)
		return set;
	set->placed = set->fd < 0; /* there is nothing of ours */
	import_set_free(set);
	return NULL;
}

const char *import_set_name(const struct import_set *set)
{
	return set->name;
}

int import_set_finish(struct import_set *set, struct err *err)
{
	if (set->count == 0)
		return 0;
	if (set->lines && fsync(set->fd) < 0 && errno != EINVAL)
		return err_system(err, "%s", set->beside);
	/* A file takes its name by link(), and a folder by rename(): neither takes it from another file, nor from a
	 * folder that has something in it. */
	if (set->lines ? link(set->beside, set->path) < 0 : rename(set->beside, set->path) < 0)
		return err_system(err, "%s", set->path);
	if (set->lines)
		unlink(set->beside);
	set->placed = true;
	return 0;
}

void import_set_free(struct import_set *set)
{
	if (!set)
		return;
	fd_close(&set->fd);
	if (!set->placed && set->lines)
		unlink(set->beside);
	else if (!set->placed)
		fd_remove_tree(AT_FDCWD, set->beside, NULL);
	json_free(&set->names);
	free(set->path);
	free(set->beside);
	free(set->name);
	free(set);
}

/* --- names -------------------------------------------------------------- */

/* A name of the letters, digits, '.', '_' and '-' of an id, with one '-' for all between them. */
static void make_name(const char *id, char name[TASK_NAME_MAX + 1])
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = 0;
	for (; *id && len < TASK_NAME_MAX; id++) {
		bool fits = strchr(allowed, *id);
		if (len == 0 && (!fits || strchr("._-", *id)))
			continue;
		if (fits || name[len - 1] != '-')
			name[len++] = fits ? *id : '-';
	}
	while (len > 0 && name[len - 1] == '-')
		len--;
	name[len] = '\0';
	if (len == 0)
		strcpy(name, "task");
}

/* The first of NAME, NAME-2, NAME-3 … that no task has yet. */
static void choose_name(struct import_set *set, const char *id, char name[TASK_NAME_MAX + 1])
{
	char base[TASK_NAME_MAX + 1], number[24] = "";
	make_name(id, base);
	strcpy(name, base);
	for (int64_t n = json_get_int(set->names, base, 1, INT32_MAX, 1); !json_is_none(json_get(set->names, name));) {
		snprintf(number, sizeof number, "-%lld", (long long)++n);
		snprintf(name, TASK_NAME_MAX + 1, "%.*s%s", (int)(TASK_NAME_MAX - strlen(number)), base, number);
		json_set_number(&set->names, base, (double)n);
	}
}

/* --- assets ------------------------------------------------------------- */

/* Puts the assets' content in their places. What is no text is in a folder only: it gets an empty one for now. */
static int resolve(const struct import_set *set, const char *part, json *task, const struct import_assets *assets,
                   struct err *err)
{
	json files = json_get(*task, part), file;
	const char *path, *data;
	JSON_AUTO resolved = json_new_object();
	size_t len;
	if (!json_is_object(files))
		return 0;
	for (int at = -1; json_each(files, &at, &path, &file);) {
		const char *asset = json_get_string(file, "asset");
		json value = asset ? import_assets_value(assets, asset, &data, &len) : json_copy(file);
		if (json_is_none(value))
			return err_set(err, ERR_NEGATIVE, ".%s.%.100s: there is no asset %.100s", part, path, asset);
		json_set(&resolved, path, value);
		if (asset && data && set->lines)
			return err_set(err, ERR_NEGATIVE,
			               ".%s.%.100s: it is not a text, which a set that is a folder can have", part, path);
	}
	json_set(task, part, json_take(&resolved));
	return 0;
}

/* --- a task's folder ---------------------------------------------------- */

/* The folders that a path is in; all of it, if it ends with a slash. Below a folder that nobody else writes to. */
static int make_folders(int folder, const char *path, struct err *err)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		STRING_AUTO above = mem_format("%.*s", (int)(slash - path), path);
		if (mkdirat(folder, above, 0777) < 0 && errno != EEXIST)
			return err_system(err, "%s", above);
	}
	return 0;
}

static int write_file(int folder, const char *path, const char *data, size_t len, bool executable, struct err *err)
{
	if (make_folders(folder, path, err) < 0)
		return -1;
	FD_AUTO fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, executable ? 0777 : 0666);
	return fd < 0 ? err_system(err, "%s", path) : fd_write_all(fd, data, len, err);
}

static int write_entry(int folder, const char *path, json file, const char *data, size_t len, struct err *err)
{
	const char *link = json_get_string(file, "link");
	STRING_AUTO inside = mem_format("%s/", path);
	if (!data)
		data = json_text(json_is_string(file) ? file : json_get(file, "text"), &len);
	if (data)
		return write_file(folder, path, data, len, json_get_bool(file, "executable", false), err);
	if (make_folders(folder, link ? path : inside, err) < 0)
		return -1;
	return link && symlinkat(link, folder, path) < 0 ? err_system(err, "%s", path) : 0;
}

/* Moves files or tests out of the definition. given: the same with the names of assets. */
static int write_part(int folder, const char *part, json given, json *task, const struct import_assets *assets,
                      struct err *err)
{
	JSON_AUTO files = json_copy(json_get(*task, part));
	json file;
	const char *name;
	json_delete(task, part);
	for (int at = -1; json_each(files, &at, &name, &file);) {
		STRING_AUTO path = mem_format("%s/%s", part, name);
		const char *asset = json_get_string(json_get(json_get(given, part), name), "asset"), *data = NULL;
		size_t len = 0;
		JSON_AUTO value = asset ? import_assets_value(assets, asset, &data, &len) : json_none();
		if (write_entry(folder, path, file, data, len, err) < 0)
			return -1;
	}
	return 0;
}

static int write_script(int folder, const char *key, const char *path, json *task, struct err *err)
{
	size_t len;
	const char *text = json_text(json_get(*task, key), &len);
	int failed = text ? write_file(folder, path, text, len, false, err) : 0;
	json_delete(task, key);
	return failed;
}

static int write_lines(int folder, const char *path, json array, struct err *err)
{
	BUF_AUTO text = {0};
	for (int i = 0; i < json_length(array); i++) {
		if (json_dump(json_at(array, i), false, &text, err) < 0)
			return -1;
		buf_add_char(&text, '\n');
	}
	return text.len ? write_file(folder, path, text.data, text.len, false, err) : 0;
}

static int write_actions(int folder, json *task, struct err *err)
{
	JSON_AUTO cheats = json_copy(json_get(*task, "cheats"));
	json actions;
	const char *name;
	if (write_lines(folder, "solution.jsonl", json_get(*task, "solution"), err) < 0)
		return -1;
	for (int at = -1; json_each(cheats, &at, &name, &actions);) {
		STRING_AUTO path = mem_format("cheats/%s.jsonl", name);
		if (write_lines(folder, path, actions, err) < 0)
			return -1;
	}
	json_delete(task, "solution");
	json_delete(task, "cheats");
	return 0;
}

/* Moves the cases of all checks into files, where they have room. */
static int write_cases(int folder, json *task, struct err *err)
{
	JSON_AUTO checks = json_new_array();
	json old = json_get(*task, "checks");
	for (int i = 0; i < json_length(old); i++) {
		json check = json_copy(json_at(old, i)), cases = json_get(check, "cases");
		STRING_AUTO path = mem_format("cases-%d.jsonl", i + 1);
		int failed = json_is_array(cases) ? write_lines(folder, path, cases, err) : 0;
		if (json_is_array(cases))
			json_set_string(&check, "cases", path);
		json_append(&checks, check);
		if (failed < 0)
			return -1;
	}
	json_set(task, "checks", json_take(&checks));
	return 0;
}

static int fill_folder(int folder, json given, json *task, const struct import_assets *assets, struct err *err)
{
	BUF_AUTO text = {0};
	if (write_part(folder, "files", given, task, assets, err) < 0 ||
	    write_part(folder, "workspaces", given, task, assets, err) < 0 ||
	    write_part(folder, "tests", given, task, assets, err) < 0 ||
	    write_script(folder, "setup", "setup.sh", task, err) < 0 ||
	    write_script(folder, "generate", "generate.sh", task, err) < 0 || write_actions(folder, task, err) < 0 ||
	    json_dump(*task, false, &text, err) < 0)
		return -1;
	if (text.len >= DEFINITION_MAX) {
		buf_clear(&text);
		if (write_cases(folder, task, err) < 0 || json_dump(*task, false, &text, err) < 0)
			return -1;
	}
	buf_add_char(&text, '\n');
	if (text.len > DEFINITION_MAX)
		return err_set(err, ERR_NEGATIVE, "it has more than %u KiB, for which a set in one file has room",
		               DEFINITION_MAX >> 10);
	return write_file(folder, "task.json", text.data, text.len, false, err);
}

static int add_folder(struct import_set *set, const char *name, json given, json *task,
                      const struct import_assets *assets, struct err *err)
{
	json_delete(task, "name");
	if (mkdirat(set->fd, name, 0777) < 0)
		return err_system(err, "%s/%s", set->beside, name);
	FD_AUTO folder = openat(set->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int failed = folder < 0 ? err_system(err, "open") : fill_folder(folder, given, task, assets, err);
	if (failed < 0) {
		fd_remove_tree(set->fd, name, NULL);
		err_context(err, "%s/%s", set->beside, name);
	}
	return failed;
}

/* --- a task's line ------------------------------------------------------ */

static int add_line(struct import_set *set, json task, struct err *err)
{
	BUF_AUTO text = {0};
	if (json_dump(task, false, &text, err) < 0)
		return -1;
	if (text.len > RECORD_LINE_MAX)
		return err_set(err, ERR_NEGATIVE, "it has more than %u MiB", RECORD_LINE_MAX >> 20);
	buf_add_char(&text, '\n');
	return fd_write_all(set->fd, text.data, text.len, err) < 0 ? err_context(err, "%s", set->beside) : 0;
}

int import_set_add(struct import_set *set, const char *id, json task, const struct import_assets *assets,
                   char name[TASK_NAME_MAX + 1], struct err *err)
{
	JSON_AUTO made = json_copy(task);
	JSON_AUTO definition = json_none();
	choose_name(set, id, name);
	STRING_AUTO full = mem_format("%s/%s", set->name, name);
	json_set_string(&made, "name", name);
	json_delete(&made, "id");
	static const char *const parts[] = {"files", "workspaces", "tests"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (resolve(set, parts[i], &made, assets, err) < 0)
			return -1;
	if (task_schema_check(made, full, true, &definition, err) < 0)
		return err_set(err, ERR_NEGATIVE, "it makes no task: %s", err->text);
	if ((set->lines ? add_line(set, made, err) : add_folder(set, name, task, &made, assets, err)) < 0)
		return -1;
	json_set_number(&set->names, name, 1);
	set->count++;
	return 0;
}
