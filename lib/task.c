#include "task.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "record.h"
#include "task_files.h"
#include "task_load.h"
#include "task_schema.h"
#include "text.h"

#define DEFINITION_MAX (1u << 20) /* bytes of a task.json */
#define SCRIPT_MAX (1u << 20)     /* bytes of a setup.sh, of a generate.sh, of an env.jq */

static int parse_definition(const char *text, size_t len, const char *id, bool inlined, json *definition, struct err *err)
{
	JSON_AUTO given = json_none();
	const char *slash = strchr(id, '/');
	STRING_AUTO set = mem_format("%.*s", slash ? (int)(slash - id) : 0, id);
	size_t valid = text_valid(text, len);
	if (valid < len)
		return err_set(err, ERR_INPUT, "invalid UTF-8 at byte %zu", valid + 1);
	if (strspn(text, " \t\r\n") == len)
		return err_set(err, ERR_INPUT, inlined ? "empty line" : "empty file");
	if (json_parse(text, len, &given, err) < 0)
		return err_context(err, "invalid JSON");
	if (inlined && slash && !slash[1])
		return err_set(err, ERR_INPUT, ".name: is missing");
	if (!slash || !task_name_valid(set) || !task_name_valid(slash + 1))
		return err_set(
		        err, ERR_INPUT,
		        "its place makes no id of a task: SET and NAME are up to %d letters, digits, '.', '_' and "
		        "'-', the first a letter or digit",
		        TASK_NAME_MAX);
	return task_schema_check(given, id, inlined, definition, err);
}

/* near: the folder that a relative base starts from. */
static struct task *task_new(const char *id, const char *folder, const char *near, const char *origin, json definition)
{
	struct task *task = mem_alloc(1, sizeof *task);
	const char *base = json_get_string(json_get(definition, "env"), "base");
	if (base) {
		task->base[0] = base[0] == '/' ? mem_string(base) : mem_format("%s/%s", near, base);
		task->base[1] = "/";
	}
	task->id = mem_string(id);
	task->definition = definition;
	task->folder = folder ? mem_string(folder) : NULL;
	task->origin = mem_string(origin);
	return task;
}

void task_free(struct task *task)
{
	if (!task)
		return;
	json_free(&task->definition);
	free(task->id);
	free(task->folder);
	free(task->origin);
	free((char *)(uintptr_t)task->base[0]);
	free(task);
}

static int digest_visit(const struct task_file *file, void *context, struct err *err)
{
	struct digest *digest = context;
	const char *kind = file->folder ? "folder" : file->link ? "link" : file->executable ? "executable" : "file";
	(void)err;
	digest_add_field(digest, file->path, strlen(file->path));
	digest_add_field(digest, kind, strlen(kind));
	if (file->link)
		digest_add_field(digest, file->link, strlen(file->link));
	else if (!file->folder)
		digest_add_field(digest, file->data, file->len);
	return 0;
}

/* Of a base, which is no part of a task but something that it is run on, only its path counts. What a task has in
 * common with others of its set (NULL: nothing) comes first. */
static int digest_folder(int folder, const char *base, const char *common, char text[DIGEST_TEXT], struct err *err)
{
	struct digest *digest = digest_new();
	if (common)
		digest_add_field(digest, common, strlen(common));
	if (task_walk(folder, base, digest_visit, digest, err) < 0) {
		digest_free(digest);
		return -1;
	}
	digest_finish(digest, text);
	return 0;
}

/* The text of a file in a folder; json_none() if there is none. */
static int read_script(const char *path, const char *file, json *script, struct err *err)
{
	BUF_AUTO text = {0};
	FD_AUTO folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_system(err, "%s", path);
	int got = task_read_file(folder, file, SCRIPT_MAX, &text, err);
	if (got > 0 && (text_valid(buf_string(&text), text.len) < text.len || memchr(buf_string(&text), '\0', text.len)))
		got = err_set(err, ERR_INPUT, "not a text: ill-formed UTF-8, or NUL bytes");
	if (got < 0)
		return err_context(err, "%s/%s", path, file);
	*script = got > 0 ? json_new_text(buf_string(&text), text.len) : json_none();
	return 0;
}

