#include "match_program.h"

#include <stdlib.h>

#include "buf.h"
#include "match_pattern.h"
#include "text.h"

int match_next_character(const char **at, const char *end)
{
	unsigned char byte = (unsigned char)**at;
	size_t len = 1;
	unsigned character = byte < 0x80 ? byte : text_code(*at, (size_t)(end - *at), &len);
	if (character == 0xfffd && text_valid(*at, len) < len) {
		character = MATCH_ILL_FORMED + byte;
		len = 1;
	}
	*at += len;
	return (int)character;
}

int match_lower(int character)
{
	return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
}

/* The instructions that may come next, each once: seen[i] is the step in which i was last put in. */
struct positions {
	int *list;
	int count;
};

struct run {
	const struct match_pattern *pattern;
	struct positions now, next;
	size_t *seen, step, work;
	int *stack;
	bool line_start, line_end, found;
};

/* Puts in an instruction and all that can be reached from it without a character. */
static void follow(struct run *run, int from)
{
	int depth = 0;
	run->stack[depth++] = from;
	while (depth > 0) {
		int at = run->stack[--depth];
		run->work++;
		if (run->seen[at] == run->step)
			continue;
		run->seen[at] = run->step;
		const struct instruction *code = &run->pattern->code[at];
		if (code->op == OP_SPLIT)
			run->stack[depth++] = at + code->b;
		if (code->op == OP_SPLIT || code->op == OP_JUMP)
			run->stack[depth++] = at + code->a;
		else if (code->op == OP_LINE_START ? run->line_start
		         : code->op == OP_LINE_END ? run->line_end
		                                   : code->op == OP_MARK)
			run->stack[depth++] = at + 1;
		else if (code->op < OP_LINE_START)
			run->next.list[run->next.count++] = at;
		run->found = run->found || code->op == OP_FOUND;
	}
}

static bool in_ranges(const struct range *range, int count, int character)
{
	for (; count > 0; count--, range++)
		if (character >= range->low && character <= range->high)
			return true;
	return false;
}

static bool in_set(const struct match_pattern *pattern, const struct instruction *code, int character)
{
	const struct range *ranges = pattern->ranges + code->a;
	if (in_ranges(ranges, code->b, character))
		return true;
	/* character is in lower case already. */
	return pattern->ignore_case && character >= 'a' && character <= 'z' &&
	       in_ranges(ranges, code->b, character - ('a' - 'A'));
}

bool match_takes(const struct match_pattern *pattern, const struct instruction *code, int character)
{
	switch (code->op) {
	case OP_CHARACTER:
		return code->a == character;
	case OP_ANY:
		return character != '\n';
	case OP_SET:
		return in_set(pattern, code, character);
	default:
		return character != '\n' && !in_set(pattern, code, character);
	}
}

/* One character further: what follows each instruction that takes it, and a new start. */
static void advance(struct run *run, int character)
{
	struct positions before = run->now;
	if (run->pattern->ignore_case)
		character = match_lower(character);
	run->now = run->next;
	run->next = before;
	run->next.count = 0;
	run->work += (size_t)run->now.count;
	for (int i = 0; i < run->now.count; i++)
		if (match_takes(run->pattern, &run->pattern->code[run->now.list[i]], character))
			follow(run, run->now.list[i] + 1);
}

bool match_pattern_find(const struct match_pattern *pattern, const char *text, size_t len)
{
	size_t count = (size_t)pattern->count;
	struct run run = {.pattern = pattern, .step = 1, .line_start = true, .line_end = len == 0 || *text == '\n'};
	run.seen = mem_alloc(count, sizeof *run.seen);
	run.now.list = mem_alloc(count, sizeof *run.now.list);
	run.next.list = mem_alloc(count, sizeof *run.next.list);
	/* An instruction is looked at once a step, and leaves at most two. */
	run.stack = mem_alloc(2 * count + 1, sizeof *run.stack);
	follow(&run, 0);
	for (const char *at = text, *end = text + len; at < end && !run.found && run.work <= pattern->work_max;) {
		int character = match_next_character(&at, end);
		run.step++;
		run.line_start = character == '\n';
		run.line_end = at == end || *at == '\n';
		advance(&run, character);
		follow(&run, 0);
	}
	free(run.seen);
	free(run.now.list);
	free(run.next.list);
	free(run.stack);
	return run.found;
}
