/* The terminal, from the other side of a pseudo-terminal: what a child does to it, and how it is afterwards. */
#include "terminal.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "pty.h"
#include "stop.h"
#include "tap.h"

static void say(const char *text)
{
	(void)!write(STDOUT_FILENO, text, strlen(text));
}

static void say_key(int key)
{
	char text[32];
	snprintf(text, sizeof text, "<%x>", (unsigned)key);
	say(text);
}

/* --- keys ------------------------------------------------------------------- */

static void play_keys(void)
{
	terminal_raw("IN", "OUT", NULL);
	say("ready");
	for (int key = 0; key != 'q' && key != TERMINAL_GONE;) {
		key = terminal_key(PATIENCE_MS);
		say_key(key);
	}
}

static void keys_are(const char *typed, const char *keys, const char *name)
{
	type(typed);
	ok(saw(keys), name);
}

static void test_keys(void)
{
	pid_t pid = begin(play_keys);
	ok(saw("INready"), "raw mode begins with its text");
	ok(!is_cooked(), "and is one");
	keys_are("aZ~ ", "<61><5a><7e><20>", "characters");
	keys_are("\r\t\x7f\x03\x1a\x04", "<d><9><7f><3><1a><4>", "keys that were signals");
	keys_are("\303\251\342\202\254\360\237\230\200", "<e9><20ac><1f600>", "UTF-8");
	keys_are("\303", "", "a character");
	keys_are("\251", "<e9>", "that comes in two parts");
	keys_are("\377\300x", "<78>", "what is none is passed over");
	keys_are("\033[A\033[B\033[C\033[D", "<110000><110001><110002><110003>", "arrows");
	keys_are("\033OA\033OH\033OF", "<110000><110004><110005>", "in the other mode");
	keys_are("\033[1~\033[4~\033[7~\033[8~\033[H\033[F", "<110004><110005><110004><110005><110004><110005>",
	         "Home and End");
	keys_are("\033[5~\033[6~\033[2~\033[3~", "<110006><110007><110008><110009>", "pages, Insert, Delete");
	keys_are("\033[1;5A\033[6;2~", "<110000><110007>", "with another key held");
	keys_are("\033[24~\033[?1;2c\033[99999999999999999999~k", "<6b>", "those of no use are passed over");
	keys_are("\033[\033[A", "<110000>", "and one that was cut off");
	keys_are("\033", "<1b>", "Escape alone");
	keys_are("\033x", "<1b><78>", "and before a character");
	keys_are("\033[200~q\nq\033[Aq\033[201~k", "<6b>", "what is pasted is passed over");
	struct winsize size = {.ws_col = 30, .ws_row = 7};
	ioctl(master, TIOCSWINSZ, &size);
	ok(saw("<11000a>"), "another size");
	type("q");
	is_int(end_of(pid), 0, "the program ends");
	ok(strstr(seen, "OUT") && is_cooked(), "and the terminal is as it was");
}

static void play_gone(void)
{
	stop_install();
	terminal_raw("", "OUT", NULL);
	say("ready");
	say_key(terminal_key(0));
	say_key(terminal_key(-1));
}

static void test_gone(void)
{
	pid_t pid = begin(play_gone);
	saw("ready");
	ok(saw("<11000b>"), "no key yet");
	kill(pid, SIGTERM);
	ok(saw("<11000c>"), "no key any more");
	end_of(pid);
	ok(is_cooked(), "and the terminal is as it was");
}

/* --- ends ------------------------------------------------------------------- */

static void play_wait(void)
{
	terminal_raw("IN", "OUT", NULL);
	say("ready");
	for (;;)
		say_key(terminal_key(-1));
}

static void play_abort(void)
{
	terminal_raw("IN", "OUT", NULL);
	abort();
}

static void play_overflow(void)
{
	volatile char much[1 << 16];
	much[0] = 1;
	if (much[0])
		play_overflow();
	much[1] = 2;
}

static void play_crash(void)
{
	terminal_raw("IN", "OUT", NULL);
	play_overflow();
}

