#include "notebook.h"

#include "tap.h"
#include "value.h"

#define ADD "add_and_execute_code_cell"
#define EDIT "edit_and_execute_current_cell"
#define OUT(text) "{\"output_type\":\"stream\",\"name\":\"stdout\",\"text\":\"" text "\"}"
/* A step of the tool, with this in its observation's info. */
#define STEP(tool, args, info)                                                                                         \
	"{\"action\":{\"tool\":\"" tool "\",\"args\":" args "},\"observation\":{\"info\":" info "}}"
/* One with a cell: its code, and its outputs. */
#define RUN(tool, code, count, outputs)                                                                                \
	STEP(tool, "{\"code\":\"" code "\"}", "{\"cell\":1,\"execution_count\":" count ",\"outputs\":[" outputs "]}")
#define LOST(tool, args) STEP(tool, args, "{\"notebook\":\"killed\"}")

/* What the cells of the steps are: a line each of id, count, source and outputs. */
static void gives(const char *steps, const char *expected, const char *name)
{
	BUF_AUTO text = {0};
	JSON_AUTO list = parse(steps);
	JSON_AUTO file = notebook_of(list);
	json cells = json_get(file, "cells");
	for (int i = 0; i < json_length(cells); i++) {
		json cell = json_at(cells, i), count = json_get(cell, "execution_count");
		buf_add_format(&text, "%s ", json_get_string(cell, "id"));
		if (!json_is_none(count)) {
			buf_add_format(&text, "%.0f %s ", json_number(count, -1), json_get_string(cell, "source"));
			json_dump(json_get(cell, "outputs"), false, &text, NULL);
		}
		buf_add_char(&text, '\n');
	}
	is_str(buf_string(&text), expected, name);
}

static void test_cells(void)
{
	gives("[" STEP("shell", "{\"command\":\"ls\"}", "{}") ",{\"action\":{\"tool\":\"" ADD
	                                                      "\"},\"observation\":null}]",
	      "", "no cell, no notebook");
	gives("[" RUN(ADD, "a", "1", OUT("x")) "," RUN(ADD, "b", "2", "") "," RUN(EDIT, "c", "3", "") "]",
	      "cell-1 1 a [" OUT("x") "]\ncell-2 3 c []\n", "an edit replaces the last one and keeps its id");
	gives("[" RUN(ADD, "a", "1", "") "," LOST(ADD, "{\"code\":\"b\"}") "," RUN(EDIT, "c", "1",
	                                                                           "") "," RUN(ADD, "d", "2", "") "]",
	      "cell-1 1 a []\nnote-1 \ncell-2 1 c []\ncell-3 2 d []\n", "ids go on where numbers begin anew");
	gives("[" RUN(ADD, "a", "1", "") "," LOST("execute_shell_command",
	                                          "{}") "," LOST("get_notebook_state", "{}") "," LOST("shell", "{}") "]",
	      "cell-1 1 a []\nnote-1 \nnote-2 \n", "whatever call it was that lost it, but not another tool's");
	gives("[" RUN(ADD, "a", "1", "") "," STEP(ADD, "{\"code\":\"b\"}", "{}") "," RUN(EDIT, "c", "3", "") "]",
	      "cell-1 1 a []\ncell-2 3 c []\n", "an edit of one that is not known replaces no other");
	gives("[" LOST(ADD, "{\"code\":\"b\"}") "]", "", "a note alone is no notebook");
}

static void test_malformed(void)
{
	static const char *const infos[] = {
	        "null",
	        "[]",
	        "{\"cell\":1,\"outputs\":[]}",
	        "{\"execution_count\":1,\"outputs\":[]}",
	        "{\"cell\":\"1\",\"execution_count\":1,\"outputs\":[]}",
	        "{\"cell\":1,\"execution_count\":0,\"outputs\":[]}",
	        "{\"cell\":1,\"execution_count\":1.5,\"outputs\":[]}",
	        "{\"cell\":1,\"execution_count\":1e300,\"outputs\":[]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":{}}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[1]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"pyout\"}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"stream\",\"name\":\"x\",\"text\":"
	        "\"\"}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"stream\",\"name\":\"stdout\","
	        "\"text\":1}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"stream\\u0000\",\"name\":\"stdout\","
	        "\"text\":\"\"}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"error\",\"ename\":\"\",\"evalue\":"
	        "\"\","
	        "\"traceback\":[1]}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"display_data\",\"data\":{\"text/"
	        "plain\":1},"
	        "\"metadata\":{}}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"display_data\",\"data\":{},"
	        "\"metadata\":{},"
	        "\"more\":1}]}",
	        "{\"cell\":1,\"execution_count\":1,\"outputs\":[{\"output_type\":\"execute_result\",\"data\":{},"
	        "\"metadata\":{},"
	        "\"execution_count\":-1}]}",
	};
	for (size_t i = 0; i < sizeof infos / sizeof *infos; i++) {
		STRING_AUTO steps =
		        mem_format("[" RUN(ADD, "a", "7", "") "," STEP(ADD, "{\"code\":\"b\"}", "%s") "]", infos[i]);
		gives(steps, "cell-1 7 a []\n", infos[i]);
	}
	gives("[" STEP(ADD, "{\"code\":1}", "{\"cell\":1,\"execution_count\":1,\"outputs\":[]}") "]", "",
	      "code that is no text");
}

static void test_whole(void)
{
	BUF_AUTO text = {0};
	JSON_AUTO steps = parse("[" RUN(ADD, "a", "1", "") "]");
	JSON_AUTO file = notebook_of(steps);
	JSON_AUTO note = notebook_too_long();
	json_dump(file, true, &text, NULL);
	is_str(buf_string(&text),
	       "{\"cells\":[{\"cell_type\":\"code\",\"execution_count\":1,\"id\":\"cell-1\",\"metadata\":{},"
	       "\"outputs\":[],"
	       "\"source\":\"a\"}],\"metadata\":{\"kernelspec\":{\"display_name\":\"Python 3\",\"language\":\"python\","
	       "\"name\":\"python3\"},\"language_info\":{\"name\":\"python\"}},\"nbformat\":4,\"nbformat_minor\":5}",
	       "the whole file");
	is_int(json_length(json_get(note, "cells")), 1, "one that is too long says so");
	is_str(json_get_string(json_at(json_get(note, "cells"), 0), "cell_type"), "markdown", "in a text");
}

int main(void)
{
	test_cells();
	test_malformed();
	test_whole();
	return done_testing();
}
