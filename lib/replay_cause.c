#include "replay_cause.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "normalise.h"

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

/* Normalisers that tell why where one kind of them is enough. */
static const struct hint kinds[] = {
        {"line-order", "order"},
        {"iso-date,rfc-date,ls-date,clock,epoch,duration", "time"},
        {"uuid,tmp,address", "randomness"},
        {"container,uname,host,user,owner,home,disk,memory,blocks,folder-size", "host"},
};

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

static const char *word_cause(json action)
{
	const char *command = command_of(action);
	for (const char *at = command; at && *at;) {
		size_t len = 0;
		while (is_word_byte(at[len]))
			len++;
		for (size_t i = 0; len > 0 && i < sizeof words / sizeof *words; i++)
			if (strlen(words[i].text) == len && !memcmp(at, words[i].text, len))
				return words[i].cause;
		at += len ? len : 1;
	}
	return NULL;
}

static const char *const streams[] = {"stdout", "stderr", "error", "observation"};

/* Of something that one of the two says, and the other does not. */
static const char *message_cause(json logged, json replayed)
{
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		for (size_t j = 0; j < sizeof streams / sizeof *streams; j++) {
			const char *a = json_get_string(logged, streams[j]), *b = json_get_string(replayed, streams[j]);
			if ((a && strstr(a, messages[i].text)) != (b && strstr(b, messages[i].text)))
				return messages[i].cause;
		}
	return NULL;
}

/* Whether the texts are equal once all matches of a rule are gone. */
static bool equal_but_for(const char *names, const char *rule, json logged, json replayed)
{
	struct err err;
	uint64_t used = 0;
	JSON_AUTO own = json_none();
	if (rule && json_parse(rule, strlen(rule), &own, &err) < 0)
		return false;
	struct normalise *normalise = normalise_new(names, own, &err);
	bool equal = normalise != NULL;
	for (size_t i = 0; equal && i < sizeof streams / sizeof *streams; i++) {
		json a = json_get(logged, streams[i]), b = json_get(replayed, streams[i]);
		equal = json_is_none(a) || normalise_equal(normalise, a, b, &used);
	}
	normalise_free(normalise);
	return equal;
}

const char *replay_cause(json action, json logged, json replayed)
{
	static const char *const limited[] = {"timeout", "signal", "truncated"};
	static const char numbers[] = "[{\"name\":\"version\",\"pattern\":\"[0-9]+([.][0-9]+)+[0-9A-Za-z.+~-]*\"}]";
	const char *cause;
	bool own = json_get_string(logged, "type") != NULL;
	for (size_t i = 0; own && i < sizeof limited / sizeof *limited; i++)
		if (!json_equal(json_get(logged, limited[i]), json_get(replayed, limited[i])))
			return "limits";
	if ((cause = message_cause(logged, replayed)))
		return cause;
	if (own && (json_get_number(logged, "exit", 0) == 127) != (json_get_number(replayed, "exit", 0) == 127))
		return "missing program";
	bool exits = own && !json_equal(json_get(logged, "exit"), json_get(replayed, "exit"));
	for (size_t i = 0; !exits && i < sizeof kinds / sizeof *kinds; i++)
		if (equal_but_for(kinds[i].text, NULL, logged, replayed))
			return kinds[i].cause;
	if ((cause = word_cause(action)))
		return cause;
	if (!exits && equal_but_for("default,task", numbers, logged, replayed))
		return "version";
	return !exits && equal_but_for("all", NULL, logged, replayed) ? "order" : "unknown";
}
