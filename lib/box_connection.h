#ifndef PIPEGYM_BOX_CONNECTION_H
#define PIPEGYM_BOX_CONNECTION_H

#include "box.h"

/* What box.c makes, and box_run.c and box_pty.c use; nobody else's. */
struct box {
	int fd;               /* SOCK_SEQPACKET */
	pid_t pid;            /* of pid 1, as this process sees it; 0: not seen */
	struct cgroup *group; /* that ends with it; NULL: none, or an episode's */
};

/* Of box_run.c. Sends a request; *given: bytes of its input that are in it. 0 or -1. */
int box_request(struct box *box, const struct box_command *command, size_t *given, struct err *err);
/* Takes a frame, if there is one. 1: the answer is complete. 0: not yet; 2: a full frame of output came, so that the
 * next may be there. -1. */
int box_answer(struct box *box, const struct box_command *command, struct box_result *result, struct err *err);
/* Output as it comes, and its end: at most keep bytes of it stay. */
void box_collect(struct box_output *output, const char *data, size_t len, size_t keep);
void box_collected(struct box_output *output, size_t keep);

#endif
