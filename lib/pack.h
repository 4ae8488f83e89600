#ifndef PIPEGYM_PACK_H
#define PIPEGYM_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

/*
 * A pack carries a folder's content into or out of a box: a run of entries,
 * depth first, with folders entered and left, so that no path is ever longer
 * than one name. Both ends are on one machine: integers are in its byte order.
 * It is read only inside a box (libexec/files.c), by a process that has no
 * more rights than the agent: what comes out of a box is not parsed outside.
 *
 * A listing is the same with a digest of PACK_DIGEST bytes in place of a file's
 * extents. Made in a box in which no agent's command has run, it is parsed
 * outside (tree.c).
 */
#define PACK_DIGEST 32
enum pack_type {
	PACK_FOLDER = 'd', /* enter it, making it */
	PACK_LEAVE = 'u',  /* leave it; mode and time are the folder's, set now */
	PACK_FILE = 'f',   /* followed by extents up to one of length 0 */
	PACK_LINK = 'l',   /* followed by size bytes of target */
	PACK_FIFO = 'p',
	PACK_HARD = 'h', /* of a whole root: followed by size bytes of the path of a file before it, which is this one */
	PACK_SAME = 's', /* of a whole root: what a new box has at this name, of the same base, is right */
	PACK_END = 'e',  /* time is that of the folder which was packed */
};

struct pack_entry {
	uint8_t type;
	uint8_t unused[3];
	uint32_t mode; /* permission bits */
	uint64_t size; /* PACK_FILE: its length; PACK_LINK, PACK_HARD: of the target */
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint32_t name_len; /* bytes of name behind this struct; no '/', no NUL, not "." or ".." */
};

struct pack_extent {
	uint64_t offset;
	uint64_t len; /* bytes of data behind this struct; what no extent covers is a hole */
};

/* Files that come with a task have this time, so that listings do not depend on a checkout: 2025-01-01T00:00:00Z. */
#define PACK_TIME 1735689600
#define PACK_TIME_TEXT "1735689600"

/* Builds a pack in memory from files given in order of path, folders before their content, as task_files() does. */
struct pack;
struct pack *pack_new(void);
void pack_free(struct pack *pack); /* NULL is fine */
/* path: relative, without "." and ".." in it. */
void pack_add_folder(struct pack *pack, const char *path);
void pack_add_file(struct pack *pack, const char *path, const void *data, size_t len, bool executable);
void pack_add_link(struct pack *pack, const char *path, const char *target);
/* What a listing has below a folder, with a path as above. */
void pack_add_listing(struct pack *pack, const char *path, const void *listing, size_t len);
/* Ends the pack and gives its bytes, which replace *out. The pack is freed. */
void pack_take(struct pack *pack, struct buf *out);
/* Ends the pack and gives a memory file that holds it, sealed against change; -1 and ERR_SYSTEM when there is none to
 * be had. The pack is freed. */
int pack_finish(struct pack *pack, struct err *err);

/* Whether a finished pack holds no entry but its end. */
bool pack_is_empty(int fd);

#endif
