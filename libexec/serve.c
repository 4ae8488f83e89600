/*
 * Pid 1 of a box: serves requests, one at a time, on a listening socket and a
 * few connections, in one loop around poll() that never waits for anything
 * else. Whatever a process of the box or a slow client does, the deadlines
 * hold, because they are this loop's own.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 5000

static void reap(void)
{
	struct signalfd_siginfo info[8];
	int status;
	while (read(FD_SIGNAL, info, sizeof info) == sizeof info)
		continue;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		slot_ended(pid);
		if (pid == box.session) {
			session_status(); /* its last words: where it was */
			box.session = 0;
			if (job.phase != IDLE && job.op == BOX_SHELL && job.waiting) {
				job.flags |= BOX_SHELL_ENDED;
				job_exited(status);
			}
		} else if (pid == job.pid && job.phase != IDLE && job.op != BOX_SHELL && job.waiting) {
			job_exited(status);
		}
	}
}

static int receive(int conn, int fds[BOX_REQUEST_FDS_MAX])
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(BOX_REQUEST_FDS_MAX * sizeof(int))];
	struct iovec part = {&input, sizeof input};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n = recvmsg(conn, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	for (int i = 0; i < BOX_REQUEST_FDS_MAX; i++)
		fds[i] = -1;
	struct cmsghdr *item = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (item && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0)); /* no more than control has room for */
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < (ssize_t)sizeof input.frame || input.frame.len != (size_t)n - sizeof input.frame ||
	    input.frame.operands > input.frame.len)
		return -1;
	/* Operands end with a NUL; this is one more, for those that do not. */
	if (input.frame.len < sizeof input.payload)
		input.payload[input.frame.len] = '\0';
	return 1;
}

static void connection_lost(int slot)
{
	int conn = box.conns[slot];
	box.conns[slot] = -1;
	close(conn);
	box.deserted |= conn == box.freezer;
	if (slot == 0 && !box.adopted)
		box_exit(0); /* a box that was never finished dies with its maker */
	if (job.phase != IDLE && job.conn == conn) {
		job.conn = -1;
		output.frame.op = 0;
		if (job.phase == RUNNING)
			job_kill(BOX_TIMEOUT);
	}
}

static void request(int slot)
{
	int fds[BOX_REQUEST_FDS_MAX], conn = box.conns[slot];
	int got = receive(conn, fds);
	if (got < 0) {
		input.frame.len = 0;
		connection_lost(slot);
	} else if (got > 0) {
		uint32_t op = input.frame.op;
		box.conn_used[slot] = box.idle_since = now_ms();
		if (op == BOX_END)
			box_exit(0);
		if (op == BOX_ADOPT)
			box.adopted = true;
		if (op == BOX_INPUT || op == BOX_INPUT_END) {
			if (job.phase == RUNNING && job.conn == conn && job.in_open)
				job_accept_input();
			else
				input.frame.len = 0;
		} else if (op == BOX_STOP) {
			if (job.phase == RUNNING && job.conn == conn && (job.op == BOX_SHELL || job.op == BOX_EXEC))
				job_kill(BOX_STOPPED);
			input.frame.len = 0;
		} else if ((op >= BOX_SHELL && op <= BOX_THAW) || op == BOX_NAMES || op == BOX_TERMINAL) {
			job_begin(conn, fds);
		} else {
			input.frame.len = 0;
		}
	}
	for (int i = 0; i < BOX_REQUEST_FDS_MAX; i++)
		drop_fd(&fds[i]);
}

static void take_connection(void)
{
	int slot = -1;
	int conn = accept4(FD_LISTEN, NULL, NULL, SOCK_CLOEXEC);
	if (conn < 0)
		return;
	/* A free place, else that of the connection that was quiet for longest: its client connects again. */
	for (int i = 1; i < CONNECTIONS; i++) {
		if (job.phase != IDLE && box.conns[i] == job.conn && box.conns[i] >= 0)
			continue;
		if (slot < 0 || (box.conns[slot] >= 0 && (box.conns[i] < 0 || box.conn_used[i] < box.conn_used[slot])))
			slot = i;
	}
	if (box.conns[slot] >= 0)
		connection_lost(slot);
	box.conns[slot] = conn;
	box.conn_used[slot] = now_ms();
}

/* --- the loop ------------------------------------------------------- */

enum {
	AT_SIGNAL,
	AT_LISTEN,
	AT_KEEPER,
	AT_STATUS,
	AT_OUT,
	AT_ERR,
	AT_INPUT,
	AT_CONNS,
	AT_COUNT = AT_CONNS + CONNECTIONS
};

static void watch(struct pollfd *fds)
{
	bool active = job.phase != IDLE;
	bool blocked = output.frame.op != 0;
	bool reading = !blocked && (job.phase == RUNNING || (job.phase == KILLING && job.waiting));
	fds[AT_SIGNAL] = (struct pollfd){FD_SIGNAL, POLLIN, 0};
	fds[AT_LISTEN] = (struct pollfd){box.listening ? FD_LISTEN : -1, POLLIN, 0};
	fds[AT_KEEPER] = (struct pollfd){box.spec->kept ? FD_KEEPER : -1, POLLIN, 0};
	fds[AT_STATUS] = (struct pollfd){FD_STATUS, POLLIN, 0};
	fds[AT_OUT] = (struct pollfd){reading ? job.out : -1, POLLIN, 0};
	fds[AT_ERR] = (struct pollfd){reading ? job.err : -1, POLLIN, 0};
	fds[AT_INPUT] = (struct pollfd){-1, POLLOUT, 0};
	if (active && input.frame.len > 0)
		fds[AT_INPUT].fd = job.op == BOX_SHELL ? FD_COMMAND : job.in;
	for (int i = 0; i < CONNECTIONS; i++) {
		bool mine = active && box.conns[i] == job.conn;
		short events = POLLIN;
		/* The next frame is taken when the last one has been given on: there is one buffer. A request on
		 * another connection waits until this one is done: its client has died, or no one would ask. */
		if (active && (!mine || input.frame.len > 0))
			events = 0;
		if (mine && blocked)
			events |= POLLOUT;
		fds[AT_CONNS + i] = (struct pollfd){box.conns[i], events, 0};
	}
}

