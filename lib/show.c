#include "show.h"

#include <math.h>
#include <string.h>

#include "show_view.h"
#include "text.h"

static void show_task(struct view *view, json record)
{
	view_style(view, LAYOUT_BOLD);
	view_add_cell(view, json_get(record, "id"), 28);
	view_style_end(view);
	view_add_cell(view, json_get(record, "difficulty"), 6);
	if (!json_is_none(json_get(record, "level")))
		view_add_cell(view, json_get(record, "level"), 16);
	view_add_cell(view, json_get(record, "title"), 0);
	view_end_line(view);
}

static void show_reset(struct view *view, json record)
{
	json tools = json_get(record, "tools"), limits = json_get(record, "limits");
	view_style(view, LAYOUT_BOLD);
	view_add(view, "episode ");
	view_add_on_line(view, json_get(record, "episode"));
	view_style_end(view);
	view_add_field(view, record, "task");
	view_add(view, "\n\n");
	view_add_block(view, json_get(record, "prompt"), LAYOUT_PLAIN);
	view_add(view, "\ntools:");
	for (int i = 0; i < json_length(tools); i++) {
		json tool = json_at(tools, i), name = json_get(tool, "name");
		view_add(view, i ? ", " : " ");
		view_add_on_line(view, json_is_none(name) ? tool : name);
	}
	view_add(view, "\nlimits:");
	const char *key;
	json limit;
	for (int at = -1, first = 1; json_each(limits, &at, &key, &limit); first = 0) {
		view_add(view, first ? " " : ", ");
		text_for_terminal(key, strlen(key), view->out);
		view_add(view, " ");
		view_add_on_line(view, limit);
	}
	view_add(view, "\n");
}

static void show_step(struct view *view, json record)
{
	view_add_block(view, json_get(record, "stdout"), LAYOUT_PLAIN);
	view_add_block(view, json_get(record, "stderr"), LAYOUT_RED);
	view_add_block(view, json_get(record, "error"), LAYOUT_RED);
	view_style(view, json_get_number(record, "exit", 1) != 0 ? LAYOUT_RED : LAYOUT_BOLD);
	view_add(view, "[step ");
	view_add_number(view, json_get_number(record, "step", NAN));
	view_add_outcome(view, record, true);
	view_add(view, "]");
	view_style_end(view);
	view_add(view, "\n");
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
	view_style(view, passed ? LAYOUT_GREEN : LAYOUT_RED);
	view_add(view, passed ? "  ✓ " : "  ✗ ");
	view_style_end(view);
	json cases = json_get(check, "cases");
	view_add_on_line(view, json_get(check, "name"));
	if (json_is_object(cases))
		buf_add_format(view->out, " (%.0f of %.0f)", json_get_number(cases, "passed", 0),
		               json_get_number(cases, "count", 0));
	view_add_reason(view, check);
	view_add(view, "\n");
}

static void add_status(struct view *view, json status)
{
	const char *text = json_string(status);
	view_style(view, text && !strcmp(text, "pass") ? LAYOUT_GREEN : LAYOUT_RED);
	view_add_on_line(view, status);
	view_style_end(view);
}

static void show_verdict(struct view *view, json record)
{
	json checks = json_get(record, "checks");
	add_status(view, json_get(record, "status"));
	view_add_field(view, record, "reward");
	view_add_field(view, record, "episode");
	view_add_field(view, record, "task");
	view_add_reason(view, record);
	view_add(view, "\n");
	for (int i = 0; i < json_length(checks); i++)
		show_check(view, json_at(checks, i));
}

static void show_rollout(struct view *view, json record)
{
	json status = json_get(json_get(record, "verdict"), "status");
	view_add_cell(view, json_get(record, "episode"), 16);
	view_add_cell(view, json_get(record, "task"), 28);
	buf_add_format(view->out, "%d steps  reward ", json_length(json_get(record, "steps")));
	view_add_cell(view, json_get(record, "reward"), 4);
	if (json_is_string(status))
		add_status(view, status);
	else
		view_add(view, "not graded");
	view_add_artefacts(view, record);
	view_end_line(view);
}

