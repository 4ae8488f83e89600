#ifndef PIPEGYM_GATE_AGENT_H
#define PIPEGYM_GATE_AGENT_H

#include "json.h"
#include "task.h"

/* Agents that know nothing, as arrays of actions. Owned. */
json gate_agent_submit(void); /* only submits, an empty answer */
/* Makes every file that the prompt or a check names, then tries commands that the task's id draws from a list, and
 * submits. Where a task declares tools it calls those, with arguments that it draws by their schemas. */
json gate_agent_random(const struct task *task);

#endif
