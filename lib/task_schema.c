#include "task_schema.h"

#include <stdio.h>
#include <string.h>

#include "normalise.h"
#include "task_checks.h"
#include "task_field.h"
#include "task_reward.h"
#include "task_workspaces.h"

#define AGENT_HOME "/home/agent" /* of every box: libexec/etc.c */

bool task_name_valid(const char *name)
{
	return field_name(name, TASK_NAME_MAX) && !strchr(name, '+');
}

bool task_path_valid(const char *path)
{
	if (!*path || strlen(path) > TASK_PATH_MAX)
		return false;
	for (const char *at = path;; at++) {
		size_t len = strcspn(at, "/");
		if (len == 0 || len > 255 || (len == 1 && at[0] == '.') || (len == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += len;
		if (!*at)
			return true;
	}
}

const char *task_path_in(const char *path, const char *const *names)
{
	size_t len = strcspn(path, "/");
	for (; *names; names++)
		if (strlen(*names) == len && !strncmp(path, *names, len))
			return *names;
	return NULL;
}

/* Where the box has its own things, a workspace cannot be. */
static int check_cwd(json value, const char *path, struct err *err)
{
	static const char *const taken[] = {"bin", "dev",  "etc", "lib",   "lib64", "proc",
	                                    "run", "sbin", "sys", "tests", "usr",   NULL};
	const char *cwd = json_string(value);
	if (cwd[0] != '/' || !task_path_valid(cwd + 1))
		return field_error(err, path, "must be an absolute path without empty, '.' and '..' components");
	const char *in = task_path_in(cwd + 1, taken);
	if (in)
		return field_error(err, path, "must not be in /%s", in);
	/* What the agent leaves in its home is to have no say where checks run. */
	if (!strcmp(cwd, "/home") ||
	    (!strncmp(cwd, AGENT_HOME, strlen(AGENT_HOME)) && strchr("/", cwd[strlen(AGENT_HOME)])))
		return field_error(err, path, "must not be the agent's home (" AGENT_HOME "), hold it or lie in it");
	return 0;
}

/* What tells how to solve a task, and what its digest is to cover, is no base. */
static int check_base(json value, const char *path, struct err *err)
{
	static const char *const taken[] = {".", "cheats", "files", "tests", "workspaces", NULL};
	const char *in = task_path_in(json_string(value), taken);
	return in ? field_error(err, path, "must not be in %s", in) : 0;
}

int task_schema_actions(json actions, const char *path, struct err *err)
{
	for (int i = 0; i < json_length(actions); i++) {
		json action = json_at(actions, i);
		if (!json_is_string(action) && !json_is_object(action))
			return field_error(err, path, "action %d must be a string or an object, not %s", i + 1,
			                   json_kind_name(action));
	}
	if (json_is_array(actions))
		return 0;
	return field_error(err, path, "must be an array of actions");
}

static int check_cheats(json cheats, const char *path, struct err *err)
{
	const char *name;
	json actions;
	for (int at = -1; json_each(cheats, &at, &name, &actions);) {
		char inside[FIELD_PATH_MAX];
		field_path(inside, path, name);
		if (!task_name_valid(name))
			return field_error(err, inside, "is no name of a cheat");
		if (task_schema_actions(actions, inside, err) < 0)
			return -1;
	}
	return 0;
}

/* One entry of "files", "workspaces" or "tests": a text, or an object that says what it is. */
static int check_file(json file, const char *path, struct err *err)
{
	static const struct field fields[] = {
	        {.key = "text", .kind = FIELD_CUSTOM},
	        {.key = "executable", .kind = FIELD_BOOL},
	        {.key = "link", .kind = FIELD_TEXT, .min = 1, .max = TASK_PATH_MAX},
	        {.key = "folder", .kind = FIELD_BOOL},
	        {0},
	};
	json checked, text = json_get(file, "text");
	if (json_is_string(file))
		return 0;
	if (field_object(file, fields, NULL, false, path, &checked, err) < 0)
		return -1;
	json_free(&checked);
	int forms = !json_is_none(text) + !json_is_none(json_get(file, "link")) + json_get_bool(file, "folder", false);
	if (forms != 1)
		return field_error(err, path, "must have one of \"text\", \"link\", \"folder\": true");
	if (!json_is_none(text) && !json_is_string(text))
		return field_error(err, path, "\"text\" must be a string");
	if (json_is_none(text) && !json_is_none(json_get(file, "executable")))
		return field_error(err, path, "only a file with \"text\" can be executable");
	return 0;
}

static int check_files(json files, const char *path, struct err *err)
{
	const char *name;
	json file;
	if (json_length(files) > 10000)
		return field_error(err, path, "more than 10000 files");
	for (int at = -1; json_each(files, &at, &name, &file);) {
		char inside[FIELD_PATH_MAX];
		field_path(inside, path, name);
		if (!task_path_valid(name))
			return field_error(err, inside, "must be a relative path without empty, '.' and '..' components");
		if (check_file(file, inside, err) < 0)
			return -1;
		for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
			char folder[TASK_PATH_MAX + 1];
			snprintf(folder, sizeof folder, "%.*s", (int)(slash - name), name);
			json above = json_get(files, folder);
			if (!json_is_none(above) && !json_get_bool(above, "folder", false))
				return field_error(err, inside, "is below a file that is no folder");
		}
	}
	return 0;
}

/* A tool that the task declares; its parameters are a JSON Schema, of which tool.c looks at the properties. */
static const struct field declared_fields[] = {
        {.key = "name", .kind = FIELD_NAME, .required = true, .min = 1, .max = 64},
        {.key = "description", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_TEXT_MAX},
        {.key = "parameters",
         .kind = FIELD_OBJECT,
         .fallback = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"},
        {.key = "main", .kind = FIELD_NAME, .min = 1, .max = 64},
        {0},
};

#define TOOLS "shell write_file read_file edit_file submit hint notebook sql"
#define TOOLS_OF_SETS                                                                                                  \
	"add_and_execute_code_cell edit_and_execute_current_cell execute_shell_command get_notebook_state sql_schema"

static bool is_among(const char *name, const char *choices)
{
	struct field field = {.kind = FIELD_CHOICE, .choices = choices};
	JSON_AUTO value = json_new_string(name);
	json checked = json_none();
	bool is = field_value(value, &field, false, "", &checked, NULL) == 0;
	json_free(&checked);
	return is;
}

static const char schema_types[] = "string number integer boolean array object null";

static bool is_type(json type)
{
	return json_is_string(type) && is_among(json_string(type), schema_types);
}

/* What an argument can be. */
static bool is_schema(json schema)
{
	json types = json_get(schema, "type"), choices = json_get(schema, "enum");
	bool is = json_is_object(schema) && (json_is_none(types) || is_type(types) || json_length(types) > 0);
	for (int i = 0; json_is_array(types) && i < json_length(types); i++)
		is = is && is_type(json_at(types, i));
	return is && (json_is_none(choices) || (json_is_array(choices) && json_length(choices) > 0));
}

bool task_schema_open(json schema)
{
	json more = json_get(schema, "additionalProperties");
	return json_is_object(more) || json_bool(more, false);
}

/* What tool.c looks at: with another word there an agent could give nothing that fits. */
static int check_parameters(json schema, const char *path, struct err *err)
{
	json properties = json_get(schema, "properties"), required = json_get(schema, "required"), value;
	const char *key;
	if (!json_is_none(properties) && !json_is_object(properties))
		return field_error(err, path, ".parameters.properties must be an object");
	for (int at = -1; json_each(properties, &at, &key, &value);)
		if (!is_schema(value))
			return field_error(err, path,
			                   ".parameters.properties.%.60s must be an object, its type, if it has one, "
			                   "of: %s; its enum an array that has a value",
			                   key, schema_types);
	if (!json_is_none(required) && !json_is_array(required))
		return field_error(err, path, ".parameters.required must be an array");
	for (int i = 0; i < json_length(required); i++) {
		const char *name = json_string(json_at(required, i));
		if (!name || (json_is_none(json_get(properties, name)) && !task_schema_open(schema)))
			return field_error(err, path, ".parameters.required: %.60s is none of its properties",
			                   name ? name : json_kind_name(json_at(required, i)));
	}
	return 0;
}

static int check_tool(json tool, const char *path, struct err *err)
{
	json checked;
	const char *name = json_get_string(tool, "name");
	if (json_is_string(tool) && !is_among(json_string(tool), TOOLS))
		return field_error(err, path, "must be one of: " TOOLS "; or an object that declares a tool");
	if (json_is_string(tool))
		return 0;
	if (field_object(tool, declared_fields, NULL, false, path, &checked, err) < 0)
		return -1;
	if (check_parameters(json_get(checked, "parameters"), path, err) < 0) {
		json_free(&checked);
		return -1;
	}
	json main = json_get(tool, "main");
	bool main_known =
	        json_is_none(main) ||
	        json_is_object(json_get(json_get(json_get(checked, "parameters"), "properties"), json_string(main)));
	json_free(&checked);
	if (strpbrk(name, ".+"))
		return field_error(err, path, ".name must be letters, digits, '_' and '-'");
	if (!main_known)
		return field_error(err, path, ".main is none of the properties of its parameters");
	if (is_among(name, TOOLS) || is_among(name, TOOLS_OF_SETS))
		return field_error(err, path, "the name %s is that of a tool of pipegym's", name);
	return 0;
}

static const char *tool_name(json tool)
{
	const char *name = json_string(tool);
	return name ? name : json_get_string(tool, "name");
}

static int check_tools(json tools, const char *path, struct err *err)
{
	for (int i = 0; i < json_length(tools); i++)
		for (int j = 0; j < i; j++)
			if (!strcmp(tool_name(json_at(tools, i)), tool_name(json_at(tools, j))))
				return field_error(err, path, "%.60s is there twice", tool_name(json_at(tools, i)));
	return 0;
}

static const struct field tag_field = {.kind = FIELD_NAME, .max = 64};
static const struct field hint_field = {.kind = FIELD_TEXT, .min = 1, .max = TASK_TEXT_MAX};
static const struct field program_field = {.kind = FIELD_NAME, .max = 100};
static const struct field tool_field = {.kind = FIELD_CUSTOM, .check = check_tool};
static const struct field any_field = {.kind = FIELD_CUSTOM};

static const struct field word_field = {.kind = FIELD_TEXT, .max = 4096};

static const struct field program_fields[] = {
        {.key = "command", .kind = FIELD_ARRAY, .min = 1, .max = 60, .element = &word_field},
        {.key = "adapter", .kind = FIELD_CHOICE, .choices = "gymnasium codegym"},
        {.key = "class", .kind = FIELD_TEXT, .min = 3, .max = 1000},
        {0},
};

static const struct field referee_fields[] = {
        {.key = "command", .kind = FIELD_ARRAY, .required = true, .min = 1, .max = 60, .element = &word_field},
        {0},
};

static const struct field sql_fields[] = {
        {.key = "database", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_PATH_MAX, .check = task_check_path},
        {.key = "rows", .kind = FIELD_WHOLE, .fallback = "50", .min = 1, .max = 1000},
        {.key = "read_only", .kind = FIELD_BOOL, .fallback = "false"},
        {0},
};
static const struct field workspace_field = {.kind = FIELD_TEXT, .min = 2, .max = 200, .check = check_cwd};

static const struct field env_fields[] = {
        {.key = "kind", .kind = FIELD_CHOICE, .fallback = "\"shell\"", .choices = "shell jq program"},
        {.key = "options", .kind = FIELD_OBJECT},
        {.key = "program", .kind = FIELD_OBJECT, .fields = program_fields},
        {.key = "referee", .kind = FIELD_OBJECT, .fields = referee_fields},
        {.key = "sql", .kind = FIELD_OBJECT, .fields = sql_fields},
        {.key = "shell", .kind = FIELD_CHOICE, .fallback = "\"/bin/bash\"", .choices = "/bin/bash"},
        {.key = "cwd", .kind = FIELD_TEXT, .fallback = "\"/workspace\"", .min = 2, .max = 200, .check = check_cwd},
        {.key = "workspaces", .kind = FIELD_ARRAY, .max = TASK_WORKSPACES_MAX, .element = &workspace_field},
        {.key = "commands", .kind = FIELD_CHOICE, .choices = "session intercode"},
        {.key = "network", .kind = FIELD_CHOICE, .fallback = "\"loopback\"", .choices = "none loopback"},
        {.key = "background", .kind = FIELD_CHOICE, .fallback = "\"keep\"", .choices = "keep kill"},
        {.key = "merge_output", .kind = FIELD_BOOL, .fallback = "false"},
        {.key = "base", .kind = FIELD_TEXT, .min = 1, .max = TASK_PATH_MAX, .check = check_base},
        {0},
};

static const struct field normalise_fields[] = {
        {.key = "name", .kind = FIELD_NAME, .required = true, .max = 64},
        {.key = "pattern", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 1000},
        {.key = "with", .kind = FIELD_TEXT, .max = 200},
        {0},
};

static const struct field normalise_field = {.kind = FIELD_OBJECT, .fields = normalise_fields, .check = normalise_check};

static const struct field limits_fields[] = {
        {.key = "steps", .kind = FIELD_WHOLE, .fallback = "50", .min = 1, .max = 100000},
        {.key = "step_s", .kind = FIELD_NUMBER, .fallback = "10", .min = 0.1, .max = 86400},
        {.key = "total_s", .kind = FIELD_WHOLE, .fallback = "3600", .min = 1, .max = 604800},
        {.key = "memory_mib", .kind = FIELD_WHOLE, .fallback = "512", .min = 16, .max = 1048576},
        {.key = "disk_mib", .kind = FIELD_WHOLE, .fallback = "64", .min = 1, .max = 65536},
        {.key = "processes", .kind = FIELD_WHOLE, .fallback = "128", .min = 4, .max = 32768},
        {.key = "output_kib", .kind = FIELD_WHOLE, .fallback = "64", .min = 1, .max = 4096},
        {0},
};

static const struct field task_fields[] = {
        {.key = "id", .kind = FIELD_TEXT, .max = 1000},
        {.key = "name", .kind = FIELD_TEXT, .inline_only = true, .max = 1000},
        {.key = "title", .kind = FIELD_LINE, .required = true, .min = 1, .max = 200},
        {.key = "category", .kind = FIELD_NAME, .required = true, .max = 64},
        {.key = "difficulty", .kind = FIELD_CHOICE, .required = true, .choices = "easy medium hard"},
        {.key = "split", .kind = FIELD_CHOICE, .fallback = "\"train\"", .choices = "train test"},
        {.key = "tags", .kind = FIELD_ARRAY, .fallback = "[]", .max = 64, .element = &tag_field, .check = field_unique},
        {.key = "prompt", .kind = FIELD_TEXT, .required = true, .min = 1, .max = TASK_TEXT_MAX},
        {.key = "hints", .kind = FIELD_ARRAY, .fallback = "[]", .max = 64, .element = &hint_field},
        {.key = "requires", .kind = FIELD_ARRAY, .fallback = "[]", .max = 64, .element = &program_field},
        {.key = "env", .kind = FIELD_OBJECT, .fallback = "{}", .fields = env_fields},
        {.key = "tools",
         .kind = FIELD_ARRAY,
         .fallback = "[\"shell\",\"write_file\",\"read_file\",\"edit_file\",\"submit\"]",
         .min = 1,
         .max = 64,
         .element = &tool_field,
         .check = check_tools},
        {.key = "limits", .kind = FIELD_OBJECT, .fallback = "{}", .fields = limits_fields},
        {.key = "checks", .kind = FIELD_ARRAY, .required = true, .min = 1, .max = 256, .element = &any_field},
        {.key = "reward", .kind = FIELD_CUSTOM, .fallback = "\"all\"", .check = task_reward_check},
        {.key = "reward_range", .kind = FIELD_CUSTOM, .check = task_reward_range_check},
        {.key = "step_reward", .kind = FIELD_OBJECT, .fields = task_program_fields},
        {.key = "penalties", .kind = FIELD_OBJECT, .fields = task_penalty_fields},
        {.key = "idle_reward", .kind = FIELD_NUMBER, .fallback = "0", .min = 0, .max = 0.99},
        {.key = "attempts", .kind = FIELD_WHOLE, .fallback = "1", .min = 1, .max = 1000},
        {.key = "normalise", .kind = FIELD_ARRAY, .max = NORMALISE_OWN_MAX, .element = &normalise_field},
        {.key = "source", .kind = FIELD_OBJECT},
        {.key = "meta", .kind = FIELD_OBJECT},
        {.key = "files", .kind = FIELD_OBJECT, .inline_only = true, .check = check_files},
        {.key = "workspaces", .kind = FIELD_OBJECT, .inline_only = true, .check = check_files},
        {.key = "tests", .kind = FIELD_OBJECT, .inline_only = true, .check = check_files},
        {.key = "setup", .kind = FIELD_TEXT, .inline_only = true, .max = 1 << 20},
        {.key = "env_jq", .kind = FIELD_TEXT, .inline_only = true, .max = 1 << 20},
        {.key = "generate", .kind = FIELD_TEXT, .inline_only = true, .max = 1 << 20},
        {.key = "solution", .kind = FIELD_CUSTOM, .inline_only = true, .check = task_schema_actions},
        {.key = "cheats", .kind = FIELD_OBJECT, .inline_only = true, .check = check_cheats},
        {0},
};

/* What it says of its own name. */
static int check_id(json given, const char *id, bool inlined, struct err *err)
{
	const char *slash = strchr(id, '/'), *own = json_get_string(given, "id"), *name = json_get_string(given, "name");
	if (own && strcmp(own, id) != 0)
		return field_error(err, ".id", "must be \"%s\", as its place says", id);
	if (inlined && name && slash && strcmp(name, slash + 1) != 0)
		return field_error(err, ".name", "must be \"%s\", as in .id", slash + 1);
	return 0;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* What there is without a box. */
static int check_without_box(json tools, json checks, struct err *err)
{
	static const char *const able[] = {"submit", "hint", NULL}, *const types[] = {"answer", "jq", "output", NULL};
	for (int i = 0; i < json_length(tools); i++) {
		const char *name = json_string(json_at(tools, i));
		if (name && !is_one_of(name, able))
			return field_error(err, ".tools", "%s needs a box, and the jq kind has none", name);
	}
	for (int i = 0; i < json_length(checks); i++) {
		const char *type = json_get_string(json_at(checks, i), "type");
		if (!is_one_of(type, types))
			return field_error(err, ".checks", "a check of type %s needs a box, and the jq kind has none",
			                   type);
	}
	return 0;
}

/* What goes together with the kind. */
static int check_kind(json task, struct err *err)
{
	json env = json_get(task, "env"), program = json_get(env, "program"), tools = json_get(task, "tools");
	const char *kind = json_get_string(env, "kind");
	bool has_program = json_is_object(program), command = json_is_array(json_get(program, "command"));
	bool adapter = json_is_string(json_get(program, "adapter")), class = json_is_string(json_get(program, "class"));
	for (int i = 0; i < json_length(tools); i++) {
		const char *name = json_string(json_at(tools, i));
		if (!name && !strcmp(kind, "shell"))
			return field_error(err, ".tools", "only an environment (.env.kind) has tools that a task declares");
		if (name && !strcmp(name, "sql") && !json_is_object(json_get(env, "sql")))
			return field_error(err, ".env.sql", "is missing, and the tool sql needs it");
	}
	bool wanted = !strcmp(kind, "program"), referee = json_is_object(json_get(env, "referee"));
	if ((has_program || referee) != wanted)
		return field_error(err, wanted || has_program ? ".env.program" : ".env.referee",
		                   wanted ? "is missing" : "is for the kind program");
	if (has_program && (command == adapter || adapter != class))
		return field_error(err, ".env.program", "must have either a command, or an adapter and a class");
	return strcmp(kind, "jq") ? 0 : check_without_box(tools, json_get(task, "checks"), err);
}

int task_schema_check(json given, const char *id, bool inlined, json *definition, struct err *err)
{
	JSON_AUTO task = json_none();
	json checks;
	if (field_object(given, task_fields, NULL, inlined, "", &task, err) < 0 || check_id(given, id, inlined, err) < 0 ||
	    task_reward_shape(task, err) < 0 || task_checks(json_get(task, "checks"), &checks, err) < 0)
		return -1;
	json_set(&task, "checks", checks);
	if (check_kind(task, err) < 0 || workspaces_check(task, err) < 0)
		return -1;
	json_set_string(&task, "id", id);
	*definition = json_take(&task);
	return 0;
}
