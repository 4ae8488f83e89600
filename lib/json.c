#include "json.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "text.h"

#define TEXT_MAX (INT_MAX / 4) /* libjq counts bytes in int, and needs three times the room where it repairs text */
#define LONG_TEXT 1024         /* bytes from which libjq's own way to make a string is worth avoiding */
#define KEYS_BITS 9

/*
 * Ownership under the hood: every jv_* function consumes what it is given, but
 * for jv_copy(), jv_get_kind(), jv_number_value(), jv_string_value() and the
 * jv_object_iter* family. A borrowed result is an owned one whose reference
 * was dropped at once: the value it was taken from holds another.
 */
static json borrowed(json owned)
{
	jv_free(owned);
	return owned;
}

void json_free(json *value)
{
	jv_free(*value);
	*value = jv_invalid();
}

json json_take(json *value)
{
	json taken = *value;
	*value = jv_invalid();
	return taken;
}

json json_none(void)
{
	return jv_invalid();
}

bool json_is_none(json value)
{
	return jv_get_kind(value) == JV_KIND_INVALID;
}

bool json_is_null(json value)
{
	return jv_get_kind(value) == JV_KIND_NULL;
}

bool json_is_string(json value)
{
	return jv_get_kind(value) == JV_KIND_STRING;
}

bool json_is_number(json value)
{
	return jv_get_kind(value) == JV_KIND_NUMBER;
}

bool json_is_bool(json value)
{
	return jv_get_kind(value) == JV_KIND_TRUE || jv_get_kind(value) == JV_KIND_FALSE;
}

bool json_is_object(json value)
{
	return jv_get_kind(value) == JV_KIND_OBJECT;
}

bool json_is_array(json value)
{
	return jv_get_kind(value) == JV_KIND_ARRAY;
}

const char *json_kind_name(json value)
{
	return json_is_none(value) ? "nothing" : jv_kind_name(jv_get_kind(value));
}

int json_parse(const char *text, size_t len, json *out, struct err *err)
{
	size_t mark = text_mark(text, len);
	if (len - mark > TEXT_MAX)
		return err_set(err, ERR_INPUT, "a JSON text of more than %d MiB", (TEXT_MAX >> 20) + 1);
	return json_scan(text + mark, len - mark, out, err);
}

json json_copy(json value)
{
	return jv_copy(value);
}

json json_new_object(void)
{
	return jv_object();
}

json json_new_array(void)
{
	return jv_array();
}

json json_new_null(void)
{
	return jv_null();
}

json json_new_bool(bool value)
{
	return jv_bool(value);
}

json json_new_number(double value)
{
	return jv_number(value);
}

json json_new_string(const char *string)
{
	return string ? json_new_text(string, strlen(string)) : jv_null();
}

json json_new_strings(const char *const *list)
{
	json array = json_new_array();
	for (; *list; list++)
		json_append(&array, json_new_string(*list));
	return array;
}

/*
 * libjq looks at each byte of a string that it makes, at 600 MB/s, but not at
 * those of strings that it puts together. So a string of the right length is
 * put together of blanks, and then written over: nobody else has it yet, and
 * it has no hash before it is asked for one.
 */
static json new_long_text(const char *text, size_t len)
{
	static const char blanks[LONG_TEXT];
	json string = jv_string_empty((int)len), part = jv_string_sized(blanks, LONG_TEXT);
	size_t at = 0;
	for (; len - at >= LONG_TEXT; at += LONG_TEXT)
		string = jv_string_concat(string, jv_copy(part));
	string = jv_string_append_buf(string, blanks, (int)(len - at));
	jv_free(part);
	memcpy((char *)(uintptr_t)jv_string_value(string), text, len);
	return string;
}

json json_new_text(const char *text, size_t len)
{
	if (len > TEXT_MAX)
		abort();
	if (len >= LONG_TEXT && text_valid(text, len) == len)
		return new_long_text(text, len);
	return jv_string_sized(len ? text : "", (int)len);
}

/*
 * A member is found by a string of libjq's, which takes longer to make than to
 * find with. So each thread has those that it last asked for, in places by the
 * address of their text, which mostly is a literal. They are for json_get()
 * alone: in a value they could get to another thread.
 */
struct keys {
	json strings[1 << KEYS_BITS];
};
static _Thread_local struct keys *keys;
static pthread_once_t keys_once = PTHREAD_ONCE_INIT;
static pthread_key_t keys_end; /* of a thread; those of the first one stay */

static void free_keys(void *of_thread)
{
	struct keys *mine = of_thread;
	for (size_t i = 0; i < sizeof mine->strings / sizeof *mine->strings; i++)
		jv_free(mine->strings[i]);
	free(mine);
}

static void make_keys_end(void)
{
	if (pthread_key_create(&keys_end, free_keys) != 0)
		abort();
}

static struct keys *make_keys(void)
{
	struct keys *mine = mem_alloc(1, sizeof *mine);
	for (size_t i = 0; i < sizeof mine->strings / sizeof *mine->strings; i++)
		mine->strings[i] = jv_null();
	pthread_once(&keys_once, make_keys_end);
	if (pthread_setspecific(keys_end, mine) != 0)
		abort();
	return mine;
}

