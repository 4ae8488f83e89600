#include "chooser.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "chooser_list.h"
#include "layout.h"
#include "num.h"
#include "program.h"
#include "solved.h"
#include "stop.h"
#include "task.h"
#include "terminal.h"
#include "text.h"

#define TURN_US 50000 /* so often what has come is shown, while more comes */
#define FILTER_MAX 200
#define REVERSE "\033[7m"

struct chooser {
	struct chooser_list list;
	json solved;
	unsigned columns, rows;
	size_t top; /* the first line of the list on the screen */
	bool screen, loading;
	bool over;                       /* something was chosen, or nothing will be */
	const struct chooser_task *took; /* what, or NULL */
	int64_t drawn;                   /* when */
};

/* --- the screen ------------------------------------------------------------- */

/* A row of safe text, as much of it as there is room for. */
static void put_row(const struct chooser *chooser, const char *style, const struct buf *text, struct buf *out)
{
	unsigned columns;
	size_t len = layout_fit(buf_string(text), text->len, chooser->columns, &columns);
	if (program_colour())
		buf_add_string(out, style);
	buf_add(out, buf_string(text), len);
	if (program_colour() && *style)
		buf_add_string(out, LAYOUT_STYLE_OFF);
	buf_add_string(out, columns < chooser->columns ? "\033[K\r\n" : "\r\n");
}

static void put_text(const struct chooser *chooser, const char *style, const char *text, struct buf *out)
{
	BUF_AUTO row = {0};
	buf_add_string(&row, text);
	put_row(chooser, style, &row, out);
}

/* Its end, if it is longer than the row. */
static void put_filter(const struct chooser *chooser, struct buf *out)
{
	BUF_AUTO row = {0};
	BUF_AUTO safe = {0};
	unsigned columns, room = chooser->columns > 6 ? chooser->columns - 4 : 2;
	text_for_terminal(buf_string(&chooser->list.filter), chooser->list.filter.len, &safe);
	const char *text = buf_string(&safe);
	size_t len = safe.len, size;
	while (layout_fit(text, len, room, &columns) < len) {
		text_code(text, len, &size);
		text += size;
		len -= size;
	}
	buf_add_string(&row, "/ ");
	buf_add(&row, text, len);
	buf_add_char(&row, '_');
	put_row(chooser, layout_style_on(LAYOUT_BOLD), &row, out);
}

static unsigned name_width(const struct chooser_list *list, unsigned most)
{
	unsigned widest = 0, columns;
	for (size_t i = 0; i < list->shown_count && widest < most; i++) {
		const char *name = list->shown[i]->name;
		layout_fit(name, strlen(name), most, &columns);
		widest = columns > widest ? columns : widest;
	}
	return widest;
}

/* "> + bash/count-errors   Count the errors" */
static void add_task(const struct chooser_task *task, const char *begin, unsigned width, struct buf *row)
{
	unsigned columns;
	size_t len = layout_fit(task->name, strlen(task->name), width, &columns);
	buf_add_format(row, "%s%s ", begin, task->mark == '+' ? "✓" : task->mark == '-' ? "·" : " ");
	buf_add(row, task->name, len);
	buf_add_format(row, "%*s  %s", (int)(width - columns), "", task->title);
}

static void put_list(struct chooser *chooser, unsigned height, struct buf *out)
{
	const struct chooser_list *list = &chooser->list;
	size_t at = list->cursor_line;
	unsigned width = name_width(list, chooser->columns / 2);
	/* The group of the first task is to be seen as well. */
	if (at <= chooser->top)
		chooser->top = at > 0 && list->lines[at - 1].heads && height > 1 ? at - 1 : at;
	if (at >= chooser->top + height)
		chooser->top = at - height + 1;
	for (size_t i = chooser->top; i < chooser->top + height; i++) {
		BUF_AUTO row = {0};
		if (i < list->line_count && list->lines[i].heads)
			buf_add_string(&row, list->lines[i].task->group);
		else if (i < list->line_count)
			add_task(list->lines[i].task, i == at ? "> " : "  ", width, &row);
		put_row(chooser,
		        i < list->line_count && list->lines[i].heads ? layout_style_on(LAYOUT_BOLD)
		        : i == at                                    ? REVERSE
		                                                     : "",
		        &row, out);
	}
}

