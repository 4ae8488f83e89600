#ifndef PIPEGYM_RESET_PROGRAMS_H
#define PIPEGYM_RESET_PROGRAMS_H

#include "json.h"

/*
 * Which builds of the programs that tasks use most a box has, which is the host's /usr: NAME: the beginning of its
 * build ID (the note NT_GNU_BUILD_ID, as "file" and "readelf -n" show it). To ask each for its version would be to run
 * it. A program that is not there, or has no such note, is left out. Owned.
 */
json reset_programs(void);

#endif
