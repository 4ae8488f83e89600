#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "drawing.h"
#include "fd.h"
#include "stop.h"
#include "terminal.h"
#include "text.h"
#include "tool_pty.h"

#define LEAVE_KEY 0x1d /* Ctrl-] */
#define LEAVE_TIMES 3

struct relay {
	struct pty_user user;
	struct asciicast *cast;
	struct drawing drawing;
	struct pty_size size;
	bool nudge;       /* the size is to be told once more */
	bool lost;        /* the person's terminal is */
	int leave;        /* how many of these keys came in a row */
	struct buf keys;  /* as they came */
	struct buf typed; /* what of them is text */
};

static struct pty_size size_now(void)
{
	struct pty_size size;
	terminal_size(&size.columns, &size.rows);
	size.columns = size.columns < 1 ? 1 : size.columns > PTY_SIDE_MAX ? PTY_SIDE_MAX : size.columns;
	size.rows = size.rows < 1 ? 1 : size.rows > PTY_SIDE_MAX ? PTY_SIDE_MAX : size.rows;
	return size;
}

static int begin(void *context, struct err *err)
{
	struct relay *relay = context;
	relay->drawing = (struct drawing){0};
	relay->lost = relay->nudge = false;
	relay->leave = 0;
	buf_clear(&relay->keys);
	(void)terminal_changed(); /* what it was before is of no interest */
	relay->size = size_now();
	if (terminal_raw("", DRAWING_END, err) < 0)
		return -1;
	relay->user.fds[0] = STDIN_FILENO;
	relay->user.fds[1] = terminal_event();
	return 0;
}

static void end(void *context)
{
	(void)context;
	terminal_restore();
}

/* One whose size is as before was out of sight, perhaps: a program draws everything anew when it has another. */
static bool resized(struct relay *relay, struct pty_event *event)
{
	struct pty_size size = size_now();
	bool changed = terminal_changed();
	if (!changed && !relay->nudge)
		return false;
	bool same = size.rows == relay->size.rows && size.columns == relay->size.columns;
	if (!same)
		asciicast_resize(relay->cast, size.columns, size.rows);
	relay->size = size;
	relay->nudge = changed && same && size.rows > 1;
	if (relay->nudge)
		size.rows--;
	event->kind = PTY_SIZE;
	event->size = size;
	return true;
}

/* What came is to be kept as text: whole characters, and of other bytes none. */
static void take_text(struct relay *relay)
{
	struct buf *keys = &relay->keys;
	size_t whole = text_cut_end(buf_string(keys), keys->len);
	buf_clear(&relay->typed);
	for (size_t at = 0; at < whole; at++) {
		size_t valid = text_valid(keys->data + at, whole - at);
		buf_add(&relay->typed, keys->data + at, valid);
		at += valid;
	}
	buf_drop_front(keys, whole);
}

static void read_keys(struct relay *relay)
{
	char data[1024];
	struct pollfd fd = {STDIN_FILENO, POLLIN, 0};
	if (poll(&fd, 1, 0) <= 0)
		return;
	ssize_t n = read(STDIN_FILENO, data, sizeof data);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	relay->lost = relay->lost || n <= 0;
	for (ssize_t i = 0; i < n && relay->leave < LEAVE_TIMES; i++)
		relay->leave = data[i] == LEAVE_KEY ? relay->leave + 1 : 0;
	buf_add(&relay->keys, data, n > 0 ? (size_t)n : 0);
}

static void next(void *context, const struct pty_moment *moment, struct pty_event *event, int *again_ms)
{
	struct relay *relay = context;
	(void)moment;
	(void)again_ms;
	if (!stop_signal() && !relay->lost && resized(relay, event))
		return;
	read_keys(relay);
	if (stop_signal() || relay->lost || relay->leave == LEAVE_TIMES) {
		event->kind = PTY_HANGUP;
		return;
	}
	take_text(relay);
	if (relay->typed.len == 0)
		return;
	*event = (struct pty_event){.kind = PTY_TEXT, .text = relay->typed.data, .len = relay->typed.len};
}

static void output(void *context, const char *data, size_t len)
{
	struct relay *relay = context;
	BUF_AUTO drawn = {0};
	drawing_filter(&relay->drawing, data, len, &drawn);
	if (drawn.len == 0)
		return;
	if (!relay->lost && fd_write_all(STDOUT_FILENO, drawn.data, drawn.len, NULL) < 0)
		relay->lost = true;
	asciicast_output(relay->cast, drawn.data, drawn.len);
}

struct relay *relay_new(struct asciicast *cast)
{
	struct relay *relay = mem_alloc(1, sizeof *relay);
	relay->cast = cast;
	relay->user = (struct pty_user){
	        .person = true, .fds = {-1, -1}, .begin = begin, .end = end, .next = next, .output = output, .context = relay};
	return relay;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	buf_free(&relay->keys);
	buf_free(&relay->typed);
	free(relay);
}

const struct pty_user *relay_user(const struct relay *relay)
{
	return &relay->user;
}

json relay_action(const char *command)
{
	struct pty_size size = size_now();
	const char *term = getenv("TERM");
	json action = json_new_object(), args = json_new_object(), pty = json_new_object();
	json_set_number(&pty, "rows", size.rows);
	json_set_number(&pty, "columns", size.columns);
	json_set_string(&args, "command", command);
	json_set(&args, "pty", json_copy(pty));
	json_set_string(&pty, "term", term);
	/* One that no record may have is not told. */
	JSON_AUTO with_term = json_copy(args);
	json_set(&with_term, "pty", pty);
	json_set_string(&action, "tool", "shell");
	if (term && !tool_pty_check(with_term)) {
		json_free(&args);
		args = json_take(&with_term);
	}
	json_set(&action, "args", args);
	return action;
}
