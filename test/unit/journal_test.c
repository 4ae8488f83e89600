#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "fd.h"
#include "tap.h"
#include "value.h"

static char folder[PATH_MAX];
static int dirfd_;

/* Appends an entry with a value given as text. */
static int append(struct journal *journal, const char *kind, int step, bool ended, const char *text)
{
	struct err err = {0};
	JSON_AUTO value = parse(text);
	return journal_append(journal, kind, step, ended, value, &err);
}

static void is_state(const struct journal *journal, int step, bool ended, bool interrupted, const char *name)
{
	ok(journal->step == step && journal->ended == ended && journal->interrupted == interrupted, name);
}

static off_t size_of(const struct journal *journal)
{
	struct stat st;
	return fstat(journal->fd, &st) == 0 ? st.st_size : -1;
}

static void put(const struct journal *journal, const char *text)
{
	if (write(journal->fd, text, strlen(text)) < 0)
		abort();
}

/* A new journal in place of the last one. */
static void create(struct journal *journal)
{
	struct err err = {0};
	unlinkat(dirfd_, "journal.jsonl", 0);
	is_int(journal_create(dirfd_, journal, &err), 0, "create");
}

static void test_lines(void)
{
	struct journal journal, other;
	struct err err = {0};
	BUF_AUTO text = {0};
	create(&journal);
	is_int(journal_create(dirfd_, &other, &err), -1, "not twice");
	is_int(err.code, ERR_SYSTEM, "which is a failure of the system");
	append(&journal, "reset", 0, false, "{\"step\":0}");
	append(&journal, "action", 1, false, "{\"tool\":\"shell\"}");
	is_state(&journal, 1, false, true, "an action without observation");
	BUF_AUTO value = {0};
	JSON_AUTO observation = parse("{\"step\":1}");
	is_int(journal_append_within(&journal, 1000, "observation", 1, true, observation, json_none(), &value, &err), 0,
	       "append");
	is_str(buf_string(&value), "{\"step\":1}", "the value as text");
	is_int((long long)value.len, 10, "and its length");
	is_state(&journal, 1, true, false, "its observation");
	append(&journal, "verdict", 1, true, "{\"status\":\"pass\"}");
	is_int(journal.size, size_of(&journal), "the size that is known");
	fd_read_file(dirfd_, "journal.jsonl", 4096, &text, &err);
	is_str(buf_string(&text),
	       "{\"entry\":\"reset\",\"step\":0,\"ended\":false,\"observation\":{\"step\":0},\"sum\":"
	       "\"a89574690756a1e3\"}\n"
	       "{\"entry\":\"action\",\"step\":1,\"ended\":false,\"action\":{\"tool\":\"shell\"},\"sum\":"
	       "\"43a6f5d2fec0f6e9\"}\n"
	       "{\"entry\":\"observation\",\"step\":1,\"ended\":true,\"observation\":{\"step\":1},\"sum\":"
	       "\"aae4c37b16689244\"}\n"
	       "{\"entry\":\"verdict\",\"step\":1,\"ended\":true,\"verdict\":{\"status\":\"pass\"},\"sum\":"
	       "\"ea7a1d34afc3324f\"}\n",
	       "the file");
	is_int(journal_open(dirfd_, &other, &err), 0, "open");
	is_int(journal_refresh(&other, false, &err), 0, "refresh");
	is_state(&other, 1, true, false, "the last line alone tells the state");
	journal_close(&other);
	journal_close(&journal);
	is_int(journal.fd, -1, "closed");
}

static void test_others(void)
{
	struct journal one, two;
	struct err err = {0};
	create(&one);
	append(&one, "reset", 0, false, "{}");
	journal_open(dirfd_, &two, &err);
	journal_refresh(&two, true, &err);
	append(&two, "action", 1, false, "{}");
	append(&two, "observation", 1, false, "{}");
	is_state(&one, 0, false, false, "not known yet");
	is_int(journal_refresh(&one, true, &err), 0, "what another wrote");
	is_state(&one, 1, false, false, "is learnt");
	is_int(one.size, size_of(&one), "and its size");
	append(&one, "action", 2, false, "{}");
	journal_refresh(&two, true, &err);
	is_state(&two, 2, false, true, "both ways");
	journal_close(&one);
	journal_close(&two);
}

