#ifndef PIPEGYM_BOX_WIRE_H
#define PIPEGYM_BOX_WIRE_H

#include <stdint.h>

/*
 * What the programs and pid 1 of a box say to each other, on SOCK_SEQPACKET
 * sockets: one message is one frame. Both ends are built from the same tree
 * and live on the same machine, so the structs go over as they are; a version
 * number guards against a helper of another build.
 *
 * To the spawner (the helper before it becomes pid 1):
 *   struct box_spec, with descriptors: the first connection; if it outlives its
 *   maker the socket to listen on and its note (struct box_home), and the pidfd
 *   of its keeper if it has one; its control group (cgroup.h) if it has one;
 *   its packs (pack.h) → struct box_born.
 * From the new pid 1, on that first connection: one BOX_READY or BOX_FAILED.
 * Then, on every connection: a request (struct box_frame, operands behind it,
 * and input behind those where all of it fits), BOX_INPUT frames up to
 * BOX_INPUT_END where the request says that input follows; back come BOX_OUTPUT frames and one BOX_DONE. A BOX_FAILED
 * instead says that the box could not do its own part, whatever comes after it.
 */
#define BOX_WIRE_VERSION 14u
#define BOX_PAYLOAD_MAX (32u << 10) /* bytes behind a frame's header */
#define BOX_PATH_MAX 256
#define BOX_OPERANDS_MAX 512 /* of a request: working directory, arguments, environment */
#define BOX_BINDS_MAX 16
#define BOX_PACKS_MAX 6
#define BOX_REQUEST_FDS_MAX 2 /* descriptors that go with a request */
#define BOX_SLOTS 4           /* programs that live from request to request, */
#define BOX_ENDS 3            /* each with our ends of its stdin, stdout, stderr */
#define BOX_GROUPS_MAX 2      /* hierarchies of control groups */
#define BOX_GROUP_FDS_MAX                                                                                              \
	(2 * BOX_GROUPS_MAX + 2) /* cgroup.procs of its group, then of init, in each; two files of events */
#define BOX_FDS_MAX (4 + BOX_GROUP_FDS_MAX + BOX_PACKS_MAX) /* that go with a description */
#define BOX_COMMAND_MAX                                                                                                \
	(BOX_PAYLOAD_MAX - 16) /* bytes of a shell command in its first frame: a number goes before it */

enum box_paths {
	BOX_COVERED,  /* an empty folder is put where the box would show these of the host */
	BOX_BOUND,    /* pairs of a path of the host and an absolute one of the box; to "/": the base */
	BOX_UNPACKED, /* folders of the box, made if missing: what each pack is unpacked below */
};

struct box_spec {
	uint32_t version;
	uint32_t memory_mib; /* of all processes together; RLIMIT_DATA of each */
	uint32_t disk_mib;   /* size of the root tmpfs, and RLIMIT_FSIZE */
	uint32_t inodes;
	uint32_t processes;
	uint32_t network;      /* 1: lo is up */
	uint32_t merge_output; /* 1: the session's stderr goes where its stdout goes */
	uint32_t landlock;     /* 1: without namespaces, by Landlock and the filter alone */
	uint32_t idle_s;
	uint32_t total_s;
	uint32_t listens;       /* 1: it outlives its maker, and has other clients */
	uint32_t kept;          /* 1: it has a keeper */
	uint32_t packs;         /* at most BOX_PACKS_MAX */
	uint32_t cleared;       /* 1: of what a base has at cwd, /tests and BOX_UNPACKED nothing is seen */
	uint32_t groups;        /* hierarchies in which it has a control group, at most BOX_GROUPS_MAX */
	char cwd[BOX_PATH_MAX]; /* made by the setup; where the session starts */
	/* Lists of paths (enum box_paths), each path with its NUL, each list ended by an empty one. Every box keeps a
	 * page with its description, and this is the rest of it. */
	char paths[4096 - 15 * sizeof(uint32_t) - BOX_PATH_MAX];
};
_Static_assert(sizeof(struct box_spec) == 4096, "a page");

struct box_born {
	int32_t pid; /* of pid 1 as its maker sees it; 0: it was not born */
	int32_t error;
	char stage[64];
};

/* Far from the ranges that distributions give out; where it is not mapped (in a container), nobody. */
#define BOX_HOST_ID 2000000000u
#define BOX_HOST_ID_ELSE 65534u

