/*
 * quick same FILTER JSON
 * quick output STDOUT STATUS
 * quick merge [JSON...]
 * quick jq ARGUMENT...
 *
 * What tests ask jq most, since jq takes 20 ms to start; of records on stdin.
 * A filter is a path (.a.b[0]), its length ((.a | length)), whether it has one
 * ((.a | length > 0)), or an array of such ([.a, (.b | length)]). same: whether a filter gives these values. output:
 * whether the record is an observation with this output, nothing on stderr,
 * and this exit status. merge: the record with these objects merged over it, as
 * jq's * does. jq: what jq does, and where that is more than to print the texts
 * and whole numbers at a path (-r), this becomes jq.
 *
 * Exit status: 0 it is the same, or was printed; 1 it is not the same; 2 that
 * is for jq to say, and nothing was printed.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "json.h"

enum { SAME, OTHER, UNKNOWN };

#define INPUT_MAX ((size_t)256 << 20)

/* One path at *text, which it passes by. false: it is none. *value is borrowed; what is not there is json_none(). */
static bool take_path(const char **text, json record, json *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	const char *at = *text;
	*value = record;
	if (*at != '.')
		return false;
	for (bool first = true; *at == '.' || (*at == '[' && !first); first = false) {
		if (*at == '[') {
			char *end;
			long index = strtol(at + 1, &end, 10);
			if (end == at + 1 || *end != ']' || !json_is_array(*value))
				return false;
			*value = json_at(*value, (int)(index < 0 ? json_length(*value) + index : index));
			at = end + 1;
			continue;
		}
		char name[64];
		size_t len = strspn(++at, letters);
		if (len >= sizeof name || (len == 0 && !(first && (*at == '\0' || *at == '['))))
			return false;
		memcpy(name, at, len);
		name[len] = '\0';
		/* What jq makes an error of, or null, it shall say itself. */
		if (len > 0 && !json_is_object(*value))
			return false;
		if (len > 0)
			*value = json_get(*value, name);
		at += len;
	}
	at += strspn(at, " ");
	*text = at;
	return true;
}

/* Whether the text begins with these words, which it passes by. */
static bool take_words(const char **text, const char *words)
{
	size_t len = strlen(words);
	bool there = strncmp(*text, words, len) == 0;
	*text += there ? len : 0;
	return there;
}

/* A path, or in brackets its length or whether it has one. *value: owned. */
static bool take_term(const char **text, json record, json *value)
{
	json found;
	bool counted = take_words(text, "(");
	if (!take_path(text, record, &found))
		return false;
	if (!counted) {
		*value = json_is_none(found) ? json_new_null() : json_copy(found);
		return true;
	}
	size_t len = 0;
	bool string = json_text(found, &len) != NULL;
	bool list = json_is_array(found) || json_is_object(found);
	if (take_words(text, "| length > 0)")) {
		*value = json_new_bool(string ? len > 0 : json_length(found) > 0);
		return string || list;
	}
	*value = json_new_number(json_length(found));
	return take_words(text, "| length)") && list;
}

/* What the filter gives. false: it is another kind of filter. Owned. */
static bool filter_value(const char *filter, json record, json *result)
{
	JSON_AUTO value = json_none();
	if (*filter != '[') {
		if (!take_term(&filter, record, &value) || *filter)
			return false;
		*result = json_take(&value);
		return true;
	}
	JSON_AUTO list = json_new_array();
	do {
		filter++;
		filter += strspn(filter, " ");
		if (!take_term(&filter, record, &value))
			return false;
		json_append(&list, json_take(&value));
	} while (*filter == ',');
	*result = json_take(&list);
	return !strcmp(filter, "]");
}

static int compare_output(json record, const char *out, const char *status)
{
	size_t len;
	const char *given = json_text(json_get(record, "stdout"), &len), *said = json_get_string(record, "stderr");
	if (!given || !said)
		return UNKNOWN;
	return len == strlen(out) && !memcmp(given, out, len) && !said[0] &&
	                       json_get_number(record, "exit", -1) == atoi(status)
	               ? SAME
	               : OTHER;
}

/* The next line of a text as JSON (owned). 1; 0: there is none; -1: it is no JSON. */
static int next_value(const struct buf *text, size_t *at, json *value)
{
	if (*at >= text->len)
		return 0;
	const char *line = text->data + *at, *end = memchr(line, '\n', text->len - *at);
	size_t len = end ? (size_t)(end - line) : text->len - *at;
	*at += len + 1;
	json_free(value);
	*value = json_none();
	return json_parse(line, len, value, NULL) < 0 ? -1 : 1;
}

