/*
 * Commands on a terminal. What is typed is part of the action, so that whoever
 * carries it out again types the same: an agent says it beforehand, of a person
 * it is written down. Times alone would not do, since a program throws away
 * what came before it was ready: beside the time stands how much the program
 * had written until then, and a key is pressed once that much has been written
 * and nothing more comes.
 */
#include "tool_pty.h"

#include <math.h>
#include <string.h>

#include "box_pty.h"
#include "buf.h"
#include "fd.h"
#include "session.h"
#include "task.h"
#include "text.h"

#define TERM_MAX 63
#define QUIET_MS 30      /* without output: the program waits */
#define PATIENCE_MS 2000 /* beyond the recorded time, for a program that writes less than it did */
#define WAITED_MS 5000   /* the same for all keys of an action */
#define ESCAPE_MS 200    /* Escape and a key soon after it are another key */
#define TOGETHER_MS 2000 /* keys within so long, */
#define PASTED 32        /* bytes at once: nobody types these */
#define ROOM (4u << 10)  /* bytes of a record that are for keys */
#define ECHO_MAX 64      /* each with so little output, stand in one event */

/* --- what was typed ------------------------------------------------------- */

struct typist {
	json events; /* borrowed */
	int at;
	int64_t last_ms;  /* when the one before was typed */
	double last_at_s; /* when that was recorded */
	bool escape;      /* it ended with Escape */
	int64_t waited;   /* ms beyond their times, of keys before which less was written than they say */
};

static void to_event(json entry, struct pty_event *event)
{
	event->text = json_text(json_get(entry, "text"), &event->len);
	event->size = (struct pty_size){(unsigned)json_get_number(entry, "rows", 0),
	                                (unsigned)json_get_number(entry, "columns", 0)};
	event->kind = event->text ? PTY_TEXT : event->size.rows ? PTY_SIZE : PTY_HANGUP;
}

/* Whether it may end a program, whatever that is doing. */
static bool is_end(const char *text, size_t len)
{
	return !text || memchr(text, 003, len) || memchr(text, 034, len);
}

static int64_t gap_ms(const struct typist *typist, json entry)
{
	double gap_s = json_get_number(entry, "at_s", typist->last_at_s) - typist->last_at_s;
	return gap_s > 0 ? (int64_t)(fmin(gap_s, 1e9) * 1000) : 0;
}

/* When the next is due, from now on: by what was written, but what may end a program not before its time. */
static int64_t due_ms(const struct typist *typist, json entry, const struct pty_moment *moment)
{
	int64_t gap = gap_ms(typist, entry), passed = moment->now - typist->last_ms;
	double seen = json_get_number(entry, "seen", -1);
	if (seen < 0)
		return gap - passed;
	int64_t left = WAITED_MS - typist->waited, late = gap + (left < PATIENCE_MS ? left : PATIENCE_MS) - passed;
	if ((double)moment->written < seen)
		return late;
	int64_t quiet = QUIET_MS - (moment->now - moment->output);
	size_t len;
	const char *text = json_text(json_get(entry, "text"), &len);
	bool ends = json_is_none(json_get(entry, "rows")) && is_end(text, len);
	int64_t apart = ends ? gap - passed : typist->escape ? (gap < ESCAPE_MS ? gap : ESCAPE_MS) - passed : 0;
	int64_t wait = quiet > apart ? quiet : apart;
	return wait < late ? wait : late;
}

static void type_next(void *context, const struct pty_moment *moment, struct pty_event *event, int *again_ms)
{
	struct typist *typist = context;
	json entry = json_at(typist->events, typist->at);
	if (json_is_none(entry))
		return;
	int64_t due = due_ms(typist, entry, moment);
	if (due > 0) {
		*again_ms = due < INT32_MAX ? (int)due : INT32_MAX;
		return;
	}
	to_event(entry, event);
	if ((double)moment->written < json_get_number(entry, "seen", -1))
		typist->waited += moment->now - typist->last_ms - gap_ms(typist, entry);
	typist->at++;
	typist->last_ms = moment->now;
	typist->last_at_s = json_get_number(entry, "at_s", typist->last_at_s);
	typist->escape = event->kind == PTY_TEXT && event->len > 0 && event->text[event->len - 1] == 033;
}

/* --- what a person types --------------------------------------------------- */

struct scribe {
	const struct pty_user *person;
	struct pty_user *own; /* that stands between them */
	json events;          /* owned */
	struct buf text;      /* of the last event, if that is one that may go on */
	double at_s;          /* its time */
	uint64_t seen;        /* before it */
	uint64_t written;     /* when its last key came */
	size_t typed;         /* bytes in all */
};

static json new_event(double at_s, uint64_t seen)
{
	json entry = json_new_object();
	json_set_number(&entry, "at_s", round(at_s * 1000) / 1000);
	json_set_number(&entry, "seen", (double)seen);
	return entry;
}

static void end_text(struct scribe *scribe)
{
	if (scribe->text.len == 0)
		return;
	json entry = new_event(scribe->at_s, scribe->seen);
	json_set_text(&entry, "text", scribe->text.data, scribe->text.len);
	json_append(&scribe->events, entry);
	buf_clear(&scribe->text);
}

