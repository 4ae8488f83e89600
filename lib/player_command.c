/* What a person asks for that is no action: lines that begin with a colon. To add a command, write its function and its
 * row. */
#include "player.h"

#include <string.h>

#include "look.h"
#include "num.h"
#include "program.h"
#include "text.h"
#include "transcript.h"

#define BLANKS " \t"

typedef int run_command(struct player *player, const char *argument, struct err *err);
static run_command run_help, run_task, run_tools, run_hint, run_undo, run_undo_anyway, run_redo, run_fork, run_back,
        run_score, run_diff, run_note, run_log, run_submit, run_pty, run_pause, run_quit;

static const struct {
	const char *name, *argument, *help;
	run_command *run;
} commands[] = {
        {"help", "", "this list", run_help},
        {"task", "", "shows the task again", run_task},
        {"tools", "", "what else an agent could use; :TOOL ARGUMENTS uses it", run_tools},
        {"pty", "COMMAND", "runs a program on the whole screen: vim, less, top", run_pty},
        {"hint", "", "a hint, if there is one; the rollout will say so", run_hint},
        {"submit", "[ANSWER]", "hands your work in, to be graded", run_submit},
        {"score", "", "how the checks stand that can be seen; the rollout will say so", run_score},
        {"diff", "", "what you have changed in the workspace", run_diff},
        {"undo", "[N]", "goes back N steps (1)", run_undo},
        {"undo!", "[N]", "the same where the steps before cannot be repeated exactly", run_undo_anyway},
        {"redo", "", "takes an undo back", run_redo},
        {"fork", "NAME", "keeps what there is now under a name", run_fork},
        {"back", "NAME", "goes to what was kept; to 'main', where you began", run_back},
        {"note", "TEXT", "keeps a note in the rollout", run_note},
        {"log", "", "shows all steps so far", run_log},
        {"pause", "", "leaves, and puts the box away: time stands still", run_pause},
        {"quit", "", "leaves; the episode goes on, and you can come back", run_quit},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int run_help(struct player *player, const char *argument, struct err *err)
{
	LAYOUT_AUTO layout = {0};
	(void)argument;
	(void)err;
	for (size_t i = 0; i < COMMANDS; i++)
		layout_add_format(&layout, LAYOUT_PLAIN, 20, "  :%-7s %-9s %s", commands[i].name, commands[i].argument,
		                  commands[i].help);
	layout_add_format(&layout, LAYOUT_DIM, 2, "  Anything else goes to the %s. Ctrl-C stops a command, Ctrl-D leaves.",
	                  player_has_shell(player) ? "shell: Tab completes, the arrow keys bring lines back" : "game");
	player_show(player, &layout);
	return 0;
}

static int run_task(struct player *player, const char *argument, struct err *err)
{
	const struct task *task = player_task(player, err);
	(void)argument;
	if (task)
		player_show_task(player, task);
	return task ? 0 : -1;
}

static int run_tools(struct player *player, const char *argument, struct err *err)
{
	(void)argument;
	(void)err;
	player_show_tools(player);
	return 0;
}

/* --- the work ------------------------------------------------------------------------- */

/* Texts that it lacks are asked for. */
static int fill(struct player *player, json *action)
{
	for (const char *key; (key = player_missing(player, *action));) {
		BUF_AUTO text = {0};
		if (!player_text(player, key, &text))
			return 0;
		/* A file's last line ends as the others do. */
		if (strcmp(key, "content") != 0)
			buf_trim_end(&text, text.len ? text.len - 1 : 0, '\n');
		json_set_in(action, "args", key, json_new_text(buf_string(&text), text.len));
	}
	return 1;
}

static int run_tool(struct player *player, const char *name, const char *argument, struct err *err)
{
	JSON_AUTO action = player_action(player, name, argument);
	return fill(player, &action) ? player_act(player, json_take(&action), err) : 0;
}

static int run_pty(struct player *player, const char *argument, struct err *err)
{
	return player_on_terminal(player, argument, err);
}

static int run_submit(struct player *player, const char *argument, struct err *err)
{
	if (!player_has_tool(player, "submit"))
		return err_set(err, ERR_INPUT, "nothing is handed in here: it ends by itself, and is graded then");
	return run_tool(player, "submit", argument, err);
}

/* Where the task offers hints to agents it is a step like theirs. */
static int run_hint(struct player *player, const char *argument, struct err *err)
{
	double cost = json_get_number(json_get(player->episode->meta, "penalties"), "hint", 0);
	const struct task *task = player_task(player, err);
	(void)argument;
	if (!task)
		return -1;
	if (player_has_tool(player, "hint")) {
		player_say(player, LAYOUT_DIM, cost != 0 ? "A hint changes the reward by %g." : "A hint costs a step.",
		           cost);
		return run_tool(player, "hint", "", err);
	}
	json hints = json_get(task->definition, "hints");
	int given = player->episode->past.hints_noted;
	if (given >= json_length(hints))
		return err_set(err, ERR_INPUT, "there are no %shints", given ? "more " : "");
	JSON_AUTO note = json_new_object();
	json_set_number(&note, "hint", given + 1);
	if (player_note(player, note, err) < 0)
		return -1;
	player_say(player, LAYOUT_PLAIN, "%s", json_string(json_at(hints, given)));
	player_say(player, LAYOUT_DIM, "Hint %d of %d. It costs nothing, but the rollout says that you had it.",
	           given + 1, json_length(hints));
	return 0;
}

static int run_score(struct player *player, const char *argument, struct err *err)
{
	LAYOUT_AUTO layout = {0};
	JSON_AUTO checks = json_none();
	(void)argument;
	if (stepper_score(player->stepper, player->episode->id, &checks, err) < 0)
		return -1;
	for (int i = 0; i < json_length(checks); i++)
		transcript_check(json_at(checks, i), &layout);
	layout_add_format(&layout, LAYOUT_DIM, 0, "%s",
	                  json_length(checks) ? "There may be others. The rollout says that you have looked."
	                                      : "No check of this task can be seen before the end.");
	player_show(player, &layout);
	return 0;
}

static int run_diff(struct player *player, const char *argument, struct err *err)
{
	LAYOUT_AUTO layout = {0};
	BUF_AUTO text = {0};
	(void)argument;
	if (look_changes(player->resources, player->episode->id, &text, err) < 0)
		return -1;
	for (const char *at = buf_string(&text), *end = at + text.len, *line; at < end; at = line + 1) {
		line = memchr(at, '\n', (size_t)(end - at));
		line = line ? line : end;
		/* Which command told it is of no interest; a file's lines begin otherwise. */
		bool name = !strncmp(at, "--- ", 4) || !strncmp(at, "+++ ", 4);
		const char *tab = name ? memchr(at, '\t', (size_t)(line - at)) : NULL; /* its time is behind that */
		if (strncmp(at, "diff -", 6) != 0)
			layout_add(&layout,
			           name         ? LAYOUT_BOLD
			           : *at == '+' ? LAYOUT_GREEN
			           : *at == '-' ? LAYOUT_RED
			                        : LAYOUT_PLAIN,
			           2, at, (size_t)((tab ? tab : line) - at));
	}
	if (layout.count == 0)
		layout_add_format(&layout, LAYOUT_DIM, 0, "Nothing has changed.");
	player_show(player, &layout);
	return 0;
}

/* --- to and fro -------------------------------------------------------------------------- */

static int undo(struct player *player, const char *argument, bool accept, struct err *err)
{
	uint64_t steps = 1;
	if (*argument && num_parse(argument, 1, 1000000, &steps) < 0)
		return err_set(err, ERR_INPUT, "how many steps? '%.40s' is no number", argument);
	return player_undo(player, (int)steps, accept, err);
}

static int run_undo(struct player *player, const char *argument, struct err *err)
{
	return undo(player, argument, false, err);
}

static int run_undo_anyway(struct player *player, const char *argument, struct err *err)
{
	return undo(player, argument, true, err);
}

static int run_redo(struct player *player, const char *argument, struct err *err)
{
	(void)argument;
	return player_redo(player, err);
}

static int run_fork(struct player *player, const char *argument, struct err *err)
{
	return player_fork(player, argument, err);
}

static int run_back(struct player *player, const char *argument, struct err *err)
{
	return player_back(player, argument, err);
}

/* --- the record --------------------------------------------------------------------------- */

static int run_note(struct player *player, const char *argument, struct err *err)
{
	JSON_AUTO note = json_new_object();
	if (!*argument)
		return err_set(err, ERR_INPUT, "what is to be noted?");
	json_set_string(&note, "text", argument);
	return player_note(player, note, err);
}

static bool tell(struct layout *part)
{
	bool told = program_print_layout(part);
	layout_clear(part);
	return told;
}

static int run_log(struct player *player, const char *argument, struct err *err)
{
	static const struct transcript_form form = {.fold = true, .times = true};
	JSON_AUTO rollout = json_none();
	/* As it is now: who has closed it has its rollout. */
	struct episode *episode = episode_open(player->episode->id, err);
	int failed = episode ? episode_rollout(episode, false, &rollout, err) : -1;
	(void)argument;
	episode_free(episode);
	if (!failed && program_for_person())
		transcript_rollout(rollout, &form, tell);
	else if (!failed)
		program_print(rollout);
	return failed;
}

static int run_pause(struct player *player, const char *argument, struct err *err)
{
	(void)argument;
	if (episode_lock(player->episode, err) < 0)
		return -1;
	int failed = episode_end_box(player->episode, err);
	episode_unlock(player->episode);
	player->leave = !failed;
	return failed;
}

static int run_quit(struct player *player, const char *argument, struct err *err)
{
	(void)argument;
	(void)err;
	player->leave = true;
	return 0;
}

/* --- the table ------------------------------------------------------------------------------ */

int player_command(struct player *player, const char *line, struct err *err)
{
	size_t len = strcspn(line, BLANKS);
	STRING_AUTO name = mem_format("%.*s", (int)len, line);
	const char *at = line + len + strspn(line + len, BLANKS);
	size_t rest = strlen(at);
	while (rest > 0 && strchr(BLANKS, at[rest - 1]))
		rest--;
	STRING_AUTO argument = mem_format("%.*s", (int)rest, at);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name)) {
			if (*argument && !*commands[i].argument)
				return err_set(err, ERR_INPUT, ":%s takes no argument", name);
			return commands[i].run(player, argument, err);
		}
	if (player_has_tool(player, name))
		return run_tool(player, name, argument, err);
	return err_set(err, ERR_INPUT, "no such command: ':%.40s'. :help lists them", name);
}

void player_command_names(const struct player *player, const char *beginning, struct buf *found)
{
	json tools = json_get(player->reset, "tools");
	size_t len = strlen(beginning) - 1;
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strncmp(commands[i].name, beginning + 1, len))
			buf_add_format(found, ":%s%c", commands[i].name, '\0');
	for (int i = 0; i < json_length(tools); i++) {
		const char *name = json_get_string(json_at(tools, i), "name");
		bool known = false;
		for (size_t j = 0; name && j < COMMANDS; j++)
			known = known || !strcmp(commands[j].name, name);
		if (name && !known && !strncmp(name, beginning + 1, len))
			buf_add_format(found, ":%s%c", name, '\0');
	}
}