static void test_torn(void)
{
	struct journal journal;
	struct err err = {0};
	create(&journal);
	append(&journal, "reset", 0, false, "{}");
	append(&journal, "action", 1, false, "{}");
	off_t whole = journal.size;
	put(&journal, "{\"entry\":\"observation\",\"step\":1");
	is_int(journal_refresh(&journal, false, &err), 0, "a torn line, looked at");
	is_state(&journal, 1, false, true, "is not there");
	ok(size_of(&journal) > whole, "and stays");
	is_int(journal_refresh(&journal, true, &err), 0, "a torn line, repaired");
	is_state(&journal, 1, false, true, "was never there");
	is_int(size_of(&journal), whole, "it is cut off");
	is_int(append(&journal, "observation", 1, false, "{}"), 0, "then the next");
	is_int(journal_refresh(&journal, true, &err), 0, "follows");
	is_state(&journal, 1, false, false, "as a line of its own");
	journal_close(&journal);
	create(&journal);
	put(&journal, "{\"entry\":");
	is_int(journal_refresh(&journal, true, &err), -1, "nothing but a torn line");
	ok(strstr(err.text, "no complete entry"), "says so");
	journal_close(&journal);
}

/* The line, given without its closing brace, with its sum. */
static void put_sealed(const struct journal *journal, const char *line)
{
	BUF_AUTO text = {0};
	buf_add_format(&text, "%s,\"sum\":\"%016llx\"}\n", line, (unsigned long long)digest_sum(line, strlen(line)));
	put(journal, buf_string(&text));
}

static int skip_visit(const char *kind, json entry, void *context, struct err *err)
{
	(void)kind, (void)entry, (void)context, (void)err;
	return 0;
}

/* What may not follow two steps is named by all that read, and is cut off again here. */
static void refused(struct journal *journal, const char *line, bool sealed, const char *reason)
{
	struct err err = {0};
	struct journal fresh = {.fd = journal->fd};
	if (sealed)
		put_sealed(journal, line);
	else
		put(journal, line);
	is_int(journal_refresh(&fresh, true, &err), -1, line);
	is_int(err.code, ERR_SYSTEM, "is an error of the system");
	ok(strstr(err.text, "journal.jsonl: line 6: ") && strstr(err.text, reason), "that says where and why");
	is_int(journal_each(journal, skip_visit, NULL, &err), -1, "however it is read");
	ok(strstr(err.text, "journal.jsonl: line 6: ") && strstr(err.text, reason), "that says where and why");
	if (ftruncate(journal->fd, journal->size) < 0)
		abort();
}

static void test_damage(void)
{
	struct journal journal;
	struct err err = {0};
	create(&journal);
	append(&journal, "reset", 0, false, "{}");
	append(&journal, "action", 1, false, "{}");
	append(&journal, "observation", 1, false, "{\"stdout\":\"abcdef\"}");
	append(&journal, "action", 2, false, "{}");
	append(&journal, "observation", 2, false, "{}");
	refused(&journal, "{\"half\":\n", false, "not a journal entry");
	refused(&journal, "\n", false, "not a journal entry");
	refused(&journal, "{\"entry\":\"action\",\"step\":3,\"ended\":false,\"action\":{}}\n", false, "damaged");
	refused(&journal, "{\"entry\":\"x\",\"step\":\"1\"", true, "not a journal entry");
	refused(&journal, "{\"entry\":\"action\",\"step\":1e300", true, "not a journal entry");
	refused(&journal, "{\"entry\":\"action\",\"step\":4294967299,\"ended\":false,\"action\":{}", true,
	        "not a journal entry");
	refused(&journal, "{\"entry\":\"action\",\"step\":4,\"ended\":false,\"action\":{}", true,
	        "left out or is there twice");
	refused(&journal, "{\"entry\":\"action\",\"step\":2,\"ended\":false,\"action\":{}", true,
	        "left out or is there twice");
	refused(&journal, "{\"entry\":\"observation\",\"step\":2,\"ended\":false,\"observation\":{}", true,
	        "do not belong");
	refused(&journal, "{\"entry\":\"retry\",\"step\":2,\"ended\":false,\"retry\":{}", true, "do not belong");
	refused(&journal, "{\"entry\":\"reset\",\"step\":2,\"ended\":false,\"observation\":{}", true, "beginning");
	is_int(append(&journal, "observation", 2, false, "{}"), -1, "nor is it written");
	is_int(journal.size, size_of(&journal), "not even in part");
	/* Any one byte of it. */
	int missed = 0;
	BUF_AUTO text = {0};
	if (fd_read_file(dirfd_, "journal.jsonl", 4096, &text, &err) < 0)
		abort();
	for (size_t i = 0; i + 1 < text.len; i++) {
		struct journal fresh;
		unlinkat(dirfd_, "journal.jsonl", 0);
		if (journal_create(dirfd_, &fresh, &err) < 0)
			abort();
		text.data[i] ^= 1;
		put(&fresh, text.data);
		text.data[i] ^= 1;
		missed += journal_refresh(&fresh, false, &err) == 0 || !strstr(err.text, "line ");
		journal_close(&fresh);
	}
	is_int(missed, 0, "one changed byte is always seen");
	journal_close(&journal);
}

