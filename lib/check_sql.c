/*
 * The sql check: the rows of one query against those of another. A box runs
 * the task's query (libexec/sql.py does), another one the agent's, on the
 * task's own databases; each prints its rows as strings, and what is equal is
 * decided here. The task's box comes first: when it has done its work, whatever
 * happens in the second is the query's doing.
 */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "text.h"

#define OUTPUT_MAX (32u << 20)
#define QUERY_MAX (64u << 10)
#define GOLD_MORE_MS 10000 /* the task's query has as much beside twice the time of the agent's */

extern const char check_sql_script[]; /* made of libexec/sql.py */

/* --- rows -------------------------------------------------------------- */

struct row {
	const char *text; /* borrowed of the JSON; there is no NUL in it: it is JSON itself, or Python's text of a tuple */
	int at, rank;     /* place in its list; in the order of texts, the same for equal ones */
};

static int by_text(const void *a, const void *b)
{
	const struct row *first = a, *second = b;
	int order = strcmp(first->text, second->text);
	return order ? order : first->at - second->at;
}

static int by_place(const void *a, const void *b)
{
	return ((const struct row *)a)->at - ((const struct row *)b)->at;
}

static struct row *sorted_rows(json list)
{
	int count = json_length(list);
	struct row *rows = mem_alloc((size_t)count + 1, sizeof *rows);
	for (int i = 0; i < count; i++)
		rows[i] = (struct row){json_string(json_at(list, i)), i, 0};
	qsort(rows, (size_t)count, sizeof *rows, by_text);
	return rows;
}

/* Keeps of both what they have in common, the first of equal ones, in its own order, ranked. Returns how many. */
static int keep_common(struct row *a, int a_count, struct row *b, int b_count)
{
	int common = 0;
	for (int i = 0, j = 0; i < a_count && j < b_count;) {
		int order = strcmp(a[i].text, b[j].text);
		if (order == 0) {
			bool again = common > 0 && !strcmp(a[common - 1].text, a[i].text);
			int rank = common == 0 ? 0 : a[common - 1].rank + !again;
			a[common] = a[i];
			b[common] = b[j];
			a[common].rank = b[common].rank = rank;
			common++;
		}
		i += order <= 0;
		j += order >= 0;
	}
	qsort(a, (size_t)common, sizeof *a, by_place);
	qsort(b, (size_t)common, sizeof *b, by_place);
	return common;
}

/* Kendall's tau-b of two rankings; NAN where one of them has no order. */
static double kendall(const struct row *a, const struct row *b, int count)
{
	int64_t sum = 0, a_pairs = 0, b_pairs = 0;
	for (int i = 0; i < count; i++)
		for (int j = 0; j < i; j++) {
			int first = (a[i].rank > a[j].rank) - (a[i].rank < a[j].rank);
			int second = (b[i].rank > b[j].rank) - (b[i].rank < b[j].rank);
			sum += first * second;
			a_pairs += first != 0;
			b_pairs += second != 0;
		}
	return a_pairs && b_pairs ? (double)sum / sqrt((double)a_pairs) / sqrt((double)b_pairs) : NAN;
}

/* InterCode's reward for SQL (intercode/envs/sql/sql_env.py): the intersection of both multisets as a part of their
 * union, times the tau of the common rows, rounded to two places; a tau that is not defined is left out. It may be
 * negative there. */
static double overlap(struct row *got, int got_count, struct row *gold, int gold_count)
{
	char rounded[40];
	int common = keep_common(got, got_count, gold, gold_count);
	int all = got_count + gold_count - common;
	if (all == 0)
		return 1;
	double score = (double)common / all, tau = kendall(got, gold, common);
	if (isnan(tau))
		return score;
	snprintf(rounded, sizeof rounded, "%.2f", tau * score);
	return fmax(0, strtod(rounded, NULL));
}

