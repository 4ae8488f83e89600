/* task-import: other projects' tasks → a task set, and a report of each file. */
#include <sys/stat.h>

#include "import.h"
#include "import_set.h"
#include "num.h"
#include "program.h"
#include "stop.h"
#include "text.h"

#define LISTED_MAX 100 /* refusals, and notes, that a report lists */

struct opts {
	const char *assets, *output;
	bool original;
};

static const struct program_option options[] = {
        {0, "assets", "PLACE", "a folder or an archive of files that tasks need", PROGRAM_TEXT(assets)},
        {0, "original", NULL, "keep the other project's own rules and rewards", PROGRAM_FLAG(original)},
        {'o', "output", "PLACE", "where the set goes: a folder to be made, or a file that ends in .jsonl",
         PROGRAM_TEXT(output)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	if (!operands[0] || !operands[1])
		return err_set(err, ERR_USAGE, "FORMAT and FILE are needed");
	if (!opts->output)
		return err_set(err, ERR_USAGE, "-o PLACE is needed");
	return 0;
}

static const struct program program = {
        .name = "task-import",
        .synopsis = "FORMAT FILE... [--assets PLACE] [--original] -o PLACE",
        .summary = "Makes a task set of tasks of other projects.\nFORMAT is "
                   "apps|codecraft|codegym|harbor|humaneval|intercode|mbpp.",
        .options = options,
        .check = check,
        .boxes = true,
};

/* The import of one file. */
struct run {
	struct import *import;
	struct import_set *set;
	const char *path, *file; /* its name as given, and without folders */
	int records, tasks, refused, unsolved, noted;
	json refusals, notes;
	int status;
};

static void list_word(json *list, uint64_t number, const char *id, const char *key, const char *text)
{
	if (json_length(*list) == LISTED_MAX)
		return;
	json entry = json_new_object();
	json_set_number(&entry, "record", (double)number);
	json_set_string(&entry, "id", id);
	json_set_string(&entry, key, text);
	json_append(list, entry);
}

static void refuse(struct run *run, uint64_t number, const char *id, const struct err *err)
{
	struct err told;
	err_set(&told, err->code, "%.150s: record %llu%s%.60s%s: %.250s", run->path, (unsigned long long)number,
	        id ? " (" : "", id ? id : "", id ? ")" : "", err->text);
	program_error(&told);
	list_word(&run->refusals, number, id, "reason", err->text);
	run->refused++;
	run->status = program_worse(run->status, err->code);
}

static void note(struct run *run, uint64_t number, const char *id, const char *text)
{
	program_note("%.150s: record %llu (%.60s): %.250s", run->path, (unsigned long long)number, id, text);
	list_word(&run->notes, number, id, "note", text);
	run->noted++;
}

/* One thing that a record has become. 0, or -1: nothing further can be done. */
static int take_made(struct run *run, const struct import_record *record, json made, struct err *err)
{
	char name[TASK_NAME_MAX + 1];
	json task = json_get(made, "task");
	const char *id = json_get_string(made, "id"), *reason = json_get_string(made, "refuse");
	STRING_AUTO own = id ? mem_string(id) : mem_format("%s-%llu", run->file, (unsigned long long)record->number);
	if (reason || !json_is_object(task)) {
		err_set(err, ERR_NEGATIVE, "%s", reason ? reason : "it makes no task");
		refuse(run, record->number, id, err);
		return 0;
	}
	if (import_set_add(run->set, own, task, import_record_assets(run->import, record), name, err) < 0) {
		if (err->code == ERR_NEGATIVE)
			refuse(run, record->number, id, err);
		return err->code == ERR_NEGATIVE ? 0 : -1;
	}
	run->tasks++;
	run->unsolved += json_length(json_get(task, "solution")) == 0;
	if (json_get_string(made, "note"))
		note(run, record->number, name, json_get_string(made, "note"));
	return 0;
}

static int take_record(struct run *run, const struct import_record *record, struct err *err)
{
	JSON_AUTO made = json_none();
	if (import_convert(run->import, run->file, record, &made, err) < 0) {
		if (err->code != ERR_SYSTEM)
			refuse(run, record->number, NULL, err);
		return err->code == ERR_SYSTEM ? -1 : 0;
	}
	for (int i = 0; i < json_length(made); i++)
		if (take_made(run, record, json_at(made, i), err) < 0)
			return -1;
	return 0;
}

static int take_records(struct run *run, struct import_source *source, struct err *err)
{
	struct import_record record;
	int got;
	while (!stop_signal() && (got = import_source_next(source, &record, err)) != 0) {
		int failed = got < 0 && err->code == ERR_SYSTEM ? -1 : 0;
		run->records++;
		if (got < 0 && !failed)
			refuse(run, record.number, NULL, err);
		else if (got > 0)
			failed = take_record(run, &record, err);
		import_record_free(&record);
		if (failed < 0)
			return -1;
	}
	return stop_signal() ? err_set(err, ERR_SYSTEM, "stopped by a signal") : 0;
}

static void report(struct run *run, const char *format, const char *set, double wall_ms)
{
	JSON_AUTO record = json_new_object();
	json timing = json_new_object();
	json_set_string(&record, "type", "import");
	json_set_string(&record, "file", run->path);
	json_set_string(&record, "format", format);
	json_set_string(&record, "set", set);
	json_set_number(&record, "records", run->records);
	json_set_number(&record, "tasks", run->tasks);
	json_set_number(&record, "refused", run->refused);
	json_set_number(&record, "unsolved", run->unsolved);
	json_set_number(&record, "noted", run->noted);
	json_set(&record, "refusals", json_take(&run->refusals));
	json_set(&record, "notes", json_take(&run->notes));
	json_set_number(&timing, "wall_ms", wall_ms);
	json_set(&record, "timing", timing);
	program_print(record);
}

/* All of a file. Its exit status. */
static int import_file(struct import *import, struct import_set *set, const char *path, const char *format)
{
	struct err err;
	int64_t start = num_now_ms();
	struct run run = {.import = import, .set = set, .path = path, .file = text_base_name(path)};
	struct import_source *source = import_source_open(path, &err);
	run.refusals = json_new_array();
	run.notes = json_new_array();
	if (!source || take_records(&run, source, &err) < 0) {
		run.status = program_worse(run.status, err.code);
		if (!stop_signal()) {
			err_context(&err, "%.150s", path);
			program_error(&err);
		}
	}
	import_source_free(source);
	if (run.status < ERR_SYSTEM)
		report(&run, format, import_set_name(set), (double)(num_now_ms() - start));
	json_free(&run.refusals);
	json_free(&run.notes);
	return run.status;
}

static int import_all(const struct opts *opts, const char *format, char **files)
{
	struct err err = {.code = ERR_NONE};
	int status = 0;
	struct import_set *set = NULL;
	struct import *import = import_new(format, opts->assets, opts->original, &err);
	if (import)
		set = import_set_new(opts->output, &err);
	for (; set && *files && status < ERR_SYSTEM; files++)
		status = program_worse(status, import_file(import, set, *files, format));
	if (set && status < ERR_SYSTEM)
		import_set_finish(set, &err);
	if (err.code != ERR_NONE && !stop_signal())
		program_error(&err);
	import_set_free(set);
	import_free(import);
	return program_worse(status, err.code);
}

int main(int argc, char **argv)
{
	struct opts opts = {0};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	/* A set is for all to read, as far as the caller's umask was. */
	umask(022);
	return program_finish(import_all(&opts, program_operands()[0], program_operands() + 1));
}
