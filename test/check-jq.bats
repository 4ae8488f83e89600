#!/usr/bin/env bats
# jq checks: what a condition sees, what its output means, and what a hostile one cannot do.

load helper
load episode
load grading

setup() {
	common_setup
	need_box
}

# condition PROGRAM: a check of it, alone.
condition() {
	jq -cn --arg condition "$1" '[{name: "c", type: "jq", $condition}]'
}

# errors: of each "PROGRAM | REASON" on stdin, NULs for newlines in a program: the verdict is error, for this reason.
errors() {
	local line count=0 tasks=()
	while IFS= read -r line; do
		tasks+=("unit/e$((count += 1))")
		fixture_task "unit/e$count" "$(jq -cn --argjson checks "$(condition "$(printf '%b' "${line% | *}")")" '{$checks}')"
		echo "${line##* | }" >>reasons
	done
	env-reset --id e "${tasks[@]}" >/dev/null
	separate env-verify -j 2 "${tasks[@]/#unit\/e/e-}"
	[ "$status" = 4 ]
	echo "$output" >verdicts
	jq -rs 'sort_by(.episode[2:] | tonumber)[] | if .status == "error" and .reward == null then .reason else tojson end' verdicts >actual
	[[ $(wc -l <actual) == "$count" ]]
	paste -d '\n' reasons actual | awk 'NR % 2 { wanted = $0; next } index($0, "check c: ") != 1 || !index($0, wanted) { print wanted ", but: " $0; bad = 1 } END { exit bad }'
}

@test "true, false and numbers from 0 to 1 are scores; nothing else is" {
	task "$(jq -cn '[["t", "true"], ["f", "false"], ["half", "0.5"], ["one", "1"], ["zero", "-0"]] |
		map({name: .[0], type: "jq", condition: .[1]})')" '{"reward": "weighted"}'
	verdict fail 0.5
	expect '[.checks[] | [.score, .passed]]' '[[1,true],[0,false],[0.5,false],[1,true],[0,false]]'
	expect '[.checks[].reason]' '[null,"the condition does not hold","the condition does not hold",null,"the condition does not hold"]'
	env-close "$ep" >/dev/null
	errors <<-'END'
		1.001 | its output, 1.001, is not from 0 to 1
		-1 | its output, -1, is not from 0 to 1
		nan | its output is no number, but of type null
		infinite | is not from 0 to 1
		1e999 | is not from 0 to 1
		"1" | its output is no number, but of type string
		{} | of type object
	END
}

@test "what goes wrong is told apart" {
	errors <<-'END'
		.a + | not a jq program: syntax error
		true |\n  nonsense | not a jq program: nonsense/0 is not defined at <top-level>, line 2
		.answer.x.y | error("the \\(1 + 1)nd") | it raised an error: the 2nd
		empty | it has no output
		true, true | it has more than one output
		def f: f; f | it took too long
		[300000000] as $p | null | setpath($p; 1) | true | it took too much memory
	END
}

@test "what a condition sees: the checks before it, the steps, the answer" {
	task '[{"name": "a", "type": "file", "path": "a", "weight": 2}, {"name": "see", "type": "jq", "condition": "error(tojson)"}, {"name": "b", "type": "file", "path": "b"}]'
	act 'echo out; echo err >&2'
	quiet env-step -e "$ep" <<<'{"tool": "nosuch", "id": "i", "tag": [1]}'
	verdict error null
	field .reason | sed 's/.*it raised an error: //' >seen
	# A reason is cut; the whole is what a judge gets (check-judge.bats).
	[[ $(<seen) == '{"checks":[{"name":"a","weight":2,"score":0,"passed":false,"reason":"a is missing"}],"steps":[{"action":{"tool":"shell",'* ]]
	env-close "$ep" >/dev/null
	task "$(condition '.answer == "42" and (.steps | length == 2) and (.steps | map(.observation | keys) | add | any(. == "timing" or . == "episode") | not)
		and .steps[0].observation.stdout == "out\n" and .steps[0].action.args.command == "echo out"
		and .steps[1].observation.info.invalid and .steps[1].action.tool == "nosuch" and .checks == []')"
	act 'echo out'
	quiet env-step -e "$ep" <<<'"x"'
	quiet env-step -e "$ep" <<<'{"tool": "submit", "args": {"answer": "41"}}'
	expect '[.reward, .info.verdict]' '[0,"fail"]'
}

@test "no action makes what a condition sees too large to be looked at" {
	task "$(condition 'any(.steps[]; .action.tool == "read_file" or .action.tag or .observation.tag)')"
	jq -cn '[range(20000) | []] | {tool: "shell", args: {command: "true", x: .}}, {tool: "shell", args: {command: "true"}, tag: .}' >actions
	separate env-step -e "$ep" <actions
	[ "$status" = 3 ]
	expect '[.type, .reason, (.tag | length), .exit]' '["error","the action has more than 1000 values",0,null]
["observation",null,20000,0]'
	verdict fail 0
}