static void test_interrupted(void)
{
	struct journal journal, other;
	struct err err = {0};
	create(&journal);
	append(&journal, "reset", 0, false, "{}");
	append(&journal, "action", 1, false, "{\"id\":\"a\"}");
	is_int(append(&journal, "action", 2, false, "{}"), -1, "nothing follows an action without its observation");
	is_int(append(&journal, "note", 1, false, "{\"kind\":\"text\"}"), 0, "but a note");
	ok(journal.interrupted && !journal.undone, "which changes nothing");
	is_int(append(&journal, "restore", 1, false, "{\"match\":\"exact\"}"), 0, "and a restore");
	ok(journal.interrupted && journal.undone, "which undoes it");
	is_int(append(&journal, "retry", 1, false, "{}"), 0, "or that it is tried again");
	ok(journal.interrupted && !journal.undone, "which may be interrupted as well");
	is_int(journal_open(dirfd_, &other, &err), 0, "open");
	is_int(journal_refresh(&other, false, &err), 0, "refresh");
	is_state(&other, 1, false, true, "another program sees the same");
	append(&journal, "observation", 1, false, "{\"n\":1}");
	is_state(&journal, 1, false, false, "an observation ends it");
	JSON_AUTO history = json_none();
	is_int(journal_history(&journal, false, &history, &err), 0, "history");
	is_json(history,
	        "{\"reset\":{},\"verdict\":null,\"restores\":[{\"match\":\"exact\"}],\"expired\":null,"
	        "\"notes\":[{\"kind\":\"text\",\"step\":1}],"
	        "\"steps\":[{\"action\":{\"id\":\"a\"},\"observation\":{\"n\":1}}]}",
	        "has one step, and a note");
	journal_close(&other);
	journal_close(&journal);
}

/* What was typed while an action was carried out is a part of it, for whoever reads it. */
static void test_typed(void)
{
	struct journal journal;
	struct err err = {0};
	json history, action;
	create(&journal);
	append(&journal, "reset", 0, false, "{}");
	is_int(append(&journal, "typed", 0, false, "{}"), -1, "nothing is typed without an action");
	append(&journal, "action", 1, false, "{\"tool\":\"shell\",\"args\":{\"command\":\"vi\",\"pty\":{\"rows\":9}}}");
	is_int(append(&journal, "typed", 1, false, "{\"attended\":true,\"input\":[{\"text\":\"q\"}]}"), 0,
	       "or while it is under way");
	is_state(&journal, 1, false, true, "which it still is");
#define TYPED                                                                                                          \
	"{\"tool\":\"shell\",\"args\":{\"command\":\"vi\",\"pty\":{\"rows\":9,\"attended\":true,"                      \
	"\"input\":[{\"text\":\"q\"}]}}}"
	is_int(journal_last_action(&journal, &action, &err), 0, "the last action");
	is_json(action, TYPED, "has it, should it be tried again");
	json_free(&action);
	append(&journal, "observation", 1, false, "{\"exit\":0}");
	is_int(append(&journal, "typed", 1, false, "{}"), -1, "nor once it is over");
	is_int(journal_history(&journal, false, &history, &err), 0, "the history");
	is_json(json_get(history, "steps"), "[{\"action\":" TYPED ",\"observation\":{\"exit\":0}}]", "has it too");
	json_free(&history);
	journal_close(&journal);
}

