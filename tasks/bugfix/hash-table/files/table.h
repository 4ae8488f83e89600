#ifndef TABLE_H
#define TABLE_H
#include <stddef.h>

/* A table of keys, any strings, and numbers. Open addressing: a key stands at the place that its hash says, or behind it, where the
 * search for it comes by. */
struct table;

struct table *table_new(void);
void table_free(struct table *table);
/* Sets the value of a key, of which the table keeps a copy. Returns 1 if the key is new, 0 if not, -1 without memory. */
int table_set(struct table *table, const char *key, long value);
/* Returns 1 and the value, or 0 if there is no such key. */
int table_get(const struct table *table, const char *key, long *value);
/* Returns 1 if the key was there. */
int table_remove(struct table *table, const char *key);
size_t table_count(const struct table *table);
/* Calls visit for each key, in no special order, until it returns other than 0; it may remove the key that it is called for. Returns what
 * visit returned last, 0 if it was never called. */
int table_each(struct table *table, int (*visit)(void *context, const char *key, long value), void *context);
#endif
