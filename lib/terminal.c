#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "num.h"
#include "stop.h"
#include "text.h"

#define WRITE_MS 100  /* as long as a terminal may hold up who wants to go */
#define ESCAPE_MS 50  /* what follows an Escape later than that is another key */
#define PASTE_MS 1000 /* a paste in which nothing comes for so long is over */
#define SEQUENCE_MAX 32

static struct termios before;
static bool kept;
static pid_t owner;                /* who has kept it */
static volatile sig_atomic_t raw;  /* it is wanted */
static volatile sig_atomic_t here; /* and this is how the terminal is */
static const char *volatile enter_text = "", *volatile leave_text = "";
static int event = -1;

bool terminal_screen(void)
{
	const char *name = getenv("TERM");
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && name && *name && strcmp(name, "dumb") != 0;
}

bool terminal_colour(int fd)
{
	const char *name = getenv("TERM"), *none = getenv("NO_COLOR");
	return isatty(fd) && !(none && *none) && name && strcmp(name, "dumb") != 0;
}

static unsigned from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	uint64_t number;
	return text && num_parse(text, 1, 10000, &number) == 0 ? (unsigned)number : otherwise;
}

void terminal_size(unsigned *columns, unsigned *rows)
{
	/* Where stdout is a pipe to a pager, the others know. */
	static const int fds[] = {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};
	struct winsize size = {0};
	for (size_t i = 0; i < sizeof fds / sizeof *fds && !size.ws_col; i++)
		if (ioctl(fds[i], TIOCGWINSZ, &size) < 0)
			size.ws_col = 0;
	*columns = size.ws_col ? size.ws_col : from_environment("COLUMNS", 80);
	*rows = size.ws_col && size.ws_row ? size.ws_row : from_environment("LINES", 24);
}

/* --- as it was ------------------------------------------------------------ */

/* One that was stopped with Ctrl-S, or of which nobody reads the other side, is not waited for. */
static void say(const char *text)
{
	struct pollfd polled = {.fd = STDOUT_FILENO, .events = POLLOUT};
	for (size_t left = strlen(text); left > 0 && poll(&polled, 1, WRITE_MS) == 1;) {
		ssize_t n = write(STDOUT_FILENO, text, left);
		if (n <= 0)
			return;
		text += n;
		left -= (size_t)n;
	}
}

/* Never from the background, where the terminal is another's and setting it would stop us, and not by a child of ours. */
static bool is_ours(void)
{
	return kept && getpid() == owner && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void give_back(void)
{
	int saved = errno;
	if (here && is_ours()) {
		say(leave_text);
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	}
	here = false;
	errno = saved;
}

static void take(void)
{
	struct termios mode = before;
	int saved = errno;
	if (raw && is_ours()) {
		cfmakeraw(&mode);
		tcsetattr(STDIN_FILENO, TCSANOW, &mode);
		say(enter_text);
		here = true;
	}
	errno = saved;
}

void terminal_restore(void)
{
	int saved = errno;
	raw = false;
	give_back();
	/* What another part of the program has made of it, such as a line editor, ends as well. */
	if (is_ours())
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	errno = saved;
}

/* --- signals ---------------------------------------------------------------- */

static void notice(void)
{
	uint64_t one = 1;
	/* Fails only when the counter is full, and then it is readable. */
	(void)!write(event, &one, sizeof one);
}

static struct sigaction others[NSIG]; /* what was there before ours */

/* Those that end the program: the terminal first, and then what would have come without us. */
static void on_end(int number, siginfo_t *info, void *context)
{
	(void)context;
	terminal_restore();
	sigaction(number, &others[number], NULL);
	/* An instruction at fault is carried out again, which tells a sanitizer where it is. */
	bool fault = number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL;
	if (!fault || info->si_code <= 0)
		raise(number);
}

static void on_stop(int number)
{
	int saved = errno;
	struct sigaction ours;
	sigset_t set;
	give_back();
	sigaction(number, &others[number], &ours);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* here it stops */
	sigaction(number, &ours, NULL);
	/* One of an orphaned group was not stopped, and hears of no SIGCONT. */
	take();
	notice();
	errno = saved;
}

static void on_change(int number)
{
	int saved = errno;
	if (number == SIGCONT)
		take();
	notice();
	/* A line editor that was there first wants to know as well. */
	if (others[number].sa_handler != SIG_DFL && others[number].sa_handler != SIG_IGN &&
	    !(others[number].sa_flags & SA_SIGINFO))
		others[number].sa_handler(number);
	errno = saved;
}

static void handle(int number, struct sigaction action, bool always)
{
	struct sigaction old;
	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &old) < 0 || old.sa_handler == action.sa_handler ||
	    (!always && old.sa_handler != SIG_DFL))
		return;
	others[number] = old;
	sigaction(number, &action, NULL);
}

