#include "look.h"

#include <stdio.h>
#include <string.h>

#include "box.h"
#include "episode.h"
#include "grade.h"
#include "start.h"
#include "text.h"

#define NAMES_MS 5000
#define COMPARE_MS 30000
#define CHANGES_MAX (128u << 10) /* bytes of a comparison that are kept */

int look_names(const char *id, const char *folder, const char *beginning, struct buf *names, struct err *err)
{
	const char *const begins[] = {beginning, NULL};
	BOX_RESULT_AUTO result = {0};
	struct box_command command = {
	        .op = BOX_NAMES, .path = folder, .argv = begins, .patience_ms = NAMES_MS, .keep = BOX_PAYLOAD_MAX};
	struct episode *episode = episode_open(id, err);
	/* Without the lock: the box takes one request after the other. */
	int failed = !episode || !episode_boxed(episode->meta) || episode_connect(episode, err) < 0 ||
	             box_run(episode->box, &command, &result, err) < 0;
	episode_free(episode);
	if (failed)
		return -1;
	if (result.how != BOX_EXITED || result.code != 0)
		return err_set(err, ERR_INPUT, "no such folder");
	buf_add(names, buf_string(&result.out[0].head), result.out[0].head.len);
	return 0;
}

/* --- changes -------------------------------------------------------------- */

static int capture(struct box *box, struct workspaces *workspaces, struct err *err)
{
	char reason[120] = "";
	if (grade_capture(box, workspaces, reason, sizeof reason, err) < 0)
		return -1;
	return reason[0] ? err_set(err, ERR_INPUT, "%s", reason) : 0;
}

/* What diff says besides: "diff: a/NAME: No such file or directory" of a link or the like that is only in b. */
static void add_complaints(const char *said, struct buf *out)
{
	static const char begin[] = "diff: ", missing[] = ": No such file or directory";
	for (const char *end; (end = strchr(said, '\n')); said = end + 1) {
		const char *name = strncmp(said, begin, sizeof begin - 1) ? said : said + sizeof begin - 1;
		size_t len = (size_t)(end - name), rest = sizeof missing - 1;
		if (len > rest + 2 && !memcmp(end - rest, missing, rest) && (*name == 'a' || *name == 'b') && name[1] == '/')
			buf_add_format(out, "Only in %c: %.*s\n", *name == 'a' ? 'b' : 'a', (int)(len - rest) - 2,
			               name + 2);
		else
			buf_add_format(out, "%.*s\n", (int)len, name);
	}
}

/* Both in one box, below /a and /b. */
static int compare(struct box_host *host, const struct task *task, const struct workspaces *before,
                   const struct workspaces *after, struct buf *out, struct err *err)
{
	static const char *const argv[] = {"diff", "-ruN", "--no-dereference", "a", "b", NULL};
	char paths[2 * (TASK_WORKSPACES_MAX + 1)][BOX_PATH_MAX + 4];
	struct box_files files[2 * (TASK_WORKSPACES_MAX + 1)] = {0};
	struct box_limits limits;
	BOX_RESULT_AUTO result = {0};
	size_t count = 0;
	/* More folders than fit into a box: the first ones. */
	for (size_t i = 0; i < before->count && count + 2 <= BOX_PACKS_MAX; i++)
		for (int j = 0; j < 2; j++, count++) {
			snprintf(paths[count], sizeof paths[count], "/%c%s", j ? 'b' : 'a', before->paths[i]);
			files[count] = (struct box_files){.path = paths[count], .pack = (j ? after : before)->packs[i]};
		}
	if (start_limits(task, &limits, err) < 0)
		return -1;
	limits.disk_mib *= 2;
	limits.total_s = 0;
	limits.files = files;
	limits.file_count = count;
	struct box *box = box_new(host, &limits, NULL, err);
	struct box_command command = {
	        .op = BOX_EXEC, .cwd = "/", .argv = argv, .timeout_ms = COMPARE_MS, .keep = CHANGES_MAX};
	int failed = box ? box_run(box, &command, &result, err) : -1;
	box_free(box);
	if (failed)
		return -1;
	if (result.how == BOX_TIMEOUT)
		return err_set(err, ERR_INPUT, "to compare all files takes too long");
	/* 1: they differ; 2: so they may, but not all could be read. */
	if (result.how != BOX_EXITED || result.code > 2)
		return err_set(err, ERR_SYSTEM, "diff: %.200s", buf_string(&result.out[1].head));
	buf_add(out, buf_string(&result.out[0].head), result.out[0].head.len);
	if (result.out[0].cut > 0)
		text_add_cut(result.out[0].cut, out);
	buf_add(out, buf_string(&result.out[0].tail), result.out[0].tail.len);
	add_complaints(buf_string(&result.out[1].head), out);
	return 0;
}

static int capture_start(struct box_host *host, const struct task *task, const char *seed, struct workspaces *before,
                         struct err *err)
{
	struct start_source source;
	if (start_source_open(task, &source, err) < 0)
		return -1;
	struct box *box = start_box(host, &source, seed, NULL, err);
	int failed = box ? capture(box, before, err) : -1;
	box_free(box);
	start_source_close(&source);
	return failed;
}

static int changes(struct resources *resources, struct episode *episode, struct buf *out, struct err *err)
{
	WORKSPACES_AUTO before = {0};
	WORKSPACES_AUTO after = {0};
	const char *seed = json_get_string(episode->meta, "seed");
	if (!episode_boxed(episode->meta))
		return err_set(err, ERR_INPUT, "this task has no workspace");
	const struct task *task = resources_task(resources, episode->meta, err);
	struct box_host *host = task ? resources_host(resources, err) : NULL;
	if (!host)
		return -1;
	workspaces_of(task->definition, &before);
	workspaces_of(task->definition, &after);
	if (episode_lock(episode, err) < 0 || episode_connect(episode, err) < 0 || capture(episode->box, &after, err) < 0)
		return -1;
	return capture_start(host, task, seed ? seed : "0", &before, err) < 0
	               ? -1
	               : compare(host, task, &before, &after, out, err);
}

int look_changes(struct resources *resources, const char *id, struct buf *out, struct err *err)
{
	struct episode *episode = episode_open(id, err);
	int failed = episode ? changes(resources, episode, out, err) : -1;
	episode_free(episode);
	return failed;
}
