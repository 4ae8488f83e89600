#ifndef PIPEGYM_VALUE_H
#define PIPEGYM_VALUE_H

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "tap.h"

/* A text as JSON (owned); what is wrong with it is told, and gives json_none(). */
static inline json parse(const char *text)
{
	json value = json_none();
	struct err err = {0};
	if (json_parse(text, strlen(text), &value, &err) < 0)
		printf("# %s: %s\n", text, err.text);
	return value;
}

/* Whether a value is what a text is as JSON. */
static inline void is_json(json value, const char *expected, const char *name)
{
	BUF_AUTO text = {0};
	JSON_AUTO wanted = parse(expected);
	if (ok(json_equal(value, wanted), name))
		return;
	json_dump(value, true, &text, NULL);
	printf("# got %s\n", buf_string(&text));
}

#endif
