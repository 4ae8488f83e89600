#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "err.h"
#include "fd.h"
#include "tap.h"

static bool take(int fd, void *data, size_t len)
{
	return read(fd, data, len) == (ssize_t)len;
}

/* A file's extents as "OFFSET+LENGTH:DATA,", in out. */
static bool read_extents(int fd, struct buf *out)
{
	struct pack_extent extent;
	while (take(fd, &extent, sizeof extent)) {
		char data[256];
		if (extent.len == 0)
			return true;
		if (extent.len >= sizeof data || !take(fd, data, extent.len))
			return false;
		data[extent.len] = '\0';
		buf_add_format(out, "=%llu+%s", (unsigned long long)extent.offset, data);
	}
	return false;
}

/* The whole pack as text: "d755:name ", "u755 ", "f644:name=0+data ", "l777:name>target ", "e". */
static void describe(int fd, struct buf *out)
{
	struct pack_entry entry;
	lseek(fd, 0, SEEK_SET);
	while (take(fd, &entry, sizeof entry)) {
		char name[256];
		if (entry.mtime_s != PACK_TIME || entry.mtime_ns != 0 || entry.name_len >= sizeof name ||
		    !take(fd, name, entry.name_len))
			break;
		name[entry.name_len] = '\0';
		buf_add_format(out, "%c%o%s%s", entry.type, entry.mode, entry.name_len ? ":" : "", name);
		if (entry.type == PACK_FILE && !read_extents(fd, out))
			break;
		if (entry.type == PACK_LINK) {
			char target[256];
			if (entry.size >= sizeof target || !take(fd, target, entry.size))
				break;
			target[entry.size] = '\0';
			buf_add_format(out, ">%s", target);
		}
		if (entry.type == PACK_END) {
			char more;
			buf_add_string(out, read(fd, &more, 1) == 0 ? "" : " and more");
			return;
		}
		buf_add_char(out, ' ');
	}
	buf_add_string(out, "BROKEN");
}

static int finish(struct pack *pack, const char *expected, const char *name)
{
	struct err err = {0};
	BUF_AUTO text = {0};
	int fd = pack_finish(pack, &err);
	if (!ok(fd >= 0, name))
		return -1;
	describe(fd, &text);
	is_str(buf_string(&text), expected, "what is in it");
	return fd;
}

static void test_empty(void)
{
	FD_AUTO fd = finish(pack_new(), "e0", "an empty pack");
	ok(pack_is_empty(fd), "is empty");
	struct pack *pack = pack_new();
	pack_add_folder(pack, "a");
	FD_AUTO folder = finish(pack, "d755:a u755 e0", "a folder");
	ok(!pack_is_empty(folder), "is not");
	pack_free(NULL);
	pack_free(pack_new());
}

static void test_files(void)
{
	struct pack *pack = pack_new();
	pack_add_file(pack, "a", "text", 4, false);
	pack_add_file(pack, "b", "", 0, true);
	pack_add_link(pack, "c", "../target");
	pack_add_link(pack, "d", "");
	FD_AUTO fd = finish(pack, "f644:a=0+text f755:b l777:c>../target l777:d> e0", "files and links");
	/* Sealed: nobody who has it can change it for the others. */
	ok(write(fd, "x", 1) < 0 && errno == EPERM, "not to be written");
	ok(ftruncate(fd, 0) < 0 && errno == EPERM, "not to be cut");
	ok(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0, "for good");
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "not inherited");
}

static void test_folders(void)
{
	struct pack *pack = pack_new();
	pack_add_folder(pack, "a");
	pack_add_folder(pack, "a/b");
	pack_add_file(pack, "a/b/f", "1", 1, false);
	pack_add_folder(pack, "a/bc");
	pack_add_file(pack, "a/bc/f", "2", 1, false);
	pack_add_file(pack, "a/z", "3", 1, false);
	pack_add_file(pack, "ab", "4", 1, false);
	pack_add_link(pack, "x/y/z", "t");
	pack_add_file(pack, "x/yy", "5", 1, false);
	/* Each folder is entered once and left once; a name's beginning is not its folder. */
	FD_AUTO fd = finish(pack,
	                    "d755:a d755:b f644:f=0+1 u755 d755:bc f644:f=0+2 u755 f644:z=0+3 u755 f644:ab=0+4 "
	                    "d755:x d755:y l777:z>t u755 f644:yy=0+5 u755 e0",
	                    "folders");
	pack = pack_new();
	pack_add_folder(pack, "a/b/c/d");
	FD_AUTO deep = finish(pack, "d755:a d755:b d755:c d755:d u755 u755 u755 u755 e0", "left from the depth");
}

static void test_large(void)
{
	struct err err = {0};
	size_t len = 5u << 20;
	char *data = mem_alloc(len, 1);
	struct pack *pack = pack_new();
	pack_add_file(pack, "large", data, len, false);
	pack_add_file(pack, "small", "s", 1, false);
	FD_AUTO fd = pack_finish(pack, &err);
	struct pack_entry entry;
	struct pack_extent extent;
	ok(lseek(fd, 0, SEEK_SET) == 0 && take(fd, &entry, sizeof entry) && entry.size == len, "a large file's size");
	lseek(fd, 5, SEEK_CUR);
	ok(take(fd, &extent, sizeof extent) && extent.offset == 0 && extent.len == len, "is one extent");
	ok(lseek(fd, 0, SEEK_END) > (off_t)len, "and all of it is there");
	free(data);
}

int main(void)
{
	test_empty();
	test_files();
	test_folders();
	test_large();
	return done_testing();
}
