#include "check_gold.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "pack.h"
#include "start.h"
#include "tool.h"

#define LIST_TIMEOUT_MS 60000
#define REMEMBERED_MAX ((size_t)64 << 20) /* bytes, in all, of what nobody is using */

static int list_folder(struct box *box, const char *path, struct buf *listing, char *reason, size_t size, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command command = {
	        .op = BOX_LIST, .path = path, .timeout_ms = LIST_TIMEOUT_MS, .keep = BOX_FLOOD + BOX_PAYLOAD_MAX};
	if (box_run(box, &command, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0 && result.out[0].cut == 0) {
		*listing = result.out[0].head;
		memset(&result.out[0].head, 0, sizeof result.out[0].head);
		return 0;
	}
	snprintf(reason, size, "the workspace %s",
	         result.how == BOX_FLOODED   ? "has too many files to be listed"
	         : result.how == BOX_TIMEOUT ? "takes too long to be listed"
	                                     : "cannot be listed");
	return 1;
}

int gold_list(struct box *box, const struct task *task, struct buf *listing, char *reason, size_t size, struct err *err)
{
	struct workspaces workspaces;
	workspaces_of(task->definition, &workspaces);
	if (workspaces.count == 1)
		return list_folder(box, workspaces.paths[0], listing, reason, size, err);
	/* One tree from the root, which has what lies on the way to each. */
	struct pack *all = pack_new();
	int failed = 0;
	for (size_t i = 0; i < workspaces.count && !failed; i++) {
		BUF_AUTO one = {0};
		failed = list_folder(box, workspaces.paths[i], &one, reason, size, err);
		if (!failed && one.len < sizeof(struct pack_entry))
			failed = err_set(err, ERR_SYSTEM, "the box's listing makes no sense");
		if (!failed)
			pack_add_listing(all, workspaces.paths[i] + 1, buf_string(&one), one.len);
	}
	pack_take(all, listing);
	return failed;
}

static int list(struct box *box, const struct task *task, struct buf *listing, struct err *err)
{
	char reason[80];
	int failed = gold_list(box, task, listing, reason, sizeof reason, err);
	return failed > 0 ? err_set(err, ERR_INPUT, "%s", reason) : failed;
}

/* --- carrying it out -------------------------------------------------- */

void gold_output(json observation, struct buf *output)
{
	static const char *const streams[] = {"stdout", "stderr"};
	for (size_t i = 0; i < 2; i++) {
		size_t len = 0;
		const char *text = json_text(json_get(observation, streams[i]), &len);
		buf_add(output, text ? text : "", len);
	}
}

/* Whether it says something to the episode, and does nothing in its box. */
static bool for_episode(json action)
{
	const char *tool = json_get_string(action, "tool"), *old = json_get_string(action, "action");
	const char *name = tool ? tool : old ? old : "";
	return !strcmp(name, "submit") || !strcmp(name, "hint");
}

static int carry_out(struct tool_context *tools, const struct task *task, json given, struct buf *output, struct err *err)
{
	char problem[160];
	JSON_AUTO observation = json_new_object();
	JSON_AUTO action = tool_action(given, json_get(task->definition, "tools"), problem, sizeof problem);
	if (problem[0])
		return err_set(err, ERR_INPUT, "%s", problem);
	/* The others are carried out by a kind of the episode, of which there is none here. */
	const struct tool *tool = tool_find(json_get_string(action, "tool"));
	if (!tool || !tool->run)
		return err_set(err, ERR_INPUT, "%.60s cannot be used for gold", json_get_string(action, "tool"));
	if (tool->run(tools, json_get(action, "args"), &observation, err) < 0)
		return -1;
	const char *limit = json_get_string(json_get(observation, "info"), "limit");
	if (limit)
		return err_set(err, ERR_INPUT, "it met a limit (%s)", limit);
	buf_clear(output);
	gold_output(observation, output);
	return 0;
}

static int run(struct box *box, const struct task *task, json actions, struct gold *gold, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command freeze = {.op = BOX_FREEZE, .timeout_ms = 10000};
	struct tool_context tools = {
	        .box = box,
	        .limits = json_get(task->definition, "limits"),
	        .env = json_get(task->definition, "env"),
	        .typed = json_none(),
	};
	if (list(box, task, &gold->start, err) < 0)
		return -1;
	for (int i = 0; i < json_length(actions); i++)
		if (!for_episode(json_at(actions, i)) &&
		    carry_out(&tools, task, json_at(actions, i), &gold->output, err) < 0)
			return err_context(err, "action %d", i + 1);
	if (box_run(box, &freeze, &result, err) < 0 || list(box, task, &gold->end, err) < 0)
		return -1;
	return box_end(box, err);
}

static int make(struct check_context *context, json actions, struct gold *gold, struct err *err)
{
	struct start_source source;
	JSON_AUTO solution = json_none();
	if (json_is_none(actions)) {
		if (task_solution(context->task, &solution, err) < 0)
			return -1;
		if (json_length(solution) == 0)
			return err_set(err, ERR_INPUT, "the task has no solution, and the check no gold");
		actions = solution;
	}
	if (start_source_open(context->task, &source, err) < 0)
		return -1;
	source.landlock = context->landlock;
	struct box *box = start_box(context->host, &source, context->seed, NULL, err);
	start_source_close(&source);
	if (!box)
		return -1;
	int failed = run(box, context->task, actions, gold, err);
	box_free(box);
	return failed;
}

/* --- remembering it ----------------------------------------------------- */

struct memory {
	struct gold gold; /* the first member: what callers have is this */
	struct memory *next;
	char key[DIGEST_TEXT];
	unsigned users;
	bool made; /* until then one thread makes it, and others wait */
};

/* The last used first. */
static struct memory *memories;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t settled = PTHREAD_COND_INITIALIZER;

static int key_of(struct check_context *context, json actions, char key[DIGEST_TEXT], struct err *err)
{
	BUF_AUTO text = {0};
	if (!json_is_none(actions) && json_dump(actions, true, &text, err) < 0)
		return -1;
	struct digest *digest = digest_new();
	digest_add_field(digest, context->task->digest, strlen(context->task->digest));
	digest_add_field(digest, context->seed, strlen(context->seed));
	digest_add_field(digest, context->landlock ? "landlock" : "", context->landlock ? 8 : 0);
	digest_add_field(digest, buf_string(&text), text.len);
	digest_finish(digest, key);
	return 0;
}

/* Takes it out of the list; NULL: it is not there. With the lock held. */
static struct memory *take(const char *key)
{
	for (struct memory **at = &memories; *at; at = &(*at)->next)
		if (!strcmp((*at)->key, key)) {
			struct memory *found = *at;
			*at = found->next;
			return found;
		}
	return NULL;
}

static void memory_free(struct memory *memory)
{
	buf_free(&memory->gold.start);
	buf_free(&memory->gold.end);
	buf_free(&memory->gold.output);
	free(memory);
}

/* Forgets what was not used for longest. With the lock held. */
static void forget(void)
{
	size_t bytes = 0;
	for (struct memory **at = &memories, *memory; (memory = *at);) {
		const struct gold *gold = &memory->gold;
		bytes += sizeof *memory + gold->start.size + gold->end.size + gold->output.size;
		if (memory->users > 0 || bytes <= REMEMBERED_MAX) {
			at = &memory->next;
		} else {
			*at = memory->next;
			memory_free(memory);
		}
	}
}

/* In use by the caller; made, or to be made by it. */
static struct memory *claim(const char *key)
{
	struct memory *memory;
	pthread_mutex_lock(&lock);
	while ((memory = take(key)) && !memory->made) {
		memory->next = memories;
		memories = memory;
		pthread_cond_wait(&settled, &lock);
	}
	if (!memory) {
		memory = mem_alloc(1, sizeof *memory);
		memcpy(memory->key, key, sizeof memory->key);
	}
	memory->users++;
	memory->next = memories;
	memories = memory;
	pthread_mutex_unlock(&lock);
	return memory;
}

/* One that could not be made is forgotten: the next who asks tries again. */
static void settle(struct memory *memory, bool made)
{
	pthread_mutex_lock(&lock);
	memory->made = made;
	if (!made)
		memory_free(take(memory->key));
	pthread_cond_broadcast(&settled);
	pthread_mutex_unlock(&lock);
}

const struct gold *gold_get(struct check_context *context, json actions, struct err *err)
{
	char key[DIGEST_TEXT];
	if (key_of(context, actions, key, err) < 0)
		return NULL;
	struct memory *memory = claim(key);
	if (memory->made)
		return &memory->gold;
	int failed = make(context, actions, &memory->gold, err);
	settle(memory, !failed);
	if (!failed)
		return &memory->gold;
	err_context(err, "gold");
	return NULL;
}

void gold_release(const struct gold **gold)
{
	if (!*gold)
		return;
	pthread_mutex_lock(&lock);
	((struct memory *)(uintptr_t)*gold)->users--;
	forget();
	pthread_mutex_unlock(&lock);
}
