#include "digest.h"

#include <endian.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define PRIME 0x100000001b3u

struct digest {
	SHA2_CTX state;
};

static const char digits[] = "0123456789abcdef";

struct digest *digest_new(void)
{
	struct digest *digest = mem_alloc(1, sizeof *digest);
	SHA256Init(&digest->state);
	return digest;
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
	if (len)
		SHA256Update(&digest->state, data, len);
}

void digest_add_field(struct digest *digest, const void *data, size_t len)
{
	char prefix[24];
	int prefix_len = snprintf(prefix, sizeof prefix, "%zu:", len);
	digest_add(digest, prefix, (size_t)prefix_len);
	digest_add(digest, data, len);
}

static void finish(SHA2_CTX *state, char text[DIGEST_TEXT])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	SHA256Final(hash, state);
	memcpy(text, "sha256:", 7);
	char *out = text + 7;
	for (size_t i = 0; i < sizeof hash; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
	}
	*out = '\0';
}

void digest_finish(struct digest *digest, char text[DIGEST_TEXT])
{
	finish(&digest->state, text);
	digest_free(digest);
}

void digest_free(struct digest *digest)
{
	free(digest);
}

void digest_of(const void *data, size_t len, char text[DIGEST_TEXT])
{
	SHA2_CTX state;
	SHA256Init(&state);
	if (len)
		SHA256Update(&state, data, len);
	finish(&state, text);
}

bool digest_is_hex(const char *text)
{
	return strspn(text, digits) == 2 * SHA256_DIGEST_LENGTH && text[2 * SHA256_DIGEST_LENGTH] == '\0';
}

static uint64_t sum_word(uint64_t sum, const unsigned char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	sum = (sum ^ le64toh(word)) * PRIME;
	return sum ^ sum >> 32;
}

/* Four lanes, since each step of one has to wait for the last; not an array, of which compilers make slower vectors. */
uint64_t digest_sum(const void *data, size_t len)
{
	const unsigned char *at = data;
	unsigned char last[32] = {0};
	uint64_t seed = 0xcbf29ce484222325u ^ len;
	uint64_t a = seed, b = seed + 1, c = seed + 2, d = seed + 3;
	for (size_t rest = len; rest > 0; at += 32, rest -= 32) {
		if (rest < 32) {
			at = memcpy(last, at, rest);
			rest = 32;
		}
		a = sum_word(a, at);
		b = sum_word(b, at + 8);
		c = sum_word(c, at + 16);
		d = sum_word(d, at + 24);
	}
	return (((a ^ b) * PRIME ^ c) * PRIME ^ d) * PRIME;
}
