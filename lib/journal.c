#include "journal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "fd.h"

#define NAME "journal.jsonl"
#define JOURNAL_MAX ((size_t)4 << 30) /* bytes; a journal is read as a whole */
#define CHUNK ((size_t)1 << 20)       /* bytes that are looked at in one go */
#define PIECE ((size_t)64 << 10)      /* bytes that are written in one go */
#define SUM ",\"sum\":\"%016llx\"}"
#define SUM_LEN 26 /* bytes of that */

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
	if (journal->fd < 0 && (errno == EROFS || errno == EACCES || errno == EPERM)) {
		journal->denied = errno;
		journal->fd = openat(dirfd, NAME, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	return journal->fd < 0 ? err_system(err, NAME) : 0;
}

void journal_close(struct journal *journal)
{
	fd_close(&journal->fd);
}

bool journal_over(const struct journal *journal)
{
	return journal->ended && !journal->expired;
}

/* Whether an entry may follow what the journal holds so far, and if so what it then holds. NULL, or why not. */
static const char *follow(struct journal *journal, const char *kind, int step, bool ended)
{
	bool action = !strcmp(kind, "action"), retry = !strcmp(kind, "retry"), restore = !strcmp(kind, "restore");
	bool observation = !strcmp(kind, "observation"), fork = !strcmp(kind, "fork"), expire = !strcmp(kind, "expire");
	bool typed = !strcmp(kind, "typed");
	if (fork                     ? journal->lines > 0
	    : !strcmp(kind, "reset") ? journal->lines != journal->forked
	                             : journal->lines <= journal->forked)
		return "not the beginning that a journal has";
	if (step != journal->step + action)
		return "a step was left out or is there twice";
	if (action ? journal->interrupted : (retry || typed || observation) && !journal->interrupted)
		return "an action and its observation do not belong together";
	if (expire && journal->ended)
		return "an episode that has ended cannot expire";
	if ((action || retry) && journal->expired)
		return "an episode that has expired takes no step";
	journal->lines++;
	journal->forked += fork;
	journal->step = step;
	journal->ended = ended;
	journal->expired = expire || (journal->expired && !restore);
	journal->interrupted = action || retry || (journal->interrupted && !observation);
	journal->undone = journal->interrupted && (restore || (journal->undone && !retry));
	return NULL;
}

static bool skip(const char **at, const char *text)
{
	size_t len = strlen(text);
	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* The digits of a sum, which have one form only. */
static bool take_sum(const char *at, uint64_t *sum)
{
	static const char digits[] = "0123456789abcdef";
	*sum = 0;
	if (!skip(&at, ",\"sum\":\""))
		return false;
	for (int i = 0; i < 16; i++, at++) {
		const char *digit = *at ? strchr(digits, *at) : NULL;
		if (!digit)
			return false;
		*sum = *sum << 4 | (uint64_t)(digit - digits);
	}
	return skip(&at, "\"}");
}

/*
 * Takes a line without its newline, which is followed by one or a NUL, as the
 * journal's next, if it is. NULL, or why not. By hand: all lines are looked at
 * whenever an episode is opened.
 */
static const char *take_line(struct journal *journal, const char *line, size_t len)
{
	char kind[16];
	uint64_t sum;
	if (len < SUM_LEN)
		return "not a journal entry";
	if (!take_sum(line + len - SUM_LEN, &sum) || sum != digest_sum(line, len - SUM_LEN))
		return "damaged: it is not what was written";
	const char *at = line;
	size_t letters = skip(&at, "{\"entry\":\"") ? strspn(at, "abcdefghijklmnopqrstuvwxyz") : 0;
	if (letters == 0 || letters >= sizeof kind)
		return "not a journal entry";
	memcpy(kind, at, letters);
	kind[letters] = '\0';
	at += letters;
	if (!skip(&at, "\",\"step\":") || !isdigit((unsigned char)*at))
		return "not a journal entry";
	char *end;
	long step = strtol(at, &end, 10);
	at = end;
	bool ended = skip(&at, ",\"ended\":true,");
	if (step > INT_MAX || (!ended && !skip(&at, ",\"ended\":false,")))
		return "not a journal entry";
	return follow(journal, kind, (int)step, ended);
}

/* Takes the complete lines that the text begins with, and leaves the rest. */
static int take_lines(struct journal *journal, struct buf *text, struct err *err)
{
	const char *at = text->data, *end = at + text->len;
	for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		const char *reason = take_line(journal, at, (size_t)(newline - at));
		if (reason)
			return err_set(err, ERR_SYSTEM, NAME ": line %d: %s", journal->lines + 1, reason);
		journal->size += newline + 1 - at;
	}
	buf_drop_front(text, (size_t)(at - text->data));
	return 0;
}

int journal_refresh(struct journal *journal, bool repair, struct err *err)
{
	struct stat st;
	BUF_AUTO text = {0};
	if (fstat(journal->fd, &st) < 0)
		return err_system(err, NAME);
	if (st.st_size == journal->size && st.st_size > 0)
		return 0;
	struct journal now = *journal;
	if (st.st_size < now.size) {
		now.cuts++;
		now.size = now.lines = now.forked = now.step = 0;
		now.interrupted = now.undone = now.ended = now.expired = false;
	}
	for (ssize_t got = 1; got > 0;) {
		/* Most journals are short. */
		off_t left = st.st_size - now.size - (off_t)text.len;
		size_t part = left < (off_t)CHUNK ? (size_t)(left > 0 ? left : 0) + 256 : CHUNK;
		buf_reserve(&text, part);
		got = pread(journal->fd, text.data + text.len, part, now.size + (off_t)text.len);
		if (got < 0)
			return err_system(err, NAME);
		text.len += (size_t)got;
		text.data[text.len] = '\0';
		if (take_lines(&now, &text, err) < 0)
			return -1;
	}
	if (now.lines == 0)
		return err_set(err, ERR_SYSTEM, NAME ": no complete entry");
	errno = now.denied;
	if (repair && text.len > 0 && (now.denied || ftruncate(journal->fd, now.size) < 0))
		return err_system(err, NAME ": cut off a torn line");
	*journal = now;
	return 0;
}

int journal_append(struct journal *journal, const char *kind, int step, bool ended, json value, struct err *err)
{
	return journal_append_within(journal, INT64_MAX, kind, step, ended, value, json_none(), NULL, err);
}

/*
 * All but long lines are one write. For what is larger the kernel takes larger
 * pages, and on a virtual machine that gives its free memory back to the host
 * each of those is fetched anew: 1 MiB in one go takes ten times as long as in
 * pieces. Who reads meanwhile sees a torn line, as after a crash. Returns
 * how much was written; if that is not all, errno says why.
 */
static size_t write_line(int fd, const struct buf *line)
{
	size_t at = 0;
	while (at < line->len) {
		size_t rest = line->len - at;
		ssize_t n = write(fd, line->data + at, rest < PIECE ? rest : PIECE);
		if (n > 0)
			at += (size_t)n;
		else if (n == 0)
			errno = ENOSPC;
		if (n <= 0 && errno != EINTR)
			break;
	}
	return at;
}

/* What stands in the line from one place to another, taken out of it. */
static void take_text(struct buf *line, size_t from, size_t to, struct buf *text)
{
	*text = *line;
	*line = (struct buf){0};
	buf_cut(text, to);
	buf_drop_front(text, from);
}

int journal_append_within(struct journal *journal, off_t most, const char *kind, int step, bool ended, json value,
                          json state, struct buf *text, struct err *err)
{
	BUF_AUTO line = {0};
	struct journal now = *journal;
	const char *reason = follow(&now, kind, step, ended);
	if (reason)
		return err_set(err, ERR_SYSTEM, NAME ": line %d: %s", now.lines + 1, reason);
	errno = journal->denied;
	if (journal->denied)
		return err_system(err, NAME);
	buf_add_format(&line, "{\"entry\":\"%s\",\"step\":%d,\"ended\":%s,\"%s\":", kind, step,
	               ended ? "true" : "false", !strcmp(kind, "reset") ? "observation" : kind);
	size_t from = line.len;
	if (json_dump(value, false, &line, err) < 0)
		return err_context(err, NAME);
	size_t to = line.len;
	if (!json_is_none(state)) {
		buf_add_string(&line, ",\"state\":");
		if (json_dump(state, false, &line, err) < 0)
			return err_context(err, NAME);
	}
	buf_add_format(&line, SUM "\n", (unsigned long long)digest_sum(line.data, line.len));
	if ((off_t)line.len > most - journal->size)
		return 1;
	size_t written = write_line(journal->fd, &line);
	if (written < line.len) {
		/* Half a line (a full disk) must not stay: the next append would continue it. */
		int saved = errno;
		if (written > 0)
			(void)!ftruncate(journal->fd, journal->size);
		errno = saved;
		return err_system(err, NAME);
	}
	now.size += (off_t)written;
	*journal = now;
	if (journal->sync && fdatasync(journal->fd) < 0)
		return err_system(err, NAME);
	if (text)
		take_text(&line, from, to, text);
	return 0;
}

static int read_from(const struct journal *journal, off_t from, struct buf *text, struct err *err)
{
	if (lseek(journal->fd, from, SEEK_SET) < 0)
		return err_system(err, NAME);
	return fd_read_all(journal->fd, JOURNAL_MAX, text, err);
}

int journal_more(const struct journal *journal, struct journal *seen, journal_visit *visit, void *context, struct err *err)
{
	BUF_AUTO text = {0};
	if (read_from(journal, seen->size, &text, err) < 0)
		return -1;
	const char *at = buf_string(&text), *end = at + text.len;
	for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		JSON_AUTO entry = json_none();
		int number = seen->lines + 1;
		const char *reason = take_line(seen, at, (size_t)(newline - at));
		if (reason)
			return err_set(err, ERR_SYSTEM, NAME ": line %d: %s", number, reason);
		if (json_parse(at, (size_t)(newline - at), &entry, err) < 0) {
			err->code = ERR_SYSTEM;
			return err_context(err, NAME ": line %d", number);
		}
		seen->size += newline + 1 - at;
		int result = visit(json_get_string(entry, "entry"), entry, context, err);
		if (result != 0)
			return result < 0 ? -1 : 0;
	}
	return 0;
}

int journal_each(const struct journal *journal, journal_visit *visit, void *context, struct err *err)
{
	struct journal seen = {.fd = -1};
	return journal_more(journal, &seen, visit, context, err);
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
	int step = json_get_count(entry, "step", 0);
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

int journal_find_action(const struct journal *journal, const char *id, json *observation, struct err *err)
{
	struct find find = {.id = id, .observation = json_none()};
	BUF_AUTO text = {0};
	BUF_AUTO quoted = {0};
	JSON_AUTO string = json_new_string(id);
	/* Most ids are new: their text does not occur, and no line needs to be parsed to know it. */
	if (json_dump(string, false, &quoted, err) < 0 || read_from(journal, 0, &text, err) < 0)
		return -1;
	if (!memmem(buf_string(&text), text.len, quoted.data, quoted.len))
		return 0;
	if (journal_each(journal, find_visit, &find, err) < 0)
		return -1;
	*observation = find.observation;
	return find.step > 0;
}
