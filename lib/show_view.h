#ifndef PIPEGYM_SHOW_VIEW_H
#define PIPEGYM_SHOW_VIEW_H

#include <stdbool.h>

#include "buf.h"
#include "json.h"

/* What the forms of show.c and the lines of transcript.c are put together from. Every string is made safe for a terminal. */
struct view {
	struct buf *out;
	bool colour;
};

#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"

void view_style(struct view *view, const char *sequence); /* up to view_style_end() */
void view_style_end(struct view *view);
void view_add(struct view *view, const char *text);
void view_add_value(struct view *view, json value);           /* a string's own text, else its JSON */
void view_add_on_line(struct view *view, json value);         /* the same on one line */
void view_add_cell(struct view *view, json value, int width); /* of a table: padded, and two spaces */
void view_end_line(struct view *view);
void view_add_number(struct view *view, double number);
void view_add_field(struct view *view, json record, const char *key); /* " · key value" of a field that is there */
void view_add_reason(struct view *view, json record);                 /* ": reason" where there is one */
/* What came of a step but its output, such as " · exit 1 · 1.9 ms"; times: with that. */
void view_add_outcome(struct view *view, json observation, bool times);
void view_add_artefacts(struct view *view, json rollout); /* " · name" of each */

/* In show_replay.c. */
void show_replay(struct view *view, json record);
void show_replay_summary(struct view *view, json record);
void show_normaliser(struct view *view, json record);
void show_restore(struct view *view, json record);

#endif
