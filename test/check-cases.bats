#!/usr/bin/env bats
# Programs against lists of cases, commands that are the grader's own, and the forms in which answers are compared.

load helper
load episode
load grading

setup() {
	common_setup
	need_box
}

# adds: what the agent writes in most of these tests.
adds() {
	act 'printf "%s\n" "import sys" "a, b = map(int, sys.stdin.read().split())" "print(a + b)" >add.py'
}

# cases_task CASES [JSON]: a task with one check of add.py; JSON is merged over it.
cases_task() {
	local more=${2:-'{}'}
	task "$(jq -cn --argjson cases "$1" --argjson more "$more" \
		'[{name: "adds", type: "cases", command: ["python3", "add.py"], $cases} + $more]')"
}

@test "cases: each counts by its weight, and the verdict says how many passed" {
	cases_task '[{"stdin": "1 2", "stdout": "3"}, {"stdin": "-1 1\n", "stdout": {"equals": "0\n"}, "weight": 3},
		{"stdin": "x", "stdout": "0"}, {"stdin": "", "exit": 1, "stderr": {"contains": "ValueError"}}]'
	adds
	verdict fail 0
	expect '.checks[0] | [.score, .passed, .cases, .reason]' \
		'[0.8333333333333334, false, {"passed": 3, "count": 4}, "case 3: another exit status"]'
	separate env-verify --text "$ep"
	[[ $output == *'adds (3 of 4): case 3: another exit status'* ]]
	act 'printf "%s\n" "print(0)" >add.py'
	verdict fail 0
	expect '.checks[0] | [.score, .cases, .reason]' '[0.6666666666666666, {"passed": 2, "count": 4}, "case 1: stdout: not what is expected"]'
	act 'rm add.py'
	verdict fail 0
	expect '.checks[0] | [.score, .cases.passed]' '[0, 0]'
}

@test "cases: all of them, with arguments, is a pass" {
	cases_task '[{"args": ["a b", ""], "stdout": "a b,"}, {"args": ["$HOME"], "stdout": {"equals": "$HOME\n"}}, {"stdout": ""}]'
	act 'printf "%s\n" "import sys" "print(*sys.argv[1:], sep=\",\")" >add.py'
	verdict pass 1
	expect '.checks[0] | [.score, .passed, .cases, .reason]' '[1, true, {"passed": 3, "count": 3}, null]'
}

@test "cases: a shell command gets the arguments as \$1, \$2" {
	task '[{"name": "sh", "type": "cases", "command": "cat - \"$1\"; echo \"$#\"", "cases": [{"args": ["f", "x"], "stdin": "in\n", "stdout": "in\nfile\n2"}]}]'
	act 'echo file >f'
	verdict pass 1
}

@test "cases: a weight of 0 changes nothing" {
	cases_task '[{"stdin": "1 2", "stdout": "3"}, {"stdin": "1 2", "stdout": "4", "weight": 0}]'
	adds
	verdict pass 1
	expect '.checks[0] | [.cases, .reason]' '[{"passed": 1, "count": 2}, null]'
}

@test "cases: of a visible one the reason tells all, of a hidden one its number and the form" {
	local cut
	cases_task '[{"name": "example", "visible": true, "stdin": "1 2", "stdout": "SECRET"}, {"stdin": "1 1", "stdout": "2"}]'
	adds
	verdict fail 0
	reason 'adds: case 1 (example): stdout: not what is expected; expected "SECRET", got "3\n"'
	# Escape sequences, NULs and ill-formed bytes are printable, and long texts are cut.
	act 'echo "import os; os.write(1, bytes([27]) + b\"[2J\" + bytes([0, 255]) + b\"y\" * 100000)" >add.py'
	verdict fail 0
	jq -e '.checks[0].reason | length < 400 and contains("got \"\\u001b[2J\\u0000\ufffdyyy") and endswith("y\"...")' <<<"$output"
	act 'echo "import sys; sys.exit(\"x\" * 5000 + \"the end\")" >add.py'
	verdict fail 0
	jq -e '.checks[0].reason | length < 400 and startswith("case 1 (example): exit status 1; stderr ends \"xxx") and endswith("the end\\n\"")' <<<"$output"
	cut='[{"visible": true, "exit": null, "stdout": "'$(printf 'é%.0s' {1..200})'"}]'
	env-close "$ep" >/dev/null
	cases_task "$cut"
	adds
	verdict fail 0
	jq -e '.checks[0].reason | length < 300 and test("expected \"é*\\.\\.\\., got \"\"$")' <<<"$output"
	env-close "$ep" >/dev/null
	cases_task '[{"name": "of zero", "stdin": "1 2", "stdout": "SECRET"}]'
	adds
	verdict fail 0
	expect '.checks[0].reason' '"case 1: stdout: not what is expected"'
	# A program cannot tell what it saw by how it ends.
	act 'echo "import sys; sys.exit(int(sys.stdin.read()[0]) + 40)" >add.py'
	verdict fail 0
	expect '.checks[0].reason' '"case 1: another exit status"'
	act 'echo "import os; os.kill(os.getpid(), 9)" >add.py'
	verdict fail 0
	expect '.checks[0].reason' '"case 1: killed by a signal"'
}

