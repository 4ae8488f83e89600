/* What a person types, as an action; and what may stand where they have got to. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

#include "look.h"
#include "player_scan.h"
#include "text.h"
#include "tool.h"

#define BLANKS " \t"

/* --- actions ---------------------------------------------------------------------- */

/* As an agent is told of it, in the first observation: json_none() if there is none of the name; NULL: the first one. */
static json find_tool(const struct player *player, const char *name)
{
	json tools = json_get(player->reset, "tools");
	for (int i = 0; i < json_length(tools); i++) {
		const char *own = json_get_string(json_at(tools, i), "name");
		if (own && (!name || !strcmp(own, name)))
			return json_at(tools, i);
	}
	return json_none();
}

bool player_has_tool(const struct player *player, const char *name)
{
	return !json_is_none(find_tool(player, name));
}

bool player_has_shell(const struct player *player)
{
	return json_get_is(find_tool(player, NULL), "name", "shell");
}

/* The argument that a line stands for, or NULL. */
static const char *main_argument(const struct player *player, const char *name)
{
	const struct tool *ours = tool_find(name);
	json tools = json_get(player->episode->meta, "tools");
	if (ours)
		return ours->main;
	for (int i = 0; i < json_length(tools); i++) {
		const char *own = json_get_string(json_at(tools, i), "name");
		if (own && !strcmp(own, name))
			return json_get_string(json_at(tools, i), "main");
	}
	return NULL;
}

/* A word as the schema wants it, if it can be that; else as it is, for the schema to refuse. */
static json value_of(json schema, const char *word, size_t len)
{
	const char *type = json_get_string(schema, "type");
	json value = json_none();
	if (type && strcmp(type, "string") != 0 && json_parse(word, len, &value, NULL) == 0)
		return value;
	return json_new_text(word, len);
}

/* Words, one for each argument in the order of the schema; the last one is the rest of the line. */
static void take_words(json properties, const char *words, json *args)
{
	const char *key;
	json property;
	int left = json_length(properties);
	for (int at = -1; json_each(properties, &at, &key, &property); left--) {
		words += strspn(words, BLANKS);
		size_t len = left == 1 ? strlen(words) : strcspn(words, BLANKS);
		while (left == 1 && len > 0 && strchr(BLANKS, words[len - 1]))
			len--;
		if (len > 0)
			json_set(args, key, value_of(property, words, len));
		words += len;
	}
}

const char *player_missing(const struct player *player, json action)
{
	json schema = json_get(find_tool(player, json_get_string(action, "tool")), "parameters"),
	     properties = json_get(schema, "properties"), required = json_get(schema, "required");
	for (int i = 0; i < json_length(required); i++) {
		const char *key = json_string(json_at(required, i));
		if (json_is_none(json_get(json_get(action, "args"), key)) &&
		    json_get_is(json_get(properties, key), "type", "string"))
			return key;
	}
	return NULL;
}

json player_action(const struct player *player, const char *name, const char *words)
{
	json tool = find_tool(player, name), action = json_new_object(),
	     properties = json_get(json_get(tool, "parameters"), "properties"), args = json_none();
	name = json_is_none(tool) ? (name ? name : "shell") : json_get_string(tool, "name");
	const char *argument = json_is_none(tool) ? "command" : main_argument(player, name);
	if (*words != '{' || json_parse(words, strlen(words), &args, NULL) < 0)
		args = json_new_object();
	if (json_length(args) == 0 && argument && *words)
		json_set(&args, argument, value_of(json_get(properties, argument), words, strlen(words)));
	else if (json_length(args) == 0)
		take_words(properties, words, &args);
	json_set_string(&action, "tool", name);
	json_set(&action, "args", args);
	return action;
}

/* --- completion ------------------------------------------------------------------- */

struct completion {
	struct buf *found;
	const char *typed; /* what the words begin with: quote and folder, as typed */
	size_t typed_len;
	char quote;
};

