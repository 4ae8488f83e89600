#ifndef PIPEGYM_FD_H
#define PIPEGYM_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "buf.h"
#include "err.h"

#define FD_AUTO __attribute__((cleanup(fd_close))) int

void fd_close(int *fd); /* closes *fd if it is >= 0 and sets it to -1 */

/* Has a message carry descriptors (borrowed), in control: CMSG_SPACE(count * sizeof(int)) zero bytes, aligned as a cmsghdr. */
void fd_attach(struct msghdr *header, char *control, const int *fds, size_t count);

/* Reads to the end of file, at most max bytes more, appending to out.
 * More than max is an error (ERR_INPUT). Returns 0 or -1. */
int fd_read_all(int fd, size_t max, struct buf *out, struct err *err);

/* Writes all of it, restarting after EINTR and short writes. Returns 0 or -1. */
int fd_write_all(int fd, const void *data, size_t len, struct err *err);

/* Appends a regular file below dirfd (AT_FDCWD: the working directory), of at most max bytes. 0, or -1: a FIFO, device
 * or folder, or a longer file, is ERR_INPUT. */
int fd_read_file(int dirfd, const char *path, size_t max, struct buf *out, struct err *err);

/* Writes a text to a file that is there, with one write, as files of /proc and of control groups want it. 0, or -1 and
 * errno. Async-signal-safe. */
int fd_put_text(const char *path, const char *text);

/* Puts a file in place as a whole: written beside it, renamed over it; unlinked on failure.
 * sync: file and folder are fsynced too. name is a path below dirfd. 0, or -1 and ERR_SYSTEM. */
int fd_replace_file(int dirfd, const char *name, const void *data, size_t len, mode_t mode, bool sync, struct err *err);

/* Makes a folder and its parents (mode for all that are new). An existing folder is fine. 0 or -1. */
int fd_make_folders(const char *path, mode_t mode, struct err *err);

/* Takes back that a file or folder may not be changed (chattr +i, +a), where that can be. Whether it was so. */
bool fd_make_mutable(int fd);

/* Removes a folder below dirfd with all that is in it, however deep, however its modes are, and immutable or not as
 * above. A missing one is fine. 0, or -1 and ERR_SYSTEM. */
int fd_remove_tree(int dirfd, const char *name, struct err *err);

#endif
