#include "player_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "text.h"

#define PARSE_MS 10000
#define SAID_MAX (64u << 10)

/* --- bash ------------------------------------------------------------------------ */

/* Waits for it, but not for long. */
static bool ended(pid_t pid)
{
	FD_AUTO fd = pidfd_open(pid, 0);
	struct pollfd polled = {fd, POLLIN, 0};
	int ready, status;
	do
		ready = poll(&polled, 1, PARSE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready != 1)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return ready == 1;
}

/* What bash says of a script that it reads from one file and complains of to another. */
static bool parse(int script, int said)
{
	static const char *const argv[] = {"bash", "--norc", "--noprofile", "-n", NULL};
	static const char *const environment[] = {"LC_ALL=C.UTF-8", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;
	pid_t pid;
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, script, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, said, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int failed = posix_spawn(&pid, "/bin/bash", &actions, &attributes, (char *const *)(uintptr_t)argv,
	                         (char *const *)(uintptr_t)environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return !failed && ended(pid);
}

/* Lines in which it repeats what was typed say nothing. */
static bool wants_more(const char *said)
{
	static const char *const ends[] = {"unexpected end of file", "unexpected EOF", "here-document at line"};
	for (const char *end; (end = strchr(said, '\n')); said = end + 1) {
		const char *message = strstr(said, ": ");
		message = message && message < end ? strstr(message + 2, ": ") : NULL;
		if (!message || message > end || message[2] == '`')
			continue;
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
			const char *found = strstr(message, ends[i]);
			if (found && found < end)
				return true;
		}
	}
	return false;
}

static bool ends_with_backslash(const char *command)
{
	size_t len = strlen(command), count = 0;
	while (count < len && command[len - 1 - count] == '\\')
		count++;
	return count % 2;
}

bool player_unfinished(const char *command)
{
	BUF_AUTO text = {0};
	FD_AUTO script = memfd_create("command", MFD_CLOEXEC);
	FD_AUTO said = memfd_create("messages", MFD_CLOEXEC);
	if (ends_with_backslash(command))
		return true;
	if (script < 0 || said < 0 || fd_write_all(script, command, strlen(command), NULL) < 0 ||
	    fd_write_all(script, "\n", 1, NULL) < 0 || lseek(script, 0, SEEK_SET) < 0 || !parse(script, said) ||
	    lseek(said, 0, SEEK_SET) < 0 || fd_read_all(said, SAID_MAX, &text, NULL) < 0)
		return false;
	return wants_more(buf_string(&text));
}

/* --- words ----------------------------------------------------------------------- */

size_t player_word(const char *line, size_t cursor, bool *command)
{
	size_t start = 0;
	char quote = '\0';
	bool first = true;
	for (size_t i = 0; i < cursor; i++) {
		char c = line[i];
		if (quote) {
			if (c == quote)
				quote = '\0';
		} else if (c == '\\' && i + 1 < cursor) {
			i++;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (strchr(" \t\n;|&()<>=`", c)) {
			/* A word has ended; what separates commands begins one, and so do assignments. */
			if (strchr(";|&(`\n", c))
				first = true;
			else if (c != '=' && (i > start || c == '<' || c == '>'))
				first = first && start > 0 && line[start - 1] == '=';
			start = i + 1;
		}
	}
	*command = first && (start == 0 || line[start - 1] != '=');
	return start;
}

void player_unquote(const char *word, size_t len, struct buf *out)
{
	char quote = '\0';
	for (size_t i = 0; i < len; i++) {
		if (quote ? word[i] == quote : word[i] == '\'' || word[i] == '"')
			quote = quote ? '\0' : word[i];
		else if (word[i] == '\\' && quote != '\'' && i + 1 < len)
			buf_add_char(out, word[++i]);
		else
			buf_add_char(out, word[i]);
	}
}

/* Whether a name is such as a terminal shows as it is. */
static bool is_plain(const char *name, size_t len)
{
	return text_is_plain(name, len) && !memchr(name, '\n', len) && !memchr(name, '\t', len);
}

void player_quote(const char *name, size_t len, struct buf *out)
{
	bool plain = len == 0 || is_plain(name, len);
	if (!plain)
		buf_add_string(out, "$'");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		if (!plain && (c < ' ' || c >= 0x7f))
			buf_add_format(out, "\\%03o", c);
		else if (plain ? strchr(" \\'\"$&;|<>()*?[]{}!#`~", c) != NULL : c == '\'' || c == '\\')
			buf_add_format(out, "\\%c", c);
		else
			buf_add_char(out, (char)c);
	}
	if (!plain)
		buf_add_char(out, '\'');
}
