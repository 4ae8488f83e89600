#include "intake.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "program.h"
#include "record.h"
#include "stop.h"

int intake_file(int fd, const char *name, bool (*wait)(void), int flags, intake_handle *handle, void *context)
{
	int status = 0;
	struct record_reader *reader = record_reader_new(fd);
	record_reader_follow(reader, wait);
	if (flags & INTAKE_LONG)
		record_reader_limit(reader, RECORD_LONG_MAX);
	while (!program_output_failed() && !((flags & INTAKE_STRICT) && status != 0)) {
		struct err err;
		struct record record;
		int now = 0, got = flags & INTAKE_PLAIN ? record_next_plain(reader, &record, &err)
		                                        : record_next(reader, &record, &err);
		record.file = name;
		if (got == 0)
			break;
		if (got < 0)
			now = program_refuse(&record, NULL, &err);
		else if (record_is(record.value, "error"))
			now = program_pass_error(&record);
		else
			now = handle(&record, context);
		status = program_worse(status, now);
		record_free(&record);
		if (now < 0 || (got < 0 && err.code == ERR_SYSTEM))
			break;
	}
	record_reader_free(reader);
	return status;
}

int intake_records(int flags, intake_handle *handle, void *context)
{
	return intake_file(0, NULL, NULL, flags, handle, context);
}

struct seen {
	struct seen *next;
	bool done;
	char id[]; /* compared by the tree */
};

struct intake {
	struct pool *pool;
	void *tree; /* of struct seen, by id */
	struct seen *first, **end;
};

static int compare(const void *a, const void *b)
{
	const struct seen *first = a, *second = b;
	return strcmp(first->id, second->id);
}

static void hand_on(struct intake *intake, struct seen *entry)
{
	if (!entry->done)
		pool_add(intake->pool, entry->id, mem_string(entry->id));
	entry->done = true;
}

static struct seen *remember(struct intake *intake, const char *id)
{
	struct seen *entry = mem_alloc(1, sizeof *entry + strlen(id) + 1);
	strcpy(entry->id, id);
	struct seen **node = tsearch(entry, &intake->tree, compare);
	if (!node)
		abort(); /* out of memory, as in buf.h */
	if (*node != entry) {
		free(entry);
		return *node;
	}
	*intake->end = entry;
	intake->end = &entry->next;
	return entry;
}

/* A record after which nothing more will be asked of its episode. */
static bool says_ended(json record)
{
	return record_is(record, "verdict") || record_is(record, "rollout") ||
	       json_get_bool(record, "terminated", false) || json_get_bool(record, "truncated", false);
}

static int take_record(struct record *record, void *context)
{
	struct intake *intake = context;
	struct err err;
	const char *id = record_episode(record->value);
	if (!id) {
		err_set(&err, ERR_INPUT, "no \"episode\" in it, or none that is an id");
		return program_refuse(record, NULL, &err);
	}
	struct seen *entry = remember(intake, id);
	if (says_ended(record->value))
		hand_on(intake, entry);
	return 0;
}

static void keep_node(void *node)
{
	(void)node;
}

int intake_episodes(char **operands, struct pool *pool)
{
	struct intake intake = {.pool = pool};
	int status = 0;
	intake.end = &intake.first;
	if (*operands)
		for (; *operands; operands++)
			hand_on(&intake, remember(&intake, *operands));
	else
		status = intake_records(0, take_record, &intake);
	/* What a stop signal cut short is not the end of anybody's episode. */
	for (struct seen *entry = intake.first; entry && !stop_signal(); entry = entry->next)
		hand_on(&intake, entry);
	pool_wait(pool);
	tdestroy(intake.tree, keep_node);
	for (struct seen *next, *entry = intake.first; entry; entry = next) {
		next = entry->next;
		free(entry);
	}
	return status;
}
