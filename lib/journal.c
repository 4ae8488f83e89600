#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"

#define NAME "journal.jsonl"
#define JOURNAL_MAX ((size_t)4 << 30) /* bytes; a journal is read as a whole */
#define TAIL_FIRST (16u << 10)        /* bytes of the end that are read at first to find the last line */

int journal_create(int dirfd, struct journal *journal, struct err *err)
{
	memset(journal, 0, sizeof *journal);
	journal->fd = openat(dirfd, NAME, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return journal->fd < 0 ? err_system(err, NAME) : 0;
}

int journal_open(int dirfd, struct journal *journal, struct err *err)
{
	memset(journal, 0, sizeof *journal);
	journal->fd = openat(dirfd, NAME, O_RDWR | O_APPEND | O_CLOEXEC);
	/* A journal that may only be read can still be shown. */
	if (journal->fd < 0 && (errno == EROFS || errno == EACCES))
		journal->fd = openat(dirfd, NAME, O_RDONLY | O_CLOEXEC);
	return journal->fd < 0 ? err_system(err, NAME) : 0;
}

void journal_close(struct journal *journal)
{
	fd_close(&journal->fd);
}

/* The file's last bytes, from the start of its last complete line on; *size becomes its length up to there. */
static int read_last_line(int fd, off_t *size, struct buf *line, struct err *err)
{
	for (off_t want = TAIL_FIRST;; want *= 4) {
		off_t from = *size > want ? *size - want : 0;
		buf_clear(line);
		buf_reserve(line, (size_t)(*size - from));
		ssize_t n = pread(fd, line->data, (size_t)(*size - from), from);
		if (n < 0)
			return err_system(err, NAME);
		line->len = (size_t)n;
		char *end = n ? memrchr(line->data, '\n', (size_t)n) : NULL;
		char *start = end ? memrchr(line->data, '\n', (size_t)(end - line->data)) : NULL;
		if (!start && from > 0)
			continue;
		/* What follows the last newline was torn by a crash. */
		*size = end ? from + (end + 1 - line->data) : 0;
		line->len = end ? (size_t)(end - line->data) : 0;
		buf_drop_front(line, start ? (size_t)(start + 1 - line->data) : 0);
		return 0;
	}
}

static int entry_parse(const char *text, size_t len, json *entry, struct err *err)
{
	JSON_AUTO value = json_none();
	if (json_parse(text, len, &value, err) < 0)
		return -1;
	if (!json_get_string(value, "entry") || json_get_int(value, "step", 0, INT_MAX, -1) < 0)
		return err_set(err, ERR_SYSTEM, "not a journal entry");
	*entry = json_take(&value);
	return 0;
}

static void note_state(struct journal *journal, const char *kind, int step, bool ended)
{
	journal->step = step;
	journal->ended = ended;
	journal->interrupted = !strcmp(kind, "action");
}

int journal_refresh(struct journal *journal, bool repair, struct err *err)
{
	struct stat st;
	if (fstat(journal->fd, &st) < 0)
		return err_system(err, NAME);
	if (st.st_size == journal->size && st.st_size > 0)
		return 0;
	BUF_AUTO line = {0};
	JSON_AUTO entry = json_none();
	off_t size = st.st_size;
	if (read_last_line(journal->fd, &size, &line, err) < 0)
		return -1;
	if (line.len == 0)
		return err_set(err, ERR_SYSTEM, NAME ": no complete entry");
	if (entry_parse(line.data, line.len, &entry, err) < 0) {
		err->code = ERR_SYSTEM;
		return err_context(err, NAME ": last line");
	}
	if (repair && size < st.st_size && ftruncate(journal->fd, size) < 0)
		return err_system(err, NAME ": cut off a torn line");
	journal->size = size;
	note_state(journal, json_get_string(entry, "entry"), (int)json_get_number(entry, "step", 0),
	           json_get_bool(entry, "ended", false));
	return 0;
}

int journal_append(struct journal *journal, const char *kind, int step, bool ended, json value, struct err *err)
{
	BUF_AUTO line = {0};
	buf_add_format(&line, "{\"entry\":\"%s\",\"step\":%d,\"ended\":%s,\"%s\":", kind, step,
	               ended ? "true" : "false", !strcmp(kind, "reset") ? "observation" : kind);
	if (json_dump(value, false, &line, err) < 0)
		return err_context(err, NAME);
	buf_add(&line, "}\n", 2);
	ssize_t n;
	do
		n = write(journal->fd, line.data, line.len);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)line.len) {
		/* Half a line (a full disk) must not stay: the next append would continue it. */
		int saved = n < 0 ? errno : ENOSPC;
		if (n > 0)
			(void)!ftruncate(journal->fd, journal->size);
		errno = saved;
		return err_system(err, NAME);
	}
	journal->size += n;
	note_state(journal, kind, step, ended);
	return 0;
}

