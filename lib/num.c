#include "num.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t number = 0;
	if (!text || !*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		unsigned digit = (unsigned)(*text - '0');
		if (number > (UINT64_MAX - digit) / 10)
			return -1;
		number = number * 10 + digit;
	}
	if (number < min || number > max)
		return -1;
	*value = number;
	return 0;
}

int num_parse_duration(const char *text, uint64_t min, uint64_t max, uint64_t *seconds)
{
	static const char units[] = "smhd";
	static const uint64_t lengths[] = {1, 60, 3600, 86400};
	char digits[24];
	uint64_t number;
	size_t len = strlen(text);
	const char *unit = len ? strchr(units, text[len - 1]) : NULL;
	uint64_t length = unit ? lengths[unit - units] : 1;
	len -= unit != NULL;
	if (len >= sizeof digits)
		return -1;
	snprintf(digits, sizeof digits, "%.*s", (int)len, text);
	if (num_parse(digits, 0, max / length, &number) < 0 || number * length < min)
		return -1;
	*seconds = number * length;
	return 0;
}

int64_t num_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double num_since_ms(int64_t start_us)
{
	return (double)((num_now_us() - start_us) / 100) / 10;
}

int64_t num_now_ms(void)
{
	return num_now_us() / 1000;
}

double num_wall_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return num_time_s(&now);
}

double num_time_s(const struct timespec *time)
{
	return (double)time->tv_sec + (double)time->tv_nsec / 1e9;
}

void num_random_name(char *name, size_t len)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t bits = 0;
	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		bits = (uint64_t)num_now_us() * 0x9e3779b97f4a7c15u + (uint64_t)getpid();
	for (size_t i = 0; i < len; i++, bits >>= 5)
		name[i] = digits[bits & 31];
	name[len] = '\0';
}

uint64_t num_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t num_seed(const char *seed)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *seed; seed++)
		hash = (hash ^ (unsigned char)*seed) * UINT64_C(0x100000001b3);
	return hash;
}
