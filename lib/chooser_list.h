#ifndef PIPEGYM_CHOOSER_LIST_H
#define PIPEGYM_CHOOSER_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "json.h"

/* The tasks among which is chosen, in order of category, difficulty and id; those of them that a filter leaves; and a cursor
 * in these, which stays at its task when others come. Texts for the screen are safe for a terminal, and one line. */
struct chooser_task {
	char *id, *name, *title, *group; /* group: "bash · easy"; all but id for the screen */
	char *category, *words;          /* to compare, and to be looked through */
	int difficulty;
	char mark; /* '+' was solved, '-' was tried, or ' ' */
};

struct chooser_list {
	struct chooser_task **tasks, **shown;
	size_t count, sorted, shown_count, solved;
	size_t cursor;     /* in shown */
	struct buf filter; /* words, each of which a task must have */
	/* What the list looks like: a line for each of shown, and one before each group. */
	struct chooser_line {
		const struct chooser_task *task;
		bool heads; /* the line is its group's */
	} * lines;
	size_t line_count, cursor_line;
};

/* A task record, and what solved_read() gave. Borrowed. */
void chooser_list_add(struct chooser_list *list, json task, json solved);
/* What was added comes in its place, and the filter into effect. */
void chooser_list_refresh(struct chooser_list *list);
void chooser_list_move(struct chooser_list *list, long lines); /* the cursor */
void chooser_list_clear(struct chooser_list *list);
/* The task that a person means by a text: its place in the list from 1, its id, its name, or words that only it has.
 * NULL: none, or several. */
const struct chooser_task *chooser_list_find(struct chooser_list *list, const char *text);

#endif
