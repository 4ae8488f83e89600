#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"
#include "digest.h"
#include "fd.h"
#include "record.h"

#define INDEX_MAX ((size_t)4 << 20) /* bytes of an index or a manifest */

/* "sha256:HEX" → HEX, in the text; NULL: it is none. */
static const char *hex_of(json descriptor)
{
	const char *digest = json_get_string(descriptor, "digest");
	return digest && !strncmp(digest, "sha256:", 7) && digest_is_hex(digest + 7) ? digest + 7 : NULL;
}

/* Of a builder's attestations no platform is known; beside them there must be one image. json_none() if not. */
static json only_image(json index)
{
	json list = json_get(index, "manifests"), found = json_none();
	for (int i = 0; i < json_length(list); i++) {
		const char *machine = json_get_string(json_get(json_at(list, i), "platform"), "architecture");
		if (machine && !strcmp(machine, "unknown"))
			continue;
		if (!json_is_none(found))
			return json_none();
		found = json_at(list, i);
	}
	return found;
}

/* digest: what the text must have, as hexadecimal digits, or NULL. *value is owned. */
static int read_json(int folder, const char *name, const char *digest, json *value, struct err *err)
{
	BUF_AUTO text = {0};
	char actual[DIGEST_TEXT];
	if (fd_read_file(folder, name, INDEX_MAX, &text, err) < 0)
		return -1;
	digest_of(buf_string(&text), text.len, actual);
	if (digest && strcmp(strchr(actual, ':') + 1, digest) != 0)
		return err_set(err, ERR_INPUT, "%s: it is not what its name says", name);
	return json_parse(buf_string(&text), text.len, value, err) < 0 ? err_context(err, "%s", name) : 0;
}

/* The manifest of the one image in a layout (owned); an index may have the image in an index of its own. */
static int read_manifest(int folder, json *manifest, struct err *err)
{
	JSON_AUTO value = json_none();
	if (read_json(folder, "index.json", NULL, &value, err) < 0)
		return -1;
	for (int depth = 0; json_is_array(json_get(value, "manifests")); depth++) {
		json image = only_image(value), next;
		const char *hex = hex_of(image);
		if (!hex || depth == 2)
			return err_set(err, ERR_INPUT,
			               "index.json: there is not one image in it (with a sha256), but none or more");
		STRING_AUTO name = mem_format("blobs/sha256/%s", hex);
		if (read_json(folder, name, hex, &next, err) < 0)
			return -1;
		json_free(&value);
		value = next;
	}
	*manifest = json_take(&value);
	return 0;
}

/* folder: the layout's, with one image in it. names gets at most IMAGE_LAYERS_MAX layers, the lowest first, each as the
 * HEX of its file; they live as long as *manifest (owned). 0 or -1. */
static int image_layers(int folder, json *manifest, const char **names, struct err *err)
{
	JSON_AUTO found = json_none();
	if (read_manifest(folder, &found, err) < 0)
		return -1;
	json layers = json_get(found, "layers");
	int count = json_length(layers);
	if (!json_is_array(layers) || count == 0 || count > IMAGE_LAYERS_MAX)
		return err_set(err, ERR_INPUT, "its manifest has not 1 to %d layers", IMAGE_LAYERS_MAX);
	for (int i = 0; i < count; i++)
		if (!(names[i] = hex_of(json_at(layers, i))))
			return err_set(err, ERR_INPUT, "layer %d has no sha256", i + 1);
	*manifest = json_take(&found);
	return 0;
}

/* --- unpacking --------------------------------------------------------- */

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
        "	said=$(tar -C root --no-same-owner --no-same-permissions --exclude='.wh.*' $packed -xf \"$1\" 2>&1)\n"
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
        "*)\n"
        "	packed=$2\n"
        "	unpack - ;;\n"
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

const char *image_compression(int fd)
{
	static const struct {
		const char *start, *option;
	} forms[] = {
	        {"\x1f\x8b", "--gzip"},
	        {"BZh", "--bzip2"},
	        {"\xfd"
	         "7zXZ",
	         "--xz"},
	        {"\x28\xb5\x2f\xfd", "--zstd"},
	};
	char start[8] = "";
	if (pread(fd, start, sizeof start - 1, 0) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (!strncmp(start, forms[i].start, strlen(forms[i].start)))
			return forms[i].option;
	return NULL;
}

int image_unpack(const char *source, const char *folder, unsigned disk_mib, struct err *err)
{
	const char *argv[IMAGE_LAYERS_MAX + 8] = {"/bin/bash", "-c", script, "box-image", "-"};
	const char *shown[] = {NULL, "/image", NULL};
	struct box_limits limits = {
	        .memory_mib = 1024, .disk_mib = disk_mib, .processes = 64, .cwd = "/workspace", .bind_ro = NULL};
	JSON_AUTO manifest = json_none();
	bool standard_input = !strcmp(source, "-");
	STRING_AUTO path = standard_input ? NULL : realpath(source, NULL);
	FD_AUTO layout = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	/* A tar is read here: whom a box runs as may not be let to. */
	FD_AUTO from = standard_input ? dup(STDIN_FILENO) : open(layout < 0 ? source : "/dev/null", O_RDONLY | O_CLOEXEC);
	if ((!path && !standard_input) || from < 0)
		return err_system(err, "%s", source);
	if (layout >= 0) {
		shown[0] = path;
		limits.bind_ro = shown;
		argv[4] = "layers";
	} else if (path) {
		argv[5] = image_compression(from);
	}
	if (layout >= 0 && image_layers(layout, &manifest, argv + 5, err) < 0)
		return err_context(err, "%s", source);
	if (mkdir(folder, 0755) < 0)
		return err_system(err, "%s", folder);
	if (unpack(argv, from, &limits, folder, err) == 0)
		return 0;
	fd_remove_tree(AT_FDCWD, folder, NULL);
	return err_context(err, "%s", source);
}
