/*
 * The state of a session's shell, carried from one box to another. The shell
 * is asked by a command like any other, all of it in a subshell: what that
 * changes is its own. Each word is quoted, so that no alias gets in, and called
 * as a builtin, so that no function does. What is answered is commands, and the
 * other shell carries them out: both are the agent's, and nothing of it is
 * trusted here. That it then gives the same answer is how one knows that
 * nothing was lost. A shell that gives none has lost its state, and nobody has
 * failed.
 */
#include "session.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"

#define TIMEOUT_MS 10000
#define STATE_MAX (16u << 20) /* bytes of a shell's state */

enum section {
	BUILTINS,
	STATUS,
	PARAMETERS,
	SHOPT,
	OPTIONS,
	POSIX,
	TRAPS,
	ALIASES,
	UMASK,
	SOFT,
	HARD,
	FOLDER,
	FOLDERS,
	FILES,
	HASH,
	COMPLETIONS,
	HISTORY,
	SPECIAL,
	VARIABLES,
	FUNCTIONS,
	ATTRIBUTES,
	END,
	SECTIONS
};

/*
 * How each is told, after what. What traps and tracing print goes elsewhere,
 * until they are off. Unset, and so not told, is what is another thing in each
 * shell.
 */
static const struct {
	const char *name; /* that is lost if it did not come over; NULL: it is not compared */
	const char *tell, *before;
} telling[] = {
        [BUILTINS] = {"builtins", "enable -a >&9"},
        [STATUS] = {NULL, "printf '%s' \"${__status:-0}\" >&9",
                    "enable alias complete declare hash history printf pwd set shopt trap ulimit umask unset"},
        [PARAMETERS] = {"positional parameters", "eval '(($# == 0)) || \\builtin printf \" %q\" \"$@\"' >&9"},
        [SHOPT] = {"shell options", "shopt -p >&9"},
        [OPTIONS] = {"options", "set +o >&9"},
        [POSIX] = {"POSIXLY_CORRECT", "declare -p POSIXLY_CORRECT >&9 || \\builtin :"},
        [TRAPS] = {"traps", "trap -p >&9"},
        [ALIASES] = {"aliases", "alias -p >&9", "set +efux +o posix\n\\builtin trap - DEBUG ERR RETURN EXIT"},
        [UMASK] = {"umask", "umask -p >&9"},
        [SOFT] = {"resource limits", "ulimit -Sa >&9"},
        [HARD] = {"hard resource limits", "ulimit -Ha >&9"},
        [FOLDER] = {"working directory", "pwd >&9"},
        [FOLDERS] = {"directory stack",
                     "eval '((${#DIRSTACK[@]} < 2)) || \\builtin printf \" %q\" \"${DIRSTACK[@]:1}\"' >&9"},
        [FILES] = {"open files", "printf ' %s' \"${@##*/}\" >&9", "set -- /proc/$$/fd/*"},
        [HASH] = {NULL, "hash -l >&9"},
        [COMPLETIONS] = {"completions", "complete -p >&9 || \\builtin :"},
        [HISTORY] = {"history", "history >&9"},
        [SPECIAL] = {"special variables",
                     "printf %s \"${RANDOM+1}\" \"${SRANDOM+2}\" \"${SECONDS+3}\" \"${EPOCHREALTIME+4}\" "
                     "\"${EPOCHSECONDS+5}\" \"${BASHPID+6}\" \"${LINENO+7}\" \"${DIRSTACK+8}\" >&9"},
        [VARIABLES] = {"variables", "declare -p >&9",
                       "unset -v RANDOM SRANDOM SECONDS EPOCHREALTIME EPOCHSECONDS BASHPID BASH_COMMAND "
                       "BASH_SUBSHELL BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_LINENO BASH_SOURCE BASH_ALIASES BASH_CMDS "
                       "BASH_EXECUTION_STRING LINENO HISTCMD PIPESTATUS DIRSTACK FUNCNAME GROUPS COMP_WORDBREAKS REPLY "
                       "__step __status __tell _"},
        [FUNCTIONS] = {"functions", "declare -f >&9"},
        [ATTRIBUTES] = {"functions' attributes", "declare -F >&9"},
        [END] = {NULL, "printf end >&9"},
};
/* Of a session's `lost`, beside a bit for each section; 0: it is not known yet. */
#define ALL (1u << SECTIONS)
#define COMPARED (2u << SECTIONS)

/*
 * The status of this goes past the session's script, which keeps that of the
 * last command, and no trap sees an error. All that tracing says of it comes
 * before the status.
 */
static const char end_step[] = "\\builtin eval '\\builtin printf \"%s:0\\n\" \"$__step\" >/run/session/status; "
                               "\\builtin continue 2' 2>/dev/null";

