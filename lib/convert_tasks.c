#include "convert_tasks.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "task.h"

struct known {
	char *id, *prompt;
	char *file;     /* that it was imported from, or NULL */
	int64_t record; /* its place there, or 0 */
	char digest[DIGEST_TEXT];
};

struct convert_tasks {
	char *set;
	struct known *all;
	size_t count;
	struct err broken; /* of the first task that is */
};

static bool is_wanted(const char *id, void *context)
{
	const struct convert_tasks *tasks = context;
	return task_id_matches(id, tasks->set);
}

static char *copy(const char *text)
{
	return text ? mem_string(text) : NULL;
}

static int take_task(const struct task *task, const struct err *err, void *context)
{
	struct convert_tasks *tasks = context;
	if (!task) {
		tasks->broken = *err;
		return -1;
	}
	tasks->all = mem_grow(tasks->all, tasks->count, sizeof *tasks->all);
	json source = json_get(task->definition, "source");
	struct known *known = &tasks->all[tasks->count++];
	*known = (struct known){.id = mem_string(task->id),
	                        .prompt = copy(json_get_string(task->definition, "prompt")),
	                        .file = copy(json_get_string(source, "file")),
	                        .record = json_get_int(source, "record", 1, INT64_C(1) << 52, 0)};
	strcpy(known->digest, task->digest);
	return 0;
}

struct convert_tasks *convert_tasks_open(const char *path, const char *set, struct err *err)
{
	struct task_path *from = task_path_new(path, err);
	if (!from)
		return NULL;
	struct convert_tasks *tasks = mem_alloc(1, sizeof *tasks);
	tasks->set = mem_string(set);
	int failed = task_each(from, is_wanted, take_task, tasks, err);
	task_path_free(from);
	if (failed == 0 && tasks->broken.code != ERR_NONE) {
		*err = tasks->broken;
		failed = -1;
	} else if (failed == 0 && tasks->count == 0) {
		failed = err_set(err, ERR_INPUT, "there is no task of the set %.60s", set);
	}
	if (failed == 0)
		return tasks;
	convert_tasks_free(tasks);
	return NULL;
}

void convert_tasks_free(struct convert_tasks *tasks)
{
	if (!tasks)
		return;
	for (size_t i = 0; i < tasks->count; i++) {
		free(tasks->all[i].id);
		free(tasks->all[i].prompt);
		free(tasks->all[i].file);
	}
	free(tasks->all);
	free(tasks->set);
	free(tasks);
}

/* What was asked is the prompt, or its beginning: an import may have more to say than the record. */
static bool asks(const struct known *known, const char *said)
{
	size_t len = strlen(said);
	return known->prompt && !strncmp(known->prompt, said, len) && (!known->prompt[len] || known->prompt[len] == '\n');
}

static const struct known *by_record(const struct convert_tasks *tasks, int64_t record, const char *file)
{
	for (size_t i = 0; i < tasks->count; i++) {
		const struct known *known = &tasks->all[i];
		if (known->record == record && (!file || !*file || !known->file || !strcmp(known->file, file)))
			return known;
	}
	return NULL;
}

/* A name with its set, or without. */
static const struct known *by_name(const struct convert_tasks *tasks, const char *name)
{
	for (size_t i = 0; i < tasks->count; i++) {
		const char *id = tasks->all[i].id, *slash = strchr(id, '/');
		if (!strcmp(id, name) || (slash && !strcmp(slash + 1, name)))
			return &tasks->all[i];
	}
	return NULL;
}

static const struct known *by_prompt(const struct convert_tasks *tasks, const char *prompt, struct err *err)
{
	const struct known *found = NULL;
	for (size_t i = 0; i < tasks->count; i++) {
		if (!asks(&tasks->all[i], prompt))
			continue;
		if (found) {
			err_set(err, ERR_INPUT, "which task it is of is not known: %.60s and %.60s have its prompt",
			        found->id, tasks->all[i].id);
			return NULL;
		}
		found = &tasks->all[i];
	}
	if (!found)
		err_set(err, ERR_INPUT, "no task of the set %.60s has its prompt", tasks->set);
	return found;
}

static const struct known *find(const struct convert_tasks *tasks, json rollout, struct err *err)
{
	json refer = json_get(rollout, "refer");
	const char *name = json_get_string(refer, "name"),
	           *prompt = json_get_string(json_get(rollout, "reset"), "prompt");
	int64_t record = json_get_int(refer, "record", 1, INT64_C(1) << 52, 0);
	const struct known *known = record ? by_record(tasks, record, json_get_string(refer, "dataset"))
	                            : name ? by_name(tasks, name)
	                                   : NULL;
	if (!known && record)
		err_set(err, ERR_INPUT, "no task of the set %.60s is from record %lld", tasks->set, (long long)record);
	else if (!known && name)
		err_set(err, ERR_INPUT, "no task of the set %.60s has the name %.60s", tasks->set, name);
	else if (!known && prompt)
		known = by_prompt(tasks, prompt, err);
	else if (!known)
		err_set(err, ERR_INPUT, "nothing says which task it is of");
	if (known && prompt && !asks(known, prompt)) {
		err_set(err, ERR_INPUT, "%.60s asks something else than it says", known->id);
		return NULL;
	}
	return known;
}

static void name_task(json *record, const char *id)
{
	if (json_is_object(*record))
		json_set_string(record, "task", id);
}

/* In the rollout, and in the records that are in it. */
static void set_task(json *rollout, const struct known *known)
{
	static const char *const parts[] = {"reset", "verdict"};
	json steps = json_new_array();
	json_set_string(rollout, "task", known->id);
	json_set_string(rollout, "task_digest", known->digest);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		json part = json_copy(json_get(*rollout, parts[i]));
		name_task(&part, known->id);
		if (!json_is_none(part))
			json_set(rollout, parts[i], part);
	}
	for (int i = 0; i < json_length(json_get(*rollout, "steps")); i++) {
		json step = json_copy(json_at(json_get(*rollout, "steps"), i));
		json observation = json_copy(json_get(step, "observation"));
		name_task(&observation, known->id);
		if (!json_is_none(observation))
			json_set(&step, "observation", observation);
		json_append(&steps, step);
	}
	json_set(rollout, "steps", steps);
}

int convert_tasks_resolve(const struct convert_tasks *tasks, json *rollout, struct err *err)
{
	if (json_get_string(*rollout, "task_digest"))
		return 0;
	const struct known *known = find(tasks, *rollout, err);
	if (!known)
		return -1;
	set_task(rollout, known);
	return 0;
}
