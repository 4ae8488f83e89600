#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
	buf_cut(buf, 0);
}

void buf_cut(struct buf *buf, size_t len)
{
	buf->len = len;
	if (buf->data)
		buf->data[len] = '\0';
}

void buf_reserve(struct buf *buf, size_t more)
{
	if (more >= SIZE_MAX / 2 - buf->len)
		abort();
	size_t need = buf->len + more + 1;
	if (need <= buf->size)
		return;
	size_t size = buf->size ? buf->size * 2 : 64;
	if (size < need)
		size = need;
	buf->data = must(realloc(buf->data, size));
	buf->size = size;
	buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_add_string(struct buf *buf, const char *string)
{
	buf_add(buf, string, strlen(string));
}

void buf_add_char(struct buf *buf, char c)
{
	/* Often called: only then into a function when there is no room. */
	if (buf->len + 2 > buf->size)
		buf_reserve(buf, 1);
	buf->data[buf->len++] = c;
	buf->data[buf->len] = '\0';
}

void buf_add_format(struct buf *buf, const char *format, ...)
{
	va_list arguments, again;
	buf_reserve(buf, 64);
	size_t room = buf->size - buf->len;
	va_start(arguments, format);
	va_copy(again, arguments);
	int len = vsnprintf(buf->data + buf->len, room, format, arguments);
	va_end(arguments);
	if (len < 0)
		abort();
	if ((size_t)len >= room) {
		buf_reserve(buf, (size_t)len);
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
	}
	va_end(again);
	buf->len += (size_t)len;
}

void buf_add_quoted(struct buf *buf, const char *word, size_t len)
{
	buf_add_char(buf, '\'');
	for (size_t i = 0; i < len; i++)
		if (word[i] == '\'')
			buf_add_string(buf, "'\\''");
		else
			buf_add_char(buf, word[i]);
	buf_add_char(buf, '\'');
}

void buf_drop_front(struct buf *buf, size_t len)
{
	if (!len)
		return;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}

void buf_trim_end(struct buf *buf, size_t from, char c)
{
	while (buf->len > from && buf->data[buf->len - 1] == c)
		buf->data[--buf->len] = '\0';
}

const char *buf_string(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

void *mem_alloc(size_t count, size_t size)
{
	/* calloc(0) may give NULL. */
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	list = realloc(list, (count ? 2 * count : 1) * size);
	if (!list)
		abort();
	return list;
}

char *mem_string(const char *string)
{
	return must(strdup(string));
}

char *mem_format_list(const char *format, va_list arguments)
{
	char *string;
	if (vasprintf(&string, format, arguments) < 0)
		abort();
	return string;
}

char *mem_format(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *string = mem_format_list(format, arguments);
	va_end(arguments);
	return string;
}

void mem_free_string(char **string)
{
	free(*string);
	*string = NULL;
}
