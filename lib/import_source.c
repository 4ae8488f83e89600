#include "import_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "record.h"
#include "stop.h"
#include "text.h"

#define TEXT_MAX ((size_t)256 << 20) /* bytes of a file that is no JSON Lines */
#define FIRST_LINE (1u << 20)        /* as much is looked at to find that out */

struct import_source {
	enum { LINES, ARRAY, FOLDERS } form;
	int fd;
	uint64_t number;
	struct record_reader *reader; /* of LINES */
	struct buf text;              /* of ARRAY: what is left begins at `at` */
	size_t at;
	bool one;     /* it is no array, but a single value */
	bool entries; /* or an object, whose entries are the records */
	bool done;
	char *path; /* of FOLDERS */
	struct dirent **names;
	int count; /* -1: the folder itself */
};

static size_t skip_space(const char *text, size_t at, size_t len)
{
	while (at < len && text[at] && strchr(" \t\r\n", text[at]))
		at++;
	return at;
}

/* The end of the JSON value that begins at text[at], found by its brackets and quotes; len: it has none. */
static size_t value_end(const char *text, size_t at, size_t len)
{
	size_t depth = 0;
	for (bool quoted = false; at < len; at++) {
		char c = text[at];
		if (quoted) {
			at += c == '\\';
			quoted = c != '"';
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']' || c == '}'))
			return at;
		quoted = c == '"';
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && --depth == 0)
			return at + 1;
	}
	return len;
}

/* --- opening ------------------------------------------------------------ */

/* Folders alone, by name. */
static int is_folder(const struct dirent *entry)
{
	return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && entry->d_name[0] != '.';
}

