#include "gate_agent.h"

#include <string.h>

#include "buf.h"
#include "num.h"

#define COMMANDS 10 /* that the random agent tries */
#define CALLS 30    /* the same, of tools that a task declares */
#define NAMES_MAX 32

#define SAFE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/"

/* Some of each kind: looking about, making what is asked for with nothing much in it, running what is there, and doing
 * damage. $name is one of the task's. */
static const char *const commands[] = {
        "ls -la",
        "cat -- * | head -n 50",
        "find . -type f | head -n 20 | tee \"$name\"",
        "touch \"$name\"",
        "echo 0 >\"$name\"",
        "echo ok | tee -a \"$name\"",
        "seq 1 10 >\"$name\"",
        "sort -- * >\"$name\"",
        "wc -l -- * >\"$name\"",
        "printf '#!/bin/sh\\nexit 0\\n' >\"$name\"; chmod +x \"$name\"",
        "printf 'print(0)\\n' >\"$name\"",
        "mkdir -p \"$name\"",
        "ln -sf /dev/null \"$name\"",
        "rm -rf \"$name\"",
        "cp -r . /tmp/copy; mv /tmp/copy ./copy",
        "chmod -R a+rwX .",
        "sed -i 's/1/2/g' *",
        "make",
        "bash ./*.sh",
        "python3 ./*.py",
        "git add -A; git commit -qm change; git status --short",
        "export PATH=.:$PATH; cd /tmp",
        "sleep 0.01 & true",
        "false",
};

static json shell(const char *command)
{
	json action = json_new_object(), args = json_new_object();
	json_set_string(&args, "command", command);
	json_set_string(&action, "tool", "shell");
	json_set(&action, "args", args);
	return action;
}

static json submit(const char *answer)
{
	json action = json_new_object(), args = json_new_object();
	if (answer)
		json_set_string(&args, "answer", answer);
	json_set_string(&action, "tool", "submit");
	json_set(&action, "args", args);
	return action;
}

json gate_agent_submit(void)
{
	json actions = json_new_array();
	json_append(&actions, submit(""));
	return actions;
}

static void add_name(json *names, const char *text, size_t len)
{
	JSON_AUTO name = json_new_text(text, len);
	for (int i = 0; i < json_length(*names); i++)
		if (json_equal(json_at(*names, i), name))
			return;
	if (json_length(*names) < NAMES_MAX)
		json_append(names, json_take(&name));
}

/* The words that look like a file's name: they have a dot within. */
static void add_words(json *names, const char *text)
{
	for (size_t len; *text; text += len ? len : 1) {
		len = strspn(text, SAFE);
		size_t word = len;
		while (word > 0 && strchr("./-", text[word - 1]))
			word--;
		const char *dot = memchr(text, '.', word);
		if (word > 2 && dot && text[0] != '/' && text[0] != '.' && text[0] != '-')
			add_name(names, text, word);
	}
}

static json names_of(const struct task *task)
{
	json names = json_new_array(), checks = json_get(task->definition, "checks");
	for (int i = 0; i < json_length(checks); i++) {
		const char *path = json_get_string(json_at(checks, i), "path");
		if (path && strspn(path, SAFE) == strlen(path))
			add_name(&names, path, strlen(path));
	}
	add_words(&names, json_get_string(task->definition, "prompt"));
	if (json_length(names) == 0)
		add_name(&names, "answer.txt", strlen("answer.txt"));
	return names;
}

/* --- tools that a task declares ----------------------------------------- */

static unsigned below(uint64_t *state, int count)
{
	return (unsigned)(num_random(state) % (unsigned)count);
}

/* Something that a JSON Schema takes. */
static json random_value(json schema, uint64_t *state)
{
	static const char *const words[] = {"a", "on", "all", "item", "first", "stone", "north", "submit()", ""};
	json choices = json_get(schema, "enum");
	if (json_length(choices) > 0)
		return json_copy(json_at(choices, (int)below(state, json_length(choices))));
	if (json_get_is(schema, "type", "integer") || json_get_is(schema, "type", "number")) {
		double least = json_get_number(schema, "minimum", 0), most = json_get_number(schema, "maximum", least + 9);
		double range = most - least < 1e9 ? most - least : 1e9;
		return json_new_number(least + (range < 1 ? 0 : (double)below(state, (int)range + 1)));
	}
	if (json_get_is(schema, "type", "boolean"))
		return json_new_bool(below(state, 2));
	if (json_get_is(schema, "type", "array")) {
		json list = json_new_array();
		for (unsigned left = below(state, 4); left > 0; left--)
			json_append(&list, random_value(json_get(schema, "items"), state));
		return list;
	}
	if (json_get_is(schema, "type", "object"))
		return json_new_object();
	return json_new_string(words[below(state, sizeof words / sizeof *words)]);
}

static json random_call(json tool, uint64_t *state)
{
	json action = json_new_object(), args = json_new_object(), schema;
	const char *key;
	json properties = json_get(json_get(tool, "parameters"), "properties");
	for (int at = -1; json_each(properties, &at, &key, &schema);)
		json_set(&args, key, random_value(schema, state));
	json_set_string(&action, "tool", json_get_string(tool, "name"));
	json_set(&action, "args", args);
	return action;
}

/* Those of the task's tools that are its own. Owned. */
static json declared_tools(const struct task *task)
{
	json declared = json_new_array(), tools = json_get(task->definition, "tools");
	for (int i = 0; i < json_length(tools); i++)
		if (json_is_object(json_at(tools, i)))
			json_append(&declared, json_copy(json_at(tools, i)));
	return declared;
}

static void call_tools(json tools, uint64_t *state, json *actions)
{
	for (int i = 0; i < CALLS; i++)
		json_append(actions, random_call(json_at(tools, (int)below(state, json_length(tools))), state));
}

/* --- commands ------------------------------------------------------------ */

static void run_commands(const struct task *task, uint64_t *state, json *actions)
{
	JSON_AUTO names = names_of(task);
	BUF_AUTO all = {0};
	buf_add_string(&all, "for name in");
	for (int i = 0; i < json_length(names); i++)
		buf_add_format(&all, " %s", json_string(json_at(names, i)));
	buf_add_string(&all, "; do mkdir -p -- \"$(dirname -- \"$name\")\" && touch -- \"$name\"; done");
	json_append(actions, shell(all.data));
	for (int i = 1; i < COMMANDS; i++) {
		const char *name = json_string(json_at(names, (int)below(state, json_length(names))));
		const char *command = commands[below(state, sizeof commands / sizeof *commands)];
		STRING_AUTO line = mem_format("name=%s; %s", name, command);
		json_append(actions, shell(line));
	}
}

json gate_agent_random(const struct task *task)
{
	JSON_AUTO tools = declared_tools(task);
	json actions = json_new_array();
	uint64_t state = num_seed(task->id);
	if (json_length(tools) == 0 || task_boxed(task))
		run_commands(task, &state, &actions);
	if (json_length(tools) > 0)
		call_tools(tools, &state, &actions);
	json_append(&actions, submit(NULL));
	return actions;
}
