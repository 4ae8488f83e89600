#include "check.h"

#include <stdio.h>
#include <string.h>

#include "pack.h"

#define TESTS_FOLDER "/tests"

static const struct {
	const char *type;
	check_run *run;
} checks[] = {
        {"file", check_file},     {"command", check_command}, {"answer", check_answer},
        {"output", check_output}, {"jq", check_jq},           {"judge", check_judge},
};

check_run *check_find(const char *type)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (!strcmp(checks[i].type, type))
			return checks[i].run;
	return NULL;
}

int check_limits(const struct task *task, struct box_limits *limits, struct err *err)
{
	json given = json_get(task->definition, "limits"), env = json_get(task->definition, "env");
	if (task_check_base(task, err) < 0)
		return -1;
	*limits = (struct box_limits){
	        .memory_mib = (unsigned)json_get_number(given, "memory_mib", 0),
	        .disk_mib = (unsigned)json_get_number(given, "disk_mib", 0),
	        .processes = (unsigned)json_get_number(given, "processes", 0),
	        .total_s = (unsigned)json_get_number(given, "total_s", 0),
	        .network = !strcmp(json_get_string(env, "network"), "loopback"),
	        .merge_output = json_get_bool(env, "merge_output", false),
	        .cwd = json_get_string(env, "cwd"),
	        .bind_ro = task->base,
	        .hide = task->places,
	};
	return 0;
}

struct box *check_box(struct check_context *context, bool with_tests, struct check_outcome *outcome, struct err *err)
{
	struct box_limits limits;
	if (check_limits(context->task, &limits, err) < 0)
		return NULL;
	/* The tests first: what then does not fit is what the agent left. */
	struct box_files files[] = {{.path = TESTS_FOLDER, .pack = context->tests},
	                            {.path = limits.cwd, .pack = context->capture}};
	bool tests = with_tests && !pack_is_empty(context->tests);
	limits.files = files + !tests;
	limits.file_count = tests ? 2 : 1;
	/* It dies with this program, and its commands have limits of their own: that the box ends is never their doing. */
	limits.total_s = 0;
	limits.graded = true;
	limits.landlock = context->landlock;
	struct box *box = box_new(context->host, &limits, -1, err);
	if (!box && files[0].unfit)
		err->code = ERR_SYSTEM;
	if (!box && files[1].unfit)
		snprintf(outcome->reason, sizeof outcome->reason, "the workspace does not fit into a box");
	return box;
}

int check_steps(struct check_context *context, json *steps, struct err *err)
{
	if (json_is_none(context->steps) && context->load_steps(context->source, &context->steps, err) < 0)
		return -1;
	*steps = context->steps;
	return 0;
}
