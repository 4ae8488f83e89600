#include "wrap.h"

#include "utf8.h"

void wrap_init(struct wrap *wrap, FILE *out, size_t width, size_t indent)
{
	wrap->out = out;
	wrap->width = width;
	wrap->indent = indent;
	wrap->column = 0;
}

void wrap_word(struct wrap *wrap, const char *word, size_t len)
{
	size_t columns = utf8_columns(word, len);

	if (wrap->column == 0) {
		wrap->column = columns;
	} else if (wrap->column + 1 + columns >= wrap->width) {
		putc('\n', wrap->out);
		for (size_t i = 0; i < wrap->indent; i++)
			putc(' ', wrap->out);
		wrap->column = columns;
	} else {
		putc(' ', wrap->out);
		wrap->column += 1 + columns;
	}
	fwrite(word, 1, len, wrap->out);
}

void wrap_break(struct wrap *wrap)
{
	if (wrap->column > 0)
		putc('\n', wrap->out);
	putc('\n', wrap->out);
	wrap->column = 0;
}

void wrap_end(struct wrap *wrap)
{
	if (wrap->column > 0)
		putc('\n', wrap->out);
}
