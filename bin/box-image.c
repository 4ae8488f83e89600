/*
 * box-image: a tar or an OCI image layout → a folder that is a base for boxes.
 *
 * Nobody vouches for an archive. Its layers are put on each other in a box, by
 * tar, where a path that leads out of the root leads to nothing; what comes
 * out is one archive that was made of a real folder there, and unpacked into
 * an empty one here.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"
#include "fd.h"
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

/*
 * Before a layer is unpacked, what its whiteouts name goes, and what was a
 * folder below it and is none in it: all of that is of the layers below. That
 * device nodes cannot be made is no failure. What has been unpacked must be
 * readable for the tar at the end, and folders writable for the next layer.
 */
static const char script[] =
        "unpack() {\n"
        "	if [[ -n $below ]]; then\n"
        "		tar --quoting-style=escape -tf \"$1\" 2>/dev/null | while IFS= read -r name; do\n"
        "			printf -v name '%b.' \"$name\"\n"
        "			name=${name%.} part=${name##*/}\n"
        "			folder=root/${name%\"$part\"}\n"
        "			case $part in\n"
        "			'') ;;\n"
        "			.wh..wh.opq) find \"$folder\" -mindepth 1 -delete 2>/dev/null ;;\n"
        "			.wh..wh.*) ;;\n"
        "			.wh.?*) rm -rf -- \"$folder${part#.wh.}\" ;;\n"
        "			*) [[ ! -d $folder$part || -L $folder$part ]] || rm -rf -- \"$folder$part\" ;;\n"
        "			esac\n"
        "		done\n"
        "	fi\n"
        "	said=$(tar -C root --no-same-owner --no-same-permissions --exclude='.wh.*' -xf \"$1\" 2>&1)\n"
        "	status=$?\n"
        "	if ((status != 0)); then\n"
        "		[[ $status == 2 && $said == *': Cannot mknod: '* ]] || { echo \"$said\" >&2; exit 3; }\n"
        "		! echo \"$said\" | grep -vE ': Cannot mknod: Operation not permitted$|"
        "^tar: (Removing leading|Exiting with failure)' >&2 || exit 3\n"
        "	fi\n"
        "	chmod -R u+rwX,ug-s root && find root \\( -type b -o -type c \\) -delete || exit 3\n"
        "	below=1\n"
        "}\n"
        "mkdir root || exit 3\n"
        "case $1 in\n"
        "layers)\n"
        "	for layer in \"${@:2}\"; do\n"
        "		echo \"$layer  /image/blobs/sha256/$layer\" | sha256sum -c --status || {\n"
        "			echo \"layer $layer is not there or not what its name says\" >&2\n"
        "			exit 3\n"
        "		}\n"
        "		unpack \"/image/blobs/sha256/$layer\"\n"
        "	done ;;\n"
        "*) unpack \"$1\" ;;\n"
        "esac\n"
        "chmod 755 root && tar -C root -c . || exit 3\n";

static int take_output(void *context, int stream, const char *data, size_t len, struct err *err)
{
	const int *to = context;
	return stream == 2 ? record_write_lines(STDERR_FILENO, data, len, err) : fd_write_all(*to, data, len, err);
}

/* Starts the tar that unpacks here; *to is for what it reads. Its pid or -1. */
static pid_t start_tar(const char *folder, int *to, struct err *err)
{
	const char *const argv[] = {"tar", "-x", "--no-same-owner", "--no-same-permissions", "-C", folder, "-f",
	                            "-",   NULL};
	char *const env[] = {NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_system(err, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
	int error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, env);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	*to = ends[1];
	errno = error;
	return error ? err_system(err, "start tar") : pid;
}

static int unpack(const char *const *argv, int from, const struct box_limits *limits, const char *folder, struct err *err)
{
	int status;
	FD_AUTO to = -1;
	BOX_RESULT_AUTO result = {0};
	struct box_host *host = box_host_new(err);
	struct box *box = host ? box_new(host, limits, NULL, err) : NULL;
	pid_t tar = box ? start_tar(folder, &to, err) : -1;
	const struct box_stream stream = {.input = from, .take = take_output, .context = &to};
	const struct box_command command = {.op = BOX_EXEC, .cwd = limits->cwd, .argv = argv, .stream = &stream};
	int failed = tar > 0 ? box_run(box, &command, &result, err) : -1;
	bool unpacked = !failed && result.how == BOX_EXITED && result.code == 0;
	/* It would complain of an archive that ends too soon. */
	if (tar > 0 && !unpacked)
		kill(tar, SIGKILL);
	fd_close(&to);
	while (tar > 0 && waitpid(tar, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!failed && !unpacked)
		failed = err_set(err, ERR_INPUT, "it cannot be unpacked%s", result.disk ? ": more than --disk allows" : "");
	else if (!failed && status != 0)
		failed = err_set(err, ERR_SYSTEM, "tar failed in %s", folder);
	box_free(box);
	box_host_free(host);
	return failed;
}

static int make_base(const char *source, const char *folder, unsigned disk_mib, struct err *err)
{
	const char *argv[IMAGE_LAYERS_MAX + 8] = {"/bin/bash", "-c", script, "box-image", "-"};
	const char *shown[] = {NULL, "/image", NULL};
	struct box_limits limits = {
	        .memory_mib = 1024, .disk_mib = disk_mib, .processes = 64, .cwd = "/workspace", .bind_ro = shown};
	JSON_AUTO manifest = json_none();
	bool standard_input = !strcmp(source, "-");
	STRING_AUTO path = standard_input ? NULL : realpath(source, NULL);
	FD_AUTO layout = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	FD_AUTO from = standard_input ? dup(STDIN_FILENO) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if ((!path && !standard_input) || from < 0)
		return err_system(err, "%s", source);
	if (path) {
		shown[0] = path;
		argv[4] = layout < 0 ? "/image" : "layers";
	}
	if (layout >= 0 && image_layers(layout, &manifest, argv + 5, err) < 0)
		return err_context(err, "%s", source);
	umask(022);
	if (mkdir(folder, 0755) < 0)
		return err_system(err, "%s", folder);
	if (unpack(argv, from, &limits, folder, err) == 0)
		return 0;
	fd_remove_tree(AT_FDCWD, folder, NULL);
	return err_context(err, "%s", source);
}

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
	if (make_base(operands[0], operands[1], (unsigned)disk_mib, &err) < 0) {
		status = err.code;
		if (!stop_signal())
			program_error(&err);
	}
	return program_finish(status);
}
