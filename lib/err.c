#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message is one line, whatever got into it. */
static void one_line(char *text)
{
	for (; *text; text++)
		if (*text == '\n' || *text == '\r')
			*text = ' ';
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
	if (!err)
		return -1;
	/* An argument may be the text that is being replaced. */
	char text[sizeof err->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	one_line(text);
	memcpy(err->text, text, sizeof text);
	err->code = code;
	return -1;
}

int err_system(struct err *err, const char *format, ...)
{
	int number = errno;
	if (!err)
		return -1;
	char text[sizeof err->text], reason[128];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	err_set(err, ERR_SYSTEM, "%.360s: %s", text, strerror_r(number, reason, sizeof reason));
	errno = number;
	return -1;
}

int err_context(struct err *err, const char *format, ...)
{
	if (!err)
		return -1;
	char context[sizeof err->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(context, sizeof context, format, arguments);
	va_end(arguments);
	/* However long the context is, something of the reason stays. */
	return err_set(err, err->code, "%.250s: %s", context, err->text);
}
