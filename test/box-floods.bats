#!/usr/bin/env bats
# Floods: each takes as much of something as it can get, or is as odd as it can be. The box contains it, another episode
# goes on, and the box can be closed. What a full disk, a fork bomb or a flood on stdout does is in box.bats and
# session-limits.bats.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "boxes are asked, and no program of ours that is sanitized"
	need_box
	fixture_task unit/hello '{"limits": {"steps": 100, "step_s": 10, "memory_mib": 128, "disk_mib": 8, "processes": 40}}'
	env-reset --id e -n 2 unit/hello >/dev/null
	ep=e-1
}

# contained [alive]: a second episode and the host go on; the attacked one goes on too, or at least can be closed, and
# its processes are then gone.
contained() {
	local pid
	works e-2
	[ -z "${1:-}" ] || works
	pid=$(box_pid "$ep")
	quiet timeout 20 env-close "$ep"
	within 2 test ! -e "/proc/$pid"
	works e-2
	# The host: a process of its own, a file, and nothing of the episode is left.
	[ "$(sh -c 'echo host')" = host ]
	[ ! -e "$PIPEGYM_STATE/episodes/$ep" ]
}

# briefly COMMAND: as act, for one that runs into its deadline.
briefly() {
	tool shell "$(jq -cn --arg command "$1" '{$command, timeout_s: 0.7}')"
}

# --- memory and disk ---

@test "memory by the heap, in many processes, ends with the step" {
	act 'perl -e "push @x, \"x\" x 1048576 while 1" 2>&1 | head -c 300; echo ended'
	expect '[.exit, .timeout, (.stdout | test("ended"))]' '[0,null,true]'
	briefly 'for i in 1 2 3; do perl -e "\$x = \"x\" x (20 << 20); sleep 100" & done; sleep 100'
	expect .timeout true
	expect_processes 0 'perl.-[e]'
	contained alive
}

@test "/dev/shm and /tmp share the disk's limit, and what was taken comes back" {
	act 'dd if=/dev/zero of=/dev/shm/a bs=64k count=80 2>&1 | tail -n 1 | cut -d " " -f 1; dd if=/dev/zero of=/tmp/b bs=64k count=1000 2>&1 | grep -c "No space left"; cat /dev/zero 2>/dev/null >/var/tmp/c || echo full; cat /dev/zero 2>/dev/null >/home/agent/d || echo full; df --output=avail / | tail -n 1'
	expect '[(.stdout | split("\n")[:4]), (.stdout | split("\n")[4] | tonumber)]' '[["5242880","1","full","full"],0]'
	# Tools that need room say so, and do not wait.
	tool write_file "$(jq -cn '{path: "big", content: ("x" * 100000)}')"
	expect '.exit != 0' true
	act 'rm /dev/shm/a /tmp/b /var/tmp/c /home/agent/d; df --output=avail / | tail -n 1'
	expect '.stdout | tonumber > 7000' true
	tool write_file '{"path": "small", "content": "x"}'
	expect .exit 0
	contained alive
}

