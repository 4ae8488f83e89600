/* env-list: – → episodes: those that live, or what others left behind. */
#include <string.h>

#include "box.h"
#include "episode.h"
#include "num.h"
#include "proc.h"
#include "program.h"

enum { DEAD = 256 };

static const struct program_option options[] = {
        {DEAD, "dead", NULL, "list the episodes whose box is gone, and those that were never finished"},
        {0, NULL, NULL, NULL},
};

static const struct program program = {
        .name = "env-list",
        .synopsis = "[--dead]",
        .summary = "Lists the live episodes: their age, steps, processes and memory.",
        .options = options,
};

struct run {
	bool dead;
	struct proc_table *processes;
};

static void add_usage(const struct run *run, const struct episode *episode, double age, json *record)
{
	int processes;
	long memory_kib;
	json timing = json_new_object();
	json_set_number(&timing, "age_s", (double)(int64_t)age);
	if (episode->box) {
		json_set_number(&timing, "pid", box_pid(episode->box));
		proc_table_tree(run->processes, box_pid(episode->box), &processes, &memory_kib);
		json_set_number(&timing, "processes", processes);
		json_set_number(&timing, "memory_kib", (double)memory_kib);
	}
	json_set(record, "timing", timing);
}

static int print_episode(const struct run *run, struct episode *episode, struct err *err)
{
	struct err gone;
	if (journal_refresh(&episode->journal, false, err) < 0)
		return -1;
	double age = num_wall_s() - json_get_number(episode->meta, "created", 0);
	bool live = episode_connect(episode, &gone) == 0;
	bool expired = !live && episode_expired(episode);
	if (live == run->dead)
		return 0;
	JSON_AUTO record = json_new_object();
	json_set_string(&record, "type", "episode");
	json_set_string(&record, "episode", episode->id);
	json_set(&record, "task", json_copy(json_get(episode->meta, "task")));
	json_set_string(&record, "state", live ? "live" : expired ? "expired" : "dead");
	json_set_number(&record, "steps", episode->journal.step);
	json_set_bool(&record, "ended", episode->journal.ended);
	add_usage(run, episode, age, &record);
	program_print(record);
	return 0;
}

static void print_unfinished(const char *id)
{
	JSON_AUTO record = json_new_object();
	json_set_string(&record, "type", "episode");
	json_set_string(&record, "episode", id);
	json_set_string(&record, "state", "unfinished");
	program_print(record);
}

static int visit(const char *id, bool unfinished, void *context, struct err *err)
{
	const struct run *run = context;
	(void)err;
	if (unfinished) {
		if (run->dead)
			print_unfinished(id);
		return 0;
	}
	struct err reason;
	struct episode *episode = episode_open(id, &reason);
	/* One that ends just now is no error; a broken one does not hide the others. */
	if (!episode && reason.code == ERR_INPUT)
		return 0;
	if (!episode || print_episode(run, episode, &reason) < 0)
		program_fail(program_refuse(NULL, id, &reason));
	episode_free(episode);
	return program_output_failed();
}

static bool parse(int argc, char **argv, struct run *run, int *status)
{
	for (int letter; (letter = program_option(argc, argv, status)) != PROGRAM_DONE;) {
		if (letter == PROGRAM_EXIT)
			return false;
		run->dead = true;
	}
	if (!argv[program_operand()])
		return true;
	*status = program_usage("it takes no operands");
	return false;
}

int main(int argc, char **argv)
{
	struct run run = {.dead = false};
	struct err err;
	int status = 0;
	program_start(&program);
	if (!parse(argc, argv, &run, &status))
		return program_finish(status);
	run.processes = proc_table_new();
	if (episode_each(visit, &run, &err) < 0)
		status = program_refuse(NULL, NULL, &err);
	proc_table_free(run.processes);
	return program_finish(status);
}
