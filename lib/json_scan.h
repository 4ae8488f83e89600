#ifndef PIPEGYM_JSON_SCAN_H
#define PIPEGYM_JSON_SCAN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

#define JSON_WORD 8
/* How many of JSON_WORD bytes stand for themselves in a JSON string, before the first quote, backslash or control
 * character (a zero byte in a word w is found by (w - 0x01…) & ~w & 0x80…; bytes below 0x20 likewise; what is found
 * before any other is one). */
static inline unsigned json_plain_run(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t word;
	memcpy(&word, text, JSON_WORD);
	word = le64toh(word);
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
	uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word);
	found &= tops;
	return found ? (unsigned)__builtin_ctzll(found) / 8 : JSON_WORD;
}

#endif
