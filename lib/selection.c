#include "selection.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "num.h"
#include "task.h"

/* One of the words that a field may have. */
struct choice {
	const char *field, *word;
};

struct kept {
	json record;
	long place;
};

struct selection {
	char **patterns;
	bool *used; /* whether each of them was for an id */
	struct choice *choices;
	size_t choice_count;
	struct json_filter *filter;
	struct kept *list;
	size_t count;
};

struct selection *selection_new(void)
{
	return mem_alloc(1, sizeof(struct selection));
}

void selection_set_patterns(struct selection *selection, char **patterns)
{
	size_t count = 0;
	while (patterns[count])
		count++;
	selection->patterns = patterns;
	selection->used = mem_alloc(count + 1, sizeof *selection->used);
}

void selection_free(struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		json_free(&selection->list[i].record);
	json_filter_free(selection->filter);
	free(selection->list);
	free(selection->choices);
	free(selection->used);
	free(selection);
}

void selection_add_choice(struct selection *selection, const char *field, const char *word)
{
	selection->choices = mem_grow(selection->choices, selection->choice_count, sizeof *selection->choices);
	selection->choices[selection->choice_count++] = (struct choice){field, word};
}

int selection_set_filter(struct selection *selection, const char *program, struct err *err)
{
	json_filter_free(selection->filter);
	selection->filter = json_filter_new(program, NULL, err);
	return selection->filter ? 0 : -1;
}

bool selection_asks(struct selection *selection, const char *id)
{
	bool any = !*selection->patterns;
	for (size_t i = 0; selection->patterns[i]; i++) {
		bool found = task_id_matches(id, selection->patterns[i]);
		selection->used[i] = selection->used[i] || found;
		any = any || found;
	}
	return any;
}

const char *selection_unused(const struct selection *selection, size_t *at)
{
	while (selection->patterns[*at]) {
		size_t i = (*at)++;
		if (!selection->used[i])
			return selection->patterns[i];
	}
	return NULL;
}

static bool has(json value, const char *word)
{
	if (json_is_string(value))
		return !strcmp(json_string(value), word);
	for (int i = 0; i < json_length(value); i++)
		if (has(json_at(value, i), word))
			return true;
	return false;
}

/* Whether a field has one of the words that were given for it. */
static bool has_any(const struct selection *selection, json record, const char *field)
{
	for (size_t i = 0; i < selection->choice_count; i++) {
		const struct choice *choice = &selection->choices[i];
		if (!strcmp(choice->field, field) && has(json_get(record, field), choice->word))
			return true;
	}
	return false;
}

int selection_takes(struct selection *selection, json record, bool *taken, struct err *err)
{
	bool all = true;
	for (size_t i = 0; i < selection->choice_count && all; i++)
		all = has_any(selection, record, selection->choices[i].field);
	if (all && selection->filter)
		return json_filter_test(selection->filter, record, taken, err);
	*taken = all;
	return 0;
}

void selection_keep(struct selection *selection, json *record, long place)
{
	selection->list = mem_grow(selection->list, selection->count, sizeof *selection->list);
	selection->list[selection->count++] = (struct kept){json_take(record), place};
}

static int compare_kept(const void *a, const void *b)
{
	const struct kept *first = a, *second = b;
	int order = (first->place > second->place) - (first->place < second->place);
	return order ? order : strcmp(json_get_string(first->record, "id"), json_get_string(second->record, "id"));
}

void selection_sort(struct selection *selection)
{
	if (selection->count > 0)
		qsort(selection->list, selection->count, sizeof *selection->list, compare_kept);
}

/* By Fisher and Yates's shuffle. */
void selection_shuffle(struct selection *selection, const char *seed)
{
	uint64_t state = num_seed(seed);
	for (size_t left = selection->count; left > 1; left--) {
		size_t other = (size_t)(num_random(&state) % left);
		struct kept last = selection->list[left - 1];
		selection->list[left - 1] = selection->list[other];
		selection->list[other] = last;
	}
}

void selection_limit(struct selection *selection, long least, long most)
{
	size_t left = 0;
	for (size_t i = 0; i < selection->count; i++) {
		struct kept *kept = &selection->list[i];
		if (kept->place >= least && kept->place <= most)
			selection->list[left++] = *kept;
		else
			json_free(&kept->record);
	}
	selection->count = left;
}

json selection_at(const struct selection *selection, size_t i)
{
	return i < selection->count ? selection->list[i].record : json_none();
}
