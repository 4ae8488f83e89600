#include "show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "show_stat.h"
#include "text.h"

struct view {
	struct buf *out;
	bool colour;
};

#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"

static void style(struct view *view, const char *sequence)
{
	if (view->colour)
		buf_add_string(view->out, sequence);
}

static void style_end(struct view *view)
{
	style(view, "\033[0m");
}

static void add(struct view *view, const char *text)
{
	buf_add_string(view->out, text);
}

/* Appends any value: a string's own text, else its JSON. */
static void add_value(struct view *view, json value)
{
	size_t len;
	const char *text = json_text(value, &len);
	BUF_AUTO dumped = {0};
	if (!text && json_dump(value, false, &dumped, NULL) == 0) {
		text = buf_string(&dumped);
		len = dumped.len;
	}
	if (text)
		text_for_terminal(text, len, view->out);
}

/* The same on one line: line breaks and tabs become spaces. */
static void add_on_line(struct view *view, json value)
{
	size_t at = view->out->len;
	add_value(view, value);
	for (; at < view->out->len; at++)
		if (view->out->data[at] == '\n' || view->out->data[at] == '\t')
			view->out->data[at] = ' ';
}

/* Characters, as good as columns for the ids that are padded here. */
static int width_of(const char *text)
{
	int width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* A cell of a table: the value, padded, and two spaces. */
static void add_cell(struct view *view, json value, int width)
{
	size_t start = view->out->len;
	if (!json_is_none(value))
		add_on_line(view, value);
	int have = width_of(buf_string(view->out) + start);
	buf_add_format(view->out, "%*s  ", have < width ? width - have : 0, "");
}

static void end_line(struct view *view)
{
	while (view->out->len && view->out->data[view->out->len - 1] == ' ')
		view->out->data[--view->out->len] = '\0';
	buf_add_char(view->out, '\n');
}

static void add_number(struct view *view, double number)
{
	buf_add_format(view->out, "%.10g", number);
}

/* "name: value" of a field that is there. */
static void add_field(struct view *view, json record, const char *key)
{
	json value = json_get(record, key);
	if (json_is_none(value) || json_is_null(value))
		return;
	buf_add_format(view->out, " · %s ", key);
	add_on_line(view, value);
}

/* ": reason" where there is one. */
static void add_reason(struct view *view, json record)
{
	json reason = json_get(record, "reason");
	if (!json_is_string(reason))
		return;
	add(view, ": ");
	add_on_line(view, reason);
}

static void show_task(struct view *view, json record)
{
	style(view, BOLD);
	add_cell(view, json_get(record, "id"), 28);
	style_end(view);
	add_cell(view, json_get(record, "difficulty"), 6);
	if (!json_is_none(json_get(record, "level")))
		add_cell(view, json_get(record, "level"), 16);
	add_cell(view, json_get(record, "title"), 0);
	end_line(view);
}

/* A text on lines of its own. */
static void add_block(struct view *view, json value, const char *sequence)
{
	size_t len;
	const char *text = json_text(value, &len);
	if (!text || !len)
		return;
	style(view, sequence);
	text_for_terminal(text, len, view->out);
	if (text[len - 1] != '\n')
		buf_add_char(view->out, '\n');
	if (*sequence)
		style_end(view);
}

static void show_reset(struct view *view, json record)
{
	json tools = json_get(record, "tools"), limits = json_get(record, "limits");
	style(view, BOLD);
	add(view, "episode ");
	add_on_line(view, json_get(record, "episode"));
	style_end(view);
	add_field(view, record, "task");
	add(view, "\n\n");
	add_block(view, json_get(record, "prompt"), "");
	add(view, "\ntools:");
	for (int i = 0; i < json_length(tools); i++) {
		json tool = json_at(tools, i), name = json_get(tool, "name");
		add(view, i ? ", " : " ");
		add_on_line(view, json_is_none(name) ? tool : name);
	}
	add(view, "\nlimits:");
	const char *key;
	json limit;
	for (int position = -1, first = 1; json_each(limits, &position, &key, &limit); first = 0) {
		add(view, first ? " " : ", ");
		text_for_terminal(key, strlen(key), view->out);
		add(view, " ");
		add_on_line(view, limit);
	}
	add(view, "\n");
}

/* What of info is set: its truths by name, other values beside their name. */
static void add_info(struct view *view, json info)
{
	const char *key;
	json value;
	for (int position = -1; json_each(info, &position, &key, &value);) {
		if (json_is_null(value) || (json_is_bool(value) && !json_bool(value, true)))
			continue;
		add(view, " · ");
		text_for_terminal(key, strlen(key), view->out);
		if (json_is_bool(value))
			continue;
		add(view, " ");
		add_on_line(view, value);
	}
}

static void show_step(struct view *view, json record)
{
	json code = json_get(record, "exit"), wall = json_get(json_get(record, "timing"), "wall_ms");
	bool failed = json_number(code, 1) != 0;
	add_block(view, json_get(record, "stdout"), "");
	add_block(view, json_get(record, "stderr"), RED);
	add_block(view, json_get(record, "error"), RED);
	style(view, failed ? RED : BOLD);
	add(view, "[step ");
	add_number(view, json_get_number(record, "step", NAN));
	add_field(view, record, "exit");
	add_field(view, record, "signal");
	if (json_get_bool(record, "timeout", false))
		add(view, " · timeout");
	if (json_is_number(wall))
		buf_add_format(view->out, " · %.1f ms", json_number(wall, 0));
	bool terminated = json_get_bool(record, "terminated", false);
	if (terminated || json_get_number(record, "reward", 0) != 0)
		add_field(view, record, "reward");
	if (terminated)
		add(view, " · terminated");
	if (json_get_bool(record, "truncated", false))
		add(view, " · truncated");
	add_info(view, json_get(record, "info"));
	add(view, "]");
	style_end(view);
	add(view, "\n");
}

static void show_observation(struct view *view, json record)
{
	if (json_is_none(json_get(record, "prompt")))
		show_step(view, record);
	else
		show_reset(view, record);
}

static void show_check(struct view *view, json check)
{
	bool passed = json_get_bool(check, "passed", false);
	style(view, passed ? GREEN : RED);
	add(view, passed ? "  ✓ " : "  ✗ ");
	style_end(view);
	json cases = json_get(check, "cases");
	add_on_line(view, json_get(check, "name"));
	if (json_is_object(cases))
		buf_add_format(view->out, " (%.0f of %.0f)", json_get_number(cases, "passed", 0),
		               json_get_number(cases, "count", 0));
	add_reason(view, check);
	add(view, "\n");
}

static void add_status(struct view *view, json status)
{
	const char *text = json_string(status);
	style(view, text && !strcmp(text, "pass") ? GREEN : RED);
	add_on_line(view, status);
	style_end(view);
}

static void show_verdict(struct view *view, json record)
{
	json checks = json_get(record, "checks");
	add_status(view, json_get(record, "status"));
	add_field(view, record, "reward");
	add_field(view, record, "episode");
	add_field(view, record, "task");
	add_reason(view, record);
	add(view, "\n");
	for (int i = 0; i < json_length(checks); i++)
		show_check(view, json_at(checks, i));
}

static void show_rollout(struct view *view, json record)
{
	json status = json_get(json_get(record, "verdict"), "status"), artefact;
	const char *name;
	add_cell(view, json_get(record, "episode"), 16);
	add_cell(view, json_get(record, "task"), 28);
	buf_add_format(view->out, "%d steps  reward ", json_length(json_get(record, "steps")));
	add_cell(view, json_get(record, "reward"), 4);
	if (json_is_string(status))
		add_status(view, status);
	else
		add(view, "not graded");
	for (int at = -1; json_each(json_get(record, "artefacts"), &at, &name, &artefact);) {
		JSON_AUTO shown = json_new_string(name);
		add(view, " · ");
		add_on_line(view, shown);
	}
	end_line(view);
}

/* One of a family: below its parent, further to the right. */
static void show_relative(struct view *view, json record)
{
	json step = json_get(json_get(record, "parent"), "step"), steps = json_get(record, "steps");
	int indent = 2 * (int)json_get_number(record, "depth", 0);
	buf_add_format(view->out, "%*s", indent, "");
	style(view, BOLD);
	add_cell(view, json_get(record, "episode"), indent < 32 ? 32 - indent : 0);
	style_end(view);
	if (json_is_number(step)) {
		add(view, "from step ");
		add_cell(view, step, 3);
	} else {
		add_cell(view, json_none(), 13);
	}
	if (json_is_number(steps))
		buf_add_format(view->out, "%4.0f steps  reward ", json_number(steps, 0));
	add_cell(view, json_get(record, "reward"), 4);
	add_cell(view, json_get(record, "state"), 0);
	if (json_get_bool(record, "ended", false))
		add(view, "ended");
	end_line(view);
}

static void show_difference(struct view *view, json first)
{
	if (!json_is_object(first))
		return;
	add(view, "  step ");
	add_on_line(view, json_get(first, "step"));
	add(view, ", ");
	add_on_line(view, json_get(first, "field"));
	add(view, ": logged ");
	add_on_line(view, json_get(first, "logged"));
	add(view, ", replayed ");
	add_on_line(view, json_get(first, "replayed"));
	add(view, "\n");
}

static void show_replay(struct view *view, json record)
{
	json match = json_get(record, "match"), first = json_get(record, "first");
	const char *text = json_string(match);
	add_cell(view, json_get(record, "episode"), 16);
	add_cell(view, json_get(record, "task"), 28);
	style(view, text && !strcmp(text, "exact") ? GREEN : RED);
	add_on_line(view, match);
	style_end(view);
	buf_add_format(view->out, "  %.0f of %.0f steps", json_get_number(record, "matched", 0),
	               json_get_number(record, "steps", 0));
	if (!json_get_bool(record, "verdict_match", true))
		add(view, ", another verdict");
	add_reason(view, record);
	add(view, "\n");
	show_difference(view, first);
}

/* A row of a table: the task, how it did, how long that took; and below it what failed. */
static void show_gate(struct view *view, json record)
{
	json tests = json_get(record, "tests"), timing = json_get(record, "timing");
	int passed = 0, count = json_length(tests);
	for (int i = 0; i < count; i++)
		passed += json_get_bool(json_at(tests, i), "passed", false);
	add_cell(view, json_get(record, "task"), 28);
	add_status(view, json_get(record, "status"));
	buf_add_format(view->out, "  %2d of %d tests  %6.1f s", passed, count,
	               json_get_number(timing, "wall_ms", 0) / 1000);
	if (json_is_number(json_get(timing, "solution_ms")))
		buf_add_format(view->out, "  solution %.2f s", json_get_number(timing, "solution_ms", 0) / 1000);
	end_line(view);
	for (int i = 0; i < count; i++)
		if (!json_get_bool(json_at(tests, i), "passed", false))
			show_check(view, json_at(tests, i));
}

static void show_restore(struct view *view, json record)
{
	const char *match = json_get_string(record, "match");
	bool live = match && !strcmp(match, "live");
	add_cell(view, json_get(record, "episode"), 16);
	add_cell(view, json_get(record, "task"), 28);
	style(view, live || json_get_bool(record, "restored", false) ? GREEN : RED);
	add_on_line(view, json_get(record, "match"));
	style_end(view);
	if (!live)
		buf_add_format(view->out, "  %.0f of %.0f steps, %s", json_get_number(record, "matched", 0),
		               json_get_number(record, "steps", 0),
		               json_get_bool(record, "restored", false) ? "restored" : "not restored");
	if (json_get_bool(record, "interrupted", false))
		add(view, ", a step is interrupted");
	add(view, "\n");
	show_difference(view, json_get(record, "first"));
}

static void show_episode(struct view *view, json record)
{
	json timing = json_get(record, "timing"), name = json_get(record, "name");
	double age = json_get_number(timing, "age_s", NAN), processes = json_get_number(timing, "processes", 0);
	add_cell(view, json_is_none(name) ? json_get(record, "episode") : name, 16);
	add_cell(view, json_get(record, "task"), 28);
	add_cell(view, json_get(record, "state"), 10);
	if (json_is_number(json_get(record, "steps")))
		buf_add_format(view->out, "%4.0f steps  ", json_get_number(record, "steps", 0));
	if (json_get_bool(record, "ended", false))
		add(view, "ended  ");
	if (age >= 3600)
		buf_add_format(view->out, "%.0f h %.0f min", floor(age / 3600), floor(fmod(age, 3600) / 60));
	else if (age >= 60)
		buf_add_format(view->out, "%.0f min", floor(age / 60));
	else if (age >= 0)
		buf_add_format(view->out, "%.0f s", floor(age));
	if (processes > 0)
		buf_add_format(view->out, "  %.0f process%s  %.0f KiB", processes, processes > 1 ? "es" : "",
		               json_get_number(timing, "memory_kib", 0));
	end_line(view);
}

static void show_probe(struct view *view, json record)
{
	json findings = json_get(record, "findings");
	bool works = json_get_bool(record, "works", false);
	for (int i = 0; i < json_length(findings); i++) {
		json finding = json_at(findings, i);
		bool fine = json_get_bool(finding, "works", false), needed = json_get_bool(finding, "needed", false);
		add_cell(view, json_get(finding, "name"), 44);
		style(view, fine ? GREEN : needed ? RED : "");
		add(view, fine ? "yes  " : "no   ");
		style_end(view);
		add_on_line(view, json_get(finding, "found"));
		end_line(view);
		if (!fine && json_is_string(json_get(finding, "remedy"))) {
			add(view, needed ? "    to change: " : "    to change, if wanted: ");
			add_on_line(view, json_get(finding, "remedy"));
			add(view, "\n");
		}
	}
	style(view, works ? GREEN : RED);
	add(view, works ? "a box can be made" : "no box can be made");
	style_end(view);
	add_reason(view, record);
	json gaps = json_get(record, "gaps");
	if (works) {
		add(view, "; its limits: ");
		add_on_line(view, json_get(record, "limits"));
	}
	for (int i = 0; works && i < json_length(gaps); i++) {
		add(view, "\n    ");
		add_on_line(view, json_at(gaps, i));
	}
	add(view, "\n");
}

/* What of a list in an import's report: "record 3 (ID): text". */
static void show_listed(struct view *view, json list, const char *key)
{
	for (int i = 0; i < json_length(list); i++) {
		json entry = json_at(list, i), id = json_get(entry, "id");
		add(view, "  record ");
		add_on_line(view, json_get(entry, "record"));
		if (json_is_string(id)) {
			add(view, " (");
			add_on_line(view, id);
			add(view, ")");
		}
		add(view, ": ");
		add_on_line(view, json_get(entry, key));
		add(view, "\n");
	}
}

static void show_import(struct view *view, json record)
{
	double refused = json_get_number(record, "refused", 0), unsolved = json_get_number(record, "unsolved", 0);
	style(view, BOLD);
	add_cell(view, json_get(record, "file"), 28);
	style_end(view);
	style(view, refused > 0 ? RED : GREEN);
	buf_add_format(view->out, "%.0f tasks", json_get_number(record, "tasks", 0));
	style_end(view);
	buf_add_format(view->out, " of %.0f records", json_get_number(record, "records", 0));
	if (refused > 0)
		buf_add_format(view->out, ", %.0f refused", refused);
	if (unsolved > 0)
		buf_add_format(view->out, ", %.0f without a solution", unsolved);
	add(view, "\n");
	show_listed(view, json_get(record, "refusals"), "reason");
	show_listed(view, json_get(record, "notes"), "note");
}

static void show_error(struct view *view, json record)
{
	style(view, RED);
	add(view, "error");
	style_end(view);
	add_field(view, record, "line");
	add_field(view, record, "episode");
	add_reason(view, record);
	add(view, "\n");
}

void show_record(json record, bool colour, struct buf *out)
{
	static const struct {
		const char *type;
		void (*show)(struct view *view, json record);
	} forms[] = {
	        {"task", show_task},       {"observation", show_observation},
	        {"verdict", show_verdict}, {"rollout", show_rollout},
	        {"replay", show_replay},   {"episode", show_episode},
	        {"error", show_error},     {"probe", show_probe},
	        {"restore", show_restore}, {"relative", show_relative},
	        {"import", show_import},   {"gate", show_gate},
	};
	struct view view = {.out = out, .colour = colour};
	const char *type = json_get_string(record, "type");
	if (show_stat(record, colour, out))
		return;
	for (size_t i = 0; type && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strcmp(type, forms[i].type)) {
			forms[i].show(&view, record);
			return;
		}
	add_value(&view, record);
	buf_add_char(out, '\n');
}
