#include "program_option.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#include "box.h"
#include "episode.h"
#include "fd.h"
#include "num.h"
#include "text.h"

#define OPTIONS_MAX 64
enum { NO_LETTER = 0x100 }; /* what getopt_long gives for the first option, if that has no letter */

struct parser {
	const struct program_option *options[OPTIONS_MAX];
	void *opts[OPTIONS_MAX];
	size_t count;
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 3];
};

static int value_of(const struct parser *parser, size_t i)
{
	return parser->options[i]->letter ? parser->options[i]->letter : NO_LETTER + (int)i;
}

static void add(struct parser *parser, const struct program_option *option, void *opts)
{
	size_t i = parser->count++;
	bool optional = option->argument && *option->argument == '[';
	/* A table that cannot be right. */
	if (i == OPTIONS_MAX || (optional && option->letter) || (option->take == program_take_flag && option->argument) ||
	    (option->most && (!option->argument || optional || option->most == PROGRAM_NONE)))
		abort();
	parser->options[i] = option;
	parser->opts[i] = opts;
	parser->longs[i] = (struct option){
	        .name = option->name,
	        .has_arg = !option->argument ? no_argument
	                   : optional        ? optional_argument
	                                     : required_argument,
	        .val = value_of(parser, i),
	};
	const char letter[3] = {(char)option->letter, option->argument ? ':' : '\0', '\0'};
	strcat(parser->shorts, letter);
}

/* The number of options: there is none. */
static size_t find(const struct parser *parser, int value)
{
	size_t i = 0;
	while (i < parser->count && value_of(parser, i) != value)
		i++;
	return i;
}

/* What getopt_long refused is in optopt: a letter that is no option's, or the option that got an argument it does not
 * take, or 0 for a long name; the word itself is only sure for long names. */
static int refuse(const struct parser *parser, char **argv, struct err *err)
{
	size_t found = find(parser, optopt);
	if (optopt && found < parser->count)
		return err_set(err, ERR_USAGE, "option takes no argument --%s", parser->options[found]->name);
	if (optopt)
		return err_set(err, ERR_USAGE, "unknown option -- %c", optopt);
	const char *word = argv[optind - 1];
	size_t len = strcspn(word, "="), matches = 0;
	for (size_t i = 0; i < parser->count; i++)
		matches += !strncmp(parser->options[i]->name, word + 2, len - 2);
	return err_set(err, ERR_USAGE, "%s option %.*s", matches > 1 ? "ambiguous" : "unknown",
	               len < 200 ? (int)len : 200, word);
}

int program_options(const struct program_table *tables, bool command, int argc, char **argv, char ***operands,
                    struct err *err)
{
	/* A missing argument gives ':', and messages are ours. */
	struct parser parser = {.shorts = {command ? '+' : ':', command ? ':' : '\0'}};
	int done = 0, value;
	for (; tables->options; tables++)
		for (const struct program_option *option = tables->options; option->name; option++)
			add(&parser, option, tables->opts);
	opterr = 0;
	while (!done && (value = getopt_long(argc, argv, parser.shorts, parser.longs, NULL)) != -1) {
		size_t found = find(&parser, value == ':' ? optopt : value);
		const struct program_option *option = found < parser.count ? parser.options[found] : NULL;
		if (value == '?' || !option)
			done = refuse(&parser, argv, err);
		else if (value == ':')
			done = err_set(err, ERR_USAGE, "option needs an argument --%s", option->name);
		else
			done = option->take(option, optarg, (char *)parser.opts[found] + option->field, err);
	}
	*operands = argv + optind;
	return done;
}

/* --- what is done with them -------------------------------------------------- */

int program_take_flag(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	(void)option, (void)argument, (void)err;
	*(bool *)field = true;
	return 0;
}

int program_take_text(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	(void)option, (void)err;
	*(const char **)field = argument;
	return 0;
}

int program_take_number(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	uint64_t value;
	if (num_parse(argument, option->least, option->most, &value) < 0)
		return err_set(err, ERR_USAGE, "--%s: '%.200s' is not a whole number from %u to %u", option->name,
		               argument, option->least, option->most);
	*(unsigned *)field = (unsigned)value;
	return 0;
}

int program_take_duration(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	uint64_t value;
	if (num_parse_duration(argument, option->least, option->most, &value) < 0)
		return err_set(err, ERR_USAGE, "--%s: '%.200s' is not a time such as 90s, 15m, 1h or 2d, from %u to %u s",
		               option->name, argument, option->least, option->most);
	*(unsigned *)field = (unsigned)value;
	return 0;
}

int program_take_process(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	uint64_t pid;
	if (num_parse(argument, 1, INT32_MAX, &pid) < 0)
		return err_set(err, ERR_USAGE, "--%s: '%.200s' is not a whole number from 1 to %d", option->name,
		               argument, INT32_MAX);
	FD_AUTO fd = pidfd_open((pid_t)pid, 0);
	/* A thread's id is refused as invalid, or as not there. */
	int reason = errno == EINVAL ? ESRCH : errno;
	struct pollfd ended = {fd, POLLIN, 0};
	if (fd < 0 || poll(&ended, 1, 0) != 0)
		return err_set(err, ERR_USAGE, "--%s: process %.200s: %s", option->name, argument,
		               fd >= 0 ? "it has ended" : strerror(reason));
	fd_close(field);
	*(int *)field = fd;
	fd = -1;
	return 0;
}

int program_take_isolation(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	if (box_isolation(argument, field))
		return 0;
	return err_set(err, ERR_USAGE, "--%s: '%.200s' is not namespaces or landlock", option->name, argument);
}

int program_take_seed(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	if (text_valid(argument, strlen(argument)) != strlen(argument))
		return err_set(err, ERR_USAGE, "--%s: '%.200s' is not UTF-8", option->name, argument);
	*(const char **)field = argument;
	return 0;
}

int program_take_prefix(const struct program_option *option, const char *argument, void *field, struct err *err)
{
	if (!episode_id_valid(argument) || strlen(argument) > EPISODE_ID_MAX - 8)
		return err_set(err, ERR_USAGE, "--%s: '%.200s' is no prefix of an episode id", option->name, argument);
	*(const char **)field = argument;
	return 0;
}
