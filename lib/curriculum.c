#include "curriculum.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fd.h"
#include "num.h"
#include "record.h"
#include "task_field.h"

/*
 * A level keeps its last attempts in a ring of as many as its window has, and
 * the number of those that passed: what a history costs does not grow with it.
 * An attempt that was not made yet counts as one that failed, so that a level
 * is passed as soon as no outcome of those that are missing could change it.
 */
#define FILE_MAX ((size_t)1 << 20)
#define PATTERNS_MAX 1000 /* of a level: places of the one after begin there */

struct attempt {
	uint64_t episode; /* its hash; 0: it has none */
	bool passed;
	bool verdict; /* of a verdict record: the episode's rollout may follow */
};

struct level {
	json definition; /* borrowed */
	bool *matched;   /* for each of its patterns */
	size_t tasks;
	struct attempt *ring;
	size_t window, attempts, at;
	uint64_t passed;
};

/* A task that is in a level. */
struct member {
	char *id;
	size_t level;
};

struct curriculum {
	char *file;
	json definition;
	struct level *levels;
	size_t count;
	struct member *members; /* in the order of ids */
	size_t member_count;
};

static bool is_glob(const char *pattern)
{
	return !strchr(pattern, '/') || strpbrk(pattern, "*?[\\");
}

static bool has_text(json list, const char *text)
{
	for (int i = 0; i < json_length(list); i++)
		if (!strcmp(json_string(json_at(list, i)), text))
			return true;
	return false;
}

/* No two levels have the same name, or the same task: only a pattern may mean what an earlier level has taken. */
static int check_levels(json levels, const char *path, struct err *err)
{
	for (int i = 0; i < json_length(levels); i++) {
		json level = json_at(levels, i), tasks = json_get(level, "tasks");
		for (int j = 0; j < i; j++) {
			json before = json_at(levels, j);
			if (json_equal(json_get(level, "name"), json_get(before, "name")))
				return field_error(err, path, "level %s is there twice", json_get_string(level, "name"));
			for (int n = 0; n < json_length(tasks); n++) {
				const char *id = json_string(json_at(tasks, n));
				if (!is_glob(id) && has_text(json_get(before, "tasks"), id))
					return field_error(err, path, "task %.140s is in the levels %s and %s", id,
					                   json_get_string(before, "name"),
					                   json_get_string(level, "name"));
			}
		}
	}
	return 0;
}

static int check_rate(json value, const char *path, struct err *err)
{
	return json_number(value, 0) > 0 ? 0 : field_error(err, path, "must be greater than 0");
}

static const struct field pattern_field = {.kind = FIELD_LINE, .min = 1, .max = 140};
static const struct field difficulty_field = {.kind = FIELD_CHOICE, .choices = "easy medium hard"};
static const struct field level_fields[] = {
        {.key = "name", .kind = FIELD_NAME, .required = true, .max = 64},
        {.key = "tasks",
         .kind = FIELD_ARRAY,
         .required = true,
         .min = 1,
         .max = PATTERNS_MAX,
         .element = &pattern_field,
         .check = field_unique},
        {.key = "difficulty", .kind = FIELD_ARRAY, .min = 1, .max = 3, .element = &difficulty_field, .check = field_unique},
        {.key = "pass_rate", .kind = FIELD_NUMBER, .min = 0, .max = 1, .fallback = "0.8", .check = check_rate},
        {.key = "window", .kind = FIELD_WHOLE, .min = 1, .max = 100000, .fallback = "20"},
        {0},
};
static const struct field level_field = {.kind = FIELD_OBJECT, .fields = level_fields};
static const struct field file_fields[] = {
        {.key = "title", .kind = FIELD_LINE, .min = 1, .max = 200},
        {.key = "levels", .kind = FIELD_ARRAY, .required = true, .min = 1, .max = 1000, .element = &level_field, .check = check_levels},
        {0},
};

