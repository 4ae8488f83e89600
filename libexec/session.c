/*
 * The session: one shell that lives as long as the box. It reads commands,
 * NUL-terminated, from a named pipe and writes each one's exit status to
 * another; each command's output goes to two more. Its pid is all that is
 * known of it for sure: a status is believed only while one is awaited, and a
 * dead shell is seen by wait().
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The session's shell runs this, all on one line so that bash counts a
 * command's lines from 1. It reads "NUMBER\nCOMMAND\0" from a named pipe,
 * evaluates the command at top level, with $? as the last one left it, and
 * writes "NUMBER:STATUS\n" to another: who forges a status can only fool the
 * step it is for. A command's stdin is empty, its stdout and stderr are opened
 * anew: it may close or redirect any descriptor. The words are builtins called
 * as such, so that functions and aliases of the same name do not get in
 * between; the loop around eval takes a stray `break`. The shell's own stderr
 * is /dev/null, where what `set -x` says of this script goes. The trap tells
 * pid 1 where a shell that exits was.
 */
#define SESSION_EVAL(merge) "builtin eval -- \"${REPLY#*$'\\n'}\" </dev/null >" SESSION_STDOUT " 2>" merge "; "
#define SESSION_SCRIPT(merge)                                                                                          \
	"builtin shopt -s expand_aliases; "                                                                            \
	"builtin trap 'builtin printf \"%s\\0\" \"$PWD\" >" SESSION_STATUS "' EXIT; "                                  \
	"while builtin read -rd '' <" SESSION_COMMAND "; do "                                                          \
	"__step=${REPLY%%$'\\n'*}; "                                                                                   \
	"for __status in \"${__status:-0}\"; do "                                                                      \
	"if ((__status == 0)); then " SESSION_EVAL(                                                                    \
	        merge) "elif (builtin exit $__status); then builtin :; "                                               \
	               "else " SESSION_EVAL(merge) "fi; done; "                                                        \
	                                           "__status=$?; builtin printf '%s:%s\\n' \"$__step\" \"$__status\" " \
	                                           ">" SESSION_STATUS "; done"

enum { SCRIPT = 4, ARGV = 7 };
static const char *const argv[2][ARGV] = {
        {"/bin/bash", "--norc", "--noprofile", "-c", SESSION_SCRIPT(SESSION_STDERR), "bash", NULL},
        {"/bin/bash", "--norc", "--noprofile", "-c", SESSION_SCRIPT("&1"), "bash", NULL},
};

PAGED static char folder[sizeof box.session_cwd]; /* of a shell that exits, as far as it has told */
static size_t folder_len;

void session_note_cwd(void)
{
	char link[24];
	snprintf(link, sizeof link, "%d/cwd", box.session);
	ssize_t n = readlinkat(FD_PROC, link, box.session_cwd, sizeof box.session_cwd - 1);
	if (n > 0)
		box.session_cwd[n] = '\0';
}

void session_forget(void)
{
	char rest[4096];
	/* Bounded: somebody may go on writing. */
	for (int i = 0; i < 1024; i++)
		if (read(FD_COMMAND, rest, sizeof rest) <= 0 && read(FD_STATUS, rest, sizeof rest) <= 0)
			break;
	folder_len = 0;
	box.session = 0;
}

/* Each command it is given opens the session's pipes anew; the shell's own stdout is for its EXIT trap. */
int session_start(const int *fds)
{
	/* The pipe once more, for writing alone and waiting when it is full, which this process's own end must not. */
	char path[40];
	snprintf(path, sizeof path, "self/fd/%d", FD_STDOUT);
	int out = openat(FD_PROC, path, O_WRONLY | O_CLOEXEC);
	if (out < 0)
		return -1;
	const char *cwd = box.session_cwd[0] ? box.session_cwd : box.spec->cwd;
	char *own[ARGV];
	memcpy(own, argv[box.spec->merge_output != 0], sizeof own);
	if (box_root[0])
		own[SCRIPT] = (char *)(uintptr_t)landlock_script(own[SCRIPT]);
	struct launch launch = {
	        .cwd = cwd,
	        .argv = own,
	        .ours = true,
	        .fresh = !box.entered,
	        .in = FD_NULL,
	        .out = out,
	        .err = FD_NULL,
	        .more = fds,
	};
	struct stat st;
	if (!box.entered && stat(own[0], &st) == 0)
		box.shell = (struct program){st.st_dev, st.st_ino};
	box.session = command_start(&launch);
	close(out);
	return box.session > 0 ? 0 : -1;
}

/* "NUMBER:STATUS\n" for the command that is under way. */
static void take_status(const char *line)
{
	char *end;
	unsigned long number = strtoul(line, &end, 10);
	if (end == line || *end != ':' || number != job.number)
		return;
	const char *digits = end + 1;
	long code = strtol(digits, &end, 10);
	if (end == digits || *end != '\n' || code < 0 || code > 255)
		return;
	if (job.phase != IDLE && job.op == BOX_SHELL && job.waiting && !job.in_open && input.frame.len == 0)
		job_answered(BOX_EXITED, (int)code);
}

/* The next part, up to end, of the directory of a shell that exits, which a NUL ends; returns what follows it. */
static const char *take_folder(const char *part, const char *end)
{
	const char *nul = memchr(part, '\0', (size_t)(end - part));
	size_t len = (size_t)((nul ? nul : end) - part);
	if (folder_len + len >= sizeof folder) {
		folder_len = 0;
		return end;
	}
	memcpy(folder + folder_len, part, len);
	folder_len += len;
	if (nul) {
		memcpy(box.session_cwd, folder, folder_len);
		box.session_cwd[folder_len] = '\0';
		folder_len = 0;
	}
	return nul ? nul + 1 : end;
}

/* Lines of statuses; and "/...\0", which bash writes in as many parts as it has lines. What is neither was written by
 * somebody else. */
void session_status(void)
{
	char text[4096 + 64];
	ssize_t n = read(FD_STATUS, text, sizeof text - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	const char *at = text, *end = text + n;
	while (at < end) {
		if (folder_len || *at == '/') {
			at = take_folder(at, end);
		} else {
			take_status(at);
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			at = newline ? newline + 1 : end;
		}
	}
}
