#include <stdio.h>
#include "config.h"
#include "text.h"

int main(void)
{
	greet(NAME, MARKS);
	return 0;
}
