#include "utf8.h"

size_t utf8_columns(const char *text, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = text[i];

		if ((byte & 0xC0) != 0xC0)
			columns++;
	}
	return columns;
}
