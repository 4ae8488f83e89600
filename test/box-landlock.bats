#!/usr/bin/env bats
# Boxes without namespaces: asked for by name, weaker, and saying so. What they do hold is tried from inside; what they
# leave alone is everything outside.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "boxes are asked, and no program of ours that is sanitized"
	need_box
	abi=$(python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))')
	((abi >= 1)) || skip "this kernel has no Landlock"
	# Boxes of root are somebody else on the host, so that whom they may harm is, too.
	same=()
	[ "$EUID" != 0 ] || same=(setpriv --reuid=2000000000 --regid=2000000000 --clear-groups)
	"${same[@]}" sleep 1000 3>&- &
	victim=$!
	until_is grep -qx sleep "/proc/$victim/comm"
	until_is grep -q '^State:.S' "/proc/$victim/status"
}

teardown() {
	[[ -n ${victim-} ]] || {
		common_teardown
		return
	}
	# Neither ended nor stopped.
	[ "$(awk '{ print $3 }' "/proc/$victim/stat")" = S ] || {
		echo "a process outside is not what it was: $(cat "/proc/$victim/stat")"
		kill -9 "$victim"
		return 1
	}
	kill "$victim"
	common_teardown
	# Those of other tests that run now are other users', or have a process.
	local folder
	touch folders
	while read -r folder; do
		within 4 test ! -e "$folder" || {
			echo "left behind: $folder"
			return 1
		}
	done <folders
}

# begin_landlock ID [JSON]: an episode as begin opens it, its folder in $folder.
begin_landlock() {
	fixture_task unit/hello "${2:-"{}"}" || return
	env-reset --isolation landlock --id "$1" unit/hello >"$T/reset" || return
	ep=$1-1
	act 'pwd' || return
	folder=$(field '.stdout[:-11]')
	[[ $folder == /tmp/pipegym-box.* && $(field .cwd) == "$folder/workspace" ]] || return
	echo "$folder" >>folders
}

# refused COMMAND: it fails in the box.
refused() {
	act "$1" || return
	expect '.exit != 0 and .signal == null' true
}

@test "an episode from its opening to its rollout, which says what was not isolated" {
	fixture_task unit/hello
	echo 'given' >"$T/tasks/unit/hello/files/file"
	echo 'echo "$SEED" >seed' >"$T/tasks/unit/hello/setup.sh"
	begin_landlock e
	act 'cat file seed; x=1; cd ..; mkdir -p workspace/sub; cd workspace/sub'
	expect_out $'given\n0\n'
	expect .cwd "\"$folder/workspace/sub\""
	act 'echo $x; cd ..; echo "$HOME" "$TMPDIR"; cat <<<here; cat <(echo there); echo >"$TMPDIR/a"; echo >"$HOME/b"; (sleep '"$$"' &) '
	expect_out $"1
$folder/home/agent $folder/tmp
here
there
"
	tool shell '{"command":"cat; echo end","stdin":"from stdin\n"}'
	expect_out $'from stdin\nend\n'
	tool write_file '{"path":"greeting.txt","content":"hullo\n"}'
	tool edit_file '{"path":"/workspace/greeting.txt","old":"hullo","new":"hello"}'
	tool read_file '{"path":"greeting.txt"}'
	expect_out $'hello\n'
	tool submit '{}'
	expect '[.reward, .terminated]' '[1,true]'
	env-close "$ep" >rollout
	expect '.box | [.isolation, .landlock, .seccomp, .tier, .namespaces]' "[\"landlock\",$abi,true,\"watchdog\",null]" "$(<rollout)"
	expect '.box.not_isolated | [length >= 7, all(type == "string"), (map(test("^disk: ")) | any), (map(test("signalled")) | any)]' \
		"[true,true,true,$( ((abi >= 6)) && echo false || echo true)]" "$(<rollout)"
	[ ! -e "$folder" ]
	within 2 eval '! pgrep -f "^sleep $$\$"'
	# Its folder was made for it: another one has other paths.
	run -4 rollout-replay -q <rollout
	[[ $output == *'"match":"unreplayable"'*'without namespaces'* ]]
}

