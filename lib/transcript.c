#include "transcript.h"

#include <stdio.h>
#include <string.h>

#include "normalise.h"
#include "show_view.h"

#define SHORT 60 /* bytes of an argument that stands beside its name */
#define SEPARATOR " · "

static void add_buf(struct layout *layout, enum layout_style style, unsigned indent, const struct buf *text)
{
	layout_add(layout, style, indent, buf_string(text), text->len);
}

/* Without the separator that comes before the first field. */
static void add_fields(struct layout *layout, enum layout_style style, const char *begin, const struct buf *fields)
{
	size_t skip = fields->len ? strlen(SEPARATOR) : 0;
	BUF_AUTO text = {0};
	buf_add_string(&text, begin);
	buf_add(&text, buf_string(fields) + skip, fields->len - skip);
	add_buf(layout, style, 4, &text);
}

static void add_value_block(struct layout *layout, enum layout_style style, char gutter, json value)
{
	BUF_AUTO text = {0};
	if (json_is_none(value) || json_is_null(value))
		return;
	json_add_text(value, false, &text);
	layout_add_block(layout, style, gutter, buf_string(&text), text.len);
}

/* --- the beginning ------------------------------------------------------ */

static void add_parent(json parent, struct layout *layout)
{
	BUF_AUTO text = {0};
	struct view view = {.out = &text};
	if (!json_is_object(parent))
		return;
	buf_add_string(&text, "  a branch");
	view_add_field(&view, parent, "episode");
	view_add_field(&view, parent, "step");
	if (json_is_object(json_get(parent, "first")))
		view_add_field(&view, parent, "first");
	view_add_field(&view, parent, "lost_processes");
	view_add_field(&view, parent, "lost_session");
	add_buf(layout, LAYOUT_PLAIN, 4, &text);
}

static void add_tools(json tools, struct layout *layout)
{
	BUF_AUTO text = {0};
	struct view view = {.out = &text};
	for (int i = 0; i < json_length(tools); i++) {
		json tool = json_at(tools, i), name = json_get(tool, "name");
		buf_add_string(&text, i ? ", " : "  tools: ");
		view_add_on_line(&view, json_is_none(name) ? tool : name);
	}
	if (text.len)
		add_buf(layout, LAYOUT_DIM, 4, &text);
}

void transcript_head(json rollout, const struct transcript_form *form, struct layout *layout)
{
	json reset = json_get(rollout, "reset");
	BUF_AUTO fields = {0};
	struct view view = {.out = &fields};
	if (form->names)
		view_add_field(&view, rollout, "episode");
	view_add_field(&view, rollout, "task");
	if (form->names)
		view_add_field(&view, rollout, "seed");
	add_fields(layout, LAYOUT_BOLD, "", &fields);
	if (form->names)
		add_parent(json_get(rollout, "parent"), layout);
	add_value_block(layout, LAYOUT_PLAIN, LAYOUT_PROSE, json_get(reset, "prompt"));
	add_tools(json_get(reset, "tools"), layout);
}

/* --- a step ------------------------------------------------------------- */

/* Whether a text can stand beside a name and nobody has to ask where it ends. */
static bool is_word(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == '"' || text[i] == '=')
			return false;
	return len > 0 && len <= SHORT;
}

/* name=value beside the tool, or false: it is too long for that. */
static bool add_short(const char *name, json value, struct buf *line)
{
	BUF_AUTO dumped = {0};
	size_t len;
	const char *text = json_text(value, &len);
	if (text && (len > SHORT || memchr(text, '\n', len)))
		return false;
	if (text && is_word(text, len))
		buf_add(&dumped, text, len);
	else
		json_dump(value, false, &dumped, NULL);
	if (dumped.len > 2 * SHORT)
		return false;
	buf_add_format(line, " %s=", name);
	buf_add(line, dumped.data, dumped.len);
	return true;
}

/* The main argument of a shell is what follows its prompt. */
static const char *command_of(json action, size_t *len)
{
	return json_get_is(action, "tool", "shell") ? json_text(json_get(json_get(action, "args"), "command"), len) : NULL;
}

