/*
 * same FILTER JSON
 * same -o STDOUT STATUS
 *
 * Whether a filter gives this value for the record on stdin, for those filters
 * that tests have most, since jq takes 15 ms to start: a path (.a.b[0]), or an
 * array of paths ([.a, .b]). The second form is that of an observation with
 * this output, nothing on stderr, and this exit status.
 *
 * Exit status: 0 it is the same; 1 it is not; 2 that is for jq to say.
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

int main(int argc, char **argv)
{
	BUF_AUTO input = {0};
	JSON_AUTO record = json_none();
	bool output = argc == 4 && !strcmp(argv[1], "-o");
	if ((argc != 3 && !output) || fd_read_all(STDIN_FILENO, INPUT_MAX, &input, NULL) < 0 ||
	    json_parse(buf_string(&input), input.len, &record, NULL) < 0 || !json_is_object(record))
		return UNKNOWN;
	return output ? compare_output(record, argv[2], argv[3]) : compare_filter(record, argv[1], argv[2]);
}
