/* rollout-stat: rollouts → how they did: by task or group of tasks, or one file beside another. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "num.h"
#include "program.h"
#include "show_stat.h"
#include "tally.h"
#include "task.h"

#define FIELDS_MAX 3
static const char *const groupings[] = {"category", "difficulty", "split"};

struct opts {
	const char *tasks;
	const char *fields[FIELDS_MAX + 1];
	struct tally_terms terms;
	bool compare;
};

static int take_pass_at(const struct program_option *option, const char *list, void *opts, struct err *err)
{
	struct tally_terms *terms = &((struct opts *)opts)->terms;
	STRING_AUTO text = mem_string(list);
	terms->k_count = 0;
	for (char *rest = text, *word; (word = strsep(&rest, ",")); terms->k_count++)
		if (terms->k_count == TALLY_K_MAX || num_parse(word, 1, 1000000, &terms->k[terms->k_count]) < 0)
			return err_set(err, ERR_USAGE, "--%s: '%.200s' is not up to %d numbers from 1 to 1000000",
			               option->name, list, TALLY_K_MAX);
	return 0;
}

static int take_by(const struct program_option *option, const char *list, void *given, struct err *err)
{
	struct opts *opts = given;
	STRING_AUTO text = mem_string(list);
	size_t count = 0;
	for (char *rest = text, *word; (word = strsep(&rest, ","));) {
		const char *field = NULL;
		for (size_t i = 0; i < FIELDS_MAX; i++)
			if (!strcmp(word, groupings[i]))
				field = groupings[i];
		if (!field || count == FIELDS_MAX)
			return err_set(err, ERR_USAGE, "--%s: '%.200s' is not of category, difficulty and split",
			               option->name, list);
		opts->fields[count++] = field;
	}
	opts->fields[count] = NULL;
	opts->terms.fields = opts->fields;
	return 0;
}

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {'k', "pass-at", "LIST", "for pass@k: numbers of attempts, with commas between (1)", PROGRAM_TAKE(take_pass_at)},
        {0, "by", "FIELDS", "by category|difficulty|split instead of by task; several with commas between",
         PROGRAM_TAKE(take_by)},
        {0, "compare", NULL, "compare two files, task by task", PROGRAM_FLAG(compare)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	if (opts->tasks && !opts->terms.fields)
		return err_set(err, ERR_USAGE, "-T is for --by");
	if (opts->compare && opts->terms.fields)
		return err_set(err, ERR_USAGE, "--compare is by task: it goes with no --by");
	if (opts->compare && (!operands[0] || !operands[1] || operands[2]))
		return err_set(err, ERR_USAGE, "--compare takes two files");
	return 0;
}

static const struct program program = {
        .name = "rollout-stat",
        .synopsis = "[-T DIR] [-k LIST] [--by FIELDS] [--compare] [FILE...]",
        .summary = "Counts rollouts: pass rate, pass@k, reward, steps. Files, or standard input.",
        .options = options,
        .check = check,
};

struct run {
	const struct opts *opts;
	struct tally *tally;
};

/* --- reading ---------------------------------------------------------------- */

static void read_line(struct run *run, int side, struct record *record)
{
	struct err err;
	int got = tally_line(run->tally, side, record->line, record->len, &err);
	if (got == TALLY_ERROR && json_parse(record->line, record->len, &record->value, NULL) == 0)
		program_fail(program_pass_error(record));
	else if (got < 0 && record->torn)
		program_note("%s: line %llu, the last one, is torn and left out",
		             record->file ? record->file : "standard input", (unsigned long long)record->number);
	else if (got < 0)
		program_fail(program_refuse(record, NULL, &err));
}

/* file NULL: for standard input. */
static void read_all(struct run *run, int side, const char *file, int fd)
{
	struct record_reader *reader = record_reader_new(fd);
	struct record record;
	struct err err;
	for (int got; !program_output_failed() && (got = record_next_line(reader, &record, &err)) != 0;) {
		record.file = file;
		if (got > 0)
			read_line(run, side, &record);
		else
			program_fail(program_refuse(&record, NULL, &err));
		record_free(&record);
		if (got < 0 && err.code == ERR_SYSTEM)
			break;
	}
	record_reader_free(reader);
}

static void read_file(struct run *run, int side, const char *file)
{
	struct err err;
	FD_AUTO fd = -1;
	if (!strcmp(file, "-")) {
		read_all(run, side, NULL, STDIN_FILENO);
	} else if ((fd = open(file, O_RDONLY | O_CLOEXEC)) >= 0) {
		read_all(run, side, file, fd);
	} else {
		err_system(&err, "%s", file);
		program_fail(program_refuse(NULL, NULL, &err));
	}
}

/* --- tasks ------------------------------------------------------------------ */

static bool wanted(const char *id, void *context)
{
	const struct run *run = context;
	return tally_has(run->tally, id);
}

static int visit(const struct task *task, const struct err *err, void *context)
{
	struct run *run = context;
	if (!task) {
		program_error(err);
		program_fail(err->code);
		return 0;
	}
	json group = json_new_object();
	for (const char *const *field = run->opts->fields; *field; field++)
		json_set(&group, *field, json_copy(json_get(task->definition, *field)));
	tally_group(run->tally, task->id, group);
	return 0;
}

static int group_tasks(struct run *run, struct err *err)
{
	struct task_path *path = task_path_new(run->opts->tasks, err);
	int failed = path ? task_each(path, wanted, visit, run, err) : -1;
	task_path_free(path);
	return failed;
}

/* ---------------------------------------------------------------------------- */

/* The first row has a head. */
static bool print(json record)
{
	static bool headed;
	BUF_AUTO head = {0};
	if (program_for_person() && !headed) {
		show_stat_head(record, &head);
		program_print_bytes(head.data, head.len);
	}
	headed = true;
	return program_print(record);
}

static void count(struct run *run, char **files)
{
	const struct opts *opts = run->opts;
	struct err err;
	if (!*files)
		read_file(run, 0, "-");
	for (int i = 0; files[i]; i++)
		read_file(run, opts->compare ? i : 0, files[i]);
	/* What a signal cut short would be counts of a part. */
	if (program_stopped()) {
		program_fail(ERR_SYSTEM);
		return;
	}
	if (tally_left_out(run->tally)) {
		err_set(&err, ERR_INPUT, "more than %d tasks: %llu rollouts of others are left out", TALLY_TASKS_MAX,
		        (unsigned long long)tally_left_out(run->tally));
		program_error(&err);
		program_fail(err.code);
	}
	if (opts->terms.fields && group_tasks(run, &err) < 0) {
		program_error(&err);
		program_fail(err.code);
		return;
	}
	if (opts->compare)
		tally_compare(run->tally, files, print);
	else
		tally_report(run->tally, &opts->terms, print);
}

int main(int argc, char **argv)
{
	struct opts opts = {.terms = {.k = {1}, .k_count = 1}};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .tally = tally_new()};
	count(&run, program_operands());
	tally_free(run.tally);
	return program_finish(status);
}
