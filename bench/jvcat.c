/* jvcat: parses the lines of standard input and prints them: what a filter costs that only links libjq. With an
 * argument it only parses: what reading costs that builds every value. */
#include <jv.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	static char line[1 << 20];
	(void)argv;
	while (fgets(line, sizeof line, stdin)) {
		jv value = jv_parse_sized(line, (int)strlen(line));
		if (!jv_is_valid(value))
			return 1;
		if (argc > 1) {
			jv_free(value);
			continue;
		}
		jv_dump(value, 0);
		putchar('\n');
	}
	return 0;
}
