/* Line after line, until the person leaves or there are no more. */
#include "player.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "player_scan.h"
#include "program.h"
#include "solved.h"
#include "stop.h"

#define TEXT_MAX (1u << 20) /* bytes of what is typed over several lines */

/* --- reading ------------------------------------------------------------------------ */

static enum player_got read_line(struct player *player, const char *prompt, char **line)
{
	struct err err;
	enum player_got got = player_lines_read(player->lines, prompt, line, &err);
	if (got == PLAYER_WRONG)
		program_fail(program_refuse(NULL, NULL, &err));
	else if (got == PLAYER_LINE && player->screen)
		player_recorded_line(player, prompt, *line);
	return got;
}

char player_ask(struct player *player, const char *question)
{
	char *line = NULL;
	if (!player->screen || read_line(player, question, &line) != PLAYER_LINE)
		return '\0';
	char answer = line[0] ? (char)tolower((unsigned char)line[0]) : ' ';
	free(line);
	return answer;
}

int player_text(struct player *player, const char *what, struct buf *text)
{
	if (player->screen)
		player_say(player, LAYOUT_DIM, "The %s, and then a line with nothing but a dot:", what);
	for (;;) {
		char *line = NULL;
		enum player_got got = read_line(player, "  ", &line);
		if (got == PLAYER_INTERRUPT || (got == PLAYER_END && player->screen))
			return 0;
		if (got == PLAYER_WRONG)
			continue;
		if (got == PLAYER_END || !strcmp(line, ".") || text->len > TEXT_MAX) {
			free(line);
			return 1;
		}
		buf_add_string(text, line);
		buf_add_char(text, '\n');
		free(line);
	}
}

/* A colon and a letter: to a shell that would be a name nobody uses. */
static bool is_command(const char *line)
{
	return line[0] == ':' && isalpha((unsigned char)line[1]);
}

/* A command, over as many lines as it takes. */
static enum player_got read_whole(struct player *player, struct buf *text)
{
	BUF_AUTO prompt = {0};
	char *line = NULL;
	player_prompt(player, &prompt);
	enum player_got got = read_line(player, buf_string(&prompt), &line);
	while (got == PLAYER_LINE) {
		buf_add_string(text, line);
		free(line);
		line = NULL;
		if (is_command(buf_string(text)) || !player_has_shell(player) || text->len > TEXT_MAX ||
		    !player_unfinished(buf_string(text)))
			return PLAYER_LINE;
		got = read_line(player, "> ", &line);
		if (got == PLAYER_LINE)
			buf_add_char(text, '\n');
	}
	/* A script that ends in the middle: bash in the box says so, as it would to an agent. */
	return got == PLAYER_END && !player->screen && text->len > 0 ? PLAYER_LINE : got;
}

/* --- the end of an episode ------------------------------------------------------------ */

static void add_duration(struct buf *out, double seconds)
{
	if (seconds < 60)
		buf_add_format(out, "%.1f s", seconds);
	else
		buf_add_format(out, "%.0f min %.0f s", floor(seconds / 60), fmod(floor(seconds), 60));
}

/* Steps and time, beside those of the known solution. */
static void compare(struct player *player)
{
	struct err err;
	BUF_AUTO text = {0};
	int steps;
	double seconds, created = json_get_number(player->episode->meta, "created", num_wall_s());
	if (!program_for_person())
		return;
	buf_add_format(&text, "You: %d steps, ", player->episode->journal.step);
	add_duration(&text, num_wall_s() - created);
	if (player_oracle(player, &steps, &seconds, &err) < 0)
		program_error(&err);
	else if (steps > 0)
		buf_add_format(&text, ". The known solution: %d steps", steps);
	if (seconds >= 0) {
		buf_add_string(&text, ", ");
		add_duration(&text, seconds);
	}
	player_say(player, LAYOUT_PLAIN, "%s.", buf_string(&text));
}

