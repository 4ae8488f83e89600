/* However the input is cut into reads, there is one record or error for each of its lines, in order. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
		if (record.number != ++count || (got > 0) == json_is_none(record.value))
			abort();
		if (got < 0 && (err.code != ERR_INPUT || !err.text[0]))
			abort();
		record_free(&record);
	}
	if (count != lines)
		abort();
	record_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FD_AUTO fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0 || fd_write_all(fd, data, size, NULL) < 0)
		abort();
	for (int plain = 0; plain < 2; plain++) {
		lseek(fd, 0, SEEK_SET);
		read_all(fd, plain, lines_of(data, size));
	}
	return 0;
}
