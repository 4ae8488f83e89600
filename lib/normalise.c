#include "normalise.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "match_pattern.h"
#include "match_span.h"
#include "normalise_text.h"

#define DAY "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
#define MONTH "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#define TIME "[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?( [AP]M)?"
#define ZONE "([A-Z]{3,4}|[+-][0-9]{2}:?[0-9]{2})"
#define MODE "[-dlbcps][-rwxsStT]{9}[+.@]? +[0-9]+ +" /* of ls -l and find -ls, and the links behind it */
#define SIZE "[0-9.,]+[KMGTP]?i?"

struct rule {
	const char *name;
	unsigned version;
	const char *about;
	const char *before, *pattern, *after; /* a pattern: what matches is replaced by the name in <>, */
	normalise_function *function;         /* or what else is done */
	bool unusual;                         /* only if it is asked for */
};

/* In the order in which they are applied: what is more particular comes first. A version changes with what a rule does. */
static const struct rule rules[] = {
        {"ansi", 1, "escape sequences", .function = normalise_ansi},
        {"progress", 1, "what carriage returns wrote over", .function = normalise_progress},
        {"uuid", 1, "UUIDs", .pattern = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"},
        {"container", 1, "ids of containers", .pattern = "(docker|containers)[-/][0-9a-f]{64}|[0-9a-f]{12}"},
        {"iso-date", 1, "dates and times as in ISO 8601",
         .pattern = "[12][0-9]{3}[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12][0-9]|3[01])([T ]" TIME "(Z| ?" ZONE ")?)?"},
        {"rfc-date", 1, "dates and times as in mail, logs and date(1)",
         .pattern = "(" DAY ",? +)?[0-9]{1,2}[ /]" MONTH "[a-z]*[ /][0-9]{4}([ :]" TIME "( " ZONE ")?)?|" DAY
                    ",? +" MONTH "[a-z]* +[0-9]{1,2}( " TIME ")?( " ZONE ")?( [0-9]{4})?"},
        {"ls-date", 1, "dates as in ls -l and system logs",
         .pattern = MONTH " +[0-9]{1,2} +([0-9]{2}:[0-9]{2}(:[0-9]{2})?|[0-9]{4})"},
        {"clock", 1, "times of day with seconds", .pattern = "[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]([.,][0-9]{1,9})?( [AP]M)?"},
        {"epoch", 1, "seconds since 1970, of 2014 to 2033, and parts of them",
         .pattern = "1[4-9][0-9]{8}([.][0-9]{1,9}|[0-9]{3}|[0-9]{6}|[0-9]{9})?"},
        {"duration", 1, "lengths of time",
         .pattern = "[0-9]+m[0-9]+[.,][0-9]{1,9}s|[0-9]+([.][0-9]+)? ?(ns|us|µs|ms|s|secs?|seconds?|mins?|minutes?|"
                    "hours?|days?)|(real|user|sys|elapsed)[[:blank:]]+[0-9]+[.][0-9]+"},
        {"unfinished", 1, "how bash says that a command ends too early, which differs between versions",
         .function = normalise_unfinished},
        {"shell", 1, "which shell a message is of, and of which line", .before = "^",
         .pattern = "(/usr)?(/bin/)?(ba|da)?sh: (-c: )?(line )?([0-9]+: )?"},
        {"pid", 1, "process ids", .before = "((ppid|PPID|pid|PID|Pid|pgid|PGID|process|Process)[ =:#]*|^[[][0-9]+[]] )",
         .pattern = "[0-9]+"},
        {"ps", 1, "process ids in lists and messages", .pattern = "[0-9]+",
         .after = " +(pts/[0-9]+|tty[0-9]+|[?] |Killed|Terminated|Aborted|Segmentation fault)"},
        {"job", 1, "numbers of jobs", .before = "^[[]", .pattern = "[0-9]+",
         .after = "[]][-+ ]? +(Done|Running|Stopped|Terminated|Killed|Exit)"},
        {"tmp", 1, "names of temporary files",
         .pattern = "(/var)?/tmp/(tmp[.]?[A-Za-z0-9_]{6,12}|(ssh|systemd-private)-[A-Za-z0-9.-]+)"},
        {"uname", 1, "names and versions of kernels", .pattern = "Linux [A-Za-z0-9.-]+ [0-9]+[.][0-9]+.*"},
        {"host", 1, "names of hosts", .before = "([A-Za-z_][A-Za-z0-9_-]*@|[Hh]ost(name)?[ =:]+)",
         .pattern = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"},
        {"folder-size", 1, "sizes of folders, which a file system chooses",
         .before = "d[-rwxsStT]{9}[+.@]? +[0-9]+ +[^ \n]+ +[^ \n]+ +", .pattern = "[0-9.]+[KMG]?"},
        {"user", 1, "owners and groups of files, and the user's ids",
         .pattern = "(uid|gid|euid|egid|groups)=[0-9]+([(][^) \n]*[)])?(,[0-9]+([(][^) \n]*[)])?)*"},
        {"owner", 1, "owners and groups of files", .before = MODE, .pattern = "[^ \n]+ +[^ \n]+ +"},
        {"home", 1, "homes of users", .before = "(^|[^A-Za-z0-9_/.-])", .pattern = "/home/[a-z_][a-z0-9_-]*|/root"},
        {"port", 1, "ports", .before = "((localhost|[0-9]{1,3}([.][0-9]{1,3}){3}|[]*]):|[Pp]ort[ =:]+)",
         .pattern = "[0-9]{2,5}"},
        {"address", 1, "addresses in memory", .pattern = "0x[0-9a-fA-F]{6,16}|[0-9a-f]{8,16}-[0-9a-f]{8,16}"},
        {"inode", 1, "inodes and devices", .before = "([Ii]node|[Dd]evice)s?[ =:]+",
         .pattern = "[0-9a-fA-F]+h?(/[0-9]+d)?|[0-9]+,[0-9]+"},
        {"ls-inode", 1, "inodes and blocks as in ls -li and find -ls", .before = "^ *", .pattern = "[0-9]+( +[0-9]+)?",
         .after = " +[-dlbcps][-rwxsStT]{9}"},
        {"disk", 1, "sizes of disks, and what of them is free, as in df", .before = "^[^ \n]+ +",
         .pattern = SIZE " +" SIZE " +" SIZE " +([0-9]+%|-)", .after = " +/"},
        {"memory", 1, "sizes of memory, and what of it is free, as in free(1)", .before = "^(Mem|Swap|Total): +",
         .pattern = SIZE "( +" SIZE ")*"},
        {"blocks", 1, "how many blocks ls -l says that files have", .before = "^total ", .pattern = SIZE, .after = "$"},
        {"trailing-space", 1, "white space at the end of lines, and empty lines at the end", .function = normalise_trailing},
        {"line-order", 1, "the order of lines", .function = normalise_order, .unusual = true},
};
#define RULES (sizeof rules / sizeof *rules)

/* A rule that was selected. */
struct active {
	char *name;
	unsigned version; /* 0: a task's own */
	char *with;
	normalise_function *function;
	struct match_pattern *pattern;
	struct match_scan *scan;
};

struct normalise {
	struct active active[RULES + NORMALISE_OWN_MAX];
	size_t count;
	struct buf turns[2]; /* of normalise_text() */
};

/* --- selection -------------------------------------------------------- */

static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

/* Whether a list of names has this one. */
static bool listed(const char *names, const char *name)
{
	for (const char *at = names;; at++) {
		size_t len = strcspn(at, ",");
		if (is_word(at, len, name))
			return true;
		at += len;
		if (!*at)
			return false;
	}
}

static bool selected(const char *names, const struct rule *rule)
{
	return listed(names, rule->name) || listed(names, "all") || (listed(names, "default") && !rule->unusual);
}

static int check_names(const char *names, struct err *err)
{
	static const char *const groups[] = {"default", "all", "none", "task"};
	for (const char *at = names;; at++) {
		size_t len = strcspn(at, ",");
		bool known = false;
		for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
			known = known || is_word(at, len, groups[i]);
		for (size_t i = 0; i < RULES; i++)
			known = known || is_word(at, len, rules[i].name);
		if (!known)
			return err_set(err, ERR_USAGE, "no normaliser is called '%.*s'", (int)(len < 60 ? len : 60), at);
		at += len;
		if (!*at)
			return 0;
	}
}

static void activate(struct normalise *normalise, const char *name, const struct rule *rule, const char *with,
                     struct match_pattern *pattern)
{
	struct active *active = &normalise->active[normalise->count++];
	active->name = mem_string(name);
	active->version = rule ? rule->version : 0;
	active->function = rule ? rule->function : NULL;
	active->with = with ? mem_string(with) : mem_format("<%s>", name);
	active->pattern = pattern;
	active->scan = pattern ? match_scan_new(pattern, rule != NULL) : NULL;
}

static struct match_pattern *own_pattern(json rule, struct err *err)
{
	return match_pattern_between(NULL, json_get_string(rule, "pattern"), NULL, err);
}

static int activate_own(struct normalise *normalise, json own, struct err *err)
{
	for (int i = 0; i < json_length(own) && i < NORMALISE_OWN_MAX; i++) {
		json rule = json_at(own, i);
		struct match_pattern *pattern = own_pattern(rule, err);
		if (!pattern)
			return -1;
		activate(normalise, json_get_string(rule, "name"), NULL, json_get_string(rule, "with"), pattern);
	}
	return 0;
}

struct normalise *normalise_new(const char *names, json own, struct err *err)
{
	names = names ? names : "default,task";
	if (check_names(names, err) < 0)
		return NULL;
	struct normalise *normalise = mem_alloc(1, sizeof *normalise);
	bool failed = false;
	/* A task's own know best, and come first. */
	if (listed(names, "task") || listed(names, "all"))
		failed = activate_own(normalise, own, err) < 0;
	for (size_t i = 0; i < RULES && !failed; i++) {
		const struct rule *rule = &rules[i];
		struct match_pattern *pattern = NULL;
		if (!selected(names, rule))
			continue;
		failed = rule->pattern &&
		         !(pattern = match_pattern_between(rule->before, rule->pattern, rule->after, err));
		if (failed)
			err_context(err, "normaliser %s", rule->name);
		else
			activate(normalise, rule->name, rule, NULL, pattern);
	}
	if (!failed)
		return normalise;
	normalise_free(normalise);
	return NULL;
}

void normalise_free(struct normalise *normalise)
{
	for (size_t i = 0; normalise && i < normalise->count; i++) {
		struct active *active = &normalise->active[i];
		match_scan_free(active->scan);
		match_pattern_free(active->pattern);
		free(active->name);
		free(active->with);
	}
	if (normalise) {
		buf_free(&normalise->turns[0]);
		buf_free(&normalise->turns[1]);
	}
	free(normalise);
}

json normalise_names(const struct normalise *normalise, uint64_t set)
{
	json names = json_new_array();
	for (size_t i = 0; i < normalise->count; i++) {
		const struct active *active = &normalise->active[i];
		STRING_AUTO name = active->version ? mem_format("%s@%u", active->name, active->version)
		                                   : mem_format("%s@task", active->name);
		if (set >> i & 1)
			json_append(&names, json_new_string(name));
	}
	return names;
}

json normalise_rule(size_t n)
{
	if (n >= RULES)
		return json_none();
	const struct rule *rule = &rules[n];
	json record = json_new_object();
	json_set_string(&record, "type", "normaliser");
	json_set_string(&record, "name", rule->name);
	json_set_number(&record, "version", rule->version);
	json_set_bool(&record, "default", !rule->unusual);
	json_set_string(&record, "about", rule->about);
	if (rule->before)
		json_set_string(&record, "before", rule->before);
	if (rule->pattern)
		json_set_string(&record, "pattern", rule->pattern);
	if (rule->after)
		json_set_string(&record, "after", rule->after);
	return record;
}

/* --- texts ------------------------------------------------------------ */

/* One rule over a text. *removed: a sum over what was replaced. Whether anything was. */
static bool apply(struct active *active, const struct buf *text, struct buf *out, uint64_t *removed)
{
	struct match_span span;
	size_t at = 0;
	*removed = 0;
	buf_clear(out);
	if (active->function) {
		active->function(buf_string(text), text->len, out);
		bool changed = out->len != text->len || (out->len && memcmp(out->data, text->data, out->len) != 0);
		*removed = changed ? digest_sum(text->data, text->len) : 0;
		return changed;
	}
	match_scan_begin(active->scan, buf_string(text), text->len);
	while (match_scan_next(active->scan, &span)) {
		buf_add(out, text->data + at, span.start - at);
		buf_add_string(out, active->with);
		*removed = (*removed + digest_sum(text->data + span.start, span.end - span.start)) * 0x100000001b3u;
		at = span.end;
	}
	if (at > 0)
		buf_add(out, text->data + at, text->len - at);
	return at > 0;
}

/* The same in place. */
static void turn(struct normalise *normalise, size_t n, struct buf *text, struct buf *spare, uint64_t *removed)
{
	if (apply(&normalise->active[n], text, spare, removed)) {
		struct buf before = *text;
		*text = *spare;
		*spare = before;
	}
}

void normalise_text(struct normalise *normalise, const char *text, size_t len, struct buf *out)
{
	struct buf *now = &normalise->turns[0], *spare = &normalise->turns[1];
	uint64_t removed;
	buf_clear(now);
	buf_add(now, text, len);
	for (size_t i = 0; i < normalise->count; i++)
		turn(normalise, i, now, spare, &removed);
	buf_add(out, buf_string(now), now->len);
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || !memcmp(a->data, b->data, a->len));
}

/* A rule that replaced the same in both has not made them equal. */
static bool equal_texts(struct normalise *normalise, json a, json b, uint64_t *used)
{
	BUF_AUTO spare = {0};
	struct buf texts[2] = {{0}, {0}};
	size_t len;
	const char *text = json_text(a, &len);
	buf_add(&texts[0], text, len);
	text = json_text(b, &len);
	buf_add(&texts[1], text, len);
	for (size_t i = 0; i < normalise->count && !same(&texts[0], &texts[1]); i++) {
		uint64_t removed[2];
		for (size_t j = 0; j < 2; j++)
			turn(normalise, i, &texts[j], &spare, &removed[j]);
		if (removed[0] != removed[1])
			*used |= (uint64_t)1 << i;
	}
	bool equal = same(&texts[0], &texts[1]);
	buf_free(&texts[0]);
	buf_free(&texts[1]);
	return equal;
}

static bool equal(struct normalise *normalise, json a, json b, uint64_t *used)
{
	if (json_equal(a, b))
		return true;
	if (json_is_string(a) && json_is_string(b))
		return equal_texts(normalise, a, b, used);
	if (json_length(a) != json_length(b))
		return false;
	if (json_is_array(a) && json_is_array(b)) {
		for (int i = 0; i < json_length(a); i++)
			if (!equal(normalise, json_at(a, i), json_at(b, i), used))
				return false;
		return true;
	}
	const char *key;
	json value;
	for (int at = -1; json_each(a, &at, &key, &value);)
		if (!equal(normalise, value, json_get(b, key), used))
			return false;
	return json_is_object(a) && json_is_object(b);
}

bool normalise_equal(struct normalise *normalise, json a, json b, uint64_t *used)
{
	uint64_t now = 0;
	if (!equal(normalise, a, b, &now))
		return false;
	*used |= now;
	return true;
}

int normalise_check(json rule, const char *path, struct err *err)
{
	const char *name = json_get_string(rule, "name");
	struct err reason = {0};
	for (size_t i = 0; i < RULES; i++)
		if (!strcmp(rules[i].name, name))
			return err_set(err, ERR_INPUT, "%s.name: %s is one of pipegym's own", path, name);
	struct match_pattern *pattern = own_pattern(rule, &reason);
	match_pattern_free(pattern);
	return pattern ? 0 : err_set(err, ERR_INPUT, "%s.pattern: %s", path, reason.text);
}