static void test_expired(void)
{
	struct journal journal, other;
	struct err err = {0};
	create(&journal);
	append(&journal, "reset", 0, false, "{}");
	append(&journal, "action", 1, false, "{}");
	is_int(append(&journal, "expire", 1, true, "{\"limit\":\"idle_s\"}"), 0, "its time is up, an action open or not");
	ok(journal.ended && journal.expired && journal.interrupted && !journal_over(&journal), "but not for good");
	is_int(append(&journal, "expire", 1, true, "{\"limit\":\"idle_s\"}"), -1, "once");
	is_int(append(&journal, "retry", 1, false, "{}"), -1, "and no step is taken");
	is_int(journal_open(dirfd_, &other, &err), 0, "open");
	is_int(journal_refresh(&other, false, &err), 0, "refresh");
	ok(other.ended && other.expired, "another program sees the same");
	JSON_AUTO history = json_none();
	is_int(journal_history(&journal, false, &history, &err), 0, "history");
	is_str(json_get_string(history, "expired"), "idle_s", "has the limit");
	is_int(append(&journal, "restore", 1, false, "{\"match\":\"exact\"}"), 0, "a restore");
	is_int(journal_refresh(&other, false, &err), 0, "refresh");
	ok(!journal.ended && !journal.expired && !other.ended && !other.expired, "makes it go on");
	json_free(&history);
	is_int(journal_history(&journal, false, &history, &err), 0, "history");
	ok(json_is_null(json_get(history, "expired")), "has none");
	append(&journal, "observation", 1, true, "{}");
	ok(journal_over(&journal), "an observation can be the last");
	is_int(append(&journal, "expire", 1, true, "{\"limit\":\"idle_s\"}"), -1, "what has ended does not expire");
	journal_close(&other);
	journal_close(&journal);
}

static void test_long(void)
{
	struct journal journal, other;
	struct err err = {0};
	/* Around the size of what is read at a time, and far beyond it. */
	static const int sizes[] = {65300, 65400, 65536, 65600, 1000000};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		BUF_AUTO text = {0};
		create(&journal);
		append(&journal, "reset", 0, false, "{}");
		for (int n = 0; n < sizes[i]; n++)
			buf_add_char(&text, 'x');
		JSON_AUTO value = json_new_object();
		json_set_string(&value, "command", text.data);
		journal_append(&journal, "action", 1, false, value, &err);
		put(&journal, "{\"torn");
		journal_open(dirfd_, &other, &err);
		is_int(journal_refresh(&other, false, &err), 0, "a long last line");
		is_state(&other, 1, false, true, "is found");
		journal_close(&other);
		journal_close(&journal);
	}
}

struct walk {
	int count, stop_at;
	char kinds[64];
};

static int walk_visit(const char *kind, json entry, void *context, struct err *err)
{
	struct walk *walk = context;
	(void)entry;
	strncat(walk->kinds, kind, 1);
	if (++walk->count == walk->stop_at)
		return walk->stop_at == 3 ? err_set(err, ERR_INPUT, "enough") : 1;
	return 0;
}

static void test_each(void)
{
	struct journal journal;
	struct err err = {0};
	create(&journal);
	append(&journal, "reset", 0, false, "{}");
	for (int i = 1; i < 5; i++) {
		append(&journal, "action", i, false, "{}");
		append(&journal, "observation", i, false, "{}");
	}
	struct walk walk = {0};
	is_int(journal_each(&journal, walk_visit, &walk, &err), 0, "each");
	is_str(walk.kinds, "raoaoaoao", "in order");
	walk = (struct walk){.stop_at = 2};
	is_int(journal_each(&journal, walk_visit, &walk, &err), 0, "a visit may stop");
	is_int(walk.count, 2, "at once");
	walk = (struct walk){.stop_at = 3};
	is_int(journal_each(&journal, walk_visit, &walk, &err), -1, "or fail");
	is_str(err.text, "enough", "with its own error");
	put(&journal, "broken\n");
	walk = (struct walk){0};
	is_int(journal_each(&journal, walk_visit, &walk, &err), -1, "a broken line in between");
	is_int(err.code, ERR_SYSTEM, "is no input's fault");
	ok(strstr(err.text, "journal.jsonl: line 10"), "and is named");
	journal_close(&journal);
}

