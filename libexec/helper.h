#ifndef PIPEGYM_HELPER_H
#define PIPEGYM_HELPER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "box_wire.h"

/*
 * The box helper: first a spawner that makes boxes on request, then, in each
 * clone of it, pid 1 of a box. It links no JSON and no libpipegym, allocates
 * nothing after start-up, and holds no secret: what grades a task never comes
 * this far.
 */

/* Descriptors that pid 1 has, at fixed numbers, close-on-exec; nothing else is open. */
enum {
	FD_LISTEN = 10,
	FD_FIRST,   /* the first connection */
	FD_COMMAND, /* the session's pipes */
	FD_STATUS,
	FD_STDOUT,
	FD_STDERR,
	FD_NULL,
	FD_LAST_PID,
	FD_PROC,  /* of this process's own /proc: by its path an agent that owns "/" could hide it */
	FD_RULES, /* of Landlock, in a box without namespaces */
	FD_SIGNAL,
	FD_NOTE, /* struct box_home has these two */
	FD_KEEPER,
	FD_GROUP,                             /* cgroup.procs of its control group, in each hierarchy */
	FD_INIT = FD_GROUP + BOX_GROUPS_MAX,  /* the same of the group of all pids 1, until it is in it */
	FD_EVENTS = FD_INIT + BOX_GROUPS_MAX, /* what counts the kills for want of memory, and the forks refused */
	FD_PACKS = FD_EVENTS + 2,             /* until they are unpacked */
	FD_COUNT = FD_PACKS + BOX_PACKS_MAX,
};

/* The session's named pipes, in a folder that nobody in the box can change. */
#define SESSION_FOLDER "/run/session"
#define SESSION_COMMAND SESSION_FOLDER "/command"
#define SESSION_STATUS SESSION_FOLDER "/status"
#define SESSION_STDOUT SESSION_FOLDER "/stdout"
#define SESSION_STDERR SESSION_FOLDER "/stderr"

/* filter.c: the system call filters, compiled once by the spawner. 0 or -1 with errno. */
enum filter_stage {
	FILTER_COMMON, /* of the spawner and all its boxes */
	FILTER_LAST,   /* of a box that is finished */
	FILTER_ALONE,  /* of a command in a box without namespaces */
	FILTER_STAGES,
};
int filter_compile(struct sock_fprog programs[FILTER_STAGES]);
int filter_load(const struct sock_fprog *program); /* for good; without the right to gain rights */

/* setup.c: from a fresh clone to a finished box. Returns NULL, or the name of the step that failed with errno set. */
const char *setup_box(const struct box_spec *spec, uid_t host_uid, gid_t host_gid, const struct sock_fprog *filter);

/* Box's n-th list of paths: the first of it. */
const char *spec_paths(const struct box_spec *spec, enum box_paths which);
int fix_time(int folder, const char *name); /* gives it the time of all that the box itself made */

/* workspaces.c: a task's folders. make: with those on the way. date: those on the way. 0 or -1 with errno. */
int workspaces_make(const struct box_spec *spec);
int workspaces_date(const struct box_spec *spec);
/* Whether links on the way lead a path out of the working directory, or out of the workspace that it names itself. What
 * is not there leads nowhere. */
bool workspaces_left(const char *path);

int write_file(const char *path, const char *text, int flags); /* 0 or -1 with errno */
/* What each box writes to is to be a few pages, and the linker sorts by alignment: what is large begins a page of its
 * own, and what every box writes to stands together. */
#define PAGED _Alignas(4096)
#define TOGETHER _Alignas(64)

#define ROOT_MOUNTPOINT "/tmp"            /* any folder that every host has; the mount is seen by nobody else */
const char *give_up_rights(void);         /* limits and capabilities; nobody may look into this process */
const char *open_fixed(const char *root); /* the descriptors above, session's pipes and below */
int make_folders(char *path);             /* and those above it; those that exist are fine */

/*
 * base.c: a root file system of the host as what the box's root starts from.
 * base_take() comes before the box's tmpfs is mounted, base_begin() with that
 * as the working directory, base_mount() leaves the root in its place; what
 * comes in between is put into the upper layer. All give NULL or the step that
 * failed unless said otherwise.
 */
int base_take(const char *path); /* 0 or -1 with errno */
bool base_taken(void);           /* from base_take() to base_mount() */
bool base_used(void);            /* from then on: what there is to execute is as the agent left it */
const char *base_begin(const struct box_spec *spec);
/* Makes the folders that a path of the box lies in the box's own; and the path itself, if that is to be a folder. */
const char *base_adopt(const char *path, bool folder);
const char *base_mount(void);
/* Names, for the time from base_begin() to base_done(), a folder of the upper layer. false: there is no base. */
bool base_upper(char *name, size_t size, const char *folder);
void base_done(void);

/* etc.c: what a box needs in its etc/, below the working directory. With a base, what that has is kept and completed. */
const char *make_etc(void);
/* Opens a regular file of the base, for reading: -1 when there is none, with errno. */
int base_open(const char *path);

/* landlock.c: the same without namespaces, in the folder box_root, which is "" in boxes that have them. */
extern char box_root[];
const char *setup_landlock(const struct box_spec *spec, const struct sock_fprog *filter);
int confine(void);                      /* in a child: gives up what a command may not have. 0 or -1 with errno */
const char *box_path(const char *path); /* where a path of a request is; in static memory */
/* The session's script, in which its pipes are named by their place in a root, with their place here; in static memory. */
const char *landlock_script(const char *script);
void box_exit(int status) __attribute__((noreturn)); /* with all processes of the box and all that it made */

