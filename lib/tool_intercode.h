#ifndef PIPEGYM_TOOL_INTERCODE_H
#define PIPEGYM_TOOL_INTERCODE_H

#include <stddef.h>

#include "buf.h"

/*
 * How InterCode's bash environment carries out an action (exec_action() and
 * clean_cmd() of its bash_env.py), as a command for the episode's session: by
 * a bash of its own, in the folder that the actions before it have led to,
 * which is / at first. The action is put between double quotes without a look
 * at those that are in it, and the whole is split into words as Python's shlex
 * does. One that begins with cd sets the folder for the next, if it succeeds
 * and what stands behind cd is a folder.
 *
 * Appends that command. -1: the action cannot be split ("Malformed command").
 */
int tool_intercode(const char *action, size_t len, struct buf *out);

#endif
