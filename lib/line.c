/* Programs of a box with which lines are exchanged. The theory is in line.h. */
#include "line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "num.h"
#include "stop.h"

#define TELL_MS 500           /* after which pid 1 is told again that somebody asks; idle_s is at least a second */
#define READ_SIZE (64u << 10) /* bytes read at a time: what a pipe holds */
#define READS_AT_ONCE 64      /* of what nobody waits for: some may never be done writing */

enum { REQUESTS, REPLIES, WORDS };
_Static_assert(WORDS + 1 == BOX_ENDS, "our ends of a program's three pipes");

struct line {
	struct box *box; /* borrowed */
	unsigned slot;
	int ends[BOX_ENDS];
	int64_t told;         /* when pid 1 last was; num_now_ms() */
	bool oom, pids, disk; /* what it said then, and no answer has told yet */
	bool unsure;          /* somebody may wait for an answer that is to come */
	bool ended;           /* pid 1 has seen it end: what its pipes hold is all */
	struct buf in;        /* what came and is in no line that was looked at */
	size_t searched;      /* bytes of it without a newline */
	struct buf words;     /* the end of what it wrote to its stderr */
};

struct exchange {
	struct line *line;
	const struct line_request *request;
	struct line_answer *answer;
	int64_t deadline;
	size_t given; /* bytes of the request; all, while another's answer is waited for */
};

/* --- marks -------------------------------------------------------------- */

/* They are O_APPEND, which means nothing to a pipe, and belongs to its end rather than to a descriptor. */
static void set_mark(int end, bool on)
{
	(void)fcntl(end, F_SETFL, O_NONBLOCK | (on ? O_APPEND : 0));
}

static bool has_mark(int end)
{
	int flags = fcntl(end, F_GETFL);
	return flags >= 0 && flags & O_APPEND;
}

/* --- reaching ------------------------------------------------------------- */

/* FETCH, and DROP if ends is NULL: tells pid 1 that the box is in use, and hears what happened in it. */
static int tell(struct line *line, int *ends, struct err *err)
{
	struct box_command command = {.op = ends ? BOX_FETCH : BOX_DROP, .slot = line->slot, .ends = ends};
	BOX_RESULT_AUTO result;
	if (box_run(line->box, &command, &result, err) < 0)
		return -1;
	line->told = num_now_ms();
	line->ended = !result.lives;
	line->oom |= result.oom;
	line->pids |= result.pids;
	line->disk |= result.disk;
	return 0;
}

static void close_ends(int ends[BOX_ENDS])
{
	for (int i = 0; i < BOX_ENDS; i++)
		fd_close(&ends[i]);
}

/* Is the program still there? */
static int look(struct line *line, struct err *err)
{
	int ends[BOX_ENDS];
	if (tell(line, ends, err) < 0)
		return -1;
	close_ends(ends);
	return 0;
}

static struct line *line_new(struct box *box, unsigned slot)
{
	struct line *line = mem_alloc(1, sizeof *line);
	line->box = box;
	line->slot = slot;
	line->unsure = true;
	for (int i = 0; i < BOX_ENDS; i++)
		line->ends[i] = -1;
	return line;
}

struct line *line_fetch(struct box *box, unsigned slot, bool *none, struct err *err)
{
	struct line *line = line_new(box, slot);
	*none = false;
	if (tell(line, line->ends, err) == 0 && line->ends[0] >= 0)
		return line;
	if (line->told) {
		*none = true;
		err_set(err, ERR_SYSTEM, "there is no such program in the box");
	}
	line_free(line);
	return NULL;
}

struct line *line_start(struct box *box, unsigned slot, const struct line_program *program, struct err *err)
{
	struct box_command command = {.op = BOX_START,
	                              .slot = slot,
	                              .argv = program->argv,
	                              .env = program->env,
	                              .cwd = program->cwd,
	                              .timeout_ms = program->timeout_ms,
	                              .keep = 300};
	BOX_RESULT_AUTO result;
	if (box_run(box, &command, &result, err) < 0)
		return NULL;
	struct line *line = line_new(box, slot);
	const struct buf *said = &result.out[0].head;
	if (result.how != BOX_EXITED)
		err_set(err, ERR_SYSTEM, "%s: not started in time", program->argv[0]);
	else if (said->len > 0 && tell(line, NULL, err) == 0)
		err_set(err, ERR_INPUT, "%.*s", (int)strcspn(said->data, "\n"), said->data);
	else if (said->len == 0 && tell(line, line->ends, err) == 0)
		return line;
	line_free(line);
	return NULL;
}

