/* Choosing a task, at a terminal of each size and without one. */
#include "chooser.h"

#include <sys/stat.h>

#include "chooser_list.h"
#include "program.h"
#include "pty.h"
#include "solved.h"
#include "stop.h"
#include "tap.h"

static char folder[] = "/tmp/pipegym-chooser-XXXXXX";

static void add_line(FILE *file, const char *name, const char *title, const char *category, const char *difficulty)
{
	fprintf(file,
	        "{\"name\":\"%s\",\"title\":\"%s\",\"category\":\"%s\",\"difficulty\":\"%s\",\"prompt\":\"x\","
	        "\"checks\":[{"
	        "\"name\":\"c\",\"type\":\"file\",\"path\":\"f\",\"content\":{\"trimmed\":\"y\"}}]}\n",
	        name, title, category, difficulty);
}

static void make_tasks(void)
{
	char path[100], name[20];
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof path, "%s/s.jsonl", folder);
	FILE *file = fopen(path, "w");
	add_line(file, "zebra", "The last one", "sql", "hard");
	add_line(file, "apple", "An \\u202eApple\\u00e9", "bash", "medium");
	add_line(file, "wide", "一二三四五六七八九十一二三四五六七八九十", "bash", "easy");
	add_line(file, "berry", "A berry", "bash", "easy");
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "n%02d", i);
		add_line(file, name, "One of many", "git", "easy");
	}
	fclose(file);
	setenv("PIPEGYM_STATE", folder, 1);
}

/* --- the list ----------------------------------------------------------------- */

static void list_is(const struct chooser_list *list, const char *expected, const char *name)
{
	BUF_AUTO text = {0};
	for (size_t i = 0; i < list->line_count; i++)
		buf_add_format(&text, "%s%s%s;", i == list->cursor_line && list->shown_count ? ">" : "",
		               list->lines[i].heads ? "" : list->lines[i].task->name,
		               list->lines[i].heads ? list->lines[i].task->group : "");
	is_str(buf_string(&text), expected, name);
}

static void add_record(struct chooser_list *list, const char *id, const char *category, const char *difficulty)
{
	JSON_AUTO task = json_new_object();
	JSON_AUTO solved = json_new_object();
	json_set_bool(&solved, "s/a", true);
	json_set_bool(&solved, "s/b", false);
	json_set_string(&task, "id", id);
	json_set_string(&task, "title", "A Title of it\033[31m");
	json_set_string(&task, "category", category);
	json_set_string(&task, "difficulty", difficulty);
	chooser_list_add(list, task, solved);
}

static void filter(struct chooser_list *list, const char *text)
{
	buf_clear(&list->filter);
	buf_add_string(&list->filter, text);
	chooser_list_refresh(list);
}

static void test_list(void)
{
	struct chooser_list list = {0};
	chooser_list_refresh(&list);
	chooser_list_move(&list, 1);
	list_is(&list, "", "nothing yet");
	add_record(&list, "s/c", "x", "hard");
	add_record(&list, "s/b", "x", "easy");
	chooser_list_refresh(&list);
	list_is(&list, "x · easy;>s/b;x · hard;s/c;", "in order");
	add_record(&list, "s/a", "x", "easy");
	add_record(&list, "t/a", "a", "strange");
	chooser_list_refresh(&list);
	list_is(&list, "a · strange;t/a;x · easy;s/a;>s/b;x · hard;s/c;", "the cursor stays at its task");
	is_int(list.tasks[1]->mark, '+', "one that was solved");
	is_int(list.tasks[2]->mark, '-', "one that was tried");
	is_int((long long)list.solved, 1, "they are counted");
	is_str(list.tasks[0]->title, "A Title of it^[[31m", "a title is safe");
	chooser_list_move(&list, 1);
	list_is(&list, "a · strange;t/a;x · easy;s/a;s/b;x · hard;>s/c;", "over a group's line");
	chooser_list_move(&list, 9);
	chooser_list_move(&list, -2);
	list_is(&list, "a · strange;t/a;x · easy;>s/a;s/b;x · hard;s/c;", "as far as there are tasks");
	filter(&list, "EASY s/");
	list_is(&list, "x · easy;>s/a;s/b;", "a filter of two words");
	filter(&list, "nosuch");
	list_is(&list, "", "that nothing has");
	filter(&list, "");
	ok(chooser_list_find(&list, "1") == list.tasks[0], "found by its place");
	ok(chooser_list_find(&list, "s/b") == list.tasks[2], "by its id");
	ok(chooser_list_find(&list, "c") == list.tasks[3], "by its name");
	ok(chooser_list_find(&list, "strange") == list.tasks[0], "by a word");
	ok(!chooser_list_find(&list, "a") && !chooser_list_find(&list, "easy") && !chooser_list_find(&list, "5") &&
	           !chooser_list_find(&list, "0"),
	   "none, or several");
	chooser_list_clear(&list);
}

/* --- the terminal ------------------------------------------------------------- */

static void play(void)
{
	struct err err = {0};
	char *id = NULL, text[600];
	stop_install();
	int got = chooser_run(folder, &id, &err);
	snprintf(text, sizeof text, "[%d %s%s]\n", got, id ? id : "-", err.text);
	(void)!write(STDOUT_FILENO, text, strlen(text));
}

