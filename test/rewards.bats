#!/usr/bin/env bats
# Rewards: of episodes and of steps, their range, penalties, attempts, and what they come to. Checks are in grade.bats.

load helper
load episode
load grading

setup() {
	common_setup
	need_box
}

# task JSON: opens an episode of a task with three checks on files, JSON merged over its definition, in $ep.
task() {
	fixture_task unit/paid '{"checks": [{"name": "a", "type": "file", "path": "a", "weight": 3},
		{"name": "b", "type": "file", "path": "b"}], "limits": {"steps": 100}}' "${1:-"{}"}"
	ep=g-1
	env-close --all -q >/dev/null
	env-reset --id g unit/paid >/dev/null
}

# set_of FILTER: of "PROGRAM | REASON" lines on stdin, a set of tasks whose definition FILTER makes of $program; all are opened as
# s-1, s-2, ..., and the reasons are in the file reasons.
set_of() {
	export PIPEGYM_TASKS=$T/sets
	mkdir -p sets
	cat >lines
	sed 's/.* | //' lines >reasons
	jq -cRn "[inputs | .[:rindex(\" | \")]] | to_entries[] | (.value as \$program | $1) + {name: \"t\\(.key + 1001)\", title: \"t\", category: \"c\", difficulty: \"easy\",
		prompt: \"p\", checks: [{name: \"a\", type: \"file\", path: \"a\"}]}" lines >sets/unit.jsonl
	task-list unit --json | env-reset --id s | jq -r .episode >opened
	[[ $(wc -l <opened) == "$(wc -l <lines)" ]]
}

# reasons FILTER: what it gives for each record of $output, in the order of the tasks, has the reasons of set_of in it.
reasons() {
	jq -rs "sort_by(.task)[] | $1" <<<"$output" >actual
	# shellcheck disable=SC2016 # awk's
	paste -d '\n' reasons actual | awk 'NR % 2 { wanted = $0; next } !index($0, wanted) { print wanted ", but: " $0; bad = 1 } END { exit bad || NR < 4 }'
}

# reason TEXT: it is the verdict's, as a whole.
reason() {
	[[ $(field .reason) == "$1" ]] || { field .reason; false; }
}

submit() {
	quiet env-step -e "$ep" <<<"{\"tool\": \"submit\", \"args\": ${1:-"{}"}}"
}

close() {
	env-close "$ep" >rollout
}

# The rollout's return, and that a replay comes to the same.
returns() {
	close
	expect .return "$1" "$(<rollout)" || return
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
}

@test "a reward by a jq program, over the checks, the steps and the answer; it can be had again from the verdict" {
	task '{"reward": {"jq": "([.checks[] | .score * .weight] | add / 4) * (if .answer == \"yes\" then 1 else 0.5 end) - 0.01 * (.steps | length)"}, "reward_range": [-1, 1]}'
	verdict fail 0
	act 'touch a'
	verdict fail 0.365
	[[ $(jq '([.checks[] | .score * .weight] | add / 4) * 0.5 - 0.01' <<<"$output") == 0.365 ]]
	act 'touch b'
	verdict pass 0.48
	submit '{"answer": "yes"}'
	expect '[.reward, .terminated]' '[0.98,true]'
	returns 0.98
	task '{"reward": {"jq": "all(.checks[]; .passed)"}}'
	verdict fail 0
	act 'touch a b'
	verdict pass 1
	close
}

