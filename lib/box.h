#ifndef PIPEGYM_BOX_H
#define PIPEGYM_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "box_wire.h"
#include "buf.h"
#include "cgroup.h"
#include "err.h"

/*
 * Theory. A box is one process tree in its own user, mount, pid, network, ipc,
 * uts and cgroup namespaces. Its pid 1 is a small helper of ours (libexec/),
 * which is never this process: a program that wants boxes starts one *spawner*
 * (struct box_host), hands it a description and two sockets, and the spawner
 * clones a pid 1 that builds the private root, drops every right and serves
 * requests on the sockets. The spawner dies with the program. A box dies with
 * the connection it was made with, until box_adopt(); then it lives until it is
 * ended, until nothing was asked of it for idle_s, until total_s after its
 * birth, until the process that keeps it has ended, or until what it belongs to
 * is no more: all of that it sees by itself, whatever becomes of others.
 *
 * This module knows no JSON and no episodes. Failure to make or reach a box is
 * an error (ERR_SYSTEM); what happens to a command in a box is a result.
 */
struct box_host; /* the spawner */
struct box;      /* a connection to a pid 1 */

struct box_files {
	const char *path; /* a folder of the box, absolute, made if missing */
	int pack;         /* descriptor of what it begins with (pack.h; borrowed) */
	bool unfit;       /* set by box_new() when it fails because this does not fit, with ERR_INPUT */
};

struct box_limits {
	unsigned memory_mib, disk_mib, processes; /* MiB, MiB, count */
	unsigned total_s;                         /* seconds from its birth; 0: no such deadline */
	bool network;                             /* loopback interface up */
	bool landlock;                            /* without namespaces: isolates less, see box_not_isolated() */
	bool merge_output;                        /* the session's stderr goes where its stdout goes */
	bool cleared;            /* what a base has at the folders of files is not seen: these are all */
	const char *cwd;         /* absolute; made if missing */
	struct box_files *files; /* at most BOX_PACKS_MAX */
	size_t file_count;
	/* Pairs of absolute paths: what of the host is shown read-only (it must be there), and where (made if missing);
	 * "/": a root file system that the box starts from instead of the host's /usr; ends with NULL; or NULL. */
	const char *const *bind_ro;
	/* Absolute paths of the host that an empty folder covers where a box without a base would show them; ends with
	 * NULL; or NULL. */
	const char *const *hide;
};

/* What a box has that is to outlive its maker (descriptors; borrowed). */
struct box_home {
	int listener; /* a bound SOCK_SEQPACKET socket on which it serves */
	/* An empty file, open for writing, whose length will say why the box ended by itself (enum box_note); within
	 * five seconds of its removal the box ends. */
	int note;
	int keeper;      /* pidfd of a process with which it ends; -1: none */
	unsigned idle_s; /* seconds without a request after which it ends; 0: no such deadline */
};

/* EXEC: input and output as they come, neither of them kept nor limited. */
struct box_stream {
	int input; /* read for the command's stdin as far as the box takes it (borrowed) */
	/* Takes output; stream is 1 or 2. The box waits while it does. -1 and *err end the request. */
	int (*take)(void *context, int stream, const char *data, size_t len, struct err *err);
	void *context;
};

