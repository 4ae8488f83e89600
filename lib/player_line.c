#include "player_line.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <wchar.h>

#include "episode.h"
#include "fd.h"
#include "layout.h"
#include "program.h"
#include "record.h"
#include "stop.h"
#include "terminal.h"
#include "text.h"

#define CHOICES_MOST 200             /* completions that are shown */
#define HISTORY_MOST 1000            /* lines */
#define HISTORY_MAX (1u << 20)       /* bytes of a file that are read, */
#define HISTORY_LONG (256u << 10)    /* and from which on it is made shorter */
#define HISTORY_LINE_MAX (16u << 10) /* bytes of a line that is worth keeping */

struct player_lines {
	EditLine *edit; /* NULL: lines come from a pipe */
	History *history;
	FILE *files[3];
	struct record_reader *reader;
	int interrupts;
	const char *prompt;
	unsigned columns;    /* of the terminal, when it was drawn last */
	enum player_got why; /* the last line ended before it was complete */
	player_complete *complete;
	void *context;
	char *file; /* of the history; NULL: none */
};

static struct player_lines *lines_of(EditLine *edit)
{
	struct player_lines *lines;
	el_get(edit, EL_CLIENTDATA, &lines);
	return lines;
}

/* --- keys ------------------------------------------------------------------ */

/* Stopped (Ctrl-Z), continued, resized: a process has one terminal. */
static int event = -1;
static volatile sig_atomic_t stopping, resized;

static void on_event(int number)
{
	int saved = errno;
	uint64_t one = 1;
	if (number == SIGTSTP)
		stopping = 1;
	else
		resized = 1;
	(void)!write(event, &one, sizeof one);
	errno = saved;
}

/* The terminal is the shell's while we are stopped. */
static void stop_here(EditLine *edit)
{
	stopping = 0;
	el_set(edit, EL_PREP_TERM, 0);
	raise(SIGSTOP);
	el_set(edit, EL_PREP_TERM, 1);
	el_resize(edit);
	el_set(edit, EL_REFRESH);
}

/* Where the line begins, to be drawn anew. The terminal may have broken it into rows of its new width, or not: no row
 * is taken that may be another's. */
static void go_to_start(EditLine *edit)
{
	struct player_lines *lines = lines_of(edit);
	BUF_AUTO text = {0};
	BUF_AUTO out = {0};
	const LineInfo *info = el_line(edit);
	unsigned before = lines->columns, rows, columns;
	bool shown = true;
	terminal_size(&lines->columns, &rows);
	for (const char *at = lines->prompt; *at; at++)
		if (*at == '\1')
			shown = !shown;
		else if (shown)
			buf_add_char(&text, *at);
	buf_add(&text, info->buffer, (size_t)(info->cursor - info->buffer));
	(void)layout_fit(buf_string(&text), text.len, UINT16_MAX, &columns);
	rows = columns / (before > lines->columns ? before : lines->columns);
	buf_add_char(&out, '\r');
	if (terminal_screen() && rows)
		buf_add_format(&out, "\033[%uA", rows);
	if (terminal_screen())
		buf_add_string(&out, "\033[J");
	program_print_bytes(out.data, out.len);
}

static void handle_event(EditLine *edit)
{
	uint64_t count;
	(void)!read(event, &count, sizeof count);
	if (stopping)
		stop_here(edit);
	if (resized) {
		resized = 0;
		go_to_start(edit);
		el_resize(edit);
		el_set(edit, EL_REFRESH);
	}
}

