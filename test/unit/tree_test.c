#include "tree.h"

#include <stdlib.h>

#include "buf.h"
#include "pack.h"
#include "tap.h"

/*
 * A listing from a text: "d NAME MODE" enters a folder, "u" leaves it, "f NAME MODE CONTENT", "l NAME TARGET", "p
 * NAME"; a line each. CONTENT is of a digest's first bytes, and its length the file's.
 */
static void entry(struct buf *out, uint8_t type, const char *name, unsigned mode, const char *content)
{
	struct pack_entry head = {.type = type, .mode = mode, .size = strlen(content), .name_len = (uint32_t)strlen(name)};
	char digest[PACK_DIGEST] = {0};
	buf_add(out, &head, sizeof head);
	buf_add_string(out, name);
	memcpy(digest, content, strlen(content));
	if (type == PACK_FILE)
		buf_add(out, digest, sizeof digest);
	if (type == PACK_LINK)
		buf_add_string(out, content);
}

static void listing(struct buf *out, const char *text)
{
	STRING_AUTO copy = mem_string(text);
	char *rest = copy, *line;
	while ((line = strsep(&rest, "\n"))) {
		char type, name[256] = "", second[64] = "", third[32] = "";
		if (sscanf(line, " %c %255s %63s %31s", &type, name, second, third) < 1)
			continue;
		entry(out, (uint8_t)type, name, type == 'l' ? 0777 : (unsigned)strtoul(second, NULL, 8),
		      type == 'l' ? second : third);
	}
	entry(out, PACK_END, "", 0755, "");
}

static struct tree *tree_of(struct buf *bytes, const char *text, const char *const *ignore)
{
	struct err err = {0};
	listing(bytes, text);
	struct tree *tree = tree_new(buf_string(bytes), bytes->len, ignore, &err);
	if (!tree)
		printf("# %s: %s\n", text, err.text);
	return tree;
}

/* expected: "missing extra kind content mode" */
static void differs(const char *wanted, const char *got, const char *const *ignore, const char *expected, const char *name)
{
	BUF_AUTO one = {0};
	BUF_AUTO other = {0};
	struct tree *a = tree_of(&one, wanted, ignore), *b = tree_of(&other, got, ignore);
	struct tree_difference d;
	if (!ok(a && b, "listings"))
		return;
	tree_compare(a, b, &d);
	STRING_AUTO counts = mem_format("%zu %zu %zu %zu %zu", d.missing, d.extra, d.kind, d.content, d.mode);
	is_str(counts, expected, name);
	tree_free(a);
	tree_free(b);
}

/* expected: "missing extra same/common" */
static void changes(const char *start, const char *wanted, const char *got, const char *const *ignore,
                    const char *expected, const char *name)
{
	struct buf bytes[3] = {0};
	struct tree *trees[3] = {tree_of(&bytes[0], start, ignore), tree_of(&bytes[1], wanted, ignore),
	                         tree_of(&bytes[2], got, ignore)};
	struct tree_changes c;
	if (!ok(trees[0] && trees[1] && trees[2], "listings"))
		return;
	tree_changes(trees[0], trees[1], trees[2], &c);
	STRING_AUTO counts = mem_format("%zu %zu %zu/%zu", c.missing, c.extra, c.same, c.common);
	is_str(counts, expected, name);
	for (size_t i = 0; i < 3; i++) {
		tree_free(trees[i]);
		buf_free(&bytes[i]);
	}
}

#define START "d a 755\nf one 644 1\nl two one\nu\nd e 755\nu\nf z 755 zz\n"

static void test_differences(void)
{
	differs(START, START, NULL, "0 0 0 0 0", "equal");
	differs("", "", NULL, "0 0 0 0 0", "empty");
	differs(START, "", NULL, "5 0 0 0 0", "all is missing, folders and what is in them");
	differs("", START, NULL, "0 5 0 0 0", "all is too much");
	differs("f a 644 x\nf c 644 x\n", "f b 644 x\nf d 644 x\n", NULL, "2 2 0 0 0", "other names");
	differs("f a 644 x\n", "f a 644 y\n", NULL, "0 0 0 1 0", "another content");
	differs("f a 644 x\n", "f a 755 y\n", NULL, "0 0 0 1 0", "a path counts once");
	differs("f a 644 x\n", "f a 744 x\n", NULL, "0 0 0 0 1", "executable");
	differs("f a 644 x\n", "f a 600 x\n", NULL, "0 0 0 0 0", "to read and to write do not count");
	differs("f a 755 x\n", "f a 4755 x\n", NULL, "0 0 0 0 1", "set-user-id");
	differs("d a 755\nu\n", "d a 1755\nu\n", NULL, "0 0 0 0 1", "a folder's sticky bit");
	differs("l a x\n", "l a y\n", NULL, "0 0 0 1 0", "another target");
	differs("l a x\n", "f a 644 x\n", NULL, "0 0 1 0 0", "a file in place of a link");
	differs("d a 755\nf b 644 x\nu\nf z 644 x\n", "f a 644 x\nf z 644 y\n", NULL, "0 0 1 1 0",
	        "a file in place of a folder");
	differs("p a\n", "p a\n", NULL, "0 0 0 0 0", "pipes");
	differs("d a 755\nd b 755\nu\nu\n", "d a 755\nu\nf b 644 x\n", NULL, "1 1 0 0 0", "a folder's end is noticed");
	/* A name that begins with another, in the order of bytes. */
	differs("d a 755\nf x 644 x\nu\nf a.b 644 x\nf ab 644 x\n", "d a 755\nu\nf a.b 644 x\nf ab 644 x\n", NULL,
	        "1 0 0 0 0", "order of names");
}