/* A task of the jq kind is to have its environment at hand: its own, else that of its set, which then is *common (borrowed). */
static int load_environment(struct task *task, const char **common, struct err *err)
{
	json script;
	*common = NULL;
	if (task_boxed(task))
		return 0;
	if (task_script(task, "env_jq", "env.jq", &script, err) < 0)
		return -1;
	if (json_is_none(script) && task->folder) {
		STRING_AUTO set = mem_format("%.*s", (int)(strrchr(task->folder, '/') - task->folder), task->folder);
		if (read_script(set, "env.jq", &script, err) < 0)
			return -1;
		*common = json_string(script);
	}
	if (json_is_none(script))
		return err_set(err, ERR_INPUT, "the jq kind needs env.jq%s",
		               task->folder ? "" : " (\"env_jq\" in a line of a set)");
	if (strstr(json_string(script), "def generate:"))
		task->generates = true;
	json_set(&task->definition, "env_jq", script);
	return 0;
}

bool task_boxed(const struct task *task)
{
	return strcmp(json_get_string(json_get(task->definition, "env"), "kind"), "jq") != 0;
}

const char *task_cwd(const struct task *task)
{
	return json_get_string(json_get(task->definition, "env"), "cwd");
}

double task_step_s(json limits)
{
	return json_get_number(limits, "step_s", 10);
}

size_t task_output_max(json limits)
{
	return (size_t)json_get_number(limits, "output_kib", 64) << 10;
}

