#include "task_reward.h"

#include <math.h>
#include <string.h>

#include "task_schema.h"

#define REWARD_MAX 1e9

const struct field task_program_fields[] = {
        {.key = "jq", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_TEXT_MAX},
        {0},
};

const struct field task_penalty_fields[] = {
        {.key = "hint", .kind = FIELD_NUMBER, .min = -REWARD_MAX, .max = 0},
        {.key = "invalid", .kind = FIELD_NUMBER, .min = -REWARD_MAX, .max = 0},
        {.key = "timeout", .kind = FIELD_NUMBER, .min = -REWARD_MAX, .max = 0},
        {0},
};

int task_reward_check(json value, const char *path, struct err *err)
{
	json checked;
	const char *name = json_string(value);
	if (json_is_object(value)) {
		if (field_object(value, task_program_fields, NULL, false, path, &checked, err) < 0)
			return -1;
		json_free(&checked);
		return 0;
	}
	if (name && (!strcmp(name, "all") || !strcmp(name, "weighted")))
		return 0;
	return field_error(err, path, "must be \"all\", \"weighted\" or {\"jq\": PROGRAM}");
}

int task_reward_range_check(json value, const char *path, struct err *err)
{
	double least = json_number(json_at(value, 0), NAN), most = json_number(json_at(value, 1), NAN);
	if (json_length(value) == 2 && least >= -REWARD_MAX && most <= REWARD_MAX && least < most)
		return 0;
	return field_error(err, path, "must be [LEAST, MOST], two different numbers of -%.0f to %.0f", REWARD_MAX,
	                   REWARD_MAX);
}

void task_reward_range(json definition, double *least, double *most)
{
	json range = json_get(definition, "reward_range");
	*least = json_number(json_at(range, 0), 0);
	*most = json_number(json_at(range, 1), 1);
}

int task_reward_shape(json definition, struct err *err)
{
	double least, most;
	task_reward_range(definition, &least, &most);
	if (json_is_string(json_get(definition, "reward")) && (least > 0 || most < 1))
		return field_error(err, ".reward_range", "must hold 0 and 1, which the reward \"%s\" can be",
		                   json_string(json_get(definition, "reward")));
	return 0;
}
