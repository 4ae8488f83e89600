/* What is read as JSON is what libjq reads; it is written and read again as the same; what is written is valid UTF-8 on one line. */
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "show.h"
#include "text.h"

static void check(json value, bool sorted)
{
	struct err err = {0};
	BUF_AUTO first = {0}, second = {0};
	JSON_AUTO again = json_none();
	must(json_dump(value, sorted, &first, &err) == 0);
	must(text_valid(first.data, first.len) == first.len && !memchr(first.data, '\n', first.len));
	must(json_parse(first.data, first.len, &again, &err) == 0);
	must(json_dump(again, sorted, &second, &err) == 0);
	must(first.len == second.len && !memcmp(first.data, second.data, first.len));
	must(json_equal(value, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	JSON_AUTO value = json_none();
	if (text_valid((const char *)data, size) < size)
		return 0;
	if (json_parse((const char *)data, size, &value, &err) < 0) {
		must(err.code == ERR_INPUT && err.text[0] && strlen(err.text) < 100 && json_is_none(value));
		return 0;
	}
	/* What libjq's parser, which takes more, makes of it. */
	JSON_AUTO theirs = jv_parse_sized((const char *)data, (int)size);
	must(json_equal(value, theirs));
	check(value, false);
	check(value, true);
	BUF_AUTO shown = {0};
	show_record(value, true, &shown);
	must(text_valid(shown.data, shown.len) == shown.len);
	return 0;
}
