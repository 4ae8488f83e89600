/* Any JSON value is brought into an action's full form, or said to be none; the full form stays as it is. */
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "text.h"
#include "tool.h"

static void check(json action, json names)
{
	char problem[160], again_problem[160];
	memset(problem, 'x', sizeof problem);
	JSON_AUTO full = tool_action(action, names, problem, sizeof problem);
	must(memchr(problem, '\0', sizeof problem) && text_valid(problem, strlen(problem)) == strlen(problem));
	must(json_is_object(full) && !json_is_none(json_get(full, "tool")) && !json_is_none(json_get(full, "args")));
	for (int i = 0; i < 2; i++) {
		const char *key = i ? "id" : "tag";
		must(json_is_none(json_get(action, key)) == json_is_none(json_get(full, key)));
	}
	JSON_AUTO again = tool_action(full, names, again_problem, sizeof again_problem);
	must(json_equal(full, again) && !strcmp(problem, again_problem));
	if (problem[0])
		return;
	/* What passed is a tool of the task with arguments of the right kinds. */
	const struct tool *tool = tool_find(json_get_string(full, "tool"));
	must(tool && json_is_object(json_get(full, "args")));
	if (!strcmp(tool->name, "shell"))
		must(json_get_string(json_get(full, "args"), "command"));
	if (!strcmp(tool->name, "edit_file"))
		must(json_get_string(json_get(full, "args"), "old") && json_get_string(json_get(full, "args"), "new"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const lists[] = {"[\"shell\",\"write_file\",\"read_file\",\"edit_file\",\"submit\"]",
	                                    "[\"submit\"]", "[]"};
	struct err err = {0};
	JSON_AUTO action = json_none();
	if (text_valid((const char *)data, size) < size || json_parse((const char *)data, size, &action, &err) < 0)
		return 0;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		JSON_AUTO names = json_none();
		must(json_parse(lists[i], strlen(lists[i]), &names, &err) == 0);
		check(action, names);
	}
	return 0;
}
