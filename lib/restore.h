#ifndef PIPEGYM_RESTORE_H
#define PIPEGYM_RESTORE_H

#include "err.h"
#include "json.h"
#include "resources.h"

enum {
	RESTORE_DRY_RUN = 1, /* only compare: the new box is thrown away */
	RESTORE_ACCEPT = 2,  /* make the episode live also where its replay diverged */
	RESTORE_SYNC = 4,    /* as for steps */
};

/*
 * Rebuilds an episode whose box is gone: replays its journal into a new box,
 * which then takes the place of the old one, if every observation was equal.
 * A step that is interrupted is not carried out; it stays for the caller to
 * settle. The new box has all of the task's limits again, total_s included, and
 * so an episode that had expired goes on. keeper: as in struct box_home.
 * An episode whose box lives is left alone.
 *
 * *report (owned): {"type":"restore","episode":…,"task":…,"match":"exact|diverged|live","steps":N,"matched":N,
 * "first":{"step":…,"field":…,"logged":…,"replayed":…}|null,"interrupted":true|false,"restored":true|false,"timing":{…}}.
 * Returns 0; -1 and ERR_INPUT when there is no such episode or its task has changed, ERR_SYSTEM when its journal is
 * damaged or no box could be had: then it is as it was.
 */
int restore_episode(struct resources *resources, const char *id, int flags, int keeper, json *report, struct err *err);

#endif
