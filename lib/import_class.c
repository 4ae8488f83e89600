#include "import_class.h"

#include <string.h>

#include "buf.h"
#include "fd.h"
#include "kind_text.h"
#include "pack.h"
#include "text.h"

#define TIME_S 60
#define ANSWER_MAX (8u << 20)
#define PLACE "/workspace"
#define ADAPTER "/adapter" /* beside the workspace, in which a class finds its own files alone */

static int pack_of(const char *name, const char *data, size_t len, struct err *err)
{
	struct pack *pack = pack_new();
	pack_add_file(pack, name, data, len, false);
	return pack_finish(pack, err);
}

/* A box of which the i-th of count packs is at the i-th of two places. */
static struct box *make_box(struct box_host *host, const int *packs, size_t count, struct err *err)
{
	struct box_files files[] = {{.path = PLACE}, {.path = ADAPTER}};
	struct box_limits limits = {.memory_mib = 512,
	                            .disk_mib = 64,
	                            .processes = 64,
	                            .total_s = 2 * TIME_S,
	                            .cwd = PLACE,
	                            .files = files,
	                            .file_count = count};
	for (size_t i = 0; i < count; i++)
		files[i].pack = packs[i];
	return box_new(host, &limits, NULL, err);
}

static int run(struct box *box, const char *const *argv, const struct buf *input, struct box_result *result, struct err *err)
{
	struct box_command command = {.op = BOX_EXEC,
	                              .cwd = PLACE,
	                              .argv = argv,
	                              .input = buf_string(input),
	                              .input_len = input->len,
	                              .timeout_ms = TIME_S * 1000,
	                              .keep = ANSWER_MAX};
	return box_run(box, &command, result, err);
}

int import_class_ready(struct box_host *host, struct err *err)
{
	static const char *const argv[] = {"python3", "-I", "-S", "-c", "", NULL};
	BOX_RESULT_AUTO result = {0};
	BUF_AUTO input = {0};
	struct box *box = make_box(host, NULL, 0, err);
	int failed = box ? run(box, argv, &input, &result, err) : -1;
	box_free(box);
	if (failed || (result.how == BOX_EXITED && result.code == 0))
		return failed;
	return err_set(err, ERR_SYSTEM, "classes need python3, which does not run in a box: %.200s",
	               buf_string(&result.out[1].head));
}

/* Asks one that is in the workspace. */
static int ask(struct box *box, const char *name, json asked, struct box_result *result, struct err *err)
{
	BUF_AUTO input = {0};
	JSON_AUTO request = json_new_object();
	json reset = json_new_object();
	STRING_AUTO place = mem_format("%s:%s", name, json_get_string(asked, "class"));
	const char *const argv[] = {"python3", ADAPTER "/adapter.py", json_get_string(asked, "adapter"), place, "task",
	                            NULL};
	json_set(&reset, "options", json_copy(json_get(asked, "options")));
	json_set(&request, "reset", reset);
	if (json_dump(request, false, &input, err) < 0)
		return -1;
	buf_add_char(&input, '\n');
	return run(box, argv, &input, result, err);
}

static int ask_apart(struct box_host *host, const char *name, const char *data, size_t len, json asked,
                     struct box_result *result, struct err *err)
{
	FD_AUTO class = pack_of(name, data, len, err);
	FD_AUTO adapter = class < 0 ? -1 : pack_of("adapter.py", kind_text_gym_task, strlen(kind_text_gym_task), err);
	if (adapter < 0)
		return -1;
	const int packs[] = {class, adapter};
	struct box *box = make_box(host, packs, 2, err);
	int failed = box ? ask(box, name, asked, result, err) : -1;
	box_free(box);
	return failed;
}

/* The last line of what it said; the adapter names itself in it. */
static void last_words(const struct box_output *output, struct buf *why)
{
	static const char name[] = "gym-adapter: ";
	const struct buf *text = output->tail.len ? &output->tail : &output->head;
	size_t end = text->len, at;
	while (end > 0 && text->data[end - 1] == '\n')
		end--;
	for (at = end; at > 0 && text->data[at - 1] != '\n'; at--)
		continue;
	const char *line = buf_string(text) + at;
	if (end - at >= strlen(name) && !memcmp(line, name, strlen(name)))
		line += strlen(name);
	text_repair(line, (size_t)(buf_string(text) + end - line), why);
}

/* Why there is no answer; "" if there is one. */
static void explain(const struct box_result *result, struct buf *why)
{
	if (result->how == BOX_TIMEOUT)
		buf_add_format(why, "it took more than %d s", TIME_S);
	else if (result->how == BOX_FLOODED || result->out[0].cut > 0)
		buf_add_format(why, "it says more than %u MiB", ANSWER_MAX >> 20);
	else if (result->how != BOX_EXITED)
		buf_add_format(why, "it was killed by signal %d", result->code);
	else if (result->code != 0)
		last_words(&result->out[1], why);
	if (result->how == BOX_EXITED && result->code != 0 && why->len == 0)
		buf_add_format(why, "it ended with status %d", result->code);
}

int import_class_ask(struct box_host *host, json asked, const struct import_assets *assets, json *told, struct err *err)
{
	BOX_RESULT_AUTO result = {0};
	BUF_AUTO why = {0};
	const char *path = json_get_string(asked, "file"), *data = NULL;
	size_t len = 0;
	JSON_AUTO file = path ? import_assets_value(assets, path, &data, &len) : json_none();
	if (!data)
		data = json_text(json_get(file, "text"), &len);
	if (!data)
		return err_set(err, ERR_NEGATIVE, "there is no file %.100s", path ? path : "");
	if (ask_apart(host, text_base_name(path), data, len, asked, &result, err) < 0)
		return -1;
	const struct buf *said = &result.out[0].head;
	explain(&result, &why);
	if (why.len == 0 && (text_valid(buf_string(said), said->len) < said->len ||
	                     json_parse(buf_string(said), said->len, told, NULL) < 0))
		buf_add_string(&why, "it says what is no JSON");
	if (why.len > 0) {
		*told = json_new_object();
		json_set_text(told, "why", why.data, why.len);
	}
	return 0;
}
