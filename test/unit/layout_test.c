#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "text.h"

static void rows_are(const struct layout *layout, unsigned width, bool colour, const char *expected, const char *name)
{
	BUF_AUTO out = {0};
	layout_print(layout, 0, layout->count, width, colour, &out);
	is_str(buf_string(&out), expected, name);
}

static void block_is(const char *text, char gutter, unsigned width, const char *expected, const char *name)
{
	LAYOUT_AUTO layout = {.fold = true};
	layout_add_block(&layout, LAYOUT_PLAIN, gutter, text, strlen(text));
	rows_are(&layout, width, false, expected, name);
}

static void test_rows(void)
{
	block_is("", '|', 20, "", "nothing has no rows");
	block_is("\n", '|', 20, "|\n", "an empty line has one");
	block_is("a\nb", '|', 20, "| a\n| b\n", "the last newline may be missing");
	block_is("0123456789", '|', 12, "| 0123456789\n", "as wide as there is room");
	block_is("0123456789a", '|', 12, "| 0123456789\n: a\n", "what goes on has another gutter");
	block_is("01234567 [2] $ x", '|', 12, "| 01234567 [\n: 2] $ x\n", "output is broken anywhere");
	block_is("0123456 890123", '>', 12, "> 0123456\n: 890123\n", "prose between words");
	block_is("\tx\ny\tz", '|', 40, "|         x\n| y       z\n", "tabs are blanks");
	block_is("一二三四五六", '|', 12, "| 一二三四五\n: 六\n", "wide characters count twice");
	block_is("一\tx", '|', 40, "| 一      x\n", "before a tab as well");
	block_is("e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", '|', 12,
	         "| e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301\n", "marks do not count");
	block_is("\033[2J\r\xff\u202e", '|', 40, "| ^[[2J^M\xef\xbf\xbd\\u{202e}\n", "all of it is made safe");
	block_is("x\n", '|', 1, "| x\n", "a screen may be too narrow");
}

static void test_lines(void)
{
	LAYOUT_AUTO layout = {0};
	layout_add(&layout, LAYOUT_BOLD, 4, "[1] $ one two three four", 24);
	layout_add_format(&layout, LAYOUT_RED, 4, "a\n%s b", "\033[31m");
	rows_are(&layout, 16, false, "[1] $ one two\n    three four\na ^[[31m b\n", "ours goes on to the right");
	rows_are(&layout, 16, true,
	         "\033[1m[1] $ one two\033[0m\n\033[1m    three four\033[0m\n\033[31ma ^[[31m b\033[0m\n",
	         "each row has its style");
}

static void test_fold(void)
{
	BUF_AUTO text = {0};
	LAYOUT_AUTO layout = {0};
	for (int i = 1; i <= 17; i++)
		buf_add_format(&text, "%d\n", i);
	block_is(text.data, '|', 40, "| 1\n| 2\n| 3\n| 4\n| 5\n| 6\n| 7\n| 8\n  ... 5 lines\n| 14\n| 15\n| 16\n| 17\n",
	         "many lines");
	layout_add_block(&layout, LAYOUT_PLAIN, '|', text.data, text.len);
	is_int((long long)layout.count, 17, "all of them unless they are folded");
	buf_clear(&text);
	for (int i = 0; i < 1000; i++)
		buf_add_string(&text, "é");
	layout_clear(&layout);
	layout.fold = true;
	layout_add_block(&layout, LAYOUT_PLAIN, '|', text.data, text.len);
	is_int((long long)layout.count, 3, "a long line");
	is_int((long long)(layout.lines[0].len + layout.lines[2].len), 400, "its head and its tail");
	is_int((long long)text_valid(layout.text.data, layout.text.len), (long long)layout.text.len,
	       "no part of a character");
	layout_add(&layout, LAYOUT_BOLD, 4, text.data, text.len);
	is_int((long long)layout.count, 6, "one of ours as well");
}

static void test_screen(void)
{
	setenv("COLUMNS", "132", 1);
	is_int(layout_screen(), 132, "COLUMNS");
	setenv("COLUMNS", "3", 1);
	is_int(layout_screen(), 20, "at least 20");
}

int main(void)
{
	test_rows();
	test_lines();
	test_fold();
	test_screen();
	return done_testing();
}
