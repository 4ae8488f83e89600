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
	pack_add_file(pack, name, data, len, 0);
	return pack_finish(pack, err);
}

static struct box *make_box(struct box_host *host, const char *name, const char *data, size_t len, struct err *err)
{
	FD_AUTO class = pack_of(name, data, len, err);
	FD_AUTO adapter = class < 0 ? -1 : pack_of("adapter.py", kind_text_gym_task, strlen(kind_text_gym_task), err);
	if (adapter < 0)
		return NULL;
	struct box_files files[] = {{.path = PLACE, .pack = class}, {.path = ADAPTER, .pack = adapter}};
	struct box_limits limits = {.memory_mib = 512,
	                            .disk_mib = 64,
	                            .processes = 64,
	                            .total_s = 2 * TIME_S,
	                            .cwd = PLACE,
	                            .files = files,
	                            .file_count = 2};
	return box_new(host, &limits, NULL, err);
}

static int run(struct box *box, const char *adapter, const char *place, const char *options, struct box_result *result,
               struct err *err)
{
	const char *const argv[] = {"python3", ADAPTER "/adapter.py", adapter, place, "task", NULL};
	BUF_AUTO input = {0};
	JSON_AUTO request = json_new_object();
	json reset = json_new_object();
	json_set_string(&reset, "options", options);
	json_set(&request, "reset", reset);
	if (json_dump(request, false, &input, err) < 0)
		return -1;
	buf_add_char(&input, '\n');
	struct box_command command = {.op = BOX_EXEC,
	                              .cwd = PLACE,
	                              .argv = argv,
	                              .input = input.data,
	                              .input_len = input.len,
	                              .timeout_ms = TIME_S * 1000,
	                              .keep = ANSWER_MAX};
	return box_run(box, &command, result, err);
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
		return err_set(err, ERR_NEGATIVE, "there is no file %.100s", path);
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	STRING_AUTO place = mem_format("%s:%s", name, json_get_string(asked, "class"));
	struct box *box = make_box(host, name, data, len, err);
	int failed =
	        box ? run(box, json_get_string(asked, "adapter"), place, json_get_string(asked, "options"), &result, err)
	            : -1;
	box_free(box);
	if (failed)
		return -1;
	if (result.how == BOX_EXITED && result.code == 127)
		return err_set(err, ERR_SYSTEM, "python3, which a class needs: %.200s", buf_string(&result.out[1].head));
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
