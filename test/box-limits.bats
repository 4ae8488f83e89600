#!/usr/bin/env bats
# Limits of a box as a whole: what its processes hold together, and what an observation says of a limit that was met.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "boxes are asked, and no program of ours that is sanitized"
	begin '{"limits": {"steps": 200, "memory_mib": 96, "disk_mib": 8, "processes": 40, "step_s": 8}}'
	open_episode other
}

# hold MIB HOW: a program that fills so much memory and keeps it.
hold() {
	case $2 in
	heap) echo "python3 -c 'x = bytearray($1 << 20); import time; time.sleep(100)'" ;;
	shared) echo "python3 -c 'import mmap, time; x = mmap.mmap(-1, $1 << 20); [x.write(bytes(1 << 20)) for i in range($1)]; time.sleep(100)'" ;;
	esac
}

# unharmed: both episodes and the host's programs go on.
unharmed() {
	works
	works other-1
	expect .info '{}'
}

@test "memory of all processes together: the largest is killed, and the observation says so" {
	act "(for i in 1 2 3 4; do $(hold 40 heap) & done; wait -n; echo \$?; kill \$(jobs -p); wait)"
	expect '[.stdout, .info.limit]' '["137\n","oom"]'
	unharmed
}

@test "shared memory, which no limit of a process counts" {
	act "$(hold 300 shared); echo \$?"
	expect '[.stdout, .info.limit]' '["137\n","oom"]'
	unharmed
}

@test "children that share their parent's memory count it once" {
	act 'python3 -c "
import os, time
x = bytearray(40 << 20)
for i in range(6):
    if os.fork() == 0:
        time.sleep(0.4)
        os._exit(0)
time.sleep(0.5)
print(\"all lived\")"'
	expect_out $'all lived\n'
	expect .info '{}'
}

@test "what a step leaves behind is watched between steps" {
	act "(sleep 1.5; $(hold 200 shared)) & echo started"
	expect '[.stdout, .info]' '["started\n",{}]'
	until_is eval '(($(env-list --json | jq "select(.episode == \"e-1\").timing.processes") <= 2))'
	act 'jobs -r | wc -l'
	expect '[.stdout, .info.limit]' '["0\n","oom"]'
	unharmed
}

@test "a command of a check and a tool that exceed memory" {
	fixture_task unit/hungry "{\"limits\": {\"memory_mib\": 64}, \"checks\": [{\"name\": \"a\", \"type\": \"command\", \"command\": $(hold 300 shared | jq -Rs .)}]}"
	open_episode hungry unit/hungry
	separate env-verify hungry-1
	[ "$status" = 1 ]
	expect '[.status, .checks[0].reason]' '["fail","the memory limit was exceeded"]'
}

@test "System V shared memory, queues and semaphores: small ones only" {
	act 'python3 - <<"END"
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
def error(result):
    print("EOK" if result >= 0 else errno.errorcode[ctypes.get_errno()])
error(libc.shmget(0, 65536, 0o1600))
error(libc.shmget(0, 65537, 0o1600))
error(libc.shmget(0, 1 << 40, 0o1600))
error(libc.msgget(0, 0o1600))
error(libc.semget(0, 32, 0o1600))
error(libc.semget(0, 33, 0o1600))
END'
	expect_out $'EOK\nEINVAL\nEINVAL\nENOSYS\nEOK\nEINVAL\n'
}

@test "processes and disk: the observation names the limit" {
	act 'python3 -c "
import os
try:
    while True:
        if os.fork() == 0:
            os.execlp(\"sleep\", \"sleep\", \"1000\")
except BlockingIOError:
    print(\"no more\")"'
	expect '[.stdout, .info.limit]' '["no more\n","pids"]'
	act 'pkill sleep; sleep 0.2; true'
	act 'head -c 20M /dev/zero >full'
	expect .info.limit '"disk"'
	tool write_file '{"path": "more", "content": "more than there is room for"}'
	expect '[.exit, .info.limit]' '[1,"disk"]'
	act 'rm full more; true'
	expect .info '{}'
	unharmed
}

@test "box-run says that memory was the reason" {
	separate box-run -m 64 -- python3 -c 'import mmap, time; x = mmap.mmap(-1, 400 << 20); [x.write(bytes(1 << 20)) for i in range(400)]; time.sleep(100)'
	[ "$status" = 137 ]
	[ "$stderr" = 'box-run: the memory limit was met: the largest process was killed' ]
}

@test "the box says what enforces its limits" {
	quiet env-close "$ep"
	expect .box.tier '"watchdog"'
}

@test "page tables of what is mapped and never written" {
	act "python3 -c '
import mmap, time
x = mmap.mmap(-1, 300 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ)
for at in range(0, len(x), 2 << 20):
    x[at]
time.sleep(100)
'; echo \$?"
	expect '[.stdout, .info.limit]' '["137\n","oom"]'
	unharmed
}

@test "a program in the shell's place is watched between steps" {
	act "exec python3 -c '
import mmap, time
open(\"/run/session/status\", \"w\").write(\"1:0\\n\")
time.sleep(1.5)
x = mmap.mmap(-1, 1 << 30)
for i in range(1024):
    x.write(bytes(1 << 20))
    time.sleep(0.002)
time.sleep(100)
'"
	expect .exit 0
	until_is eval '! pgrep -P "$(box_pid e-1)"'
	act true
	expect '.info.limit' '"oom"'
	unharmed
}

@test "signals that wait and descriptors on their way are few, since all boxes of a user share their number" {
	act 'python3 - <<"END"
import ctypes, array, resource, socket
libc = ctypes.CDLL(None)
info = (ctypes.c_int * 32)(35, 0, -1)
n = 0
while n < 100000 and libc.syscall(129, 1, 35, info) == 0:
    n += 1
print("signals", 0 < n <= 256)
a, b = socket.socketpair()
a.setblocking(False)
sent = 0
try:
    while sent < 5000:
        a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 253))])
        sent += 253
except OSError:
    pass
print("descriptors", 0 < sent < 1024)
END'
	expect .stdout '"signals True\ndescriptors True\n"'
	unharmed
}
