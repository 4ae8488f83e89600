/* The cases of a check: what one may hold, and where they stand. */
#include "task_cases.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "fd.h"
#include "match.h"
#include "record.h"
#include "task_checks.h"
#include "task_field.h"
#include "task_files.h"
#include "task_schema.h"

static const struct field argument_field = {.kind = FIELD_TEXT, .max = TASK_TEXT_MAX};

static const struct field case_fields[] = {
        {.key = "name", .kind = FIELD_LINE, .min = 1, .max = 100},
        {.key = "args", .kind = FIELD_ARRAY, .max = 60, .element = &argument_field},
        {.key = "stdin", .kind = FIELD_TEXT, .max = 1 << 20},
        {.key = "stdout", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "stderr", .kind = FIELD_CUSTOM, .check = match_check},
        {.key = "exit", .kind = FIELD_CUSTOM, .check = task_check_exit},
        {.key = "weight", .kind = FIELD_NUMBER, .min = 0, .max = 1000000},
        {.key = "timeout_s", .kind = FIELD_NUMBER, .min = 0.1, .max = 3600},
        {.key = "memory_mib", .kind = FIELD_WHOLE, .min = 16, .max = 1048576},
        {.key = "visible", .kind = FIELD_BOOL},
        {0},
};

/* Who asks for nothing but that a program ends well says so. */
static int check_case(json value, const char *path, struct err *err)
{
	if (json_is_none(json_get(value, "stdout")) && json_is_none(json_get(value, "stderr")) &&
	    json_is_none(json_get(value, "exit")))
		return field_error(err, path, "needs \"stdout\", \"stderr\" or \"exit\"");
	return 0;
}

static const struct field case_field = {.kind = FIELD_OBJECT, .fields = case_fields, .check = check_case};
static const struct field list_field = {.kind = FIELD_ARRAY, .min = 1, .max = TASK_CASES_MAX, .element = &case_field};
static const struct field file_field = {.kind = FIELD_TEXT, .min = 1, .max = TASK_PATH_MAX};

/* What is expected must not lie where a box shows it. */
static int check_place(json file, const char *path, struct err *err)
{
	static const char *const taken[] = {"cheats", "files", "tests", "workspaces", NULL};
	if (task_check_path(file, path, err) < 0)
		return -1;
	const char *in = task_path_in(json_string(file), taken);
	return in ? field_error(err, path, "must not be in %s", in) : 0;
}

/* A case without weight would decide nothing; all of them, that the check means nothing. */
static int check_weights(json cases, const char *path, struct err *err)
{
	for (int i = 0; i < json_length(cases); i++)
		if (json_get_number(json_at(cases, i), "weight", 1) > 0)
			return 0;
	return field_error(err, path, "no case has a weight");
}

int task_cases_check(json cases, const char *path, struct err *err)
{
	json checked;
	bool file = json_is_string(cases);
	if (!file && !json_is_array(cases))
		return field_error(err, path, "must be an array or the name of a file, not %s", json_kind_name(cases));
	if (field_value(cases, file ? &file_field : &list_field, false, path, &checked, err) < 0)
		return -1;
	json_free(&checked);
	return file ? check_place(cases, path, err) : check_weights(cases, path, err);
}

/* A case a line. The list is owned, also after -1. */
static int read_cases(int fd, json *list, struct err *err)
{
	struct record_reader *reader = record_reader_new(fd);
	struct record record;
	int got = 0;
	/* One more than there may be is refused with the rest of the list. */
	while (json_length(*list) <= TASK_CASES_MAX && (got = record_next(reader, &record, err)) > 0)
		json_append(list, record.value);
	record_reader_free(reader);
	return got < 0 ? err_context(err, "line %llu", (unsigned long long)record.number) : 0;
}

int task_cases(const struct task *task, json cases, json *list, struct err *err)
{
	JSON_AUTO read = json_new_array();
	struct err reason;
	if (!json_is_string(cases)) {
		*list = json_copy(cases);
		return 0;
	}
	const char *name = json_string(cases);
	if (!task->folder)
		return err_set(err, ERR_INPUT, "%s: a task of a set in one file has its cases in it", name);
	FD_AUTO folder = open(task->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_system(err, "%s", task->folder);
	FD_AUTO fd = task_open_file(folder, name, TASK_FILE_MAX, &reason);
	if (fd < 0 && reason.code == ERR_NONE)
		return err_set(err, ERR_INPUT, "%s/%s: is missing", task->folder, name);
	if (fd < 0 || read_cases(fd, &read, &reason) < 0 || task_cases_check(read, "", &reason) < 0)
		return err_set(err, reason.code, "%s/%s: %s", task->folder, name, reason.text);
	*list = json_take(&read);
	return 0;
}
