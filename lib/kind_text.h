#ifndef PIPEGYM_KIND_TEXT_H
#define PIPEGYM_KIND_TEXT_H

/* The scripts of libexec/ that run in boxes as programs, each with its own parts before it (lib/local.mk). That of
 * gym_task is gym with what makes tasks of classes as well. */
extern const char kind_text_gym[], kind_text_gym_task[], kind_text_notebook[], kind_text_sql[];

#endif
