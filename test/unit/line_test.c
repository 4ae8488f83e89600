#include "line.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "stop.h"
#include "tap.h"

#define PATIENCE_MS 20000 /* for what takes no time, on a busy machine */
#define SOON_MS 200       /* for what takes for ever */
#define FLOOD_MS 3000     /* for that, and much of it */
#define MOST (2u << 20)

/* It counts its requests, and its answers begin with '='. */
static const char script[] =
        "import os, subprocess, sys, time\n"
        "def say(*lines):\n"
        "    data = ''.join(line + '\\n' for line in lines).encode()\n"
        "    while data:\n"
        "        data = data[os.write(1, data):]\n"
        "count = 0\n"
        "for line in sys.stdin:\n"
        "    count += 1\n"
        "    word, _, rest = line.rstrip('\\n').partition(' ')\n"
        "    if word == 'echo': say('=%d %s' % (count, rest))\n"
        "    elif word == 'length': say('=' + str(len(line)))\n"
        "    elif word == 'big': say('=' + 'x' * int(rest))\n"
        "    elif word == 'stray': say('one', '', 'three', '=')\n"
        "    elif word == 'more': say('=a', '=b', 'late')\n"
        "    elif word == 'begun': os.write(1, b'=a\\n=b\\n=half'); sys.stdin.readline(); say(' done', '=c')\n"
        "    elif word == 'crash': say('before'); os.write(1, b'part'); raise ValueError('boom')\n"
        "    elif word == 'sleep': say('sleeping'); time.sleep(float(rest)); say('=slept')\n"
        "    elif word == 'deaf': say('='); time.sleep(1000)\n"
        "    elif word == 'closed': sys.stdin.close(); os.close(0); say('='); time.sleep(1000)\n"
        "    elif word == 'flood':\n"
        "        say('=')\n"
        "        while 1: say('y' * 1000)\n"
        "    elif word == 'long':\n"
        "        while 1: os.write(1, b'z' * 60000)\n"
        "    elif word == 'words': os.write(2, b'w' * 300000 + b'\\n'); say('=')\n"
        "    elif word == 'fork':\n"
        "        subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "        subprocess.Popen(['sh', '-c', 'sleep 1000 & sleep 1000 & wait'])\n"
        "        time.sleep(1000)\n"
        "    elif word == 'hog':\n"
        "        for i in range(4):\n"
        "            if os.fork() == 0: hold = b'x' * (90 << 20); time.sleep(1000)\n"
        "        say('=' + str(os.wait()[1]))\n"
        "    elif word == 'orphan': subprocess.Popen(['sleep', '1000']); os._exit(3)\n";

static struct box_host *host;
static char folder[] = "/tmp/pipegym-line.XXXXXX";
static int dirfd_of_test;

static struct box *box_make(const char *name, unsigned idle_s, bool landlock)
{
	struct err err = {0};
	struct box_limits limits = {
	        .memory_mib = 256, .disk_mib = 16, .processes = 64, .total_s = 120, .landlock = landlock, .cwd = "/workspace"};
	struct box_home home = {.listener = box_listen(dirfd_of_test, name, &err), .keeper = -1, .idle_s = idle_s};
	char note[32];
	snprintf(note, sizeof note, "%s.note", name);
	home.note = openat(dirfd_of_test, note, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct box *box = home.listener < 0 || home.note < 0 ? NULL : box_new(host, &limits, &home, &err);
	close(home.listener);
	close(home.note);
	if (box && box_adopt(box, &err) == 0)
		return box;
	printf("Bail out! no box: %s\n", err.text);
	exit(1);
}

static struct box *again(const char *name)
{
	bool gone;
	struct err err = {0};
	struct box *box = box_connect(dirfd_of_test, name, &gone, &err);
	if (!box)
		printf("# %s\n", err.text);
	return box;
}

static struct line *start(struct box *box, unsigned slot)
{
	static const char *const argv[] = {"python3", "-IS", "-c", script, NULL};
	struct line_program program = {.argv = argv, .cwd = "/workspace", .timeout_ms = PATIENCE_MS};
	struct err err = {0};
	struct line *line = line_start(box, slot, &program, &err);
	if (!line)
		printf("# %s\n", err.text);
	return line;
}

static struct line *fetch(struct box *box, unsigned slot)
{
	bool none;
	struct err err = {0};
	struct line *line = line_fetch(box, slot, &none, &err);
	if (!line && !none)
		printf("# %s\n", err.text);
	return line;
}

static enum line_kind judge(void *context, const char *text, size_t len)
{
	(void)context;
	return len == 0 || text[0] != '=' ? LINE_STRAY : LINE_REPLY;
}

static int ask_as(struct line *line, const char *text, unsigned timeout_ms, struct line_request *request,
                  struct line_answer *answer)
{
	struct err err = {0};
	request->text = text;
	request->len = strlen(text);
	request->timeout_ms = timeout_ms;
	request->most = MOST;
	request->keep = 64;
	if (!request->judge)
		request->judge = judge;
	int failed = line_ask(line, request, answer, &err);
	if (failed)
		printf("# %s\n", err.text);
	return failed;
}

static int ask(struct line *line, const char *text, unsigned timeout_ms, struct line_answer *answer)
{
	struct line_request request = {0};
	return ask_as(line, text, timeout_ms, &request, answer);
}

static void answers(struct line *line, const char *text, const char *reply, const char *stray)
{
	LINE_ANSWER_AUTO answer;
	char name[20];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "\n"), text);
	if (!is_int(ask(line, text, PATIENCE_MS, &answer), 0, name) || !is_int(answer.end, LINE_ANSWERED, "it answers"))
		return;
	is_str(buf_string(&answer.reply), reply, "so");
	is_str(buf_string(&answer.stray), stray, "and stray");
}

