#ifndef PIPEGYM_NOTEBOOK_H
#define PIPEGYM_NOTEBOOK_H

#include "json.h"

/* The session of the notebook as a file: nbformat 4.5, of the steps alone, as journal_history() has them. What they say of
 * a cell comes from a program in the box, which the agent may have replaced: what is no cell is left out. Owned;
 * json_none(): there is no cell. */
json notebook_of(json steps);
/* One that only says where the cells are. Owned. */
json notebook_too_long(void);

#endif
