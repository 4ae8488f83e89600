/* task-list: – → tasks: finds tasks by what they are. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "num.h"
#include "program.h"
#include "task.h"

enum { TAG = 256, SHUFFLE, ALL };

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR (a list with colons between)"},
        {'c', "category", "CATEGORY", "only tasks of this category"},
        {'d', "difficulty", "LEVEL", "only easy, medium or hard ones"},
        {'s', "split", "SPLIT", "only those of train or test"},
        {TAG, "tag", "TAG", "only those with this tag"},
        {'f', "filter", "JQ", "only those whose record the jq program is true of"},
        {SHUFFLE, "shuffle", "SEED", "in an order drawn by SEED, the same everywhere"},
        {'n', "number", "COUNT", "no more than COUNT tasks"},
        {ALL, "all", NULL, "also tasks that need a program which this host does not have"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "task-list",
        .synopsis = "[-T DIR] [-c CATEGORY] [-d LEVEL] [-s SPLIT] [--tag TAG] [-f JQ] [--shuffle SEED] [-n COUNT] "
                    "[--all] [PATTERN...]",
        .summary = "Lists tasks: all, or those whose id (SET/NAME) matches a PATTERN; SET alone stands for SET/*.\n"
                   "-c, -d, -s and --tag given more than once mean any of them.",
        .options = options,
};

/* One of the values that a field may have. */
struct choice {
	int letter;
	const char *word;
};

struct opts {
	const char *tasks, *filter, *seed;
	struct choice *choices;
	size_t choice_count;
	uint64_t count;
	bool all;
};

struct run {
	const struct opts *opts;
	char **patterns;
	bool *found; /* whether each of them matched */
	struct json_filter *filter;
	json *records; /* to be shuffled */
	size_t record_count;
	uint64_t printed;
	int status;
};

static bool has(json value, const char *word)
{
	if (json_is_string(value))
		return !strcmp(json_string(value), word);
	for (int i = 0; i < json_length(value); i++)
		if (has(json_at(value, i), word))
			return true;
	return false;
}

/* Whether a field is, or has, one of the words that were given with this option, if any were. */
static bool is_chosen(const struct opts *opts, int letter, json value)
{
	bool asked = false;
	for (size_t i = 0; i < opts->choice_count; i++) {
		if (opts->choices[i].letter != letter)
			continue;
		if (has(value, opts->choices[i].word))
			return true;
		asked = true;
	}
	return !asked;
}

/* Every pattern learns whether it matches something: no early end. */
static bool wanted(const char *id, void *context)
{
	struct run *run = context;
	bool any = !*run->patterns;
	for (size_t i = 0; run->patterns[i]; i++) {
		int flags = strchr(run->patterns[i], '/') ? 0 : FNM_LEADING_DIR;
		bool found = fnmatch(run->patterns[i], id, flags) == 0;
		run->found[i] = run->found[i] || found;
		any = any || found;
	}
	return any;
}

static void complain(struct run *run, const struct err *err)
{
	program_error(err);
	run->status = program_worse(run->status, err->code);
}

/* Prints one task's record, unless this host cannot run it. */
static void print_task(struct run *run, json record)
{
	const char *missing = json_get_string(record, "missing");
	if (!missing || run->opts->all) {
		program_print(record);
		run->printed++;
	} else if (program_verbose()) {
		program_note("task %s is left out: it needs %s", json_get_string(record, "id"), missing);
	}
}

static bool is_selected(struct run *run, json record)
{
	const struct opts *opts = run->opts;
	struct err err;
	bool selected = is_chosen(opts, 'c', json_get(record, "category")) &&
	                is_chosen(opts, 'd', json_get(record, "difficulty")) &&
	                is_chosen(opts, 's', json_get(record, "split")) && is_chosen(opts, TAG, json_get(record, "tags"));
	if (!selected || !run->filter || json_filter_test(run->filter, record, &selected, &err) == 0)
		return selected;
	err_context(&err, "task %s: -f", json_get_string(record, "id"));
	complain(run, &err);
	return false;
}

static bool is_done(const struct run *run)
{
	return run->printed == run->opts->count || program_output_failed();
}

static int visit(const struct task *task, const struct err *err, void *context)
{
	struct run *run = context;
	if (!task) {
		complain(run, err);
		return 0;
	}
	JSON_AUTO record = task_record(task);
	const char *missing = task_missing(task);
	if (missing)
		json_set_string(&record, "missing", missing);
	if (!is_selected(run, record))
		return 0;
	if (!run->opts->seed) {
		print_task(run, record);
		return is_done(run);
	}
	run->records = realloc(run->records, (run->record_count + 1) * sizeof *run->records);
	if (!run->records)
		abort(); /* out of memory, as in buf.h */
	run->records[run->record_count++] = record;
	record = json_none();
	return 0;
}

/* By Fisher and Yates's shuffle. Tasks that this host cannot run take part, so that the others' order is the same everywhere. */
static void print_shuffled(struct run *run)
{
	uint64_t state = num_seed(run->opts->seed);
	for (size_t left = run->record_count; left > 1; left--) {
		size_t other = (size_t)(num_random(&state) % left);
		json last = run->records[left - 1];
		run->records[left - 1] = run->records[other];
		run->records[other] = last;
	}
	for (size_t i = 0; i < run->record_count && !is_done(run); i++)
		print_task(run, run->records[i]);
}

static int list_tasks(struct run *run, struct err *err)
{
	if (run->opts->filter && !(run->filter = json_filter_new(run->opts->filter, NULL, err)))
		return err_context(err, "-f");
	struct task_path *path = task_path_new(run->opts->tasks, err);
	int failed = path ? task_each(path, wanted, visit, run, err) : -1;
	task_path_free(path);
	if (failed)
		return -1;
	if (run->opts->seed)
		print_shuffled(run);
	for (size_t i = 0; run->patterns[i]; i++) {
		struct err reason;
		err_set(&reason, ERR_INPUT, "no task matches %s", run->patterns[i]);
		if (!run->found[i])
			complain(run, &reason);
	}
	return 0;
}

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		const char *argument = program_argument();
		if (letter == PROGRAM_EXIT)
			return false;
		if (letter == 'T')
			opts->tasks = argument;
		else if (letter == 'f')
			opts->filter = argument;
		else if (letter == SHUFFLE)
			opts->seed = argument;
		else if (letter == ALL)
			opts->all = true;
		else if (letter != 'n')
			opts->choices[opts->choice_count++] = (struct choice){letter, argument};
		else if (!program_number(1, 1000000000, &opts->count)) {
			*status = ERR_USAGE;
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct opts opts = {.choices = mem_alloc((size_t)argc, sizeof *opts.choices), .count = UINT64_MAX};
	struct err err;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status)) {
		free(opts.choices);
		return program_finish(status);
	}
	struct run run = {.opts = &opts, .patterns = argv + program_operand()};
	run.found = mem_alloc((size_t)argc, sizeof *run.found);
	if (list_tasks(&run, &err) < 0)
		complain(&run, &err);
	for (size_t i = 0; i < run.record_count; i++)
		json_free(&run.records[i]);
	json_filter_free(run.filter);
	free(run.records);
	free(run.found);
	free(opts.choices);
	return program_finish(run.status);
}
