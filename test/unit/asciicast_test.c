#include "asciicast.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "json.h"
#include "tap.h"

static int file;

/* The n-th line, parsed; owned. */
static json line(int n)
{
	BUF_AUTO text = {0};
	json value = json_none();
	lseek(file, 0, SEEK_SET);
	fd_read_all(file, 1 << 20, &text, NULL);
	const char *at = buf_string(&text), *end;
	for (; n > 0 && (end = strchr(at, '\n')); n--)
		at = end + 1;
	end = strchr(at, '\n');
	ok(end && json_parse(at, (size_t)(end - at), &value, NULL) == 0, "a line of JSON");
	return value;
}

static void event_is(int n, const char *code, const char *data)
{
	JSON_AUTO event = line(n);
	is_int(json_length(event), 3, "an event of three");
	ok(json_number(json_at(event, 0), -1) >= 0, "its time");
	is_str(json_string(json_at(event, 1)), code, "its code");
	is_str(json_string(json_at(event, 2)), data, "its data");
}

static void test_events(void)
{
	struct err err = {0};
	file = memfd_create("cast", 0);
	struct asciicast *cast = asciicast_new(dup(file), 100, 30, "a \"title\"", &err);
	ok(cast != NULL, "begun");
	asciicast_output(cast, "a\033[1m\r\n\"", 8);
	/* A character in three parts, and one that is none. */
	asciicast_output(cast, "\xe2", 1);
	asciicast_output(cast, "\x82", 1);
	asciicast_output(cast, "\xac\xff", 2);
	asciicast_output(cast, "", 0);
	asciicast_resize(cast, 80, 24);
	asciicast_output(cast, "end\xc3", 4);
	is_int(asciicast_free(cast, &err), 0, "ended");
	JSON_AUTO header = line(0);
	is_int((long long)json_get_number(header, "version", 0), 2, "version");
	is_int((long long)json_get_number(header, "width", 0), 100, "width");
	is_int((long long)json_get_number(header, "height", 0), 30, "height");
	ok(json_get_number(header, "timestamp", 0) > 1.7e9, "timestamp");
	is_str(json_get_string(header, "title"), "a \"title\"", "title");
	event_is(1, "o", "a\033[1m\r\n\"");
	event_is(2, "o", "€\xef\xbf\xbd");
	event_is(3, "r", "80x24");
	event_is(4, "o", "end");
	event_is(5, "o", "\xef\xbf\xbd");
	close(file);
}

static void test_failure(void)
{
	struct err err = {0};
	ok(asciicast_new(open("/dev/full", O_WRONLY), 80, 24, NULL, &err) == NULL, "a header that cannot be written");
	is_int(err.code, ERR_SYSTEM, "is an error");
	is_str(err.text, "recording: No space left on device", "that says why");
	asciicast_output(NULL, "x", 1);
	asciicast_resize(NULL, 1, 1);
	is_int(asciicast_free(NULL, &err), 0, "none is none");
}

int main(void)
{
	test_events();
	test_failure();
	return done_testing();
}