void transcript_action(json action, int number, struct layout *layout)
{
	BUF_AUTO line = {0};
	size_t len = 0, first = 0;
	json args = json_get(action, "args"), tool = json_get(action, "tool"), value;
	const char *command = command_of(action, &len), *key;
	buf_add_format(&line, "[%d] ", number);
	size_t indent = line.len + 2;
	if (command) {
		const char *newline = memchr(command, '\n', len);
		first = newline ? (size_t)(newline - command) : len;
		if (layout->fold && first > LAYOUT_LONG / 2)
			first = 0;
		buf_add_string(&line, "$ ");
		buf_add(&line, command, first);
	} else {
		json_add_text(json_is_object(action) ? tool : action, false, &line);
		if (!json_is_none(args) && !json_is_object(args)) {
			buf_add_char(&line, ' ');
			json_add_text(args, false, &line);
		}
	}
	BUF_AUTO more = {0};
	for (int at = -1; json_each(args, &at, &key, &value);) {
		if (command && !strcmp(key, "command"))
			continue;
		if (!add_short(key, value, &more))
			buf_add_format(&more, " %s=+", key);
	}
	if (command && more.len)
		buf_add_string(&line, "   #");
	buf_add(&line, buf_string(&more), more.len);
	layout_add(layout, LAYOUT_BOLD, (unsigned)indent, line.data, line.len);
	if (first < len)
		layout_add_block(layout, LAYOUT_PLAIN, '+', command + first + (first > 0), len - first - (first > 0));
	for (int at = -1; json_each(args, &at, &key, &value);) {
		BUF_AUTO unused = {0};
		if ((command && !strcmp(key, "command")) || add_short(key, value, &unused))
			continue;
		layout_add_format(layout, LAYOUT_DIM, 4, "  %s:", key);
		add_value_block(layout, LAYOUT_PLAIN, '+', value);
	}
}

/* An environment's observation that is no text: a field a line. */
static void add_observation(json value, struct layout *layout)
{
	const char *key;
	json field;
	if (!json_is_object(value)) {
		add_value_block(layout, LAYOUT_PLAIN, '|', value);
		return;
	}
	BUF_AUTO text = {0};
	for (int at = -1; json_each(value, &at, &key, &field);) {
		buf_add_format(&text, "%s: ", key);
		json_add_text(field, false, &text);
		buf_add_char(&text, '\n');
	}
	layout_add_block(layout, LAYOUT_PLAIN, '|', buf_string(&text), text.len);
}

/* What was written on a terminal without what only a terminal understands. */
static void add_output(json observation, struct layout *layout)
{
	BUF_AUTO plain = {0};
	size_t len, kept = 0;
	json output = json_get(observation, "stdout");
	const char *text = json_text(output, &len);
	bool drawn = json_get_bool(json_get(observation, "info"), "pty", false);
	struct normalise *normalise = text && drawn ? normalise_new("ansi", json_none(), NULL) : NULL;
	if (!normalise) {
		add_value_block(layout, LAYOUT_PLAIN, '|', output);
		return;
	}
	normalise_text(normalise, text, len, &plain);
	normalise_free(normalise);
	for (size_t i = 0; i < plain.len; i++)
		if (plain.data[i] != '\r')
			plain.data[kept++] = plain.data[i];
	layout_add_block(layout, LAYOUT_PLAIN, '|', buf_string(&plain), kept);
}

void transcript_outcome(json observation, const struct transcript_form *form, struct layout *layout)
{
	json structured = json_get(observation, "observation");
	BUF_AUTO fields = {0};
	struct view view = {.out = &fields};
	if (!json_is_object(observation)) {
		layout_add_format(layout, LAYOUT_DIM, 4, "  no observation: the step is under way, or was interrupted");
		return;
	}
	/* stdout says the same. */
	if (!json_is_none(structured))
		add_observation(structured, layout);
	else
		add_output(observation, layout);
	add_value_block(layout, LAYOUT_RED, '!', json_get(observation, "stderr"));
	add_value_block(layout, LAYOUT_RED, '!', json_get(observation, "error"));
	view_add_outcome(&view, observation, form->times);
	if (form->cwd)
		view_add_field(&view, observation, "cwd");
	if (fields.len)
		add_fields(layout, json_get_number(observation, "exit", 1) != 0 ? LAYOUT_RED : LAYOUT_DIM, "  ", &fields);
}

static void add_others(json record, const char *const *known, const char *prefix, struct layout *layout)
{
	const char *key;
	json value;
	for (int at = -1; json_each(record, &at, &key, &value);) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (known[i])
			continue;
		BUF_AUTO text = {0};
		json_add_text(value, false, &text);
		bool beside = text.len <= SHORT && !memchr(buf_string(&text), '\n', text.len);
		layout_add_format(layout, LAYOUT_DIM, 4, "  %s%s: %s", prefix, key, beside ? buf_string(&text) : "");
		if (!beside)
			layout_add_block(layout, LAYOUT_PLAIN, '|', text.data, text.len);
	}
}

