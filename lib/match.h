#ifndef PIPEGYM_MATCH_H
#define PIPEGYM_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "json.h"

/*
 * Text conditions, the one language in which checks compare text (a file's
 * content, a command's stdout, an answer). See pipegym-task(5), TEXT CONDITIONS.
 *   a string               the same as {"trimmed": that}
 *   {"equals": S}          byte for byte
 *   {"trimmed": S}         equal after white space at both ends is removed from both
 *   {"lines_sorted": S}    the same lines in any order, white space at line ends and empty lines at the end not counted
 *   {"contains": S}        S occurs; an array of strings: each of them
 *   {"excludes": S}        S does not occur; an array: none of them
 *   {"matches": ERE}       a POSIX extended regular expression matches somewhere (REG_NEWLINE: ^ and $ at lines)
 *   {"number": N, "tolerance": T, "relative": R}   the whole trimmed text is a finite number, within the larger of T
 *                          and R times N of N (by default 0)
 *   {"numbers": S, "tolerance": T, "relative": R}  the same words; those that are numbers in S as in "number"
 *   {"set": [S...]}        the items between commas and newlines, trimmed, are these; order and how often do not count
 *   {"hashed": "sha256:HEX", "salt": S}   the digest of S and the trimmed text
 *   {"json": V}            the whole text is JSON and equal to V (jq's ==); its numbers as in "number"
 *   {"ignore_case": true}  beside any of the string forms: ASCII case does not count
 *   several keys together: all must hold
 */
/* Checks a condition's shape; path names it in the error ("checks[2].stdout"). Returns 0 or -1 with ERR_INPUT. */
int match_check(json condition, const char *path, struct err *err);

/* Whether text holds. The condition passed match_check(). When false, reason (of size bytes) gets a short
 * statement that names the form and never what was expected ("stdout: lines differ"). */
bool match_text(json condition, const char *text, size_t len, char *reason, size_t size);

#endif
