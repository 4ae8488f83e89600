#include "keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "num.h"
#include "proc.h"
#include "tap.h"

#define PATIENCE_MS 20000 /* for what takes no time, on a busy machine */
#define SOON_MS 1000      /* for what takes for ever */

static char folder[] = "/tmp/pipegym-keeper.XXXXXX";

static int run(const char *script, const char *input, unsigned timeout_ms, struct keeper_result *result, struct err *err)
{
	char path[64];
	static const char *const env[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};
	snprintf(path, sizeof path, "%s/script", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, script, strlen(script)) < 0)
		abort();
	close(fd);
	struct keeper_command command = {
	        .path = path, .env = env, .input = input, .input_len = strlen(input), .timeout_ms = timeout_ms, .keep = 100000};
	return keeper_run(&command, result, err);
}

static void ends(const char *script, const char *input, enum keeper_how how, int code, const char *out, const char *error)
{
	struct err err = {0};
	KEEPER_RESULT_AUTO result = {0};
	is_int(run(script, input, PATIENCE_MS, &result, &err), 0, script);
	is_int(result.how, how, "how it ended");
	is_int(result.code, code, "with what");
	is_str(buf_string(&result.out), out, "its output");
	is_str(buf_string(&result.error), error, "its errors");
}

static int descendants(void)
{
	struct proc_table *table = proc_table_new();
	int count = proc_table_tree(table, getpid()).processes;
	proc_table_free(table);
	return count - 1;
}

static void test_ends(void)
{
	setenv("SECRET", "leaked", 1);
	ends("#!/bin/sh\ncat; echo error >&2", "in\n", KEEPER_EXITED, 0, "in\n", "error\n");
	ends("#!/bin/sh\nexit 3", "", KEEPER_EXITED, 3, "", "");
	ends("#!/bin/sh\nkill -TERM $$", "", KEEPER_SIGNALED, SIGTERM, "", "");
	ends("#!/bin/sh\nexec env", "", KEEPER_EXITED, 0, "PATH=/usr/bin:/bin\nONLY=this\nPWD=/\n", "");
	ends("#!/bin/sh\nexec ls /proc/self/fd", "", KEEPER_EXITED, 0, "0\n1\n2\n3\n", "");
}

static void test_limits(void)
{
	struct err err = {0};
	int64_t start = num_now_ms();
	KEEPER_RESULT_AUTO flood = {0};
	is_int(run("#!/bin/sh\nyes; echo never", "", PATIENCE_MS, &flood, &err), 0, "a flood");
	is_int(flood.how, KEEPER_FLOODED, "is ended");
	is_int((long long)flood.out.len, 100000, "and cut");
	KEEPER_RESULT_AUTO hang = {0};
	is_int(run("#!/bin/sh\necho begun; trap '' TERM; sleep 1000; sleep 1000", "", SOON_MS, &hang, &err), 0, "a hang");
	is_int(hang.how, KEEPER_TIMEOUT, "is ended");
	ok(num_now_ms() - start < 10000, "in time");
	KEEPER_RESULT_AUTO noise = {0};
	is_int(run("#!/bin/sh\nyes | head -c 1000000 >&2; echo done", "", PATIENCE_MS, &noise, &err), 0,
	       "much on standard error");
	is_int(noise.how, KEEPER_EXITED, "is no matter");
	is_str(buf_string(&noise.out), "done\n", "it ends by itself");
	is_int((long long)noise.error.len, 100000, "and the beginning is kept");
}

static void test_leftovers(void)
{
	struct err err = {0};
	ends("#!/bin/sh\nsetsid -f sleep 1000; (setsid setsid sleep 1000 &); sleep 1000 & echo out", "", KEEPER_EXITED,
	     0, "out\n", "");
	is_int(descendants(), 0, "daemons are gone");
	KEEPER_RESULT_AUTO result = {0};
	run("#!/bin/sh\nsetsid -f sh -c 'sleep 1000; :'; sleep 1000", "", SOON_MS, &result, &err);
	is_int(descendants(), 0, "at the deadline too");
	KEEPER_RESULT_AUTO none = {0};
	is_int(run("#!/nowhere\n", "", PATIENCE_MS, &none, &err), -1, "what cannot be started");
	is_str(err.text, "cannot be started: No such file or directory", "says why");
	/* More than a pipe holds, as it is. */
	KEEPER_RESULT_AUTO much = {0};
	is_int(run("#!/bin/sh\nyes | head -c 100000", "", PATIENCE_MS, &much, &err), 0, "as much as is kept");
	is_int(much.how, KEEPER_EXITED, "is no flood");
	is_int((long long)much.out.len, 100000, "and whole");
}

int main(void)
{
	char path[64];
	if (!mkdtemp(folder))
		abort();
	test_ends();
	test_limits();
	test_leftovers();
	snprintf(path, sizeof path, "%s/script", folder);
	unlink(path);
	rmdir(folder);
	return done_testing();
}
