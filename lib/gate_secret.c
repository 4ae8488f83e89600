/*
 * Secrets are looked for as bytes. A box's own files come out of it as a pack
 * (pack.h), which is not parsed here either: a text is found where its bytes
 * are, and a name where an entry's length and name are. What the session and
 * the processes show is the output of one command, which holds no secret.
 *
 * A secret is made of parts, and each part may have several forms, of which
 * one is enough. A part is no longer than 4 KiB, so that of a long text hardly
 * one lies across the 64 KiB pieces of a pack, and none does of a plain copy.
 */
#include "gate_secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "start.h"
#include "text.h"

#define PART_MAX 4096
#define TEXT_MIN 24 /* bytes; less is said often enough by chance */
#define WORD_MIN 4  /* of an answer in a prompt, of a name */
#define HEAD 8      /* bytes that every form has; they are what is looked for first */
#define SHOWN_KEEP (4u << 20)
#define FILTER_BITS 16

struct secret {
	char *what;
	size_t total, found;
	bool half; /* half of it is enough */
};

struct part {
	size_t secret, len;
	bool found;
};

struct form {
	char *text;
	size_t len, part;
};

struct secrets {
	struct secret *secret;
	struct part *part;
	struct form *form;
	size_t secrets, parts, forms;
	unsigned char filter[1 << (FILTER_BITS - 3)]; /* a bit for each head that there is */
};

static void secrets_free(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->secrets; i++)
		free(secrets->secret[i].what);
	for (size_t i = 0; i < secrets->forms; i++)
		free(secrets->form[i].text);
	free(secrets->secret);
	free(secrets->part);
	free(secrets->form);
}

/* what is consumed. */
static void add_secret(struct secrets *secrets, char *what, bool half)
{
	secrets->secret = mem_grow(secrets->secret, secrets->secrets, sizeof *secrets->secret);
	secrets->secret[secrets->secrets++] = (struct secret){.what = what, .half = half};
}

/* A part of the newest secret. */
static void add_part(struct secrets *secrets, size_t len)
{
	secrets->part = mem_grow(secrets->part, secrets->parts, sizeof *secrets->part);
	secrets->part[secrets->parts++] = (struct part){.secret = secrets->secrets - 1, .len = len};
	secrets->secret[secrets->secrets - 1].total += len;
}

static unsigned head_of(const char *text)
{
	uint64_t head;
	memcpy(&head, text, HEAD);
	return (unsigned)(head * UINT64_C(0x9e3779b97f4a7c15) >> (64 - FILTER_BITS));
}

/* A form of the newest part. */
static void add_form(struct secrets *secrets, const char *text, size_t len)
{
	unsigned head = head_of(text);
	secrets->form = mem_grow(secrets->form, secrets->forms, sizeof *secrets->form);
	struct form *form = &secrets->form[secrets->forms++];
	*form = (struct form){.text = mem_alloc(len, 1), .len = len, .part = secrets->parts - 1};
	memcpy(form->text, text, len);
	secrets->filter[head >> 3] |= (unsigned char)(1 << (head & 7));
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && is_space(**text))
		(*text)++, (*len)--;
	while (*len > 0 && is_space((*text)[*len - 1]))
		(*len)--;
}

/* A text in parts, to be found as it is. */
static void add_text(struct secrets *secrets, const char *text, size_t len)
{
	trim(&text, &len);
	while (len >= TEXT_MIN) {
		/* What would be left for the next may be too short to be one. */
		size_t part = len < PART_MAX + TEXT_MIN ? len : PART_MAX;
		add_part(secrets, part);
		add_form(secrets, text, part);
		text += part;
		len -= part;
	}
}

/* --- what there is to be hidden ------------------------------------- */

/* Another form of the newest part of a solution: without its first and last line, which may only say where the rest goes. */
static void add_body(struct secrets *secrets, const char *text, size_t len)
{
	const char *first = memchr(text, '\n', len), *last = memrchr(text, '\n', len);
	if (!first || last <= first)
		return;
	text = first;
	len = (size_t)(last - first);
	trim(&text, &len);
	if (len >= TEXT_MIN)
		add_form(secrets, text, len);
}

