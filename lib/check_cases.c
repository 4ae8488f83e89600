/*
 * The cases check: a program against a list of arguments, input and output.
 * Each case is a process of its own in a box of its own. Boxes run side by
 * side, no more at a time than there are processors, whatever the number of
 * episodes that are graded at once: a time limit is then one of the program,
 * not of its neighbours. libjq's values stay on their thread, so a case goes
 * to its own as plain text.
 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "start.h"
#include "task_cases.h"
#include "text.h"

#define OUTPUT_MAX (4u << 20) /* bytes of each stream */
#define TIMEOUTS_MAX 10       /* after as many cases that ran out of time none is run */
#define QUOTED_MAX 100        /* bytes of what came that are quoted */
#define DUMPED_MAX 140        /* bytes of a quotation, and of what was expected */
#define SLOTS_MAX 64

static sem_t slots;
static unsigned slot_count;

static void make_slots(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	slot_count = count < SLOTS_MAX ? (unsigned)count : SLOTS_MAX;
	sem_init(&slots, 0, slot_count);
}

struct suite {
	struct check_context *context;
	struct box_limits limits;
	const char *cwd;
	atomic_int timeouts, broken;
};

struct one {
	struct suite *suite;
	/* Borrowed of the check, until all have run. */
	const char *words[2 * CHECK_WORDS_MAX];
	const char *name, *input;
	size_t input_len;
	unsigned timeout_ms, memory_mib;
	bool visible;
	struct buf wanted; /* the case as JSON, until it has run */
	/* What came of it. */
	bool passed, timeout;
	char reason[360];
	struct err err; /* it could not be run */
};

/* --- reasons ----------------------------------------------------------- */

/* Cut to what a reason has room for. */
static void add_cut(struct buf *out, const char *text, size_t len)
{
	bool cut = len > DUMPED_MAX;
	buf_add(out, text, cut ? text_cut_end(text, DUMPED_MAX) : len);
	buf_add_string(out, cut ? "..." : "");
}

/* As a JSON string, which is printable. */
static void add_text(struct buf *out, const char *text, size_t len)
{
	BUF_AUTO repaired = {0};
	BUF_AUTO dumped = {0};
	text_repair(text, len < QUOTED_MAX ? len : text_cut_end(text, QUOTED_MAX), &repaired);
	JSON_AUTO value = json_new_text(buf_string(&repaired), repaired.len);
	if (json_dump(value, false, &dumped, NULL) < 0)
		return;
	add_cut(out, dumped.data, dumped.len);
	if (dumped.len <= DUMPED_MAX && len > QUOTED_MAX)
		buf_add_string(out, "...");
}

/* Of a case that the agent may know: what was expected of the stream that is wrong, and what came. */
static void explain(struct one *one, json wanted, const struct box_result *result, int stream)
{
	BUF_AUTO text = {0};
	BUF_AUTO dumped = {0};
	const struct buf *came = &result->out[stream == 2].head;
	buf_add_string(&text, one->reason);
	if (stream > 0) {
		if (json_dump(json_get(wanted, stream == 2 ? "stderr" : "stdout"), false, &dumped, NULL) < 0)
			return;
		buf_add_string(&text, "; expected ");
		add_cut(&text, dumped.data, dumped.len);
		buf_add_string(&text, ", got ");
		add_text(&text, buf_string(came), came->len);
	} else if (result->out[1].head.len > 0) {
		/* A traceback says at its end what was wrong. */
		const struct buf *said = result->out[1].tail.len > 0 ? &result->out[1].tail : &result->out[1].head;
		size_t from = said->len > QUOTED_MAX ? said->len - QUOTED_MAX : 0;
		from += text_cut_start(said->data + from, said->len - from);
		buf_add_string(&text, from ? "; stderr ends " : "; stderr ");
		add_text(&text, said->data + from, said->len - from);
	}
	snprintf(one->reason, sizeof one->reason, "%s", buf_string(&text));
	one->reason[text_cut_end(one->reason, strlen(one->reason))] = '\0';
}

/* --- one case ----------------------------------------------------------- */

static int run_case(struct one *one, struct box_result *result)
{
	struct suite *suite = one->suite;
	struct box_limits limits = suite->limits;
	limits.memory_mib = one->memory_mib;
	struct box *box = check_box_of(suite->context, &limits, true, one->reason, sizeof one->reason, &one->err);
	if (!box)
		return one->reason[0] ? 1 : -1;
	struct box_command command = {
	        .op = BOX_EXEC,
	        .cwd = suite->cwd,
	        .argv = one->words,
	        .input = one->input,
	        .input_len = one->input_len,
	        .timeout_ms = one->timeout_ms,
	        .keep = OUTPUT_MAX,
	};
	return check_run_box(box, &command, result, &one->err);
}

