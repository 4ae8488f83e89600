/*
 * quick same FILTER JSON
 * quick output STDOUT STATUS
 * quick raw FILTER
 * quick merge [JSON...]
 *
 * What tests ask jq most, since jq takes 20 ms to start; of a record on stdin.
 * same: whether a filter gives this value, for a path (.a.b[0]) or an array of
 * paths ([.a, .b]). output: whether it is an observation with this output,
 * nothing on stderr, and this exit status. raw: what jq -r prints for a path
 * to a string. merge: the record with these objects merged over it, as jq's *
 * does.
 *
 * Exit status: 0 it is the same, or was printed; 1 it is not the same; 2 that
 * is for jq to say, and nothing was printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static json copy_or_null(json value)
{
	return json_is_none(value) ? json_new_null() : json_copy(value);
}

/* What the filter gives. false: it is another kind of filter. Owned. */
static bool filter_value(const char *filter, json record, json *result)
{
	json value;
	if (*filter != '[') {
		if (!take_path(&filter, record, &value) || *filter)
			return false;
		*result = copy_or_null(value);
		return true;
	}
	JSON_AUTO list = json_new_array();
	do {
		filter++;
		filter += strspn(filter, " ");
		if (!take_path(&filter, record, &value))
			return false;
		json_append(&list, copy_or_null(value));
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

static int compare_filter(json record, const char *filter, const char *text)
{
	JSON_AUTO wanted = json_none();
	JSON_AUTO value = json_none();
	if (json_parse(text, strlen(text), &wanted, NULL) < 0 || !filter_value(filter, record, &value))
		return UNKNOWN;
	return json_equal(value, wanted) ? SAME : OTHER;
}

static int print_raw(json record, const char *filter)
{
	size_t len;
	json value;
	const char *text = take_path(&filter, record, &value) && !*filter ? json_text(value, &len) : NULL;
	if (!text)
		return UNKNOWN;
	fwrite(text, 1, len, stdout);
	putchar('\n');
	return fflush(stdout) ? UNKNOWN : SAME;
}

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
	if (argc < 2 || fd_read_all(STDIN_FILENO, INPUT_MAX, &input, NULL) < 0 ||
	    json_parse(buf_string(&input), input.len, &record, NULL) < 0 || !json_is_object(record))
		return UNKNOWN;
	if (argc == 4 && !strcmp(argv[1], "same"))
		return compare_filter(record, argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "output"))
		return compare_output(record, argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "raw"))
		return print_raw(record, argv[2]);
	return strcmp(argv[1], "merge") ? UNKNOWN : print_merged(record, argv + 2);
}