static int open_folders(struct import_source *source, const char *path, struct err *err)
{
	static const char *const marks[] = {"task.toml", "task.yaml"};
	source->form = FOLDERS;
	source->path = mem_string(path);
	for (size_t len = strlen(path); len > 1 && source->path[len - 1] == '/'; len--)
		source->path[len - 1] = '\0';
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (faccessat(source->fd, marks[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			source->count = -1;
			return 0;
		}
	source->count = scandir(path, &source->names, is_folder, alphasort);
	return source->count < 0 ? err_system(err, "cannot be listed") : 0;
}

/* Whether the text is an object over several lines, and nothing else. Short is what has been read of it. */
static int read_value(struct import_source *source, const struct buf *start, size_t at, bool *whole, struct err *err)
{
	const char *newline = memchr(start->data + at, '\n', start->len - at);
	size_t line = newline ? (size_t)(newline - start->data) : start->len;
	*whole = false;
	if (start->data[at] != '[' && (!newline || value_end(start->data, at, line) < line || start->data[line - 1] == '}'))
		return 0;
	if (lseek(source->fd, 0, SEEK_SET) < 0 || fd_read_all(source->fd, TEXT_MAX, &source->text, err) < 0)
		return -1;
	source->one = start->data[at] != '[';
	size_t end = value_end(source->text.data, at, source->text.len);
	*whole = !source->one || skip_space(source->text.data, end, source->text.len) == source->text.len;
	if (!*whole)
		buf_free(&source->text);
	source->at = source->one ? at : at + 1;
	return 0;
}

static int open_text(struct import_source *source, struct err *err)
{
	BUF_AUTO start = {0};
	buf_reserve(&start, FIRST_LINE);
	ssize_t got = 1;
	while (start.len < FIRST_LINE && (got = read(source->fd, start.data + start.len, FIRST_LINE - start.len)) > 0)
		start.len += (size_t)got;
	if (got < 0)
		return err_system(err, "read");
	size_t at = text_mark(start.data, start.len);
	at = skip_space(start.data, at, start.len);
	bool whole = false;
	if (at < start.len && read_value(source, &start, at, &whole, err) < 0)
		return -1;
	if (whole) {
		source->form = ARRAY;
		return 0;
	}
	if (lseek(source->fd, 0, SEEK_SET) < 0)
		return err_system(err, "seek");
	source->reader = record_reader_new(source->fd);
	return 0;
}

/* All of it, for as long as no stop signal comes. */
static int read_whole(int fd, struct buf *text, struct err *err)
{
	struct pollfd fds[2] = {{fd, POLLIN, 0}, {stop_fd(), POLLIN, 0}};
	for (ssize_t got = 1; got != 0;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_system(err, "poll");
		if (stop_signal())
			return err_set(err, ERR_SYSTEM, "stopped by a signal");
		buf_reserve(text, FIRST_LINE);
		got = fds[0].revents ? read(fd, text->data + text->len, FIRST_LINE) : -1;
		if (got < 0 && fds[0].revents && errno != EINTR && errno != EAGAIN)
			return err_system(err, "read");
		text->len += got > 0 ? (size_t)got : 0;
		if (text->len > TEXT_MAX)
			return err_set(err, ERR_INPUT, "it has more than %zu MiB", TEXT_MAX >> 20);
	}
	return 0;
}

static int open_file(const char *path)
{
	return path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : fcntl(0, F_DUPFD_CLOEXEC, 3);
}

struct import_source *import_source_entries(const char *path, struct err *err)
{
	struct import_source *source = mem_alloc(1, sizeof *source);
	source->fd = open_file(path);
	source->form = ARRAY;
	source->entries = true;
	int failed = source->fd < 0 ? err_system(err, "cannot be read") : read_whole(source->fd, &source->text, err);
	if (failed == 0) {
		size_t at = text_mark(source->text.data, source->text.len);
		at = skip_space(source->text.data, at, source->text.len);
		if (at < source->text.len && source->text.data[at] == '{') {
			source->at = at + 1;
			return source;
		}
		err_set(err, ERR_INPUT, "it is no object whose entries are records");
	}
	import_source_free(source);
	return NULL;
}

struct import_source *import_source_lines(const char *path, struct err *err)
{
	struct import_source *source = mem_alloc(1, sizeof *source);
	source->fd = open_file(path);
	if (source->fd >= 0) {
		source->reader = record_reader_new(source->fd);
		return source;
	}
	err_system(err, "cannot be read");
	import_source_free(source);
	return NULL;
}

struct import_source *import_source_open(const char *path, struct err *err)
{
	struct stat info;
	struct import_source *source = mem_alloc(1, sizeof *source);
	/* Not to wait for the writer of a FIFO. */
	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int failed = source->fd < 0 || fstat(source->fd, &info) < 0 ? err_system(err, "cannot be read")
	             : S_ISDIR(info.st_mode)                        ? open_folders(source, path, err)
	             : S_ISREG(info.st_mode)                        ? open_text(source, err)
	                                     : err_set(err, ERR_INPUT, "neither a file nor a folder");
	if (failed == 0)
		return source;
	import_source_free(source);
	return NULL;
}

void import_source_free(struct import_source *source)
{
	if (!source)
		return;
	fd_close(&source->fd);
	record_reader_free(source->reader);
	buf_free(&source->text);
	for (int i = 0; i < source->count; i++)
		free(source->names[i]);
	free(source->names);
	free(source->path);
	free(source);
}

/* --- records ------------------------------------------------------------ */

static int next_line(struct import_source *source, struct import_record *record, struct err *err)
{
	struct record line;
	int got = record_next(source->reader, &line, err);
	record->number = line.number;
	record->size = line.len;
	if (got > 0)
		record->value = json_take(&line.value);
	return got;
}

/* What is wrong with an array, or an object of entries, as a whole ends it. */
static int broken(struct import_source *source, struct err *err, size_t at, const char *otherwise)
{
	source->done = true;
	return err_set(err, ERR_INPUT, "the %s %s", source->entries ? "object" : "array",
	               at == source->text.len ? "has no end" : otherwise);
}

/* The key at text[*at], and the colon behind it. */
static int take_key(struct import_source *source, size_t *at, struct import_record *record, struct err *err)
{
	const char *text = source->text.data;
	size_t len = source->text.len, end = *at + 1;
	JSON_AUTO key = json_none();
	while (end < len && text[*at] == '"' && text[end] != '"')
		end += text[end] == '\\' ? 2 : 1;
	size_t colon = end < len ? skip_space(text, end + 1, len) : len;
	if (colon >= len || text[*at] != '"' || text[colon] != ':')
		return broken(source, err, colon < len ? colon : len, "is broken here");
	if (text_valid(text + *at, end + 1 - *at) < end + 1 - *at || json_parse(text + *at, end + 1 - *at, &key, err) < 0)
		return broken(source, err, end, "is broken here: a key is no text");
	record->key = mem_string(json_string(key));
	*at = skip_space(text, colon + 1, len);
	return 0;
}

/* Where the next value begins. 1; 0: there is none; -1. */
static int find_element(struct import_source *source, size_t *at, struct import_record *record, struct err *err)
{
	const char *text = source->text.data;
	size_t len = source->text.len;
	*at = skip_space(text, source->at, len);
	record->number = source->number + 1;
	if (source->done || (source->one && *at == len))
		return 0;
	if (!source->one && *at < len && text[*at] == (source->entries ? '}' : ']')) {
		source->done = true;
		*at = skip_space(text, *at + 1, len);
		return *at == len ? 0 : broken(source, err, *at, "has something behind its end");
	}
	if (source->number > 0 && (*at == len || text[*at] != ','))
		return broken(source, err, *at, "is broken here");
	*at = source->number > 0 ? skip_space(text, *at + 1, len) : *at;
	return source->entries && take_key(source, at, record, err) < 0 ? -1 : 1;
}

static int next_element(struct import_source *source, struct import_record *record, struct err *err)
{
	const char *text = source->text.data;
	size_t len = source->text.len, at;
	int found = find_element(source, &at, record, err);
	if (found <= 0)
		return found;
	size_t end = value_end(text, at, len);
	if (end == at || (end == len && !source->one))
		return broken(source, err, end, "is broken here");
	source->at = end;
	source->number++;
	record->size = end - at;
	if (end - at > RECORD_LINE_MAX)
		return err_set(err, ERR_INPUT, "it has more than %u MiB", RECORD_LINE_MAX >> 20);
	if (text_valid(text + at, end - at) < end - at)
		return err_set(err, ERR_INPUT, "invalid UTF-8");
	if (json_parse(text + at, end - at, &record->value, err) < 0)
		return err_context(err, "invalid JSON");
	return 1;
}

static int next_folder(struct import_source *source, struct import_record *record, struct err *err)
{
	bool own = source->count < 0;
	if (source->number >= (own ? 1 : (uint64_t)source->count))
		return 0;
	const char *name = own ? source->path : source->names[source->number]->d_name;
	STRING_AUTO path = own ? mem_string(source->path) : mem_format("%s/%s", source->path, name);
	record->number = ++source->number;
	record->assets = import_assets_open(path, err);
	if (!record->assets)
		return -1;
	name = text_base_name(name);
	record->value = json_new_object();
	json_set_string(&record->value, "folder", text_valid(name, strlen(name)) == strlen(name) ? name : "");
	json_set(&record->value, "files", json_copy(import_assets_texts(record->assets)));
	return 1;
}

int import_source_next(struct import_source *source, struct import_record *record, struct err *err)
{
	*record = (struct import_record){.value = json_none()};
	return source->form == LINES   ? next_line(source, record, err)
	       : source->form == ARRAY ? next_element(source, record, err)
	                               : next_folder(source, record, err);
}

void import_record_free(struct import_record *record)
{
	json_free(&record->value);
	import_assets_free(record->assets);
	free(record->key);
	record->assets = NULL;
	record->key = NULL;
}
