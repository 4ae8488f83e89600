#include "tree.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "digest.h"
#include "pack.h"
#include "text.h"

#define NAME_MAX_LEN 255
#define TARGET_MAX 4095
#define MODES 07111

struct entry {
	uint8_t type;
	uint32_t mode;
	const char *name;
	size_t name_len;
	const char *content; /* a file's digest, a link's target */
	size_t content_len;
	uint64_t size;
	size_t end;   /* index of what follows it and all that is in it */
	size_t files; /* of a folder: files and links in it, at any depth */
};

struct tree {
	struct entry *entries; /* the last is PACK_END */
	size_t count;
};

void tree_free(struct tree *tree)
{
	if (tree)
		free(tree->entries);
	free(tree);
}

/* --- what is ignored ------------------------------------------------ */

struct pattern {
	const char *text;
	size_t names; /* of which it consists: those of a path from the top; 1: a name anywhere */
	size_t matched; /* how many of them the folders that the walk is in have matched, one after the other from the top */
};

/* '*' stands for any bytes, '?' for one. It is enough to try the last star again. */
static bool glob(const char *pattern, size_t pattern_len, const char *name, size_t len)
{
	size_t at = 0, i = 0, star = SIZE_MAX, from = 0;
	while (i < len) {
		if (at < pattern_len && pattern[at] == '*') {
			star = at++;
			from = i;
		} else if (at < pattern_len && (pattern[at] == '?' || pattern[at] == name[i])) {
			at++;
			i++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (at < pattern_len && pattern[at] == '*')
		at++;
	return at == pattern_len;
}

/* The n-th name of a pattern against an entry's. */
static bool part_matches(const struct pattern *pattern, size_t n, const struct entry *entry)
{
	const char *part = pattern->text;
	while (n-- > 0)
		part = strchr(part, '/') + 1;
	return glob(part, strcspn(part, "/"), entry->name, entry->name_len);
}

/* Whether one of them stands for an entry at this depth (0: at the top). A folder's match counts for what is in it. */
static bool ignored(struct pattern *patterns, size_t count, const struct entry *entry, size_t depth)
{
	for (size_t i = 0; i < count; i++) {
		struct pattern *pattern = &patterns[i];
		if (pattern->names == 1) {
			if (part_matches(pattern, 0, entry))
				return true;
		} else if (pattern->matched == depth && part_matches(pattern, depth, entry)) {
			if (depth + 1 == pattern->names)
				return true;
			if (entry->type == PACK_FOLDER)
				pattern->matched++;
		}
	}
	return false;
}

static struct pattern *patterns_new(const char *const *ignore, size_t *count)
{
	for (*count = 0; ignore && ignore[*count];)
		++*count;
	struct pattern *patterns = mem_alloc(*count + 1, sizeof *patterns);
	for (size_t i = 0; i < *count; i++) {
		patterns[i] = (struct pattern){.text = ignore[i], .names = 1};
		for (const char *at = ignore[i]; (at = strchr(at, '/')); at++)
			patterns[i].names++;
	}
	return patterns;
}

/* --- parsing -------------------------------------------------------- */

struct reader {
	const char *at;
	size_t left;
};

static const char *take(struct reader *reader, size_t len)
{
	const char *data = reader->at;
	if (reader->left < len)
		return NULL;
	reader->at += len;
	reader->left -= len;
	return data;
}

/* The next entry as it is in the listing. false: it is none. */
static bool read_entry(struct reader *reader, struct entry *entry)
{
	struct pack_entry head;
	const char *data = take(reader, sizeof head);
	if (!data)
		return false;
	memcpy(&head, data, sizeof head);
	bool named = head.type != PACK_LEAVE && head.type != PACK_END;
	if (head.name_len > NAME_MAX_LEN || named != (head.name_len > 0) ||
	    (head.type == PACK_LINK && head.size > TARGET_MAX))
		return false;
	*entry = (struct entry){.type = head.type, .mode = head.mode, .name_len = head.name_len, .size = head.size};
	if (head.type == PACK_FILE)
		entry->content_len = PACK_DIGEST;
	else if (head.type == PACK_LINK)
		entry->content_len = (size_t)head.size;
	else if (head.type != PACK_FOLDER && head.type != PACK_FIFO && named)
		return false;
	entry->name = take(reader, entry->name_len);
	entry->content = entry->name ? take(reader, entry->content_len) : NULL;
	return entry->content && !memchr(entry->name, '/', entry->name_len) && !memchr(entry->name, '\0', entry->name_len);
}

static bool is_end(const struct entry *entry)
{
	return entry->type == PACK_LEAVE || entry->type == PACK_END;
}

static bool is_file(const struct entry *entry)
{
	return entry->type == PACK_FILE || entry->type == PACK_LINK;
}

/* As list_names() of the helper sorts them; what ends a folder is behind all that is in it. */
static int order(const struct entry *a, const struct entry *b)
{
	if (is_end(a) || is_end(b))
		return is_end(a) - is_end(b);
	return text_order(a->name, a->name_len, b->name, b->name_len);
}

static void keep(struct tree *tree, const struct entry *entry)
{
	tree->entries = mem_grow(tree->entries, tree->count, sizeof *tree->entries);
	tree->entries[tree->count] = *entry;
	tree->entries[tree->count].end = tree->count + 1;
	tree->count++;
}

/* A folder that the walk is in. */
struct level {
	size_t index; /* of its entry; SIZE_MAX: it is ignored */
	struct entry last;
};

struct walk {
	struct tree *tree;
	struct pattern *patterns;
	size_t pattern_count;
	struct level *levels; /* the first is the top */
	size_t depth;         /* how many */
};

static void enter(struct walk *walk, size_t index)
{
	walk->levels = mem_grow(walk->levels, walk->depth, sizeof *walk->levels);
	walk->levels[walk->depth++] = (struct level){.index = index};
}

static void leave(struct walk *walk, const struct entry *entry)
{
	struct tree *tree = walk->tree;
	size_t index = walk->levels[--walk->depth].index;
	for (size_t i = 0; i < walk->pattern_count; i++)
		if (walk->patterns[i].matched >= walk->depth)
			walk->patterns[i].matched = walk->depth - 1;
	if (index == SIZE_MAX)
		return;
	keep(tree, entry);
	tree->entries[index].end = tree->count;
	size_t above = walk->levels[walk->depth - 1].index;
	if (walk->depth > 1)
		tree->entries[above].files += tree->entries[index].files;
}

/* false: it cannot stand here. */
static bool add(struct walk *walk, const struct entry *entry)
{
	struct level *level = &walk->levels[walk->depth - 1];
	if (entry->type == PACK_LEAVE) {
		if (walk->depth == 1)
			return false;
		leave(walk, entry);
		return true;
	}
	if (level->last.name && order(&level->last, entry) >= 0)
		return false;
	level->last = *entry;
	bool dropped = level->index == SIZE_MAX || ignored(walk->patterns, walk->pattern_count, entry, walk->depth - 1);
	if (!dropped) {
		if (is_file(entry) && walk->depth > 1)
			walk->tree->entries[level->index].files++;
		keep(walk->tree, entry);
	}
	if (entry->type == PACK_FOLDER)
		enter(walk, dropped ? SIZE_MAX : walk->tree->count - 1);
	return true;
}

struct tree *tree_new(const char *listing, size_t len, const char *const *ignore, struct err *err)
{
	struct reader reader = {listing, len};
	struct walk walk = {.tree = mem_alloc(1, sizeof *walk.tree)};
	struct entry entry;
	walk.patterns = patterns_new(ignore, &walk.pattern_count);
	enter(&walk, 0);
	bool good;
	while ((good = read_entry(&reader, &entry)) && entry.type != PACK_END && (good = add(&walk, &entry)))
		continue;
	good = good && walk.depth == 1 && reader.left == 0;
	if (good)
		keep(walk.tree, &entry);
	free(walk.levels);
	free(walk.patterns);
	if (good)
		return walk.tree;
	tree_free(walk.tree);
	err_set(err, ERR_SYSTEM, "the box's listing makes no sense");
	return NULL;
}

/* --- two trees side by side ------------------------------------------- */

/* How many paths an entry is with all that is in it. */
static size_t paths(const struct tree *tree, size_t index)
{
	size_t n = 0;
	for (size_t i = index; i < tree->entries[index].end; i++)
		n += !is_end(&tree->entries[i]);
	return n;
}

static bool same_content(const struct entry *a, const struct entry *b)
{
	return a->size == b->size && a->content_len == b->content_len && !memcmp(a->content, b->content, a->content_len);
}

/* Of two entries with one name; those of one kind are walked into, or past. */
static void compare_pair(const struct entry *wanted, const struct entry *got, struct tree_difference *difference)
{
	if (wanted->type != got->type)
		difference->kind++;
	else if (is_file(wanted) && !same_content(wanted, got))
		difference->content++;
	else if (wanted->type != PACK_LINK && !is_end(wanted) && (wanted->mode ^ got->mode) & MODES)
		difference->mode++;
}

void tree_compare(const struct tree *wanted, const struct tree *got, struct tree_difference *difference)
{
	size_t i = 0, j = 0;
	*difference = (struct tree_difference){0};
	while (i < wanted->count && j < got->count) {
		const struct entry *a = &wanted->entries[i], *b = &got->entries[j];
		int which = order(a, b);
		if (which < 0) {
			difference->missing += paths(wanted, i);
			i = a->end;
		} else if (which > 0) {
			difference->extra += paths(got, j);
			j = b->end;
		} else {
			compare_pair(a, b, difference);
			bool enter = a->type == PACK_FOLDER && b->type == PACK_FOLDER;
			i = enter ? i + 1 : a->end;
			j = enter ? j + 1 : b->end;
		}
	}
}

/* --- changes as git sees them ----------------------------------------- */

struct change {
	char key[DIGEST_TEXT];     /* of what happened and the path */
	char content[DIGEST_TEXT]; /* of an addition; else empty */
};

struct changes {
	struct buf list; /* of struct change */
	struct buf path; /* of the folder that the walk is in, with '/' at its end */
};

static void changed(struct changes *changes, char what, const struct entry *entry, const char *content)
{
	struct change change = {.content = ""};
	struct digest *digest = digest_new();
	digest_add(digest, &what, 1);
	digest_add(digest, buf_string(&changes->path), changes->path.len);
	digest_add(digest, entry->name, entry->name_len);
	digest_finish(digest, change.key);
	if (content)
		strcpy(change.content, content);
	buf_add(&changes->list, &change, sizeof change);
}

static void path_enter(struct changes *changes, const struct entry *entry)
{
	buf_add(&changes->path, entry->name, entry->name_len);
	buf_add_char(&changes->path, '/');
}

static void path_leave(struct changes *changes)
{
	struct buf *path = &changes->path;
	size_t len = path->len;
	while (len > 0 && (len == path->len || path->data[len - 1] != '/'))
		len--;
	buf_cut(path, len);
}

/* Everything below an entry that is a file, with the names of the folders on the way. */
static void content_of(const struct tree *tree, size_t index, char text[DIGEST_TEXT])
{
	struct digest *digest = digest_new();
	size_t end = tree->entries[index].end, next;
	for (size_t i = index; i < end; i = next) {
		const struct entry *entry = &tree->entries[i];
		next = entry->type == PACK_FOLDER && entry->files > 0 ? i + 1 : entry->end;
		if (next == i + 1 && entry->type != PACK_FIFO) {
			digest_add(digest, &entry->type, 1);
			digest_add(digest, &entry->size, is_file(entry) ? sizeof entry->size : 0);
			digest_add_field(digest, entry->name, entry->name_len);
			digest_add(digest, entry->content, entry->content_len);
		}
	}
	digest_finish(digest, text);
}

static void added(struct changes *changes, const struct tree *now, size_t index)
{
	const struct entry *entry = &now->entries[index];
	char content[DIGEST_TEXT];
	if (!is_file(entry) && entry->files == 0)
		return;
	content_of(now, index, content);
	/* "a/" is another path than "a". */
	changed(changes, is_file(entry) ? '?' : '/', entry, content);
}

static void deleted(struct changes *changes, const struct tree *start, size_t index)
{
	for (size_t i = index; i < start->entries[index].end; i++) {
		const struct entry *entry = &start->entries[i];
		if (entry->type == PACK_FOLDER)
			path_enter(changes, entry);
		else if (entry->type == PACK_LEAVE)
			path_leave(changes);
		else if (is_file(entry))
			changed(changes, 'D', entry, NULL);
	}
}

/* One name of both; whether to walk into it. */
static bool changed_pair(struct changes *changes, const struct tree *start, size_t i, const struct tree *now, size_t j)
{
	const struct entry *a = &start->entries[i], *b = &now->entries[j];
	if (a->type == PACK_FOLDER && b->type == PACK_FOLDER) {
		if (a->files > 0)
			return true;
		added(changes, now, j);
	} else if (is_file(a) && is_file(b)) {
		if (a->type != b->type)
			changed(changes, 'T', a, NULL);
		else if (!same_content(a, b) || (a->type == PACK_FILE && (a->mode ^ b->mode) & 0100))
			changed(changes, 'M', a, NULL);
	} else {
		deleted(changes, start, i);
		added(changes, now, j);
	}
	return false;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->key, ((const struct change *)b)->key);
}

/* In order of their keys; owned: free(). */
static struct change *changes_of(const struct tree *start, const struct tree *now, size_t *count)
{
	struct changes changes = {0};
	size_t i = 0, j = 0;
	while (i < start->count && j < now->count) {
		const struct entry *a = &start->entries[i], *b = &now->entries[j];
		int which = order(a, b);
		if (which < 0) {
			deleted(&changes, start, i);
			i = a->end;
		} else if (which > 0) {
			added(&changes, now, j);
			j = b->end;
		} else if (is_end(a)) {
			path_leave(&changes);
			i++;
			j++;
		} else if (changed_pair(&changes, start, i, now, j)) {
			path_enter(&changes, a);
			i++;
			j++;
		} else {
			i = a->end;
			j = b->end;
		}
	}
	*count = changes.list.len / sizeof(struct change);
	if (*count)
		qsort(changes.list.data, *count, sizeof(struct change), compare_keys);
	buf_free(&changes.path);
	return (struct change *)(void *)changes.list.data;
}

void tree_changes(const struct tree *start, const struct tree *wanted, const struct tree *got, struct tree_changes *changes)
{
	size_t a_count, b_count, i = 0, j = 0;
	struct change *a = changes_of(start, wanted, &a_count), *b = changes_of(start, got, &b_count);
	*changes = (struct tree_changes){0};
	while (i < a_count || j < b_count) {
		int which = i == a_count ? 1 : j == b_count ? -1 : compare_keys(&a[i], &b[j]);
		changes->missing += which < 0;
		changes->extra += which > 0;
		if (which == 0 && a[i].content[0]) {
			changes->common++;
			changes->same += !strcmp(a[i].content, b[j].content);
		}
		i += which <= 0;
		j += which >= 0;
	}
	free(a);
	free(b);
}
