#include "replay_cause.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "normalise.h"
#include "replay_lines.h"

struct hint {
	const char *text, *cause;
};

/* What is said where something was not to be had. */
static const struct hint messages[] = {
        {"Cannot allocate memory", "limits"},
        {"No space left on device", "limits"},
        {"Resource temporarily unavailable", "limits"},
        {"File too large", "limits"},
        {"MemoryError", "limits"},
        {"timed out", "limits"},
        {"command not found", "missing program"},
        {"ModuleNotFoundError", "missing program"},
        {"Could not resolve", "network"},
        {"name resolution", "network"},
        {"Network is unreachable", "network"},
        {"Connection refused", "network"},
        {"Failed to connect", "network"},
};

/* What tells why where it alone is enough to make two texts equal: normalisers, or else a pattern. */
static const struct {
	const char *names, *pattern, *cause;
} kinds[] = {
        {"line-order", NULL, "order"},
        {"iso-date,rfc-date,ls-date,clock,epoch,duration", NULL, "time"},
        {"task", "(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*", "time"},
        {"uuid,tmp,address", NULL, "randomness"},
        {"container,uname,host,user,owner,home,disk,memory,blocks,folder-size", NULL, "host"},
        {"unfinished,shell", NULL, "version"},
};
#define LOOKED_MAX (16u << 20) /* bytes of texts for which more is done than to look for messages */
#define KINDS (sizeof kinds / sizeof *kinds)
/* Those that are asked last. */
enum { VERSIONS = KINDS, NUMBERS, ALL, DEFAULT, NORMALISERS };

/* Words of commands that print what differs from run to run, or from host to host. */
static const struct hint words[] = {
        {"RANDOM", "randomness"},
        {"SRANDOM", "randomness"},
        {"shuf", "randomness"},
        {"random", "randomness"},
        {"urandom", "randomness"},
        {"uuid", "randomness"},
        {"uuidgen", "randomness"},
        {"mktemp", "randomness"},
        {"secrets", "randomness"},
        {"date", "time"},
        {"time", "time"},
        {"uptime", "time"},
        {"cal", "time"},
        {"EPOCHSECONDS", "time"},
        {"SECONDS", "time"},
        {"mtime", "time"},
        {"ctime", "time"},
        {"atime", "time"},
        {"mmin", "time"},
        {"newermt", "time"},
        {"version", "version"},
        {"dpkg", "version"},
        {"apt", "version"},
        {"pip", "version"},
        {"hostname", "host"},
        {"nproc", "host"},
        {"uname", "host"},
        {"free", "host"},
        {"df", "host"},
        {"du", "host"},
        {"lscpu", "host"},
        {"whoami", "host"},
        {"id", "host"},
        {"env", "host"},
        {"printenv", "host"},
        {"ps", "host"},
        {"top", "host"},
        {"ifconfig", "host"},
        {"ip", "host"},
        {"mount", "host"},
        {"who", "host"},
        {"groups", "host"},
        {"lsof", "host"},
        {"curl", "network"},
        {"wget", "network"},
        {"ping", "network"},
};

/* The same, where nothing else tells: what has its own order on each file system, and what is another program elsewhere. */
static const struct hint vague_words[] = {
        {"find", "order"},
        {"awk", "version"},
};

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static const char *command_of(json action)
{
	const char *text = json_string(action);
	return text ? text : json_get_string(json_get(action, "args"), "command");
}

void replay_command_word(json action, struct buf *out)
{
	const char *command = command_of(action), *tool = json_get_string(action, "tool");
	if (!command) {
		buf_add_string(out, tool ? tool : "?");
		return;
	}
	command += strspn(command, " \t\n({");
	size_t len = strcspn(command, " \t\n;|&<>()");
	for (const char *slash; (slash = memchr(command, '/', len)) && (size_t)(slash - command) + 1 < len;) {
		len -= (size_t)(slash + 1 - command);
		command = slash + 1;
	}
	buf_add(out, command, len < 40 ? len : 40);
}

static const char *word_cause(json action, const struct hint *hints, size_t count)
{
	const char *command = command_of(action);
	for (const char *at = command; at && *at;) {
		size_t len = 0;
		while (is_word_byte(at[len]))
			len++;
		for (size_t i = 0; len > 0 && i < count; i++)
			if (strlen(hints[i].text) == len && !memcmp(at, hints[i].text, len))
				return hints[i].cause;
		at += len ? len : 1;
	}
	return NULL;
}

static const char *const streams[] = {"stdout", "stderr", "error", "observation"};
#define STREAMS (sizeof streams / sizeof *streams)

/* Of something that one of the two says, and the other does not. */
static const char *message_cause(json logged, json replayed)
{
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		for (size_t j = 0; j < STREAMS; j++) {
			const char *a = json_get_string(logged, streams[j]), *b = json_get_string(replayed, streams[j]);
			if ((a && strstr(a, messages[i].text)) != (b && strstr(b, messages[i].text)))
				return messages[i].cause;
		}
	return NULL;
}

/* --- what the texts have in common ---------------------------------------- */

struct replay_causes {
	struct normalise *normalisers[NORMALISERS]; /* as soon as they are asked for */
	size_t looked_at;                           /* bytes */
};

struct replay_causes *replay_causes_new(void)
{
	return mem_alloc(1, sizeof(struct replay_causes));
}

void replay_causes_free(struct replay_causes *causes)
{
	for (size_t i = 0; causes && i < NORMALISERS; i++)
		normalise_free(causes->normalisers[i]);
	free(causes);
}

