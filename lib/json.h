#ifndef PIPEGYM_JSON_H
#define PIPEGYM_JSON_H

#include <jv.h> /* only json.h and json_filter.c include libjq's headers */
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

/*
 * One JSON value: libjq's reference-counted jv under one rule of ownership.
 * Arguments are *borrowed* and results are *borrowed* (valid as long as the
 * value they were taken from is alive and unchanged), but for the functions
 * whose comment says otherwise: json_new_*, json_copy and json_parse give a
 * value that the caller owns and frees; json_set and json_append *consume*
 * the value that is put in.
 * A wrong kind is never an abort here: readers give the fallback, and setters
 * on a value that is not an object or array free what they were given.
 * Values are not to be shared between threads, not even to be read: reference counts are plain numbers. A value that
 * nobody else holds may move to another thread (json_take).
 */
typedef jv json;

#define JSON_AUTO __attribute__((cleanup(json_free))) json

void json_free(json *value); /* releases and sets to json_none() */
json json_none(void);        /* "no value"; json_is_none() of it is true */
bool json_is_none(json value);
bool json_is_null(json value);
bool json_is_string(json value);
bool json_is_number(json value);
bool json_is_bool(json value);
bool json_is_object(json value);
bool json_is_array(json value);
const char *json_kind_name(json value); /* "object", "string", … */

/* Parses exactly one value. Owned result. Errors (ERR_INPUT) are short and hold no input text beyond 40 bytes.
 * NaN, Infinity and numbers beyond a double's range are errors, an unpaired surrogate too. text must be valid UTF-8 (text_valid). */
int json_parse(const char *text, size_t len, json *out, struct err *err);

/* Appends the value as compact JSON; sorted: keys in order (canonical form). A value nested too deep is an error. */
int json_dump(json value, bool sorted, struct buf *out, struct err *err);

/* Appends a string's own text, any other value as json_dump() has it; nothing for json_none(), or for what cannot be dumped. */
void json_add_text(json value, bool sorted, struct buf *out);

json json_copy(json value);         /* owned: one more reference */
json json_take(json *value);        /* owned: moves it out and leaves json_none(); so a value goes to another thread */
json json_new_object(void);         /* owned */
json json_new_array(void);          /* owned */
json json_new_null(void);           /* owned */
json json_new_bool(bool value);     /* owned */
json json_new_number(double value); /* owned */
json json_new_string(const char *string);         /* owned; NULL gives null */
json json_new_strings(const char *const *list);   /* owned; an array of a list that ends with NULL */
json json_new_text(const char *text, size_t len); /* owned; may hold NUL bytes; valid UTF-8 */

json json_get(json object, const char *key); /* json_none() if absent or not an object */
json json_at(json array, int index);         /* json_none() beyond its ends */
int json_length(json value);                 /* elements or keys; 0 for others */
/* Iterates over an object: *position starts at -1. Returns false at the end. *key is borrowed. Order: as inserted. */
bool json_each(json object, int *position, const char **key, json *value);

const char *json_string(json value);            /* NULL if not a string */
const char *json_text(json value, size_t *len); /* NULL if not a string */
double json_number(json value, double fallback);
bool json_bool(json value, bool fallback);
const char *json_get_string(json object, const char *key);
bool json_get_is(json object, const char *key, const char *text); /* whether object.key is this string */
double json_get_number(json object, const char *key, double fallback);
bool json_get_bool(json object, const char *key, bool fallback);
/* A whole number within [min, max]; anything else: fallback. */
int64_t json_get_int(json object, const char *key, int64_t min, int64_t max, int64_t fallback);
int json_get_count(json object, const char *key, int fallback); /* the same within [0, INT_MAX] */
int json_depth(json value);      /* levels of arrays (1) and objects (2) in each other; 0 for a plain value */
size_t json_count(json value);   /* itself, and the values in it at any depth */
bool json_equal(json a, json b); /* jq's ==: 1 and 1.0 are equal, key order does not count */

void json_set(json *object, const char *key, json value);                /* consumes value */
void json_set_string(json *object, const char *key, const char *string); /* NULL gives null */
void json_set_text(json *object, const char *key, const char *text, size_t len);
void json_set_number(json *object, const char *key, double value);
void json_set_bool(json *object, const char *key, bool value);
void json_delete(json *object, const char *key);
/* Sets a field of a part, which is an object or becomes one: object.part.key. Consumes value. */
void json_set_in(json *object, const char *part, const char *key, json value);
void json_set_or_null(json *object, const char *key, json value); /* a copy; null for json_none() */
void json_append(json *array, json value);                        /* consumes value */

/* A compiled jq program. Compiling takes 15 ms with jq 1.6: only when asked for. One that is not the user's own (-f) is
 * for eval.h alone. no_memory: called where memory runs out, not to return; NULL: that aborts, as everywhere else. */
struct json_filter;
/* NULL and ERR_USAGE with jq's first message. */
struct json_filter *json_filter_new(const char *program, void (*no_memory)(void *), struct err *err);
void json_filter_free(struct json_filter *filter);
/* Whether the first output for value is neither false nor null (no output: false). Returns 0, or -1 and ERR_INPUT when
 * the program raised an error. */
int json_filter_test(struct json_filter *filter, json value, bool *result, struct err *err);
/* Consumes value. How many outputs there are: 0; 1 and *output (owned); 2 for more; -1 and ERR_INPUT when the program
 * raised an error, also after its first output. */
int json_filter_run(struct json_filter *filter, json value, json *output, struct err *err);

#endif