/* What is the same for each section is written once: the session's script reads a byte at a time. */
static void add_tell(struct buf *script)
{
	/* \1: it cannot be told, the builtin was taken away for good. */
	buf_add_string(script, "(\\builtin printf -v __tell '\\\\builtin %s || \\\\builtin printf \"\\\\1\" >&9\\n"
	                       "\\\\builtin printf \"\\\\0\" >&9\\n'");
	for (int i = 0; i < SECTIONS; i++) {
		const char *before = telling[i].before;
		STRING_AUTO text =
		        mem_format("%s%s%s", before ? before : "", before ? "\n\\builtin " : "", telling[i].tell);
		buf_add_char(script, ' ');
		buf_add_quoted(script, text, strlen(text));
	}
	buf_add_format(script, "\n\\builtin eval \"$__tell\") 9>&1 >/dev/null 2>/dev/null || \\builtin :\n%s", end_step);
}

/* The sections' beginnings. false: this is no state. */
static bool split(const struct buf *text, const char *sections[SECTIONS])
{
	const char *at = buf_string(text), *end = at + text->len;
	for (int i = 0; i < SECTIONS; i++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));
		if (!nul)
			return false;
		sections[i] = at;
		at = nul + 1;
	}
	/* What a trap printed stands before the first, and behind the last. */
	sections[BUILTINS] = strstr(sections[BUILTINS], "enable ");
	if (!sections[BUILTINS])
		sections[BUILTINS] = "\1";
	return !strcmp(sections[END], "end");
}

/* 1 and *answer; 0: there is none. script: descriptor that a shell which starts with this command has as 3, or 0. */
static int run(struct box *box, const char *command, int script, struct buf *answer, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command request = {.op = BOX_SHELL,
	                              .input = command,
	                              .input_len = strlen(command),
	                              .fd = script,
	                              .timeout_ms = TIMEOUT_MS,
	                              .spare = true,
	                              .keep = STATE_MAX};
	if (box_run(box, &request, &result, err) < 0)
		return -1;
	if (result.how != BOX_EXITED || result.code != 0 || result.shell_ended || result.out[0].cut)
		return 0;
	*answer = result.out[0].head;
	result.out[0].head = (struct buf){0};
	return 1;
}

static void add_eval(struct buf *script, const char *text)
{
	buf_add_string(script, "\\builtin eval ");
	buf_add_quoted(script, text, strlen(text));
	buf_add_char(script, '\n');
}

/* Those that were taken away. */
static void add_disabled(struct buf *script, const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		if (strncmp(text, "enable -n ", 10) == 0)
			buf_add_format(script, "\\builtin %.*s\n", (int)(end - text), text);
}

/* Lines such as "open files      (-n) 1024". */
static void add_limits(struct buf *script, const char *text, char which)
{
	buf_add_format(script, "\\builtin ulimit -%c", which);
	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		const char *close = memchr(text, ')', (size_t)(end - text));
		/* The size of pipes is not for anybody to choose. */
		if (close && close + 2 < end && close > text && close[-1] != 'p')
			buf_add_format(script, " -%c %.*s", close[-1], (int)strspn(close + 2, "0123456789unlimted"),
			               close + 2);
	}
	buf_add_char(script, '\n');
}

/* Lines that each begin a command, called as a builtin from here on; but not those that go on within quotes. */
static void add_builtins(struct buf *script, const char *text)
{
	enum { PLAIN, QUOTED, ANSI } state = PLAIN;
	bool begins = true;
	for (const char *at = text; *at; at++) {
		if (begins && state == PLAIN)
			buf_add_string(script, "\\builtin ");
		begins = *at == '\n';
		if (*at == '\\' && state != QUOTED && at[1])
			buf_add_char(script, *at++);
		else if (*at == '\'')
			state = state != PLAIN ? PLAIN : at > text && at[-1] == '$' ? ANSI : QUOTED;
		buf_add_char(script, *at);
	}
}

/* The names in all lines that begin so, as one command, each after a flag: many commands are slower. */
static void add_flags(struct buf *script, const char *text, const char *line, const char *command, const char *flag)
{
	size_t len = strlen(line);
	bool begun = false;
	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		/* Not the levels of compatibility: BASH_COMPAT, among the variables, goes with them. */
		if (strncmp(text, line, len) != 0 || strncmp(text + len, "compat", 6) == 0)
			continue;
		buf_add_format(script, "%s %s%.*s", begun ? "" : command, flag, (int)(end - text - (ptrdiff_t)len),
		               text + len);
		begun = true;
	}
	buf_add_char(script, '\n');
}

