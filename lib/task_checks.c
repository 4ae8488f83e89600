/* The checks of a task's definition: which types there are, and what fields each has. */
#include "task_checks.h"

#include <stdio.h>
#include <string.h>

#include "match.h"
#include "task_field.h"
#include "task_schema.h"

static int check_path(json value, const char *path, struct err *err)
{
	if (task_path_valid(json_string(value)))
		return 0;
	return field_error(err, path, "must be a relative path without empty, '.' and '..' components");
}

static int check_mode(json value, const char *path, struct err *err)
{
	const char *mode = json_string(value);
	size_t len = strlen(mode);
	if (strspn(mode, "01234567") == len && (len == 3 || len == 4))
		return 0;
	return field_error(err, path, "must be 3 or 4 octal digits");
}

static int check_sha256(json value, const char *path, struct err *err)
{
	const char *digest = json_string(value);
	if (strspn(digest, "0123456789abcdef") == 64 && strlen(digest) == 64)
		return 0;
	return field_error(err, path, "must be 64 lower-case hexadecimal digits");
}

/* A command line (bash -c) or the words of one command. */
static int check_command_line(json value, const char *path, struct err *err)
{
	static const struct field text = {.kind = FIELD_TEXT, .min = 1, .max = TASK_TEXT_MAX};
	static const struct field word = {.kind = FIELD_TEXT, .min = 0, .max = TASK_TEXT_MAX};
	static const struct field words = {.kind = FIELD_ARRAY, .min = 1, .max = 60, .element = &word};
	json checked;
	if (!json_is_string(value) && !json_is_array(value))
		return field_error(err, path, "must be a string or an array of strings");
	if (field_value(value, json_is_string(value) ? &text : &words, false, path, &checked, err) < 0)
		return -1;
	json_free(&checked);
	return 0;
}

static int check_exit(json value, const char *path, struct err *err)
{
	double status = json_number(value, -1);
	if (json_is_null(value) || (status >= 0 && status <= 255 && status == (int)status))
		return 0;
	return field_error(err, path, "must be a whole number of 0 to 255, or null");
}

/* Of the file check: what a path that must not exist is like cannot be asked, nor what is in a folder. */
static int check_file_shape(json check, const char *path, struct err *err)
{
	static const char *const keys[] = {"kind", "mode", "sha256", "content", "untouched"};
	const char *kind = json_get_string(check, "kind");
	bool exists = json_get_bool(check, "exists", true);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char inside[FIELD_PATH_MAX];
		field_path(inside, path, keys[i]);
		if (json_is_none(json_get(check, keys[i])))
			continue;
		if (!exists)
			return field_error(err, inside, "cannot be asked of what must not exist");
		if (i >= 2 && kind && strcmp(kind, "regular") != 0)
			return field_error(err, inside, "can be asked of regular files only");
	}
	return 0;
}

static int check_output_shape(json check, const char *path, struct err *err)
{
	if (json_is_none(json_get(check, "stdout")) && json_is_none(json_get(check, "stderr")))
		return field_error(err, path, "needs \"stdout\" or \"stderr\"");
	return 0;
}

/* The types of checks: their fields beside name, type and weight. To add one, add its rows and its line below. */
static const struct field file_fields[] = {
        {.key = "path", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_PATH_MAX, .check = check_path},
        {.key = "exists", .kind = FIELD_BOOL, .fallback = "true"},
        {.key = "kind", .kind = FIELD_CHOICE, .choices = "regular directory symlink"},
        {.key = "mode", .kind = FIELD_TEXT, .max = 100, .check = check_mode},
        {.key = "sha256", .kind = FIELD_TEXT, .max = 100, .check = check_sha256},
        {.key = "content", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "untouched", .kind = FIELD_BOOL},
        {0},
};

static const struct field command_fields[] = {
        {.key = "command", .kind = FIELD_CUSTOM, .required = true, .check = check_command_line},
        {.key = "stdin", .kind = FIELD_TEXT, .max = 1 << 20},
        {.key = "exit", .kind = FIELD_CUSTOM, .fallback = "0", .check = check_exit},
        {.key = "stdout", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "stderr", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .min = 0.1, .max = 3600},
        {0},
};

static const struct field answer_fields[] = {
        {.key = "answer", .kind = FIELD_CUSTOM, .required = true, .check = match_check},
        {0},
};

static const struct field output_fields[] = {
        {.key = "stdout", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "stderr", .kind = FIELD_CUSTOM, .check = match_check},
        {0},
};

static const struct {
	const char *type;
	const struct field *fields;
	field_check *check; /* of the fields together */
} check_types[] = {
        {"file", file_fields, check_file_shape},
        {"command", command_fields, NULL},
        {"answer", answer_fields, NULL},
        {"output", output_fields, check_output_shape},
};

static const struct field check_fields[] = {
        {.key = "name", .kind = FIELD_LINE, .required = true, .min = 1, .max = 100},
        {.key = "type", .kind = FIELD_TEXT, .max = 100}, /* check_check() has seen to it */
        {.key = "weight", .kind = FIELD_NUMBER, .fallback = "1", .min = 0, .max = 1000000},
        {.key = "visible", .kind = FIELD_BOOL},
        {0},
};

static int check_check(json given, const char *path, json *checked, struct err *err)
{
	const char *type = json_get_string(given, "type");
	char inside[FIELD_PATH_MAX];
	size_t i = 0, count = sizeof check_types / sizeof *check_types;
	field_path(inside, path, "type");
	if (!json_is_object(given))
		return field_error(err, path, "must be an object, not %s", json_kind_name(given));
	if (!type)
		return field_error(err, inside, "is missing, or no string");
	while (i < count && strcmp(check_types[i].type, type) != 0)
		i++;
	if (i == count)
		return field_error(err, inside, "there is no check of type \"%.60s\"", type);
	if (field_object(given, check_fields, check_types[i].fields, false, path, checked, err) < 0)
		return -1;
	if (!check_types[i].check || check_types[i].check(*checked, path, err) == 0)
		return 0;
	json_free(checked);
	return -1;
}

static bool same_name(json a, json b)
{
	return !strcmp(json_get_string(a, "name"), json_get_string(b, "name"));
}

int task_checks(json given, json *checked, struct err *err)
{
	JSON_AUTO list = json_new_array();
	for (int i = 0; i < json_length(given); i++) {
		char path[32];
		json check;
		snprintf(path, sizeof path, ".checks[%d]", i);
		if (check_check(json_at(given, i), path, &check, err) < 0)
			return -1;
		json_append(&list, check);
		for (int j = 0; j < i; j++)
			if (same_name(check, json_at(list, j)))
				return field_error(err, path, "has the same name as .checks[%d]", j);
	}
	*checked = list;
	list = json_none();
	return 0;
}