@test "100000 files: as many as there are inodes, and attributes and links are no way around" {
	act 'perl -e "for my \$i (1 .. 100000) { open(my \$f, \">\", \"n\$i\") or do { print \"\$i \$!\"; exit } }"; df --output=iavail / | tail -n 1'
	expect '[(.stdout | test("^[0-9]{4} No space left on device *0\n$")), .timeout]' '[true,null]'
	act 'ln n1 l1 2>&1; ln -s n1 s1 2>&1; mkfifo p1 2>&1; mkdir d1 2>&1'
	expect '[(.stdout | [scan("No space left")] | length) >= 3]' '[true]'
	# The capture for the grader is of all these files.
	separate timeout 30 env-verify "$ep"
	expect .status '"fail"'
	act 'find . -type f -delete; df --output=iavail / | tail -n 1'
	expect '.stdout | tonumber > 1000' true
	act 'python3 -c "
import os
open(\"f\", \"w\").close()
n = 0
try:
    for n in range(100000):
        os.setxattr(\"f\", \"user.%d\" % n, b\"x\" * 60000)
except OSError as error:
    print(\"stopped\", n * 60000 < 64 << 20)"'
	expect_out $'stopped True\n'
	contained alive
}

@test "4000 folders in each other, and names as odd as they come" {
	act 'python3 - <<"END"
import os
depth = 0
try:
    while depth < 4000:
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
        depth += 1
except OSError as error:
    print(error)
print(depth)
END'
	expect_out $'4000\n'
	act 'python3 - <<"END"
import os
os.chdir("/workspace")
for name in (b"new\nline", b"\x27quote\"", b"\xff\xfe\x80", b"x" * 255, b"-rf", b"*", b" ", b"$(id)", b"\x1b[2J", b"..."):
    open(name, "wb").write(name)
for name in (b"y" * 256, b"z/" * 3000):
    try:
        open(name, "wb")
    except OSError as error:
        print(error.strerror)
END'
	expect_out $'File name too long\nFile name too long\n'
	works
	tool read_file '{"path": "new\nline"}'
	expect .stdout '"new\nline"'
	separate timeout 30 env-verify "$ep"
	expect '.status == "fail" or .status == "pass"' true
	works
	act 'cd "$(printf "\377dir" | (read -r x; mkdir "$x"; echo "$x"))"; pwd | od -An -c | tr -d " \n"'
	expect '[.exit, (.stdout | test("377dir"))]' '[0,true]'
	works
	quiet env-list
	contained alive
}

# --- output ---

@test "a flood on stderr ends its step, as on both at once" {
	act 'yes >&2'
	expect '[.exit, .signal, .info.limit, (.info.stderr_cut > 60000000)]' '[null,"SIGKILL","output",true]'
	act '(yes out & yes err >&2); echo "came back"'
	expect '[.exit, (.info.limit == "output" or .timeout)]' '[null,true]'
	act 'pgrep yes | wc -l'
	expect .stdout '"0\n"'
	contained alive
}

@test "a million tiny writes" {
	briefly 'python3 -c "
import os
for i in range(1000000):
    os.write(1 + i % 2, b\"x\")"; echo ended >&2'
	# All of them within the time, or the time was up: nothing between.
	expect '(.stdout | . == "" or .[:1] == "x") and (.timeout or .info.stdout_cut > 400000)' true
	contained alive
}

# --- the processor and signals ---

@test "processes that only compute are gone at the deadline" {
	local start=$SECONDS
	briefly 'for i in {1..12}; do (while :; do :; done) & done; (while :; do :; done)'
	expect '[.timeout, .info.shell]' '[true,null]'
	((SECONDS - start < 12))
	act 'jobs -r | wc -l; cut -d " " -f 4 /proc/loadavg | cut -d / -f 1 | wc -l'
	expect .stdout '"0\n1\n"'
	contained alive
}

@test "a daemon forked twice, with SIGTERM ignored and stdout kept, is closed with its box" {
	act 'python3 - <<"END"
import os, signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        try:
            while True:
                os.write(1, b"still here\n")
                time.sleep(0.05)
        except OSError:
            time.sleep(1000)
    os._exit(0)
os.wait()
END
echo started'
	expect '[.exit, .timeout, (.stdout | test("started\n"))]' '[0,null,true]'
	act 'pkill -TERM python3; pgrep -c python3'
	expect '[.exit, (.stdout | test("1\n"))]' '[0,true]'
	act 'sleep 0.2'
	expect .timeout null
	contained
}

@test "stopping and killing everything in turn, pid 1 among it" {
	tool shell '{"command": "setsid -f sh -c \"sleep 0.1; kill -STOP 1; kill -STOP -1\"; sleep 1000", "timeout_s": 2}'
	expect .timeout true
	act 'true'
	works
	act 'kill -9 1; kill -STOP 1; for s in $(seq 1 64); do kill -$s 1; done 2>/dev/null; true'
	works
	act 'for i in {1..20}; do setsid -f sh -c "while :; do kill -9 -1; done"; done 2>/dev/null; true'
	act 'true'
	contained
}

@test "killing each process that pid 1 starts makes tools and grading fail, but is no error" {
	act 'echo hello >greeting.txt; setsid -f perl -e "while (1) { kill KILL, -1 }" >/dev/null 2>&1'
	tool read_file '{"path": "greeting.txt"}'
	tool write_file '{"path": "other", "content": "x"}'
	act true
	separate timeout 30 env-verify "$ep"
	expect '.status == "fail" or .status == "pass"' true
	works e-2
}

@test "a signal that a file's own event sends to the group of pid 1 is no error either" {
	act 'cat >/tmp/armed.py <<"END"
import ctypes, fcntl, os, signal, time
fd = ctypes.CDLL(None).inotify_init()
ctypes.CDLL(None).inotify_add_watch(fd, b"/workspace", 0xfff)
fcntl.fcntl(fd, 10, int(signal.SIGKILL))
fcntl.fcntl(fd, fcntl.F_SETOWN, -1)
fcntl.fcntl(fd, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
open("/tmp/armed", "w")
while True:
    time.sleep(0.005)
    try:
        os.read(fd, 65536)
    except OSError:
        pass
END
echo hello >greeting.txt; setsid -f python3 /tmp/armed.py >/dev/null 2>&1; until [ -e /tmp/armed ]; do sleep 0.02; done'
	tool read_file '{"path": "greeting.txt"}'
	separate timeout 30 env-verify "$ep"
	expect '.status == "fail" or .status == "pass"' true
	contained alive
}

@test "a status pipe that is full of nonsense holds up no deadline" {
	act 'setsid -f yes >/run/session/status 2>/dev/null; setsid -f cat /dev/zero >/run/session/status 2>/dev/null; echo started'
	act 'echo one; sleep 0.2; echo two'
	expect .stdout '"one\ntwo\n"'
	tool shell '{"command": "sleep 1000", "timeout_s": 0.7}'
	expect '[.timeout, .timing.wall_ms < 9000]' '[true,true]'
	contained
}

# --- the shell's own ground ---

@test "stdout closed, then a sleep: only the deadline ends it" {
	briefly 'exec >&- 2>&-; sleep 1000'
	expect '[.timeout, .stdout, .signal]' '[true,"","SIGKILL"]'
	act 'exec 0<&- 1>&- 2>&- 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 255>&-; true'
	act 'true'
	contained alive
}

@test "a working directory whose parents are gone, replaced, or closed" {
	act 'mkdir -p /tmp/a/b/c; cd /tmp/a/b/c; mv /tmp/a/b /tmp/moved; ln -s /usr /tmp/a/b; echo here'
	expect_out $'here\n'
	act 'touch file && cd .. && ls c'
	expect_out $'file\n'
	tool read_file '{"path": "c/file"}'
	expect .exit 0
	act 'cd /tmp/moved/c; rm -r /tmp/moved; mkfifo /tmp/moved; ls; echo "still $?"'
	expect .stdout '"still 0\n"'
	tool read_file '{"path": "file"}'
	expect '.exit != 0' true
	act 'mkdir /tmp/x; cd /tmp/x; chmod 0 /tmp/x; exit'
	act 'pwd'
	expect '[.exit, .timeout]' '[0,null]'
	act 'rm -rf /workspace /home /tmp /var; echo left'
	expect .stdout '"left\n"'
	tool write_file '{"path": "file", "content": "x"}'
	contained alive
}

# --- what every box has its own of ---

@test "pipes, sockets, watches and queues have an end" {
	act 'python3 - <<"END"
import os, socket, ctypes
def until_error(what, most):
    kept = []
    try:
        while len(kept) < most:
            kept.append(what())
    except OSError as error:
        return kept, error.errno != 0
    return kept, False
kept, stopped = until_error(lambda: socket.socketpair(), 5000)
print("sockets", stopped)
del kept
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result
kept, stopped = until_error(lambda: check(libc.inotify_init()), 5000)
print("inotify", stopped, len(kept))
kept, stopped = until_error(lambda: check(libc.mq_open(b"/q%d" % os.urandom(1)[0], 0o102, 0o600, None)), 300)
print("queues", stopped)
kept, stopped = until_error(lambda: check(libc.mlock(ctypes.create_string_buffer(1 << 20), 1 << 20)), 100)
print("locked", stopped)
END'
	expect_out $'sockets True\ninotify True 16\nqueues True\nlocked True\n'
	# The host has one limit for all boxes of a user, of which one box must not take everything.
	act '(python3 -c "
import ctypes, time
libc = ctypes.CDLL(None)
while libc.inotify_init() >= 0:
    pass
open(\"taken\", \"w\")
time.sleep(1000)" &); until [ -e taken ]; do sleep 0.02; done'
	act 'python3 -c "
import ctypes
print(ctypes.CDLL(None).inotify_init() >= 0)"' e-2
	expect_out $'True\n'
	contained alive
}
