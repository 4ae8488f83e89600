#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static int folder; /* descriptor of the scratch folder */

static void test_read(void)
{
	struct err err = {0};
	BUF_AUTO out = {0};
	int ends[2];
	buf_add_string(&out, "before:");
	ok(pipe(ends) == 0 && write(ends[1], "12345", 5) == 5, "a pipe");
	fd_close(&ends[1]);
	is_int(ends[1], -1, "fd_close marks it");
	is_int(fd_read_all(ends[0], 5, &out, &err), 0, "as many bytes as permitted");
	is_str(buf_string(&out), "before:12345", "are appended");
	fd_close(&ends[0]);
	ok(pipe(ends) == 0 && write(ends[1], "123456", 6) == 6, "another pipe");
	fd_close(&ends[1]);
	is_int(fd_read_all(ends[0], 5, &out, &err), -1, "one byte more");
	is_int(err.code, ERR_INPUT, "is an input error");
	is_str(buf_string(&out), "before:12345", "that leaves the buffer alone");
	fd_close(&ends[0]);
	is_int(fd_read_all(-1, 5, &out, &err), -1, "no descriptor");
	is_int(err.code, ERR_SYSTEM, "is a system error");
	fd_close(&ends[0]);
}

static void test_replace(void)
{
	struct err err = {0};
	struct stat info;
	BUF_AUTO out = {0};
	is_int(fd_replace_file(folder, "file", "one", 3, 0600, false, &err), 0, "a new file");
	is_int(fd_replace_file(folder, "file", "two\0three", 9, 0640, true, &err), 0, "replaced");
	is_int(fd_read_file(folder, "file", 100, &out, &err), 0, "read");
	ok(out.len == 9 && !memcmp(out.data, "two\0three", 9), "as written");
	fstatat(folder, "file", &info, 0);
	is_int(info.st_mode & 07777, 0640, "with its mode");
	is_int(fd_read_file(folder, "file", 8, &out, &err), -1, "too long");
	is_str(err.text, "file: longer than 8 bytes", "and it says which");
	is_int(fd_read_file(folder, "none", 8, &out, &err), -1, "not there");
	is_int(errno, ENOENT, "errno tells");
	mkfifoat(folder, "fifo", 0600);
	is_int(fd_read_file(folder, "fifo", 8, &out, &err), -1, "a FIFO is not waited for");
	is_int(err.code, ERR_INPUT, "but refused");
	is_int(fd_read_file(folder, ".", 8, &out, &err), -1, "as is a folder");
	mkdirat(folder, "sub", 0700);
	is_int(fd_replace_file(folder, "sub/x", "y", 1, 0600, true, &err), 0, "in a folder below");
	is_int(fd_replace_file(folder, "missing/x", "y", 1, 0600, false, &err), -1, "in no folder");
	is_int(fd_replace_file(folder, "sub", "y", 1, 0600, false, &err), -1, "a folder is not replaced");
	is_int(fd_remove_tree(folder, "sub", &err), 0, "gone");
	is_int(fd_remove_tree(folder, "fifo", &err), 0, "a FIFO goes too");
	is_int(fd_remove_tree(folder, "file", &err), 0, "and a file");
}

static void test_nothing_left(void)
{
	char command[64];
	snprintf(command, sizeof command, "test -z \"$(ls -A /proc/%d/fd/%d/)\"", (int)getpid(), folder);
	is_int(system(command), 0, "nothing is left beside what was there");
}

static void test_write_fails(void)
{
	struct err err = {0};
	struct rlimit limit, old;
	FD_AUTO full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	is_int(fd_write_all(full, "x", 1, &err), -1, "a full device");
	is_int(err.code, ERR_SYSTEM, "is a system error");
	is_str(err.text, "write: No space left on device", "that says so");
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){.rlim_cur = 10, .rlim_max = old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &limit);
	is_int(fd_replace_file(folder, "big", "more than ten bytes", 19, 0600, false, &err), -1, "a file too large");
	setrlimit(RLIMIT_FSIZE, &old);
}

static void test_put_text(const char *path)
{
	BUF_AUTO text = {0};
	STRING_AUTO file = mem_format("%s/put", path);
	ok(fd_put_text(file, "text") < 0 && errno == ENOENT, "only to a file that is there");
	fd_replace_file(folder, "put", "longer", 6, 0600, false, NULL);
	is_int(fd_put_text(file, "short"), 0, "written");
	fd_read_file(folder, "put", 100, &text, NULL);
	is_str(buf_string(&text), "shortr", "over what was there");
	ok(fd_put_text("/dev/full", "x") < 0 && errno == ENOSPC, "or the reason why not");
	unlinkat(folder, "put", 0);
}

static void *drain(void *argument)
{
	int fd = *(int *)argument;
	char bytes[70000];
	usleep(20000);
	while (read(fd, bytes, sizeof bytes) > 0)
		;
	return NULL;
}

static void test_write_waits(void)
{
	struct err err = {0};
	static char data[300000];
	int ends[2];
	pthread_t thread;
	ok(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0, "a pipe that does not block");
	fcntl(ends[0], F_SETFL, 0);
	pthread_create(&thread, NULL, drain, &ends[0]);
	is_int(fd_write_all(ends[1], data, sizeof data, &err), 0, "takes more than it holds");
	fd_close(&ends[1]);
	pthread_join(thread, NULL);
	fd_close(&ends[0]);
}

