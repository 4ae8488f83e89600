#ifndef PIPEGYM_BOARD_H
#define PIPEGYM_BOARD_H

#include "json.h"
#include "layout.h"
#include "resources.h"

/*
 * How an environment's state is drawn for a person: what the render of its task
 * makes of it (pipegym-task(5)). It is no part of an episode, and no agent sees it.
 */
struct board;
/* Of an episode: its episode.json, or a rollout. meta is borrowed for as long as the board lives. */
struct board *board_new(struct resources *resources, json meta);
void board_free(struct board *board); /* NULL is fine */

/* Adds the state's drawing, a block of its own with the gutter BOARD_GUTTER. Nothing, where there is no state, where it
 * is that of the time before, where the task draws none, or is not to be found as it was. A drawing that fails is a
 * line that says so, once. */
void board_draw(struct board *board, json state, struct layout *layout);
#define BOARD_GUTTER '#'

#endif
