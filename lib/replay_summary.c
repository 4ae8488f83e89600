#include "replay_summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define COUNTED_MAX 10000 /* names of a kind */
#define SHOWN 10

void replay_summary_init(struct replay_summary *summary)
{
	*summary = (struct replay_summary){
	        .commands = json_new_object(), .normalisers = json_new_object(), .causes = json_new_object()};
}

void replay_summary_free(struct replay_summary *summary)
{
	json_free(&summary->commands);
	json_free(&summary->normalisers);
	json_free(&summary->causes);
}

static void count(json *counts, const char *name, double more)
{
	double before = json_get_number(*counts, name, 0);
	if (before > 0 || json_length(*counts) < COUNTED_MAX)
		json_set_number(counts, name, before + more);
}

static void add_match(struct replay_summary *summary, const char *match)
{
	static const char *const matches[] = {"exact", "normalised", "diverged"};
	double *const places[] = {&summary->exact, &summary->normalised, &summary->diverged};
	for (size_t i = 0; match && i < sizeof matches / sizeof *matches; i++)
		if (!strcmp(match, matches[i])) {
			++*places[i];
			return;
		}
	++summary->unreplayable;
}

void replay_summary_resume(struct replay_summary *summary, const char *match)
{
	add_match(summary, match);
	summary->resumed++;
}

void replay_summary_add(struct replay_summary *summary, json report)
{
	json reward = json_get(report, "reward"), timing = json_get(report, "timing"), used = json_get(report, "used");
	json logged = json_get(reward, "logged"), replayed = json_get(reward, "replayed"), value;
	const char *name;
	add_match(summary, json_get_string(report, "match"));
	/* Those whose observations were compared. */
	if (json_is_object(timing) && json_is_number(json_get(report, "matched"))) {
		summary->steps += json_get_number(report, "steps", 0);
		summary->matched += json_get_number(report, "matched", 0);
		summary->matched_normalised += json_get_number(report, "matched_normalised", 0);
	}
	if (json_is_number(logged) && json_is_number(replayed)) {
		summary->rewards++;
		summary->flips += fabs(json_number(logged, 0) - json_number(replayed, 0)) >= 1e-6;
	}
	if (json_get_number(timing, "logged_ms", 0) > 0) {
		summary->logged_ms += json_get_number(timing, "logged_ms", 0);
		summary->replayed_ms += json_get_number(timing, "replayed_ms", 0);
	}
	for (int i = 0; i < json_length(used); i++)
		count(&summary->normalisers, json_string(json_at(used, i)), 1);
	for (int at = -1; json_each(json_get(report, "diverging"), &at, &name, &value);)
		count(&summary->commands, name, json_number(value, 0));
	for (int at = -1; json_each(json_get(report, "causes"), &at, &name, &value);)
		count(&summary->causes, name, json_number(value, 0));
}

/* --- the record --------------------------------------------------------- */

struct counted {
	const char *name;
	double count;
};

static int more_often(const void *a, const void *b)
{
	const struct counted *one = a, *other = b;
	int order = (one->count < other->count) - (one->count > other->count);
	return order ? order : strcmp(one->name, other->name);
}

/* Those that are most often, and how often. */
static json most(json counts)
{
	struct counted *list = mem_alloc((size_t)json_length(counts) + 1, sizeof *list);
	json result = json_new_object(), value;
	const char *name;
	size_t n = 0;
	for (int at = -1; json_each(counts, &at, &name, &value);)
		list[n++] = (struct counted){name, json_number(value, 0)};
	qsort(list, n, sizeof *list, more_often);
	for (size_t i = 0; i < n && i < SHOWN; i++)
		json_set_number(&result, list[i].name, list[i].count);
	free(list);
	return result;
}

static json rate(double part, double whole)
{
	return whole > 0 ? json_new_number(part / whole) : json_new_null();
}

json replay_summary_record(const struct replay_summary *summary)
{
	double all = summary->exact + summary->normalised + summary->diverged + summary->unreplayable;
	const struct counted numbers[] = {
	        {"rollouts", all},
	        {"exact", summary->exact},
	        {"normalised", summary->normalised},
	        {"diverged", summary->diverged},
	        {"unreplayable", summary->unreplayable},
	        {"resumed", summary->resumed},
	        {"steps", summary->steps},
	        {"matched", summary->matched},
	        {"matched_normalised", summary->matched_normalised},
	        {"rewards", summary->rewards},
	        {"reward_flips", summary->flips},
	};
	json record = json_new_object(), timing = json_new_object();
	json_set_string(&record, "type", "replay-summary");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		json_set_number(&record, numbers[i].name, numbers[i].count);
	json_set(&record, "match_rate", rate(summary->exact + summary->normalised, all));
	json_set(&record, "matched_rate", rate(summary->matched, summary->steps));
	json_set(&record, "matched_normalised_rate", rate(summary->matched_normalised, summary->steps));
	json_set(&record, "causes", most(summary->causes));
	json_set(&record, "commands", most(summary->commands));
	json_set(&record, "normalisers", most(summary->normalisers));
	json_set_number(&timing, "logged_ms", summary->logged_ms);
	json_set_number(&timing, "replayed_ms", summary->replayed_ms);
	json_set(&timing, "speed", rate(summary->logged_ms, summary->replayed_ms));
	json_set(&record, "timing", timing);
	return record;
}
