/*
 * Programs that live from request to request, and are asked by whoever fetches
 * our ends of their pipes: what is said there does not pass through pid 1. It
 * only keeps the ends open, so that a program sees no end of its input while
 * nobody has them, and knows which programs have ended.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct slot {
	pid_t pid; /* of the program, which is the first of its session; 0: empty */
	bool ended;
	int ends[BOX_ENDS];
};
TOGETHER static struct slot slots[BOX_SLOTS];

/* The job's; NULL: there is no such slot. */
static struct slot *slot_of_job(void)
{
	return job.slot < BOX_SLOTS ? slots + job.slot : NULL;
}

/* What the program says before it is executed is the job's output, and closed by that: then the job is over. */
int slot_start(const int *fds)
{
	int told[2];
	struct slot *slot = slot_of_job();
	errno = EINVAL;
	if (!slot || pipe2(told, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	slot_drop();
	int failed = job_start_child(fds, told[1]);
	close(told[1]);
	if (!failed)
		*slot = (struct slot){.pid = job.pid, .ends = {job.in, job.out, job.err}};
	job.in = job.err = -1;
	job.out = told[0];
	return failed;
}

/* One that has ended may have left others. Should its number be another's by now, that one chose it for its session. */
void slot_drop(void)
{
	struct slot *slot = slot_of_job();
	if (!slot || slot->pid == 0)
		return;
	/* Bounded, as what is being killed is still to be seen. */
	for (int i = 0; i < 20 && kill_program(slot->pid) > 0; i++)
		continue;
	for (int i = 0; i < BOX_ENDS; i++)
		drop_fd(&slot->ends[i]);
	slot->pid = 0;
}

static int send_ends(const struct slot *slot)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof slot->ends)] = {0};
	struct box_frame frame = {.op = BOX_OUTPUT, .stream = 1};
	struct iovec part = {&frame, sizeof frame};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *item = CMSG_FIRSTHDR(&header);
	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(sizeof slot->ends);
	memcpy(CMSG_DATA(item), slot->ends, sizeof slot->ends);
	/* There is room, as nothing else was said on this connection since the request came. */
	return sendmsg(job.conn, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

void slot_fetch(void)
{
	const struct slot *slot = slot_of_job();
	if (slot && slot->pid > 0) {
		job.flags |= slot->ended ? 0 : BOX_LIVES;
		if (send_ends(slot) < 0)
			request_failed("hand out a program's pipes");
	}
	job_answered(BOX_EXITED, 0);
}

void slot_ended(pid_t pid)
{
	for (int i = 0; i < BOX_SLOTS; i++)
		slots[i].ended |= slots[i].pid == pid;
}

unsigned slots_living(void)
{
	unsigned living = 0;
	for (int i = 0; i < BOX_SLOTS; i++)
		living += slots[i].pid > 0 && !slots[i].ended;
	return living;
}
