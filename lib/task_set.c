#include "task_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "json.h"
#include "record.h"

#define CHUNK ((size_t)256 << 10)

/* A string's closing quote, or NULL. at is behind its opening one; *escaped: it has a backslash. */
static const char *string_end(const char *at, const char *end, bool *escaped)
{
	*escaped = false;
	for (; at < end; at++) {
		if (*at == '"')
			return at;
		if (*at == '\\') {
			*escaped = true;
			at++;
		}
	}
	return NULL;
}

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

static char *name_of(const char *name, const char *id)
{
	const char *slash = id ? strchr(id, '/') : NULL;
	return mem_string(name ? name : slash ? slash + 1 : "");
}

static char *parsed_name(const char *line, size_t len)
{
	JSON_AUTO value = json_none();
	if (json_parse(line, len, &value, NULL) < 0)
		return mem_string("");
	return name_of(json_get_string(value, "name"), json_get_string(value, "id"));
}

/* A line's name by a look at its outermost keys. Whether it is JSON is not asked; where escapes stand in the way it is parsed. */
static char *scan_name(const char *line, size_t len)
{
	STRING_AUTO name = NULL;
	STRING_AUTO id = NULL;
	const char *end = line + len;
	int depth = 0;
	for (const char *at = line; at < end;) {
		char c = *at++;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (c != '"')
			continue;
		bool escaped;
		const char *key = at, *close = string_end(key, end, &escaped);
		if (!close)
			break;
		at = close + 1;
		if (depth != 1)
			continue;
		const char *next = skip_space(at, end);
		if (next == end || *next != ':')
			continue;
		if (escaped)
			return parsed_name(line, len);
		bool is_name = close - key == 4 && !memcmp(key, "name", 4),
		     is_id = close - key == 2 && !memcmp(key, "id", 2);
		next = skip_space(next + 1, end);
		if ((!is_name && !is_id) || next == end || *next != '"')
			continue;
		close = string_end(next + 1, end, &escaped);
		if (!close)
			break;
		if (escaped)
			return parsed_name(line, len);
		char **found = is_name ? &name : &id;
		free(*found);
		*found = mem_format("%.*s", (int)(close - next - 1), next + 1);
		at = close + 1;
	}
	return name_of(name, id);
}

struct scan {
	struct task_set *set;
	struct buf held; /* what was read and not yet given out; starts at offset */
	off_t offset;
	uint64_t number;
};

static void add_line(struct scan *scan, const char *line, size_t len)
{
	struct task_set *set = scan->set;
	set->lines = mem_grow(set->lines, set->count, sizeof *set->lines);
	set->lines[set->count++] = (struct task_line){
	        .name = len > RECORD_LINE_MAX ? mem_string("") : scan_name(line, len),
	        .number = ++scan->number,
	        .offset = scan->offset,
	        .len = len,
	};
}

/* Gives out the whole lines that are held, and at the end of the file what is left. */
static void take_lines(struct scan *scan, bool ended, size_t skipped)
{
	size_t start = 0, held = scan->held.len;
	while (start < held || (ended && skipped > 0)) {
		const char *from = scan->held.data + start, *newline = memchr(from, '\n', held - start);
		if (!newline && !ended)
			break;
		size_t len = newline ? (size_t)(newline - from) : held - start;
		add_line(scan, from, len + skipped);
		scan->offset += (off_t)(len + skipped + (newline != NULL));
		start += len + (newline != NULL);
		skipped = 0;
	}
	buf_drop_front(&scan->held, start);
}

/* Of a line that is too long only its length is kept: skipped counts the bytes that were dropped. */
static int scan_lines(struct scan *scan, struct err *err)
{
	size_t skipped = 0;
	for (;;) {
		buf_reserve(&scan->held, CHUNK);
		ssize_t got = read(scan->set->fd, scan->held.data + scan->held.len, CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_system(err, "read");
		bool ends = got == 0 || memchr(scan->held.data + scan->held.len, '\n', (size_t)got);
		scan->held.len += (size_t)got;
		scan->held.data[scan->held.len] = '\0';
		if (ends) {
			take_lines(scan, got == 0, skipped);
			skipped = 0;
		} else if (scan->held.len + skipped > RECORD_LINE_MAX) {
			skipped += scan->held.len;
			buf_clear(&scan->held);
		}
		if (got == 0)
			return 0;
	}
}

static int compare_lines(const void *a, const void *b)
{
	const struct task_line *first = a, *second = b;
	int order = strcmp(first->name, second->name);
	return order ? order : (first->number > second->number) - (first->number < second->number);
}

struct task_set *task_set_open(int dirfd, const char *name, struct err *err)
{
	struct stat info;
	FD_AUTO fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT) {
		*err = (struct err){.code = ERR_NONE};
		return NULL;
	}
	if (fd < 0 || fstat(fd, &info) < 0) {
		err_system(err, "open");
		return NULL;
	}
	if (!S_ISREG(info.st_mode)) {
		err_set(err, ERR_INPUT, "not a regular file");
		return NULL;
	}
	struct task_set *set = mem_alloc(1, sizeof *set);
	struct scan scan = {.set = set};
	set->fd = fd;
	fd = -1;
	int failed = scan_lines(&scan, err);
	buf_free(&scan.held);
	if (failed) {
		task_set_free(set);
		return NULL;
	}
	if (set->count > 0)
		qsort(set->lines, set->count, sizeof *set->lines, compare_lines);
	return set;
}

void task_set_free(struct task_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		free(set->lines[i].name);
	free(set->lines);
	fd_close(&set->fd);
	free(set);
}

const struct task_line *task_set_find(const struct task_set *set, const char *name)
{
	size_t low = 0, high = set->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(set->lines[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && !strcmp(set->lines[low].name, name) ? &set->lines[low] : NULL;
}

int task_set_read(const struct task_set *set, const struct task_line *line, struct buf *out, struct err *err)
{
	size_t done = 0;
	if (line->len > RECORD_LINE_MAX)
		return err_set(err, ERR_INPUT, "line longer than %u MiB", RECORD_LINE_MAX >> 20);
	buf_reserve(out, line->len);
	while (done < line->len) {
		char *to = out->data + out->len + done;
		ssize_t got = pread(set->fd, to, line->len - done, line->offset + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_system(err, "read");
		if (got == 0)
			return err_set(err, ERR_INPUT, "the file has become shorter");
		done += (size_t)got;
	}
	out->len += done;
	out->data[out->len] = '\0';
	return 0;
}
