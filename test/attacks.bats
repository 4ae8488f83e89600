#!/usr/bin/env bats
# What an agent did to a box, a grader or a journal that once worked, and must not again.

load helper
load episode

setup() {
	common_setup
	need_box
}

# graded CHECKS [DEFINITION]: an episode of a task with these checks, hidden tests and small limits.
graded() {
	fixture_task unit/hello "$(jq -n --argjson checks "$1" --argjson more "${2:-"{}"}" \
		'{limits: {step_s: 2, disk_mib: 16, steps: 100}} * $more + {checks: $checks}')"
	mkdir -p "$T/tasks/unit/hello/tests"
	echo hidden >"$T/tasks/unit/hello/tests/data"
	open_episode e
	ep=e-1
}

# verdict STATUS: what env-verify says, within a time that no hang would keep.
verdict() {
	separate timeout 40 env-verify --again "$ep"
	expect .status "\"$1\""
}

file_check='[{"name": "f", "type": "file", "path": "greeting.txt", "content": "hello"}]'
command_check='[{"name": "c", "type": "command", "command": "python3 program.py", "stdout": "42"}]'

@test "a process that stops all others does not stop pid 1" {
	graded "$file_check"
	act '(sleep 1; exec perl -e "while (1) { kill STOP, -1 }") >/dev/null 2>&1 & echo started'
	sleep 1.2
	separate timeout 15 env-step -e "$ep" -- 'echo two'
	expect .type '"observation"'
	separate timeout 15 env-step -e "$ep" -- 'echo three'
	expect .type '"observation"'
	verdict fail
}

@test "threads behind a main thread that has exited are killed at the deadline" {
	graded "$command_check"
	act 'cat >program.py <<"END"
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1e6,)).start()
time.sleep(0.2)
ctypes.CDLL(None).syscall(60, 0)
END'
	verdict fail
	expect '.checks[0].reason' '"the time limit was exceeded"'
	act 'python3 program.py'
	expect .timeout true
	act 'ps ax | grep -c "[p]rogram.py"'
	expect_out $'0\n' 0 || expect_out $'0\n' 1
}

@test "a full disk is the agent's doing, not the grader's" {
	graded "$command_check"
	act 'echo "print(42)" >program.py; head -c 100000000 /dev/zero >fill; true'
	verdict fail
	act 'rm fill; i=0; while : >"i$i"; do i=$((i + 1)); done 2>/dev/null; true'
	verdict fail
}

@test "a workspace that is a link, or many links to one file, is not copied without bound" {
	graded "$file_check"
	act 'echo hello >greeting.txt; head -c 10000000 /dev/zero >big; for i in {1..12}; do ln big "l$i"; done'
	verdict fail
	expect '.checks[0].reason' '"the workspace cannot be read"'
	act 'rm l*; true'
	verdict pass
	act 'cd /; mv workspace w; ln -s /usr/share workspace'
	verdict fail
}

@test "the session's pipes replaced by others do not hold up a step" {
	graded "$file_check"
	act 'mv /run /run2; mkdir -p /run/session && mkfifo /run/session/stdout; exit 0'
	separate timeout 15 env-step -e "$ep" -- 'echo next'
	expect .stdout '"next\n"'
}

@test "a program that waits for an episode's lock ends when it is asked to" {
	local holder waiter
	graded "$file_check" '{"limits": {"step_s": 10}}'
	env-step -e "$ep" -- 'sleep 3' >/dev/null 3>&- &
	holder=$!
	sleep 0.5
	env-step -e "$ep" -- true >/dev/null 2>&1 3>&- &
	waiter=$!
	sleep 0.3
	kill "$waiter"
	local start=$SECONDS
	wait "$waiter" || true
	((SECONDS - start < 2))
	wait "$holder"
}

@test "a journal that holds nonsense is named, and its box can be ended all the same" {
	graded "$file_check"
	local journal=$PIPEGYM_STATE/episodes/$ep/journal.jsonl
	cp "$journal" saved
	echo '{"entry":"verdict","step":0,"ended":false,"verdict":7}' | seal >>"$journal"
	separate env-verify "$ep"
	[ "$status" = 4 ]
	[[ $stderr == *'a verdict without a status'* ]]
	cp saved "$journal"
	echo garbage >>"$journal"
	separate env-close "$ep"
	[ "$status" = 4 ]
	cp saved "$journal"
	[ "$(env-list --dead | jq -r .state)" = dead ]
	: >"$journal"
	separate env-step -e "$ep" -- true
	[ "$status" = 4 ]
	cp saved "$journal"
}

@test "of two that close an episode, one prints its rollout" {
	graded "$file_check"
	env-close "$ep" >one 2>/dev/null 3>&- &
	env-close "$ep" >two 2>/dev/null || true
	wait $! || true
	[ "$(cat one two | jq -c 'select(.type == "rollout")' | wc -l)" = 1 ]
}

@test "a root without what a shell needs, or that nobody may enter, is the agent's doing" {
	graded "$file_check"
	act 'rm /bin; exit'
	act true
	expect '[.exit, .info]' '[127,{"shell":"ended"}]'
	verdict fail
	act 'cat greeting.txt; /usr/bin/true' || true
	for command in 'rm /lib64; exit' 'chmod 0 /; exit'; do
		env-close "$ep" >/dev/null
		open_episode e
		act "$command"
		act true
		expect '[.exit > 125, .info]' '[true,{"shell":"ended"}]'
		verdict fail
	done
}

@test "a root that nobody may enter blinds neither deadlines nor limits" {
	separate timeout 20 box-run -t 1 -- sh -c 'chmod 0 /; while :; do :; done'
	[ "$status" = 124 ]
	graded '[{"name": "c", "type": "command", "command": "bash program.sh", "timeout_s": 0.5}]' '{"limits": {"memory_mib": 64}}'
	act 'echo "chmod 0 /; while :; do :; done" >program.sh'
	verdict fail
	expect '.checks[0].reason' '"the time limit was exceeded"'
	act "python3 -c 'import mmap, os; os.chmod(\"/\", 0); x = mmap.mmap(-1, 1 << 28); [x.write(bytes(1 << 20)) for i in range(256)]'; echo \$?"
	expect '.info.limit' '"oom"'
}

@test "a process that lets itself be continued neither runs on after submit nor holds up a copy of the workspace" {
	graded '[{"name": "c", "type": "command", "command": "a=$(cat log | wc -l); sleep 0.2; [ $a = $(cat log | wc -l) ] && echo 42", "stdout": "42"}]' '{"limits": {"disk_mib": 64}}'
	# A timer of 1 ms whose signal is SIGCONT; what is about to copy the workspace is stopped.
	act 'for i in {1..5000}; do echo >f$i; done; cat >on.py <<"END"
import ctypes, os, signal
libc = ctypes.CDLL(None)
event = (ctypes.c_int * 16)(0, 0, 18, 0)
timer = ctypes.c_void_p()
print(libc.timer_create(1, event, ctypes.byref(timer)), flush=True)
libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 1000000, 0, 1000000), None)
log = open("log", "a")
while True:
    log.write("x\n")
    log.flush()
    last = int(open("/proc/sys/kernel/ns_last_pid").read())
    for pid in range(max(last - 1, os.getpid() + 1), last + 3):
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError:
            pass
END
python3 on.py & sleep 0.5'
	expect .stdout '"0\n"'
	verdict pass
	separate timeout 20 env-step -e "$ep" <<<'{"tool":"submit"}'
	expect .reward 1
	[ -z "$(pgrep -P "$(box_pid "$ep")")" ]
}