/* One of a family: below its parent, further to the right. */
static void show_relative(struct view *view, json record)
{
	json step = json_get(json_get(record, "parent"), "step"), steps = json_get(record, "steps");
	int indent = 2 * (int)json_get_int(record, "depth", 0, 1000, 0);
	buf_add_format(view->out, "%*s", indent, "");
	view_style(view, LAYOUT_BOLD);
	view_add_cell(view, json_get(record, "episode"), indent < 32 ? 32 - indent : 0);
	view_style_end(view);
	if (json_is_number(step)) {
		view_add(view, "from step ");
		view_add_cell(view, step, 3);
	} else {
		view_add_cell(view, json_none(), 13);
	}
	if (json_is_number(steps))
		buf_add_format(view->out, "%4.0f steps  reward ", json_number(steps, 0));
	view_add_cell(view, json_get(record, "reward"), 4);
	view_add_cell(view, json_get(record, "state"), 0);
	if (json_get_bool(record, "ended", false))
		view_add(view, "ended");
	view_end_line(view);
}

/* A row of a table: the task, how it did, how long that took; and below it what failed. */
static void show_gate(struct view *view, json record)
{
	json tests = json_get(record, "tests"), timing = json_get(record, "timing");
	int passed = 0, count = json_length(tests);
	for (int i = 0; i < count; i++)
		passed += json_get_bool(json_at(tests, i), "passed", false);
	view_add_cell(view, json_get(record, "task"), 28);
	add_status(view, json_get(record, "status"));
	buf_add_format(view->out, "  %2d of %d tests  %6.1f s", passed, count,
	               json_get_number(timing, "wall_ms", 0) / 1000);
	if (json_is_number(json_get(timing, "solution_ms")))
		buf_add_format(view->out, "  solution %.2f s", json_get_number(timing, "solution_ms", 0) / 1000);
	view_end_line(view);
	for (int i = 0; i < count; i++)
		if (!json_get_bool(json_at(tests, i), "passed", false))
			show_check(view, json_at(tests, i));
}

static void show_episode(struct view *view, json record)
{
	json timing = json_get(record, "timing"), name = json_get(record, "name");
	double age = json_get_number(timing, "age_s", NAN), processes = json_get_number(timing, "processes", 0);
	view_add_cell(view, json_is_none(name) ? json_get(record, "episode") : name, 16);
	view_add_cell(view, json_get(record, "task"), 28);
	view_add_cell(view, json_get(record, "state"), 10);
	if (json_is_number(json_get(record, "steps")))
		buf_add_format(view->out, "%4.0f steps  ", json_get_number(record, "steps", 0));
	if (json_get_bool(record, "ended", false))
		view_add(view, "ended  ");
	if (age >= 3600)
		buf_add_format(view->out, "%.0f h %.0f min", floor(age / 3600), floor(fmod(age, 3600) / 60));
	else if (age >= 60)
		buf_add_format(view->out, "%.0f min", floor(age / 60));
	else if (age >= 0)
		buf_add_format(view->out, "%.0f s", floor(age));
	if (processes > 0)
		buf_add_format(view->out, "  %.0f process%s  %.0f KiB", processes, processes > 1 ? "es" : "",
		               json_get_number(timing, "memory_kib", 0));
	view_end_line(view);
}

