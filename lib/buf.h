#ifndef PIPEGYM_BUF_H
#define PIPEGYM_BUF_H

#include <stdarg.h>
#include <stddef.h>

/*
 * A growing byte string. data is NUL-terminated whenever it is not NULL, and
 * may hold NUL bytes. All zero is an empty buffer. When memory runs out these
 * functions abort, as libjq does.
 */
struct buf {
	char *data;
	size_t len; /* bytes, without the terminating NUL */
	size_t size;
};

#define BUF_AUTO __attribute__((cleanup(buf_free))) struct buf

void buf_free(struct buf *buf);                 /* frees the memory, leaves an empty buffer */
void buf_clear(struct buf *buf);                /* empties it, keeps the memory */
void buf_cut(struct buf *buf, size_t len);      /* keeps the first len <= buf->len bytes */
void buf_reserve(struct buf *buf, size_t more); /* room for `more` further bytes */
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_string(struct buf *buf, const char *string);
void buf_add_char(struct buf *buf, char c);
void buf_add_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_quoted(struct buf *buf, const char *word, size_t len); /* as one word for a shell, in single quotes */
void buf_drop_front(struct buf *buf, size_t len);                   /* len <= buf->len */
void buf_trim_end(struct buf *buf, size_t from, char c); /* drops these from its end, but none before `from` */
const char *buf_string(const struct buf *buf);           /* data, or "" when there is none */

/* malloc, calloc, strdup, asprintf that abort when memory runs out. The caller frees. */
void *mem_alloc(size_t count, size_t size); /* zeroed */
/* A list of count elements of this size, or NULL for none, with room for one more: itself, or a larger one in its place. Room is
 * made for powers of two, so that nobody needs to keep how much there is; what is new of it is not zeroed. */
void *mem_grow(void *list, size_t count, size_t size);
char *mem_string(const char *string);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_format_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

#define STRING_AUTO __attribute__((cleanup(mem_free_string))) char *
void mem_free_string(char **string);

#endif
