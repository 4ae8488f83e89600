/* jvcat: parses the lines of standard input and prints them: what a filter costs that only links libjq. */
#include <jv.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static char line[1 << 20];
	while (fgets(line, sizeof line, stdin)) {
		jv value = jv_parse_sized(line, (int)strlen(line));
		if (!jv_is_valid(value))
			return 1;
		jv_dump(value, 0);
		putchar('\n');
	}
	return 0;
}
