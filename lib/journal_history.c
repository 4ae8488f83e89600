/* What a journal says of an episode as a whole: what was before a step, the verdict, all steps. */
#include <stdio.h>
#include <string.h>

#include "journal.h"

#define NAME "journal.jsonl"

bool journal_is_submit(json observation)
{
	const char *tool = json_get_string(observation, "tool");
	return tool && !strcmp(tool, "submit") && !json_get_bool(json_get(observation, "info"), "invalid", false);
}

bool journal_is_hint(json observation)
{
	const char *tool = json_get_string(observation, "tool");
	return tool && !strcmp(tool, "hint") && json_is_number(json_get(json_get(observation, "info"), "hint"));
}

struct journal_past journal_past_new(void)
{
	return (struct journal_past){.last = json_none(),
	                             .state = json_none(),
	                             .asked = json_none(),
	                             .answer = json_none(),
	                             .verdict = json_none()};
}

void journal_past_free(struct journal_past *past)
{
	json_free(&past->last);
	json_free(&past->state);
	json_free(&past->asked);
	json_free(&past->answer);
	json_free(&past->verdict);
	*past = journal_past_new();
}

static void keep(json *place, json value)
{
	json_free(place);
	*place = json_copy(value);
}

static void add_observation(struct journal_past *past, int step, json observation)
{
	if (journal_is_submit(observation)) {
		past->submits++;
		keep(&past->answer, past->asked);
		return;
	}
	/* Neither the time of a parent's steps, nor that of grading, is the agent's in this box. */
	if (step > past->forked)
		past->wall_ms += json_get_number(json_get(observation, "timing"), "wall_ms", 0);
	if (journal_is_hint(observation))
		past->hints++;
	else
		keep(&past->last, observation);
}

void journal_past_add(struct journal_past *past, const char *kind, int step, json value, json state)
{
	if (!json_is_none(state))
		keep(&past->state, state);
	if (!strcmp(kind, "fork")) {
		past->forked = json_get_count(value, "step", 0);
	} else if (!strcmp(kind, "action")) {
		keep(&past->asked, json_get(json_get(value, "args"), "answer"));
	} else if (!strcmp(kind, "observation")) {
		add_observation(past, step, value);
	} else if (!strcmp(kind, "verdict")) {
		keep(&past->verdict, value);
	} else if (!strcmp(kind, "note")) {
		past->hints_noted += json_is_number(json_get(value, "hint"));
	} else if (!strcmp(kind, "expire")) {
		past->out_of_time = json_get_is(value, "limit", "total_s");
		past->busy = json_get_bool(value, "busy", false);
	} else if (!strcmp(kind, "restore")) {
		past->wall_ms = 0;
		past->out_of_time = false;
		if (json_is_string(json_get(value, "expired")))
			json_free(&past->verdict);
	}
}

/* What an entry says, whose own kind it is called by. */
static json value_of(const char *kind, json entry)
{
	return json_get(entry, strcmp(kind, "reset") ? kind : "observation");
}

static int past_visit(const char *kind, json entry, void *context, struct err *err)
{
	int step = json_get_count(entry, "step", 0);
	(void)err;
	journal_past_add(context, kind, step, value_of(kind, entry), json_get(entry, "state"));
	return 0;
}

bool journal_past_known(const struct journal *journal, const struct journal_past *past)
{
	return past->seen.size == journal->size && past->seen.cuts == journal->cuts;
}

int journal_past(const struct journal *journal, struct journal_past *past, struct err *err)
{
	/* What was seen of a journal that was cut back may be there no more, however long that has become since. */
	if (past->seen.size > journal->size || past->seen.cuts != journal->cuts)
		journal_past_free(past);
	past->seen.cuts = journal->cuts;
	if (past->seen.size < journal->size && journal_more(journal, &past->seen, past_visit, past, err) < 0) {
		journal_past_free(past);
		return -1;
	}
	return 0;
}

static int reset_visit(const char *kind, json entry, void *context, struct err *err)
{
	(void)err;
	if (strcmp(kind, "reset") != 0)
		return 0;
	*(json *)context = json_copy(value_of(kind, entry));
	return 1;
}

int journal_reset(const struct journal *journal, json *observation, struct err *err)
{
	*observation = json_none();
	if (journal_each(journal, reset_visit, observation, err) < 0)
		return -1;
	return json_is_none(*observation) ? err_set(err, ERR_SYSTEM, NAME ": no reset") : 0;
}

