#include "statistic.h"

#include <math.h>

#include "tap.h"

static void near(double actual, double expected, const char *name)
{
	if (!ok(fabs(actual - expected) < 2e-6 || (isnan(actual) && isnan(expected)), name))
		printf("# got %.9g, expected %.9g\n", actual, expected);
}

static void test_heaps(void)
{
	static const double numbers[] = {2, 4, 4, 4, 5, 5, 7, 9};
	struct statistic whole = {0}, parts[2] = {{0}}, none = {0};
	near(statistic_mean(&none), NAN, "no number has no mean");
	for (size_t i = 0; i < 8; i++) {
		statistic_add(&whole, numbers[i]);
		statistic_add(&parts[i > 2], numbers[i]);
		if (i == 0)
			near(statistic_sd(&whole), NAN, "one number has no spread");
	}
	near(statistic_mean(&whole), 5, "the mean");
	near(statistic_sd(&whole), sqrt(32.0 / 7), "the spread of a sample");
	ok(whole.least == 2 && whole.most == 9, "the ends");
	statistic_merge(&parts[0], &parts[1]);
	statistic_merge(&parts[0], &none);
	statistic_merge(&none, &parts[0]);
	near(none.mean, 5, "two heaps have the mean of the whole");
	near(statistic_sd(&none), sqrt(32.0 / 7), "and its spread");
	ok(none.count == 8 && none.least == 2 && none.most == 9, "and its count and ends");
}

static void interval_is(uint64_t passed, uint64_t count, double low, double high)
{
	char name[60];
	double is_low, is_high;
	snprintf(name, sizeof name, "the interval of %d in %d", (int)passed, (int)count);
	statistic_interval(passed, count, &is_low, &is_high);
	near(is_low, low, name);
	near(is_high, high, name);
}

static void test_pass_at(void)
{
	near(statistic_pass_at(3, 10, 1), 0.3, "pass@1 is the rate");
	near(statistic_pass_at(3, 10, 5), 0.916666667, "pass@5 of 3 in 10");
	near(statistic_pass_at(7, 200, 100), 0.992991117, "pass@100 of 7 in 200");
	near(statistic_pass_at(1, 100, 99), 0.99, "pass@99 of 1 in 100");
	near(statistic_pass_at(400, 1000, 2), 0.640240240, "pass@2 of 400 in 1000");
	near(statistic_pass_at(1, 4, 4), 1, "all attempts hold the one that passes");
	near(statistic_pass_at(0, 4, 4), 0, "none passes");
	near(statistic_pass_at(4, 4, 5), NAN, "too few attempts");
	near(statistic_pass_at(0, 0, 1), NAN, "no attempt");
	near(statistic_pass_at(500000000, 1000000000, 1000000), 1, "a thousand million attempts");
}

static void test_pairs(void)
{
	static const double some[] = {.5, .25, -.125, 1, 0, .75}, ties[] = {.1, .1, .1, .1, .1, -.1, -.1, -.1, .3};
	double many[40], same[20];
	bool exact;
	near(statistic_pairs(some, 6, &exact), 0.125, "all signs of five differences");
	ok(exact, "which is exact");
	near(statistic_pairs(ties, 9, &exact), 0.3671875, "sums that are equal but for rounding count");
	near(statistic_pairs(some + 4, 1, &exact), 1, "no difference is as likely as can be");
	near(statistic_pairs(some, 0, &exact), NAN, "no pair");
	near(statistic_pairs((double[]){1e308, 1e308}, 2, &exact), 0.5, "sums beyond the range of a double");
	for (int i = 0; i < 40; i++)
		many[i] = i < 26 ? 1 : -1;
	for (int i = 0; i < 20; i++)
		same[i] = 0.25;
	near(statistic_pairs(same, 20, &exact) * (1 << 19), 1, "twenty that all agree");
	ok(exact, "are exact");
	/* The sign test of 26 in 40: 0.0807. */
	double drawn = statistic_pairs(many, 40, &exact);
	ok(drawn > 0.072 && drawn < 0.089 && !exact, "forty are drawn");
	ok(drawn == statistic_pairs(many, 40, &exact), "the same each time");
	for (int i = 0; i < 40; i++)
		many[i] = 1;
	near(statistic_pairs(many, 40, &exact), 1 / 20001.0, "what no draw reaches is not 0");
}

int main(void)
{
	test_heaps();
	/* Four digits as Newcombe (1998, table I, method 3) has them. */
	interval_is(81, 263, 0.255289, 0.366210);
	interval_is(15, 148, 0.062386, 0.160487);
	interval_is(0, 20, 0, 0.161125);
	interval_is(1, 29, 0.006113, 0.171755);
	interval_is(20, 20, 1 - 0.161125, 1);
	interval_is(0, 0, NAN, NAN);
	test_pass_at();
	test_pairs();
	return done_testing();
}
