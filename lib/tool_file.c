/* The file tools. Paths are the box's own, relative ones to the session's working directory. */
#include "tool.h"

#include <string.h>

#include "buf.h"
#include "task.h"
#include "text.h"

#define EDIT_MAX (16u << 20) /* bytes of a file that can be edited */

static int run(struct tool_context *context, enum box_op op, const char *path, const char *data, size_t len,
               size_t keep, struct box_result *result, struct err *err)
{
	struct box_command command = {
	        .op = op,
	        .path = path,
	        .input = data,
	        .input_len = len,
	        .keep = keep,
	        .timeout_ms = tool_timeout_ms(context, json_none()),
	};
	return box_run(context->box, &command, result, err);
}

/* 1: *path is as the box takes it; 0: the failure is told; -1. */
static int path_argument(struct tool_context *context, const char *tool, json args, const char **path,
                         json *observation, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	size_t len;
	*path = json_text(json_get(args, "path"), &len);
	if (len > 0 && len < 4096 && !memchr(*path, '\0', len))
		return 1;
	/* For where the session is. */
	if (run(context, BOX_STAT, "/", NULL, 0, 4096, &result, err) < 0)
		return -1;
	STRING_AUTO message = mem_format("%s: a path has 1 to 4095 bytes and no NUL character\n", tool);
	tool_failure(observation, message);
	tool_where(&result, observation);
	return 0;
}

/* The box's complaint, with the tool's name before it. Returns whether there was one. */
static bool complained(const char *tool, const struct box_result *result, json *observation)
{
	if (result->how == BOX_EXITED && result->code == 0)
		return false;
	BUF_AUTO message = {0};
	buf_add_format(&message, "%s: ", tool);
	if (result->out[1].head.len > 0)
		text_repair(result->out[1].head.data, result->out[1].head.len, &message);
	else
		buf_add_string(&message, result->how == BOX_TIMEOUT ? "timed out\n" : "failed\n");
	tool_failure(observation, message.data);
	tool_where(result, observation);
	const char *limit = tool_limit(result);
	if (limit) {
		json info = json_new_object();
		json_set_string(&info, "limit", limit);
		json_set(observation, "info", info);
	}
	return true;
}

int tool_write_file(struct tool_context *context, json args, json *observation, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	size_t len;
	const char *content = json_text(json_get(args, "content"), &len);
	const char *path;
	int fit = path_argument(context, "write_file", args, &path, observation, err);
	if (fit <= 0)
		return fit;
	if (run(context, BOX_WRITE, path, content, len, 4096, &result, err) < 0)
		return -1;
	if (!complained("write_file", &result, observation))
		tool_result(&result, observation);
	return 0;
}

int tool_read_file(struct tool_context *context, json args, json *observation, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	size_t keep = task_output_max(context->limits);
	const char *path;
	int fit = path_argument(context, "read_file", args, &path, observation, err);
	if (fit <= 0)
		return fit;
	if (run(context, BOX_READ, path, NULL, 0, keep, &result, err) < 0)
		return -1;
	if (!complained("read_file", &result, observation))
		tool_result(&result, observation);
	return 0;
}

/* Where old stands in text, if exactly once; else NULL and why. */
static const char *find_once(const struct buf *text, const char *old, size_t len, const char **why)
{
	const char *first = len ? memmem(buf_string(text), text->len, old, len) : NULL;
	*why = len ? "the old text does not occur" : "the old text is empty";
	if (!first)
		return NULL;
	size_t rest = text->len - (size_t)(first + 1 - text->data);
	if (!memmem(first + 1, rest, old, len))
		return first;
	*why = "the old text occurs more than once";
	return NULL;
}

int tool_edit_file(struct tool_context *context, json args, json *observation, struct err *err)
{
	BOX_RESULT_AUTO before = {0};
	BOX_RESULT_AUTO after = {0};
	BUF_AUTO edited = {0};
	size_t old_len, new_len;
	const char *old = json_text(json_get(args, "old"), &old_len), *new = json_text(json_get(args, "new"), &new_len);
	const char *why, *path;
	int fit = path_argument(context, "edit_file", args, &path, observation, err);
	if (fit <= 0)
		return fit;
	if (run(context, BOX_READ, path, NULL, 0, EDIT_MAX, &before, err) < 0)
		return -1;
	if (complained("edit_file", &before, observation))
		return 0;
	const struct buf *text = &before.out[0].head;
	const char *at = NULL;
	if (before.out[0].total > EDIT_MAX)
		why = "the file is too large";
	else
		at = find_once(text, old, old_len, &why);
	if (!at) {
		STRING_AUTO message = mem_format("edit_file: %s: %s\n", path, why);
		tool_failure(observation, message);
		tool_where(&before, observation);
		return 0;
	}
	buf_add(&edited, text->data, (size_t)(at - text->data));
	buf_add(&edited, new, new_len);
	buf_add(&edited, at + old_len, text->len - (size_t)(at - text->data) - old_len);
	if (run(context, BOX_WRITE, path, edited.data, edited.len, 4096, &after, err) < 0)
		return -1;
	if (!complained("edit_file", &after, observation))
		tool_result(&after, observation);
	return 0;
}
