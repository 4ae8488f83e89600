#ifndef PIPEGYM_NORMALISE_H
#define PIPEGYM_NORMALISE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "json.h"

/*
 * Normalisers replace, in two texts that are to be compared, what differs from
 * run to run or from host to host, such as dates, process ids and temporary
 * paths, by its name. They are a table of rules with one order, each with a
 * version that changes with what it does: which rules made two texts equal is
 * part of what is said about them. Their cost is linear in the text
 * (match_span.h); beyond its bound a text stays as it is.
 */
struct normalise;

/*
 * names: of rules, with commas between them (the order is the table's), or of a group: "default" (all but line-order),
 * "all", "none", "task" (the task's own). NULL: "default,task". rules: the task's own, as its definition has them, or
 * json_none(). NULL and ERR_USAGE: an unknown name. Not to be shared between threads.
 */
struct normalise *normalise_new(const char *names, json rules, struct err *err);
void normalise_free(struct normalise *normalise); /* NULL is fine */

/* What is left of a text, appended. */
void normalise_text(struct normalise *normalise, const char *text, size_t len, struct buf *out);
/* Whether two values are equal once each string in them is normalised. *used gets a bit for each rule that this took, if it is. */
bool normalise_equal(struct normalise *normalise, json a, json b, uint64_t *used);
/* "NAME@VERSION" of the rules in a set of bits (UINT64_MAX: of all that are selected). Owned. */
json normalise_names(const struct normalise *normalise, uint64_t rules);

/* {"type":"normaliser","name","version","default","about","pattern"…} of the table's n-th rule; json_none() behind the last. Owned. */
json normalise_rule(size_t n);
/* Whether a task's own rule ({"name","pattern","with"}) is one; path names it in errors. 0, or -1 and ERR_INPUT. */
int normalise_check(json rule, const char *path, struct err *err);
#define NORMALISE_OWN_MAX 16 /* rules of a task */

#endif
