#include "proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "num.h"

#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/local/libexec/pipegym"
#endif

int proc_helper_path(const char *name, char *path, size_t size, struct err *err)
{
	const char *folder = getenv("PIPEGYM_LIBEXEC");
	if (folder && *folder) {
		snprintf(path, size, "%s/%s", folder, name);
		if (access(path, X_OK) == 0)
			return 0;
		return err_system(err, "helper %s", path);
	}
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	if (n > 0) {
		path[n] = '\0';
		char *slash = strrchr(path, '/');
		snprintf(slash, size - (size_t)(slash - path), "/../libexec/%s", name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	snprintf(path, size, "%s/%s", PKGLIBEXECDIR, name);
	if (access(path, X_OK) == 0)
		return 0;
	return err_system(err, "helper %s", path);
}

/* In the child: what fails is told to the parent through the pipe, which a successful exec closes. */
static void become(const char *path, const char *const *argv, int control, int second, int report)
        __attribute__((noreturn));
static void become(const char *path, const char *const *argv, int control, int second, int report)
{
	static char *const no_environment[] = {NULL};
	sigset_t none;
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int null = open("/dev/null", O_RDWR);
	int kept = fcntl(control, F_DUPFD, 16), told = fcntl(report, F_DUPFD_CLOEXEC, 16);
	int also = second < 0 ? 0 : fcntl(second, F_DUPFD, 16), last = second < 0 ? 4 : 5;
	if (told >= 0)
		report = told; /* which none of the following takes the place of */
	if (null >= 0 && kept >= 0 && also >= 0 && told >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 &&
	    dup2(null, 2) == 2 && dup2(kept, 3) == 3 && (second < 0 || dup2(also, 4) == 4) &&
	    dup3(told, last, O_CLOEXEC) == last) {
		report = last; /* the other is about to be closed */
		if (close_range((unsigned)last + 1, ~0U, 0) == 0)
			execve(path, (char *const *)argv, no_environment);
	}
	int error = errno;
	(void)!write(report, &error, sizeof error);
	_exit(127);
}

pid_t proc_start_helper(const char *path, const char *const *argv, int control, int second, struct err *err)
{
	int report[2], error = 0;
	if (pipe2(report, O_CLOEXEC) < 0)
		return err_system(err, "pipe");
	pid_t pid = fork();
	if (pid == 0)
		become(path, argv, control, second, report[1]);
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		return err_system(err, "fork");
	}
	ssize_t n;
	do
		n = read(report[0], &error, sizeof error);
	while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n == sizeof error) {
		waitpid(pid, NULL, 0);
		errno = error;
		return err_system(err, "start %s", path);
	}
	return pid;
}

struct process {
	pid_t pid, parent;
	long memory_kib;
	double started; /* seconds since boot */
	struct proc_tree tree;
};

struct proc_table {
	struct process *list; /* by pid */
	size_t count;
};

/* Fields 4, 22 and 24 of /proc/PID/stat; the command name before them may hold anything, so counting starts behind it. */
static bool read_process(int proc, const char *name, struct process *process)
{
	char path[32], text[1024];
	snprintf(path, sizeof path, "%.16s/stat", name);
	FD_AUTO fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	char *at = strrchr(text, ')');
	long pages = 0;
	unsigned long long ticks = 0;
	process->pid = (pid_t)atol(name);
	if (!at || sscanf(at + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu %*u %ld",
	                  &process->parent, &ticks, &pages) != 3)
		return false;
	process->memory_kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
	process->started = (double)ticks / (double)sysconf(_SC_CLK_TCK);
	return true;
}

static int compare_pids(const void *a, const void *b)
{
	const struct process *first = a, *second = b;
	return (first->pid > second->pid) - (first->pid < second->pid);
}

static struct process *find_process(const struct proc_table *table, pid_t pid)
{
	const struct process key = {.pid = pid};
	return table->count ? bsearch(&key, table->list, table->count, sizeof key, compare_pids) : NULL;
}

/* Each process counts for all above it: one look at each, however many trees are asked for. */
static void add_up(struct proc_table *table)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	for (size_t i = 0; i < table->count; i++) {
		struct process *process = &table->list[i], *above = process;
		process->tree.age_s = num_time_s(&now) - process->started;
		/* Bounded, should the table have been read while processes moved. */
		for (int depth = 0; above && depth < 64; depth++) {
			above->tree.processes++;
			above->tree.memory_kib += process->memory_kib;
			above = find_process(table, above->parent);
		}
	}
}

struct proc_table *proc_table_new(void)
{
	struct proc_table *table = mem_alloc(1, sizeof *table);
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		struct process process = {0};
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !read_process(dirfd(proc), entry->d_name, &process))
			continue;
		table->list = mem_grow(table->list, table->count, sizeof *table->list);
		table->list[table->count++] = process;
	}
	if (proc)
		closedir(proc);
	if (table->count > 0)
		qsort(table->list, table->count, sizeof *table->list, compare_pids);
	add_up(table);
	return table;
}

void proc_table_free(struct proc_table *table)
{
	free(table->list);
	free(table);
}

struct proc_tree proc_table_tree(const struct proc_table *table, pid_t pid)
{
	const struct process *process = find_process(table, pid);
	return process ? process->tree : (struct proc_tree){0};
}
