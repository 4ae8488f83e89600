/* The box's processes, as /proc shows them to pid 1: which belong to a step, how many there are, what they hold. */
#include "helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void open_at(struct folder *folder, int at, const char *path)
{
	folder->fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder->at = folder->len = 0;
}

void folder_open(struct folder *folder, const char *path)
{
	open_at(folder, AT_FDCWD, path);
}

static void processes_open(struct folder *folder)
{
	open_at(folder, FD_PROC, ".");
}

const char *folder_next(struct folder *folder)
{
	/* As getdents64(2) has it; glibc's struct is the same. */
	struct dirent64 *entry = (struct dirent64 *)(void *)(folder->data + folder->at);
	if (folder->at >= folder->len) {
		ssize_t n = folder->fd < 0 ? -1 : getdents64(folder->fd, folder->data, sizeof folder->data);
		if (n <= 0)
			return NULL;
		folder->len = (size_t)n;
		folder->at = 0;
		entry = (struct dirent64 *)(void *)folder->data;
	}
	folder->at += entry->d_reclen;
	return entry->d_name;
}

void folder_close(struct folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
}

#define TABLES_LOOK_KIB 4096

struct process {
	pid_t parent, session;
	uint64_t start;   /* USER_HZ since boot */
	unsigned threads; /* at least 1 */
	uint64_t kib;     /* resident, what it shares with others included */
	uint64_t space;   /* KiB of addresses */
	char state;       /* 'R', 'T', ... */
};

