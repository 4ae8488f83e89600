#include "start.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "pack.h"
#include "task_pack.h"

int start_limits(const struct task *task, struct box_limits *limits, struct err *err)
{
	json given = json_get(task->definition, "limits"), env = json_get(task->definition, "env");
	if (task_check_base(task, err) < 0)
		return -1;
	*limits = (struct box_limits){
	        .memory_mib = (unsigned)json_get_number(given, "memory_mib", 0),
	        .disk_mib = (unsigned)json_get_number(given, "disk_mib", 0),
	        .processes = (unsigned)json_get_number(given, "processes", 0),
	        .total_s = (unsigned)json_get_number(given, "total_s", 0),
	        .network = json_get_is(env, "network", "loopback"),
	        .merge_output = json_get_bool(env, "merge_output", false),
	        .cwd = json_get_string(env, "cwd"),
	        .bind_ro = task->base,
	        .hide = task->places,
	};
	return 0;
}

int start_source_open(const struct task *task, struct start_source *source, struct err *err)
{
	JSON_AUTO setup = json_none();
	*source = (struct start_source){.task = task, .idle_s = EPISODE_IDLE_S, .keeper = -1};
	if (workspaces_pack(task, &source->files, err) < 0)
		return -1;
	if (task_setup(task, &setup, err) < 0) {
		workspaces_close(&source->files);
		return -1;
	}
	source->setup = json_is_string(setup) ? mem_string(json_string(setup)) : NULL;
	return 0;
}

void start_source_close(struct start_source *source)
{
	workspaces_close(&source->files);
	free(source->setup);
	source->setup = NULL;
}

struct box *start_apart(struct box_host *host, const struct task *task, struct err *err)
{
	struct box_limits limits;
	FD_AUTO tests = task_pack(task, "tests", err);
	struct box_files files = {.path = START_TESTS, .pack = tests};
	if (tests < 0 || start_limits(task, &limits, err) < 0)
		return NULL;
	limits.files = &files;
	limits.file_count = 1;
	limits.cleared = true;
	return box_new(host, &limits, NULL, err);
}

int start_script(struct box *box, const struct task *task, const char *const *argv, const char *script,
                 const char *seed, size_t keep, struct box_result *result, struct err *err)
{
	STRING_AUTO variable = mem_format("SEED=%s", seed);
	const char *const env[] = {variable, NULL};
	struct box_command command = {.op = BOX_EXEC,
	                              .cwd = task_cwd(task),
	                              .argv = argv,
	                              .env = env,
	                              .input = script,
	                              .input_len = strlen(script),
	                              .timeout_ms = START_SCRIPT_S * 1000,
	                              .keep = keep};
	return box_run(box, &command, result, err);
}

/* Behind the script its stdin is empty. What it made or changed gets the time that all files of a task have; what it
 * dated otherwise stays as it is. */
static int run_setup(struct box *box, const struct start_source *source, const char *seed, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	BUF_AUTO find = {0};
	const char *cwd = task_cwd(source->task);
	buf_add_string(&find, "IFS= read -rd '' script; exec </dev/null; printf -v start '%(%s)T' -1; "
	                      "(IFS=$' \\t\\n'; eval \"$script\") || exit; find");
	for (size_t i = 0; i < source->files.count; i++) {
		/* It begins in the working directory, which may have another name. */
		const char *path = strcmp(source->files.paths[i], cwd) != 0 ? source->files.paths[i] : ".";
		buf_add_char(&find, ' ');
		buf_add_quoted(&find, path, strlen(path));
	}
	buf_add_string(&find, " -depth -newermt \"@$start\" -exec touch -h -d @" PACK_TIME_TEXT " {} +");
	const char *const argv[] = {"/bin/bash", "-c", buf_string(&find), "setup.sh", NULL};
	if (start_script(box, source->task, argv, source->setup, seed, 1024, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0)
		return 0;
	const char *said = buf_string(&result.out[1].head);
	return err_set(err, ERR_INPUT, "task %s: setup.sh %s %d%s%.300s", source->task->id,
	               result.how == BOX_EXITED ? "ended with status" : "was killed by signal", result.code,
	               *said ? ": " : "", said);
}

/* Whether the session's shell is there and runs: with a base that is not a matter of course. */
static int try_shell(struct box *box, const struct task *task, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	const char *shell = json_get_string(json_get(task->definition, "env"), "shell");
	const char *const argv[] = {shell, "-c", ":", NULL};
	struct box_command command = {
	        .op = BOX_EXEC, .cwd = "/", .argv = argv, .timeout_ms = START_SCRIPT_S * 1000, .keep = 512};
	if (box_run(box, &command, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0)
		return 0;
	const char *said = buf_string(&result.out[1].head);
	return err_set(err, ERR_INPUT, "task %s: base %s: it has no %s that runs: %.*s", task->id, task->base[0], shell,
	               (int)strcspn(said, "\n"), said);
}

/* Nothing has its usual path in a box without namespaces. Right work would fail a check whose commands or test code
 * name one. */
static int try_paths(const struct task *task, struct err *err)
{
	static const char *const fields[] = {"command", "setup", "asserts"};
	json checks = json_get(task->definition, "checks");
	if (json_length(json_get(json_get(task->definition, "env"), "workspaces")) > 0)
		return err_set(err, ERR_SYSTEM,
		               "task %s: env.workspaces are not there by their names in a box without namespaces",
		               task->id);
	const char *const paths[] = {START_TESTS, task_cwd(task)};
	for (int i = 0; i < 3 * json_length(checks); i++) {
		BUF_AUTO text = {0};
		json check = json_at(checks, i / 3), value = json_get(check, fields[i % 3]);
		if (!json_is_none(value) && json_dump(value, false, &text, err) < 0)
			return -1;
		for (size_t j = 0; j < 2; j++)
			if (strstr(buf_string(&text), paths[j]))
				return err_set(err, ERR_SYSTEM,
				               "task %s: check %s names %s, which is not there by that name in a box "
				               "without namespaces",
				               task->id, json_get_string(check, "name"), paths[j]);
	}
	return 0;
}

struct box *start_box(struct box_host *host, const struct start_source *source, const char *seed,
                      const struct box_home *home, struct err *err)
{
	struct box_limits limits;
	if (start_limits(source->task, &limits, err) < 0 || (source->landlock && try_paths(source->task, err) < 0))
		return NULL;
	struct box_files files[BOX_PACKS_MAX];
	limits.files = files;
	limits.file_count = workspaces_files(&source->files, files);
	limits.landlock = source->landlock;
	struct box *box = box_new(host, &limits, home, err);
	for (size_t i = 0; !box && i < limits.file_count; i++)
		if (files[i].unfit)
			err_context(err, "task %s: files", source->task->id);
	if (!box)
		return NULL;
	if ((!source->task->base[0] || try_shell(box, source->task, err) == 0) &&
	    (!source->setup || run_setup(box, source, seed, err) == 0))
		return box;
	box_free(box);
	return NULL;
}
