#include "text.h"

#include "tap.h"

static void valid_is(const char *text, size_t len, size_t expected, const char *name)
{
	is_int((long long)text_valid(text, len), (long long)expected, name);
	/* The same with ASCII before it, for the fast way. */
	char padded[64] = "0123456789abcdef";
	memcpy(padded + 16, text, len);
	is_int((long long)text_valid(padded, len + 16), (long long)expected + 16, name);
}
#define VALID(text, expected) valid_is((text), sizeof(text) - 1, (expected), "valid bytes of " #text)

static void test_valid(void)
{
	VALID("", 0);
	VALID("a\0b", 3);
	VALID("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 17);
	VALID("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8);
	VALID("a\x80", 1);
	VALID("\xc0\x80", 0);
	VALID("\xc1\xbf", 0);
	VALID("\xe0\x9f\xbf", 0);
	VALID("\xed\xa0\x80", 0);
	VALID("\xf0\x8f\xbf\xbf", 0);
	VALID("\xf4\x90\x80\x80", 0);
	VALID("\xf5\x80\x80\x80", 0);
	VALID("ab\xe2\x82", 2);
	VALID("ab\xc3", 2);
	VALID("\xff", 0);
}

static void repair_is(const char *text, size_t len, const char *expected, const char *name)
{
	BUF_AUTO out = {0};
	bool replaced = text_repair(text, len, &out);
	is_str(buf_string(&out), expected, name);
	ok(replaced == (text_valid(text, len) < len), name);
	is_int((long long)text_valid(buf_string(&out), out.len), (long long)out.len, "what comes out is valid");
}
#define REPAIR(text, expected) repair_is((text), sizeof(text) - 1, (expected), "repair of " #text)
#define X "\xef\xbf\xbd"

static void test_repair(void)
{
	REPAIR("", "");
	REPAIR("fine ✓", "fine ✓");
	REPAIR("a\x80z", "a" X "z");
	/* The examples of the Unicode Standard, tables 3-8 to 3-11. */
	REPAIR("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", X X X X X X X X "A");
	REPAIR("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", X X X X X X X X "A");
	REPAIR("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", X X X X X "A" X X "B");
	REPAIR("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", X X X X "A");
	REPAIR("end\xf0\x9f\x98", "end" X);
}

static void test_cut(void)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"; /* 1, 2, 3, 4 bytes */
	static const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
	static const size_t starts[] = {0, 0, 1, 0, 2, 1, 0, 3, 2, 1, 0};
	for (size_t i = 0; i <= 10; i++) {
		is_int((long long)text_cut_end(text, i), (long long)ends[i], "end");
		is_int((long long)text_cut_start(text + i, 10 - i), (long long)starts[i], "start");
	}
	is_int((long long)text_cut_end("a\x80", 2), 2, "what is no part of a character is not cut off");
	is_int((long long)text_cut_end("\x80\x80\x80\x80", 4), 4, "nor is a run of it");
	is_int((long long)text_cut_end("ab\xff", 3), 3, "nor a byte that is never valid");
	is_int((long long)text_cut_end("\xe0\x80", 2), 2, "nor an overlong start");
	is_int((long long)text_cut_start("\x80\x80\x80\x80\x80", 5), 3, "at most three bytes from the start");
}

static void terminal_is(const char *text, size_t len, const char *expected, const char *name)
{
	BUF_AUTO out = {0};
	text_for_terminal(text, len, &out);
	is_str(buf_string(&out), expected, name);
	ok(text_is_plain(text, len) == (out.len == len && memcmp(out.data, text, len) == 0), "plain is what stays");
}
#define TERMINAL(text, expected) terminal_is((text), sizeof(text) - 1, (expected), "for a terminal: " #text)

static void test_terminal(void)
{
	TERMINAL("a\tb\n", "a\tb\n");
	TERMINAL("\033[2J\033]0;title\007", "^[[2J^[]0;title^G");
	TERMINAL("\r\b\177", "^M^H^?");
	TERMINAL("a\0b", "a^@b");
	TERMINAL("\xc2\x9b"
	         "31m\xc2\x80\xc2\x9f",
	         "\\x9b31m\\x80\\x9f");
	TERMINAL("\xc2\xa0ü€😀", "\xc2\xa0ü€😀");
	TERMINAL("\x9b\xff", X X);
	TERMINAL("\xc2", X);
	TERMINAL("a\u202eb\u2066\u2069\u200f\u061c\u200b\ufeff",
	         "a\\u{202e}b\\u{2066}\\u{2069}\\u{200f}\\u{61c}\\u{200b}\\u{feff}");
	TERMINAL("\u2028\U000e0041\ufff9", "\\u{2028}\\u{e0041}\\u{fff9}");
	TERMINAL("\u00ad\u034f\u3164\U000e0100\u180e", "\\u{ad}\\u{34f}\\u{3164}\\u{e0100}\\u{180e}");
	TERMINAL("\u00ac\u00ae\u3163\u3165\ufe0f\u200d", "\u00ac\u00ae\u3163\u3165\ufe0f\u200d");
	/* Letters that are written from right to left, what joins emoji, and marks on letters stay. */
	TERMINAL("\u05d0\u200de\u0301", "\u05d0\u200de\u0301");
}

static void test_codes(void)
{
	static const unsigned codes[] = {'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xffff, 0x10000, 0x10ffff};
	BUF_AUTO text = {0};
	size_t size, at = 0, same = 0;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		text_add_code(codes[i], &text);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++, at += size)
		same += text_code(text.data + at, text.len - at, &size) == codes[i];
	is_int((long long)same, sizeof codes / sizeof *codes, "characters there and back");
	is_int((long long)at, (long long)text.len, "and nothing else");
}

static void test_order(void)
{
	ok(text_order("a", 1, "b", 1) < 0 && text_order("b", 1, "a", 1) > 0, "by bytes");
	ok(text_order("a", 1, "ab", 2) < 0 && text_order("ab", 2, "a", 1) > 0, "then by length");
	ok(text_order("a\0b", 3, "a\0c", 3) < 0 && text_order("\xff", 1, "a", 1) > 0, "whatever they are");
	is_int(text_order("same", 4, "same", 4), 0, "equal");
}

static void test_beginnings(void)
{
	BUF_AUTO out = {0};
	is_int((long long)text_mark("\xef\xbb\xbf{", 4), 3, "a byte order mark");
	is_int((long long)text_mark("\xef\xbb\xbf", 2), 0, "not all of it");
	is_int((long long)text_mark("{}", 2), 0, "none");
	buf_add_string(&out, "Kept: ");
	text_add_lower("AZÄ[a", 6, &out);
	is_str(buf_string(&out), "Kept: azÄ[a", "ASCII's letters alone, behind what was there");
}

int main(void)
{
	test_order();
	test_beginnings();
	test_codes();
	test_valid();
	test_repair();
	test_cut();
	test_terminal();
	return done_testing();
}
