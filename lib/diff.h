#ifndef PIPEGYM_DIFF_H
#define PIPEGYM_DIFF_H

#include <stddef.h>

#include "buf.h"

#define DIFF_MAX 6000 /* bytes: no difference is longer */

/*
 * Where two texts differ, much as "diff -U2" shows it, as one hunk: "@@ line N @@",
 * then lines with ' ', '-' (only in a) or '+' (only in b) before them; a last one
 * with '\' says that more was left out. Bounded in time, memory and
 * length: what the texts have in common at both ends is skipped, of what is left
 * the first lines are compared, and long lines are cut. Both are UTF-8. Empty for
 * equal texts. Appended.
 */
void diff_unified(const char *a, size_t a_len, const char *b, size_t b_len, struct buf *out);

#endif
