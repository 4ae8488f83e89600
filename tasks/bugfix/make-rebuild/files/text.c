#include <stdio.h>
#include "text.h"

void greet(const char *name, int marks)
{
	printf("%s, %s", GREETING, name);
	while (marks-- > 0)
		putchar('!');
	putchar('\n');
}
