#include "restore.h"

#include "episode.h"
#include "fd.h"
#include "num.h"
#include "replay.h"

static json report_new(const struct episode *episode, const char *match, int steps)
{
	json report = json_new_object();
	json_set_string(&report, "type", "restore");
	json_set_string(&report, "episode", episode->id);
	json_set(&report, "task", json_copy(json_get(episode->meta, "task")));
	json_set_string(&report, "match", match);
	json_set_number(&report, "steps", steps);
	json_set(&report, "matched", json_new_null());
	json_set(&report, "first", json_new_null());
	json_set_bool(&report, "interrupted", episode->journal.interrupted);
	json_set_bool(&report, "restored", false);
	return report;
}

/*
 * The new box becomes the episode's. The journal says so first: whoever finds
 * the box must also find that an interrupted step was not done in it. A crash
 * at any point leaves a box that dies with this process, or one that serves.
 */
static int take_over(struct episode *episode, struct replay *replay, json report, json expired, struct err *err)
{
	JSON_AUTO value = json_new_object();
	json_set_number(&value, "step", json_get_number(report, "steps", 0));
	json_set(&value, "match", json_copy(json_get(report, "match")));
	json_set(&value, "first", json_copy(json_get(report, "first")));
	if (json_is_string(expired))
		json_set(&value, "expired", json_copy(expired));
	if (journal_append(&episode->journal, "restore", episode->journal.step, journal_over(&episode->journal), value,
	                   err) < 0 ||
	    episode_serve(episode, replay->play.box, err) < 0)
		return -1;
	return box_adopt(replay->play.box, err);
}

/* home: as for box_new(). */
static int rebuild(struct resources *resources, struct episode *episode, int flags, const struct box_home *home,
                   json *report, struct err *err)
{
	struct replay replay;
	JSON_AUTO history = json_none();
	int64_t start = num_now_us();
	bool dry_run = flags & RESTORE_DRY_RUN;
	if (journal_history(&episode->journal, false, &history, err) < 0 ||
	    replay_open(&replay, resources, episode->meta, home, err) < 0)
		return -1;
	json steps = json_get(history, "steps"), timing = json_new_object();
	int count = json_length(steps) - episode->journal.interrupted;
	int failed = replay_steps(&replay, steps, count, err);
	bool exact = json_is_none(replay.first);
	json result = report_new(episode, exact ? "exact" : "diverged", count);
	json_set_number(&result, "matched", replay.matched);
	json_set(&result, "first", exact ? json_new_null() : json_copy(replay.first));
	bool restored = !failed && !dry_run && (exact || flags & RESTORE_ACCEPT);
	if (restored)
		failed = take_over(episode, &replay, result, json_get(history, "expired"), err);
	/* What is not to serve is gone before anybody else can look for it. */
	if (failed || !restored)
		box_end(replay.play.box, NULL);
	replay_close(&replay);
	json_set_bool(&result, "restored", restored);
	json_set_number(&timing, "wall_ms", num_since_ms(start));
	json_set(&result, "timing", timing);
	*report = failed ? json_none() : json_take(&result);
	json_free(&result);
	return failed;
}

static int restore(struct resources *resources, struct episode *episode, int flags, int keeper, json *report,
                   struct err *err)
{
	/* To look takes no lock and repairs nothing. */
	int failed = flags & RESTORE_DRY_RUN ? journal_refresh(&episode->journal, false, err) : episode_lock(episode, err);
	int live = failed ? -1 : episode_reach(episode, err);
	if (live > 0)
		*report = report_new(episode, "live", episode->journal.step);
	if (live != 0)
		return live < 0 ? -1 : 0;
	if (flags & RESTORE_DRY_RUN)
		return rebuild(resources, episode, flags, NULL, report, err);
	HOME_AUTO home = {-1, -1, -1, 0};
	unsigned idle_s = (unsigned)json_get_count(episode->meta, "idle_s", EPISODE_IDLE_S);
	if (episode_home(episode, idle_s, keeper, &home, err) < 0)
		return -1;
	failed = rebuild(resources, episode, flags, &home, report, err);
	episode_unlisten(episode); /* unless it serves now */
	return failed;
}

int restore_episode(struct resources *resources, const char *id, int flags, int keeper, json *report, struct err *err)
{
	struct episode *episode = episode_open(id, err);
	if (!episode)
		return -1;
	episode->journal.sync = flags & RESTORE_SYNC;
	int failed = restore(resources, episode, flags, keeper, report, err);
	episode_free(episode); /* and with it the lock */
	return failed;
}
