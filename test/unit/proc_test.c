#include "proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "tap.h"

/* What a helper that is this shell command writes to its descriptor 3, and how it ended. */
static void helper_says(const char *command, const char *expected, const char *name)
{
	struct err err = {0};
	BUF_AUTO text = {0};
	int ends[2], status = -1;
	const char *const argv[] = {"helper", "-c", command, NULL};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		abort();
	pid_t pid = proc_start_helper("/bin/sh", argv, ends[1], -1, &err);
	close(ends[1]);
	ok(pid > 0, name);
	fd_read_all(ends[0], 1u << 20, &text, &err);
	close(ends[0]);
	waitpid(pid, &status, 0);
	is_str(buf_string(&text), expected, "what it says");
	is_int(status, 0, "how it ended");
}

static void test_helper(void)
{
	setenv("SECRET", "leaked", 1);
	/* Descriptors that are not close-on-exec, low and high. */
	int low = open("/dev/zero", O_RDONLY), high = fcntl(low, F_DUPFD, 200);
	helper_says("echo ok >&3", "ok\n", "a helper");
	helper_says("tr '\\0' '\\n' </proc/$$/environ >&3", "", "its environment is empty");
	/* The fifth is the folder that ls looks at. */
	helper_says("exec ls /proc/self/fd >&3", "0\n1\n2\n3\n4\n", "nothing else is open");
	helper_says("links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo $links >&3",
	            "/dev/null /dev/null /dev/null\n", "no input, no output");
	helper_says("echo $0 >&3", "helper\n", "its name");
	close(low);
	close(high);
}

/* With signals blocked and ignored here, as in a worker thread of a program. */
static void test_signals(void)
{
	sigset_t all, old;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	signal(SIGPIPE, SIG_IGN);
	helper_says("while read name value; do [ $name = SigBlk: ] && echo $value >&3; done </proc/self/status; :",
	            "0000000000000000\n", "no signal is blocked");
	helper_says("while read name value; do [ $name = SigIgn: ] && echo $((0x$value & 0x1000)) >&3; done "
	            "</proc/$$/status; :",
	            "0\n", "SIGPIPE is not ignored");
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* The control descriptor may be where another belongs. */
static void test_numbers(void)
{
	int saved = fcntl(0, F_DUPFD_CLOEXEC, 10);
	for (int number = 3; number < 8; number++) {
		struct err err = {0};
		int ends[2], status = -1;
		char byte = 0;
		const char *const argv[] = {"helper", "-c", "printf x >&3", NULL};
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
			abort();
		int there = fcntl(ends[0], F_DUPFD_CLOEXEC, 20);
		int control = dup2(ends[1], number == ends[0] ? 9 : number);
		pid_t pid = proc_start_helper("/bin/sh", argv, control, -1, &err);
		close(control);
		close(ends[1]);
		ok(pid > 0 && read(there, &byte, 1) == 1 && byte == 'x', "any number of the control descriptor");
		waitpid(pid, &status, 0);
		close(there);
		close(ends[0]);
	}
	close(saved);
}

static void test_failures(void)
{
	struct err err = {0};
	const char *const argv[] = {"helper", NULL};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	is_int(proc_start_helper("/nowhere/helper", argv, fd, -1, &err), -1, "no such program");
	is_int(err.code, ERR_SYSTEM, "is the system's failure");
	is_str(err.text, "start /nowhere/helper: No such file or directory", "and says so");
	is_int(proc_start_helper("/dev/null", argv, fd, -1, &err), -1, "not to be executed");
	is_str(err.text, "start /dev/null: Permission denied", "says so too");
	ok(waitpid(-1, NULL, WNOHANG) < 0, "no child is left");
	close(fd);
}

/* A child with two children of its own; each lives until the pipe is closed. */
static pid_t family(int ends[2])
{
	char byte;
	int ready[2];
	if (pipe2(ends, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		abort();
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[1]);
		if (fork() > 0)
			fork();
		(void)!write(ready[1], "x", 1);
		(void)!read(ends[0], &byte, 1);
		while (wait(NULL) > 0)
			continue;
		_exit(0);
	}
	for (int i = 0; i < 3; i++)
		(void)!read(ready[0], &byte, 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void test_table(void)
{
	int ends[2];
	pid_t pid = family(ends);
	struct proc_table *table = proc_table_new();
	struct proc_tree tree = proc_table_tree(table, pid);
	is_int(tree.processes, 3, "a process and its descendants");
	ok(tree.memory_kib > 0, "use memory");
	ok(tree.age_s > -1 && tree.age_s < 60, "and are young");
	tree = proc_table_tree(table, getpid());
	is_int(tree.processes, 4, "and its parent has one more");
	ok(proc_table_tree(table, 1).age_s >= tree.age_s, "and is younger than the first process");
	close(ends[1]);
	waitpid(pid, NULL, 0);
	proc_table_free(table);
	table = proc_table_new();
	tree = proc_table_tree(table, pid);
	ok(tree.processes == 0 && tree.memory_kib == 0, "nobody is there any more");
	is_int(proc_table_tree(table, 0).processes, 0, "and pid 0 is nobody");
	proc_table_free(table);
}

int main(void)
{
	test_helper();
	test_signals();
	test_numbers();
	test_failures();
	test_table();
	return done_testing();
}
