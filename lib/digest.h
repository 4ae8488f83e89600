#ifndef PIPEGYM_DIGEST_H
#define PIPEGYM_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4) by libmd. */
struct digest;
#define DIGEST_TEXT 72 /* "sha256:" and 64 hexadecimal digits and a NUL */

struct digest *digest_new(void);
void digest_add(struct digest *digest, const void *data, size_t len);
/* Adds the length as decimal text and ':' before the data, so that fields cannot run into each other. */
void digest_add_field(struct digest *digest, const void *data, size_t len);
/* Writes "sha256:HEX" and frees the digest. */
void digest_finish(struct digest *digest, char text[DIGEST_TEXT]);
void digest_free(struct digest *digest); /* NULL is fine */
/* Whether a text is the HEX of one, in lower case. */
bool digest_is_hex(const char *text);
/* In one go. */
void digest_of(const void *data, size_t len, char text[DIGEST_TEXT]);

/* In the manner of FNV-1a, 32 bytes at a time: against accidents only. One changed byte always changes it. */
uint64_t digest_sum(const void *data, size_t len);

#endif
