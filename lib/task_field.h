#ifndef PIPEGYM_TASK_FIELD_H
#define PIPEGYM_TASK_FIELD_H

#include <stdbool.h>

#include "err.h"
#include "json.h"

/*
 * What an object of a task's definition may hold, as rows: each names a key,
 * the kind and range of its value, and what stands for it where it is absent.
 * Checking an object and filling in its defaults is one walk over its rows.
 */
enum field_kind {
	FIELD_TEXT,   /* string without NUL; min and max are its bytes */
	FIELD_LINE,   /* the same without control characters */
	FIELD_NAME,   /* field_name(); no longer than max */
	FIELD_CHOICE, /* one of choices */
	FIELD_NUMBER, /* min to max */
	FIELD_WHOLE,  /* the same, whole */
	FIELD_BOOL,
	FIELD_OBJECT, /* its rows are fields; NULL: anything at all */
	FIELD_ARRAY,  /* of min to max elements, each as *element says */
	FIELD_CUSTOM, /* whatever check says */
};

/* path names the value in errors. Returns 0, or -1 and ERR_INPUT. */
typedef int field_check(json value, const char *path, struct err *err);

struct field {
	const char *key; /* NULL ends the rows */
	enum field_kind kind;
	bool required;
	bool inline_only; /* only where a whole task is one line */
	double min, max;
	const char *fallback; /* JSON text; NULL: stays absent */
	const char *choices;  /* words with a space between them */
	const struct field *fields, *element;
	field_check *check; /* beside FIELD_CUSTOM: in addition, for a value that has its kind and range */
};

/* The longest list of rows and the deepest path are far below these. */
#define FIELD_PATH_MAX 256

/* Checks `given` against rows; more (or NULL) are further rows. Returns 0 and *checked (owned): the same with defaults,
 * keys in the order of the rows. path is "" for the whole, ".limits", ".checks[2]". */
int field_object(json given, const struct field *rows, const struct field *more, bool inlined, const char *path,
                 json *checked, struct err *err);
/* The same for one value and its row. *checked is owned. */
int field_value(json given, const struct field *row, bool inlined, const char *path, json *checked, struct err *err);

/* Of an array of strings: none is there twice. */
field_check field_unique;

/* Writes path with key behind it: ".limits.steps", ".meta[\"a b\"]". */
void field_path(char out[FIELD_PATH_MAX], const char *path, const char *key);
/* "path: reason" as ERR_INPUT; returns -1. */
int field_error(struct err *err, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* [A-Za-z0-9][A-Za-z0-9._+-]*, of at most max bytes. */
bool field_name(const char *text, size_t max);

#endif