void line_free(struct line *line)
{
	if (!line)
		return;
	close_ends(line->ends);
	buf_free(&line->in);
	buf_free(&line->words);
	free(line);
}

void line_free_all(struct line *lines[BOX_SLOTS])
{
	for (size_t i = 0; i < BOX_SLOTS; i++) {
		line_free(lines[i]);
		lines[i] = NULL;
	}
}

int line_kill(struct line *line, struct err *err)
{
	return tell(line, NULL, err);
}

void line_answer_free(struct line_answer *answer)
{
	buf_free(&answer->reply);
	buf_free(&answer->stray);
	buf_free(&answer->words);
}

/* --- reading -------------------------------------------------------------- */

/* Bytes read; 0: nothing is there now; -1: nothing will be. */
static ssize_t read_end(int end, struct buf *to)
{
	buf_reserve(to, READ_SIZE);
	ssize_t n = read(end, to->data + to->len, READ_SIZE);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	to->len += (size_t)n;
	to->data[to->len] = '\0';
	return n;
}

static void read_words(struct line *line)
{
	struct buf *words = &line->words;
	if (read_end(line->ends[WORDS], words) < 0)
		fd_close(&line->ends[WORDS]);
	if (words->len > LINE_WORDS)
		buf_drop_front(words, words->len - LINE_WORDS);
}

static void add_stray(struct exchange *exchange, const char *text, size_t len)
{
	struct buf *stray = &exchange->answer->stray;
	size_t room = exchange->request->keep - stray->len, take = len < room ? len : room;
	buf_add(stray, text, take);
	exchange->answer->stray_cut += len - take;
}

/* The lines that have come, up to the answer. Whether the exchange is over. */
static bool take_lines(struct exchange *exchange)
{
	struct buf *in = &exchange->line->in;
	const struct line_request *request = exchange->request;
	size_t at = 0;
	enum line_kind kind = LINE_STRAY;
	for (const char *newline;
	     kind == LINE_STRAY && in->len > exchange->line->searched &&
	     (newline = memchr(in->data + exchange->line->searched, '\n', in->len - exchange->line->searched));) {
		const char *text = in->data + at;
		size_t len = (size_t)(newline - text);
		if (len > request->most)
			kind = LINE_UNFIT;
		else
			kind = request->judge(request->context, text, len);
		if (kind == LINE_REPLY)
			buf_add(&exchange->answer->reply, text, len);
		if (kind == LINE_STRAY)
			add_stray(exchange, text, len + 1);
		exchange->line->searched = at = at + len + 1;
	}
	if (in->data)
		buf_drop_front(in, at);
	exchange->line->searched = kind == LINE_STRAY ? in->len : 0;
	if (kind == LINE_STRAY && in->len > request->most)
		kind = LINE_UNFIT;
	exchange->answer->end = kind == LINE_UNFIT ? LINE_RUBBISH : LINE_ANSWERED;
	return kind != LINE_STRAY;
}

/* Whether the exchange is over. */
static bool read_replies(struct exchange *exchange)
{
	struct line *line = exchange->line;
	ssize_t n = read_end(line->ends[REPLIES], &line->in);
	if (n > 0)
		return take_lines(exchange);
	exchange->answer->end = LINE_ENDED;
	return n < 0 || line->ended;
}

/* What it wrote behind an answer and before the next request goes, a line's beginning too: part of it may have been
 * read, and gone, with a process that got that answer. Whether the exchange is over. */
static bool drop_early(struct exchange *exchange)
{
	struct line *line = exchange->line;
	ssize_t n = 1;
	for (int i = 0; n > 0 && i < READS_AT_ONCE; i++) {
		buf_clear(&line->in);
		n = read_end(line->ends[REPLIES], &line->in);
	}
	buf_clear(&line->in);
	line->searched = 0;
	if (n < 0)
		exchange->answer->end = LINE_ENDED;
	return n < 0;
}

/* --- asking --------------------------------------------------------------- */

/* Whether the exchange is over: who has closed its stdin takes no more requests. */
static bool give(struct exchange *exchange)
{
	const struct line_request *request = exchange->request;
	size_t rest = request->len - exchange->given;
	ssize_t n = write(exchange->line->ends[REQUESTS], request->text + exchange->given, rest);
	if (n < 0) {
		exchange->answer->end = LINE_ENDED;
		return errno != EAGAIN && errno != EINTR;
	}
	/* What fits into the pipe is in it as a whole, or not at all. */
	if ((size_t)n < rest ? exchange->given == 0 : exchange->given > 0)
		set_mark(exchange->line->ends[REPLIES], (size_t)n < rest);
	exchange->given += (size_t)n;
	return false;
}