@test "submit, env-verify and rollout-replay see the same, whatever was submitted before" {
	# Scores that tell how many steps and how many submits are seen, and what was answered.
	task '[{"name": "n", "type": "jq", "condition": "(.steps | length) / 100"},
		{"name": "s", "type": "jq", "condition": "([.steps[] | select(.action.tool == \"submit\")] | length) / 10"},
		{"name": "a", "type": "jq", "condition": "(.answer // \"0\") | tonumber / 10"}]' '{"attempts": 9, "reward": "weighted"}'
	local step
	verdict fail 0
	for step in '{"tool": "submit", "args": {"answer": "1"}}' '{"tool": "submit", "args": {"answer": "2"}}' '"true"' '{"tool": "submit", "args": {"wrong": 1}}' \
		'{"tool": "submit"}' '{"tool": "nosuch"}' '{"tool": "submit", "args": {"answer": "3"}}'; do
		quiet env-step -e "$ep" <<<"$step"
		expect '.info.verdict // "none"' "$([[ $step == *submit* && $step != *wrong* ]] && echo '"fail"' || echo '"none"')"
		jq -c .reward <<<"$output" >>rewards
		separate env-verify --again "$ep"
		jq -c '[.checks[].score]' <<<"$output" >>scores
	done
	diff scores - <<-'END'
		[0,0,0.1]
		[0.01,0.1,0.2]
		[0.03,0.2,0.2]
		[0.04,0.3,0.2]
		[0.04,0.3,0]
		[0.06,0.4,0]
		[0.06,0.4,0.3]
	END
	# An invalid submit is none: it has not used up an attempt.
	expect '.info.attempts_left' 5 "$(rollout-log "$ep" | jq '.steps[-1].observation')"
	env-close "$ep" >rollout
	[[ $(jq -c '.steps[6].observation.reward == .verdict.reward' rollout) == true ]]
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match, .matched]' '["exact",true,7]'
}

@test "a condition is a function of what it sees: no files, no environment, no clock, no modules" {
	echo 'def leaked: true;' >.jq
	HOME=$T SECRET=1 JQ_LIBRARY_PATH=$T task "$(condition '($ENV == {}) and (env == {}) and (0 | localtime | mktime == 0)')"
	HOME=$T SECRET=1 TZ=Asia/Tokyo verdict pass 1
	env-close "$ep" >/dev/null
	export HOME=$T
	errors <<-'END'
		leaked | leaked/0 is not defined
		now | now is not for programs of tasks
		input | input is not for programs of tasks
		true | halt_error | halt_error is not for programs of tasks
		import "x" as x; true | not a jq program: syntax error, unexpected import
	END
}

@test "hostile conditions cost their own task's grade, and no more" {
	local start=$SECONDS
	errors <<-'END'
		[range(1e12)] | it took too
		"a" * 1e10 | check c: it
		[][1e9] = 1 | check c: it
	END
	((SECONDS - start < 60))
	# And what comes after it is graded as ever.
	fixture_task unit/bad "$(jq -cn --argjson checks "$(condition '[300000000] as $p | null | setpath($p; 1)')" '{$checks}')"
	fixture_task unit/good "$(jq -cn --argjson checks "$(condition 'true')" '{$checks}')"
	env-reset --id h unit/bad unit/good unit/good >/dev/null
	separate env-verify -j 2 h-1 h-2 h-3
	[ "$status" = 4 ]
	[[ $(jq -sc 'map(.status) | sort' <<<"$output") == '["error","pass","pass"]' ]]
}

@test "a condition in a set of one line a task; what a definition cannot hold" {
	mkdir -p tasks
	jq -cn '{name: "one", title: "t", category: "c", difficulty: "easy", prompt: "p",
		checks: [{name: "c", type: "jq", condition: "true", visible: true}]}' >tasks/lines.jsonl
	export PIPEGYM_TASKS=$T/tasks
	quiet task-list --json
	expect .id '"lines/one"'
	local bad
	while IFS='|' read -r bad reason; do
		jq -c ".checks[0] |= ($bad)" tasks/lines.jsonl >other
		mkdir -p bad
		mv other bad/lines.jsonl
		separate task-list -T bad --json
		[[ $stderr == *"$reason"* ]] || { echo "$bad: $stderr"; false; }
	done <<'END'
del(.condition)|.checks[0].condition: is missing
.condition = ""|.checks[0].condition: must not be empty
.condition = 1|.checks[0].condition: must be a string, not number
.visible = 1|.checks[0].visible: must be true or false
.steps = 1|.checks[0].steps: unknown key
END
}

@test "the manual's examples of checks are checks" {
	awk '/^\.Ss Checks/ { on = 1 } /^\.Sh TEXT/ { on = 0 } /^\.Ed/ { block = 0 } on && block { gsub(/\\e/, "\\"); print } /^\.Bd -literal/ { block = 1 }' \
		"$SRC/man/pipegym-task.5" >examples
	[[ $(jq -s 'map(.type) | unique | length' examples) -ge 6 ]]
	fixture_task unit/examples "$(jq -sc '{checks: .}' examples)"
	quiet task-list --missing unit/examples --json
	expect .id '"unit/examples"'
	# And the jq ones among them have a score, also where nothing was done.
	task "$(jq -sc 'map(select(.type == "jq"))' examples)" '{"reward": "weighted"}'
	separate env-verify --again "$ep"
	((status <= 1))
	quiet env-step -e "$ep" <<<'{"tool": "read_file", "args": {"path": "x"}}'
	verdict pass 1
}
