/* Arguments of options that several programs take. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>

#include "box.h"
#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "num.h"
#include "program.h"
#include "text.h"

int program_number(uint64_t min, uint64_t max, uint64_t *value)
{
	if (num_parse(program_argument(), min, max, value) == 0)
		return 0;
	return program_usage("--%s: '%s' is not a whole number from %llu to %llu", program_option_name(),
	                     program_argument(), (unsigned long long)min, (unsigned long long)max);
}

int program_jobs(unsigned *jobs)
{
	uint64_t value;
	if (program_number(1, 4096, &value))
		return ERR_USAGE;
	*jobs = (unsigned)value;
	return 0;
}

int program_duration(uint64_t min, uint64_t max, uint64_t *seconds)
{
	if (num_parse_duration(program_argument(), min, max, seconds) == 0)
		return 0;
	return program_usage("--%s: '%s' is not a time such as 90s, 15m, 1h or 2d, from %llu to %llu s",
	                     program_option_name(), program_argument(), (unsigned long long)min, (unsigned long long)max);
}

int program_process(int *pidfd)
{
	uint64_t pid;
	if (program_number(1, INT32_MAX, &pid))
		return ERR_USAGE;
	FD_AUTO fd = pidfd_open((pid_t)pid, 0);
	/* A thread's id is refused as invalid, or as not there. */
	int reason = errno == EINVAL ? ESRCH : errno;
	struct pollfd ended = {fd, POLLIN, 0};
	if (fd < 0 || poll(&ended, 1, 0) != 0)
		return program_usage("--%s: process %s: %s", program_option_name(), program_argument(),
		                     fd >= 0 ? "it has ended" : strerror(reason));
	fd_close(pidfd);
	*pidfd = fd;
	fd = -1;
	return 0;
}

int program_isolation(bool *landlock)
{
	if (box_isolation(program_argument(), landlock))
		return 0;
	return program_usage("--isolation: '%s' is not namespaces or landlock", program_argument());
}

int program_seed(const char **seed)
{
	*seed = program_argument();
	if (text_valid(*seed, strlen(*seed)) == strlen(*seed))
		return 0;
	return program_usage("--%s: '%s' is not UTF-8", program_option_name(), *seed);
}

int program_prefix(const char **prefix)
{
	*prefix = program_argument();
	if (episode_id_valid(*prefix) && strlen(*prefix) <= EPISODE_ID_MAX - 8)
		return 0;
	return program_usage("--%s: '%s' is no prefix of an episode id", program_option_name(), *prefix);
}

void program_note_isolation(void)
{
	BUF_AUTO text = {0};
	const char *gap;
	for (size_t i = 0; (gap = box_not_isolated(i)); i++)
		buf_add_format(&text, "%s%s", i ? "; " : "", gap);
	program_note("--isolation landlock does not isolate: %s", buf_string(&text));
}
