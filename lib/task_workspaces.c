#include "task_workspaces.h"

#include <string.h>

#include "fd.h"
#include "task_field.h"
#include "task_files.h"
#include "task_pack.h"
#include "task_schema.h"

/* What of path is below folder, without a slash before it; NULL: it is neither that nor in it. */
static const char *below(const char *folder, const char *path)
{
	size_t len = strlen(folder);
	if (strncmp(folder, path, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path + len + (path[len] == '/');
}

static void insert(struct workspaces *workspaces, const char *path)
{
	size_t at = workspaces->count++;
	for (; at > 0 && task_path_order(&workspaces->paths[at - 1], &path) > 0; at--)
		workspaces->paths[at] = workspaces->paths[at - 1];
	workspaces->paths[at] = path;
	workspaces->packs[workspaces->count - 1] = -1;
}

void workspaces_of(json definition, struct workspaces *workspaces)
{
	json env = json_get(definition, "env"), others = json_get(env, "workspaces");
	workspaces->count = 0;
	insert(workspaces, json_get_string(env, "cwd"));
	for (int i = 0; i < json_length(others) && i < TASK_WORKSPACES_MAX; i++)
		insert(workspaces, json_string(json_at(others, i)));
}

void workspaces_close(struct workspaces *workspaces)
{
	for (size_t i = 0; i < workspaces->count; i++)
		fd_close(&workspaces->packs[i]);
}

size_t workspaces_files(const struct workspaces *workspaces, struct box_files *files)
{
	for (size_t i = 0; i < workspaces->count; i++)
		files[i] = (struct box_files){.path = workspaces->paths[i], .pack = workspaces->packs[i]};
	return workspaces->count;
}

/* --- what they begin with ------------------------------------------------ */

/* Entries of workspaces/, whose paths begin at the root, on their way into the packs of those that they are in. */
struct packing {
	const struct workspaces *workspaces;
	struct pack *packs[TASK_WORKSPACES_MAX + 1];
};

/* Folders on the way to a workspace may be there; nothing else that is in none. */
static int check_outside(const struct workspaces *workspaces, const struct task_file *file, struct err *err)
{
	for (size_t i = 0; i < workspaces->count; i++)
		if (file->folder && below(file->path, workspaces->paths[i] + 1))
			return 0;
	return err_set(err, ERR_INPUT, "workspaces/%s: is in none of env.workspaces", file->path);
}

static int packing_visit(const struct task_file *file, void *context, struct err *err)
{
	struct packing *packing = context;
	for (size_t i = 0; i < packing->workspaces->count; i++) {
		const char *path = below(packing->workspaces->paths[i] + 1, file->path);
		if (!path || !packing->packs[i])
			continue;
		if (!*path && !file->folder)
			return err_set(err, ERR_INPUT, "workspaces/%s: is no folder", file->path);
		struct task_file inside = *file;
		inside.path = path;
		if (*path)
			task_pack_add(packing->packs[i], &inside);
		return 0;
	}
	return check_outside(packing->workspaces, file, err);
}

static int finish(struct packing *packing, int failed, struct workspaces *workspaces, struct err *err)
{
	for (size_t i = 0; i < workspaces->count; i++) {
		if (failed)
			pack_free(packing->packs[i]);
		else if (packing->packs[i] && (workspaces->packs[i] = pack_finish(packing->packs[i], err)) < 0)
			failed = -1;
	}
	return failed;
}

int workspaces_pack(const struct task *task, struct workspaces *workspaces, struct err *err)
{
	const char *cwd = task_cwd(task);
	struct packing packing = {.workspaces = workspaces};
	workspaces_of(task->definition, workspaces);
	for (size_t i = 0; i < workspaces->count; i++)
		if (strcmp(workspaces->paths[i], cwd) != 0)
			packing.packs[i] = pack_new();
		else if ((workspaces->packs[i] = task_pack(task, "files", err)) < 0)
			return finish(&packing, -1, workspaces, err);
	int failed = workspaces->count > 1 ? task_files(task, "workspaces", packing_visit, &packing, err) : 0;
	failed = finish(&packing, failed, workspaces, err);
	if (failed)
		workspaces_close(workspaces);
	return failed;
}

/* --- the definition ------------------------------------------------------ */

static int check_places(const struct workspaces *workspaces, struct err *err)
{
	/* In order of path, what a folder holds comes behind it. */
	for (size_t i = 0; i + 1 < workspaces->count; i++)
		if (below(workspaces->paths[i], workspaces->paths[i + 1]))
			return field_error(err, ".env.workspaces", "%s is, or is in, the workspace %s",
			                   workspaces->paths[i + 1], workspaces->paths[i]);
	return 0;
}

/* The one that an absolute path lies in, or NULL. */
static const char *find(const struct workspaces *workspaces, const char *path)
{
	for (size_t i = 0; i < workspaces->count; i++)
		if (below(workspaces->paths[i], path))
			return workspaces->paths[i];
	return NULL;
}

int workspaces_check(json definition, struct err *err)
{
	struct workspaces workspaces;
	json files = json_get(definition, "workspaces"), checks = json_get(definition, "checks");
	workspaces_of(definition, &workspaces);
	if (check_places(&workspaces, err) < 0)
		return -1;
	if (!json_is_none(files) && workspaces.count == 1)
		return field_error(err, ".workspaces", "there are none in .env.workspaces");
	for (int i = 0; i < json_length(checks); i++) {
		const char *path = json_get_string(json_at(checks, i), "path");
		const char *found = path && *path == '/' ? find(&workspaces, path) : NULL;
		STRING_AUTO place = mem_format(".checks[%d].path", i);
		if (path && *path == '/' && (!found || !strcmp(found, path)))
			return field_error(err, place, "%.100s is in no workspace", path);
	}
	return 0;
}
