#ifndef PIPEGYM_IMPORT_SOURCE_H
#define PIPEGYM_IMPORT_SOURCE_H

#include <stdint.h>

#include "err.h"
#include "import_assets.h"
#include "json.h"

/*
 * The records of a foreign file: those of JSON Lines, of which one at a time is
 * held in memory; the elements of an array, or one object over several lines,
 * whose text is; or folders, if the file is one: itself, where a task.toml or
 * task.yaml is in it, else each folder in it.
 */
struct import_source;
/* NULL: ERR_INPUT, neither a file nor a folder; ERR_SYSTEM. */
struct import_source *import_source_open(const char *path, struct err *err);
/* An object whose entries are the records, of a file or, where path is NULL, standard input. */
struct import_source *import_source_entries(const char *path, struct err *err);
/* The lines of it, whatever they begin with. */
struct import_source *import_source_lines(const char *path, struct err *err);
void import_source_free(struct import_source *source); /* NULL is fine */

struct import_record {
	json value;                   /* owned; of a folder {"folder": NAME, "files": import_assets_texts()} */
	uint64_t number;              /* of the line, element or folder, from 1 */
	size_t size;                  /* of its text, in bytes */
	char *key;                    /* of an entry, owned; else NULL */
	struct import_assets *assets; /* of a folder its files, owned; else NULL */
};

/* 1: *record, to be freed. 0: there are no more. -1, ERR_INPUT: this one cannot be read, but record->number says which
 * it is, and others may follow; ERR_SYSTEM: that is all. */
int import_source_next(struct import_source *source, struct import_record *record, struct err *err);
void import_record_free(struct import_record *record);

#endif
