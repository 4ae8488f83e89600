#ifndef PIPEGYM_JOB_H
#define PIPEGYM_JOB_H

#include "helper.h"

/*
 * What pid 1 knows: the box, and the one request that is under way, its *job*.
 * A job goes through phases: RUNNING; KILLING once its time is up, its output
 * is too much or its client is gone, and after a step that is to leave nothing
 * behind; ENDING, when what the pipes held at that moment is still to be sent;
 * ANSWERING, when the answer itself is. All of it is static: nothing here
 * grows with what the box's processes do.
 */
#define CONNECTIONS 6

enum phase { IDLE, RUNNING, KILLING, ENDING, ANSWERING };

struct message {
	struct box_frame frame;
	char payload[BOX_PAYLOAD_MAX];
};

struct box_state {
	const struct box_spec *spec;
	int64_t born, idle_since;
	int64_t look_again; /* whether the note still has a name; never, if it never had one */
	int conns[CONNECTIONS];
	int64_t conn_used[CONNECTIONS];
	bool adopted;
	bool listening;
	bool entered;      /* something that is not ours has run in it, or changed its files */
	bool shell_killed; /* it did not come back, and no step has told yet */
	bool frozen;       /* every process but pid 1, and perhaps the session, is stopped */
	int freezer;       /* the connection with which they go on when it ends; -1: none */
	bool deserted;     /* it has ended */
	int64_t frozen_at;
	pid_t session;        /* 0: none yet, or it ended */
	struct program shell; /* what the session executes unless it has become something else */
	/* the watchdog's */
	int64_t next_look;   /* in now_ms(); 0: none is due */
	bool was_watched;    /* the job began with others than the shell about */
	uint32_t limits_met; /* flags for the next answer */
	char session_cwd[4096];
};
extern struct box_state box;

struct job_state {
	enum phase phase;
	uint32_t number; /* of shell commands so far: which one a status is for */
	enum box_op op;
	int conn;         /* -1: the client is gone */
	uint32_t slot;    /* START, FETCH, DROP */
	pid_t pid;        /* of the child; 0 for the session */
	int in, out, err; /* our ends; -1: none */
	bool in_open;     /* more input will come from the client */
	bool kill_background, endless, spare;
	bool terminal; /* EXEC: it has one, and no pipes */
	struct moment start;
	int64_t deadline, kill_deadline, kill_again; /* 0: none */
	uint64_t bytes;                              /* of output so far */
	int left[2];                                 /* ENDING: bytes of each stream still to be taken */
	bool waiting;                                /* the child or the shell has not answered yet */
	enum box_how how;
	int code;
	uint32_t flags;
};
extern struct job_state job;

extern struct message input;  /* what is still to be given to the command */
extern size_t input_at;       /* bytes of it already given */
extern struct message output; /* what is still to be sent; len 0 and op 0: nothing */

int64_t now_ms(void);  /* of CLOCK_MONOTONIC */
void drop_fd(int *fd); /* closes *fd if it is >= 0 and sets it to -1 */

/* job.c */
void job_begin(int conn, const int fds[BOX_REQUEST_FDS_MAX]); /* the request is in input; fds came with it; -1: none */
void thaw(void);                                              /* all that was stopped, if it was */
void job_accept_input(void);                                  /* a BOX_INPUT or BOX_INPUT_END frame is in input */
void job_give_input(void);                                    /* what the command takes of it now */
void job_take_stream(int *fd, uint32_t stream, short events);
/* A child of its own, for every request but those of the session; fds, tell: as a launch has them. 0, or -1 and errno. */
int job_start_child(const int *fds, int tell);
void job_kill(enum box_how how);
void job_exited(int status);                   /* the child, or the session's shell, ended with this wait status */
void job_answered(enum box_how how, int code); /* it is over, this is what came of it */
void job_settle(void);                         /* what follows from the state alone, until nothing more does */
bool output_flush(void);                       /* sends what is pending; whether nothing is any more */

/* watch.c */
void watch_begin(void);      /* a job begins */
int64_t watch_next(void);    /* when watch_turn() is due, in now_ms(); 0: not */
void watch_turn(void);       /* looks after the box's processes when that is due */
uint32_t watch_answer(void); /* a job ends: flags for the limits that were met since the last one did */

/* slot.c: programs that live from request to request. */
int slot_start(const int *fds); /* as job_start_child() */
void slot_fetch(void);
void slot_drop(void);       /* kills the program in the job's slot, if there is one, and what it started */
void slot_ended(pid_t pid); /* a child has: perhaps it is one of them */
unsigned slots_living(void);

/* names.c: the answer to BOX_NAMES, which is in input, to output; its status. */
int names_list(void);
/* worker.c: a child that does the job's request, which is one for files; ends: its stdin, stdout, stderr; fd came with
 * it, or -1. Its pid, or -1 and errno. */
pid_t worker_start(const int ends[3], int fd);

/* session.c */
int session_start(const int *fds); /* what came with the request */
void session_forget(void);         /* a dead shell's leftovers must not reach the next one */
void session_note_cwd(void);       /* asks the kernel where the shell is */
void session_status(void);         /* reads what came on the status pipe */

#endif
