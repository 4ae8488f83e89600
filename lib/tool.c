#include "tool.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const struct tool tools[] = {
        {"shell",
         "Run a command in the episode's shell session. Directory, variables, functions and background jobs carry over "
         "to "
         "the next command; stdin is empty unless given.",
         "command",
         "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\",\"description\":\"what to run\"},"
         "\"stdin\":{\"type\":\"string\",\"description\":\"what the command reads on standard input\"},"
         "\"timeout_s\":{\"type\":\"number\",\"description\":\"seconds after which it is killed\"}},"
         "\"required\":[\"command\"],\"additionalProperties\":false}",
         tool_shell},
        {"write_file", "Write a file, replacing what it held; missing folders are made.", "path",
         "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},\"content\":{\"type\":\"string\"}},"
         "\"required\":[\"path\",\"content\"],\"additionalProperties\":false}",
         tool_write_file},
        {"read_file", "Read a file.", "path",
         "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},"
         "\"required\":[\"path\"],\"additionalProperties\":false}",
         tool_read_file},
        {"edit_file", "Replace a text that occurs exactly once in a file by another.", "path",
         "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},\"old\":{\"type\":\"string\"},"
         "\"new\":{\"type\":\"string\"}},\"required\":[\"path\",\"old\",\"new\"],\"additionalProperties\":false}",
         tool_edit_file},
        {"hint", "Be told the task's next hint, where it has one. It may cost a part of the reward.", NULL,
         "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}", NULL},
        {"submit", "Say that the work is done, with an answer where the task asks for one. It is graded.", "answer",
         "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}},\"additionalProperties\":false}", NULL},
};

const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof tools / sizeof *tools; i++)
		if (!strcmp(tools[i].name, name))
			return &tools[i];
	return NULL;
}

json tool_describe(json names)
{
	json list = json_new_array();
	for (int i = 0; i < json_length(names); i++) {
		const struct tool *tool = tool_find(json_string(json_at(names, i)));
		json entry = json_new_object(), parameters = json_none();
		if (!tool || json_parse(tool->parameters, strlen(tool->parameters), &parameters, NULL) < 0) {
			json_free(&entry);
			continue;
		}
		json_set_string(&entry, "name", tool->name);
		json_set_string(&entry, "description", tool->description);
		json_set(&entry, "parameters", parameters);
		json_append(&list, entry);
	}
	return list;
}

/* How many bytes of a name that anybody may have made up are shown: whole characters. */
static int shown(const char *name)
{
	size_t len = strlen(name);
	return (int)text_cut_end(name, len < 60 ? len : 60);
}

static bool allowed(json names, const char *name)
{
	for (int i = 0; i < json_length(names); i++)
		if (!strcmp(json_string(json_at(names, i)), name))
			return true;
	return false;
}

/* The arguments against the tool's schema: properties, their types, the required ones. */
static void check_args(const struct tool *tool, json args, char *problem, size_t size)
{
	JSON_AUTO schema = json_none();
	json properties, value;
	const char *key;
	int position = -1;
	if (json_parse(tool->parameters, strlen(tool->parameters), &schema, NULL) < 0)
		return;
	properties = json_get(schema, "properties");
	if (!json_is_object(args)) {
		snprintf(problem, size, "%s: args must be an object", tool->name);
		return;
	}
	while (json_each(args, &position, &key, &value)) {
		const char *type = json_get_string(json_get(properties, key), "type");
		if (!type)
			snprintf(problem, size, "%s: unknown argument: %.*s", tool->name, shown(key), key);
		else if (strcmp(type, json_kind_name(value)) != 0)
			snprintf(problem, size, "%s: argument %.*s must be a %s", tool->name, shown(key), key, type);
	}
	json required = json_get(schema, "required");
	for (int i = 0; i < json_length(required); i++)
		if (json_is_none(json_get(args, json_string(json_at(required, i)))))
			snprintf(problem, size, "%s: missing argument: %s", tool->name, json_string(json_at(required, i)));
}

static json shorthand(const char *name, const char *argument, json value)
{
	json action = json_new_object(), args = json_new_object();
	if (argument && !json_is_none(value))
		json_set(&args, argument, json_copy(value));
	json_set_string(&action, "tool", name);
	json_set(&action, "args", args);
	return action;
}