/* As it stands in a file of actions. */
static void add_escaped(struct secrets *secrets, const char *text, size_t len)
{
	BUF_AUTO dumped = {0};
	JSON_AUTO value = json_new_text(text, len);
	if (json_dump(value, false, &dumped, NULL) == 0 && dumped.len > len + 2)
		add_form(secrets, dumped.data + 1, dumped.len - 2);
}

/* What an action writes or runs; neither names nor what is there already. */
static void add_action(struct secrets *secrets, json action)
{
	static const char *const keys[] = {"command", "content", "new", "stdin"};
	json args = json_is_object(json_get(action, "args")) ? json_get(action, "args") : action;
	for (size_t i = 0; i < 1 + sizeof keys / sizeof *keys; i++) {
		size_t len, before = secrets->parts;
		const char *text = json_text(i ? json_get(args, keys[i - 1]) : action, &len);
		if (!text)
			continue;
		trim(&text, &len);
		add_text(secrets, text, len);
		/* Of a long text the parts are enough. */
		if (secrets->parts == before + 1) {
			add_body(secrets, text, len);
			add_escaped(secrets, text, len);
		}
	}
}

static int add_solution(struct secrets *secrets, const struct task *task, struct err *err)
{
	JSON_AUTO actions = json_none();
	if (task_solution(task, &actions, err) < 0)
		return -1;
	add_secret(secrets, mem_string("the solution"), true);
	for (int i = 0; i < json_length(actions); i++)
		add_action(secrets, json_at(actions, i));
	return 0;
}

/* As in an entry of a pack: behind its length. */
static void add_name(struct secrets *secrets, const char *name)
{
	BUF_AUTO entry = {0};
	uint32_t len = (uint32_t)strlen(name);
	if (len < WORD_MIN)
		return;
	buf_add(&entry, &len, sizeof len);
	buf_add(&entry, name, len);
	add_secret(secrets, mem_format("a file of the name %.100s", name), false);
	add_part(secrets, entry.len);
	add_form(secrets, entry.data, entry.len);
}

/* A hidden file, and whether the agent is given one of its name or its content. */
struct hidden {
	const struct task_file *file;
	bool same_name, same;
};

static int compare_given(const struct task_file *file, void *context, struct err *err)
{
	struct hidden *hidden = context;
	(void)err;
	if (strcmp(text_base_name(file->path), text_base_name(hidden->file->path)) != 0)
		return 0;
	hidden->same_name = true;
	if (file->data && file->len == hidden->file->len && !memcmp(file->data, hidden->file->data, file->len))
		hidden->same = true;
	return 0;
}

struct adding {
	struct secrets *secrets;
	const struct task *task;
};

/* What is given under the same name is there on purpose: a grader uses a copy that nobody has changed. */
static int add_hidden(const struct task_file *file, void *context, struct err *err)
{
	struct adding *adding = context;
	struct hidden hidden = {.file = file};
	if (task_files(adding->task, "files", compare_given, &hidden, err) < 0 ||
	    task_files(adding->task, "workspaces", compare_given, &hidden, err) < 0)
		return -1;
	if (!hidden.same_name)
		add_name(adding->secrets, text_base_name(file->path));
	if (file->data && !hidden.same) {
		add_secret(adding->secrets, mem_format("tests/%.100s", file->path), false);
		add_text(adding->secrets, file->data, file->len);
	}
	return 0;
}

typedef void visit_text(json value, void *context);

