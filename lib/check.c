#include "check.h"

#include <stdio.h>
#include <string.h>

#include "pack.h"
#include "start.h"

static const struct {
	const char *type;
	check_run *run;
} checks[] = {
        {"file", check_file},           {"command", check_command}, {"answer", check_answer}, {"output", check_output},
        {"cases", check_cases},         {"sql", check_sql},         {"python", check_python}, {"tree", check_tree},
        {"intercode", check_intercode}, {"jq", check_jq},           {"judge", check_judge},
};

check_run *check_find(const char *type)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (!strcmp(checks[i].type, type))
			return checks[i].run;
	return NULL;
}

struct box *check_box_of(const struct check_context *context, const struct box_limits *given, bool with_tests,
                         char *reason, size_t size, struct err *err)
{
	struct box_limits limits = *given;
	/* The tests first: what then does not fit is what the agent left. */
	struct box_files files[BOX_PACKS_MAX] = {{0}};
	size_t tests = with_tests && !pack_is_empty(context->tests);
	if (tests)
		files[0] = (struct box_files){.path = START_TESTS, .pack = context->tests};
	limits.file_count = tests + workspaces_files(context->capture, files + tests);
	limits.files = files;
	/* It dies with this program, and its commands have limits of their own: that the box ends is never their doing. */
	limits.total_s = 0;
	limits.cleared = true;
	limits.landlock = context->landlock;
	struct box *box = box_new(context->host, &limits, NULL, err);
	if (!box && tests && files[0].unfit)
		err->code = ERR_SYSTEM;
	for (size_t i = tests; !box && i < limits.file_count; i++)
		if (files[i].unfit)
			snprintf(reason, size, "the workspace does not fit into a box");
	return box;
}

struct box *check_box(struct check_context *context, bool with_tests, struct check_outcome *outcome, struct err *err)
{
	struct box_limits limits;
	if (start_limits(context->task, &limits, err) < 0)
		return NULL;
	return check_box_of(context, &limits, with_tests, outcome->reason, sizeof outcome->reason, err);
}

struct box *check_box_apart(struct check_context *context, unsigned memory_mib, struct err *err)
{
	struct box_limits limits;
	struct box_files tests = {.path = START_TESTS, .pack = context->tests};
	if (start_limits(context->task, &limits, err) < 0)
		return NULL;
	limits.files = &tests;
	limits.file_count = !pack_is_empty(context->tests);
	if (limits.memory_mib < memory_mib)
		limits.memory_mib = memory_mib;
	limits.total_s = 0;
	limits.network = false;
	limits.cleared = true;
	limits.landlock = context->landlock;
	struct box *box = box_new(context->host, &limits, NULL, err);
	if (!box && tests.unfit)
		err->code = ERR_SYSTEM;
	return box;
}

int check_run_box(struct box *box, const struct box_command *command, struct box_result *result, struct err *err)
{
	int failed = box_run(box, command, result, err);
	if (!failed)
		failed = box_end(box, err);
	box_free(box);
	return failed;
}

unsigned check_timeout_ms(const struct check_context *context, json check)
{
	double step_s = task_step_s(json_get(context->task->definition, "limits"));
	return (unsigned)(json_get_number(check, "timeout_s", step_s) * 1000);
}

int check_steps(struct check_context *context, json *steps, struct err *err)
{
	if (json_is_none(context->steps) && context->load_steps(context->source, &context->steps, err) < 0)
		return -1;
	*steps = context->steps;
	return 0;
}
