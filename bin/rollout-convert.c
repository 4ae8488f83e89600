/* rollout-convert: rollouts of one project → those of another, or rows for training. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "convert.h"
#include "convert_pairs.h"
#include "convert_source.h"
#include "convert_tasks.h"
#include "program.h"
#include "stop.h"

struct opts {
	const char *from, *to, *set, *tasks;
};

static const struct program_option options[] = {
        {0, "from", "FORMAT", "what the input is: atif|codecraft|gymnasium|intercode|nemo|openai|pipegym",
         PROGRAM_TEXT(from)},
        {0, "to", "FORMAT", "what to make of it: atif|codecraft|dpo|gymnasium|intercode|nemo|openai|pipegym|sft",
         PROGRAM_TEXT(to)},
        {0, "task-set", "SET", "look up the tasks of foreign rollouts in this set", PROGRAM_TEXT(set)},
        {PROGRAM_TASKS},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	(void)operands;
	if (!opts->from || !opts->to)
		return err_set(err, ERR_USAGE, "--from FORMAT and --to FORMAT are needed");
	if (opts->tasks && !opts->set)
		return err_set(err, ERR_USAGE, "-T is for --task-set, which is not given");
	return 0;
}

static const struct program program = {
        .name = "rollout-convert",
        .synopsis = "--from FORMAT --to FORMAT [-T DIR] [--task-set SET] [FILE...]",
        .summary = "Converts rollouts between formats of several projects.",
        .options = options,
        .check = check,
};

struct run {
	const struct opts *opts;
	struct convert *convert;
	struct convert_pairs *pairs; /* of --to dpo */
	uint64_t entries, numbered;  /* where the output is one object of them: printed so far, and tried as a name */
	json names;                  /* of those that had one */
	uint64_t unrewarded;
	int status;
};

/* --- output --------------------------------------------------------------- */

static bool to_entries(const struct run *run)
{
	return convert_unit(run->opts->to) == CONVERT_ENTRIES;
}

/* An entry has the name that it had in another object, if no other has it, or else the next number. */
static int add_name(const char *name, struct run *run, struct buf *text, struct err *err)
{
	STRING_AUTO number = NULL;
	while (!name || !json_is_none(json_get(run->names, name))) {
		free(number);
		name = number = mem_format("%llu", (unsigned long long)run->numbered++);
	}
	json_set_bool(&run->names, name, true);
	JSON_AUTO quoted = json_new_string(name);
	return json_dump(quoted, false, text, err);
}

static int print_row(json row, struct run *run, struct err *err)
{
	BUF_AUTO text = {0};
	if (!strcmp(run->opts->to, "pipegym"))
		return program_print(row) ? 0 : err_set(err, ERR_SYSTEM, "output");
	if (to_entries(run)) {
		buf_add_string(&text, run->entries++ ? ",\n" : "{\n");
		if (add_name(json_get_string(row, "key"), run, &text, err) < 0)
			return -1;
		buf_add_string(&text, ": ");
	}
	if (json_dump(to_entries(run) ? json_get(row, "entry") : row, false, &text, err) < 0)
		return -1;
	if (!to_entries(run))
		buf_add_char(&text, '\n');
	return program_print_bytes(text.data, text.len) ? 0 : err_set(err, ERR_SYSTEM, "output");
}

static int print_pair(json pair, void *context, struct err *err)
{
	struct run *run = context;
	return stop_signal() ? err_set(err, ERR_SYSTEM, "stopped by a signal") : print_row(pair, run, err);
}

/* One row, or a side of a pair. */
static int take_row(json row, struct run *run, struct err *err)
{
	if (!run->pairs)
		return print_row(row, run, err);
	int added = convert_pairs_add(run->pairs, row, err);
	run->unrewarded += added == 0;
	return added < 0 ? -1 : 0;
}

/* --- input ---------------------------------------------------------------- */

/* Says which record it is. Ours has an error in its place in a stream of ours, and in no other. */
static void refuse(struct run *run, const char *file, const char *unit, const struct import_record *record, struct err *err)
{
	if (record && record->key)
		err_context(err, "%.150s: entry \"%.60s\"", file, record->key);
	else if (record && record->number && strncmp(err->text, "line ", 5) != 0)
		err_context(err, "%.150s: %s %llu", file, unit, (unsigned long long)record->number);
	else
		err_context(err, "%.150s", file);
	run->status = program_worse(run->status, err->code);
	if (program_stopped())
		return;
	if (strcmp(run->opts->to, "pipegym") != 0)
		program_error(err);
	else
		program_refuse(NULL, NULL, err);
}

