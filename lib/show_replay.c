#include <string.h>

#include "show_view.h"
#include "text.h"

static void show_difference(struct view *view, json first)
{
	if (!json_is_object(first))
		return;
	view_add(view, "  step ");
	view_add_on_line(view, json_get(first, "step"));
	view_add(view, ", ");
	view_add_on_line(view, json_get(first, "field"));
	view_add(view, ": logged ");
	view_add_on_line(view, json_get(first, "logged"));
	view_add(view, ", replayed ");
	view_add_on_line(view, json_get(first, "replayed"));
	view_add(view, "\n");
}

/* What is otherwise than where it was logged. */
static void show_host(struct view *view, json list)
{
	for (int i = 0; i < json_length(list); i++) {
		json one = json_at(list, i);
		view_add(view, "  ");
		view_add_on_line(view, json_get(one, "name"));
		view_add(view, " was ");
		view_add_on_line(view, json_get(one, "logged"));
		view_add(view, ", here ");
		view_add_on_line(view, json_get(one, "here"));
		view_add(view, "\n");
	}
}

/* The lines of a diff, those of one side only in colour. */
static void show_diff(struct view *view, json first)
{
	size_t len = 0;
	const char *text = json_text(json_get(first, "diff"), &len);
	if (!text)
		return;
	for (const char *end = text + len; text < end;) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = newline ? (size_t)(newline - text) : (size_t)(end - text);
		view_style(view, *text == '-' ? LAYOUT_RED : *text == '+' ? LAYOUT_GREEN : LAYOUT_PLAIN);
		view_add(view, "    ");
		text_for_terminal(text, line, view->out);
		view_style_end(view);
		view_add(view, "\n");
		text += line + (newline != NULL);
	}
}

static void add_list(struct view *view, const char *before, json list)
{
	for (int i = 0; i < json_length(list); i++) {
		view_add(view, i ? ", " : before);
		view_add_on_line(view, json_at(list, i));
	}
}

void show_replay(struct view *view, json record)
{
	json reward = json_get(record, "reward"), first = json_get(record, "first"), cause = json_get(record, "cause");
	view_add_cell(view, json_get(record, "episode"), 16);
	view_add_cell(view, json_get(record, "task"), 28);
	view_style(view, json_get_is(record, "match", "exact") || json_get_is(record, "match", "normalised")
	                         ? LAYOUT_GREEN
	                         : LAYOUT_RED);
	view_add_on_line(view, json_get(record, "match"));
	view_style_end(view);
	if (json_is_number(json_get(record, "matched")))
		buf_add_format(view->out, "  %.0f of %.0f steps", json_get_number(record, "matched", 0),
		               json_get_number(record, "steps", 0));
	if (json_get_is(record, "match", "normalised"))
		add_list(view, ", the rest by ", json_get(record, "used"));
	if (!json_get_bool(record, "verdict_match", true))
		view_add(view, ", another verdict");
	if (json_is_number(json_get(reward, "logged")) &&
	    !json_equal(json_get(reward, "logged"), json_get(reward, "replayed"))) {
		view_add(view, ", reward ");
		view_add_on_line(view, json_get(reward, "replayed"));
		view_add(view, " was ");
		view_add_on_line(view, json_get(reward, "logged"));
	}
	if (json_is_string(cause)) {
		view_add(view, ", perhaps because of ");
		view_add_on_line(view, cause);
	}
	view_add_reason(view, record);
	view_add(view, "\n");
	show_host(view, json_get(record, "host"));
	show_difference(view, first);
	show_diff(view, first);
}

static void add_counts(struct view *view, const char *title, json counts)
{
	const char *name;
	json value;
	for (int at = -1, n = 0; json_each(counts, &at, &name, &value); n++) {
		view_add(view, n ? ", " : title);
		text_for_terminal(name, strlen(name), view->out);
		buf_add_format(view->out, " %.0f", json_number(value, 0));
	}
	if (json_length(counts) > 0)
		view_add(view, "\n");
}

void show_replay_summary(struct view *view, json record)
{
	static const char *const parts[] = {"exact", "normalised", "diverged", "unreplayable", "resumed"};
	json timing = json_get(record, "timing");
	buf_add_format(view->out, "%.0f rollouts:", json_get_number(record, "rollouts", 0));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (i < 2 || json_get_number(record, parts[i], 0) > 0)
			buf_add_format(view->out, "%s %.0f %s", i ? "," : "", json_get_number(record, parts[i], 0),
			               parts[i]);
	buf_add_format(view->out, "\n%.0f steps: %.1f %% match exactly, %.1f %% normalised\n",
	               json_get_number(record, "steps", 0), 100 * json_get_number(record, "matched_rate", 0),
	               100 * json_get_number(record, "matched_normalised_rate", 0));
	if (json_get_number(record, "rewards", 0) > 0)
		buf_add_format(view->out, "%.0f rewards: %.0f are not as logged\n",
		               json_get_number(record, "rewards", 0), json_get_number(record, "reward_flips", 0));
	add_counts(view, "differences, perhaps because of: ", json_get(record, "causes"));
	add_counts(view, "commands that differ most: ", json_get(record, "commands"));
	add_counts(view, "normalisers used most: ", json_get(record, "normalisers"));
	if (json_is_number(json_get(timing, "speed")))
		buf_add_format(view->out, "steps took %.1f s, as logged %.1f s\n",
		               json_get_number(timing, "replayed_ms", 0) / 1000,
		               json_get_number(timing, "logged_ms", 0) / 1000);
}

void show_normaliser(struct view *view, json record)
{
	BUF_AUTO name = {0};
	buf_add_format(&name, "%s@%.0f", json_get_string(record, "name"), json_get_number(record, "version", 0));
	JSON_AUTO value = json_new_text(buf_string(&name), name.len);
	view_style(view, LAYOUT_BOLD);
	view_add_cell(view, value, 18);
	view_style_end(view);
	view_add_on_line(view, json_get(record, "about"));
	if (!json_get_bool(record, "default", true))
		view_add(view, " (only if asked for)");
	view_add(view, "\n");
}

void show_restore(struct view *view, json record)
{
	bool live = json_get_is(record, "match", "live");
	view_add_cell(view, json_get(record, "episode"), 16);
	view_add_cell(view, json_get(record, "task"), 28);
	view_style(view, live || json_get_bool(record, "restored", false) ? LAYOUT_GREEN : LAYOUT_RED);
	view_add_on_line(view, json_get(record, "match"));
	view_style_end(view);
	if (!live)
		buf_add_format(view->out, "  %.0f of %.0f steps, %s", json_get_number(record, "matched", 0),
		               json_get_number(record, "steps", 0),
		               json_get_bool(record, "restored", false) ? "restored" : "not restored");
	if (json_get_bool(record, "interrupted", false))
		view_add(view, ", a step is interrupted");
	view_add(view, "\n");
	show_difference(view, json_get(record, "first"));
}
