#include "notebook.h"

#include <stdio.h>
#include <string.h>

#define LOST                                                                                                           \
	"The notebook lost its state here: its program ended, or was ended because it did not answer in time. What "   \
	"follows ran in another one, in which no variable was set."
#define TOO_LONG                                                                                                       \
	"This notebook is not here: with it the rollout would be longer than a line may be. All of its cells are in "  \
	"the rollout's steps."

/* The cells as far as they are known. Ids are of places in the file, since the program's own numbers begin anew with it. */
struct draft {
	json cells;
	json last; /* of code, which can still be edited; json_none() if there is none */
	int code, notes;
};

static bool is_word(json value, const char *word)
{
	size_t len = 0;
	const char *text = json_text(value, &len);
	return text && len == strlen(word) && !memcmp(text, word, len);
}

static bool is_texts(json values)
{
	for (int i = 0; i < json_length(values); i++)
		if (!json_is_string(json_at(values, i)))
			return false;
	return json_is_array(values);
}

/* What the kernel shows of a value: texts by their kinds. */
static bool is_bundle(json output)
{
	json data = json_get(output, "data"), metadata = json_get(output, "metadata"), value;
	const char *kind;
	for (int at = -1; json_each(data, &at, &kind, &value);)
		if (!json_is_string(value))
			return false;
	return json_is_object(data) && json_is_object(metadata) && json_length(metadata) == 0;
}

/* The program counts executions from 1. */
static bool is_count(json value)
{
	return json_get_int(value, "execution_count", 1, INT32_MAX, 0) > 0;
}

/* nbformat wants these fields and no others. */
static bool is_output(json output)
{
	json type = json_get(output, "output_type"), name = json_get(output, "name");
	if (is_word(type, "stream"))
		return json_length(output) == 3 && (is_word(name, "stdout") || is_word(name, "stderr")) &&
		       json_is_string(json_get(output, "text"));
	if (is_word(type, "error"))
		return json_length(output) == 4 && json_is_string(json_get(output, "ename")) &&
		       json_is_string(json_get(output, "evalue")) && is_texts(json_get(output, "traceback"));
	if (is_word(type, "display_data"))
		return json_length(output) == 3 && is_bundle(output);
	return is_word(type, "execute_result") && json_length(output) == 4 && is_bundle(output) && is_count(output);
}

static bool is_cell(json code, json info)
{
	json outputs = json_get(info, "outputs");
	if (!json_is_string(code) || !json_is_number(json_get(info, "cell")) || !is_count(info) || !json_is_array(outputs))
		return false;
	for (int i = 0; i < json_length(outputs); i++)
		if (!is_output(json_at(outputs, i)))
			return false;
	return true;
}

static json new_cell(const char *type, const char *name, int number)
{
	json cell = json_new_object();
	char id[32];
	snprintf(id, sizeof id, "%s-%d", name, number);
	json_set_string(&cell, "cell_type", type);
	json_set_string(&cell, "id", id);
	json_set(&cell, "metadata", json_new_object());
	return cell;
}

/* The last cell can be edited no more. */
static void settle(struct draft *draft)
{
	if (!json_is_none(draft->last))
		json_append(&draft->cells, json_take(&draft->last));
}

static void run_cell(struct draft *draft, json code, json info)
{
	if (json_is_none(draft->last))
		draft->last = new_cell("code", "cell", ++draft->code);
	json_set(&draft->last, "execution_count", json_copy(json_get(info, "execution_count")));
	json_set(&draft->last, "source", json_copy(code));
	json_set(&draft->last, "outputs", json_copy(json_get(info, "outputs")));
}

static void note(struct draft *draft, const char *text)
{
	json cell = new_cell("markdown", "note", ++draft->notes);
	settle(draft);
	json_set_string(&cell, "source", text);
	json_append(&draft->cells, cell);
}

static void add_step(struct draft *draft, json step)
{
	json action = json_get(step, "action"), code = json_get(json_get(action, "args"), "code");
	json info = json_get(json_get(step, "observation"), "info");
	const char *tool = json_get_string(action, "tool");
	bool adds = tool && !strcmp(tool, "add_and_execute_code_cell");
	bool edits = tool && !strcmp(tool, "edit_and_execute_current_cell");
	bool others = tool && (!strcmp(tool, "execute_shell_command") || !strcmp(tool, "get_notebook_state"));
	if ((adds || edits || others) && json_is_string(json_get(info, "notebook"))) {
		note(draft, LOST);
		return;
	}
	/* Also of a cell that is left out: what edits it must not replace the one before. */
	if (adds)
		settle(draft);
	if ((adds || edits) && is_cell(code, info))
		run_cell(draft, code, info);
}

/* Takes the cells. */
static json file_of(json cells)
{
	static const char metadata[] =
	        "{\"kernelspec\":{\"name\":\"python3\",\"display_name\":\"Python 3\",\"language\":\"python\"},"
	        "\"language_info\":{\"name\":\"python\"}}";
	json file = json_new_object(), described = json_none();
	(void)json_parse(metadata, strlen(metadata), &described, NULL);
	json_set_number(&file, "nbformat", 4);
	json_set_number(&file, "nbformat_minor", 5);
	json_set(&file, "metadata", described);
	json_set(&file, "cells", cells);
	return file;
}

json notebook_of(json steps)
{
	struct draft draft = {.cells = json_new_array(), .last = json_none()};
	for (int i = 0; i < json_length(steps); i++)
		add_step(&draft, json_at(steps, i));
	settle(&draft);
	if (draft.code > 0)
		return file_of(draft.cells);
	json_free(&draft.cells);
	return json_none();
}

json notebook_too_long(void)
{
	struct draft draft = {.cells = json_new_array(), .last = json_none()};
	note(&draft, TOO_LONG);
	return file_of(draft.cells);
}
