/* The request under way: its child, its input and output, its end. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILL_GRACE_MS 3000 /* for a shell to come back after the command under it was killed */
#define DEATH_MS 3000      /* for what was killed to be gone */
#define KILL_AGAIN_MS 5
#define LOOKS_AT_ONCE 10
#define FRAMES_AT_ONCE 8

TOGETHER struct box_state box;
TOGETHER struct job_state job;
PAGED struct message input, output;
size_t input_at;

int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void drop_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- output ----------------------------------------------------------- */

/* Sends what is pending. Returns whether nothing is pending any more. */
bool output_flush(void)
{
	if (output.frame.op == 0)
		return true;
	if (job.conn >= 0) {
		ssize_t n = send(job.conn, &output, sizeof output.frame + output.frame.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		/* What is missing in the middle must not be taken for the whole. */
		if (n < 0)
			shutdown(job.conn, SHUT_RDWR);
	} /* a client that is gone is noticed by poll(); its output goes nowhere */
	output.frame.op = 0;
	return true;
}

void request_failed(const char *stage)
{
	struct {
		struct box_frame frame;
		char stage[64];
	} failure = {.frame = {.op = BOX_FAILED, .code = errno}};
	strncpy(failure.stage, stage, sizeof failure.stage - 1);
	failure.frame.len = (uint32_t)strlen(failure.stage);
	/* There is room, as nothing else was said on this connection since the request came; or it ends. */
	if (job.conn >= 0 &&
	    send(job.conn, &failure, sizeof failure.frame + failure.frame.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		shutdown(job.conn, SHUT_RDWR);
	errno = failure.frame.code;
}

/* Takes at most max bytes from one stream. Returns false when there is nothing (more) to take now. */
static bool take_output(int fd, uint32_t stream, size_t max)
{
	if (fd < 0 || !output_flush() || max == 0)
		return false;
	ssize_t n = read(fd, output.payload, max < sizeof output.payload ? max : sizeof output.payload);
	if (n <= 0)
		return false;
	output.frame = (struct box_frame){.op = BOX_OUTPUT, .stream = stream, .len = (uint32_t)n};
	job.bytes += (uint64_t)n;
	if (job.phase == ENDING)
		job.left[stream - 1] -= (int)n;
	output_flush();
	return true;
}

/* A stream that all have closed is not looked at again (the session's never is: this process holds its other end). */
void job_take_stream(int *fd, uint32_t stream, short events)
{
	if (!(events & POLLIN)) {
		drop_fd(fd);
		return;
	}
	if (!take_output(*fd, stream, BOX_PAYLOAD_MAX))
		return;
	/* A full frame that has gone: there may be more at once. Bounded, as deadlines are looked at in between. */
	for (int i = 1; i < FRAMES_AT_ONCE && output.frame.op == 0 && output.frame.len == sizeof output.payload; i++)
		if (!take_output(*fd, stream, BOX_PAYLOAD_MAX))
			break;
}

static int pending_bytes(int fd)
{
	int n = 0;
	if (fd >= 0 && ioctl(fd, FIONREAD, &n) < 0)
		request_failed("ask for the rest of the output");
	return n;
}

/* The command is over: what its pipes hold now is its output, what comes later is not. */
static void job_ending(void)
{
	job.phase = ENDING;
	input.frame.len = 0;
	job.left[0] = pending_bytes(job.out);
	job.left[1] = pending_bytes(job.err);
}

/* The answer, behind all output. Until the client takes it the job is not over: there is one buffer. */
static void job_answer(void)
{
	if (box.session > 0 && job.op == BOX_SHELL)
		session_note_cwd();
	job.flags |= watch_answer();
	if (box.shell_killed && job.op == BOX_SHELL && !job.spare && job.conn >= 0) {
		job.flags |= BOX_SHELL_KILLED;
		box.shell_killed = false;
	}
	size_t len = strlen(box.session_cwd);
	output.frame = (struct box_frame){
	        .op = BOX_DONE, .flags = job.flags, .how = job.how, .code = job.code, .len = (uint32_t)len};
	memcpy(output.payload, box.session_cwd, len);
	job.phase = ANSWERING;
}

static void job_finish(void)
{
	if (job.op != BOX_SHELL) {
		drop_fd(&job.out);
		drop_fd(&job.err);
	}
	drop_fd(&job.in);
	input.frame.len = 0;
	job.phase = IDLE;
	job.in_open = false;
	box.idle_since = now_ms();
}

/* --- killing -------------------------------------------------------- */

void job_kill(enum box_how how)
{
	int64_t now = now_ms();
	job.phase = KILLING;
	job.how = how;
	job.code = SIGKILL;
	job.kill_deadline = now + KILL_GRACE_MS;
	job.kill_again = now;
	/* The shell gets the rest of a command that is here as a whole: it would wait for it, and could only be killed. */
	if (job.op != BOX_SHELL || job.in_open)
		input.frame.len = 0;
	job.in_open = false;
	if (job.op != BOX_SHELL)
		drop_fd(&job.in);
	if (job.op == BOX_START)
		slot_drop();
}

/* Once KILL_AGAIN_MS: what was forked between two looks is found by the next. */
static void job_killing(void)
{
	int64_t now = now_ms();
	if (now < job.kill_again)
		return;
	job.kill_again = now + KILL_AGAIN_MS;
	int found = kill_since(&job.start, box.session);
	if (job.waiting && job.op != BOX_SHELL)
		kill(job.pid, SIGKILL);
	if (!job.waiting && (found == 0 || now > job.kill_deadline + DEATH_MS)) {
		job_ending();
	} else if (job.waiting && job.op == BOX_SHELL && now >= job.kill_deadline && box.session > 0) {
		session_note_cwd();
		kill(box.session, SIGKILL); /* its death is seen by reap() */
		box.shell_killed = true;
	}
}

/* --- the end of commands -------------------------------------------- */

/* Whether some are left: who is killed is there until it gets a processor, which others may have. */
static bool kill_background(void)
{
	int found = 1;
	for (int i = 0; i < LOOKS_AT_ONCE && found > 0; i++)
		found = kill_since(&job.start, box.session);
	return found > 0;
}

void job_answered(enum box_how how, int code)
{
	job.waiting = false;
	if (job.phase != RUNNING)
		return;
	job.how = how;
	job.code = code;
	if (job.kill_background && kill_background()) {
		job.phase = KILLING;
		input.frame.len = 0;
		job.kill_deadline = now_ms();
		job.kill_again = job.kill_deadline + 1;
	} else {
		job_ending();
	}
}

void job_exited(int status)
{
	if (WIFSIGNALED(status))
		job_answered(BOX_SIGNALED, WTERMSIG(status));
	else
		job_answered(BOX_EXITED, WEXITSTATUS(status));
}

/* --- input ---------------------------------------------------------- */

void job_give_input(void)
{
	int fd = job.op == BOX_SHELL ? FD_COMMAND : job.in;
	while (input_at < input.frame.len && fd >= 0) {
		ssize_t n = write(fd, input.payload + input_at, input.frame.len - input_at);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			break; /* a command that closed its stdin does not want the rest */
		input_at += (size_t)n;
	}
	input.frame.len = 0;
	if (!job.in_open && job.op != BOX_SHELL)
		drop_fd(&job.in);
}

void job_accept_input(void)
{
	input_at = 0;
	if (input.frame.op == BOX_INPUT_END) {
		job.in_open = false;
		input.frame.len = 0;
		if (job.op == BOX_SHELL) { /* the NUL that ends a command */
			input.payload[0] = '\0';
			input.frame.len = 1;
		}
	}
	job_give_input();
}

/* --- beginning -------------------------------------------------------- */

static int make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static pid_t start_exec(const int ends[3], const int *fds, int tell)
{
	PAGED static char *list[BOX_OPERANDS_MAX];
	size_t n = command_split(input.payload, input.frame.operands, list, sizeof list / sizeof *list);
	PAGED static char *argv[BOX_OPERANDS_MAX];
	if (n < 2 || input.frame.argc > n - 1) {
		errno = EINVAL;
		return -1;
	}
	memcpy(argv, list + 1, input.frame.argc * sizeof *argv);
	argv[input.frame.argc] = NULL;
	struct launch launch = {.cwd = list[0],
	                        .argv = argv,
	                        .env = list + 1 + input.frame.argc,
	                        .in = ends[0],
	                        .out = ends[1],
	                        .err = ends[2],
	                        .tell = tell,
	                        .terminal = job.terminal,
	                        .more = job.terminal ? (const int[BOX_REQUEST_FDS_MAX]){fds[0], -1} : fds};
	return command_start(&launch);
}

/* Who does not hear that it is ready knows that the box is of an earlier version. */
static int start_on_terminal(const int *fds)
{
	const struct box_frame ready = {.op = BOX_READY};
	if (send(job.conn, &ready, sizeof ready, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		shutdown(job.conn, SHUT_RDWR);
	errno = EBADF;
	job.pid = fds[1] < 0 ? -1 : start_exec((const int[3]){fds[1], fds[1], fds[1]}, fds, 0);
	return job.pid < 0 ? -1 : 0;
}

/* A worker has what came with its request. */
int job_start_child(const int *fds, int tell)
{
	if (job.terminal)
		return start_on_terminal(fds);
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
	bool command = job.op == BOX_EXEC || job.op == BOX_START, fed = command || job.in_open, says = job.op != BOX_WRITE;
	/* Its input does not wait: a command that does not read would hold up pid 1. */
	bool made = (!fed || (pipe2(in, O_CLOEXEC) == 0 && fcntl(in[1], F_SETFL, O_NONBLOCK) == 0)) &&
	            (!says || make_pipe(out) == 0) && make_pipe(err) == 0;
	const int ends[3] = {fed ? in[0] : FD_NULL, says ? out[1] : FD_NULL, err[1]};
	job.pid = !made ? -1 : command ? start_exec(ends, fds, tell) : worker_start(ends, fds[0]);
	if (job.pid > 0) {
		job.in = in[1];
		job.out = out[0];
		job.err = err[0];
		in[1] = out[0] = err[0] = -1;
	}
	for (int i = 0; i < 2; i++) {
		drop_fd(&in[i]);
		drop_fd(&out[i]);
		drop_fd(&err[i]);
	}
	return job.pid < 0 ? -1 : 0;
}

static void start_shell(const int *fds)
{
	bool needed = box.session <= 0;
	if (needed)
		session_forget();
	if (needed && session_start(fds) < 0) {
		request_failed("start the session's shell");
		job.flags |= BOX_SHELL_ENDED;
		job_answered(BOX_EXITED, 126);
		return;
	}
	job.out = FD_STDOUT;
	job.err = FD_STDERR;
}

/* Puts "NUMBER\n" before the command. */
static void number_command(void)
{
	char text[16];
	int len = snprintf(text, sizeof text, "%u\n", ++job.number);
	if (input.frame.len > BOX_COMMAND_MAX)
		input.frame.len = BOX_COMMAND_MAX;
	memmove(input.payload + len, input.payload, input.frame.len);
	memcpy(input.payload, text, (size_t)len);
	input.frame.len += (uint32_t)len;
}

void thaw(void)
{
	if (box.frozen)
		signal_all(SIGCONT);
	box.frozen = false;
}

/* The job that a request asks for, before anything is done. */
static void take_request(int conn)
{
	const struct box_frame *frame = &input.frame;
	bool terminal = frame->op == BOX_TERMINAL;
	job = (struct job_state){
	        .number = job.number,
	        .phase = RUNNING,
	        .terminal = terminal,
	        .op = terminal ? BOX_EXEC : frame->op,
	        .conn = conn,
	        .slot = frame->stream,
	        .in = -1,
	        .out = -1,
	        .err = -1,
	        .waiting = true,
	        .kill_background = frame->flags & BOX_KILL_BACKGROUND,
	        .endless = frame->flags & BOX_ENDLESS,
	        .spare = frame->flags & BOX_SPARE,
	        .deadline = frame->timeout_ms ? now_ms() + frame->timeout_ms : 0,
	};
	job.in_open = job.op == BOX_SHELL || job.op == BOX_EXEC || job.op == BOX_WRITE;
	if (job.op == BOX_SHELL)
		number_command();
	if (frame->flags & BOX_COMPLETE) {
		job.in_open = false;
		if (job.op == BOX_SHELL && input.frame.len < sizeof input.payload)
			input.payload[input.frame.len++] = '\0';
	}
	input_at = frame->operands;
}

/* FREEZE and THAW. */
static void freeze(uint32_t flags)
{
	int64_t now = now_ms();
	/* A process that is stopped can have arranged to be continued. */
	int how = job.op == BOX_THAW ? SIGCONT : flags & BOX_FOR_GOOD ? SIGKILL : SIGSTOP;
	bool spare = job.spare && box.session > 0;
	int failed = spare ? signal_others(how, box.session) : signal_all(how);
	box.frozen = job.op == BOX_FREEZE;
	box.frozen_at = now;
	/* A grader's stay stopped: what it took is the end of them. */
	box.freezer = job.spare ? job.conn : -1;
	box.deserted = false;
	job_answered(BOX_EXITED, failed && errno != ESRCH);
}

void job_begin(int conn, const int fds[BOX_REQUEST_FDS_MAX])
{
	take_request(conn);
	job.start = moment_now();
	watch_begin();
	if (job.op != BOX_EXPORT && job.op != BOX_LIST && job.op != BOX_FREEZE && job.op != BOX_NAMES && !job.spare)
		thaw();
	if (job.op == BOX_SHELL) {
		start_shell(fds);
	} else if (job.op == BOX_FREEZE || job.op == BOX_THAW) {
		freeze(input.frame.flags);
	} else if (job.op == BOX_FETCH) {
		slot_fetch();
	} else if (job.op == BOX_NAMES) {
		job_answered(BOX_EXITED, names_list());
	} else if (job.op == BOX_DROP) {
		slot_drop();
		job_answered(BOX_EXITED, 0);
	} else if ((job.op == BOX_START ? slot_start(fds) : job_start_child(fds, 0)) < 0) {
		request_failed("start a process");
		job_answered(BOX_EXITED, 126);
	}
	if (job.op == BOX_SHELL || job.op == BOX_EXEC || job.op == BOX_START || job.op == BOX_WRITE || job.op == BOX_IMPORT)
		box.entered = true;
	if (job.in_open && !job.waiting)
		job.in_open = false; /* what still comes is dropped */
	if (!job.waiting || (job.op != BOX_SHELL && job.in < 0))
		input.frame.len = 0; /* what the child of a request has already */
	job_give_input();
}

void job_settle(void)
{
	if (job.phase == RUNNING && job.bytes > BOX_FLOOD && !job.endless)
		job_kill(BOX_FLOODED);
	if (job.phase == RUNNING && job.op == BOX_START && job.out < 0)
		job_answered(BOX_EXITED, 0);
	if (job.phase == RUNNING && job.deadline && now_ms() >= job.deadline)
		job_kill(BOX_TIMEOUT);
	if (job.phase == KILLING)
		job_killing();
	if (job.phase == ENDING) {
		while (job.left[0] > 0 && take_output(job.out, 1, (size_t)job.left[0]))
			continue;
		while (job.left[1] > 0 && take_output(job.err, 2, (size_t)job.left[1]))
			continue;
		if (output_flush())
			job_answer();
	}
	if (job.phase == ANSWERING && output_flush())
		job_finish();
}