static void test_make_folders(const char *path)
{
	struct err err = {0};
	struct stat info;
	char deep[300], blocked[300];
	snprintf(deep, sizeof deep, "%s/a//b/c/", path);
	snprintf(blocked, sizeof blocked, "%s/plain/x", path);
	is_int(fd_make_folders(deep, 0700, &err), 0, "made with parents");
	is_int(fd_make_folders(deep, 0700, &err), 0, "made again");
	ok(fstatat(folder, "a/b/c", &info, 0) == 0 && S_ISDIR(info.st_mode), "there it is");
	fd_replace_file(folder, "plain", "", 0, 0600, false, &err);
	is_int(fd_make_folders(blocked, 0700, &err), -1, "not below a file");
	is_int(fd_make_folders("", 0700, &err), -1, "not without a name");
	is_int(fd_make_folders("/", 0700, &err), 0, "the root is there");
	fd_remove_tree(folder, "a", &err);
	fd_remove_tree(folder, "plain", &err);
}

/* A chain of folders, some with a file and a symbolic link; modes are taken away on the way back. */
static void make_chain(int levels)
{
	int at = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(at, "deep", 0700);
	int next = openat(at, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd_close(&at);
	for (int i = 0; i < levels; i++) {
		at = next;
		mkdirat(at, "d", 0700);
		if (i % 10 == 0) {
			(void)!symlinkat("/", at, "link");
			close(openat(at, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0));
		}
		next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fchmod(at, i % 100 == 7 ? 0 : i % 100 == 40 ? 0500 : i % 100 == 70 ? 0300 : 0700);
		fd_close(&at);
	}
	fd_close(&next);
}

static void test_remove(void)
{
	struct err err = {0};
	struct rlimit limit, old;
	is_int(fd_remove_tree(folder, "missing", &err), 0, "a missing folder is fine");
	make_chain(300);
	getrlimit(RLIMIT_NOFILE, &old);
	limit = (struct rlimit){.rlim_cur = 64, .rlim_max = old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &limit);
	if (!is_int(fd_remove_tree(folder, "deep", &err), 0, "300 levels with few descriptors"))
		printf("# %s\n", err.text);
	setrlimit(RLIMIT_NOFILE, &old);
	ok(faccessat(folder, "deep", F_OK, 0) < 0, "it is gone");
	ok(access("/etc", F_OK) == 0, "links were not followed");

	mkdirat(folder, "wide", 0700);
	FD_AUTO wide = openat(folder, "wide", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 5000; i++) {
		char name[32];
		snprintf(name, sizeof name, "file-%d", i);
		close(openat(wide, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	mkdirat(wide, "moved-0", 0);
	mkdirat(wide, "empty", 0);
	is_int(fd_remove_tree(folder, "wide", &err), 0, "many files");
	ok(faccessat(folder, "wide", F_OK, 0) < 0, "gone as well");

	(void)!symlinkat("/etc", folder, "link");
	is_int(fd_remove_tree(folder, "link", &err), 0, "a link is removed");
	ok(access("/etc", F_OK) == 0, "and not what it names");
	is_int(fd_remove_tree(folder, "x/y", &err), 0, "nothing below nothing");
}

static void test_remove_refused(void)
{
	struct err err = {0};
	if (geteuid() == 0) {
		ok(true, "what is refused # SKIP as root nothing is");
		return;
	}
	mkdirat(folder, "kept", 0700);
	mkdirat(folder, "kept/x", 0700);
	fchmod(folder, 0500);
	is_int(fd_remove_tree(folder, "kept", &err), -1, "a folder that cannot be written keeps its own");
	fchmod(folder, 0700);
	is_int(fd_remove_tree(folder, "kept", &err), 0, "until it can");
}

/* Flags that are the owner's to set on some file systems, and for root alone. */
static bool set_flags(const char *name, unsigned flags)
{
	FD_AUTO fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static void test_remove_immutable(void)
{
	struct err err = {0};
	mkdirat(folder, "fixed", 0700);
	mkdirat(folder, "fixed/sub", 0700);
	close(openat(folder, "fixed/sub/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0));
	close(openat(folder, "log", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	bool fixed = set_flags("fixed/sub/file", FS_IMMUTABLE_FL) && set_flags("fixed/sub", FS_APPEND_FL) &&
	             set_flags("fixed", FS_IMMUTABLE_FL) && set_flags("log", FS_APPEND_FL);
	const char *why = fixed ? "" : " # SKIP nothing can be made immutable here";
	char name[100];
	ok(!fixed || unlinkat(folder, "log", 0) < 0, "a file that may not be removed");
	snprintf(name, sizeof name, "what is immutable is removed%s", why);
	is_int(fd_remove_tree(folder, "fixed", &err), 0, name);
	is_int(fd_remove_tree(folder, "log", &err), 0, "a file too");
	ok(faccessat(folder, "fixed", F_OK, 0) < 0 && faccessat(folder, "log", F_OK, 0) < 0, "it is gone");
}

int main(void)
{
	char path[] = "/tmp/fd_test.XXXXXX";
	signal(SIGXFSZ, SIG_IGN);
	if (!mkdtemp(path))
		return 1;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_read();
	test_replace();
	test_write_fails();
	test_put_text(path);
	test_write_waits();
	test_make_folders(path);
	test_remove();
	test_remove_refused();
	test_remove_immutable();
	test_nothing_left();
	rmdir(path);
	return done_testing();
}