static struct normalise *normaliser(struct replay_causes *causes, size_t which)
{
	static const char *const names[] = {"task", "task", "all", "default"};
	static const char *const patterns[] = {"[0-9]+([.][0-9]+)+[0-9A-Za-z.+~-]*", "[0-9]+([.][0-9]+)?[KMG]?"};
	const char *pattern = which < KINDS ? kinds[which].pattern : which <= NUMBERS ? patterns[which - KINDS] : NULL;
	struct err err;
	JSON_AUTO own = json_new_array();
	if (causes->normalisers[which])
		return causes->normalisers[which];
	if (pattern) {
		json rule = json_new_object();
		json_set_string(&rule, "name", "some");
		json_set_string(&rule, "pattern", pattern);
		json_append(&own, rule);
	}
	causes->normalisers[which] = normalise_new(which < KINDS ? kinds[which].names : names[which - KINDS], own, &err);
	return causes->normalisers[which];
}

/* The texts of both, a value each. */
struct texts {
	json of[2];
};

static void free_texts(struct texts *texts)
{
	json_free(&texts->of[0]);
	json_free(&texts->of[1]);
}

/* Streams that were logged, in lines of their own. The size of both is added to *size. */
static struct texts take_texts(json logged, json replayed, size_t *size)
{
	const json sides[2] = {logged, replayed};
	struct texts texts;
	for (size_t i = 0; i < 2; i++) {
		BUF_AUTO all = {0};
		for (size_t j = 0; j < STREAMS; j++) {
			size_t len = 0;
			const char *text = json_text(json_get(sides[i], streams[j]), &len);
			if (!text || json_is_none(json_get(logged, streams[j])))
				continue;
			buf_add(&all, text, len);
			if (len && text[len - 1] != '\n')
				buf_add_char(&all, '\n');
		}
		*size += all.len;
		texts.of[i] = json_new_text(buf_string(&all), all.len);
	}
	return texts;
}

/* Whether the texts are equal once all matches of a rule are gone. */
static bool equal_but_for(struct replay_causes *causes, size_t which, const struct texts *texts)
{
	struct normalise *normalise = normaliser(causes, which);
	uint64_t used = 0;
	return normalise && normalise_equal(normalise, texts->of[0], texts->of[1], &used);
}

static struct texts normalised(struct replay_causes *causes, const struct texts *texts)
{
	struct normalise *normalise = normaliser(causes, DEFAULT);
	struct texts result;
	for (size_t i = 0; i < 2; i++) {
		BUF_AUTO out = {0};
		size_t len;
		const char *text = json_text(texts->of[i], &len);
		if (normalise)
			normalise_text(normalise, text, len, &out);
		result.of[i] = json_new_text(buf_string(&out), out.len);
	}
	return result;
}

/* texts: once they are normalised. */
static const char *lines_cause(struct replay_causes *causes, json action, const struct texts *texts)
{
	const char *cause;
	struct replay_lines lines = replay_lines_compare(texts->of[0], texts->of[1]);
	if (lines.system || lines.refused)
		return "host";
	if (lines.reworded)
		return "version";
	if ((cause = word_cause(action, words, sizeof words / sizeof *words)))
		return cause;
	if (lines.objected || equal_but_for(causes, VERSIONS, texts))
		return "version";
	if (lines.order)
		return "order";
	/* A sum does not depend on the order of what was added. */
	cause = equal_but_for(causes, NUMBERS, texts)
	                ? NULL
	                : word_cause(action, vague_words, sizeof vague_words / sizeof *vague_words);
	return cause ? cause : "unknown";
}

static const char *text_cause(struct replay_causes *causes, json action, json logged, json replayed)
{
	const char *cause = NULL;
	struct texts texts = take_texts(logged, replayed, &causes->looked_at);
	bool equal = causes->looked_at <= LOOKED_MAX && equal_but_for(causes, ALL, &texts);
	for (size_t i = 0; i < KINDS && !cause && causes->looked_at <= LOOKED_MAX; i++)
		if ((equal || kinds[i].pattern) && equal_but_for(causes, i, &texts))
			cause = kinds[i].cause;
	if (!cause && causes->looked_at <= LOOKED_MAX) {
		struct texts rest = normalised(causes, &texts);
		bool same = json_equal(rest.of[0], rest.of[1]); /* for more than one reason */
		cause = same    ? word_cause(action, words, sizeof words / sizeof *words)
		        : equal ? "order"
		                : lines_cause(causes, action, &rest);
		free_texts(&rest);
	}
	free_texts(&texts);
	return cause ? cause : "unknown";
}

/* Whether a limit ended one of the two, and not the other. What another project does not say is not known. */
static bool differ_by_limits(json logged, json replayed, bool partly)
{
	static const char *const fields[] = {"timeout", "signal", "truncated"};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		json a = json_get(logged, fields[i]), b = json_get(replayed, fields[i]);
		if (!json_equal(a, b) && !(partly && json_is_none(a) && i > 0))
			return true;
	}
	return false;
}

const char *replay_cause(struct replay_causes *causes, json action, json logged, json replayed, bool partly)
{
	const char *cause;
	if (differ_by_limits(logged, replayed, partly))
		return "limits";
	if ((cause = message_cause(logged, replayed)))
		return cause;
	json exit = json_get(logged, "exit");
	bool exits = !(partly && json_is_none(exit)) && !json_equal(exit, json_get(replayed, "exit"));
	if (exits && (json_number(exit, 0) == 127) != (json_get_number(replayed, "exit", 0) == 127))
		return "missing program";
	if (!exits)
		return text_cause(causes, action, logged, replayed);
	cause = word_cause(action, words, sizeof words / sizeof *words);
	return cause ? cause : "unknown";
}
