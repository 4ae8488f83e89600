#include "record.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "stop.h"
#include "text.h"

/*
 * The reader's buffer holds [start, end) of what was read and not yet given
 * out; of it, `clean` bytes are known to have no newline. A record's line lies
 * in the buffer until the next call. The buffer starts at BUFFER_MIN bytes,
 * grows with a long line and shrinks after it.
 */
#define BUFFER_MIN ((size_t)64 << 10)
#define BUFFER_KEPT ((size_t)1 << 20) /* a larger one is given back when it has no more than BUFFER_MIN in it */

struct record_reader {
	int fd;
	char *data;
	size_t size, start, end, clean, max;
	uint64_t number;
	bool (*wait)(void); /* for a file to grow; or NULL */
	bool ended;         /* end of file was read */
	bool skipping;      /* inside a line that is too long */
};

struct record_reader *record_reader_new(int fd)
{
	struct record_reader *reader = mem_alloc(1, sizeof *reader);
	reader->fd = fd;
	reader->size = BUFFER_MIN;
	reader->max = RECORD_LINE_MAX;
	reader->data = mem_alloc(1, reader->size);
	return reader;
}

void record_reader_limit(struct record_reader *reader, size_t max)
{
	reader->max = max;
}

void record_reader_follow(struct record_reader *reader, bool (*wait)(void))
{
	reader->wait = wait;
}

void record_reader_free(struct record_reader *reader)
{
	if (!reader)
		return;
	free(reader->data);
	free(reader);
}

/* Waits until fd is ready. 1, or 0 when a stop signal came first, or -1. */
static int wait_ready(int fd, short events)
{
	struct pollfd polled[2] = {{.fd = fd, .events = events}, {.fd = stop_fd(), .events = POLLIN}};
	for (;;) {
		int ready = poll(polled, 2, -1);
		if (stop_signal() || (ready > 0 && polled[1].revents))
			return 0;
		if (ready > 0)
			return 1;
		if (ready < 0 && errno != EINTR && errno != EAGAIN)
			return -1;
	}
}

/* Makes room behind what the buffer holds. */
static void make_room(struct record_reader *reader)
{
	size_t held = reader->end - reader->start;
	if (reader->size > BUFFER_KEPT && held <= BUFFER_MIN / 2) {
		char *smaller = mem_alloc(1, BUFFER_MIN);
		memcpy(smaller, reader->data + reader->start, held);
		free(reader->data);
		reader->data = smaller;
		reader->size = BUFFER_MIN;
	} else if (reader->start && (!held || reader->end == reader->size)) {
		memmove(reader->data, reader->data + reader->start, held);
	} else if (reader->end < reader->size) {
		return;
	} else {
		/* At most a line of the permitted length and the newline that ends it. */
		size_t size = reader->size * 2 < reader->max ? reader->size * 2 : reader->max + BUFFER_MIN;
		char *larger = realloc(reader->data, size);
		if (!larger)
			abort();
		reader->data = larger;
		reader->size = size;
		return;
	}
	reader->start = 0;
	reader->end = held;
}

/* What was read of a line that is gone is no part of the next. */
static void check_shrunk(struct record_reader *reader)
{
	struct stat st;
	off_t at = lseek(reader->fd, 0, SEEK_CUR);
	if (at < 0 || fstat(reader->fd, &st) < 0 || st.st_size >= at || lseek(reader->fd, 0, SEEK_SET) < 0)
		return;
	reader->start = reader->end = reader->clean = 0;
	reader->skipping = false;
}

/* Reads more. 1; 0 at the end of the file or when a stop signal came; -1. */
static int fill(struct record_reader *reader, struct err *err)
{
	make_room(reader);
	for (;;) {
		int ready = wait_ready(reader->fd, POLLIN);
		if (ready == 0)
			return 0;
		ssize_t got = ready < 0 ? -1 : read(reader->fd, reader->data + reader->end, reader->size - reader->end);
		if (got > 0) {
			reader->end += (size_t)got;
			return 1;
		}
		if (got == 0 && reader->wait) {
			if (!reader->wait())
				return 0;
			check_shrunk(reader);
			continue;
		}
		if (got == 0) {
			reader->ended = true;
			return 0;
		}
		if (errno != EINTR && errno != EAGAIN)
			return err_system(err, "read");
	}
}

