/* Against the definition of UTF-8, decoded character by character in the plainest way. */
#include <string.h>

#include "fuzz.h"
#include "text.h"

/* The length of the well-formed character at data, or 0. */
static size_t decode(const uint8_t *data, size_t size)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t lead = data[0];
	size_t len = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
	uint32_t code = len == 1 ? lead : lead & (0x7fu >> len);
	if (!len || len > size)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (data[i] >> 6 != 2)
			return 0;
		code = code << 6 | (data[i] & 0x3f);
	}
	return code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t valid = 0, step;
	while (valid < size && (step = decode(data + valid, size - valid)))
		valid += step;
	must(text_valid(text, size) == valid);

	BUF_AUTO repaired = {0}, shown = {0};
	must(text_repair(text, size, &repaired) == (valid < size));
	must(text_valid(buf_string(&repaired), repaired.len) == repaired.len);
	must(valid < size || (repaired.len == size && !memcmp(buf_string(&repaired), text, size)));

	text_for_terminal(text, size, &shown);
	must(text_valid(buf_string(&shown), shown.len) == shown.len);
	for (size_t i = 0; i < shown.len; i++)
		must((unsigned char)shown.data[i] >= 0x20 || shown.data[i] == '\n' || shown.data[i] == '\t');
	must(!shown.len || !strchr(shown.data, 0x7f));

	size_t end = text_cut_end(text, size), start = text_cut_start(text, size);
	must(end <= size && size - end <= 3 && start <= size && start <= 3);
	/* Cut anywhere, valid text gives valid parts. */
	if (valid == size && size) {
		size_t middle = data[0] % size;
		must(text_valid(text, text_cut_end(text, middle)) == text_cut_end(text, middle));
		start = text_cut_start(text + middle, size - middle);
		must(text_valid(text + middle + start, size - middle - start) == size - middle - start);
	}
	return 0;
}
