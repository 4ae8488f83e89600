#include "chooser_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "text.h"

static char *for_screen(const char *text)
{
	BUF_AUTO safe = {0};
	text_for_line(text, strlen(text), &safe);
	return mem_string(buf_string(&safe));
}

static char *in_small(char *text)
{
	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return text;
}

static const char *string_of(json task, const char *key)
{
	const char *text = json_get_string(task, key);
	return text ? text : "";
}

static int place_of(const char *difficulty)
{
	static const char *const order[] = {"easy", "medium", "hard"};
	int place = 0;
	while (place < 3 && strcmp(order[place], difficulty) != 0)
		place++;
	return place;
}

void chooser_list_add(struct chooser_list *list, json record, json solved)
{
	const char *id = string_of(record, "id"), *category = string_of(record, "category"),
	           *difficulty = string_of(record, "difficulty"), *title = string_of(record, "title");
	json known = json_get(solved, id);
	struct chooser_task *task = mem_alloc(1, sizeof *task);
	STRING_AUTO group = mem_format("%s · %s", category, difficulty);
	*task = (struct chooser_task){
	        .id = mem_string(id),
	        .name = for_screen(id),
	        .title = for_screen(title),
	        .group = for_screen(group),
	        .category = mem_string(category),
	        .words = in_small(mem_format("%s %s %s %s", id, title, category, difficulty)),
	        .difficulty = place_of(difficulty),
	        .mark = json_is_none(known)      ? ' '
	                : json_bool(known, true) ? '+'
	                                         : '-',
	};
	list->tasks = mem_grow(list->tasks, list->count, sizeof *list->tasks);
	list->tasks[list->count++] = task;
	list->solved += task->mark == '+';
}

static int compare(const void *a, const void *b)
{
	const struct chooser_task *one = *(struct chooser_task *const *)a, *other = *(struct chooser_task *const *)b;
	int order = strcmp(one->category, other->category);
	if (!order)
		order = one->difficulty - other->difficulty;
	/* Of difficulties that are none of the three as well. */
	if (!order)
		order = strcmp(one->group, other->group);
	return order ? order : strcmp(one->id, other->id);
}

static bool has_words(const struct chooser_task *task, const char *filter)
{
	STRING_AUTO words = in_small(mem_string(filter));
	char *rest;
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!strstr(task->words, word))
			return false;
	return true;
}

static void add_line(struct chooser_list *list, const struct chooser_task *task, bool heads)
{
	list->lines = mem_grow(list->lines, list->line_count, sizeof *list->lines);
	list->lines[list->line_count++] = (struct chooser_line){task, heads};
}

void chooser_list_refresh(struct chooser_list *list)
{
	const struct chooser_task *at = list->cursor < list->shown_count ? list->shown[list->cursor] : NULL;
	const char *filter = buf_string(&list->filter), *group = NULL;
	if (list->sorted < list->count)
		qsort(list->tasks, list->count, sizeof(struct chooser_task *), compare);
	list->sorted = list->count;
	list->shown_count = list->line_count = list->cursor = list->cursor_line = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct chooser_task *task = list->tasks[i];
		if (!has_words(task, filter))
			continue;
		if (!group || strcmp(group, task->group) != 0)
			add_line(list, task, true);
		group = task->group;
		if (task == at)
			list->cursor = list->shown_count;
		list->shown = mem_grow(list->shown, list->shown_count, sizeof(struct chooser_task *));
		list->shown[list->shown_count++] = task;
		add_line(list, task, false);
	}
	chooser_list_move(list, 0);
}

void chooser_list_move(struct chooser_list *list, long lines)
{
	size_t last = list->shown_count ? list->shown_count - 1 : 0;
	if (lines < 0)
		list->cursor -= (size_t)-lines < list->cursor ? (size_t)-lines : list->cursor;
	else
		list->cursor = (size_t)lines < last - list->cursor ? list->cursor + (size_t)lines : last;
	for (size_t i = 0; i < list->line_count; i++)
		if (list->lines[i].task == list->shown[list->cursor] && !list->lines[i].heads)
			list->cursor_line = i;
}

const struct chooser_task *chooser_list_find(struct chooser_list *list, const char *text)
{
	const struct chooser_task *named = NULL, *worded = NULL;
	size_t names = 0, words = 0;
	uint64_t number;
	if (num_parse(text, 1, list->count, &number) == 0)
		return list->tasks[number - 1];
	for (size_t i = 0; i < list->count; i++) {
		const struct chooser_task *task = list->tasks[i];
		const char *slash = strrchr(task->id, '/');
		if (!strcmp(task->id, text))
			return task;
		if (slash && !strcmp(slash + 1, text)) {
			named = task;
			names++;
		}
		/* A number that is too large is not meant as a word. */
		if (text[strspn(text, "0123456789")] && has_words(task, text)) {
			worded = task;
			words++;
		}
	}
	return names == 1 ? named : !names && words == 1 ? worded : NULL;
}

void chooser_list_clear(struct chooser_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct chooser_task *task = list->tasks[i];
		free(task->id);
		free(task->name);
		free(task->title);
		free(task->group);
		free(task->category);
		free(task->words);
		free(task);
	}
	free(list->tasks);
	free(list->shown);
	free(list->lines);
	buf_free(&list->filter);
	*list = (struct chooser_list){0};
}