/* Waits for a byte: 1; 0: the end; -1: something else came, and lines->why says what. */
static int read_byte(struct player_lines *lines, char *byte)
{
	int keys = fileno(lines->files[0]);
	for (;;) {
		struct pollfd fds[] = {
		        {keys, POLLIN, 0}, {stop_fd(), POLLIN, 0}, {event, POLLIN, 0}, {lines->interrupts, POLLIN, 0}};
		if (poll(fds, 4, -1) < 0 && errno != EINTR)
			return 0;
		if (fds[1].revents)
			return 0;
		if (fds[2].revents)
			handle_event(lines->edit);
		if (stop_interrupted()) {
			lines->why = PLAYER_INTERRUPT;
			return -1;
		}
		if (!fds[0].revents)
			continue;
		ssize_t n = read(keys, byte, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		return n == 1;
	}
}

/* One character, as el_set(EL_GETCFN) wants it. */
static int read_character(EditLine *edit, wchar_t *character)
{
	struct player_lines *lines = lines_of(edit);
	mbstate_t state = {0};
	char byte;
	for (int i = 0; i < 8; i++) {
		int got = read_byte(lines, &byte);
		if (got <= 0)
			return got;
		size_t len = mbrtowc(character, &byte, 1, &state);
		if (len == (size_t)-2)
			continue;
		if (len == (size_t)-1)
			break; /* not of this character set: dropped for a mark */
		return 1;
	}
	*character = L'?';
	return 1;
}

/* --- completion -------------------------------------------------------------- */

static size_t common(const struct buf *found)
{
	const char *first = buf_string(found), *end = first + found->len;
	size_t len = strlen(first);
	for (const char *at = first; at < end; at += strlen(at) + 1) {
		size_t same = 0;
		while (same < len && at[same] == first[same])
			same++;
		len = same;
	}
	return text_cut_end(first, len);
}

static void list_choices(const struct buf *found)
{
	const char *at = buf_string(found), *end = at + found->len;
	LAYOUT_AUTO layout = {0};
	BUF_AUTO line = {0};
	for (int i = 0; at < end && i < CHOICES_MOST; i++, at += strlen(at) + 1) {
		/* Of a path its last part, with the '/' of a folder. */
		const char *slash = memrchr(at, '/', strlen(at) - 1);
		buf_add_format(&line, "%s%s", i ? "  " : "", slash ? slash + 1 : at);
	}
	if (at < end)
		buf_add_string(&line, "  ...");
	layout_add(&layout, LAYOUT_DIM, 0, buf_string(&line), line.len);
	program_print_bytes("\n", 1);
	program_print_layout(&layout);
}

static unsigned char complete(EditLine *edit, int key)
{
	struct player_lines *lines = lines_of(edit);
	const LineInfo *info = el_line(edit);
	BUF_AUTO found = {0};
	size_t cursor = (size_t)(info->cursor - info->buffer), start = cursor;
	(void)key;
	/* With more right behind it, it was not pressed: it is one of a text that was pasted. */
	if (poll(&(struct pollfd){fileno(lines->files[0]), POLLIN, 0}, 1, 0) > 0) {
		el_insertstr(edit, "\t");
		return CC_REFRESH;
	}
	STRING_AUTO line = mem_format("%.*s", (int)(info->lastchar - info->buffer), info->buffer);
	lines->complete(lines->context, line, cursor, &start, &found);
	if (found.len == 0)
		return CC_ERROR;
	const char *first = buf_string(&found);
	size_t len = common(&found), typed = cursor - start;
	bool one = strlen(first) + 1 == found.len;
	STRING_AUTO text = mem_format("%.*s%s", (int)len, first, one && len > 0 && first[len - 1] != '/' ? " " : "");
	bool goes_on = strlen(text) > typed && !strncmp(text, line + start, typed);
	if (!goes_on && !one) {
		list_choices(&found);
		return CC_REDISPLAY;
	}
	/* What has to be quoted begins otherwise than it was typed. */
	if (!goes_on)
		el_deletestr(edit, (int)text_count(line + start, typed));
	el_insertstr(edit, text + (goes_on ? typed : 0));
	return CC_REFRESH;
}

/* --- history ------------------------------------------------------------------- */

static void enter_history(struct player_lines *lines, const char *text)
{
	HistEvent event_of;
	history(lines->history, &event_of, H_ENTER, text);
}

/* The end of the file, if that is longer than one that is read whole. */
static int read_history(const struct player_lines *lines, struct buf *text)
{
	FD_AUTO fd = open(lines->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (size < 0 || lseek(fd, size > HISTORY_MAX ? size - HISTORY_MAX / 2 : 0, SEEK_SET) < 0)
		return -1;
	return fd_read_all(fd, HISTORY_MAX, text, NULL);
}

static void load_history(struct player_lines *lines)
{
	BUF_AUTO text = {0};
	if (read_history(lines, &text) < 0)
		return;
	/* What is long is made shorter: the second half of it. */
	if (text.len > HISTORY_LONG) {
		const char *newline = memchr(text.data + text.len / 2, '\n', text.len - text.len / 2);
		buf_drop_front(&text, newline ? (size_t)(newline + 1 - text.data) : 0);
		(void)fd_replace_file(AT_FDCWD, lines->file, text.data, text.len, 0600, false, NULL);
	}
	for (const char *at = buf_string(&text), *end; (end = strchr(at, '\n')); at = end + 1) {
		JSON_AUTO line = json_none();
		size_t len = (size_t)(end - at);
		/* What a crash tore is no line. */
		if (text_valid(at, len) == len && json_parse(at, len, &line, NULL) == 0 && json_is_string(line))
			enter_history(lines, json_string(line));
	}
}

void player_lines_history(struct player_lines *lines, const char *name)
{
	STRING_AUTO state = lines->edit ? episode_state_path(NULL) : NULL;
	HistEvent event_of;
	if (!state)
		return;
	free(lines->file);
	lines->file = NULL;
	STRING_AUTO folder = mem_format("%s/play", state);
	history(lines->history, &event_of, H_CLEAR);
	if (fd_make_folders(folder, 0700, NULL) < 0)
		return;
	lines->file = mem_format("%s/history-%s.jsonl", folder, name);
	load_history(lines);
}

void player_lines_remember(struct player_lines *lines, const char *text)
{
	BUF_AUTO line = {0};
	if (!lines->edit || !*text || strlen(text) > HISTORY_LINE_MAX)
		return;
	enter_history(lines, text);
	JSON_AUTO value = json_new_string(text);
	FD_AUTO fd = lines->file ? open(lines->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (fd < 0 || json_dump(value, false, &line, NULL) < 0)
		return;
	buf_add_char(&line, '\n');
	(void)fd_write_all(fd, line.data, line.len, NULL);
}

/* --- lines ----------------------------------------------------------------------- */

static char *prompt_of(EditLine *edit)
{
	return (char *)(uintptr_t)lines_of(edit)->prompt;
}

/* libedit reads and writes in the locale's character set: ours is UTF-8, wherever there is one. */
static void use_characters(void)
{
	if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* Ctrl-C and Ctrl-Z drop what poll() has seen: a read that waits would wait for another key before they are heeded. A
 * terminal that is another user's (su) cannot be opened anew. */
static int open_files(struct player_lines *lines, struct err *err)
{
	for (int i = 0; i < 3; i++) {
		int fd = i ? -1 : open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			fd = fcntl(i, F_DUPFD_CLOEXEC, 3);
		lines->files[i] = fd < 0 ? NULL : fdopen(fd, i ? "w" : "r");
		if (!lines->files[i]) {
			err_system(err, "terminal");
			fd_close(&fd);
			return -1;
		}
	}
	return 0;
}

static void bind_keys(EditLine *edit)
{
	el_set(edit, EL_BIND, "^I", "box-complete", NULL);
	el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	/* The keys with arrows, in both of their modes, and what is beside them. */
	el_set(edit, EL_BIND, "\033[3~", "ed-delete-next-char", NULL);
	el_set(edit, EL_BIND, "\033[1~", "ed-move-to-beg", NULL);
	el_set(edit, EL_BIND, "\033[4~", "ed-move-to-end", NULL);
	el_set(edit, EL_BIND, "\033[H", "ed-move-to-beg", NULL);
	el_set(edit, EL_BIND, "\033[F", "ed-move-to-end", NULL);
	el_set(edit, EL_BIND, "\033[1;5C", "em-next-word", NULL);
	el_set(edit, EL_BIND, "\033[1;5D", "ed-prev-word", NULL);
	/* Others would type their ends: Insert, PgUp, PgDn, F5 to F12, and arrows with Shift, Alt, Ctrl. */
	static const char *const others[] = {"[2~",   "[5~",   "[6~",   "[15~",  "[17~",  "[18~",  "[19~",
	                                     "[20~",  "[21~",  "[23~",  "[24~",  "[1;2A", "[1;2B", "[1;2C",
	                                     "[1;2D", "[1;3A", "[1;3B", "[1;3C", "[1;3D", "[1;5A", "[1;5B"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		STRING_AUTO key = mem_format("\033%s", others[i]);
		el_set(edit, EL_BIND, key, "ed-ignore", NULL);
	}
}

static int begin_editing(struct player_lines *lines, struct err *err)
{
	HistEvent event_of;
	use_characters();
	if (open_files(lines, err) < 0)
		return -1;
	if (event < 0 && (event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		return err_system(err, "descriptor for signals");
	lines->edit = el_init("env-play", lines->files[0], lines->files[1], lines->files[2]);
	lines->history = history_init();
	if (!lines->edit || !lines->history)
		return err_set(err, ERR_SYSTEM, "terminal: lines cannot be edited");
	history(lines->history, &event_of, H_SETSIZE, HISTORY_MOST);
	history(lines->history, &event_of, H_SETUNIQUE, 1);
	el_set(lines->edit, EL_CLIENTDATA, lines);
	el_set(lines->edit, EL_SIGNAL, 0);
	el_set(lines->edit, EL_EDITOR, "emacs");
	el_set(lines->edit, EL_PROMPT_ESC, prompt_of, '\1');
	el_set(lines->edit, EL_HIST, history, lines->history);
	el_set(lines->edit, EL_GETCFN, read_character);
	el_set(lines->edit, EL_ADDFN, "box-complete", "complete a command or a file of the box", complete);
	bind_keys(lines->edit);
	return 0;
}

struct player_lines *player_lines_new(bool edit, int interrupts, player_complete *completer, void *context, struct err *err)
{
	struct player_lines *lines = mem_alloc(1, sizeof *lines);
	*lines = (struct player_lines){.interrupts = interrupts, .complete = completer, .context = context};
	if (!edit)
		lines->reader = record_reader_new(STDIN_FILENO);
	else if (begin_editing(lines, err) < 0) {
		player_lines_free(lines);
		return NULL;
	}
	return lines;
}

void player_lines_free(struct player_lines *lines)
{
	if (!lines)
		return;
	if (lines->edit)
		el_end(lines->edit);
	if (lines->history)
		history_end(lines->history);
	for (int i = 0; i < 3; i++)
		if (lines->files[i])
			fclose(lines->files[i]);
	record_reader_free(lines->reader);
	free(lines->file);
	free(lines);
}

static enum player_got read_piped(struct player_lines *lines, char **line, struct err *err)
{
	struct record record;
	int got = record_next_plain(lines->reader, &record, err);
	enum player_got result = got > 0 ? PLAYER_LINE : got < 0 && err->code == ERR_INPUT ? PLAYER_WRONG : PLAYER_END;
	const char *text = got > 0 ? json_string(record.value) : NULL;
	if (got > 0)
		*line = mem_string(text);
	if (result == PLAYER_WRONG)
		err_context(err, "line %llu", (unsigned long long)record.number);
	if (got < 0 && result == PLAYER_END) {
		program_error(err);
		program_fail(err->code);
	}
	record_free(&record);
	return result;
}

/* Signals of the terminal are ours only while a line is edited: else they are as before, for Ctrl-Z to stop us as it
 * stops anybody, and for a program that has the whole screen to hear of its size. */
static void take_signals(bool take)
{
	static const int numbers[] = {SIGTSTP, SIGWINCH};
	static struct sigaction others[2];
	struct sigaction action = {.sa_handler = on_event};
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < 2; i++)
		sigaction(numbers[i], take ? &action : &others[i], take ? &others[i] : NULL);
}

enum player_got player_lines_read(struct player_lines *lines, const char *prompt, char **line, struct err *err)
{
	int count = 0;
	if (!lines->edit)
		return read_piped(lines, line, err);
	lines->prompt = prompt;
	lines->why = PLAYER_END;
	take_signals(true);
	el_resize(lines->edit);
	unsigned rows;
	terminal_size(&lines->columns, &rows);
	const char *text = el_gets(lines->edit, &count);
	take_signals(false);
	if (!text || count <= 0) {
		el_reset(lines->edit);
		program_print_bytes("\n", 1);
		return lines->why;
	}
	/* One of several lines, from the history, has others within. */
	*line = mem_format("%.*s", count - (text[count - 1] == '\n'), text);
	return PLAYER_LINE;
}
