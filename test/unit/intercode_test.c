#include "intercode.h"

#include <math.h>

#include "tap.h"

static void is_near(double actual, double expected, double within, const char *name)
{
	if (!ok(fabs(actual - expected) <= within, name))
		printf("# got %.17g, expected %.17g\n", actual, expected);
}

static double similarity(const char *a, const char *b)
{
	return intercode_similarity(a, strlen(a), b, strlen(b));
}

static void test_parts(void)
{
	is_near(intercode_changes(0, 0), 0.33, 0, "no other change");
	is_near(intercode_changes(1, 0), 0.05, 0, "0.33 (1 - 0.8427) is 0.0519");
	is_near(intercode_changes(0, 1), 0.05, 0, "one too many is as bad");
	is_near(intercode_changes(1, 1), 0, 0, "0.33 (1 - 0.9953) is 0.0015");
	is_near(intercode_changes(100000, 3), 0, 0, "very many");
	is_near(intercode_content(0, 0), 0.33, 0, "nothing in common to look at");
	is_near(intercode_content(2, 2), 0.33, 0, "all of it");
	is_near(intercode_content(0, 2), 0, 0, "nothing of it");
	is_near(intercode_content(1, 3), 0.11, 0, "a third");
	is_near(intercode_content(2, 3), 0.22, 0, "two thirds");
	/* The double nearest to 0.165 is a little above it; Python's round() gives 0.17, too. */
	is_near(intercode_content(1, 2), 0.17, 0, "a half is rounded as Python does");
	is_near(intercode_output(1), 0.33, 0, "the same output");
	is_near(intercode_output(0.5), 0.17, 0, "half of it");
	is_near(intercode_output(0.1), 0.03, 0, "a tenth");
	is_near(intercode_reward(0.33, 0.33, 0.33), 1, 0, "the whole is exactly 1");
	is_near(intercode_reward(0.33, 0.33, 0), 0.67, 0, "nothing done where nothing is to be done");
	/* As its logs have it: the sum in another order would be 0.68. */
	is_near(intercode_reward(0.33, 0.33, 0.01), 0.68, 1e-15, "the same sum");
	is_near(intercode_reward(0, 0, 0), 0.01, 0, "the least");
}

/* idf of a word that one has: r = ln 1.5 + 1 = 1.405465108; that both have: 1. */
static void test_similarity(void)
{
	const double r = 1.4054651081081644;
	is_near(similarity("one two", "one two"), 1, 0, "equal");
	is_near(similarity("one two", "TWO, one."), 1, 0, "order, case and punctuation do not count");
	is_near(similarity("aa bb", "cc dd"), 0, 0, "nothing in common");
	/* (1, r) and (1, 0): 1 / sqrt(1 + r^2) */
	is_near(similarity("aa bb", "aa"), 1 / sqrt(1 + r * r), 1e-15, "one word of two");
	is_near(similarity("aa bb", "aa"), 0.5797386715376657, 1e-15, "the same, in figures");
	/* (2, r, 0) and (1, 0, r): 2 / (sqrt(4 + r^2) sqrt(1 + r^2)) */
	is_near(similarity("aa aa bb", "aa cc"), 2 / (sqrt(4 + r * r) * sqrt(1 + r * r)), 1e-15, "words are counted");
	is_near(similarity("aa aa", "aa"), 1, 1e-15, "length does not count");
	is_near(similarity("aa bb", "bb"), similarity("bb", "aa bb"), 0, "symmetric");
}

static void test_words(void)
{
	is_near(similarity("", ""), 1, 0, "both are empty");
	is_near(similarity("1\n", "1\n"), 1, 0, "no word in either, and equal");
	is_near(similarity("1\n", "1"), 0, 0, "no word in either, and not equal: to the byte");
	is_near(similarity("1 2 3", "aa"), 0, 0, "no word in one");
	is_near(similarity("", "aa"), 0, 0, "one is empty");
	is_near(similarity("aa 1", "aa 2"), 1, 0, "a single character is no word");
	is_near(similarity("a_b c", "a_b"), 1, 0, "an underscore belongs to a word");
	is_near(similarity("/a/bc.d", "bc"), 1, 0, "parts of paths");
	is_near(similarity("\xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 aa", "aa"), 1, 0, "lines of a table are no word");
	is_near(similarity("\xe2\x80\x98"
	                   "aa\xe2\x80\x99",
	                   "aa"),
	        1, 0, "quotation marks neither");
	is_near(similarity("\xc3\xa9t\xc3\xa9", "t"), 0, 0, "letters beyond ASCII are letters");
	is_near(similarity("\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9!"), 1, 0, "so that this is one word");
	is_near(similarity("\xc3\xa9 aa", "aa"), 1, 0, "one of them alone is one character");
	is_near(similarity("aa\xff"
	                   "bb",
	                   "bb aa"),
	        1, 0, "what is no UTF-8 parts words");
	is_near(similarity("aa\xe2\x94", "aa"), 1, 0, "a character that is cut off too");
	is_near(intercode_similarity("aa\0bb", 5, "bb aa", 5), 1, 0, "and a NUL");
}

int main(void)
{
	test_parts();
	test_similarity();
	test_words();
	return done_testing();
}