@test "a task whose checks name a path that is not there is refused, and not played for nothing" {
	local check
	for check in '"type": "command", "command": ["cat", "/tests/a"]' '"type": "cases", "command": "cd /workspace && ls", "cases": [{"exit": 0}]' \
		'"type": "python", "setup": "open(\"/tests/a\")", "asserts": ["assert f()"]'; do
		fixture_task unit/named "{\"checks\": [{\"name\": \"named\", $check}]}"
		separate env-reset --isolation landlock unit/named
		[ "$status" = 4 ]
		[[ $stderr == *'check named names /'*', which is not there by that name'* ]]
	done
}

@test "files outside can be neither read nor written, whosever they are" {
	local open
	open=$(mktemp -d /tmp/pipegym-open.XXXXXX)
	echo secret >"$open/file"
	chmod 777 "$open"
	chmod 666 "$open/file"
	begin_landlock other
	act 'echo secret >secret; chmod 666 secret; chmod 777 . ..'
	local others=$folder
	begin_landlock e
	act "for file in $open/file $others/workspace/secret $PIPEGYM_STATE/episodes/other-1/journal.jsonl $T/tasks/unit/hello/solution.jsonl $SRC/tasks/bash/count-errors/solution.jsonl /etc/passwd /etc/hostname /proc/1/cmdline /proc/\$\$/environ /proc/$victim/cmdline /proc/$victim/environ /proc/kmsg; do
		cat \$file && echo read; { : >>\$file; } && echo written; rm -f \$file && echo removed; mv \$file . && echo moved; ln \$file . && echo linked
	done 2>/dev/null; for folder in $open $others $others/workspace $PIPEGYM_STATE / /tmp /home /root /proc /dev /dev/shm /run /var/tmp $folder; do
		ls \$folder && echo listed; { : >\$folder/new; } && echo made; mkdir \$folder/newdir && echo made
	done 2>/dev/null; ls -A"
	expect_out ''
	[ "$(cat "$open/file")" = secret ]
	rm -r "$open"
	# Nor through links, by the box's own tools.
	act "ln -s /etc/passwd link; ln -s $others/workspace/secret secret; ln -s $PIPEGYM_STATE state"
	for path in link secret /etc/passwd state/episodes/other-1/journal.jsonl ../../../etc/passwd; do
		tool read_file "{\"path\":\"$path\"}"
		expect '[.exit, .stdout]' '[1,""]'
	done
	for path in state/new secret /tmp/../new; do
		tool write_file "{\"path\":\"$path\",\"content\":\"x\"}"
		expect .exit 1
	done
	act 'cat secret' other-1
	expect_out $'secret\n'
	# The session's own pipes stay where they are.
	refused "rm -f $folder/run/session/command"
	refused "mv $folder/run/session $folder/workspace"
	works
}

@test "folders of tasks below /usr are not shown, and the rest of it is" {
	begin_landlock e
	act 'ls /usr/bin/env && /usr/bin/env true && python3 -c "print(1)" && ls /usr/share >/dev/null'
	expect_out $'/usr/bin/env\n1\n'
	env-close -q "$ep" >/dev/null
	# A folder of tasks it is because tasks are looked for in it.
	PIPEGYM_TASKS=$T/tasks:/usr/share/perl5 env-reset --isolation landlock --id e unit/hello >/dev/null
	act 'pwd'
	field '.stdout[:-11]' >>folders
	act 'ls /usr/share/perl5 /usr/share/perl5/*; cat /usr/share/perl5/*.pm; python3 -c "print(2)"; ls /usr/share/doc >/dev/null && echo shown'
	expect .stdout '"2\nshown\n"'
}

@test "nothing is done to a process outside: no signal, no trace, no limit, no priority" {
	local helper
	begin_landlock e
	helper=$(box_pid "$ep")
	act "sleep 1000 & echo \$!"
	((abi >= 6)) || skip "signals are not scoped before ABI 6"
	act "python3 - <<'END'
import ctypes, os, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, call):
    try:
        call()
        print('done', name)
    except OSError:
        pass