@test "what is no number of the range is an error, and never a reward" {
	set_of '{reward: {jq: $program}}' <<-'END'
	1e999 | 1.797693135e+308 is not from 0 to 1
	nan | its output is no number, but of type null
	null | its output is no number, but of type null
	"1" | its output is no number, but of type string
	-0.5 | -0.5 is not from 0 to 1
	1.5 | 1.5 is not from 0 to 1
	.checks[].score, 1 | it has more than one output
	.x.y.z | error("no") | it raised an error: no
	END
	jq -cR '{episode: ., tool: "submit"}' opened >submits
	quiet env-step -j 2 <submits
	expect '[.[] | [.reward, .info.verdict, .terminated]] | unique' '[[null,"error",true]]' "$(jq -sc . <<<"$output")"
	separate env-verify -j 2 <submits
	[ "$status" = 4 ]
	reasons 'if .status == "error" and .reward == null then .reason else tojson end'
	grep -c '^reward: ' actual | grep -qx 8
	env-close -j 2 <submits >rollouts
	expect '[.[] | [.reward, .return]] | unique' '[[null,null]]' "$(jq -sc . rollouts)"
	export PIPEGYM_TASKS=$T/tasks
	task '{"reward": {"jq": "-0.5"}, "reward_range": [-0.5, 0]}'
	verdict fail -0.5
}

@test "who tampers gets the least of the range" {
	mkdir -p tasks/unit/paid/files
	echo given >tasks/unit/paid/files/given
	local checks='[{"name": "kept", "type": "file", "path": "given", "untouched": true}, {"name": "a", "type": "file", "path": "a"}]'
	task "{\"checks\": $checks, \"reward\": \"weighted\", \"reward_range\": [-2, 1]}"
	verdict fail 0.5
	act 'touch a; echo more >>given'
	verdict tampered -2
	task "{\"checks\": $checks, \"reward\": {\"jq\": \"1\"}}"
	act 'echo more >>given'
	verdict tampered 0
}

@test "a definition's rewards are looked at when it is read" {
	local patch why
	while IFS='|' read -r patch why; do
		fixture_task unit/bad "$patch"
		separate task-list --missing unit/bad
		[[ $stderr == *"task.json: $why"* ]] || { echo "$patch: $stderr"; false; }
	done <<'END'
{"reward": "wieghted"}|.reward: must be "all", "weighted" or {"jq": PROGRAM}
{"reward": 1}|.reward: must be "all", "weighted" or {"jq": PROGRAM}
{"reward": {}}|.reward.jq: is missing
{"reward": {"jq": ""}}|.reward.jq: must not be empty
{"reward": {"jq": "1", "python": "1"}}|.reward.python: unknown key
{"reward_range": [1, 0]}|.reward_range: must be [LEAST, MOST]
{"reward_range": [0, 1e999]}|
{"reward_range": [0, 1, 2]}|.reward_range: must be [LEAST, MOST]
{"reward_range": [0, null]}|.reward_range: must be [LEAST, MOST]
{"reward_range": [-1, 0.5]}|.reward_range: must hold 0 and 1, which the reward "all" can be
{"step_reward": "1"}|.step_reward: must be an object, not string
{"step_reward": {}}|.step_reward.jq: is missing
{"penalties": {"invalid": 1}}|.penalties.invalid: must be a number of -1000000000 to 0
{"penalties": {"other": -1}}|.penalties.other: unknown key
END
}

@test "a reward for each step, penalties, and what an episode returns" {
	task '{"step_reward": {"jq": "if .action.tool == \"shell\" and .observation.exit == 0 then .step / 100 else 0 end"}, "penalties": {"invalid": -1, "timeout": -0.5}}'
	act 'touch a b'
	expect '[.reward, .info]' '[0.01,{}]'
	act 'false'
	expect .reward 0
	quiet env-step -e "$ep" <<<'{"tool": "nosuch"}'
	expect '[.reward, .info.invalid]' '[-1,true]'
	quiet env-step -e "$ep" <<<'{"tool": "submit", "args": {"wrong": 1}}'
	expect '[.reward, .info.invalid, .terminated]' '[-1,true,false]'
	tool shell '{"command": "sleep 9", "timeout_s": 0.5}'
	expect '[.reward, .timeout]' '[-0.5,true]'
	submit
	expect '[.reward, .terminated]' '[1,true]'
	returns -1.49
	expect '.reward' 1 "$(<rollout)"
	# Graded without a submit, the verdict counts all the same; without a verdict nothing is known.
	task '{"step_reward": {"jq": "0.25"}}'
	act 'touch a b'
	env-step -e "$ep" -- true >/dev/null
	expect '[.reward, .return]' '[null,null]' "$(rollout-log "$ep")"
	verdict pass 1
	returns 1.5
	# gym-codecraft's: nothing but a penalty.
	task '{"penalties": {"invalid": -1}}'
	act true
	expect .reward 0
	quiet env-step -e "$ep" <<<'{"tool": "shell"}'
	expect .reward -1
}

