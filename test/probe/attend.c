/* attend EPISODE COMMAND [FILE]: a person's step on a terminal, as somebody who sits at this one: carries the command out, and prints
 * the observation behind a line "observation:". FILE: what is drawn, as an asciicast. Exit status: 4 when it could not be done. */
#include <fcntl.h>
#include <stdio.h>

#include "buf.h"
#include "relay.h"
#include "resources.h"
#include "step.h"
#include "stop.h"
#include "terminal.h"

static int attend(struct stepper *stepper, const char *episode, const char *command, struct asciicast *cast, struct err *err)
{
	BUF_AUTO text = {0};
	JSON_AUTO observation = json_none();
	JSON_AUTO action = relay_action(command);
	struct relay *relay = relay_new(cast);
	stepper_attend(stepper, relay_user(relay));
	int failed = stepper_action(stepper, episode, action, &observation, &text, err);
	stepper_attend(stepper, NULL);
	relay_free(relay);
	if (!failed)
		printf("observation:%s\n", buf_string(&text));
	return failed;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	struct asciicast *cast = NULL;
	unsigned columns, rows;
	if (argc < 3 || stop_install() < 0 || terminal_keep(&err) < 0)
		return 2;
	terminal_size(&columns, &rows);
	if (argc > 3)
		cast = asciicast_new(open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), columns, rows,
		                     argv[2], &err);
	struct resources *resources = resources_new(NULL);
	struct stepper *stepper = stepper_new(resources, 0);
	int failed = attend(stepper, argv[1], argv[2], cast, &err);
	stepper_free(stepper);
	resources_free(resources);
	failed |= asciicast_free(cast, &err);
	if (failed)
		printf("failed: %s\n", err.text);
	return failed ? 4 : 0;
}