int terminal_keep(struct err *err)
{
	static const int ends[] = {SIGHUP,  SIGINT,    SIGTERM, SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,
	                           SIGBUS,  SIGFPE,    SIGSEGV, SIGSYS,  SIGALRM, SIGUSR1, SIGUSR2,
	                           SIGPIPE, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGPOLL};
	static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
	const struct sigaction end = {.sa_sigaction = on_end, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	static char stack[64 << 10];
	if (kept || !isatty(STDIN_FILENO))
		return 0;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0 || tcgetattr(STDIN_FILENO, &before) < 0)
		return err_system(err, "terminal");
	kept = true;
	owner = getpid();
	atexit(terminal_restore);
	/* A stack that is full is left for another one. */
	sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		handle(ends[i], end, false);
	/* A sanitizer's own handlers come after ours. */
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		handle(faults[i], end, true);
	/* Nothing that is read or written ends because of these. */
	handle(SIGTSTP, (struct sigaction){.sa_handler = on_stop, .sa_flags = SA_RESTART}, false);
	handle(SIGCONT, (struct sigaction){.sa_handler = on_change, .sa_flags = SA_RESTART}, true);
	handle(SIGWINCH, (struct sigaction){.sa_handler = on_change, .sa_flags = SA_RESTART}, true);
	return 0;
}

int terminal_raw(const char *enter, const char *leave, struct err *err)
{
	if (terminal_keep(err) < 0)
		return -1;
	if (!kept)
		return err_set(err, ERR_SYSTEM, "standard input is not a terminal");
	give_back();
	enter_text = enter;
	leave_text = leave;
	raw = true;
	take();
	return 0;
}

void terminal_suspend(void)
{
	kill(0, SIGTSTP);
}

int terminal_event(void)
{
	return event;
}

bool terminal_changed(void)
{
	uint64_t count;
	return read(event, &count, sizeof count) == (ssize_t)sizeof count;
}

/* --- keys --------------------------------------------------------------------- */

static char pending[256]; /* bytes that were read and not used yet */
static size_t pending_len;

/* 1: there are more bytes; else what terminal_key() is to return. tell: also that the size has changed. */
static int read_more(int timeout_ms, bool tell)
{
	struct pollfd polled[] = {{.fd = STDIN_FILENO, .events = POLLIN},
	                          {.fd = tell ? event : -1, .events = POLLIN},
	                          {.fd = stop_fd(), .events = POLLIN}};
	int ready;
	do
		ready = poll(polled, 3, timeout_ms);
	while (ready < 0 && errno == EINTR && !stop_signal());
	if (ready < 0 || polled[2].revents)
		return TERMINAL_GONE;
	if (ready == 0)
		return TERMINAL_NOTHING;
	if (polled[1].revents)
		return terminal_changed() ? TERMINAL_RESIZED : TERMINAL_NOTHING;
	ssize_t n = read(STDIN_FILENO, pending + pending_len, sizeof pending - pending_len);
	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN) ? TERMINAL_NOTHING : TERMINAL_GONE;
	pending_len += (size_t)n;
	return 1;
}

