/* Programs that draw on the whole screen, and the recording of what a person sees. */
#include "player.h"

#include <fcntl.h>
#include <string.h>

#include "program.h"
#include "relay.h"
#include "terminal.h"

/* --- full screens ------------------------------------------------------------------- */

int player_on_terminal(struct player *player, const char *command, struct err *err)
{
	if (!player->screen)
		return err_set(err, ERR_INPUT, ":pty needs a terminal, and this is none");
	if (!player_has_shell(player))
		return err_set(err, ERR_INPUT, "there is no shell here");
	if (!*command)
		return err_set(err, ERR_INPUT, "which program is to run on a terminal?");
	struct relay *relay = relay_new(player->cast);
	stepper_attend(player->stepper, relay_user(relay));
	player->attends = true;
	int failed = player_act(player, relay_action(command), err);
	player->attends = false;
	stepper_attend(player->stepper, NULL);
	relay_free(relay);
	return failed;
}

bool player_wants_terminal(const struct player *player, const char *line)
{
	static const char *const programs[] = {"emacs", "gdb",  "htop", "info",    "joe",      "less", "man",
	                                       "mc",    "more", "most", "nano",    "nvim",     "pico", "top",
	                                       "vi",    "view", "vim",  "vimdiff", "vimtutor", "watch"};
	size_t len = strcspn(line, " \t");
	/* Of what a line does besides, the session would learn nothing. */
	if (!player->pty || !player->screen || !player_has_shell(player) || strpbrk(line, ";|&\n<>"))
		return false;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (strlen(programs[i]) == len && !strncmp(line, programs[i], len))
			return true;
	return false;
}

/* --- recording ---------------------------------------------------------------------- */

int player_record(struct player *player, const char *path, const char *title, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_system(err, "%s", path);
	terminal_size(&player->columns, &player->rows);
	player->cast = asciicast_new(fd, player->columns, player->rows, title, err);
	return player->cast ? 0 : err_context(err, "%s", path);
}

void player_recorded(const struct player *player, const char *data, size_t len)
{
	BUF_AUTO out = {0};
	if (!player->cast)
		return;
	/* As a terminal gets it. */
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			buf_add_char(&out, '\r');
		buf_add_char(&out, data[i]);
	}
	asciicast_output(player->cast, buf_string(&out), out.len);
}

void player_recorded_line(struct player *player, const char *prompt, const char *line)
{
	BUF_AUTO out = {0};
	unsigned columns, rows;
	if (!player->cast)
		return;
	terminal_size(&columns, &rows);
	if (columns != player->columns || rows != player->rows)
		asciicast_resize(player->cast, columns, rows);
	player->columns = columns;
	player->rows = rows;
	/* "\1" stands around what takes no room. */
	for (const char *at = prompt; *at; at++)
		if (*at != '\1')
			buf_add_char(&out, *at);
	buf_add_string(&out, line);
	buf_add_char(&out, '\n');
	player_recorded(player, out.data, out.len);
}