static void test_ignored(void)
{
	static const char *const names[] = {"*.pyc", "__pycache__", "a/b/*.log", "k?", NULL};
	differs("", "f x.pyc 644 x\nd y 755\nd __pycache__ 755\nf deep 644 x\nd er 755\nu\nu\nf z.pyc 644 x\nu\n",
	        names, "0 1 0 0 0", "names anywhere, and all that is in a folder");
	differs("d a 755\nd b 755\nu\nu\n",
	        "f 4.log 644 x\nd a 755\nf 3.log 644 x\nd b 755\nf 1.log 644 x\nf 2.txt 644 x\nu\nu\n", names,
	        "0 3 0 0 0", "a path is from the top");
	differs("", "d b 755\nd b 755\nf 1.log 644 x\nu\nu\nd c 755\nd a 755\nd b 755\nf 1.log 644 x\nu\nu\nu\n", names,
	        "0 7 0 0 0", "each of its names in its place");
	differs("", "f k 644 x\nf k1 644 x\nf k12 644 x\n", names, "0 2 0 0 0", "a question mark is one byte");
	static const char *const stars[] = {"*a*b*c*", NULL};
	differs("", "f aXbXc 644 x\nf acb 644 x\nf xxabcabcx 644 x\n", stars, "0 1 0 0 0", "several stars");
	static const char *const all[] = {"*", NULL};
	differs(START, "f other 644 x\n", all, "0 0 0 0 0", "everything");
}

static void test_changes(void)
{
	changes(START, START, START, NULL, "0 0 0/0", "nothing is changed");
	changes(START, START "f zz 644 x\n", START "f zz 644 x\n", NULL, "0 0 1/1", "the same addition");
	changes(START, START "f zz 644 x\n", START "f zz 755 x\n", NULL, "0 0 1/1", "its mode does not count");
	changes(START, START "f zz 644 x\n", START "f zz 644 y\n", NULL, "0 0 0/1", "of another content");
	changes(START, START "f zz 644 x\n", START, NULL, "1 0 0/0", "a missing one");
	changes(START, START, START "f zz 644 x\n", NULL, "0 1 0/0", "one too many");
	changes("f a 644 x\n", "f a 644 y\n", "f a 644 z\n", NULL, "0 0 0/0", "what is modified is not compared");
	changes("f a 644 x\n", "f a 744 x\n", "f a 644 x\n", NULL, "1 0 0/0", "the owner's right to execute is a change");
	changes("f a 644 x\n", "f a 655 x\n", "f a 600 x\n", NULL, "0 0 0/0", "others' rights are none");
	changes("f a 644 x\n", "", "f a 644 y\n", NULL, "1 1 0/0", "deleted is not modified");
	changes("f a 644 x\n", "l a x\n", "f a 644 y\n", NULL, "1 1 0/0", "another kind is not modified");
	changes("f a 644 x\n", "d a 755\nf b 644 x\nu\n", "", NULL, "1 0 0/0", "a folder in place of a file: two changes");
	changes("", "d n 755\nf a 644 x\nf b 644 x\nu\n", "d n 755\nf a 644 x\nf b 644 x\nu\n", NULL, "0 0 1/1",
	        "a new folder is one addition");
	changes("", "d n 755\nf a 644 x\nu\n", "d n 755\nf a 644 y\nu\n", NULL, "0 0 0/1", "with all that is in it");
	changes("", "d n 755\nf a 644 x\nu\n", "d n 755\nf a 644 x\nd e 755\nu\nu\n", NULL, "0 0 1/1", "but empty folders");
	changes("", "d n 755\nd m 755\nf a 644 x\nu\nu\n", "d n 755\nf a 644 x\nu\n", NULL, "0 0 0/1",
	        "and names of folders");
	changes("", "d n 755\nu\np q\n", "", NULL, "0 0 0/0", "an empty folder and a pipe are no change");
	changes("d e 755\nd f 755\nu\nu\n", "d e 755\nd f 755\nf a 644 x\nf b 644 x\nu\nu\n",
	        "d e 755\nf c 644 x\nd f 755\nu\nu\n", NULL, "0 0 0/1", "a folder without files is as a new one");
	changes("d a 755\nf x 644 x\nf y 644 x\nu\n", "", "d a 755\nu\n", NULL, "0 0 0/0", "each deleted file is a change");
	changes("d a 755\nf x 644 x\nf y 644 x\nu\n", "", "d a 755\nf y 644 x\nu\n", NULL, "1 0 0/0", "alone");
	changes("d a 755\nf x 644 x\nu\nd b 755\nf x 644 x\nu\n", "d a 755\nu\nd b 755\nf x 644 x\nu\n",
	        "d a 755\nf x 644 x\nu\nd b 755\nu\n", NULL, "1 1 0/0", "paths, not names");
	static const char *const ignore[] = {"*.tmp", NULL};
	changes("d a 755\nf x.tmp 644 x\nu\n", "d a 755\nf x.tmp 644 x\nf y 644 x\nu\n",
	        "d a 755\nf y 644 x\nf z.tmp 644 y\nu\n", ignore, "0 0 1/1", "what is ignored is not there");
}