/* Whether a key belongs to those before: not behind one that may have changed who reads the next. */
static bool goes_on(const struct scribe *scribe, const struct pty_moment *moment, const struct pty_event *event)
{
	if (scribe->text.len == 0)
		return false;
	if (json_length(scribe->events) >= PTY_EVENTS_MAX - 4)
		return true;
	unsigned char last = (unsigned char)scribe->text.data[scribe->text.len - 1];
	return last >= 0x20 && !is_end(event->text, event->len) && moment->written - scribe->written <= ECHO_MAX &&
	       (double)moment->now - scribe->at_s * 1000 <= TOGETHER_MS;
}

static void note_event(struct scribe *scribe, const struct pty_moment *moment, const struct pty_event *event)
{
	double now_s = (double)moment->now / 1000;
	if (event->kind == PTY_TEXT) {
		if (!goes_on(scribe, moment, event)) {
			end_text(scribe);
			scribe->at_s = now_s;
			scribe->seen = moment->written;
		}
		buf_add(&scribe->text, event->text, event->len);
		scribe->typed += event->len;
		scribe->written = moment->written;
		return;
	}
	/* Of more sizes than there is room for, the last ones do not count. */
	if (event->kind == PTY_SIZE && json_length(scribe->events) >= PTY_EVENTS_MAX - 4)
		return;
	end_text(scribe);
	json entry = new_event(now_s, moment->written);
	if (event->kind == PTY_SIZE) {
		json_set_number(&entry, "rows", event->size.rows);
		json_set_number(&entry, "columns", event->size.columns);
	} else {
		json_set_bool(&entry, "hangup", true);
	}
	json_append(&scribe->events, entry);
}

static void output(void *context, const char *data, size_t len)
{
	const struct scribe *scribe = context;
	if (scribe->person->output)
		scribe->person->output(scribe->person->context, data, len);
}

static void write_down(void *context, const struct pty_moment *moment, struct pty_event *event, int *again_ms)
{
	struct scribe *scribe = context;
	scribe->person->next(scribe->person->context, moment, event, again_ms);
	/* Of what could not be written down nothing is typed: a long paste is cut, and the bell says so, while there is
	 * room for keys to save and leave. */
	if (event->kind == PTY_TEXT && event->len >= PASTED && event->len + ROOM > PTY_TEXT_MAX - scribe->typed) {
		output(scribe, "\a", 1);
		*event = (struct pty_event){.kind = PTY_NOTHING};
		return;
	}
	if (event->kind == PTY_TEXT &&
	    (event->len > PTY_TEXT_MAX - scribe->typed || text_valid(event->text, event->len) < event->len))
		*event = (struct pty_event){.kind = PTY_HANGUP};
	if (event->kind != PTY_NOTHING)
		note_event(scribe, moment, event);
}

/* What is to be looked at for input may be known only then. */
static int begin(void *context, struct err *err)
{
	const struct scribe *scribe = context;
	if (scribe->person->begin && scribe->person->begin(scribe->person->context, err) < 0)
		return -1;
	memcpy(scribe->own->fds, scribe->person->fds, sizeof scribe->own->fds);
	return 0;
}

static void end(void *context)
{
	const struct scribe *scribe = context;
	if (scribe->person->end)
		scribe->person->end(scribe->person->context);
}

/* --- arguments -------------------------------------------------------------- */

static bool is_size(json object)
{
	return json_get_int(object, "rows", 1, PTY_SIDE_MAX, 0) && json_get_int(object, "columns", 1, PTY_SIDE_MAX, 0);
}

static bool is_known(json object, const char *const *names, size_t count)
{
	const char *key;
	json value;
	for (int at = -1; json_each(object, &at, &key, &value);) {
		size_t i = 0;
		while (i < count && strcmp(names[i], key) != 0)
			i++;
		if (i == count)
			return false;
	}
	return true;
}

/* NULL, or what is wrong with it. */
static const char *check_event(json entry)
{
	static const char *const names[] = {"at_s", "seen", "text", "rows", "columns", "hangup"};
	json at = json_get(entry, "at_s"), seen = json_get(entry, "seen"), text = json_get(entry, "text"),
	     hangup = json_get(entry, "hangup");
	if (!json_is_object(entry) || !is_known(entry, names, sizeof names / sizeof *names))
		return "input: an entry is an object of at_s, seen, and text, rows and columns, or hangup";
	if ((!json_is_none(at) && !(json_number(at, -1) >= 0)) || (!json_is_none(seen) && !(json_number(seen, -1) >= 0)))
		return "input: at_s and seen are numbers that are not negative";
	bool size = !json_is_none(json_get(entry, "rows")) || !json_is_none(json_get(entry, "columns"));
	if (!json_is_none(text) + size + !json_is_none(hangup) != 1 || (!json_is_none(text) && !json_is_string(text)) ||
	    (size && !is_size(entry)) || (!json_is_none(hangup) && !json_bool(hangup, false)))
		return "input: an entry has a text, or rows and columns from 1 to 1000, or \"hangup\":true";
	return NULL;
}

