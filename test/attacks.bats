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
