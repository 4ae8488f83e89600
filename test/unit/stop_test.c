#include "stop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "num.h"
#include "tap.h"

static bool readable(void)
{
	struct pollfd polled = {.fd = stop_fd(), .events = POLLIN};
	return poll(&polled, 1, 0) == 1;
}

int main(void)
{
	struct sigaction action;
	struct err err = {0};
	int ends[2];
	if (pipe(ends) < 0)
		return 1;
	is_int(stop_fd(), -1, "no descriptor before it is installed");
	is_int(stop_signal(), 0, "and no signal");
	signal(SIGHUP, SIG_IGN);
	stop_install();
	stop_install();
	ok(stop_fd() >= 0 && !readable(), "installed, and nothing was asked");
	sigaction(SIGPIPE, NULL, &action);
	ok(action.sa_handler == SIG_IGN, "SIGPIPE is ignored");
	raise(SIGHUP);
	is_int(stop_signal(), 0, "what nohup ignores stays ignored");
	ok(stop_take_interrupts() >= 0 && !stop_interrupted(), "no interrupt came");
	raise(SIGINT);
	raise(SIGINT);
	is_int(stop_signal(), 0, "one that is taken asks for nothing");
	ok(stop_interrupted(), "but is told,");
	ok(!stop_interrupted(), "once");
	is_int(stop_ready(ends[1], POLLOUT, INT64_MAX, &err), 1, "a pipe with room in it is ready,");
	is_int(stop_ready(ends[0], POLLIN, 0, &err), 0, "an empty one not, whenever the time was up,");
	is_int(stop_ready(ends[0], POLLIN, num_now_ms() + 20, &err), 0, "or will be");
	raise(SIGTERM);
	is_int(stop_signal(), SIGTERM, "SIGTERM asks");
	is_int(stop_ready(ends[1], POLLOUT, INT64_MAX, &err), -1, "then nothing is ready any more");
	is_int(err.code, ERR_SYSTEM, "which is an error");
	raise(SIGINT);
	raise(SIGTERM);
	is_int(stop_signal(), SIGTERM, "the first signal counts");
	ok(readable() && readable(), "readable, and stays so");
	return done_testing();
}