/* Whether the person wants to play what comes next. */
static void offer_next(struct player *player, char **next)
{
	struct err err;
	STRING_AUTO id = player_next(player);
	const struct task *task = id ? resources_find(player->resources, id, &err) : NULL;
	if (!task)
		return;
	player_say(player, LAYOUT_PLAIN, "Next: %s, %s", id, player_title(task));
	char answer = player_ask(player, "Enter plays it, q leaves, n stays here: ");
	if (answer == 'q' || answer == ' ' || answer == 'y')
		player->leave = true;
	if (answer == ' ' || answer == 'y') {
		*next = id;
		id = NULL;
	}
}

/* Its status is that of the program, unless another one is played. */
static int finish(struct player *player, char **next, struct err *err)
{
	JSON_AUTO verdict = json_none();
	struct err reason;
	if (player_finish(player, &verdict, err) < 0)
		return -1;
	if (solved_note(verdict, &reason) < 0)
		program_error(&reason);
	const char *status = json_get_string(verdict, "status");
	player->status = !strcmp(status, "pass") ? 0 : !strcmp(status, "error") ? ERR_SYSTEM : ERR_NEGATIVE;
	compare(player);
	player_say(player, LAYOUT_DIM, "Kept as %s: 'env-close %s' prints its rollout and removes it.",
	           player->episode->id, player->episode->id);
	if (program_for_person())
		offer_next(player, next);
	return 0;
}

/* Ctrl-D, or the end of a script. */
static int at_end(struct player *player, struct err *err)
{
	if (player->screen && !player_over(player) && !stop_signal()) {
		char answer = player_ask(player, "Leave? The episode stays. y: yes, s: submit first, n: no [y] ");
		if (answer == 's')
			return player_command(player, "submit", err);
		player->leave = answer != 'n';
		return 0;
	}
	player->leave = true;
	return 0;
}

static int handle(struct player *player, const char *line, struct err *err)
{
	size_t blank = strspn(line, " \t\n");
	const struct episode *known = player->episode;
	/* A comment is no step. */
	if (!line[blank] || (line[blank] == '#' && player_has_shell(player) && !strchr(line, '\n')))
		return 0;
	player_lines_remember(player->lines, line);
	/* What was meant for one episode is not done to another. One that is gone: whoever needs it says so. */
	if (player_look(player, err) < 0 && player->episode != known)
		return -1;
	return is_command(line)                      ? player_command(player, line + 1, err)
	       : player_wants_terminal(player, line) ? player_on_terminal(player, line, err)
	                                             : player_act(player, player_action(player, NULL, line), err);
}

/* 0, or -1 and err; what is the person's to put right is only said. */
static int turn(struct player *player, char **next, struct err *err)
{
	BUF_AUTO line = {0};
	enum player_got got = read_whole(player, &line);
	int failed = got == PLAYER_LINE  ? handle(player, buf_string(&line), err)
	             : got == PLAYER_END ? at_end(player, err)
	                                 : 0;
	if (!failed && player_over(player) && !player->graded)
		failed = finish(player, next, err);
	if (!failed || err->code == ERR_SYSTEM)
		return failed;
	if (player->screen)
		program_error(err);
	else
		program_fail(program_refuse(NULL, player->episode->id, err));
	return 0;
}

void player_loop(struct player *player, char **next)
{
	struct err err;
	STRING_AUTO set = mem_string(json_get_string(player->episode->meta, "task"));
	set[strcspn(set, "/")] = '\0';
	player_lines_history(player->lines, set);
	player->leave = false;
	while (!player->leave && !program_output_failed() && !stop_signal())
		if (turn(player, next, &err) < 0) {
			if (!stop_signal())
				program_fail(program_refuse(NULL, player->episode->id, &err));
			player->leave = true;
		}
	if (player_over(player) || program_output_failed() || stop_signal())
		return;
	if (episode_there(player->episode))
		player_say(player, LAYOUT_DIM, "The episode stays: 'env-play %s' comes back to it.", player->episode->id);
	else
		player_say(player, LAYOUT_RED, "The episode is gone: it was closed by somebody else.");
}
