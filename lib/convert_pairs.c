#include "convert_pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "digest.h"
#include "fd.h"

struct side {
	char key[DIGEST_TEXT - 8];  /* of task and prompt: hexadecimal digits */
	char said[DIGEST_TEXT - 8]; /* of the completion */
	double reward;
	uint64_t number, first; /* its place among all, and that of the first one of its key */
	off_t offset;
	size_t len;
};

struct convert_pairs {
	int fd;
	off_t end;
	struct side *sides;
	size_t count;
};

struct convert_pairs *convert_pairs_new(struct err *err)
{
	const char *set = getenv("TMPDIR"), *place = set && *set ? set : "/tmp";
	int fd = open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) { /* not every file system has such files */
		STRING_AUTO path = mem_format("%s/pipegym-pairs-XXXXXX", place);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0) {
		err_system(err, "a file in %.100s", place);
		return NULL;
	}
	struct convert_pairs *pairs = mem_alloc(1, sizeof *pairs);
	pairs->fd = fd;
	return pairs;
}

void convert_pairs_free(struct convert_pairs *pairs)
{
	if (!pairs)
		return;
	close(pairs->fd);
	free(pairs->sides);
	free(pairs);
}

static int digest_fields(json side, const char *const *names, char digits[DIGEST_TEXT - 8], struct err *err)
{
	BUF_AUTO text = {0};
	char digest[DIGEST_TEXT];
	for (; *names; names++)
		if (json_dump(json_get(side, *names), true, &text, err) < 0)
			return -1;
	digest_of(text.data, text.len, digest);
	memcpy(digits, digest + strlen("sha256:"), DIGEST_TEXT - 8);
	return 0;
}

int convert_pairs_add(struct convert_pairs *pairs, json side, struct err *err)
{
	static const char *const asked[] = {"task", "prompt", NULL}, *const said[] = {"completion", NULL};
	BUF_AUTO text = {0};
	struct side made = {
	        .reward = json_number(json_get(side, "reward"), 0), .number = pairs->count, .offset = pairs->end};
	if (!json_is_number(json_get(side, "reward")))
		return 0;
	if (digest_fields(side, asked, made.key, err) < 0 || digest_fields(side, said, made.said, err) < 0 ||
	    json_dump(side, false, &text, err) < 0)
		return -1;
	if (fd_write_all(pairs->fd, text.data, text.len, err) < 0)
		return err_context(err, "a file in $TMPDIR");
	pairs->sides = mem_grow(pairs->sides, pairs->count, sizeof *pairs->sides);
	made.len = text.len;
	pairs->sides[pairs->count++] = made;
	pairs->end += (off_t)text.len;
	return 1;
}

static int compare_keys(const void *a, const void *b)
{
	const struct side *left = a, *right = b;
	int order = memcmp(left->key, right->key, sizeof left->key);
	if (!order)
		order = (left->reward > right->reward) - (left->reward < right->reward);
	if (!order)
		order = memcmp(left->said, right->said, sizeof left->said);
	return order ? order : left->number < right->number ? -1 : 1;
}

static bool is_same_said(const struct side *a, const struct side *b)
{
	return !memcmp(a->said, b->said, sizeof a->said);
}

/* Finds out which are of one key, and of those of one reward that say the same leaves the first. */
static void group(struct convert_pairs *pairs)
{
	struct side *sides = pairs->sides;
	size_t kept = 0;
	qsort(sides, pairs->count, sizeof *sides, compare_keys);
	for (size_t start = 0, end; start < pairs->count; start = end) {
		size_t from = kept;
		uint64_t first = sides[start].number;
		for (end = start; end < pairs->count && !memcmp(sides[end].key, sides[start].key, sizeof sides->key); end++)
			first = sides[end].number < first ? sides[end].number : first;
		for (size_t i = start; i < end; i++) {
			bool again = kept > from && sides[kept - 1].reward == sides[i].reward &&
			             is_same_said(&sides[kept - 1], &sides[i]);
			if (!again)
				sides[kept++] = sides[i];
		}
		for (size_t i = from; i < kept; i++)
			sides[i].first = first;
	}
	pairs->count = kept;
}

/* By task as they came, then the best first, then as they came. */
static int compare(const void *a, const void *b)
{
	const struct side *left = a, *right = b;
	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	if (left->reward != right->reward)
		return left->reward > right->reward ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

static int load(const struct convert_pairs *pairs, const struct side *side, json *value, struct err *err)
{
	BUF_AUTO text = {0};
	buf_reserve(&text, side->len + 1);
	while (text.len < side->len) {
		ssize_t got = pread(pairs->fd, text.data + text.len, side->len - text.len, side->offset + (off_t)text.len);
		if (got <= 0 && !(got < 0 && errno == EINTR))
			return got ? err_system(err, "read")
			           : err_set(err, ERR_SYSTEM, "the file in $TMPDIR has become shorter");
		text.len += got > 0 ? (size_t)got : 0;
	}
	return json_parse(text.data, text.len, value, err);
}

static int visit_pair(const struct convert_pairs *pairs, const struct side *best, const struct side *worst,
                      convert_pair_visit *visit, void *context, struct err *err)
{
	static const char *const shared[] = {"task", "tools", "prompt"};
	JSON_AUTO chosen = json_none();
	JSON_AUTO rejected = json_none();
	JSON_AUTO pair = json_new_object();
	if (load(pairs, best, &chosen, err) < 0 || load(pairs, worst, &rejected, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
		json value = json_get(chosen, shared[i]);
		if (!json_is_none(value))
			json_set(&pair, shared[i], json_copy(value));
	}
	json_set(&pair, "chosen", json_copy(json_get(chosen, "completion")));
	json_set(&pair, "rejected", json_copy(json_get(rejected, "completion")));
	json_set_number(&pair, "chosen_reward", best->reward);
	json_set_number(&pair, "rejected_reward", worst->reward);
	json_set(&pair, "chosen_episode", json_copy(json_get(chosen, "episode")));
	json_set(&pair, "rejected_episode", json_copy(json_get(rejected, "episode")));
	return visit(pair, context, err);
}

int convert_pairs_each(struct convert_pairs *pairs, convert_pair_visit *visit, void *context, uint64_t *single,
                       struct err *err)
{
	struct side *sides = pairs->sides;
	*single = 0;
	if (!pairs->count)
		return 0;
	*single = pairs->count;
	group(pairs);
	qsort(sides, pairs->count, sizeof *sides, compare);
	for (size_t start = 0, end; start < pairs->count; start = end) {
		for (end = start; end < pairs->count && sides[end].first == sides[start].first;)
			end++;
		size_t left = start, right = end;
		for (; right - left > 1 && sides[left].reward > sides[right - 1].reward; left++) {
			if (is_same_said(&sides[left], &sides[right - 1]))
				continue; /* with the worst the next best may be a pair */
			int stopped = visit_pair(pairs, &sides[left], &sides[right - 1], visit, context, err);
			if (stopped)
				return stopped;
			*single -= 2;
			right--;
		}
	}
	return 0;
}