/* A small file of /proc, by its path in there, as text. Its length, or -1. */
static ssize_t read_text(const char *path, char *text, size_t size)
{
	int fd = openat(FD_PROC, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* A stat file of /proc from the state on, behind the command name, which may hold anything. NULL: it is gone. */
static char *read_stat(const char *path, char *text, size_t size)
{
	char *at = read_text(path, text, size) > 0 ? strrchr(text, ')') : NULL;
	return at && at[1] != '\0' ? at + 2 : NULL;
}

/* The state of a process whose first thread has exited, by the others: of one that is not stopped, if there is one. */
static char threads_state(pid_t pid)
{
	struct folder tasks;
	char path[48], text[512], state = 'T';
	snprintf(path, sizeof path, "%d/task", pid);
	open_at(&tasks, FD_PROC, path);
	for (const char *name; (name = folder_next(&tasks)) && (state == 'T' || state == 'D');) {
		snprintf(path, sizeof path, "%d/task/%d/stat", pid, atoi(name));
		const char *at = read_stat(path, text, sizeof text);
		if (at && !strchr("ZXTt", *at))
			state = *at;
	}
	folder_close(&tasks);
	return state;
}

/*
 * Fields 3, 4, 6, 20, 22 to 24 of /proc/PID/stat. -1: it is gone. A zombie is,
 * unless other threads of it live on behind a leader that has exited.
 */
static int process_read(pid_t pid, struct process *process)
{
	char path[32], text[512];
	uint64_t fields[25] = {0};
	process->parent = process->session = 0;
	snprintf(path, sizeof path, "%d/stat", pid);
	char *at = read_stat(path, text, sizeof text);
	if (!at)
		return -1;
	process->state = *at;
	bool zombie = *at == 'Z';
	for (int field = 4; (at = strchr(at, ' ')) && field < 25; field++)
		fields[field] = strtoull(++at, NULL, 10);
	process->parent = (pid_t)fields[4];
	process->session = (pid_t)fields[6];
	if (zombie && fields[20] <= 1)
		return -1;
	process->start = fields[22];
	process->threads = fields[20] ? (unsigned)fields[20] : 1;
	process->space = fields[23] >> 10;
	process->kib = fields[24] * ((uint64_t)sysconf(_SC_PAGESIZE) >> 10);
	if (zombie)
		process->state = threads_state(pid);
	return 0;
}

/*
 * Whether a process is one of the box and not this one. In a pid namespace all
 * are. Without one, those below this process are, which nobody leaves as it is
 * their subreaper: whatever else has a pid is a stranger. Bounded, should the
 * tree change while it is climbed.
 */
static bool ours(pid_t pid)
{
	if (!box_root[0])
		return pid > 1;
	pid_t self = getpid();
	for (int height = 0; pid > 1 && height < 40000; height++) {
		struct process process;
		process_read(pid, &process);
		if (process.parent == self)
			return true;
		pid = process.parent;
	}
	return false;
}

/* The next of the processes but pid 1, and what it is; 0: no more. */
static pid_t processes_next(struct folder *proc, struct process *process)
{
	for (const char *name; (name = folder_next(proc));) {
		pid_t pid = (pid_t)atol(name);
		if (pid > 1 && process_read(pid, process) == 0)
			return pid;
	}
	return 0;
}

/* The process is held while it is looked at, so that it is not another of the same pid that gets the signal. */
void signal_ours(pid_t pid, int number)
{
	if (!box_root[0]) {
		kill(pid, number);
		return;
	}
	int fd = pidfd_open(pid, 0);
	if (fd >= 0 && ours(pid))
		pidfd_send_signal(fd, number, NULL, 0);
	if (fd >= 0)
		close(fd);
}

/* A process that is stopped or dead makes no further ones: as soon as a look finds no more than the last, all have it. */
int signal_all(int number)
{
	if (!box_root[0])
		return kill(-1, number); /* everyone but the caller; a fork under way fails or is stopped too */
	int found = 0;
	for (int before = -1, looks = 0; found != before && looks < 100; looks++) {
		struct folder proc;
		before = found;
		found = 0;
		processes_open(&proc);
		for (const char *name; (name = folder_next(&proc));) {
			pid_t pid = (pid_t)atol(name);
			if (pid > 1 && ours(pid)) {
				found++;
				signal_ours(pid, number);
			}
		}
		folder_close(&proc);
	}
	errno = ESRCH;
	return found ? 0 : -1;
}

unsigned processes_of_user(void)
{
	unsigned count = 0;
	struct folder proc;
	processes_open(&proc);
	for (const char *name; (name = folder_next(&proc));) {
		struct stat st;
		struct process process;
		if (atol(name) > 0 && fstatat(proc.fd, name, &st, 0) == 0 && st.st_uid == geteuid() &&
		    process_read((pid_t)atol(name), &process) == 0)
			count += process.threads;
	}
	folder_close(&proc);
	return count;
}

pid_t newest_pid(void)
{
	char text[24];
	ssize_t n = pread(FD_LAST_PID, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (pid_t)atol(text) : 0;
}

struct moment moment_now(void)
{
	struct moment moment = {0};
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	long hz = sysconf(_SC_CLK_TCK);
	moment.ticks = (uint64_t)now.tv_sec * (uint64_t)hz + (uint64_t)now.tv_nsec / (1000000000u / (uint64_t)hz);
	moment.last_pid = newest_pid();
	return moment;
}

/*
 * A process belongs to the step if it started in a later clock tick, or in the
 * same tick with a pid given out after the step began. Pids grow until they
 * wrap, and cannot wrap within one tick of 10 ms.
 */
static bool began_since(const struct moment *moment, pid_t pid, const struct process *process)
{
	return process->start > moment->ticks || (process->start == moment->ticks && pid > moment->last_pid);
}

/* What a background process of an earlier step starts meanwhile is that one's, as long as it has it as its parent. */
static bool of_older(const struct moment *moment, const struct process *process, pid_t session)
{
	struct process parent;
	if (process->parent <= 1 || process->parent == session || process->parent == getpid())
		return false;
	return process_read(process->parent, &parent) == 0 && !began_since(moment, process->parent, &parent);
}

int kill_since(const struct moment *moment, pid_t spare)
{
	int found = 0;
	struct folder proc;
	struct process process;
	processes_open(&proc);
	for (pid_t pid; (pid = processes_next(&proc, &process));)
		if (pid != spare && began_since(moment, pid, &process) && ours(pid) && !of_older(moment, &process, spare)) {
			found++;
			signal_ours(pid, SIGKILL);
		}
	folder_close(&proc);
	return found;
}

/* Bounded, as in ours(). */
static bool descends(pid_t pid, pid_t root)
{
	for (int height = 0; pid > 1 && height < 40000; height++) {
		struct process process;
		process_read(pid, &process);
		if (pid == root || process.session == root)
			return true;
		pid = process.parent;
	}
	return false;
}

/* All are found before the first is killed: then its children are nobody's. */
int kill_program(pid_t root)
{
	pid_t found[512];
	int count = 0, most = sizeof found / sizeof *found;
	struct folder proc;
	struct process process;
	processes_open(&proc);
	for (pid_t pid; count < most && (pid = processes_next(&proc, &process));)
		if (descends(pid, root))
			found[count++] = pid;
	folder_close(&proc);
	for (int i = 0; i < count; i++)
		signal_ours(found[i], SIGKILL);
	return count;
}

/*
 * Whether it does nothing more: it is stopped, or waits for its tracer, or waits
 * in the kernel, for a vfork() perhaps, and stops before it does anything else.
 */
static bool rests(const struct process *process)
{
	return strchr("TtD", process->state) != NULL;
}

/* One that forks while it is being stopped is found by the next look, and its child too. */
static int stop_all(pid_t spare)
{
	for (int look = 0, running = 1; running; look++) {
		struct folder proc;
		struct process process;
		running = 0;
		processes_open(&proc);
		for (pid_t pid; (pid = processes_next(&proc, &process));) {
			if (pid == spare || process.state == 'T')
				continue;
			kill(pid, SIGSTOP);
			running += !rests(&process);
		}
		folder_close(&proc);
		if (look == 3000) {
			errno = EAGAIN;
			return -1;
		}
		/* It stops when it gets a processor, which others may have. */
		if (running && look >= 10)
			poll(NULL, 0, 1);
	}
	return 0;
}

void keep_stopped(pid_t worker, pid_t spare, bool for_long)
{
	struct folder proc;
	struct process process;
	processes_open(&proc);
	for (pid_t pid; (pid = processes_next(&proc, &process));) {
		if (pid == spare || !ours(pid))
			continue;
		if (pid == worker)
			signal_ours(pid, SIGCONT);
		else if (!rests(&process))
			signal_ours(pid, for_long ? SIGKILL : SIGSTOP);
	}
	folder_close(&proc);
}

int signal_others(int number, pid_t spare)
{
	if (number == SIGSTOP)
		return stop_all(spare);
	struct folder proc;
	processes_open(&proc);
	for (const char *name; (name = folder_next(&proc));) {
		pid_t pid = (pid_t)atol(name);
		if (pid > 1 && pid != spare)
			kill(pid, number);
	}
	folder_close(&proc);
	return 0;
}

int list_processes(pid_t session)
{
	struct folder proc;
	struct process process;
	if (session > 0)
		printf("session\n");
	processes_open(&proc);
	for (pid_t pid; (pid = processes_next(&proc, &process));) {
		char path[40], line[256] = "";
		if (pid == session || pid == getpid())
			continue;
		snprintf(path, sizeof path, "%d/cmdline", pid);
		ssize_t n = read_text(path, line, sizeof line);
		for (ssize_t i = 0; i + 1 < n; i++)
			if (line[i] == '\0')
				line[i] = ' ';
		printf("%d %s%c", pid, line, '\0');
	}
	folder_close(&proc);
	return fflush(stdout) ? 1 : 0;
}

/* 0, 1, or 2 for more. -1: this kernel does not tell. */
static int count_children(pid_t pid)
{
	char path[48], text[64], *rest;
	snprintf(path, sizeof path, "%d/task/%d/children", pid, pid);
	if (read_text(path, text, sizeof text) < 0)
		return -1;
	(void)strtol(text, &rest, 10);
	return rest == text ? 0 : rest[strspn(rest, " ")] ? 2 : 1;
}

bool process_program(pid_t pid, struct program *program)
{
	char path[24];
	struct stat st;
	snprintf(path, sizeof path, "%d/exe", pid);
	if (fstatat(FD_PROC, path, &st, 0) < 0)
		return false;
	*program = (struct program){st.st_dev, st.st_ino};
	return true;
}

bool only_session(pid_t session)
{
	return count_children(box_root[0] ? getpid() : 1) == (session > 0) &&
	       (session <= 0 || count_children(session) == 0);
}

/* What a process holds that is not in files of the disk, with what it shares counted in part. Less than 0: not told. */
static int64_t proportional_kib(pid_t pid)
{
	static const char *const counted[] = {"Pss_Anon:", "Pss_Shmem:"};
	char path[40], text[2048];
	int64_t kib = 0;
	snprintf(path, sizeof path, "%d/smaps_rollup", pid);
	if (read_text(path, text, sizeof text) <= 0)
		return -1;
	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
		const char *at = strstr(text, counted[i]);
		if (!at)
			return -1;
		kib += strtol(at + strlen(counted[i]), NULL, 10);
	}
	return kib;
}

/* Page tables take a 512th of the addresses that they map, of which nothing need be resident. */
static uint64_t tables_kib(pid_t pid, const struct process *process)
{
	char path[24], text[2048];
	if (process->space / 512 < TABLES_LOOK_KIB)
		return 0;
	snprintf(path, sizeof path, "%d/status", pid);
	const char *at = read_text(path, text, sizeof text) > 0 ? strstr(text, "\nVmPTE:") : NULL;
	return at ? strtoull(at + strlen("\nVmPTE:"), NULL, 10) : 0;
}

/* The sum of all that are resident is quickly known and never too small; the exact one is made when it is needed. */
static void usage_take(struct usage *usage, bool exact)
{
	memset(usage, 0, sizeof *usage);
	struct folder proc;
	struct process process;
	processes_open(&proc);
	uint64_t most = 0;
	for (pid_t pid; (pid = processes_next(&proc, &process));) {
		if (box_root[0] && !ours(pid))
			continue;
		int64_t part = exact ? proportional_kib(pid) : -1;
		uint64_t kib = (part >= 0 ? (uint64_t)part : process.kib) + tables_kib(pid, &process);
		usage->threads += process.threads;
		usage->processes++;
		usage->kib += kib;
		if (kib >= most) {
			most = kib;
			usage->largest = pid;
		}
	}
	folder_close(&proc);
}

void usage_now(struct usage *usage, uint64_t limit_kib)
{
	usage_take(usage, false);
	/* Twice: what forked in the middle of a count had its memory counted again, in its child. */
	for (int i = 0; i < 2 && usage->kib > limit_kib; i++)
		usage_take(usage, true);
}
