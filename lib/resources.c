#include "resources.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "episode.h"
#include "instance.h"

#define MADE_MAX 32 /* of a task, and of a thread, as each has tasks of its own */

struct named_path {
	struct named_path *next;
	char *name; /* NULL: the program's own */
	struct task_path *path;
};

/* What was made of a task for a seed, the last one first. */
struct made {
	struct made *next;
	const struct task *of;
	char *seed;
	struct task *task;
};

struct resources {
	char *tasks;
	pthread_mutex_t lock;
	struct box_host *host;
	struct eval *eval; /* which starts nothing by itself */
	struct named_path *paths;
	struct made *made;
};

struct resources *resources_new(const char *tasks)
{
	struct resources *resources = mem_alloc(1, sizeof *resources);
	resources->tasks = tasks ? mem_string(tasks) : NULL;
	resources->eval = eval_new();
	pthread_mutex_init(&resources->lock, NULL);
	return resources;
}

static void made_free(struct made *made)
{
	task_free(made->task);
	free(made->seed);
	free(made);
}

void resources_free(struct resources *resources)
{
	if (!resources)
		return;
	box_host_free(resources->host);
	eval_free(resources->eval);
	for (struct made *next, *made = resources->made; made; made = next) {
		next = made->next;
		made_free(made);
	}
	for (struct named_path *next, *named = resources->paths; named; named = next) {
		next = named->next;
		task_path_free(named->path);
		free(named->name);
		free(named);
	}
	pthread_mutex_destroy(&resources->lock);
	free(resources->tasks);
	free(resources);
}

struct box_host *resources_host(struct resources *resources, struct err *err)
{
	pthread_mutex_lock(&resources->lock);
	if (!resources->host)
		resources->host = box_host_new(err);
	pthread_mutex_unlock(&resources->lock);
	return resources->host;
}

struct eval *resources_eval(const struct resources *resources)
{
	return resources->eval;
}

/* With the lock held. */
static struct task_path *find_path(struct resources *resources, const char *name, struct err *err)
{
	for (struct named_path *named = resources->paths; named; named = named->next)
		if (name ? named->name && !strcmp(name, named->name) : !named->name)
			return named->path;
	struct task_path *path = task_path_new(name ? name : resources->tasks, err);
	if (!path)
		return NULL;
	/* Journals have the answers and verdicts of all. */
	STRING_AUTO state = episode_state_path(NULL);
	if (state)
		task_path_hide(path, state);
	struct named_path *named = mem_alloc(1, sizeof *named);
	*named = (struct named_path){resources->paths, name ? mem_string(name) : NULL, path};
	resources->paths = named;
	return path;
}

static const struct task *find_in(struct resources *resources, const char *path_name, const char *id, struct err *err)
{
	pthread_mutex_lock(&resources->lock);
	struct task_path *path = find_path(resources, path_name, err);
	pthread_mutex_unlock(&resources->lock);
	return path ? task_find(path, id, err) : NULL;
}

const struct task *resources_find(struct resources *resources, const char *id, struct err *err)
{
	return find_in(resources, NULL, id, err);
}

json resources_task_path(const struct resources *resources)
{
	const char *given = resources->tasks ? resources->tasks : getenv("PIPEGYM_TASKS");
	if (!given || !*given)
		return json_new_null();
	BUF_AUTO text = {0};
	STRING_AUTO list = mem_string(given);
	char *rest = list;
	for (char *part; (part = strsep(&rest, ":"));) {
		char absolute[PATH_MAX];
		if (text.len > 0)
			buf_add_char(&text, ':');
		buf_add_string(&text, realpath(part, absolute) ? absolute : part);
	}
	return json_new_text(buf_string(&text), text.len);
}

/* Taken out; NULL. With the lock held. What would be one too many is *last. */
static struct made *find_made(struct resources *resources, const struct task *of, const char *seed, struct made **last)
{
	int count = 0;
	*last = NULL;
	for (struct made **place = &resources->made, *made; (made = *place); place = &made->next) {
		if (made->of != of)
			continue;
		bool found = !strcmp(made->seed, seed);
		if (found || ++count == MADE_MAX) {
			*place = made->next;
			*last = found ? NULL : made;
			return found ? made : NULL;
		}
	}
	return NULL;
}

static void keep_made(struct resources *resources, struct made *made)
{
	pthread_mutex_lock(&resources->lock);
	made->next = resources->made;
	resources->made = made;
	pthread_mutex_unlock(&resources->lock);
}

const struct task *resources_instance(struct resources *resources, const struct task *task, const char *seed,
                                      struct err *err)
{
	struct made *last;
	if (!task->generates)
		return task;
	pthread_mutex_lock(&resources->lock);
	struct made *made = find_made(resources, task, seed, &last);
	pthread_mutex_unlock(&resources->lock);
	if (last)
		made_free(last);
	if (!made) {
		bool boxed = task_boxed(task);
		struct box_host *host = boxed ? resources_host(resources, err) : NULL;
		struct task *instance = host || !boxed ? instance_make(host, resources->eval, task, seed, err) : NULL;
		if (!instance)
			return NULL;
		made = mem_alloc(1, sizeof *made);
		*made = (struct made){NULL, task, mem_string(seed), instance};
	}
	keep_made(resources, made);
	return made->task;
}

const struct task *resources_whole(struct resources *resources, json meta, struct err *err)
{
	const char *name = json_get_string(meta, "task"), *digest = json_get_string(meta, "task_digest");
	const char *made_with = json_get_string(meta, "task_path");
	if (!name || !digest) {
		err_set(err, ERR_INPUT, "it does not say which task it is of (task, task_digest)");
		return NULL;
	}
	const struct task *task = find_in(resources, resources->tasks ? NULL : made_with, name, err);
	if (task && strcmp(task->digest, digest) != 0) {
		err_set(err, ERR_INPUT, "task %s has changed since (digest %.20s..., was %.20s...)", name, task->digest,
		        digest);
		return NULL;
	}
	return task;
}

const struct task *resources_task(struct resources *resources, json meta, struct err *err)
{
	const struct task *task = resources_whole(resources, meta, err);
	const char *seed = json_get_string(meta, "seed");
	return task ? resources_instance(resources, task, seed ? seed : "0", err) : NULL;
}
