/* A rollout from beginning to end, and an episode as it goes on. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "journal.h"
#include "kind.h"
#include "transcript.h"

static void blank_line(struct layout *layout)
{
	layout_add(layout, LAYOUT_PLAIN, 0, "", 0);
}

/* What an environment that has failed leaves is no state of a game. */
static void add_board(const struct transcript_form *form, json observation, json state, struct layout *layout)
{
	if (form->board && !kind_has_failed(observation))
		board_draw(form->board, state, layout);
}

void transcript_rollout(json rollout, const struct transcript_form *form, transcript_tell *tell)
{
	LAYOUT_AUTO layout = {.fold = form->fold};
	json steps = json_get(rollout, "steps");
	transcript_head(rollout, form, &layout);
	add_board(form, json_none(), json_get(rollout, "state"), &layout);
	for (int i = 0; i < json_length(steps); i++) {
		json step = json_at(steps, i), observation = json_get(step, "observation");
		blank_line(&layout);
		transcript_action(json_get(step, "action"), i + 1, &layout);
		transcript_outcome(observation, form, &layout);
		add_board(form, observation, json_get(step, "state"), &layout);
		if (!tell(&layout))
			return;
	}
	blank_line(&layout);
	transcript_end(rollout, &layout);
	tell(&layout);
}

int transcript_step(json rollout, int number, const struct transcript_form *form, transcript_tell *tell, struct err *err)
{
	LAYOUT_AUTO layout = {.fold = form->fold};
	json steps = json_get(rollout, "steps"), step = json_at(steps, number - 1), action = json_get(step, "action");
	json observation = json_get(number ? step : rollout, number ? "observation" : "reset");
	if (number > json_length(steps))
		return err_set(err, ERR_INPUT, "there is no step %d: it has %d", number, json_length(steps));
	transcript_head(rollout, form, &layout);
	blank_line(&layout);
	if (number > 0) {
		transcript_action(action, number, &layout);
		transcript_outcome(observation, form, &layout);
	}
	add_board(form, observation, json_get(number ? step : rollout, "state"), &layout);
	transcript_details(action, observation, &layout);
	tell(&layout);
	return 0;
}

struct live {
	const struct transcript_form *form;
	transcript_tell *tell;
	struct layout layout;
	json rollout; /* what is known of it before the first step */
};

static int tell_entry(const char *kind, json entry, void *context, struct err *err)
{
	struct live *live = context;
	struct layout *layout = &live->layout;
	(void)err;
	if (!strcmp(kind, "fork")) {
		json_set(&live->rollout, "parent", json_copy(json_get(entry, "fork")));
		return 0;
	}
	if (!strcmp(kind, "reset")) {
		json_set(&live->rollout, "reset", json_copy(json_get(entry, "observation")));
		transcript_head(live->rollout, live->form, layout);
	} else if (!strcmp(kind, "action")) {
		blank_line(layout);
		transcript_action(json_get(entry, "action"), json_get_count(entry, "step", 0), layout);
	} else if (!strcmp(kind, "observation")) {
		transcript_outcome(json_get(entry, "observation"), live->form, layout);
	} else if (!strcmp(kind, "verdict") && !json_get_bool(entry, "ended", false)) {
		/* The last one of an episode that has ended comes with its end. */
		transcript_verdict(json_get(entry, "verdict"), layout);
	} else if (!strcmp(kind, "restore")) {
		transcript_restore(json_get(entry, "restore"), layout);
	}
	add_board(live->form, json_get(entry, "observation"), json_get(entry, "state"), layout);
	return !live->tell(layout);
}

/* 1 at its end; 0 when somebody has had enough. */
static int follow(struct live *live, struct episode *episode, bool (*wait)(void), struct err *err)
{
	struct journal seen = {.fd = -1};
	struct stat st;
	for (bool ended = false;;) {
		if (journal_more(&episode->journal, &seen, tell_entry, live, err) < 0 ||
		    journal_refresh(&episode->journal, false, err) < 0)
			return -1;
		if (ended)
			return 1;
		/* What belongs to the end, such as a verdict, may come a moment after it. */
		ended = seen.ended || episode_expiry(episode) || fstat(episode->lock, &st) < 0 || st.st_nlink == 0;
		if (!wait())
			return 0;
	}
}

int transcript_follow(struct episode *episode, const struct transcript_form *form, transcript_tell *tell,
                      bool (*wait)(void), struct err *err)
{
	static const char *const keys[] = {"episode", "task", "seed"};
	struct live live = {.form = form, .tell = tell, .layout.fold = form->fold, .rollout = json_new_object()};
	JSON_AUTO rollout = json_none();
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_set(&live.rollout, keys[i], json_copy(json_get(episode->meta, keys[i])));
	int reached = follow(&live, episode, wait, err);
	if (reached > 0)
		reached = episode_rollout(episode, false, &rollout, err) < 0 ? -1 : 1;
	if (reached > 0) {
		blank_line(&live.layout);
		transcript_end(rollout, &live.layout);
		tell(&live.layout);
	}
	json_free(&live.rollout);
	layout_free(&live.layout);
	return reached < 0 ? -1 : 0;
}