@test "cases: each has its own limits of time and memory" {
	cases_task '[{"args": ["0", "1"], "stdout": "done", "timeout_s": 0.5}, {"args": ["0.7", "1"], "stdout": "done", "timeout_s": 0.5},
		{"args": ["0.7", "1"], "stdout": "done"}, {"args": ["0", "60"], "stdout": "done"}, {"args": ["0", "60"], "stdout": "done", "memory_mib": 32}]' \
		'{"timeout_s": 5, "memory_mib": 200}'
	act 'printf "%s\n" "import sys, time" "x = b\"x\" * (int(sys.argv[2]) << 20)" "time.sleep(float(sys.argv[1]))" "print(\"done\")" >add.py'
	# The first is met on a busy machine too: it is only the limit that is short.
	verdict fail 0
	jq -e '.checks[0].cases.passed | . == 3 or . == 2' <<<"$output"
	reason 'time limit'
}

@test "cases: after ten time-outs no further one is run" {
	local start=$SECONDS
	cases_task "$(jq -cn '[range(3000) | {stdout: ""}]')" '{"timeout_s": 0.1}'
	act 'echo "while True: pass" >add.py'
	verdict fail 0
	expect '.checks[0] | [.score, .cases]' '[0, {"passed": 0, "count": 3000}]'
	((SECONDS - start < 100))
}

@test "cases: each is a process of its own, in files of its own" {
	cases_task '[{"stdout": "0 0"}, {"stdout": "0 0"}, {"stdout": "0 0"}, {"stdout": "0 0"}]'
	act 'printf "%s\n" "import glob, os" "print(len(glob.glob(\"mark*\")), len(glob.glob(\"/tmp/mark*\")))" \
		"open(\"mark\", \"w\"); open(\"/tmp/mark%d\" % os.getpid(), \"w\")" "if os.fork() == 0: import time; time.sleep(1000)" >add.py'
	verdict pass 1
}

@test "cases in a file of the task, which no box shows" {
	cases_task '"cases/add.jsonl"'
	env-close "$ep" >/dev/null
	mkdir tasks/unit/graded/cases
	for i in {1..50}; do
		printf '{"stdin": "%s 2", "stdout": "%s"}\n' "$i" $((i + 2))
	done >tasks/unit/graded/cases/add.jsonl
	env-reset --id g unit/graded >/dev/null
	adds
	verdict pass 1
	expect '.checks[0].cases' '{"passed": 50, "count": 50}'
	act 'printf "%s\n" "import subprocess" "print(subprocess.run([\"grep\", \"-rlsF\", \"1 2\\\", \\\"stdout\", \"/\", \"--exclude-dir=proc\", \"--exclude-dir=usr\"]))" >add.py; python3 add.py; true'
	[[ $(field .stdout) != *add.jsonl* ]]
}