/* Whether nothing runs in the box but pid 1. What was killed takes its time to be gone. */
static bool nothing_left(struct box *box)
{
	struct box_command command = {.op = BOX_PROCESSES, .keep = 4096};
	struct err err = {0};
	bool none = false;
	for (int i = 0; i < 1000 && !none; i++) {
		BOX_RESULT_AUTO result;
		if (i > 0)
			usleep(10000);
		if (box_run(box, &command, &result, &err) < 0)
			return false;
		none = result.out[0].head.len == 0;
		if (!none && i == 999)
			printf("# %s\n", result.out[0].head.data);
	}
	return none;
}

/* A program that is asked this comes to this end, and nothing of it is left. */
static void ends(struct box *box, const char *before, const char *text, unsigned timeout_ms, enum line_end end,
                 struct line_answer *answer)
{
	struct line *line = start(box, 1);
	memset(answer, 0, sizeof *answer);
	if (before)
		answers(line, before, "=", "");
	if (ok(line, "it is started") && is_int(ask(line, text, timeout_ms, answer), 0, "it is asked"))
		is_int(answer->end, end, "it ends so");
	line_free(line);
	ok(nothing_left(box), "nothing of it is left");
	line = fetch(box, 1);
	ok(!line, "its slot is empty");
	line_free(line);
}

static char *large(const char *word)
{
	size_t len = 1u << 20;
	char *text = mem_alloc(len + 1, 1);
	memset(text, 'q', len);
	memcpy(text, word, strlen(word));
	text[len - 1] = '\n';
	return text;
}

static void test_exchange(struct box *box)
{
	struct line *line = start(box, 0);
	STRING_AUTO request = large("length ");
	answers(line, "echo a\n", "=1 a", "");
	answers(line, "stray\n", "=", "one\n\nthree\n");
	answers(line, request, "=1048576", "");
	LINE_ANSWER_AUTO answer;
	is_int(ask(line, "big 1048576\n", PATIENCE_MS, &answer), 0, "a large answer");
	is_int(answer.end == LINE_ANSWERED ? (long long)answer.reply.len : -1, 1048577, "is whole");
	answers(line, "more\n", "=a", "");
	answers(line, "echo b\n", "=6 b", "");
	answers(line, "begun\n", "=a", "");
	answers(line, "echo c\n", "=c", " done\n");
	answers(line, "words\n", "=", "");
	line_free(line);
}

static void test_shells(struct box *box)
{
	struct box_command command = {.op = BOX_SHELL,
	                              .input = "sleep 1000 & true",
	                              .input_len = 17,
	                              .timeout_ms = PATIENCE_MS,
	                              .kill_background = true};
	BOX_RESULT_AUTO result;
	struct err err = {0};
	struct line *line = fetch(box, 0);
	is_int(box_run(box, &command, &result, &err), 0, "a step that kills what it started");
	answers(line, "echo\n", "=9 ", "");
	line_free(line);
	/* A box of one program and no shell is easier to count in. */
	command.input = "exit";
	command.input_len = 4;
	BOX_RESULT_AUTO last;
	is_int(box_run(box, &command, &last, &err), 0, "the shell exits");
}

static void test_connections(struct box *box, const char *name)
{
	struct box *other = again(name);
	struct line *line = fetch(other, 0);
	ok(line, "another connection has the program");
	answers(line, "echo\n", "=10 ", "");
	line_free(line);
	box_free(other);
	line = fetch(box, 0);
	answers(line, "echo\n", "=11 ", "");
	struct line *newer = start(box, 0);
	LINE_ANSWER_AUTO answer;
	is_int(ask(line, "echo\n", PATIENCE_MS, &answer), 0, "a program that was replaced");
	is_int(answer.end, LINE_ENDED, "has ended");
	line_free(line);
	line_free(newer);
	ok(nothing_left(box), "and who finds it so drops what has its slot");
}

