/* box-image: a tar or an OCI image layout → a folder that is a base for boxes. */
#include <sys/stat.h>

#include "image.h"
#include "program.h"
#include "stop.h"

struct opts {
	unsigned disk_mib;
};

static const struct program_option options[] = {
        {0, "disk", "MIB", "how much may be written (4096)", PROGRAM_NUMBER(disk_mib, 1, 65536)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	(void)given;
	if (!operands[0] || !operands[1] || operands[2])
		return err_set(err, ERR_USAGE, "SOURCE and DIR are needed");
	return 0;
}

static const struct program program = {
        .name = "box-image",
        .synopsis = "[--disk MIB] SOURCE DIR",
        .summary = "Unpacks a tar, or an image in OCI layout, into a new folder, as a base for boxes.",
        .options = options,
        .check = check,
};

int main(int argc, char **argv)
{
	struct opts opts = {.disk_mib = 4096};
	struct err err;
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	/* A base is for all to read, as far as the caller's umask was. */
	umask(022);
	char **operands = program_operands();
	if (image_unpack(operands[0], operands[1], opts.disk_mib, &err) < 0) {
		status = err.code;
		if (!stop_signal())
			program_error(&err);
	}
	return program_finish(status);
}
