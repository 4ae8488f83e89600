#include "buf.h"

#include <stdbool.h>
#include <stdlib.h>

#include "tap.h"

static void test_growth(void)
{
	BUF_AUTO buf = {0};
	is_str(buf_string(&buf), "", "an empty buffer is an empty string");
	buf_add_string(&buf, "ab");
	buf_add_char(&buf, 'c');
	buf_add(&buf, "d\0e", 3);
	is_int((long long)buf.len, 6, "NUL bytes count");
	ok(!memcmp(buf.data, "abcd\0e", 7), "the bytes are there, with a NUL behind");
	buf_clear(&buf);
	is_str(buf_string(&buf), "", "cleared");
	ok(buf.size > 0, "the memory is kept");
	for (int i = 0; i < 100000; i++)
		buf_add_format(&buf, "%d,", i % 10);
	is_int((long long)buf.len, 200000, "grows");
	ok(!strncmp(buf.data, "0,1,2,", 6) && !strcmp(buf.data + buf.len - 4, "8,9,"), "with the right bytes");
	buf_drop_front(&buf, 199996);
	is_str(buf_string(&buf), "8,9,", "drops its front");
	buf_drop_front(&buf, 4);
	is_int((long long)buf.len, 0, "drops all");
	buf_add_format(&buf, "%0300d", 7);
	ok(buf.len == 300 && buf.data[299] == '7' && !buf.data[300], "formats more than there is room for");
	buf_free(&buf);
	ok(!buf.data && !buf.len && !buf.size, "freed is empty");
	buf_drop_front(&buf, 0);
	buf_clear(&buf);
	buf_add(&buf, NULL, 0);
	is_str(buf_string(&buf), "", "nothing added");
}

static void test_reserve(void)
{
	BUF_AUTO buf = {0};
	buf_add_string(&buf, "x");
	buf_reserve(&buf, 1000);
	char *before = buf.data;
	for (int i = 0; i < 1000; i++)
		buf_add_char(&buf, 'y');
	ok(buf.data == before, "reserved room is used in place");
}

static void test_trim(void)
{
	BUF_AUTO buf = {0};
	buf_trim_end(&buf, 0, ' ');
	is_int((long long)buf.len, 0, "nothing to trim");
	buf_add_string(&buf, "a b  ");
	buf_trim_end(&buf, 4, ' ');
	is_str(buf.data, "a b ", "none before a place");
	buf_trim_end(&buf, 0, ' ');
	is_str(buf.data, "a b", "all at the end");
}

static void test_cut(void)
{
	BUF_AUTO buf = {0};
	buf_cut(&buf, 0);
	ok(!buf.data && buf.len == 0, "nothing to cut");
	buf_add_string(&buf, "kept, and not");
	buf_cut(&buf, 4);
	is_str(buf.data, "kept", "the beginning");
	is_int((long long)buf.len, 4, "its length");
}

static void test_lists(void)
{
	int *list = NULL;
	bool kept = true;
	for (size_t i = 0; i < 1000; i++) {
		list = mem_grow(list, i, sizeof *list);
		list[i] = (int)i;
	}
	for (size_t i = 0; i < 1000; i++)
		kept = kept && list[i] == (int)i;
	ok(kept, "a list that grows keeps what it has");
	free(list);
}

int main(void)
{
	test_growth();
	test_reserve();
	test_trim();
	test_cut();
	test_lists();
	STRING_AUTO string = mem_format("%s-%d", "a", 7);
	is_str(string, "a-7", "mem_format");
	STRING_AUTO copy = mem_string(string);
	is_str(copy, "a-7", "mem_string");
	unsigned char *zeros = mem_alloc(3, 5);
	ok(!zeros[0] && !zeros[14], "mem_alloc gives zeros");
	free(zeros);
	free(mem_alloc(0, 0));
	return done_testing();
}