static void draw(struct chooser *chooser)
{
	const struct chooser_list *list = &chooser->list;
	BUF_AUTO out = {0};
	terminal_size(&chooser->columns, &chooser->rows);
	unsigned rows = chooser->rows, height = rows > 2 ? rows - 2 : 1;
	buf_add_string(&out, "\033[H");
	if (rows >= 8) {
		STRING_AUTO heading =
		        mem_format("Choose a task: %zu, of which you have solved %zu", list->count, list->solved);
		put_text(chooser, "", heading, &out);
		height--;
	}
	put_filter(chooser, &out);
	put_list(chooser, height, &out);
	if (rows > 2) {
		STRING_AUTO foot = mem_format("%zu%s  type to filter, Enter: play, Esc: leave", list->shown_count,
		                              chooser->loading ? "..." : "");
		put_text(chooser, layout_style_on(LAYOUT_DIM), foot, &out);
	}
	/* A line break behind the last row would move all of them. */
	out.len -= 2;
	buf_add_string(&out, "\033[J");
	program_print_bytes(out.data, out.len);
	chooser->drawn = num_now_us();
}

/* --- keys --------------------------------------------------------------------- */

static void type(struct buf *filter, unsigned code)
{
	if (filter->len < FILTER_MAX)
		text_add_code(code, filter);
}

static void rub_out(struct buf *filter)
{
	size_t len = filter->len;
	while (len > 0 && ((unsigned char)filter->data[--len] & 0xc0) == 0x80)
		continue;
	buf_cut(filter, len);
}

enum { CTRL_C = 3, CTRL_D = 4, CTRL_N = 14, CTRL_P = 16, CTRL_U = 21, CTRL_Z = 26, ENTER = 13, ESCAPE = 27 };

static void edit_filter(struct chooser *chooser, int key)
{
	struct chooser_list *list = &chooser->list;
	if (key == 127 || key == 8)
		rub_out(&list->filter);
	else if (key == CTRL_U)
		buf_clear(&list->filter);
	else if (key >= ' ' && key < TERMINAL_UP)
		type(&list->filter, (unsigned)key);
	else
		return;
	/* What is found first is meant. */
	list->cursor = list->shown_count;
	chooser->top = 0;
	chooser_list_refresh(list);
}

static void handle_key(struct chooser *chooser, int key)
{
	struct chooser_list *list = &chooser->list;
	long page = chooser->rows > 4 ? (long)chooser->rows - 4 : 1;
	switch (key) {
	case TERMINAL_UP:
	case CTRL_P:
		chooser_list_move(list, -1);
		break;
	case TERMINAL_DOWN:
	case CTRL_N:
		chooser_list_move(list, 1);
		break;
	case TERMINAL_PAGE_UP:
		chooser_list_move(list, -page);
		break;
	case TERMINAL_PAGE_DOWN:
		chooser_list_move(list, page);
		break;
	case TERMINAL_HOME:
		chooser_list_move(list, -(long)list->count);
		break;
	case TERMINAL_END:
		chooser_list_move(list, (long)list->count);
		break;
	case CTRL_Z:
		terminal_suspend();
		break;
	case ENTER:
		chooser->took = list->shown_count ? list->shown[list->cursor] : NULL;
		chooser->over = chooser->took;
		break;
	case ESCAPE:
	case CTRL_C:
	case CTRL_D:
	case TERMINAL_GONE:
		chooser->over = true;
		break;
	default:
		edit_filter(chooser, key);
	}
}

/* All keys that are there, and what the screen is then. Waits for one at most so long. */
static void turn(struct chooser *chooser, int timeout_ms)
{
	draw(chooser);
	for (int key; !chooser->over && (key = terminal_key(timeout_ms)) != TERMINAL_NOTHING; timeout_ms = 0)
		handle_key(chooser, key);
	chooser->over |= program_output_failed();
}

/* --- without a screen ------------------------------------------------------------- */

