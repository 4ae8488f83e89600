#ifndef PIPEGYM_SELECTION_H
#define PIPEGYM_SELECTION_H

#include "err.h"
#include "json.h"

/* Which tasks are chosen, by patterns for their ids and by what their records hold, and those that wait to be put in order. */
struct selection;

struct selection *selection_new(void);
void selection_free(struct selection *selection);
/* Once. patterns (borrowed) ends with NULL; without one all tasks are asked for. */
void selection_set_patterns(struct selection *selection, char **patterns);
/* Only records whose field (a string, or an array of them) has the word, or another one that was given for this field.
 * Both are borrowed. */
void selection_add_choice(struct selection *selection, const char *field, const char *word);
/* Only records of which the jq program is true. 0, or -1 and ERR_USAGE. */
int selection_set_filter(struct selection *selection, const char *program, struct err *err);

/* Whether a pattern is for this id. Each pattern learns whether it ever was for one. */
bool selection_asks(struct selection *selection, const char *id);
/* Whether the record is chosen. 0, or -1 and ERR_INPUT when the filter raised an error. */
int selection_takes(struct selection *selection, json record, bool *taken, struct err *err);
/* The first pattern from *at on that was for no id, and the place behind it; NULL if there is none. */
const char *selection_unused(const struct selection *selection, size_t *at);

/* Keeps a record, which is moved out of *record, and its place. */
void selection_keep(struct selection *selection, json *record, long place);
/* Puts those that are kept in the order of their places, and of ids where these are the same. */
void selection_sort(struct selection *selection);
/* Puts them in an order that seed draws, the same on every machine. */
void selection_shuffle(struct selection *selection, const char *seed);
/* Lets go of all whose place is below least or above most. */
void selection_limit(struct selection *selection, long least, long most);
/* Number i of those that are kept, or json_none() beyond the last. Borrowed. */
json selection_at(const struct selection *selection, size_t i);

#endif
