#include "drawing.h"

#include "tap.h"

/* At once, and byte by byte: the same. */
static void filtered(const char *text, size_t len, const char *expected, const char *name)
{
	BUF_AUTO out = {0};
	BUF_AUTO slow = {0};
	struct drawing one = {0}, other = {0};
	drawing_filter(&one, text, len, &out);
	for (size_t i = 0; i < len; i++)
		drawing_filter(&other, text + i, 1, &slow);
	is_str(buf_string(&out), expected, name);
	is_str(buf_string(&slow), expected, name);
}
#define KEPT(text) filtered((text), sizeof(text) - 1, (text), "kept: " #text)
#define GONE(text) filtered("<" text ">", sizeof("<" text ">") - 1, "<>", "left out: " #text)
#define IS(text, expected) filtered((text), sizeof(text) - 1, (expected), #text)
#define CSI "\033["

static void test_kept(void)
{
	KEPT("plain\r\n\ttext \b\a\v\f\016\017");
	KEPT("é€😀");
	KEPT(CSI "H" CSI "2;5H" CSI "3A" CSI "K" CSI "2J" CSI "1;24r" CSI "@" CSI "P" CSI "5X" CSI "d" CSI "100b" CSI
	         "s" CSI "u");
	KEPT(CSI "m" CSI "0;1;31m" CSI "38;5;200m" CSI "38:2::1:2:3m" CSI "4:3m");
	KEPT(CSI "?1049h" CSI "?25l" CSI "?1h" CSI "4h" CSI "?2004h" CSI "?1006;1000h" CSI "2 q" CSI "!p" CSI "?1K");
	KEPT("\0337\0338\033M\033D\033E\033H\033=\033>\033(0lqk\033(B\033)B\033#8");
	KEPT(DRAWING_END);
}

static void test_left_out(void)
{
	/* Strings, whatever ends them. */
	GONE("\033]0;title\a");
	GONE("\033]52;c;ZWNobw==\033\\");
	GONE("\033]11;?\a");
	GONE("\033]52;c;a\r\nb\x80\xc2\x9c\xff\033\\");
	GONE("\033P$q\"p\033\\");
	GONE("\033P+q544e\033\\");
	GONE("\033Ptmux;\033\033]52;c;aa\a\033\\\033\\");
	GONE("\033_Ga=q;AA\033\\\033^x\033\\\033Xy\033\\\033kz\033\\");
	/* What is answered. */
	GONE(CSI "c" CSI ">c" CSI "=c" CSI "0c" CSI "5n" CSI "6n" CSI "?6n" CSI "x" CSI "?25$p" CSI "1;1;1;1;1;1*y" CSI
	         ">q" CSI "?u" CSI "?996n");
	GONE(CSI "14t" CSI "18t" CSI "21t" CSI "22;0t" CSI "2t" CSI "8;1;1t" CSI "?1;1;0S" CSI "?4m");
	GONE("\033Z\005");
	/* What changes keys, prints, erases, waits, or leaves the way in which text is taken. */
	GONE(CSI ">1u" CSI "<u" CSI "=1u" CSI ">4;2m" CSI "i" CSI "4i" CSI "?5i" CSI "3J" CSI "1;2;3;4;5T" CSI "12h" CSI
	         "?3h");
	GONE(CSI "?1004h" CSI "?1005h" CSI "?69h" CSI "1;5s" CSI "99999b" CSI "?1r" CSI "?1s");
	GONE("\033c\033%@\033%G\033 F\033#3\033(K\033*B\033N\033O\033n\033(%5");
	GONE("\x11\x13\x7f");
	filtered("a\0b", 3, "ab", "NUL");
	/* C1, as characters; as bytes they are ill-formed. */
	GONE("\xc2\x9b\xc2\x9d\xc2\x90");
	IS("\x9b"
	   "6n",
	   "\xef\xbf\xbd"
	   "6n");
}

static void test_mixed(void)
{
	IS(CSI "?1;1004;25;9999h", CSI "?1;25h");
	IS(CSI "4;20l", CSI "4l");
	IS(CSI "1" CSI "2A", CSI "2A");
	IS("a" CSI "1\n2Ab", "a\n" CSI "12Ab");
	IS(CSI "1\x18"
	       "A",
	   "A");
	IS("\033]0;a\x1a"
	   "b",
	   "b");
	IS("\033]0;a" CSI "Ab", CSI "Ab");
	IS("\033\033[A", CSI "A");
	IS(CSI "1\xc3\xa9", "é");
	IS(CSI "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mx", "x");
	IS(CSI "000000000000000000000000000000000000000000000000000000000000000000mx", "x");
	IS("a\xff\xc3(\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd(");
	IS("\xe2\x82\xc3\xa9", "\xef\xbf\xbdé");
}

int main(void)
{
	test_kept();
	test_left_out();
	test_mixed();
	return done_testing();
}