static void play_dumb(void)
{
	setenv("TERM", "dumb", 1);
	play();
}

static void set_size(unsigned short columns, unsigned short rows)
{
	struct winsize size = {.ws_col = columns, .ws_row = rows};
	ioctl(master, TIOCSWINSZ, &size);
}

static void test_screen(void)
{
	set_size(60, 12);
	pid_t pid = begin(play);
	ok(saw("Choose a task: 34, of which you have solved 0") && saw("/ _") && saw("bash · easy") &&
	           saw(">   s/berry") && saw("A berry") && saw("s/apple  An \\u{202e}Apple\u00e9"),
	   "the list");
	type("\033[B");
	ok(saw(">   s/wide"), "one down");
	type("\033[F");
	ok(saw(">   s/zebra"), "the last one");
	type("\033[5~");
	ok(saw(">   s/n22"), "a page up");
	set_size(20, 5);
	ok(saw("/ _") && saw(">   s/n22    One of \r\n") && saw("34  type to filter, "), "a screen of 20 by 5");
	type("apple \303\251");
	ok(saw(">   s/apple  An \\u{2"), "a filter");
	type("\177\177\177\177\177\177\177\177\177\177");
	ok(saw("/ _") && saw("34  "), "is taken back");
	type("x\033[200~\rberry\r\033[201~\r\025zeb");
	ok(saw("/ zeb_"), "what is pasted chooses nothing, nor does Enter where there is nothing");
	type("\r");
	ok(saw("[1 s/zebra]"), "Enter");
	end_of(pid);
	ok(is_cooked(), "the terminal is as it was");
}

static void leaves(const char *keys, const char *name)
{
	pid_t pid = begin(play);
	saw("34  type");
	type(keys);
	ok(saw("\033[?1049l") && saw("[0 -]"), name);
	end_of(pid);
	ok(is_cooked(), "and the terminal is as it was");
}

static void test_leave(void)
{
	set_size(60, 12);
	leaves("\033", "Escape leaves");
	leaves("\003", "and Ctrl-C");
	pid_t pid = begin(play);
	saw("34  type");
	kill(pid, SIGTERM);
	ok(saw("\033[?1049l") && saw("[0 -]"), "and a signal");
	end_of(pid);
	ok(is_cooked(), "and the terminal is as it was");
}

static void test_dumb(void)
{
	char path[100];
	JSON_AUTO verdict = json_new_object();
	json_set_string(&verdict, "task", "s/berry");
	json_set_string(&verdict, "status", "pass");
	is_int(solved_note(verdict, NULL), 0, "a verdict is noted");
	json_set_string(&verdict, "status", "fail");
	solved_note(verdict, NULL);
	snprintf(path, sizeof path, "%s/play/solved.jsonl", folder);
	FILE *file = fopen(path, "a");
	fputs("[]\n\nnot JSON\n{\"type\":\"verdict\",\"task\":1}\n", file);
	fclose(file);
	pid_t pid = begin(play_dumb);
	ok(saw("bash · easy\r\n   1  ✓ s/berry  A berry\r\n   2    s/wide ") && saw("  34    s/zebra  The last one") &&
	           saw("number or name: "),
	   "a plain list where the terminal can do no more");
	type("many\n");
	ok(saw("more than one\r\nnumber or name: "), "a word that several have");
	type("2\n");
	ok(saw("[1 s/wide]"), "a number");
	end_of(pid);
}

static void line_is(const char *input, const char *expected, const char *rest, const char *name)
{
	int in[2], out[2], status;
	char text[8192] = "", left[20] = "";
	size_t len = 0;
	if (pipe(in) < 0 || pipe(out) < 0)
		abort();
	(void)!write(in[1], input, strlen(input));
	close(in[1]);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		play();
		_exit(0);
	}
	close(out[1]);
	for (ssize_t n; (n = read(out[0], text + len, sizeof text - 1 - len)) > 0; len += (size_t)n)
		continue;
	waitpid(pid, &status, 0);
	(void)!read(in[0], left, sizeof left - 1);
	close(in[0]);
	close(out[0]);
	ok(strstr(text, expected) && !strcmp(left, rest), name);
}

static void test_pipe(void)
{
	line_is("berry\nls\n", "[1 s/berry]", "ls\n", "a line of a pipe, and no byte beyond it");
	line_is("", "[0 -]", "", "an empty one");
	line_is("nosuch\n2\n", "[-1 -'nosuch': there is no such task, or more than one]", "2\n", "no such task");
	char path[100];
	snprintf(path, sizeof path, "%s/play/solved.jsonl", folder);
	unlink(path);
	mkdir(path, 0700);
	line_is("1\n", "play/solved.jsonl: ", "1\n", "what is noted cannot be read");
	setenv("PIPEGYM_STATE", "/dev/null", 1);
	line_is("1\n", "[-1 -/dev/null/play/solved.jsonl: Not a directory]", "1\n", "no state folder");
}

int main(void)
{
	char command[100];
	make_tasks();
	open_pair();
	test_list();
	test_screen();
	test_leave();
	test_dumb();
	test_pipe();
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command) ? 1 : done_testing();
}