static void test_slots(struct box *box)
{
	static const char *const missing[] = {"no-such-program", NULL};
	struct line_program program = {.argv = missing, .cwd = "/workspace", .timeout_ms = PATIENCE_MS};
	struct err err = {0};
	bool none;
	ok(!line_start(box, 2, &program, &err) && err.code == ERR_INPUT, "what cannot be executed is not started");
	is_str(err.text, "no-such-program: No such file or directory", "and it is said why");
	ok(!line_fetch(box, 2, &none, &err) && none, "it has no slot");
	struct line *two = start(box, 2), *three = start(box, 3);
	answers(two, "echo two\n", "=1 two", "");
	answers(three, "echo three\n", "=1 three", "");
	answers(two, "echo two\n", "=2 two", "");
	line_free(two);
	line_free(three);
	two = start(box, 2);
	answers(two, "echo again\n", "=1 again", "");
	line_free(two);
	struct box_command drop = {.op = BOX_DROP, .slot = 2};
	for (; drop.slot < BOX_SLOTS; drop.slot++) {
		BOX_RESULT_AUTO result;
		is_int(box_run(box, &drop, &result, &err), 0, "dropped");
	}
	ok(nothing_left(box), "four slots, all empty");
}

static void test_ends(struct box *box)
{
	STRING_AUTO request = large("length ");
	{
		LINE_ANSWER_AUTO answer;
		ends(box, NULL, "crash\n", PATIENCE_MS, LINE_ENDED, &answer);
		is_str(buf_string(&answer.stray), "before\npart", "what it printed");
		ok(strstr(buf_string(&answer.words), "ValueError: boom"), "its last words");
	}
	const struct {
		const char *before, *text;
		unsigned timeout_ms;
		enum line_end end;
	} others[] = {
	        {NULL, "fork\n", SOON_MS, LINE_HUNG},        {"deaf\n", request, SOON_MS, LINE_HUNG},
	        {"flood\n", request, FLOOD_MS, LINE_HUNG},   {NULL, "long\n", PATIENCE_MS, LINE_RUBBISH},
	        {NULL, "orphan\n", PATIENCE_MS, LINE_ENDED}, {"closed\n", "echo\n", PATIENCE_MS, LINE_ENDED},
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		LINE_ANSWER_AUTO answer;
		ends(box, others[i].before, others[i].text, others[i].timeout_ms, others[i].end, &answer);
		ok(answer.stray.len <= 64, "no more is kept than was wanted");
		if (others[i].before && *others[i].before == 'f')
			ok(answer.stray_cut > 100000, "and the rest is counted");
	}
}

/* Its children hold more together than the box may. */
static void test_memory(struct box *box)
{
	struct line *line = start(box, 0);
	LINE_ANSWER_AUTO hog;
	is_int(ask(line, "hog\n", PATIENCE_MS, &hog), 0, "children that hold too much");
	is_str(buf_string(&hog.reply), "=9", "are killed");
	line_free(line);
	line = fetch(box, 0);
	LINE_ANSWER_AUTO answer;
	is_int(ask(line, "crash\n", PATIENCE_MS, &answer), 0, "after that");
	/* By the first answer, if that took so long that pid 1 was asked meanwhile. */
	ok(hog.oom || answer.oom, "it is told that a limit was met");
	line_free(line);
	ok(nothing_left(box), "and nothing is left");
}

static enum line_kind unfit(void *context, const char *text, size_t len)
{
	(void)context;
	return len > 0 && text[0] == '=' ? LINE_UNFIT : LINE_STRAY;
}

static void test_unfit(struct box *box)
{
	struct line *line = start(box, 0);
	struct line_request request = {.judge = unfit};
	LINE_ANSWER_AUTO answer;
	is_int(ask_as(line, "echo\n", PATIENCE_MS, &request, &answer), 0, "an answer that does not fit");
	is_int(answer.end, LINE_RUBBISH, "is rubbish");
	line_free(line);
	ok(nothing_left(box), "and the end of the program");
}

/* --- senders that die --------------------------------------------------- */

/* At the first stray line, by the signal that context points to. */
static enum line_kind die(void *context, const char *text, size_t len)
{
	enum line_kind kind = judge(NULL, text, len);
	if (kind == LINE_STRAY)
		raise(*(int *)context);
	return kind;
}

