/* The program's side of a kept command; see keeper.h. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "keeper_wire.h"
#include "num.h"
#include "proc.h"
#include "stop.h"

#define PATIENCE_MS 10000 /* for the helper to kill what is left */

struct run {
	int control, out[2]; /* ends of ours: the helper; standard output and error */
	pid_t helper;
	size_t keep;
	bool killed; /* it was told to */
};

void keeper_result_free(struct keeper_result *result)
{
	buf_free(&result->out);
	buf_free(&result->error);
}

static void run_free(struct run *run)
{
	fd_close(&run->control); /* which it takes for the order to kill */
	fd_close(&run->out[0]);
	fd_close(&run->out[1]);
	while (run->helper > 0 && waitpid(run->helper, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static int input_file(const struct keeper_command *command, struct err *err)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return err_system(err, "memory file");
	if (fd_write_all(fd, command->input, command->input_len, err) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}

static int send_command(int control, const struct keeper_command *command, const int fds[3], struct err *err)
{
	BUF_AUTO text = {0};
	_Alignas(struct cmsghdr) char ancillary[CMSG_SPACE(3 * sizeof(int))] = {0};
	size_t count = 1;
	buf_add(&text, command->path, strlen(command->path) + 1);
	for (const char *const *entry = command->env; *entry; entry++, count++)
		buf_add(&text, *entry, strlen(*entry) + 1);
	if (text.len > KEEPER_MESSAGE_MAX || count > KEEPER_STRINGS_MAX)
		return err_set(err, ERR_SYSTEM, "the environment for %s is too large", command->path);
	struct iovec part = {text.data, text.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	fd_attach(&header, ancillary, fds, 3);
	return sendmsg(control, &header, MSG_NOSIGNAL) < 0 ? err_system(err, "talk to the keeper") : 0;
}

/* The helper, with the command on its way to it. */
static int start(struct run *run, const struct keeper_command *command, struct err *err)
{
	static const char *const argv[] = {"pipegym-keep", NULL};
	char path[PATH_MAX];
	int ends[2], out[2], error[2];
	FD_AUTO input = input_file(command, err);
	if (input < 0 || proc_helper_path(argv[0], path, sizeof path, err) < 0)
		return -1;
	if (pipe2(out, O_CLOEXEC) < 0)
		return err_system(err, "pipe");
	run->out[0] = out[0];
	FD_AUTO out_end = out[1];
	if (pipe2(error, O_CLOEXEC) < 0)
		return err_system(err, "pipe");
	run->out[1] = error[0];
	FD_AUTO error_end = error[1];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_system(err, "socket for the keeper");
	run->control = ends[0];
	FD_AUTO helper_end = ends[1];
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(error[0], F_SETFL, O_NONBLOCK);
	run->helper = proc_start_helper(path, argv, helper_end, -1, err);
	if (run->helper < 0)
		return -1;
	return send_command(run->control, command, (const int[]){input, out_end, error_end}, err);
}

/* What there is to read of a stream. False when there will be no more, or it is too much. */
static bool take(struct run *run, int i, struct buf *text, enum keeper_how *how)
{
	char data[16 << 10];
	ssize_t n = read(run->out[i], data, sizeof data);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	size_t room = run->keep - text->len, len = (size_t)n;
	buf_add(text, data, len < room ? len : room);
	if (i == 0 && len > room)
		*how = KEEPER_FLOODED;
	return *how == KEEPER_EXITED;
}

static int hear(struct run *run, struct keeper_result *result, struct err *err)
{
	struct keeper_answer answer;
	ssize_t n;
	do
		n = recv(run->control, &answer, sizeof answer, 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof answer)
		return err_set(err, ERR_SYSTEM, "the keeper ended");
	if (answer.error) {
		errno = answer.error;
		return err_system(err, "cannot be started");
	}
	bool signaled = WIFSIGNALED(answer.status);
	if (result->how == KEEPER_EXITED)
		result->how = signaled ? KEEPER_SIGNALED : KEEPER_EXITED;
	result->code = signaled ? WTERMSIG(answer.status) : WEXITSTATUS(answer.status);
	return 1;
}

static void end(struct run *run, int64_t *deadline)
{
	run->killed = true;
	shutdown(run->control, SHUT_WR);
	*deadline = num_now_ms() + PATIENCE_MS;
}

/* One round. 1 when the helper has answered. */
static int turn(struct run *run, struct keeper_result *result, int64_t *deadline, struct err *err)
{
	struct pollfd fds[4] = {
	        {run->control, POLLIN, 0}, {run->out[0], POLLIN, 0}, {run->out[1], POLLIN, 0}, {stop_fd(), POLLIN, 0}};
	int64_t left = *deadline - num_now_ms();
	int ready = poll(fds, 4, left < 0 ? 0 : (int)(left < INT_MAX ? left : INT_MAX));
	if (ready < 0)
		return errno == EINTR ? 0 : err_system(err, "poll");
	if (fds[3].revents)
		return err_set(err, ERR_SYSTEM, "stopped by a signal");
	if (ready == 0 && run->killed)
		return err_set(err, ERR_SYSTEM, "what it started cannot be killed");
	if (ready == 0) {
		result->how = KEEPER_TIMEOUT;
		end(run, deadline);
		return 0;
	}
	struct buf *texts[2] = {&result->out, &result->error};
	for (int i = 0; i < 2; i++)
		if (fds[i + 1].revents && !take(run, i, texts[i], &result->how))
			fd_close(&run->out[i]);
	if (result->how == KEEPER_FLOODED && !run->killed)
		end(run, deadline);
	return fds[0].revents ? hear(run, result, err) : 0;
}

int keeper_run(const struct keeper_command *command, struct keeper_result *result, struct err *err)
{
	struct run run = {.control = -1, .out = {-1, -1}, .keep = command->keep};
	int64_t deadline = num_now_ms() + command->timeout_ms;
	*result = (struct keeper_result){.how = KEEPER_EXITED};
	int done = start(&run, command, err);
	while (done == 0)
		done = turn(&run, result, &deadline, err);
	/* Nobody writes any more: what the pipes hold is all. */
	enum keeper_how how = KEEPER_EXITED;
	while (done > 0 && result->how <= KEEPER_SIGNALED && run.out[0] >= 0) {
		size_t before = result->out.len;
		if (!take(&run, 0, &result->out, &how) || result->out.len == before)
			break;
	}
	if (how == KEEPER_FLOODED)
		result->how = how;
	if (done > 0 && run.out[1] >= 0)
		take(&run, 1, &result->error, &how);
	run_free(&run);
	if (done > 0)
		return 0;
	keeper_result_free(result);
	return -1;
}
