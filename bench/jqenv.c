/* jqenv LIBRARY ENV: an environment of the jq kind (env.jq) in one process that trusts it, by plain libjq, without a
 * journal: what the machinery around it is measured against. Takes the actions that env-step takes, each episode's id
 * as its seed; prints the answers, and last the microseconds that an action took, compiling not counted. */
#include <jq.h>
#include <jv.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

static const char call[] = "\nif .call == \"step\" then step else reset end";

static size_t add_file(const char *path, char *text, size_t len, size_t size)
{
	FILE *file = fopen(path, "r");
	if (!file)
		exit(2);
	len += fread(text + len, 1, size - len - 1, file);
	fclose(file);
	text[len] = '\0';
	return len;
}

static jv get(jv object, const char *key)
{
	return jv_object_get(jv_copy(object), jv_string(key));
}

/* Consumes input. */
static jv run(jq_state *jq, jv input, const char *name, jv seed)
{
	input = jv_object_set(input, jv_string("call"), jv_string(name));
	input = jv_object_set(input, jv_string("seed"), seed);
	input = jv_object_set(input, jv_string("options"), jv_object_set(jv_object(), jv_string("tries"), jv_number(6)));
	jq_start(jq, input, 0);
	jv answer = jq_next(jq);
	if (!jv_is_valid(answer))
		exit(1);
	return answer;
}

/* Consumes action; the answer's text, and its state into *states. */
static void step(jq_state *jq, jv action, jv *states)
{
	jv id = get(action, "episode"), state = jv_object_get(jv_copy(*states), jv_copy(id));
	if (!jv_is_valid(state)) {
		jv first = run(jq, jv_object(), "reset", jv_copy(id));
		jv_free(state);
		state = get(first, "state");
		jv_free(first);
	}
	jv input = jv_object_set(jv_object(), jv_string("action"), action);
	input = jv_object_set(input, jv_string("state"), state);
	jv answer = run(jq, input, "step", jv_copy(id));
	*states = jv_object_set(*states, id, get(answer, "state"));
	jv text = jv_dump_string(answer, 0);
	puts(jv_string_value(text));
	jv_free(text);
}

int main(int argc, char **argv)
{
	static char program[1 << 20], line[1 << 16];
	jq_state *jq = jq_init();
	jv states = jv_object();
	long count = 0;
	if (argc < 3)
		return 2;
	size_t len = add_file(argv[1], program, 0, sizeof program);
	len = add_file(argv[2], program, len, sizeof program);
	snprintf(program + len, sizeof program - len, "%s", call);
	if (!jq || !jq_compile(jq, program))
		return 1;
	double start = now_us();
	for (; fgets(line, sizeof line, stdin); count++)
		step(jq, jv_parse(line), &states);
	printf("%.1f\n", count ? (now_us() - start) / (double)count : 0);
	jv_free(states);
	jq_teardown(&jq);
	return 0;
}
