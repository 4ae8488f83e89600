#ifndef PIPEGYM_IMPORT_CLASS_H
#define PIPEGYM_IMPORT_CLASS_H

#include "box.h"
#include "err.h"
#include "import_assets.h"
#include "json.h"

/*
 * What a class in Python says of itself, for a task that is made of it. Code of
 * others runs for that: the adapter loads the class in a box of its own, which
 * ends with the question, and what it answers is data to be held against the schema.
 *
 * asked: {"adapter", "file": path of an asset, "class", "options": a text that is JSON's or Python's}.
 */

/* Whether there are boxes in which Python runs. 0, or -1 and ERR_SYSTEM. */
int import_class_ready(struct box_host *host, struct err *err);

/* 0 and *told (owned): what libexec/gym-task.py has for a task; or {"why": TEXT} where the class is none for one. -1:
 * ERR_NEGATIVE, there is no such asset; ERR_SYSTEM, no box. */
int import_class_ask(struct box_host *host, json asked, const struct import_assets *assets, json *told, struct err *err);

#endif
