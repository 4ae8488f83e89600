#include "digest.h"

#include <endian.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

struct digest {
	SHA2_CTX state;
};

struct digest *digest_new(void)
{
	struct digest *digest = mem_alloc(1, sizeof(*digest));
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
	int prefix_len = snprintf(prefix, sizeof(prefix), "%zu:", len);
	digest_add(digest, prefix, (size_t)prefix_len);
	digest_add(digest, data, len);
}

static void finish(SHA2_CTX *state, char text[DIGEST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t hash[SHA256_DIGEST_LENGTH];
	SHA256Final(hash, state);
	memcpy(text, "sha256:", 7);
	char *out = text + 7;
	for (size_t i = 0; i < sizeof(hash); i++) {
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

/* Four lanes, since each step of one has to wait for the last. */
uint64_t digest_sum(const void *data, size_t len)
{
	enum { LANES = 4 };
	const uint64_t prime = 0x100000001b3u;
	const unsigned char *at = data;
	uint64_t sums[LANES], words[LANES];
	for (unsigned i = 0; i < LANES; i++)
		sums[i] = (0xcbf29ce484222325u ^ len) + i;
	while (len > 0) {
		size_t n = len < sizeof words ? len : sizeof words;
		if (n < sizeof words)
			memset(words, 0, sizeof words);
		memcpy(words, at, n);
		for (unsigned i = 0; i < LANES; i++) {
			sums[i] = (sums[i] ^ le64toh(words[i])) * prime;
			sums[i] ^= sums[i] >> 32;
		}
		at += n;
		len -= n;
	}
	for (unsigned i = 1; i < LANES; i++)
		sums[0] = (sums[0] ^ sums[i]) * prime;
	return sums[0];
}
