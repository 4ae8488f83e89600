/* rollout-show: rollouts → a transcript for a person, of files and of episodes, also of such as go on. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "intake.h"
#include "program.h"
#include "resources.h"
#include "stop.h"
#include "transcript.h"

#define PATIENCE_MS 100 /* between two looks at what may grow */

struct opts {
	unsigned step;
	bool full, follow, diff;
};

static const struct program_option options[] = {
        {0, "full", NULL, "fold nothing, however long it is", PROGRAM_FLAG(full)},
        {0, "step", "STEP", "show this step alone, and all of it; 0 is what was asked", PROGRAM_NUMBER(step, 0, 1000000)},
        {0, "follow", NULL, "go on until the episode has ended, or with what is added to the file", PROGRAM_FLAG(follow)},
        {0, "diff", NULL, "compare two rollouts of a task, and mark where they diverge", PROGRAM_FLAG(diff)},
        {.name = NULL},
};

static bool one_step(const struct opts *opts)
{
	return opts->step != PROGRAM_NONE;
}

static int check(const void *given, char **operands, struct err *err)
{
	const struct opts *opts = given;
	bool several = operands[0] && operands[1];
	int chosen = one_step(opts) + opts->follow + opts->diff;
	if (chosen > 1)
		return err_set(err, ERR_USAGE, "--step, --follow and --diff go one at a time");
	if (chosen && !program_for_person())
		return err_set(err, ERR_USAGE, "--step, --follow and --diff are for a person, not for --json");
	if (opts->follow && several)
		return err_set(err, ERR_USAGE, "--follow takes one operand at most");
	if (opts->diff && several && operands[2])
		return err_set(err, ERR_USAGE, "--diff takes two operands at most");
	return 0;
}

static const struct program program = {
        .name = "rollout-show",
        .synopsis = "[--full] [--step STEP] [--follow] [--diff] [EPISODE | FILE...]",
        .summary = "Shows rollouts as a transcript: the task, each step with its output, the verdict.",
        .options = options,
        .check = check,
        .for_person = true,
};

struct run {
	const struct opts *opts;
	struct transcript_form form;
	struct resources *resources; /* of boards */
	int shown;                   /* rollouts */
	bool several;                /* operands */
	json a, b;                   /* with diff: as far as they were found */
	bool second;                 /* with diff, of two operands: it is the second's turn */
};

static bool tell(struct layout *part)
{
	bool told = program_print_layout(part);
	layout_clear(part);
	return told && !stop_signal();
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
	if (one_step(run->opts))
		return transcript_step(rollout, (int)run->opts->step, &run->form, tell, err);
	transcript_rollout(rollout, &run->form, tell);
	return 0;
}

/* --- two rollouts -------------------------------------------------------- */

/* The first there is, and of what comes then, or of the second operand, the first of the same task. -1: that is enough. */
static int take_rollout(struct run *run, json rollout)
{
	bool second = !json_is_none(run->a) && (run->second || !run->several);
	if (json_is_none(run->a))
		run->a = json_copy(rollout);
	else if (second && json_is_none(run->b) && json_equal(json_get(run->a, "task"), json_get(rollout, "task")))
		run->b = json_copy(rollout);
	return !json_is_none(run->b) || (run->several && !run->second) ? -1 : 0;
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
	if (run->opts->diff)
		return take_rollout(run, record->value);
	if (program_for_person())
		return show(run, record->value, &err) < 0 ? program_refuse(record, NULL, &err) : 0;
	program_print_line(record->line, record->len);
	return 0;
}

static int show_episode(struct run *run, struct episode *episode, struct err *err)
{
	JSON_AUTO rollout = json_none();
	if (run->opts->follow)
		return transcript_follow(episode, &run->form, tell, wait_for_more, err);
	if (episode_rollout(episode, program_for_person() && !run->opts->diff, &rollout, err) < 0)
		return -1;
	if (run->opts->diff) {
		take_rollout(run, rollout);
		return 0;
	}
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
	bool grows = run->opts->follow && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
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

int main(int argc, char **argv)
{
	struct opts opts = {.step = PROGRAM_NONE};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	char **operand = program_operands();
	struct run run = {
	        .opts = &opts,
	        .several = operand[0] && operand[1],
	        .form = {.fold = !opts.full && !one_step(&opts), .times = true, .names = true, .cwd = one_step(&opts)},
	        .resources = resources_new(NULL),
	        .a = json_none(),
	        .b = json_none()};
	if (!*operand)
		status = show_file(&run, NULL, STDIN_FILENO);
	for (; *operand && !program_stopped(); operand++) {
		status = program_worse(status, show_operand(&run, *operand));
		run.second = true;
	}
	if (opts.diff && !stop_signal())
		status = program_worse(status, show_diff(&run));
	json_free(&run.a);
	json_free(&run.b);
	resources_free(run.resources);
	return program_finish(status);
}
