#include "convert_source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "record.h"

struct convert_source {
	struct import_source *records;
	enum convert_unit unit;
	bool actions;              /* of gym-codecraft */
	struct import_record held; /* the first line of the next episode */
};

struct convert_source *convert_source_open(const char *path, const char *format, struct err *err)
{
	struct stat info;
	struct convert_source *source = mem_alloc(1, sizeof *source);
	source->unit = convert_unit(format);
	source->actions = !strcmp(format, "codecraft");
	source->held.value = json_none();
	if (path && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		err_set(err, ERR_INPUT, "it is a folder");
	else
		source->records = source->unit == CONVERT_ENTRIES             ? import_source_entries(path, err)
		                  : path && source->unit == CONVERT_DOCUMENTS ? import_source_open(path, err)
		                                                              : import_source_lines(path, err);
	if (source->records)
		return source;
	convert_source_free(source);
	return NULL;
}

void convert_source_free(struct convert_source *source)
{
	if (!source)
		return;
	import_source_free(source->records);
	import_record_free(&source->held);
	free(source);
}

const char *convert_source_unit(const struct convert_source *source)
{
	return source->unit == CONVERT_DOCUMENTS ? "record" : "line";
}

/* --- episodes of steps -------------------------------------------------- */

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return word && (!strcmp(word, a) || !strcmp(word, b));
}

/* Whether a line begins an episode when it comes after `last`. */
static bool begins(const struct convert_source *source, json last, json line)
{
	json own = json_get(line, "episode"), other = json_get(last, "episode");
	if (source->actions)
		return is_one_of(json_get_string(line, "action"), "start", "reset");
	json action = json_get(line, "action"), before = json_get(last, "action");
	bool acts = !json_is_none(action) && !json_is_null(action), acted = !json_is_none(before) && !json_is_null(before);
	return (acted && !acts) || (!json_is_none(own) && !json_is_none(other) && !json_equal(own, other));
}

static bool ends(const struct convert_source *source, json line)
{
	if (source->actions)
		return is_one_of(json_get_string(line, "action"), "close", "exit");
	return json_get_bool(line, "terminated", false) || json_get_bool(line, "truncated", false);
}

/* The next line, which may have been read before. */
static int next_line(struct convert_source *source, struct import_record *line, struct err *err)
{
	if (json_is_none(source->held.value))
		return import_source_next(source->records, line, err);
	*line = source->held;
	source->held = (struct import_record){.value = json_none()};
	return 1;
}

/* All lines of the next episode. What is wrong with one is told when its end is found. */
static int next_episode(struct convert_source *source, struct import_record *episode, struct err *err)
{
	struct import_record line = {.value = json_none()};
	struct err reason = {.code = ERR_NONE};
	JSON_AUTO last = json_none();
	int got;
	*episode = (struct import_record){.value = json_new_array()};
	while ((got = next_line(source, &line, err)) != 0) {
		if (got < 0 && err->code == ERR_SYSTEM)
			return -1;
		if (!episode->number)
			episode->number = line.number;
		if (got > 0 && !json_is_none(last) && begins(source, last, line.value)) {
			source->held = line;
			break;
		}
		episode->size += line.size;
		if (got > 0 && episode->size > RECORD_LINE_MAX)
			got = err_set(err, ERR_INPUT, "an episode has more than %u MiB", RECORD_LINE_MAX >> 20);
		if (got < 0 && reason.code == ERR_NONE) {
			reason = *err;
			err_context(&reason, "line %llu", (unsigned long long)line.number);
		}
		if (reason.code != ERR_NONE) {
			json_free(&episode->value);
			episode->value = json_new_array();
		}
		bool end = got > 0 && ends(source, line.value);
		json_free(&last);
		last = got > 0 ? json_copy(line.value) : json_new_null();
		if (got > 0 && reason.code == ERR_NONE)
			json_append(&episode->value, json_take(&line.value));
		import_record_free(&line);
		if (end)
			break;
	}
	if (reason.code != ERR_NONE) {
		*err = reason;
		return -1;
	}
	return episode->number ? 1 : 0;
}

int convert_source_next(struct convert_source *source, struct import_record *record, struct err *err)
{
	return source->unit == CONVERT_STEPS ? next_episode(source, record, err)
	                                     : import_source_next(source->records, record, err);
}
