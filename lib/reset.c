#include "reset.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "fd.h"
#include "num.h"
#include "play.h"
#include "reset_programs.h"
#include "tool.h"

void reset_next_id(const char *prefix, uint64_t *number, char id[EPISODE_ID_MAX + 1])
{
	++*number;
	if (prefix)
		snprintf(id, EPISODE_ID_MAX + 1, "%s-%llu", prefix, (unsigned long long)*number);
	else
		episode_id_random(id);
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
	json_set_string(&box, "tier", cgroup_tier_name(tier));
	json_set(&box, "gaps", json_new_strings(cgroup_tier_gaps(tier)));
	return box;
}

/* Which system it is, as os-release(5) says: its name and version. "" if it does not say. */
static char distribution[100];
/* Its programs, as text: a value of libjq's is one thread's. */
static struct buf programs;
static pthread_once_t system_once = PTHREAD_ONCE_INIT;

static void find_distribution(void)
{
	static const char *const keys[] = {"ID=", "VERSION_ID="};
	BUF_AUTO text = {0};
	struct err err;
	if (fd_read_file(AT_FDCWD, "/etc/os-release", 65536, &text, &err) < 0)
		return;
	for (size_t i = 0; i < 2; i++)
		for (const char *line = buf_string(&text); *line; line += strcspn(line, "\n"), line += *line == '\n') {
			size_t len = strlen(keys[i]), used = strlen(distribution);
			if (strncmp(line, keys[i], len) != 0)
				continue;
			line += len + (line[len] == '"');
			/* What is no ASCII is not what the format allows. */
			len = strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+~");
			snprintf(distribution + used, sizeof distribution - used, "%s%.*s", used ? " " : "",
			         len < 40 ? (int)len : 40, line);
			break;
		}
}

static void find_system(void)
{
	JSON_AUTO found = reset_programs();
	find_distribution();
	json_dump(found, false, &programs, NULL);
}

/* Whose programs a box runs, and on what: a step's output can depend on it. A base has its own programs. */
static void add_system(json *box, bool based)
{
	struct utsname host;
	json known = json_none();
	pthread_once(&system_once, find_system);
	if (uname(&host) == 0) {
		json_set_string(box, "kernel", host.release);
		json_set_string(box, "machine", host.machine);
	}
	if (!based && distribution[0])
		json_set_string(box, "system", distribution);
	if (!based && json_parse(buf_string(&programs), programs.len, &known, NULL) == 0)
		json_set(box, "programs", known);
}

static json no_box_meta(void)
{
	json box = json_new_object();
	json_set_string(&box, "isolation", "none");
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
	json box = task_boxed(task) ? box_meta(landlock, tier) : no_box_meta(),
	     base = json_get(json_get(task->definition, "env"), "base");
	if (!json_is_none(base))
		json_set(&box, "base", json_copy(base));
	if (task_boxed(task))
		add_system(&box, !json_is_none(base));
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
	if (task_boxed(task))
		json_set(&observation, "cwd", json_copy(json_get(json_get(definition, "env"), "cwd")));
	json_set_number(&observation, "reward", 0);
	json_set_bool(&observation, "terminated", false);
	json_set_bool(&observation, "truncated", false);
	json_set(&observation, "info", json_new_object());
	return observation;
}

static int give_box(struct resources *resources, const struct start_source *source, struct episode *episode,
                    const char *seed, enum cgroup_tier *tier, struct err *err)
{
	struct box_host *host = resources_host(resources, err);
	HOME_AUTO home = {-1, -1, -1, 0};
	if (!host || episode_home(episode, source->idle_s, source->keeper, &home, err) < 0)
		return -1;
	*tier = box_host_tier(host);
	episode->box = start_box(host, source, seed, &home, err);
	return episode->box ? episode_serve(episode, episode->box, err) : -1;
}

static int fill_episode(struct resources *resources, const struct start_source *source, struct episode *episode,
                        const char *seed, json *observation, struct err *err)
{
	int64_t start = num_now_us();
	enum cgroup_tier tier = 0;
	JSON_AUTO first = reset_observation(source->task, episode->id);
	JSON_AUTO state = json_none();
	if ((task_boxed(source->task) && give_box(resources, source, episode, seed, &tier, err) < 0) ||
	    play_begin(resources, source->task, episode->box, episode->lines, &episode->referee, seed, &first, &state,
	               err) < 0)
		return -1;
	JSON_AUTO meta = reset_meta(source->task, source->landlock, episode->id, seed, tier);
	json_set(&meta, "task_path", resources_task_path(resources));
	json_set_number(&meta, "idle_s", source->idle_s);
	json timing = json_new_object();
	json_set_number(&timing, "wall_ms", num_since_ms(start));
	json_set(&first, "timing", timing);
	if (journal_append_within(&episode->journal, INT64_MAX, "reset", 0, false, first, state, NULL, err) < 0 ||
	    episode_commit(episode, meta, err) < 0 || (episode->box && box_adopt(episode->box, err) < 0))
		return -1;
	*observation = json_take(&first);
	return 0;
}

static int open_episode(struct resources *resources, const struct start_source *source, const char *id,
                        const char *seed, bool sync, json *observation, struct err *err)
{
	struct episode *episode = episode_create(id, sync, err);
	if (!episode)
		return -1;
	int failed = fill_episode(resources, source, episode, seed, observation, err);
	if (failed)
		episode_abandon(episode);
	episode_free(episode);
	return failed;
}

int reset_episode(struct resources *resources, const struct start_source *source, const char *id, const char *seed,
                  bool sync, json *observation, struct err *err)
{
	/* A task's JSON is one thread's: this one's. */
	struct start_source mine = *source;
	mine.task = resources_find(resources, source->task->id, err);
	if (mine.task && strcmp(mine.task->digest, source->task->digest) != 0) {
		err_set(err, ERR_INPUT, "task %s changes while it is read", mine.task->id);
		mine.task = NULL;
	}
	const struct task *instance = mine.task ? resources_instance(resources, mine.task, seed, err) : NULL;
	if (!instance)
		return -1;
	if (instance == mine.task)
		return open_episode(resources, &mine, id, seed, sync, observation, err);
	/* Its files are its own. */
	struct start_source own;
	if (start_source_open(instance, &own, err) < 0)
		return -1;
	own.landlock = mine.landlock;
	own.idle_s = mine.idle_s;
	own.keeper = mine.keeper;
	int failed = open_episode(resources, &own, id, seed, sync, observation, err);
	start_source_close(&own);
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