for pid in ($victim, $helper, $PPID):
    for number in (0, signal.SIGSTOP, signal.SIGKILL):
        attempt('kill', lambda: os.kill(pid, number))
        attempt('killpg', lambda: os.killpg(pid, number))
        attempt('pidfd', lambda: signal.pidfd_send_signal(os.pidfd_open(pid), number))
    attempt('limit', lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 0)))
    attempt('priority', lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    attempt('affinity', lambda: os.sched_setaffinity(pid, {0}))
    attempt('scheduler', lambda: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)))
    for name in ('mem', 'environ', 'maps', 'fd/0', 'cmdline', 'status'):
        attempt(name, lambda: open(f'/proc/{pid}/{name}').read(1))
    attempt('cwd', lambda: os.readlink(f'/proc/{pid}/cwd'))
    for request in (16, 0x4206):
        if libc.ptrace(request, pid, 0, 0) == 0:
            print('traced', pid)
attempt('priorities', lambda: os.setpriority(os.PRIO_USER, 0, 19))
for call in (libc.shmget, libc.semget, libc.msgget):
    if call(4711, 1, 0o1600) >= 0:
        print('shared', call)
# All but this one: those of the box it may.
attempt('all', lambda: os.kill(-1, signal.SIGCONT))
END
true"
	expect_out $'done all\n'
	[ "$(ps -o ni= -p "$victim" | tr -d ' ')" = "$(ps -o ni= -p $$ | tr -d ' ')" ]
	act 'kill -9 -1; echo $?; wait'
	# The shell tells of what it had in the background.
	act true
	works
}

