/* box-image: a tar or an OCI image layout → a folder that is a base for boxes. */
#include <sys/stat.h>

#include "image.h"
#include "program.h"
#include "stop.h"

enum { DISK = 256 };

static const struct program_option options[] = {
        {DISK, "disk", "MIB", "how much may be written (4096)"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "box-image",
        .synopsis = "[--disk MIB] SOURCE DIR",
        .summary = "Unpacks a tar, or an image in OCI layout, into a new folder, as a base for boxes.",
        .options = options,
};

struct opts {
	uint64_t disk_mib;
};

static bool parse(int argc, char **argv, struct opts *opts, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT)
			return false;
		else if (letter == DISK)
			*status = program_number(1, 65536, &opts->disk_mib);
	char **operands = program_operands();
	if (!operands[0] || !operands[1] || operands[2])
		*status = program_usage("SOURCE and DIR are needed");
	return *status == 0;
}

int main(int argc, char **argv)
{
	struct opts opts = {.disk_mib = 4096};
	struct err err;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &opts, &status))
		return program_finish(status);
	/* A base is for all to read, as far as the caller's umask was. */
	umask(022);
	char **operands = program_operands();
	if (image_unpack(operands[0], operands[1], (unsigned)opts.disk_mib, &err) < 0) {
		status = err.code;
		if (!stop_signal())
			program_error(&err);
	}
	return program_finish(status);
}
