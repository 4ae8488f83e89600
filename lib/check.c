#include "check.h"

#include <stdio.h>
#include <string.h>

#include "pack.h"

#define TESTS_FOLDER "/tests"

static const struct {
	const char *type;
	check_run *run;
} checks[] = {
        {"file", check_file},
        {"command", check_command},
        {"answer", check_answer},
        {"output", check_output},
};

check_run *check_find(const char *type)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (!strcmp(checks[i].type, type))
			return checks[i].run;
	return NULL;
}

struct box_limits check_limits(const struct task *task)
{
	json limits = json_get(task->definition, "limits"), env = json_get(task->definition, "env");
	return (struct box_limits){
	        .memory_mib = (unsigned)json_get_number(limits, "memory_mib", 0),
	        .disk_mib = (unsigned)json_get_number(limits, "disk_mib", 0),
	        .processes = (unsigned)json_get_number(limits, "processes", 0),
	        .total_s = (unsigned)json_get_number(limits, "total_s", 0),
	        .network = !strcmp(json_get_string(env, "network"), "loopback"),
	        .merge_output = json_get_bool(env, "merge_output", false),
	        .cwd = json_get_string(env, "cwd"),
	        .hide = task->places,
	};
}

static int import(struct box *box, const char *path, int pack, struct box_result *result, struct err *err)
{
	struct box_command command = {.op = BOX_IMPORT, .path = path, .fd = pack, .keep = 512};
	return box_run(box, &command, result, err);
}

struct box *check_box(struct check_context *context, bool with_tests, struct check_outcome *outcome, struct err *err)
{
	BOX_RESULT_AUTO first = {0};
	BOX_RESULT_AUTO second = {0};
	struct box_limits limits = check_limits(context->task);
	/* It dies with this program, and its commands have limits of their own: that the box ends is never their doing. */
	limits.total_s = 0;
	limits.landlock = context->landlock;
	struct box *box = box_new(context->host, &limits, -1, err);
	if (!box)
		return NULL;
	/* The tests first: what then does not fit is what the agent left. */
	if (with_tests && !pack_is_empty(context->tests)) {
		if (import(box, TESTS_FOLDER, context->tests, &first, err) < 0)
			goto failed;
		if (first.code != 0) {
			err_set(err, ERR_SYSTEM, "cannot put the tests into a box: %.200s", buf_string(&first.out[1].head));
			goto failed;
		}
	}
	if (import(box, limits.cwd, context->capture, &second, err) < 0)
		goto failed;
	if (second.code != 0) {
		snprintf(outcome->reason, sizeof outcome->reason, "the workspace does not fit into a box");
		goto failed;
	}
	return box;
failed:
	box_free(box);
	return NULL;
}
