/* jq programs, compiled once and run on many values. */
#include "json.h"

#include <jq.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif
#include <stdlib.h>
#include <string.h>

struct json_filter {
	jq_state *jq;
	struct err error; /* the first message */
};

/* Takes the message out of an invalid value: its first line, without libjq's own prefix. Consumes it. */
static int fail_with_message(json invalid, enum err_code code, struct err *err)
{
	json message = jv_invalid_get_msg(invalid);
	if (jv_get_kind(message) != JV_KIND_STRING && jv_get_kind(message) != JV_KIND_NULL)
		message = jv_dump_string(message, 0);
	const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) : "";
	if (!strncmp(text, "jq: error: ", 11))
		text += 11;
	int len = (int)strcspn(text, "\n");
	if (len)
		err_set(err, code, "%.*s", len, text);
	else
		err_set(err, code, "the program raised an error");
	jv_free(message);
	return -1;
}

static void on_error(void *data, json message)
{
	struct json_filter *filter = data;
	if (filter->error.code == ERR_NONE)
		fail_with_message(jv_invalid_with_msg(message), ERR_USAGE, &filter->error);
	else
		jv_free(message);
}

struct json_filter *json_filter_new(const char *program, void (*no_memory)(void *), struct err *err)
{
	struct json_filter *filter = mem_alloc(1, sizeof *filter);
#ifdef __SANITIZE_ADDRESS__
	/* libjq 1.6 loses a few hundred bytes with some programs, when it compiles and when it runs them. */
	__lsan_disable();
#endif
	filter->jq = jq_init();
	if (!filter->jq)
		abort();
	jq_set_error_cb(filter->jq, on_error, filter);
	if (no_memory)
		jq_set_nomem_handler(filter->jq, no_memory, NULL);
	/* Without it an import aborts the process. */
	jq_set_attr(filter->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	if (jq_compile(filter->jq, program))
		return filter;
	if (filter->error.code == ERR_NONE)
		err_set(err, ERR_USAGE, "not a jq program");
	else
		err_set(err, ERR_USAGE, "%s", filter->error.text);
	json_filter_free(filter);
	return NULL;
}

void json_filter_free(struct json_filter *filter)
{
	if (!filter)
		return;
	jq_teardown(&filter->jq);
	free(filter);
}

/* The next output (owned), or json_none() and whether an error (*failed, *err) is why. */
static json next_output(struct json_filter *filter, bool *failed, struct err *err)
{
	json output = jq_next(filter->jq);
	*failed = false;
	if (!json_is_none(output))
		return output;
	/* The end, an error and halt look alike; only halt_error leaves a message. */
	if (jq_halted(filter->jq)) {
		json message = jq_get_error_message(filter->jq);
		if (!json_is_none(message)) {
			jv_free(output);
			output = jv_invalid_with_msg(message);
		}
	}
	*failed = jv_invalid_has_msg(jv_copy(output));
	if (*failed)
		fail_with_message(output, ERR_INPUT, err);
	else
		jv_free(output);
	return json_none();
}

/* The machine holds on to its input until it is started anew. That frees what halt left behind, but forgets to forget
 * it: another halt puts nothing in its place. */
static void rest(struct json_filter *filter)
{
	bool halted = jq_halted(filter->jq);
	jq_start(filter->jq, jv_null(), 0);
	if (halted)
		jq_halt(filter->jq, jv_invalid(), jv_invalid());
}

int json_filter_test(struct json_filter *filter, json value, bool *result, struct err *err)
{
	bool failed;
	jq_start(filter->jq, jv_copy(value), 0);
	json first = next_output(filter, &failed, err);
	jv_kind kind = jv_get_kind(first);
	if (!failed)
		*result = kind != JV_KIND_INVALID && kind != JV_KIND_NULL && kind != JV_KIND_FALSE;
	jv_free(first);
	rest(filter);
	return failed ? -1 : 0;
}

int json_filter_run(struct json_filter *filter, json value, json *output, struct err *err)
{
	bool failed;
	int count = 0;
	jq_start(filter->jq, value, 0);
	JSON_AUTO first = next_output(filter, &failed, err);
	if (!json_is_none(first)) {
		JSON_AUTO second = next_output(filter, &failed, err);
		count = json_is_none(second) ? 1 : 2;
	}
	rest(filter);
	if (failed)
		return -1;
	if (count == 1)
		*output = json_take(&first);
	return count;
}
