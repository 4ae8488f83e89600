/* What a person types for a shell: whether it goes on, where its words begin, how names are quoted. */
#include <string.h>

#include "player_scan.h"
#include "tap.h"

static void test_unfinished(void)
{
	static const char *const
	        open[] = {"echo 'a", "echo \"a",          "cat <<X\nhere", "for i in 1 2", "echo a\\",
	                  "f() {",   "echo $(date",       "echo `date",    "case x in",    "[[ -e x",
	                  "a && \\", "if true; then :\n", "echo ${a",      "echo $'x",     "x=(1 2"},
	        *const closed[] = {
	                "echo a", "echo 'a\nb'",      "cat <<X\nhere\nX", "echo a\\\\",       "echo )",   "fi",
	                "",       "# unexpected EOF", "echo \"it's\"",    ") unexpected EOF", "echo a &", "ls; # it's"};
	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		ok(player_unfinished(open[i]), open[i]);
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
		ok(!player_unfinished(closed[i]), closed[i]);
}

static void is_word(const char *line, size_t wanted, bool wanted_command)
{
	bool command;
	size_t start = player_word(line, strlen(line), &command);
	is_int((long long)start, (long long)wanted, line);
	ok(command == wanted_command, line);
}

static void test_words(void)
{
	is_word("", 0, true);
	is_word("ls", 0, true);
	is_word("ls fo", 3, false);
	is_word("  ls", 2, true);
	is_word("ls a\\ b", 3, false);
	is_word("ls 'a b", 3, false);
	is_word("ls \"a b\" c", 9, false);
	is_word("ls;gr", 3, true);
	is_word("ls | gr", 5, true);
	is_word("a=1 gr", 4, true);
	is_word("x=fo", 2, false);
	is_word("cat <fo", 5, false);
	is_word("echo $(gr", 7, true);
	is_word("ls &&  gr", 7, true);
	is_word("ls\ngr", 3, true);
}

static void is_quoted(const char *name, const char *wanted)
{
	BUF_AUTO out = {0};
	player_quote(name, strlen(name), &out);
	is_str(buf_string(&out), wanted, wanted);
}

static void test_quotes(void)
{
	is_quoted("plain.txt", "plain.txt");
	is_quoted("a b", "a\\ b");
	is_quoted("$x`;'\"", "\\$x\\`\\;\\'\\\"");
	is_quoted("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	is_quoted("a\033[31m", "$'a\\033[31m'");
	is_quoted("a\nb'c\\", "$'a\\012b\\'c\\\\'");
	is_quoted("\xff", "$'\\377'");
	is_quoted("\xe2\x80\xae", "$'\\342\\200\\256'");
}

static void test_unquote(void)
{
	static const char *const cases[][2] = {
	        {"a\\ b", "a b"}, {"'a b'", "a b"}, {"\"a'b", "a'b"}, {"'a\\b", "a\\b"}, {"a\\", "a\\"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		BUF_AUTO out = {0};
		player_unquote(cases[i][0], strlen(cases[i][0]), &out);
		is_str(buf_string(&out), cases[i][1], cases[i][0]);
	}
}

int main(void)
{
	test_unfinished();
	test_words();
	test_quotes();
	test_unquote();
	return done_testing();
}