/* A child that asks this and gets that signal when the program has written something. */
static void ask_and_die(const char *name, const char *text, int number)
{
	int status = 0;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct line_request request = {.judge = die, .context = &number};
		LINE_ANSWER_AUTO answer;
		struct err err = {0};
		if (stop_install() < 0)
			_exit(2);
		struct box *box = again(name);
		struct line *line = box ? fetch(box, 0) : NULL;
		request.text = text;
		request.len = strlen(text);
		request.most = MOST;
		request.timeout_ms = PATIENCE_MS;
		_exit(!line || line_ask(line, &request, &answer, &err) == 0 || strcmp(err.text, "stopped by a signal"));
	}
	waitpid(pid, &status, 0);
	if (number == SIGKILL)
		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a sender is killed");
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a sender is stopped");
}

static void test_dying(struct box *box, const char *name)
{
	static const int numbers[] = {SIGKILL, SIGTERM};
	STRING_AUTO request = large("length ");
	struct line *line = NULL;
	for (int i = 0; i < 2; i++) {
		line_free(line);
		line = start(box, 0);
		ask_and_die(name, "sleep 1\n", numbers[i]);
		LINE_ANSWER_AUTO answer;
		is_int(ask(line, "echo mine\n", PATIENCE_MS, &answer), 0, "the next one asks");
		is_str(buf_string(&answer.reply), "=2 mine", "and gets its own answer");
		is_str(buf_string(&answer.stray), "", "and nothing else");
		ok(answer.passed, "behind the other's");
		answers(line, "echo\n", "=3 ", "");
	}
	answers(line, "flood\n", "=", "");
	line_free(line);
	ask_and_die(name, request, SIGKILL);
	line = fetch(box, 0);
	LINE_ANSWER_AUTO answer;
	is_int(ask(line, "echo\n", PATIENCE_MS, &answer), 0, "one who finds half a request");
	is_int(answer.end, LINE_TORN, "is told so");
	line_free(line);
	ok(nothing_left(box), "and the program is killed");
}

/* --- boxes that end ----------------------------------------------------- */

static enum line_kind end_box(void *context, const char *text, size_t len)
{
	struct err err = {0};
	if (judge(NULL, text, len) == LINE_STRAY && box_end(context, &err) < 0)
		printf("# %s\n", err.text);
	return judge(NULL, text, len);
}

static void test_gone(struct box *box, const char *name)
{
	struct box *other = again(name);
	struct line *line = start(box, 0);
	struct line_request request = {.judge = end_box, .context = other};
	LINE_ANSWER_AUTO answer;
	is_int(ask_as(line, "sleep 1000\n", PATIENCE_MS, &request, &answer), -1, "a box that ends is a failure");
	ok(!box_alive(box), "and seen to be");
	line_free(line);
	box_free(other);
	box_free(box);
}

/* A box that ends when nothing is asked of it for five seconds, and a child that waits longer than that for its program. */
static pid_t idle_begin(void)
{
	struct box *box = box_make("idle", 5, false);
	line_free(start(box, 0));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		LINE_ANSWER_AUTO answer;
		struct line *line = fetch(box, 0);
		_exit(!line || ask(line, "sleep 6\n", PATIENCE_MS, &answer) < 0 || answer.end != LINE_ANSWERED);
	}
	box_free(box);
	return pid;
}

static void idle_end(pid_t pid)
{
	int status = -1;
	waitpid(pid, &status, 0);
	is_int(status, 0, "a box whose program is asked does not end");
	struct err err = {0};
	struct box *box = again("idle");
	is_int(box_end(box, &err), 0, "and can be ended");
	box_free(box);
}

static void test_namespaces(void)
{
	static const char name[] = "namespaces";
	struct box *box = box_make(name, 0, false);
	test_exchange(box);
	test_shells(box);
	test_connections(box, name);
	test_slots(box);
	test_ends(box);
	test_memory(box);
	test_unfit(box);
	test_dying(box, name);
	test_gone(box, name);
}

static void test_landlock(void)
{
	static const char name[] = "landlock";
	struct box *box = box_make(name, 0, true);
	LINE_ANSWER_AUTO answer;
	printf("# %s\n", name);
	ends(box, NULL, "fork\n", SOON_MS, LINE_HUNG, &answer);
	line_free(start(box, 0));
	struct line *line = fetch(box, 0);
	answers(line, "echo a\n", "=1 a", "");
	line_free(line);
	test_gone(box, name);
}

int main(void)
{
	struct err err = {0};
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder) || (dirfd_of_test = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		abort();
	host = box_host_new(&err);
	if (!host) {
		printf("Bail out! no spawner: %s\n", err.text);
		return 1;
	}
	pid_t idle = idle_begin();
	test_namespaces();
	if (box_landlock_abi() > 0)
		test_landlock();
	idle_end(idle);
	box_host_free(host);
	fd_remove_tree(AT_FDCWD, folder, NULL);
	return done_testing();
}