/* An error of an earlier program goes on in a stream of ours; -1: in another it is told. 0: it is none. */
static int pass_error(struct run *run, json value, struct err *err)
{
	if (strcmp(run->opts->from, "pipegym") != 0 || !record_is(value, "error"))
		return 0;
	run->status = program_worse(run->status, record_status(value));
	if (strcmp(run->opts->to, "pipegym") != 0) {
		const char *reason = json_get_string(value, "reason");
		return err_set(err, ERR_INPUT, "an error in place of a rollout: %.300s", reason ? reason : "");
	}
	program_print(value);
	return 1;
}

/* -1: this one is refused, or with ERR_SYSTEM nothing further can be done. */
static int take_record(struct run *run, const char *file, const struct import_record *record, struct err *err)
{
	JSON_AUTO rows = json_none();
	int passed = pass_error(run, record->value, err);
	if (passed)
		return passed < 0 ? -1 : 0;
	if (convert_rollout(run->convert, file, record, &rows, err) < 0)
		return -1;
	for (int i = 0; i < json_length(rows); i++)
		if (take_row(json_at(rows, i), run, err) < 0)
			return -1;
	return 0;
}

/* path NULL: standard input. */
static void convert_file(struct run *run, const char *path)
{
	struct err err = {.code = ERR_NONE};
	const char *file = path ? path : "stdin";
	struct import_record record = {.value = json_none()};
	struct convert_source *source = convert_source_open(path, run->opts->from, &err);
	if (!source)
		refuse(run, file, "", NULL, &err);
	for (int got = 1; source && got != 0 && !program_stopped() && err.code != ERR_SYSTEM;) {
		got = convert_source_next(source, &record, &err);
		if (got < 0 || (got > 0 && take_record(run, file, &record, &err) < 0))
			refuse(run, file, convert_source_unit(source), &record, &err);
		import_record_free(&record);
	}
	convert_source_free(source);
}

/* --- the whole ------------------------------------------------------------ */

static void say_dropped(const struct run *run)
{
	BUF_AUTO names = {0};
	const char *key;
	json value;
	for (int at = -1; json_each(convert_dropped(run->convert), &at, &key, &value);)
		buf_add_format(&names, "%s%s", names.len ? ", " : "", key);
	if (names.len)
		program_note("%s has no place for: %s", run->opts->to, names.data);
}

static int finish_output(struct run *run, struct err *err)
{
	uint64_t single = 0;
	if (to_entries(run) && !program_print_bytes(run->entries ? "\n}\n" : "{\n}\n", run->entries ? 3 : 4))
		return err_set(err, ERR_SYSTEM, "output");
	if (run->pairs && convert_pairs_each(run->pairs, print_pair, run, &single, err) < 0)
		return -1;
	if (single + run->unrewarded)
		program_note("in no pair: %llu rollouts, and %llu without a reward", (unsigned long long)single,
		             (unsigned long long)run->unrewarded);
	say_dropped(run);
	return 0;
}

static int convert_all(const struct opts *opts, char **files)
{
	struct err err = {.code = ERR_NONE};
	struct run run = {.opts = opts, .names = json_new_object()};
	struct convert_tasks *tasks = opts->set ? convert_tasks_open(opts->tasks, opts->set, &err) : NULL;
	if (tasks || !opts->set)
		run.convert = convert_new(opts->from, opts->to, tasks, &err);
	if (run.convert && convert_unit(opts->to) == CONVERT_SIDES)
		run.pairs = convert_pairs_new(&err);
	if (err.code == ERR_NONE) {
		if (!*files)
			convert_file(&run, NULL);
		for (; *files && run.status < ERR_SYSTEM; files++)
			convert_file(&run, *files);
		if (!stop_signal() && run.status < ERR_SYSTEM)
			finish_output(&run, &err);
	}
	if (err.code != ERR_NONE && !program_stopped())
		program_error(&err);
	convert_pairs_free(run.pairs);
	convert_free(run.convert);
	convert_tasks_free(tasks);
	json_free(&run.names);
	return program_worse(run.status, err.code);
}

int main(int argc, char **argv)
{
	struct opts opts = {0};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	return program_finish(convert_all(&opts, program_operands()));
}
