#include "branch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "episode.h"
#include "episode_family.h"
#include "fd.h"
#include "kind.h"
#include "num.h"
#include "replay.h"
#include "reset.h"
#include "text.h"
#include "tool.h"

#define TIMEOUT_MS 60000
#define LOST_MAX 64 /* processes that are named */

static int ask(struct box *box, struct box_command command, struct box_result *result, struct err *err)
{
	command.timeout_ms = TIMEOUT_MS;
	command.keep = 64u << 10;
	if (box_run(box, &command, result, err) < 0)
		return -1;
	if (result->how == BOX_EXITED && result->code == 0)
		return 0;
	const char *said = buf_string(&result->out[1].head);
	/* What it says of the files is as the agent made them. */
	bool told = result->how == BOX_EXITED && said[0];
	if (!told)
		said = "no answer";
	return err_set(err, told ? ERR_INPUT : ERR_SYSTEM, "files of the branch: %.*s", (int)strcspn(said, "\n"), said);
}

static int ask_alone(struct box *box, struct box_command command, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	return ask(box, command, &result, err);
}

/* --- taking it ---------------------------------------------------------- */

/* "session\n", then "PID COMMAND\0"...: whether there is a shell, and what else is alive. */
static int take_processes(struct branch_source *source, struct box *box, bool *alone, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	if (ask(box, (struct box_command){.op = BOX_PROCESSES, .path = "/"}, &result, err) < 0)
		return -1;
	JSON_AUTO lost = json_new_array();
	const char *at = buf_string(&result.out[0].head), *end = at + result.out[0].head.len;
	source->shell = strncmp(at, "session\n", 8) == 0;
	at += source->shell ? 8 : 0;
	*alone = at == end;
	for (int i = 0; at < end && i < LOST_MAX; i++, at += strlen(at) + 1) {
		BUF_AUTO command = {0};
		char *line;
		json process = json_new_object();
		json_set_number(&process, "pid", (double)strtol(at, &line, 10));
		line += *line == ' ';
		text_repair(line, strlen(line), &command);
		json_set_text(&process, "command", buf_string(&command), command.len);
		json_append(&lost, process);
	}
	strcpy(source->cwd, result.cwd);
	return json_dump(lost, false, &source->lost, err);
}

