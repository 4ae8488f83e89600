#include "show_stat.h"

#include <math.h>
#include <stdio.h>

#include "show_view.h"
#include "text.h"

enum { NAME = 24, BAR = 10, HALF = 7 }; /* columns */

/* A name, safe for a terminal, on one line: padded, or cut with an ellipsis, to `width` characters. */
static void add_name(const char *name, size_t len, int width, struct buf *out)
{
	BUF_AUTO safe = {0};
	size_t cut = 0;
	int count = 0;
	text_for_line(name, len, &safe);
	for (size_t at = 0; at < safe.len; at++)
		if (((unsigned char)safe.data[at] & 0xc0) != 0x80 && count++ == width - 1)
			cut = at; /* where the last character of those that fit begins */
	buf_add(out, buf_string(&safe), count > width ? cut : safe.len);
	buf_add_format(out, "%s%*s", count > width ? "…" : "", count < width ? width - count : 0, "");
}

static void add_json_name(json value, int width, struct buf *out)
{
	size_t len = 0;
	const char *text = json_text(value, &len);
	add_name(text ? text : "?", text ? len : 1, width, out);
}

/* A row's name: a task, the values of a group, or all. */
static void add_row_name(struct view *view, json record)
{
	json task = json_get(record, "task"), by = json_get(record, "by"), value;
	BUF_AUTO joined = {0};
	const char *key;
	view_style(view, LAYOUT_BOLD);
	for (int at = -1; json_each(by, &at, &key, &value);)
		buf_add_format(&joined, "%s%s", joined.len ? " " : "", json_is_string(value) ? json_string(value) : "?");
	if (!joined.len)
		buf_add_string(&joined, "all");
	if (json_is_none(task))
		add_name(joined.data, joined.len, NAME, view->out);
	else
		add_json_name(task, NAME, view->out);
	view_style_end(view);
}

/* A share as a bar: full up to the lower bound of its interval, half to the share, light to the upper bound. */
static void add_bar(struct view *view, double low, double share, double high)
{
	view_style(view, share >= 0.5 ? LAYOUT_GREEN : LAYOUT_RED);
	for (int i = 0; i < BAR; i++) {
		double middle = (i + 0.5) / BAR;
		view_add(view, middle < low ? "█" : middle < share ? "▓" : middle < high ? "░" : "·");
	}
	view_style_end(view);
}

/* A number in `width` columns, two before it; a dash for null. */
static void add_number(json value, int width, int digits, struct buf *out)
{
	double number = json_number(value, NAN);
	/* What is too long keeps its columns, as far as it can. */
	while (digits && snprintf(NULL, 0, "%.*f", digits, number) > width)
		digits--;
	if (isnan(number))
		buf_add_format(out, "  %*s", width, "-");
	else if (snprintf(NULL, 0, "%.*f", digits, number) <= width)
		buf_add_format(out, "  %*.*f", width, digits, number);
	else
		buf_add_format(out, "  %*.0e", width, number);
}

static double percent(json record, const char *key)
{
	return 100 * json_get_number(record, key, 0);
}

static void add_rate(struct view *view, json record)
{
	double low = json_get_number(record, "pass_low", 0), high = json_get_number(record, "pass_high", 0);
	if (!json_is_number(json_get(record, "pass_rate"))) {
		buf_add_format(view->out, "  %-*s     -       ", BAR, "");
		return;
	}
	view_add(view, "  ");
	add_bar(view, low, json_get_number(record, "pass_rate", 0), high);
	buf_add_format(view->out, " %4.0f%% %3.0f-%-3.0f", percent(record, "pass_rate"), 100 * low, 100 * high);
}

static void add_reward(json record, struct buf *out)
{
	double spread = json_get_number(record, "reward_sd", NAN);
	add_number(json_get(record, "reward_mean"), 5, 2, out);
	if (isnan(spread) || spread >= 100)
		buf_add_string(out, "      ");
	else
		buf_add_format(out, " ±%-4.2f", spread);
}

/* ", 3 KEY" where there are any. */
static void add_count(json record, const char *key, const char *words, struct buf *out)
{
	double count = json_get_number(record, key, 0);
	if (count > 0)
		buf_add_format(out, ", %.0f %s", count, words);
}

