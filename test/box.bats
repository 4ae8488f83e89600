#!/usr/bin/env bats
# The box: what is separate from the host, what it cannot do, what it survives. All of it is tried from inside, as an
# agent would.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 200, "disk_mib": 8, "processes": 40}}'
}

# out COMMAND: what it prints in the box.
out() {
	act "$1"
	field .stdout
}

# syscall_error CALL-NUMBER-EXPRESSION ARGUMENTS...: the name of the error a bare system call gives in the box, 0 if none.
calls() {
	act "python3 - <<'END'
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    print(name, errno.errorcode.get(ctypes.get_errno(), 'EOK') if result < 0 else 'EOK')
$1
END"
}

# --- separate from the host ---

@test "seven namespaces of its own" {
	local kind inside
	for kind in user mnt pid net ipc uts cgroup; do
		inside=$(out "readlink /proc/self/ns/$kind")
		[[ $inside == "$kind:["* ]]
		[ "$inside" != "$(readlink "/proc/self/ns/$kind")" ]
	done
	# And of each episode.
	open_episode other
	for kind in user mnt pid net ipc uts cgroup; do
		inside=$(out "readlink /proc/self/ns/$kind")
		act "readlink /proc/self/ns/$kind" other-1
		[ "$(field .stdout)" != "$inside" ]
	done
}

@test "nothing of the host's files is there but /usr" {
	[ "$(out 'ls -A /')" = "$(printf '%s\n' bin dev etc home lib lib32 lib64 libx32 proc root run sbin tmp usr var workspace | while read -r name; do
		case $name in
		bin | sbin | lib*) [ -e "/$name" ] && echo "$name" ;;
		*) echo "$name" ;;
		esac
	done)" ]
	act 'find /home /root /var /tmp /run /srv /opt /mnt /media /boot /sys -mindepth 1 2>/dev/null | sort'
	expect .stdout '"/home/agent\n/run/session\n/run/session/command\n/run/session/status\n/run/session/stderr\n/run/session/stdout\n/var/tmp\n"'
	[ "$(out 'ls /etc')" = "$(printf '%s\n' alternatives group hostname hosts ld.so.cache nsswitch.conf passwd | while read -r name; do
		case $name in
		alternatives | ld.so.cache) [ -e "/etc/$name" ] && echo "$name" ;;
		*) echo "$name" ;;
		esac
	done)" ]
	act "ls -d '$T' '$SRC'"
	expect '[.exit, .stdout]' '[2,""]'
	[ "$(out 'ls -A /dev')" = "$(printf '%s\n' fd full null random shm stderr stdin stdout tty urandom zero)" ]
}

@test "no mount of the host is listed but the system's" {
	act 'cut -d " " -f 5 /proc/self/mountinfo | grep -vE "^/(usr|bin|sbin|lib[0-9x]*|etc|dev|proc|run)(/|$)" | sort -u'
	expect .stdout '"/\n"'
	act 'grep -c . /proc/self/mountinfo'
	expect .exit 0
}

