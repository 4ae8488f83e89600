#include "box_pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "box_connection.h"
#include "fd.h"
#include "num.h"
#include "stop.h"

#define READY_MS 20000 /* for another request that the box may be busy with, of a client that died */
#define HANGUP_MS 1000 /* for a program to end that lost its terminal */
#define GONE_MS 10000  /* for the box to answer then */
#define REST_MS 20     /* a terminal that nobody has open may be opened again */
#define CHUNK 16384
#define DRAIN_MAX (1u << 20) /* bytes that are taken once the command is over: what it left goes on writing, perhaps */

/* --- a terminal --------------------------------------------------------- */

/* A number's digits up to end, without the heap. */
static char *digits(char *end, unsigned number)
{
	do
		*--end = (char)('0' + number % 10);
	while (number /= 10);
	return end;
}

static int map_id(const char *path, unsigned id)
{
	char line[] = "0 0000000000 1";
	char *end = line + sizeof line - 3, *from = digits(end, id);
	*--from = ' ';
	*--from = '0';
	return fd_put_text(path, from);
}

/* In a child, where nothing but system calls is sure to work: a file system of terminals that nobody else sees, and one
 * of it. -1: this host does not let it be made. */
static int open_private(uid_t uid, gid_t gid)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || fd_put_text("/proc/self/setgroups", "deny") < 0 ||
	    map_id("/proc/self/uid_map", uid) < 0 || map_id("/proc/self/gid_map", gid) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	/* Who has it open may open it again: a command as another user, too. */
	if (mount("pty", "/tmp", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0666,max=1") < 0)
		return -1;
	return open("/tmp/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void send_master(int to) __attribute__((noreturn));
static void send_master(int to)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	char byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	int master = open_private(geteuid(), getegid());
	if (master < 0)
		_exit(errno & 0x7f);
	fd_attach(&header, control, &master, 1);
	_exit(sendmsg(to, &header, MSG_NOSIGNAL) == 1 ? 0 : EIO);
}

static int receive_master(int from)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	char byte;
	int master = -1;
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n;
	do
		n = recvmsg(from, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *item = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (item && item->cmsg_len == CMSG_LEN(sizeof master))
		memcpy(&master, CMSG_DATA(item), sizeof master);
	return master;
}

/* -1 and errno. */
static int private_master(void)
{
	int ends[2], master, status = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		send_master(ends[1]);
	int error = errno;
	close(ends[1]);
	master = pid > 0 ? receive_master(ends[0]) : -1;
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	errno = pid < 0 ? error : WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EIO;
	return master;
}

static int set_size(int terminal, const struct pty_size *size)
{
	const struct winsize window = {.ws_row = (unsigned short)size->rows, .ws_col = (unsigned short)size->columns};
	return ioctl(terminal, TIOCSWINSZ, &window);
}

/* Both ends of a new terminal. */
static int open_terminal(const struct pty_size *size, int *master, int *slave, struct err *err)
{
	struct termios settings;
	const int unlock = 0;
	*slave = -1;
	*master = private_master();
	if (*master >= 0 && ioctl(*master, TIOCSPTLCK, &unlock) == 0)
		*slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave >= 0 && tcgetattr(*slave, &settings) == 0) {
		settings.c_iflag |= IUTF8; /* what Backspace takes away is a character */
		if (tcsetattr(*slave, TCSANOW, &settings) == 0 && set_size(*master, size) == 0 &&
		    fcntl(*master, F_SETFL, O_RDWR | O_NONBLOCK) == 0)
			return 0;
	}
	err_system(err, "make a terminal");
	fd_close(slave);
	fd_close(master);
	return -1;
}

/* --- what goes on there --------------------------------------------------- */

struct pty {
	struct box *box;
	const struct box_command *command;
	const struct pty_user *user;
	struct box_result *result;
	int master; /* -1: hung up */
	int64_t start_ms, output_ms;
	int64_t hung_ms, rest_ms; /* since when; until when it is not looked at; 0 */
	uint64_t written;
	struct buf typed; /* that the program has not taken */
	bool asked_to_stop, flooded, signalled;
};

/* As box_answer(), until it is known that the box has terminals. */
static int await_ready(struct box *box, struct err *err)
{
	struct {
		struct box_frame frame;
		char stage[64];
	} answer;
	int ready = stop_ready(box->fd, POLLIN, num_now_ms() + READY_MS, err);
	if (ready < 0)
		return -1;
	if (ready > 0 && recv(box->fd, &answer, sizeof answer, MSG_DONTWAIT | MSG_PEEK) < (ssize_t)sizeof answer.frame)
		return err_set(err, ERR_SYSTEM, "the box ended");
	if (ready > 0 && answer.frame.op == BOX_READY)
		return recv(box->fd, &answer, sizeof answer, MSG_DONTWAIT) > 0 ? 0 : err_system(err, "the box");
	return err_set(err, ERR_SYSTEM, "the box has no terminals: it was made by an earlier version");
}

static void stop_command(struct pty *pty)
{
	const struct box_frame frame = {.op = BOX_STOP};
	if (!pty->asked_to_stop)
		pty->asked_to_stop = send(pty->box->fd, &frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

/* All that can be read, up to max bytes. */
static void take_output(struct pty *pty, size_t max)
{
	char data[CHUNK];
	const struct pty_user *user = pty->user;
	while (pty->master >= 0 && max > 0) {
		ssize_t n = read(pty->master, data, max < sizeof data ? max : sizeof data);
		int64_t now = num_now_ms();
		/* EIO: nobody has it open now. */
		if (n < 0 && errno == EIO)
			pty->rest_ms = now + REST_MS;
		if (n <= 0)
			return;
		max -= (size_t)n;
		pty->written += (uint64_t)n;
		pty->output_ms = now - pty->start_ms;
		box_collect(&pty->result->out[0], data, (size_t)n, pty->command->keep);
		if (user->output)
			user->output(user->context, data, (size_t)n);
	}
	if (!user->person && pty->written > BOX_FLOOD) {
		pty->flooded = true;
		stop_command(pty);
	}
}

static void type(struct pty *pty)
{
	struct buf *typed = &pty->typed;
	ssize_t n = pty->master < 0 ? -1 : write(pty->master, typed->data, typed->len);
	if (n > 0)
		buf_drop_front(typed, (size_t)n);
	else if (pty->master < 0 || (errno != EAGAIN && errno != EINTR))
		buf_clear(typed);
}

static void hang_up(struct pty *pty, int64_t now)
{
	take_output(pty, CHUNK);
	fd_close(&pty->master);
	buf_clear(&pty->typed);
	pty->hung_ms = now;
}

/* Lets the user do what is due. Returns when to ask again, in milliseconds; -1: not by itself. */
static int ask_user(struct pty *pty)
{
	const struct pty_user *user = pty->user;
	int again = -1;
	/* Bounded, as the program and the box are to be looked at in between. */
	for (int i = 0; i < 64 && pty->master >= 0; i++) {
		int64_t now = num_now_ms();
		struct pty_moment moment = {now - pty->start_ms, pty->output_ms, pty->written};
		struct pty_event event = {PTY_NOTHING};
		again = -1;
		user->next(user->context, &moment, &event, &again);
		if (event.kind == PTY_NOTHING)
			return again;
		if (event.kind == PTY_HANGUP) {
			hang_up(pty, now);
		} else if (event.kind == PTY_SIZE) {
			(void)set_size(pty->master, &event.size);
		} else {
			buf_add(&pty->typed, event.text, event.len);
			type(pty);
		}
	}
	return pty->master < 0 ? -1 : 0;
}

/* How long nothing need be looked at. */
static int patience(struct pty *pty, int again, int64_t now)
{
	int64_t wait = again < 0 ? INT32_MAX : again;
	if (pty->hung_ms && !pty->asked_to_stop && pty->hung_ms + HANGUP_MS - now < wait)
		wait = pty->hung_ms + HANGUP_MS - now;
	if (pty->hung_ms && pty->hung_ms + GONE_MS - now < wait)
		wait = pty->hung_ms + GONE_MS - now;
	if (pty->rest_ms && pty->rest_ms - now < wait)
		wait = pty->rest_ms - now;
	return wait == INT32_MAX ? -1 : wait < 0 ? 0 : (int)wait;
}

/* One round. 1: done; 0; -1. */
static int turn(struct pty *pty, struct err *err)
{
	const struct pty_user *user = pty->user;
	int again = ask_user(pty);
	int64_t now = num_now_ms();
	if (pty->rest_ms <= now)
		pty->rest_ms = 0;
	if (pty->hung_ms && now >= pty->hung_ms + HANGUP_MS)
		stop_command(pty);
	if (pty->hung_ms && now >= pty->hung_ms + GONE_MS)
		return err_set(err, ERR_SYSTEM, "the box gives no answer");
	bool open = pty->master >= 0 && !pty->rest_ms, listen = pty->master >= 0;
	struct pollfd fds[5] = {
	        {pty->box->fd, POLLIN, 0},
	        {pty->signalled ? -1 : stop_fd(), POLLIN, 0},
	        {open ? pty->master : -1, (short)(POLLIN | (pty->typed.len ? POLLOUT : 0)), 0},
	        {listen ? user->fds[0] : -1, POLLIN, 0},
	        {listen ? user->fds[1] : -1, POLLIN, 0},
	};
	if (poll(fds, 5, patience(pty, again, now)) < 0)
		return errno == EINTR ? 0 : err_system(err, "poll");
	/* A person's program gets a moment to end: what was done is not to be unknown. */
	if (fds[1].revents && user->person)
		pty->signalled = true;
	else if (fds[1].revents)
		return err_set(err, ERR_SYSTEM, "stopped by a signal");
	if (fds[2].revents & POLLOUT)
		type(pty);
	if (fds[2].revents & ~POLLOUT)
		take_output(pty, 4 * CHUNK);
	return fds[0].revents ? box_answer(pty->box, pty->command, pty->result, err) : 0;
}

static int play(struct pty *pty, struct err *err)
{
	int done = 0;
	while (done == 0 || done == 2)
		done = turn(pty, err);
	if (done > 0)
		take_output(pty, DRAIN_MAX);
	if (done > 0 && pty->flooded && pty->result->how == BOX_STOPPED)
		pty->result->how = BOX_FLOODED;
	box_collected(&pty->result->out[0], pty->command->keep);
	return done > 0 ? 0 : -1;
}

int box_pty_run(struct box *box, const struct box_command *command, const struct pty_size *size,
                const struct pty_user *user, struct box_result *result, struct err *err)
{
	struct box_command own = *command;
	FD_AUTO slave = -1;
	size_t given;
	struct pty pty = {.box = box, .command = &own, .user = user, .result = result, .master = -1};
	memset(result, 0, sizeof *result);
	if (open_terminal(size, &pty.master, &slave, err) < 0)
		return -1;
	own.op = BOX_TERMINAL;
	own.fds = (const int[BOX_REQUEST_FDS_MAX]){command->fd, slave};
	int failed = user->begin && user->begin(user->context, err) < 0;
	bool begun = !failed;
	pty.start_ms = num_now_ms();
	failed = failed || box_request(box, &own, &given, err) < 0;
	/* Or it would never be seen that nobody has it open. */
	fd_close(&slave);
	failed = failed || await_ready(box, err) < 0 || play(&pty, err) < 0;
	if (begun && user->end)
		user->end(user->context);
	fd_close(&pty.master);
	buf_free(&pty.typed);
	if (!failed)
		return 0;
	box_result_free(result);
	memset(result, 0, sizeof *result);
	return -1;
}
