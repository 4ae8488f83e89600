#!/usr/bin/env bats
# rollout-stat: what is counted, how it is reckoned, what becomes of lines that are no rollouts.

load helper
load episode

setup() {
	common_setup
}

# rollout TASK STATUS REWARD [TIMES] [JSON]: rollouts of two steps; JSON is put over each. STATUS null: without a verdict.
rollout() {
	jq -cn --arg task "$1" --arg status "$2" --argjson reward "$3" --argjson times "${4:-1}" --argjson more "${5:-{\}}" '
		{type: "rollout", episode: "e", task: $task, steps: [
			{action: {tool: "shell"}, observation: {stdout: "\"{[", timing: {wall_ms: 2}}}, {observation: null}],
		 reward: $reward, truncated: false,
		 verdict: (if $status == "null" then null else {status: $status, reward: $reward} end)} * $more | range($times) as $i | .'
}

@test "a record has these fields; all are of both tasks" {
	{
		rollout b/y pass 1 3
		rollout b/y fail 0 1 '{"truncated": true}'
		rollout a/x tampered 0.5 2
		rollout a/x error null 2
	} >rollouts
	quiet rollout-stat -k 1,2,5 rollouts
	[[ ${#lines[@]} == 3 ]]
	expect '[.[]]' "$(jq -cn '["stat", "task", "b/y", 4, 4, 3, 0, 0, 1, 0.75, 0.3006, 0.9544, {"1": 0.75, "2": 1, "5": null}, 0.75, 0.5, 0, 1,
		false, 0, 0.25, 2, 2, {step_ms: 2}]')" "$(jq -c '(.pass_low, .pass_high) |= (. * 10000 | round / 10000)' <<<"${lines[1]}")"
	expect '[.task, .episodes, .graded, .passed, .errors, .pass_rate, .pass_low, .reward_mean, .reward_sd, .agree, .error_rate]' \
		'["a/x",4,2,0,2,0,0,0.5,0,true,0.5]' "${lines[0]}"
	expect '[.scope, .tasks, .episodes, .graded, .errors, .pass_rate, .pass_at, .pass_at_tasks, .tasks_compared, .tasks_agree, .others, .left_out]' \
		'["all",2,8,6,2,0.5,{"1":0.375,"2":0.5,"5":null},{"1":2,"2":2,"5":0},2,1,0,0]' "${lines[2]}"
	expect '[.reward_mean * 6, .reward_sd * 100 | round]' '[4,41]' "${lines[2]}"
}

@test "without a verdict the reward decides; without either it is not graded; what else is there is passed over" {
	{
		rollout a/x null 1
		rollout a/x null 0.9
		rollout a/x null null
		echo '{"type":"verdict","status":"pass","reward":1,"task":"a/x"}'
		# Said by an error of grading, it is no reward. The last of two keys counts, and escapes are characters.
		rollout a/x error 0
		echo '{"type":"rollout","t\u0061sk":"other","task":"\u0061\/x","steps":[{"observation":{"timing":{"wall_ms":9}}}],"steps":[],"verdict":{"status":"pass"},"verdict":null}'
	} | rollout-stat >records
	expect '[.task, .episodes, .graded, .passed, .errors, .ungraded, .reward_mean, .steps_mean, .timing.step_ms]' '["a/x",5,2,1,1,2,0.95,1.6,2]' "$(head -n 1 records)"
	expect .others 1 "$(tail -n 1 records)"
}

@test "rollouts of tasks that are not known are counted, and are no attempts at one" {
	{ rollout a/x pass 1 2 && rollout a/x pass 1 1 '{"task":null}' && rollout a/x fail 0 2 '{"task":null}'; } >rollouts
	quiet rollout-stat -k 1,2 rollouts
	expect '[.task, .episodes, .passed, .agree, .pass_at]' '[null,3,1,null,{"1":null,"2":null}]' "${lines[0]}"
	expect '[.tasks, .episodes, .passed, .pass_at, .tasks_agree]' '[1,5,3,{"1":1,"2":1},1]' "${lines[2]}"
	sed 's,a/x,b/y,' rollouts >other
	rollout-stat --compare rollouts other | tail -n 1 | jq -ce '[.a.tasks, .a.episodes, .pass.tasks] == [1, 5, 0]'
	[[ $(rollout-stat --text rollouts) == *$'\n? '* ]]
}

@test "malformed lines: file, line and reason; the others count; a torn last line is none" {
	rollout a/x pass 1 >good
	local bad=('{"type":"rollout","task":"a/x"' '{"type":"rollout","task":"a/x","steps":[],"x":nan}' '{"type":"rollout","steps":[]}' '{"task":"a/x"}'
		'{"type":"rollout","task":"a\u0000","steps":[]}' '{"type":"rollout","task":"a/x","steps":{}}' '{"type":"rollout","task":"a/x","steps":[],"reward":"1"}'
		'{"type":"rollout","task":"a/x","steps":[],"verdict":{"status":"passed"}}' '{"type":"rollout","task":"a/x","steps":[],"verdict":1}'
		'{"type":"rollout","task":"a/x","steps":[],"truncated":1}' "$(rollout "$(printf '%0300d' 1)" pass 1)")
	{
		cat good
		printf '%s\n' "${bad[@]}"
		cat good
	} >mixed
	fails 3 rollout-stat mixed good
	[[ $(grep -c '^rollout-stat: mixed: line [0-9]*: ' <<<"$stderr") == "${#bad[@]}" ]]
	[[ $stderr == *"mixed: line 3: invalid JSON: unknown word at byte "*"mixed: line 9: verdict.status: must be pass, fail, tampered or error"* ]]
	[[ $(jq -c 'select(.type == "error") | .reason' <<<"$output" | wc -l) == "${#bad[@]}" ]]
	expect .episodes 3 "${lines[-1]}"
	separate rollout-stat < <(cat good && head -c 40 good)
	[[ $status == 0 && $stderr == 'rollout-stat: standard input: line 2, the last one, is torn and left out' ]]
	expect .episodes 1 "${lines[-1]}"
	fails 4 rollout-stat good nowhere
	[[ $stderr == 'rollout-stat: nowhere: No such file or directory' ]]
	expect .episodes 1 "${lines[-1]}"
}

@test "--by puts tasks into groups; those that are not found are one of their own" {
	fixture_task unit/a
	fixture_task unit/b '{"difficulty": "hard"}'
	fixture_task unit/c
	for task in unit/a unit/b unit/c no/such other; do
		rollout "$task" pass 1
	done >rollouts
	quiet rollout-stat --by difficulty,category -T "$T/tasks" rollouts
	jq -c '[.scope, .by, .tasks]' <<<"$output" >groups
	[[ $(<groups) == '["group",{"difficulty":"easy","category":"bash"},2]
["group",{"difficulty":"hard","category":"bash"},1]
["group",{"difficulty":null,"category":null},2]
["all",null,5]' ]]
	echo '{' >tasks/unit/b/task.json
	fails 3 rollout-stat --by split -T "$T/tasks" rollouts
	[[ $stderr == *unit/b/task.json* ]]
	expect '[.by, .tasks]' '[{"split":null},3]' "${lines[1]}"
}

@test "--compare: task by task, and a test over those that both have" {
	local i
	for i in {1..6}; do
		rollout "t/$i" fail 0 2 >>a
		rollout "t/$i" pass 1 $((1 + i / 6)) >>b
		rollout "t/$i" fail 0.5 $((2 - i / 6)) >>b
	done
	rollout t/only-a pass 1 >>a
	rollout t/6 error null >>b
	quiet rollout-stat --compare a b
	expect '[.task, .a.episodes, .b.episodes, .b.graded, .pass_difference]' '["t/6",2,4,3,0.6666666666666666]' "${lines[5]}"
	expect '[.task, .b.pass_rate, .pass_difference]' '["t/only-a",null,null]' "${lines[6]}"
	expect '[.a, .b, .pass.tasks, .pass.a, .pass.better, .pass.worse, .pass.p, .pass.exact, .reward.tasks]' \
		'[{"file":"a","tasks":7,"episodes":13},{"file":"b","tasks":6,"episodes":19},6,0,6,0,0.03125,true,6]' "${lines[7]}"
	quiet rollout-stat --compare - a <a
	expect '[.pass.difference, .pass.p]' '[0,1]' "${lines[7]}"
}

@test "a table for a person, which no name can break out of" {
	rollout $'evil\e]0;x\a\nname that is longer than its column' pass 1 12 >rollouts
	rollout short fail 0 >>rollouts
	quiet rollout-stat --text rollouts
	[[ $output == 'task                    episodes              pass     95%  reward         steps      ms
evil^[]0;x^G name that …      12  ████████▓▓  100%  76-100=   1.00 ±0.00    2.0     2.0
short                          1  ░░░░░░░░··    0%   0-79     0.00          2.0     2.0'$'\n'* ]]
	quiet rollout-stat --compare --text rollouts rollouts
	[[ $output == *$'\nshort                         1    0%      1    0%  ·······│·······    0.00\n'* && $output != *$'\e'* ]]
}

@test "too many tasks: what is beyond them is left out, and said to be" {
	jq -nc 'range(66000) | {type: "rollout", task: ("a long name of a task, number " + tostring + " " * 200), steps: [], reward: 1}' >rollouts
	status=0
	rollout-stat rollouts >records 2>errors || status=$?
	[[ $status == 3 && $(<errors) == 'rollout-stat: more than 65536 tasks: 464 rollouts of others are left out' ]]
	expect '[.tasks, .left_out]' '[65536,464]' "$(tail -n 1 records)"
}

@test "usage" {
	local arguments
	for arguments in '-k 0' '-k 1,' '-k x' '-k 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17' '--by tag' '--by split,' '-T x' '--compare a' '--compare a b c' \
		'--compare --by split a b'; do
		# shellcheck disable=SC2086 # words
		fails 2 rollout-stat $arguments </dev/null
		[[ -z $output ]]
	done
}
