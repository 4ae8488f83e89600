#include "statistic.h"

#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "num.h"

#define SIGNS_MAX 20 /* 2^20 sums take some milliseconds */
#define DRAWS 20000

void statistic_add(struct statistic *statistic, double number)
{
	const struct statistic one = {.count = 1, .mean = number, .least = number, .most = number};
	statistic_merge(statistic, &one);
}

void statistic_merge(struct statistic *statistic, const struct statistic *other)
{
	if (!other->count)
		return;
	if (!statistic->count) {
		*statistic = *other;
		return;
	}
	double before = (double)statistic->count, more = (double)other->count, distance = other->mean - statistic->mean;
	statistic->count += other->count;
	statistic->mean += distance * (more / (before + more));
	statistic->squares += other->squares + distance * distance * (before * more / (before + more));
	statistic->least = fmin(statistic->least, other->least);
	statistic->most = fmax(statistic->most, other->most);
}

double statistic_mean(const struct statistic *statistic)
{
	return statistic->count ? statistic->mean : NAN;
}

double statistic_sd(const struct statistic *statistic)
{
	return statistic->count > 1 ? sqrt(statistic->squares / (double)(statistic->count - 1)) : NAN;
}

void statistic_interval(uint64_t passed, uint64_t count, double *low, double *high)
{
	const double z = 1.959963984540054; /* 97.5 % of a normal distribution lie below */
	double n = (double)count, share = (double)passed / n, rest = z * z / n;
	double middle = (share + rest / 2) / (1 + rest);
	double half = z * sqrt(share * (1 - share) / n + rest / (4 * n)) / (1 + rest);
	/* Without a count these are NAN; at the ends they are 0 and 1, which rounding may miss. */
	*low = count && !passed ? 0 : middle - half;
	*high = count && passed == count ? 1 : middle + half;
}

double statistic_pass_at(uint64_t passed, uint64_t count, uint64_t k)
{
	if (k == 0 || count < k)
		return NAN;
	if (count - passed < k)
		return 1;
	/* C(n - c, k) / C(n, k) is the product of (n - c - i) / (n - i) for i < k, and the same with c and k exchanged. */
	uint64_t factors = passed < k ? passed : k, other = passed < k ? k : passed;
	double none = 1;
	for (uint64_t i = 0; i < factors && none > 1e-18; i++)
		none *= (double)(count - other - i) / (double)(count - i);
	return 1 - none;
}

/* Gray's code changes one sign from each sum to the next. Half of the signs are the other half's, turned round. */
static double try_all(const double *sizes, size_t count, double sum, double bound)
{
	uint64_t sums = UINT64_C(1) << (count - 1), hits = 0;
	bool negative[SIGNS_MAX] = {0};
	for (uint64_t i = 1;; i++) {
		hits += fabs(sum) >= bound;
		if (i == sums)
			return (double)hits / (double)sums;
		int turned = __builtin_ctzll(i);
		sum += (negative[turned] ? 2 : -2) * sizes[turned];
		negative[turned] = !negative[turned];
	}
}

/* The sum of a draw is made of four differences at a time, whose sixteen sums are reckoned once. */
static double try_some(const double *sizes, size_t count, double bound)
{
	uint64_t state = num_seed("signs"), bits = 0, hits = 0;
	size_t groups = (count + 3) / 4;
	double(*sums)[16] = mem_alloc(groups, sizeof *sums);
	for (size_t i = 0; i < count; i++)
		for (int signs = 0; signs < 16; signs++)
			sums[i / 4][signs] += signs >> i % 4 & 1 ? sizes[i] : -sizes[i];
	for (int draw = 0; draw < DRAWS; draw++) {
		double sum = 0;
		for (size_t i = 0; i < groups; i++, bits >>= 4) {
			if (i % 16 == 0)
				bits = num_random(&state);
			sum += sums[i][bits & 15];
		}
		hits += fabs(sum) >= bound;
	}
	free(sums);
	return ((double)hits + 1) / (DRAWS + 1);
}

double statistic_pairs(const double *differences, size_t count, bool *exact)
{
	double sum = 0, total = 0, most = 0;
	size_t used = 0;
	double *sizes = mem_alloc(count + 1, sizeof *sizes);
	for (size_t i = 0; i < count; i++)
		most = fmax(most, fabs(differences[i]));
	/* As shares of the largest: sums of these have a finite size. */
	for (size_t i = 0; i < count; i++) {
		double share = differences[i] == 0 ? 0 : differences[i] / most;
		sum += share;
		total += fabs(share);
		if (share != 0)
			sizes[used++] = fabs(share);
	}
	/* Sums that are equal but for their rounding are as far. */
	double bound = fabs(sum) - total * 1e-9, likely = 1;
	*exact = used <= SIGNS_MAX;
	if (used)
		likely = *exact ? try_all(sizes, used, total, bound) : try_some(sizes, used, bound);
	free(sizes);
	return count ? likely : NAN;
}
