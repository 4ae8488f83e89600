/*
 * The judge check: a command outside of boxes gets the rollout and says a
 * score. A task can name a judge and no more; which program that is, if any,
 * the caller says: an executable of that name in the folder $PIPEGYM_JUDGES.
 * What a judge does wrong is never a score.
 */
#include "check.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "keeper.h"
#include "text.h"

#define OUTPUT_MAX (64u << 10)
#define PASSED_ON "PIPEGYM_JUDGE_" /* variables of the caller's that are for judges */
#define VARIABLES_MAX 64

static int find_judge(const char *name, char path[PATH_MAX], struct err *err)
{
	const char *folder = getenv("PIPEGYM_JUDGES");
	char absolute[PATH_MAX];
	if (!folder || !*folder)
		return err_set(err, ERR_SYSTEM, "there is no judge %s: PIPEGYM_JUDGES is not set", name);
	if (!realpath(folder, absolute))
		return err_system(err, "PIPEGYM_JUDGES: %.200s", folder);
	if (snprintf(path, PATH_MAX, "%s/%s", absolute, name) >= PATH_MAX || access(path, X_OK) < 0)
		return err_system(err, "there is no judge %.300s", path);
	return 0;
}

/* list[0..] of borrowed strings, which ends with NULL. */
static void environment(const char *list[VARIABLES_MAX], char home[PATH_MAX])
{
	size_t count = 0;
	list[count++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	list[count++] = "LC_ALL=C.UTF-8";
	list[count++] = "TZ=UTC";
	if (getenv("HOME") && snprintf(home, PATH_MAX, "HOME=%s", getenv("HOME")) < PATH_MAX)
		list[count++] = home;
	for (char **entry = environ; *entry && count < VARIABLES_MAX - 1; entry++)
		if (!strncmp(*entry, PASSED_ON, strlen(PASSED_ON)))
			list[count++] = *entry;
	list[count] = NULL;
}

/* What the judge gets: one line. */
static int describe(struct check_context *context, json check, struct buf *line, struct err *err)
{
	json steps, answer = context->answer, rubric = json_get(check, "rubric");
	JSON_AUTO record = json_new_object();
	if (check_steps(context, &steps, err) < 0)
		return -1;
	json_set_string(&record, "type", "rollout");
	json_set_string(&record, "episode", context->episode);
	json_set_string(&record, "task", context->task->id);
	json_set_string(&record, "task_digest", context->task->digest);
	json_set_string(&record, "seed", context->seed);
	json_set(&record, "prompt", json_copy(json_get(context->task->definition, "prompt")));
	json_set(&record, "steps", json_copy(steps));
	json_set_or_null(&record, "answer", answer);
	json_set(&record, "checks", json_copy(context->checks));
	json_set_or_null(&record, "rubric", rubric);
	if (json_dump(record, false, line, err) < 0)
		return -1;
	buf_add_char(line, '\n');
	return 0;
}

/* The first line of what it said on standard error, as ": text", or "". */
static const char *complaint(const struct keeper_result *result, char text[160])
{
	BUF_AUTO repaired = {0};
	const char *said = buf_string(&result->error);
	text_repair(said, strcspn(said, "\n"), &repaired);
	size_t len = text_cut_end(buf_string(&repaired), repaired.len < 150 ? repaired.len : 150);
	snprintf(text, 160, "%s%.*s", len ? ": " : "", (int)len, buf_string(&repaired));
	return text;
}

static int read_score(const struct keeper_result *result, struct check_outcome *outcome, struct err *err)
{
	JSON_AUTO said = json_none();
	const char *text = buf_string(&result->out);
	if (text_valid(text, result->out.len) != result->out.len || json_parse(text, result->out.len, &said, err) < 0 ||
	    !json_is_object(said))
		return err_set(err, ERR_SYSTEM, "it printed no JSON object");
	double score = json_get_number(said, "score", NAN);
	const char *reason = json_get_string(said, "reason");
	if (!(score >= 0 && score <= 1))
		return err_set(err, ERR_SYSTEM, "its score is not a number from 0 to 1");
	outcome->score = score;
	size_t len = reason ? strlen(reason) : 0;
	if (score < 1)
		snprintf(outcome->reason, sizeof outcome->reason, "%.*s",
		         reason ? (int)text_cut_end(reason, len < 190 ? len : 190) : 190,
		         reason ? reason : "the judge is not content");
	return 0;
}

int check_judge(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BUF_AUTO line = {0};
	KEEPER_RESULT_AUTO result = {0};
	char path[PATH_MAX], home[PATH_MAX], said[160];
	const char *env[VARIABLES_MAX], *name = json_get_string(check, "judge");
	double timeout = json_get_number(check, "timeout_s", 60);
	if (find_judge(name, path, err) < 0 || describe(context, check, &line, err) < 0)
		return -1;
	environment(env, home);
	struct keeper_command command = {.path = path,
	                                 .env = env,
	                                 .input = line.data,
	                                 .input_len = line.len,
	                                 .timeout_ms = (unsigned)(timeout * 1000),
	                                 .keep = OUTPUT_MAX};
	int failed = keeper_run(&command, &result, err);
	if (!failed && result.how == KEEPER_TIMEOUT)
		failed = err_set(err, ERR_SYSTEM, "it took longer than %g s", timeout);
	else if (!failed && result.how == KEEPER_FLOODED)
		failed = err_set(err, ERR_SYSTEM, "it printed more than %u bytes", OUTPUT_MAX);
	else if (!failed && result.how == KEEPER_SIGNALED)
		failed = err_set(err, ERR_SYSTEM, "killed by signal %d%s", result.code, complaint(&result, said));
	else if (!failed && result.code != 0)
		failed = err_set(err, ERR_SYSTEM, "exit status %d%s", result.code, complaint(&result, said));
	else if (!failed)
		failed = read_score(&result, outcome, err);
	return failed ? err_context(err, "judge %s", name) : 0;
}
