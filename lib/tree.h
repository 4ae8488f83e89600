#ifndef PIPEGYM_TREE_H
#define PIPEGYM_TREE_H

#include <stddef.h>

#include "err.h"

/*
 * A folder's listing (pack.h), taken apart and compared with others. Paths of
 * a hostile tree can be of any length and depth, so none is ever put together
 * for a comparison: listings have one order and are walked side by side.
 */
struct tree;
/* listing: borrowed, as long as the tree lives. ignore: patterns as in pipegym-task(5), ends with NULL; or NULL. NULL
 * and ERR_SYSTEM when it is no listing. */
struct tree *tree_new(const char *listing, size_t len, const char *const *ignore, struct err *err);
void tree_free(struct tree *tree);

/* How many paths differ, each counted once: they are missing (with all that is in them), there are too many, they are
 * of another kind, content (of links: target), mode (of that: to execute, set-id and sticky bits). */
struct tree_difference {
	size_t missing, extra, kind, content, mode;
};
void tree_compare(const struct tree *wanted, const struct tree *got, struct tree_difference *difference);

/*
 * What two trees changed of a third, as "git status --short" would have it: a
 * path is added, modified, deleted or another kind of thing; of modes only
 * the owner's right to execute counts, of a folder its files; one that had none
 * at the start is one addition. Common additions are the same when they have
 * the same content.
 */
struct tree_changes {
	size_t missing, extra; /* changes of wanted alone, of got alone */
	size_t common, same;   /* additions of both; those of one content */
};
void tree_changes(const struct tree *start, const struct tree *wanted, const struct tree *got,
                  struct tree_changes *changes);

/* A digest ("sha256:HEX", of DIGEST_TEXT bytes) of a listing: names, types, permission bits, contents and targets of
 * links, no times. 0, or -1 and ERR_SYSTEM when it is no listing. */
int tree_digest(const char *listing, size_t len, char *text, struct err *err);

#endif
