/* The child that carries out a request: a command on pipes or a terminal, or one of ours for the box's files. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/* A pack is memory of the host: hard links and the like may not make it much larger than the box's disk. */
static int limit_export(void)
{
	rlim_t most = ((rlim_t)box.spec->disk_mib + 64) << 20;
	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, most});
}

static void worker(const char *path, int fd) __attribute__((noreturn));
static void worker(const char *path, int fd)
{
	int status = 1;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (confine() < 0) {
		request_failed("confine a process");
		_exit(1);
	}
	/* The connection stays, for what the host is to blame for; beyond the number that fd is about to take. */
	int conn = fcntl(job.conn, F_DUPFD, FD_SIGNAL + 1);
	if (conn >= 0)
		job.conn = conn;
	if (conn < 0 || (fd >= 0 && dup2(fd, 3) < 0) || dup2(conn, 4) < 0) {
		request_failed("place the descriptors of a request");
		_exit(1);
	}
	job.conn = 4;
	/* Neither the sockets nor the pipes of pid 1. */
	if (close_range(5, FD_PROC - 1, 0) < 0 || close_range(FD_PROC + 1, ~0U, 0) < 0)
		for (int i = 5; i < 1024; i++)
			if (i != FD_PROC)
				close(i);
	if (box.session_cwd[0] && chdir(box.session_cwd) < 0)
		(void)!chdir("/");
	errno = 0;
	if (job.op == BOX_READ)
		status = files_read(path);
	else if (job.op == BOX_WRITE)
		status = files_write(path, input.payload + input_at, input.frame.len - input_at);
	else if (job.op == BOX_STAT)
		status = files_stat(path, input.frame.flags & BOX_INSIDE);
	else if (job.op == BOX_LIST)
		status = files_list(path);
	else if (job.op == BOX_EXPORT && limit_export() == 0)
		status = files_export(path, 3);
	else if (job.op == BOX_IMPORT)
		status = files_import(path, 3);
	else if (job.op == BOX_PROCESSES)
		status = list_processes(box.session);
	if (status && host_failed(errno))
		request_failed("carry out a request for files");
	_exit(status);
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

static pid_t start_worker(const int ends[3], int fd)
{
	pid_t pid = fork_plain();
	if (pid == 0) {
		for (int i = 0; i < 3; i++)
			if (dup2(ends[i], i) < 0) {
				request_failed("place the descriptors of a request");
				_exit(1);
			}
		worker(box_path(input.payload), fd);
	}
	return pid;
}

/* Who does not hear this knows that the box is of an earlier version. */
static void say_ready(void)
{
	const struct box_frame frame = {.op = BOX_READY};
	if (send(job.conn, &frame, sizeof frame, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		shutdown(job.conn, SHUT_RDWR);
}

static int start_on_terminal(const int *fds)
{
	const int ends[3] = {fds[1], fds[1], fds[1]};
	say_ready();
	errno = EBADF;
	job.pid = fds[1] < 0 ? -1 : start_exec(ends, fds, 0);
	return job.pid < 0 ? -1 : 0;
}

/* A worker has what came with its request. */
int job_start_child(const int *fds, int tell)
{
	if (job.terminal)
		return start_on_terminal(fds);
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
	int result = -1;
	bool command = job.op == BOX_EXEC || job.op == BOX_START, fed = command || job.in_open;
	if ((fed && pipe2(in, O_CLOEXEC) < 0) || (job.op != BOX_WRITE && make_pipe(out) < 0) || make_pipe(err) < 0)
		goto out;
	/* Or a command that does not read would hold up pid 1. */
	if (fed && fcntl(in[1], F_SETFL, O_NONBLOCK) < 0)
		goto out;
	const int ends[3] = {fed ? in[0] : FD_NULL, job.op != BOX_WRITE ? out[1] : FD_NULL, err[1]};
	job.pid = command ? start_exec(ends, fds, tell) : start_worker(ends, fds[0]);
	if (job.pid < 0)
		goto out;
	job.in = in[1];
	job.out = out[0];
	job.err = err[0];
	in[1] = out[0] = err[0] = -1;
	result = 0;
out:
	for (int i = 0; i < 2; i++) {
		drop_fd(&in[i]);
		drop_fd(&out[i]);
		drop_fd(&err[i]);
	}
	return result;
}
