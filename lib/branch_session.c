/*
 * The state of a session's shell, carried from one box to another. The shell
 * is asked by a command like any other, all of it in a subshell: what that
 * changes is its own, and it ends with the status that the session's last
 * command had. Each word is quoted, so that no alias gets in, and called as a
 * builtin, so that no function does. What is answered is commands, and the
 * other shell carries them out: both are the agent's, and nothing of it is
 * trusted here. That it then gives the same answer is how one knows that
 * nothing was lost.
 */
#include "branch_session.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 10000
#define STATE_MAX (16u << 20) /* bytes of a shell's state */

enum section {
	STATUS,
	PARAMETERS,
	SHOPT,
	OPTIONS,
	TRAPS,
	ALIASES,
	UMASK,
	FOLDER,
	VARIABLES,
	FUNCTIONS,
	ATTRIBUTES,
	END,
	SECTIONS
};

/* How a section that did not come over is called; NULL: it is not compared. */
static const char *const names[SECTIONS] = {
        [PARAMETERS] = "positional parameters",
        [SHOPT] = "shell options",
        [OPTIONS] = "options",
        [TRAPS] = "traps",
        [ALIASES] = "aliases",
        [UMASK] = "umask",
        [FOLDER] = "working directory",
        [VARIABLES] = "variables",
        [FUNCTIONS] = "functions",
        [ATTRIBUTES] = "functions' attributes",
};

#define NEXT "\\builtin printf '\\0'\n"
/* In the order of the sections. Unset, and so not told, is what is another thing in each shell. */
static const char tell[] =
        "\\builtin printf '%s\\0' \"${__status:-0}\"\n"
        "(($# == 0)) || \\builtin printf ' %q' \"$@\"\n" NEXT "\\builtin shopt -p\n" NEXT "\\builtin set +o\n" NEXT
        "\\builtin trap -p\n" NEXT "\\builtin set +eux\n\\builtin trap - DEBUG ERR RETURN EXIT\n"
        "\\builtin alias -p\n" NEXT "\\builtin umask -p\n" NEXT "\\builtin pwd\n" NEXT
        "\\builtin set -- \"${__status:-0}\"\n"
        "\\builtin unset -v RANDOM SRANDOM SECONDS EPOCHREALTIME EPOCHSECONDS BASHPID BASH_COMMAND BASH_SUBSHELL "
        "BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_LINENO BASH_SOURCE BASH_ALIASES BASH_CMDS BASH_EXECUTION_STRING LINENO "
        "HISTCMD PIPESTATUS DIRSTACK FUNCNAME GROUPS COMP_WORDBREAKS REPLY __step __status _\n"
        "\\builtin declare -p\n" NEXT "\\builtin declare -f\n" NEXT "\\builtin declare -F\n" NEXT
        "\\builtin printf 'end\\0'\n\\builtin exit \"$1\"\n";

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
	return at == end && !strcmp(sections[END], "end");
}

static int run(struct box *box, const struct buf *script, struct buf *answer, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct box_command command = {.op = BOX_SHELL,
	                              .input = script->data,
	                              .input_len = script->len,
	                              .timeout_ms = TIMEOUT_MS,
	                              .spare = true,
	                              .keep = STATE_MAX};
	if (box_run(box, &command, &result, err) < 0)
		return -1;
	if (result.how != BOX_EXITED || result.shell_ended || result.out[0].cut)
		return err_set(err, ERR_SYSTEM, "the session's shell does not tell its state: it %s",
		               result.out[0].cut           ? "is too large"
		               : result.how == BOX_TIMEOUT ? "takes too long"
		                                           : "ended");
	buf_add(answer, result.out[0].head.data, result.out[0].head.len);
	return 0;
}

int session_ask(struct box *box, struct session *session, struct err *err)
{
	BUF_AUTO script = {0};
	BUF_AUTO answer = {0};
	const char *sections[SECTIONS];
	buf_add_format(&script, "(%s)", tell);
	if (run(box, &script, &answer, err) < 0)
		return -1;
	if (!split(&answer, sections))
		return err_set(err, ERR_SYSTEM, "the session's shell does not tell its state");
	session->text = answer;
	answer = (struct buf){0};
	return 0;
}

