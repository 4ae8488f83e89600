/*
 * The session: one shell that lives as long as the box. It reads commands,
 * NUL-terminated, from a named pipe and writes each one's exit status to
 * another (the script that does so comes with struct box_spec); each command's
 * output goes to two more. Its pid is all that is known of it for sure: a
 * status is believed only while one is awaited, and a dead shell is seen by
 * wait(). Whoever in the box forges a status only fools itself.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void session_note_cwd(void)
{
	char link[40];
	snprintf(link, sizeof link, "/proc/%d/cwd", box.session);
	ssize_t n = readlink(link, box.session_cwd, sizeof box.session_cwd - 1);
	if (n > 0)
		box.session_cwd[n] = '\0';
}

void session_forget(void)
{
	char rest[4096];
	/* What the dead shell left unread must not reach the next one. */
	while (read(FD_COMMAND, rest, sizeof rest) > 0 || read(FD_STATUS, rest, sizeof rest) > 0)
		continue;
	box.session = 0;
}

/* The shell's own descriptors are /dev/null: each command it is given opens the session's pipes anew. */
int session_start(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -1;
	const char *cwd = box.session_cwd[0] ? box.session_cwd : box.spec->cwd;
	struct launch launch = {
	        .cwd = access(cwd, X_OK) == 0 ? cwd : "/",
	        .argv = box.session_argv,
	        .in = null,
	        .out = null,
	        .err = null,
	};
	box.session = command_start(&launch);
	close(null);
	return box.session > 0 ? 0 : -1;
}

/* "N\n" is the status of the command that was given; "/…\0" the directory of a shell that exits. Everything
 * else was written by someone who only fools itself. */
void session_status(void)
{
	char text[4096 + 8];
	ssize_t n = read(FD_STATUS, text, sizeof text - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	if (text[0] == '/') {
		if (strlen(text) < sizeof box.session_cwd)
			strcpy(box.session_cwd, text);
		return;
	}
	char *end;
	long code = strtol(text, &end, 10);
	if (end == text || *end != '\n' || code < 0 || code > 255)
		return;
	if (job.phase == IDLE || job.op != BOX_SHELL || !job.waiting || job.in_open || input.frame.len > 0)
		return;
	job_answered(BOX_EXITED, (int)code);
}

