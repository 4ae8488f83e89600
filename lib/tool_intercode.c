#include "tool_intercode.h"

#include <stdbool.h>
#include <string.h>

/* Where the quoted part that begins behind `at` ends, its text appended to word; 0: it does not end. */
static size_t take_quoted(const char *text, size_t at, size_t len, struct buf *word)
{
	char quote = text[at];
	for (at++; at < len && text[at] != quote; at++) {
		/* Between double quotes a backslash is for those and itself. */
		if (quote == '"' && text[at] == '\\' && at + 1 < len && strchr("\"\\", text[at + 1]))
			at++;
		buf_add_char(word, text[at]);
	}
	return at < len ? at : 0;
}

/* shlex.split(): appends each word, quoted and with a blank before it. */
static int split(const char *text, size_t len, struct buf *out)
{
	BUF_AUTO word = {0};
	bool inside = false;
	for (size_t at = 0; at <= len; at++) {
		if (at == len || strchr(" \t\r\n", text[at])) {
			if (inside) {
				buf_add_char(out, ' ');
				buf_add_quoted(out, buf_string(&word), word.len);
			}
			inside = false;
			buf_clear(&word);
			continue;
		}
		inside = true;
		if (text[at] == '\'' || text[at] == '"') {
			at = take_quoted(text, at, len, &word);
			if (at == 0)
				return -1;
		} else if (text[at] == '\\') {
			if (++at == len)
				return -1;
			buf_add_char(&word, text[at]);
		} else {
			buf_add_char(&word, text[at]);
		}
	}
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int tool_intercode(const char *action, size_t len, struct buf *out)
{
	BUF_AUTO line = {0};
	const char *target = NULL;
	while (len > 0 && is_space(action[len - 1]))
		len--;
	while (len > 0 && is_space(*action)) {
		action++;
		len--;
	}
	if (len > 2 && !strncmp(action, "cd", 2))
		target = memmem(action, len, "cd ", 3);
	buf_add_string(&line, "/bin/bash -c \"");
	if (target) {
		target += 3;
		buf_add_string(&line, "cd ");
	}
	const char *rest = target ? target : action;
	while (rest < action + len && is_space(*rest))
		rest++;
	size_t rest_len = (size_t)(action + len - rest);
	buf_add(&line, rest, rest_len);
	buf_add_char(&line, '"');
	buf_add_string(out, "[[ ${__intercode-} ]] || { __intercode=1; builtin cd /; }; ( exec");
	if (split(line.data, line.len, out) < 0)
		return -1;
	buf_add_string(out, " )");
	if (target) {
		buf_add_string(out, " && { builtin cd -- ");
		buf_add_quoted(out, rest, rest_len);
		buf_add_string(out, " 2>/dev/null || true; }");
	}
	return 0;
}
