#include "import_assets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "image.h"
#include "task_files.h"
#include "text.h"

#define SHOWN_MAX (64u << 10) /* bytes of a file that import_assets_texts() has */
#define START_MAX 400         /* of a file of SQL that import_assets_list() has */
#define UNPACKED_MIB 1024

struct file {
	json value; /* as in a task's line */
	char *data; /* of one that is no text */
	size_t len;
};

struct import_assets {
	json list, texts;
	json index; /* path → its place in files */
	struct file *files;
	size_t count;
};

static json new_flag(const char *key)
{
	json object = json_new_object();
	json_set_bool(&object, key, true);
	return object;
}

static struct file *add_file(struct import_assets *assets, const char *path)
{
	assets->files = mem_grow(assets->files, assets->count, sizeof *assets->files);
	struct file *file = &assets->files[assets->count];
	*file = (struct file){.value = json_none()};
	json_set_number(&assets->index, path, (double)assets->count++);
	return file;
}

static void take_data(struct import_assets *assets, const struct task_file *from, struct file *file)
{
	json shown = json_new_object();
	bool text = text_valid(from->data, from->len) == from->len && !memchr(from->data, '\0', from->len);
	json_set_number(&shown, "size", (double)from->len);
	file->value = json_new_object();
	if (from->executable) {
		json_set_bool(&shown, "executable", true);
		json_set_bool(&file->value, "executable", true);
	}
	json_set_text(&file->value, "text", from->data, text ? from->len : 0);
	const char *ending = strrchr(from->path, '.');
	if (text && ending && !strcmp(ending, ".sql"))
		json_set_text(&shown, "start", from->data,
		              text_cut_end(from->data, from->len < START_MAX ? from->len : START_MAX));
	json_set(&assets->list, from->path, json_copy(shown));
	if (text && from->len <= SHOWN_MAX)
		json_set_text(&shown, "text", from->data, from->len);
	json_set(&assets->texts, from->path, shown);
	if (text)
		return;
	file->data = mem_alloc(from->len, 1);
	file->len = from->len;
	memcpy(file->data, from->data, from->len);
}

static int take_file(const struct task_file *from, void *context, struct err *err)
{
	struct import_assets *assets = context;
	if (text_valid(from->path, strlen(from->path)) < strlen(from->path))
		return err_set(err, ERR_INPUT, "its name is not UTF-8");
	if (from->link && text_valid(from->link, strlen(from->link)) < strlen(from->link))
		return err_set(err, ERR_INPUT, "what it links to is not UTF-8");
	struct file *file = add_file(assets, from->path);
	if (from->data) {
		take_data(assets, from, file);
		return 0;
	}
	file->value = from->folder ? new_flag("folder") : json_new_object();
	if (from->link)
		json_set_string(&file->value, "link", from->link);
	json_set(&assets->list, from->path, json_copy(file->value));
	json_set(&assets->texts, from->path, json_copy(file->value));
	return 0;
}

static int read_folder(struct import_assets *assets, const char *path, struct err *err)
{
	FD_AUTO folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 ? err_system(err, "open") : task_walk(folder, NULL, take_file, assets, err);
}

/* Whether a file is a tar (POSIX ustar, or GNU's), or compressed and so to be one. */
static bool is_archive(int fd)
{
	char magic[5];
	return image_compression(fd) || (pread(fd, magic, sizeof magic, 257) == 5 && !memcmp(magic, "ustar", 5));
}

/* Whether a tar ends as one does, with two empty blocks: to tar(1) one that was cut off between two files is a whole one. */
static bool has_end(int fd)
{
	static const char empty[2 * 512];
	char end[sizeof empty];
	off_t at = lseek(fd, -(off_t)sizeof end, SEEK_END);
	return at >= 0 && pread(fd, end, sizeof end, at) == sizeof end && !memcmp(end, empty, sizeof end);
}

/* A file that is all there is, under its own name. */
static int read_single(struct import_assets *assets, int fd, const char *path, struct err *err)
{
	BUF_AUTO data = {0};
	struct task_file file = {.path = text_base_name(path)};
	if (fd_read_all(fd, TASK_FILE_MAX, &data, err) < 0)
		return -1;
	file.data = buf_string(&data);
	file.len = data.len;
	return take_file(&file, assets, err);
}

static int unpack(struct import_assets *assets, const char *path, struct err *err)
{
	const char *place = getenv("TMPDIR");
	STRING_AUTO around = mem_format("%s/pipegym-import-XXXXXX", place && *place ? place : "/tmp");
	if (!mkdtemp(around))
		return err_system(err, "%s", around);
	STRING_AUTO folder = mem_format("%s/files", around);
	int failed = image_unpack(path, folder, UNPACKED_MIB, err);
	if (failed == 0)
		failed = read_folder(assets, folder, err);
	fd_remove_tree(AT_FDCWD, around, NULL);
	return failed;
}

static int read_file(struct import_assets *assets, const char *path, struct err *err)
{
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open");
	if (!is_archive(fd))
		return read_single(assets, fd, path, err);
	if (!image_compression(fd) && !has_end(fd))
		return err_set(err, ERR_INPUT, "the archive is cut off");
	return unpack(assets, path, err);
}

struct import_assets *import_assets_open(const char *source, struct err *err)
{
	struct stat info;
	struct import_assets *assets = mem_alloc(1, sizeof *assets);
	*assets = (struct import_assets){json_new_object(), json_new_object(), json_new_object(), NULL, 0};
	int failed = stat(source, &info) < 0      ? err_system(err, "cannot be read")
	             : S_ISDIR(info.st_mode)      ? read_folder(assets, source, err)
	             : S_ISREG(info.st_mode) != 0 ? read_file(assets, source, err)
	                                          : err_set(err, ERR_INPUT, "neither a folder nor a file");
	if (failed == 0)
		return assets;
	if (strncmp(err->text, source, strlen(source)) != 0)
		err_context(err, "%s", source);
	import_assets_free(assets);
	return NULL;
}

void import_assets_free(struct import_assets *assets)
{
	if (!assets)
		return;
	for (size_t i = 0; i < assets->count; i++) {
		json_free(&assets->files[i].value);
		free(assets->files[i].data);
	}
	json_free(&assets->list);
	json_free(&assets->texts);
	json_free(&assets->index);
	free(assets->files);
	free(assets);
}

json import_assets_list(const struct import_assets *assets)
{
	return assets->list;
}

json import_assets_texts(const struct import_assets *assets)
{
	return assets->texts;
}

json import_assets_value(const struct import_assets *assets, const char *path, const char **data, size_t *len)
{
	int64_t at = assets ? json_get_int(assets->index, path, 0, (int64_t)assets->count - 1, -1) : -1;
	*data = NULL;
	if (at < 0)
		return json_none();
	*data = assets->files[at].data;
	*len = assets->files[at].len;
	return json_copy(assets->files[at].value);
}
