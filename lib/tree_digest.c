#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "pack.h"
#include "tree.h"

/* Bytes behind the name of an entry. */
static size_t content_len(const struct pack_entry *entry)
{
	return entry->type == PACK_FILE ? PACK_DIGEST : entry->type == PACK_LINK ? (size_t)entry->size : 0;
}

int tree_digest(const char *listing, size_t len, char *text, struct err *err)
{
	/* It has made sure that what follows stays within the listing. */
	struct tree *tree = tree_new(listing, len, NULL, err);
	if (!tree)
		return -1;
	tree_free(tree);
	struct digest *digest = digest_new();
	for (size_t at = 0; at + sizeof(struct pack_entry) <= len;) {
		struct pack_entry entry;
		char head[40];
		memcpy(&entry, listing + at, sizeof entry);
		at += sizeof entry;
		/* What ends a folder repeats its mode. */
		bool ends = entry.type == PACK_LEAVE || entry.type == PACK_END;
		snprintf(head, sizeof head, "%c %o", entry.type, ends ? 0 : (unsigned)entry.mode);
		digest_add_field(digest, head, strlen(head));
		digest_add_field(digest, listing + at, entry.name_len);
		at += entry.name_len;
		digest_add_field(digest, listing + at, content_len(&entry));
		at += content_len(&entry);
	}
	digest_finish(digest, text);
	return 0;
}
