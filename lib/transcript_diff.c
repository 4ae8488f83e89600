/* Two rollouts beside each other: what their steps have in common at the beginning and at the end, and what differs. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "transcript.h"

#define WIDE 100 /* columns from which on there is room for two */
#define BETWEEN 3
#define ROWS 8 /* of a line, where long ones are folded */

/* Lines of one and of the other that are told together: as many of both if they are the same. */
struct run {
	char mark; /* ' ' common, '=' common and the rest of the step is left out, '|' different */
	size_t from_a, count_a, from_b, count_b;
};

static void note(const struct transcript_diff *diff, enum layout_style style, struct buf *out, const char *text)
{
	LAYOUT_AUTO line = {0};
	layout_add(&line, style, 4, text, strlen(text));
	layout_print(&line, 0, 1, diff->width, diff->colour, out);
}

static void pad(struct buf *out, unsigned columns, unsigned width)
{
	buf_add_format(out, "%*s", columns < width ? (int)(width - columns) : 0, "");
}

static void end_row(struct buf *out)
{
	buf_trim_end(out, 0, ' ');
	buf_add_char(out, '\n');
}

static void styled_row(const struct transcript_diff *diff, const struct buf *row, enum layout_style style, struct buf *out)
{
	bool on = diff->colour && style != LAYOUT_PLAIN;
	buf_add_string(out, on ? layout_style_on(style) : "");
	buf_add(out, buf_string(row), row->len);
	buf_add_string(out, on ? LAYOUT_STYLE_OFF : "");
}

static bool too_many(const struct transcript_diff *diff, int row)
{
	return diff->form.fold && row == ROWS;
}

/* One below the other: '-' is the first one's, '+' the second's. */
static void add_line(const struct transcript_diff *diff, const struct layout *layout, size_t line, char mark,
                     struct buf *out)
{
	enum layout_style style = mark == '-' ? LAYOUT_RED : mark == '+' ? LAYOUT_GREEN : LAYOUT_PLAIN;
	size_t at = 0;
	for (int i = 0;; i++) {
		unsigned columns;
		BUF_AUTO row = {0};
		buf_add_format(&row, "%c ", mark);
		if (too_many(diff, i) || !layout_row(layout, line, &at, diff->width - 2, &row, &columns)) {
			if (at < layout->lines[line].len)
				note(diff, LAYOUT_DIM, out, "      ... the rest of this line");
			return;
		}
		buf_trim_end(&row, 0, ' ');
		styled_row(diff, &row, style, out);
		buf_add_char(out, '\n');
	}
}

/* Side by side; NULL where there is none. */
static void add_pair(const struct transcript_diff *diff, const size_t *line_a, const size_t *line_b, char mark,
                     struct buf *out)
{
	unsigned half = (diff->width - BETWEEN) / 2;
	bool changed = mark == '|';
	char sign = changed && !line_b ? '<' : changed && !line_a ? '>' : mark;
	size_t at_a = 0, at_b = 0;
	for (int i = 0;; i++) {
		BUF_AUTO left = {0};
		BUF_AUTO right = {0};
		unsigned columns = 0, unused;
		bool any = line_a && layout_row(&diff->one, *line_a, &at_a, half, &left, &columns);
		any = (line_b && layout_row(&diff->other, *line_b, &at_b, half, &right, &unused)) || any;
		if (!any)
			return;
		if (too_many(diff, i)) {
			note(diff, LAYOUT_DIM, out, "      ... the rest of this line");
			return;
		}
		styled_row(diff, &left, changed ? LAYOUT_RED : LAYOUT_PLAIN, out);
		pad(out, columns, half);
		buf_add_format(out, " %c ", sign);
		styled_row(diff, &right, changed ? LAYOUT_GREEN : LAYOUT_PLAIN, out);
		end_row(out);
	}
}

/* Whether a line of a long run is left out; says so once. */
static bool is_folded(const struct transcript_diff *diff, size_t i, size_t count, struct buf *out)
{
	const size_t first = LAYOUT_FIRST, last = LAYOUT_LAST;
	char text[64];
	if (!diff->form.fold || count <= LAYOUT_FOLD || i < first || i >= count - last)
		return false;
	if (i == first) {
		snprintf(text, sizeof text, "    ... %zu lines", count - first - last);
		note(diff, LAYOUT_DIM, out, text);
	}
	return true;
}

static void add_lines(const struct transcript_diff *diff, const struct layout *layout, size_t from, size_t count,
                      char mark, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		if (!is_folded(diff, i, count, out))
			add_line(diff, layout, from + i, mark, out);
}

static void add_run(const struct transcript_diff *diff, const struct run *run, struct buf *out)
{
	size_t most = run->count_a > run->count_b ? run->count_a : run->count_b;
	if (diff->width < WIDE) {
		bool changed = run->mark == '|';
		add_lines(diff, &diff->one, run->from_a, run->count_a, changed ? '-' : run->mark, out);
		if (changed)
			add_lines(diff, &diff->other, run->from_b, run->count_b, '+', out);
		return;
	}
	for (size_t i = 0; i < most; i++) {
		size_t a = run->from_a + i, b = run->from_b + i;
		if (!is_folded(diff, i, most, out))
			add_pair(diff, i < run->count_a ? &a : NULL, i < run->count_b ? &b : NULL, run->mark, out);
	}
}

