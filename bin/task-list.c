/* task-list: – → tasks: finds tasks by what they are. */
#include "curriculum.h"
#include "program.h"
#include "selection.h"
#include "task.h"

struct opts {
	const char *tasks, *filter, *seed, *curriculum, *history;
	unsigned count;              /* PROGRAM_NONE: all */
	bool missing;                /* also what this host cannot run */
	struct selection *selection; /* of -c, -d, -s and --tag */
};

/* Of the field that has its name. */
static int take_choice(const struct program_option *option, const char *word, void *opts, struct err *err)
{
	(void)err;
	selection_add_choice(((struct opts *)opts)->selection, option->name, word);
	return 0;
}

static int take_tag(const struct program_option *option, const char *word, void *opts, struct err *err)
{
	(void)option, (void)err;
	selection_add_choice(((struct opts *)opts)->selection, "tags", word);
	return 0;
}

static int take_curriculum(const struct program_option *option, const char *file, void *opts, struct err *err)
{
	(void)option, (void)err;
	((struct opts *)opts)->curriculum = file ? file : "curriculum";
	return 0;
}

static const struct program_option options[] = {
        {PROGRAM_TASKS},
        {'c', "category", "CATEGORY", "only tasks of this category", PROGRAM_TAKE(take_choice)},
        {'d', "difficulty", "DIFFICULTY", "only easy|medium|hard ones", PROGRAM_TAKE(take_choice)},
        {'s', "split", "SPLIT", "only those of train|test", PROGRAM_TAKE(take_choice)},
        {0, "tag", "TAG", "only those with this tag", PROGRAM_TAKE(take_tag)},
        {'f', "filter", "JQ", "only those whose record the jq program is true of", PROGRAM_TEXT(filter)},
        {0, "shuffle", "SEED", "in an order drawn by SEED, the same everywhere", PROGRAM_TEXT(seed)},
        {'n', "number", "COUNT", "no more than COUNT tasks", PROGRAM_NUMBER(count, 1, 1000000000)},
        {0, "curriculum", "[=FILE]", "only those of a curriculum, in its order", PROGRAM_TAKE(take_curriculum)},
        {0, "history", "FILE", "only the level to be played next, by the rollouts in FILE", PROGRAM_TEXT(history)},
        {0, "missing", NULL, "also tasks that need a program which this host does not have", PROGRAM_FLAG(missing)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	(void)operands;
	if (opts->history && !opts->curriculum)
		return err_set(err, ERR_USAGE, "--history is for --curriculum");
	return 0;
}

static const struct program program = {
        .name = "task-list",
        .synopsis = "[-T DIR] [-c CATEGORY] [-d DIFFICULTY] [-s SPLIT] [--tag TAG] [-f JQ] [--shuffle SEED] [-n COUNT] "
                    "[--curriculum[=FILE]] [--history FILE] [--missing] [PATTERN...]",
        .summary = "Lists tasks: all, or those whose id (SET/NAME) matches a PATTERN; SET alone stands for SET/*.\n"
                   "-c, -d, -s and --tag given more than once mean any of them.",
        .options = options,
        .check = check,
};

struct run {
	const struct opts *opts;
	struct selection *selection;
	struct curriculum *curriculum;
	uint64_t printed;
};

/* What a curriculum's levels are made of, it has to know of all tasks. */
static bool wanted(const char *id, void *context)
{
	struct run *run = context;
	bool asked = selection_asks(run->selection, id);
	return run->curriculum ? curriculum_wants(run->curriculum, id) : asked;
}

static void complain(const struct err *err)
{
	program_error(err);
	program_fail(err->code);
}

/* Prints one task's record, unless this host cannot run it. */
static void print_task(struct run *run, json record)
{
	const char *missing = json_get_string(record, "missing");
	if (!missing || run->opts->missing) {
		program_print(record);
		run->printed++;
	} else if (program_verbose()) {
		program_note("task %s is left out: it needs %s", json_get_string(record, "id"), missing);
	}
}

static bool is_done(const struct run *run)
{
	return run->printed == run->opts->count || program_output_failed();
}

/* The task's place in the curriculum, and its level in the record. -1: it is in none, or was not asked for. */
static long find_place(struct run *run, json *record)
{
	const char *id = json_get_string(*record, "id");
	struct curriculum_level level;
	long place = curriculum_add(run->curriculum, id, json_get_string(*record, "difficulty"));
	if (place < 0 || !curriculum_level(run->curriculum, curriculum_level_of(place), &level) ||
	    !selection_asks(run->selection, id))
		return -1;
	json_set_string(record, "level", level.name);
	return place;
}

static int visit(const struct task *task, const struct err *err, void *context)
{
	struct run *run = context;
	bool taken = false;
	struct err reason;
	if (!task) {
		complain(err);
		return 0;
	}
	JSON_AUTO record = task_record(task);
	const char *missing = task_missing(task);
	long place = 0;
	if (missing)
		json_set_string(&record, "missing", missing);
	if (run->curriculum && (place = find_place(run, &record)) < 0)
		return 0;
	if (selection_takes(run->selection, record, &taken, &reason) < 0) {
		err_context(&reason, "task %s: -f", task->id);
		complain(&reason);
	}
	if (!taken)
		return 0;
	/* Tasks that this host cannot run take part in a shuffle, so that the others' order is the same everywhere. */
	if (run->opts->seed || run->curriculum)
		selection_keep(run->selection, &record, place);
	else
		print_task(run, record);
	return is_done(run);
}

/* Leaves the level that the history says is to be played next. */
static int choose_level(struct run *run, struct err *err)
{
	const char *file = run->opts->history;
	uint64_t torn;
	struct curriculum_level level;
	if (curriculum_read(run->curriculum, file, &torn, err) < 0)
		return err_context(err, "--history");
	if (torn)
		program_note("--history: %s: line %llu, the last one, is torn and left out", file,
		             (unsigned long long)torn);
	for (int i = 0; program_verbose() && curriculum_level(run->curriculum, i, &level); i++)
		program_note("level %s: of the last %llu attempts %llu passed, it takes %g of %llu", level.name,
		             (unsigned long long)level.attempts, (unsigned long long)level.passed, level.pass_rate,
		             (unsigned long long)level.window);
	int next = curriculum_next(run->curriculum);
	if (next < 0)
		program_note("all levels are passed");
	selection_limit(run->selection, curriculum_place_of(next), curriculum_place_of(next + 1) - 1);
	return 0;
}

static int print_kept(struct run *run, struct err *err)
{
	struct err reason;
	if (run->curriculum && curriculum_check(run->curriculum, &reason) < 0)
		complain(&reason);
	if (run->opts->history && choose_level(run, err) < 0)
		return -1;
	if (run->opts->seed)
		selection_shuffle(run->selection, run->opts->seed);
	else
		selection_sort(run->selection);
	json record;
	for (size_t i = 0; !json_is_none(record = selection_at(run->selection, i)) && !is_done(run); i++)
		print_task(run, record);
	return 0;
}

static int visit_all(struct run *run, struct task_path *path, struct err *err)
{
	if (run->opts->curriculum && !(run->curriculum = curriculum_open(path, run->opts->curriculum, err)))
		return -1;
	return task_each(path, wanted, visit, run, err);
}

static int list_tasks(struct run *run, struct err *err)
{
	if (run->opts->filter && selection_set_filter(run->selection, run->opts->filter, err) < 0)
		return err_context(err, "-f");
	struct task_path *path = task_path_new(run->opts->tasks, err);
	int failed = path ? visit_all(run, path, err) : -1;
	task_path_free(path);
	if (failed || print_kept(run, err) < 0)
		return -1;
	size_t at = 0;
	for (const char *pattern; (pattern = selection_unused(run->selection, &at));) {
		struct err reason;
		err_set(&reason, ERR_INPUT, "no task matches %s", pattern);
		complain(&reason);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct opts opts = {.count = PROGRAM_NONE, .selection = selection_new()};
	struct run run = {.opts = &opts, .selection = opts.selection};
	struct err err;
	int status = 0;
	if (program_start(&program, argc, argv, &opts, &status)) {
		selection_set_patterns(run.selection, program_operands());
		if (list_tasks(&run, &err) < 0)
			complain(&err);
	}
	curriculum_free(run.curriculum);
	selection_free(run.selection);
	return program_finish(status);
}
