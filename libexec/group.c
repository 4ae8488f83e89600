/* The box's control group: who enters it, and what happened in it. */
#include "helper.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t group_fds(const struct box_spec *spec)
{
	return spec->groups ? 2 * spec->groups + 2 : 0;
}

int group_enter(const int *procs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (write(procs[i], "0", 1) != 1) /* the writer itself */
			return -1;
	return 0;
}

/* How often something happened since it was last asked. word: with the space behind it. */
static uint64_t happened(int fd, const char *word, uint64_t *before)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	const char *at = strstr(text, word);
	uint64_t count = at ? strtoull(at + strlen(word), NULL, 10) : 0;
	uint64_t more = count - *before;
	*before = count;
	return more;
}

uint32_t group_events(void)
{
	static uint64_t kills, refusals;
	uint32_t flags = happened(FD_EVENTS, "oom_kill ", &kills) ? BOX_OOM : 0;
	return flags | (happened(FD_EVENTS + 1, "max ", &refusals) ? BOX_PIDS : 0);
}
