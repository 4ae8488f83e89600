#include "diff.h"

#include <string.h>

#include "tap.h"

static void shows(const char *a, const char *b, const char *expected)
{
	BUF_AUTO out = {0};
	diff_unified(a, strlen(a), b, strlen(b), &out);
	is_str(buf_string(&out), expected, "difference");
}

static char *repeat(const char *text, int count)
{
	BUF_AUTO out = {0};
	for (int i = 0; i < count; i++)
		buf_add_string(&out, text);
	return mem_string(buf_string(&out));
}

int main(void)
{
	shows("same\n", "same\n", "");
	shows("", "", "");
	shows("a\n", "b\n", "@@ line 1 @@\n-a\n+b\n");
	shows("1\n2\n3\n4\nx\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\n7\n", "@@ line 5 @@\n 3\n 4\n-x\n 5\n 6\n");
	shows("a\nb\nc\nd\n", "a\nB\nc\nD\n", "@@ line 2 @@\n a\n-b\n+B\n c\n-d\n+D\n");
	shows("", "new\n", "@@ line 1 @@\n+new\n");
	shows("end", "end\n", "@@ line 1 @@\n-end\n+end\n");
	shows("a\nab", "a\nb", "@@ line 2 @@\n a\n-ab\n+b\n");
	shows("x\nx\n", "x\n", "@@ line 2 @@\n x\n-x\n");
	STRING_AUTO many = repeat("line\n", 100000);
	STRING_AUTO others = repeat("other\n", 100000);
	STRING_AUTO wide = repeat("€", 100000);
	BUF_AUTO out = {0};
	diff_unified(many, strlen(many), others, strlen(others), &out);
	ok(out.len < DIFF_MAX && strstr(buf_string(&out), "\\ more was left out\n"), "many lines are cut");
	buf_clear(&out);
	diff_unified(wide, strlen(wide), "x", 1, &out);
	ok(out.len < DIFF_MAX && strstr(buf_string(&out), "€...\n+x\n"), "a long line is cut behind a character");
	return done_testing();
}