static void show_probe(struct view *view, json record)
{
	json findings = json_get(record, "findings");
	bool works = json_get_bool(record, "works", false);
	for (int i = 0; i < json_length(findings); i++) {
		json finding = json_at(findings, i);
		bool fine = json_get_bool(finding, "works", false), needed = json_get_bool(finding, "needed", false);
		view_add_cell(view, json_get(finding, "name"), 44);
		view_style(view, fine ? LAYOUT_GREEN : needed ? LAYOUT_RED : LAYOUT_PLAIN);
		view_add(view, fine ? "yes  " : "no   ");
		view_style_end(view);
		view_add_on_line(view, json_get(finding, "found"));
		view_end_line(view);
		if (!fine && json_is_string(json_get(finding, "remedy"))) {
			view_add(view, needed ? "    to change: " : "    to change, if wanted: ");
			view_add_on_line(view, json_get(finding, "remedy"));
			view_add(view, "\n");
		}
	}
	view_style(view, works ? LAYOUT_GREEN : LAYOUT_RED);
	view_add(view, works ? "a box can be made" : "no box can be made");
	view_style_end(view);
	view_add_reason(view, record);
	json gaps = json_get(record, "gaps");
	if (works) {
		view_add(view, "; its limits: ");
		view_add_on_line(view, json_get(record, "tier"));
	}
	for (int i = 0; works && i < json_length(gaps); i++) {
		view_add(view, "\n    ");
		view_add_on_line(view, json_at(gaps, i));
	}
	view_add(view, "\n");
}

/* What of a list in an import's report: "record 3 (ID): text". */
static void show_listed(struct view *view, json list, const char *key)
{
	for (int i = 0; i < json_length(list); i++) {
		json entry = json_at(list, i), id = json_get(entry, "id");
		view_add(view, "  record ");
		view_add_on_line(view, json_get(entry, "record"));
		if (json_is_string(id)) {
			view_add(view, " (");
			view_add_on_line(view, id);
			view_add(view, ")");
		}
		view_add(view, ": ");
		view_add_on_line(view, json_get(entry, key));
		view_add(view, "\n");
	}
}

static void show_import(struct view *view, json record)
{
	double refused = json_get_number(record, "refused", 0), unsolved = json_get_number(record, "unsolved", 0);
	view_style(view, LAYOUT_BOLD);
	view_add_cell(view, json_get(record, "file"), 28);
	view_style_end(view);
	view_style(view, refused > 0 ? LAYOUT_RED : LAYOUT_GREEN);
	buf_add_format(view->out, "%.0f tasks", json_get_number(record, "tasks", 0));
	view_style_end(view);
	buf_add_format(view->out, " of %.0f records", json_get_number(record, "records", 0));
	if (refused > 0)
		buf_add_format(view->out, ", %.0f refused", refused);
	if (unsolved > 0)
		buf_add_format(view->out, ", %.0f without a solution", unsolved);
	view_add(view, "\n");
	show_listed(view, json_get(record, "refusals"), "reason");
	show_listed(view, json_get(record, "notes"), "note");
}

static void show_error(struct view *view, json record)
{
	view_style(view, LAYOUT_RED);
	view_add(view, "error");
	view_style_end(view);
	view_add_field(view, record, "line");
	view_add_field(view, record, "episode");
	view_add_reason(view, record);
	view_add(view, "\n");
}

void show_record(json record, bool colour, struct buf *out)
{
	static const struct {
		const char *type;
		void (*show)(struct view *view, json record);
	} forms[] = {
	        {"task", show_task},
	        {"observation", show_observation},
	        {"verdict", show_verdict},
	        {"rollout", show_rollout},
	        {"replay", show_replay},
	        {"episode", show_episode},
	        {"error", show_error},
	        {"probe", show_probe},
	        {"restore", show_restore},
	        {"relative", show_relative},
	        {"import", show_import},
	        {"gate", show_gate},
	        {"replay-summary", show_replay_summary},
	        {"normaliser", show_normaliser},
	        {"stat", show_stat},
	        {"comparison", show_comparison},
	};
	struct view view = {.out = out, .colour = colour};
	const char *type = json_get_string(record, "type");
	for (size_t i = 0; type && i < sizeof forms / sizeof *forms; i++)
		if (!strcmp(type, forms[i].type)) {
			forms[i].show(&view, record);
			return;
		}
	view_add_value(&view, record);
	buf_add_char(out, '\n');
}
