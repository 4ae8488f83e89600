#ifndef PIPEGYM_TAP_H
#define PIPEGYM_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The Test Anything Protocol, as much as the tests in C need. Included once per test program. */
static int tap_count, tap_failed;

static inline bool ok_at(bool passed, const char *name, const char *file, int line)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, name);
	if (!passed) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
	return passed;
}

static inline bool is_int_at(long long actual, long long expected, const char *name, const char *file, int line)
{
	bool passed = ok_at(actual == expected, name, file, line);
	if (!passed)
		printf("# got %lld, expected %lld\n", actual, expected);
	return passed;
}

static inline bool is_str_at(const char *actual, const char *expected, const char *name, const char *file, int line)
{
	bool passed = ok_at(actual && expected ? !strcmp(actual, expected) : actual == expected, name, file, line);
	if (!passed)
		printf("# got \"%s\", expected \"%s\"\n", actual ? actual : "(null)", expected ? expected : "(null)");
	return passed;
}

#define ok(passed, name) ok_at((passed), (name), __FILE__, __LINE__)
#define is_int(actual, expected, name) is_int_at((actual), (expected), (name), __FILE__, __LINE__)
#define is_str(actual, expected, name) is_str_at((actual), (expected), (name), __FILE__, __LINE__)

/* Prints the plan; what main returns. */
static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
