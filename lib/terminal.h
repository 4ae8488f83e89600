#ifndef PIPEGYM_TERMINAL_H
#define PIPEGYM_TERMINAL_H

#include <stdbool.h>

#include "err.h"

/*
 * The terminal at which a person sits: what it can do, how large it is, the keys
 * that are pressed, and that it is as it was when the program is no more.
 *
 * A process has one terminal: standard input's, which is read, while standard
 * output is written to. It is given back whatever ends the program but SIGKILL:
 * exit() and every signal that ends a process and has no handler are seen to
 * here, and after stop_install()'s signals program_finish() calls
 * terminal_restore(). While the program is stopped (SIGTSTP) the terminal is the
 * shell's; who is continued in the background leaves it alone.
 */

/* Whether stdin and stdout are terminals that can move the cursor: TERM is set and not "dumb". */
bool terminal_screen(void);
/* Whether fd is one that shows colours, and nobody objects to them (NO_COLOR, TERM=dumb). */
bool terminal_colour(int fd);
/* How large it is now, or 80 by 24 where nobody knows. */
void terminal_size(unsigned *columns, unsigned *rows);

/* Remembers how the terminal is, to give it back so. Once is enough; where stdin is none, nothing is done. 0, or -1 and ERR_SYSTEM. */
int terminal_keep(struct err *err);

/* Raw mode: keys come as they are pressed, none of them is a signal, nothing is echoed, and lines end with "\r\n". enter is
 * written then and after each SIGCONT, leave when it is left: texts that last as long as the program. 0, or -1 and ERR_SYSTEM. */
int terminal_raw(const char *enter, const char *leave, struct err *err);
/* The texts for a whole screen: another one than the shell's, without a cursor, and what is pasted is marked. */
#define TERMINAL_ENTER "\033[?1049h\033[?25l\033[?2004h"
#define TERMINAL_LEAVE "\033[0m\033[?2004l\033[?25h\033[?1049l"
/* Leaves it. Async-signal-safe; does nothing to a terminal that is as it was. */
void terminal_restore(void);
/* What Ctrl-Z asks for, for who reads it as a key: stops the job; returns when it goes on. */
void terminal_suspend(void);

/* Readable when the size may have changed, or the program was continued; -1 before terminal_raw(). */
int terminal_event(void);
/* Whether that is so since the last time it was asked. */
bool terminal_changed(void);

/* Keys that are no character. Others are their code point: Enter is 13, Escape 27, Backspace 127, Ctrl-C 3. */
enum terminal_key {
	TERMINAL_UP = 0x110000,
	TERMINAL_DOWN,
	TERMINAL_RIGHT,
	TERMINAL_LEFT,
	TERMINAL_HOME,
	TERMINAL_END,
	TERMINAL_PAGE_UP,
	TERMINAL_PAGE_DOWN,
	TERMINAL_INSERT,
	TERMINAL_DELETE,
	TERMINAL_RESIZED, /* or continued: to be drawn again */
	TERMINAL_NOTHING, /* the time is over */
	TERMINAL_GONE,    /* the end of the input, or a stop signal */
};
/* The next key, in raw mode; waits for at most timeout_ms, or for ever (-1). What is pasted, and sequences that are no
 * key of these, are passed over. */
int terminal_key(int timeout_ms);

#endif