@test "a fixed environment, nothing inherited" {
	local inside
	inside=$(SECRET=leaked out 'env | sort')
	[ "$inside" = 'COLUMNS=80
GIT_PAGER=cat
HOME=/home/agent
LANG=C.UTF-8
LC_ALL=C.UTF-8
LINES=24
LOGNAME=agent
PAGER=cat
PATH=/usr/local/bin:/usr/bin:/bin
PWD=/workspace
PYTHONHASHSEED=0
SHELL=/bin/bash
SHLVL=1
TERM=dumb
TZ=UTC
USER=agent
_=/usr/bin/env' ] || { echo "$inside"; false; }
	act 'cat /proc/1/environ | wc -c'
	[ "$(field .stdout)" = 0 ]
}

@test "no descriptor inherited" {
	exec 7</etc/passwd 8>"$T/eight" 9<>"$T/nine"
	env-reset --id d unit/hello >/dev/null
	[ "$(ep=d-1 out 'ls /proc/self/fd')" = $'0\n1\n2\n3' ]
	[ "$(ep=d-1 out 'sh -c "ls /proc/self/fd; ls -l /proc/\$\$/fd" | grep -cE "passwd|eight|nine|socket"')" = 0 ]
	exec 7<&- 8>&- 9>&-
	# Nor through the tools' and checks' own processes.
	act 'ls -l /proc/1/fd' d-1
	expect '.exit != 0 or .stdout == "total 0\n"' true
}

@test "uid 1000 with no right at all" {
	[ "$(out id)" = 'uid=1000(agent) gid=1000(agent) groups=1000(agent)' ]
	act 'grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status | tr "\t" " "'
	expect_out 'CapInh: 0000000000000000
CapPrm: 0000000000000000
CapEff: 0000000000000000
CapBnd: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1
Seccomp: 2
'
	[ "$(out 'grep -E "^(CapEff|NoNewPrivs|Seccomp:)" /proc/1/status | tr "\t" " "')" = $'CapEff: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2' ]
	[ "$(out 'cat /proc/self/setgroups')" = deny ]
	act 'mount -t tmpfs x /tmp || su -c true || chroot / true || hostname other'
	expect '.exit != 0' true
}

@test "on the host it is nobody that counts, root's boxes too" {
	local pid uid
	pid=$(box_pid "$ep")
	uid=$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")
	[ "$uid" != 0 ]
	if [ "$EUID" = 0 ]; then
		[ "$uid" = 2000000000 ]
	else
		[ "$uid" = "$EUID" ]
	fi
	act 'sleep 1000 & echo started'
	local child
	for child in $(pgrep -P "$pid"); do
		[ "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$child/status")" = "$uid $uid $uid $uid" ]
		[ "$(awk '/^CapEff:/ { print $2 }' "/proc/$child/status")" = 0000000000000000 ]
		[ "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/$child/status")" = 1 ]
	done
	[ -n "$child" ]
}

@test "the system is read-only, the rest is the agent's" {
	act 'touch /usr/x; touch /usr/bin/x; touch /bin/x; touch /lib/x; rm /usr/bin/env; touch /etc/alternatives/x; mkdir /run/session/x'
	expect '.stderr | [scan("Read-only file system")] | length' 7
	act 'touch /x /etc/x /home/agent/x /tmp/x /var/x /dev/x && echo own >/etc/hosts && rm -r /srv 2>/dev/null; echo $?'
	expect '.stderr' '""'
}

@test "its processes see only each other" {
	act 'ls /proc | grep -E "^[0-9]+$" | wc -l'
	expect '.stdout | tonumber <= 6' true
	act "ls -d /proc/$$ /proc/$PPID 2>/dev/null | wc -l; kill -0 $$ 2>&1 | grep -c 'No such process'"
	# A small pid of the host may be one of the box's own.
	if (($$ > 1000 && PPID > 1000)); then
		expect .stdout '"0\n1\n"'
	fi
	[ "$(out 'tr "\0" " " </proc/1/cmdline; cat /proc/1/comm')" = "$(out 'tr "\0" " " </proc/1/cmdline; cat /proc/1/comm')" ]
	# Pids are the same in every box: pid 1, and the session's shell comes first.
	local first
	first=$(out 'echo $$')
	open_episode other
	act 'echo $$' other-1
	[ "$(field .stdout)" = "$first" ]
	[ "$first" -lt 10 ]
}

@test "host name, time zone, locale, clock" {
	[ "$(out 'hostname; cat /etc/hostname /proc/sys/kernel/hostname; date +%Z; locale | grep ^LC_ALL')" = $'box\nbox\nbox\nUTC\nLC_ALL=C.UTF-8' ]
	[ "$(hostname)" = box ] || [ "$(out hostname)" != "$(hostname)" ]
	local now
	now=$(out 'date +%s')
	((now - $(date +%s) <= 0 && $(date +%s) - now < 60))
}

@test "addresses are not random" {
	local first
	first=$(out 'cat /proc/self/maps')
	[ -n "$first" ]
	[ "$(out 'cat /proc/self/maps')" = "$first" ]
	open_episode other
	act 'cat /proc/self/maps' other-1
	[ "$(field .stdout)" = "$first" ]
	[ "$(out 'cat /proc/self/personality')" = 00040000 ] || [ "$(out 'setarch --show 2>/dev/null || echo none')" != "" ]
}

@test "the times of all that the box itself made are the same in each" {
	act 'find / -xdev \( -path /proc -o -path /usr -o -path /run -o -path /etc/alternatives -o -name ld.so.cache -o -path "/dev/[!s]*" \) -prune -o ! -newermt "2024-12-31 23:59:59" -print -o -newermt "2025-01-01 00:00:01" -print'
	expect_out ''
}

# --- network ---

@test "loopback is up and nothing else is there" {
	[ "$(out 'ls /sys/class/net 2>/dev/null; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "')" = lo ]
	act 'python3 - <<END
import socket
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
client = socket.create_connection(server.getsockname(), 5)
peer = server.accept()[0]
client.sendall(b"over lo\n")
print(peer.recv(100).decode(), end="")
for address in ("192.0.2.1", "10.0.0.1", "169.254.169.254", "8.8.8.8"):
    try:
        socket.create_connection((address, 80), 5)
        print("reached", address)
    except OSError as error:
        print(error.strerror)
END'
	expect_out 'over lo
Network is unreachable
Network is unreachable
Network is unreachable
Network is unreachable
'
	act 'getent hosts localhost | grep -c 127.0.0.1; getent hosts example.com; cat /proc/net/route | wc -l'
	expect '.stdout | test("reached") | not' true
}

@test "what listens on the host's loopback is not there" {
	python3 -c '
import socket, sys, time
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen()
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\0pipegym-test-%d" % server.getsockname()[1]); abstract.listen()
print(server.getsockname()[1], flush=True)
time.sleep(60)' >port &
	local pid=$!
	until_is test -s port
	act "python3 - $(cat port) <<'END'
import socket, sys
port = int(sys.argv[1])
for family, address in ((socket.AF_INET, ('127.0.0.1', port)), (socket.AF_UNIX, '\\0pipegym-test-%d' % port)):
    try:
        socket.socket(family).connect(address)
        print('reached')
    except OSError as error:
        print(error.strerror)
END"
	kill "$pid"
	wait "$pid" || :
	expect_out $'Connection refused\nConnection refused\n'
}

@test "network: none has not even loopback" {
	fixture_task unit/offline '{"env": {"network": "none"}}'
	open_episode offline unit/offline
	act 'python3 - <<END
import socket
try:
    socket.create_connection(("127.0.0.1", 1), 5)
except OSError as error:
    print(error.strerror)
END' offline-1
	expect_out $'Network is unreachable\n'
}

# --- limits ---

@test "a full disk is full for its episode only" {
	open_episode other
	act 'dd if=/dev/zero of=big bs=64k 2>&1 | grep -c "No space left\|File too large"; (cat /dev/zero >/tmp/more) 2>&1 | grep -c "No space left\|File too large"; echo x 2>&1 >small'
	expect '.stdout[:4]' '"1\n1\n"'
	[ "$(out 'stat -f -c %b /')" = $((8 << 20 >> 12)) ]
	act 'echo fine >f; cat f' other-1
	expect_out $'fine\n'
	act 'dd if=/dev/zero of=/dev/shm/x bs=64k count=1000 2>&1 | grep -c "No space left"'
	expect '.stdout | tonumber' 1
	act 'rm -f big /tmp/more /dev/shm/x; echo again >small; cat small'
	expect_out $'again\n'
	works
	# As many small files as there may be.
	act 'for ((i = 0; i < 100000; i++)); do : >"n$i" || break; done 2>&1 | grep -c "No space left"; rm -f n*'
	expect '.stdout' '"1\n"'
	works
}

@test "no more processes than allowed, and the box lives on" {
	fixture_task unit/brief '{"limits": {"step_s": 2, "processes": 40}}'
	open_episode brief unit/brief
	ep=brief-1
	act 'for i in {1..100}; do sleep 1000 & done 2>&1 | grep -c "Resource temporarily unavailable"; true'
	act 'ls -d /proc/[0-9]* | wc -l'
	act 'kill $(jobs -p) 2>/dev/null; pkill sleep; true'
	act 'true'
	works
	open_episode other
	works other-1
}

@test "a fork bomb ends at its deadline" {
	tool shell '{"command": "b() { b | b & }; b 2>/dev/null; sleep 1000", "timeout_s": 1}'
	expect '.exit' null
	act 'true'
	act 'sleep 0.5; ls -d /proc/[0-9]* | wc -l'
	expect '(.stdout | tonumber? // 0) <= 10' true
	works
}

@test "memory: an allocation beyond the limit fails, the shell lives on" {
	act 'python3 -c "x = bytearray(400 << 20)" 2>&1 | tail -n 1'
	expect_out $'MemoryError\n'
	act 'python3 -c "x = bytearray(40 << 20); print(len(x))"'
	expect_out $'41943040\n'
	works
}

# --- what is refused ---

@test "mounts, namespaces, keys, programs in the kernel and other processes" {
	calls '
import platform
assert platform.machine() in ("x86_64", "aarch64"), platform.machine()
n = {"x86_64": dict(mount=165, umount2=166, pivot_root=155, chroot=161, unshare=272, setns=308, ptrace=101, keyctl=250, add_key=248, bpf=321,
    perf_event_open=298, io_uring_setup=425, memfd_create=319, userfaultfd=323, process_vm_readv=310, kexec_load=246, init_module=175, reboot=169,
    syslog=103, settimeofday=164, clock_settime=227, sethostname=170, personality=135, fsopen=430, open_tree=428, move_mount=429, quotactl=179,
    name_to_handle_at=303, open_by_handle_at=304, pidfd_getfd=438, swapon=167, clone3=435, mknodat=259),
  "aarch64": dict(mount=40, umount2=39, pivot_root=41, chroot=51, unshare=97, setns=268, ptrace=117, keyctl=219, add_key=217, bpf=280,
    perf_event_open=241, io_uring_setup=425, memfd_create=279, userfaultfd=282, process_vm_readv=270, kexec_load=104, init_module=105, reboot=142,
    syslog=116, settimeofday=170, clock_settime=112, sethostname=161, personality=92, fsopen=430, open_tree=428, move_mount=429, quotactl=60,
    name_to_handle_at=264, open_by_handle_at=265, pidfd_getfd=438, swapon=224, clone3=435, mknodat=33)}[platform.machine()]
for name in ("mount", "umount2", "pivot_root", "chroot", "setns", "keyctl", "add_key", "bpf", "perf_event_open", "io_uring_setup", "memfd_create", "userfaultfd",
        "process_vm_readv", "kexec_load", "init_module", "reboot", "syslog", "settimeofday", "clock_settime", "sethostname", "fsopen", "open_tree",
        "move_mount", "quotactl", "name_to_handle_at", "open_by_handle_at", "pidfd_getfd", "swapon"):
    call(name, n[name], 0, 0, 0, 0, 0)
for name, flag in ("user", 0x10000000), ("mount", 0x20000), ("pid", 0x20000000), ("net", 0x40000000), ("uts", 0x4000000), ("ipc", 0x8000000), ("cgroup", 0x2000000), ("time", 0x80):
    call("unshare " + name, n["unshare"], flag)
for signal in (0, 17):
    call("clone user", {"x86_64": 56, "aarch64": 220}[platform.machine()], 0x10000000 | signal, 0, 0, 0, 0)
call("clone3", n["clone3"], 0, 0)
call("personality", n["personality"], 0)
call("ptrace attach 1", n["ptrace"], 16, 1, 0, 0)
call("ptrace seize 1", n["ptrace"], 0x4206, 1, 0, 0)
call("mknod device", n["mknodat"], -100, b"/workspace/disk", 0o60600, 0x800)
'
	expect '[.exit, .stderr]' '[0,""]'
	[ "$(field .stdout | grep -v EPERM)" = 'clone3 ENOSYS' ]
	[ "$(field .stdout | wc -l)" = 44 ]
}

@test "sockets of odd families, typing into a terminal, and 32-bit calls" {
	calls '
import socket
for family in range(0, 46):
    try:
        socket.socket(family, socket.SOCK_DGRAM if family != 2 else socket.SOCK_STREAM)
        print("family", family)
    except OSError as error:
        if error.errno not in (errno.EAFNOSUPPORT, errno.EPERM, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT):
            print("family", family, error)
for family in (17, 38, 40):
    try:
        socket.socket(family, socket.SOCK_RAW)
        print("raw", family)
    except OSError:
        pass
try:
    socket.socket(2, socket.SOCK_RAW, 1)
    print("raw")
except PermissionError:
    print("no raw")
import fcntl
for request in (0x5412, 0x541C, 0x100005412):
    try:
        fcntl.ioctl(0, request & 0xffffffff, b"x")
        print("typed")
    except PermissionError:
        print("refused")
'
	expect_out $'family 1\nfamily 2\nfamily 10\nfamily 16\nno raw\nrefused\nrefused\nrefused\n' ||
		expect_out $'family 1\nfamily 2\nfamily 10\nno raw\nrefused\nrefused\nrefused\n'
}

@test "pid 1 cannot be killed, traced, or looked into" {
	act 'kill -9 1; kill -TERM 1; kill -STOP 1; kill -SEGV 1'
	works
	act 'cat /proc/1/maps; ls /proc/1/fd /proc/1/root /proc/1/cwd; readlink /proc/1/exe; cat /proc/1/environ; dd if=/proc/1/mem bs=1 count=1'
	expect '.stdout' '""'
	act 'python3 -c "
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace(16, 1, 0, 0); print(os.strerror(ctypes.get_errno()))"'
	expect '.stdout' '"Operation not permitted\n"'
	works
}

@test "kill -9 -1 kills the session, and the box lives on" {
	act 'sleep 1000 & setsid -f sh -c "kill -9 -1"; sleep 1000'
	expect '[.exit, .signal, .info.shell]' '[null,"SIGKILL","ended"]'
	works
	# The kernel spares the caller, here the shell itself.
	act 'sleep 1000 & kill -9 -1; wait'
	expect '.exit' 0
	act 'true'
	works
	[ "$(out 'ls -d /proc/[0-9]* | wc -l')" -le 6 ]
}

@test "descriptors of pid 1 and the control socket are out of reach" {
	act 'ls -l /proc/*/fd 2>/dev/null | grep -c socket'
	expect .stdout '"0\n"'
	act 'find / -xdev -type s 2>/dev/null; grep -c box.sock /proc/net/unix'
	expect '.stdout' '"0\n"'
	# Nor the spawner: the box's parent is of another pid namespace.
	[ "$(out 'awk "/^PPid/ { print \$2 }" /proc/1/status')" = 0 ]
}

@test "a box cannot use up its host by unlinked or sparse files, pipes and sockets" {
	act 'python3 -c "
import os
fds = []
try:
    while True:
        fds += os.pipe()
except OSError as error:
    print(error.strerror, len(fds) < 1030)"'
	expect_out $'Too many open files True\n'
	act 'truncate -s 100G sparse 2>&1; exec 5>gone; rm gone; head -c 100M /dev/zero >&5; exec 5>&-; true'
	act 'df --output=avail / | tail -n 1 | tr -d " "'
	expect '.stdout | tonumber > 4000' true
	works
}

# --- hosts that refuse ---

@test "where no namespace may be made: exit status 4, and why" {
	if ! unshare -Ur true 2>/dev/null; then
		skip "a user namespace for the trial cannot be made"
	fi
	cp -r tasks again
	# In a user namespace whose own limit is none, as if the host had set it.
	separate unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec env-reset --id refused unit/hello'
	if [[ $stderr == *max_user_namespaces:* ]]; then
		skip "sysctl user.max_user_namespaces cannot be set in a user namespace"
	fi
	[ "$status" = 4 ]
	expect '[.type, .episode, .status]' '["error","refused-1",4]'
	expect '.reason | test("cannot make a box: clone user namespace: No space left on device; .*user.max_user_namespaces")' true
	[[ $stderr == 'env-reset: refused-1: cannot make a box: clone user namespace: '* ]]
	[ ! -e "$PIPEGYM_STATE/episodes/refused-1" ]
	[ ! -e "$PIPEGYM_STATE/episodes/.refused-1" ]
	# One kind of namespace only.
	separate unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec env-reset --id refused unit/hello'
	[ "$status" = 4 ]
	expect '.reason | test("cannot make a box: clone network namespace: No space left on device; ")' true
}

# --- folders of tasks below /usr ---

@test "tasks that are installed below /usr, and their solutions, are not seen in a box" {
	local script='mount -t tmpfs none /usr/local/share && mkdir -p /usr/local/share/sets/unit && cp -r "$T/tasks/unit/hello" /usr/local/share/sets/unit &&
		env-reset -T /usr/local/share/sets --id hidden unit/hello >/dev/null && env-step -e hidden-1 -- "ls -A /usr/local/share/sets; find / -name solution.jsonl 2>/dev/null"'
	export T
	unshare -Urm true 2>/dev/null || skip "unshare cannot make a user namespace for this test"
	quiet unshare -Urm bash -c "$script"
	expect .stdout '""'
}