/* Lines of `declare -p` on what cannot be unset: it differs once a shell had its parameters set, or is a late copy of
 * what is told by itself. */
static const char *skip_own(const char *at)
{
	while (strncmp(at, "declare -a BASH_ARG", 19) == 0 || strncmp(at, "declare -r BASHOPTS=", 20) == 0 ||
	       strncmp(at, "declare -r SHELLOPTS=", 21) == 0)
		at += strcspn(at, "\n") + (strchr(at, '\n') != NULL);
	return at;
}

/* Line by line; what could not be told is never the same. */
static bool same_section(const char *asked, const char *told)
{
	size_t len;
	do {
		asked = skip_own(asked);
		told = skip_own(told);
		len = strcspn(asked, "\n");
		if (strncmp(asked, told, len + 1) != 0)
			return false;
		asked += len + 1;
		told += len + 1;
	} while (asked[-1]);
	return len == 0 || asked[-2] != '\1';
}

/* Those lines of `declare -F` that say more than that there is the function. */
static void add_attributes(struct buf *script, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-";
	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		size_t flags = strncmp(text, "declare -f", 10) == 0 ? strspn(text + 10, "rtx") : 0;
		const char *name = text + 10 + flags + 1;
		if (flags > 0 && name[-1] == ' ' && name + strspn(name, plain) == end)
			buf_add_format(script, "\\builtin %.*s\n", (int)(end - text), text);
	}
}

/*
 * Variables come first, when nothing else is there to disturb; functions
 * before options, as their text may need extglob to be read; then what changes
 * how commands are carried out, and traps behind it, of which DEBUG would see
 * all that follows.
 */
static void compose(struct buf *script, const char *const sections[SECTIONS])
{
	buf_add_string(script, "\\builtin shopt -u expand_aliases\n\\builtin shopt -s extglob\n\\builtin cd -- ");
	size_t len = strlen(sections[FOLDER]);
	STRING_AUTO folder = mem_format("%.*s", (int)(len ? len - 1 : 0), sections[FOLDER]);
	buf_add_quoted(script, folder, strlen(folder));
	buf_add_format(script,
	               "\n\\builtin set --%s\nwhile (($#)); do \\builtin pushd -n -- \"${@: -1}\"\n"
	               "\\builtin set -- \"${@:1:$#-1}\"; done\n",
	               sections[FOLDERS]);
	buf_add_string(script,
	               "\\builtin unset -v PATH HOME USER LOGNAME SHELL TERM COLUMNS LINES TZ LC_ALL LANG PAGER "
	               "GIT_PAGER PYTHONHASHSEED OLDPWD IFS PS4 SHLVL HOSTNAME\n");
	add_eval(script, sections[VARIABLES]);
	add_eval(script, sections[FUNCTIONS]);
	buf_add_format(script, "\\builtin set --%s\n", sections[PARAMETERS]);
	add_attributes(script, sections[ATTRIBUTES]);
	/* Without quotes: by itself, that it spoils nothing else. */
	add_eval(script, sections[HASH]);
	add_eval(script, sections[COMPLETIONS]);
	add_builtins(script, sections[ALIASES]);
	add_builtins(script, sections[UMASK]);
	add_limits(script, sections[SOFT], 'S');
	add_limits(script, sections[HARD], 'H');
	/* It has a say in the others. */
	if (strstr(sections[OPTIONS], "set -o posix\n"))
		buf_add_string(script, "\\builtin set -o posix\n");
	add_builtins(script, sections[POSIX]);
	add_flags(script, sections[SHOPT], "shopt -s ", "\\builtin shopt -s", "");
	add_flags(script, sections[SHOPT], "shopt -u ", "\\builtin shopt -u", "");
	add_flags(script, sections[OPTIONS], "set +o ", "\\builtin set", "+o ");
	add_flags(script, sections[OPTIONS], "set -o ", "\\builtin set", "-o ");
	/* The status of the last command, which this one's is to be. */
	buf_add_format(script, "__status=%ld\n", strtol(sections[STATUS], NULL, 10) & 255);
	add_builtins(script, sections[TRAPS]);
	add_disabled(script, sections[BUILTINS]);
	if (strstr(sections[OPTIONS], "set -o history\n"))
		buf_add_string(script, "\\builtin history -c\n");
}

/* What another shell reads, in one go as it is a file: what makes it the same, and a command. Sealed, as all have the
 * same. */