static void refused(const char *bytes, size_t len, const char *name)
{
	struct err err = {0};
	struct tree *tree = tree_new(bytes, len, NULL, &err);
	ok(!tree && err.code == ERR_SYSTEM, name);
	tree_free(tree);
}

static void refused_text(const char *text, const char *name)
{
	BUF_AUTO bytes = {0};
	listing(&bytes, text);
	refused(buf_string(&bytes), bytes.len, name);
}

static void test_malformed(void)
{
	BUF_AUTO good = {0};
	struct err err;
	bool all = true;
	refused("", 0, "nothing at all");
	refused_text("f b 644 x\nf a 644 x\n", "not in order");
	refused_text("f a 644 x\nf a 644 x\n", "a name twice");
	refused_text("d a 755\n", "a folder without an end");
	refused_text("u\n", "an end without a folder");
	refused_text("s a 644\n", "an entry of another form");
	refused_text("f a/b 644 x\n", "a path for a name");
	listing(&good, START);
	for (size_t len = 0; len < good.len; len++) {
		struct tree *tree = tree_new(good.data, len, NULL, &err);
		all = all && !tree;
		tree_free(tree);
	}
	ok(all, "cut off anywhere");
	buf_add_char(&good, '\0');
	refused(good.data, good.len, "something behind its end");
}

/* As deep as a disk of 64 MiB allows, in less than a second; and wide. */
static void test_extremes(void)
{
	BUF_AUTO deep = {0};
	BUF_AUTO wide = {0};
	struct err err;
	static const char *const ignore[] = {"a/*/c", "b*", NULL};
	struct tree_difference difference;
	struct tree_changes counts;
	char name[300];
	memset(name, 'n', 255);
	name[255] = '\0';
	for (int i = 0; i < 66000; i++)
		entry(&deep, PACK_FOLDER, name, 0755, "");
	entry(&deep, PACK_FILE, "last", 0644, "x");
	for (int i = 0; i < 66000; i++)
		entry(&deep, PACK_LEAVE, "", 0755, "");
	entry(&deep, PACK_END, "", 0, "");
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof name, "f%06d", i);
		entry(&wide, PACK_FILE, name, 0644, "x");
	}
	entry(&wide, PACK_END, "", 0, "");
	struct tree *a = tree_new(deep.data, deep.len, ignore, &err), *b = tree_new(wide.data, wide.len, ignore, &err);
	tree_compare(a, b, &difference);
	ok(difference.missing == 66001 && difference.extra == 100000,
	   "66,000 folders in each other, and 100,000 files");
	tree_changes(a, a, b, &counts);
	ok(counts.missing == 0 && counts.extra == 100001, "and their changes");
	tree_free(a);
	tree_free(b);
	memset(name, 'n', 256);
	name[256] = '\0';
	BUF_AUTO longer = {0};
	entry(&longer, PACK_FILE, name, 0644, "x");
	entry(&longer, PACK_END, "", 0, "");
	refused(longer.data, longer.len, "a name that is too long");
}

int main(void)
{
	test_differences();
	test_ignored();
	test_changes();
	test_malformed();
	test_extremes();
	return done_testing();
}
