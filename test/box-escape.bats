#!/usr/bin/env bats
# Ways out of a box, each tried from inside: system calls, /proc, descriptors, other episodes, setuid files.
# What is simply not there, or may not be written, is in box.bats.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "boxes are asked, and no program of ours that is sanitized"
	need_box
}

# Opens an episode whose workspace holds the probe.
begin_with_probe() {
	fixture_task unit/hello '{"limits": {"steps": 200, "disk_mib": 8, "processes": 40}}'
	cp "$BUILD/test/probe/calls" "$T/tasks/unit/hello/files/"
	open_episode e
	ep=e-1
}

# The calls that libexec/filter.c denies by name alone.
denied() {
	sed -n '/^static const char \*const denied/,/^};/s/^ *"\(.*\)",$/\1/p' "$SRC/libexec/filter.c" | sort
}

# --- system calls ---

@test "the probe tries every call that the filter names, and no other" {
	[ "$(denied | wc -l)" -ge 80 ]
	diff <(denied) <("$BUILD/test/probe/calls" names | sort)
}

@test "every denied call fails with the error that the filter gives" {
	begin_with_probe
	act './calls'
	expect '[.exit, .stderr]' '[0,""]'
	jq -jr .stdout <<<"$output" >got
	# One that was let through is named.
	grep -vE '^(int80|x32|socket|socketpair|netlink|clone3)[ :]' got | grep -vE ' (EPERM|absent)$' >wrong || :
	grep -E '^(int80:.*|x32:.*|clone3) ' got | grep -v ' ENOSYS$' >>wrong || :
	grep -E '^socket(pair)?:' got | grep -v ' EAFNOSUPPORT$' >>wrong || :
	grep -E '^netlink:' got | grep -v ' EPROTONOSUPPORT$' >>wrong || :
	cat wrong
	[ ! -s wrong ]
	# Each of the names, and each of the kinds of argument, was there.
	diff <("$BUILD/test/probe/calls" names | sort) <(sed -n 's/^\([a-z0-9_]*\) .*/\1/p' got | grep -vxE 'clone3|personality' | sort)
	[ "$(grep -cE '^(clone|unshare):' got)" = 17 ]
	[ "$(grep -c '^ioctl:' got)" = 4 ]
	[ "$(grep -c '^personality' got)" = 2 ]
	[ "$(grep -c '^pid1:' got)" = 10 ]
	[ "$(grep -cE '^socket(pair)?:' got)" = 10 ]
	[ "$(grep -c '^netlink:' got)" = 4 ]
	[ "$(uname -m)" != x86_64 ] || [ "$(grep -cE '^(int80|x32):' got)" = 6 ]
}

# Without this the test above could pass because the kernel itself refuses.
@test "without a filter the same calls of a process as weak find other errors" {
	local weak=()
	cp "$BUILD/test/probe/calls" .
	if [ "$EUID" = 0 ]; then
		weak=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
	fi
	grep -q '^Seccomp:.0$' /proc/self/status || skip "these tests are themselves run with a filter"
	# By its descriptor, since another user cannot reach this folder.
	chmod 755 calls
	timeout 20 "${weak[@]}" /proc/self/fd/9 9<calls >got
	cat got
	[ "$(grep -cvE ' (EPERM|ENOSYS|EAFNOSUPPORT|absent)$' got)" -ge 50 ]
}

@test "a device cannot be made, and a node that is there already is no other" {
	begin_with_probe
	act 'for device in "b 8 0" "b 254 0" "c 1 1" "c 1 4" "c 10 229" "c 5 1"; do mknod disk $device; done'
	expect '.stderr | [scan("Operation not permitted")] | length' 6
	# This one an overlay knows as a deleted file, and nobody as a device.
	act 'mknod zero c 0 0 && cat zero'
	expect .exit 1
	act 'rm -f zero; find / -xdev \( -type b -o -type c \) -print; find /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty -type c | wc -l'
	expect_out $'6\n'
	act 'grep -cE " /dev/(null|zero|full|random|urandom|tty) ro," /proc/self/mountinfo; echo x >/dev/null && head -c 1 /dev/zero | wc -c'
	expect_out $'6\n1\n'
	act 'chmod 666 /dev/null /dev/zero; mknod p p && chmod 777 p && ls -l /dev/null'
	expect '.stdout | test("^crw-rw-rw- ")' true
}

