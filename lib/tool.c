#include "tool.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "task.h"
#include "task_schema.h"
#include "text.h"
#include "tool_pty.h"

#define NOTHING "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"
#define CODE                                                                                                           \
	"{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"}},\"required\":[\"code\"],"                \
	"\"additionalProperties\":false}"

static const struct tool table[] = {
        {"shell", NULL,
         "Run a command in the episode's shell session. Directory, variables, functions and background jobs carry over "
         "to "
         "the next command; stdin is empty unless given.",
         "command",
         "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\",\"description\":\"what to run\"},"
         "\"stdin\":{\"type\":\"string\",\"description\":\"what the command reads on standard input\"},"
         "\"timeout_s\":{\"type\":\"number\",\"description\":\"seconds after which it is killed\"},"
         "\"pty\":{\"type\":\"object\",\"description\":\"run it on a terminal: its rows, columns, term, and input, a "
         "list of "
         "what is typed: {at_s, text}\"}},"
         "\"required\":[\"command\"],\"additionalProperties\":false}",
         tool_shell},
        {"write_file", NULL, "Write a file, replacing what it held; missing folders are made.", "path",
         "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},\"content\":{\"type\":\"string\"}},"
         "\"required\":[\"path\",\"content\"],\"additionalProperties\":false}",
         tool_write_file},
        {"read_file", NULL, "Read a file.", "path",
         "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},"
         "\"required\":[\"path\"],\"additionalProperties\":false}",
         tool_read_file},
        {"edit_file", NULL, "Replace a text that occurs exactly once in a file by another.", "path",
         "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},\"old\":{\"type\":\"string\"},"
         "\"new\":{\"type\":\"string\"}},\"required\":[\"path\",\"old\",\"new\"],\"additionalProperties\":false}",
         tool_edit_file},
        {"hint", NULL, "Be told the task's next hint, where it has one. It may cost a part of the reward.", NULL,
         NOTHING, NULL},
        {"submit", NULL, "Say that the work is done, with an answer where the task asks for one. It is graded.", "answer",
         "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}},\"additionalProperties\":false}", NULL},
        {"add_and_execute_code_cell", "notebook",
         "Add a cell of Python to the end of the notebook and run it. Variables carry over to the next cells.", "code",
         CODE, NULL},
        {"edit_and_execute_current_cell", "notebook", "Replace the notebook's last cell and run it.", "code", CODE, NULL},
        {"execute_shell_command", "notebook", "Run a shell command where the notebook is.", "command",
         "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"}},\"required\":[\"command\"],"
         "\"additionalProperties\":false}",
         NULL},
        {"get_notebook_state", "notebook", "Show the notebook's cells and what came of them.", NULL, NOTHING, NULL},
        {"sql", "sql",
         "Run SQL statements on the task's SQLite database; rows come as a table. Transactions carry over.", "query",
         "{\"type\":\"object\",\"properties\":{\"query\":{\"type\":\"string\"}},\"required\":[\"query\"],"
         "\"additionalProperties\":false}",
         NULL},
        {"sql_schema", "sql", "Show the database's tables and their columns, or those of one table.", "table",
         "{\"type\":\"object\",\"properties\":{\"table\":{\"type\":\"string\"}},\"additionalProperties\":false}", NULL},
};

const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof table / sizeof *table; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

/* Whether the task has the tool of ours. */
static bool is_given(json tools, const struct tool *ours)
{
	for (int i = 0; i < json_length(tools); i++) {
		const char *name = json_string(json_at(tools, i));
		if (name && (!strcmp(name, ours->name) || (ours->set && !strcmp(name, ours->set))))
			return true;
	}
	return false;
}

/* The one that the task declares by this name; json_none(). */
static json declared(json tools, const char *name)
{
	for (int i = 0; name && i < json_length(tools); i++) {
		const char *own = json_get_string(json_at(tools, i), "name");
		if (own && !strcmp(own, name))
			return json_at(tools, i);
	}
	return json_none();
}

/* The JSON Schema of its arguments: ours, or else the one that a task declares. Owned. */
static json parameters_of(const struct tool *ours, json tool)
{
	json schema = json_none();
	if (ours)
		(void)json_parse(ours->parameters, strlen(ours->parameters), &schema, NULL);
	else
		schema = json_copy(json_get(tool, "parameters"));
	return json_is_object(schema) ? schema : json_new_object();
}

static json described(const struct tool *ours, json tool)
{
	json entry = json_new_object(), parameters = parameters_of(ours, tool);
	if (json_length(parameters) == 0)
		json_set_string(&parameters, "type", "object");
	json_set_string(&entry, "name", ours ? ours->name : json_get_string(tool, "name"));
	json_set_string(&entry, "description", ours ? ours->description : json_get_string(tool, "description"));
	json_set(&entry, "parameters", parameters);
	return entry;
}

json tool_describe(json tools)
{
	json list = json_new_array();
	for (int i = 0; i < json_length(tools); i++) {
		json tool = json_at(tools, i);
		const char *name = json_string(tool);
		if (json_is_object(tool))
			json_append(&list, described(NULL, tool));
		for (size_t j = 0; name && j < sizeof table / sizeof *table; j++)
			if (!strcmp(table[j].set ? table[j].set : table[j].name, name) || !strcmp(table[j].name, name))
				json_append(&list, described(&table[j], json_none()));
	}
	return list;
}

/* How many bytes of a name that anybody may have made up are shown: whole characters. */
static int shown(const char *name)
{
	size_t len = strlen(name);
	return (int)text_cut_end(name, len < 60 ? len : 60);
}

