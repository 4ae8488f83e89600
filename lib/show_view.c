#include "show_view.h"

#include <string.h>

#include "text.h"

void view_style(struct view *view, enum layout_style style)
{
	if (view->colour)
		buf_add_string(view->out, layout_style_on(style));
}

void view_style_end(struct view *view)
{
	if (view->colour)
		buf_add_string(view->out, LAYOUT_STYLE_OFF);
}

void view_add(struct view *view, const char *text)
{
	buf_add_string(view->out, text);
}

void view_add_value(struct view *view, json value)
{
	BUF_AUTO text = {0};
	json_add_text(value, false, &text);
	text_for_terminal(buf_string(&text), text.len, view->out);
}

void view_add_on_line(struct view *view, json value)
{
	BUF_AUTO text = {0};
	json_add_text(value, false, &text);
	text_for_line(buf_string(&text), text.len, view->out);
}

void view_add_cell(struct view *view, json value, int width)
{
	size_t start = view->out->len;
	view_add_on_line(view, value);
	int have = (int)text_count(buf_string(view->out) + start, view->out->len - start);
	buf_add_format(view->out, "%*s  ", have < width ? width - have : 0, "");
}

void view_end_line(struct view *view)
{
	buf_trim_end(view->out, 0, ' ');
	buf_add_char(view->out, '\n');
}

void view_add_number(struct view *view, double number)
{
	buf_add_format(view->out, "%.10g", number);
}

void view_add_field(struct view *view, json record, const char *key)
{
	json value = json_get(record, key);
	if (json_is_none(value) || json_is_null(value))
		return;
	buf_add_format(view->out, " · %s ", key);
	view_add_on_line(view, value);
}

void view_add_reason(struct view *view, json record)
{
	json reason = json_get(record, "reason");
	if (!json_is_string(reason))
		return;
	view_add(view, ": ");
	view_add_on_line(view, reason);
}

void view_add_block(struct view *view, json value, enum layout_style style)
{
	size_t len;
	const char *text = json_text(value, &len);
	if (!text || !len)
		return;
	view_style(view, style);
	text_for_terminal(text, len, view->out);
	if (text[len - 1] != '\n')
		buf_add_char(view->out, '\n');
	if (style != LAYOUT_PLAIN)
		view_style_end(view);
}

/* What of info is set: its truths by name, other values beside their name. */
static void add_info(struct view *view, json info)
{
	const char *key;
	json value;
	for (int at = -1; json_each(info, &at, &key, &value);) {
		if (json_is_null(value) || (json_is_bool(value) && !json_bool(value, true)))
			continue;
		view_add(view, " · ");
		text_for_terminal(key, strlen(key), view->out);
		if (json_is_bool(value))
			continue;
		view_add(view, " ");
		view_add_on_line(view, value);
	}
}

void view_add_outcome(struct view *view, json observation, bool times)
{
	json wall = json_get(json_get(observation, "timing"), "wall_ms");
	view_add_field(view, observation, "exit");
	view_add_field(view, observation, "signal");
	if (json_get_bool(observation, "timeout", false))
		view_add(view, " · timeout");
	if (times && json_is_number(wall))
		buf_add_format(view->out, " · %.1f ms", json_number(wall, 0));
	bool terminated = json_get_bool(observation, "terminated", false);
	if (terminated || json_get_number(observation, "reward", 0) != 0)
		view_add_field(view, observation, "reward");
	if (terminated)
		view_add(view, " · terminated");
	if (json_get_bool(observation, "truncated", false))
		view_add(view, " · truncated");
	add_info(view, json_get(observation, "info"));
}

void view_add_artefacts(struct view *view, json rollout)
{
	const char *name;
	json artefact;
	for (int at = -1; json_each(json_get(rollout, "artefacts"), &at, &name, &artefact);) {
		JSON_AUTO shown = json_new_string(name);
		view_add(view, " · ");
		view_add_on_line(view, shown);
	}
}
