/* What a person sees of an episode. Whatever others wrote is made safe for a terminal on its way. */
#include "player.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "program.h"
#include "show_view.h"
#include "text.h"
#include "tool.h"
#include "transcript.h"

static void print(const struct player *player, const char *data, size_t len)
{
	if (!len)
		return;
	player_recorded(player, data, len);
	program_print_bytes(data, len);
}

void player_show(const struct player *player, const struct layout *layout)
{
	BUF_AUTO out = {0};
	if (program_for_person()) {
		layout_print(layout, 0, layout->count, layout_screen(), program_colour(), &out);
		print(player, out.data, out.len);
		return;
	}
	layout_print(layout, 0, layout->count, 1000, false, &out);
	buf_trim_end(&out, 0, '\n');
	if (out.len)
		program_note("%s", buf_string(&out));
}

void player_say(const struct player *player, enum layout_style style, const char *format, ...)
{
	LAYOUT_AUTO layout = {0};
	va_list arguments;
	va_start(arguments, format);
	layout_add_format_list(&layout, style, 0, format, arguments);
	va_end(arguments);
	player_show(player, &layout);
}

static void blank_line(struct layout *layout)
{
	layout_add(layout, LAYOUT_PLAIN, 0, "", 0);
}

/* --- the task --------------------------------------------------------------------- */

static void add_time(struct buf *out, double seconds)
{
	long whole = seconds > 0 ? lround(seconds) : 0;
	if (seconds < 9.95)
		buf_add_format(out, "%.1f s", seconds);
	else if (whole < 90)
		buf_add_format(out, "%ld s", whole);
	else if (whole < 7200)
		buf_add_format(out, "%ld min", (whole + 30) / 60);
	else
		buf_add_format(out, "%.1f h", seconds / 3600);
}

/* What counts as done. What grades it is for the end. */
static void add_goal(const struct player *player, const struct task *task, struct layout *layout)
{
	json checks = json_get(task->definition, "checks");
	int count = json_length(checks), visible = 0, attempts = json_get_count(player->episode->meta, "attempts", 1);
	bool answer = false;
	BUF_AUTO text = {0};
	for (int i = 0; i < count; i++) {
		visible += json_get_bool(json_at(checks, i), "visible", false);
		answer = answer || json_get_is(json_at(checks, i), "type", "answer");
	}
	if (!player_has_tool(player, "submit"))
		buf_add_string(&text, "It ends by itself, and is graded then.");
	else
		buf_add_format(&text, "It is done when you hand it in with :submit%s, and passes %s.",
		               answer ? " ANSWER" : "", count == 1 ? "the check" : "all checks");
	if (attempts > 1)
		buf_add_format(&text, " You have %d attempts.", attempts);
	if (visible)
		buf_add_format(&text, " :score tells how %s.", visible == count ? "they stand" : "some of them stand");
	layout_add(layout, LAYOUT_PLAIN, 0, buf_string(&text), text.len);
}

static void add_limits(const struct player *player, struct layout *layout)
{
	json limits = json_get(player->episode->meta, "limits");
	double total = json_get_number(limits, "total_s", 0);
	BUF_AUTO text = {0};
	buf_add_format(&text, "Limits: %.0f steps, each of at most ", json_get_number(limits, "steps", 0));
	add_time(&text, json_get_number(limits, "step_s", 0));
	if (episode_boxed(player->episode->meta) && total > 0) {
		buf_add_string(&text, ", ");
		add_time(&text, total);
		buf_add_string(&text, " in all");
	}
	if (episode_boxed(player->episode->meta))
		buf_add_format(&text, "; %.0f MiB of memory, %.0f MiB of disk",
		               json_get_number(limits, "memory_mib", 0), json_get_number(limits, "disk_mib", 0));
	layout_add(layout, LAYOUT_DIM, 2, buf_string(&text), text.len);
}

/* Lines of the task's own, which is no stranger's: broken between words. */
static void add_prompt(struct layout *layout, const char *text, size_t len)
{
	for (const char *at = text, *end = text + len, *line; at < end; at = line + 1) {
		line = memchr(at, '\n', (size_t)(end - at));
		line = line ? line : end;
		layout_add(layout, LAYOUT_PLAIN, 0, at, (size_t)(line - at));
	}
}

