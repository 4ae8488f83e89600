/*
 * Only what is known to draw is let through, so that what a terminal may have
 * besides need not be known. What that leaves out, and why:
 *
 *   OSC (ESC ]), also 4, 10 to 19   answered when they ask for a colour or the title; 52 reads and writes the clipboard;
 *                                   7, 8, 9, 777, 1337: folders, links, messages, files; 0 to 2 rename the window
 *   DCS (ESC P)                     DECRQSS, XTGETTCAP are answered with what was asked; DECUDK programs keys; sixel;
 *                                   tmux and screen hand the rest on to the terminal outside, past any filter
 *   APC, PM, SOS, ESC k             strings for other programs: kitty's files and shared memory, tmux's titles
 *   CSI c, n, x, $p, *y, ?u, >q     device attributes, DSR, DECREQTPARM, DECRQM, DECRQCRA, kitty's keys, XTVERSION:
 *                                   answered
 *   CSI t                           reports size, place and title (typed as given); moves and closes the window
 *   CSI i                           prints, and copies the screen to the printer
 *   CSI u, m behind < > = ?         change what keys send from then on
 *   CSI T with five parameters      mouse highlighting: xterm waits for an answer
 *   CSI 3 J                         erases what was on the screen before
 *   CSI h, l of other modes         132 columns, places within the scrolling region, reports of the focus, modes that
 *                                   only some terminals have
 *   ESC c, ESC % ..., ESC Z, ENQ    reset everything; leave UTF-8, which makes bytes controls; are answered
 *   XON, XOFF, NUL, DEL             stop the terminal, or fill time
 *   C1 (U+0080 to U+009F)           each is an ESC of its own
 *
 * The states are those of P. Williams' parser of ANSI-compatible terminals
 * (vt100.net/emu/dec_ansi_parser), with all strings as one.
 */
#include "drawing.h"

#include <string.h>

#include "text.h"

enum { ESC = 0x1b, CAN = 0x18, SUB = 0x1a, DEL = 0x7f };
enum state { GROUND, ESCAPE, ONE_MORE, CONTROL, STRING };

#define DIGITS_MAX 4 /* of a parameter: more rows, or repetitions, than any screen has */

/* Of sequences that begin with ESC [: those that draw. prefix, intermediate: 0 for none. */
static const struct {
	const char *finals;
	char prefix, intermediate;
	int parameters; /* at most */
} drawn[] = {
        {"@ABCDEFGILMPSTXZ`abdeg", 0, 0, 1}, /* insert, delete, move, scroll, erase, tabs, repeat */
        {"HfJKr", 0, 0, 2},                  /* place, erase, scrolling region */
        {"m", 0, 0, 32},                     /* colours */
        {"su", 0, 0, 0},                     /* save and restore the place */
        {"hl", 0, 0, 16},                    /* modes */
        {"hl", '?', 0, 16},                  /* private modes */
        {"JK", '?', 0, 1},                   /* selective erase */
        {"q", 0, ' ', 1},                    /* shape of the cursor */
        {"p", 0, '!', 0},                    /* soft reset */
};

/* Modes that draw, or say what keys, the mouse and pasted text send to the program; DRAWING_END has those to be undone. */
static bool is_mode(char prefix, unsigned mode)
{
	/* Cursor keys, reverse, wrap, blinking and visible cursor, the other screen, keypad, mouse, pasting, drawing at
	 * once. */
	static const unsigned modes[] = {1, 5, 7, 12, 25, 47, 66, 1000, 1002, 1006, 1047, 1048, 1049, 2004, 2026};
	if (!prefix)
		return mode == 4; /* insert */
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (modes[i] == mode)
			return true;
	return false;
}

/* Those of the modes that may be set, as one sequence. */
static void add_modes(const char *held, size_t len, char prefix, char final, struct buf *out)
{
	bool begun = false;
	for (size_t at = prefix != 0; at < len; at++) {
		unsigned mode = 0;
		size_t from = at;
		for (; at < len && held[at] >= '0' && held[at] <= '9'; at++)
			mode = mode * 10 + (unsigned)(held[at] - '0');
		if (at == from || !is_mode(prefix, mode))
			continue;
		buf_add_string(out, begun ? ";" : prefix ? "\033[?" : "\033[");
		buf_add_format(out, "%u", mode);
		begun = true;
	}
	if (begun)
		buf_add_char(out, final);
}

/* Whether parameters are numbers that are not too long, and how many there are; -1: they are not. */
static int count_parameters(const char *at, size_t len, bool colours)
{
	int count = len > 0, digits = 0;
	for (size_t i = 0; i < len; i++) {
		bool digit = at[i] >= '0' && at[i] <= '9';
		digits = digit ? digits + 1 : 0;
		count += at[i] == ';';
		if (digits > DIGITS_MAX || (!digit && at[i] != ';' && !(colours && at[i] == ':')))
			return -1;
	}
	return count;
}

