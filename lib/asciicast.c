#include "asciicast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fd.h"
#include "json.h"
#include "num.h"
#include "text.h"

struct asciicast {
	int fd;
	int error; /* errno of the first line that could not be written, or 0 */
	int64_t start_us;
	struct buf part; /* the beginning of a character */
};

/* One write, unless the descriptor takes less at once. */
static void write_line(struct asciicast *cast, struct buf *line)
{
	buf_add_char(line, '\n');
	if (!cast->error && fd_write_all(cast->fd, line->data, line->len, NULL) < 0)
		cast->error = errno ? errno : EIO;
}

static void write_event(struct asciicast *cast, const char *code, const char *data, size_t len)
{
	BUF_AUTO line = {0};
	JSON_AUTO text = json_new_text(data, len);
	buf_add_format(&line, "[%.6f,\"%s\",", (double)(num_now_us() - cast->start_us) / 1e6, code);
	/* A string can always be written. */
	(void)json_dump(text, false, &line, NULL);
	buf_add_char(&line, ']');
	write_line(cast, &line);
}

struct asciicast *asciicast_new(int fd, unsigned columns, unsigned rows, const char *title, struct err *err)
{
	BUF_AUTO line = {0};
	JSON_AUTO header = json_new_object();
	struct asciicast *cast = mem_alloc(1, sizeof *cast);
	*cast = (struct asciicast){.fd = fd, .start_us = num_now_us()};
	json_set_number(&header, "version", 2);
	json_set_number(&header, "width", columns);
	json_set_number(&header, "height", rows);
	json_set_number(&header, "timestamp", (double)(int64_t)num_wall_s());
	if (title)
		json_set_string(&header, "title", title);
	(void)json_dump(header, false, &line, NULL);
	write_line(cast, &line);
	if (!cast->error)
		return cast;
	(void)asciicast_free(cast, err);
	return NULL;
}

/* As much as is whole characters; the rest waits for the rest of it. */
void asciicast_output(struct asciicast *cast, const char *data, size_t len)
{
	BUF_AUTO valid = {0};
	if (!cast || len == 0)
		return;
	struct buf *part = &cast->part;
	buf_add(part, data, len);
	size_t whole = text_cut_end(part->data, part->len);
	if (whole == 0)
		return;
	text_repair(part->data, whole, &valid);
	buf_drop_front(part, whole);
	write_event(cast, "o", valid.data, valid.len);
}

void asciicast_resize(struct asciicast *cast, unsigned columns, unsigned rows)
{
	if (!cast)
		return;
	STRING_AUTO size = mem_format("%ux%u", columns, rows);
	write_event(cast, "r", size, strlen(size));
}

int asciicast_free(struct asciicast *cast, struct err *err)
{
	if (!cast)
		return 0;
	/* Of a character that never came to its end there is a mark. */
	if (cast->part.len > 0)
		write_event(cast, "o", TEXT_REPLACEMENT, strlen(TEXT_REPLACEMENT));
	errno = cast->error;
	int failed = cast->error ? err_system(err, "recording") : 0;
	fd_close(&cast->fd);
	buf_free(&cast->part);
	free(cast);
	return failed;
}
