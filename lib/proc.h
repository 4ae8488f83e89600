#ifndef PIPEGYM_PROC_H
#define PIPEGYM_PROC_H

#include <sys/types.h>

#include "err.h"

/* Where a helper of libexec/ is: $PIPEGYM_LIBEXEC, else beside this program (in the source tree, or moved as a whole),
 * else where it was installed. 0, or -1 and ERR_SYSTEM. */
int proc_helper_path(const char *name, char *path, size_t size, struct err *err);

/* Starts a helper that gets `control` as its descriptor 3, `second` (-1: none) as 4, /dev/null as 0 to 2, nothing else,
 * an empty environment and no blocked signals. Returns its pid (the caller reaps it), or -1 and ERR_SYSTEM: exec's
 * failure is reported here, not by the child's exit. */
pid_t proc_start_helper(const char *path, const char *const *argv, int control, int second, struct err *err);

/* A look at all processes of the host, for who descends from whom. */
struct proc_table;
struct proc_table *proc_table_new(void); /* empty where /proc cannot be read */
void proc_table_free(struct proc_table *table);
struct proc_tree {
	int processes;   /* it and its descendants */
	long memory_kib; /* resident; shared pages counted for each */
	double age_s;    /* of it */
};
struct proc_tree proc_table_tree(const struct proc_table *table, pid_t pid); /* all 0 if it is gone */

#endif
