#include "normalise_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Where the escape sequence that begins at ESC ends. One that is cut short ends with the text. */
static size_t sequence_end(const char *text, size_t at, size_t len)
{
	if (++at == len)
		return at;
	char kind = text[at++];
	if (kind == '[') {
		while (at < len && (unsigned char)text[at] >= 0x20 && (unsigned char)text[at] < 0x40)
			at++;
		return at < len && (unsigned char)text[at] < 0x7f ? at + 1 : at;
	}
	if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
		/* A string, up to BEL or ESC \. A line that has neither is not swallowed. */
		while (at < len && text[at] != '\a' && text[at] != '\033' && text[at] != '\n')
			at++;
		if (at + 1 < len && text[at] == '\033' && text[at + 1] == '\\')
			return at + 2;
		return at < len && text[at] == '\a' ? at + 1 : at;
	}
	/* ESC, intermediate bytes, a final one; what is none of these stays. */
	for (at--; at < len && text[at] >= 0x20 && text[at] < 0x30;)
		at++;
	return at < len && text[at] >= 0x30 && text[at] < 0x7f ? at + 1 : at;
}

void normalise_ansi(const char *text, size_t len, struct buf *out)
{
	for (size_t at = 0; at < len;) {
		const char *escape = memchr(text + at, '\033', len - at);
		size_t plain = escape ? (size_t)(escape - text) : len;
		buf_add(out, text + at, plain - at);
		at = plain < len ? sequence_end(text, plain, len) : len;
	}
}

/* The next line from *at on, without what ends it; *ended: by a newline. false: there is none. */
static bool next_line(const char *text, size_t len, size_t *at, const char **line, size_t *line_len, bool *ended)
{
	if (*at >= len)
		return false;
	const char *newline = memchr(text + *at, '\n', len - *at);
	*line = text + *at;
	*line_len = newline ? (size_t)(newline - *line) : len - *at;
	*ended = newline != NULL;
	*at += *line_len + *ended;
	return true;
}

void normalise_progress(const char *text, size_t len, struct buf *out)
{
	const char *line;
	size_t at = 0, line_len;
	for (bool ended; next_line(text, len, &at, &line, &line_len, &ended);) {
		while (line_len > 0 && line[line_len - 1] == '\r')
			line_len--;
		const char *last = line_len ? memrchr(line, '\r', line_len) : NULL;
		size_t skip = last ? (size_t)(last + 1 - line) : 0;
		buf_add(out, line + skip, line_len - skip);
		if (ended)
			buf_add_char(out, '\n');
	}
}

void normalise_trailing(const char *text, size_t len, struct buf *out)
{
	const char *line;
	size_t at = 0, line_len, start = out->len;
	for (bool ended; next_line(text, len, &at, &line, &line_len, &ended);) {
		while (line_len > 0 && strchr(" \t\r\v\f", line[line_len - 1]) && line[line_len - 1])
			line_len--;
		buf_add(out, line, line_len);
		if (ended)
			buf_add_char(out, '\n');
	}
	buf_trim_end(out, start, '\n');
}

/* Where in a line the number of a message begins: behind a last "line "; and what comes behind it. */
static bool is_message(const char *line, size_t len, const char *message, size_t *name, size_t *rest)
{
	static const char before[] = ": line ";
	const char *at = line;
	for (const char *next; (next = memmem(at, (size_t)(line + len - at), before, strlen(before)));) {
		const char *digits = at = next + strlen(before);
		while (at < line + len && *at >= '0' && *at <= '9')
			at++;
		if (at == digits || (size_t)(line + len - at) < strlen(message) || memcmp(at, message, strlen(message)) != 0)
			continue;
		*name = (size_t)(next - line);
		*rest = (size_t)(at - line);
		return *name > 0;
	}
	return false;
}

/* Up to version 5.1 bash says in a second message that this was the end. */
static bool says_end(const char *line, size_t len, const char *of, size_t of_len)
{
	static const char message[] = ": syntax error: unexpected end of file";
	size_t name, rest;
	return is_message(line, len, message, &name, &rest) && rest + strlen(message) == len && name == of_len &&
	       !memcmp(line, of, name);
}

void normalise_unfinished(const char *text, size_t len, struct buf *out)
{
	static const char message[] = ": unexpected EOF while looking for matching `";
	const char *line, *after;
	size_t at = 0, line_len, after_len, name, rest;
	for (bool ended, more; next_line(text, len, &at, &line, &line_len, &ended);) {
		size_t next = at;
		if (!is_message(line, line_len, message, &name, &rest)) {
			buf_add(out, line, line_len);
		} else {
			buf_add(out, line, name);
			buf_add_string(out, ": <unfinished>");
			buf_add(out, line + rest, line_len - rest);
			if (next_line(text, len, &next, &after, &after_len, &more) &&
			    says_end(after, after_len, line, name)) {
				at = next;
				ended = more;
			}
		}
		if (ended)
			buf_add_char(out, '\n');
	}
}

struct line {
	const char *text;
	size_t len;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *one = a, *other = b;
	return text_order(one->text, one->len, other->text, other->len);
}

void normalise_order(const char *text, size_t len, struct buf *out)
{
	size_t at = 0, count = 0, size = 2;
	for (size_t i = 0; i < len; i++)
		size += text[i] == '\n';
	struct line *lines = mem_alloc(size, sizeof *lines);
	for (bool ended; next_line(text, len, &at, &lines[count].text, &lines[count].len, &ended);)
		count++;
	qsort(lines, count, sizeof *lines, compare_lines);
	for (size_t i = 0; i < count; i++) {
		buf_add(out, lines[i].text, lines[i].len);
		buf_add_char(out, '\n');
	}
	free(lines);
}
