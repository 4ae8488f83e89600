#include "replay_compare.h"

#include <string.h>

#include "buf.h"
#include "diff.h"
#include "replay_cause.h"
#include "text.h"
#include "tool_pty.h"

#define SHOWN_MAX 200   /* bytes of a differing value that the report holds */
#define COUNTED_MAX 200 /* commands */

/* A value short enough for a report: a long one as the beginning of its text. */
static json shown(json value)
{
	BUF_AUTO text = {0};
	size_t len;
	const char *string = json_text(value, &len);
	if (json_is_none(value))
		return json_new_null();
	if (!string && json_dump(value, true, &text, NULL) == 0) {
		string = text.data;
		len = text.len;
		if (len <= SHOWN_MAX)
			return json_copy(value);
	}
	return string ? json_new_text(string, text_cut_end(string, len < SHOWN_MAX ? len : SHOWN_MAX)) : json_new_null();
}

static json difference_new(int step, const char *field, json logged, json replayed)
{
	json first = json_new_object();
	json_set_number(&first, "step", step);
	json_set_string(&first, "field", field);
	json_set(&first, "logged", shown(logged));
	json_set(&first, "replayed", shown(replayed));
	return first;
}

/* The values as texts, normalised: what is left of their difference is what matters. */
static void add_diff(struct normalise *normalise, json *first, json logged, json replayed)
{
	struct buf texts[2] = {{0}, {0}};
	BUF_AUTO diff = {0};
	const json values[2] = {logged, replayed};
	for (int i = 0; i < 2; i++) {
		BUF_AUTO text = {0};
		json_add_text(values[i], true, &text);
		normalise_text(normalise, buf_string(&text), text.len, &texts[i]);
	}
	diff_unified(buf_string(&texts[0]), texts[0].len, buf_string(&texts[1]), texts[1].len, &diff);
	json_set_text(first, "diff", buf_string(&diff), diff.len);
	buf_free(&texts[0]);
	buf_free(&texts[1]);
}

static void count(json *counts, const char *name)
{
	double before = json_get_number(*counts, name, 0);
	if (json_is_none(*counts))
		*counts = json_new_object();
	if (before > 0 || json_length(*counts) < COUNTED_MAX)
		json_set_number(counts, name, before + 1);
}

/* What normalisers leave of a difference, if it is the first. */
static void set_other(struct replay *replay, int step, const char *field, json logged, json replayed, const char *cause)
{
	if (!replay->normalise || !json_is_none(replay->other))
		return;
	replay->other = difference_new(step, field, logged, replayed);
	add_diff(replay->normalise, &replay->other, logged, replayed);
	replay->cause = cause;
}

void replay_diverged(struct replay *replay, int step, const char *field, json logged, json replayed, const char *cause)
{
	if (json_is_none(replay->first))
		replay->first = difference_new(step, field, logged, replayed);
	set_other(replay, step, field, logged, replayed, cause);
	if (replay->normalise)
		count(&replay->causes, cause);
}

void replay_other_reward(struct replay *replay, int step, json logged, json replayed)
{
	if (json_is_none(replay->first))
		replay->first = difference_new(step, "reward", logged, replayed);
	set_other(replay, step, "reward", logged, replayed, "unknown");
}

/* Whether a field is the same in both. normalise NULL: byte for byte. */
static bool same_field(struct normalise *normalise, json logged, json replayed, const char *key, uint64_t *used)
{
	json a = json_get(logged, key), b = json_get(replayed, key);
	return normalise ? normalise_equal(normalise, a, b, used) : json_equal(a, b);
}

/* The first field, in the order of the one that has it, that differs. NULL when none does. partly: what is not logged
 * does not count. */
static const char *difference(struct normalise *normalise, json logged, json replayed, bool partly, uint64_t *used)
{
	const json pair[2] = {logged, replayed};
	for (int i = 0; i < 2 - partly; i++) {
		const char *key;
		json value;
		for (int at = -1; json_each(pair[i], &at, &key, &value);)
			if (strcmp(key, "timing") != 0 && !same_field(normalise, logged, replayed, key, used))
				return key;
	}
	return NULL;
}

/* That the observation of such a command differs, and why. */
static void count_command(struct replay *replay, json action, const char *cause)
{
	BUF_AUTO word = {0};
	BUF_AUTO valid = {0};
	replay_command_word(action, &word);
	text_repair(buf_string(&word), word.len, &valid);
	count(&replay->diverging, buf_string(&valid));
	count(&replay->causes, cause);
}

static void add_command(struct replay *replay, json action)
{
	json command = json_get(json_get(action, "args"), "command");
	json_set(&replay->other, "command", shown(json_is_none(command) ? json_get(action, "tool") : command));
}

/* What is left once both are normalised. */
static void compare_normalised(struct replay *replay, int step, json action, json logged, json replayed, bool partly)
{
	uint64_t used = 0;
	bool is = json_is_object(logged), is_first = json_is_none(replay->other);
	const char *field = is ? difference(replay->normalise, logged, replayed, partly, &used) : "observation";
	if (!field) {
		replay->matched_normalised++;
		replay->used |= used;
		return;
	}
	const char *cause = is ? replay_cause(replay->guess, action, logged, replayed, partly) : "incomplete log";
	count_command(replay, action, cause);
	if (!is_first)
		return;
	set_other(replay, step, field, json_get(logged, field), json_get(replayed, field), cause);
	add_command(replay, action);
}

/* What is written on a terminal depends on when each key came, and a busy machine is enough to change it: of such a
 * step it is how it ended that is compared, and what it did is by the steps after it and by the verdict. Owned. */
static json without_screen(json observation)
{
	static const char *const left_out[] = {"stdout_cut", "stdout_replaced"};
	json rest = json_copy(observation), info = json_copy(json_get(observation, "info"));
	json_delete(&rest, "stdout");
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		json_delete(&info, left_out[i]);
	if (json_is_object(info))
		json_set(&rest, "info", info);
	else
		json_free(&info);
	return rest;
}

static void compare(struct replay *replay, int step, json action, json logged, json replayed)
{
	bool is = json_is_object(logged), partly = is && (replay->foreign || json_is_none(json_get(logged, "type")));
	/* What another project did not log says nothing. */
	if (!is && replay->foreign)
		return;
	const char *field = is ? difference(NULL, logged, replayed, partly, NULL) : "observation";
	if (!field) {
		replay->matched++;
		replay->matched_normalised++;
		return;
	}
	if (json_is_none(replay->first))
		replay->first = difference_new(step, field, json_get(logged, field), json_get(replayed, field));
	if (replay->normalise)
		compare_normalised(replay, step, action, logged, replayed, partly);
}

void replay_compare(struct replay *replay, int step, json action, json logged, json replayed)
{
	if (!tool_is_pty(action) || !json_is_object(logged)) {
		compare(replay, step, action, logged, replayed);
		return;
	}
	JSON_AUTO old = without_screen(logged);
	JSON_AUTO new = without_screen(replayed);
	compare(replay, step, action, old, new);
}

bool replay_compare_verdict(struct replay *replay, int step, json logged, json replayed)
{
	uint64_t used = 0;
	bool partly = replay->foreign || json_is_none(json_get(logged, "type"));
	if (!difference(NULL, logged, replayed, partly, NULL))
		return true;
	if (json_is_none(replay->first))
		replay->first = difference_new(step, "verdict", logged, replayed);
	if (!replay->normalise)
		return false;
	if (difference(replay->normalise, logged, replayed, partly, &used))
		set_other(replay, step, "verdict", logged, replayed, "unknown");
	else
		replay->used |= used;
	return false;
}