static int compare_filter(const struct buf *records, const char *filter, const char *text)
{
	BUF_AUTO all = {0};
	JSON_AUTO record = json_none();
	JSON_AUTO wanted = json_none();
	size_t at = 0, from = 0;
	int more, same = SAME;
	buf_add_string(&all, text);
	while ((more = next_value(records, &at, &record)) > 0) {
		JSON_AUTO value = json_none();
		if (next_value(&all, &from, &wanted) <= 0 || !filter_value(filter, record, &value))
			return UNKNOWN;
		same = json_equal(value, wanted) ? same : OTHER;
	}
	return more < 0 || from < all.len ? UNKNOWN : same;
}

/* --- jq ------------------------------------------------------------------ */

/* As jq -r prints it. */
static bool add_raw(json value, struct buf *out)
{
	size_t len;
	const char *text = json_text(value, &len);
	double number = json_number(value, 0.5);
	if (text)
		buf_add(out, text, len);
	else if (json_is_null(value) || json_is_bool(value))
		buf_add_string(out, json_is_null(value) ? "null" : json_bool(value, false) ? "true" : "false");
	else if (number == rint(number) && fabs(number) < 1e15)
		buf_add_format(out, "%.0f", number);
	else
		return false;
	buf_add_char(out, '\n');
	return true;
}

static bool print_raw(const struct buf *records, const char *filter)
{
	BUF_AUTO out = {0};
	JSON_AUTO record = json_none();
	size_t at = 0;
	int more;
	while ((more = next_value(records, &at, &record)) > 0) {
		JSON_AUTO value = json_none();
		if (*filter != '.' || !filter_value(filter, record, &value) || !add_raw(value, &out))
			return false;
	}
	return more == 0 && fd_write_all(STDOUT_FILENO, out.data, out.len, NULL) == 0;
}

/* With what was read of stdin, if anything was. */
static int become_jq(char **argv, const struct buf *input)
{
	if (input) {
		int copy = memfd_create("input", 0);
		if (copy < 0 || fd_write_all(copy, input->data, input->len, NULL) < 0 || lseek(copy, 0, SEEK_SET) < 0 ||
		    dup2(copy, STDIN_FILENO) < 0)
			return UNKNOWN;
	}
	execvp("jq", argv);
	return UNKNOWN;
}

static int run_jq(char **argv)
{
	BUF_AUTO input = {0};
	bool simple =
	        argv[1] && !strcmp(argv[1], "-r") && argv[2] && argv[2][0] == '.' && !argv[2][strcspn(argv[2], ",|/")];
	const char *file = simple ? argv[3] : NULL;
	if (!simple || (file && argv[4]))
		return become_jq(argv, NULL);
	int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (fd < 0 || (file && *file == '-'))
		return become_jq(argv, NULL);
	if (fd_read_all(fd, INPUT_MAX, &input, NULL) < 0)
		return UNKNOWN;
	return print_raw(&input, argv[2]) ? SAME : become_jq(argv, file ? NULL : &input);
}

/* ------------------------------------------------------------------------- */

/* Both owned, and so is the result. */
static json merged(json base, json over)
{
	const char *key;
	json value;
	for (int at = -1; json_each(over, &at, &key, &value);) {
		json old = json_get(base, key);
		bool both = json_is_object(old) && json_is_object(value);
		json_set(&base, key, both ? merged(json_copy(old), json_copy(value)) : json_copy(value));
	}
	json_free(&over);
	return base;
}

static int print_merged(json record, char **patches)
{
	BUF_AUTO text = {0};
	JSON_AUTO all = json_copy(record);
	for (; *patches; patches++) {
		JSON_AUTO patch = json_none();
		if (json_parse(*patches, strlen(*patches), &patch, NULL) < 0 || !json_is_object(patch))
			return UNKNOWN;
		all = merged(json_take(&all), json_take(&patch));
	}
	if (json_dump(all, false, &text, NULL) < 0)
		return UNKNOWN;
	puts(buf_string(&text));
	return fflush(stdout) ? UNKNOWN : SAME;
}

int main(int argc, char **argv)
{
	BUF_AUTO input = {0};
	JSON_AUTO record = json_none();
	if (argc > 2 && !strcmp(argv[1], "jq"))
		return run_jq(argv + 1);
	if (argc < 2 || fd_read_all(STDIN_FILENO, INPUT_MAX, &input, NULL) < 0)
		return UNKNOWN;
	if (argc == 4 && !strcmp(argv[1], "same"))
		return compare_filter(&input, argv[2], argv[3]);
	if (json_parse(buf_string(&input), input.len, &record, NULL) < 0 || !json_is_object(record))
		return UNKNOWN;
	if (argc == 4 && !strcmp(argv[1], "output"))
		return compare_output(record, argv[2], argv[3]);
	return strcmp(argv[1], "merge") ? UNKNOWN : print_merged(record, argv + 2);
}