json tool_action(json action, json names, char *problem, size_t size)
{
	const char *first = json_string(json_at(names, 0));
	const char *old = json_get_string(action, "action");
	json full;
	problem[0] = '\0';
	if (json_is_string(action)) {
		const struct tool *tool = tool_find(first);
		full = shorthand(first ? first : "shell", tool ? tool->main : "command", action);
	} else if (old && !json_get_string(action, "tool")) {
		if (!strcmp(old, "command"))
			full = shorthand("shell", "command", json_get(action, "command"));
		else
			full = shorthand(old, NULL, json_none());
		if (!strcmp(old, "write_file")) {
			json args = json_new_object();
			json_set(&args, "path", json_copy(json_get(action, "path")));
			json_set(&args, "content", json_copy(json_get(action, "content")));
			json_set(&full, "args", args);
		}
	} else {
		full = json_new_object();
		json tool = json_get(action, "tool"), args = json_get(action, "args");
		json_set(&full, "tool", json_is_none(tool) ? json_new_null() : json_copy(tool));
		json_set(&full, "args", json_is_none(args) ? json_new_object() : json_copy(args));
	}
	if (!json_is_none(json_get(action, "id")))
		json_set(&full, "id", json_copy(json_get(action, "id")));
	if (!json_is_none(json_get(action, "tag")))
		json_set(&full, "tag", json_copy(json_get(action, "tag")));
	const char *name = json_get_string(full, "tool");
	const struct tool *tool = tool_find(name);
	if (!name)
		snprintf(problem, size, "an action needs a tool");
	else if (!tool)
		snprintf(problem, size, "unknown tool: %.*s", shown(name), name);
	else if (!allowed(names, name))
		snprintf(problem, size, "this task has no tool %s", name);
	else
		check_args(tool, json_get(full, "args"), problem, size);
	return full;
}

/* One stream as text: well-formed, and where its middle was dropped, saying so between its two ends. */
static void stream_text(const struct box_output *output, const char *name, json *observation, json *info)
{
	BUF_AUTO text = {0};
	char key[32];
	const struct buf *head = &output->head, *tail = &output->tail;
	bool replaced;
	if (output->cut == 0 && tail->len == 0 && text_valid(buf_string(head), head->len) == head->len) {
		json_set_text(observation, name, buf_string(head), head->len);
		return;
	}
	if (output->cut == 0) {
		replaced = text_repair(buf_string(head), head->len, &text);
		if (tail->len > 0) /* nothing was dropped, but it came in two parts: they meet inside a character at worst */
			replaced |= text_repair(tail->data, tail->len, &text);
	} else {
		size_t end = text_cut_end(buf_string(head), head->len),
		       start = text_cut_start(buf_string(tail), tail->len);
		unsigned long long cut = output->cut + (head->len - end) + start;
		replaced = text_repair(buf_string(head), end, &text);
		buf_add_format(&text, "\n[... %llu bytes cut ...]\n", cut);
		replaced |= text_repair(buf_string(tail) + start, tail->len - start, &text);
		snprintf(key, sizeof key, "%s_cut", name);
		json_set_number(info, key, (double)cut);
	}
	if (replaced) {
		snprintf(key, sizeof key, "%s_replaced", name);
		json_set_bool(info, key, true);
	}
	json_set_text(observation, name, buf_string(&text), text.len);
}

const char *tool_limit(const struct box_result *result)
{
	if (result->how == BOX_TIMEOUT)
		return "timeout";
	if (result->how == BOX_FLOODED)
		return "output";
	return result->oom ? "oom" : result->pids ? "pids" : result->disk ? "disk" : NULL;
}

void tool_where(const struct box_result *result, json *observation)
{
	BUF_AUTO cwd = {0};
	if (!result->cwd[0])
		return;
	text_repair(result->cwd, strlen(result->cwd), &cwd);
	json_set_text(observation, "cwd", buf_string(&cwd), cwd.len);
}

void tool_result(const struct box_result *result, json *observation)
{
	json info = json_new_object();
	stream_text(&result->out[0], "stdout", observation, &info);
	stream_text(&result->out[1], "stderr", observation, &info);
	if (result->how == BOX_EXITED) {
		json_set_number(observation, "exit", result->code);
	} else {
		char name[24];
		const char *abbreviation = sigabbrev_np(result->code);
		if (abbreviation)
			snprintf(name, sizeof name, "SIG%s", abbreviation);
		else
			snprintf(name, sizeof name, "signal %d", result->code);
		json_set(observation, "exit", json_new_null());
		json_set_string(observation, "signal", name);
	}
	if (result->how == BOX_TIMEOUT)
		json_set_bool(observation, "timeout", true);
	const char *limit = tool_limit(result);
	if (limit)
		json_set_string(&info, "limit", limit);
	if (result->shell_ended || result->shell_killed)
		json_set_string(&info, "shell", result->shell_killed ? "killed" : "ended");
	tool_where(result, observation);
	json_set(observation, "info", info);
}

void tool_failure(json *observation, const char *message)
{
	json_set_string(observation, "stdout", "");
	json_set_string(observation, "stderr", message);
	json_set_number(observation, "exit", 1);
	json_set(observation, "info", json_new_object());
}

unsigned tool_timeout_ms(const struct tool_context *context, json args)
{
	double limit = json_get_number(context->limits, "step_s", 10);
	double wanted = json_get_number(args, "timeout_s", limit);
	if (!(wanted > 0) || wanted > limit)
		wanted = limit;
	return wanted < 0.001 ? 1 : (unsigned)(wanted * 1000);
}
