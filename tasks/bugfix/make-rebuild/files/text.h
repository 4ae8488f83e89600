#define MARKS 1
#define GREETING "Hello"

void greet(const char *name, int marks);