@test "what other programs of the user share by ids and names of sockets is out of reach" {
	local shared
	exec {shared}> >(exec python3 -c '
import ctypes, socket, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
segment, queue, semaphore = libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600), libc.semget(0, 1, 0o1600)
at = libc.shmat(segment, None, 0)
ctypes.memmove(at, b"secret", 6)
letter = ctypes.create_string_buffer(b"\1\0\0\0\0\0\0\0letter")
libc.msgsnd(queue, letter, 6, 0)
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind("mail")
server.setblocking(False)
open("ids", "w").write(f"{segment} {queue} {semaphore}\n")
sys.stdin.read()
got = []
try:
    got.append(server.recv(10))
except OSError:
    pass
state = (ctypes.string_at(at, 6), libc.msgrcv(queue, letter, 6, 0, 0o4000), libc.semctl(semaphore, 0, 12), got)
for end in (libc.shmctl, libc.msgctl):
    end(segment if end is libc.shmctl else queue, 0, None)
libc.semctl(semaphore, 0, 0)
open("after", "w").write(f"{state}\n")' 3>&-)
	until_is test -s ids
	begin_landlock e
	act "python3 - $(<ids) $T/mail <<'END'
import ctypes, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_long
segment, queue, semaphore = map(int, sys.argv[1:4])
text = ctypes.create_string_buffer(100)
operation = (ctypes.c_short * 3)(0, 1, 0)
for name, result in (('shmat', libc.shmat(segment, None, 0)), ('shmctl', libc.shmctl(segment, 15, text)),
        ('shmctl', libc.shmctl(segment, 0, None)), ('msgrcv', libc.msgrcv(queue, text, 90, 0, 0o4000)),
        ('msgsnd', libc.msgsnd(queue, b'\\1\\0\\0\\0\\0\\0\\0\\0x', 1, 0o4000)), ('msgctl', libc.msgctl(queue, 0, None)),
        ('semctl', libc.semctl(semaphore, 0, 16, 7)), ('semctl', libc.semctl(semaphore, 0, 0)),
        ('semop', libc.semop(semaphore, operation, 1)), ('semtimedop', libc.semtimedop(semaphore, operation, 1, None))):
    if result != -1:
        print(name, result)
for kind in (socket.SOCK_DGRAM, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
    try:
        a, b = socket.socketpair(socket.AF_UNIX, kind)
    except OSError:
        continue
    for name, attempt in (('connected', lambda: a.connect(sys.argv[4])), ('bound', lambda: a.bind('here')),
            ('sent', lambda: kind == socket.SOCK_SEQPACKET and a.sendto(b'x', sys.argv[4]) and b.recv(1) == b'y')):
        try:
            attempt() is False or print(name, kind)
        except OSError:
            pass
END"
	exec {shared}>&-
	until_is test -s after
	expect_out ''
	[ "$(<after)" = "(b'secret', 6, 0, [])" ]
}

@test "no socket can be made: not to the host's loopback, not to another box" {
	local port server
	open_episode other unit/hello
	begin_landlock e
	exec {server}> >(exec python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
open("port", "w").write(str(server.getsockname()[1]) + "\n")
sys.stdin.read()' 3>&-)
	until_is test -s port
	port=$(<port)
	act ": </dev/tcp/127.0.0.1/$port && echo connected; : </dev/udp/127.0.0.1/$port && echo connected; python3 - <<'END'
import socket
for family, kind, address in ((socket.AF_UNIX, socket.SOCK_SEQPACKET, '$PIPEGYM_STATE/episodes/other-1/box.sock'),
        (socket.AF_UNIX, socket.SOCK_STREAM, '\0host'), (socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', $port)),
        (socket.AF_NETLINK, socket.SOCK_RAW, (0, 0))):
    try:
        socket.socket(family, kind).connect(address)
        print('connected', address)
    except OSError as error:
        print(error.errno)
a, b = socket.socketpair()
a.send(b'x')
print(b.recv(1))
END"
	exec {server}>&-
	expect .stdout "\"97\\n97\\n97\\n97\\nb'x'\\n\""
	works other-1
}

@test "at a deadline, at submit and at its end only the box's own processes are stopped and killed" {
	# Of this test alone.
	local n=$$
	begin_landlock e
	act "setsid sleep ${n}01 & (setsid sleep ${n}02 &); echo ok"
	until_is eval '[ "$(pgrep -fc "^sleep ${n}0[12]\$")" = 2 ]'
	tool shell "{\"command\": \"(setsid setsid sleep ${n}03 &) ; sleep 60\", \"timeout_s\": 1}"
	expect '[.timeout, .exit, .info.session]' '[true,null,null]'
	act 'jobs -p | wc -l'
	[ "$(pgrep -fc "^sleep ${n}03\$")" = 0 ]
	[ "$(pgrep -fc "^sleep ${n}0[12]\$")" = 2 ]
	separate env-verify "$ep"
	expect .status '"fail"'
	works
	env-close -q "$ep" >/dev/null
	within 2 eval '! pgrep -f "^sleep ${n}0[12]\$"'
	[ ! -e "$folder" ]
	# What cannot be removed at once, and what ignores a request to end.
	begin_landlock f
	act 'mkdir -p a/b/c; touch a/b/c/d; chmod 000 a/b/c a/b a; for i in {1..300}; do mkdir d && cd d; done; trap "" TERM; (trap "" TERM HUP; sleep '"${n}04"') & true'
	env-close -q "$ep" >/dev/null
	within 2 eval '! pgrep -f "^sleep ${n}04\$"'
	within 4 test ! -e "$folder"
}

@test "limits of memory, processes and files" {
	begin_landlock e '{"limits":{"memory_mib":96,"disk_mib":4}}'
	act "(for i in 1 2 3 4; do python3 -c 'x = bytearray(40 << 20); import time; time.sleep(100)' & done; wait -n; echo \$?; kill \$(jobs -p); wait)"
	expect '[.stdout, .info.limit]' '["137\n","oom"]'
	act 'head -c 9000000 /dev/zero >file; ls -s --block-size=1M file; rm file'
	expect '[.exit, .stdout]' '[0,"4 file\n"]'
	# As many as the user had when the box was made, and some that ended meanwhile, do not count; what others of his start
	# later does.
	begin_landlock few '{"limits":{"processes":400,"step_s":40,"memory_mib":512}}'
	act 'python3 - <<"END"
import os, signal, sys
made = []
try:
    while len(made) < 2000:
        pid = os.fork()
        if pid == 0:
            signal.pause()
        made.append(pid)
except OSError:
    print("no more")
for pid in made:
    os.kill(pid, signal.SIGKILL)
for pid in made:
    os.waitpid(pid, 0)
END'
	expect .stdout '"no more\n"'
	works
}

@test "box-run: a line that says what is not isolated, and the command's streams and status" {
	separate box-run --isolation landlock -- sh -c 'cat; pwd; exit 3' <<<word
	[ "$status" = 3 ]
	[[ ${lines[0]} == word && ${lines[1]} == /tmp/pipegym-box.*/workspace && ! -e ${lines[1]} ]]
	[[ ${#stderr_lines[@]} == 1 && $stderr == 'box-run: --isolation landlock does not isolate: files: '*'; '* ]]
	quiet box-run -q --isolation landlock -- true
	quiet box-run --isolation namespaces -- pwd
	[ "$output" = /workspace ]
	separate box-run --isolation landlock -C /srv/deep -- sh -c 'pwd; echo x >y && cat y'
	[[ $status == 0 && ${lines[0]} == /tmp/pipegym-box.*/srv/deep && ${lines[1]} == x ]]
}

@test "never by itself: a host without namespaces gets an error that names it, one without Landlock another" {
	separate box-run --isolation landlock --bind-ro /usr:/x -- true
	[[ $status == 125 && $stderr == *'--bind-ro take a mount namespace'* ]]
	separate box-run --isolation none -- true
	[[ $status == 125 && $stderr == *"--isolation: 'none' is not namespaces or landlock"* ]]
	fails 2 env-reset --isolation '' unit/hello
	unshare -Ur true || skip "no user namespace to try it in"
	separate unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && box-run -- echo never'
	[[ $status == 125 && -z $output && $stderr == *'No space left on device; '*'--isolation landlock'* ]]
	separate unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && box-run -q --isolation landlock -- echo works'
	[[ $status == 0 && $output == works && -z $stderr ]]
	fixture_task unit/hello
	separate "$BUILD/test/probe/fault" landlock_create_ruleset 1 38 env-reset --isolation landlock --id x unit/hello 9>report
	# The first that asks is the box's helper.
	[[ $status == 4 && $stderr == 'env-reset: x-1: cannot make a box: find Landlock: '*'; it takes a kernel with CONFIG_SECURITY_LANDLOCK'* ]]
	expect '[.type, .episode]' '["error","x-1"]'
	[ -z "$(ls -A "$PIPEGYM_STATE/episodes")" ]
}

@test "whatever fails in making one, its folder goes" {
	local call number failed=0
	touch before
	for call in mkdir mknodat landlock_add_rule landlock_restrict_self prctl openat signalfd4; do
		for number in 1 3 8; do
			status=0
			timeout 20 "$BUILD/test/probe/fault" -p pipegym-box "$call" "$number" 12 box-run -q --isolation landlock -- true \
				9>report >out 2>err || status=$?
			[[ $status == 0 || ($status == 125 && $(<err) == 'box-run: '*': '* && $(wc -l <err) == 1) ]] || {
				echo "$call #$number: status $status, $(<out) $(<err)"
				return 1
			}
			[[ $(<report) == *gone ]]
			((status == 0)) || failed=$((failed + 1))
		done
	done
	# A sanitizer opens files of its own.
	((failed >= 12))
	# Another run of these tests, of the same user, may have some for a moment.
	within 4 eval 'find /tmp -maxdepth 1 -name "pipegym-box.*" -newer before -user "$(stat -c %u "/proc/$victim")" >new; [[ ! -s new ]]' || {
		cat new
		return 1
	}
}
