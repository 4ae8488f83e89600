#include "stop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "tap.h"

static bool readable(void)
{
	struct pollfd polled = {.fd = stop_fd(), .events = POLLIN};
	return poll(&polled, 1, 0) == 1;
}

int main(void)
{
	struct sigaction action;
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
	raise(SIGTERM);
	is_int(stop_signal(), SIGTERM, "SIGTERM asks");
	raise(SIGINT);
	raise(SIGTERM);
	is_int(stop_signal(), SIGTERM, "the first signal counts");
	ok(readable() && readable(), "readable, and stays so");
	return done_testing();
}