/* One round: whatever can go either way. 1: the exchange is over; 0: not yet; or -1. */
static int turn(struct exchange *exchange, struct err *err)
{
	struct line *line = exchange->line;
	bool giving = exchange->given < exchange->request->len;
	int64_t now = num_now_ms(), next = line->told + TELL_MS;
	if (next > exchange->deadline)
		next = exchange->deadline;
	if (next < now || line->ended)
		next = now;
	struct pollfd fds[4] = {{line->ends[REPLIES], POLLIN, 0},
	                        {line->ends[WORDS], POLLIN, 0},
	                        {giving ? line->ends[REQUESTS] : -1, POLLOUT, 0},
	                        {stop_fd(), POLLIN, 0}};
	if (poll(fds, 4, (int)(next - now)) < 0)
		return errno == EINTR ? 0 : err_system(err, "poll");
	if (fds[3].revents)
		return err_set(err, ERR_SYSTEM, "stopped by a signal");
	if (fds[1].revents)
		read_words(line);
	if ((fds[0].revents || line->ended) && read_replies(exchange))
		return 1;
	if (fds[2].revents && give(exchange))
		return 1;
	now = num_now_ms();
	exchange->answer->end = LINE_HUNG;
	if (now >= exchange->deadline)
		return 1;
	return now < line->told + TELL_MS ? 0 : look(line, err);
}

/* Until the answer is there, or there will be none. */
static int await(struct exchange *exchange, struct err *err)
{
	int over = 0;
	while (over == 0)
		over = turn(exchange, err);
	return over < 0 ? -1 : 0;
}

/* The answer to the request of somebody who has died. -1 or 0; then the exchange goes on if it is LINE_ANSWERED. */
static int pass_over(struct exchange *exchange, struct err *err)
{
	struct line_answer *answer = exchange->answer;
	answer->end = LINE_TORN;
	if (has_mark(exchange->line->ends[REPLIES]))
		return 0;
	exchange->given = exchange->request->len;
	if (await(exchange, err) < 0)
		return -1;
	exchange->given = 0;
	answer->passed = answer->end == LINE_ANSWERED;
	/* What was said then was said to another. */
	buf_clear(&answer->reply);
	buf_clear(&answer->stray);
	answer->stray_cut = 0;
	return 0;
}

static int run(struct exchange *exchange, struct err *err)
{
	struct line *line = exchange->line;
	exchange->answer->end = LINE_ANSWERED;
	if (line->unsure && has_mark(line->ends[REQUESTS]) && pass_over(exchange, err) < 0)
		return -1;
	if (exchange->answer->end != LINE_ANSWERED || drop_early(exchange))
		return 0;
	if (stop_signal())
		return err_set(err, ERR_SYSTEM, "stopped by a signal");
	set_mark(line->ends[REQUESTS], true);
	line->unsure = true;
	if (give(exchange))
		return 0;
	if (await(exchange, err) < 0)
		return -1;
	if (exchange->answer->end == LINE_ANSWERED) {
		set_mark(line->ends[REQUESTS], false);
		line->unsure = false;
	}
	return 0;
}

/* Nothing more is to be had of it. */
static int drop(struct exchange *exchange, struct err *err)
{
	struct line *line = exchange->line;
	if (tell(line, NULL, err) < 0)
		return -1;
	for (int i = 0; line->ends[WORDS] >= 0 && i < READS_AT_ONCE; i++)
		read_words(line);
	for (int i = 0; i < READS_AT_ONCE && read_end(line->ends[REPLIES], &line->in) > 0; i++)
		continue;
	buf_add(&exchange->answer->words, buf_string(&line->words), line->words.len);
	add_stray(exchange, buf_string(&line->in), line->in.len);
	close_ends(line->ends);
	return 0;
}

int line_ask(struct line *line, const struct line_request *request, struct line_answer *answer, struct err *err)
{
	struct exchange exchange = {.line = line, .request = request, .answer = answer};
	int64_t now = num_now_ms();
	memset(answer, 0, sizeof *answer);
	exchange.deadline = request->timeout_ms ? now + request->timeout_ms : INT64_MAX;
	if (now >= line->told + TELL_MS && look(line, err) < 0)
		return -1;
	if (run(&exchange, err) == 0 && (answer->end == LINE_ANSWERED || drop(&exchange, err) == 0)) {
		answer->oom = line->oom;
		answer->pids = line->pids;
		answer->disk = line->disk;
		line->oom = line->pids = line->disk = false;
		return 0;
	}
	line_answer_free(answer);
	memset(answer, 0, sizeof *answer);
	return -1;
}