/* The next line, without its newline: 1, 0, or -1 as record_next() says. */
static int next_line(struct record_reader *reader, struct record *record, struct err *err)
{
	for (;;) {
		char *from = reader->data + reader->start;
		size_t held = reader->end - reader->start;
		/* Of what is there; so that a signal stops a program that has much in its buffer. */
		if (stop_signal())
			return 0;
		char *newline = held > reader->clean ? memchr(from + reader->clean, '\n', held - reader->clean) : NULL;
		size_t len = newline ? (size_t)(newline - from) : held;
		bool complete = newline || (reader->ended && (held || reader->skipping));
		if (len > reader->max)
			reader->skipping = true;
		if (complete) {
			bool skipped = reader->skipping;
			reader->skipping = false;
			reader->start += len + (newline != NULL);
			reader->clean = 0;
			record->number = ++reader->number;
			record->torn = !newline;
			if (skipped)
				return err_set(err, ERR_INPUT, "line longer than %zu MiB", reader->max >> 20);
			record->line = from;
			record->len = len;
			return 1;
		}
		if (reader->ended)
			return 0;
		reader->clean = held;
		if (reader->skipping) {
			reader->start = reader->end;
			reader->clean = 0;
		}
		int got = fill(reader, err);
		if (got < 0 || (got == 0 && !reader->ended))
			return got;
	}
}

static int next_valid_line(struct record_reader *reader, struct record *record, struct err *err)
{
	*record = (struct record){.value = json_none(), .number = reader->number + 1};
	int got = next_line(reader, record, err);
	if (got <= 0)
		return got;
	size_t mark = record->number == 1 ? text_mark(record->line, record->len) : 0;
	record->line += mark;
	record->len -= mark;
	size_t valid = text_valid(record->line, record->len);
	if (valid < record->len)
		return err_set(err, ERR_INPUT, "invalid UTF-8 at byte %zu", valid + 1);
	return 1;
}

static bool is_blank(const char *line, size_t len)
{
	while (len && strchr(" \t\r", line[len - 1]) && line[len - 1])
		len--;
	return !len;
}

int record_next_line(struct record_reader *reader, struct record *record, struct err *err)
{
	int got = next_valid_line(reader, record, err);
	if (got > 0 && is_blank(record->line, record->len))
		return err_set(err, ERR_INPUT, "empty line");
	return got;
}

int record_next(struct record_reader *reader, struct record *record, struct err *err)
{
	int got = record_next_line(reader, record, err);
	if (got <= 0)
		return got;
	if (json_parse(record->line, record->len, &record->value, err) < 0)
		return err_context(err, "invalid JSON");
	return 1;
}

int record_next_plain(struct record_reader *reader, struct record *record, struct err *err)
{
	int got = next_valid_line(reader, record, err);
	if (got > 0)
		record->value = json_new_text(record->line, record->len);
	return got;
}

void record_free(struct record *record)
{
	json_free(&record->value);
}

/* One lock for each of the descriptors that matter: lines of several threads do not mix where the kernel takes a line
 * in parts, and a full pipe does not hold up a file. */
#define LOCKS 64
static pthread_mutex_t locks[LOCKS] = {[0 ... LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER};

static int write_lines(int fd, const char *data, size_t len, struct err *err)
{
	while (len) {
		ssize_t written = write(fd, data, len);
		if (written >= 0) {
			data += written;
			len -= (size_t)written;
			continue;
		}
		if (errno != EINTR && errno != EAGAIN)
			return err_system(err, "write");
		/* A reader that has stopped reading is not waited for beyond a stop signal. */
		int ready = wait_ready(fd, POLLOUT);
		if (ready == 0)
			return err_set(err, ERR_SYSTEM, "write: stopped by a signal");
		if (ready < 0)
			return err_system(err, "write");
	}
	return 0;
}

int record_write_lines(int fd, const char *data, size_t len, struct err *err)
{
	pthread_mutex_t *lock = &locks[(unsigned)fd % LOCKS];
	pthread_mutex_lock(lock);
	int status = write_lines(fd, data, len, err);
	int reason = errno;
	pthread_mutex_unlock(lock);
	errno = reason;
	return status;
}

int record_write(int fd, json value, struct err *err)
{
	BUF_AUTO line = {0};
	if (json_dump(value, false, &line, err) < 0)
		return -1;
	buf_add_char(&line, '\n');
	return record_write_lines(fd, line.data, line.len, err);
}

json record_error(uint64_t line, const char *episode, const struct err *err)
{
	BUF_AUTO reason = {0};
	json record = json_new_object();
	json_set_string(&record, "type", "error");
	if (line)
		json_set_number(&record, "line", (double)line);
	if (episode)
		json_set_string(&record, "episode", episode);
	/* A long reason may have been cut inside a character. */
	text_repair(err->text, text_cut_end(err->text, strlen(err->text)), &reason);
	json_set_string(&record, "reason", buf_string(&reason));
	json_set_number(&record, "status", err->code == ERR_USAGE ? ERR_INPUT : err->code);
	return record;
}

const char *record_episode(json value)
{
	size_t len = 0;
	const char *id = json_text(json_get(value, "episode"), &len);
	return id && strlen(id) == len ? id : NULL;
}

int record_status(json error)
{
	return (int)json_get_int(error, "status", ERR_NEGATIVE, ERR_SYSTEM, ERR_INPUT);
}

bool record_is(json value, const char *type)
{
	return json_get_is(value, "type", type);
}
