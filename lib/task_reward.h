#ifndef PIPEGYM_TASK_REWARD_H
#define PIPEGYM_TASK_REWARD_H

#include "task_field.h"

/* The fields of a task's definition that say what rewards are made of: reward, reward_range, step_reward, penalties. */

/* "all", "weighted" or {"jq": PROGRAM}. */
int task_reward_check(json value, const char *path, struct err *err);
/* {"jq": PROGRAM}, {"invalid": N, "timeout": N}. */
extern const struct field task_program_fields[], task_penalty_fields[];
/* [LEAST, MOST]. */
int task_reward_range_check(json value, const char *path, struct err *err);
/* Of a definition as a whole: what the reward can be is in its range. */
int task_reward_shape(json definition, struct err *err);

/* The range of a definition, or of episode.json; 0 to 1 where it does not say. */
void task_reward_range(json definition, double *least, double *most);

#endif