# --- /proc ---

@test "of pid 1 nothing can be opened to write, and nothing read that shows its memory or files" {
	begin_with_probe
	act 'python3 - <<"END"
import os
for top in ("/proc/1", "/proc/1/task/1"):
    for name in sorted(os.listdir(top)):
        path = top + "/" + name
        try:
            # Anyone may open timerslack_ns.
            os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b"1")
            print("written", path)
        except OSError:
            pass
for name in ("auxv", "clear_refs", "cwd", "environ", "exe", "fd", "fdinfo", "io", "map_files", "maps", "mem", "mountstats",
        "ns/user", "pagemap", "patch_state", "personality", "root", "smaps", "stack", "syscall", "timers", "wchan"):
    path = "/proc/1/" + name
    try:
        if os.path.islink(path):
            print("read", path, os.readlink(path))
        elif os.path.isdir(path):
            print("listed", path, os.listdir(path))
        else:
            data = open(path, "rb").read(100)
            if data not in (b"", b"0") or name == "mem":
                print("read", path, data)
    except OSError:
        pass
END'
	expect_out ''
}

@test "no setting of the kernel can be written, whichever way it is opened" {
	begin_with_probe
	act 'python3 - <<"END"
import os
tried = 0
for top, folders, files in os.walk("/proc", onerror=lambda error: None):
    # Its own processes are its own.
    folders[:] = [f for f in folders if not f.isdigit() and f not in ("self", "thread-self")]
    for name in files:
        path = top + "/" + name
        tried += 1
        for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC):
            try:
                fd = os.open(path, flags | os.O_NONBLOCK)
                # Anyone may open ns_last_pid, and be told of pressure.
                if not path.startswith("/proc/pressure/"):
                    os.write(fd, b"300")
                    print("written", path)
                os.close(fd)
            except OSError:
                pass
        try:
            os.chmod(path, 0o666)
            print("chmod", path)
        except OSError:
            pass
print(tried > 100)
for path in ("/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg", "/proc/slabinfo", "/sys", "/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/kvm",
        "/dev/net/tun", "/dev/ptmx", "/proc/sys/fs/binfmt_misc/register"):
    try:
        open(path, "rb").read(1)
        print("read", path)
    except OSError:
        pass
END'
	expect_out $'True\n'
	# Not to a symbol's address, either.
	act 'cut -d " " -f 1 /proc/kallsyms 2>/dev/null | grep -vc "^0*$"'
	expect '.stdout' '"0\n"'
}

@test "the maps of its user namespace are fixed" {
	begin_with_probe
	act 'for f in uid_map gid_map setgroups projid_map; do echo "0 0 1" 2>/dev/null >/proc/self/$f && echo $f; done; cat /proc/self/uid_map | tr -s " "'
	expect '.stdout | test("^ 1000 [0-9]+ 1\n$")' true
	act 'python3 - <<"END"
import os
for name in ("setuid", "setgid"):
    for number in (0, 1, 65534, 2000000000):
        try:
            getattr(os, name)(number)
            print(name, number)
        except OSError:
            pass
try:
    os.setgroups([0])
    print("setgroups")
except OSError:
    pass
for uid in (0, 65534, 2000000000):
    try:
        os.chown("/workspace", uid, -1)
        print("chown", uid)
    except OSError:
        pass
END'
	expect_out ''
}

# --- other episodes ---

