#ifndef PIPEGYM_KEEPER_WIRE_H
#define PIPEGYM_KEEPER_WIRE_H

#include <stdint.h>

/*
 * Between keeper.c and libexec/keep.c, on a SOCK_SEQPACKET socket that is the
 * helper's descriptor 3: one message with three descriptors (the command's
 * standard input, output and error) and strings that end with NUL, the path of
 * the command and then its environment; one answer, when the command and all
 * that it started are gone. The other end is closed, or shut down for writing,
 * to have them killed.
 */
struct keeper_answer {
	int32_t error;  /* errno: it could not be started; or 0 */
	int32_t status; /* its wait status */
};

#define KEEPER_MESSAGE_MAX (64u << 10)
#define KEEPER_STRINGS_MAX 256

#endif
