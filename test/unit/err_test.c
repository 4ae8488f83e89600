#include "err.h"

#include <errno.h>

#include "tap.h"

int main(void)
{
	struct err err = {0};
	is_int(err_set(&err, ERR_INPUT, "task %s", "x"), -1, "err_set gives -1");
	is_int(err.code, ERR_INPUT, "and keeps the code");
	is_str(err.text, "task x", "and the text");
	err_context(&err, "line %d", 3);
	is_str(err.text, "line 3: task x", "context goes before it");
	is_int(err.code, ERR_INPUT, "and leaves the code");
	err_set(&err, ERR_INPUT, "again: %s", err.text);
	is_str(err.text, "again: line 3: task x", "the text itself may be an argument");

	errno = ENOENT;
	is_int(err_system(&err, "%s", "file"), -1, "err_system gives -1");
	is_int(errno, ENOENT, "errno survives");
	is_str(err.text, "file: No such file or directory", "errno's text is there");
	is_int(err.code, ERR_SYSTEM, "as a system error");

	err_set(&err, ERR_USAGE, "two\nlines\r");
	is_str(err.text, "two lines ", "a message is one line");

	char longest[2000];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	err_set(&err, ERR_USAGE, "reason");
	err_context(&err, "%s", longest);
	ok(strlen(err.text) < sizeof err.text && strstr(err.text, ": reason"), "a long context leaves the reason");
	errno = ENOSPC;
	err_system(&err, "%s", longest);
	ok(strstr(err.text, ": No space left on device") != NULL, "a long name leaves errno's text");

	errno = 0;
	is_int(err_set(NULL, ERR_INPUT, "dropped"), -1, "NULL drops the error");
	is_int(err_system(NULL, "dropped"), -1, "NULL drops a system error");
	is_int(err_context(NULL, "dropped"), -1, "NULL drops context");
	return done_testing();
}