@test "another episode, its socket and the state folder are out of reach" {
	begin_with_probe
	open_episode other
	act 'echo secret of the other >/workspace/secret; (exec -a other-process sleep 1000) & echo started' other-1
	act "ls -d '$PIPEGYM_STATE' '$PIPEGYM_STATE/episodes/other-1/box.sock' '$T' '$SRC' '$BUILD' 2>/dev/null; cat '$PIPEGYM_STATE/episodes/other-1/journal.jsonl' 2>/dev/null; find / -xdev -name '*.jsonl' -not -path '/usr/*' 2>/dev/null"
	expect .stdout '""'
	act "python3 - <<'END'
import socket
for name in ('$PIPEGYM_STATE/episodes/other-1/box.sock', '$PIPEGYM_STATE/episodes/e-1/box.sock', '/proc/1/cwd/box.sock', '/proc/1/root/run'):
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        try:
            socket.socket(socket.AF_UNIX, kind).connect(name)
            print('reached', name)
        except OSError:
            pass
END"
	expect_out ''
	act 'grep -c . /proc/net/unix; grep -rls "secret of the other" /workspace /tmp /dev/shm /home /var; cat /proc/[0-9]*/cmdline | tr "\0" " " | grep -c "[o]ther-process"'
	expect '.stdout' '"1\n0\n"'
	# What processes share by name is each episode's own.
	act 'python3 - <<"END"
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.shmget(4711, 4096, 0o1666), libc.semget(4711, 1, 0o1666))
open("/dev/shm/named", "w").close()
END' other-1
	expect '[.exit, (.stdout | test("-1"))]' '[0,false]'
	act 'python3 - <<"END"
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.shmget(4711, 4096, 0), libc.semget(4711, 1, 0))
END
ls /dev/shm; wc -l </proc/sysvipc/shm'
	expect_out $'-1 -1\n1\n'
	works other-1
}

@test "no signal reaches another episode or the host" {
	local victim
	begin_with_probe
	open_episode other
	act 'sleep 1000 & echo $!' other-1
	# Not this shell's own group, whatever a pid means in there.
	sleep 1000 3>&- &
	victim=$!
	act "for pid in $victim $(box_pid other-1) $(box_pid e-1); do kill -9 \$pid -\$pid; done 2>/dev/null; python3 - <<'END'
import os, signal
for pid in ($victim, $(box_pid other-1)):
    for group in (pid, -pid):
        try:
            os.kill(group, signal.SIGKILL)
        except OSError:
            pass
    try:
        signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)
    except OSError:
        pass
END
true"
	kill -0 "$victim"
	kill "$victim"
	expect_processes 1 'sleep.100[0]' other-1
	works other-1
	works
}

# --- descriptors ---

@test "a command has descriptors 0, 1 and 2, whichever tool starts it" {
	begin_with_probe
	act 'sh -c "ls /proc/\$\$/fd"; python3 -c "import os; print(sorted(map(int, os.listdir(\"/proc/self/fd\"))))"'
	expect_out $'0\n1\n2\n[0, 1, 2, 3]\n'
	# The shell has its pipe for commands besides, which holds no socket; the reader's own is 3.
	act 'for pid in /proc/[0-9]*; do ls -l $pid/fd 2>/dev/null; done | grep -vE " -> (/dev/null|/run/session/[a-z]+|pipe:.*|/proc/[0-9]+/fd|/tmp/.*)$|^total"'
	expect .stdout '""'
	# So it is in a check, and in a task's setup.
	fixture_task unit/checked '{
		"checks": [{"name": "d", "type": "command", "command": "ls /proc/self/fd; cat fds", "stdout": "0\n1\n2\n3\n0\n1\n2\n3\n"}]}'
	echo 'ls /proc/self/fd >fds' >"$T/tasks/unit/checked/setup.sh"
	open_episode checked unit/checked
	separate env-verify checked-1
	expect '[.status, .checks[0].reason]' '["pass",null]'
}

@test "the socket that a tool's reply takes does not lend descriptors" {
	begin_with_probe
	# A descriptor cannot be sent out: no socket of the box has its other end outside.
	act 'ss -xa 2>/dev/null | grep -v Netid | wc -l; python3 -c "
import os, stat
for fd in range(256):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            print(fd)
    except OSError:
        pass"'
	expect_out $'0\n'
}

# --- more rights ---

