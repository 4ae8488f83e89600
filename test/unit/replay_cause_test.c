#include "replay_cause.h"

#include "tap.h"
#include "value.h"

static void because(bool partly, const char *command, const char *logged, const char *replayed, const char *expected)
{
	struct replay_causes *causes = replay_causes_new();
	JSON_AUTO action = parse(command);
	JSON_AUTO a = parse(logged);
	JSON_AUTO b = parse(replayed);
	is_str(replay_cause(causes, action, a, b, partly), expected, logged);
	replay_causes_free(causes);
}

/* Two outputs of a command that another project logged. */
static void outputs(const char *command, const char *logged, const char *replayed, const char *expected)
{
	struct replay_causes *causes = replay_causes_new();
	JSON_AUTO action = json_new_string(command);
	JSON_AUTO a = json_new_object();
	JSON_AUTO b = parse("{\"type\":\"observation\",\"exit\":0,\"truncated\":false,\"terminated\":false}");
	json_set_string(&a, "type", "observation");
	json_set_string(&a, "stdout", logged);
	json_set_string(&b, "stdout", replayed);
	is_str(replay_cause(causes, action, a, b, true), expected, logged);
	replay_causes_free(causes);
}

static void test_fields(void)
{
	static const char own[] = "{\"exit\":0,\"truncated\":false,\"stdout\":\"\"}";
	because(false, "\"x\"", own, "{\"exit\":0,\"truncated\":true,\"stdout\":\"\"}", "limits");
	because(false, "\"x\"", own, "{\"signal\":\"KILL\",\"exit\":null,\"truncated\":false,\"stdout\":\"\"}", "limits");
	because(false, "\"x\"", own, "{\"exit\":127,\"truncated\":false,\"stdout\":\"\"}", "missing program");
	because(false, "\"x\"", own, "{\"exit\":1,\"truncated\":false,\"stdout\":\"\"}", "unknown");
	because(false, "\"sort $RANDOM\"", own, "{\"exit\":1,\"truncated\":false,\"stdout\":\"\"}", "randomness");
	/* What another project has no field for says nothing; a time that was exceeded does. */
	because(true, "\"x\"", "{\"stdout\":\"a\"}", own, "unknown");
	because(true, "\"x\"", "{\"timeout\":true}", own, "limits");
	because(true, "\"x\"", "{\"stdout\":\"a\"}", "{\"timeout\":true,\"exit\":null,\"stdout\":\"\"}", "limits");
	because(true, "\"x\"", "{\"exit\":127,\"stdout\":\"\"}", own, "missing program");
}

static void test_texts(void)
{
	outputs("x", "b\na\n", "a\nb\n", "order");
	outputs("x", "a-b\n", "b-a\n", "order");
	outputs("find . | md5sum", "c9b48292  -\n", "269a990d  -\n", "order");
	outputs("find / | wc -l", "16538\n", "129610\n", "unknown");
	outputs("x", "at 2025-01-01", "at 2024-01-01", "time");
	outputs("x", "cannot access 'May'", "cannot access 'Jan'", "time");
	outputs("x", "/tmp/tmp.abcdefgh", "/tmp/tmp.bcdefghi", "randomness");
	outputs("x", "root@a", "root@b", "host");
	outputs("x", "v 1.2.3", "v 1.2.4", "version");
	outputs("xxd f", "bash: xxd: command not found\n", "00\n", "missing program");
	outputs("x", "a\n", "find: './proc/1/fd': Permission denied\na\n", "host");
	outputs("x", "1 #\n", "cat: /etc/networks: No such file or directory\n", "host");
	outputs("x", "see `boot'\n", "see `dev'\n", "host");
	outputs("x", "cp: 'a' is no folder\n", "cp: 'a': No such file or directory\n", "version");
	outputs("x", "a\nnan\n", "a\nawk: fatal: division by zero\n", "version");
	outputs("x", " -q, --quiet\nsame\n", " -A, --all\n -q, --quiet\nsame\n", "version");
	outputs("x", "at 2025-01-01, root@a", "at 2024-01-01, root@b", "unknown");
	outputs("x", "b\nat 2025-01-01\n", "at 2024-01-01\nb\n", "order");
	outputs("find -mtime +7", "odd\n", "gzip: a: unchanged\n", "time");
	/* No more than it is: another program's words, a file that is not there, a message where the other says nothing. */
	outputs("x", "cp: a\n", "mv: a\n", "unknown");
	outputs("x", "text\n", "cat: a: No such file or directory\n", "unknown");
	outputs("x", "", "gzip: a: unchanged\n", "unknown");
	outputs("x", "a/etc-file\n", "b/etc-file\n", "unknown");
	outputs("x", "aab\n", "abb\n", "unknown");
	outputs("awk x", "1\n", "2\n", "unknown");
	outputs("awk x", "a\n", "b\n", "version");
}

int main(void)
{
	test_fields();
	test_texts();
	return done_testing();
}