static void add_quoted(struct buf *script, const char *text)
{
	buf_add_char(script, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_add_string(script, "'\\''");
		else
			buf_add_char(script, *text);
	buf_add_char(script, '\'');
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

/* Not what sets a level of compatibility: BASH_COMPAT is among the variables, and would be set by it where it was not. */
static void add_shopt(struct buf *script, const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		if (strncmp(text, "shopt -u compat", 15) != 0)
			buf_add_format(script, "\\builtin %.*s\n", (int)(end - text), text);
}

/* What follows BASH_ARGC and BASH_ARGV, which cannot be unset and differ once a shell had its parameters set. */
static const char *behind_arguments(const char *at)
{
	while (strncmp(at, "declare -a BASH_ARG", 19) == 0)
		at += strcspn(at, "\n") + (strchr(at, '\n') != NULL);
	return at;
}

static bool same_section(const char *asked, const char *told)
{
	static const char line[] = "declare -a BASH_ARGC=";
	const char *a = strstr(asked, line), *b = strstr(told, line);
	if (!a || !b)
		return strcmp(asked, told) == 0;
	return a - asked == b - told && memcmp(asked, told, (size_t)(a - asked)) == 0 &&
	       strcmp(behind_arguments(a), behind_arguments(b)) == 0;
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
 * before options, as their text may need extglob to be read, and before traps,
 * of which DEBUG would see all that follows.
 */
static void compose(struct buf *script, const char *const sections[SECTIONS])
{
	buf_add_string(script, "\\builtin shopt -u expand_aliases\n\\builtin shopt -s extglob\n\\builtin cd -- ");
	size_t len = strlen(sections[FOLDER]);
	STRING_AUTO folder = mem_format("%.*s", (int)(len ? len - 1 : 0), sections[FOLDER]);
	add_quoted(script, folder);
	buf_add_string(script,
	               "\n\\builtin unset -v PATH HOME USER LOGNAME SHELL TERM COLUMNS LINES TZ LC_ALL LANG PAGER "
	               "GIT_PAGER PYTHONHASHSEED OLDPWD IFS PS4 SHLVL HOSTNAME\n\\builtin eval ");
	add_quoted(script, sections[VARIABLES]);
	buf_add_string(script, "\n\\builtin eval ");
	add_quoted(script, sections[FUNCTIONS]);
	buf_add_format(script, "\n\\builtin set --%s\n", sections[PARAMETERS]);
	add_attributes(script, sections[ATTRIBUTES]);
	add_builtins(script, sections[ALIASES]);
	add_builtins(script, sections[UMASK]);
	add_shopt(script, sections[SHOPT]);
	add_builtins(script, sections[OPTIONS]);
	add_builtins(script, sections[TRAPS]);
	/* The status of the last command, which this one's is to be. */
	buf_add_format(script, "(__status=%ld\n%s)", strtol(sections[STATUS], NULL, 10) & 255, tell);
}

int session_give(struct box *box, const struct session *session, json *lost, struct err *err)
{
	BUF_AUTO script = {0};
	BUF_AUTO answer = {0};
	const char *asked[SECTIONS], *told[SECTIONS];
	if (!split(&session->text, asked))
		return err_set(err, ERR_SYSTEM, "no state of a shell");
	compose(&script, asked);
	if (run(box, &script, &answer, err) < 0)
		return -1;
	bool complete = split(&answer, told);
	for (int i = 0; i < SECTIONS; i++)
		if (names[i] && (!complete || !same_section(asked[i], told[i])))
			json_append(lost, json_new_string(names[i]));
	return 0;
}

int session_go(struct box *box, const char *cwd, json *lost, struct err *err)
{
	BUF_AUTO script = {0};
	BUF_AUTO answer = {0};
	buf_add_string(&script, "\\builtin cd -- ");
	add_quoted(&script, cwd);
	buf_add_string(&script, " && \\builtin unset -v OLDPWD && \\builtin printf there");
	if (run(box, &script, &answer, err) < 0)
		return -1;
	if (strcmp(buf_string(&answer), "there") != 0)
		json_append(lost, json_new_string(names[FOLDER]));
	return 0;
}
