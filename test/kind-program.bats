#!/usr/bin/env bats
# The program kind: environments that are programs in the agent's box, from step to step.

load helper
load episode

# program NAME [JSON]: a task unit/NAME whose environment is test/programs/ways.py; JSON is merged over its definition.
program() {
	local folder=$T/tasks/unit/$1
	need_box
	fixture_task "unit/$1"
	rm "$folder/solution.jsonl"
	# What a package has may not be writable.
	cp -f "$SRC"/test/programs/*.py "$folder/files"
	merged '{"title": "Ways", "category": "toolgame", "difficulty": "easy", "prompt": "Go.",
		"env": {"kind": "program", "program": {"command": ["python3", "-I", "-S", "ways.py"]}, "options": {"goal": 3}},
		"tools": [{"name": "go", "description": "Go.", "main": "way", "parameters": {"type": "object", "properties": {"way": {}}}},
			"shell"],
		"checks": [{"name": "reward", "type": "jq", "condition": "([.steps[].observation.reward] | add) >= 1"}]}' \
		"${2:-"{}"}" >"$folder/task.json"
}

go() {
	tool go "{\"way\":\"$1\"}" "${2:-w-1}"
}

@test "an episode, each step in an env-step of its own: texts, values, errors, strays, the shell beside it; replay is exact" {
	program ways '{"requires": ["python3"]}'
	quiet env-reset --id w --seed 7 unit/ways
	expect '[.stdout, .step, .info, .cwd]' '["begun with {\"seed\": \"7\", \"options\": {\"goal\": 3}}",0,{"n":1},"/workspace"]'
	go stray
	expect '[.stdout, .stderr, .exit, .reward, .info]' '["stray","hello\n{\"a\": 1}\n[1]\n\"observation\"\n",0,0,{}]'
	go value
	expect '[.stdout, .observation, .reward, .info]' '["{\"a\":[1,null]}",{"a":[1,null]},0.25,{"b":2}]'
	go wrong
	expect '[.stdout, .stderr, .exit, .reward, .terminated, .truncated]' '["","that is no move\n",1,-1,false,false]'
	go null
	expect '[.stdout, .observation, .stderr, .exit, .reward, .terminated, .info]' '["null",null,"",0,0,false,{}]'
	go split
	expect '[.stdout, .stderr]' '["in parts",""]'
	go two
	go forged
	expect '[.type, .episode, .step, .stdout, .stderr, .exit, .tag, .status]' '["observation","w-1",7,"forged","",0,null,null]'
	go bytes
	expect '[.stdout, .stderr]' '["b\u0000c😀","a\u0000b\n{\"observation\": \"\u0000\"}\n{\"observation\": \"�\"}\n�\n"]'
	tool shell '{"command":"mkdir here; cd here; echo $PWD"}' w-1
	go late
	expect '[.stdout, .cwd]' '["in time","/workspace/here"]'
	tool shell '{"command":"until [ -e /tmp/late ]; do sleep 0.02; done"}' w-1
	go on
	expect '[.stdout, .stderr, .reward]' '["1 here","",0]'
	# A step that is none does not come to the program.
	quiet env-step -e w-1 <<<'{"tool":"go","args":{"x":1}}'
	expect '[.error, .info.invalid]' '["go: unknown argument: x",true]'
	quiet env-step -e w-1 <<-'END'
		"on"
		{"tool":"go"}
	END
	expect '[.stdout, .reward, .terminated]' '["2 here",1,false]
["3 here",2,true]'
	fails 3 env-step <<<'{"episode":"w-1","tool":"go","args":{}}'
	quiet bash -c 'env-verify w-1 | env-close'
	expect '[.verdict.status, .terminated, (.steps | length)]' '["pass",true,15]'
	quiet rollout-replay <<<"$output"
	expect '[.match, .matched, .verdict_match]' '["exact",15,true]'
}

@test "one that ends, hangs or answers rubbish fails its own episode alone; its author finds out why" {
	local way how reason set episode
	local -A count=([f]=0 [h]=0)
	program well
	program alone '{"env": {"options": {"early": 1}}}'
	jq '.tools |= .[:1] | .limits.processes = 16' "$T/tasks/unit/alone/task.json" >task
	mv task "$T/tasks/unit/alone/task.json"
	program hung "$(jq -c '.limits.step_s = 4' "$T/tasks/unit/alone/task.json")"
	while read -r way how reason; do
		[[ $how == hung ]] && set=h || set=f
		((count[$set] += 1))
		episode=$set-${count[$set]}
		printf '%s\t%s\t%s\n' "$episode" "$how" "$reason" >>wanted
		echo "{\"episode\":\"$episode\",\"tool\":\"go\",\"args\":{\"way\":\"$way\"}}" >action
		[[ $way != deaf && $way != leave ]] || cat action >>actions
		cat action >>actions
		echo '{"episode":"g-1","tool":"go","args":{"way":"errors"}}' >>actions
	done <<-'END'
		end ended it ended: dying
		half ended it ended: {"observation": "ha
		killed ended it ended
		leave ended it ended
		deaf ended it ended
		silent hung it did not answer in time
		endless hung it did not answer in time: again and again
		bomb hung it did not answer in time
		line rubbish it answered rubbish: xxxxxxx
		long rubbish its observation is longer than 64 KiB
		reward rubbish it answered rubbish: its answer has no reward as it must be
		info rubbish it answered rubbish: its answer has no info as it must be
		values rubbish it answered rubbish: more than 200000 values
		deep rubbish it answered rubbish: its answer is nested deeper than 200 levels
		many rubbish its info has more than 10000 values
	END
	env-reset --id f -n "${count[f]}" -j 4 unit/alone >/dev/null
	env-reset --id h -n "${count[h]}" -j 4 unit/hung >/dev/null
	env-reset --id g unit/well >/dev/null
	quiet env-step -j 8 <actions
	printf '%s\n' "$output" >observations
	# Twice only to those that answered once more.
	jq -c 'select(.episode != "g-1" and .reward == null)' observations >failed
	diff <(cut -f 1,2 wanted | sort) <(jq -r '"\(.episode)\t\(.info.environment)"' failed | sort)
	expect 'map([.truncated, .terminated, .exit, .error == "the environment has failed: " + .info.environment]) | unique' '[[true,false,null,true]]' "$(jq -cs . failed)"
	expect '[length, (map(.stdout) | unique)]' '[15,["errors"]]' "$(jq -cs 'map(select(.episode == "g-1"))' observations)"
	# What came before it was asked is no answer.
	[[ $(grep -c 'not asked' observations) == 0 ]]
	while IFS=$'\t' read -r episode how reason; do
		[[ $(jq -rs '.[-1].state | split("\n")[0]' "$PIPEGYM_STATE/episodes/$episode/journal.jsonl") == "$reason"* ]]
	done <wanted
	run ! grep -q 'dying' failed
	separate env-verify f-1 h-1 f-10
	[[ $status == 4 ]]
	expect '[.status, .reward]' '["error",null]
["error",null]
["error",null]'
	go on g-1
	expect '[.stdout, .stderr]' '["1 ",""]'
	go prints g-1
	expect '[.stdout, (.stderr | length), .stderr[-35:]]' '["prints",65564,"9abcde\n\n[... 934464 bytes cut ...]\n"]'
}

# class_task NAME ADAPTER CLASS TOOL [JSON]: one whose environment is a class of test/programs.
class_task() {
	program "$1" "${5:-"{}"}"
	jq --arg adapter "$2" --arg class "$3" --arg tool "$4" '.env.program = {adapter: $adapter, class: $class} | .tools[0].name = $tool' \
		"$T/tasks/unit/$1/task.json" >task
	mv task "$T/tasks/unit/$1/task.json"
}

@test "classes: Gymnasium's with five values and with four, and CodeGym's; a seed comes to reset; a solution is played" {
	local any='{"type": "object", "properties": {}, "additionalProperties": true}'
	class_task corridor gymnasium worlds.py:Corridor step "{\"tools\": [{\"name\": \"x\", \"description\": \"Go.\", \"parameters\": $any}]}"
	quiet env-reset --id c unit/corridor
	expect '[.stdout, .observation, .info, .tools[0].name]' '["1",1,{"goal":3},"step"]'
	quiet env-step -e c-1 <<-'END'
		{"tool":"step","args":{"action":5}}
		{"tool":"step","args":{"action":1}}
		{"tool":"step","args":{"action":1}}
	END
	expect '[.stdout, .stderr, .exit, .reward, .terminated]' '["","5 is no action: Discrete(2)",1,0,false]
["2","",0,-0.1,false]
["3","",0,1,true]'
	class_task old gymnasium worlds.py:Old step "{\"tools\": [{\"name\": \"x\", \"description\": \"Go.\", \"parameters\": $any}]}"
	quiet env-reset --id o --seed 41 unit/old
	expect '.observation' '[41,true]'
	quiet env-step -e o-1 <<<'{"tool":"step","args":{"action":"quit"}}'
	expect '[.stdout, .terminated, .truncated]' "[\"action 'quit'\",true,false]"
	class_task scales codegym scales.py:ScalesEnv Done "{\"env\": {\"options\": {\"weights\": [5, 8]}}, \"tools\": [{\"name\": \"x\", \"description\": \"End.\", \"parameters\": $any}]}"
	echo '{"tool":"Done","args":{"answer":13001}}' >"$T/tasks/unit/scales/solution.jsonl"
	quiet bash -c 'env-reset --id s unit/scales | agent-oracle | env-step'
	expect '[.stdout, .reward, .terminated]' '["The answer has been received.",1,true]'
	quiet bash -c 'env-close --all | rollout-replay'
	expect '.match' '"exact"
"exact"
"exact"'
}

@test "an environment whose box is gone is played again up to where it was; one that the agent ends has failed" {
	program ways
	quiet env-reset --id w unit/ways
	go on
	kill_box w-1
	fails 4 env-step <<<'{"episode":"w-1","tool":"go","args":{}}'
	quiet env-restore w-1
	expect '.match' '"exact"'
	go on
	expect '[.stdout, .reward]' '["2 ",1]'
	tool shell '{"command":"for f in /proc/[0-9]*; do [[ $(tr \"\\0\" \" \" <$f/cmdline) != *ways.py* ]] || kill -9 ${f#/proc/}; done"}' w-1
	go on
	expect '[.info, .reward, .truncated, .error]' '[{"environment":"ended"},null,true,"the environment has failed: ended"]'
	# The agent could have brought that about, and did.
	separate env-verify w-1
	expect '[.status, .reward]' '["fail",0]'
	[[ $status == 1 ]]
}

@test "too few descriptors are no failure of an environment, and those of many episodes are not kept" {
	local limit status failed=0 episode
	program ways
	env-reset --id w -n 6 -j 2 unit/ways >/dev/null
	for episode in w-{1..6} w-{1..6}; do
		echo "{\"episode\":\"$episode\",\"tool\":\"go\",\"args\":{\"way\":\"value\"}}"
	done >actions
	# The second one finds the task known, and the first one open.
	for limit in {16..23}; do
		status=0
		prlimit --nofile="$limit:$limit" env-step -q --retry < <(head -n 2 actions) >>out 2>>err || status=$?
		((status == 0 || status == 4))
		((failed += status == 4))
	done
	((failed > 0 && failed < 8))
	grep -q 'answer of the box: Too many open files' err
	run ! grep -q '"environment"' out
	quiet prlimit --nofile=40:40 env-step --retry <actions
}

@test "a reset that fails says why and leaves nothing; so does a task that cannot be one" {
	local reason
	while IFS='|' read -r command reason; do
		program bad "{\"env\": {\"program\": {\"command\": $command}}}"
		fails 3 env-reset unit/bad
		[[ $stderr == *": task unit/bad: the environment's program: $reason"* ]] || { echo "$stderr"; false; }
	done <<-'END'
		["no-such-program"]|no-such-program: No such file or directory
		["sh", "-c", "echo no way >&2; exit 3"]|reset: it ended: no way
		["sh", "-c", "read x; echo '{\"observation\": 1, \"error\": 2}'"]|reset: it answered rubbish: its answer has no error as it must be
		["sh", "-c", "read x; printf '{\"observation\": \"%070000d\"}\n' 1"]|reset: its observation is longer than 64 KiB
	END
	class_task class gymnasium worlds.py:Nobody step
	fails 3 env-reset unit/class
	[[ $stderr == *'worlds.py has no class Nobody'* ]]
	[[ -z $(ls "$PIPEGYM_STATE/episodes") && -z $(own_boxes) ]]
	program both '{"env": {"program": {"adapter": "gymnasium", "class": "a.py:B"}}}'
	fails 3 env-reset unit/both
	[[ $stderr == *'.env.program: must have either a command, or an adapter and a class'* ]]
	fixture_task unit/shell '{"tools": [{"name": "go", "description": "Go."}]}'
	fails 3 env-reset unit/shell
	[[ $stderr == *'.tools: only an environment (.env.kind) has tools that a task declares'* ]]
}

@test "without namespaces it works the same" {
	program ways
	separate env-reset --isolation landlock --id w unit/ways
	[[ $status == 0 ]] || skip "this host has no boxes without namespaces: $stderr"
	go stray
	go end
	expect '.info' '{"environment":"ended"}'
	program well
	separate env-reset --isolation landlock --id v unit/well
	quiet env-step -e v-1 <<<$'"on"\n"on"\n"on"'
	quiet env-verify v-1
	expect .status '"pass"'
}
