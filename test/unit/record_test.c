#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"
#include "stop.h"
#include "tap.h"

/* A file in memory with this content, to be read from its start. */
static int file_of(const void *data, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	fd_write_all(fd, data, len, NULL);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void next_is(struct record_reader *reader, const char *expected, uint64_t number)
{
	struct record record;
	struct err err = {0};
	BUF_AUTO out = {0};
	int got = record_next(reader, &record, &err);
	is_int(got, 1, expected);
	if (got == 1)
		json_dump(record.value, false, &out, NULL);
	is_str(buf_string(&out), expected, "its value");
	is_int((long long)record.number, (long long)number, "its number");
	record_free(&record);
}

static void next_fails(struct record_reader *reader, const char *reason, uint64_t number)
{
	struct record record;
	struct err err = {0};
	is_int(record_next(reader, &record, &err), -1, "an error");
	is_int(err.code, ERR_INPUT, "of the input");
	is_str(err.text, reason, "with its reason");
	is_int((long long)record.number, (long long)number, "its number");
	record_free(&record);
}

static void ends(struct record_reader *reader)
{
	struct record record;
	struct err err = {0};
	is_int(record_next(reader, &record, &err), 0, "the end");
	is_int(record_next(reader, &record, &err), 0, "stays the end");
	record_free(&record);
}

static void test_lines(void)
{
	static const char text[] = "\xef\xbb\xbf{\"a\":1}\r\n"
	                           "\n"
	                           " \t\r\n"
	                           "[1] \n"
	                           "{\"a\":\n"
	                           "\"ab\x80\"\n"
	                           "\xef\xbb\xbf[2]\n"
	                           "1 2\n"
	                           "\0\n"
	                           "\"last\"";
	FD_AUTO fd = file_of(text, sizeof text - 1);
	struct record_reader *reader = record_reader_new(fd);
	next_is(reader, "{\"a\":1}", 1);
	next_fails(reader, "empty line", 2);
	next_fails(reader, "empty line", 3);
	next_is(reader, "[1]", 4);
	next_fails(reader, "invalid JSON: a value expected at the end", 5);
	next_fails(reader, "invalid UTF-8 at byte 4", 6);
	next_is(reader, "[2]", 7);
	next_fails(reader, "invalid JSON: more than one value at byte 3", 8);
	next_fails(reader, "invalid JSON: a value expected at byte 1", 9);
	next_is(reader, "\"last\"", 10);
	ends(reader);
	record_reader_free(reader);
	record_reader_free(NULL);
}

static void test_bytes_of_line(void)
{
	static const char text[] = "\xef\xbb\xbf [1, 2]\r\nx";
	FD_AUTO fd = file_of(text, sizeof text - 1);
	struct record_reader *reader = record_reader_new(fd);
	struct record record;
	struct err err = {0};
	is_int(record_next(reader, &record, &err), 1, "a record");
	ok(record.len == 8 && !memcmp(record.line, " [1, 2]\r", 8), "its own bytes, without the mark before them");
	record_free(&record);
	is_int(record_next(reader, &record, &err), -1, "an error");
	ok(record.len == 1 && *record.line == 'x', "has them too");
	record_reader_free(reader);
}

static void test_plain(void)
{
	FD_AUTO fd = file_of("ls -l\n\n\"\\\n\xff\nend", 15);
	struct record_reader *reader = record_reader_new(fd);
	struct record record;
	struct err err = {0};
	static const char *const expected[] = {"ls -l", "", "\"\\", NULL, "end"};
	for (size_t i = 0; i < 5; i++) {
		is_int(record_next_plain(reader, &record, &err), expected[i] ? 1 : -1, "a plain line");
		is_str(json_string(record.value), expected[i], "as a string");
		is_int((long long)record.number, (long long)i + 1, "with its number");
		record_free(&record);
	}
	is_int(record_next_plain(reader, &record, &err), 0, "the end");
	record_reader_free(reader);
}

/* Lines of lengths around the sizes of the buffer, each with a number in it. */
static void test_lengths(void)
{
	static const size_t lengths[] = {1,        65530,    65535, 65536, 65537, 3, 131072,
	                                 1u << 20, 3u << 20, 10,    70000, 70000, 5};
	BUF_AUTO text = {0};
	size_t count = sizeof lengths / sizeof *lengths;
	for (size_t i = 0; i < count; i++) {
		buf_add_format(&text, "\"%zu ", i);
		for (size_t j = 0; j < lengths[i]; j++)
			buf_add_char(&text, (char)('a' + j % 26));
		buf_add_string(&text, "\"\n");
	}
	FD_AUTO fd = file_of(text.data, text.len);
	struct record_reader *reader = record_reader_new(fd);
	size_t right = 0;
	for (size_t i = 0; i < count; i++) {
		struct record record;
		struct err err = {0};
		char *end;
		if (record_next(reader, &record, &err) != 1)
			break;
		const char *string = json_string(record.value);
		right += (size_t)strtol(string, &end, 10) == i && strlen(end) == lengths[i] + 1;
		record_free(&record);
	}
	is_int((long long)right, (long long)count, "lines of all lengths");
	ends(reader);
	record_reader_free(reader);
}

static void test_too_long(void)
{
	BUF_AUTO text = {0};
	struct err err = {0};
	FD_AUTO fd = memfd_create("long", MFD_CLOEXEC);
	buf_reserve(&text, RECORD_LINE_MAX + 10);
	memset(text.data, ' ', RECORD_LINE_MAX + 10);
	text.data[0] = '1';
	/* Exactly the limit, one byte more, and much more at the end. */
	fd_write_all(fd, text.data, RECORD_LINE_MAX, &err);
	fd_write_all(fd, "\n", 1, &err);
	fd_write_all(fd, text.data, RECORD_LINE_MAX + 1, &err);
	fd_write_all(fd, "\n[2]\n", 5, &err);
	fd_write_all(fd, text.data, RECORD_LINE_MAX + 10, &err);
	lseek(fd, 0, SEEK_SET);
	struct record_reader *reader = record_reader_new(fd);
	next_is(reader, "1", 1);
	next_fails(reader, "line longer than 64 MiB", 2);
	next_is(reader, "[2]", 3);
	next_fails(reader, "line longer than 64 MiB", 4);
	ends(reader);
	record_reader_free(reader);
}

static void test_waits_for_no_more_than_a_line(void)
{
	int pipe_ends[2];
	ok(pipe2(pipe_ends, O_CLOEXEC) == 0, "a pipe");
	fd_write_all(pipe_ends[1], "1\n2", 3, NULL);
	struct record_reader *reader = record_reader_new(pipe_ends[0]);
	next_is(reader, "1", 1);
	fd_write_all(pipe_ends[1], "3\n4", 3, NULL);
	next_is(reader, "23", 2);
	fd_close(&pipe_ends[1]);
	next_is(reader, "4", 3);
	ends(reader);
	record_reader_free(reader);
	fd_close(&pipe_ends[0]);
}

static void test_read_fails(void)
{
	struct record record;
	struct err err = {0};
	FD_AUTO fd = open("/", O_RDONLY | O_CLOEXEC);
	struct record_reader *reader = record_reader_new(fd);
	is_int(record_next(reader, &record, &err), -1, "a folder cannot be read");
	is_int(err.code, ERR_SYSTEM, "a system error");
	record_free(&record);
	record_reader_free(reader);
}

#define WRITERS 8
#define LINES 300

static void *write_many(void *argument)
{
	int fd = *(int *)argument;
	char text[9000];
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < LINES; i++) {
		JSON_AUTO value = json_new_text(text, i % 10 ? i : sizeof text);
		record_write(fd, value, NULL);
	}
	return NULL;
}

