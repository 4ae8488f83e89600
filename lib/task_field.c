#include "task_field.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"

int field_error(struct err *err, const char *path, const char *format, ...)
{
	char reason[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	return err_set(err, ERR_INPUT, "%s: %s", *path ? path : ".", reason);
}

/* Whether the key can stand behind a dot. */
static bool is_plain_key(const char *key)
{
	static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	return *key && !strchr("0123456789", *key) && strspn(key, plain) == strlen(key);
}

void field_path(char out[FIELD_PATH_MAX], const char *path, const char *key)
{
	BUF_AUTO quoted = {0};
	JSON_AUTO name = json_new_string(key);
	char kept[FIELD_PATH_MAX];
	snprintf(kept, sizeof kept, "%s", path);
	if (is_plain_key(key))
		snprintf(out, FIELD_PATH_MAX, "%.190s.%.60s", kept, key);
	else if (json_dump(name, false, &quoted, NULL) == 0)
		snprintf(out, FIELD_PATH_MAX, "%.180s[%.60s]", *kept ? kept : ".", buf_string(&quoted));
}

bool field_name(const char *text, size_t max)
{
	size_t len = strlen(text);
	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isascii((unsigned char)text[i]) ||
		    (!isalnum((unsigned char)text[i]) && (i == 0 || !strchr("._+-", text[i]))))
			return false;
	return true;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);
	for (const char *at = choices; *at; at += strcspn(at, " "), at += *at == ' ')
		if (strcspn(at, " ") == len && !strncmp(at, text, len))
			return true;
	return false;
}

static int check_text(json given, const struct field *row, const char *path, struct err *err)
{
	size_t len;
	const char *text = json_text(given, &len);
	if (!text)
		return field_error(err, path, "must be a string, not %s", json_kind_name(given));
	if (strlen(text) != len)
		return field_error(err, path, "must not hold a NUL");
	if (row->kind == FIELD_CHOICE && !is_choice(row->choices, text))
		return field_error(err, path, "must be one of: %s", row->choices);
	if (row->kind == FIELD_NAME && !field_name(text, (size_t)row->max))
		return field_error(err, path, "must be a name: letters, digits, '.', '_', '+' and '-', at most %.0f",
		                   row->max);
	if (row->kind != FIELD_TEXT && row->kind != FIELD_LINE)
		return 0;
	if ((double)len < row->min || (double)len > row->max)
		return field_error(err, path, len ? "must have %.0f to %.0f bytes" : "must not be empty", row->min,
		                   row->max);
	for (size_t i = 0; row->kind == FIELD_LINE && i < len; i++)
		if (iscntrl((unsigned char)text[i]))
			return field_error(err, path, "must be one line without control characters");
	return 0;
}

static int check_number(json given, const struct field *row, const char *path, struct err *err)
{
	double number = json_number(given, NAN);
	if (number >= row->min && number <= row->max && (row->kind == FIELD_NUMBER || number == floor(number)))
		return 0;
	return field_error(err, path, "must be a %snumber of %.10g to %.10g", row->kind == FIELD_WHOLE ? "whole " : "",
	                   row->min, row->max);
}

static int array_value(json given, const struct field *row, bool inlined, const char *path, json *checked, struct err *err)
{
	int count = json_length(given);
	JSON_AUTO list = json_new_array();
	if (!json_is_array(given))
		return field_error(err, path, "must be an array, not %s", json_kind_name(given));
	if (count < row->min || count > row->max)
		return field_error(err, path, "must have %.0f to %.0f elements", row->min, row->max);
	for (int i = 0; i < count; i++) {
		char inside[FIELD_PATH_MAX];
		json element;
		snprintf(inside, sizeof inside, "%.200s[%d]", path, i);
		if (field_value(json_at(given, i), row->element, inlined, inside, &element, err) < 0)
			return -1;
		json_append(&list, element);
	}
	*checked = json_take(&list);
	return 0;
}

static int check_plain(json given, const struct field *row, const char *path, struct err *err)
{
	switch (row->kind) {
	case FIELD_NUMBER:
	case FIELD_WHOLE:
		return check_number(given, row, path, err);
	case FIELD_BOOL:
		return json_is_bool(given) ? 0 : field_error(err, path, "must be true or false");
	case FIELD_OBJECT:
		return json_is_object(given) ? 0
		                             : field_error(err, path, "must be an object, not %s", json_kind_name(given));
	case FIELD_CUSTOM:
		return 0;
	default:
		return check_text(given, row, path, err);
	}
}

int field_value(json given, const struct field *row, bool inlined, const char *path, json *checked, struct err *err)
{
	json value = json_none();
	int status = 0;
	if (row->kind == FIELD_ARRAY)
		status = array_value(given, row, inlined, path, &value, err);
	else if (row->kind == FIELD_OBJECT && row->fields)
		status = field_object(given, row->fields, NULL, inlined, path, &value, err);
	else if ((status = check_plain(given, row, path, err)) == 0)
		value = json_copy(given);
	if (status == 0 && row->check && row->check(value, path, err) < 0)
		json_free(&value);
	if (json_is_none(value))
		return -1;
	*checked = value;
	return 0;
}

int field_unique(json value, const char *path, struct err *err)
{
	for (int i = 0; i < json_length(value); i++)
		for (int j = 0; j < i; j++)
			if (json_equal(json_at(value, i), json_at(value, j)))
				return field_error(err, path, "%.60s is there twice", json_string(json_at(value, i)));
	return 0;
}

static bool has_row(const struct field *rows, const char *key, bool inlined)
{
	for (; rows && rows->key; rows++)
		if (!strcmp(rows->key, key) && (inlined || !rows->inline_only))
			return true;
	return false;
}

/* One row's part of the walk. */
static int fill(json given, const struct field *row, bool inlined, const char *path, json *checked, struct err *err)
{
	char inside[FIELD_PATH_MAX];
	JSON_AUTO fallback = json_none();
	json value = json_get(given, row->key), result;
	field_path(inside, path, row->key);
	if (json_is_none(value) && row->required)
		return field_error(err, inside, "is missing");
	if (json_is_none(value) && row->fallback && json_parse(row->fallback, strlen(row->fallback), &fallback, err) < 0)
		return -1;
	if (json_is_none(value))
		value = fallback;
	if (json_is_none(value))
		return 0;
	if (field_value(value, row, inlined, inside, &result, err) < 0)
		return -1;
	json_set(checked, row->key, result);
	return 0;
}

int field_object(json given, const struct field *rows, const struct field *more, bool inlined, const char *path,
                 json *checked, struct err *err)
{
	JSON_AUTO object = json_new_object();
	const char *key;
	json value;
	if (!json_is_object(given))
		return field_error(err, path, "must be an object, not %s", json_kind_name(given));
	for (int at = -1; json_each(given, &at, &key, &value);) {
		char inside[FIELD_PATH_MAX];
		if (has_row(rows, key, inlined) || has_row(more, key, inlined))
			continue;
		field_path(inside, path, key);
		return field_error(err, inside, "unknown key");
	}
	const struct field *const lists[] = {rows, more};
	for (int i = 0; i < 2; i++)
		for (const struct field *row = lists[i]; row && row->key; row++)
			if ((inlined || !row->inline_only) && fill(given, row, inlined, path, &object, err) < 0)
				return -1;
	*checked = json_take(&object);
	return 0;
}