/* Borrowed. */
static json key_string(const char *key)
{
	if (!keys)
		keys = make_keys();
	json *place = &keys->strings[(uintptr_t)key * 0x9e3779b97f4a7c15u >> (64 - KEYS_BITS)];
	if (json_is_string(*place) && !strcmp(jv_string_value(*place), key))
		return *place;
	jv_free(*place);
	return *place = jv_string(key);
}

json json_get(json object, const char *key)
{
	if (!json_is_object(object))
		return jv_invalid();
	return borrowed(jv_object_get(jv_copy(object), jv_copy(key_string(key))));
}

json json_at(json array, int index)
{
	if (!json_is_array(array) || index < 0)
		return jv_invalid();
	return borrowed(jv_array_get(jv_copy(array), index));
}

int json_length(json value)
{
	if (json_is_array(value))
		return jv_array_length(jv_copy(value));
	return json_is_object(value) ? jv_object_length(jv_copy(value)) : 0;
}

bool json_each(json object, int *position, const char **key, json *value)
{
	if (!json_is_object(object))
		return false;
	*position = jv_object_iter_next(object, *position);
	if (!jv_object_iter_valid(object, *position))
		return false;
	*key = jv_string_value(borrowed(jv_object_iter_key(object, *position)));
	*value = borrowed(jv_object_iter_value(object, *position));
	return true;
}

const char *json_string(json value)
{
	return json_is_string(value) ? jv_string_value(value) : NULL;
}

const char *json_text(json value, size_t *len)
{
	if (!json_is_string(value))
		return NULL;
	*len = (size_t)jv_string_length_bytes(jv_copy(value));
	return jv_string_value(value);
}

double json_number(json value, double fallback)
{
	return json_is_number(value) ? jv_number_value(value) : fallback;
}

bool json_bool(json value, bool fallback)
{
	return json_is_bool(value) ? jv_get_kind(value) == JV_KIND_TRUE : fallback;
}

const char *json_get_string(json object, const char *key)
{
	return json_string(json_get(object, key));
}

bool json_get_is(json object, const char *key, const char *text)
{
	const char *string = json_get_string(object, key);
	return string && !strcmp(string, text);
}

double json_get_number(json object, const char *key, double fallback)
{
	return json_number(json_get(object, key), fallback);
}

bool json_get_bool(json object, const char *key, bool fallback)
{
	return json_bool(json_get(object, key), fallback);
}

int64_t json_get_int(json object, const char *key, int64_t min, int64_t max, int64_t fallback)
{
	double number = json_get_number(object, key, NAN);
	/* ±2^63 as doubles: what is within converts. */
	if (isnan(number) || number < -9223372036854775808.0 || number >= 9223372036854775808.0 || number != floor(number))
		return fallback;
	int64_t whole = (int64_t)number;
	return whole >= min && whole <= max ? whole : fallback;
}

int json_get_count(json object, const char *key, int fallback)
{
	return (int)json_get_int(object, key, 0, INT_MAX, fallback);
}

int json_depth(json value)
{
	int deepest = 0;
	const char *key;
	json part;
	if (!json_is_object(value) && !json_is_array(value))
		return 0;
	for (int at = -1; json_is_object(value) && json_each(value, &at, &key, &part);) {
		int depth = json_depth(part);
		deepest = depth > deepest ? depth : deepest;
	}
	for (int i = 0; json_is_array(value) && i < json_length(value); i++) {
		int depth = json_depth(json_at(value, i));
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + (json_is_object(value) ? 2 : 1);
}

size_t json_count(json value)
{
	size_t count = 1;
	const char *key;
	json part;
	for (int at = -1; json_is_object(value) && json_each(value, &at, &key, &part);)
		count += json_count(part);
	for (int i = 0; json_is_array(value) && i < json_length(value); i++)
		count += json_count(json_at(value, i));
	return count;
}

bool json_equal(json a, json b)
{
	return jv_equal(jv_copy(a), jv_copy(b));
}

void json_set(json *object, const char *key, json value)
{
	if (json_is_object(*object) && !json_is_none(value))
		*object = jv_object_set(*object, jv_string(key), value);
	else
		jv_free(value);
}

void json_set_string(json *object, const char *key, const char *string)
{
	json_set(object, key, json_new_string(string));
}

void json_set_text(json *object, const char *key, const char *text, size_t len)
{
	json_set(object, key, json_new_text(text, len));
}

void json_set_number(json *object, const char *key, double value)
{
	json_set(object, key, jv_number(value));
}

void json_set_bool(json *object, const char *key, bool value)
{
	json_set(object, key, jv_bool(value));
}

void json_delete(json *object, const char *key)
{
	if (json_is_object(*object))
		*object = jv_object_delete(*object, jv_string(key));
}

void json_set_in(json *object, const char *part, const char *key, json value)
{
	JSON_AUTO inner = json_copy(json_get(*object, part));
	if (!json_is_object(inner)) {
		json_free(&inner);
		inner = json_new_object();
	}
	json_set(&inner, key, value);
	json_set(object, part, json_take(&inner));
}

void json_set_or_null(json *object, const char *key, json value)
{
	json_set(object, key, json_is_none(value) ? json_new_null() : json_copy(value));
}

void json_append(json *array, json value)
{
	if (json_is_array(*array) && !json_is_none(value))
		*array = jv_array_append(*array, value);
	else
		jv_free(value);
}
