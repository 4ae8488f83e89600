#include "match_pattern.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "match_program.h"

#define PATTERN_MAX 4096 /* bytes */
#define PROGRAM_MAX 5000 /* instructions */
#define DEPTH_MAX 100    /* groups in each other */
#define REPEAT_MAX 1000

struct parser {
	struct match_pattern *pattern;
	const char *at, *start, *end;
	int depth;
	struct err *err;
};

static int fail(struct parser *parser, const char *reason)
{
	return err_set(parser->err, ERR_INPUT, "byte %zu: %s", (size_t)(parser->at - parser->start) + 1, reason);
}

static bool more(const struct parser *parser)
{
	return parser->at < parser->end;
}

/* Makes room for n instructions at a place, moving what is behind it. */
static int insert(struct parser *parser, int place, int n)
{
	struct match_pattern *pattern = parser->pattern;
	if (pattern->count + n > PROGRAM_MAX)
		return fail(parser, "the pattern is too large");
	if (pattern->count + n > pattern->size) {
		pattern->size = 2 * (pattern->count + n);
		pattern->code = realloc(pattern->code, (size_t)pattern->size * sizeof *pattern->code);
		if (!pattern->code)
			abort(); /* out of memory, as in buf.h */
	}
	struct instruction *from = pattern->code + place;
	memmove(from + n, from, (size_t)(pattern->count - place) * sizeof *from);
	pattern->count += n;
	return 0;
}

static int put(struct parser *parser, int place, enum op op, int a, int b)
{
	if (insert(parser, place, 1) < 0)
		return -1;
	parser->pattern->code[place] = (struct instruction){op, a, b};
	return 0;
}

static int emit(struct parser *parser, enum op op, int a, int b)
{
	return put(parser, parser->pattern->count, op, a, b);
}

static void add_range(struct match_pattern *pattern, int low, int high)
{
	/* There are no more ranges than bytes, or than a class has for each "[:x:]". */
	pattern->ranges[pattern->range_count++] = (struct range){low, high};
}

static const struct {
	const char *name, *ranges; /* pairs of bounds */
} classes[] = {
        {"alpha", "azAZ"}, {"digit", "09"},     {"alnum", "azAZ09"},           {"upper", "AZ"},
        {"lower", "az"},   {"space", "\t\r  "}, {"blank", "\t\t  "},           {"punct", "!/:@[`{~"},
        {"print", " ~"},   {"graph", "!~"},     {"cntrl", "\001\037\177\177"}, {"xdigit", "09afAF"},
};

/* Behind "[:". */
static int parse_class(struct parser *parser)
{
	size_t left = (size_t)(parser->end - parser->at);
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		size_t len = strlen(classes[i].name);
		if (left < len + 2 || memcmp(parser->at, classes[i].name, len) != 0 ||
		    memcmp(parser->at + len, ":]", 2) != 0)
			continue;
		for (const char *bound = classes[i].ranges; *bound; bound += 2)
			add_range(parser->pattern, bound[0], bound[1]);
		if (!strcmp(classes[i].name, "cntrl"))
			add_range(parser->pattern, 0, 0);
		parser->at += len + 2;
		return 0;
	}
	return fail(parser, "unknown character class");
}

/* One bound of a range in brackets: a character, or [.x.] or [=x=]. Returns it, or -1. */
static int parse_bound(struct parser *parser)
{
	const char *at = parser->at;
	if (parser->end - at < 2 || at[0] != '[' || (at[1] != '.' && at[1] != '='))
		return match_next_character(&parser->at, parser->end);
	char mark = at[1];
	parser->at += 2;
	int character = more(parser) ? match_next_character(&parser->at, parser->end) : -1;
	if (character < 0 || parser->end - parser->at < 2 || parser->at[0] != mark || parser->at[1] != ']')
		return fail(parser, "only single characters can be in [. .] and [= =]");
	parser->at += 2;
	return character;
}

/* Whether a '-' comes that makes a range of what is before and behind it: one that is not the last in the brackets. */
static bool at_range(const struct parser *parser)
{
	return parser->end - parser->at > 1 && parser->at[0] == '-' && parser->at[1] != ']';
}

/* Whether "[:" or "[=" comes: what is a set of characters, and no bound of a range. */
static bool at_class(const struct parser *parser)
{
	return parser->end - parser->at > 1 && parser->at[0] == '[' && (parser->at[1] == ':' || parser->at[1] == '=');
}

/* A class, a range or a character in brackets. */
static int parse_element(struct parser *parser, bool first)
{
	bool ranged = true;
	if (parser->end - parser->at > 1 && !memcmp(parser->at, "[:", 2)) {
		parser->at += 2;
		if (parse_class(parser) < 0)
			return -1;
	} else {
		if (!first && at_range(parser))
			return fail(parser, "a '-' that is neither first nor last nor between two characters");
		bool class = at_class(parser);
		int low = parse_bound(parser), high = low;
		ranged = low >= 0 && at_range(parser);
		if (ranged) {
			parser->at++;
			if (class || at_class(parser))
				return fail(parser, "a class cannot begin or end a range");
			high = parse_bound(parser);
		}
		if (low < 0 || high < 0)
			return -1;
		if (high < low)
			return fail(parser, "a range whose end comes before its start");
		add_range(parser->pattern, low, high);
	}
	return ranged && at_range(parser) ? fail(parser, "a '-' behind a range or a class") : 0;
}