/* Every text that a check expects; not what says where it looks, what it runs, and what is not a text to be found. */
static void each_expected(json value, visit_text *visit, void *context)
{
	static const char *const skipped[] = {
	        "name",     "type",   "path",    "command",  "program", "stdin", "args",      "matches",
	        "excludes", "sha256", "compare", "database", "schema",  "query", "condition", "file",
	        "given",    "names",  "classes", "ignore",   "judge",   "salt",
	};
	const char *key;
	json inside;
	if (json_get_bool(value, "visible", false))
		return;
	if (json_is_string(value) || json_is_number(value))
		visit(value, context);
	for (int i = 0; json_is_array(value) && i < json_length(value); i++)
		each_expected(json_at(value, i), visit, context);
	for (int at = -1; json_each(value, &at, &key, &inside);) {
		bool looked_at = true;
		for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
			looked_at = looked_at && strcmp(skipped[i], key) != 0;
		if (looked_at)
			each_expected(inside, visit, context);
	}
}

struct expecting {
	struct secrets *secrets;
	json check;
};

/* Each a secret of its own: one of them is too much. */
static void add_expected(json value, void *context)
{
	struct expecting *expecting = context;
	size_t len;
	const char *text = json_text(value, &len), *name = json_get_string(expecting->check, "name");
	if (!text)
		return;
	add_secret(expecting->secrets, mem_format("what the check %.100s expects", name), false);
	add_text(expecting->secrets, text, len);
}

static int add_secrets(struct secrets *secrets, const struct task *task, struct err *err)
{
	struct adding adding = {secrets, task};
	json checks = json_get(task->definition, "checks");
	JSON_AUTO setup = json_none();
	size_t len;
	if (add_solution(secrets, task, err) < 0 || task_files(task, "tests", add_hidden, &adding, err) < 0 ||
	    task_setup(task, &setup, err) < 0)
		return -1;
	const char *script = json_text(setup, &len);
	if (script) {
		add_secret(secrets, mem_string("setup.sh"), false);
		add_text(secrets, script, len);
	}
	for (int i = 0; i < json_length(checks); i++) {
		struct expecting expecting = {secrets, json_at(checks, i)};
		each_expected(expecting.check, add_expected, &expecting);
	}
	add_name(secrets, "solution.jsonl");
	return 0;
}

/* --- looking for it ------------------------------------------------- */

static void found_at(struct secrets *secrets, const char *at, size_t left)
{
	for (size_t i = 0; i < secrets->forms; i++) {
		struct form *form = &secrets->form[i];
		struct part *part = &secrets->part[form->part];
		if (part->found || form->len > left || memcmp(form->text, at, form->len) != 0)
			continue;
		part->found = true;
		secrets->secret[part->secret].found += part->len;
	}
}

static void look_through(struct secrets *secrets, const char *data, size_t len)
{
	for (size_t i = 0; i + HEAD <= len; i++) {
		unsigned head = head_of(data + i);
		if (secrets->filter[head >> 3] & (1 << (head & 7)))
			found_at(secrets, data + i, len - i);
	}
}

/* Of a solution half is enough: the rest may be no more than looking about. */
static void name_found(const struct secrets *secrets, const char *where, char *why, size_t size)
{
	const char *last = "";
	for (size_t i = 0; i < secrets->secrets; i++) {
		const struct secret *secret = &secrets->secret[i];
		size_t used = strlen(why), enough = secret->half ? (secret->total + 1) / 2 : secret->total;
		if (secret->total == 0 || secret->found < enough || !strcmp(last, secret->what))
			continue;
		snprintf(why + used, size - used, "%s%s", used ? ", " : where, secret->what);
		last = secret->what;
	}
}

static int ask(struct box *box, struct box_command command, struct box_result *result, struct err *err)
{
	command.timeout_ms = 60000;
	return box_run(box, &command, result, err);
}

static int look_at_files(struct secrets *secrets, struct box *box, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	BOX_RESULT_AUTO frozen = {0};
	FD_AUTO fd = memfd_create("box", MFD_CLOEXEC);
	if (fd < 0)
		return err_system(err, "memory file");
	/* A file that changes while it is packed would be packed in halves. */
	if (ask(box, (struct box_command){.op = BOX_FREEZE}, &frozen, err) < 0 ||
	    ask(box, (struct box_command){.op = BOX_EXPORT, .path = "/", .fd = fd, .keep = 512}, &result, err) < 0)
		return -1;
	if (result.how != BOX_EXITED || result.code != 0)
		return err_set(err, ERR_SYSTEM, "the box's files cannot be read: %.200s", buf_string(&result.out[1].head));
	off_t len = lseek(fd, 0, SEEK_END);
	void *data = len > 0 ? mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	if (data == MAP_FAILED)
		return err_system(err, "look at the box's files");
	look_through(secrets, data, (size_t)len);
	munmap(data, (size_t)len);
	return 0;
}