void transcript_details(json action, json observation, struct layout *layout)
{
	static const char *const of_action[] = {"tool", "args", NULL};
	static const char *const of_observation[] = {"type",        "episode",   "task",  "step",   "tool",   "stdout",
	                                             "observation", "stderr",    "error", "exit",   "signal", "timeout",
	                                             "terminated",  "truncated", "info",  "prompt", "cwd",    NULL};
	add_others(action, of_action, "action ", layout);
	add_others(observation, of_observation, "", layout);
}

/* --- the end ------------------------------------------------------------ */

void transcript_check(json check, struct layout *layout)
{
	bool passed = json_get_bool(check, "passed", false);
	json cases = json_get(check, "cases"), score = json_get(check, "score");
	BUF_AUTO text = {0};
	struct view view = {.out = &text};
	buf_add_string(&text, passed ? "  ✓ " : "  ✗ ");
	view_add_on_line(&view, json_get(check, "name"));
	if (json_is_object(cases))
		buf_add_format(&text, " (%.0f of %.0f)", json_get_number(cases, "passed", 0),
		               json_get_number(cases, "count", 0));
	else if (json_number(score, 0) > 0 && !passed)
		buf_add_format(&text, " (%.3g)", json_number(score, 0));
	view_add_reason(&view, check);
	add_buf(layout, passed ? LAYOUT_GREEN : LAYOUT_RED, 6, &text);
}

void transcript_verdict(json verdict, struct layout *layout)
{
	json checks = json_get(verdict, "checks");
	BUF_AUTO text = {0};
	struct view view = {.out = &text};
	if (!json_is_object(verdict))
		return;
	buf_add_string(&text, "verdict: ");
	view_add_on_line(&view, json_get(verdict, "status"));
	view_add_field(&view, verdict, "reward");
	view_add_reason(&view, verdict);
	add_buf(layout, json_get_is(verdict, "status", "pass") ? LAYOUT_GREEN : LAYOUT_RED, 4, &text);
	for (int i = 0; i < json_length(checks); i++)
		transcript_check(json_at(checks, i), layout);
}

void transcript_restore(json restore, struct layout *layout)
{
	BUF_AUTO fields = {0};
	struct view view = {.out = &fields};
	view_add_field(&view, restore, "step");
	view_add_field(&view, restore, "match");
	if (json_is_object(json_get(restore, "first")))
		view_add_field(&view, restore, "first");
	view_add_field(&view, restore, "expired");
	add_fields(layout, LAYOUT_PLAIN, "restored: ", &fields);
}

/* What a person kept beside the steps, or was told. */
static void add_notes(json notes, struct layout *layout)
{
	for (int i = 0; i < json_length(notes); i++) {
		json note = json_at(notes, i);
		BUF_AUTO text = {0};
		struct view view = {.out = &text};
		buf_add_format(&text, "note after step %.0f: ", json_get_number(note, "step", 0));
		if (json_is_number(json_get(note, "hint")))
			buf_add_format(&text, "hint %.0f was given", json_get_number(note, "hint", 0));
		else if (json_is_array(json_get(note, "checks")))
			buf_add_string(&text, "the visible checks were asked for");
		else
			view_add_on_line(&view, json_get(note, "text"));
		add_buf(layout, LAYOUT_DIM, 4, &text);
	}
}

void transcript_end(json rollout, struct layout *layout)
{
	json restores = json_get(rollout, "restores"), verdict = json_get(rollout, "verdict");
	int steps = json_length(json_get(rollout, "steps"));
	BUF_AUTO fields = {0};
	struct view view = {.out = &fields};
	for (int i = 0; i < json_length(restores); i++)
		transcript_restore(json_at(restores, i), layout);
	add_notes(json_get(rollout, "notes"), layout);
	view_add_artefacts(&view, rollout);
	if (fields.len)
		add_fields(layout, LAYOUT_PLAIN, "artefacts: ", &fields);
	buf_clear(&fields);
	buf_add_format(&fields, SEPARATOR "%d step%s", steps, steps == 1 ? "" : "s");
	if (json_get_bool(rollout, "terminated", false))
		buf_add_string(&fields, SEPARATOR "terminated");
	if (json_get_bool(rollout, "truncated", false))
		buf_add_string(&fields, SEPARATOR "truncated");
	view_add_field(&view, rollout, "expired");
	view_add_field(&view, rollout, "reward");
	if (json_number(json_get(rollout, "return"), 0) != json_get_number(rollout, "reward", 0))
		view_add_field(&view, rollout, "return");
	if (!json_is_object(verdict))
		buf_add_string(&fields, SEPARATOR "not graded");
	add_fields(layout, LAYOUT_BOLD, "end: ", &fields);
	transcript_verdict(verdict, layout);
}