/* Behind '['. */
static int parse_brackets(struct parser *parser)
{
	bool negated = more(parser) && *parser->at == '^';
	int first = parser->pattern->range_count;
	parser->at += negated;
	for (bool begin = true; more(parser) && (begin || *parser->at != ']'); begin = false)
		if (parse_element(parser, begin) < 0)
			return -1;
	if (!more(parser))
		return fail(parser, "'[' without ']'");
	parser->at++;
	return emit(parser, negated ? OP_NOT_SET : OP_SET, first, parser->pattern->range_count - first);
}

static int parse_escape(struct parser *parser)
{
	if (!more(parser))
		return fail(parser, "'\\' at the end");
	int c = (unsigned char)*parser->at;
	if ((c >= '0' && c <= '9') || (match_lower(c) >= 'a' && match_lower(c) <= 'z'))
		return fail(parser, "'\\' before a letter or digit has no meaning (there are classes: [[:digit:]], "
		                    "[[:space:]], [[:alnum:]_])");
	/* To GNU's regcomp() these are ends of words and of the text, to others themselves. */
	if (c && strchr("<>`'", c))
		return fail(parser, "'\\' before < > ` and ' has no meaning");
	c = match_next_character(&parser->at, parser->end);
	return emit(parser, OP_CHARACTER, c, 0);
}

static int parse_alternatives(struct parser *parser);

static int parse_group(struct parser *parser)
{
	if (++parser->depth > DEPTH_MAX)
		return fail(parser, "too many groups in each other");
	if (parse_alternatives(parser) < 0)
		return -1;
	if (!more(parser))
		return fail(parser, "'(' without ')'");
	parser->at++;
	parser->depth--;
	return 0;
}

/* Anything that a repetition can follow, or (*anchor) an anchor. */
static int parse_atom(struct parser *parser, bool *anchor)
{
	int character = match_next_character(&parser->at, parser->end);
	*anchor = character == '^' || character == '$';
	switch (character) {
	case '(':
		return parse_group(parser);
	case '[':
		return parse_brackets(parser);
	case '\\':
		return parse_escape(parser);
	case '.':
		return emit(parser, OP_ANY, 0, 0);
	case '^':
		return emit(parser, OP_LINE_START, 0, 0);
	case '$':
		return emit(parser, OP_LINE_END, 0, 0);
	case ')':
		return fail(parser, "')' without '('");
	case '*':
	case '+':
	case '?':
	case '{':
		return fail(parser, "a repetition of nothing");
	default:
		return emit(parser, OP_CHARACTER, parser->pattern->ignore_case ? match_lower(character) : character, 0);
	}
}

static int parse_count(struct parser *parser)
{
	int count = 0;
	if (!more(parser) || *parser->at < '0' || *parser->at > '9')
		return fail(parser, "a number is missing in { }");
	for (; more(parser) && *parser->at >= '0' && *parser->at <= '9'; parser->at++) {
		count = 10 * count + (*parser->at - '0');
		if (count > REPEAT_MAX)
			return fail(parser, "more than 1000 repetitions");
	}
	return count;
}

/* Behind '{'. *most is -1 when there is no bound. */
static int parse_bounds(struct parser *parser, int *least, int *most)
{
	*least = parse_count(parser);
	*most = *least;
	if (*least < 0)
		return -1;
	if (more(parser) && *parser->at == ',') {
		parser->at++;
		*most = -1;
		if (more(parser) && *parser->at != '}' && (*most = parse_count(parser)) < 0)
			return -1;
	}
	if (!more(parser) || *parser->at != '}')
		return fail(parser, "'{' without '}'");
	parser->at++;
	return *most >= 0 && *most < *least ? fail(parser, "{ } whose bounds are the wrong way round") : 0;
}

/* Makes the fragment from place to the end of the code one that may be left out, or that may also come again. */
static int make_optional(struct parser *parser, int place)
{
	return put(parser, place, OP_SPLIT, 1, parser->pattern->count - place + 1);
}

static int make_repeated(struct parser *parser, int place)
{
	return emit(parser, OP_SPLIT, place - parser->pattern->count, 1);
}

/* Adds a copy of an earlier fragment of len instructions. */
static int copy(struct parser *parser, int place, int len)
{
	int end = parser->pattern->count;
	if (insert(parser, end, len) < 0)
		return -1;
	memcpy(parser->pattern->code + end, parser->pattern->code + place, (size_t)len * sizeof *parser->pattern->code);
	return 0;
}

