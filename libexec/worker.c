/* Requests for files, each carried out by a child of pid 1 with the rights of the agent. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* A pack is memory of the host: hard links and the like may not make it much larger than the box's disk. */
static int limit_export(void)
{
	rlim_t most = ((rlim_t)box.spec->disk_mib + 64) << 20;
	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, most});
}

static void refused(const char *stage) __attribute__((noreturn));
static void refused(const char *stage)
{
	request_failed(stage);
	_exit(1);
}

/* What came with the request becomes 3; the connection stays, as 4, for what the host is to blame for. */
static void place_descriptors(const int ends[3], int fd)
{
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			refused("place the descriptors of a request");
	/* Beyond the number that fd is about to take. */
	int conn = fcntl(job.conn, F_DUPFD, FD_SIGNAL + 1);
	if (conn >= 0)
		job.conn = conn;
	if (conn < 0 || (fd >= 0 && dup2(fd, 3) < 0) || dup2(conn, 4) < 0)
		refused("place the descriptors of a request");
	job.conn = 4;
	/* Neither the sockets nor the pipes of pid 1. */
	if (close_range(5, FD_PROC - 1, 0) < 0 || close_range(FD_PROC + 1, ~0U, 0) < 0)
		for (int i = 5; i < 1024; i++)
			if (i != FD_PROC)
				close(i);
}

static int work(const char *path)
{
	if (job.op == BOX_READ)
		return files_read(path);
	if (job.op == BOX_WRITE)
		return files_write(path, input.payload + input_at, input.frame.len - input_at);
	if (job.op == BOX_STAT)
		return files_stat(path, input.frame.flags & BOX_INSIDE);
	if (job.op == BOX_LIST)
		return files_list(path);
	if (job.op == BOX_EXPORT && limit_export() == 0)
		return files_export(path, 3);
	if (job.op == BOX_IMPORT)
		return files_import(path, 3);
	return job.op == BOX_PROCESSES ? list_processes(box.session) : 1;
}

static void worker(const int ends[3], int fd) __attribute__((noreturn));
static void worker(const int ends[3], int fd)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (confine() < 0)
		refused("confine a process");
	place_descriptors(ends, fd);
	if (box.session_cwd[0] && chdir(box.session_cwd) < 0)
		(void)!chdir("/");
	errno = 0;
	int status = work(box_path(input.payload));
	if (status && host_failed(errno))
		request_failed("carry out a request for files");
	_exit(status);
}

pid_t worker_start(const int ends[3], int fd)
{
	pid_t pid = fork_plain();
	if (pid == 0)
		worker(ends, fd);
	return pid;
}
