#include "solved.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "tap.h"
#include "value.h"

static void note(const char *verdict)
{
	struct err err = {0};
	JSON_AUTO value = parse(verdict);
	if (!ok(solved_note(value, &err) == 0, verdict))
		printf("# %s\n", err.text);
}

static void are(const char *expected, const char *name)
{
	struct err err = {0};
	JSON_AUTO tasks = json_none();
	if (!ok(solved_read(&tasks, &err) == 0, name))
		printf("# %s\n", err.text);
	is_json(tasks, expected, name);
}

static void test_notes(const char *file)
{
	are("{}", "nothing was noted yet");
	note("{\"type\":\"verdict\",\"episode\":\"e\",\"task\":\"s/"
	     "a\",\"status\":\"fail\",\"reward\":0,\"checks\":[]}");
	note("{\"type\":\"verdict\",\"episode\":\"f\",\"task\":\"s/b\",\"status\":\"pass\",\"reward\":1}");
	are("{\"s/a\":false,\"s/b\":true}", "one failed, one passed");
	note("{\"type\":\"verdict\",\"episode\":\"g\",\"task\":\"s/a\",\"status\":\"pass\",\"reward\":1}");
	note("{\"type\":\"verdict\",\"episode\":\"h\",\"task\":\"s/b\",\"status\":\"error\",\"reward\":null}");
	are("{\"s/a\":true,\"s/b\":true}", "what passed once has passed");
	FD_AUTO fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
	static const char others[] =
	        "\n{\"type\":\"verdict\"}\n[]\nno JSON\n{\"type\":\"rollout\",\"task\":\"s/c\",\"status\":\"pass\"}\n{";
	is_int(fd_write_all(fd, others, strlen(others), NULL), 0, "lines that are no verdicts");
	are("{\"s/a\":true,\"s/b\":true}", "are passed over");
}

static void test_nowhere(void)
{
	struct err err = {0};
	JSON_AUTO tasks = json_none();
	JSON_AUTO verdict = parse("{}");
	unsetenv("PIPEGYM_STATE");
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	is_int(solved_read(&tasks, &err), -1, "no folder to read from");
	is_str(err.text, "no state folder: set PIPEGYM_STATE or HOME", "and what to do");
	is_int(solved_note(verdict, &err), -1, "nor to write to");
	setenv("PIPEGYM_STATE", "/dev/null", 1);
	is_int(solved_note(verdict, &err), -1, "a folder that cannot be made");
	is_int(err.code, ERR_SYSTEM, "is a failure of the system");
	ok(json_is_none(tasks), "what was to be read is left alone");
}

int main(void)
{
	char folder[] = "/tmp/pipegym-solved-XXXXXX";
	if (!mkdtemp(folder))
		return 1;
	setenv("PIPEGYM_STATE", folder, 1);
	STRING_AUTO file = mem_format("%s/play/solved.jsonl", folder);
	test_notes(file);
	test_nowhere();
	fd_remove_tree(AT_FDCWD, folder, NULL);
	return done_testing();
}
