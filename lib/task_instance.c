/* Tasks that are made for a seed: their generator, and what it prints put over their definition. */
#include <string.h>

#include "buf.h"
#include "task_files.h"
#include "task_load.h"
#include "task_schema.h"

/* What an instance may say anew. All else is the task's, whatever the seed: an episode's record has it before there is one. */
static const char *const own_keys[] = {"prompt", "hints", "files",    "workspaces",
                                       "tests",  "setup", "solution", "checks"};

static bool is_own(const char *key)
{
	for (size_t i = 0; i < sizeof own_keys / sizeof *own_keys; i++)
		if (!strcmp(own_keys[i], key))
			return true;
	return false;
}

/* Files are added to those that there are, and replace those of the same path. */
static json merged(json old, json new)
{
	const char *path;
	json value;
	if (!json_is_object(old) || !json_is_object(new))
		return json_copy(new);
	json both = json_copy(old);
	for (int at = -1; json_each(new, &at, &path, &value);)
		json_set(&both, path, json_copy(value));
	return both;
}

struct task *task_instance(const struct task *task, json patch, struct err *err)
{
	JSON_AUTO given = json_copy(task->definition);
	const char *key;
	json value, definition;
	if (!json_is_object(patch)) {
		err_set(err, ERR_INPUT, "it must print an object, not %s", json_kind_name(patch));
		return NULL;
	}
	for (int at = -1; json_each(patch, &at, &key, &value);) {
		if (!is_own(key)) {
			err_set(err,
			        ERR_INPUT, ".%.60s: only prompt, hints, files, workspaces, tests, setup, solution and checks are made",
			        key);
			return NULL;
		}
		json_set(&given, key, merged(json_get(given, key), value));
	}
	json_delete(&given, "generate");
	if (task_schema_check(given, task->id, true, &definition, err) < 0)
		return NULL;
	struct task *instance = mem_alloc(1, sizeof *instance);
	*instance = *task;
	instance->id = mem_string(task->id);
	instance->folder = task->folder ? mem_string(task->folder) : NULL;
	instance->origin = mem_string(task->origin);
	instance->base[0] = task->base[0] ? mem_string(task->base[0]) : NULL;
	instance->definition = definition;
	instance->generates = false;
	return instance;
}

int task_generator(const struct task *task, json *script, struct err *err)
{
	return task_script(task, "generate", "generate.sh", script, err);
}