/* A line editor has its own way, and does not live to undo it. */
static void play_editor(void)
{
	struct termios mode;
	terminal_keep(NULL);
	tcgetattr(0, &mode);
	cfmakeraw(&mode);
	tcsetattr(0, TCSANOW, &mode);
	say("ready");
	for (;;)
		pause();
}

static void test_ends(void)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGSEGV};
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		pid_t pid = begin(play_wait);
		bool was = saw("INready") && !is_cooked();
		kill(pid, signals[i]);
		int status = end_of(pid);
		/* A sanitizer makes an exit of what is not its own fault. */
		bool right = WIFSIGNALED(status) ? WTERMSIG(status) == signals[i] : status && signals[i] == SIGSEGV;
		ok(was && right && strstr(seen, "OUT") && is_cooked(), strsignal(signals[i]));
	}
	pid_t pid = begin(play_abort);
	int status = end_of(pid);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(seen, "OUT") && is_cooked(), "abort()");
	pid = begin(play_crash);
	status = end_of(pid);
	ok(status != 0 && strstr(seen, "OUT") && is_cooked(), "a stack that is full");
	pid = begin(play_editor);
	ok(saw("ready") && !is_cooked(), "a mode of another's");
	kill(pid, SIGQUIT);
	end_of(pid);
	ok(is_cooked(), "is undone as well");
}

/* A shell with one job: a group of an orphan would not be stopped. */
static void play_shell(void)
{
	int status;
	pid_t job = fork();
	if (job == 0) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		terminal_raw("IN", "OUT", NULL);
		say("ready");
		for (int key = 0; key != 'q';) {
			key = terminal_key(PATIENCE_MS);
			say_key(key);
			if (key == 0x1a)
				terminal_suspend();
		}
		exit(7);
	}
	signal(SIGTTOU, SIG_IGN);
	for (;;) {
		waitpid(job, &status, WUNTRACED);
		tcsetpgrp(0, getpgrp());
		if (!WIFSTOPPED(status))
			break;
		say("stopped");
		char line[8];
		(void)!read(0, line, sizeof line);
		tcsetpgrp(0, job);
		kill(job, SIGCONT);
	}
	exit(WEXITSTATUS(status));
}

static void test_stop(void)
{
	pid_t pid = begin(play_shell);
	saw("INready");
	type("\x1a");
	ok(saw("OUT") && saw("stopped") && is_cooked(), "stopped, the terminal is the shell's");
	type("\n");
	ok(saw("IN") && saw("<11000a>") && !is_cooked(), "continued, it is ours, and is drawn again");
	type("q");
	int status = end_of(pid);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7 && is_cooked(), "and the shell's in the end");
}

static void test_what(void)
{
	unsigned columns, rows;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), kept[3];
	struct winsize size = {.ws_col = 33, .ws_row = 9};
	for (int fd = 0; fd < 3; fd++) {
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
		dup2(null, fd);
	}
	unsetenv("COLUMNS");
	unsetenv("LINES");
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	terminal_size(&columns, &rows);
	bool nothing = !terminal_screen() && !terminal_colour(1) && columns == 80 && rows == 24 &&
	               terminal_keep(NULL) == 0 && terminal_raw("", "", NULL) == -1 && terminal_event() == -1;
	dup2(slave, 0);
	dup2(slave, 1);
	ioctl(master, TIOCSWINSZ, &size);
	terminal_size(&columns, &rows);
	bool all = terminal_screen() && terminal_colour(1) && columns == 33 && rows == 9;
	setenv("NO_COLOR", "1", 1);
	bool plain = terminal_screen() && !terminal_colour(1);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	bool dumb = !terminal_screen() && !terminal_colour(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(kept[fd], fd);
	ok(nothing, "where there is no terminal");
	ok(all, "where there is one");
	ok(plain, "without colours");
	ok(dumb, "without anything");
}

int main(void)
{
	open_pair();
	test_what();
	test_keys();
	test_gone();
	test_ends();
	test_stop();
	return done_testing();
}