static void run(void *job, void *context)
{
	BOX_RESULT_AUTO result = {0};
	JSON_AUTO wanted = json_none();
	struct one *one = job;
	(void)context;
	while (sem_wait(&slots) < 0 && errno == EINTR)
		continue;
	int got = run_case(one, &result);
	sem_post(&slots);
	if (got == 0 && json_parse(buf_string(&one->wanted), one->wanted.len, &wanted, &one->err) < 0)
		got = -1;
	if (got == 0) {
		int stream = check_result(&result, wanted, !one->visible, one->reason, sizeof one->reason);
		one->passed = !one->reason[0];
		one->timeout = result.how == BOX_TIMEOUT;
		if (!one->passed && one->visible)
			explain(one, wanted, &result, stream);
	}
	buf_free(&one->wanted);
	one->suite->timeouts += one->timeout;
	one->suite->broken += got < 0;
}

/* --- all of them --------------------------------------------------------- */

static int prepare(struct one *one, struct suite *suite, json check, json value, struct err *err)
{
	json args = json_get(value, "args");
	int n = check_words(json_get(check, "command"), one->words);
	/* To a script of bash -c they are $1, $2 and so on. */
	if (json_is_string(json_get(check, "command")))
		one->words[n++] = "bash";
	for (int i = 0; i < json_length(args); i++)
		one->words[n++] = json_string(json_at(args, i));
	one->words[n] = NULL;
	one->suite = suite;
	one->name = json_get_string(value, "name");
	one->input = json_text(json_get(value, "stdin"), &one->input_len);
	one->timeout_ms = check_timeout_ms(suite->context, json_is_number(json_get(value, "timeout_s")) ? value : check);
	one->memory_mib = (unsigned)json_get_number(value, "memory_mib",
	                                            json_get_number(check, "memory_mib", suite->limits.memory_mib));
	one->visible = json_get_bool(value, "visible", false);
	return json_dump(value, false, &one->wanted, err);
}

/* Those that come after as many time-outs as there may be have failed too, whether they were run or not. */
static void tally(const struct one *list, json cases, struct check_outcome *outcome)
{
	double all = 0, passed = 0;
	int timeouts = 0;
	for (int i = 0; i < json_length(cases); i++) {
		const struct one *one = &list[i];
		double weight = json_get_number(json_at(cases, i), "weight", 1);
		bool good = one->passed && timeouts < TIMEOUTS_MAX;
		outcome->cases++;
		outcome->cases_passed += good;
		all += weight;
		passed += good ? weight : 0;
		if (!good && !outcome->reason[0] && one->visible && one->name)
			snprintf(outcome->reason, sizeof outcome->reason, "case %d (%.40s): %.330s", i + 1, one->name,
			         one->reason);
		else if (!good && !outcome->reason[0])
			snprintf(outcome->reason, sizeof outcome->reason, "case %d: %s", i + 1, one->reason);
		timeouts += one->timeout;
	}
	outcome->score = passed / all;
	if (outcome->score >= 1) /* what has failed has no weight */
		outcome->reason[0] = '\0';
}

static int run_all(struct suite *suite, struct one *list, json check, json cases, struct err *err)
{
	int count = json_length(cases), failed = 0;
	struct pool *pool = pool_new(slot_count < (unsigned)count ? slot_count : (unsigned)count, run, NULL);
	for (int i = 0; i < count && !failed && suite->broken == 0 && suite->timeouts < TIMEOUTS_MAX; i++) {
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		failed = prepare(&list[i], suite, check, json_at(cases, i), err);
		if (!failed)
			pool_add(pool, key, &list[i]);
	}
	pool_free(pool); /* when all have run */
	for (int i = 0; i < count && !failed; i++)
		if (list[i].err.code != ERR_NONE)
			failed = err_set(err, list[i].err.code, "case %d: %s", i + 1, list[i].err.text);
	return failed;
}

int check_cases(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	JSON_AUTO cases = json_none();
	struct suite suite = {.context = context, .cwd = task_cwd(context->task)};
	if (task_cases(context->task, json_get(check, "cases"), &cases, err) < 0 ||
	    start_limits(context->task, &suite.limits, err) < 0)
		return -1;
	pthread_once(&once, make_slots);
	struct one *list = mem_alloc((size_t)json_length(cases), sizeof *list);
	int failed = run_all(&suite, list, check, cases, err);
	if (!failed)
		tally(list, cases, outcome);
	free(list);
	return failed;
}
