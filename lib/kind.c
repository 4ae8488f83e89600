#include "kind.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "json_scan.h"
#include "text.h"

static const struct kind shell = {.name = "shell"};
static const struct kind *const kinds[] = {&shell, &kind_jq, &kind_program, &kind_notebook, &kind_sql};

const struct kind *kind_of_set(const char *set)
{
	for (size_t i = 1; set && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i]->name, set))
			return kinds[i];
	return &shell;
}

const struct kind *kind_of(json definition)
{
	return kind_of_set(json_get_string(json_get(definition, "env"), "kind"));
}

static bool is_of_kind(json tool)
{
	return json_is_object(tool) || kind_of_set(json_string(tool)) != &shell;
}

size_t kind_observation_max(json meta)
{
	size_t kept = task_output_max(json_get(meta, "limits"));
	json tools = json_get(meta, "tools");
	for (int i = 0; i < json_length(tools); i++)
		if (is_of_kind(json_at(tools, i)))
			return kept * 2 * 6 + KIND_INFO_MAX + (64u << 10);
	return kept * 2 * 6 + (64u << 10);
}

/* Which field of an answer is not as it must be; NULL: it is one. */
static const char *wrong_field(json answer)
{
	static const struct {
		const char *name;
		bool (*is)(json value);
	} fields[] = {{"reward", json_is_number},
	              {"terminated", json_is_bool},
	              {"truncated", json_is_bool},
	              {"info", json_is_object},
	              {"error", json_is_string}};
	if (!json_is_object(answer) || json_is_none(json_get(answer, "observation")))
		return "observation";
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		json value = json_get(answer, fields[i].name);
		if (!json_is_none(value) && !json_is_null(value) && !fields[i].is(value))
			return fields[i].name;
	}
	return NULL;
}

enum line_kind kind_hear(void *context, const char *text, size_t len)
{
	struct kind_heard *heard = context;
	json_free(&heard->answer);
	if (len == 0 || text[0] != '{' || text_valid(text, len) < len)
		return LINE_STRAY;
	/* It is the agent's who reaches the program, and costs the memory of whoever reads it. */
	if (len > EVAL_VALUES_MAX && json_scan_count(text, len) > EVAL_VALUES_MAX) {
		snprintf(heard->why, sizeof heard->why, "more than %u values", EVAL_VALUES_MAX);
		return LINE_UNFIT;
	}
	if (json_parse(text, len, &heard->answer, NULL) < 0 || json_is_none(json_get(heard->answer, "observation")))
		return LINE_STRAY;
	const char *wrong = wrong_field(heard->answer);
	if (wrong)
		snprintf(heard->why, sizeof heard->why, "its answer has no %s as it must be", wrong);
	/* What a referee is told, and a journal keeps, is in more levels, which must be readable too. */
	else if (len > KIND_DEPTH_MAX && json_depth(heard->answer) > KIND_DEPTH_MAX + 2)
		snprintf(heard->why, sizeof heard->why, "its answer is nested deeper than %d levels", KIND_DEPTH_MAX);
	return heard->why[0] ? LINE_UNFIT : LINE_REPLY;
}

/* A text as it is; another value as JSON, and under "observation" as well. */
static int set_text(json value, size_t max, json *observation, char *why, size_t size)
{
	BUF_AUTO text = {0};
	struct err err;
	size_t len;
	const char *string = json_text(value, &len);
	if (!string) {
		if (json_dump(value, true, &text, &err) < 0) {
			snprintf(why, size, "its observation: %.200s", err.text);
			return -1;
		}
		string = text.data;
		len = text.len;
		json_set(observation, "observation", json_copy(value));
	}
	if (len > max) {
		snprintf(why, size, "its observation is longer than %zu KiB", max >> 10);
		return -1;
	}
	json_set_text(observation, "stdout", string, len);
	return 0;
}

static bool info_fits(json info)
{
	BUF_AUTO text = {0};
	if (json_length(info) == 0)
		return true;
	return json_count(info) <= KIND_INFO_VALUES_MAX && json_dump(info, false, &text, NULL) == 0 &&
	       text.len <= KIND_INFO_MAX;
}

int kind_answer(const struct task *task, json answer, json *observation, char *why, size_t size)
{
	static const char *const copied[] = {"reward", "terminated", "truncated"};
	/* What a rollout is replayed and graded by. */
	static const char *const ours[] = {"invalid", "interrupted", "retried",      "undone",
	                                   "full",    "environment", "reward_error", "notebook"};
	const char *wrong = wrong_field(answer);
	size_t max = task_output_max(json_get(task->definition, "limits")), error_len = 0;
	const char *error = json_text(json_get(answer, "error"), &error_len);
	if (wrong) {
		snprintf(why, size, "its answer has no %s as it must be", wrong);
		return -1;
	}
	if (error_len > max) {
		snprintf(why, size, "its error is longer than %zu KiB", max >> 10);
		return -1;
	}
	json info = json_get(answer, "info");
	if (json_depth(info) > KIND_DEPTH_MAX || json_depth(json_get(answer, "observation")) > KIND_DEPTH_MAX) {
		snprintf(why, size, "its answer is nested deeper than %d levels", KIND_DEPTH_MAX);
		return -1;
	}
	if (!info_fits(info)) {
		snprintf(why, size, "its info has more than %d values, or %d KiB", KIND_INFO_VALUES_MAX,
		         KIND_INFO_MAX >> 10);
		return -1;
	}
	if (set_text(json_get(answer, "observation"), max, observation, why, size) < 0)
		return -1;
	json_set_text(observation, "stderr", error, error_len);
	json_set_number(observation, "exit", error_len > 0);
	info = json_is_object(info) ? json_copy(info) : json_new_object();
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		json_delete(&info, ours[i]);
	json_set(observation, "info", info);
	for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
		json value = json_get(answer, copied[i]);
		if (!json_is_none(value) && !json_is_null(value))
			json_set(observation, copied[i], json_copy(value));
	}
	return 0;
}

void kind_failed(struct kind_context *context, const char *how, const char *shown, const char *why, json *observation)
{
	json info = json_new_object();
	json_free(&context->state);
	context->state = json_new_text(why, strlen(why));
	json_set_string(&info, "environment", how);
	json_set(observation, "exit", json_new_null());
	json_set_string(observation, "error", shown);
	json_set(observation, "info", info);
	json_set(observation, "reward", json_new_null());
	json_set_bool(observation, "truncated", true);
}

bool kind_has_failed(json observation)
{
	return json_is_null(json_get(observation, "reward")) && json_get_bool(observation, "truncated", false) &&
	       json_get_string(json_get(observation, "info"), "environment");
}
