/* The file check: what one path of the workspace is and holds. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "digest.h"
#include "match.h"

#define CONTENT_MAX (16u << 20) /* bytes of a file that a condition looks at */

/* What kind of thing is there ("absent": nothing; "hidden": that cannot be told; "outside": not of the workspace), and
 * its mode, in a box that has run nothing of the agent's. */
static int look(struct check_context *context, const char *path, char kind[16], unsigned *mode,
                struct check_outcome *outcome, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command command = {.op = BOX_STAT, .path = path, .timeout_ms = 10000, .inside = true, .keep = 4096};
	if (!context->files && !(context->files = check_box(context, false, outcome, err)))
		return -1;
	if (box_run(context->files, &command, &result, err) < 0)
		return -1;
	const char *none = result.how != BOX_EXITED ? "hidden"
	                   : result.code == 1       ? "absent"
	                   : result.code == 3       ? "outside"
	                                            : "hidden";
	strcpy(kind, none);
	if (result.how == BOX_EXITED && result.code == 0 &&
	    sscanf(buf_string(&result.out[0].head), "%o %15s", mode, kind) != 2)
		return err_set(err, ERR_SYSTEM, "the box's answer makes no sense");
	return 0;
}

static int content(struct check_context *context, const char *path, struct buf *out, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command command = {.op = BOX_READ, .path = path, .timeout_ms = 10000, .keep = 2 * CONTENT_MAX};
	if (box_run(context->files, &command, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0 && result.out[0].total <= CONTENT_MAX) {
		*out = result.out[0].head;
		memset(&result.out[0].head, 0, sizeof *out);
		return 0;
	}
	return 1;
}

int check_read(struct check_context *context, const char *path, size_t max, struct buf *out,
               struct check_outcome *outcome, struct err *err)
{
	char kind[16];
	unsigned mode;
	if (look(context, path, kind, &mode, outcome, err) < 0)
		return outcome->reason[0] ? 0 : -1;
	int failed = strcmp(kind, "regular") != 0 ? 1 : content(context, path, out, err);
	if (!strcmp(kind, "absent"))
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s is missing", path);
	else if (failed > 0 || out->len > max)
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s cannot be read, or is too large", path);
	return failed < 0 ? -1 : 0;
}

struct shipped {
	const char *path;
	const struct buf *content;
	bool found, same;
};

static int shipped_visit(const struct task_file *file, void *context, struct err *err)
{
	struct shipped *shipped = context;
	(void)err;
	if (!strcmp(file->path, shipped->path) && !file->folder && !file->link) {
		shipped->found = true;
		shipped->same = file->len == shipped->content->len &&
		                !memcmp(file->data, buf_string(shipped->content), file->len);
	}
	return 0;
}

/* What the task does not ship was not changed by the agent, whatever it is now: the task is wrong. */
static int check_untouched(struct check_context *context, const char *path, const struct buf *text,
                           struct check_outcome *outcome, struct err *err)
{
	struct shipped shipped = {.path = path, .content = text};
	bool elsewhere = path[0] == '/';
	shipped.path += elsewhere;
	if (task_files(context->task, elsewhere ? "workspaces" : "files", shipped_visit, &shipped, err) < 0)
		return -1;
	if (!shipped.found)
		return err_set(err, ERR_INPUT,
		               "untouched: the task ships no file %.100s; for what setup.sh makes there is sha256", path);
	if (!shipped.same)
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s was changed", path);
	return 0;
}

static int check_content(struct check_context *context, json check, const char *path, struct check_outcome *outcome,
                         struct err *err)
{
	BUF_AUTO text = {0};
	char digest[DIGEST_TEXT], why[120];
	const char *sha256 = json_get_string(check, "sha256");
	json condition = json_get(check, "content");
	bool untouched = json_get_bool(check, "untouched", false);
	if (!sha256 && json_is_none(condition) && !untouched)
		return 0;
	int failed = content(context, path, &text, err);
	if (failed < 0)
		return -1;
	digest_of(buf_string(&text), text.len, digest);
	if (failed > 0) {
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s cannot be read, or is too large", path);
	} else if (sha256 && strcmp(sha256, digest + strlen("sha256:")) != 0) {
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s: another content is expected", path);
	} else if (!json_is_none(condition) && !match_text(condition, buf_string(&text), text.len, why, sizeof why)) {
		snprintf(outcome->reason, sizeof outcome->reason, "%.60s: %s", path, why);
	} else if (untouched) {
		return check_untouched(context, path, &text, outcome, err);
	}
	return 0;
}

/* What is in the working directory has a name from there, by which it is found in every kind of box. */
static const char *from_cwd(const struct task *task, const char *path)
{
	const char *cwd = task_cwd(task);
	size_t len = strlen(cwd);
	return !strncmp(path, cwd, len) && path[len] == '/' ? path + len + 1 : path;
}

int check_file(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	const char *path = from_cwd(context->task, json_get_string(check, "path"));
	const char *mode = json_get_string(check, "mode"), *wanted = json_get_string(check, "kind");
	bool exists = json_get_bool(check, "exists", true), untouched = json_get_bool(check, "untouched", false);
	char kind[16];
	unsigned bits = 0;
	if (look(context, path, kind, &bits, outcome, err) < 0)
		return outcome->reason[0] ? 0 : -1;
	bool absent = !strcmp(kind, "absent");
	if (!strcmp(kind, "hidden"))
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s cannot be looked at", path);
	else if (!strcmp(kind, "outside"))
		snprintf(outcome->reason, sizeof outcome->reason,
		         "%.100s is behind a link that leads out of the workspace", path);
	else if (absent == exists)
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s %s", path,
		         exists ? "is missing" : "is still there");
	else if (exists && strcmp(kind, wanted ? wanted : "regular") != 0)
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s is another kind of file (%s)", path, kind);
	else if (exists && mode && strtoul(mode, NULL, 8) != bits)
		snprintf(outcome->reason, sizeof outcome->reason, "%.100s has another mode (%04o)", path, bits);
	else if (exists && !strcmp(kind, "regular") && check_content(context, check, path, outcome, err) < 0)
		return -1;
	outcome->score = outcome->reason[0] ? 0 : 1;
	outcome->tampered = untouched && outcome->score < 1;
	return 0;
}
