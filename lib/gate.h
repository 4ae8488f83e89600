#ifndef PIPEGYM_GATE_H
#define PIPEGYM_GATE_H

#include "err.h"
#include "json.h"
#include "resources.h"

/*
 * The gate for tasks: whether one is fit to be given to agents. Each of its
 * tests plays a private episode or looks into one: nothing touches the episodes
 * on disk, and a box that it made dies with this program.
 *
 * *report (owned): {"type":"gate","task":ID,"digest":…|null,"status":"pass|fail|error","reason":…|null,"tests":
 * [{"name":…,"passed":true|false|null,"reason":…,"reward":…},…],"timing":{"wall_ms":…,"solution_ms":…}}, as in
 * pipegym-record(5). digest: what the task's has to be, or NULL. Returns what the report says as an exit status:
 * ERR_NONE; ERR_NEGATIVE, the task fails; ERR_INPUT, there is no such task or it is malformed; ERR_SYSTEM, something
 * could not be found out. After a stop signal the report is not complete.
 */
enum err_code gate_task(struct resources *resources, const char *id, const char *digest, json *report);

#endif
