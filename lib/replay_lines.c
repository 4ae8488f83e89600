#include "replay_lines.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "text.h"

struct line {
	const char *text;
	size_t len;
};

struct lines {
	struct line *list;
	size_t count;
};

/* Of the lines that only one of the texts has. */
struct counts {
	size_t all, system, messages, usage;
	struct line program;         /* whose message came first */
	bool refused, missed, mixed; /* missed: something is not there; mixed: messages of different programs */
	size_t bytes[256];
};

static int compare(const void *a, const void *b)
{
	const struct line *one = a, *other = b;
	return text_order(one->text, one->len, other->text, other->len);
}

static struct lines sorted_lines(json text)
{
	size_t len = 0;
	const char *at = json_text(text, &len), *end = at + len;
	struct lines lines = {.count = 0};
	size_t most = 1;
	for (const char *newline = at; (newline = memchr(newline, '\n', (size_t)(end - newline))); newline++)
		most++;
	lines.list = mem_alloc(most, sizeof *lines.list);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
		lines.list[lines.count++] = (struct line){at, (size_t)(stop - at)};
		at = newline ? newline + 1 : end;
	}
	qsort(lines.list, lines.count, sizeof *lines.list, compare);
	return lines;
}

static bool in_name(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' ||
	       c == '.';
}

/* Whether the line has one of these as a name of its own, or as the first of a path. */
static bool names_system(const struct line *line)
{
	static const char *const names[] = {"bin", "boot", "dev",  "etc", "lib",  "lib32", "lib64", "media", "mnt",
	                                    "opt", "proc", "root", "run", "sbin", "srv",   "sys",   "usr",   "var"};
	const char *at = line->text, *end = at + line->len;
	while (at < end) {
		const char *name = at;
		while (at < end && in_name(*at))
			at++;
		size_t len = (size_t)(at - name);
		/* What stands before is no path that it is part of, but "./" may. */
		bool first = name < line->text + 2 || name[-1] != '/' || !in_name(name[-2]) ||
		             (name[-2] == '.' && (name < line->text + 3 || !in_name(name[-3])));
		for (size_t i = 0; first && i < sizeof names / sizeof *names; i++)
			if (strlen(names[i]) == len && !memcmp(names[i], name, len))
				return true;
		at += len == 0;
	}
	return false;
}

static bool says(const struct line *line, const char *words)
{
	return memmem(line->text, line->len, words, strlen(words)) != NULL;
}

/* "NAME: ": the name. */
static struct line program_of(const struct line *line)
{
	size_t len = 0;
	while (len < line->len && (in_name(line->text[len]) || line->text[len] == '/'))
		len++;
	bool is = len > 0 && len + 1 < line->len && line->text[len] == ':' && line->text[len + 1] == ' ';
	return (struct line){line->text, is ? len : 0};
}

static void count(struct counts *counts, const struct line *line)
{
	size_t blank = 0;
	struct line program = program_of(line);
	bool system = names_system(line);
	counts->all++;
	counts->system += system;
	counts->missed |= says(line, "No such file");
	counts->refused |= system && (says(line, "No such file") || says(line, "Permission denied") ||
	                              says(line, "Input/output error"));
	while (blank < line->len && line->text[blank] == ' ')
		blank++;
	counts->usage += blank > 0 && blank < line->len && line->text[blank] == '-';
	if (program.len > 0 && counts->messages++ == 0)
		counts->program = program;
	counts->mixed |= program.len > 0 && compare(&program, &counts->program) != 0;
	for (size_t i = 0; i < line->len; i++)
		counts->bytes[(unsigned char)line->text[i]]++;
}

/* Nothing but messages of one program. */
static bool one_says(const struct counts *counts)
{
	return counts->messages > 0 && counts->messages == counts->all && !counts->mixed;
}

static bool all_reworded(const struct counts *a, const struct counts *b)
{
	if (a->usage + b->usage > 0 && a->usage == a->all && b->usage == b->all)
		return true;
	return one_says(a) && one_says(b) && compare(&a->program, &b->program) == 0;
}

static bool only_one_refuses(const struct counts *a, const struct counts *b)
{
	return a->all > 0 && b->all > 0 && one_says(a) != one_says(b) && !(one_says(a) ? a : b)->missed;
}

struct replay_lines replay_lines_compare(json a, json b)
{
	struct lines one = sorted_lines(a), other = sorted_lines(b);
	struct counts counts[2];
	memset(counts, 0, sizeof counts);
	for (size_t i = 0, j = 0; i < one.count || j < other.count;) {
		int order = i == one.count ? 1 : j == other.count ? -1 : compare(&one.list[i], &other.list[j]);
		if (order < 0)
			count(&counts[0], &one.list[i]);
		if (order > 0)
			count(&counts[1], &other.list[j]);
		i += order <= 0;
		j += order >= 0;
	}
	size_t all = counts[0].all + counts[1].all;
	struct replay_lines result = {
	        .system = all > 0 && counts[0].system + counts[1].system == all,
	        .refused = counts[0].refused || counts[1].refused,
	        .reworded = all_reworded(&counts[0], &counts[1]),
	        .objected = only_one_refuses(&counts[0], &counts[1]),
	        .order = counts[0].all > 0 && counts[1].all > 0 &&
	                 !memcmp(counts[0].bytes, counts[1].bytes, sizeof counts[0].bytes),
	};
	free(one.list);
	free(other.list);
	return result;
}