@test "what a step's program sees: the step, the action, the observation, and nothing that differs between two runs" {
	task "$(jq -cn --arg jq 'if keys == ["action", "observation", "step"] and .action == {tool: "shell", args: {command: "echo out; (exit 3)"}}
		and .observation == {tool: "shell", stdout: "out\n", stderr: "", exit: 3, info: {}, cwd: "/workspace", terminated: false, truncated: false} and .step == 1
		then 1 else 0.5 end' '{step_reward: {$jq}}')"
	act 'echo out; (exit 3)'
	expect .reward 1
	act 'echo out; (exit 3)'
	expect .reward 0.5
}

@test "a step's program that fails is the task's fault: null, why, and not a word of its own" {
	set_of '{step_reward: {jq: $program}, penalties: {invalid: -1}}' <<-'END'
	nonsense | not a jq program
	error("secret") | it raised an error
	empty | it has no output
	1, 1 | it has more than one output
	true | it is no number of the range
	"1" | it is no number of the range
	nan | it is no number of the range
	infinite | it is no number of the range
	-1 | it is no number of the range
	[300000000] as $p | null | setpath($p; 1) | it took too much memory
	END
	jq -cR '{episode: ., tool: "nosuch"}' opened >actions
	quiet env-step -j 2 <actions
	expect '[.[] | [.reward, .info.invalid]] | unique' '[[null,true]]' "$(jq -sc . <<<"$output")"
	reasons .info.reward_error
	# Whole: nothing else is said.
	diff reasons actual
	separate env-verify -j 2 <actions
	env-close -j 2 <actions >rollouts
	expect '[.[] | [.reward, .return]] | unique' '[[0,null]]' "$(jq -sc . rollouts)"
	quiet rollout-replay -j 2 <rollouts
	expect '[.[] | .match] | unique' '["exact"]' "$(jq -sc . <<<"$output")"
}

@test "a step's reward that cannot be worked out because of the system: nothing is done, or the step is interrupted" {
	task '{"step_reward": {"jq": "1"}}'
	mkdir helpers
	ln -s "$PIPEGYM_LIBEXEC/pipegym-box" helpers/
	PIPEGYM_LIBEXEC=$T/helpers separate env-step -e "$ep" -- 'touch a'
	[ "$status" = 4 ]
	expect '[.type, .reason]' "[\"error\",\"helper $T/helpers/pipegym-jq: No such file or directory\"]"
	expect '.steps' '[]' "$(rollout-log "$ep")"
	act 'ls'
	expect '[.step, .stdout, .reward]' '[1,"",1]'
	# An interrupted step's reward is not known.
	printf '%s\n' "$(jq -cn '{entry: "action", step: 2, ended: false, action: {tool: "shell", args: {command: "true"}}}')" >entry
	seal <entry >>"$PIPEGYM_STATE/episodes/$ep/journal.jsonl"
	quiet env-step --skip -e "$ep" </dev/null
	expect '[.reward, .info.interrupted]' '[null,true]'
	verdict fail 0
	close
	expect .return null "$(<rollout)"
}

