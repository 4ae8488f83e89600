#ifndef PIPEGYM_PLAYER_H
#define PIPEGYM_PLAYER_H

#include <stdbool.h>

#include "asciicast.h"
#include "board.h"
#include "episode.h"
#include "err.h"
#include "json.h"
#include "layout.h"
#include "player_line.h"
#include "resources.h"
#include "step.h"
#include "task.h"

/*
 * A person who plays an episode. What they type becomes an action, which goes
 * the way of an agent's (step.h), or is a command of ours, which begins with a
 * colon and a letter. The episode is on disk like any other, so that a player
 * who is gone, whatever became of the terminal, can come back to it.
 *
 * To go back, an episode is branched at an earlier step (branch.h), and the
 * branch is played on: what was left is an episode too, and :redo returns to
 * it. A name given by :fork is part of a branch's id: FIRST.NAME, where FIRST
 * is the first of the family.
 */
struct player {
	struct resources *resources;
	struct stepper *stepper;
	struct player_lines *lines;
	const char *tasks, *seed; /* -T, or NULL; --seed */
	bool screen;              /* a person at a terminal, who is asked and sees the lines typed */
	bool pty;                 /* programs that draw on the whole screen get one */
	bool attends;             /* somebody sits at the terminal of a program: its output was seen */
	struct asciicast *cast;   /* what is seen is recorded; or NULL */
	unsigned columns, rows;   /* of the terminal, as it was recorded last */

	struct episode *episode; /* as its journal has it, its past included; a connection and a lock are the stepper's */
	json reset;              /* the observation that it began with */
	struct board *board;     /* draws its state */
	bool leave;              /* the person does */
	bool graded;             /* the verdict was shown */
	char **undone;           /* the episodes that :redo goes back to */
	size_t undone_count;
	int status; /* of the program */
};

void player_free(struct player *player); /* the episode lives on */

/* Opens an episode of a task, or takes an episode up, whose box is rebuilt if it is gone. Prints nothing. */
int player_open(struct player *player, const char *task, struct err *err);
int player_continue(struct player *player, const char *episode, struct err *err);
bool player_over(const struct player *player); /* the episode has ended for good */
/* Its task, as it is for its seed. Borrowed; NULL and err. */
const struct task *player_task(const struct player *player, struct err *err);
const char *player_title(const struct task *task);

/* Carries an action (consumed) out and shows what came of it. -1: it was not; ERR_INPUT: the next one may be. */
int player_act(struct player *player, json action, struct err *err);
/* Finds out what others did to the episode, without waiting for them. -1 and ERR_INPUT: it was closed; if another one
 * has its name by now, that is played from here on. */
int player_look(struct player *player, struct err *err);
/* Keeps a note (episode_note; borrowed) in the rollout. */
int player_note(struct player *player, json note, struct err *err);

/* In player_branch.c. Each goes to another episode, and shows where it is then. accept: also where its replay diverged. */
int player_undo(struct player *player, int steps, bool accept, struct err *err);
int player_redo(struct player *player, struct err *err);
int player_fork(struct player *player, const char *name, struct err *err); /* stays where it is */
int player_back(struct player *player, const char *name, struct err *err);

/* In player_pty.c. A command that has the terminal until it ends. 0; -1 as player_act(). */
int player_on_terminal(struct player *player, const char *command, struct err *err);
/* Whether a line is a program that draws on the whole screen, and is to get one. */
bool player_wants_terminal(const struct player *player, const char *line);
/* From now on what is seen is recorded in a new file. 0 or -1. */
int player_record(struct player *player, const char *path, const char *title, struct err *err);
void player_recorded(const struct player *player, const char *data, size_t len);
void player_recorded_line(struct player *player, const char *prompt, const char *line);

/* In player_show.c: all that is shown. Where records are printed it goes to standard error, but for the records. */
void player_show(const struct player *player, const struct layout *layout);
void player_say(const struct player *player, enum layout_style style, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void player_show_task(const struct player *player, const struct task *task);
void player_show_action(const struct player *player, json action);
void player_show_outcome(const struct player *player, json observation);
void player_show_end(const struct player *player, json verdict, const struct task *task);
void player_show_tools(const struct player *player);
void player_show_board(const struct player *player); /* a game's, if it has changed */
void player_prompt(const struct player *player, struct buf *out);

/* In player_words.c. Words as an action of a tool (NULL: the first that the task has): a JSON object has its arguments;
 * else they are the main one, or one word is each. Owned. */
json player_action(const struct player *player, const char *tool, const char *words);
/* The first text that an action lacks, or NULL. Borrowed, as long as the episode is played. */
const char *player_missing(const struct player *player, json action);
bool player_has_tool(const struct player *player, const char *name);
bool player_has_shell(const struct player *player); /* lines are commands of a shell */
player_complete player_complete_word;               /* context: the player */

/* In player_command.c: ":NAME ARGUMENT" (line without the colon). 0; -1: err says why not. */
int player_command(struct player *player, const char *line, struct err *err);
/* The names, with ':' before them and a NUL behind, that begin so. */
void player_command_names(const struct player *player, const char *beginning, struct buf *found);

/* In player_solution.c. */
/* How many steps the known solution takes, 0 if there is none, and how long, as it is tried in a box of its own;
 * negative: that is not known. 0 or -1. */
int player_oracle(struct player *player, int *steps, double *seconds, struct err *err);
/* Shows how a task is solved, step by step, in an episode that is gone afterwards. 0 or -1. */
int player_solution(struct player *player, const char *task, struct err *err);
/* The task that comes after this one in the curriculum, or NULL. Owned. */
char *player_next(const struct player *player);

/* Grades an episode that has ended, and shows that. */
int player_finish(struct player *player, json *verdict, struct err *err);

/* In player_loop.c: lines until the person leaves, or there are no more. *next (owned): a task that they want to play
 * then. */
void player_loop(struct player *player, char **next);
/* A text of several lines, for a command: up to a line with nothing but a dot. 1; 0: the person does not want to. */
int player_text(struct player *player, const char *what, struct buf *text);
/* A question at the terminal: the letter that was answered, in lower case; ' ': an empty line; '\0': no answer, or
 * nobody to ask. */
char player_ask(struct player *player, const char *question);

#endif