/* An action with what was typed while it was carried out. */
static void add_typed(json *action, json typed)
{
	json args = json_copy(json_get(*action, "args")), pty = json_copy(json_get(args, "pty")), value;
	const char *key;
	for (int at = -1; json_each(typed, &at, &key, &value);)
		json_set(&pty, key, json_copy(value));
	json_set(&args, "pty", pty);
	json_set(action, "args", args);
}

static int action_visit(const char *kind, json entry, void *context, struct err *err)
{
	(void)err;
	if (!strcmp(kind, "action")) {
		json_free(context);
		*(json *)context = json_copy(json_get(entry, "action"));
	} else if (!strcmp(kind, "typed")) {
		add_typed(context, json_get(entry, "typed"));
	}
	return 0;
}

int journal_last_action(const struct journal *journal, json *action, struct err *err)
{
	JSON_AUTO found = json_none();
	if (journal_each(journal, action_visit, &found, err) < 0)
		return -1;
	if (json_is_none(found))
		return err_set(err, ERR_SYSTEM, NAME ": no action");
	*action = json_take(&found);
	return 0;
}

struct history {
	json parent, reset, state, steps, action, verdict, restores, notes, expired;
	bool states; /* are asked for */
};

void journal_add_step(json *steps, json action, json observation, json state)
{
	if (json_is_none(action))
		return;
	json step = json_new_object();
	json_set(&step, "action", json_copy(action));
	json_set_or_null(&step, "observation", observation);
	if (!json_is_none(state))
		json_set(&step, "state", json_copy(state));
	json_append(steps, step);
}

static void end_step(struct history *history, json observation, json state)
{
	journal_add_step(&history->steps, history->action, observation, state);
	json_free(&history->action);
}

static int history_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct history *history = context;
	json value = value_of(kind, entry), state = history->states ? json_get(entry, "state") : json_none();
	(void)err;
	if (!strcmp(kind, "fork")) {
		keep(&history->parent, value);
	} else if (!strcmp(kind, "reset")) {
		keep(&history->reset, value);
		keep(&history->state, state);
	} else if (!strcmp(kind, "action")) {
		keep(&history->action, value);
	} else if (!strcmp(kind, "typed")) {
		add_typed(&history->action, value);
	} else if (!strcmp(kind, "observation")) {
		end_step(history, value, state);
	} else if (!strcmp(kind, "verdict")) {
		keep(&history->verdict, value);
	} else if (!strcmp(kind, "restore")) {
		json_append(&history->restores, json_copy(value));
		json_free(&history->expired);
	} else if (!strcmp(kind, "note")) {
		json note = json_copy(value);
		json_set(&note, "step", json_copy(json_get(entry, "step")));
		json_append(&history->notes, note);
	} else if (!strcmp(kind, "expire")) {
		keep(&history->expired, json_get(value, "limit"));
	}
	return 0;
}

static json or_null(json value)
{
	return json_is_none(value) ? json_new_null() : value;
}

int journal_history(const struct journal *journal, bool states, json *history, struct err *err)
{
	struct history found = {.parent = json_none(),
	                        .reset = json_none(),
	                        .state = json_none(),
	                        .steps = json_new_array(),
	                        .action = json_none(),
	                        .verdict = json_none(),
	                        .restores = json_new_array(),
	                        .notes = json_new_array(),
	                        .expired = json_none(),
	                        .states = states};
	int failed = journal_each(journal, history_visit, &found, err);
	if (!failed && json_is_none(found.reset))
		failed = err_set(err, ERR_SYSTEM, NAME ": no reset");
	end_step(&found, json_none(), json_none());
	JSON_AUTO result = json_new_object();
	if (!json_is_none(found.parent))
		json_set(&result, "parent", found.parent);
	json_set(&result, "reset", or_null(found.reset));
	if (!json_is_none(found.state))
		json_set(&result, "state", found.state);
	json_set(&result, "steps", found.steps);
	json_set(&result, "verdict", or_null(found.verdict));
	json_set(&result, "restores", found.restores);
	json_set(&result, "notes", found.notes);
	json_set(&result, "expired", or_null(found.expired));
	if (failed)
		return -1;
	*history = json_take(&result);
	return 0;
}
