#ifndef PIPEGYM_SOLVED_H
#define PIPEGYM_SOLVED_H

#include "err.h"
#include "json.h"

/*
 * What a person has done at the terminal: STATE/play/solved.jsonl, a line for
 * each verdict, with its task, status and reward. Episodes end and are removed;
 * this stays. The lines are verdict records, as those that task-list's --history reads.
 */

/* Notes a verdict (borrowed). 0, or -1 and ERR_SYSTEM. */
int solved_note(json verdict, struct err *err);
/* {"TASK": whether a verdict of it was ever a pass, …}; empty where nothing was noted. Lines that are no verdicts are
 * passed over. Owned. 0, or -1 and ERR_SYSTEM. */
int solved_read(json *tasks, struct err *err);

#endif
