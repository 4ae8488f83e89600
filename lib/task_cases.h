#ifndef PIPEGYM_TASK_CASES_H
#define PIPEGYM_TASK_CASES_H

#include "err.h"
#include "json.h"
#include "task.h"

#define TASK_CASES_MAX 5000

/* Checks the field "cases" of a check: an array of cases, or the name of a file of the task's folder that no box shows. */
int task_cases_check(json cases, const char *path, struct err *err);

/* The cases of such a field, checked. Owned. -1 and ERR_INPUT names the file, the line and the JSON path. */
int task_cases(const struct task *task, json cases, json *list, struct err *err);

#endif
