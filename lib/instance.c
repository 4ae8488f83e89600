#include "instance.h"

#include <string.h>

#include "buf.h"
#include "fd.h"
#include "kind.h"
#include "start.h"
#include "task_pack.h"
#include "text.h"

#define GENERATE_MAX (16u << 20) /* bytes that it may print */

static int too_long(struct err *err)
{
	return err_set(err, ERR_INPUT, "it prints more than %u MiB", GENERATE_MAX >> 20);
}

/* It sees the workspaces' files and the hidden ones. */
static int run_script(struct box *box, const struct task *task, const char *script, const char *seed,
                      struct box_result *result, struct err *err)
{
	static const char *const argv[] = {"/bin/bash", "-c",
	                                   "IFS= read -rd '' script; exec </dev/null; IFS=$' \\t\\n'; eval \"$script\"",
	                                   "generate.sh", NULL};
	if (start_script(box, task, argv, script, seed, GENERATE_MAX, result, err) < 0)
		return -1;
	if (result->how == BOX_EXITED && result->code == 0)
		return 0;
	if (result->how == BOX_TIMEOUT)
		return err_set(err, ERR_INPUT, "it took more than %d s", START_SCRIPT_S);
	if (result->how == BOX_FLOODED)
		return too_long(err);
	const char *said = buf_string(&result->out[1].head);
	return err_set(err, ERR_INPUT, "it %s %d%s%.*s",
	               result->how == BOX_EXITED ? "ended with status" : "was killed by signal", result->code,
	               *said ? ": " : "", (int)strcspn(said, "\n"), said);
}

static int parse_output(const struct box_output *output, json *patch, struct err *err)
{
	const char *text = buf_string(&output->head);
	size_t len = output->head.len, valid = text_valid(text, len);
	if (output->cut > 0)
		return too_long(err);
	if (valid < len)
		return err_set(err, ERR_INPUT, "it prints invalid UTF-8 at byte %zu", valid + 1);
	return json_parse(text, len, patch, err) < 0 ? err_context(err, "what it prints") : 0;
}

static int generate(struct box_host *host, const struct task *task, const char *script, const char *seed, json *patch,
                    struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_limits limits;
	WORKSPACES_AUTO files = {0};
	FD_AUTO tests = task_pack(task, "tests", err);
	if (tests < 0 || workspaces_pack(task, &files, err) < 0 || start_limits(task, &limits, err) < 0)
		return -1;
	struct box_files parts[BOX_PACKS_MAX] = {{.path = START_TESTS, .pack = tests}};
	limits.files = parts;
	limits.file_count = 1 + workspaces_files(&files, parts + 1);
	struct box *box = box_new(host, &limits, NULL, err);
	if (!box)
		return -1;
	int failed = run_script(box, task, script, seed, &result, err);
	box_free(box);
	return failed ? -1 : parse_output(&result.out[0], patch, err);
}

struct task *instance_make(struct box_host *host, struct eval *eval, const struct task *task, const char *seed,
                           struct err *err)
{
	JSON_AUTO script = json_none();
	JSON_AUTO patch = json_none();
	struct task *instance = NULL;
	bool boxed = task_boxed(task);
	if (boxed && task_generator(task, &script, err) < 0)
		return NULL;
	if ((boxed ? generate(host, task, json_is_string(script) ? json_string(script) : "false", seed, &patch, err)
	           : kind_jq_generate(eval, task, seed, &patch, err)) == 0)
		instance = task_instance(task, patch, err);
	if (!instance)
		err_context(err, "task %s: %s, seed %.40s", task->id, boxed ? "generate.sh" : "env.jq: generate", seed);
	return instance;
}
