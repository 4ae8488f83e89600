#ifndef PIPEGYM_STOP_H
#define PIPEGYM_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/*
 * SIGTERM, SIGINT and SIGHUP ask a program to stop: whatever waits in poll()
 * also waits for stop_fd(), which becomes readable once and stays so.
 */
/* Handlers, and SIGPIPE and SIGXFSZ ignored so that writers see an errno. Once, before threads. 0, or -1 with errno. */
int stop_install(void);
int stop_signal(void); /* the signal that asked, or 0 */
int stop_fd(void);     /* readable once asked; -1 before stop_install() */
/* Waits for so many milliseconds: true. False, and sooner: a stop signal came, or what is written to fd is read by nobody. */
bool stop_wait(int ms, int fd);

/* Waits until fd is ready for events, as poll(2) has them, or until num_now_ms() is the deadline (INT64_MAX: as long as
 * it takes). 1; 0: the time is up; -1, ERR_SYSTEM: a stop signal came. */
int stop_ready(int fd, short events, int64_t deadline, struct err *err);

/* For a program that a person talks with: SIGINT no longer asks it to stop, but makes this descriptor readable, until
 * stop_interrupted() has read it. -1 with errno. */
int stop_take_interrupts(void);
bool stop_interrupted(void); /* whether it came since the last call */

#endif