static void use(size_t len)
{
	pending_len -= len;
	memmove(pending, pending + len, pending_len);
}

/* What a sequence of ECMA-48 stands for: its final byte, or its number before '~'. 0: no key of ours. */
static int key_of(char final, unsigned number)
{
	static const int numbered[] = {0,
	                               TERMINAL_HOME,
	                               TERMINAL_INSERT,
	                               TERMINAL_DELETE,
	                               TERMINAL_END,
	                               TERMINAL_PAGE_UP,
	                               TERMINAL_PAGE_DOWN,
	                               TERMINAL_HOME,
	                               TERMINAL_END};
	switch (final) {
	case 'A':
		return TERMINAL_UP;
	case 'B':
		return TERMINAL_DOWN;
	case 'C':
		return TERMINAL_RIGHT;
	case 'D':
		return TERMINAL_LEFT;
	case 'H':
		return TERMINAL_HOME;
	case 'F':
		return TERMINAL_END;
	case '~':
		return number < sizeof numbered / sizeof *numbered ? numbered[number] : 0;
	default:
		return 0;
	}
}

#define PASTE_BEGIN 200

/* The bytes of the sequence that pending begins with, and its key; 0: it is not complete. */
static size_t sequence(int *key)
{
	unsigned number = 0;
	bool first = true; /* of its numbers: others tell which keys were held with it */
	if (pending_len < 3)
		return 0;
	if (pending[1] == 'O') {
		*key = key_of(pending[2], 0);
		return 3;
	}
	for (size_t i = 2; i < pending_len; i++) {
		char c = pending[i];
		if (c >= 0x40 && c <= 0x7e) {
			*key = c == '~' && number == PASTE_BEGIN ? PASTE_BEGIN : key_of(c, number);
			return i + 1;
		}
		if (c < 0x20 || c > 0x3f || i >= SEQUENCE_MAX) {
			*key = 0;
			return i; /* it is none */
		}
		first &= c >= '0' && c <= '9';
		number = first && number < 1000 ? number * 10 + (unsigned)(c - '0') : number;
	}
	return 0;
}

/* Passes over what is pasted, up to its end. */
static void skip_paste(void)
{
	static const char end[] = "\033[201~";
	const size_t len = sizeof end - 1;
	for (;;) {
		const char *at = memmem(pending, pending_len, end, len);
		if (at) {
			use((size_t)(at - pending) + len);
			return;
		}
		if (pending_len >= len)
			use(pending_len - (len - 1));
		if (read_more(PASTE_MS, false) != 1) {
			pending_len = 0;
			return;
		}
	}
}

static int escape(void)
{
	int key = 0;
	while (pending_len == 1 || pending[1] == '[' || pending[1] == 'O') {
		size_t len = sequence(&key);
		if (len) {
			use(len);
			if (key == PASTE_BEGIN) {
				skip_paste();
				key = 0;
			}
			return key;
		}
		if (read_more(ESCAPE_MS, false) != 1)
			break;
	}
	use(1);
	return 27;
}

/* The first character or key of what is pending; 0: it was none. */
static int decode(void)
{
	size_t size, need = text_cut_end(pending, pending_len < 4 ? pending_len : 4);
	if (pending[0] == 27)
		return escape();
	if (need == 0 && read_more(ESCAPE_MS, false) == 1)
		return 0; /* the rest of a character has come */
	int code = (int)text_code(pending, pending_len, &size);
	use(size);
	return code == 0xfffd ? 0 : code;
}

int terminal_key(int timeout_ms)
{
	int64_t until = num_now_us() + (int64_t)timeout_ms * 1000;
	for (;;) {
		while (pending_len > 0) {
			int key = decode();
			if (key)
				return key;
		}
		int64_t left = timeout_ms < 0 ? -1 : (until - num_now_us()) / 1000;
		int got = read_more(timeout_ms < 0 ? -1 : left < 0 ? 0 : (int)left, true);
		if (got != 1 && (got != TERMINAL_NOTHING || timeout_ms >= 0))
			return got;
	}
}
