#include "import.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "eval.h"
#include "import_class.h"

#define TIME_MS 20000 /* of the processor, for a record */

struct import {
	const struct import_format *format;
	struct eval *eval;
	struct box_host *host;        /* made when it is first needed */
	struct import_assets *assets; /* or NULL */
	bool original;
};

static int find_format(const char *name, const struct import_format **found, struct err *err)
{
	BUF_AUTO names = {0};
	for (const struct import_format *format = import_formats; format->name; format++) {
		if (!strcmp(format->name, name)) {
			*found = format;
			return 0;
		}
		buf_add_format(&names, "%s%s", names.len ? ", " : "", format->name);
	}
	return err_set(err, ERR_USAGE, "there is no format '%.60s', but %s", name, buf_string(&names));
}

struct import *import_new(const char *format, const char *assets, bool original, struct err *err)
{
	struct import *import = mem_alloc(1, sizeof *import);
	if (find_format(format, &import->format, err) < 0 ||
	    (assets && !(import->assets = import_assets_open(assets, err)))) {
		free(import);
		return NULL;
	}
	import->original = original;
	import->eval = eval_new();
	return import;
}

void import_free(struct import *import)
{
	if (!import)
		return;
	eval_free(import->eval);
	box_host_free(import->host);
	import_assets_free(import->assets);
	free(import);
}

const struct import_assets *import_record_assets(const struct import *import, const struct import_record *record)
{
	return record->assets ? record->assets : import->assets;
}

/* One run of the format's program. */
static int convert(struct import *import, json input, json *output, struct err *err)
{
	const struct eval_program program = {.owner = "import", .text = import->format->program, .time_ms = TIME_MS};
	struct eval_result result = {.output = json_none()};
	if (eval_run(import->eval, &program, input, &result, err) < 0)
		return -1;
	if (result.kind == EVAL_COMPILE)
		return err_set(err, ERR_SYSTEM, "the format %s: %s", import->format->name, result.why);
	if (result.kind != EVAL_OUTPUT)
		return err_set(err, ERR_NEGATIVE, "it cannot be converted: %s", result.why);
	*output = result.output;
	return 0;
}

static int ask_class(struct import *import, json asked, const struct import_assets *assets, json *told, struct err *err)
{
	if (!import->host && (!(import->host = box_host_new(err)) || import_class_ready(import->host, err) < 0))
		return -1;
	return import_class_ask(import->host, asked, assets, told, err);
}

int import_convert(struct import *import, const char *file, const struct import_record *record, json *made, struct err *err)
{
	const struct import_assets *assets = import_record_assets(import, record);
	JSON_AUTO input = json_new_object();
	JSON_AUTO output = json_none();
	JSON_AUTO told = json_none();
	if (!json_is_object(record->value))
		return err_set(err, ERR_INPUT, "it must be an object, not %s", json_kind_name(record->value));
	json_set_string(&input, "format", import->format->name);
	json_set_string(&input, "file", file);
	json_set_number(&input, "number", (double)record->number);
	json_set(&input, "record", json_copy(record->value));
	json_set(&input, "assets", assets ? json_copy(import_assets_list(assets)) : json_new_null());
	json_set_bool(&input, "original", import->original);
	if (convert(import, input, &output, err) < 0)
		return -1;
	json asked = json_get(output, "ask");
	if (json_is_object(asked)) {
		if (ask_class(import, asked, assets, &told, err) < 0)
			return -1;
		json_set(&input, "told", json_take(&told));
		json_free(&output);
		if (convert(import, input, &output, err) < 0)
			return -1;
	}
	if (json_is_array(output)) {
		*made = json_take(&output);
		return 0;
	}
	*made = json_new_array();
	json_append(made, json_take(&output));
	return 0;
}