/* One request. Unused members are zero. */
struct box_command {
	enum box_op op; /* BOX_SHELL to BOX_THAW, BOX_NAMES */
	const char *path; /* READ, WRITE, STAT, LIST, EXPORT, IMPORT, NAMES; relative to the session's working directory */
	const char *cwd; /* EXEC, START: absolute */
	const char *const *argv; /* NAMES: the beginning of a name; EXEC, START: ends with NULL; argv[0] is looked up in the box's PATH */
	const char *const *env; /* EXEC, START: "NAME=value" entries on top of the fixed environment, or NULL */
	const char *input;      /* SHELL: the command (no NUL bytes). EXEC: stdin. WRITE: the content */
	size_t input_len;
	int fd;         /* EXPORT: gets the pack; IMPORT: has it; SHELL: 3 of the shell, if this starts it; 0: none */
	const int *fds; /* EXEC: BOX_REQUEST_FDS_MAX descriptors that the command gets as 3 and on (borrowed), or NULL */
	unsigned slot;  /* START, FETCH, DROP: less than BOX_SLOTS */
	int *ends;      /* FETCH: gets BOX_ENDS descriptors (the caller closes them), or -1 each; see line.h */
	unsigned timeout_ms; /* 0: none */
	bool kill_background;
	bool spare;    /* FREEZE, THAW: not the session's shell; SHELL: while they hold */
	bool inside;   /* STAT: status 3 for what links on the way lead out of the working directory */
	bool for_good; /* FREEZE: nothing is to run again */
	size_t keep;   /* bytes kept of each stream, half of its head and half of its tail */
	int stop; /* SHELL, EXEC: when this descriptor becomes readable, what was started is killed (BOX_STOPPED); 0: none */
	unsigned stop_ms;                /* the same after so long; 0: never */
	unsigned patience_ms;            /* when no answer has come by then, the box counts as broken; 0: never */
	const struct box_stream *stream; /* EXEC: instead of input and keep; the result has no output then; or NULL */
};

/* One stream of output: all of it while it fits, else head and tail. */
struct box_output {
	struct buf head;
	struct buf tail; /* empty when nothing was cut */
	uint64_t total;  /* bytes that came */
	uint64_t cut;    /* bytes between head and tail that were dropped */
};

struct box_result {
	struct box_output out[2]; /* stdout, stderr */
	enum box_how how;
	int code; /* exit status, or signal number */
	bool shell_ended, shell_killed;
	bool lives;           /* FETCH: the program has not ended */
	bool oom, pids, disk; /* which limits were met: processes killed, no more processes, disk full */
	char cwd[4096];       /* the session's working directory, "" if it has none yet */
};

#define BOX_RESULT_AUTO __attribute__((cleanup(box_result_free))) struct box_result
void box_result_free(struct box_result *result);

/* Starts the spawner. One per program, safe to use from many threads. */
struct box_host *box_host_new(struct err *err);
void box_host_free(struct box_host *host);                   /* boxes that were not adopted die */
enum cgroup_tier box_host_tier(const struct box_host *host); /* what enforces the limits of its boxes: PIPEGYM_LIMITS */

/* Makes a box and waits until it is ready. home: NULL for a box that only its maker uses. An error names the step that
 * the host refused, the errno and the remedy. */
struct box *box_new(struct box_host *host, const struct box_limits *limits, const struct box_home *home, struct err *err);
/* Connects to the box that serves on the socket file `name` in folder dirfd. When nobody serves there: NULL, and *gone is true. */
struct box *box_connect(int dirfd, const char *name, bool *gone, struct err *err);
/* Makes the socket file for box_new. The path may be of any length. Returns a descriptor or -1. */
int box_listen(int dirfd, const char *name, struct err *err);
void box_free(struct box *box); /* ends the connection (and with it a box that was not adopted) */
/* The box outlives its maker from now on, and its control group is for whoever ends it to remove. */
int box_adopt(struct box *box, struct err *err);
/* The box's control group in its n-th hierarchy, before it is adopted (borrowed); NULL: none. */
const char *box_group(const struct box *box, size_t hierarchy);
/* Ends the box: every process in it is dead and gone when this returns. */
int box_end(struct box *box, struct err *err);
bool box_alive(const struct box *box); /* whether the connection still stands */
pid_t box_pid(const struct box *box);  /* of pid 1, as this process sees it */

/* Carries out one request. Returns 0 and *result (the caller frees it), or -1: the box broke or a stop signal came;
 * then the connection is of no more use. */
int box_run(struct box *box, const struct box_command *command, struct box_result *result, struct err *err);

/* Takes the name of an isolation, "namespaces" or "landlock"; false: there is no such. */
bool box_isolation(const char *name, bool *landlock);

/* What a box without namespaces does not isolate on this host: the i-th of some texts, or NULL. */
const char *box_not_isolated(size_t i);
/* What of Landlock the kernel has; less than 1: nothing, and errno says why. */
int box_landlock_abi(void);

/* What isolation boxes of this build have, for records: "user,mount,pid,network,ipc,uts,cgroup". */
const char *box_namespaces(void);

#endif
