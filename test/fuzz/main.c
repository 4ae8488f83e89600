/* Runs a fuzz target over files and over the files of folders: what libFuzzer does with a corpus, without libFuzzer. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "buf.h"
#include "err.h"
#include "fd.h"
#include "fuzz.h"

static int run_file(const char *path)
{
	struct err err = {0};
	BUF_AUTO content = {0};
	if (fd_read_file(AT_FDCWD, path, 64u << 20, &content, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)buf_string(&content), content.len);
	return 0;
}

static int run_folder(DIR *folder, const char *path)
{
	struct dirent *entry;
	int status = 0;
	while ((entry = readdir(folder))) {
		STRING_AUTO name = mem_format("%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			status |= run_file(name);
	}
	closedir(folder);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		status |= folder ? run_folder(folder, argv[i]) : run_file(argv[i]);
	}
	return status;
}
