/* The program's side of jq children; see eval.h and eval_wire.h. */
#include "eval.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "num.h"
#include "proc.h"
#include "stop.h"
#include "text.h"

#define START_MS 10000        /* for a child to be ready */
#define PATIENCE 10           /* times its processor time that a run may take by the clock, */
#define PATIENCE_MS 20000     /* and this, to read the input and to compile on a busy machine */
#define READ_SIZE (64u << 10) /* bytes read at a time */

struct child {
	struct child *next; /* idle, the last used one first */
	char *owner;
	pid_t pid;
	int in, out;      /* of it, by pipes */
	bool environment; /* it has its owner's */
	struct buf text;  /* of an answer, kept for the next */
};

struct eval {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct child *idle;
	int count, most; /* children in all */
};

/* --- children ---------------------------------------------------------- */

struct eval *eval_new(void)
{
	struct eval *eval = mem_alloc(1, sizeof *eval);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	/* They compute and nothing else: more would only wait for each other. */
	eval->most = processors > 2 ? (int)(2 * processors) : 4;
	pthread_mutex_init(&eval->lock, NULL);
	pthread_cond_init(&eval->freed, NULL);
	return eval;
}

/* Ends it, whatever it does. Returns its wait status. */
static int child_free(struct child *child)
{
	int status = 0;
	fd_close(&child->in);
	fd_close(&child->out);
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	buf_free(&child->text);
	free(child->owner);
	free(child);
	return status;
}

void eval_free(struct eval *eval)
{
	if (!eval)
		return;
	for (struct child *next, *child = eval->idle; child; child = next) {
		next = child->next;
		child_free(child);
	}
	pthread_cond_destroy(&eval->freed);
	pthread_mutex_destroy(&eval->lock);
	free(eval);
}

/* The idle child of this owner, or else, where owner is NULL, the one that was not used for longest. */
static struct child *unlink_idle(struct eval *eval, const char *owner)
{
	struct child **place = &eval->idle;
	while (*place && (owner ? strcmp((*place)->owner, owner) != 0 : (*place)->next != NULL))
		place = &(*place)->next;
	struct child *child = *place;
	if (child)
		*place = child->next;
	return child;
}

/* The idle child of this owner; NULL: there may be a new one, once *surplus, if there is one, is freed. */
static struct child *take_idle(struct eval *eval, const char *owner, struct child **surplus)
{
	struct child *child;
	*surplus = NULL;
	pthread_mutex_lock(&eval->lock);
	while (!(child = unlink_idle(eval, owner)) && eval->count == eval->most && !(*surplus = unlink_idle(eval, NULL)))
		pthread_cond_wait(&eval->freed, &eval->lock);
	eval->count += !child && !*surplus;
	pthread_mutex_unlock(&eval->lock);
	return child;
}

static void put_back(struct eval *eval, struct child *child)
{
	pthread_mutex_lock(&eval->lock);
	child->next = eval->idle;
	eval->idle = child;
	pthread_cond_signal(&eval->freed);
	pthread_mutex_unlock(&eval->lock);
}

/* One is gone, or did not come to be. */
static void count_down(struct eval *eval)
{
	pthread_mutex_lock(&eval->lock);
	eval->count--;
	pthread_cond_signal(&eval->freed);
	pthread_mutex_unlock(&eval->lock);
}

/* --- talking to one ---------------------------------------------------- */

/* 1; 0 when the child has died or the time is up; -1. */
static int give(const struct child *child, const char *data, size_t len, int64_t deadline, struct err *err)
{
	while (len > 0) {
		ssize_t n = write(child->in, data, len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return 0;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
			continue;
		}
		int ready = stop_ready(child->in, POLLOUT, deadline, err);
		if (ready <= 0)
			return ready;
	}
	return 1;
}