static void add_name(struct completion *completion, const char *name, bool folder)
{
	struct buf *found = completion->found;
	/* Within quotes only what needs no other. */
	if (completion->quote && strpbrk(name, "\\$`'\"!"))
		return;
	BUF_AUTO quoted = {0};
	player_quote(name, strlen(name), &quoted);
	if (completion->quote && (memchr(quoted.data, '\'', quoted.len) || text_valid(name, strlen(name)) < strlen(name)))
		return;
	buf_add(found, completion->typed, completion->typed_len);
	buf_add_string(found, completion->quote ? name : buf_string(&quoted));
	if (folder)
		buf_add_char(found, '/');
	else if (completion->quote)
		buf_add_char(found, completion->quote);
	buf_add_char(found, '\0');
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a + 1, *(const char *const *)b + 1);
}

/* Sorted, each once. */
static void add_names(struct completion *completion, const struct buf *names, bool hidden)
{
	const char **list = NULL, *end = names->data + names->len;
	size_t count = 0;
	for (const char *at = names->data; at < end; at += strlen(at) + 1)
		if (hidden || at[1] != '.') {
			list = mem_grow(list, count, sizeof *list);
			list[count++] = at;
		}
	if (list)
		qsort(list, count, sizeof *list, compare);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(list[i] + 1, list[i - 1] + 1) != 0)
			add_name(completion, list[i] + 1, list[i][0] == '/');
	free(list);
}

/* Programs of the box, and the words of bash that are used most. */
static void complete_command(const struct player *player, const char *beginning, struct completion *completion)
{
	static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin"},
	                         *const builtins[] = {"alias",    "bg",     "break",   "cd",     "continue", "declare",
	                                              "echo",     "eval",   "exit",    "export", "fg",       "for",
	                                              "function", "help",   "if",      "jobs",   "kill",     "local",
	                                              "popd",     "printf", "pushd",   "pwd",    "read",     "return",
	                                              "set",      "shift",  "shopt",   "source", "trap",     "type",
	                                              "ulimit",   "umask",  "unalias", "unset",  "until",    "wait",
	                                              "while"};
	BUF_AUTO names = {0};
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (!strncmp(builtins[i], beginning, strlen(beginning)))
			buf_add_format(&names, " %s%c", builtins[i], '\0');
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		(void)look_names(player->episode->id, folders[i], beginning, &names, NULL);
	if (names.len)
		add_names(completion, &names, false);
}

static void complete_file(const struct player *player, const char *word, struct completion *completion)
{
	const char *slash = strrchr(word, '/');
	BUF_AUTO names = {0};
	bool home = !strncmp(word, "~/", 2);
	STRING_AUTO folder = !slash          ? mem_string(".")
	                     : slash == word ? mem_string("/")
	                     : home          ? mem_format("/home/agent/%.*s", (int)(slash - word) - 1, word + 2)
	                                     : mem_format("%.*s", (int)(slash - word), word);
	const char *beginning = slash ? slash + 1 : word;
	if (look_names(player->episode->id, folder, beginning, &names, NULL) == 0 && names.len)
		add_names(completion, &names, *beginning == '.');
}

void player_complete_word(void *context, const char *line, size_t cursor, size_t *start, struct buf *found)
{
	const struct player *player = context;
	bool command;
	BUF_AUTO word = {0};
	if (line[0] == ':' && !memchr(line, ' ', cursor)) {
		STRING_AUTO beginning = mem_format("%.*s", (int)cursor, line);
		*start = 0;
		player_command_names(player, beginning, found);
		return;
	}
	if (!player_has_shell(player))
		return;
	*start = player_word(line, cursor, &command);
	const char *typed = line + *start;
	size_t len = cursor - *start, folder = len;
	player_unquote(typed, len, &word);
	while (folder > 0 && typed[folder - 1] != '/')
		folder--;
	bool quoted = len > 0 && (*typed == '\'' || *typed == '"');
	struct completion completion = {.found = found,
	                                .typed = typed,
	                                .typed_len = folder   ? folder
	                                             : quoted ? 1
	                                                      : 0,
	                                .quote = quoted ? *typed : '\0'};
	if (command && !folder && !quoted && word.len)
		complete_command(player, buf_string(&word), &completion);
	else
		complete_file(player, buf_string(&word), &completion);
}