void player_show_task(const struct player *player, const struct task *task)
{
	LAYOUT_AUTO layout = {0};
	size_t len, shown;
	json definition = task->definition;
	const char *prompt = json_text(json_get(definition, "prompt"), &len),
	           *said = json_text(json_get(player->reset, "stdout"), &shown);
	blank_line(&layout);
	layout_add_format(&layout, LAYOUT_BOLD, 0, "%s", player_title(task));
	layout_add_format(&layout, LAYOUT_DIM, 0, "%s · %s · episode %s", task->id,
	                  json_get_string(definition, "difficulty"), player->episode->id);
	blank_line(&layout);
	if (prompt)
		add_prompt(&layout, prompt, len);
	blank_line(&layout);
	add_goal(player, task, &layout);
	add_limits(player, &layout);
	const char *tool = json_get_string(json_at(json_get(player->reset, "tools"), 0), "name");
	layout_add_format(&layout, LAYOUT_DIM, 2, "%s%s%s :help lists what else there is%s.",
	                  player_has_shell(player) ? "Type commands as in any shell." : "Each line goes to the tool ",
	                  player_has_shell(player) || !tool ? "" : tool, player_has_shell(player) ? "" : ".",
	                  json_length(json_get(definition, "hints")) ? ", :hint gives a hint" : "");
	if (said && player->episode->journal.step == 0) {
		blank_line(&layout);
		layout_add_block(&layout, LAYOUT_PLAIN, '|', said, shown);
	}
	blank_line(&layout);
	player_show(player, &layout);
	player_show_board(player);
}

void player_show_tools(const struct player *player)
{
	LAYOUT_AUTO layout = {0};
	json tools = json_get(player->reset, "tools");
	for (int i = 0; i < json_length(tools); i++) {
		json tool = json_at(tools, i), property;
		const char *key;
		BUF_AUTO line = {0};
		buf_add_format(&line, ":%s", json_get_string(tool, "name"));
		for (int at = -1; json_each(json_get(json_get(tool, "parameters"), "properties"), &at, &key, &property);)
			buf_add_format(&line, " %s", key);
		layout_add(&layout, LAYOUT_BOLD, 4, buf_string(&line), line.len);
		layout_add_format(&layout, LAYOUT_PLAIN, 4, "    %s", json_get_string(tool, "description"));
	}
	player_show(player, &layout);
}

void player_show_board(const struct player *player)
{
	LAYOUT_AUTO layout = {0};
	if (!program_for_person() || episode_boxed(player->episode->meta))
		return;
	board_draw(player->board, player->episode->past.state, &layout);
	player_show(player, &layout);
}

/* --- a step ----------------------------------------------------------------------- */

void player_show_action(const struct player *player, json action)
{
	LAYOUT_AUTO layout = {0};
	char problem[160];
	if (!program_for_person())
		return;
	JSON_AUTO full = tool_action(action, json_get(player->episode->meta, "tools"), problem, sizeof problem);
	blank_line(&layout);
	transcript_action(full, player->episode->journal.step + 1, &layout);
	player_show(player, &layout);
}

/* What there is to say beside the output: nothing where all went well. */
static void add_remarks(json observation, struct layout *layout)
{
	static const char *const left_out[] = {"outputs", "cell", "execution_count", "columns", "tables",
	                                       "checks",  "pty"};
	BUF_AUTO fields = {0};
	struct view view = {.out = &fields};
	json info = json_copy(json_get(observation, "info"));
	JSON_AUTO shown = json_copy(observation);
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		json_delete(&info, left_out[i]);
	json_set(&shown, "info", info);
	bool fine = json_get_number(observation, "exit", 0) == 0, stopped = json_get_is(info, "limit", "stopped");
	if (fine)
		json_delete(&shown, "exit");
	view_add_outcome(&view, shown, false);
	if (stopped)
		layout_add_format(layout, LAYOUT_DIM, 2, "[stopped]");
	else if (fields.len)
		layout_add_format(layout, fine ? LAYOUT_DIM : LAYOUT_RED, 2, "[%s]", buf_string(&fields) + strlen(" · "));
	double cut = json_get_number(json_get(observation, "info"), "stdout_cut", 0) +
	             json_get_number(json_get(observation, "info"), "stderr_cut", 0);
	if (cut > 0)
		layout_add_format(layout, LAYOUT_DIM, 2,
		                  "[shortened, as an agent would see it: %.0f bytes were left out]", cut);
}

