#include "convert.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "convert_tasks.h"
#include "eval.h"
#include "text.h"

#define TIME_MS 60000   /* of the processor, for a rollout */
#define DROPPED_MAX 100 /* names that are remembered: they may be anything */

struct convert {
	const char *from;
	struct eval *eval;
	char *programs[2]; /* the second is NULL without tasks: then the first is all */
	struct convert_tasks *tasks;
	json dropped;
};

static const struct {
	const char *name;
	enum convert_unit unit;
} units[] = {
        {"atif", CONVERT_DOCUMENTS},  {"openai", CONVERT_DOCUMENTS}, {"intercode", CONVERT_ENTRIES},
        {"gymnasium", CONVERT_STEPS}, {"codecraft", CONVERT_STEPS},  {"dpo", CONVERT_SIDES},
};

enum convert_unit convert_unit(const char *format)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(units[i].name, format))
			return units[i].unit;
	return CONVERT_LINES;
}

/* Those for training are written only. */
static bool is_read(const char *name)
{
	return strcmp(name, "sft") != 0 && strcmp(name, "dpo") != 0;
}

static int find_format(const char *name, bool read, const char **program, struct err *err)
{
	BUF_AUTO names = {0};
	for (const struct convert_format *format = convert_formats; format->name; format++) {
		if (read && !is_read(format->name))
			continue;
		if (!strcmp(format->name, name)) {
			*program = format->program;
			return 0;
		}
		buf_add_format(&names, "%s%s", names.len ? ", " : "", format->name);
	}
	return err_set(err, ERR_USAGE, "there is no format '%.60s' to convert %s, but %s", name, read ? "from" : "to",
	               buf_string(&names));
}

static char *program_of(const char *first, const char *between, const char *second, const char *last)
{
	return mem_format("%s%s%s%s\n%s", convert_common, first, between, second, last);
}

struct convert *convert_new(const char *from, const char *to, struct convert_tasks *tasks, struct err *err)
{
	const char *reads, *writes;
	if (find_format(from, true, &reads, err) < 0 || find_format(to, false, &writes, err) < 0)
		return NULL;
	struct convert *convert = mem_alloc(1, sizeof *convert);
	*convert = (struct convert){.from = from, .tasks = tasks, .dropped = json_new_object(), .eval = eval_new()};
	if (tasks) {
		convert->programs[0] = program_of(reads, "", "", "from");
		convert->programs[1] = program_of(writes, "", "", "del(.refer) | to");
	} else {
		convert->programs[0] = program_of(reads, "def hub: from | del(.refer);\n", writes, "hub | to");
	}
	return convert;
}

void convert_free(struct convert *convert)
{
	if (!convert)
		return;
	eval_free(convert->eval);
	free(convert->programs[0]);
	free(convert->programs[1]);
	json_free(&convert->dropped);
	free(convert);
}

json convert_dropped(const struct convert *convert)
{
	return convert->dropped;
}

/* One program's output for a value, which is consumed. */
static int evaluate(struct convert *convert, const char *text, json *value, struct err *err)
{
	static const char raised[] = "it raised an error: ";
	const struct eval_program program = {.owner = "convert", .text = text, .time_ms = TIME_MS};
	struct eval_result result = {.output = json_none()};
	JSON_AUTO input = json_take(value);
	if (eval_run(convert->eval, &program, input, &result, err) < 0)
		return -1;
	if (result.kind == EVAL_OUTPUT) {
		*value = result.output;
		return 0;
	}
	if (result.kind == EVAL_COMPILE)
		return err_set(err, ERR_SYSTEM, "the program of the format: %s", result.why);
	size_t len = result.kind == EVAL_RAISED && !strncmp(result.why, raised, strlen(raised)) ? strlen(raised) : 0;
	return err_set(err, ERR_INPUT, "%s%s", len ? "" : "it cannot be converted: ", result.why + len);
}

static void note_dropped(struct convert *convert, json names)
{
	for (int i = 0; i < json_length(names); i++) {
		const char *name = json_string(json_at(names, i));
		if (name && json_length(convert->dropped) < DROPPED_MAX) {
			STRING_AUTO cut =
			        mem_format("%.*s", (int)text_cut_end(name, strlen(name) < 80 ? strlen(name) : 80), name);
			json_set_bool(&convert->dropped, cut, true);
		}
	}
}

int convert_rollout(struct convert *convert, const char *file, const struct import_record *record, json *rows,
                    struct err *err)
{
	const char *name = text_base_name(file);
	size_t stem = strcspn(name, "."), valid = text_valid(name, strlen(name));
	JSON_AUTO value = json_new_object();
	json_set_string(&value, "format", convert->from);
	json_set_text(&value, "file", name, valid);
	json_set_text(&value, "stem", name, stem < valid ? stem : valid);
	json_set_number(&value, "number", (double)record->number);
	json_set_string(&value, "key", record->key);
	json_set(&value, "value", json_copy(record->value));
	if (evaluate(convert, convert->programs[0], &value, err) < 0)
		return -1;
	if (convert->tasks && (convert_tasks_resolve(convert->tasks, &value, err) < 0 ||
	                       evaluate(convert, convert->programs[1], &value, err) < 0))
		return -1;
	note_dropped(convert, json_get(value, "dropped"));
	*rows = json_copy(json_get(value, "rows"));
	return 0;
}
