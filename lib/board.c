#include "board.h"

#include <stdlib.h>

#include "buf.h"
#include "kind.h"

struct board {
	struct resources *resources;
	json meta;
	json drawn; /* the state before (owned) */
	bool none;  /* there is nothing to be drawn, ever */
};

struct board *board_new(struct resources *resources, json meta)
{
	struct board *board = mem_alloc(1, sizeof *board);
	*board = (struct board){.resources = resources, .meta = meta, .drawn = json_none()};
	return board;
}

void board_free(struct board *board)
{
	if (board)
		json_free(&board->drawn);
	free(board);
}

void board_draw(struct board *board, json state, struct layout *layout)
{
	BUF_AUTO text = {0};
	struct err err;
	if (board->none || json_is_none(state) || (!json_is_none(board->drawn) && json_equal(board->drawn, state)))
		return;
	json_free(&board->drawn);
	board->drawn = json_copy(state);
	const struct task *task = resources_task(board->resources, board->meta, NULL);
	int drawn = task ? kind_jq_render(resources_eval(board->resources), task, json_get_string(board->meta, "seed"),
	                                  state, &text, &err)
	                 : 0;
	board->none = drawn <= 0;
	if (drawn < 0)
		layout_add_format(layout, LAYOUT_DIM, 4, "  no board: %s", err.text);
	/* Half a board is none. */
	bool fold = layout->fold;
	layout->fold = false;
	layout_add_block(layout, LAYOUT_PLAIN, BOARD_GUTTER, buf_string(&text), text.len);
	layout->fold = fold;
}
