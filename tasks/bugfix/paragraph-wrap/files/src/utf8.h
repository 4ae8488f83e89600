#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* How many columns a text in UTF-8 takes: one for each character. */
size_t utf8_columns(const char *text, size_t len);

#endif