int journal_each(const struct journal *journal, journal_visit *visit, void *context, struct err *err)
{
	BUF_AUTO text = {0};
	int number = 0;
	if (lseek(journal->fd, 0, SEEK_SET) < 0 || fd_read_all(journal->fd, JOURNAL_MAX, &text, err) < 0)
		return -1;
	const char *at = buf_string(&text), *end = at + text.len;
	for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		JSON_AUTO entry = json_none();
		number++;
		if (entry_parse(at, (size_t)(newline - at), &entry, err) < 0) {
			err->code = ERR_SYSTEM;
			return err_context(err, NAME ": line %d", number);
		}
		int result = visit(json_get_string(entry, "entry"), entry, context, err);
		if (result != 0)
			return result < 0 ? -1 : 0;
	}
	return 0;
}

struct find {
	const char *id;
	int step; /* 0: not found yet */
	json observation;
};

static int find_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct find *find = context;
	(void)err;
	int step = (int)json_get_number(entry, "step", 0);
	if (!strcmp(kind, "action")) {
		const char *id = json_get_string(json_get(entry, "action"), "id");
		if (id && !strcmp(id, find->id))
			find->step = step;
	} else if (!strcmp(kind, "observation") && find->step == step && step > 0) {
		find->observation = json_copy(json_get(entry, "observation"));
		return 1;
	}
	return 0;
}

struct recent {
	json last;
	int submits;
};

static int recent_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct recent *recent = context;
	json observation = json_get(entry, "observation");
	const char *tool = json_get_string(observation, "tool");
	(void)err;
	if (strcmp(kind, "observation") != 0)
		return 0;
	if (tool && !strcmp(tool, "submit")) {
		recent->submits++;
		return 0;
	}
	json_free(&recent->last);
	recent->last = json_copy(observation);
	return 0;
}

int journal_recent(const struct journal *journal, json *last, int *submits, struct err *err)
{
	struct recent recent = {json_none(), 0};
	if (journal_each(journal, recent_visit, &recent, err) < 0) {
		json_free(&recent.last);
		return -1;
	}
	*last = recent.last;
	*submits = recent.submits;
	return 0;
}

int journal_find_action(const struct journal *journal, const char *id, json *observation, struct err *err)
{
	struct find find = {.id = id, .observation = json_none()};
	BUF_AUTO text = {0};
	BUF_AUTO quoted = {0};
	JSON_AUTO string = json_new_string(id);
	/* Most ids are new: their text does not occur, and no line needs to be parsed to know it. */
	if (json_dump(string, false, &quoted, err) < 0 || lseek(journal->fd, 0, SEEK_SET) < 0 ||
	    fd_read_all(journal->fd, JOURNAL_MAX, &text, err) < 0)
		return -1;
	if (!memmem(buf_string(&text), text.len, quoted.data, quoted.len))
		return 0;
	if (journal_each(journal, find_visit, &find, err) < 0)
		return -1;
	*observation = find.observation;
	return find.step > 0;
}

static int verdict_visit(const char *kind, json entry, void *context, struct err *err)
{
	if (!strcmp(kind, "verdict")) {
		if (!json_get_string(json_get(entry, "verdict"), "status"))
			return err_set(err, ERR_SYSTEM, NAME ": a verdict without a status");
		json_free(context);
		*(json *)context = json_copy(json_get(entry, "verdict"));
	}
	return 0;
}

int journal_verdict(const struct journal *journal, json *verdict, struct err *err)
{
	JSON_AUTO found = json_none();
	if (journal_each(journal, verdict_visit, &found, err) < 0)
		return -1;
	if (json_is_none(found))
		return 0;
	*verdict = json_take(&found);
	return 1;
}

struct history {
	json reset, steps, action, verdict;
};

static void push_step(struct history *history, json observation)
{
	if (json_is_none(history->action))
		return;
	json step = json_new_object();
	json_set(&step, "action", history->action);
	json_set(&step, "observation", json_is_none(observation) ? json_new_null() : json_copy(observation));
	json_append(&history->steps, step);
	history->action = json_none();
}

static int history_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct history *history = context;
	(void)err;
	if (!strcmp(kind, "reset")) {
		json_free(&history->reset);
		history->reset = json_copy(json_get(entry, "observation"));
	} else if (!strcmp(kind, "action")) {
		push_step(history, json_none()); /* one that was never answered */
		history->action = json_copy(json_get(entry, "action"));
	} else if (!strcmp(kind, "observation")) {
		push_step(history, json_get(entry, "observation"));
	} else if (!strcmp(kind, "verdict")) {
		json_free(&history->verdict);
		history->verdict = json_copy(json_get(entry, "verdict"));
	}
	return 0;
}

int journal_history(const struct journal *journal, json *history, struct err *err)
{
	struct history found = {json_none(), json_new_array(), json_none(), json_none()};
	int failed = journal_each(journal, history_visit, &found, err);
	push_step(&found, json_none());
	JSON_AUTO result = json_new_object();
	json_set(&result, "reset", json_is_none(found.reset) ? json_new_null() : found.reset);
	json_set(&result, "steps", found.steps);
	json_set(&result, "verdict", json_is_none(found.verdict) ? json_new_null() : found.verdict);
	if (failed < 0)
		return -1;
	*history = json_take(&result);
	return 0;
}