/* Up to a newline, and no byte beyond it. False: there is no line. */
/* 1; 0 at the end of the input, and where there is nothing in the line; -1. */
static int read_line(struct buf *line, struct err *err)
{
	struct pollfd polled[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = stop_fd(), .events = POLLIN}};
	buf_clear(line);
	for (char c = 0; c != '\n' && line->len < FILTER_MAX;) {
		if ((poll(polled, 2, -1) < 0 && errno != EINTR) || stop_signal())
			return 0;
		if (!polled[0].revents)
			continue;
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n == 0)
			break;
		if (n > 0)
			buf_add_char(line, c);
		else if (errno != EINTR && errno != EAGAIN)
			return err_system(err, "read");
	}
	buf_trim_end(line, 0, '\n');
	buf_trim_end(line, 0, ' ');
	return line->len > 0;
}

static void print_list(struct chooser_list *list)
{
	LAYOUT_AUTO layout = {0};
	unsigned width = name_width(list, layout_screen() / 2);
	size_t number = 0;
	for (size_t i = 0; i < list->line_count; i++) {
		const struct chooser_task *task = list->lines[i].task;
		BUF_AUTO row = {0};
		STRING_AUTO begin = list->lines[i].heads ? NULL : mem_format("%4zu  ", ++number);
		if (begin)
			add_task(task, begin, width, &row);
		layout_add(&layout, begin ? LAYOUT_PLAIN : LAYOUT_BOLD, 10, begin ? row.data : task->group,
		           begin ? row.len : strlen(task->group));
	}
	program_print_layout(&layout);
}

static int choose_plainly(struct chooser *chooser, struct err *err)
{
	static const char prompt[] = "number or name: ", none[] = "there is no such task, or more than one\n";
	BUF_AUTO line = {0};
	print_list(&chooser->list);
	int got = 0;
	while (program_print_bytes(prompt, sizeof prompt - 1) && (got = read_line(&line, err)) > 0) {
		if ((chooser->took = chooser_list_find(&chooser->list, line.data)))
			break;
		if (!isatty(STDIN_FILENO))
			return err_set(err, ERR_INPUT, "'%s': there is no such task, or more than one", line.data);
		program_print_bytes(none, sizeof none - 1);
	}
	return got < 0 ? -1 : 0;
}

/* --- both --------------------------------------------------------------------- */

static int add(const struct task *task, const struct err *err, void *context)
{
	struct chooser *chooser = context;
	(void)err;
	if (!task)
		return 0; /* it cannot be played, and task-list says why */
	JSON_AUTO record = task_record(task);
	chooser_list_add(&chooser->list, record, chooser->solved);
	if (chooser->screen && num_now_us() - chooser->drawn > TURN_US) {
		chooser_list_refresh(&chooser->list);
		turn(chooser, 0);
	}
	return chooser->over || stop_signal();
}

static int choose(struct chooser *chooser, struct task_path *path, struct err *err)
{
	chooser->loading = true;
	if (task_each(path, NULL, add, chooser, err) < 0)
		return -1;
	chooser->loading = false;
	if (!chooser->over)
		chooser_list_refresh(&chooser->list);
	if (chooser->list.count == 0 && !chooser->over)
		return err_set(err, ERR_INPUT, "there is no task to choose");
	if (!chooser->screen)
		return choose_plainly(chooser, err);
	while (!chooser->over && !stop_signal())
		turn(chooser, -1);
	return 0;
}

int chooser_run(const char *tasks, char **id, struct err *err)
{
	struct chooser chooser = {.solved = json_none(), .screen = terminal_screen(), .drawn = num_now_us()};
	struct task_path *path = task_path_new(tasks, err);
	int failed = !path || solved_read(&chooser.solved, err) < 0 ||
	             (chooser.screen && terminal_raw(TERMINAL_ENTER, TERMINAL_LEAVE, err) < 0);
	if (!failed)
		failed = choose(&chooser, path, err) < 0;
	if (chooser.screen)
		terminal_restore();
	if (chooser.took)
		*id = mem_string(chooser.took->id);
	bool took = chooser.took;
	chooser_list_clear(&chooser.list);
	json_free(&chooser.solved);
	if (path)
		task_path_free(path);
	return failed ? -1 : took;
}
