#include "diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define CONTEXT 2
#define LINES_MAX 100  /* of each text that are compared */
#define LINE_SHOWN 200 /* bytes */
#define SHOWN_MAX 24   /* lines */

struct line {
	const char *text;
	size_t len;
	bool ended; /* by a newline */
};

struct side {
	const char *text;
	size_t len;
	struct line line[LINES_MAX];
	size_t count;
	bool cut;
};

static bool same(const struct line *a, const struct line *b)
{
	return a->len == b->len && a->ended == b->ended && !memcmp(a->text, b->text, a->len);
}

/* Where the line ends that begins at this place, its newline included. */
static size_t line_end(const struct side *side, size_t at)
{
	const char *newline = memchr(side->text + at, '\n', side->len - at);
	return newline ? (size_t)(newline + 1 - side->text) : side->len;
}

static struct line line_at(const struct side *side, size_t at)
{
	size_t end = line_end(side, at);
	bool ended = end > at && side->text[end - 1] == '\n';
	return (struct line){side->text + at, end - at - ended, ended};
}

/* Lines from a place on, up to another. */
static void take_lines(struct side *side, size_t from, size_t to, size_t max)
{
	side->count = 0;
	while (from < to && side->count < max) {
		side->line[side->count++] = line_at(side, from);
		from = line_end(side, from);
	}
	side->cut = from < to;
}

/* The beginning of the line n lines before the one that begins at this place, or as many as there are. */
static size_t back(const struct side *side, size_t at, int n)
{
	while (n-- > 0 && at > 0)
		for (at--; at > 0 && side->text[at - 1] != '\n';)
			at--;
	return at;
}

static size_t common_start(const struct side *a, const struct side *b)
{
	size_t at = 0, least = a->len < b->len ? a->len : b->len;
	while (at < least && a->text[at] == b->text[at])
		at++;
	/* Of a line all must be equal. */
	if (at == a->len && at == b->len)
		return at;
	while (at > 0 && a->text[at - 1] != '\n')
		at--;
	return at;
}

/* Bytes of whole lines that both end with, not counting the first `from`. */
static size_t common_end(const struct side *a, const struct side *b, size_t from)
{
	size_t n = 0, least = (a->len < b->len ? a->len : b->len) - from;
	while (n < least && a->text[a->len - n - 1] == b->text[b->len - n - 1])
		n++;
	while (n > 0 &&
	       ((a->len > n && a->text[a->len - n - 1] != '\n') || (b->len > n && b->text[b->len - n - 1] != '\n')))
		n--;
	return n;
}

struct printer {
	struct buf *out;
	int lines;
	bool cut;
};

static void print(struct printer *printer, char mark, const struct line *line)
{
	if (printer->lines++ >= SHOWN_MAX) {
		printer->cut = true;
		return;
	}
	size_t len = line->len > LINE_SHOWN ? text_cut_end(line->text, LINE_SHOWN) : line->len;
	buf_add_char(printer->out, mark);
	buf_add(printer->out, line->text, len);
	buf_add_string(printer->out, len < line->len ? "...\n" : "\n");
}

/* The lines of both in the order of a longest common subsequence (Wagner and Fischer). */
static void print_lines(struct printer *printer, const struct side *a, const struct side *b)
{
	static const size_t width = LINES_MAX + 1;
	uint8_t *longest = mem_alloc(width * width, 1); /* of the lines from here on */
	for (size_t i = a->count; i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			uint8_t down = longest[(i + 1) * width + j], right = longest[i * width + j + 1];
			longest[i * width + j] = same(&a->line[i], &b->line[j])
			                                 ? (uint8_t)(longest[(i + 1) * width + j + 1] + 1)
			                         : down > right ? down
			                                        : right;
		}
	size_t i = 0, j = 0;
	while (i < a->count || j < b->count) {
		if (i < a->count && j < b->count && same(&a->line[i], &b->line[j])) {
			print(printer, ' ', &a->line[i++]);
			j++;
		} else if (j == b->count || (i < a->count && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
			print(printer, '-', &a->line[i++]);
		} else {
			print(printer, '+', &b->line[j++]);
		}
	}
	free(longest);
}

static void print_context(struct printer *printer, const struct side *side, size_t from, size_t to)
{
	struct side context = *side;
	take_lines(&context, from, to, CONTEXT);
	for (size_t i = 0; i < context.count; i++)
		print(printer, ' ', &context.line[i]);
}

void diff_unified(const char *a, size_t a_len, const char *b, size_t b_len, struct buf *out)
{
	struct side sides[2] = {{.text = a, .len = a_len}, {.text = b, .len = b_len}};
	struct printer printer = {.out = out};
	size_t start = common_start(&sides[0], &sides[1]);
	if (start == a_len && start == b_len)
		return;
	size_t end = common_end(&sides[0], &sides[1], start);
	for (size_t i = 0; i < 2; i++)
		take_lines(&sides[i], start, sides[i].len - end, LINES_MAX);
	size_t line = 1;
	for (size_t at = 0; at < start; at++)
		line += a[at] == '\n';
	buf_add_format(out, "@@ line %zu @@\n", line);
	print_context(&printer, &sides[0], back(&sides[0], start, CONTEXT), start);
	print_lines(&printer, &sides[0], &sides[1]);
	if (sides[0].cut || sides[1].cut || printer.cut)
		buf_add_string(out, "\\ more was left out\n");
	else
		print_context(&printer, &sides[0], a_len - end, a_len);
}
