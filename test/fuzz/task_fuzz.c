/* A definition that passes the schema passes it again with its defaults, unchanged, and its inline files come in order. */
#include <string.h>

#include "buf.h"
#include "fuzz.h"
#include "task.h"
#include "task_schema.h"
#include "text.h"

/* A folder comes before what is in it, and no path comes twice or leads out. */
static int visit(const struct task_file *file, void *context, struct err *err)
{
	struct buf *before = context;
	const char *slash = strrchr(file->path, '/');
	(void)err;
	must(task_path_valid(file->path) && strcmp(buf_string(before), file->path) != 0);
	must((file->folder ? 1 : 0) + (file->link ? 1 : 0) + (file->data ? 1 : 0) == 1);
	if (slash)
		must(!strncmp(buf_string(before), file->path, (size_t)(slash - file->path)));
	buf_clear(before);
	buf_add_string(before, file->path);
	return 0;
}

static void check(json given, bool inlined)
{
	struct err err = {0};
	JSON_AUTO definition = json_none();
	JSON_AUTO again = json_none();
	char id[] = "set/name";
	if (task_schema_check(given, id, inlined, &definition, &err) < 0) {
		must(err.code == ERR_INPUT && err.text[0] == '.' && strstr(err.text, ": ") && json_is_none(definition));
		return;
	}
	must(task_schema_check(definition, id, inlined, &again, &err) == 0 && json_equal(definition, again));
	struct task task = {.id = id, .definition = definition};
	static const char *const parts[] = {"files", "tests"};
	for (size_t i = 0; i < 2; i++) {
		BUF_AUTO before = {0};
		must(task_files(&task, parts[i], visit, &before, &err) == 0);
	}
	JSON_AUTO record = task_record(&task);
	must(json_is_none(json_get(record, "checks")) && json_is_none(json_get(record, "solution")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	JSON_AUTO given = json_none();
	const char *text = (const char *)data;
	if (text_valid(text, size) < size || json_parse(text, size, &given, &err) < 0)
		return 0;
	check(given, false);
	check(given, true);
	return 0;
}
