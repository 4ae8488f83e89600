#ifndef PIPEGYM_TEXT_H
#define PIPEGYM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define TEXT_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for what is ill-formed */

/* How many bytes at its beginning are a byte order mark: 3, or 0. */
size_t text_mark(const char *text, size_t len);

/* Byte offset of the first byte that is not part of valid UTF-8 (RFC 3629: no surrogates,
 * no overlong forms, up to U+10FFFF), or len when all of it is valid. NUL is valid. */
size_t text_valid(const char *text, size_t len);

/* Appends text with each maximal ill-formed part replaced by U+FFFD (Unicode 15, section 3.9,
 * "substitution of maximal subparts"). Returns whether anything was replaced. */
bool text_repair(const char *text, size_t len, struct buf *out);
/* Appends what stands where so many bytes of a text were left out. */
void text_add_cut(unsigned long long bytes, struct buf *out);

/* The largest n <= len such that text[0..n) does not end inside a UTF-8 character. */
size_t text_cut_end(const char *text, size_t len);
/* The smallest n >= 0 such that text[n..len) does not begin inside a UTF-8 character (n <= 3). */
size_t text_cut_start(const char *text, size_t len);

/* The character that text, which is not empty, begins with, and its bytes; U+FFFD for what is ill-formed. */
unsigned text_code(const char *text, size_t len, size_t *size);

/* Appends a character, which is none of a surrogate, as UTF-8. */
void text_add_code(unsigned code, struct buf *out);

/* As strcmp() for texts that may hold NUL: less than 0, 0 or more than 0. */
int text_order(const char *a, size_t a_len, const char *b, size_t b_len);

/* Appends text with ASCII's capital letters made small. */
void text_add_lower(const char *text, size_t len, struct buf *out);

/* Appends text made safe for a terminal: control characters but newline and tab (C0, DEL, C1, and
 * ESC above all) become visible: ^[ for ESC, \x9b for C1; so do those that turn the direction of others, and such as
 * nobody sees: \u{202e}. Ill-formed UTF-8 becomes U+FFFD. */
void text_for_terminal(const char *text, size_t len, struct buf *out);
bool text_is_plain(const char *text, size_t len); /* that leaves it as it is */
/* The same for one line: newlines and tabs become spaces. */
void text_for_line(const char *text, size_t len, struct buf *out);
/* How many characters it has: as good as columns for most ids. */
size_t text_count(const char *text, size_t len);

/* What is behind a path's last slash; all of it, where there is none or nothing is behind it. Borrowed. */
const char *text_base_name(const char *path);

#endif
