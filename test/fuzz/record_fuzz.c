/* However the input is cut into reads, there is one record or error for each of its lines, in order. */
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"
#include "fuzz.h"
#include "record.h"

static uint64_t lines_of(const uint8_t *data, size_t size)
{
	uint64_t lines = size && data[size - 1] != '\n';
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

static void read_all(int fd, bool plain, uint64_t lines)
{
	struct record_reader *reader = record_reader_new(fd);
	struct err err = {0};
	uint64_t count = 0;
	for (;;) {
		struct record record;
		int got = plain ? record_next_plain(reader, &record, &err) : record_next(reader, &record, &err);
		if (got == 0)
			break;
		must(record.number == ++count && (got > 0) != json_is_none(record.value));
		must(got > 0 || (err.code == ERR_INPUT && err.text[0]));
		record_free(&record);
	}
	must(count == lines);
	record_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FD_AUTO fd = memfd_create("input", MFD_CLOEXEC);
	must(fd >= 0 && fd_write_all(fd, data, size, NULL) == 0);
	for (int plain = 0; plain < 2; plain++) {
		lseek(fd, 0, SEEK_SET);
		read_all(fd, plain, lines_of(data, size));
	}
	return 0;
}
