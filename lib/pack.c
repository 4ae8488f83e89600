#include "pack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"

/* The bytes so far, and the folder that the reader would be in: entries name one component. */
struct pack {
	struct buf bytes;
	struct buf folder; /* "a/b", without a slash at its end */
};

struct pack *pack_new(void)
{
	return mem_alloc(1, sizeof(struct pack));
}

void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	buf_free(&pack->bytes);
	buf_free(&pack->folder);
	free(pack);
}

static void add_entry(struct pack *pack, enum pack_type type, unsigned mode, const char *name, size_t size)
{
	struct pack_entry entry = {.type = (uint8_t)type,
	                           .mode = mode,
	                           .size = size,
	                           .mtime_s = PACK_TIME,
	                           .name_len = name ? (uint32_t)strlen(name) : 0};
	buf_add(&pack->bytes, &entry, sizeof entry);
	if (name)
		buf_add(&pack->bytes, name, entry.name_len);
}

static void leave_folder(struct pack *pack)
{
	char *slash = strrchr(buf_string(&pack->folder), '/');
	add_entry(pack, PACK_LEAVE, 0755, NULL, 0);
	buf_cut(&pack->folder, slash ? (size_t)(slash - pack->folder.data) : 0);
}

/* Leaves and enters folders until the reader is in the one that path lies in. Returns path's last component. */
static const char *go_to(struct pack *pack, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	while (pack->folder.len > 0 && !(pack->folder.len <= len && !memcmp(pack->folder.data, path, pack->folder.len) &&
	                                 (pack->folder.len == len || path[pack->folder.len] == '/')))
		leave_folder(pack);
	while (pack->folder.len < len) {
		const char *from = path + pack->folder.len + (pack->folder.len > 0);
		size_t n = (size_t)(strchr(from, '/') - from);
		STRING_AUTO name = mem_format("%.*s", (int)n, from);
		add_entry(pack, PACK_FOLDER, 0755, name, 0);
		if (pack->folder.len > 0)
			buf_add_char(&pack->folder, '/');
		buf_add_string(&pack->folder, name);
	}
	return slash ? slash + 1 : path;
}

void pack_add_folder(struct pack *pack, const char *path)
{
	STRING_AUTO inside = mem_format("%s/", path);
	go_to(pack, inside);
}

void pack_add_file(struct pack *pack, const char *path, const void *data, size_t len, bool executable)
{
	struct pack_extent extent = {0, len}, end = {0, 0};
	add_entry(pack, PACK_FILE, executable ? 0755 : 0644, go_to(pack, path), len);
	if (len > 0) {
		buf_add(&pack->bytes, &extent, sizeof extent);
		buf_add(&pack->bytes, data, len);
	}
	buf_add(&pack->bytes, &end, sizeof end);
}

void pack_add_link(struct pack *pack, const char *path, const char *target)
{
	add_entry(pack, PACK_LINK, 0777, go_to(pack, path), strlen(target));
	buf_add_string(&pack->bytes, target);
}

void pack_add_listing(struct pack *pack, const char *path, const void *listing, size_t len)
{
	pack_add_folder(pack, path);
	buf_add(&pack->bytes, listing, len - sizeof(struct pack_entry)); /* without its end */
}

static void end(struct pack *pack)
{
	while (pack->folder.len > 0)
		leave_folder(pack);
	add_entry(pack, PACK_END, 0, NULL, 0);
}

void pack_take(struct pack *pack, struct buf *out)
{
	end(pack);
	buf_free(out);
	*out = pack->bytes;
	pack->bytes = (struct buf){0};
	pack_free(pack);
}

int pack_finish(struct pack *pack, struct err *err)
{
	end(pack);
	int fd = memfd_create("pack", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		err_system(err, "memory file");
	else if (fd_write_all(fd, pack->bytes.data, pack->bytes.len, err) < 0)
		fd_close(&fd);
	else
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	pack_free(pack);
	return fd;
}

bool pack_is_empty(int fd)
{
	return lseek(fd, 0, SEEK_END) <= (off_t)sizeof(struct pack_entry);
}
