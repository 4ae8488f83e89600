#ifndef PIPEGYM_TASK_SCHEMA_H
#define PIPEGYM_TASK_SCHEMA_H

#include <stdbool.h>

#include "err.h"
#include "json.h"

#define TASK_NAME_MAX 64
#define TASK_TEXT_MAX (64 << 10) /* bytes of a prompt, a hint, a command */
#define TASK_PATH_MAX 1024       /* bytes */

/* A set's or a task's name: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. */
bool task_name_valid(const char *name);

/* A relative path that stays where it is taken from: no leading '/', no empty component, no "." and no "..". */
bool task_path_valid(const char *path);

/* The one of the names (ends with NULL) that is the first component of a path, or NULL. */
const char *task_path_in(const char *path, const char *const *names);

/*
 * Checks a parsed task definition against the schema of pipegym-task(5).
 * inlined: it is a line of a .jsonl set, with "name" or "id" and its files
 * inside. id: SET/NAME, what the definition must be of. Returns 0 and
 * *definition (owned), with "id" and all defaults filled in; or -1 and
 * ERR_INPUT with a JSON path: ".limits.steps: must be …".
 */
int task_schema_check(json given, const char *id, bool inlined, json *definition, struct err *err);

/* An array of actions, each a string or an object: what solution.jsonl and cheats hold. */
int task_schema_actions(json actions, const char *path, struct err *err);

/* Of a tool's parameters: whether arguments are taken that are none of their properties. */
bool task_schema_open(json schema);

#endif
