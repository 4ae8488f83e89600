/* task-list: – → tasks: lists tasks, chosen and ordered. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "num.h"
#include "program.h"
#include "task.h"

enum { TAG = 256, SHUFFLE, ALL };
#define VALUES_MAX 32 /* of one option */

static const struct program_option options[] = {
        {'T', "tasks", "DIR", "look for tasks in DIR"},
        {'c', "category", "CATEGORY", "only tasks of CATEGORY"},
        {'d', "difficulty", "DIFFICULTY", "only tasks of DIFFICULTY: easy, medium or hard"},
        {'s', "split", "SPLIT", "only tasks of SPLIT: train or test"},
        {TAG, "tag", "TAG", "only tasks that have TAG"},
        {'f', "filter", "JQ", "only tasks for which the jq condition JQ holds"},
        {SHUFFLE, "shuffle", "SEED", "in an order drawn by SEED, the same everywhere, rather than by id"},
        {'n', "number", "COUNT", "at most COUNT tasks"},
        {ALL, "all", NULL, "also tasks that need programs which this host lacks"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "task-list",
        .synopsis = "[-T DIR] [-c CATEGORY] [-d DIFFICULTY] [-s SPLIT] [--tag TAG] [-f JQ] [--shuffle SEED] [-n COUNT] [--all] "
                    "[PATTERN...]",
        .summary = "Lists tasks whose ids match a PATTERN (bash, bash/*), or all; an option given twice means either value.",
        .options = options,
};

/* The values of an option that may be given more than once; none: anything goes. */
struct values {
	const char *list[VALUES_MAX];
	int count;
};

struct opts {
	const char *tasks, *filter, *shuffle;
	struct values category, difficulty, split, tag;
	uint64_t number;
	bool all;
};

struct run {
	const struct opts *opts;
	char **patterns;
	bool *matched; /* each pattern, by a task whatever the options then say of it */
	struct json_filter *filter;
	char **lines; /* chosen records as JSON text, in order of id */
	size_t count, size;
	int status;
};

static bool one_of(const struct values *values, const char *string)
{
	for (int i = 0; i < values->count; i++)
		if (!strcmp(values->list[i], string))
			return true;
	return values->count == 0;
}

static bool tagged(const struct values *values, json tags)
{
	for (int i = 0; i < json_length(tags); i++)
		if (one_of(values, json_string(json_at(tags, i))))
			return true;
	return values->count == 0;
}

/* Whether a pattern takes the id; "bash" alone means all of that set. */
static bool named(const char *id, void *context)
{
	struct run *run = context;
	bool any = !run->patterns[0];
	for (int i = 0; run->patterns[i]; i++) {
		STRING_AUTO whole_set = mem_format("%s/*", run->patterns[i]);
		const char *pattern = strchr(run->patterns[i], '/') ? run->patterns[i] : whole_set;
		if (fnmatch(pattern, id, 0) == 0)
			any = run->matched[i] = true;
	}
	return any;
}

static void keep(struct run *run, json record)
{
	BUF_AUTO line = {0};
	struct err err;
	if (json_dump(record, false, &line, &err) < 0) {
		run->status = program_worse(run->status, program_refuse(NULL, NULL, &err));
		return;
	}
	if (run->count == run->size) {
		size_t size = run->size ? 2 * run->size : 64;
		char **more = mem_alloc(size, sizeof *more);
		if (run->count > 0)
			memcpy(more, run->lines, run->count * sizeof *more);
		free(run->lines);
		run->lines = more;
		run->size = size;
	}
	run->lines[run->count++] = mem_string(line.data);
}

static bool chosen(struct run *run, json record, const char *id)
{
	const struct opts *opts = run->opts;
	struct err err;
	bool holds = true;
	if (!one_of(&opts->category, json_get_string(record, "category")) ||
	    !one_of(&opts->difficulty, json_get_string(record, "difficulty")) ||
	    !one_of(&opts->split, json_get_string(record, "split")) || !tagged(&opts->tag, json_get(record, "tags")))
		return false;
	if (run->filter && json_filter_test(run->filter, record, &holds, &err) < 0) {
		err_context(&err, "%s: filter", id);
		run->status = program_worse(run->status, program_refuse(NULL, NULL, &err));
		return false;
	}
	return holds;
}

static int visit(const struct task *task, const struct err *err, void *context)
{
	struct run *run = context;
	if (!task) {
		run->status = program_worse(run->status, program_refuse(NULL, NULL, err));
		return program_output_failed();
	}
	const char *missing = task_missing(task);
	if (missing && !run->opts->all) {
		if (program_verbose())
			program_note("%s: skipped: it needs %s", task->id, missing);
		return 0;
	}
	JSON_AUTO record = task_record(task);
	if (missing)
		json_set_string(&record, "missing", missing);
	if (chosen(run, record, task->id))
		keep(run, record);
	return 0;
}

/* Fisher and Yates's shuffle over SplitMix64: a seed means one order on every machine. */
static void shuffle(struct run *run)
{
	uint64_t state = num_seed(run->opts->shuffle);
	for (size_t i = run->count; i > 1; i--) {
		size_t j = (size_t)(num_random(&state) % i);
		char *line = run->lines[i - 1];
		run->lines[i - 1] = run->lines[j];
		run->lines[j] = line;
	}
}

static void print_all(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		if (i < run->opts->number && !program_output_failed())
			program_print_line(run->lines[i], strlen(run->lines[i]));
		free(run->lines[i]);
	}
	free(run->lines);
}

static void list(struct run *run, struct task_path *path)
{
	struct err err;
	if (task_each(path, named, visit, run, &err) < 0)
		run->status = program_worse(run->status, program_refuse(NULL, NULL, &err));
	for (int i = 0; run->patterns[i]; i++) {
		if (run->matched[i])
			continue;
		err_set(&err, ERR_INPUT, "no task matches %.100s", run->patterns[i]);
		run->status = program_worse(run->status, program_refuse(NULL, NULL, &err));
	}
	if (run->opts->shuffle)
		shuffle(run);
	print_all(run);
}

static bool add_value(struct values *values, int *status)
{
	if (values->count == VALUES_MAX) {
		*status = program_usage("an option can be given %d times", VALUES_MAX);
		return false;
	}
	values->list[values->count++] = program_argument();
	return true;
}

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		struct values *values = letter == 'c'   ? &opts->category
		                        : letter == 'd' ? &opts->difficulty
		                        : letter == 's' ? &opts->split
		                        : letter == TAG ? &opts->tag
		                                        : NULL;
		if (letter == PROGRAM_EXIT || (values && !add_value(values, status)))
			return false;
		if (letter == 'T')
			opts->tasks = program_argument();
		else if (letter == 'f')
			opts->filter = program_argument();
		else if (letter == SHUFFLE)
			opts->shuffle = program_argument();
		else if (letter == ALL)
			opts->all = true;
		else if (letter == 'n' && !program_number(0, UINT32_MAX, &opts->number)) {
			*status = ERR_USAGE;
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct opts opts = {.number = UINT64_MAX};
	struct err err;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	char **patterns = argv + program_operand();
	struct run run = {.opts = &opts, .patterns = patterns};
	run.matched = mem_alloc((size_t)(argc - program_operand()) + 1, sizeof *run.matched);
	struct task_path *path = task_path_new(opts.tasks, &err);
	if (path && (!opts.filter || (run.filter = json_filter_new(opts.filter, &err)))) {
		list(&run, path);
	} else {
		program_error(&err);
		run.status = (int)err.code;
	}
	json_filter_free(run.filter);
	task_path_free(path);
	free(run.matched);
	return program_finish(run.status);
}
