#include "table.h"

#include <stdlib.h>
#include <string.h>

struct slot {
	char *key; /* NULL: free; removed: was in use, the search goes on */
	long value;
};

struct table {
	struct slot *slots;
	size_t size;  /* a power of two */
	size_t count; /* keys */
	size_t used;  /* keys and removed ones */
};

static char removed[1];

static size_t hash(const char *key)
{
	size_t h = 5381;
	for (; *key; key++)
		h = h * 33 + *key;
	return h;
}

struct table *table_new(void)
{
	struct table *table = calloc(1, sizeof *table);
	if (table && !(table->slots = calloc(table->size = 8, sizeof *table->slots))) {
		free(table);
		return NULL;
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->size; i++)
		if (table->slots[i].key)
			free(table->slots[i].key);
	free(table->slots);
	free(table);
}

/* The slot of the key; or, if there is none, the one where it would go. */
static struct slot *find(const struct table *table, const char *key)
{
	size_t i = hash(key) & (table->size - 1);
	for (;; i = (i + 1) & (table->size - 1)) {
		struct slot *slot = &table->slots[i];
		if (!slot->key || slot->key == removed)
			return slot;
		if (strncmp(slot->key, key, strlen(key)) == 0)
			return slot;
	}
}

/* Makes new slots; the removed ones are gone then. */
static int rebuild(struct table *table)
{
	struct table new = {.size = 8};
	while (new.size < table->count * 2 + 2)
		new.size *= 2;
	new.slots = calloc(new.size, sizeof *new.slots);
	if (!new.slots)
		return -1;
	for (size_t i = 0; i < table->size; i++)
		if (table->slots[i].key)
			*find(&new, table->slots[i].key) = table->slots[i];
	free(table->slots);
	table->slots = new.slots;
	table->size = new.size;
	return 0;
}

int table_set(struct table *table, const char *key, long value)
{
	if (table->used * 4 >= table->size * 3 && rebuild(table) < 0)
		return -1;
	struct slot *slot = find(table, key);
	if (slot->key && slot->key != removed) {
		slot->value = value;
		return 1;
	}
	slot->key = strdup(key);
	if (!slot->key)
		return -1;
	table->used++;
	slot->value = value;
	table->count++;
	return 1;
}

int table_get(const struct table *table, const char *key, long *value)
{
	const struct slot *slot = find(table, key);
	if (!slot->key || slot->key == removed)
		return 0;
	*value = slot->value;
	return 1;
}

int table_remove(struct table *table, const char *key)
{
	struct slot *slot = find(table, key);
	if (!slot->key || slot->key == removed)
		return 0;
	slot->key = removed;
	table->used--;
	table->count--;
	return 1;
}

size_t table_count(const struct table *table)
{
	return table->count;
}

int table_each(struct table *table, int (*visit)(void *context, const char *key, long value), void *context)
{
	int result = 0;
	for (size_t i = 0; i < table->size && result == 0; i++)
		if (table->slots[i].key)
			result = visit(context, table->slots[i].key, table->slots[i].value);
	return result;
}
