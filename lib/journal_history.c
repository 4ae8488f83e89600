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
	return (struct journal_past){.last = json_none(), .state = json_none()};
}

void journal_past_free(struct journal_past *past)
{
	json_free(&past->last);
	json_free(&past->state);
	*past = journal_past_new();
}

void journal_past_add(struct journal_past *past, json observation, json state)
{
	if (!json_is_none(state)) {
		json_free(&past->state);
		past->state = json_copy(state);
	}
	if (journal_is_submit(observation)) {
		past->submits++;
	} else if (journal_is_hint(observation)) {
		past->hints++;
	} else {
		json_free(&past->last);
		past->last = json_copy(observation);
	}
}

static int past_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct journal_past *past = context;
	json state = json_get(entry, "state");
	(void)err;
	if (!strcmp(kind, "observation"))
		journal_past_add(past, json_get(entry, "observation"), state);
	else if (!strcmp(kind, "reset") && !json_is_none(state))
		past->state = json_copy(state);
	return 0;
}

int journal_past(const struct journal *journal, struct journal_past *past, struct err *err)
{
	if (past->size == journal->size && past->size > 0)
		return 0;
	journal_past_free(past);
	if (journal_each(journal, past_visit, past, err) < 0) {
		journal_past_free(past);
		return -1;
	}
	past->size = journal->size;
	return 0;
}

static int state_visit(const char *kind, json entry, void *context, struct err *err)
{
	json state = json_get(entry, "state");
	char step[24];
	(void)kind;
	(void)err;
	snprintf(step, sizeof step, "%.0f", json_get_number(entry, "step", 0));
	if (!json_is_none(state))
		json_set(context, step, json_copy(state));
	return 0;
}

int journal_states(const struct journal *journal, json *states, struct err *err)
{
	JSON_AUTO found = json_new_object();
	if (journal_each(journal, state_visit, &found, err) < 0)
		return -1;
	*states = json_take(&found);
	return 0;
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

static int verdict_visit(const char *kind, json entry, void *context, struct err *err)
{
	if (!strcmp(kind, "verdict")) {
		if (!json_get_string(json_get(entry, "verdict"), "status"))
			return err_set(err, ERR_SYSTEM, NAME ": a verdict without a status");
		json_free(context);
		*(json *)context = json_copy(json_get(entry, "verdict"));
	} else if (!strcmp(kind, "restore") && json_is_string(json_get(json_get(entry, "restore"), "expired"))) {
		json_free(context);
	}
	return 0;
}

int journal_verdict(const struct journal *journal, json *verdict, struct err *err)
{
	JSON_AUTO found = json_none();
	if (journal_each(journal, verdict_visit, &found, err) < 0)
		return -1;
	if (json_is_none(found))
		return 0;
	*verdict = json_take(&found);
	return 1;
}

struct history {
	json parent, reset, steps, action, verdict, restores, notes, expired;
};

static void push_step(struct history *history, json observation)
{
	if (json_is_none(history->action))
		return;
	json step = json_new_object();
	json_set(&step, "action", history->action);
	json_set(&step, "observation", json_is_none(observation) ? json_new_null() : json_copy(observation));
	json_append(&history->steps, step);
	history->action = json_none();
}

static int history_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct history *history = context;
	(void)err;
	if (!strcmp(kind, "fork")) {
		json_free(&history->parent);
		history->parent = json_copy(json_get(entry, "fork"));
	} else if (!strcmp(kind, "reset")) {
		json_free(&history->reset);
		history->reset = json_copy(json_get(entry, "observation"));
	} else if (!strcmp(kind, "action")) {
		history->action = json_copy(json_get(entry, "action"));
	} else if (!strcmp(kind, "typed")) {
		add_typed(&history->action, json_get(entry, "typed"));
	} else if (!strcmp(kind, "observation")) {
		push_step(history, json_get(entry, "observation"));
	} else if (!strcmp(kind, "verdict")) {
		json_free(&history->verdict);
		history->verdict = json_copy(json_get(entry, "verdict"));
	} else if (!strcmp(kind, "restore")) {
		json_append(&history->restores, json_copy(json_get(entry, "restore")));
		json_free(&history->expired);
	} else if (!strcmp(kind, "note")) {
		json note = json_copy(json_get(entry, "note"));
		json_set(&note, "step", json_copy(json_get(entry, "step")));
		json_append(&history->notes, note);
	} else if (!strcmp(kind, "expire")) {
		history->expired = json_copy(json_get(json_get(entry, "expire"), "limit"));
	}
	return 0;
}

int journal_history(const struct journal *journal, json *history, struct err *err)
{
	struct history found = {json_none(), json_none(),      json_new_array(), json_none(),
	                        json_none(), json_new_array(), json_new_array(), json_none()};
	int failed = journal_each(journal, history_visit, &found, err);
	push_step(&found, json_none());
	JSON_AUTO result = json_new_object();
	if (!json_is_none(found.parent))
		json_set(&result, "parent", found.parent);
	json_set(&result, "reset", json_is_none(found.reset) ? json_new_null() : found.reset);
	json_set(&result, "steps", found.steps);
	json_set(&result, "verdict", json_is_none(found.verdict) ? json_new_null() : found.verdict);
	json_set(&result, "restores", found.restores);
	if (json_length(found.notes) > 0)
		json_set(&result, "notes", json_copy(found.notes));
	json_free(&found.notes);
	json_set(&result, "expired", json_is_none(found.expired) ? json_new_null() : found.expired);
	if (failed < 0)
		return -1;
	*history = json_take(&result);
	return 0;
}

int journal_steps(const struct journal *journal, json *steps, struct err *err)
{
	JSON_AUTO history = json_none();
	JSON_AUTO states = json_none();
	if (journal_history(journal, &history, err) < 0 || journal_states(journal, &states, err) < 0)
		return -1;
	json all = json_get(history, "steps");
	*steps = json_new_array();
	for (int i = 0; i < json_length(all); i++) {
		json step = json_copy(json_at(all, i));
		char number[24];
		snprintf(number, sizeof number, "%d", i + 1);
		if (!json_is_none(json_get(states, number)))
			json_set(&step, "state", json_copy(json_get(states, number)));
		json_append(steps, step);
	}
	return 0;
}
