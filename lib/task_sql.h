#ifndef PIPEGYM_TASK_SQL_H
#define PIPEGYM_TASK_SQL_H

#include "task_field.h"

field_check task_sql_databases; /* what queries are run on: an array of names below tests/ and of objects */
field_check task_sql_check;     /* the fields of an sql check together */

#endif
