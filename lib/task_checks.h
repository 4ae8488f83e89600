#ifndef PIPEGYM_TASK_CHECKS_H
#define PIPEGYM_TASK_CHECKS_H

#include "err.h"
#include "json.h"
#include "task_field.h"

#define CHECK_IGNORE_MAX 64 /* patterns of what a tree check leaves out */

/* Checks the checks of a task's definition, an array. Returns 0 and *checked (owned): the same, each with the defaults
 * of its type; or -1 and ERR_INPUT with a JSON path: ".checks[1].mode: must be ...". */
int task_checks(json given, json *checked, struct err *err);

/* What fields of more than one type have to be. */
field_check task_check_exit; /* an exit status, or null */
field_check task_check_path; /* a path that stays where it is taken from */

#endif