enum box_op {
	/* requests */
	BOX_SHELL = 1, /* payload, then input: the command, in the session's shell; descriptor, maybe: 3 of it if it starts with this */
	/* Operands: cwd, argc × argument, environment entries; input: stdin; descriptors: none, or what the command gets
	 * as 3 and on. */
	BOX_EXEC,
	BOX_READ,  /* operands: path → the file's bytes as output */
	BOX_WRITE, /* operands: path; input: the file's new content */
	/* operands: path → "MODE KIND\n" as output: octal, regular|directory|symlink|special; a link at its end is not
	 * followed; status 1: it is not there, 2: nobody can tell, 3: BOX_INSIDE */
	BOX_STAT,
	BOX_LIST,   /* operands: path → a listing of the folder (pack.h) as output */
	BOX_EXPORT, /* operands: path; descriptor: gets a pack of the folder (pack.h) */
	BOX_IMPORT, /* operands: path; descriptor: a pack of another box's "/"; this one then holds that and nothing else */
	BOX_PROCESSES, /* → a line "session" if there is a shell, then "PID COMMAND LINE\0" for each other process */
	/* as BOX_EXEC without input; done once it is executed; what it says before is why it could not be. It has its
	 * slot, whose last one is killed, until that is dropped */
	BOX_START,
	BOX_FETCH, /* → BOX_ENDS descriptors, which do not wait, with an empty BOX_OUTPUT: of the program in the slot; none: it is empty */
	BOX_DROP,  /* the slot is empty then; of the program, its session and what descends from it nothing goes on */
	BOX_FREEZE, /* stops every process but pid 1, or ends it */
	BOX_THAW,
	BOX_ADOPT, /* from now on the box outlives its maker's connection */
	BOX_END,   /* the box ends; no answer but the end of the connection */
	/* parts of a request */
	BOX_INPUT,
	BOX_INPUT_END,
	/* answers */
	BOX_READY,
	BOX_FAILED, /* payload: the stage as text; code: errno; stream, of a new box: which pack does not fit, from 1,
	               or 0. Of a request: nothing is known of what was to be done */
	BOX_OUTPUT,
	BOX_DONE, /* payload: the session's working directory */
	/* What boxes of earlier versions, which may be alive, pass over without an answer is behind all that they know. */
	BOX_STOP, /* the SHELL or EXEC under way is to end now: BOX_STOPPED, unless it has ended by itself */
	/* operands: path of a folder, beginning of a name → in one BOX_OUTPUT, "/NAME\0" for each folder in it with
	 * such a name, " NAME\0" for what else there is, as many as fit, unsorted; status 1: there is no such folder,
	 * or without namespaces. No process is needed for it */
	BOX_NAMES,
	BOX_TERMINAL, /* as BOX_EXEC without input; descriptors: what the command gets as 3, maybe, and a terminal, which is its
	               * stdin, stdout, stderr, and controls its session. BOX_READY comes first: output is had from the terminal */
};

enum box_how {
	BOX_EXITED = 0,
	BOX_SIGNALED,
	BOX_TIMEOUT,
	BOX_FLOODED, /* killed for more output than BOX_FLOOD */
	BOX_STOPPED, /* killed because its client asked for that */
};

enum box_flag {
	BOX_KILL_BACKGROUND = 1, /* request: what the step leaves behind is killed too */
	BOX_SHELL_ENDED = 2,     /* answer: the session's shell ended (exit, exec, a crash) */
	BOX_SHELL_KILLED = 4,    /* answer: it did not come back and was killed, now or when nobody was told */
	BOX_COMPLETE = 8,        /* request: no BOX_INPUT follows; all input is in the payload */
	BOX_OOM = 16,            /* answer: processes were killed because all together held more than memory_mib */
	BOX_PIDS = 32,           /* answer: there were as many processes as there may be */
	BOX_DISK = 64,           /* answer: the disk is full */
	BOX_SPARE = 256, /* request: FREEZE and THAW leave the session's shell alone, and the end of the connection thaws; SHELL thaws nothing */
	BOX_FOR_GOOD = 512, /* request: FREEZE kills, as no THAW is to follow */
	BOX_INSIDE = 1024,  /* request: STAT gives 3 for a path that links lead out of the working directory */
	BOX_LIVES = 2048,   /* answer to FETCH: the program has not ended */
	BOX_ENDLESS = 128,  /* request: BOX_FLOOD does not count; the client takes output as it comes */
};

/* Why a box ended by itself: the length that it gives its note. */
enum box_note {
	BOX_TOTAL = 1, /* total_s after its birth */
	BOX_BUSY,      /* the same, while something asked of it was under way */
	BOX_IDLE,      /* nothing was asked of it for idle_s */
	BOX_KEEPER,    /* its keeper ended */
};

#define BOX_FLOOD ((uint64_t)64 << 20) /* bytes of output after which a request is ended */

struct box_frame {
	uint32_t op;
	uint32_t flags;
	uint32_t timeout_ms; /* request; 0: none */
	uint32_t argc;       /* BOX_EXEC, BOX_START, BOX_TERMINAL */
	uint32_t operands;   /* request: bytes of the payload that they are, with the NUL that ends the last */
	uint32_t stream;     /* BOX_OUTPUT: 1 or 2; BOX_FAILED; BOX_START, BOX_FETCH, BOX_DROP: the slot */
	uint32_t how;        /* BOX_DONE */
	int32_t code;        /* BOX_DONE: exit status or signal; BOX_FAILED: errno */
	uint32_t len;        /* payload bytes */
};

#endif
