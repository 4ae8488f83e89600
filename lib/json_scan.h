#ifndef PIPEGYM_JSON_SCAN_H
#define PIPEGYM_JSON_SCAN_H

#include <stddef.h>

#include "err.h"

/* The deepest nesting of arrays and objects that is read or written: libjq's own bound up to 1.7, to which an array is one
 * level and an object, for its key, another. */
#define JSON_DEPTH_MAX 256

/*
 * Whether a text is JSON (RFC 8259), in one pass before libjq's parser builds the value. That parser also takes nan,
 * Infinity, numbers of other forms or beyond a double's range and lone surrogates; it loses memory on malformed text
 * (1.6), and what it says of it differs from version to version. Refused too: nesting beyond JSON_DEPTH_MAX, numbers of
 * more than 1,024 characters, and a NUL in a key, which a C string cannot hold. Returns 0, or -1 and ERR_INPUT.
 */
int json_scan(const char *text, size_t len, struct err *err);

/* How many values a text has, as json_count() has it of the value that it would become; 0 if it is not JSON. */
size_t json_scan_count(const char *text, size_t len);

/* How many bytes at the start of text stand for themselves in a JSON string: no quote, backslash or control character. */
size_t json_plain(const char *text, size_t len);

#endif
