#!/usr/bin/env bats
# task-check: which tasks it lets through, and what it says of those it does not.

load helper
load episode

setup() {
	common_setup
	need_box
	mkdir "$T/tasks"
}

# add NAME JSON: a sound task, with JSON merged over it, as a line of the set "t".
add() {
	merged '{"title": "Count", "category": "bash", "difficulty": "easy",
		"prompt": "Write the number of lines of list to count.txt, as lines N.",
		"files": {"list": "one\ntwo\nthree\n"},
		"checks": [{"name": "count", "type": "file", "path": "count.txt", "content": "lines 3"}],
		"solution": ["echo \"lines $(wc -l <list)\" >count.txt", {"tool": "submit", "args": {}}],
		"cheats": {"guess": ["echo lines 7 >count.txt", {"tool": "submit"}]}}' "{\"name\": \"$1\"}" "$2" >>"$T/tasks/t.jsonl"
}

# failed: of each report a line "NAME STATUS TEST: REASON; ...", sorted.
failed() {
	jq -r '"\(.task | ltrimstr("t/")) \(.status)" + ([.tests[] | select(.passed != true) |
		" \(.name): \(.reason);"] | add // "")' <<<"$output" | sort
}

@test "every task that ships is fit for use" {
	shipped --missing >all
	separate task-check -j 2 <all
	jq -r 'select(.status != "pass") | "\(.task): \(.reason)"' <<<"$output" >wrong
	cat wrong
	[ ! -s wrong ]
	[ "$(wc -l <<<"$output")" = "$(wc -l <all)" ]
	((${#lines[@]} >= 4))
	[ "$status" = 0 ] && [ -z "$stderr" ]
	expect '[length, (map([.tests[].name | select(. != "seed")] | .[:8]) | unique), (map(.tests | length) | min >= 11)]' \
		"[${#lines[@]},[[\"schema\",\"requires\",\"prompt\",\"hidden\",\"solution\",\"repeat\",\"nothing\",\"submit\"]],true]" "$(jq -s . <<<"$output")"
	# All of it was private.
	[ ! -e "$PIPEGYM_STATE" ]
}

@test "a report has these fields, and a person gets a row" {
	add good '{}'
	quiet task-check -T tasks t/good
	expect 'del(.timing, .digest)' '{"type":"gate","task":"t/good","status":"pass","reason":null,"tests":[
		{"name":"schema","passed":true},{"name":"requires","passed":true},{"name":"prompt","passed":true},
		{"name":"hidden","passed":true},{"name":"solution","passed":true,"reward":1},{"name":"repeat","passed":true},
		{"name":"nothing","passed":true,"reward":0},{"name":"submit","passed":true,"reward":0},
		{"name":"random","passed":true,"reward":0},{"name":"cheat guess","passed":true,"reward":0}]}'
	expect '[(.timing | keys), .digest]' "[[\"solution_ms\",\"wall_ms\"],$(task-list -T tasks | jq .digest)]"
	quiet task-check -T tasks --text t/good
	[[ $output == 't/good '*' pass '*'10 of 10 tests '*' s  solution '*' s' ]]
}

@test "each test finds what it is for" {
	add solution-none '{"solution": []}'
	add solution-wrong '{"solution": ["echo lines 4 >count.txt", {"tool": "submit"}]}'
	add solution-unsent '{"solution": ["echo lines 3 >count.txt"]}'
	add solution-invalid '{"solution": ["echo lines 3 >count.txt", {"tool": "nosuch"}, {"tool": "submit"}]}'
	add solution-long '{"solution": ["echo lines 3 >count.txt", {"tool": "submit"}, "true"]}'
	add repeat '{"solution": ["cat /proc/sys/kernel/random/uuid; echo lines 3 >count.txt", {"tool": "submit"}]}'
	add nothing '{"files": {"count.txt": "lines 3\n"}}'
	add submit '{"checks": [{"name": "empty", "type": "answer", "answer": {"equals": ""}}], "solution": [{"tool": "submit", "args": {"answer": ""}}]}'
	add random '{"prompt": "Make the file full-report.txt.", "checks": [{"name": "c", "type": "command", "command": "[ -e full-report.txt ]"}, {"name": "d", "type": "file", "path": "d", "content": "d"}], "reward": "weighted", "solution": ["touch full-report.txt; echo d >d", {"tool": "submit"}]}'
	add cheat '{"cheats": {"known": ["echo lines 3 >count.txt", {"tool": "submit"}], "no-cheat": [{"tool": "none"}]}}'
	add prompt '{"prompt": "Which word? Not ZEBRAS, zebra: 12.50!", "checks": [{"name": "w", "type": "answer", "answer": "Zebra"}, {"name": "n", "type": "answer", "answer": {"number": 12.5, "tolerance": 100}}], "solution": [{"tool": "submit"}]}'
	add setup '{"setup": "echo broken >&2; exit 3"}'
	add step-reward '{"step_reward": {"jq": "if .step > 1 then {} else 0 end"}, "solution": ["true", "echo lines 3 >count.txt", {"tool": "submit"}]}'
	add program '{"checks": [{"name": "j", "type": "jq", "condition": "foo("}], "solution": [{"tool": "submit"}]}'
	add statement '{"checks": [{"name": "p", "type": "python", "asserts": ["assert f("]}], "files": {"solution.py": ""}, "solution": [{"tool": "submit"}]}'
	separate task-check -T tasks -j 2 t/{step-reward,program,statement,solution-{none,wrong,unsent,invalid,long},repeat,nothing,submit,random,cheat,prompt,setup}
	failed >found
	sed -i -E 's/(differs: |syntax error|asserts.0.: line 1: ).*/\1.../; s/[(]digest.*/.../' found
	diff - found <<-'EXPECTED'
		cheat fail cheat known: it scores 1, more than 0: count; cheat no-cheat: action 1: unknown tool: none;
		nothing fail nothing: it scores 1, more than 0: count; submit: it scores 1, more than 0: count;
		program fail solution: check j: not a jq program: syntax error...
		prompt fail prompt: it holds what the check w expects; solution: it scores 0: w: answer: there is none;
		random fail random: it scores 0.5, more than 0: c;
		repeat fail repeat: step 1: stdout differs: ...
		setup fail hidden: task t/setup: setup.sh ended with status 3: broken ;
		solution-invalid fail solution: action 2: unknown tool: nosuch;
		solution-long fail solution: the episode ends at action 2 of 3;
		solution-none fail solution: there is none;
		solution-unsent fail solution: it does not end with submit;
		solution-wrong fail solution: it scores 0: count: count.txt: not what is expected;
		statement fail solution: check p: asserts[0]: line 1: ...
		step-reward fail solution: step_reward: step 2: it is no number of the range; random: step_reward: step 2: it is no number of the range;
		submit fail submit: it scores 1, more than 0: empty;
	EXPECTED
	[ "$status" = 1 ]
	[ -z "$stderr" ]
}

@test "hidden: by name and by content, in files, variables, arguments and open files" {
	local long='awk "END { print \"lines \" NR }" list >count.txt'
	local solution
	solution=$(jq -n --arg c "$long" '{solution: ["ls", $c, {tool: "submit"}]}')
	local tests='{"tests": {"cases/input-two.txt": "a hidden text that is long enough to be told\n"}}'
	local expected='{"checks": [{"name": "c", "type": "file", "path": "count.txt", "content": {"contains": "lines 3", "excludes": "this is a long text that must not be"}},
		{"name": "d", "type": "command", "command": "cat count.txt", "stdout": {"matches": "3$"}, "stderr": {"excludes": "a"}}]}'
	add none "$solution"
	add in-files "$(jq -n --arg c "$long" "$solution * {files: {\"done.sh\": (\"#!/bin/bash\n\" + \$c + \"\n\")}}")"
	add as-actions "$(jq -n --arg c "$long" "$solution * {files: {notes: (\$c | tojson)}}")"
	add body "$(jq -n --arg c "$long" '{solution: ["cat >count.sh <<X\n\($c)\nX", "bash count.sh", {tool: "submit"}], files: {"old.sh": $c}}')"
	add argument "$(jq -n --arg c "$long" "$solution * {setup: (\"exec 3>&1 >/dev/null 2>&1; bash -c 'echo >/tmp/up; sleep 60; :' x '\" + \$c + \"' & disown; for i in {1..500}; do [[ -e /tmp/up ]] && break; sleep 0.01; done\")}")"
	add name "$(jq -n "$tests * {files: {\"sub/input-two.txt\": \"other\"}, setup: \"mv sub/input-two.txt . ; cp input-two.txt input-one.txt\"}")"
	add name-elsewhere "$(jq -n "$tests * {setup: \"echo other >/var/tmp/input-two.txt\"}")"
	add tests-content "$(jq -n "$tests * {setup: \"mkdir -p /tmp/.x; { echo head; echo a hidden text that is long enough to be told; } >/tmp/.x/y\"}")"
	add tests-folder '{"setup": "mkdir /tests"}'
	add tests-given "$(jq -n "$tests * {files: {\"input-two.txt\": \"a hidden text that is long enough to be told\n\"}}")"
	add large "$(jq -n '([range(3000)] | map("row \(.)") | join("\n")) as $t | {tests: {"rows.csv": $t}, files: {x: ("before\n" + $t + "\nafter\n")}}')"
	add large-other "$(jq -n '([range(3000)] | map("row \(.)") | join("\n")) as $t | {tests: {"rows.csv": ($t + "\none more\n")}, files: {x: $t}}')"
	add script '{"setup": "cat >script <<< \"$BASH_EXECUTION_STRING$script\"; : to be kept from the agent"}'
	add expects "$(jq -n '{files: {old: "lines 3 and then something"}, checks: [{name: "c", type: "command", command: "cat count.txt", stdout: {contains: "lines 3 and then something"}}]}')"
	add expects-visible "$(jq -n '{files: {old: "lines 3 and then something"}, checks: [{name: "c", visible: true, type: "command", command: "cat count.txt", stdout: {contains: "lines 3 and then something"}}], solution: ["echo lines 3 and then something >count.txt", {tool: "submit"}]}')"
	add excludes "$(jq -n "$expected * {files: {old: \"this is a long text that must not be\"}}")"
	separate bash -o pipefail -c 'task-list -T tasks | task-check -T tasks -j 2'
	failed | sed -n 's/^\([a-z-]*\) .* hidden: \([^;]*\);.*/\1: \2/p' >found
	diff - found <<-'EXPECTED'
		argument: the box's processes show the solution
		as-actions: the box's files show the solution
		body: the box's files show the solution
		expects: the box's files show what the check c expects
		in-files: the box's files show the solution
		large: the box's files show tests/rows.csv
		name-elsewhere: the box's files show a file of the name input-two.txt
		script: the box's files show setup.sh
		tests-content: the box's files show tests/cases/input-two.txt
		tests-folder: the box has /tests
	EXPECTED
	[ "$status" = 1 ]
}

@test "idle_reward: a bound for what is worth nothing" {
	add half '{"reward": "weighted", "files": {"keep": "kept"}, "checks": [{"name": "count", "type": "file", "path": "count.txt", "content": "lines 3"}, {"name": "keep", "type": "command", "command": "[ -e list ]"}]}'
	add stated '{"idle_reward": 0.5, "reward": "weighted", "files": {"keep": "kept"}, "checks": [{"name": "count", "type": "file", "path": "count.txt", "content": "lines 3"}, {"name": "keep", "type": "command", "command": "[ -e list ]"}]}'
	separate task-check -T tasks t/half t/stated
	[ "$status" = 1 ]
	expect '[.status, (.tests[] | select(.name == "nothing") | .passed, .reward)]' '["fail",false,0.5]
["pass",true,0.5]'
}

@test "what is malformed or not there: exit status 3, and the JSON path; the next goes on" {
	add good '{}'
	add wrong '{"limits": {"steps": 0}}'
	separate task-check -T tasks t/wrong t/nosuch t/good
	[ "$status" = 3 ]
	expect '[.task, .status, .digest == null, (.tests | length)]' '["t/wrong","fail",true,1]
["t/nosuch","fail",true,1]
["t/good","pass",false,10]'
	expect '.reason' "\"schema: tasks/t.jsonl:2: .limits.steps: must be a whole number of 1 to 100000\"
\"schema: no such task: t/nosuch\"
null"
	fails 3 task-check -T tasks <<<'{"type":"task","id":"t/good"}
{"type":"observation"}'
	expect .type '"gate"
"error"'
	separate task-check -T tasks <<<'{"type":"task","id":"t/good","digest":"sha256:00"}'
	[ "$status" = 3 ]
	[[ $(field .reason) == *'digest differs' ]]
}

@test "what cannot be found out is an error: exit status 4, and no failure of the task" {
	add good '{}'
	add needs '{"requires": ["no-such-program"]}'
	separate task-check -T tasks t/needs
	[ "$status" = 4 ]
	expect '[.status, .reason, .tests[1].passed]' '["error","requires: this host does not have no-such-program",null]'
	PIPEGYM_LIBEXEC=/nowhere separate task-check -T tasks t/good
	[ "$status" = 4 ]
	expect '[.status, .tests[3].passed, (.tests | length)]' '["error",null,4]'
}

@test "a stop signal: no report, and nothing left" {
	add slow '{"solution": ["sleep 8", {"tool": "submit"}]}'
	local pid number=0 start=$SECONDS
	task-check -T tasks t/slow >out 2>err &
	pid=$!
	sleep 0.7
	kill "$pid"
	wait "$pid" || number=$?
	[ "$number" = 143 ]
	((SECONDS - start < 7))
	[ ! -s out ]
	[ ! -e "$PIPEGYM_STATE" ]
	within 4 no_boxes
	# One that is killed cannot tidy up; its boxes know.
	task-check -T tasks t/slow >out 2>err &
	pid=$!
	sleep 0.7
	kill -9 "$pid"
	wait "$pid" || :
	within 4 no_boxes
}

@test "progress goes to a terminal's standard error, and nowhere else" {
	add good '{}'
	python3 - >shown <<'PYTHON'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", "task-check -T tasks t/good t/good >out"])
data = b""
while True:
    try:
        piece = os.read(fd, 4096)
    except OSError:
        break
    if not piece:
        break
    data += piece
os.waitpid(pid, 0)
sys.stdout.buffer.write(data)
PYTHON
	grep -q '1 of 2 tasks checked, 0 not fit' shown
	# What is left of the line is blank.
	[[ $(tail -c 2 shown | od -An -c | tr -d ' ') == *'\r' ]]
	[ "$(wc -l <out)" = 2 ]
}
