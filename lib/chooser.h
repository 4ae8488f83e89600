#ifndef PIPEGYM_CHOOSER_H
#define PIPEGYM_CHOOSER_H

#include "err.h"

/*
 * Lets a person choose a task, from all that there are along a search path (-T,
 * or NULL). On a screen: a list by category and difficulty, with what the person
 * has solved; arrows move, typing filters, Enter chooses, Escape leaves. Where
 * there is none it is printed, and a line with a number or a name is read from
 * stdin, and no byte beyond it.
 *
 * 1: *id (owned) is what was chosen. 0: nothing was. -1: err; ERR_INPUT: what was read
 * from a stdin that is no terminal is no task.
 */
int chooser_run(const char *tasks, char **id, struct err *err);

#endif