/* Reads into child->text until there are so many bytes. As give(). */
static int get(struct child *child, size_t wanted, int64_t deadline, struct err *err)
{
	buf_reserve(&child->text, wanted > READ_SIZE ? wanted : READ_SIZE);
	while (child->text.len < wanted) {
		int ready = stop_ready(child->out, POLLIN, deadline, err);
		if (ready <= 0)
			return ready;
		ssize_t n = read(child->out, child->text.data + child->text.len, child->text.size - child->text.len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		child->text.len += (size_t)n;
	}
	child->text.data[child->text.len] = '\0';
	return 1;
}

/* The next answer: its text is child->text behind the header. As give(). */
static int get_answer(struct child *child, struct eval_answer *answer, int64_t deadline, struct err *err)
{
	buf_clear(&child->text);
	int got = get(child, sizeof *answer, deadline, err);
	if (got <= 0)
		return got;
	memcpy(answer, child->text.data, sizeof *answer);
	if (answer->len > EVAL_OUTPUT_MAX || answer->kind > EVAL_FAILED)
		return err_set(err, ERR_SYSTEM, "the jq child's answer makes no sense");
	return get(child, sizeof *answer + answer->len, deadline, err);
}

/* The two ends of its pipes that are ours, and those that become its own. */
static int make_pipes(struct child *child, int theirs[2], struct err *err)
{
	int requests[2], answers[2];
	if (pipe2(requests, O_CLOEXEC) < 0)
		return err_system(err, "pipe for a jq child");
	if (pipe2(answers, O_CLOEXEC) < 0 || fcntl(requests[1], F_SETFL, O_NONBLOCK) < 0) {
		err_system(err, "pipe for a jq child");
		close(requests[0]);
		close(requests[1]);
		return -1;
	}
	child->in = requests[1];
	child->out = answers[0];
	theirs[0] = requests[0];
	theirs[1] = answers[1];
	return 0;
}

static pid_t start_program(int in, int out, struct err *err)
{
	static const char *const argv[] = {"pipegym-jq", NULL};
	char path[PATH_MAX];
	return proc_helper_path(argv[0], path, sizeof path, err) < 0 ? -1 : proc_start_helper(path, argv, in, out, err);
}

static struct child *start(const char *owner, struct err *err)
{
	struct child fresh = {0};
	int theirs[2] = {-1, -1};
	if (make_pipes(&fresh, theirs, err) < 0)
		return NULL;
	fresh.pid = start_program(theirs[0], theirs[1], err);
	close(theirs[0]);
	close(theirs[1]);
	if (fresh.pid < 0) {
		close(fresh.in);
		close(fresh.out);
		return NULL;
	}
	fresh.owner = mem_string(owner);
	struct child *child = mem_alloc(1, sizeof *child);
	*child = fresh;
	struct eval_answer hello;
	int got = get_answer(child, &hello, num_now_ms() + START_MS, err);
	if (got > 0 && hello.kind == EVAL_READY)
		return child;
	if (got >= 0)
		err_set(err, ERR_SYSTEM, "jq child: %.200s",
		        got == 0 ? "it does not start" : child->text.data + sizeof hello);
	child_free(child);
	return NULL;
}

/* --- a run ------------------------------------------------------------- */

static const char *const reasons[] = {
        [EVAL_COMPILE] = "not a jq program",       [EVAL_RAISED] = "it raised an error",
        [EVAL_NONE] = "it has no output",          [EVAL_SEVERAL] = "it has more than one output",
        [EVAL_UNFIT] = "its output is not fit",    [EVAL_TIME] = "it took too long",
        [EVAL_MEMORY] = "it took too much memory", [EVAL_CRASHED] = "it made the jq machine crash",
};

const char *eval_reason(enum eval_kind kind)
{
	return reasons[kind];
}

static void explain(struct eval_result *result, const char *message, size_t len)
{
	size_t fits = sizeof result->why - 60;
	const char *reason = reasons[result->kind];
	snprintf(result->why, sizeof result->why, "%s%s%.*s", reason, len ? ": " : "",
	         (int)text_cut_end(message, len < fits ? len : fits), message);
}

/* What its death says of the program. -1: nothing. */
static int obituary(int status, bool overdue, struct eval_result *result, struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == EVAL_EXIT_TIME)
		result->kind = EVAL_TIME;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == EVAL_EXIT_MEMORY)
		result->kind = EVAL_MEMORY;
	else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		result->kind = EVAL_CRASHED;
	else if (overdue)
		result->kind = EVAL_TIME;
	else
		return err_set(err, ERR_SYSTEM, "the jq child ended (wait status %d)", status);
	explain(result, "", 0);
	return 0;
}

static int result_of(const struct child *child, const struct eval_answer *answer, struct eval_result *result,
                     struct err *err)
{
	const char *text = child->text.data + sizeof *answer;
	result->kind = (enum eval_kind)answer->kind;
	result->len = answer->len;
	if (answer->kind == EVAL_OUTPUT && json_parse(text, answer->len, &result->output, err) == 0)
		return 0;
	if (answer->kind == EVAL_OUTPUT)
		return err_set(err, ERR_SYSTEM, "the jq child's answer makes no sense");
	if (answer->kind == EVAL_FAILED || answer->kind == EVAL_READY)
		return err_set(err, ERR_SYSTEM, "jq child: %.200s", text);
	explain(result, text, answer->len);
	return 0;
}

