#include "text.h"

#include <stdint.h>
#include <string.h>

#define RUN 32 /* bytes that are looked at together */

size_t text_mark(const char *text, size_t len)
{
	return len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* Whether all of RUN bytes are ASCII. */
static bool is_ascii(const char *text)
{
	uint64_t words[RUN / 8];
	memcpy(words, text, sizeof words);
	return !((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080));
}

/*
 * Looks at the character that starts at text. Returns its length when it is
 * well formed; else 0, and *bad is the length of the maximal subpart: as many
 * bytes as start a well-formed character, at least one (Unicode 15, table 3-7).
 */
static size_t character(const char *text, size_t len, size_t *bad)
{
	const unsigned char *byte = (const unsigned char *)text;
	unsigned char lead = byte[0], low = 0x80, high = 0xbf;
	size_t need;
	*bad = 1;
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	if (lead < 0xe0) {
		need = 2;
	} else if (lead < 0xf0) {
		need = 3;
		if (lead == 0xe0)
			low = 0xa0; /* shorter forms exist */
		else if (lead == 0xed)
			high = 0x9f; /* surrogates */
	} else {
		need = 4;
		if (lead == 0xf0)
			low = 0x90;
		else if (lead == 0xf4)
			high = 0x8f; /* beyond U+10FFFF */
	}
	for (size_t i = 1; i < need; i++, low = 0x80, high = 0xbf) {
		if (i == len || byte[i] < low || byte[i] > high) {
			*bad = i;
			return 0;
		}
	}
	return need;
}

size_t text_valid(const char *text, size_t len)
{
	size_t at = 0, bad;
	while (at < len) {
		while (len - at >= RUN && is_ascii(text + at))
			at += RUN;
		/* Then as far as what is not ASCII may be. */
		for (size_t end = len - at < RUN ? len : at + RUN; at < end;) {
			size_t size = character(text + at, len - at, &bad);
			if (!size)
				return at;
			at += size;
		}
	}
	return len;
}

bool text_repair(const char *text, size_t len, struct buf *out)
{
	bool replaced = false;
	buf_reserve(out, len);
	while (len) {
		size_t good = text_valid(text, len), bad;
		buf_add(out, text, good);
		if (good == len)
			break;
		character(text + good, len - good, &bad);
		buf_add_string(out, TEXT_REPLACEMENT);
		replaced = true;
		text += good + bad;
		len -= good + bad;
	}
	return replaced;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void text_add_cut(unsigned long long bytes, struct buf *out)
{
	buf_add_format(out, "\n[... %llu bytes cut ...]\n", bytes);
}

size_t text_cut_end(const char *text, size_t len)
{
	size_t start = len;
	while (start && len - start < 3 && is_continuation(text[start - 1]))
		start--;
	if (!start)
		return len;
	start--; /* the last byte that may lead a character */
	size_t bad, have = len - start;
	/* Cut inside a character: all that there is starts one, and it ends too early. */
	if (!character(text + start, have, &bad) && bad == have && (unsigned char)text[start] >= 0xc2 &&
	    (unsigned char)text[start] <= 0xf4)
		return start;
	return len;
}

size_t text_cut_start(const char *text, size_t len)
{
	size_t n = 0;
	while (n < len && n < 3 && is_continuation(text[n]))
		n++;
	return n;
}

unsigned text_code(const char *text, size_t len, size_t *size)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const unsigned char *byte = (const unsigned char *)text;
	size_t bad, count = character(text, len, &bad);
	*size = count ? count : bad;
	if (!count)
		return 0xfffd;
	unsigned code = byte[0] & masks[count];
	for (size_t i = 1; i < count; i++)
		code = code << 6 | (byte[i] & 0x3f);
	return code;
}

void text_add_code(unsigned code, struct buf *out)
{
	char bytes[4];
	int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
	bytes[0] = (char)(leads[more] | code >> 6 * more);
	for (int i = 1; i <= more; i++)
		bytes[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3f));
	buf_add(out, bytes, (size_t)more + 1);
}

int text_order(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return order ? order : (a_len > b_len) - (a_len < b_len);
}

void text_add_lower(const char *text, size_t len, struct buf *out)
{
	size_t start = out->len;
	buf_add(out, text, len);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] >= 'A' && out->data[i] <= 'Z')
			out->data[i] = (char)(out->data[i] + ('a' - 'A'));
}

/* What changes the order of other characters, or cannot be seen itself: what Unicode 15 calls default ignorable (marks,
 * embeddings, overrides and isolates of direction, fillers, tags and variation selectors, which spell a hidden text), separators
 * of lines, annotations. Joiners and the first variation selectors stay: scripts and emoji need them. In ascending order. */
static bool is_deceptive(unsigned code)
{
	static const struct {
		unsigned first, last;
	} ranges[] = {
	        {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
	        {0x180b, 0x180f},   {0x200b, 0x200b},   {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
	        {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
	        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};
	size_t i = 0;
	while (i < sizeof ranges / sizeof *ranges && code > ranges[i].last)
		i++;
	return i < sizeof ranges / sizeof *ranges && code >= ranges[i].first;
}

void text_for_terminal(const char *text, size_t len, struct buf *out)
{
	buf_reserve(out, len);
	while (len) {
		size_t size;
		unsigned code = text_code(text, len, &size);
		if (code == 0xfffd) {
			buf_add_string(out, TEXT_REPLACEMENT);
		} else if (code == 0x7f) {
			buf_add_string(out, "^?");
		} else if (code < 0x20 && code != '\n' && code != '\t') {
			buf_add_char(out, '^');
			buf_add_char(out, (char)(code + '@'));
		} else if (code >= 0x80 && code < 0xa0) {
			buf_add_format(out, "\\x%02x", code);
		} else if (is_deceptive(code)) {
			buf_add_format(out, "\\u{%x}", code);
		} else {
			buf_add(out, text, size);
		}
		text += size;
		len -= size;
	}
}

bool text_is_plain(const char *text, size_t len)
{
	BUF_AUTO shown = {0};
	text_for_terminal(text, len, &shown);
	return shown.len == len && !memcmp(buf_string(&shown), text, len);
}

void text_for_line(const char *text, size_t len, struct buf *out)
{
	size_t at = out->len;
	text_for_terminal(text, len, out);
	for (; at < out->len; at++)
		if (out->data[at] == '\n' || out->data[at] == '\t')
			out->data[at] = ' ';
}

size_t text_count(const char *text, size_t len)
{
	size_t count = 0;
	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

const char *text_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}