/* The session's variables, and every process's arguments, environment and open files. Without a program: a base may not
 * have it. */
static int look_at_processes(struct secrets *secrets, struct box *box, struct err *err)
{
	static const char command[] =
	        "set; for file in /proc/[0-9]*/{cmdline,environ}; do "
	        "while IFS= read -rd '' line || [[ $line ]]; do printf '%s\\n' \"$line\"; done <$file; "
	        "done 2>/dev/null; ls -l /proc/[0-9]*/fd 2>/dev/null; :";
	BOX_RESULT_AUTO result = {0};
	if (ask(box,
	        (struct box_command){.op = BOX_SHELL, .input = command, .input_len = sizeof command - 1, .keep = SHOWN_KEEP},
	        &result, err) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		look_through(secrets, buf_string(&result.out[i].head), result.out[i].head.len);
	return 0;
}

/* Whether there is something at a path: no secret is in asking, and nothing is left of it. */
static int look_at_path(struct box *box, const char *path, char *why, size_t size, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	size_t used = strlen(why);
	if (ask(box, (struct box_command){.op = BOX_STAT, .path = path, .keep = 512}, &result, err) < 0)
		return -1;
	if (result.how == BOX_EXITED && result.code == 0)
		snprintf(why + used, size - used, "%s%s", used ? ", " : "the box has ", path);
	return 0;
}

int gate_secret_box(const struct task *task, struct box *box, char *why, size_t size, struct err *err)
{
	struct secrets secrets = {0};
	STRING_AUTO own = mem_format("%s/task.json", task->folder ? task->folder : "/nowhere");
	int failed = add_secrets(&secrets, task, err);
	if (!failed && !(failed = look_at_processes(&secrets, box, err)))
		name_found(&secrets, "the box's processes show ", why, size);
	if (!failed && !why[0] && !(failed = look_at_files(&secrets, box, err)))
		name_found(&secrets, "the box's files show ", why, size);
	secrets_free(&secrets);
	return failed || look_at_path(box, own, why, size, err) < 0 ||
	                       (!task->base[0] && look_at_path(box, START_TESTS, why, size, err) < 0)
	               ? -1
	               : 0;
}

/* --- prompts -------------------------------------------------------- */

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

static bool has_words(const char *text, const char *words, size_t len)
{
	for (const char *at = text; (at = strcasestr(at, words)); at++)
		if ((at == text || !is_word(at[-1])) && !is_word(at[len]))
			return true;
	return false;
}

struct prompt {
	const char *text;
	bool found;
};

static void look_in_prompt(json value, void *context)
{
	struct prompt *prompt = context;
	BUF_AUTO whole = {0};
	json_add_text(value, false, &whole);
	const char *text = buf_string(&whole);
	size_t len = whole.len;
	trim(&text, &len);
	STRING_AUTO words = mem_format("%.*s", (int)len, text);
	if (strlen(words) >= WORD_MIN && has_words(prompt->text, words, strlen(words)))
		prompt->found = true;
}

void gate_secret_prompt(const struct task *task, char *why, size_t size)
{
	json checks = json_get(task->definition, "checks");
	for (int i = 0; i < json_length(checks); i++) {
		json check = json_at(checks, i);
		struct prompt prompt = {.text = json_get_string(task->definition, "prompt")};
		if (!json_get_is(check, "type", "answer") || json_get_bool(check, "visible", false))
			continue;
		each_expected(json_get(check, "answer"), look_in_prompt, &prompt);
		if (prompt.found)
			snprintf(why, size, "it holds what the check %.100s expects", json_get_string(check, "name"));
	}
}
