#ifndef PIPEGYM_IMPORT_H
#define PIPEGYM_IMPORT_H

#include "err.h"
#include "import_assets.h"
#include "import_source.h"
#include "json.h"

/*
 * Other projects' records → tasks. What a format means is a jq program of ours
 * (lib/import/FORMAT.jq, behind common.jq), which is run on each record in a
 * jq child: the records are anybody's, and may be made to harm.
 */
struct import_format {
	const char *name, *program;
};
extern const struct import_format import_formats[]; /* ends with a NULL name */

struct import;
/* assets: a folder or an archive for all records, or NULL. original: with the rules and rewards of the other project.
 * NULL: ERR_USAGE for an unknown format, or why the assets cannot be read. */
struct import *import_new(const char *format, const char *assets, bool original, struct err *err);
void import_free(struct import *import); /* NULL is fine */

/* What a record of a file becomes: an array (owned) of objects with task, as in a line of a set, or refuse, a text; and
 * maybe id and note. In files and tests {"asset": PATH} stands for one of import_record_assets(). -1: ERR_INPUT: it is
 * no record; ERR_NEGATIVE: it is refused; ERR_SYSTEM. */
int import_convert(struct import *import, const char *file, const struct import_record *record, json *made,
                   struct err *err);
/* Those of a record: its own, where it is a folder, else those for all; NULL: none. Borrowed. */
const struct import_assets *import_record_assets(const struct import *import, const struct import_record *record);

#endif