/* How many lines both begin with. */
static size_t common_head(const struct layout *a, const struct layout *b)
{
	size_t n = 0;
	while (n < a->count && n < b->count && layout_same(a, n, b, n))
		n++;
	return n;
}

static size_t common_tail(const struct layout *a, const struct layout *b, size_t head)
{
	size_t n = 0;
	while (n < a->count - head && n < b->count - head && layout_same(a, a->count - 1 - n, b, b->count - 1 - n))
		n++;
	return n;
}

/* Tells what the two layouts hold; brief: of what is the same, so many lines. Whether they differ. */
static bool compare(struct transcript_diff *diff, size_t brief, struct buf *out)
{
	const struct layout *a = &diff->one, *b = &diff->other;
	size_t head = common_head(a, b), tail = common_tail(a, b, head);
	if (head == a->count && head == b->count) {
		bool whole = !diff->form.fold || head <= brief;
		add_run(diff, &(struct run){whole ? ' ' : '=', 0, whole ? head : brief, 0, whole ? head : brief}, out);
		return false;
	}
	add_run(diff, &(struct run){' ', 0, head, 0, head}, out);
	add_run(diff, &(struct run){'|', head, a->count - head - tail, head, b->count - head - tail}, out);
	add_run(diff, &(struct run){' ', a->count - tail, tail, b->count - tail, tail}, out);
	diff->differ = true;
	return true;
}

static void clear(struct transcript_diff *diff)
{
	layout_clear(&diff->one);
	layout_clear(&diff->other);
}

static void add_names(struct transcript_diff *diff, json rollout, const char *begin, enum layout_style style,
                      struct buf *out)
{
	struct transcript_form names = {.names = true};
	JSON_AUTO brief = json_new_object();
	LAYOUT_AUTO line = {0};
	BUF_AUTO text = {0};
	unsigned columns = 0;
	static const char *const keys[] = {"episode", "seed"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_set(&brief, keys[i], json_copy(json_get(rollout, keys[i])));
	transcript_head(brief, &names, &line);
	buf_add_string(&text, begin);
	layout_row(&line, 0, &(size_t){0}, 4096, &text, &columns);
	note(diff, style, out, buf_string(&text));
}

void transcript_diff_begin(struct transcript_diff *diff, struct buf *out)
{
	int a = json_length(json_get(diff->a, "steps")), b = json_length(json_get(diff->b, "steps"));
	diff->steps = a > b ? a : b;
	/* What takes another time each time is no difference. */
	diff->form.times = diff->form.names = false;
	diff->form.cwd = true;
	add_names(diff, diff->a, "--- ", LAYOUT_RED, out);
	add_names(diff, diff->b, "+++ ", LAYOUT_GREEN, out);
	transcript_head(diff->a, &diff->form, &diff->one);
	transcript_head(diff->b, &diff->form, &diff->other);
	if (compare(diff, LAYOUT_FOLD, out))
		note(diff, LAYOUT_BOLD, out, "*** what was asked differs");
	clear(diff);
}

/* Adds a step that there may be. Returns how many lines its action has. */
static size_t add_step(json rollout, int number, const struct transcript_form *form, struct layout *layout)
{
	json step = json_at(json_get(rollout, "steps"), number - 1);
	if (json_is_none(step))
		return 0;
	transcript_action(json_get(step, "action"), number, layout);
	size_t lines = layout->count;
	transcript_outcome(json_get(step, "observation"), form, layout);
	return lines;
}

void transcript_diff_step(struct transcript_diff *diff, int number, struct buf *out)
{
	BUF_AUTO told = {0};
	char text[80];
	size_t of_a = add_step(diff->a, number, &diff->form, &diff->one),
	       of_b = add_step(diff->b, number, &diff->form, &diff->other);
	bool same = of_a == of_b && common_head(&diff->one, &diff->other) >= of_a;
	if (compare(diff, 1, &told) && !diff->diverged) {
		diff->diverged = number;
		snprintf(text, sizeof text, "*** they diverge at step %d: %s", number,
		         !of_a   ? "only the second has it"
		         : !of_b ? "only the first has it"
		         : same  ? "the same action, another outcome"
		                 : "another action");
		note(diff, LAYOUT_BOLD, out, text);
	}
	buf_add(out, buf_string(&told), told.len);
	clear(diff);
}

void transcript_diff_end(struct transcript_diff *diff, struct buf *out)
{
	char text[80];
	transcript_end(diff->a, &diff->one);
	transcript_end(diff->b, &diff->other);
	compare(diff, SIZE_MAX, out);
	if (!diff->diverged) {
		snprintf(text, sizeof text, "*** no difference in %d step%s", diff->steps, diff->steps == 1 ? "" : "s");
		note(diff, LAYOUT_BOLD, out, text);
	}
	layout_free(&diff->one);
	layout_free(&diff->other);
}