static int read_definition(struct task_path *path, const char *name, struct curriculum *curriculum, struct err *err)
{
	BUF_AUTO text = {0};
	JSON_AUTO given = json_none();
	size_t len = strlen(name);
	if (strchr(name, '/') || (len > 5 && !strcmp(name + len - 5, ".json"))) {
		curriculum->file = mem_string(name);
		if (fd_read_file(AT_FDCWD, name, FILE_MAX, &text, err) < 0) {
			/* A file that is not there is the caller's mistake. */
			err->code = ERR_INPUT;
			return -1;
		}
	} else if (task_path_read(path, name, FILE_MAX, &text, &curriculum->file, err) < 0) {
		return -1;
	}
	if (json_parse(buf_string(&text), text.len, &given, err) < 0)
		return err_context(err, "%s: invalid JSON", curriculum->file);
	if (field_object(given, file_fields, NULL, false, "", &curriculum->definition, err) < 0)
		return err_context(err, "%s", curriculum->file);
	return 0;
}

struct curriculum *curriculum_open(struct task_path *path, const char *name, struct err *err)
{
	struct curriculum *curriculum = mem_alloc(1, sizeof *curriculum);
	curriculum->definition = json_none();
	if (read_definition(path, name, curriculum, err) < 0) {
		curriculum_free(curriculum);
		return NULL;
	}
	json levels = json_get(curriculum->definition, "levels");
	curriculum->count = (size_t)json_length(levels);
	curriculum->levels = mem_alloc(curriculum->count, sizeof *curriculum->levels);
	for (size_t i = 0; i < curriculum->count; i++) {
		struct level *level = &curriculum->levels[i];
		level->definition = json_at(levels, (int)i);
		level->matched = mem_alloc(PATTERNS_MAX, sizeof *level->matched);
		level->window = (size_t)json_get_int(level->definition, "window", 1, 100000, 1);
		level->ring = mem_alloc(level->window, sizeof *level->ring);
	}
	return curriculum;
}

void curriculum_free(struct curriculum *curriculum)
{
	if (!curriculum)
		return;
	for (size_t i = 0; i < curriculum->count; i++) {
		free(curriculum->levels[i].matched);
		free(curriculum->levels[i].ring);
	}
	for (size_t i = 0; i < curriculum->member_count; i++)
		free(curriculum->members[i].id);
	free(curriculum->members);
	free(curriculum->levels);
	json_free(&curriculum->definition);
	free(curriculum->file);
	free(curriculum);
}

bool curriculum_wants(struct curriculum *curriculum, const char *id)
{
	bool any = false;
	for (size_t i = 0; i < curriculum->count; i++) {
		struct level *level = &curriculum->levels[i];
		json patterns = json_get(level->definition, "tasks");
		for (int n = 0; n < json_length(patterns); n++)
			if (task_id_matches(id, json_string(json_at(patterns, n))))
				any = level->matched[n] = true;
	}
	return any;
}

/* The first of a level's patterns that the task matches, or -1. */
static int find_pattern(const struct level *level, const char *id, const char *difficulty)
{
	json patterns = json_get(level->definition, "tasks"), only = json_get(level->definition, "difficulty");
	if (!json_is_none(only) && !has_text(only, difficulty))
		return -1;
	for (int n = 0; n < json_length(patterns); n++)
		if (task_id_matches(id, json_string(json_at(patterns, n))))
			return n;
	return -1;
}

long curriculum_add(struct curriculum *curriculum, const char *id, const char *difficulty)
{
	for (size_t i = 0; i < curriculum->count; i++) {
		int found = find_pattern(&curriculum->levels[i], id, difficulty);
		if (found < 0)
			continue;
		curriculum->levels[i].tasks++;
		curriculum->members = mem_grow(curriculum->members, curriculum->member_count, sizeof *curriculum->members);
		curriculum->members[curriculum->member_count++] = (struct member){mem_string(id), i};
		return (long)i * PATTERNS_MAX + found;
	}
	return -1;
}

int curriculum_level_of(long place)
{
	return (int)(place / PATTERNS_MAX);
}

long curriculum_place_of(int level)
{
	return (long)level * PATTERNS_MAX;
}

