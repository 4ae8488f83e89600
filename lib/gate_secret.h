#ifndef PIPEGYM_GATE_SECRET_H
#define PIPEGYM_GATE_SECRET_H

#include "box.h"
#include "err.h"
#include "task.h"

/*
 * What an agent must not be able to read: the solution, the hidden tests, the
 * setup script, and the texts that checks expect. It is looked for in copies,
 * outside of the box, so that looking leaves nothing in it.
 *
 * Both write the reason, if there is one, to why.
 */

/* Whether the prompt holds what an answer check expects: of at least 4 bytes, as whole words. */
void gate_secret_prompt(const struct task *task, char *why, size_t size);
/* Whether a new box of the task shows anything of it, by name or by content, in its files or its processes. 0, or -1:
 * it could not be looked at. */
int gate_secret_box(const struct task *task, struct box *box, char *why, size_t size, struct err *err);

#endif
