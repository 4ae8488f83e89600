#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "tally_table.h"
#include "text.h"

/* What is compared of two sides of a task. NAN: it has none. */
typedef double measure(const struct tally_counts *counts);

static double pass_rate(const struct tally_counts *counts)
{
	return (double)counts->passed / (double)(counts->passed + counts->failed);
}

static double reward(const struct tally_counts *counts)
{
	return statistic_mean(&counts->reward);
}

static const struct {
	const char *name, *key;
	measure *of;
} measures[] = {{"pass", "pass_rate", pass_rate}, {"reward", "reward_mean", reward}};
#define MEASURES (sizeof measures / sizeof *measures)

static double difference(const struct tally_task *task, measure *of)
{
	return *task->id ? of(&task->sides[1]) - of(&task->sides[0]) : NAN;
}

/* A side of a task. */
static json side_record(const struct tally_counts *counts)
{
	json side = json_new_object();
	json_set_number(&side, "episodes", (double)counts->episodes);
	json_set_number(&side, "graded", (double)(counts->passed + counts->failed));
	json_set_number(&side, "passed", (double)counts->passed);
	for (size_t i = 0; i < MEASURES; i++)
		tally_set(&side, measures[i].key, measures[i].of(counts));
	return side;
}

/* a and b are consumed. */
static json new_record(const char *scope, const struct tally_task *task, json a, json b)
{
	json record = json_new_object();
	json_set_string(&record, "type", "comparison");
	json_set_string(&record, "scope", scope);
	if (task)
		tally_set_task(&record, task);
	json_set(&record, "a", a);
	json_set(&record, "b", b);
	return record;
}

static bool print_task(const struct tally_task *task, tally_print *print)
{
	JSON_AUTO record = new_record("task", task, side_record(&task->sides[0]), side_record(&task->sides[1]));
	for (size_t i = 0; i < MEASURES; i++) {
		STRING_AUTO key = mem_format("%s_difference", measures[i].name);
		tally_set(&record, key, difference(task, measures[i].of));
	}
	return print(record);
}

/* A side of all: how many tasks and episodes it has. */
static json side_of_all(const struct tally *tally, int side, const char *name)
{
	uint64_t tasks = 0, episodes = 0;
	json record = json_new_object();
	for (size_t i = 0; i < tally->count; i++) {
		tasks += *tally->tasks[i]->id && tally->tasks[i]->sides[side].episodes > 0;
		episodes += tally->tasks[i]->sides[side].episodes;
	}
	BUF_AUTO repaired = {0};
	text_repair(name, strlen(name), &repaired);
	json_set_string(&record, "file", buf_string(&repaired));
	json_set_number(&record, "tasks", (double)tasks);
	json_set_number(&record, "episodes", (double)episodes);
	return record;
}

/* What a measure says over all tasks that have it on both sides: the mean of each side and of the differences, with its
 * standard error; how many tasks are better on side b, and worse; and how likely that is by chance. Owned. */
static json compare_all(struct tally_task **tasks, size_t count, measure *of)
{
	json result = json_new_object();
	struct statistic sides[2] = {{0}}, differences = {0};
	double better = 0, worse = 0, *pairs = mem_alloc(count + 1, sizeof *pairs);
	size_t used = 0;
	bool exact;
	for (size_t i = 0; i < count; i++) {
		double number = difference(tasks[i], of);
		if (!isfinite(number))
			continue;
		for (int side = 0; side < 2; side++)
			statistic_add(&sides[side], of(&tasks[i]->sides[side]));
		statistic_add(&differences, number);
		better += number > 0;
		worse += number < 0;
		pairs[used++] = number;
	}
	json_set_number(&result, "tasks", (double)used);
	tally_set(&result, "a", statistic_mean(&sides[0]));
	tally_set(&result, "b", statistic_mean(&sides[1]));
	tally_set(&result, "difference", statistic_mean(&differences));
	tally_set(&result, "error", statistic_sd(&differences) / sqrt((double)used));
	json_set_number(&result, "better", better);
	json_set_number(&result, "worse", worse);
	tally_set(&result, "p", statistic_pairs(pairs, used, &exact));
	json_set_bool(&result, "exact", exact);
	free(pairs);
	return result;
}

static void print_all(const struct tally *tally, struct tally_task **tasks, char *const *names, tally_print *print)
{
	JSON_AUTO record = new_record("all", NULL, side_of_all(tally, 0, names[0]), side_of_all(tally, 1, names[1]));
	for (size_t i = 0; i < MEASURES; i++)
		json_set(&record, measures[i].name, compare_all(tasks, tally->count, measures[i].of));
	json_set_number(&record, "others", (double)tally->others);
	json_set_number(&record, "left_out", (double)tally->left_out);
	print(record);
}

void tally_compare(const struct tally *tally, char *const *names, tally_print *print)
{
	bool goes_on = true;
	struct tally_task **tasks = tally_sorted(tally);
	for (size_t i = 0; goes_on && i < tally->count; i++)
		goes_on = print_task(tasks[i], print);
	if (goes_on && tally->count)
		print_all(tally, tasks, names, print);
	free(tasks);
}
