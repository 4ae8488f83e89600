#ifndef READ_LINE_H
#define READ_LINE_H
#include <stdio.h>

/* Reads a line, without its newline, into *text, which grows as needed (begin with NULL and 0). Returns its length, or -1 at the
 * end of the file. A last line without a newline is a line too. */
long read_line(FILE *file, char **text, size_t *size);
#endif
