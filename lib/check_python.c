/*
 * The python check: statements about what the candidate's file does. Two boxes at the same time, joined by two pipes
 * and nothing else. One has the workspace, imports the candidate's file and does what it is asked to; the other runs
 * the test code, asks, and decides on the data that comes back. The scripts are libexec/python-*.py; their heads have
 * the rest. Of what is expected only the arguments of calls ever come near the candidate's code.
 *
 * Each side ends by itself when the other is gone: what this process holds of a side's ends of the pipes is closed as
 * soon as that side's box has ended, with whatever the candidate left running in it.
 */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"

#define DECIDER_MEMORY_MIB 512
#define DECIDER_MORE_MS 10000 /* for its own work, beside twice the time that the candidate has */
#define SAID_MAX 4096

/* Made of libexec/python-*.py; of the two each begins with python-values.py. */
extern const char check_python_candidate[], check_python_decider[];

struct side {
	struct box *box; /* owned */
	struct box_command command;
	int ends[2]; /* owned: what it reads, what it writes */
	struct box_result result;
	struct err err;
	bool failed; /* err says why */
};

/* Runs a side to its end, and the end of everything in its box. */
static void *side_run(void *context)
{
	struct side *side = context;
	side->command.fds = side->ends;
	side->failed =
	        box_run(side->box, &side->command, &side->result, &side->err) < 0 || box_end(side->box, &side->err) < 0;
	/* Ended or not: a box that was not adopted does not outlive its connection. */
	box_free(side->box);
	side->box = NULL;
	fd_close(&side->ends[0]);
	fd_close(&side->ends[1]);
	return NULL;
}

static void side_free(struct side *side)
{
	box_free(side->box);
	box_result_free(&side->result);
	fd_close(&side->ends[0]);
	fd_close(&side->ends[1]);
}

static int join(struct side *a, struct side *b, struct err *err)
{
	int there[2], back[2];
	if (pipe2(there, O_CLOEXEC) < 0)
		return err_system(err, "pipe");
	a->ends[1] = there[1];
	b->ends[0] = there[0];
	if (pipe2(back, O_CLOEXEC) < 0)
		return err_system(err, "pipe");
	b->ends[1] = back[1];
	a->ends[0] = back[0];
	return 0;
}

/* Both to their ends, side by side. */
static int run_both(struct side *candidate, struct side *decider, struct check_context *context, struct err *err)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, side_run, candidate);
	if (error)
		return err_set(err, ERR_SYSTEM, "thread: %s", strerror(error));
	decider->box = check_box_apart(context, DECIDER_MEMORY_MIB, err);
	if (decider->box)
		side_run(decider);
	/* The candidate's side ends now, if it has not: nobody asks it any more. */
	bool ran = decider->ends[0] < 0;
	fd_close(&decider->ends[0]);
	fd_close(&decider->ends[1]);
	pthread_join(thread, NULL);
	if (!ran)
		return -1;
	if (!candidate->failed && !decider->failed)
		return 0;
	*err = candidate->failed ? candidate->err : decider->err;
	return -1;
}

/* What came of the test code. That it did not end is its own fault as long as it had nothing of the candidate's in hand. */
static int conclude(const struct side *candidate, const struct side *decider, int count, struct check_outcome *outcome,
                    struct err *err)
{
	const struct box_result *result = &decider->result;
	const char *said = buf_string(&result->out[0].head), *asked = "asked\n";
	bool has_asked = strncmp(said, asked, strlen(asked)) == 0;
	int passed = 0, all = 0, reason = 0;
	char word[6];
	said += has_asked ? strlen(asked) : 0;
	bool ended = result->how == BOX_EXITED && result->code == 0;
	if (ended && sscanf(said, "%5s %d %d%n", word, &passed, &all, &reason) == 3 && all == count &&
	    said[reason] == '\n' && passed >= 0 && passed <= all) {
		snprintf(outcome->reason, sizeof outcome->reason, "%.*s", (int)strcspn(said + reason + 1, "\n"),
		         said + reason + 1);
		/* Why it was gone, its box may know better than the decider. */
		if (!strcmp(word, "gone"))
			check_limit(&candidate->result, false, outcome->reason, sizeof outcome->reason);
		outcome->score = (double)passed / all;
		return 0;
	}
	if (ended && strncmp(said, "error\n", 6) == 0)
		return err_set(err, ERR_INPUT, "%.*s", (int)strcspn(said + 6, "\n"), said + 6);
	if (result->how == BOX_EXITED && result->code == 127)
		return err_set(err, ERR_SYSTEM, "python3 is not there");
	if (!has_asked)
		return err_set(err, ERR_INPUT, "the test code %s", result->how == BOX_TIMEOUT ? "does not end" : "crashes");
	snprintf(outcome->reason, sizeof outcome->reason, "the test code does not get along with the program's data");
	return 0;
}

/* Appends the strings of an array, a space behind each, and the NUL that ends them. */
static void add_words(struct buf *out, json words)
{
	for (int i = 0; i < json_length(words); i++)
		buf_add_format(out, "%s ", json_string(json_at(words, i)));
	buf_add_char(out, '\0');
}

/* What the decider's script reads. */
static void decider_input(json check, struct buf *out)
{
	json asserts = json_get(check, "asserts");
	buf_add_string(out, json_get_string(check, "given"));
	buf_add_char(out, '\0');
	add_words(out, json_get(check, "names"));
	add_words(out, json_get(check, "classes"));
	buf_add_string(out, json_get_string(check, "setup"));
	for (int i = 0; i < json_length(asserts); i++) {
		buf_add_char(out, '\0');
		buf_add_string(out, json_string(json_at(asserts, i)));
	}
}

int check_python(struct check_context *context, json check, struct check_outcome *outcome, struct err *err)
{
	const char *given = json_get_string(check, "given");
	unsigned timeout_ms = check_timeout_ms(context, check);
	/* Neither a .pth file nor a folder of the user's adds to what is imported. */
	const char *const candidate_argv[] = {
	        "python3", "-s", "-S", "-B", "-c", check_python_candidate, json_get_string(check, "file"), NULL};
	const char *const decider_argv[] = {"python3", "-s", "-S", "-B", "-c", check_python_decider, NULL};
	BUF_AUTO input = {0};
	decider_input(check, &input);
	struct side candidate = {.ends = {-1, -1},
	                         .command = {.op = BOX_EXEC,
	                                     .cwd = task_cwd(context->task),
	                                     .argv = candidate_argv,
	                                     .input = given,
	                                     .input_len = strlen(given),
	                                     .timeout_ms = timeout_ms}};
	struct side decider = {.ends = {-1, -1},
	                       .command = {.op = BOX_EXEC,
	                                   .cwd = "/",
	                                   .argv = decider_argv,
	                                   .input = input.data,
	                                   .input_len = input.len,
	                                   .timeout_ms = 2 * timeout_ms + DECIDER_MORE_MS,
	                                   .keep = SAID_MAX}};
	int failed = -1;
	candidate.box = check_box(context, false, outcome, err);
	if (!candidate.box)
		failed = outcome->reason[0] ? 0 : -1;
	else if (join(&candidate, &decider, err) == 0 && run_both(&candidate, &decider, context, err) == 0)
		failed = conclude(&candidate, &decider, json_length(json_get(check, "asserts")), outcome, err);
	side_free(&candidate);
	side_free(&decider);
	return failed;
}