void player_show_outcome(const struct player *player, json observation)
{
	LAYOUT_AUTO layout = {0};
	LAYOUT_AUTO board = {0};
	BUF_AUTO out = {0};
	struct view view = {.out = &out, .colour = program_colour()};
	json checks = json_get(json_get(observation, "info"), "checks");
	if (!program_for_person()) {
		program_print(observation);
		return;
	}
	if (!episode_boxed(player->episode->meta))
		board_draw(player->board, player->episode->past.state, &board);
	/* What an agent is told of the board is beside it. */
	if (!player->attends)
		view_add_block(&view, json_get(observation, "stdout"), board.count ? LAYOUT_DIM : LAYOUT_PLAIN);
	view_add_block(&view, json_get(observation, "stderr"), LAYOUT_RED);
	view_add_block(&view, json_get(observation, "error"), LAYOUT_RED);
	print(player, out.data, out.len);
	player_show(player, &board);
	/* Of the end the verdict says more. */
	if (!player_over(player) || !journal_is_submit(observation))
		add_remarks(observation, &layout);
	for (int i = 0; i < json_length(checks) && !player_over(player); i++)
		transcript_check(json_at(checks, i), &layout);
	player_show(player, &layout);
}

/* --- the end ---------------------------------------------------------------------- */

void player_show_end(const struct player *player, json verdict, const struct task *task)
{
	LAYOUT_AUTO layout = {0};
	if (!program_for_person()) {
		program_print(verdict);
		return;
	}
	blank_line(&layout);
	if (json_get_is(verdict, "status", "pass"))
		layout_add_format(&layout, LAYOUT_GREEN, 0, "Solved: %s", task ? player_title(task) : "");
	else if (json_get_is(verdict, "status", "error"))
		layout_add_format(&layout, LAYOUT_RED, 0, "It could not be graded, which is no fault of yours.");
	else
		layout_add_format(&layout, LAYOUT_RED, 0, "Not solved this time.");
	transcript_verdict(verdict, &layout);
	player_show(player, &layout);
}

/* --- the prompt ------------------------------------------------------------------- */

/* Negative: there is no such limit. */
static double seconds_left(const struct player *player)
{
	double total = json_get_number(json_get(player->episode->meta, "limits"), "total_s", 0);
	if (!episode_boxed(player->episode->meta) || total <= 0)
		return -1;
	double age = episode_box_age(player->episode);
	return age < total ? total - age : 0;
}

/* The last part of the working directory, of which the name is the agent's. */
static void add_folder(const struct player *player, struct buf *out)
{
	const char *cwd = json_get_string(player->episode->past.last, "cwd");
	if (!cwd)
		cwd = json_get_string(player->reset, "cwd");
	if (!cwd)
		return;
	const char *name = text_base_name(cwd);
	size_t len = strlen(name);
	buf_add_char(out, ' ');
	text_for_line(name, len < 24 ? len : text_cut_end(name, 24), out);
}

/* "\1" stands around what takes no room on the screen. */
static void add_style(struct buf *out, const char *sequence)
{
	if (program_colour())
		buf_add_format(out, "\1%s\1", sequence);
}

void player_prompt(const struct player *player, struct buf *out)
{
	const char *task = json_get_string(player->episode->meta, "task");
	double left = seconds_left(player);
	add_style(out, layout_style_on(LAYOUT_BOLD));
	buf_add_string(out, task ? task : "?");
	add_style(out, LAYOUT_STYLE_OFF);
	buf_add_format(out, " %d/%.0f", player->episode->journal.step,
	               json_get_number(json_get(player->episode->meta, "limits"), "steps", 0));
	if (left >= 3600)
		buf_add_format(out, " %ld:%02ld h", (long)left / 3600, (long)left / 60 % 60);
	else if (left >= 0)
		buf_add_format(out, " %ld:%02ld", (long)left / 60, (long)left % 60);
	add_folder(player, out);
	buf_add_string(out, player_has_shell(player) ? "$ " : "> ");
}
