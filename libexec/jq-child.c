/*
 * pipegym-jq: runs jq programs that are not to be trusted.
 *
 * libjq can be made to take for ever, to take all memory, to abort and to
 * overflow its stack; and its language reads files, the environment and the
 * clock. So it runs here, in a process that has nothing: an empty environment,
 * two descriptors, a system call filter that lets it read one, write the other
 * and get memory, an address space of EVAL_MEMORY_MIB, and a timer of processor
 * time, which also stops one long builtin. Its death is an answer (eval_wire.h);
 * the next program gets a new child.
 *
 * What the filter cannot refuse, or libjq would answer in silence, is shadowed
 * by definitions before the program: a program's output is a function of its
 * input alone. They stand in its first line, so that places in messages are
 * right, and make an import a syntax error.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "eval_wire.h"
#include "json.h"

#define REQUESTS 3
#define ANSWERS 4
#define PROGRAMS_MAX 16 /* kept compiled: 1 to 2 MiB each */
#define READ_SIZE (64u << 10)
#define LOOK_MS 500 /* of processor time, after which it is seen whether there still is a parent */

static const char prelude[] =
        "def _refuse(name): error(name + \" is not for programs of tasks\"); def now: _refuse(\"now\");"
        "def input: _refuse(\"input\"); def inputs: _refuse(\"inputs\"); def input_filename: "
        "_refuse(\"input_filename\");"
        "def input_line_number: _refuse(\"input_line_number\"); def get_search_list: _refuse(\"get_search_list\");"
        "def modulemeta: _refuse(\"modulemeta\"); def halt: _refuse(\"halt\"); def halt_error: _refuse(\"halt_error\");"
        "def halt_error(status): _refuse(\"halt_error\"); def debug: .; def debug(message): .; def stderr: .; ";

/* Of an environment: what all can use, and which of its functions is called. */
extern const char jq_environment_library[];
static const char environment_call[] = "\nif .call == \"step\" then step elif .call == \"reset\" then reset "
                                       "elif .call == \"render\" then render else generate end";

struct compiled {
	struct buf text;
	struct json_filter *filter; /* NULL: a free place */
	uint64_t used;
};

static struct compiled programs[PROGRAMS_MAX];
static struct json_filter *environment; /* the only one that there is, once it is known */

/* --- limits ----------------------------------------------------------- */

static volatile unsigned left_ms; /* of processor time, beyond what the timer has */

/* 0: as long as it takes. */
static void set_timer(unsigned ms)
{
	unsigned next = ms < LOOK_MS ? ms : LOOK_MS;
	struct itimerval timer = {.it_value = {0, (suseconds_t)next * 1000}};
	/* One that is being stopped may still be up. */
	if (ms > 0)
		left_ms = ms - next;
	setitimer(ITIMER_PROF, &timer, NULL);
}

/* A parent that was killed wants no answer, and a run may have hours. */
static void time_up(int number)
{
	struct pollfd parent = {.fd = ANSWERS};
	const struct timespec now = {0};
	(void)number;
	if (left_ms == 0)
		_exit(EVAL_EXIT_TIME);
	if (ppoll(&parent, 1, &now, NULL) > 0 && parent.revents & POLLERR)
		_exit(1);
	set_timer(left_ms);
}

static void no_memory(void *context)
{
	(void)context;
	_exit(EVAL_EXIT_MEMORY);
}

static int limit(int resource, rlim_t most)
{
	struct rlimit limits = {most, most};
	return setrlimit(resource, &limits);
}

/* Reading and writing the two descriptors, memory that is not executable, the timer, the end. libjq wants a number for
 * its hashes, whose order is not seen. */
static int allow_calls(scmp_filter_ctx filter)
{
	static const int plain[] = {SCMP_SYS(munmap),         SCMP_SYS(mremap),     SCMP_SYS(brk),
	                            SCMP_SYS(madvise),        SCMP_SYS(futex),      SCMP_SYS(setitimer),
	                            SCMP_SYS(exit),           SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
	                            SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom),  SCMP_SYS(ppoll)};
	static const int executable[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)}, io[] = {SCMP_SYS(read), SCMP_SYS(write)};
	int failed = 0;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain[i], 0);
	for (size_t i = 0; i < 2; i++) {
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, executable[i], 1,
		                           SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, io[i], 1,
		                           SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)(i ? ANSWERS : REQUESTS)));
	}
	return failed;
}

static const char *confine(void) /* NULL, or what failed */
{
	static const rlim_t memory = (rlim_t)EVAL_MEMORY_MIB << 20;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (signal(SIGPROF, time_up) == SIG_ERR || prctl(PR_SET_DUMPABLE, 0) < 0)
		return "prepare";
	if (limit(RLIMIT_AS, memory) < 0 || limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_FSIZE, 0) < 0 ||
	    limit(RLIMIT_NPROC, 0) < 0 || limit(RLIMIT_NOFILE, 1) < 0) /* so many ppoll(2) takes */
		return "limit resources";
	errno = EINVAL;
	if (!filter || allow_calls(filter) != 0)
		return "system call filter";
	int failed = seccomp_load(filter);
	if (failed < 0) {
		errno = -failed;
		return "load the system call filter";
	}
	seccomp_release(filter);
	return NULL;
}

/* --- the pipes --------------------------------------------------------- */

static void say(enum eval_kind kind, const char *text, size_t len)
{
	static struct buf answer;
	struct eval_answer header = {kind, (uint32_t)len};
	buf_clear(&answer);
	buf_add(&answer, &header, sizeof header);
	buf_add(&answer, text, len);
	for (size_t done = 0; done < answer.len;) {
		ssize_t n = write(ANSWERS, answer.data + done, answer.len - done);
		if (n < 0 && errno != EINTR)
			_exit(1);
		done += n > 0 ? (size_t)n : 0;
	}
}