static bool is_of(const char *type, json value)
{
	double number = json_number(value, 0.5);
	return type && (strcmp(type, "integer") ? !strcmp(type, json_kind_name(value)) : number == floor(number));
}

/* Whether a value is what its schema says by type and enum; if not, what it must be. */
static bool fits(json schema, json value, char *wanted, size_t size)
{
	json types = json_get(schema, "type"), choices = json_get(schema, "enum");
	const char *type = json_string(types);
	bool fitting = type ? is_of(type, value) : json_length(types) == 0;
	for (int i = 0; i < json_length(types) && !fitting; i++)
		fitting = is_of(json_string(json_at(types, i)), value);
	if (!fitting) {
		snprintf(wanted, size, "%s %.30s", type && strchr("aeio", *type) ? "an" : "a",
		         type ? type : "value of a type in its schema");
		return false;
	}
	for (int i = 0; i < json_length(choices); i++)
		if (json_equal(json_at(choices, i), value))
			return true;
	snprintf(wanted, size, "one of those in its schema");
	return json_length(choices) == 0;
}

/* The arguments against the tool's schema: properties, their types, the required ones. */
static void check_args(const char *name, json given_schema, json args, char *problem, size_t size)
{
	JSON_AUTO schema = json_take(&given_schema);
	json properties = json_get(schema, "properties"), value;
	const char *key;
	if (!json_is_object(args)) {
		snprintf(problem, size, "%s: args must be an object", name);
		return;
	}
	for (int at = -1; json_each(args, &at, &key, &value);) {
		json property = json_get(properties, key);
		char wanted[40];
		if (json_is_none(property) && !task_schema_open(schema))
			snprintf(problem, size, "%s: unknown argument: %.*s", name, shown(key), key);
		else if (!fits(property, value, wanted, sizeof wanted))
			snprintf(problem, size, "%s: argument %.*s must be %s", name, shown(key), key, wanted);
	}
	json required = json_get(schema, "required");
	for (int i = 0; i < json_length(required); i++) {
		const char *needed = json_string(json_at(required, i));
		if (needed && json_is_none(json_get(args, needed)))
			snprintf(problem, size, "%s: missing argument: %.60s", name, needed);
	}
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

/* A bare string: the first of the tools, its main argument. */
static json of_string(json string, json tools)
{
	json first = json_at(tools, 0);
	const char *name = json_is_string(first) ? json_string(first) : json_get_string(first, "name");
	const struct tool *ours = tool_find(name);
	for (size_t i = 0; name && !ours && i < sizeof table / sizeof *table; i++)
		if (table[i].set && !strcmp(table[i].set, name))
			ours = &table[i];
	if (ours)
		name = ours->name;
	return shorthand(name ? name : "shell",
	                 ours   ? ours->main
	                 : name ? json_get_string(first, "main")
	                        : "command",
	                 string);
}

/* gym-codecraft's form. */
static json of_codecraft(const char *name, json action)
{
	if (!strcmp(name, "command"))
		return shorthand("shell", "command", json_get(action, "command"));
	json full = shorthand(name, NULL, json_none());
	if (!strcmp(name, "write_file")) {
		json_set_in(&full, "args", "path", json_copy(json_get(action, "path")));
		json_set_in(&full, "args", "content", json_copy(json_get(action, "content")));
	}
	return full;
}

/* Its full form, whatever it says in it. */
static json full_form(json action, json tools)
{
	const char *old = json_get_string(action, "action");
	if (json_is_string(action))
		return of_string(action, tools);
	if (old && !json_get_string(action, "tool"))
		return of_codecraft(old, action);
	json full = json_new_object(), tool = json_get(action, "tool"), args = json_get(action, "args");
	json_set_or_null(&full, "tool", tool);
	json_set(&full, "args", json_is_none(args) ? json_new_object() : json_copy(args));
	return full;
}

json tool_action(json action, json tools, char *problem, size_t size)
{
	json full = full_form(action, tools);
	json_set(&full, "id", json_copy(json_get(action, "id")));
	json_set(&full, "tag", json_copy(json_get(action, "tag")));
	problem[0] = '\0';
	size_t len = 0;
	const char *name = json_text(json_get(full, "tool"), &len);
	const struct tool *ours = tool_find(name);
	json tool = declared(tools, name);
	if (!name)
		snprintf(problem, size, "an action needs a tool");
	/* What looks at the name later, a check for one, would take it for another. */
	else if (strlen(name) != len)
		snprintf(problem, size, "unknown tool: %.*s with a NUL in its name", shown(name), name);
	else if (ours ? is_given(tools, ours) : !json_is_none(tool))
		check_args(name, parameters_of(ours, tool), json_get(full, "args"), problem, size);
	else if (ours)
		snprintf(problem, size, "this task has no tool %s", name);
	else
		snprintf(problem, size, "unknown tool: %.*s", shown(name), name);
	const char *wrong = problem[0] || !tool_is_pty(full) ? NULL : tool_pty_check(json_get(full, "args"));
	if (wrong)
		snprintf(problem, size, "%s: pty: %s", name, wrong);
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
		text_add_cut(cut, &text);
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
	if (result->how == BOX_STOPPED)
		return "stopped";
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
	double limit = task_step_s(context->limits);
	double wanted = json_get_number(args, "timeout_s", limit);
	if (!(wanted > 0) || wanted > limit)
		wanted = limit;
	return wanted < 0.001 ? 1 : (unsigned)(wanted * 1000);
}
