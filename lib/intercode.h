#ifndef PIPEGYM_INTERCODE_H
#define PIPEGYM_INTERCODE_H

#include <stddef.h>

/*
 * The reward of InterCode's bash environment (Yang et al. 2023, "InterCode:
 * Standardizing and Benchmarking Interactive Coding with Execution Feedback";
 * get_reward() of bash_env.py): 0.01 and three parts of up to 0.33, each
 * rounded to two places. Sums are made in its order, so that they are the same
 * doubles as in its logs.
 */

/* For changes that only one side made: 0.33 (1 - erf(n)). */
double intercode_changes(size_t missing, size_t extra);
/* For the content of what both added: 0.33 same/common; none in common: 0.33. */
double intercode_content(size_t same, size_t common);
/* For the output: 0.33 times this similarity. */
double intercode_output(double similarity);
/* All of it; 0.01 to 1. */
double intercode_reward(double changes, double content, double output);

/*
 * The cosine of two texts' TF-IDF vectors, the two being the whole corpus, as
 * TfidfVectorizer of scikit-learn has it with its defaults: words of two and
 * more letters, digits and underscores, in lower case; idf = ln(3 / (1 + df)) + 1.
 * 0 to 1, and exactly 1 for equal counts. Without any word in either: 1 if they
 * are equal, else 0. Beyond ASCII the case of letters counts, and what is a
 * letter is told by blocks (intercode.c).
 */
double intercode_similarity(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
