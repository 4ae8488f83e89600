#ifndef PIPEGYM_JSON_SCAN_H
#define PIPEGYM_JSON_SCAN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"

/* The deepest nesting of arrays and objects that is read or written: libjq's own bound up to 1.7, to which an array is
 * one level and an object, for its key, another. */
#define JSON_DEPTH_MAX 256

/*
 * Makes a value (owned) of a text that is JSON (RFC 8259). libjq's own parser takes three times as long; it also takes nan,
 * Infinity, numbers of other forms or beyond a double's range and lone surrogates; it loses memory on malformed text
 * (1.6), and what it says of it differs from version to version. Refused too: nesting beyond JSON_DEPTH_MAX, numbers of
 * more than 1,024 characters, and a NUL in a key, which a C string cannot hold. Returns 0, or -1 and ERR_INPUT.
 */
int json_scan(const char *text, size_t len, json *value, struct err *err);

/* How many values a text has, as json_count() has it of the value that it would become; 0 if it is not JSON. */
size_t json_scan_count(const char *text, size_t len);

/*
 * Some values out of a text, without building the others: what is looked at is a shape, a tree of static tables, and what was
 * found are the places of its values in the text. One scan, in which everything is checked as json_scan() does.
 */
enum json_kind { JSON_ANY = 1, JSON_OBJECT, JSON_ARRAY };
struct json_shape {
	enum json_kind of;               /* JSON_ANY: only itself is looked at. 0 ends a table */
	const char *key;                 /* of a member; NULL in an array's table */
	int part;                        /* its place in the parts; -1: it has none */
	const struct json_shape *inside; /* JSON_OBJECT: a table of members; JSON_ARRAY: what each element is, one entry */
};
struct json_part {
	char kind;        /* '{', '[', '"', 't', 'f', 'n', '-' for a number; 0: it is not there */
	const char *text; /* with its quotes or brackets; borrowed from the text */
	size_t len;
	size_t count; /* how many elements an array has, or keys, each as often as it is there, an object */
};
struct json_pick {
	const struct json_shape *shape;
	struct json_part *parts; /* where what was found goes; a part of a value of another kind is not there */
	/* After each element of a JSON_ARRAY, whose parts are those of this one alone. An index of 0 begins anew: of a
	 * key that is there twice the last counts. */
	void (*element)(size_t index, void *context);
	void *context;
};
/* 0, or -1 and ERR_INPUT, as json_parse() without its limit of 2 GiB; then the parts are worth nothing, and element()
 * was called for some. */
int json_pick(const char *text, size_t len, const struct json_pick *pick, struct err *err);
/* Appends what a part of kind '"' says, which may hold NUL. */
void json_part_string(const struct json_part *part, struct buf *out);
double json_part_number(const struct json_part *part); /* of kind '-' */

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
