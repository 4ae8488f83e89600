#ifndef PIPEGYM_PROBE_H
#define PIPEGYM_PROBE_H

#include <stdbool.h>

#include "json.h"

/*
 * What this host gives to boxes, found out by trying. What changes a process
 * is tried in a child, which is what a box's maker would be: root gives itself
 * up there too. Nothing is left behind.
 */
/* {"type":"probe","works":…,"reason":…,"tier":…,"gaps":[…],"findings":[{"name":…,"works":…,"needed":…,"found":…,"remedy":…},…]}
 * (owned). A finding is something that is tried or read; works: a box was made and true run in it. */
json probe_record(bool *works);

#endif
