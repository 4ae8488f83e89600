#include "watch.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "episode.h"
#include "program.h"
#include "stop.h"
#include "terminal.h"
#include "transcript.h"

#define PATIENCE_MS 100 /* between two looks at the journal */

enum { CTRL_C = 3, CTRL_D = 4, CTRL_Z = 26 };

static bool raw; /* keys are read, and a line ends with "\r\n" */

static bool tell(struct layout *part)
{
	BUF_AUTO rows = {0};
	BUF_AUTO out = {0};
	layout_print(part, 0, part->count, layout_screen(), program_colour(), &rows);
	layout_clear(part);
	for (const char *at = buf_string(&rows), *end; raw && (end = strchr(at, '\n')); at = end + 1) {
		buf_add(&out, at, (size_t)(end - at));
		buf_add_string(&out, "\r\n");
	}
	const struct buf *whole = raw ? &out : &rows;
	return program_print_bytes(buf_string(whole), whole->len) && !stop_signal();
}

/* False: the person has seen enough. */
static bool wait_for_more(void)
{
	if (!raw)
		return stop_wait(PATIENCE_MS, STDOUT_FILENO);
	int key = terminal_key(PATIENCE_MS);
	if (key == CTRL_Z)
		terminal_suspend();
	return key != 'q' && key != 'Q' && key != CTRL_C && key != CTRL_D && key != TERMINAL_GONE;
}

int watch_episode(struct resources *resources, const char *id, struct err *err)
{
	struct episode *episode = episode_open(id, err);
	if (!episode)
		return err_context(err, "%s", id);
	struct board *board = board_new(resources, episode->meta);
	struct transcript_form form = {.fold = true, .times = true, .names = true, .board = board};
	raw = terminal_screen();
	int failed = raw && terminal_raw("", "", err) < 0;
	if (!failed && raw && !program_quiet())
		program_print_bytes("(q leaves; the episode goes on)\r\n", 33);
	if (!failed)
		failed = transcript_follow(episode, &form, tell, wait_for_more, err);
	if (raw)
		terminal_restore();
	raw = false;
	board_free(board);
	episode_free(episode);
	return failed ? -1 : 0;
}
