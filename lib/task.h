#ifndef PIPEGYM_TASK_H
#define PIPEGYM_TASK_H

#include <stdbool.h>

#include "buf.h"
#include "digest.h"
#include "err.h"
#include "json.h"

/*
 * Tasks on disk: TASKPATH/SET/NAME/ folders and TASKPATH/SET.jsonl files (a task
 * a line, with "files", "tests", "setup", "solution", "cheats" inline).
 * A task's id is SET/NAME. A definition is checked against the schema of
 * pipegym-task(5) when it is loaded, so that all behind this module may rely on it:
 * defaults are filled in, every field has its kind and range.
 */
struct task {
	char *id;
	json definition;     /* the checked task.json with every default filled in (owned) */
	char *folder;        /* absolute path; NULL for a task of a .jsonl set */
	bool generates;      /* it has a generate.sh: what it is depends on the seed (task_instance()) */
	char *origin;        /* "PATH/task.json" or "PATH/SET.jsonl:12", for messages */
	const char *base[3]; /* absolute path of env.base (owned), and "/", as boxes take it; NULL: there is none */
	/* Over task.json's bytes and every file of the folder (name, executable bit, content) but those of a base in it. */
	char digest[DIGEST_TEXT];
	/* Of a task from task_find(), borrowed: absolute paths of all folders of tasks and of task_path_hide(), ends
	 * with NULL: no box may see them. */
	const char *const *places;
};

struct task_path; /* the search path, and a cache of loaded tasks */

/* option: -T DIR, a colon-separated list (NULL: not given; then $PIPEGYM_TASKS, the same; then ../tasks beside the
 * program's own folder, then the installed sets). A folder of a list that is not there is an error (ERR_INPUT). */
struct task_path *task_path_new(const char *option, struct err *err);
void task_path_free(struct task_path *path);
/* One more folder (an absolute path) that no box may see, beside those of tasks. Before the first task is asked for. */
void task_path_hide(struct task_path *path, const char *folder);

/* One task by id. Borrowed: it lives as long as the path, and is the calling thread's own (libjq's values are not to be
 * shared): another thread asks for its own. NULL and ERR_INPUT when there is none or it is broken. */
const struct task *task_find(struct task_path *path, const char *id, struct err *err);

/*
 * All tasks in order of id (strcmp). wanted() is asked about every id before the first task is loaded (NULL: all are wanted);
 * a line of a .jsonl set that has no name is asked about as "SET/". visit() gets a task or, where one is broken, NULL and the
 * error (file and JSON path, "tasks/x/y/task.json: .limits.steps: must be a number of 1 to 100000"); it returns 0 to go on.
 * Tasks are not cached: gone after the visit. Returns 0, also after a stop signal, or -1 when the path itself cannot be read.
 */
typedef bool task_wanted(const char *id, void *context);
typedef int task_visit(const struct task *task, const struct err *err, void *context);
int task_each(struct task_path *path, task_wanted *wanted, task_visit *visit, void *context, struct err *err);

/* Whether the id matches a pattern: SET, which stands for all of the set, or a glob for SET/NAME. */
bool task_id_matches(const char *id, const char *pattern);
/* The file NAME.json that lies beside the sets, in the first folder of the path that has one. *file (owned, also on
 * failure if it is not NULL) is where. -1 and ERR_INPUT: there is none, or it cannot be read. */
int task_path_read(struct task_path *path, const char *name, size_t max, struct buf *out, char **file, struct err *err);

/* The task record that programs print: what an agent may see, nothing that grades. Owned. */
json task_record(const struct task *task);

/* The first program in the task's "requires" that is not in /usr/local/bin, /usr/bin or /bin; NULL if all are there, or
 * the task has a base. */
const char *task_missing(const struct task *task);
int task_require(const struct task *task, struct err *err); /* 0, or -1 and ERR_SYSTEM: it is missing */

/* Whether the task's base may be shown in a box: it is there, and shows no task. 0, also without a base, or -1 and err. */
int task_check_base(const struct task *task, struct err *err);

/* The known solution as an array of actions (no "episode"). Owned. An empty array where there is none. */
int task_solution(const struct task *task, json *actions, struct err *err);
/* The shipped cheats: an object of name → array of actions. Owned. */
int task_cheats(const struct task *task, json *cheats, struct err *err);
/* Whether its episodes have a box: all but those of the jq kind. */
bool task_boxed(const struct task *task);
/* The directory in which its commands begin. Borrowed. */
const char *task_cwd(const struct task *task);
/* Of a task's limits, or those of an episode.json: seconds that a step may take; bytes of a text that it may show. */
double task_step_s(json limits);
size_t task_output_max(json limits);
/* setup.sh's text as a JSON string; json_none() if there is none. Owned. */
int task_setup(const struct task *task, json *script, struct err *err);
/* The same for generate.sh. */
int task_generator(const struct task *task, json *script, struct err *err);
/* The task with what its generate.sh printed (patch) put over it: another prompt, more files … It has the task's
 * digest. Owned: task_free(). NULL and ERR_INPUT: what is wrong with the patch. */
struct task *task_instance(const struct task *task, json patch, struct err *err);
void task_free(struct task *task); /* NULL is fine */

/* The files of a part ("files", "workspaces" or "tests"), visited in order of path (strcmp of their names, folders
 * before what is in them). path is relative, no "..", no leading '/'. link: target of a symbolic link, else NULL. A
 * folder has data NULL and link NULL. visit() returns 0 to go on, -1 to stop with err filled. */
struct task_file {
	const char *path;
	const char *data;
	size_t len;
	const char *link;
	bool folder;
	bool executable;
};
typedef int task_file_visit(const struct task_file *file, void *context, struct err *err);
int task_files(const struct task *task, const char *part, task_file_visit *visit, void *context, struct err *err);

#endif