@test "a setuid file gives nothing, one's own or the system's" {
	begin_with_probe
	act 'cp /usr/bin/id id; chmod 6755 id 2>/dev/null; ./id -u; ./id; grep -E "^Cap(Prm|Eff)" /proc/self/status | cut -f 2'
	expect '.stdout | test("^1000\nuid=1000\\(agent\\) gid=1000\\(agent\\) groups=1000\\(agent\\)\n0000000000000000\n0000000000000000\n$")' true
	act 'cp "$(readlink -f /usr/bin/python3)" python; chmod 4755 python; ./python -c "
import os
print(os.getresuid(), os.getresgid())
try:
    os.setuid(0)
    print(\"root\")
except OSError:
    print(\"refused\")"; grep NoNewPrivs /proc/self/status | cut -f 2'
	expect_out $'(1000, 1000, 1000) (1000, 1000, 1000)\nrefused\n1\n'
	act 'python3 -c "
import os
try:
    os.setxattr(\"id\", \"security.capability\", bytes.fromhex(\"0100000201000000000000000000000000000000\"))
    print(\"set\")
except OSError as error:
    print(\"refused\")"'
	expect_out $'refused\n'
	# Every mount but the device nodes, which the host itself made, is nosuid and nodev.
	act 'grep -v " /dev/" /proc/self/mountinfo | cut -d " " -f 6 | grep -vcE "nosuid.*nodev"'
	expect .stdout '"0\n"'
}

@test "limits can be lowered and not raised, and no core is written" {
	begin_with_probe
	act 'ulimit -c; ulimit -Hc; ulimit -c unlimited 2>/dev/null && echo raised; ulimit -Hu 100000 2>/dev/null && echo raised; ulimit -Hd unlimited 2>/dev/null && echo raised; ulimit -Hf unlimited 2>/dev/null && echo raised; sh -c "kill -SEGV \$\$"; echo $?; ls'
	expect '.stdout' '"0\n0\n139\ncalls\n"'
	act 'python3 - <<"END"
import os, resource
for name in ("CORE", "NPROC", "DATA", "FSIZE", "NOFILE", "MEMLOCK", "MSGQUEUE"):
    kind = getattr(resource, "RLIMIT_" + name, 12)
    hard = resource.getrlimit(kind)[1]
    for pid in (0, os.getpid(), 1):
        try:
            resource.prlimit(pid, kind, (hard, hard + 1))
            print("raised", name, pid)
        except (OSError, ValueError):
            pass
for what in (lambda: os.nice(-1), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))):
    try:
        what()
        print("more of the processor")
    except OSError:
        pass
END'
	expect_out ''
}

@test "pid 1 cannot be given limits with which it could not serve, nor be slowed down" {
	local before
	begin_with_probe
	before=$(cat "/proc/$(box_pid "$ep")/limits")
	act 'for limit in nofile nproc fsize as data stack cpu; do prlimit --pid 1 --$limit=0:0 2>&1; done | grep -vc "Operation not permitted"; renice -n 19 -p 1; renice -n 19 -g 1; renice -n 19 -u agent; chrt --idle -p 0 1; chrt --batch -p 0 1; taskset -p 1 1'
	expect '[.stdout[:2], (.stderr | [scan("(?:Operation not permitted|failed)")] | length >= 6)]' '["0\n",true]'
	[ "$(cat "/proc/$(box_pid "$ep")/limits")" = "$before" ]
	[ "$(ps -o ni= -p "$(box_pid "$ep")" | tr -d ' ')" = "$(ps -o ni= -p $$ | tr -d ' ')" ]
	[ "$(ps -o cls= -p "$(box_pid "$ep")" | tr -d ' ')" = "$(ps -o cls= -p $$ | tr -d ' ')" ]
	works
	separate env-verify "$ep"
	expect .status '"fail"'
	# Its own it may have.
	act 'prlimit --nofile=64 sh -c "ulimit -n"; nice -n 5 nice; sleep 9 & taskset -p 1 $! >/dev/null && chrt --batch -p 0 $! && renice -n 3 -p $! >/dev/null && kill $!'
	expect_out $'64\n5\n'
}

@test "no process is given limits by another, so that those of a request cannot be taken away while it starts" {
	begin
	act 'sleep 9 & python3 - $! <<"END"
import resource, sys
pid = int(sys.argv[1])
before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
try:
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 0))
    print("set")
except PermissionError:
    print("refused", resource.prlimit(pid, resource.RLIMIT_NOFILE) == before)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
END
kill $!'
	expect .stdout '"refused True\n(64, 64)\n"'
}
