/* rollout-show: rollouts → a transcript for a person, of files and of episodes, also of such as go on. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "intake.h"
#include "journal.h"
#include "program.h"
#include "resources.h"
#include "stop.h"
#include "transcript.h"

#define PATIENCE_MS 100 /* between two looks at what may grow */

enum { FULL = 256, FOLLOW, DIFF, STEP };

static const struct program_option options[] = {
        {FULL, "full", NULL, "fold nothing, however long it is"},
        {STEP, "step", "STEP", "show this step alone, and all of it; 0 is what was asked"},
        {FOLLOW, "follow", NULL, "go on until the episode has ended, or with what is added to the file"},
        {DIFF, "diff", NULL, "compare two rollouts of a task, and mark where they diverge"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "rollout-show",
        .synopsis = "[--full] [--step STEP] [--follow] [--diff] [EPISODE | FILE...]",
        .summary = "Shows rollouts as a transcript: the task, each step with its output, the verdict.",
        .options = options,
        .for_person = true,
};

struct run {
	struct transcript_form form;
	struct resources *resources; /* of boards */
	bool follow, diff, one_step;
	uint64_t step;
	int shown;    /* rollouts */
	int operands; /* how many there are */
	json a, b;    /* with diff: as far as they were found */
	bool second;  /* with diff, of two operands: it is the second's turn */
};

/* The screen's width is asked for each time: a terminal's changes. */
static bool tell(struct layout *part)
{
	BUF_AUTO out = {0};
	layout_print(part, 0, part->count, layout_screen(), program_colour(), &out);
	layout_clear(part);
	return program_print_bytes(buf_string(&out), out.len) && !stop_signal();
}

static bool wait_for_more(void)
{
	if (stop_wait(PATIENCE_MS, STDOUT_FILENO))
		return true;
	if (!stop_signal())
		program_fail(ERR_SYSTEM); /* nobody reads it */
	return false;
}

/* One of a rollout's, on its way to be shown: an empty line keeps it from the one before. */
static int show(struct run *run, json rollout, struct err *err)
{
	if (!program_for_person()) {
		program_print(rollout);
		return 0;
	}
	if (run->shown++)
		program_print_bytes("\n", 1);
	if (run->one_step)
		return transcript_step(rollout, (int)run->step, &run->form, tell, err);
	transcript_rollout(rollout, &run->form, tell);
	return 0;
}

/* --- two rollouts -------------------------------------------------------- */

/* The first there is, and of what comes then, or of the second operand, the first of the same task. -1: that is enough. */
static int take_rollout(struct run *run, json rollout)
{
	bool second = !json_is_none(run->a) && (run->second || run->operands < 2);
	if (json_is_none(run->a))
		run->a = json_copy(rollout);
	else if (second && json_is_none(run->b) && json_equal(json_get(run->a, "task"), json_get(rollout, "task")))
		run->b = json_copy(rollout);
	return !json_is_none(run->b) || (run->operands > 1 && !run->second) ? -1 : 0;
}

static int show_diff(struct run *run)
{
	BUF_AUTO out = {0};
	if (json_is_none(run->b)) {
		struct err err;
		err_set(&err, ERR_INPUT, "%s",
		        json_is_none(run->a) ? "no rollout to compare" : "no second rollout of the same task");
		program_error(&err);
		return err.code;
	}
	struct transcript_diff diff = {
	        .a = run->a, .b = run->b, .form = run->form, .width = layout_screen(), .colour = program_colour()};
	transcript_diff_begin(&diff, &out);
	for (int i = 1; i <= diff.steps && program_print_bytes(buf_string(&out), out.len) && !stop_signal(); i++) {
		buf_clear(&out);
		transcript_diff_step(&diff, i, &out);
	}
	transcript_diff_end(&diff, &out);
	program_print_bytes(out.data, out.len);
	return diff.differ ? ERR_NEGATIVE : 0;
}

/* --- what is shown --------------------------------------------------------- */

static int handle(struct record *record, void *context)
{
	struct run *run = context;
	struct err err;
	if (!record_is(record->value, "rollout") || !json_is_array(json_get(record->value, "steps"))) {
		err_set(&err, ERR_INPUT, "not a rollout");
		return program_refuse(record, NULL, &err);
	}
	if (run->diff)
		return take_rollout(run, record->value);
	if (program_for_person())
		return show(run, record->value, &err) < 0 ? program_refuse(record, NULL, &err) : 0;
	program_print_line(record->line, record->len);
	return 0;
}

static int show_episode(struct run *run, struct episode *episode, struct err *err)
{
	JSON_AUTO rollout = json_none();
	JSON_AUTO states = json_none();
	if (run->follow)
		return transcript_follow(episode, &run->form, tell, wait_for_more, err);
	if (episode_rollout(episode, &rollout, err) < 0)
		return -1;
	if (run->diff) {
		take_rollout(run, rollout);
		return 0;
	}
	if (program_for_person() && journal_states(&episode->journal, &states, err) < 0)
		return -1;
	if (program_for_person())
		json_set(&rollout, "states", json_take(&states));
	return show(run, rollout, err);
}

static int show_episode_drawn(struct run *run, struct episode *episode, struct err *err)
{
	run->form.board = board_new(run->resources, episode->meta);
	int failed = show_episode(run, episode, err);
	board_free(run->form.board);
	run->form.board = NULL;
	return failed;
}

static int show_file(struct run *run, const char *name, int fd)
{
	struct stat st;
	/* The end of a pipe is one for good. */
	bool grows = run->follow && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	return intake_file(fd, name, grows ? wait_for_more : NULL, 0, handle, run);
}

/* An episode goes before a file of its name, and a file has a slash if that is not to be. */
static int show_operand(struct run *run, const char *name)
{
	struct err err;
	if (!strcmp(name, "-"))
		return show_file(run, NULL, STDIN_FILENO);
	struct episode *episode = strchr(name, '/') ? NULL : episode_open(name, &err);
	if (episode) {
		int failed = show_episode_drawn(run, episode, &err);
		episode_free(episode);
		return failed ? program_refuse(NULL, name, &err) : 0;
	}
	if (!strchr(name, '/') && err.code != ERR_INPUT)
		return program_refuse(NULL, name, &err);
	FD_AUTO file = open(name, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		return show_file(run, name, file);
	err_set(&err, errno == ENOENT ? ERR_INPUT : ERR_SYSTEM, "%s",
	        errno == ENOENT ? "no such episode, and no such file" : strerror(errno));
	return program_refuse(NULL, name, &err);
}

static bool parse(int argc, char **argv, struct run *run, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		if (letter == STEP && !program_number(0, 1000000, &run->step)) {
			*status = ERR_USAGE;
			return false;
		}
		run->one_step |= letter == STEP;
		run->follow |= letter == FOLLOW;
		run->diff |= letter == DIFF;
		run->form.fold &= letter != FULL && letter != STEP;
	}
	run->operands = argc - program_operand();
	if (run->one_step + run->follow + run->diff > 1)
		*status = program_usage("--step, --follow and --diff go one at a time");
	else if (!program_for_person() && (run->one_step || run->diff || run->follow))
		*status = program_usage("--step, --follow and --diff are for a person, not for --json");
	else if (run->follow && run->operands > 1)
		*status = program_usage("--follow takes one operand at most");
	else if (run->diff && run->operands > 2)
		*status = program_usage("--diff takes two operands at most");
	return *status == 0;
}

int main(int argc, char **argv)
{
	struct run run = {.form = {.fold = true, .times = true, .names = true}, .a = json_none(), .b = json_none()};
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &run, &status))
		return program_finish(status);
	run.form.cwd = run.one_step;
	run.resources = resources_new(NULL);
	if (run.operands == 0)
		status = show_file(&run, NULL, STDIN_FILENO);
	for (char **operand = argv + program_operand(); *operand && !stop_signal() && !program_output_failed(); operand++) {
		status = program_worse(status, show_operand(&run, *operand));
		run.second = true;
	}
	if (run.diff && !stop_signal())
		status = program_worse(status, show_diff(&run));
	json_free(&run.a);
	json_free(&run.b);
	resources_free(run.resources);
	return program_finish(status);
}
