#include "intercode.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "text.h"

#define PART 0.33

/* Python's round(x, 2): of the exact binary value, as printf() rounds. */
static double rounded(double value)
{
	char text[32];
	snprintf(text, sizeof text, "%.2f", value);
	return strtod(text, NULL);
}

double intercode_changes(size_t missing, size_t extra)
{
	return rounded(PART * (1 - erf((double)(missing + extra))));
}

double intercode_content(size_t same, size_t common)
{
	return common ? rounded(PART * ((double)same / (double)common)) : PART;
}

double intercode_output(double similarity)
{
	return rounded(PART * similarity);
}

double intercode_reward(double changes, double content, double output)
{
	double reward = 0.01 + changes;
	reward += content;
	return reward + output;
}

/* --- words -------------------------------------------------------------- */

/* Punctuation and symbols beyond ASCII, by blocks, U+FFFD for what is ill-formed among them; everything else there is a
 * letter. The same on every host, which tables of a locale are not. */
static bool is_symbol(unsigned character)
{
	static const unsigned ranges[][2] = {
	        {0x80, 0xa9},     {0xab, 0xb1},     {0xb4, 0xb4},     {0xb6, 0xb8},     {0xbb, 0xbb},
	        {0xbf, 0xbf},     {0xd7, 0xd7},     {0xf7, 0xf7},     {0x2000, 0x206f}, {0x20a0, 0x20ff},
	        {0x2190, 0x245f}, {0x249c, 0x24e9}, {0x2500, 0x2775}, {0x2794, 0x2bff}, {0x2e00, 0x2e7f},
	        {0x3000, 0x3004}, {0x3008, 0x3020}, {0xd800, 0xf8ff}, {0xfe10, 0xfe6f}, {0xff01, 0xff0f},
	        {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xfff0, 0xffff}, {0x1f000, 0x1faff},
	};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (character >= ranges[i][0] && character <= ranges[i][1])
			return true;
	return false;
}

static bool in_word(unsigned character)
{
	if (character >= 0x80)
		return !is_symbol(character);
	return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
	       (character >= 'a' && character <= 'z') || character == '_';
}

struct word {
	const char *text;
	size_t len, times;
};

struct words {
	struct buf text; /* in lower case */
	struct word *list;
	size_t count;
};

static int compare_words(const void *a, const void *b)
{
	const struct word *one = a, *other = b;
	return text_order(one->text, one->len, other->text, other->len);
}

/* Each word once, in order, with how often it occurs. */
static void count_words(struct words *words)
{
	size_t kept = 0;
	qsort(words->list, words->count, sizeof *words->list, compare_words);
	for (size_t i = 0; i < words->count; i++)
		if (kept > 0 && compare_words(&words->list[kept - 1], &words->list[i]) == 0)
			words->list[kept - 1].times++;
		else
			words->list[kept++] = words->list[i];
	words->count = kept;
}

static void find_words(struct words *words, const char *given, size_t len)
{
	struct buf *text = &words->text;
	text_add_lower(given, len, text);
	words->list = mem_alloc(len / 3 + 1, sizeof *words->list); /* two characters and what is between two words */
	for (size_t at = 0, used = 1; at < len;) {
		size_t start = at, characters = 0;
		for (; at < len && in_word(text_code(text->data + at, len - at, &used)); at += used)
			characters++;
		if (characters >= 2)
			words->list[words->count++] = (struct word){text->data + start, at - start, 1};
		else if (characters == 0)
			at += used;
	}
	count_words(words);
}

static void words_free(struct words *words)
{
	buf_free(&words->text);
	free(words->list);
}

static double cosine(const struct words *a, const struct words *b)
{
	const double rare = log(1.5) + 1; /* idf of a word that only one has; of both: 1 */
	double product = 0, a_square = 0, b_square = 0;
	bool equal = true;
	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		int which = i == a->count ? 1 : j == b->count ? -1 : compare_words(&a->list[i], &b->list[j]);
		double x = which <= 0 ? (double)a->list[i].times : 0, y = which >= 0 ? (double)b->list[j].times : 0;
		double idf = which == 0 ? 1 : rare;
		equal = equal && x == y;
		product += x * y * idf * idf;
		a_square += x * x * idf * idf;
		b_square += y * y * idf * idf;
		i += which <= 0;
		j += which >= 0;
	}
	if (equal)
		return 1;
	double similarity = product > 0 ? product / (sqrt(a_square) * sqrt(b_square)) : 0;
	return similarity < 1 ? similarity : 1;
}

double intercode_similarity(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct words first = {0}, second = {0};
	find_words(&first, a, a_len);
	find_words(&second, b, b_len);
	double similarity = first.count + second.count > 0 ? cosine(&first, &second)
	                                                   : a_len == b_len && (a_len == 0 || !memcmp(a, b, a_len));
	words_free(&first);
	words_free(&second);
	return similarity;
}