static void test_write_together(void)
{
	int pipe_ends[2], count = 0;
	pthread_t threads[WRITERS];
	struct record record;
	struct err err = {0};
	ok(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0, "a pipe");
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&threads[i], NULL, write_many, &pipe_ends[1]);
	struct record_reader *reader = record_reader_new(pipe_ends[0]);
	while (count < WRITERS * LINES && record_next(reader, &record, &err) == 1) {
		record_free(&record);
		count++;
	}
	is_int(count, WRITERS * LINES, "lines of many threads stay whole");
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	record_reader_free(reader);
	fd_close(&pipe_ends[0]);
	JSON_AUTO value = json_new_number(1);
	signal(SIGPIPE, SIG_IGN);
	is_int(record_write(pipe_ends[1], value, &err), -1, "nobody reads");
	is_int(errno, EPIPE, "errno tells");
	fd_close(&pipe_ends[1]);
}

static void test_error_record(void)
{
	struct err err = {0};
	BUF_AUTO out = {0};
	err_set(&err, ERR_INPUT, "bad \xff thing");
	JSON_AUTO record = record_error(12, "ep-1", &err);
	json_dump(record, false, &out, NULL);
	is_str(buf_string(&out), "{\"type\":\"error\",\"line\":12,\"episode\":\"ep-1\",\"reason\":\"bad \xef\xbf\xbd thing\",\"status\":3}",
	       "an error record");
	ok(record_is(record, "error") && !record_is(record, "task") && !record_is(json_none(), "error"), "record_is");
	err_set(&err, ERR_SYSTEM, "lost");
	JSON_AUTO other = record_error(0, NULL, &err);
	buf_clear(&out);
	json_dump(other, false, &out, NULL);
	is_str(buf_string(&out), "{\"type\":\"error\",\"reason\":\"lost\",\"status\":4}", "without line and episode");
}

static void *ask_to_stop(void *argument)
{
	usleep(30000);
	kill(getpid(), SIGTERM);
	return argument;
}

/* The last one: there is no way back. */
static void test_stop(void)
{
	int pipe_ends[2];
	pthread_t thread;
	struct err err = {0};
	static char data[1 << 20];
	ok(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0, "a pipe");
	stop_install();
	pthread_create(&thread, NULL, ask_to_stop, NULL);
	struct record_reader *reader = record_reader_new(pipe_ends[0]);
	ends(reader);
	is_int(record_write_lines(pipe_ends[1], data, sizeof data, &err), -1, "a reader that does not read is left");
	is_int(err.code, ERR_SYSTEM, "as a system error");
	pthread_join(thread, NULL);
	record_reader_free(reader);
	fd_close(&pipe_ends[0]);
	fd_close(&pipe_ends[1]);
	FD_AUTO fd = file_of("1\n2\n", 4);
	reader = record_reader_new(fd);
	ends(reader);
	record_reader_free(reader);
}

int main(void)
{
	test_lines();
	test_bytes_of_line();
	test_plain();
	test_lengths();
	test_too_long();
	test_waits_for_no_more_than_a_line();
	test_read_fails();
	test_write_together();
	test_error_record();
	test_stop();
	return done_testing();
}
