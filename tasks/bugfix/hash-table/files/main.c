/* tally: keeps a tally by commands on standard input; see README. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct list {
	const char **keys;
	size_t count;
};

static int collect(void *context, const char *key, long value)
{
	struct list *list = context;
	(void)value;
	list->keys[list->count++] = key;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int print_all(struct table *table)
{
	struct list list = {malloc(table_count(table) + 1), 0};
	if (!list.keys)
		return -1;
	table_each(table, collect, &list);
	qsort(list.keys, list.count, sizeof *list.keys, by_name);
	for (size_t i = 0; i < list.count; i++) {
		long value = 0;
		table_get(table, list.keys[i], &value);
		printf("%s %ld\n", list.keys[i], value);
	}
	free(list.keys);
	return 0;
}

struct drop {
	struct table *table;
	long below;
	long count;
};

static int drop_one(void *context, const char *key, long value)
{
	struct drop *drop = context;
	if (value < drop->below)
		drop->count += table_remove(drop->table, key);
	return 0;
}

static int number(const char *text, long *value)
{
	char *end;
	errno = 0;
	*value = strtol(text, &end, 10);
	return !*end && !errno && *value > -1000000000 && *value < 1000000000 ? 0 : -1;
}

static int carry_out(struct table *table, char *line)
{
	char *key = strchr(line, ' ');
	long value = 1, old = 0;
	if (key) {
		*key++ = 0;
		char *text = strchr(key, ' ');
		if (strcmp(line, "add") == 0 && text && number(text + 1, &value) == 0)
			*text = 0;
	}
	if (strcmp(line, "add") == 0 && key && *key) {
		table_get(table, key, &old);
		puts(table_set(table, key, old + value) ? "new" : "known");
	} else if (strcmp(line, "get") == 0 && key && *key) {
		if (table_get(table, key, &value))
			printf("%ld\n", value);
		else
			puts("none");
	} else if (strcmp(line, "remove") == 0 && key && *key) {
		puts(table_remove(table, key) ? "removed" : "none");
	} else if (strcmp(line, "drop") == 0 && key && number(key, &value) == 0) {
		struct drop drop = {table, value, 0};
		table_each(table, drop_one, &drop);
		printf("%ld\n", drop.count);
	} else if (strcmp(line, "count") == 0 && !key) {
		printf("%zu\n", table_count(table));
	} else if (strcmp(line, "list") == 0 && !key) {
		return print_all(table);
	} else {
		puts("what?");
	}
	return 0;
}

int main(void)
{
	struct table *table = table_new();
	char *line = NULL;
	size_t size = 0;
	if (!table)
		return 1;
	for (ssize_t len; (len = getline(&line, &size, stdin)) > 0;) {
		line[len - 1] = 0;
		if (carry_out(table, line) < 0)
			return 1;
	}
	free(line);
	table_free(table);
	return 0;
}
