#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "tally_table.h"

/* What is said of one task, of those of a group, or of all. */
struct summary {
	struct tally_counts counts;
	uint64_t tasks, compared, agree; /* compared: they have two rewards or more; agree: and these are equal */
	double pass_at[TALLY_K_MAX];     /* sums over as many tasks as have k rollouts */
	uint64_t pass_at_tasks[TALLY_K_MAX];
};

static int by_group(const void *a, const void *b)
{
	const struct tally_task *first = *(struct tally_task *const *)a, *second = *(struct tally_task *const *)b;
	int order = !first->group - !second->group;
	if (order == 0 && first->group)
		order = strcmp(first->group, second->group);
	return order ? order : strcmp(first->id, second->id);
}

struct tally_task **tally_sorted(const struct tally *tally)
{
	struct tally_task **tasks = mem_alloc(tally->count + 1, sizeof(struct tally_task *));
	for (size_t i = 0; i < tally->count; i++)
		tasks[i] = tally->tasks[i];
	qsort(tasks, tally->count, sizeof(struct tally_task *), by_group);
	return tasks;
}

void tally_set(json *record, const char *key, double number)
{
	json_set(record, key, isfinite(number) ? json_new_number(number) : json_new_null());
}

void tally_set_task(json *record, const struct tally_task *task)
{
	json_set(record, "task", *task->id ? json_new_string(task->id) : json_new_null());
}

static bool is_compared(const struct tally_counts *counts)
{
	return counts->reward.count > 1;
}

static bool is_agreed(const struct tally_counts *counts)
{
	return is_compared(counts) && counts->reward.least == counts->reward.most;
}

static void add_counts(struct tally_counts *sum, const struct tally_counts *counts)
{
	sum->episodes += counts->episodes;
	sum->passed += counts->passed;
	sum->failed += counts->failed;
	sum->errors += counts->errors;
	sum->ungraded += counts->ungraded;
	sum->truncated += counts->truncated;
	sum->timed += counts->timed;
	sum->wall_ms += counts->wall_ms;
	statistic_merge(&sum->reward, &counts->reward);
	statistic_merge(&sum->steps, &counts->steps);
}

static void add_task(struct summary *summary, const struct tally_task *task, const struct tally_terms *terms)
{
	const struct tally_counts *counts = &task->sides[0];
	add_counts(&summary->counts, counts);
	if (!*task->id)
		return;
	summary->tasks++;
	summary->compared += is_compared(counts);
	summary->agree += is_agreed(counts);
	for (size_t i = 0; i < terms->k_count; i++) {
		double pass = statistic_pass_at(counts->passed, counts->passed + counts->failed, terms->k[i]);
		if (isnan(pass))
			continue;
		summary->pass_at[i] += pass;
		summary->pass_at_tasks[i]++;
	}
}

static void set_pass_at(json *record, const struct summary *summary, const struct tally_terms *terms, bool several)
{
	json pass_at = json_new_object(), tasks = json_new_object();
	for (size_t i = 0; i < terms->k_count; i++) {
		STRING_AUTO key = mem_format("%llu", (unsigned long long)terms->k[i]);
		tally_set(&pass_at, key, summary->pass_at[i] / (double)summary->pass_at_tasks[i]);
		json_set_number(&tasks, key, (double)summary->pass_at_tasks[i]);
	}
	json_set(record, "pass_at", pass_at);
	if (several)
		json_set(record, "pass_at_tasks", tasks);
	else
		json_free(&tasks);
}

static void set_agreement(json *record, const struct summary *summary, bool several)
{
	if (several) {
		json_set_number(record, "tasks_compared", (double)summary->compared);
		json_set_number(record, "tasks_agree", (double)summary->agree);
	} else {
		json_set(record, "agree", summary->compared ? json_new_bool(summary->agree) : json_new_null());
	}
}