static double compare_rows(const char *how, json got, json gold)
{
	int got_count = json_length(got), gold_count = json_length(gold);
	if (!strcmp(how, "ordered"))
		return json_equal(got, gold);
	struct row *first = sorted_rows(got), *second = sorted_rows(gold);
	double score = got_count == gold_count;
	if (!strcmp(how, "iou"))
		score = overlap(first, got_count, second, gold_count);
	else
		for (int i = 0; score > 0 && i < got_count; i++)
			score = !strcmp(first[i].text, second[i].text);
	free(first);
	free(second);
	return score;
}

/* The lowest of all databases counts: what is right for one of them only is not right. */
static void judge(json check, json got, json gold, struct check_outcome *outcome)
{
	const char *how = json_get_string(check, "compare");
	int count = json_length(gold);
	outcome->score = 1;
	for (int i = 0; i < count; i++) {
		double score = compare_rows(how, json_at(got, i), json_at(gold, i));
		bool order = score < 1 && strcmp(how, "multiset") != 0 &&
		             compare_rows("multiset", json_at(got, i), json_at(gold, i)) >= 1;
		if (score < 1 && !outcome->reason[0])
			snprintf(outcome->reason, sizeof outcome->reason, "%s of database %d",
			         order ? "another order of the rows" : "not the rows", i + 1);
		outcome->score = fmin(outcome->score, score);
	}
}

/* --- boxes -------------------------------------------------------------- */

/* What the script reads. expected: for the task's own rows. */
static int input_of(const struct check_context *context, json check, bool expected, const char *query, size_t len,
                    struct buf *out, struct err *err)
{
	json databases = json_get(check, "databases"), list = json_new_array();
	JSON_AUTO input = json_new_object();
	for (int i = 0; i < json_length(databases); i++) {
		json database = json_at(databases, i), place = json_new_object();
		if (json_is_string(database)) {
			json_set(&place, "tests", json_copy(database));
		} else {
			json_free(&place);
			place = json_copy(database);
		}
		if (!expected)
			json_delete(&place, "rows");
		json_append(&list, place);
	}
	json_set_string(&input, "cwd", task_cwd(context->task));
	json_set(&input, "compare", json_copy(json_get(check, "compare")));
	json_set_bool(&input, "expected", expected);
	json_set_text(&input, "query", query, len);
	json_set(&input, "databases", list);
	return json_dump(input, false, out, err);
}

/* Runs the script in a box, which it ends. */
static int run_script(struct check_context *context, struct box *box, const struct buf *input, unsigned timeout_ms,
                      struct box_result *result, struct err *err)
{
	/* Nothing of the workspace or of the user's is imported. */
	const char *const argv[] = {"python3", "-I", "-S", "-B", "-c", check_sql_script, NULL};
	struct box_command command = {
	        .op = BOX_EXEC,
	        .cwd = task_cwd(context->task),
	        .argv = argv,
	        .input = input->data,
	        .input_len = input->len,
	        .timeout_ms = timeout_ms,
	        .keep = OUTPUT_MAX,
	};
	return check_run_box(box, &command, result, err);
}

/* Whether a reply has what there is to be compared: a list of strings for each database. */
static bool has_rows(json rows, int count)
{
	if (!json_is_array(rows) || json_length(rows) != count)
		return false;
	for (int i = 0; i < count; i++)
		for (int j = 0; j < json_length(json_at(rows, i)); j++)
			if (!json_is_string(json_at(json_at(rows, i), j)))
				return false;
	return true;
}

/* What the script printed; json_none() if that is nothing to go by. Owned. */
static json reply_of(const struct box_result *result)
{
	const struct buf *text = &result->out[0].head;
	json reply = json_none();
	if (result->how == BOX_EXITED && result->code == 0 && result->out[0].cut == 0 && !result->oom &&
	    text_valid(buf_string(text), text->len) == text->len)
		json_parse(buf_string(text), text->len, &reply, NULL);
	return reply;
}

