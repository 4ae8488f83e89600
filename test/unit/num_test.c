#include "num.h"

#include "tap.h"

static void refuses(const char *text)
{
	char name[100];
	uint64_t value = 77;
	snprintf(name, sizeof name, "refuses '%s'", text ? text : "(null)");
	ok(num_parse(text, 0, UINT64_MAX, &value) == -1 && value == 77, name);
}

int main(void)
{
	uint64_t value;
	ok(num_parse("0", 0, 10, &value) == 0 && value == 0, "zero");
	ok(num_parse("18446744073709551615", 0, UINT64_MAX, &value) == 0 && value == UINT64_MAX, "the largest");
	ok(num_parse("007", 0, 10, &value) == 0 && value == 7, "leading zeros are decimal");
	ok(num_parse("10", 1, 10, &value) == 0 && value == 10, "the upper bound");
	is_int(num_parse("11", 1, 10, &value), -1, "above the bound");
	is_int(num_parse("0", 1, 10, &value), -1, "below the bound");
	static const char *const bad[] = {NULL,
	                                  "",
	                                  " 1",
	                                  "1 ",
	                                  "+1",
	                                  "-1",
	                                  "1x",
	                                  "0x10",
	                                  "1e3",
	                                  "18446744073709551616",
	                                  "99999999999999999999999"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuses(bad[i]);

	static const struct {
		const char *text;
		uint64_t seconds; /* 77: refused */
	} times[] = {{"0", 0},
	             {"90", 90},
	             {"90s", 90},
	             {"15m", 900},
	             {"1h", 3600},
	             {"2d", 172800},
	             {"7d", 604800},
	             {"8d", 77},
	             {"", 77},
	             {"h", 77},
	             {"1 h", 77},
	             {"1w", 77},
	             {"-1h", 77},
	             {"1hh", 77},
	             {"1.5h", 77},
	             {"604801", 77},
	             {"99999999999999999999999d", 77},
	             {"18446744073709551615d", 77}};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		value = 77;
		int want = times[i].seconds == 77 ? -1 : 0;
		ok(num_parse_duration(times[i].text, 0, 604800, &value) == want && value == times[i].seconds,
		   times[i].text);
	}

	/* The reference sequence of SplitMix64 for the state 1234567. */
	uint64_t state = 1234567;
	ok(num_random(&state) == UINT64_C(6457827717110365317), "first random number");
	ok(num_random(&state) == UINT64_C(3203168211198807973), "second random number");
	/* The published test vectors of FNV-1a. */
	ok(num_seed("") == UINT64_C(0xcbf29ce484222325), "seed of nothing");
	ok(num_seed("a") == UINT64_C(0xaf63dc4c8601ec8c), "seed of a");
	ok(num_seed("foobar") == UINT64_C(0x85944171f73967e8), "seed of foobar");

	int64_t first = num_now_us(), second = num_now_us();
	ok(second >= first && first > 0, "time goes on");
	ok(num_now_ms() - first / 1000 < 60000, "milliseconds and microseconds agree");
	ok(num_wall_s() > 1.7e9, "seconds since the epoch");
	return done_testing();
}
