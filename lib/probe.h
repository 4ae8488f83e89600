#ifndef PIPEGYM_PROBE_H
#define PIPEGYM_PROBE_H

#include <stdbool.h>

#include "json.h"

/*
 * What this host gives to boxes, found out by trying. What changes a process
 * is tried in a child, which is what a box's maker would be: root gives itself
 * up there too. At last a box is made, runs true and is ended. Nothing is left
 * behind.
 */

/* The record of box-run(1) (owned), and whether a box could be had. */
json probe_record(bool *works);

#endif