static void is_found(struct journal *journal, const char *id, int wanted, const char *expected)
{
	struct err err = {0};
	JSON_AUTO observation = json_none();
	is_int(journal_find_action(journal, id, &observation, &err), wanted, id);
	if (expected)
		is_json(observation, expected, "its observation");
	else
		ok(json_is_none(observation), "no observation");
}

static void test_ids(void)
{
	struct journal journal;
	create(&journal);
	append(&journal, "reset", 0, false, "{\"id\":\"reset\"}");
	append(&journal, "action", 1, false,
	       "{\"id\":\"a\",\"args\":{\"id\":\"inner\",\"command\":\"\\\"quoted\\\"\"},\"tag\":{\"id\":\"tag\"}}");
	append(&journal, "observation", 1, false, "{\"n\":1,\"stdout\":\"said\"}");
	append(&journal, "action", 2, false, "{\"id\":\"\\\"ä\\n\\u0001\"}");
	append(&journal, "observation", 2, false, "{\"n\":2}");
	append(&journal, "verdict", 2, false, "{}");
	append(&journal, "action", 3, false, "{\"id\":\"\"}");
	append(&journal, "observation", 3, false, "{\"n\":3}");
	append(&journal, "action", 4, false, "{\"id\":\"last\"}");
	is_found(&journal, "a", 1, "{\"n\":1,\"stdout\":\"said\"}");
	is_found(&journal, "\"ä\n\x01", 1, "{\"n\":2}");
	is_found(&journal, "", 1, "{\"n\":3}");
	is_found(&journal, "last", 1, NULL);
	is_found(&journal, "new", 0, NULL);
	/* Where its text occurs, but not as the action's id. */
	is_found(&journal, "inner", 0, NULL);
	is_found(&journal, "tag", 0, NULL);
	is_found(&journal, "said", 0, NULL);
	is_found(&journal, "reset", 0, NULL);
	is_found(&journal, "quoted", 0, NULL);
	journal_close(&journal);
}

static void test_answers(void)
{
	struct journal journal;
	struct err err = {0};
	struct journal_past past = journal_past_new();
	JSON_AUTO history = json_none();
	JSON_AUTO reset = json_none();
	create(&journal);
	is_int(journal_reset(&journal, &reset, &err), -1, "no reset yet");
	append(&journal, "reset", 0, false, "{\"step\":0}");
	is_int(journal_past(&journal, &past, &err), 0, "the past");
	ok(json_is_none(past.last) && past.submits == 0 && past.hints == 0, "of a new episode: nothing");
	ok(json_is_none(past.verdict) && json_is_none(past.answer), "no verdict, and no answer");
	is_int(journal_reset(&journal, &reset, &err), 0, "how it began");
	is_json(reset, "{\"step\":0}", "is the first observation");
	append(&journal, "action", 1, false, "{\"a\":1}");
	append(&journal, "observation", 1, false, "{\"step\":1,\"tool\":\"shell\"}");
	append(&journal, "action", 2, false, "{\"a\":2,\"args\":{\"answer\":42}}");
	append(&journal, "observation", 2, false, "{\"step\":2,\"tool\":\"submit\"}");
	append(&journal, "verdict", 2, false, "{\"status\":\"fail\"}");
	append(&journal, "action", 3, false, "{\"a\":3}");
	append(&journal, "observation", 3, false, "{\"step\":3,\"tool\":null}");
	append(&journal, "verdict", 3, false, "{\"status\":\"pass\"}");
	append(&journal, "action", 4, false, "{\"a\":4}");
	append(&journal, "observation", 4, false, "{\"step\":4,\"tool\":\"hint\",\"info\":{\"hint\":1}}");
	append(&journal, "action", 5, false, "{\"a\":5}");
	is_int(journal_past(&journal, &past, &err), 0, "the past");
	is_json(past.last, "{\"step\":3,\"tool\":null}", "the last that was neither submit nor hint");
	is_int(past.submits, 1, "and how many submits there were,");
	is_int(past.hints, 1, "and hints");
	is_json(past.answer, "42", "what was handed in");
	is_json(past.verdict, "{\"status\":\"pass\"}", "the last verdict");
	struct journal_past whole = journal_past_new();
	is_int(journal_past(&journal, &whole, &err), 0, "all of it at once");
	ok(json_equal(whole.last, past.last) && json_equal(whole.answer, past.answer) &&
	           whole.submits == past.submits && whole.wall_ms == past.wall_ms && whole.seen.size == past.seen.size,
	   "is the same as part by part");
	journal_past_free(&whole);
	journal_past_free(&past);
	is_int(journal_history(&journal, false, &history, &err), 0, "history");
	is_json(history,
	        "{\"reset\":{\"step\":0},\"verdict\":{\"status\":\"pass\"},\"restores\":[],\"notes\":[],\"expired\":"
	        "null,\"steps\":["
	        "{\"action\":{\"a\":1},\"observation\":{\"step\":1,\"tool\":\"shell\"}},"
	        "{\"action\":{\"a\":2,\"args\":{\"answer\":42}},\"observation\":{\"step\":2,\"tool\":\"submit\"}},"
	        "{\"action\":{\"a\":3},\"observation\":{\"step\":3,\"tool\":null}},"
	        "{\"action\":{\"a\":4},\"observation\":{\"step\":4,\"tool\":\"hint\",\"info\":{\"hint\":1}}},"
	        "{\"action\":{\"a\":5},\"observation\":null}]}",
	        "with the step that is under way");
	journal_close(&journal);
}

