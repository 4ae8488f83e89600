/* Three listings, each behind its length in four bytes, and then patterns, one a line. What is a listing is equal to
 * itself, compared the other way round has the opposite differences, and nothing of it is left when all is ignored. */
#include <string.h>

#include "fuzz.h"
#include "tree.h"

static size_t take(const uint8_t **data, size_t *size)
{
	uint32_t len = 0;
	if (*size >= sizeof len) {
		memcpy(&len, *data, sizeof len);
		*data += sizeof len;
		*size -= sizeof len;
	}
	return len < *size ? len : *size;
}

static bool none(const struct tree_difference *d)
{
	return d->missing + d->extra + d->kind + d->content + d->mode == 0;
}

static void compare(struct tree *const trees[3])
{
	struct tree_difference one, other;
	struct tree_changes changes;
	for (size_t i = 0; i < 3; i++) {
		tree_compare(trees[i], trees[i], &one);
		must(none(&one));
	}
	tree_compare(trees[0], trees[1], &one);
	tree_compare(trees[1], trees[0], &other);
	must(one.missing == other.extra && one.extra == other.missing && one.kind == other.kind &&
	     one.content == other.content && one.mode == other.mode);
	tree_changes(trees[0], trees[1], trees[2], &changes);
	must(changes.same <= changes.common);
	tree_changes(trees[0], trees[1], trees[1], &changes);
	must(changes.missing + changes.extra == 0 && changes.same == changes.common);
	tree_changes(trees[0], trees[0], trees[1], &changes);
	must(changes.missing == 0 && changes.common == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const all[] = {"*", NULL};
	struct err err = {0};
	struct tree *trees[3] = {NULL};
	const char *starts[3], *ignore[9] = {NULL};
	size_t lens[3], patterns = 0;
	for (size_t i = 0; i < 3; i++) {
		lens[i] = take(&data, &size);
		starts[i] = (const char *)data;
		data += lens[i];
		size -= lens[i];
	}
	char *text = strndup((const char *)data, size), *rest = text;
	for (char *line; patterns < 8 && (line = strsep(&rest, "\n"));)
		if (*line)
			ignore[patterns++] = line;
	bool good = true;
	for (size_t i = 0; i < 3; i++) {
		trees[i] = tree_new(starts[i], lens[i], ignore, &err);
		must(trees[i] || err.code == ERR_SYSTEM);
		good = good && trees[i];
	}
	if (good) {
		struct tree *empty = tree_new(starts[0], lens[0], all, &err);
		struct tree_difference difference;
		compare(trees);
		tree_compare(empty, trees[1], &difference);
		must(difference.missing + difference.kind + difference.content + difference.mode == 0);
		tree_free(empty);
	}
	for (size_t i = 0; i < 3; i++)
		tree_free(trees[i]);
	free(text);
	return 0;
}
