#ifndef PIPEGYM_KIND_H
#define PIPEGYM_KIND_H

#include <stdbool.h>

#include "box.h"
#include "buf.h"
#include "err.h"
#include "eval.h"
#include "json.h"
#include "line.h"
#include "task.h"

/*
 * Kinds: what a task's env.kind says of who carries out its actions. Tools of
 * ours are functions (tool.h); those that a task declares itself belong to its
 * *environment*, which a kind begins and steps. To add a kind, write its file
 * and its row in kind.c.
 *
 * An environment answers with an object: "observation" (a text, or any value),
 * and maybe "reward", "terminated", "truncated", "info" (an object) and "error"
 * (a text: what the agent did wrong). One that cannot answer, whatever the
 * agent gave it, has *failed*: nobody can say what the agent was worth. Its
 * observation says so and truncates the episode, and grading is an error.
 */
struct kind_context {
	const struct task *task;
	const char *seed;
	struct eval *eval;
	struct box *box; /* NULL: of a kind without */
	/* Of a referee: its box; NULL: there is none. The caller ends it when it may not be as it was after the step
	 * before. */
	struct box **referee;
	struct box_host *host; /* to make that with */
	/* [{"tool":…,"args":…,"reply":…},…] of the steps before this one (owned); NULL: there are none. */
	int (*told)(void *source, json *steps, struct err *err);
	void *source;
	struct line **lines; /* BOX_SLOTS connections to programs of the box, as far as they are known; NULL: none is */
	json state; /* the environment's, as the journal keeps it; json_none(): it has none. Replaced (the caller owns it) */
};

struct kind {
	const char *name;
	/* Begins the environment and adds what it says to the first observation. NULL: there is none. 0; -1: ERR_INPUT,
	 * the environment fails; ERR_SYSTEM, nobody can tell. */
	int (*reset)(struct kind_context *context, json *observation, struct err *err);
	/* Carries out an action, whose arguments have passed the schema, of a tool that the task declares. Fills
	 * *observation as a tool does, with reward, terminated and truncated where the environment says them. 0; -1:
	 * ERR_SYSTEM. */
	int (*step)(struct kind_context *context, int step, json action, json *observation, struct err *err);
};

/* That of a task's definition, or of episode.json: there always is one. */
const struct kind *kind_of(json definition);
/* That of a set of tools. */
const struct kind *kind_of_set(const char *set);

#define KIND_INFO_MAX (1 << 20)    /* bytes of an answer's info as JSON, */
#define KIND_INFO_VALUES_MAX 10000 /* and values in it, at any depth */
/* Levels of an answer's parts, and of a state: as deep as an action may be, both are in a rollout. */
#define KIND_DEPTH_MAX 200

/* Bytes of an observation at its longest, for an episode.json: both streams, each byte six characters of JSON, which is
 * more than those of JSON with the value itself; what a kind adds to them; and the rest of it. */
size_t kind_observation_max(json meta);

/* A line of a program as an answer, for line_ask(): judge, and its context. */
struct kind_heard {
	json answer;  /* owned; json_none() unless it is one */
	char why[80]; /* the last line was to be one, and is unfit; else empty */
};
enum line_kind kind_hear(void *context, const char *text, size_t len);

/* An environment's answer as fields of an observation. why gets the reason where it is none; then -1. */
int kind_answer(const struct task *task, json answer, json *observation, char *why, size_t size);
/* The observation of a step whose environment has failed. how: one word; shown: to the agent; why: what there is to
 * know of it is the author's, and stands where the state would. */
void kind_failed(struct kind_context *context, const char *how, const char *shown, const char *why, json *observation);
/* Whether that is what an observation says. */
bool kind_has_failed(json observation);

/* What the generate of a task of the jq kind makes for a seed (task_instance). Owned. 0, or -1 and err as of reset. */
int kind_jq_generate(struct eval *eval, const struct task *task, const char *seed, json *patch, struct err *err);

/* Appends to *board, for a person alone, how the environment of a task of the jq kind is drawn in a state (borrowed):
 * any text. 1; 0: it draws nothing; -1: ERR_INPUT, its render is not right; ERR_SYSTEM. */
int kind_jq_render(struct eval *eval, const struct task *task, const char *seed, json state, struct buf *board,
                   struct err *err);

/* Places of programs in a box. */
enum kind_slot { KIND_PROGRAM, KIND_NOTEBOOK, KIND_SQL, KIND_REFEREE };

/* Whether a task has a program out of the agent's reach. */
bool kind_referee(const struct task *task);

extern const struct kind kind_jq, kind_program, kind_notebook, kind_sql;

#endif
