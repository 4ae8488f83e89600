/* Whatever a journal's file holds: it is read, repaired and continued, or refused, and after a repair all agree on it. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "digest.h"
#include "fd.h"
#include "fuzz.h"
#include "journal.h"

static int count_visit(const char *kind, json entry, void *context, struct err *err)
{
	(void)err;
	must(kind && json_is_object(entry));
	++*(int *)context;
	return 0;
}

/* Every way to read it; each fails, if at all, with a reason. Returns whether all of it could be read. */
static bool read_all(const struct journal *journal, int *count)
{
	struct err err = {0};
	JSON_AUTO found = json_none();
	JSON_AUTO reset = json_none();
	struct journal_past past = journal_past_new();
	JSON_AUTO history = json_none();
	*count = 0;
	bool whole = journal_each(journal, count_visit, count, &err) == 0;
	must(whole || (err.code == ERR_SYSTEM && strstr(err.text, "line ")));
	must(journal_past(journal, &past, &err) == 0 || !whole);
	must(!whole || past.seen.size == journal->size);
	must((journal_reset(journal, &reset, &err) == 0) == !json_is_none(reset));
	must((journal_history(journal, false, &history, &err) == 0) == (whole && !json_is_none(reset)));
	journal_past_free(&past);
	must(json_is_none(history) || json_is_array(json_get(history, "steps")));
	int known = journal_find_action(journal, "a1", &found, &err);
	must(known >= -1 && known <= 1 && (known >= 0 || !whole));
	return whole;
}

static void append(struct journal *journal, int count)
{
	struct err err = {0};
	int after = 0;
	JSON_AUTO value = json_new_object();
	json_set_string(&value, "id", "new");
	must(journal_append(journal, "action", journal->step + 1, false, value, &err) == 0);
	struct journal again = {.fd = journal->fd};
	must(journal_refresh(&again, false, &err) == 0);
	must(again.size == journal->size && again.step == journal->step && again.interrupted && !again.ended);
	must(read_all(journal, &after) && after == count + 1);
}

static void play(const void *data, size_t size)
{
	struct err err = {0};
	struct stat st;
	int count;
	FD_AUTO fd = memfd_create("journal", MFD_CLOEXEC);
	must(fd >= 0 && fd_write_all(fd, data, size, NULL) == 0 && fcntl(fd, F_SETFL, O_APPEND) == 0);
	struct journal journal = {.fd = fd}, looked = {.fd = fd};
	read_all(&journal, &count);
	int seen = journal_refresh(&looked, false, &err);
	must(fstat(fd, &st) == 0 && st.st_size == (off_t)size);
	int repaired = journal_refresh(&journal, true, &err);
	must(seen == repaired && (repaired == 0 || (err.code == ERR_SYSTEM && err.text[0])));
	must(fstat(fd, &st) == 0);
	if (repaired < 0) {
		must(st.st_size == (off_t)size);
		return;
	}
	must(st.st_size == journal.size && journal.size == looked.size && journal.step == looked.step);
	if (read_all(&journal, &count) && count > 0 && !journal.interrupted && !journal.expired && journal.step < 999999999)
		append(&journal, count);
}

/* Each line that ends in a brace gets its sum before that. */
static void seal(const char *data, size_t size, struct buf *out)
{
	const char *end = data + size;
	for (const char *newline; (newline = memchr(data, '\n', (size_t)(end - data))); data = newline + 1) {
		size_t len = (size_t)(newline - data);
		if (len > 0 && data[len - 1] == '}') {
			buf_add(out, data, len - 1);
			buf_add_format(out, ",\"sum\":\"%016llx\"}\n", (unsigned long long)digest_sum(data, len - 1));
		} else {
			buf_add(out, data, len + 1);
		}
	}
	buf_add(out, data, (size_t)(end - data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_AUTO sealed = {0};
	seal((const char *)data, size, &sealed);
	play(data, size);
	play(buf_string(&sealed), sealed.len);
	return 0;
}
