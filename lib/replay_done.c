#include "replay_done.h"

#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "json.h"
#include "record.h"

struct replayed {
	char digest[DIGEST_TEXT];
	const char *match; /* a constant */
};

struct replay_done {
	int fd;
	void *tree; /* of struct replayed, as the file was when it was opened: then nobody writes to it */
};

static int compare(const void *a, const void *b)
{
	const struct replayed *one = a, *other = b;
	return strcmp(one->digest, other->digest);
}

static void keep(struct replay_done *done, const char *digest, const char *match)
{
	struct replayed *entry = mem_alloc(1, sizeof *entry);
	memcpy(entry->digest, digest, strlen(digest));
	entry->match = match;
	struct replayed **node = tsearch(entry, &done->tree, compare);
	if (!node)
		abort(); /* out of memory, as in buf.h */
	if (*node != entry)
		free(entry);
}

static int take(struct replay_done *done, json line, struct err *err)
{
	static const char *const matches[] = {"exact", "normalised", "diverged"};
	const char *digest = json_get_string(line, "digest"), *match = json_get_string(line, "match");
	if (digest && strlen(digest) == DIGEST_TEXT - 1 && match)
		for (size_t i = 0; i < sizeof matches / sizeof *matches; i++)
			if (!strcmp(match, matches[i])) {
				keep(done, digest, matches[i]);
				return 0;
			}
	return err_set(err, ERR_INPUT, "it is not a list of rollouts that were replayed");
}

/* The last line is taken for one that is cut short if no newline ends it. */
static int read_lines(struct replay_done *done, off_t *whole, struct err *err)
{
	struct record_reader *reader = record_reader_new(done->fd);
	struct record record;
	int got;
	*whole = 0;
	off_t size = lseek(done->fd, 0, SEEK_END);
	lseek(done->fd, 0, SEEK_SET);
	while ((got = record_next(reader, &record, err)) != 0) {
		off_t end = *whole + (off_t)record.len + 1;
		bool cut = record.line && end > size;
		got = cut ? 0 : got < 0 ? -1 : take(done, record.value, err);
		record_free(&record);
		if (cut || got < 0)
			break;
		*whole = end;
	}
	record_reader_free(reader);
	return got < 0 ? -1 : 0;
}

static int open_file(struct replay_done *done, const char *path, struct err *err)
{
	off_t whole;
	done->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	if (done->fd < 0)
		return err_system(err, "open");
	if (flock(done->fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_SYSTEM, "another program is at it");
	if (read_lines(done, &whole, err) < 0)
		return -1;
	return ftruncate(done->fd, whole) < 0 ? err_system(err, "truncate") : 0;
}

struct replay_done *replay_done_open(const char *path, struct err *err)
{
	struct replay_done *done = mem_alloc(1, sizeof *done);
	if (open_file(done, path, err) == 0)
		return done;
	err_context(err, "%s", path);
	replay_done_free(done);
	return NULL;
}

void replay_done_free(struct replay_done *done)
{
	if (!done)
		return;
	tdestroy(done->tree, free);
	fd_close(&done->fd);
	free(done);
}

const char *replay_done_find(struct replay_done *done, const char *digest)
{
	struct replayed wanted = {.match = NULL};
	memcpy(wanted.digest, digest, strlen(digest));
	struct replayed **node = tfind(&wanted, &done->tree, compare);
	return node ? (*node)->match : NULL;
}

int replay_done_add(struct replay_done *done, const char *episode, const char *digest, const char *match, struct err *err)
{
	JSON_AUTO line = json_new_object();
	json_set_string(&line, "episode", episode);
	json_set_string(&line, "digest", digest);
	json_set_string(&line, "match", match);
	return record_write(done->fd, line, err);
}

/* How many bytes of a file's end are behind its last newline, and what they begin with. -1: errno. */
static off_t last_line(int fd, off_t size, char *start, size_t len)
{
	char block[65536];
	off_t from = size;
	for (const char *newline = NULL; from > 0 && !newline;) {
		size_t want = from < (off_t)sizeof block ? (size_t)from : sizeof block;
		if (pread(fd, block, want, from - (off_t)want) != (ssize_t)want)
			return -1;
		newline = memrchr(block, '\n', want);
		from -= newline ? (off_t)(block + want - newline) - 1 : (off_t)want;
	}
	memset(start, 0, len);
	return pread(fd, start, len - 1, from) < 0 ? -1 : size - from;
}

int replay_done_mend(int output, struct err *err)
{
	static const char report[] = "{\"type\":\"replay";
	char start[sizeof report];
	struct stat info;
	if (fstat(output, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size == 0 || !(fcntl(output, F_GETFL) & O_APPEND))
		return 0;
	/* The descriptor itself is to write to only. */
	STRING_AUTO path = mem_format("/proc/self/fd/%d", output);
	FD_AUTO fd = open(path, O_RDWR | O_CLOEXEC);
	off_t tail = fd < 0 ? 0 : last_line(fd, info.st_size, start, sizeof start);
	if (tail < 0)
		return err_system(err, "read the end of standard output");
	if (tail == 0)
		return 0;
	size_t len = strlen(start);
	bool ours = len > 0 && !strncmp(start, report, len);
	if (ours ? ftruncate(fd, info.st_size - tail) < 0 : write(output, "\n", 1) < 1)
		return err_system(err, "mend the last line of standard output");
	return 0;
}