struct task *task_load_folder(int folder, const char *id, const char *path, const char *shown, struct err *err)
{
	BUF_AUTO text = {0};
	json definition;
	const char *common;
	struct task *task = NULL;
	STRING_AUTO origin = mem_format("%s/task.json", shown);
	int got = task_read_file(folder, "task.json", DEFINITION_MAX, &text, err);
	if (got == 0)
		err_set(err, ERR_INPUT, "is missing");
	if (got <= 0 || parse_definition(buf_string(&text), text.len, id, false, &definition, err) < 0) {
		err_context(err, "%s", origin);
		return NULL;
	}
	task = task_new(id, path, path, origin, definition);
	task->generates = faccessat(folder, "generate.sh", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (load_environment(task, &common, err) == 0 &&
	    digest_folder(folder, json_get_string(json_get(task->definition, "env"), "base"), common, task->digest, err) == 0)
		return task;
	err_context(err, "%s", shown);
	task_free(task);
	return NULL;
}

struct task *task_load_line(const struct task_set *set, const struct task_line *line, const char *id, const char *near,
                            const char *shown, struct err *err)
{
	BUF_AUTO text = {0};
	json definition;
	const char *common;
	STRING_AUTO origin = mem_format("%s:%llu", shown, (unsigned long long)line->number);
	if (task_set_read(set, line, &text, err) < 0 ||
	    parse_definition(buf_string(&text), text.len, id, true, &definition, err) < 0) {
		err_context(err, "%s", origin);
		return NULL;
	}
	struct task *task = task_new(id, NULL, near, origin, definition);
	task->generates = json_is_string(json_get(definition, "generate"));
	digest_of(text.data, text.len, task->digest);
	if (load_environment(task, &common, err) == 0)
		return task;
	err_context(err, "%s", origin);
	task_free(task);
	return NULL;
}

json task_record(const struct task *task)
{
	static const char *const env_keys[] = {"kind", "cwd", "network"};
	static const char *const keys[] = {"title",  "category", "difficulty", "split",   "tags",
	                                   "prompt", "tools",    "limits",     "requires"};
	json definition = task->definition, record = json_new_object(), env = json_new_object();
	json_set_string(&record, "type", "task");
	json_set_string(&record, "id", task->id);
	json_set_string(&record, "digest", task->digest);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_set(&record, keys[i], json_copy(json_get(definition, keys[i])));
	for (size_t i = 0; i < sizeof env_keys / sizeof *env_keys; i++)
		json_set(&env, env_keys[i], json_copy(json_get(json_get(definition, "env"), env_keys[i])));
	json workspaces = json_get(json_get(definition, "env"), "workspaces");
	if (json_length(workspaces) > 0)
		json_set(&env, "workspaces", json_copy(workspaces));
	json_set(&record, "env", env);
	json_set_number(&record, "hints", json_length(json_get(definition, "hints")));
	return record;
}

const char *task_missing(const struct task *task)
{
	static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin"};
	json programs = json_get(task->definition, "requires");
	for (int i = 0; i < json_length(programs) && !task->base[0]; i++) {
		const char *program = json_string(json_at(programs, i));
		bool found = false;
		for (size_t at = 0; at < sizeof folders / sizeof *folders && !found; at++) {
			STRING_AUTO path = mem_format("%s/%s", folders[at], program);
			struct stat info;
			found = stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
		}
		if (!found)
			return program;
	}
	return NULL;
}

int task_require(const struct task *task, struct err *err)
{
	const char *missing = task_missing(task);
	return missing ? err_set(err, ERR_SYSTEM, "task %s needs %s, which this host does not have", task->id, missing)
	               : 0;
}

/* The actions in an open file, a line each. */
static int read_actions(int fd, json *actions, struct err *err)
{
	JSON_AUTO list = json_new_array();
	struct record_reader *reader = record_reader_new(fd);
	struct record record;
	int got;
	while ((got = record_next(reader, &record, err)) > 0) {
		json_append(&list, record.value);
		if (!json_is_string(record.value) && !json_is_object(record.value)) {
			got = err_set(err, ERR_INPUT, "an action must be a string or an object, not %s",
			              json_kind_name(record.value));
			break;
		}
	}
	record_reader_free(reader);
	if (got < 0)
		return err_context(err, "line %llu", (unsigned long long)record.number);
	*actions = json_take(&list);
	return 0;
}

/* The same for a file by name: 1, 0 when there is none, -1. */
static int read_actions_file(int folder, const char *name, json *actions, struct err *err)
{
	struct err reason;
	FD_AUTO fd = task_open_file(folder, name, TASK_FILE_MAX, &reason);
	if (fd < 0)
		return reason.code == ERR_NONE ? 0 : err_set(err, reason.code, "%s", reason.text);
	return read_actions(fd, actions, err) < 0 ? -1 : 1;
}

static int open_task_folder(const struct task *task, struct err *err)
{
	int fd = open(task->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_system(err, "%s", task->folder) : fd;
}

/* What a task of a .jsonl set has under key, else the fallback, which is consumed. */
static json inline_value(const struct task *task, const char *key, json fallback)
{
	json value = json_get(task->definition, key);
	if (json_is_none(value))
		return fallback;
	json_free(&fallback);
	return json_copy(value);
}

/* An instance's own is as that of a .jsonl set. */
static bool is_inline(const struct task *task, const char *key)
{
	return !task->folder || !json_is_none(json_get(task->definition, key));
}

int task_solution(const struct task *task, json *actions, struct err *err)
{
	if (is_inline(task, "solution")) {
		*actions = inline_value(task, "solution", json_new_array());
		return 0;
	}
	FD_AUTO folder = open_task_folder(task, err);
	if (folder < 0)
		return -1;
	int got = read_actions_file(folder, "solution.jsonl", actions, err);
	if (got < 0)
		return err_context(err, "%s/solution.jsonl", task->folder);
	if (got == 0)
		*actions = json_new_array();
	return 0;
}

struct cheats {
	int folder;
	json list;
};

static int cheat_visit(const struct task_file *file, void *context, struct err *err)
{
	struct cheats *cheats = context;
	size_t len = strlen(file->path);
	json actions;
	if (file->folder || file->link || len <= 6 || strcmp(file->path + len - 6, ".jsonl") != 0)
		return 0;
	STRING_AUTO name = mem_format("%.*s", (int)len - 6, file->path);
	if (!task_name_valid(name))
		return err_set(err, ERR_INPUT, "is no name of a cheat");
	int got = read_actions_file(cheats->folder, file->path, &actions, err);
	if (got <= 0)
		return got;
	json_set(&cheats->list, name, actions);
	return 0;
}

int task_cheats(const struct task *task, json *cheats, struct err *err)
{
	struct err reason = {.code = ERR_NONE};
	if (!task->folder) {
		*cheats = inline_value(task, "cheats", json_new_object());
		return 0;
	}
	FD_AUTO folder = open_task_folder(task, err);
	if (folder < 0)
		return -1;
	FD_AUTO inside = task_open_folder(folder, "cheats", &reason);
	struct cheats found = {inside, json_new_object()};
	if (inside < 0 ? reason.code == ERR_NONE : task_walk(inside, NULL, cheat_visit, &found, &reason) == 0) {
		*cheats = found.list;
		return 0;
	}
	json_free(&found.list);
	return err_set(err, reason.code, "%s/cheats: %s", task->folder, reason.text);
}

int task_script(const struct task *task, const char *key, const char *file, json *script, struct err *err)
{
	if (!is_inline(task, key))
		return read_script(task->folder, file, script, err);
	*script = inline_value(task, key, json_none());
	return 0;
}

int task_setup(const struct task *task, json *script, struct err *err)
{
	return task_script(task, "setup", "setup.sh", script, err);
}
