/*
 * contain [-t SECONDS] COMMAND [ARGUMENT…]
 * contain -l NAME
 *
 * Runs a test so that nothing of it survives. Boxes outlive the programs that
 * make them, so that killing a process group does not end them; but orphans go
 * to the nearest subreaper (prctl(2)), which this program is. Whatever is left
 * once the command has ended is named on stderr and killed.
 *
 * PIPEGYM_CONTAINER is this process's id. From it a test can tell with -l which
 * processes of a name are its own: a box has no environment and no name of its
 * own, but whoever loses its parent is adopted here. Without it (bats run by
 * hand) nothing can be said, and nothing is.
 *
 * Exit status: the command's; 124 when the time was up; 125 when the command
 * said 0 but left processes behind.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIME_UP = 124, LEFT_BEHIND = 125, NOT_STARTED = 126 };

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The parent of a process, its name (17 bytes) and whether it is at its end; 0 if it is gone. */
static pid_t parent_of(const char *pid, char *name, bool *ending)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t len = fread(line, 1, sizeof line - 1, file);
	fclose(file);
	line[len] = '\0';
	/* "PID (NAME) STATE PARENT …", where NAME may hold anything. */
	char *open = strchr(line, '('), *close = strrchr(line, ')');
	if (!open || !close || strlen(close) < 5)
		return 0;
	*close = '\0';
	snprintf(name, 17, "%s", open + 1);
	int parent = 0;
	unsigned flags = 0;
	if (sscanf(close + 1, " %*c %d %*d %*d %*d %*d %u", &parent, &flags) != 2)
		return 0;
	*ending = flags & 4; /* PF_EXITING in include/linux/sched.h */
	return parent;
}

/* Kills every child, zombies included (to no effect). Their children become ours and are next. */
static void kill_children(bool tell)
{
	DIR *proc = opendir("/proc");
	if (!proc)
		return;
	for (struct dirent *entry; (entry = readdir(proc));) {
		char name[17];
		bool ending;
		if (!isdigit((unsigned char)entry->d_name[0]) || parent_of(entry->d_name, name, &ending) != getpid())
			continue;
		if (tell)
			fprintf(stderr, "contain: left behind: %s (process %s)\n", name, entry->d_name);
		kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
	}
	closedir(proc);
}

/* Prints the ids of the processes of this name that descend from this one. What ends just now is none of them. */
static void list(const char *wanted, pid_t top)
{
	enum { MOST = 1 << 16 };
	static struct {
		pid_t pid, parent;
		bool named;
	} all[MOST];
	size_t count = 0;
	DIR *proc = opendir("/proc");
	if (!proc)
		return;
	for (struct dirent *entry; count < MOST && (entry = readdir(proc));) {
		char name[17];
		bool ending;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		all[count].pid = (pid_t)strtol(entry->d_name, NULL, 10);
		all[count].parent = parent_of(entry->d_name, name, &ending);
		all[count].named = all[count].parent > 0 && !ending && strcmp(name, wanted) == 0;
		count++;
	}
	closedir(proc);
	for (size_t i = 0; i < count; i++) {
		pid_t at = all[i].named ? all[i].pid : 0;
		/* What lives on while we look may change parents: no more turns than there are processes. */
		for (size_t turn = 0; at > 1 && at != top && turn < count; turn++) {
			size_t up = 0;
			while (up < count && all[up].pid != at)
				up++;
			at = up < count ? all[up].parent : 0;
		}
		if (at > 1)
			printf("%d\n", (int)all[i].pid);
	}
}

/* Reaps until the awaited process ends (0: until no child is left), until the deadline, or until we are asked to end.
 * Returns 1 when it ended, 0 when not. */
static int await(pid_t pid, int *status, double deadline, const sigset_t *signals)
{
	for (;;) {
		int got;
		pid_t ended = waitpid(-1, &got, WNOHANG);
		if (ended > 0 && ended == pid) {
			*status = got;
			return 1;
		}
		if (ended > 0)
			continue;
		if (ended < 0 && errno == ECHILD)
			return 1;
		double left = deadline - now();
		if (left <= 0)
			return 0;
		struct timespec wait = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
		int caught = sigtimedwait(signals, NULL, &wait);
		if (caught > 0 && caught != SIGCHLD)
			return 0;
	}
}

static pid_t start(char **argv, const sigset_t *signals)
{
	char own[16];
	snprintf(own, sizeof own, "%d", (int)getpid());
	setenv("PIPEGYM_CONTAINER", own, 1);
	sigprocmask(SIG_BLOCK, signals, NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	sigprocmask(SIG_UNBLOCK, signals, NULL);
	/* A shell starts what it puts in the background with SIGINT ignored, which would be inherited. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	setpgid(0, 0);
	execvp(argv[0], argv);
	fprintf(stderr, "contain: %s: %s\n", argv[0], strerror(errno));
	_exit(NOT_STARTED);
}

int main(int argc, char **argv)
{
	double seconds = 300;
	int status = 0;
	sigset_t signals;
	for (int option; (option = getopt(argc, argv, "+l:t:")) != -1;) {
		if (option == 'l') {
			const char *container = getenv("PIPEGYM_CONTAINER");
			if (container)
				list(optarg, (pid_t)strtol(container, NULL, 10));
			return 0;
		}
		if (option != 't')
			return 2;
		seconds = strtod(optarg, NULL);
	}
	if (optind == argc)
		return 2;
	sigemptyset(&signals);
	for (size_t i = 0; i < 5; i++)
		sigaddset(&signals, (const int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}[i]);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t pid = start(argv + optind, &signals);
	if (pid < 0)
		return NOT_STARTED;
	bool ended = await(pid, &status, now() + seconds, &signals);
	if (!ended)
		fprintf(stderr, "contain: the time is up (%g s), or a signal asked to end\n", seconds);
	/* What is about to end by itself may do so. */
	bool clean = ended && await(0, &status, now() + 2, &signals), empty = clean;
	for (bool tell = true; !empty; tell = false) {
		kill_children(tell);
		empty = await(0, &status, now() + 0.05, &signals);
	}
	if (!ended)
		return TIME_UP;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return code == 0 && !clean ? LEFT_BEHIND : code;
}
