#ifndef PIPEGYM_RELAY_H
#define PIPEGYM_RELAY_H

#include "asciicast.h"
#include "box_pty.h"
#include "json.h"

/*
 * Between the terminal at which a person sits (terminal.h) and that of a program
 * in a box: keys one way, all of them, Ctrl-C too; what is drawn the other
 * (drawing.h); and each size that the window gets. Ctrl-] three times in a row
 * takes the terminal away from a program that does not end otherwise, as does
 * the loss of one's own.
 */
struct relay;

/* cast: what is drawn is written there too (borrowed); NULL: nowhere. */
struct relay *relay_new(struct asciicast *cast);
void relay_free(struct relay *relay);
/* Who sits there, for stepper_attend(); as long as the relay. */
const struct pty_user *relay_user(const struct relay *relay);
/* The action of a command on a terminal as large as the person's is now, and of its kind. Owned. */
json relay_action(const char *command);

#endif