/* The rows that are expected. What the agent left has no part in them: a full disk, say, on which nothing can be sorted. */
static int ask_gold(struct check_context *context, json check, unsigned timeout_ms, json *rows, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	BUF_AUTO input = {0};
	BUF_AUTO said = {0};
	const char *gold = json_get_string(check, "gold");
	size_t len = gold ? strlen(gold) : 0;
	if (input_of(context, check, true, gold ? gold : "", len, &input, err) < 0)
		return -1;
	struct box *box = check_box_apart(context, 0, err);
	if (!box || run_script(context, box, &input, 2 * timeout_ms + GOLD_MORE_MS, &result, err) < 0)
		return -1;
	JSON_AUTO reply = reply_of(&result);
	const char *broken = json_get_string(reply, "broken"), *failed = json_get_string(reply, "failed");
	if (has_rows(json_get(reply, "rows"), json_length(json_get(check, "databases")))) {
		*rows = json_copy(json_get(reply, "rows"));
		return 0;
	}
	const struct buf *last = &result.out[1].head;
	size_t from = last->len > 200 ? last->len - 200 : 0;
	text_for_terminal(buf_string(last) + from, last->len - from, &said);
	if (broken || failed)
		return err_set(err, ERR_INPUT, "%s%s", broken ? "" : "gold: ", broken ? broken : failed);
	if (result.how == BOX_EXITED && result.code == 127)
		return err_set(err, ERR_SYSTEM, "python3 is not in the box");
	if (result.how == BOX_TIMEOUT)
		return err_set(err, ERR_SYSTEM, "gold: the time limit was exceeded");
	return err_set(err, ERR_SYSTEM, "python3 cannot run the task's query: %s", buf_string(&said));
}

static int ask_agent(struct check_context *context, json check, const struct buf *query, unsigned timeout_ms, json gold,
                     struct check_outcome *outcome, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	BUF_AUTO input = {0};
	if (input_of(context, check, false, buf_string(query), query->len, &input, err) < 0)
		return -1;
	struct box *box = check_box(context, true, outcome, err);
	if (!box)
		return outcome->reason[0] ? 0 : -1;
	if (run_script(context, box, &input, timeout_ms, &result, err) < 0)
		return -1;
	JSON_AUTO reply = reply_of(&result);
	const char *failed = json_get_string(reply, "failed");
	if (has_rows(json_get(reply, "rows"), json_length(gold)))
		judge(check, json_get(reply, "rows"), gold, outcome);
	else if (failed)
		snprintf(outcome->reason, sizeof outcome->reason, "%s", failed);
	else if (result.how == BOX_TIMEOUT)
		snprintf(outcome->reason, sizeof outcome->reason, "the time limit was exceeded");
	else if (json_get_string(reply, "broken"))
		return err_set(err, ERR_SYSTEM, "%s", json_get_string(reply, "broken"));
	else
		snprintf(outcome->reason, sizeof outcome->reason, "the query does not come to its end");
	return 0;
}

/* --- the check ---------------------------------------------------------- */

/* The query to be judged, or outcome->reason. */
static int find_query(struct check_context *context, json check, struct buf *query, struct check_outcome *outcome,
                      struct err *err)
{
	size_t len = 0;
	const char *file = json_get_string(check, "file"), *own = json_get_string(check, "query");
	const char *text = own ? own : json_text(context->answer, &len);
	if (file && check_read(context, file, QUERY_MAX, query, outcome, err) < 0)
		return -1;
	if (!file && !text)
		snprintf(outcome->reason, sizeof outcome->reason, "there is no answer");
	else if (!file && !own && len > QUERY_MAX)
		snprintf(outcome->reason, sizeof outcome->reason, "the answer is too large");
	else if (!file)
		buf_add(query, text, own ? strlen(own) : len);
	if (!outcome->reason[0] && text_valid(buf_string(query), query->len) < query->len)
		snprintf(outcome->reason, sizeof outcome->reason, "the query is not UTF-8");
	return 0;
}

int check_sql(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BUF_AUTO query = {0};
	JSON_AUTO gold = json_none();
	unsigned timeout_ms = check_timeout_ms(context, check);
	if (find_query(context, check, &query, outcome, err) < 0)
		return -1;
	if (outcome->reason[0])
		return 0;
	if (ask_gold(context, check, timeout_ms, &gold, err) < 0)
		return -1;
	return ask_agent(context, check, &query, timeout_ms, gold, outcome, err);
}