/* Nothing is kept of lines that are there no more, also where the journal is as long again. */
static void test_cut_past(void)
{
	struct journal journal;
	struct err err = {0};
	struct journal_past past = journal_past_new();
	create(&journal);
	append(&journal, "reset", 0, false, "{\"step\":0}");
	off_t size = journal.size;
	append(&journal, "action", 1, false, "{\"a\":1}");
	append(&journal, "observation", 1, false, "{\"step\":1,\"tool\":\"hint\",\"info\":{\"hint\":1}}");
	is_int(journal_past(&journal, &past, &err), 0, "the past");
	is_int(past.hints, 1, "has a hint");
	ok(journal_past_known(&journal, &past), "and is up to date");
	is_int(ftruncate(journal.fd, size), 0, "cut");
	is_int(journal_refresh(&journal, true, &err), 0, "which is seen");
	append(&journal, "action", 1, false, "{\"a\":2}");
	append(&journal, "observation", 1, false, "{\"step\":1,\"tool\":\"jest\",\"info\":{\"hint\":1}}");
	ok(journal.size == past.seen.size && !journal_past_known(&journal, &past),
	   "as long as before it is another one");
	append(&journal, "action", 2, false, "{\"a\":\"something longer\"}");
	is_int(journal_past(&journal, &past, &err), 0, "the past then");
	is_int(past.hints, 0, "has none");
	is_json(past.last, "{\"step\":1,\"tool\":\"jest\",\"info\":{\"hint\":1}}", "but what was done instead");
	journal_past_free(&past);
	journal_close(&journal);
}

static void test_refused(void)
{
	struct journal journal;
	struct err err = {0};
	/* /dev/full takes nothing: nothing is known of what was not written. */
	journal = (struct journal){.fd = open("/dev/full", O_RDWR | O_CLOEXEC), .lines = 7, .step = 3};
	is_int(append(&journal, "action", 4, false, "{}"), -1, "a full disk");
	is_state(&journal, 3, false, false, "changes nothing");
	journal.denied = EROFS;
	JSON_AUTO value = json_new_object();
	is_int(journal_append(&journal, "action", 4, false, value, &err), -1, "a journal that may only be read");
	is_str(err.text, "journal.jsonl: Read-only file system", "says why");
	journal_close(&journal);
	is_int(journal_open(dirfd_, &journal, &err), 0, "opened");
	journal_close(&journal);
	unlinkat(dirfd_, "journal.jsonl", 0);
	is_int(journal_open(dirfd_, &journal, &err), -1, "none to open");
	ok(strstr(err.text, "journal.jsonl: No such file"), "says so");
}

int main(void)
{
	const char *place = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/journal.XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(folder) || (dirfd_ = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 1;
	test_lines();
	test_others();
	test_torn();
	test_damage();
	test_interrupted();
	test_typed();
	test_expired();
	test_long();
	test_each();
	test_ids();
	test_answers();
	test_cut_past();
	test_refused();
	unlinkat(dirfd_, "journal.jsonl", 0);
	close(dirfd_);
	rmdir(folder);
	return done_testing();
}