@test "attempts: the reward of each, what is left, and no reason but of what is visible" {
	task '{"attempts": 3, "reward": "weighted", "checks": [{"name": "a", "type": "file", "path": "a", "content": "s3cret"}, {"name": "seen", "type": "file", "path": "b", "visible": true}]}'
	submit
	expect '[.reward, .terminated, .info]' \
		'[0,false,{"verdict":"fail","attempts_left":2,"checks":[{"name":"seen","weight":1,"score":0,"passed":false,"visible":true,"reason":"b is missing"}]}]'
	act 'touch b'
	submit
	expect '[.reward, .terminated, .info.attempts_left, .info.checks[0].passed]' '[0.5,false,1,true]'
	[[ $output != *s3cret* && $output != *'a is missing'* ]]
	act 'echo s3cret >a'
	submit
	expect '[.reward, .terminated, .info.attempts_left, .info.verdict]' '[1,true,0,"pass"]'
	# The last one counts: attempts do not add up.
	returns 1
	task '{"attempts": 2}'
	submit
	expect '[.terminated, .info]' '[false,{"verdict":"fail","attempts_left":1}]'
	submit
	expect '[.terminated, .info]' '[true,{"verdict":"fail","attempts_left":0}]'
	separate env-step -e "$ep" <<<'{"tool": "submit"}'
	[ "$status" = 3 ]
	returns 0
	task
	submit
	expect '[.terminated, .info]' '[true,{"verdict":"fail"}]'
}

@test "many episodes side by side have the rewards that they have one by one" {
	fixture_task unit/paid '{"reward": {"jq": "(.steps | length) / 10"}, "step_reward": {"jq": "(.action.args.command | length) / 100"}, "checks": [{"name": "n", "type": "jq", "condition": ".steps | length > 2"}]}'
	env-reset --id m -n 8 unit/paid >opened
	jq -c '{episode} + ({tool: "shell", args: {command: ("a" * range(1; 5) | tostring)}}, {tool: "submit"})' opened >actions
	env-step -j 4 <actions >stepped
	[[ $(jq -sc 'group_by(.episode) | map(map(.reward)) | unique' stepped) == '[[0.01,0.02,0.03,0.04,0.4]]' ]]
	[[ $(env-close -j 4 --all | jq -sc 'map(.return * 100 | round) | unique') == '[50]' ]]
}

@test "hints: one at a time, each at its cost, also after a replay, a branch and a restoration" {
	task '{"tools": ["shell", "hint", "submit"], "hints": ["first", "second \u00e9", "third"], "penalties": {"hint": -0.25}}'
	tool hint '{}'
	expect '[.stdout, .stderr, .exit, .info, .reward]' '["first","",0,{"hint":1,"hints_left":2},-0.25]'
	act 'touch a b; echo seen'
	expect .reward 0
	tool hint '{}'
	expect '[.stdout, .info, .reward]' '["second é",{"hint":2,"hints_left":1},-0.25]'
	tool hint '{"number": 3}'
	expect '[.error, .info.invalid]' '["hint: unknown argument: number",true]'
	quiet env-fork --id b "$ep"
	quiet env-step -e b-1 <<<'{"tool": "hint", "args": {}}'
	expect '[.stdout, .info.hint]' '["third",3]'
	kill_box "$ep"
	quiet env-restore "$ep"
	tool hint '{}'
	expect '[.stdout, .info, .reward]' '["third",{"hint":3,"hints_left":0},-0.25]'
	tool hint '{}'
	expect '[.stdout, .stderr, .exit, .info, .reward]' '["","there are no more hints\n",1,{},0]'
	submit '{}'
	expect .reward 1
	returns 0.25
	quiet env-close b-1
}

@test "a hint is no part of what an agent sees unless it asks, nor the last output" {
	task '{"tools": ["shell", "hint", "submit"], "hints": ["secret advice"], "checks": [{"name": "o", "type": "output", "stdout": {"equals": "seen\n"}}]}'
	[[ $(env-reset --id h unit/paid | tee first) != *advice* && $(<first) == *'"name":"hint"'* ]]
	act 'echo seen'
	tool hint '{}'
	submit '{}'
	expect .reward 1
	close
	env-close h-1 >/dev/null
	separate env-reset "$(fixture_task unit/none '{"tools": ["hint", "submit"]}'; echo unit/none)"
	quiet env-step <<<"$(jq -c '{episode, tool: "hint"}' <<<"$output")"
	expect '[.stderr, .exit]' '["there are no hints\n",1]'
}
