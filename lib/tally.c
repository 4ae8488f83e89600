#include "tally.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json_scan.h"
#include "tally_table.h"

/* What is looked at of a line. */
enum { RECORD, TYPE, TASK, STEPS, WALL_MS, REWARD, TRUNCATED, VERDICT, STATUS, PARTS };

static const struct json_shape timing_shape[] = {{JSON_ANY, "wall_ms", WALL_MS, NULL}, {0}};
static const struct json_shape observation_shape[] = {{JSON_OBJECT, "timing", -1, timing_shape}, {0}};
static const struct json_shape step_shape[] = {{JSON_OBJECT, "observation", -1, observation_shape}, {0}};
static const struct json_shape steps_shape[] = {{JSON_OBJECT, NULL, -1, step_shape}, {0}};
static const struct json_shape verdict_shape[] = {{JSON_ANY, "status", STATUS, NULL}, {0}};
static const struct json_shape rollout_shape[] = {
        {JSON_ANY, "type", TYPE, NULL},
        {JSON_ANY, "task", TASK, NULL},
        {JSON_ARRAY, "steps", STEPS, steps_shape},
        {JSON_ANY, "reward", REWARD, NULL},
        {JSON_ANY, "truncated", TRUNCATED, NULL},
        {JSON_OBJECT, "verdict", VERDICT, verdict_shape},
        {0},
};
static const struct json_shape record_shape = {JSON_OBJECT, NULL, RECORD, rollout_shape};

/* A line as it is read. */
struct reading {
	struct json_part parts[PARTS];
	uint64_t timed;
	double wall_ms;
};

/* What became of an episode. */
enum outcome { PASSED, FAILED, ERROR, UNGRADED };

struct tally *tally_new(void)
{
	struct tally *tally = mem_alloc(1, sizeof *tally);
	tally->tasks = mem_alloc(TALLY_TASKS_MAX, sizeof(struct tally_task *));
	return tally;
}

static void keep_node(void *node)
{
	(void)node;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	tdestroy(tally->tree, keep_node);
	for (size_t i = 0; i < tally->count; i++) {
		free(tally->tasks[i]->group);
		free(tally->tasks[i]);
	}
	free(tally->tasks);
	free(tally);
}

uint64_t tally_left_out(const struct tally *tally)
{
	return tally->left_out;
}

/* The tree compares ids with ids, of tasks or of their own. */
static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static struct tally_task *find_task(const struct tally *tally, const char *id)
{
	char *const *node = tfind(id, &tally->tree, compare);
	return node ? (struct tally_task *)(void *)(*node - offsetof(struct tally_task, id)) : NULL;
}

/* NULL: there are as many as there may be. */
static struct tally_task *find_or_add_task(struct tally *tally, const char *id)
{
	struct tally_task *task = find_task(tally, id);
	if (task || tally->count == TALLY_TASKS_MAX)
		return task;
	task = mem_alloc(1, sizeof *task + strlen(id) + 1);
	strcpy(task->id, id);
	if (!tsearch(task->id, &tally->tree, compare))
		abort(); /* out of memory, as in buf.h */
	return tally->tasks[tally->count++] = task;
}

bool tally_has(const struct tally *tally, const char *id)
{
	return find_task(tally, id) != NULL;
}

void tally_group(struct tally *tally, const char *id, json group)
{
	JSON_AUTO owned = group;
	BUF_AUTO text = {0};
	struct tally_task *task = find_task(tally, id);
	if (!task || json_dump(owned, false, &text, NULL) < 0)
		return;
	free(task->group);
	task->group = mem_string(buf_string(&text));
}

/* --- a line --------------------------------------------------------------- */

static void add_step(size_t index, void *context)
{
	struct reading *reading = context;
	const struct json_part *part = &reading->parts[WALL_MS];
	double wall_ms = part->kind == '-' ? json_part_number(part) : -1;
	if (index == 0) {
		reading->timed = 0;
		reading->wall_ms = 0;
	}
	if (wall_ms < 0)
		return;
	reading->timed++;
	reading->wall_ms += wall_ms;
}

/* Replaces what text has by a part's string. False: it is none, or has NUL in it. */
static bool read_string(const struct json_part *part, struct buf *text)
{
	buf_clear(text);
	if (part->kind != '"')
		return false;
	json_part_string(part, text);
	return strlen(buf_string(text)) == text->len;
}