/* Counts, and what follows from them. */
static void set_summary(json *record, const struct summary *summary, const struct tally_terms *terms, bool several)
{
	const struct tally_counts *counts = &summary->counts;
	const struct statistic *reward = &counts->reward;
	uint64_t graded = counts->passed + counts->failed;
	double low, high;
	json timing = json_new_object();
	statistic_interval(counts->passed, graded, &low, &high);
	if (several)
		json_set_number(record, "tasks", (double)summary->tasks);
	json_set_number(record, "episodes", (double)counts->episodes);
	json_set_number(record, "graded", (double)graded);
	json_set_number(record, "passed", (double)counts->passed);
	json_set_number(record, "errors", (double)counts->errors);
	json_set_number(record, "ungraded", (double)counts->ungraded);
	json_set_number(record, "truncated", (double)counts->truncated);
	tally_set(record, "pass_rate", (double)counts->passed / (double)graded);
	tally_set(record, "pass_low", low);
	tally_set(record, "pass_high", high);
	set_pass_at(record, summary, terms, several);
	tally_set(record, "reward_mean", statistic_mean(reward));
	tally_set(record, "reward_sd", statistic_sd(reward));
	tally_set(record, "reward_min", reward->count ? reward->least : NAN);
	tally_set(record, "reward_max", reward->count ? reward->most : NAN);
	set_agreement(record, summary, several);
	tally_set(record, "error_rate", (double)counts->errors / (double)counts->episodes);
	tally_set(record, "truncated_rate", (double)counts->truncated / (double)counts->episodes);
	tally_set(record, "steps_mean", statistic_mean(&counts->steps));
	tally_set(record, "steps_max", counts->steps.most);
	tally_set(&timing, "step_ms", counts->wall_ms / (double)counts->timed);
	json_set(record, "timing", timing);
}

static json new_record(const char *scope)
{
	json record = json_new_object();
	json_set_string(&record, "type", "stat");
	json_set_string(&record, "scope", scope);
	return record;
}

static bool print_task(const struct tally_task *task, const struct tally_terms *terms, tally_print *print)
{
	struct summary summary = {0};
	JSON_AUTO record = new_record("task");
	add_task(&summary, task, terms);
	tally_set_task(&record, task);
	set_summary(&record, &summary, terms, false);
	return print(record);
}

static bool print_group(const char *group, const struct summary *summary, const struct tally_terms *terms, tally_print *print)
{
	JSON_AUTO record = new_record("group");
	json by = json_none();
	if (!group || json_parse(group, strlen(group), &by, NULL) < 0) {
		by = json_new_object();
		for (size_t i = 0; terms->fields[i]; i++)
			json_set(&by, terms->fields[i], json_new_null());
	}
	json_set(&record, "by", by);
	set_summary(&record, summary, terms, true);
	return print(record);
}

/* The tasks of one group lie one beside the other. *at: the first of them, then the first of the next group. */
static bool print_next_group(struct tally_task **tasks, size_t count, size_t *at, const struct tally_terms *terms,
                             tally_print *print)
{
	struct summary summary = {0};
	const char *group = tasks[*at]->group;
	for (; *at < count; (*at)++) {
		const char *other = tasks[*at]->group;
		if (!group != !other || (group && strcmp(group, other) != 0))
			break;
		add_task(&summary, tasks[*at], terms);
	}
	return print_group(group, &summary, terms, print);
}

void tally_report(const struct tally *tally, const struct tally_terms *terms, tally_print *print)
{
	struct summary all = {0};
	bool goes_on = true;
	struct tally_task **tasks = tally_sorted(tally);
	for (size_t i = 0; i < tally->count; i++)
		add_task(&all, tasks[i], terms);
	for (size_t i = 0; goes_on && i < tally->count;)
		goes_on = terms->fields ? print_next_group(tasks, tally->count, &i, terms, print)
		                        : print_task(tasks[i++], terms, print);
	if (goes_on && tally->count) {
		JSON_AUTO record = new_record("all");
		set_summary(&record, &all, terms, true);
		json_set_number(&record, "others", (double)tally->others);
		json_set_number(&record, "left_out", (double)tally->left_out);
		print(record);
	}
	free(tasks);
}
