#include "reset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fd.h"
#include "num.h"
#include "pack.h"
#include "task_pack.h"
#include "tool.h"

#define SETUP_TIMEOUT_MS 60000
#define IDLE_MAX_S 3600

int reset_source_open(const struct task *task, struct reset_source *source, struct err *err)
{
	JSON_AUTO setup = json_none();
	*source = (struct reset_source){.task = task, .files = task_pack(task, "files", err)};
	if (source->files < 0)
		return -1;
	if (task_setup(task, &setup, err) < 0) {
		fd_close(&source->files);
		return -1;
	}
	source->setup = json_is_string(setup) ? mem_string(json_string(setup)) : NULL;
	return 0;
}

void reset_source_close(struct reset_source *source)
{
	fd_close(&source->files);
	free(source->setup);
	source->setup = NULL;
}

/*
 * The script comes on stdin, so that it is never a file that the agent could
 * read, and then gets an empty one. What it made or changed gets the time that
 * all files of a task have; what it dated otherwise stays as it is.
 */
static int run_setup(struct box *box, const struct reset_source *source, const char *seed, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	static const char *const argv[] = {"/bin/bash", "-c",
	                                   "IFS= read -rd '' script; exec </dev/null; printf -v start '%(%s)T' -1; "
	                                   "(IFS=$' \\t\\n'; eval \"$script\") || exit; "
	                                   "find . -depth -newermt \"@$start\" -exec touch -h -d @" PACK_TIME_TEXT
	                                   " {} +",
	                                   "setup.sh", NULL};
	STRING_AUTO variable = mem_format("SEED=%s", seed);
	const char *const env[] = {variable, NULL};
	struct box_command command = {.op = BOX_EXEC,
	                              .cwd = json_get_string(json_get(source->task->definition, "env"), "cwd"),
	                              .argv = argv,
	                              .env = env,
	                              .input = source->setup,
	                              .input_len = strlen(source->setup),
	                              .timeout_ms = SETUP_TIMEOUT_MS,
	                              .keep = 1024};
	if (box_run(box, &command, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0)
		return 0;
	return err_set(err, ERR_INPUT, "task %s: setup.sh %s %d: %.300s", source->task->id,
	               result.how == BOX_EXITED ? "ended with status" : "was killed by signal", result.code,
	               buf_string(&result.out[1].head));
}

/* Whether the session's shell is there and runs: with a base that is not a matter of course. */
static int try_shell(struct box *box, const struct task *task, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	const char *shell = json_get_string(json_get(task->definition, "env"), "shell");
	const char *const argv[] = {shell, "-c", ":", NULL};
	struct box_command command = {.op = BOX_EXEC, .cwd = "/", .argv = argv, .timeout_ms = SETUP_TIMEOUT_MS, .keep = 512};
	if (box_run(box, &command, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0)
		return 0;
	const char *said = buf_string(&result.out[1].head);
	return err_set(err, ERR_INPUT, "task %s: base %s: it has no %s that runs: %.*s", task->id, task->base[0], shell,
	               (int)strcspn(said, "\n"), said);
}

int reset_limits(const struct task *task, struct box_limits *limits, struct err *err)
{
	if (check_limits(task, limits, err) < 0)
		return -1;
	limits->idle_s = limits->total_s < IDLE_MAX_S ? 0 : IDLE_MAX_S;
	return 0;
}

struct box *reset_box(struct box_host *host, const struct reset_source *source, const char *seed, int listen_fd,
                      struct err *err)
{
	struct box_limits limits;
	if (reset_limits(source->task, &limits, err) < 0)
		return NULL;
	struct box_files files = {.path = limits.cwd, .pack = source->files};
	limits.files = &files;
	limits.file_count = 1;
	limits.landlock = source->landlock;
	struct box *box = box_new(host, &limits, listen_fd, err);
	if (!box && files.unfit)
		err_context(err, "task %s: files", source->task->id);
	if (!box)
		return NULL;
	if ((!source->task->base[0] || try_shell(box, source->task, err) == 0) &&
	    (!source->setup || run_setup(box, source, seed, err) == 0))
		return box;
	box_free(box);
	return NULL;
}

/* What was isolated, and by what; what enforces the limits, and what that does not count. */
static json box_meta(bool landlock, enum cgroup_tier tier)
{
	json box = json_new_object();
	json_set_string(&box, "isolation", landlock ? "landlock" : "namespaces");
	if (landlock) {
		json missing = json_new_array();
		const char *gap;
		for (size_t i = 0; (gap = box_not_isolated(i)); i++)
			json_append(&missing, json_new_string(gap));
		json_set_number(&box, "landlock", box_landlock_abi());
		json_set(&box, "not_isolated", missing);
	} else {
		json_set_string(&box, "namespaces", box_namespaces());
	}
	json_set_bool(&box, "seccomp", true);
	json_set_string(&box, "limits", cgroup_tier_name(tier));
	json_set(&box, "gaps", json_new_strings(cgroup_tier_gaps(tier)));
	return box;
}

json reset_meta(const struct task *task, bool landlock, const char *episode, const char *seed, enum cgroup_tier tier)
{
	json meta = json_new_object();
	json_set_string(&meta, "episode", episode);
	json_set_string(&meta, "task", task->id);
	json_set_string(&meta, "task_digest", task->digest);
	json_set_string(&meta, "seed", seed);
	json_set_number(&meta, "created", num_wall_s());
	static const char *const copied[] = {"env", "limits", "tools", "attempts"};
	for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
		json_set(&meta, copied[i], json_copy(json_get(task->definition, copied[i])));
	json_set_string(&meta, "pipegym", PACKAGE_VERSION);
	json box = box_meta(landlock, tier), base = json_get(json_get(task->definition, "env"), "base");
	if (!json_is_none(base))
		json_set(&box, "base", json_copy(base));
	json_set(&meta, "box", box);
	static const char *const rewards[] = {"reward_range", "step_reward", "penalties"};
	for (size_t i = 0; i < sizeof rewards / sizeof *rewards; i++)
		json_set(&meta, rewards[i], json_copy(json_get(task->definition, rewards[i])));
	return meta;
}

json reset_observation(const struct task *task, const char *episode)
{
	json definition = task->definition, observation = json_new_object();
	json_set_string(&observation, "type", "observation");
	json_set_string(&observation, "episode", episode);
	json_set_string(&observation, "task", task->id);
	json_set_number(&observation, "step", 0);
	json_set(&observation, "prompt", json_copy(json_get(definition, "prompt")));
	json_set(&observation, "tools", tool_describe(json_get(definition, "tools")));
	json_set(&observation, "limits", json_copy(json_get(definition, "limits")));
	json_set(&observation, "cwd", json_copy(json_get(json_get(definition, "env"), "cwd")));
	json_set_number(&observation, "reward", 0);
	json_set_bool(&observation, "terminated", false);
	json_set_bool(&observation, "truncated", false);
	json_set(&observation, "info", json_new_object());
	return observation;
}

static int fill_episode(struct resources *resources, const struct reset_source *source, struct episode *episode,
                        const char *seed, json *observation, struct err *err)
{
	int64_t start = num_now_us();
	struct box_host *host = resources_host(resources, err);
	FD_AUTO listener = host ? episode_listen(episode, err) : -1;
	if (listener < 0)
		return -1;
	episode->box = reset_box(host, source, seed, listener, err);
	if (!episode->box || episode_serve(episode, err) < 0 ||
	    (box_group(episode->box, 0) && episode_keep_groups(episode, episode->box, err) < 0))
		return -1;
	JSON_AUTO meta = reset_meta(source->task, source->landlock, episode->id, seed, box_host_tier(host));
	json_set(&meta, "task_path", resources_task_path(resources));
	JSON_AUTO first = reset_observation(source->task, episode->id);
	json timing = json_new_object();
	json_set_number(&timing, "wall_ms", (double)((num_now_us() - start) / 100) / 10);
	json_set(&first, "timing", timing);
	if (journal_append(&episode->journal, "reset", 0, false, first, err) < 0 ||
	    episode_commit(episode, meta, err) < 0 || box_adopt(episode->box, err) < 0)
		return -1;
	*observation = json_take(&first);
	return 0;
}

int reset_episode(struct resources *resources, const struct reset_source *source, const char *id, const char *seed,
                  bool sync, json *observation, struct err *err)
{
	/* A task's JSON is one thread's: this one's. */
	struct reset_source mine = *source;
	mine.task = resources_find(resources, source->task->id, err);
	if (mine.task && strcmp(mine.task->digest, source->task->digest) != 0) {
		err_set(err, ERR_INPUT, "task %s changes while it is read", mine.task->id);
		mine.task = NULL;
	}
	struct episode *episode = mine.task ? episode_create(id, sync, err) : NULL;
	if (!episode)
		return -1;
	int failed = fill_episode(resources, &mine, episode, seed, observation, err);
	if (failed)
		episode_abandon(episode);
	episode_free(episode);
	return failed;
}

void reset_discard(const char *id)
{
	struct err err;
	struct episode *episode = episode_open(id, &err);
	if (!episode)
		return;
	(void)episode_end_box(episode, NULL);
	episode_remove(episode, NULL);
	episode_free(episode);
}
