#ifndef PIPEGYM_GRADE_H
#define PIPEGYM_GRADE_H

#include "box.h"
#include "err.h"
#include "eval.h"
#include "json.h"
#include "task.h"
#include "task_workspaces.h"

/*
 * Grading: the episode's processes are stopped, its workspace is captured,
 * and the task's checks look at the capture in boxes of their own. The
 * verdict's status is pass (every check), fail, tampered (something that must
 * stay as it was did not), or error: grading itself could not be done, or the
 * reward is not a number of the task's range. Then the reward is null; it is
 * never 0 and never a pass.
 */
struct grade_request {
	struct box_host *host;
	struct eval *eval;
	const struct task *task;
	const char *episode; /* its id, for the verdict */
	const char *seed;    /* its own; NULL: "0" */
	struct box *box;     /* the episode's own; NULL when it is gone */
	json answer;         /* submitted text, or json_none() */
	json state;          /* the environment's, or json_none() */
	json last;           /* observation of the last step that was not submit, or json_none() */
	/* The steps before the submit that is graded, or all (owned): as a verdict is given them. Called once at most,
	 * if a check wants them. */
	int (*load_steps)(void *source, json *steps, struct err *err);
	void *source;
	const char *lost; /* NULL, or why the agent has lost, whatever its box held */
	bool landlock;    /* the episode's box is without namespaces, and so are those of checks */
	bool resume;      /* the episode goes on: its processes run again afterwards */
	bool *broken;     /* NULL, or is set where it is the task's own fault that grading could not be done */
	bool brief;       /* once the reward is sure to be 0, further checks are left out */
};

/* The verdict record; owned. It never fails: what goes wrong is the verdict "error". */
json grade_episode(const struct grade_request *request);
/* A verdict "error" with this reason, for graders that do not even get that far. Owned. */
json grade_error(const char *episode, const char *task, const struct err *err);

/* Takes a pack of each of a box's workspaces. reason, empty before, is filled where it is the agent's doing that one
 * cannot be had. */
int grade_capture(struct box *box, struct workspaces *captured, char *reason, size_t size, struct err *err);

/*
 * What the workspace is: a digest of its files (tree_digest()) into text, of DIGEST_TEXT bytes. Of the request it
 * takes host, task, seed, box, landlock and resume. 1 and reason: it is such that it cannot be listed. Returns 0, 1 or -1.
 */
int grade_digest(const struct grade_request *request, char *text, char *reason, size_t size, struct err *err);

#endif
