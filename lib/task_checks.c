/* The checks of a task's definition: which types there are, and what fields each has. */
#include "task_checks.h"

#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "match.h"
#include "task_cases.h"
#include "task_field.h"
#include "task_schema.h"
#include "task_sql.h"

int task_check_path(json value, const char *path, struct err *err)
{
	if (task_path_valid(json_string(value)))
		return 0;
	return field_error(err, path, "must be a relative path without empty, '.' and '..' components");
}

/* An absolute one is looked at once the workspaces are known (task_workspaces.c). */
static int check_file_path(json value, const char *path, struct err *err)
{
	const char *text = json_string(value);
	if (task_path_valid(text + (*text == '/')))
		return 0;
	return field_error(err, path, "must be a path without empty, '.' and '..' components");
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
	if (digest_is_hex(json_string(value)))
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

int task_check_exit(json value, const char *path, struct err *err)
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

/* Either conditions, or a comparison with one text. */
static int check_output_shape(json check, const char *path, struct err *err)
{
	bool conditions = !json_is_none(json_get(check, "stdout")) || !json_is_none(json_get(check, "stderr"));
	bool text = !json_is_none(json_get(check, "text")), gold = !json_is_none(json_get(check, "gold"));
	bool compare = !json_is_none(json_get(check, "compare"));
	if (conditions == compare)
		return field_error(err, path, "needs \"stdout\" or \"stderr\", or else \"compare\"");
	if (!compare && (text || gold))
		return field_error(err, path, "has \"%s\" without \"compare\"", text ? "text" : "gold");
	if (text && gold)
		return field_error(err, path, "has both \"text\" and \"gold\"");
	return 0;
}

/* The types of checks: their fields beside name, type and weight. To add one, add its rows and its line below. */
static const struct field file_fields[] = {
        {.key = "path", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_PATH_MAX, .check = check_file_path},
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
        {.key = "exit", .kind = FIELD_CUSTOM, .fallback = "0", .check = task_check_exit},
        {.key = "stdout", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "stderr", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .min = 0.1, .max = 3600},
        {.key = "trusted", .kind = FIELD_BOOL},
        {0},
};

static const struct field cases_fields[] = {
        {.key = "command", .kind = FIELD_CUSTOM, .required = true, .check = check_command_line},
        {.key = "cases", .kind = FIELD_CUSTOM, .required = true, .check = task_cases_check},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .min = 0.1, .max = 3600},
        {.key = "memory_mib", .kind = FIELD_WHOLE, .min = 16, .max = 1048576},
        {0},
};

static const struct field answer_fields[] = {
        {.key = "answer", .kind = FIELD_CUSTOM, .required = true, .check = match_check},
        {0},
};

static const struct field output_fields[] = {
        {.key = "stdout", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "stderr", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "compare", .kind = FIELD_CHOICE, .choices = "exact normalised intercode"},
        {.key = "text", .kind = FIELD_TEXT, .max = 1 << 20},
        {.key = "gold", .kind = FIELD_CUSTOM, .check = task_schema_actions},
        {0},
};

static const struct field ignored_path = {.kind = FIELD_TEXT, .min = 1, .max = TASK_PATH_MAX, .check = task_check_path};

static const struct field tree_fields[] = {
        {.key = "gold", .kind = FIELD_CUSTOM, .check = task_schema_actions},
        {.key = "compare", .kind = FIELD_CHOICE, .fallback = "\"exact\"", .choices = "exact intercode"},
        {.key = "ignore", .kind = FIELD_ARRAY, .max = CHECK_IGNORE_MAX, .element = &ignored_path},
        {0},
};

static const struct field intercode_fields[] = {
        {.key = "gold", .kind = FIELD_CUSTOM, .check = task_schema_actions},
        {.key = "ignore", .kind = FIELD_ARRAY, .max = CHECK_IGNORE_MAX, .element = &ignored_path},
        {0},
};

static int check_identifier(json value, const char *path, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	const char *name = json_string(value);
	if (*name && strspn(name, letters) == strlen(name) && (*name < '0' || *name > '9'))
		return 0;
	return field_error(err, path, "must be an identifier of Python's, of ASCII letters");
}

static const struct field identifier_field = {.kind = FIELD_TEXT, .max = 200, .check = check_identifier};
static const struct field statement_field = {.kind = FIELD_TEXT, .min = 1, .max = TASK_TEXT_MAX};

static const struct field python_fields[] = {
        {.key = "file", .kind = FIELD_TEXT, .fallback = "\"solution.py\"", .min = 1, .max = TASK_PATH_MAX, .check = task_check_path},
        {.key = "asserts", .kind = FIELD_ARRAY, .required = true, .min = 1, .max = 10000, .element = &statement_field},
        {.key = "setup", .kind = FIELD_TEXT, .fallback = "\"\"", .max = 1 << 20},
        {.key = "given", .kind = FIELD_TEXT, .fallback = "\"\"", .max = 1 << 20},
        {.key = "names", .kind = FIELD_ARRAY, .fallback = "[]", .max = 100, .element = &identifier_field},
        {.key = "classes", .kind = FIELD_ARRAY, .fallback = "[]", .max = 100, .element = &identifier_field},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .min = 0.1, .max = 3600},
        {0},
};

static const struct field sql_fields[] = {
        {.key = "databases", .kind = FIELD_CUSTOM, .required = true, .check = task_sql_databases},
        {.key = "gold", .kind = FIELD_TEXT, .min = 1, .max = TASK_TEXT_MAX},
        {.key = "file", .kind = FIELD_TEXT, .min = 1, .max = TASK_PATH_MAX, .check = task_check_path},
        {.key = "query", .kind = FIELD_TEXT, .min = 1, .max = TASK_TEXT_MAX},
        {.key = "compare", .kind = FIELD_CHOICE, .fallback = "\"multiset\"", .choices = "multiset ordered iou"},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .min = 0.1, .max = 3600},
        {0},
};

static const struct field jq_fields[] = {
        {.key = "condition", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_TEXT_MAX},
        {0},
};

static const struct field judge_fields[] = {
        {.key = "judge", .kind = FIELD_NAME, .required = true, .max = 100},
        {.key = "rubric", .kind = FIELD_CUSTOM},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .fallback = "60", .min = 0.1, .max = 3600},
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
        {"tree", tree_fields, NULL},
        {"intercode", intercode_fields, NULL},
        {"python", python_fields, NULL},
        {"cases", cases_fields, NULL},
        {"sql", sql_fields, task_sql_check},
        {"jq", jq_fields, NULL},
        {"judge", judge_fields, NULL},
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
	*checked = json_take(&list);
	return 0;
}