static int make_file(const char *command, size_t len, const struct buf *own, struct err *err)
{
	BUF_AUTO script = {0};
	buf_add_string(&script, "REPLY=");
	buf_add_quoted(&script, command, len);
	buf_add_string(&script, "\n\\builtin set -- ");
	buf_add_quoted(&script, buf_string(own), own->len);
	buf_add_char(&script, '\n');
	int fd = memfd_create("session", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && fd_write_all(fd, script.data, script.len, NULL) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	err_system(err, "memory file");
	fd_close(&fd);
	return -1;
}

/* For the shells of branches: what asks them then is the command. */
static int make_script(const char *const sections[SECTIONS], struct err *err)
{
	BUF_AUTO own = {0};
	BUF_AUTO tell = {0};
	compose(&own, sections);
	add_tell(&tell);
	return make_file(tell.data, tell.len, &own, err);
}

/*
 * Its own trap at its end tells pid 1 where the session's shell is: not this
 * one's to say. Sizes that are variables would go before those of a terminal.
 */
const char session_command[] =
        "__term=$1; { \\builtin source /proc/self/fd/3; \\builtin eval \"$1\"; } 2>/dev/null; \\exec 3<&-; "
        "\\builtin trap - EXIT || \\builtin :; \\builtin unset -v COLUMNS LINES 2>/dev/null || \\builtin :; "
        "\\builtin export TERM=\"$__term\" 2>/dev/null || \\builtin :; \\builtin unset -v __term; "
        "\\builtin eval \"\\\\builtin unset -v REPLY;$REPLY\"";

int session_script(const struct session *session, const char *command, size_t len, struct err *err)
{
	const char *sections[SECTIONS];
	BUF_AUTO own = {0};
	if (session->script >= 0 && split(&session->text, sections))
		compose(&own, sections);
	return make_file(command, len, &own, err);
}

int session_ask(struct box *box, struct session *session, struct err *err)
{
	const char *sections[SECTIONS];
	session->script = -1;
	BUF_AUTO tell = {0};
	add_tell(&tell);
	int told = run(box, buf_string(&tell), 0, &session->text, err);
	if (told <= 0 || !split(&session->text, sections))
		return told < 0 ? -1 : 0;
	session->script = make_script(sections, err);
	return session->script < 0 ? -1 : 0;
}

void session_free(struct session *session)
{
	if (session->script > 0)
		close(session->script);
	buf_free(&session->text);
}

static unsigned compare(const struct session *session, const struct buf *answer)
{
	const char *asked[SECTIONS], *told[SECTIONS];
	unsigned lost = COMPARED;
	if (!split(&session->text, asked) || !split(answer, told))
		return ALL;
	for (int i = 0; i < SECTIONS; i++)
		if (telling[i].name && !same_section(asked[i], told[i]))
			lost |= 1u << i;
	return lost;
}

/*
 * 0 and what was lost, or -1. The same script does the same in each box: what
 * came of the first that was compared, or gave no answer, stands for all.
 */
static int give(struct box *box, struct session *session, unsigned *lost, struct err *err)
{
	BUF_AUTO command = {0};
	BUF_AUTO answer = {0};
	unsigned known = *lost = atomic_load(&session->lost);
	if (session->script < 0)
		*lost = ALL;
	if (*lost & ALL)
		return 0;
	buf_add_string(&command, "\\builtin source /proc/self/fd/3\n\\exec 3<&- 2>/dev/null\n\\builtin eval ");
	if (known)
		buf_add_format(&command, "\"$1\"\n%s", end_step);
	else
		buf_add_string(&command, "\"$1$REPLY\"");
	int told = run(box, buf_string(&command), session->script, &answer, err);
	if (told < 0)
		return -1;
	if (told == 0)
		*lost = ALL;
	else if (!known)
		*lost = compare(session, &answer);
	if (!known)
		atomic_store(&session->lost, *lost);
	return 0;
}

int session_give(struct box *box, struct session *session, json *lost, struct err *err)
{
	unsigned missing;
	if (give(box, session, &missing, err) < 0)
		return -1;
	for (int i = 0; i < SECTIONS; i++)
		if (missing & 1u << i)
			json_append(lost, json_new_string(telling[i].name));
	if (missing & ALL)
		json_append(lost, json_new_string("shell"));
	return !(missing & ALL);
}

int session_go(struct box *box, const char *cwd, json *lost, struct err *err)
{
	BUF_AUTO script = {0};
	BUF_AUTO answer = {0};
	buf_add_string(&script, "\\builtin cd -- ");
	buf_add_quoted(&script, cwd, strlen(cwd));
	buf_add_string(&script, " && \\builtin unset -v OLDPWD && \\builtin printf there");
	if (run(box, buf_string(&script), 0, &answer, err) < 0)
		return -1;
	if (strcmp(buf_string(&answer), "there") != 0)
		json_append(lost, json_new_string(telling[FOLDER].name));
	return 0;
}
