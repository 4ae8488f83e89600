/* rollout-log: any record with an episode → rollouts: prints them without ending the episodes. */
#include <stdlib.h>

#include "buf.h"
#include "episode.h"
#include "episode_family.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "stop.h"

struct opts {
	bool family;
};

static const struct program_option options[] = {
        {0, "family", NULL, "print whole families: all that branched from one another, parents first", PROGRAM_FLAG(family)},
        {.name = NULL},
};

static const struct program program = {
        .name = "rollout-log",
        .synopsis = "[--family] [EPISODE...]",
        .summary = "Prints the rollouts of episodes as they stand; the episodes go on.",
        .options = options,
};

struct run {
	const struct opts *opts;
	struct families *families;
	char **ids; /* with --family: whose families are asked for */
	size_t count;
};

static int print_rollout(const char *id, struct err *err)
{
	JSON_AUTO rollout = json_none();
	struct episode *episode = episode_open(id, err);
	int failed = !episode || episode_rollout(episode, false, &rollout, err) < 0;
	if (!failed)
		program_print(rollout);
	episode_free(episode);
	return failed ? -1 : 0;
}

/* --- families ----------------------------------------------------------- */

static int take_episode(const struct episode_entry *entry, void *context, struct err *err)
{
	const struct run *run = context;
	struct err reason;
	(void)err;
	/* A broken one does not hide the others. */
	if (entry->kind == EPISODE && families_add(run->families, entry->name, &reason) < 0)
		program_fail(program_refuse(NULL, entry->name, &reason));
	return stop_signal() != 0;
}

/* A line for a person; JSON Lines have rollouts as they always are. */
static int print_line(const struct relative *relative, struct err *err)
{
	JSON_AUTO record = json_new_object();
	JSON_AUTO rollout = json_none();
	struct episode *episode = relative->closed ? NULL : episode_open(relative->id, err);
	if (!relative->closed && (!episode || episode_rollout(episode, false, &rollout, err) < 0)) {
		episode_free(episode);
		return -1;
	}
	json_set_string(&record, "type", "relative");
	json_set_string(&record, "episode", relative->id);
	json_set_number(&record, "depth", relative->depth);
	json_set_string(&record, "state", "closed");
	if (episode) {
		int live = episode_reach(episode, NULL);
		json_set(&record, "parent", json_copy(json_get(rollout, "parent")));
		json_set_number(&record, "steps", json_length(json_get(rollout, "steps")));
		json_set(&record, "reward", json_copy(json_get(rollout, "reward")));
		json_set_string(&record, "state", episode_condition(episode, live > 0));
		json_set_bool(&record, "ended",
		              json_get_bool(rollout, "terminated", false) || json_get_bool(rollout, "truncated", false));
	}
	program_print(record);
	episode_free(episode);
	return 0;
}

static void print_relative(const struct relative *relative)
{
	struct err err;
	if (program_stopped())
		return;
	int failed = program_for_person() ? print_line(relative, &err)
	             : relative->closed   ? 0 /* its branches name it */
	                                  : print_rollout(relative->id, &err);
	/* One that is closed just now is no error. */
	if (failed && err.code != ERR_INPUT)
		program_fail(program_refuse(NULL, relative->id, &err));
}

static int print_families(struct run *run)
{
	struct err err;
	int status = 0;
	run->families = families_new();
	if (run->count > 0 && episode_each(take_episode, run, &err) < 0)
		status = program_refuse(NULL, NULL, &err);
	for (size_t i = 0; i < run->count; free(run->ids[i++]))
		if (!program_stopped() && families_visit(run->families, run->ids[i], print_relative, &err) < 0)
			status = program_worse(status, program_refuse(NULL, run->ids[i], &err));
	free(run->ids);
	families_free(run->families);
	return status;
}

/* ------------------------------------------------------------------------ */

static void run_job(void *data, void *context)
{
	STRING_AUTO id = data;
	struct run *run = context;
	struct err err;
	if (run->opts->family) {
		run->ids = mem_grow(run->ids, run->count, sizeof *run->ids);
		run->ids[run->count++] = id;
		id = NULL;
	} else if (!program_stopped() && print_rollout(id, &err) < 0) {
		program_fail(program_refuse(NULL, id, &err));
	}
}

int main(int argc, char **argv)
{
	struct opts opts = {.family = false};
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts};
	struct pool *pool = pool_new(1, run_job, &run);
	status = intake_episodes(program_operands(), pool);
	pool_free(pool);
	if (opts.family)
		status = program_worse(status, print_families(&run));
	return program_finish(status);
}