static void add_words(json record, struct buf *out)
{
	json pass_at = json_get(record, "pass_at"), value;
	const char *key;
	double tasks = json_get_number(record, "tasks", 0);
	buf_add_format(out, "%.0f task%s", tasks, tasks == 1 ? "" : "s");
	add_count(record, "errors", "episodes with an error of grading, in no rate", out);
	add_count(record, "ungraded", "not graded", out);
	add_count(record, "truncated", "truncated", out);
	add_count(record, "others", "records of other types", out);
	add_count(record, "left_out", "rollouts left out", out);
	buf_add_format(out, "\ntasks with two rewards or more: %.0f, whose rewards are all equal (=): %.0f\n",
	               json_get_number(record, "tasks_compared", 0), json_get_number(record, "tasks_agree", 0));
	for (int at = -1; json_each(pass_at, &at, &key, &value);) {
		buf_add_format(out, "pass@%s", key);
		if (json_is_number(value))
			buf_add_format(out, " %.3f", json_number(value, 0));
		buf_add_format(out, ", tasks with as many attempts: %.0f\n",
		               json_get_number(json_get(record, "pass_at_tasks"), key, 0));
	}
}

void show_stat(struct view *view, json record)
{
	add_row_name(view, record);
	add_number(json_get(record, "episodes"), 6, 0, view->out);
	add_rate(view, record);
	view_add(view, json_get_bool(record, "agree", false) ? "=" : " ");
	add_reward(record, view->out);
	add_number(json_get(record, "steps_mean"), 5, 1, view->out);
	add_number(json_get(json_get(record, "timing"), "step_ms"), 6, 1, view->out);
	view_end_line(view);
	if (json_get_is(record, "scope", "all"))
		add_words(record, view->out);
}

/* From the middle to the left what side b lost, to the right what it gained. */
static void add_difference(struct view *view, double difference)
{
	for (int i = -HALF; i < HALF; i++) {
		double middle = (i + 0.5) / HALF;
		bool filled = difference < 0 ? middle < 0 && middle > difference : middle > 0 && middle < difference;
		if (i == 0)
			view_add(view, "│");
		if (filled)
			view_style(view, difference < 0 ? LAYOUT_RED : LAYOUT_GREEN);
		view_add(view, filled ? "█" : "·");
		if (filled)
			view_style_end(view);
	}
}

static void add_side_rate(json side, struct buf *out)
{
	json rate = json_get(side, "pass_rate");
	add_number(json_get(side, "episodes"), 5, 0, out);
	if (json_is_number(rate))
		buf_add_format(out, " %4.0f%%", 100 * json_number(rate, 0));
	else
		buf_add_string(out, "     -");
}

static void add_test(json record, const char *name, struct buf *out)
{
	json test = json_get(record, name);
	if (!json_is_number(json_get(test, "p"))) {
		buf_add_format(out, "%s: no task has it on both sides\n", name);
		return;
	}
	buf_add_format(out, "%s: %.3f to %.3f over %.0f tasks, difference %+.3f ± %.3f; %.0f better, %.0f worse\n", name,
	               json_get_number(test, "a", 0), json_get_number(test, "b", 0), json_get_number(test, "tasks", 0),
	               json_get_number(test, "difference", 0), json_get_number(test, "error", 0),
	               json_get_number(test, "better", 0), json_get_number(test, "worse", 0));
	buf_add_format(out, "  p %.4g by turning signs, %s\n", json_get_number(test, "p", 0),
	               json_get_bool(test, "exact", false) ? "all of them" : "20000 draws");
}

void show_comparison(struct view *view, json record)
{
	if (json_get_is(record, "scope", "all")) {
		add_test(record, "pass", view->out);
		add_test(record, "reward", view->out);
		return;
	}
	add_row_name(view, record);
	add_side_rate(json_get(record, "a"), view->out);
	add_side_rate(json_get(record, "b"), view->out);
	view_add(view, "  ");
	add_difference(view, json_get_number(record, "pass_difference", 0));
	add_number(json_get(record, "reward_difference"), 6, 2, view->out);
	view_end_line(view);
}

void show_stat_head(json record, struct buf *out)
{
	if (json_get_is(record, "type", "comparison"))
		buf_add_format(out, "%-*s      A  pass      B  pass  %-*s  reward\n", NAME, "task", 2 * HALF + 1,
		               "pass: B - A");
	else
		buf_add_format(out, "%-*sepisodes  %-*s  pass     95%%  reward         steps      ms\n", NAME,
		               json_is_none(json_get(record, "by")) ? "task" : "group", BAR, "");
}
