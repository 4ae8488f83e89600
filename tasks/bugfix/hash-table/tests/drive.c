#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "table.h"
static int stop(void *c, const char *k, long v) { (void)k; (void)v; return ++*(int *)c == 3 ? 7 : 0; }
static long sum;
static int add(void *c, const char *k, long v) { (void)c; (void)k; sum += v; return 0; }
static struct table *t;
static int half(void *c, const char *k, long v) { (void)c; if (v % 2) table_remove(t, k); return 0; }
int main(void)
{
	char key[40];
	long v = -1, bad = 0;
	int seen = 0;
	t = table_new();
	printf("each of none %d\n", table_each(t, stop, &seen));
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		bad += table_set(t, key, i) != 1;
	}
	memset(key, 'x', 20); /* the table keeps copies */
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		bad += table_set(t, key, i * 2L) != 0;
		bad += table_get(t, key, &v) != 1 || v != i * 2L;
		table_set(t, key, i);
	}
	printf("bad %ld count %zu\n", bad, table_count(t));
	printf("each %d %d\n", table_each(t, stop, &seen), seen);
	table_each(t, half, NULL);
	table_each(t, add, NULL);
	printf("half %zu %ld\n", table_count(t), sum);
	v = 42;
	printf("gone %d %ld %d\n", table_get(t, "k1", &v), v, table_remove(t, "k1"));
	for (int i = 0; i < 20000; i++) { /* come and go */
		snprintf(key, sizeof key, "n%d", i);
		bad += table_set(t, key, i) != 1;
		bad += table_remove(t, key) != 1;
	}
	printf("bad %ld count %zu\n", bad, table_count(t));
	for (int i = 0; i < 3000; i += 2) {
		snprintf(key, sizeof key, "k%d", i);
		bad += table_get(t, key, &v) != 1 || v != i;
	}
	bad += table_set(t, "", 5) != 1 || table_get(t, "", &v) != 1 || v != 5 || table_remove(t, "") != 1;
	printf("bad %ld\n", bad);
	table_free(t);
	table_free(NULL);
	struct table *small = table_new();
	for (int i = 0; i < 500; i++) { /* keys that stay in few places */
		snprintf(key, sizeof key, "%c", 'a' + i % 7);
		if (i % 3) bad += table_remove(small, key) < 0; else table_set(small, key, i);
		bad += table_get(small, "never", &v) != 0;
	}
	printf("small %zu bad %ld\n", table_count(small), bad);
	table_free(small);
	return 0;
}
