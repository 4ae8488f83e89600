#ifndef PIPEGYM_IMPORT_ASSETS_H
#define PIPEGYM_IMPORT_ASSETS_H

#include <stddef.h>

#include "err.h"
#include "json.h"

/* Files that tasks are made with: a folder's; those of a tar, which is unpacked in a box; or one file alone. They are
 * held in memory. */
struct import_assets;
/* NULL: ERR_INPUT, it is none of these; ERR_SYSTEM. */
struct import_assets *import_assets_open(const char *source, struct err *err);
void import_assets_free(struct import_assets *assets); /* NULL is fine */

/* path → {"size": BYTES, "executable"?: true}, {"folder": true} or {"link": TARGET}; of SQL, by which dialects are told
 * apart, its "start"; and with texts, the content of files of text, as far as they are short, in "text". Borrowed. */
json import_assets_list(const struct import_assets *assets);
json import_assets_texts(const struct import_assets *assets);

/* One of them as a task's line has it (pipegym-task(5)), owned; json_none() if there is none. Of a file that is no text
 * "text" is empty, and *data and *len are what is in it (borrowed); else *data is NULL. */
json import_assets_value(const struct import_assets *assets, const char *path, const char **data, size_t *len);

#endif
