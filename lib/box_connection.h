#ifndef PIPEGYM_BOX_CONNECTION_H
#define PIPEGYM_BOX_CONNECTION_H

#include "box.h"

/* What box.c makes and box_run.c uses; nobody else's. */
struct box {
	int fd;               /* SOCK_SEQPACKET */
	pid_t pid;            /* of pid 1, as this process sees it; 0: not seen */
	struct cgroup *group; /* that ends with it; NULL: none, or an episode's */
};

#endif
