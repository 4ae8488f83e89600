/*
 * The checks against what gold commands do from the same start: tree (what the
 * workspace became), output with "compare" (what was printed last), and
 * intercode, InterCode's reward over both. The workspace is listed in a box
 * that has run nothing of the agent's, and listings are compared here.
 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "check_gold.h"
#include "intercode.h"
#include "task_checks.h"
#include "tree.h"

#define TREE_AUTO __attribute__((cleanup(tree_cleanup))) struct tree *

static void tree_cleanup(struct tree **tree)
{
	tree_free(*tree);
}

/* The workspace as it was captured. 1: that cannot be listed, and outcome has the reason. */
static int list_capture(struct check_context *context, struct buf *listing, struct check_outcome *outcome, struct err *err)
{
	if (!context->files && !(context->files = check_box(context, false, outcome, err)))
		return outcome->reason[0] ? 1 : -1;
	return gold_list(context->files, context->task, listing, outcome->reason, sizeof outcome->reason, err);
}

static struct tree *parse(const struct buf *listing, json check, struct err *err)
{
	const char *ignore[CHECK_IGNORE_MAX + 1];
	json patterns = json_get(check, "ignore");
	int n = 0;
	for (; n < json_length(patterns) && n < CHECK_IGNORE_MAX; n++)
		ignore[n] = json_string(json_at(patterns, n));
	ignore[n] = NULL;
	return tree_new(buf_string(listing), listing->len, ignore, err);
}

static void tell_difference(const struct tree_difference *difference, struct check_outcome *outcome)
{
	const struct {
		size_t count;
		const char *what;
	} parts[] = {{difference->missing, "missing"},
	             {difference->extra, "too many"},
	             {difference->kind, "of another kind"},
	             {difference->content, "of another content"},
	             {difference->mode, "of another mode"}};
	BUF_AUTO text = {0};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].count)
			buf_add_format(&text, "%s%zu %s", text.len ? ", " : "paths: ", parts[i].count, parts[i].what);
	snprintf(outcome->reason, sizeof outcome->reason, "%s", buf_string(&text));
}

static int compare_exactly(const struct buf *listing, const struct gold *gold, json check,
                           struct check_outcome *outcome, struct err *err)
{
	struct tree_difference difference;
	TREE_AUTO wanted = parse(&gold->end, check, err);
	TREE_AUTO got = wanted ? parse(listing, check, err) : NULL;
	if (!got)
		return -1;
	tree_compare(wanted, got, &difference);
	tell_difference(&difference, outcome);
	outcome->score = outcome->reason[0] ? 0 : 1;
	return 0;
}

/* InterCode's first two parts. */
static int intercode_parts(const struct buf *listing, const struct gold *gold, json check, double *changed,
                           double *content, struct err *err)
{
	struct tree_changes changes;
	TREE_AUTO start = parse(&gold->start, check, err);
	TREE_AUTO wanted = start ? parse(&gold->end, check, err) : NULL;
	TREE_AUTO got = wanted ? parse(listing, check, err) : NULL;
	if (!got)
		return -1;
	tree_changes(start, wanted, got, &changes);
	*changed = intercode_changes(changes.missing, changes.extra);
	*content = intercode_content(changes.same, changes.common);
	return 0;
}

int check_tree(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BUF_AUTO listing = {0};
	double changed, content;
	int failed = list_capture(context, &listing, outcome, err);
	if (failed)
		return failed > 0 ? 0 : -1;
	GOLD_AUTO gold = gold_get(context, json_get(check, "gold"), err);
	if (!gold)
		return -1;
	if (json_get_is(check, "compare", "exact"))
		return compare_exactly(&listing, gold, check, outcome, err);
	if (intercode_parts(&listing, gold, check, &changed, &content, err) < 0)
		return -1;
	outcome->score = (changed + content) / 0.66;
	if (outcome->score < 1)
		snprintf(outcome->reason, sizeof outcome->reason, "changes %.2f and content %.2f of 0.33 each", changed,
		         content);
	return 0;
}

/* --- output ------------------------------------------------------------- */

/* stdout and stderr of the last step. false: there was none. */
static bool last_output(struct check_context *context, struct buf *text)
{
	gold_output(context->last, text);
	return json_is_string(json_get(context->last, "stdout"));
}

/* One space for each run of blanks in a line, none at its ends; no empty lines. */
static void normalise(const struct buf *text, struct buf *out)
{
	bool blank = false;
	for (size_t i = 0; i < text->len; i++) {
		char c = text->data[i];
		bool line = out->len > 0 && out->data[out->len - 1] != '\n';
		if (c == '\n' && line)
			buf_add_char(out, c);
		else if (c != '\n' && c != ' ' && c != '\t' && c != '\r') {
			if (blank && line)
				buf_add_char(out, ' ');
			buf_add_char(out, c);
		}
		blank = c == ' ' || c == '\t' || c == '\r';
	}
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_add_char(out, '\n');
}

static bool equal(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || !memcmp(a->data, b->data, a->len));
}

static void compare_output(const char *how, const struct buf *wanted, const struct buf *got, struct check_outcome *outcome)
{
	if (!strcmp(how, "normalised")) {
		BUF_AUTO one = {0};
		BUF_AUTO other = {0};
		normalise(wanted, &one);
		normalise(got, &other);
		outcome->score = equal(&one, &other);
	} else if (!strcmp(how, "exact")) {
		outcome->score = equal(wanted, got);
	} else {
		outcome->score = intercode_similarity(buf_string(got), got->len, buf_string(wanted), wanted->len);
	}
	if (outcome->score < 1)
		snprintf(outcome->reason, sizeof outcome->reason, "output: another text is expected (%s)", how);
}

int check_output_like(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BUF_AUTO got = {0};
	BUF_AUTO wanted = {0};
	size_t len = 0;
	const char *text = json_text(json_get(check, "text"), &len), *how = json_get_string(check, "compare");
	if (!last_output(context, &got)) {
		snprintf(outcome->reason, sizeof outcome->reason, "output: there is none");
		return 0;
	}
	if (text) {
		buf_add(&wanted, text, len);
	} else {
		GOLD_AUTO gold = gold_get(context, json_get(check, "gold"), err);
		if (!gold)
			return -1;
		buf_add(&wanted, buf_string(&gold->output), gold->output.len);
	}
	compare_output(how, &wanted, &got, outcome);
	return 0;
}

/* --- InterCode's reward ------------------------------------------------- */

int check_intercode(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	BUF_AUTO listing = {0};
	BUF_AUTO got = {0};
	double changed, content;
	int failed = list_capture(context, &listing, outcome, err);
	if (failed)
		return failed > 0 ? 0 : -1;
	GOLD_AUTO gold = gold_get(context, json_get(check, "gold"), err);
	if (!gold || intercode_parts(&listing, gold, check, &changed, &content, err) < 0)
		return -1;
	(void)last_output(context, &got);
	double output = intercode_output(
	        intercode_similarity(buf_string(&got), got.len, buf_string(&gold->output), gold->output.len));
	outcome->score = intercode_reward(changed, content, output);
	if (outcome->score < 1)
		snprintf(outcome->reason, sizeof outcome->reason,
		         "changes %.2f, content %.2f, output %.2f of 0.33 each", changed, content, output);
	return 0;
}
