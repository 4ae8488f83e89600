#ifndef PIPEGYM_STATISTIC_H
#define PIPEGYM_STATISTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is reckoned of counts and numbers. NAN stands for what cannot be known. */

/* Numbers one after the other, or several heaps of them, of which nothing is kept but this. All zero is the empty heap.
 * Mean and squares as Welford (1962) has them, and Chan, Golub and LeVeque (1983) of two heaps. */
struct statistic {
	uint64_t count;
	double mean, squares; /* of the distances from the mean */
	double least, most;
};
void statistic_add(struct statistic *statistic, double number);
void statistic_merge(struct statistic *statistic, const struct statistic *other);
double statistic_mean(const struct statistic *statistic); /* NAN: there is no number */
double statistic_sd(const struct statistic *statistic);   /* of a sample (n - 1); NAN: fewer than two */

/* The interval of 95 % for a share of which passed of count were seen (Wilson 1927, "Probable inference, the law of
 * succession, and statistical inference", formula for the score interval). Both NAN without a count. */
void statistic_interval(uint64_t passed, uint64_t count, double *low, double *high);

/* How likely one of k attempts passes, where passed of count did: 1 - C(count - passed, k) / C(count, k), which is
 * unbiased (Chen et al. 2021, "Evaluating large language models trained on code", formula 1). NAN: fewer than k. */
double statistic_pass_at(uint64_t passed, uint64_t count, uint64_t k);

/* How likely differences of pairs are, in sum, as far from 0 as these or farther, if the sign of each was a coin's
 * (Fisher's randomisation test for pairs, 1935). All signs are tried for up to 20 differences that are not 0, and
 * *exact is true; for more, 20,000 draws that are the same on every machine, counted as Phipson and Smyth (2010) have
 * it: (hits + 1) / (draws + 1). NAN: there is no pair. */
double statistic_pairs(const double *differences, size_t count, bool *exact);

#endif
