/* rollout-log: any record with an episode → rollouts: prints them without ending the episodes. */
#include <stdlib.h>

#include "episode.h"
#include "intake.h"
#include "pool.h"
#include "program.h"
#include "stop.h"

static const struct program_option options[] = {{0, NULL, NULL, NULL}};

static const struct program program = {
        .name = "rollout-log",
        .synopsis = "[EPISODE...]",
        .summary = "Prints the rollouts of episodes as they stand; the episodes go on.",
        .options = options,
};

static int print_rollout(const char *id, struct err *err)
{
	JSON_AUTO rollout = json_none();
	struct episode *episode = episode_open(id, err);
	int failed = !episode || episode_rollout(episode, &rollout, err) < 0;
	if (!failed)
		program_print(rollout);
	episode_free(episode);
	return failed ? -1 : 0;
}

static void run_job(void *data, void *context)
{
	char *id = data;
	struct err err;
	(void)context;
	if (stop_signal() || program_output_failed())
		program_fail(ERR_SYSTEM);
	else if (print_rollout(id, &err) < 0)
		program_fail(program_refuse(NULL, id, &err));
	free(id);
}

int main(int argc, char **argv)
{
	int status = 0;
	program_start(&program);
	if (program_option(argc, argv, &status) == PROGRAM_EXIT)
		return program_finish(status);
	struct pool *pool = pool_new(1, run_job, NULL);
	status = intake_episodes(argv + program_operand(), pool);
	pool_free(pool);
	return program_finish(status);
}
