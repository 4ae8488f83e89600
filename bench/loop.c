/*
 * loop [-f COUNT] [-n COUNT] [-r] [-s COMMAND] COMMAND PROGRAM ARGUMENT...: steps episodes in a closed loop, as agents do.
 *
 * Reads the ids of episodes, a line each, from stdin; starts PROGRAM (an env-step); keeps one shell action of up to COUNT
 * (-f; all) episodes in flight, each answer being followed by that episode's next action, in turn or (-r) of an episode
 * chosen at random, until -n actions were answered. With -s the first episode's first action is that slow command, and
 * it is left out of the figures. Prints: actions a second, and in microseconds the first answer, then the median, the 99th
 * percentile and the maximum of an action's time from its writing to its answer.
 */
#include <fcntl.h>
#include <search.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

extern char **environ;

struct episode {
	char id[64];
	double sent;
	bool slow, busy;
};

static struct episode *episodes;
static size_t count;
static FILE *to;
static const char *command, *slow;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void read_ids(void)
{
	size_t size = 0;
	char line[64];
	while (scanf("%63s", line) == 1) {
		if (count == size) {
			size = size ? 2 * size : 64;
			struct episode *more = realloc(episodes, size * sizeof *episodes);
			if (!more)
				fail("realloc");
			episodes = more;
		}
		memset(&episodes[count], 0, sizeof *episodes);
		memcpy(episodes[count++].id, line, sizeof line);
	}
	if (count == 0 || hcreate(2 * count) == 0)
		fail("no episodes");
	for (size_t i = 0; i < count; i++)
		if (!hsearch((ENTRY){.key = episodes[i].id, .data = &episodes[i]}, ENTER))
			fail("hsearch");
}

static pid_t start(char **argv, int *from)
{
	int in[2], out[2];
	pid_t pid;
	posix_spawn_file_actions_t actions;
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		fail("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		fail(argv[0]);
	close(in[0]);
	close(out[1]);
	/* As many actions as there are episodes fit in, whatever the program reads. */
	(void)fcntl(in[1], F_SETPIPE_SZ, 1 << 20);
	to = fdopen(in[1], "w");
	*from = out[0];
	return pid;
}

static void act(struct episode *episode)
{
	bool first_slow = slow && episode == episodes && episode->sent == 0;
	episode->slow = first_slow;
	episode->busy = true;
	episode->sent = now_us();
	fprintf(to, "{\"episode\":\"%s\",\"tool\":\"shell\",\"args\":{\"command\":\"%s\"}}\n", episode->id,
	        first_slow ? slow : command);
}

/* The episode that an observation is of; NULL: it is none. */
static struct episode *answered(const char *line)
{
	char id[64];
	const char *at = strstr(line, "\"episode\":\"");
	if (strncmp(line, "{\"type\":\"observation\"", 21) != 0 || !at || sscanf(at + 11, "%63[^\"]", id) != 1)
		return NULL;
	ENTRY *entry = hsearch((ENTRY){.key = id}, FIND);
	return entry ? entry->data : NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static struct episode *next_one(struct episode *last, bool at_random)
{
	static uint64_t state = 88172645463325252u; /* xorshift: the same choices in each run */
	struct episode *next = last;
	while (at_random && next->busy) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		next = &episodes[state % count];
	}
	return next;
}

struct figures {
	double *times, first, begin, end;
	size_t timed;
};

/* Keeps so many episodes in flight until as many actions were answered. */
static void play(FILE *answers, size_t flight, size_t most, bool at_random, struct figures *figures)
{
	size_t sent = 0, done = 0, size = 0;
	char *line = NULL;
	figures->begin = figures->end = now_us();
	for (; sent < flight && sent < most; sent++)
		act(&episodes[sent]);
	fflush(to);
	while (done < most && getline(&line, &size, answers) > 0) {
		struct episode *episode = answered(line);
		if (!episode)
			fail(line);
		double now = now_us();
		if (!episode->slow) {
			figures->times[figures->timed++] = now - episode->sent;
			figures->end = now;
		}
		figures->first = done == 0 ? now - figures->begin : figures->first;
		done++;
		episode->busy = episode->slow = false;
		if (sent < most) {
			act(next_one(episode, at_random));
			fflush(to);
			sent++;
		}
	}
	free(line);
	if (done < most || figures->timed == 0)
		fail("answers are missing");
}

int main(int argc, char **argv)
{
	size_t flight = 0, most = 0;
	bool at_random = false;
	for (int letter; (letter = getopt(argc, argv, "+f:n:rs:")) != -1;) {
		if (letter == 'f')
			flight = (size_t)atol(optarg);
		else if (letter == 'n')
			most = (size_t)atol(optarg);
		else if (letter == 'r')
			at_random = true;
		else if (letter == 's')
			slow = optarg;
		else
			return 2;
	}
	if (argc - optind < 2)
		return 2;
	command = argv[optind];
	read_ids();
	flight = flight && flight < count ? flight : count;
	most = most ? most : count;
	struct figures figures = {.times = calloc(most, sizeof *figures.times)};
	if (!figures.times)
		fail("calloc");
	int from;
	pid_t pid = start(argv + optind + 1, &from);
	play(fdopen(from, "r"), flight, most, at_random, &figures);
	fclose(to);
	if (waitpid(pid, NULL, 0) < 0)
		fail("waitpid");
	double *times = figures.times;
	size_t timed = figures.timed;
	qsort(times, timed, sizeof *times, compare);
	printf("%.0f %.1f %.1f %.1f %.1f\n", (double)timed / (figures.end - figures.begin) * 1e6, figures.first,
	       times[timed / 2], times[timed * 99 / 100], times[timed - 1]);
	free(times);
	return 0;
}