static int read_outcome(const struct reading *reading, enum outcome *outcome, struct err *err)
{
	static const struct {
		const char *status;
		enum outcome outcome;
	} outcomes[] = {{"pass", PASSED}, {"fail", FAILED}, {"tampered", FAILED}, {"error", ERROR}};
	const struct json_part *verdict = &reading->parts[VERDICT], *reward = &reading->parts[REWARD];
	BUF_AUTO status = {0};
	if (verdict->kind == 0 || verdict->kind == 'n') {
		*outcome = reward->kind != '-' ? UNGRADED : json_part_number(reward) >= 1 ? PASSED : FAILED;
		return 0;
	}
	if (verdict->kind != '{')
		return err_set(err, ERR_INPUT, "verdict: must be an object or null");
	bool text = read_string(&reading->parts[STATUS], &status);
	for (size_t i = 0; text && i < sizeof outcomes / sizeof *outcomes; i++) {
		if (!strcmp(buf_string(&status), outcomes[i].status)) {
			*outcome = outcomes[i].outcome;
			return 0;
		}
	}
	return err_set(err, ERR_INPUT, "verdict.status: must be pass, fail, tampered or error");
}

/* What must be right for a rollout to be counted. */
static int check_rollout(const struct reading *reading, struct buf *task, enum outcome *outcome, struct err *err)
{
	char reward = reading->parts[REWARD].kind, truncated = reading->parts[TRUNCATED].kind;
	bool known = reading->parts[TASK].kind != 'n';
	if ((!read_string(&reading->parts[TASK], task) || !task->len) && known)
		return err_set(err, ERR_INPUT, "no \"task\" in it, or none that is an id");
	if (task->len > TALLY_ID_MAX)
		return err_set(err, ERR_INPUT, "task: longer than %d bytes", TALLY_ID_MAX);
	if (reading->parts[STEPS].kind != '[')
		return err_set(err, ERR_INPUT, "no \"steps\" in it, or none that are an array");
	if (reward && reward != 'n' && reward != '-')
		return err_set(err, ERR_INPUT, "reward: must be a number or null");
	if (truncated && truncated != 't' && truncated != 'f')
		return err_set(err, ERR_INPUT, "truncated: must be true or false");
	return read_outcome(reading, outcome, err);
}

static void count_rollout(struct tally_counts *counts, const struct reading *reading, enum outcome outcome)
{
	const struct json_part *reward = &reading->parts[REWARD], *steps = &reading->parts[STEPS];
	counts->episodes++;
	counts->passed += outcome == PASSED;
	counts->failed += outcome == FAILED;
	counts->errors += outcome == ERROR;
	counts->ungraded += outcome == UNGRADED;
	counts->truncated += reading->parts[TRUNCATED].kind == 't';
	/* Whatever a rollout says of a reward that could not be had, it is none. */
	if (outcome != ERROR && reward->kind == '-')
		statistic_add(&counts->reward, json_part_number(reward));
	statistic_add(&counts->steps, (double)steps->count);
	if (steps->count) {
		counts->timed += reading->timed;
		counts->wall_ms += reading->wall_ms;
	}
}

int tally_line(struct tally *tally, int side, const char *line, size_t len, struct err *err)
{
	struct reading reading = {0};
	const struct json_pick pick = {&record_shape, reading.parts, add_step, &reading};
	enum outcome outcome = UNGRADED;
	BUF_AUTO text = {0};
	if (json_pick(line, len, &pick, err) < 0)
		return err_context(err, "invalid JSON");
	if (reading.parts[RECORD].kind != '{' || !read_string(&reading.parts[TYPE], &text))
		return err_set(err, ERR_INPUT, "it is no record with a \"type\"");
	if (strcmp(buf_string(&text), "rollout") != 0) {
		bool error = !strcmp(buf_string(&text), "error");
		tally->others += !error;
		return error ? TALLY_ERROR : TALLY_OTHER;
	}
	if (check_rollout(&reading, &text, &outcome, err) < 0)
		return -1;
	struct tally_task *task = find_or_add_task(tally, buf_string(&text));
	if (task)
		count_rollout(&task->sides[side], &reading, outcome);
	else
		tally->left_out++;
	return TALLY_ROLLOUT;
}
