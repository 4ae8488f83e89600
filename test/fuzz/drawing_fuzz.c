/* What is drawn is UTF-8, holds no sequence but those that draw, and stays as it is if it is filtered again; it does
 * not matter in how many parts it came. */
#include <string.h>

#include "drawing.h"
#include "fuzz.h"
#include "text.h"

static void same(const struct buf *a, const struct buf *b)
{
	must(a->len == b->len && (a->len == 0 || !memcmp(a->data, b->data, a->len)));
}

static void no_answer(const struct buf *out)
{
	for (size_t i = 0; i < out->len; i++) {
		char c = out->data[i];
		must(c != '\0' && c != '\005' && c != 0x7f && (c != (char)0xc2 || (unsigned char)out->data[i + 1] >= 0xa0));
		if (c != 0x1b)
			continue;
		must(i + 1 < out->len && strchr("[78DEHM=>()#", out->data[i + 1]));
		if (out->data[i + 1] != '[')
			continue;
		size_t end = i + 2 + strspn(out->data + i + 2, " !?:;0123456789");
		must(end < out->len && strchr("@ABCDEFGHIJKLMPSTXZ`abdefghlmpqrsu", out->data[end]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct drawing whole = {0}, parts = {0}, again = {0};
	BUF_AUTO out = {0};
	BUF_AUTO pieces = {0};
	BUF_AUTO twice = {0};
	drawing_filter(&whole, text, size, &out);
	for (size_t at = 0, step = 1; at < size; at += step, step = step % 7 + 1)
		drawing_filter(&parts, text + at, size - at < step ? size - at : step, &pieces);
	same(&out, &pieces);
	must(text_valid(buf_string(&out), out.len) == out.len);
	no_answer(&out);
	drawing_filter(&again, buf_string(&out), out.len, &twice);
	same(&out, &twice);
	return 0;
}
