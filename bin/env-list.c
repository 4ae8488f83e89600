/* env-list: – → episodes: those that live, or what others left behind. */
#include <math.h>
#include <string.h>

#include "box.h"
#include "episode.h"
#include "num.h"
#include "proc.h"
#include "program.h"

struct opts {
	bool dead;
};

static const struct program_option options[] = {
        {0, "dead", NULL, "what is dead: episodes whose box is gone, and what others left behind", PROGRAM_FLAG(dead)},
        {.name = NULL},
};

static int check(const void *given, char **operands, struct err *err)
{
	(void)given;
	if (*operands)
		return err_set(err, ERR_USAGE, "it takes no operands");
	return 0;
}

static const struct program program = {
        .name = "env-list",
        .synopsis = "[--dead]",
        .summary = "Lists the live episodes: their age, steps, processes and memory.",
        .options = options,
        .check = check,
};

struct run {
	const struct opts *opts;
	struct proc_table *processes;
};

static json usage_of(const struct run *run, pid_t pid, double age_s)
{
	json timing = json_new_object();
	json_set_number(&timing, "age_s", trunc(age_s));
	if (pid > 0) {
		struct proc_tree tree = proc_table_tree(run->processes, pid);
		json_set_number(&timing, "pid", pid);
		json_set_number(&timing, "processes", tree.processes);
		json_set_number(&timing, "memory_kib", (double)tree.memory_kib);
	}
	return timing;
}

static int print_episode(const struct run *run, struct episode *episode, struct err *err)
{
	struct err gone;
	if (journal_refresh(&episode->journal, false, err) < 0)
		return -1;
	double age = num_wall_s() - json_get_number(episode->meta, "created", 0);
	bool live = episode_connect(episode, &gone) == 0;
	const char *state = episode_condition(episode, live);
	if (live == run->opts->dead)
		return 0;
	JSON_AUTO record = json_new_object();
	json_set_string(&record, "type", "episode");
	json_set_string(&record, "episode", episode->id);
	json_set(&record, "task", json_copy(json_get(episode->meta, "task")));
	json_set_string(&record, "state", state);
	json_set_number(&record, "steps", episode->journal.step);
	json_set_bool(&record, "ended", episode->journal.ended || !strcmp(state, "expired"));
	json_set(&record, "timing", usage_of(run, live && episode->box ? box_pid(episode->box) : 0, age));
	program_print(record);
	return 0;
}

/* name: "episode" or "name", the field that says what it is called, if it is. */
static void print_leftover(const char *field, const char *name, const char *state, json timing)
{
	JSON_AUTO record = json_new_object();
	json_set_string(&record, "type", "episode");
	if (name)
		json_set_string(&record, field, name);
	json_set_string(&record, "state", state);
	json_set(&record, "timing", timing);
	program_print(record);
}

static int visit(const struct episode_entry *entry, void *context, struct err *err)
{
	const struct run *run = context;
	bool foreign = entry->kind == EPISODE_FOREIGN;
	(void)err;
	if (entry->kind != EPISODE) {
		if (run->opts->dead)
			print_leftover(foreign ? "name" : "episode", entry->name, foreign ? "foreign" : "unfinished",
			               usage_of(run, 0, entry->age_s));
		return program_output_failed();
	}
	struct err reason;
	struct episode *episode = episode_open(entry->name, &reason);
	/* One that ends just now is no error; a broken one does not hide the others. */
	if (!episode && reason.code == ERR_INPUT)
		return 0;
	if (!episode || print_episode(run, episode, &reason) < 0)
		program_fail(program_refuse(NULL, entry->name, &reason));
	episode_free(episode);
	return program_output_failed();
}

static int print_orphan(struct box *box, void *context, struct err *err)
{
	const struct run *run = context;
	(void)err;
	print_leftover(NULL, NULL, "orphan",
	               usage_of(run, box_pid(box), proc_table_tree(run->processes, box_pid(box)).age_s));
	return program_output_failed();
}

int main(int argc, char **argv)
{
	struct opts opts = {.dead = false};
	struct err err;
	int status = 0;
	if (!program_start(&program, argc, argv, &opts, &status))
		return program_finish(status);
	struct run run = {.opts = &opts, .processes = proc_table_new()};
	if (episode_each(visit, &run, &err) < 0 || (opts.dead && episode_each_orphan(print_orphan, &run, &err) < 0))
		status = program_refuse(NULL, NULL, &err);
	proc_table_free(run.processes);
	return program_finish(status);
}
