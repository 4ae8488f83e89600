#include "layout.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "num.h"
#include "terminal.h"
#include "text.h"

#define TAB 8
#define LEAST 8 /* columns for text, however narrow the screen */

void layout_free(struct layout *layout)
{
	free(layout->lines);
	buf_free(&layout->text);
	*layout = (struct layout){0};
}

void layout_clear(struct layout *layout)
{
	layout->count = 0;
	buf_clear(&layout->text);
}

/* Columns of a character, in whatever locale we are: wcwidth() knows them only in one of UTF-8. */
static unsigned width_of(unsigned code)
{
	static locale_t unicode;
	static bool tried;
	if (code < 0x80)
		return 1;
	if (!tried)
		unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	tried = true;
	if (!unicode)
		return 1;
	locale_t before = uselocale(unicode);
	int width = wcwidth((wchar_t)code);
	uselocale(before);
	/* What it does not know may be newer than it is. */
	return width < 0 ? 1 : (unsigned)width;
}

/* Appends text that is safe already: tabs as spaces, line breaks as one. */
static void add_text(struct buf *out, const char *text, size_t len)
{
	unsigned column = 0;
	for (size_t size; len; text += size, len -= size) {
		unsigned code = text_code(text, len, &size);
		if (code == '\t') {
			unsigned more = TAB - column % TAB;
			buf_add(out, "        ", more);
			column += more;
		} else if (code == '\n') {
			buf_add_char(out, ' ');
			column++;
		} else {
			buf_add(out, text, size);
			column += width_of(code);
		}
	}
}

static void add_line(struct layout *layout, struct layout_line line, const char *text, size_t len)
{
	BUF_AUTO safe = {0};
	layout->lines = mem_grow(layout->lines, layout->count, sizeof *layout->lines);
	text_for_terminal(text, len, &safe);
	line.start = layout->text.len;
	add_text(&layout->text, buf_string(&safe), safe.len);
	line.len = layout->text.len - line.start;
	layout->lines[layout->count++] = line;
}

/* What is folded of a line is cut between characters. */
static void add_folded(struct layout *layout, struct layout_line line, const char *text, size_t len)
{
	if (!layout->fold || len <= LAYOUT_LONG) {
		add_line(layout, line, text, len);
		return;
	}
	size_t head = text_cut_end(text, LAYOUT_LONG / 2), tail = len - LAYOUT_LONG / 6;
	tail += text_cut_start(text + tail, len - tail);
	add_line(layout, line, text, head);
	layout_add_format(layout, LAYOUT_DIM, 2, "  ... %zu bytes of this line", tail - head);
	/* What is ours begins with what tells it from others', and so does its tail. */
	line.gutter = ':';
	add_line(layout, line, text + tail, len - tail);
}

void layout_add(struct layout *layout, enum layout_style style, unsigned indent, const char *text, size_t len)
{
	add_folded(layout, (struct layout_line){.style = style, .indent = indent}, text, len);
}

void layout_add_format_list(struct layout *layout, enum layout_style style, unsigned indent, const char *format,
                            va_list arguments)
{
	STRING_AUTO text = mem_format_list(format, arguments);
	layout_add(layout, style, indent, text, strlen(text));
}

void layout_add_format(struct layout *layout, enum layout_style style, unsigned indent, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	layout_add_format_list(layout, style, indent, format, arguments);
	va_end(arguments);
}

static size_t count_lines(const char *text, size_t len)
{
	size_t count = 0;
	for (const char *at = text, *end = text + len; at < end; count++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		at = newline ? newline + 1 : end;
	}
	return count;
}

