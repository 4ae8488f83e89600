#include "episode_family.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

struct key {
	char *id;
	double created;
};

struct member {
	struct key key; /* compared by the tree */
	struct key parent, root;
	int step;
	bool closed, seen;
	struct member *up, *first, **last, *next; /* its parent, branches, and the next one of its parent */
};

struct families {
	void *tree; /* of all members */
	struct member **members;
	size_t count;
	bool linked;
};

void family_join(json parent_meta, int step, json *meta)
{
	json id = json_get(parent_meta, "episode"), created = json_get(parent_meta, "created");
	json family = json_get(parent_meta, "family"), parent = json_new_object(), root = json_new_object();
	json_set(&parent, "episode", json_copy(id));
	json_set_number(&parent, "step", step);
	json_set(&parent, "created", json_copy(created));
	json_set(meta, "parent", parent);
	json_set(&root, "episode", json_copy(id));
	json_set(&root, "created", json_copy(created));
	if (json_is_object(family)) {
		json_free(&root);
		root = json_copy(family);
	}
	json_set(meta, "family", root);
}

struct families *families_new(void)
{
	return mem_alloc(1, sizeof(struct families));
}

static void keep_node(void *node)
{
	(void)node;
}

void families_free(struct families *families)
{
	tdestroy(families->tree, keep_node);
	for (size_t i = 0; i < families->count; i++) {
		struct member *member = families->members[i];
		free(member->key.id);
		free(member->parent.id);
		free(member->root.id);
		free(member);
	}
	free(families->members);
	free(families);
}

static int compare(const void *a, const void *b)
{
	const struct key *first = a, *second = b;
	if (first->created != second->created)
		return first->created < second->created ? -1 : 1;
	return strcmp(first->id, second->id);
}

static int compare_members(const void *a, const void *b)
{
	return compare(*(struct member *const *)a, *(struct member *const *)b);
}

static struct key key_copy(const struct key *key)
{
	return (struct key){mem_string(key->id), key->created};
}

/* An absent one has no id. */
static struct key key_of(json value)
{
	const char *id = json_get_string(value, "episode");
	return (struct key){id ? mem_string(id) : NULL, json_get_number(value, "created", 0)};
}

/* Takes what a member that is new consists of. */
static void enter(struct families *families, struct member *new)
{
	families->members = mem_grow(families->members, families->count, sizeof *families->members);
	new->last = &new->first;
	families->members[families->count++] = new;
	if (!tsearch(new, &families->tree, compare))
		abort(); /* out of memory, as in buf.h */
}

int families_add(struct families *families, const char *id, struct err *err)
{
	struct err reason;
	struct episode *episode = episode_open(id, &reason);
	if (!episode) {
		if (reason.code != ERR_INPUT)
			*err = reason;
		return reason.code == ERR_INPUT ? 0 : -1;
	}
	json parent = json_get(episode->meta, "parent");
	struct member *new = mem_alloc(1, sizeof *new);
	new->key = (struct key){mem_string(id), json_get_number(episode->meta, "created", 0)};
	new->parent = key_of(parent);
	new->root = key_of(json_get(episode->meta, "family"));
	if (!new->root.id)
		new->root = key_copy(&new->key);
	new->step = new->parent.id ? json_get_count(parent, "step", 0) : -1;
	episode_free(episode);
	enter(families, new);
	return 0;
}

/* Of one that was closed nothing is known but that it came from the first of its family. */
static struct member *parent_of(struct families *families, const struct member *child)
{
	struct member *const *found = tfind(&child->parent, &families->tree, compare);
	if (found)
		return *found;
	struct member *closed = mem_alloc(1, sizeof *closed);
	closed->key = key_copy(&child->parent);
	closed->root = key_copy(&child->root);
	if (compare(&closed->key, &closed->root) != 0)
		closed->parent = key_copy(&child->root);
	closed->step = -1;
	closed->closed = true;
	enter(families, closed);
	return closed;
}

/* What episode.json says may be wrong: nobody is below itself. */
static bool is_above(const struct member *member, const struct member *other)
{
	while (other && other != member)
		other = other->up;
	return other != NULL;
}

/* Below each parent the oldest comes first. */
static void link_members(struct families *families)
{
	families->linked = true;
	if (families->count > 0)
		qsort(families->members, families->count, sizeof *families->members, compare_members);
	/* It grows by those that were closed. */
	for (size_t i = 0; i < families->count; i++) {
		struct member *member = families->members[i];
		if (!member->parent.id)
			continue;
		struct member *parent = parent_of(families, member);
		if (is_above(member, parent))
			continue;
		member->up = parent;
		*member->up->last = member;
		member->up->last = &member->next;
	}
}

/* Whose family is meant by an id: an episode that there is, else one that was closed. */
static struct member *find(const struct families *families, const char *id)
{
	struct member *found = NULL;
	for (size_t i = 0; i < families->count; i++) {
		struct member *member = families->members[i];
		bool named = strcmp(member->key.id, id) == 0;
		if (named && !member->closed)
			return member;
		if (!found && (named || strcmp(member->root.id, id) == 0))
			found = member;
	}
	return found;
}

/* The first of a family, and all below it. A loop: there may be a branch of a branch of a branch... */
static void visit_below(struct member *top, family_visit *visit)
{
	int depth = 0;
	for (struct member *at = top; at;) {
		const struct relative relative = {at->key.id, depth, at->step, at->closed};
		at->seen = true;
		visit(&relative);
		if (at->first) {
			at = at->first;
			depth++;
			continue;
		}
		for (; at != top && !at->next; depth--)
			at = at->up;
		at = at == top ? NULL : at->next;
	}
}

int families_visit(struct families *families, const char *id, family_visit *visit, struct err *err)
{
	if (!families->linked)
		link_members(families);
	struct member *meant = find(families, id);
	if (!meant)
		return err_set(err, ERR_INPUT, "no such episode");
	while (meant->up)
		meant = meant->up;
	if (!meant->seen)
		visit_below(meant, visit);
	return 0;
}
