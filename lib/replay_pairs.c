#include "replay_pairs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define NAMED_MAX 100

struct entry {
	int at, number; /* place in the log, and when it was */
};

int replay_number(json step, int before)
{
	return (int)json_get_int(json_get(step, "observation"), "step", before + 1, INT_MAX - 1, before + 1);
}

static void name(json *irregular, const char *what, json value)
{
	json list = json_copy(json_get(*irregular, what));
	if (json_is_none(*irregular))
		*irregular = json_new_object();
	if (json_is_none(list))
		list = json_new_array();
	if (json_length(list) < NAMED_MAX)
		json_append(&list, value);
	else
		json_free(&value);
	json_set(irregular, what, list);
}

/* --- by id -------------------------------------------------------------- */

static const char *id_of(json step, const char *part)
{
	return json_get_string(json_get(step, part), "id");
}

/* Whether an observation says that it belongs to another action. */
static bool are_mixed(json steps)
{
	for (int i = 0; i < json_length(steps); i++) {
		const char *id = id_of(json_at(steps, i), "action"), *answers = id_of(json_at(steps, i), "observation");
		if (id && answers && strcmp(id, answers) != 0)
			return true;
	}
	return false;
}

/* Each action with the observation of its id. */
static json pair(json steps, json *irregular)
{
	JSON_AUTO known = json_new_object();
	json paired = json_new_array();
	for (int i = 0; i < json_length(steps); i++) {
		const char *answers = id_of(json_at(steps, i), "observation");
		if (answers && json_is_none(json_get(known, answers)))
			json_set(&known, answers, json_copy(json_get(json_at(steps, i), "observation")));
	}
	for (int i = 0; i < json_length(steps); i++) {
		json step = json_copy(json_at(steps, i));
		const char *id = id_of(step, "action"), *answers = id_of(step, "observation");
		if (id && (!answers || strcmp(id, answers) != 0)) {
			json own = json_get(known, id);
			if (json_is_none(own))
				name(irregular, "unpaired", json_new_number(i + 1));
			json_set_or_null(&step, "observation", own);
		}
		json_append(&paired, step);
	}
	return paired;
}

/* --- by number ---------------------------------------------------------- */

static int earlier(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int order = (one->number > other->number) - (one->number < other->number);
	return order ? order : (one->at > other->at) - (one->at < other->at);
}

/* When each was; whether that is 1, 2, 3 … */
static bool number_all(json steps, struct entry *entries)
{
	bool regular = true;
	for (int i = 0, before = 0; i < json_length(steps); i++) {
		json observation = json_get(json_at(steps, i), "observation");
		before = (int)json_get_int(observation, "step", 1, INT_MAX - 1, before < INT_MAX - 1 ? before + 1 : before);
		entries[i] = (struct entry){i, before};
		regular = regular && before == i + 1;
	}
	return regular;
}

static json bare(json action)
{
	json copy = json_copy(action);
	json_delete(&copy, "tag");
	return copy;
}

static bool same_action(json a, json b)
{
	JSON_AUTO one = bare(json_get(a, "action"));
	JSON_AUTO other = bare(json_get(b, "action"));
	return json_equal(one, other);
}

static void name_gap(int before, int number, json *irregular)
{
	if (number <= before + 1)
		return;
	json gap = json_new_array();
	json_append(&gap, json_new_number(before + 1));
	json_append(&gap, json_new_number(number - 1));
	name(irregular, "missing", gap);
}

static json order(json steps, struct entry *entries, json *irregular)
{
	json ordered = json_new_array();
	int count = json_length(steps), before = 0;
	for (int i = 1; i < count; i++)
		if (entries[i].number < entries[i - 1].number)
			name(irregular, "reordered", json_new_number(entries[i].number));
	qsort(entries, (size_t)count, sizeof *entries, earlier);
	for (int i = 0, kept = 0; i < count; i++) {
		json step = json_at(steps, entries[i].at);
		int number = entries[i].number;
		if (i > 0 && number == before) {
			bool same = same_action(step, json_at(steps, kept));
			name(irregular, same ? "duplicated" : "conflicting", json_new_number(number));
			continue;
		}
		name_gap(before, number, irregular);
		json_append(&ordered, json_copy(step));
		kept = entries[i].at;
		before = number;
	}
	return ordered;
}

json replay_pairs(json steps, json *irregular)
{
	*irregular = json_none();
	JSON_AUTO paired = are_mixed(steps) ? pair(steps, irregular) : json_copy(steps);
	struct entry *entries = mem_alloc((size_t)json_length(paired) + 1, sizeof *entries);
	json result = number_all(paired, entries) ? json_copy(paired) : order(paired, entries, irregular);
	free(entries);
	return result;
}
