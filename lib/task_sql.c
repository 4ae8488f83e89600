/* The fields of sql checks that no row alone describes. */
#include "task_sql.h"

#include <stdio.h>
#include <string.h>

#include "task_checks.h"
#include "task_schema.h"

static int check_value(json value, const char *path, struct err *err)
{
	if (json_is_null(value) || json_is_number(value) || json_is_string(value))
		return 0;
	return field_error(err, path, "must be null, a number or a string, not %s", json_kind_name(value));
}

static const struct field value_field = {.kind = FIELD_CUSTOM, .check = check_value};
static const struct field row_field = {.kind = FIELD_ARRAY, .min = 1, .max = 2000, .element = &value_field};

static const struct field database_fields[] = {
        {.key = "tests", .kind = FIELD_TEXT, .max = TASK_PATH_MAX, .check = task_check_path},
        {.key = "schema", .kind = FIELD_TEXT, .min = 1, .max = 1 << 20},
        {.key = "workspace", .kind = FIELD_TEXT, .max = TASK_PATH_MAX, .check = task_check_path},
        {.key = "rows", .kind = FIELD_ARRAY, .max = 10000, .element = &row_field},
        {0},
};

static int check_database(json database, const char *path, struct err *err)
{
	json checked;
	if (json_is_string(database))
		return field_value(database, &database_fields[0], false, path, &checked, err) < 0
		               ? -1
		               : (json_free(&checked), 0);
	if (field_object(database, database_fields, NULL, false, path, &checked, err) < 0)
		return -1;
	json_free(&checked);
	int places = !json_is_none(json_get(database, "tests")) + !json_is_none(json_get(database, "schema")) +
	             !json_is_none(json_get(database, "workspace"));
	return places == 1 ? 0 : field_error(err, path, "must have one of \"tests\", \"schema\", \"workspace\"");
}

static const struct field database_field = {.kind = FIELD_CUSTOM, .check = check_database};
static const struct field databases_field = {.kind = FIELD_ARRAY, .min = 1, .max = 16, .element = &database_field};

int task_sql_databases(json databases, const char *path, struct err *err)
{
	json checked;
	if (field_value(databases, &databases_field, false, path, &checked, err) < 0)
		return -1;
	json_free(&checked);
	return 0;
}

/* Whose the query is decides whose the data may be: two queries on data that the agent has made are equal when it is
 * empty, and a query of the task's own on the task's data says nothing about the agent. */
int task_sql_check(json check, const char *path, struct err *err)
{
	json databases = json_get(check, "databases");
	bool gold = !json_is_none(json_get(check, "gold")), own = !json_is_none(json_get(check, "query"));
	if (own && !json_is_none(json_get(check, "file")))
		return field_error(err, path, "has both \"query\" and \"file\"");
	for (int i = 0; i < json_length(databases); i++) {
		char inside[FIELD_PATH_MAX];
		json database = json_at(databases, i), rows = json_get(database, "rows");
		bool agents = !json_is_none(json_get(database, "workspace"));
		snprintf(inside, sizeof inside, "%.200s.databases[%d]", path, i);
		if (json_is_none(rows) && (agents || !gold))
			return field_error(err, inside,
			                   agents ? "needs \"rows\", since it is the agent's own"
			                          : "needs \"rows\", or the check \"gold\"");
		if (own != agents)
			return field_error(err, inside,
			                   own ? "must be of the workspace, since the query is the task's"
			                       : "cannot be of the workspace, unless the query is the task's");
		/* Numbers of JSON have one kind, and are written in one way. */
		if (!json_is_none(rows) && !strcmp(json_get_string(check, "compare"), "iou"))
			return field_error(err, inside, "\"iou\" compares with what \"gold\" gives, not with \"rows\"");
	}
	return 0;
}
