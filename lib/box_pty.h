#ifndef PIPEGYM_BOX_PTY_H
#define PIPEGYM_BOX_PTY_H

#include "box.h"

/*
 * Commands on a terminal. A box has none of its own: a file system of terminals
 * (devpts) takes as long to mount and to unmount as a fifteenth of a reset. It
 * is made here when it is needed, in namespaces that live as long as it takes,
 * so that it is nobody else's; the box is handed one end, and this process has
 * the other. What a hostile command does to its end is its own affair: the
 * other is only read, written and sized.
 */
struct pty_size {
	unsigned rows, columns; /* at most 65535 */
};

struct pty_event {
	enum pty_kind { PTY_NOTHING, PTY_TEXT, PTY_SIZE, PTY_HANGUP } kind;
	const char *text; /* TEXT: what is typed (borrowed until the next is asked for) */
	size_t len;
	struct pty_size size; /* SIZE */
};

/* How far it is, in milliseconds since it began. */
struct pty_moment {
	int64_t now, output; /* output: when the last came; 0: none did */
	uint64_t written;    /* bytes of output so far */
};

/* Who sits at the terminal. */
struct pty_user {
	bool person; /* output has no limit but that of what is kept, and a stop signal is theirs to see */
	int fds[2];  /* looked at for input; -1: none */
	int (*begin)(void *context, struct err *err); /* or NULL; 0, or -1: then nothing is run */
	void (*end)(void *context);                   /* or NULL; when it has begun, whatever happened */
	/* What happens next; asked again when one of fds can be read, output came or *again_ms are over (-1: never).
	 * What the program does not take yet waits: how much may is for who types to see to. */
	void (*next)(void *context, const struct pty_moment *moment, struct pty_event *event, int *again_ms);
	void (*output)(void *context, const char *data, size_t len); /* or NULL: what the program writes */
	void *context;
};

/* A command as of EXEC, without input and descriptors but fd, which it has as 3 (borrowed), on a terminal. The result's first
 * output is what was written there; a person who hung up has it stopped (BOX_STOPPED) if it does not end. As box_run(). */
int box_pty_run(struct box *box, const struct box_command *command, const struct pty_size *size,
                const struct pty_user *user, struct box_result *result, struct err *err);

#endif