static bool is_drawn(const char *held, size_t len, char prefix, char final)
{
	size_t from = prefix != 0, end = len;
	char intermediate = 0;
	if (end > from && held[end - 1] >= 0x20 && held[end - 1] <= 0x2f)
		intermediate = held[--end];
	int count = count_parameters(held + from, end - from, final == 'm');
	/* What was on the screen before is its owner's. */
	if (final == 'J' && memchr(held + from, '3', end - from))
		return false;
	for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
		if (strchr(drawn[i].finals, final) && drawn[i].prefix == prefix && drawn[i].intermediate == intermediate)
			return count >= 0 && count <= drawn[i].parameters;
	return false;
}

static void end_control(const struct drawing *drawing, char final, struct buf *out)
{
	const char *held = drawing->held;
	char prefix = drawing->len > 0 && held[0] >= '<' && held[0] <= '?' ? held[0] : 0;
	if (drawing->too_long || !is_drawn(held, drawing->len, prefix, final))
		return;
	if (final == 'h' || final == 'l') {
		add_modes(held, drawing->len, prefix, final, out);
		return;
	}
	buf_add_string(out, "\033[");
	buf_add(out, held, drawing->len);
	buf_add_char(out, final);
}

static void take_control(struct drawing *drawing, char c, struct buf *out)
{
	if (c >= 0x40) {
		end_control(drawing, c, out);
		drawing->state = GROUND;
	} else if (drawing->len < sizeof drawing->held) {
		drawing->held[drawing->len++] = c;
	} else {
		drawing->too_long = true;
	}
}

/* The byte behind ESC. */
static void take_escape(struct drawing *drawing, char c, struct buf *out)
{
	drawing->state = GROUND;
	if (c == '[') {
		drawing->state = CONTROL;
		drawing->len = 0;
		drawing->too_long = false;
	} else if (strchr("]PX^_k", c)) {
		drawing->state = STRING;
	} else if (c <= 0x2f) {
		drawing->state = ONE_MORE;
		drawing->introduced = c;
	} else if (strchr("78DEHM=>", c)) {
		buf_add_char(out, ESC);
		buf_add_char(out, c);
	}
}

/* A character set for G0 or G1: ASCII, lines, British; ESC # 8, which fills the screen. */
static void take_one_more(struct drawing *drawing, char c, struct buf *out)
{
	char first = drawing->introduced;
	if (c <= 0x2f) {
		drawing->introduced = 0; /* longer ones: none of them */
		return;
	}
	drawing->state = GROUND;
	if (first && (strchr("()", first) ? strchr("0AB", c) != NULL : first == '#' && c == '8')) {
		buf_add_char(out, ESC);
		buf_add_char(out, first);
		buf_add_char(out, c);
	}
}

/* Bytes of characters beyond ASCII. */
static void take_byte(struct drawing *drawing, char c, struct buf *out)
{
	size_t size;
	drawing->part[drawing->bytes++] = c;
	if (text_cut_end(drawing->part, drawing->bytes) == 0)
		return; /* the beginning of one */
	unsigned code = text_code(drawing->part, drawing->bytes, &size);
	bool whole = size == drawing->bytes && text_valid(drawing->part, size) == size;
	bool lead = !whole && drawing->bytes > 1 && (unsigned char)c >= 0xc0;
	if (!whole)
		buf_add_string(out, TEXT_REPLACEMENT);
	else if (code > 0x9f)
		buf_add(out, drawing->part, size);
	drawing->bytes = 0;
	/* What did not go on began anew. */
	if (lead)
		take_byte(drawing, c, out);
}

static void take(struct drawing *drawing, char c, struct buf *out)
{
	unsigned char byte = (unsigned char)c;
	if (byte >= 0x80) {
		/* In a string it is its text; within a sequence that is an end of it. */
		if (drawing->state == STRING)
			return;
		drawing->state = GROUND;
		take_byte(drawing, c, out);
		return;
	}
	if (drawing->bytes > 0)
		buf_add_string(out, TEXT_REPLACEMENT);
	drawing->bytes = 0;
	if (c == ESC)
		drawing->state = ESCAPE;
	else if (c == CAN || c == SUB || (c == '\a' && drawing->state == STRING))
		drawing->state = GROUND;
	else if (drawing->state == STRING || c == DEL || c == '\0')
		return;
	else if (byte < 0x20 && !strchr("\a\b\t\n\v\f\r\016\017", c))
		return;
	else if (byte < 0x20 || drawing->state == GROUND)
		buf_add_char(out, c); /* within a sequence a terminal does so too */
	else if (drawing->state == ESCAPE)
		take_escape(drawing, c, out);
	else if (drawing->state == ONE_MORE)
		take_one_more(drawing, c, out);
	else
		take_control(drawing, c, out);
}

void drawing_filter(struct drawing *drawing, const char *data, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		take(drawing, data[i], out);
}