int curriculum_check(const struct curriculum *curriculum, struct err *err)
{
	for (size_t i = 0; i < curriculum->count; i++) {
		const struct level *level = &curriculum->levels[i];
		json patterns = json_get(level->definition, "tasks");
		const char *name = json_get_string(level->definition, "name");
		for (int n = 0; n < json_length(patterns); n++)
			if (!level->matched[n])
				return err_set(err, ERR_INPUT, "%s: level %s: no task matches %s", curriculum->file,
				               name, json_string(json_at(patterns, n)));
		if (level->tasks == 0)
			return err_set(err, ERR_INPUT, "%s: level %s: it has no task", curriculum->file, name);
	}
	return 0;
}

/* Whether it is the rollout of an episode whose verdict was counted. */
static bool is_counted(struct level *level, const struct attempt *attempt)
{
	for (size_t i = 0; i < level->attempts && attempt->episode && !attempt->verdict; i++) {
		struct attempt *before = &level->ring[i];
		if (before->episode != attempt->episode || !before->verdict)
			continue;
		before->verdict = false;
		return true;
	}
	return false;
}

static void count_attempt(struct level *level, const struct attempt *attempt)
{
	if (is_counted(level, attempt))
		return;
	if (level->attempts == level->window)
		level->passed -= level->ring[level->at].passed;
	else
		level->attempts++;
	level->passed += attempt->passed;
	level->ring[level->at] = *attempt;
	level->at = (level->at + 1) % level->window;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *first = a, *second = b;
	return strcmp(first->id, second->id);
}

/* A rollout that was not graded, a verdict of error and a task of no level are passed over. */
static void count_record(struct curriculum *curriculum, json record)
{
	bool is_verdict = record_is(record, "verdict");
	if (!is_verdict && !record_is(record, "rollout"))
		return;
	json verdict = is_verdict ? record : json_get(record, "verdict");
	const char *status = json_get_string(verdict, "status"), *episode = record_episode(record);
	const char *id = json_get_string(record, "task");
	if (!id || !status || !strcmp(status, "error") || curriculum->member_count == 0)
		return;
	const struct member key = {.id = (char *)id};
	const struct member *member = bsearch(&key, curriculum->members, curriculum->member_count,
	                                      sizeof *curriculum->members, compare_members);
	const struct attempt attempt = {episode ? num_seed(episode) : 0, !strcmp(status, "pass"), is_verdict};
	if (member)
		count_attempt(&curriculum->levels[member->level], &attempt);
}

int curriculum_read(struct curriculum *curriculum, const char *file, uint64_t *torn, struct err *err)
{
	FD_AUTO opened = -1;
	int fd = 0, got;
	struct err reason = {.code = ERR_NONE};
	if (strcmp(file, "-") != 0 && (fd = opened = open(file, O_RDONLY | O_CLOEXEC)) < 0) {
		err_system(err, "%s", file);
		err->code = ERR_INPUT;
		return -1;
	}
	struct record_reader *reader = record_reader_new(fd);
	struct record record;
	for (*torn = 0; (got = record_next(reader, &record, &reason)) != 0;) {
		/* Only the last line may be a torn one. */
		if (*torn || (got < 0 && reason.code != ERR_INPUT))
			break;
		if (got < 0)
			*torn = record.number;
		else
			count_record(curriculum, record.value);
		record_free(&record);
	}
	record_reader_free(reader);
	if (got == 0)
		return 0;
	record_free(&record);
	return *torn ? err_set(err, ERR_INPUT, "%s: line %llu is no record", file, (unsigned long long)*torn)
	             : err_set(err, reason.code, "%s: %s", file, reason.text);
}

bool curriculum_level(const struct curriculum *curriculum, int i, struct curriculum_level *out)
{
	if (i < 0 || (size_t)i >= curriculum->count)
		return false;
	const struct level *level = &curriculum->levels[i];
	*out = (struct curriculum_level){
	        .name = json_get_string(level->definition, "name"),
	        .passed = level->passed,
	        .attempts = level->attempts,
	        .window = level->window,
	        .pass_rate = json_get_number(level->definition, "pass_rate", 1),
	};
	return true;
}

int curriculum_next(const struct curriculum *curriculum)
{
	struct curriculum_level level;
	/* 0.8 * 20 is not to be a little more than 16. */
	for (int i = 0; curriculum_level(curriculum, i, &level); i++)
		if ((double)level.passed + 1e-9 < level.pass_rate * (double)level.window)
			return i;
	return -1;
}
