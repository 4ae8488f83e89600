/*
 * The watchdog. Resource limits hold for each process; what all of a box hold
 * together, shared memory included, only a control group would count. Where
 * there is none, pid 1 looks: while a step runs, and for as long as it left
 * processes behind. The nearer they are to the limit, the sooner it looks
 * again, by how fast memory can be filled; beyond it the largest is killed.
 * A box whose only process is its shell is not looked at, since a shell that
 * waits for its next command does not grow; one that has become another
 * program is; one with a program that is asked by others (slot.c) is looked at
 * seldom when that was not for a while. With a control group it looks all the
 * same: the group's limit has room for the disk too.
 */
#include "job.h"

#include <signal.h>
#include <sys/vfs.h>

#define FIRST_MS 30 /* most steps are over by then */
#define SOON_MS 5
#define LATE_MS 100
#define REST_MS 1000
#define ASKED_MS 2000   /* who asks a program tells pid 1 more often */
#define FROZEN_MS 2000  /* a busy machine may take some time to stop a process */
#define KIB_PER_MS 4096 /* faster than two processors fill memory */

/* Whether nothing can grow before the next step. */
static bool at_rest(void)
{
	struct program now;
	return box.session <= 0 ||
	       (process_program(box.session, &now) && now.device == box.shell.device && now.inode == box.shell.inode);
}

static void look(void)
{
	struct usage usage;
	uint64_t limit = (uint64_t)box.spec->memory_mib << 10;
	usage_now(&usage, limit);
	/* Pid 1 counts, and the one that was refused another may have ended. */
	if (usage.threads + 2 >= box.spec->processes)
		box.limits_met |= BOX_PIDS;
	if (usage.kib > limit && usage.largest > 1) {
		box.limits_met |= BOX_OOM;
		signal_ours(usage.largest, SIGKILL);
	}
	/* Not a shell that was spared: it is asked next. */
	if (box.frozen && job.op == BOX_EXPORT && job.phase == RUNNING)
		keep_stopped(job.pid, box.freezer >= 0 ? box.session : 0, now_ms() > box.frozen_at + FROZEN_MS);
	uint64_t wait = usage.kib > limit ? SOON_MS : (limit - usage.kib) / KIB_PER_MS;
	box.next_look = now_ms() + (int64_t)(wait < SOON_MS ? SOON_MS : wait > LATE_MS ? LATE_MS : wait);
	unsigned kept = slots_living();
	if (job.phase != IDLE || usage.processes > (box.session > 0) + kept || !at_rest())
		return;
	if (kept == 0)
		box.next_look = 0;
	else if (now_ms() > box.idle_since + ASKED_MS)
		box.next_look = now_ms() + REST_MS;
}

int64_t watch_next(void)
{
	return box.next_look;
}

void watch_begin(void)
{
	box.was_watched = box.next_look != 0;
	if (!box.was_watched || box.next_look > now_ms() + LATE_MS)
		box.next_look = now_ms() + FIRST_MS;
}

void watch_turn(void)
{
	if (box.next_look && now_ms() >= box.next_look)
		look();
}

uint32_t watch_answer(void)
{
	struct statfs disk;
	pid_t newest = newest_pid();
	/* The only one since then may be the job's own, which is over. */
	pid_t before = newest == job.pid ? newest - 1 : newest;
	bool forked = newest == 0 || before != job.start.last_pid;
	/* A step that made many processes may have been too quick to be seen with them. */
	if (newest - job.start.last_pid >= (pid_t)box.spec->processes / 2)
		look();
	uint32_t flags = box.limits_met | (box.spec->groups ? group_events() : 0);
	if (statfs(box_root[0] ? box_root : "/", &disk) == 0 && (disk.f_bavail == 0 || disk.f_ffree == 0))
		flags |= BOX_DISK;
	box.limits_met = 0;
	if ((forked ? only_session(box.session) : !box.was_watched) && at_rest() && slots_living() == 0)
		box.next_look = 0;
	return flags;
}