static void say_text(enum eval_kind kind, const char *text)
{
	say(kind, text, strlen(text));
}

/* Reads until there are so many bytes. False at the end of the connection. */
static bool fill(struct buf *in, size_t wanted)
{
	buf_reserve(in, wanted > READ_SIZE ? wanted : READ_SIZE);
	while (in->len < wanted) {
		ssize_t n = read(REQUESTS, in->data + in->len, in->size - in->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		in->len += (size_t)n;
	}
	return true;
}

/* --- requests ---------------------------------------------------------- */

static struct json_filter *compile_new(const char *library, const char *text, size_t len, const char *call,
                                       unsigned time_ms, struct err *err)
{
	BUF_AUTO whole = {0};
	buf_add_string(&whole, prelude);
	buf_add_string(&whole, library);
	buf_add(&whole, text, len);
	buf_add_string(&whole, call);
	set_timer(time_ms > 1000 ? time_ms : 1000);
	struct json_filter *filter = json_filter_new(whole.data, no_memory, err);
	set_timer(0);
	return filter;
}

/* The compiled program, from its place or in that of the one not used for longest. NULL: *err says why not. */
static struct json_filter *compile(const char *text, size_t len, unsigned time_ms, struct err *err)
{
	static uint64_t clock;
	struct compiled *place = programs;
	for (size_t i = 0; i < PROGRAMS_MAX; i++) {
		struct compiled *program = &programs[i];
		if (program->filter && program->text.len == len && !memcmp(program->text.data, text, len)) {
			program->used = ++clock;
			return program->filter;
		}
		if (program->used < place->used)
			place = program;
	}
	struct json_filter *filter = compile_new("", text, len, "", time_ms, err);
	if (!filter)
		return NULL;
	json_filter_free(place->filter);
	buf_clear(&place->text);
	buf_add(&place->text, text, len);
	place->filter = filter;
	place->used = ++clock;
	return filter;
}

/* libjq's message for a person with another shell, and the column, which counts the prelude, are left out. */
static void tidy(char *text)
{
	static const char hint[] = " (Unix shell quoting issues?)";
	char *at = strstr(text, hint);
	if (at)
		memmove(at, at + strlen(hint), strlen(at + strlen(hint)) + 1);
	if ((at = strstr(text, ", column ")))
		*at = '\0';
	size_t len = strlen(text);
	if (len > 0 && text[len - 1] == ':')
		text[len - 1] = '\0';
}

_Static_assert(EVAL_VALUES_MAX == 200000 && EVAL_OUTPUT_MAX == 16 << 20, "the texts below have these figures");

/* What an environment's answer must not be, though there is JSON for it; NULL: it is fit. */
static const char *unfit(json output, const struct buf *text)
{
	/* JSON would make nothing of NaN, which is no reward of 0. */
	if (!isfinite(json_get_number(output, "reward", 0)))
		return "its reward is not finite";
	if (text->len > EVAL_VALUES_MAX && json_count(output) > EVAL_VALUES_MAX)
		return "more than 200000 values";
	return NULL;
}

static void answer(const struct eval_request *request, struct json_filter *filter, json input)
{
	static struct buf text;
	struct err err;
	JSON_AUTO output = json_none();
	set_timer(request->time_ms);
	int count = json_filter_run(filter, input, &output, &err);
	buf_clear(&text);
	bool fits = count != 1 || json_dump(output, false, &text, &err) == 0;
	const char *why = count != 1 ? NULL : !fits ? err.text : request->environment ? unfit(output, &text) : NULL;
	set_timer(0);
	if (count < 0)
		say_text(EVAL_RAISED, err.text);
	else if (count != 1)
		say_text(count ? EVAL_SEVERAL : EVAL_NONE, "");
	else if (why)
		say_text(EVAL_UNFIT, why);
	else if (text.len > EVAL_OUTPUT_MAX)
		say_text(EVAL_UNFIT, "longer than 16 MiB");
	else
		say(EVAL_OUTPUT, text.data, text.len);
}

static bool serve(struct buf *in)
{
	struct eval_request request;
	struct err err;
	json input;
	buf_clear(in);
	if (!fill(in, sizeof request))
		return false;
	memcpy(&request, in->data, sizeof request);
	if (request.program_len > EVAL_PROGRAM_MAX ||
	    !fill(in, sizeof request + (size_t)request.program_len + request.input_len))
		return false;
	const char *program = in->data + sizeof request;
	struct json_filter *filter = request.environment && environment ? environment
	                             : request.environment
	                                     ? compile_new(jq_environment_library, program, request.program_len,
	                                                   environment_call, request.time_ms, &err)
	                                     : compile(program, request.program_len, request.time_ms, &err);
	if (request.environment)
		environment = filter;
	if (!filter) {
		tidy(err.text);
		say_text(EVAL_COMPILE, err.text);
	} else if (json_parse(program + request.program_len, request.input_len, &input, &err) < 0) {
		say_text(EVAL_FAILED, err.text);
	} else {
		/* What a large one needed is not kept from the program. */
		if (in->size > 16 * READ_SIZE)
			buf_free(in);
		answer(&request, filter, input);
	}
	return true;
}

int main(void)
{
	struct err err;
	struct buf in = {0};
	/* As the spawner of boxes: Ctrl-C is for programs. One that it does not end would take this end for the task's failure. */
	setsid();
	const char *failed = confine();
	if (failed) {
		err_system(&err, "%s", failed);
		say_text(EVAL_FAILED, err.text);
		_exit(1);
	}
	say(EVAL_READY, "", 0);
	while (serve(&in))
		continue;
	_exit(0);
}
