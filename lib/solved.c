#include "solved.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "episode.h"
#include "fd.h"
#include "record.h"

static char *folder(struct err *err)
{
	STRING_AUTO state = episode_state_path(err);
	return state ? mem_format("%s/play", state) : NULL;
}

int solved_note(json verdict, struct err *err)
{
	static const char *const keys[] = {"episode", "task", "status", "reward"};
	JSON_AUTO noted = json_new_object();
	STRING_AUTO path = folder(err);
	if (!path || fd_make_folders(path, 0700, err) < 0)
		return -1;
	STRING_AUTO name = mem_format("%s/solved.jsonl", path);
	FD_AUTO file = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return err_system(err, "%s", name);
	json_set_string(&noted, "type", "verdict");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_set(&noted, keys[i], json_copy(json_get(verdict, keys[i])));
	return record_write(file, noted, err);
}

/* Notes what a record says; lines that are none, or no verdicts, are passed over. */
static void add_record(json record, json *found)
{
	const char *task = record_is(record, "verdict") ? json_get_string(record, "task") : NULL;
	const char *status = json_get_string(record, "status");
	if (task && status)
		json_set_bool(found, task, json_get_bool(*found, task, false) || !strcmp(status, "pass"));
}

int solved_read(json *tasks, struct err *err)
{
	struct record record;
	int got = 0;
	STRING_AUTO path = folder(err);
	if (!path)
		return -1;
	STRING_AUTO name = mem_format("%s/solved.jsonl", path);
	FD_AUTO file = open(name, O_RDONLY | O_CLOEXEC);
	if (file < 0 && errno != ENOENT)
		return err_system(err, "%s", name);
	JSON_AUTO found = json_new_object();
	struct record_reader *reader = file < 0 ? NULL : record_reader_new(file);
	struct err problem = {0};
	while (reader && (got = record_next(reader, &record, &problem)) != 0 && problem.code != ERR_SYSTEM) {
		if (got > 0) {
			add_record(record.value, &found);
			record_free(&record);
		}
	}
	record_reader_free(reader);
	if (got < 0)
		return err_set(err, ERR_SYSTEM, "%s: %s", name, problem.text);
	*tasks = json_take(&found);
	return 0;
}
