#include "match_span.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "match_program.h"

#define WORK_FREE 1000000 /* instructions that any text may cost */
#define WORK_PER_BYTE 20  /* and those for each of its bytes */

/* An instruction that may come next, and what counts of the match up to here: an end of 0 is not yet known. */
struct position {
	int at;
	struct match_span span;
};

struct positions {
	struct position *list;
	int count;
};

struct match_scan {
	const struct match_pattern *pattern;
	const char *text;
	size_t len, from, step, work, work_max;
	size_t *seen; /* the step in which an instruction was last put in */
	struct positions now, next, stack;
	bool words, first[256];
	bool found;
	struct match_span best;
};

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/* Whether a word goes on over this place. */
static bool inside_word(const struct match_scan *scan, size_t at)
{
	return at > 0 && at < scan->len && is_word(scan->text[at - 1]) && is_word(scan->text[at]);
}

static void put(struct positions *positions, int at, struct match_span span)
{
	positions->list[positions->count++] = (struct position){at, span};
}

static bool at_anchor(const struct match_scan *scan, enum op op, size_t place)
{
	if (op == OP_LINE_START)
		return place == 0 || scan->text[place - 1] == '\n';
	return op == OP_LINE_END && (place == scan->len || scan->text[place] == '\n');
}

static void found(struct match_scan *scan, struct match_span span, size_t place)
{
	span.end = span.end ? span.end : place;
	if (span.end <= span.start || (scan->words && inside_word(scan, place)))
		return;
	scan->found = true;
	scan->best = span;
}

/* Puts in an instruction and all that can be reached from it at this place of the text. Earlier ones come first. */
static void follow(struct match_scan *scan, int from, struct match_span span, size_t place)
{
	scan->stack.count = 0;
	put(&scan->stack, from, span);
	while (scan->stack.count > 0) {
		struct position top = scan->stack.list[--scan->stack.count];
		int at = top.at;
		scan->work++;
		if (scan->seen[at] == scan->step)
			continue;
		scan->seen[at] = scan->step;
		const struct instruction *code = &scan->pattern->code[at];
		if (code->op == OP_MARK)
			*(code->a ? &top.span.end : &top.span.start) = place;
		if (code->op == OP_SPLIT)
			put(&scan->stack, at + code->b, top.span);
		if (code->op == OP_SPLIT || code->op == OP_JUMP)
			put(&scan->stack, at + code->a, top.span);
		else if (code->op == OP_MARK || at_anchor(scan, code->op, place))
			put(&scan->stack, at + 1, top.span);
		else if (code->op < OP_LINE_START)
			put(&scan->next, at, top.span);
		else if (code->op == OP_FOUND)
			found(scan, top.span, place);
	}
}

static void turn(struct match_scan *scan)
{
	struct positions before = scan->now;
	scan->now = scan->next;
	scan->next = before;
	scan->next.count = 0;
	scan->step++;
}

/* The longest match that begins here: is there one? */
static bool try(struct match_scan *scan, size_t from)
{
	const char *at = scan->text + from, *end = scan->text + scan->len;
	scan->found = false;
	scan->next.count = 0;
	scan->step++;
	follow(scan, 0, (struct match_span){from, 0}, from);
	turn(scan);
	while (at < end && scan->now.count > 0 && scan->work <= scan->work_max) {
		int character = match_next_character(&at, end);
		if (scan->pattern->ignore_case)
			character = match_lower(character);
		scan->work += (size_t)scan->now.count;
		for (int i = 0; i < scan->now.count; i++)
			if (match_takes(scan->pattern, &scan->pattern->code[scan->now.list[i].at], character))
				follow(scan, scan->now.list[i].at + 1, scan->now.list[i].span, (size_t)(at - scan->text));
		turn(scan);
	}
	return scan->found;
}

/* The bytes with which a match can begin. What is no ASCII is not looked at closer, nor is an anchor. */
static void find_first(struct match_scan *scan)
{
	const struct match_pattern *pattern = scan->pattern;
	const struct match_span none = {0, 0};
	scan->step = 1;
	put(&scan->stack, 0, none);
	while (scan->stack.count > 0) {
		int at = scan->stack.list[--scan->stack.count].at;
		const struct instruction *code = &pattern->code[at];
		if (scan->seen[at] == scan->step)
			continue;
		scan->seen[at] = scan->step;
		if (code->op == OP_SPLIT)
			put(&scan->stack, at + code->b, none);
		if (code->op == OP_SPLIT || code->op == OP_JUMP)
			put(&scan->stack, at + code->a, none);
		else if (code->op == OP_MARK || code->op == OP_LINE_START || code->op == OP_LINE_END)
			put(&scan->stack, at + 1, none);
		for (int c = 0; c < 256 && code->op < OP_LINE_START; c++)
			scan->first[c] |=
			        c > 0x7f || match_takes(pattern, code, pattern->ignore_case ? match_lower(c) : c);
	}
}

struct match_scan *match_scan_new(const struct match_pattern *pattern, bool words)
{
	size_t count = (size_t)pattern->count;
	struct match_scan *scan = mem_alloc(1, sizeof *scan);
	*scan = (struct match_scan){.pattern = pattern, .words = words};
	scan->seen = mem_alloc(count, sizeof *scan->seen);
	scan->now.list = mem_alloc(count, sizeof *scan->now.list);
	scan->next.list = mem_alloc(count, sizeof *scan->next.list);
	/* An instruction is looked at once a step, and leaves at most two. */
	scan->stack.list = mem_alloc(2 * count + 1, sizeof *scan->stack.list);
	find_first(scan);
	return scan;
}

void match_scan_free(struct match_scan *scan)
{
	if (!scan)
		return;
	free(scan->seen);
	free(scan->now.list);
	free(scan->next.list);
	free(scan->stack.list);
	free(scan);
}

void match_scan_begin(struct match_scan *scan, const char *text, size_t len)
{
	scan->text = text;
	scan->len = len;
	scan->from = 0;
	scan->work = 0;
	scan->work_max = WORK_FREE + WORK_PER_BYTE * len;
}

/* The next place from at on where a match could begin; len: there is none. */
static size_t next_place(const struct match_scan *scan, size_t at)
{
	bool lines = scan->pattern->code[0].op == OP_LINE_START;
	for (; at < scan->len; at++) {
		const char *newline = lines && at > 0 ? memchr(scan->text + at - 1, '\n', scan->len - at + 1) : NULL;
		if (lines && at > 0 && !newline)
			return scan->len;
		if (newline)
			at = (size_t)(newline + 1 - scan->text);
		if (at == scan->len)
			break;
		unsigned char byte = (unsigned char)scan->text[at];
		/* It does not begin inside a character. */
		if (scan->first[byte] && (byte & 0xc0) != 0x80 && !(scan->words && inside_word(scan, at)))
			break;
	}
	return at;
}

bool match_scan_next(struct match_scan *scan, struct match_span *span)
{
	for (size_t at = scan->from; scan->work <= scan->work_max; at++) {
		at = next_place(scan, at);
		if (at == scan->len)
			break;
		if (!try(scan, at) || scan->best.start < scan->from)
			continue;
		*span = scan->best;
		scan->from = scan->best.end;
		return true;
	}
	scan->from = scan->len;
	return false;
}
