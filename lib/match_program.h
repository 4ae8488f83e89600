#ifndef PIPEGYM_MATCH_PROGRAM_H
#define PIPEGYM_MATCH_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/* What match_pattern.c makes of a pattern and match_program.c runs. */
#define MATCH_ILL_FORMED 0x110000 /* no character of Unicode */
#define MATCH_WORK_MAX 2000000000 /* instructions looked at for one text: some 10 seconds */

/*
 * The program. Jumps are relative, so that a fragment can be moved and copied
 * as it stands; "x*", say, is made by inserting a SPLIT before the code of x
 * and adding a JUMP behind it.
 */
enum op { OP_CHARACTER, OP_ANY, OP_SET, OP_NOT_SET, OP_LINE_START, OP_LINE_END, OP_SPLIT, OP_JUMP, OP_MARK, OP_FOUND };

struct instruction {
	enum op op;
	int a, b; /* CHARACTER: a. SETs: a of ranges, b of them. SPLIT: goes to both. JUMP: to a. MARK: what counts begins (0), ends (1) */
};

struct range {
	int low, high;
};

struct match_pattern {
	struct instruction *code;
	int size, count; /* size: room */
	struct range *ranges;
	int range_count;
	bool ignore_case;
	size_t work_max;
};

/* Whether an instruction that takes characters takes this one; in lower case if the pattern ignores case. */
bool match_takes(const struct match_pattern *pattern, const struct instruction *code, int character);
/* The character at *at, which goes on to the next; MATCH_ILL_FORMED plus the byte where it is none. */
int match_next_character(const char **at, const char *end);
/* Of ASCII. */
int match_lower(int character);

#endif