_Static_assert(PTY_SIDE_MAX == 1000 && PTY_EVENTS_MAX == 190, "the texts here have these figures");

static const char *check_pty(json pty)
{
	static const char *const names[] = {"rows", "columns", "term", "input", "attended"};
	json term = json_get(pty, "term"), input = json_get(pty, "input"), attended = json_get(pty, "attended");
	size_t len = 0;
	const char *name = json_text(term, &len), *wrong = NULL;
	if (!is_known(pty, names, sizeof names / sizeof *names))
		return "it has rows, columns, term and input";
	for (int i = 0; i < 2; i++)
		if (!json_is_none(json_get(pty, names[i])) && !json_get_int(pty, names[i], 1, PTY_SIDE_MAX, 0))
			return "rows and columns are numbers from 1 to 1000";
	if (!json_is_none(term) &&
	    (!name || len == 0 || len > TERM_MAX ||
	     strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+-_") < len))
		return "term is the name of a kind of terminal";
	if ((!json_is_none(input) && !json_is_array(input)) || json_length(input) > PTY_EVENTS_MAX)
		return "input is an array of at most 190 entries";
	if (!json_is_none(attended) && !json_is_bool(attended))
		return "attended is true or false";
	for (int i = 0; i < json_length(input) && !wrong; i++)
		wrong = check_event(json_at(input, i));
	return wrong;
}

const char *tool_pty_check(json args)
{
	json pty = json_get(args, "pty");
	if (!json_is_object(pty))
		return NULL;
	return json_is_none(json_get(args, "stdin")) ? check_pty(pty) : "stdin is the terminal";
}

/* --- the step ----------------------------------------------------------------- */

/* A person has the time that the episode has. Who types the same again has the time that this took, and a step's more. */
static unsigned limit_ms(const struct tool_context *context, json args, json input, bool person)
{
	json pty = json_get(args, "pty"), last = json_at(input, json_length(input) - 1);
	unsigned limit = tool_timeout_ms(context, args);
	if (person)
		return 0;
	if (!context->again || !json_get_bool(pty, "attended", false))
		return limit;
	double typed_ms = json_get_number(last, "at_s", 0) * 1000;
	return typed_ms < 1e8 ? limit + (unsigned)typed_ms : limit + 100000000;
}

static int run_pty(struct tool_context *context, json args, int script, struct box_result *result, struct err *err)
{
	json pty = json_get(args, "pty"), input = json_get(pty, "input");
	const char *term = json_get_string(pty, "term");
	const char *const argv[] = {
	        "/bin/bash", "--norc", "--noprofile", "-c", session_command, "bash", term ? term : "xterm-256color",
	        NULL};
	const struct pty_size size = {(unsigned)json_get_number(pty, "rows", 24),
	                              (unsigned)json_get_number(pty, "columns", 80)};
	bool person = context->user && json_is_none(input);
	struct scribe scribe = {.person = context->user, .events = json_new_array()};
	struct typist typist = {.events = input};
	struct pty_user writing = {.person = true,
	                           .fds = {-1, -1},
	                           .begin = begin,
	                           .end = end,
	                           .next = write_down,
	                           .output = output,
	                           .context = &scribe};
	scribe.own = &writing;
	const struct pty_user typing = {.fds = {-1, -1}, .next = type_next, .context = &typist};
	struct box_command command = {
	        .cwd = json_get_string(context->env, "cwd"),
	        .argv = argv,
	        .fd = script,
	        .timeout_ms = limit_ms(context, args, input, person),
	        .keep = task_output_max(context->limits),
	        .kill_background = json_get_is(context->env, "background", "kill"),
	};
	int failed = box_pty_run(context->box, &command, &size, person ? &writing : &typing, result, err);
	end_text(&scribe);
	buf_free(&scribe.text);
	if (!failed && person) {
		context->typed = json_new_object();
		json_set(&context->typed, "attended", json_new_bool(true));
		json_set(&context->typed, "input", json_take(&scribe.events));
	}
	json_free(&scribe.events);
	return failed;
}

int tool_pty(struct tool_context *context, json args, const char *command, size_t len, json *observation, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	struct session session = {.script = -1};
	if (session_ask(context->box, &session, err) < 0)
		return -1;
	int script = session_script(&session, command, len, err);
	int failed = script < 0 ? -1 : run_pty(context, args, script, &result, err);
	fd_close(&script);
	session_free(&session);
	if (failed)
		return -1;
	tool_result(&result, observation);
	json_set_in(observation, "info", "pty", json_new_bool(true));
	return 0;
}

void tool_pty_new(json *action)
{
	if (!tool_is_pty(*action))
		return;
	json args = json_copy(json_get(*action, "args")), pty = json_copy(json_get(args, "pty"));
	json_delete(&pty, "attended");
	json_set(&args, "pty", pty);
	json_set(action, "args", args);
}

bool tool_is_pty(json action)
{
	return json_get_is(action, "tool", "shell") && json_is_object(json_get(json_get(action, "args"), "pty"));
}