void layout_add_block(struct layout *layout, enum layout_style style, char gutter, const char *text, size_t len)
{
	const size_t first = LAYOUT_FIRST, last = LAYOUT_LAST;
	size_t number = 0, count = layout->fold ? count_lines(text, len) : 0,
	       out = count > LAYOUT_FOLD ? count - first - last : 0;
	struct layout_line line = {.style = style, .gutter = gutter};
	for (const char *at = text, *end = text + len; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((newline ? newline : end) - at);
		if (!out || number < first || number >= first + out)
			add_folded(layout, line, at, size);
		else if (number == first)
			layout_add_format(layout, LAYOUT_DIM, 2, "  ... %zu lines", out);
		at = newline ? newline + 1 : end;
	}
}

unsigned layout_screen(void)
{
	const char *said = getenv("COLUMNS");
	unsigned columns, rows;
	uint64_t width;
	terminal_size(&columns, &rows);
	if (said && num_parse(said, 1, 10000, &width) == 0)
		columns = (unsigned)width;
	return columns < 20 ? 20 : columns;
}

/* --- rows --------------------------------------------------------------- */

static unsigned add_margin(const struct layout_line *line, bool first, unsigned width, struct buf *out)
{
	if (line->gutter) {
		buf_add_char(out, first ? line->gutter : ':');
		buf_add_char(out, ' ');
		return 2;
	}
	unsigned indent = first ? 0 : line->indent < width / 3 ? line->indent : width / 3;
	buf_add_format(out, "%*s", (int)indent, "");
	return indent;
}

bool layout_row(const struct layout *layout, size_t number, size_t *at, unsigned width, struct buf *out, unsigned *columns)
{
	const struct layout_line *line = &layout->lines[number];
	const char *text = buf_string(&layout->text) + line->start;
	if (*at && *at >= line->len)
		return false;
	unsigned used = add_margin(line, *at == 0, width, out), at_blank = 0;
	unsigned most = width > used + LEAST ? width : used + LEAST;
	size_t start = *at, end = start, blank = 0;
	for (size_t size; end < line->len; end += size) {
		unsigned code = text_code(text + end, line->len - end, &size), more = width_of(code);
		if (used + more > most && end > start)
			break;
		used += more;
		if (code == ' ' && used > most / 2) {
			blank = end + size;
			at_blank = used;
		}
	}
	/* Rather after a blank, but for output, which is told as it is. */
	if (end < line->len && blank && (!line->gutter || line->gutter == LAYOUT_PROSE)) {
		end = blank;
		used = at_blank;
	}
	buf_add(out, text + start, end - start);
	*at = end ? end : 1;
	*columns = used;
	return true;
}

size_t layout_fit(const char *text, size_t len, unsigned width, unsigned *columns)
{
	size_t at = 0;
	*columns = 0;
	for (size_t size; at < len; at += size) {
		unsigned more = width_of(text_code(text + at, len - at, &size));
		if (*columns + more > width)
			break;
		*columns += more;
	}
	return at;
}

const char *layout_style_on(enum layout_style style)
{
	static const char *const sequences[] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[32m"};
	return sequences[style];
}

void layout_print(const struct layout *layout, size_t from, size_t to, unsigned width, bool colour, struct buf *out)
{
	for (size_t i = from; i < to; i++) {
		bool styled = colour && layout->lines[i].style != LAYOUT_PLAIN;
		size_t at = 0;
		for (unsigned columns;; buf_add_char(out, '\n')) {
			size_t mark = out->len;
			if (styled)
				buf_add_string(out, layout_style_on(layout->lines[i].style));
			if (!layout_row(layout, i, &at, width, out, &columns)) {
				buf_cut(out, mark);
				break;
			}
			buf_trim_end(out, mark, ' ');
			if (styled)
				buf_add_string(out, LAYOUT_STYLE_OFF);
		}
	}
}

bool layout_same(const struct layout *a, size_t i, const struct layout *b, size_t j)
{
	const struct layout_line *one = &a->lines[i], *other = &b->lines[j];
	return one->gutter == other->gutter && one->len == other->len &&
	       !memcmp(buf_string(&a->text) + one->start, buf_string(&b->text) + other->start, one->len);
}
