#include "normalise.h"

#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "tap.h"

static struct normalise *make(const char *names, const char *own)
{
	struct err err = {0};
	JSON_AUTO rules = json_none();
	if (own && json_parse(own, strlen(own), &rules, &err) < 0)
		printf("# %s\n", err.text);
	struct normalise *normalise = normalise_new(names, rules, &err);
	if (!normalise)
		printf("# %s\n", err.text);
	return normalise;
}

static void becomes(const char *name, const char *text, const char *expected)
{
	BUF_AUTO out = {0};
	struct normalise *normalise = make(name, NULL);
	normalise_text(normalise, text, strlen(text), &out);
	is_str(buf_string(&out), expected, name);
	normalise_free(normalise);
}

/* What each rule is for, and what it leaves alone. */
static void test_rules(void)
{
	becomes("ansi", "\033[1;31mred\033[0m \033]0;title\a\033(Bx\033", "red x");
	becomes("progress", " 10%\r 50%\r100%\r\nnext\r\n", "100%\nnext\n");
	becomes("uuid", "a 1b4e28ba-2fa1-11d2-883f-0016d3cca427.", "a <uuid>.");
	becomes("container", "root@3f2a9c81d0e7:/# md5 0123456789abcdef0123456789abcdef",
	        "root@<container>:/# md5 0123456789abcdef0123456789abcdef");
	becomes("iso-date", "2025-01-01 2025-01-01T00:00:00Z 2025/12/31 23:59:59.123 +0100 12025-01-01 2025-13-01",
	        "<iso-date> <iso-date> <iso-date> 12025-01-01 2025-13-01");
	becomes("rfc-date",
	        "Wed, 01 Jan 2025 00:00:00 +0000; Wed Jan  1 00:00:00 UTC 2025; [01/Jan/2025:00:00:00 +0000]; Wedge",
	        "<rfc-date>; <rfc-date>; [<rfc-date>]; Wedge");
	becomes("ls-date", "1 Jan  2 15:04 a\n2 Jan 2  2006 b\nJan 22 15:04:05 host",
	        "1 <ls-date> a\n2 <ls-date> b\n<ls-date> host");
	becomes("clock", "12:00:03 up, 10:25 1:2:3", "<clock> up, 10:25 1:2:3");
	becomes("epoch", "1735689600 1735689600.123 1735689600000 17356896001 2735689600",
	        "<epoch> <epoch> <epoch> 17356896001 2735689600");
	becomes("duration", "real\t0m0.003s in 1.5 ms, 3 seconds, 5 stones",
	        "real\t<duration> in <duration>, <duration>, 5 stones");
	becomes("shell", "/bin/bash: line 1: x: not found\nsh: 3: y\na bash: z",
	        "<shell>x: not found\n<shell>y\na bash: z");
	becomes("unfinished",
	        "x y): -c: line 1: unexpected EOF while looking for matching `)'\nx y): -c: line 2: syntax error: "
	        "unexpected end of file\nz\n",
	        "x y): -c: <unfinished>: unexpected EOF while looking for matching `)'\nz\n");
	becomes("unfinished",
	        "a: line 1: b: line 2: unexpected EOF while looking for matching `\"'\na: line 2: syntax error: "
	        "unexpected end of file",
	        "a: line 1: b: <unfinished>: unexpected EOF while looking for matching `\"'\na: line 2: syntax error: "
	        "unexpected end of file");
	becomes("unfinished", "a: line 2: syntax error: unexpected end of file\na: line 1: x\na: line : unexpected EOF",
	        "a: line 2: syntax error: unexpected end of file\na: line 1: x\na: line : unexpected EOF");
	becomes("pid", "pid 12, PPID: 3; [1] 4711\nrapid 5", "pid <pid>, PPID: <pid>; [1] 4711\nrapid 5");
	becomes("pid", "[1] 4711", "[1] <pid>");
	becomes("ps", "  123 pts/0    00:00:00 bash\nbash: line 1:  77 Killed  x",
	        "  <ps> pts/0    00:00:00 bash\nbash: line 1:  <ps> Killed  x");
	becomes("job", "[2]+  Done   x\na[2]+  Done", "[<job>]+  Done   x\na[2]+  Done");
	becomes("tmp", "/tmp/tmp.Xa91bCdEf0 /tmp/tmpab12cd_9/x /tmp/results /tmp/tmp",
	        "<tmp> <tmp>/x /tmp/results /tmp/tmp");
	becomes("uname", "Linux box 6.8.0-45-generic #45 x86_64 GNU/Linux\nLinux is old", "<uname>\nLinux is old");
	becomes("host", "agent@box-1:~$ hostname: a.b.c.", "agent@<host>:~$ hostname: <host>.");
	becomes("folder-size", "drwxr-xr-x 2 root root 4096 Jan\n-rw-r--r-- 2 root root 4096 Jan",
	        "drwxr-xr-x 2 root root <folder-size> Jan\n-rw-r--r-- 2 root root 4096 Jan");
	becomes("user", "uid=1000(agent) gid=1000(agent) groups=1000(agent),27(sudo)", "<user> <user> <user>");
	becomes("owner", "-rw-r--r-- 1 root staff   12 Jan 1 a", "-rw-r--r-- 1 <owner>12 Jan 1 a");
	becomes("home", "/home/agent/x /root /srv/root a:/root", "<home>/x <home> /srv/root a:<home>");
	becomes("port", "127.0.0.1:53412 localhost:80 port 8080 a:22",
	        "127.0.0.1:<port> localhost:<port> port <port> a:22");
	becomes("address", "<X at 0x7ffc12345678> 0x1f", "<X at <address>> 0x1f");
	becomes("inode", "Device: 0,52\tInode: 1234   Links", "Device: <inode>\tInode: <inode>   Links");
	becomes("ls-inode", " 131 -rw-r--r-- 1 a\n 131 rows", " <ls-inode> -rw-r--r-- 1 a\n 131 rows");
	becomes("disk", "/dev/sda1  61G  9.9G 51G 17% /\na 1 2 3", "/dev/sda1  <disk> /\na 1 2 3");
	becomes("memory", "Mem:  100 200 300\nMen: 1", "Mem:  <memory>\nMen: 1");
	becomes("blocks", "total 12\ntotal 12 rows\nsubtotal 3", "total <blocks>\ntotal 12 rows\nsubtotal 3");
	becomes("trailing-space", "a \t\n\nb\n \n\n", "a\n\nb");
	becomes("line-order", "b\na\nb", "a\nb\nb\n");
	becomes("none", "2025-01-01 \n", "2025-01-01 \n");
}