@test "cases in a file that is missing, broken or not one of cases: error" {
	local line why
	cases_task '"add.jsonl"'
	while IFS='|' read -r line why; do
		env-close "$ep" >/dev/null
		printf '%b' "$line" >tasks/unit/graded/add.jsonl
		[[ -n $line ]] || rm tasks/unit/graded/add.jsonl
		env-reset --id g unit/graded >/dev/null
		verdict error null
		reason "$why"
	done <<'END'
|graded/add.jsonl: is missing
{"stdout": "a"}\n{\n|graded/add.jsonl: line 2:
{"stdout": "a"}\n{"stdout": 1}\n|graded/add.jsonl: [1].stdout: must be
{"stdout": "a", "weight": 0}|no case has a weight
END
}

@test "cases: what is no list of cases is refused with its place" {
	local given why
	while IFS='|' read -r given why; do
		fixture_task unit/graded "$(jq -cn --argjson cases "$given" '{checks: [{name: "c", type: "cases", command: "x", $cases}]}')"
		fails 3 env-reset unit/graded
		[[ $stderr == *".checks[0].cases$why"* ]] || { echo "$stderr"; false; }
	done <<'END'
[]|: must have 1 to 5000 elements
[{"stdin": "x"}]|[0]: needs "stdout", "stderr" or "exit"
[{"stdout": "x"}, {"stdout": 1}]|[1].stdout: must be a string or an object
[{"stdout": "x", "exit": 256}]|[0].exit: must be a whole number
[{"stdout": "x", "args": ["a", 1]}]|[0].args[1]: must be a string
[{"stdout": "x", "output": 1}]|[0].output: unknown key
[{"stdout": "x", "weight": 0}]|: no case has a weight
"tests/cases.jsonl"|: must not be in tests
"../cases.jsonl"|: must be a relative path
7|: must be an array or the name of a file
END
}

@test "trusted: a command of the grader's own that fails to judge is an error" {
	local command timeout wanted
	while IFS='|' read -r command timeout wanted; do
		task "$(jq -cn --arg command "$command" --argjson timeout "$timeout" '[{name: "t", type: "command", $command, trusted: true, timeout_s: $timeout}]')"
		# shellcheck disable=SC2086 # a status and a reward
		verdict $wanted
		env-close "$ep" >/dev/null
	done <<'END'
true|20|pass 1
exit 1|20|fail 0
exit 125|20|fail 0
exit 126|20|error null
no-such-program|20|error null
kill -9 $$|20|error null
sleep 30|1|error null
head -c 9000000 /dev/zero; exit 1|20|error null
END
	task '[{"name": "t", "type": "command", "command": "echo why >&2; exit 127", "trusted": true, "exit": null}]'
	verdict error null
	reason 'check t: exit status 127 of the trusted command: why'
	env-close "$ep" >/dev/null
	task '[{"name": "t", "type": "command", "command": "sleep 30", "timeout_s": 0.3}]'
	verdict fail 0
}

# submits ANSWER: what submit makes of it, in $output.
submits() {
	quiet env-step -e "$ep" <<<"$(jq -cn --arg answer "$1" '{tool: "submit", args: {$answer}}')"
}

@test "the answers of the manual's examples" {
	local name good bad
	while IFS='|' read -r name good bad; do
		task "[$(manual_check "$name")]" '{"attempts": 2}'
		submits "$(printf '%b' "$bad")"
		expect '[.reward, .info.verdict]' '[0, "fail"]' || { echo "$name: $bad"; false; }
		submits "$(printf '%b' "$good")"
		expect '[.reward, .info.verdict]' '[1, "pass"]' || { echo "$name: $good"; false; }
		env-close "$ep" >/dev/null
	done <<'END'
roots| -1.41421\n1.41421\n|1.4142 -1.4142
colours|Blue, red,\ngreen|red, green
flag|flag{fourteen}|flag{fifteen}
mean|{"mean": 0.3333, "n": 3}|{"mean": 0.4, "n": 3}
answer|3.145|3.16
END
}

@test "the manual's examples of cases and of a trusted command" {
	task "[$(manual_check adds)]"
	act 'printf "%s\n" "import sys" "try: print(sum(map(float, sys.stdin.read().split())))" "except ValueError: sys.exit(\"not a number\")" >add.py'
	verdict fail 0
	reason 'adds: case 1: stdout: not what is expected; expected "3", got "3.0\n"'
	act 'sed -i "s/float,/eval,/; s/ValueError/NameError/" add.py'
	verdict pass 1
	act 'echo "print(3)" >add.py'
	verdict fail 0
	expect '.checks[0] | [.score, .cases]' '[0.25, {"passed": 1, "count": 3}]'
	env-close "$ep" >/dev/null
	task "[$(manual_check layout)]"
	env-close "$ep" >/dev/null
	mkdir -p tasks/unit/graded/tests
	printf '#!/bin/bash\n[ "$(wc -l <report.txt)" -le 40 ]\n' >tasks/unit/graded/tests/layout.sh
	env-reset --id g unit/graded >/dev/null
	act 'seq 40 >report.txt'
	verdict pass 1
	act 'seq 41 >report.txt'
	verdict fail 0
}