/* Everything in the box dies with pid 1. The note comes first: who finds nobody serving finds it written. */
static void end_by_itself(enum box_note why)
{
	if (box.spec->listens)
		(void)!ftruncate(FD_NOTE, why);
	box_exit(0);
}

/* What belongs to an episode that somebody removed is nobody's any more. */
static void look_for_note(int64_t now)
{
	struct stat st;
	if (fstat(FD_NOTE, &st) == 0 && st.st_nlink == 0)
		box_exit(0);
	box.look_again = now + LOOK_MS;
}

static int64_t total_end(void)
{
	return box.spec->total_s ? box.born + (int64_t)box.spec->total_s * 1000 : INT64_MAX;
}

static int64_t idle_end(void)
{
	return box.spec->idle_s && job.phase == IDLE ? box.idle_since + (int64_t)box.spec->idle_s * 1000 : INT64_MAX;
}

/* Ends the box if its time is up, or nobody's any more. */
static void look_at_time(void)
{
	int64_t now = now_ms();
	if (total_end() <= now)
		end_by_itself(job.phase == IDLE ? BOX_TOTAL : BOX_BUSY);
	if (idle_end() <= now)
		end_by_itself(BOX_IDLE);
	if (box.look_again <= now)
		look_for_note(now);
}

static void sooner(int64_t *next, int64_t time)
{
	if (time < *next)
		*next = time;
}

/* Milliseconds until there is something to be done without being asked, as poll() wants them. */
static int time_left(void)
{
	int64_t next = box.look_again, now = now_ms();
	sooner(&next, total_end());
	sooner(&next, idle_end());
	if (job.phase == RUNNING && job.deadline)
		sooner(&next, job.deadline);
	if (job.phase == KILLING)
		sooner(&next, job.kill_again);
	if (watch_next())
		sooner(&next, watch_next());
	if (next == INT64_MAX)
		return -1;
	next = next > now ? next - now : 0;
	return next > 1000000 ? 1000000 : (int)next;
}

static void turn(void)
{
	struct pollfd fds[AT_COUNT];
	watch(fds);
	look_at_time();
	if (poll(fds, AT_COUNT, time_left()) < 0 && errno != EINTR)
		box_exit(1);
	if (fds[AT_KEEPER].revents)
		end_by_itself(BOX_KEEPER);
	output_flush();
	if (fds[AT_OUT].revents)
		job_take_stream(&job.out, 1, fds[AT_OUT].revents);
	if (fds[AT_ERR].revents)
		job_take_stream(&job.err, 2, fds[AT_ERR].revents);
	if (fds[AT_STATUS].revents)
		session_status();
	if (fds[AT_SIGNAL].revents)
		reap();
	if (fds[AT_INPUT].revents && (job.phase == RUNNING || job.phase == KILLING))
		job_give_input();
	for (int i = 0; i < CONNECTIONS; i++) {
		if (box.conns[i] < 0 || fds[AT_CONNS + i].fd != box.conns[i])
			continue;
		/* One that came earlier in this round may have begun a job. */
		bool free_to_ask = job.phase == IDLE || (box.conns[i] == job.conn && input.frame.len == 0);
		if (fds[AT_CONNS + i].revents & POLLIN && free_to_ask)
			request(i);
		else if (fds[AT_CONNS + i].revents & (POLLHUP | POLLERR))
			connection_lost(i);
	}
	if (fds[AT_LISTEN].revents)
		take_connection();
	watch_turn();
	job_settle();
	/* Who stopped the others died before it could let them go on. Not while what it began is being killed: what
	 * they start meanwhile would be taken for a part of that. */
	if (box.frozen && box.deserted && job.phase == IDLE)
		thaw();
}

const char *serve_begin(const struct box_spec *spec)
{
	sigset_t signals;
	struct stat st;
	box.spec = spec;
	box.born = box.idle_since = now_ms();
	/* A file system that counts no names is not asked. */
	box.look_again = spec->listens && fstat(FD_NOTE, &st) == 0 && st.st_nlink > 0 ? box.born : INT64_MAX;
	for (int i = 0; i < CONNECTIONS; i++)
		box.conns[i] = -1;
	box.conns[0] = FD_FIRST;
	box.listening = spec->listens;
	command_limits(spec);
	sigfillset(&signals);
	if (sigprocmask(SIG_SETMASK, &signals, NULL) < 0)
		return "block signals";
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	int fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0 || (fd != FD_SIGNAL && (dup3(fd, FD_SIGNAL, O_CLOEXEC) < 0 || close(fd) < 0)))
		return "open a descriptor for signals";
	return NULL;
}

void serve(void)
{
	for (;;)
		turn();
}
