/* box-image: a tar or an OCI image layout → a folder that is a base for boxes. */
#include <sys/stat.h>

#include "image.h"
#include "program.h"
#include "stop.h"

static const struct program_option options[] = {
        {'d', "disk", "MIB", "size that the image may have (4096)"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "box-image",
        .synopsis = "[-d MIB] SOURCE DIR",
        .summary = "Unpacks a tar, or an image in OCI layout, into a new folder, as a base for boxes.",
        .options = options,
};

int main(int argc, char **argv)
{
	uint64_t disk_mib = 4096;
	int status = 0;
	struct err err;
	program_start(&program);
	for (int letter; (letter = program_option(argc, argv, &status)) != PROGRAM_DONE;)
		if (letter == PROGRAM_EXIT || !program_number(1, 65536, &disk_mib))
			return program_finish(letter == PROGRAM_EXIT ? status : ERR_USAGE);
	char **operands = argv + program_operand();
	if (argc - program_operand() != 2)
		return program_finish(program_usage("SOURCE and DIR are needed"));
	umask(022);
	if (image_unpack(operands[0], operands[1], (unsigned)disk_mib, &err) < 0) {
		status = err.code;
		if (!stop_signal())
			program_error(&err);
	}
	return program_finish(status);
}