static int run(struct eval *eval, struct child *child, const struct buf *request, int64_t deadline,
               struct eval_result *result, struct err *err)
{
	struct eval_answer answer;
	int done = give(child, request->data, request->len, deadline, err);
	if (done >= 0)
		/* One that died before it had read everything may have said why. */
		done = get_answer(child, &answer, deadline, err);
	if (done > 0) {
		int failed = result_of(child, &answer, result, err);
		child->environment &= result->kind != EVAL_COMPILE;
		/* The text of a large answer is not kept. */
		if (child->text.size > 16 * READ_SIZE)
			buf_free(&child->text);
		if (!failed) {
			put_back(eval, child);
			return 0;
		}
		done = -1;
	}
	bool overdue = num_now_ms() >= deadline;
	siginfo_t info;
	if (done == 0 && !overdue) /* its end of the connection, which it cannot close, goes just before it does */
		while (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
			continue;
	int status = child_free(child);
	count_down(eval);
	return done < 0 ? -1 : obituary(status, overdue, result, err);
}

/* One that waits, or a new one. */
static struct child *take(struct eval *eval, const char *owner, struct err *err)
{
	struct child *surplus, *child = take_idle(eval, owner, &surplus);
	if (child) {
		struct pollfd fds = {child->out, POLLIN, 0};
		if (poll(&fds, 1, 0) == 0)
			return child;
		/* One that was killed while it waited, for want of memory elsewhere, is nobody's fault. */
		surplus = child;
	}
	if (surplus)
		child_free(surplus);
	child = start(owner, err);
	if (!child)
		count_down(eval);
	return child;
}

int eval_prepare(struct eval *eval, const char *owner, struct err *err)
{
	struct child *child = take(eval, owner, err);
	if (!child)
		return -1;
	put_back(eval, child);
	return 0;
}

/* What an input is: a value, or its text. */
struct input {
	json value;
	const struct buf *text; /* NULL: value */
};

/* known: the child has the environment. */
static int request_of(const struct eval_program *program, bool known, const struct input *input,
                      struct eval_request *header, struct buf *request, struct err *err)
{
	size_t program_len = known && program->environment ? 0 : strlen(program->text);
	if (program_len > EVAL_PROGRAM_MAX)
		return err_set(err, ERR_INPUT, "a jq program of more than %u bytes", EVAL_PROGRAM_MAX);
	buf_reserve(request, sizeof *header + program_len + (input->text ? input->text->len : 0));
	buf_add(request, header, sizeof *header);
	buf_add(request, program->text, program_len);
	if (input->text)
		buf_add(request, input->text->data, input->text->len);
	else if (json_dump(input->value, false, request, err) < 0)
		return -1;
	size_t input_len = request->len - sizeof *header - program_len;
	if (input_len > UINT32_MAX)
		return err_set(err, ERR_INPUT, "an input of more than 4 GiB");
	header->program_len = (uint32_t)program_len;
	header->input_len = (uint32_t)input_len;
	memcpy(request->data, header, sizeof *header);
	return 0;
}

static int run_on(struct eval *eval, const struct eval_program *program, const struct input *input,
                  struct eval_result *result, struct err *err)
{
	*result = (struct eval_result){.output = json_none()};
	struct child *child = take(eval, program->owner, err);
	if (!child)
		return -1;
	BUF_AUTO request = {0};
	struct eval_request header = {.environment = program->environment,
	                              .time_ms = program->time_ms ? program->time_ms : EVAL_TIME_MS};
	int failed = request_of(program, child->environment, input, &header, &request, err);
	if (failed) {
		put_back(eval, child);
		return -1;
	}
	child->environment |= program->environment;
	return run(eval, child, &request, num_now_ms() + PATIENCE * (int64_t)header.time_ms + PATIENCE_MS, result, err);
}

int eval_run(struct eval *eval, const struct eval_program *program, json input, struct eval_result *result, struct err *err)
{
	return run_on(eval, program, &(struct input){.value = input}, result, err);
}

int eval_run_text(struct eval *eval, const struct eval_program *program, const struct buf *input,
                  struct eval_result *result, struct err *err)
{
	return run_on(eval, program, &(struct input){.text = input}, result, err);
}