static void equal(const char *names, const char *own, const char *a, const char *b, const char *expected)
{
	uint64_t used = 0;
	struct err err;
	struct normalise *normalise = make(names, own);
	BUF_AUTO text = {0};
	JSON_AUTO first = json_none();
	JSON_AUTO second = json_none();
	if (json_parse(a, strlen(a), &first, &err) < 0 || json_parse(b, strlen(b), &second, &err) < 0)
		printf("# %s\n", err.text);
	bool is = normalise_equal(normalise, first, second, &used);
	JSON_AUTO list = normalise_names(normalise, used);
	ok(json_dump(list, false, &text, NULL) == 0, a);
	is_str(is ? buf_string(&text) : NULL, expected, "equal by these");
	normalise_free(normalise);
}

static void test_values(void)
{
	equal(NULL, NULL, "{\"a\":[1,\"pid 3 at 2025-01-01\"]}", "{\"a\":[1,\"pid 4 at 2025-01-01\"]}", "[\"pid@1\"]");
	equal(NULL, NULL, "\"0x12345678 12:00:00\"", "\"0x87654321 12:00:01\"", "[\"clock@1\",\"address@1\"]");
	equal(NULL, NULL, "{\"exit\":0}", "{\"exit\":1}", NULL);
	equal(NULL, NULL, "{\"a\":0}", "{\"b\":0}", NULL);
	equal(NULL, NULL, "[\"a\"]", "[\"a\",1]", NULL);
	equal(NULL, NULL, "\"b\\na\"", "\"a\\nb\"", NULL);
	equal(NULL, NULL,
	      "\"a: -c: line 1: unexpected EOF while looking for matching `)'\\na: -c: line 2: syntax error: "
	      "unexpected end of "
	      "file\"",
	      "\"a: -c: line 3: unexpected EOF while looking for matching `)'\"", "[\"unfinished@1\"]");
	equal(NULL, NULL, "\"a: -c: line 1: unexpected EOF while looking for matching `)'\"",
	      "\"a: -c: line 1: unexpected EOF while looking for matching `\\\"'\"", NULL);
	equal("default,line-order", NULL, "\"b\\na\"", "\"a\\nb\"", "[\"line-order@1\"]");
	equal("pid,clock", NULL, "\"2025-01-01\"", "\"2025-01-02\"", NULL);
	equal(NULL, "[{\"name\":\"run\",\"pattern\":\"run-[a-z]+\",\"with\":\"R\"}]", "\"run-ab\"", "\"run-cd\"",
	      "[\"run@task\"]");
	equal("default", "[{\"name\":\"run\",\"pattern\":\"run-[a-z]+\"}]", "\"run-ab\"", "\"run-cd\"", NULL);
}

static void test_names(void)
{
	static const char *const wrong[] = {"", "x", "pid,", "pid,,clock", "Pid"};
	struct err err;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(!normalise_new(wrong[i], json_none(), &err) && err.code == ERR_USAGE, err.text);
	size_t count = 0;
	for (json rule; !json_is_none(rule = normalise_rule(count)); json_free(&rule))
		count++;
	struct normalise *all = make("all", NULL);
	JSON_AUTO names = normalise_names(all, UINT64_MAX);
	ok(count > 20 && json_length(names) == (int)count, "the list has all");
	normalise_free(all);
}

static void junk(const char *pattern, const char *own, size_t len)
{
	BUF_AUTO out = {0};
	char *text = mem_alloc(1, len);
	struct normalise *normalise = make("all", own);
	for (size_t at = 0; at < len; at++)
		text[at] = pattern[at % strlen(pattern)];
	int64_t start = num_now_ms();
	normalise_text(normalise, text, len, &out);
	int64_t took = num_now_ms() - start;
	ok(took < 20000, "junk is bounded");
	printf("# %d ms for '%.8s'\n", (int)took, pattern);
	normalise_free(normalise);
	free(text);
}

/* What a hostile text may cost, also with rules that would look at all of it from each of its bytes on. */
static void test_junk(void)
{
	static const char own[] =
	        "[{\"name\":\"a\",\"pattern\":\"(.*x)*y\"},{\"name\":\"b\",\"pattern\":\"[0-9 ]+x\"}]";
	junk("2025-01-", NULL, 1 << 20);
	junk("1:a@", NULL, 1 << 20);
	junk("x ", own, 1 << 17);
	junk("1", own, 1 << 17);
	junk(": line 1: line ", NULL, 1 << 20);
}

int main(void)
{
	test_rules();
	test_values();
	test_names();
	test_junk();
	return done_testing();
}