/* With others about, they are stopped for the time: what is taken is of one moment, and nobody writes into the answer. */
static int take_box(struct branch_source *source, struct box *box, struct err *err)
{
	bool alone;
	if (take_processes(source, box, &alone, err) < 0)
		return -1;
	source->files = memfd_create("branch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (source->files < 0)
		return err_system(err, "memory file");
	if (!alone && ask_alone(box, (struct box_command){.op = BOX_FREEZE, .spare = true}, err) < 0)
		return -1;
	/* The shell last: what its traps do changes nothing any more of what was taken. */
	int failed = ask_alone(box, (struct box_command){.op = BOX_EXPORT, .path = "/", .fd = source->files}, err);
	/* All branches have it open. */
	if (!failed && fcntl(source->files, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		failed = err_system(err, "memory file");
	if (!failed && source->shell)
		failed = session_ask(box, &source->session, err);
	/* It is done also when the rest was not; who dies before it is dealt with by the box itself. */
	if (!alone && ask_alone(box, (struct box_command){.op = BOX_THAW, .spare = true}, failed ? NULL : err) < 0)
		failed = -1;
	return failed ? -1 : 0;
}

static int refuse_divergence(json first, struct err *err)
{
	BUF_AUTO logged = {0};
	BUF_AUTO replayed = {0};
	if (json_dump(json_get(first, "logged"), false, &logged, err) < 0 ||
	    json_dump(json_get(first, "replayed"), false, &replayed, err) < 0)
		return -1;
	return err_set(err,
	               ERR_NEGATIVE, "its replay diverged at step %.0f: %.40s: logged %.150s, replayed %.150s; --accept goes on all the same",
	               json_get_number(first, "step", 0), json_get_string(first, "field"), buf_string(&logged),
	               buf_string(&replayed));
}

static int take_replayed(struct branch_source *source, struct resources *resources, json meta, json steps, bool accept,
                         struct err *err)
{
	struct replay replay;
	if (replay_open(&replay, resources, meta, NULL, err) < 0)
		return -1;
	int failed = replay_steps(&replay, steps, source->step, err);
	if (!failed && !json_is_none(replay.first))
		failed = accept ? json_dump(replay.first, false, &source->first, err)
		                : refuse_divergence(replay.first, err);
	if (!failed)
		failed = take_box(source, replay.play.box, err);
	box_end(replay.play.box, NULL);
	replay_close(&replay);
	return failed;
}

/* The journal up to the step, without what came after it. */
static int take_history(struct branch_source *source, json *history, struct err *err)
{
	json steps = json_new_array(), all = json_get(*history, "steps");
	for (int i = 0; i < source->step; i++)
		json_append(&steps, json_copy(json_at(all, i)));
	json_set(history, "steps", steps);
	json notes = json_new_array(), noted = json_get(*history, "notes");
	for (int i = 0; i < json_length(noted); i++)
		if (json_get_number(json_at(noted, i), "step", 0) <= source->step)
			json_append(&notes, json_copy(json_at(noted, i)));
	json_set(history, "notes", notes);
	return json_dump(*history, false, &source->history, err);
}

/* Whether its box has a program that a tool belongs to, or could have. */
static bool has_programs(json meta, json steps)
{
	bool found = kind_of(meta) == &kind_program;
	for (int i = 0; i < json_length(steps) && !found; i++) {
		const struct tool *tool = tool_find(json_get_string(json_get(json_at(steps, i), "action"), "tool"));
		found = tool && tool->set;
	}
	return found;
}

static int take_episode(struct branch_source *source, struct resources *resources, struct episode *episode, int at,
                        bool accept, struct err *err)
{
	const struct journal *journal = &episode->journal;
	JSON_AUTO history = json_none();
	if (episode_landlock(episode->meta))
		return err_set(err, ERR_INPUT, "boxes without namespaces cannot be branched");
	if (at > journal->step)
		return err_set(err, ERR_INPUT, "step %d is not there: the last one is %d", at, journal->step);
	source->step = at < 0 ? journal->step : at;
	bool current = source->step == journal->step;
	if (current && journal->interrupted)
		return err_set(err, ERR_SYSTEM, "step %d is interrupted: settle it by env-step --retry or --skip first",
		               journal->step);
	if (current && journal_over(journal))
		return err_set(err, ERR_INPUT, "the episode has ended; --at branches from an earlier step");
	if (journal_history(journal, true, &history, err) < 0 || take_history(source, &history, err) < 0 ||
	    json_dump(episode->meta, false, &source->meta, err) < 0)
		return -1;
	/* All that there is of it is in the journal. */
	if (!episode_boxed(episode->meta))
		return 0;
	/* As it stands it takes the box, and who asks for it is told what became of that. */
	int live = 0;
	if (current && at < 0)
		live = episode_connect(episode, err) < 0 ? -1 : 1;
	else if (current)
		live = episode_reach(episode, err);
	if (live < 0)
		return -1;
	source->accept = accept;
	source->replays = has_programs(episode->meta, json_get(history, "steps"));
	if (source->replays)
		return 0;
	if (live)
		return take_box(source, episode->box, err);
	return take_replayed(source, resources, episode->meta, json_get(history, "steps"), accept, err);
}

int branch_source_open(struct resources *resources, const char *id, int at, bool accept, struct branch_source *source,
                       struct err *err)
{
	*source = (struct branch_source){.files = -1, .keeper = -1};
	struct episode *episode = episode_open(id, err);
	if (!episode)
		return -1;
	source->parent = mem_string(id);
	int failed = episode_lock(episode, err) < 0 || take_episode(source, resources, episode, at, accept, err) < 0;
	episode_free(episode);
	if (failed)
		branch_source_close(source);
	return failed ? -1 : 0;
}

void branch_source_close(struct branch_source *source)
{
	fd_close(&source->files);
	free(source->parent);
	session_free(&source->session);
	buf_free(&source->meta);
	buf_free(&source->history);
	buf_free(&source->lost);
	buf_free(&source->first);
}

/* --- making one --------------------------------------------------------- */

static int parent_of(const struct branch_source *source, json *parent, struct err *err)
{
	json first = json_none();
	*parent = json_new_object();
	json_set_string(parent, "episode", source->parent);
	json_set_number(parent, "step", source->step);
	if (source->first.len == 0)
		return 0;
	if (json_parse(source->first.data, source->first.len, &first, err) < 0)
		return -1;
	json_set(parent, "first", first);
	return 0;
}

static int fill_box(struct branch_source *source, struct box *box, json *info, struct err *err)
{
	JSON_AUTO lost = json_new_array();
	json processes = json_none();
	if (ask_alone(box, (struct box_command){.op = BOX_IMPORT, .path = "/", .fd = source->files}, err) < 0)
		return -1;
	int given = source->shell ? session_give(box, &source->session, &lost, err) : 0;
	if (given < 0 || (!given && source->cwd[0] && session_go(box, source->cwd, &lost, err) < 0))
		return -1;
	if (json_parse(source->lost.data, source->lost.len, &processes, err) < 0)
		return -1;
	if (json_length(processes) > 0)
		json_set(info, "lost_processes", processes);
	else
		json_free(&processes);
	if (json_length(lost) > 0)
		json_set(info, "lost_session", json_copy(lost));
	return 0;
}

/* What is the parent's so far is the branch's, under its own name. */
static int copy_entry(struct episode *episode, const char *kind, int step, json observation, json state, struct err *err)
{
	JSON_AUTO own = json_copy(observation);
	json_set_string(&own, "episode", episode->id);
	bool ended = json_get_bool(own, "terminated", false) || json_get_bool(own, "truncated", false);
	return journal_append_within(&episode->journal, INT64_MAX, kind, step, ended, own, state, NULL, err);
}

/* Those of a step. */
static int copy_notes(struct journal *journal, json notes, int step, struct err *err)
{
	int failed = 0;
	for (int i = 0; i < json_length(notes) && !failed; i++) {
		JSON_AUTO note = json_copy(json_at(notes, i));
		if (json_get_count(note, "step", 0) != step)
			continue;
		json_delete(&note, "step");
		failed = journal_append(journal, "note", step, journal->ended, note, err);
	}
	return failed;
}

static int copy_journal(const struct branch_source *source, struct episode *episode, json origin, struct err *err)
{
	JSON_AUTO history = json_none();
	struct journal *journal = &episode->journal;
	bool sync = journal->sync;
	if (json_parse(source->history.data, source->history.len, &history, err) < 0)
		return -1;
	json steps = json_get(history, "steps"), notes = json_get(history, "notes");
	int count = json_length(steps);
	/* The last one brings those before it to the disk as well. */
	journal->sync = sync && count == 0;
	int failed = journal_append(journal, "fork", 0, false, origin, err) < 0 ||
	             copy_entry(episode, "reset", 0, json_get(history, "reset"), json_get(history, "state"), err) < 0 ||
	             copy_notes(journal, notes, 0, err) < 0;
	for (int i = 0; i < count && !failed; i++) {
		json step = json_at(steps, i);
		failed = journal_append(journal, "action", i + 1, false, json_get(step, "action"), err) < 0;
		journal->sync = sync && i + 1 == count;
		failed = failed ||
		         copy_entry(episode, "observation", i + 1, json_get(step, "observation"),
		                    json_get(step, "state"), err) < 0 ||
		         copy_notes(journal, notes, i + 1, err) < 0;
	}
	journal->sync = sync;
	return failed ? -1 : 0;
}

/* The parent, and what did not come over: who sees the rollout alone must know that the box was not as its steps say. */
static json origin_of(json parent, json info)
{
	static const char *const lost[] = {"lost_processes", "lost_session"};
	json origin = json_copy(parent);
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
		if (!json_is_none(json_get(info, lost[i])))
			json_set(&origin, lost[i], json_copy(json_get(info, lost[i])));
	return origin;
}

static json branch_observation(int step, const char *cwd, const struct task *task, const char *id, json parent, json info)
{
	json observation = reset_observation(task, id);
	json_set_number(&observation, "step", step);
	json_set(&observation, "parent", json_copy(parent));
	json_set(&observation, "info", json_copy(info));
	if (cwd && cwd[0])
		json_set_string(&observation, "cwd", cwd);
	return observation;
}

/* A box that is as the parent's by what was taken of it. */
static int copy_box(struct branch_source *source, struct box_host *host, const struct task *task,
                    const struct box_home *home, struct episode *episode, json *info, struct err *err)
{
	struct box_limits limits;
	if (start_limits(task, &limits, err) < 0)
		return -1;
	episode->box = box_new(host, &limits, home, err);
	return episode->box ? fill_box(source, episode->box, info, err) : -1;
}

/* One that is so because the same was done in it. */
static int replay_box(struct resources *resources, const struct branch_source *source, json meta,
                      const struct box_home *home, struct episode *episode, json *parent, struct err *err)
{
	struct replay replay;
	JSON_AUTO history = json_none();
	if (json_parse(source->history.data, source->history.len, &history, err) < 0 ||
	    replay_open(&replay, resources, meta, home, err) < 0)
		return -1;
	int failed = replay_steps(&replay, json_get(history, "steps"), source->step, err);
	if (!failed && !json_is_none(replay.first) && !source->accept)
		failed = refuse_divergence(replay.first, err);
	else if (!failed && !json_is_none(replay.first))
		json_set(parent, "first", json_copy(replay.first));
	episode->box = replay.play.box;
	replay.play.box = NULL;
	replay_close(&replay);
	return failed;
}

static int give_box(struct resources *resources, struct branch_source *source, json meta, const struct task *task,
                    struct episode *episode, enum cgroup_tier *tier, json *parent, json *info, struct err *err)
{
	struct box_host *host = resources_host(resources, err);
	unsigned idle_s = (unsigned)json_get_count(meta, "idle_s", EPISODE_IDLE_S);
	HOME_AUTO home = {-1, -1, -1, 0};
	if (!host || episode_home(episode, idle_s, source->keeper, &home, err) < 0)
		return -1;
	*tier = box_host_tier(host);
	int failed = source->replays ? replay_box(resources, source, meta, &home, episode, parent, err)
	                             : copy_box(source, host, task, &home, episode, info, err);
	return failed ? -1 : episode_serve(episode, episode->box, err);
}

static int fill_episode(struct resources *resources, struct branch_source *source, json parent_meta,
                        const struct task *task, struct episode *episode, json *observation, struct err *err)
{
	int64_t start = num_now_us();
	JSON_AUTO info = json_new_object();
	JSON_AUTO parent = json_none();
	enum cgroup_tier tier = 0;
	if (parent_of(source, &parent, err) < 0 ||
	    (task_boxed(task) && give_box(resources, source, parent_meta, task, episode, &tier, &parent, &info, err) < 0))
		return -1;
	JSON_AUTO origin = origin_of(parent, info);
	if (copy_journal(source, episode, origin, err) < 0 ||
	    (source->replays && journal_past(&episode->journal, &episode->past, err) < 0))
		return -1;
	const char *seed = json_get_string(parent_meta, "seed");
	JSON_AUTO meta = reset_meta(task, false, episode->id, seed ? seed : "0", tier);
	json_set(&meta, "task_path", json_copy(json_get(parent_meta, "task_path")));
	json_set_number(&meta, "idle_s", json_get_number(parent_meta, "idle_s", EPISODE_IDLE_S));
	family_join(parent_meta, source->step, &meta);
	const char *cwd = source->replays ? json_get_string(episode->past.last, "cwd") : source->cwd;
	JSON_AUTO first = branch_observation(source->step, cwd, task, episode->id, parent, info);
	json timing = json_new_object();
	json_set_number(&timing, "wall_ms", num_since_ms(start));
	json_set(&first, "timing", timing);
	if (episode_commit(episode, meta, err) < 0 || (episode->box && box_adopt(episode->box, err) < 0))
		return -1;
	*observation = json_take(&first);
	return 0;
}

int branch_episode(struct resources *resources, struct branch_source *source, const char *id, bool sync,
                   json *observation, struct err *err)
{
	JSON_AUTO meta = json_none();
	if (json_parse(source->meta.data, source->meta.len, &meta, err) < 0)
		return -1;
	const struct task *task = resources_task(resources, meta, err);
	struct episode *episode = task ? episode_create(id, sync, err) : NULL;
	if (!episode)
		return -1;
	int failed = fill_episode(resources, source, meta, task, episode, observation, err);
	if (failed)
		episode_abandon(episode);
	episode_free(episode);
	return failed;
}