/* serve.c: the last of the setup, as setup_box(); then requests are served until the box ends. */
const char *serve_begin(const struct box_spec *spec);
void serve(void) __attribute__((noreturn));

/* command.c */
struct launch {
	const char *cwd;
	char *const *argv;
	char *const *env; /* "NAME=value" on top of the fixed environment; NULL-terminated or NULL */
	int in, out, err; /* descriptors the command gets as 0, 1, 2 */
	int tell;         /* where it says that it cannot be executed; 0: on its stderr */
	const int *more;  /* BOX_REQUEST_FDS_MAX that it gets as 3 and on, each if it is not -1; or NULL */
	bool terminal;    /* they are one, which is to control its session */
	bool ours;        /* the session's shell: it starts in / if it must */
	bool fresh;       /* nothing has run in the box: if it cannot be executed, the host is to blame */
};
/* Starts a command with the limits of the box. Returns its pid, or -1. A command that cannot be executed says so
 * and exits with 126 or 127; what the host is to blame for goes to request_failed() first. */
pid_t command_start(const struct launch *launch);
bool host_failed(int error); /* whether an errno is about what the host has too little of, and not about what was asked */
/* For a child that soon executes another program, or ends with _exit(). It is in the box's control group, or tells of
 * its failure and ends. Its pid, 0 in it, or -1 and errno. */
pid_t fork_plain(void);
void command_limits(const struct box_spec *spec); /* what command_start applies */

/* job.c: tells the client of the request under way that the box could not do its own part. Also for a child, before it
 * executes anything. errno is kept. */
void request_failed(const char *stage);

/* Splits NUL-terminated operands in place; list gets a NULL at its end. Returns how many there were. */
size_t command_split(char *text, size_t len, char **list, size_t max);

/* group.c: control groups, whose descriptors came with the description; lib/cgroup.h has the theory. */
/* The calling process enters the groups by their cgroup.procs. 0, or -1 with errno. */
int group_enter(const int *procs, size_t count);
size_t group_fds(const struct box_spec *spec); /* how many descriptors they are in all */
/* BOX_OOM, BOX_PIDS: what the kernel did in the box's group since this was last asked. */
uint32_t group_events(void);

/* process.c */
/* A folder's entries, without the heap: each page that pid 1 writes to is one more page a box. */
struct folder {
	int fd;
	size_t at, len;
	_Alignas(8) char data[2048];
};
void folder_open(struct folder *folder, const char *path); /* one that cannot be opened has no entries */
const char *folder_next(struct folder *folder);            /* NULL: no more */
void folder_close(struct folder *folder);

/* A moment: what was started after it belongs to a step. */
struct moment {
	uint64_t ticks; /* of USER_HZ since boot, as in /proc/PID/stat */
	pid_t last_pid; /* the newest pid then; 0: unknown */
};
struct moment moment_now(void);
/* As signal_all() for SIGSTOP and SIGCONT, sparing one; -1 when they fork faster than they can be stopped. */
int signal_others(int number, pid_t spare);
/* While all but the worker and the spared one are stopped: one that has had itself continued is stopped again, or after
 * long killed. */
void keep_stopped(pid_t worker, pid_t spare, bool for_long);
/* Writes the processes to stdout, as BOX_PROCESSES has it, but for those of pid 1, the session and the caller. */
int list_processes(pid_t session);
/* Kills every process started since; spare (0: none) lives. Returns how many it found. */
int kill_since(const struct moment *moment, pid_t spare);
/* Kills a process, those of its session and those that descend from it, as far as they are many. Returns how many it found. */
int kill_program(pid_t root);
void signal_ours(pid_t pid, int number); /* to a process of the box */
int signal_all(int number); /* every process of the box but this one; how many there were; -1 and errno if none could be */
unsigned processes_of_user(void); /* and threads, as the limit of processes counts them */
pid_t newest_pid(void);           /* 0: unknown */
bool only_session(pid_t session); /* whether there is no process but pid 1 and this one (0: none) */
/* What a process executes: false when that cannot be told. */
struct program {
	dev_t device;
	ino_t inode;
};
bool process_program(pid_t pid, struct program *program);

/* What the processes but pid 1 hold together. */
struct usage {
	uint64_t kib; /* resident memory; too much rather than too little while it is below the limit */
	unsigned processes, threads;
	pid_t largest; /* 0: none */
};
void usage_now(struct usage *usage, uint64_t limit_kib);

/* files.c: does one file request in the calling process (a forked worker), with stdin, stdout, stderr set up; the exit status. */
int files_read(const char *path);
int files_write(const char *path, const char *data, size_t len); /* that, then stdin */
int files_stat(const char *path, bool inside);
int files_export(const char *path, int fd);
int files_list(const char *path);           /* a listing (pack.h) to stdout */
int files_import(const char *path, int fd); /* unpack.c */

void make_parents(const char *path);
/* The names in the working directory, sorted; the caller frees each and the list. -1: unreadable. */
int list_names(char ***names);
int list_by_age(char ***names);                   /* in the order in which they were made; with a base, sorted */
bool elsewhere(const char *name, uint64_t mount); /* whether it is not in the mount of this id, or not there */
void allow_depth(void);                           /* of folders, in a child that goes down into them */

/* Unpacks below the folder. NULL, or the name of what does not fit, with errno set (static, until the next call). */
const char *files_unpack(const char *folder, int fd);

#endif
