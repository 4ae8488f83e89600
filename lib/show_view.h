#ifndef PIPEGYM_SHOW_VIEW_H
#define PIPEGYM_SHOW_VIEW_H

#include <stdbool.h>

#include "buf.h"
#include "json.h"
#include "layout.h"

/* What the forms of show.c and the lines of transcript.c are put together from. Every string is made safe for a terminal. */
struct view {
	struct buf *out;
	bool colour;
};

void view_style(struct view *view, enum layout_style style); /* up to view_style_end() */
void view_style_end(struct view *view);
void view_add(struct view *view, const char *text);
void view_add_value(struct view *view, json value);           /* a string's own text, else its JSON */
void view_add_on_line(struct view *view, json value);         /* the same on one line */
void view_add_cell(struct view *view, json value, int width); /* of a table: padded, and two spaces */
void view_end_line(struct view *view);
void view_add_number(struct view *view, double number);
void view_add_field(struct view *view, json record, const char *key); /* " · key value" of a field that is there */
void view_add_reason(struct view *view, json record);                 /* ": reason" where there is one */
void view_add_block(struct view *view, json text, enum layout_style style); /* on lines of its own, where there is any */
/* What came of a step but its output, such as " · exit 1 · 1.9 ms"; times: with that. */
void view_add_outcome(struct view *view, json observation, bool times);
void view_add_artefacts(struct view *view, json rollout); /* " · name" of each */

/* In show_replay.c. */
void show_replay(struct view *view, json record);
void show_replay_summary(struct view *view, json record);
void show_normaliser(struct view *view, json record);
void show_restore(struct view *view, json record);
/* In show_stat.c: each a row of a table of 80 columns; the last one has lines below it that say in words what has no
 * column. */
void show_stat(struct view *view, json record);
void show_comparison(struct view *view, json record);

#endif
