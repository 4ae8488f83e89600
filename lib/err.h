#ifndef PIPEGYM_ERR_H
#define PIPEGYM_ERR_H

/*
 * Errors are values. A library function that can fail takes a struct err as
 * its last argument, returns -1 and fills it; on success it leaves it alone.
 * The codes are the exit statuses of the programs, so that no table is needed
 * between the two.
 */
enum err_code {
	ERR_NONE = 0,
	ERR_NEGATIVE = 1, /* a negative answer: a verdict that is no pass */
	ERR_USAGE = 2,    /* the caller's options or arguments */
	ERR_INPUT = 3,    /* malformed or unfit input */
	ERR_SYSTEM = 4,   /* system, box or output failure: worth a retry */
};

struct err {
	enum err_code code;
	char text[512]; /* "context: reason", no newline, always terminated */
};

/* Fills *err (NULL is allowed: the error is dropped). Returns -1. */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As err_set with ERR_SYSTEM, and ": " and the text of errno behind it. Returns -1. */
int err_system(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " before the text that is there. Returns -1. */
int err_context(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