/* The fragment from place to the end of the code, least to most (-1: any number of) times. */
static int repeat(struct parser *parser, int place, int least, int most)
{
	int len = parser->pattern->count - place;
	if (len == 0)
		return 0;
	if (most == 0) {
		parser->pattern->count = place;
		return 0;
	}
	for (int i = 1; i < least; i++)
		if (copy(parser, place, len) < 0)
			return -1;
	int last = parser->pattern->count - len;
	if (most < 0)
		return make_repeated(parser, last) < 0 || (least == 0 && make_optional(parser, place) < 0) ? -1 : 0;
	/* Without a least number the one that is there is the first of those that may be left out. */
	if (least == 0 && make_optional(parser, place) < 0)
		return -1;
	for (int i = least > 0 ? least : 1; i < most; i++) {
		int end = parser->pattern->count;
		if (copy(parser, least > 0 ? last : place + 1, len) < 0 || make_optional(parser, end) < 0)
			return -1;
	}
	return 0;
}

static bool at_repetition(const struct parser *parser)
{
	return more(parser) && *parser->at && strchr("*+?{", *parser->at);
}

static int parse_repetition(struct parser *parser, int place, bool anchor)
{
	if (!at_repetition(parser))
		return 0;
	char c = *parser->at;
	int least = c == '+', most = c == '?' ? 1 : -1;
	if (anchor)
		return fail(parser, "a repetition of an anchor");
	parser->at++;
	if ((c == '{' && parse_bounds(parser, &least, &most) < 0) || repeat(parser, place, least, most) < 0)
		return -1;
	return at_repetition(parser) ? fail(parser, "a repetition behind a repetition") : 0;
}

/* Up to '|', to the ')' of the group, or to the end. */
static int parse_sequence(struct parser *parser)
{
	while (more(parser) && *parser->at != '|' && (*parser->at != ')' || parser->depth == 0)) {
		int place = parser->pattern->count;
		bool anchor;
		if (parse_atom(parser, &anchor) < 0 || parse_repetition(parser, place, anchor) < 0)
			return -1;
	}
	return 0;
}

/* "a|b": SPLIT a b; a; JUMP over b; b, where b may be another such. The jumps over are filled in at the end. */
static int parse_alternatives(struct parser *parser)
{
	struct match_pattern *pattern = parser->pattern;
	int place = pattern->count, jumps = 0;
	for (;;) {
		if (parse_sequence(parser) < 0)
			return -1;
		if (!more(parser) || *parser->at != '|')
			break;
		parser->at++;
		if (put(parser, place, OP_SPLIT, 1, pattern->count - place + 2) < 0 || emit(parser, OP_JUMP, jumps, 0) < 0)
			return -1;
		jumps = pattern->count - 1;
		place = pattern->count;
	}
	/* Until now each of these jumps named the one before it. Instruction 0 is never one of them. */
	while (jumps > 0) {
		int before = pattern->code[jumps].a;
		pattern->code[jumps].a = pattern->count - jumps;
		jumps = before;
	}
	return 0;
}

/* One part of a pattern; an error is at a byte of its own. */
static int parse_part(struct parser *parser, const char *text, size_t len)
{
	parser->at = parser->start = text;
	parser->end = text + len;
	return parse_alternatives(parser);
}

static int parse_parts(struct parser *parser, const char *const parts[3], const size_t lens[3])
{
	for (int i = 0; i < 3; i++)
		if ((parts[i] && parse_part(parser, parts[i], lens[i]) < 0) ||
		    (parts[i] && i == 0 && emit(parser, OP_MARK, 0, 0) < 0) ||
		    (parts[2] && i == 1 && emit(parser, OP_MARK, 1, 0) < 0))
			return -1;
	return emit(parser, OP_FOUND, 0, 0);
}

static struct match_pattern *compile(const char *const parts[3], const size_t lens[3], bool ignore_case, struct err *err)
{
	size_t len = lens[0] + lens[1] + lens[2];
	if (len > PATTERN_MAX) {
		err_set(err, ERR_INPUT, "a pattern of more than %d bytes", PATTERN_MAX);
		return NULL;
	}
	struct match_pattern *pattern = mem_alloc(1, sizeof *pattern);
	struct parser parser = {.pattern = pattern, .err = err};
	pattern->ignore_case = ignore_case;
	pattern->work_max = MATCH_WORK_MAX;
	pattern->ranges = mem_alloc(len + 1, sizeof *pattern->ranges);
	if (parse_parts(&parser, parts, lens) == 0)
		return pattern;
	match_pattern_free(pattern);
	return NULL;
}

struct match_pattern *match_pattern_new(const char *text, size_t len, bool ignore_case, struct err *err)
{
	return compile((const char *const[3]){NULL, text, NULL}, (const size_t[3]){0, len, 0}, ignore_case, err);
}

struct match_pattern *match_pattern_between(const char *before, const char *text, const char *after, struct err *err)
{
	const char *const parts[3] = {before, text, after};
	size_t lens[3];
	for (int i = 0; i < 3; i++)
		lens[i] = parts[i] ? strlen(parts[i]) : 0;
	return compile(parts, lens, false, err);
}

void match_pattern_free(struct match_pattern *pattern)
{
	if (!pattern)
		return;
	free(pattern->code);
	free(pattern->ranges);
	free(pattern);
}
