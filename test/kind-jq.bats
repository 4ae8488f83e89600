#!/usr/bin/env bats
# The jq kind: environments that are functions, with their state in the journal and no box.

load helper
load episode

setup() {
	common_setup
}

# game NAME ENV [JSON]: a task unit/NAME whose env.jq is ENV; JSON is merged over its definition.
game() {
	local folder=$T/tasks/unit/$1
	fixture_task "unit/$1"
	rm -r "$folder/files" "$folder/solution.jsonl"
	merged '{"title": "Count", "category": "games", "difficulty": "easy", "prompt": "Count to three.",
		"env": {"kind": "jq", "options": {"goal": 3}}, "limits": {"steps": 20, "step_s": 10},
		"tools": [{"name": "add", "description": "Add a number.", "main": "n", "parameters": {"type": "object", "required": ["n"],
			"properties": {"n": {"type": "number"}, "note": {"type": "string"}}}}, "hint", "submit"],
		"checks": [{"name": "goal", "type": "jq", "condition": ".state.sum == 3"}]}' "${3:-"{}"}" >"$folder/task.json"
	printf '%s\n' "$2" >"$folder/env.jq"
}

counter='def reset: {state: {sum: 0, seed}, observation: "0 of \(.options.goal)"};
def step: (.state.sum + .action.args.n) as $sum | if .action.args.n == 0 then refused(.state; "nothing\n")
	else {state: (.state | .sum = $sum), observation: "\($sum)", reward: .action.args.n, terminated: ($sum >= .options.goal)} end;
def generate: {solution: [range(3) | {tool: "add", args: {n: 1}}]};'

add() {
	quiet env-step <<<"{\"episode\":\"${2:-g-1}\",\"tool\":\"add\",\"args\":{\"n\":$1}}"
}

@test "an episode: observations, rewards, the end, the verdict; another program goes on; no box" {
	game count "$counter"
	quiet env-reset --id g --seed s unit/count
	expect '[.stdout, .step, .cwd, .reward, (.tools | map(.name))]' '["0 of 3",0,null,0,["add","hint","submit"]]'
	add 1
	expect '[.stdout, .stderr, .exit, .reward, .terminated, .cwd, .info]' '["1","",0,1,false,null,{}]'
	add 0
	expect '[.stdout, .stderr, .exit, .reward]' '["","nothing\n",1,0]'
	# A bare string stands for no number.
	quiet env-step -e g-1 <<<'"x"'
	expect '[.error, .info.invalid, .exit]' '["add: argument n must be a number",true,null]'
	quiet env-list
	expect '[.state, .steps, (.timing | has("pid"))]' '["live",3,false]'
	[[ -z $(own_boxes) && ! -e $PIPEGYM_STATE/episodes/g-1/box.sock ]]
	quiet env-step <<-'END'
		{"episode":"g-1","tool":"add","args":{"n":1.5}}
		{"episode":"g-1","tool":"add","args":{"n":0.5}}
	END
	expect '[.stdout, .reward, .terminated]' '["2.5",1.5,false]
["3",0.5,true]'
	fails 3 env-step <<<'{"episode":"g-1","tool":"add","args":{"n":1}}'
	# What it keeps is in the journal alone.
	[[ $(grep -c '"state":{' "$PIPEGYM_STATE/episodes/g-1/journal.jsonl") = 5 ]]
	quiet bash -c 'env-verify g-1 | env-close'
	expect '[.verdict.status, .reward, .return, .terminated, (.steps | length), .box, (tostring | contains("\"sum\""))]' \
		'["pass",1,4,true,5,{"isolation":"none"},false]'
	quiet rollout-replay <<<"$output"
	expect '[.match, .matched, .verdict_match]' '["exact",5,true]'
	quiet task-check unit/count
}

@test "a pipeline of many seeds, two programs at a time; the state is each episode's own" {
	game seeds 'def number: .seed | generator | below(1000);
		def reset: {state: null, observation: "guess"};
		def step: number as $n | {state: {sum: (if .action.args.n == $n then 3 else 0 end)}, observation: "\(.seed)", terminated: true};
		def generate: {solution: [{tool: "add", args: {n: number}}]};'
	for seed in $(seq 1 40); do env-reset --id "s$seed" --seed "$seed" unit/seeds; done >first
	quiet bash -c 'agent-oracle <first | env-step -j 2 | env-verify -j 2 | env-close'
	expect '[length, (map(.reward) | unique), (map(.steps[0].action.args.n) | unique | length > 30), (map(.steps[0].observation.stdout == .seed) | all)]' \
		'[40,[1],true,true]' "$(jq -cs . <<<"$output")"
}

@test "branches and earlier steps need no replay; nothing dies, so that nothing is rebuilt" {
	game count "$counter"
	env-reset --id g unit/count >/dev/null
	add 1
	add 1
	quiet env-fork -n 2 --id b g-1
	expect '[.step, .parent, .info]' '[2,{"episode":"g-1","step":2},{}]
[2,{"episode":"g-1","step":2},{}]'
	quiet env-fork --at 0 --id z g-1
	add 1 b-1
	expect '[.stdout, .terminated]' '["3",true]'
	add 1 z-1
	expect '[.stdout, .step]' '["1",1]'
	quiet env-fork --at 1 --id y b-1
	add 5 y-1
	expect '[.stdout, .step]' '["6",2]'
	quiet env-restore g-1
	expect '.match' '"live"'
	quiet env-close --dead
	[[ -z $output ]]
	# An interrupted step is carried out again as any other.
	sed -i '$d' "$PIPEGYM_STATE/episodes/g-1/journal.jsonl"
	fails 4 env-step <<<'{"episode":"g-1","tool":"add","args":{"n":1}}'
	quiet env-step --retry -e g-1 </dev/null
	expect '[.stdout, .step, .info.retried]' '["2",2,true]'
}

@test "hints, submit, penalties, values that are no text" {
	game value 'def reset: {state: 0, observation: {a: [1]}, info: {b: 2}};
		def step: {state: (.state + 1), observation: [.state], info: {c: .step}, reward: 0.5, truncated: (.state == 4), error: "\u0000b"};' \
		'{"hints": ["one"], "penalties": {"invalid": -1, "hint": -0.25}, "attempts": 2,
			"checks": [{"name": "n", "type": "jq", "condition": ".state == 2 and (.steps | length) > 3 and .answer == \"y\""}]}'
	quiet env-reset --id g unit/value
	expect '[.stdout, .observation, .info]' '["{\"a\":[1]}",{"a":[1]},{"b":2}]'
	add 1
	expect '[.stdout, .observation, .info, .reward, .stderr, .exit]' '["[0]",[0],{"c":1},0.5,"\u0000b",1]'
	quiet env-step -e g-1 <<-'END'
		{"tool":"hint"}
		{"tool":"add"}
		{"tool":"submit"}
		{"tool":"add","args":{"n":1}}
		{"tool":"submit","args":{"answer":"y"}}
	END
	expect '[.stdout, .reward, .terminated]' '["one",-0.25,false]
[null,-1,false]
["",0,false]
["[1]",0.5,false]
["",1,true]'
}

@test "an environment that fails: why, a truncated episode without a reward, a verdict that is none; others go on" {
	local way count=0 ids=()
	while IFS= read -r way; do
		# The second is the one that takes all the time that it has.
		game "f$((count += 1))" "def reset: {state: 0, observation: \"\"}; def step: ${way% | *};" "{\"limits\": {\"step_s\": $((count == 2 ? 1 : 10))}}"
		env-reset --id "f$count" "unit/f$count" >/dev/null
		ids+=("f$count-1")
		echo "${way##* | }" >>wanted
	done <<-'END'
		error("the answer is 42") | error
		def f: f; f | time
		("x" | last(limit(40; recurse(. + .)))) | memory
		{state: 1} | rubbish
		{observation: ""} | rubbish
		{state: 1, observation: "", reward: "1"} | rubbish
		{state: 1, observation: "", reward: nan} | rubbish
		{state: 1, observation: "", more: [range(200001) | []]} | rubbish
		{state: (reduce range(201) as $i (0; [.])), observation: ""} | rubbish
		{state: 1, observation: ("x" * 70000)} | rubbish
		{state: [range(300000)], observation: ""} | rubbish
		"text" | rubbish
		empty | error
		{state: 1, observation: (now | tostring)} | error
		{state: 1, observation: input} | error
	END
	game good "$counter"
	env-reset --id g unit/good >/dev/null
	printf '{"episode":"%s","tool":"add","args":{"n":3}}\n' "${ids[@]}" g-1 >actions
	env-step -j 2 <actions >observations
	jq -c 'select(.episode != "g-1")' observations >failed
	diff wanted <(jq -rs 'sort_by(.episode[1:-2] | tonumber)[].info.environment' failed)
	expect 'unique' '[[null,true,false,null]]' "$(jq -cs 'map([.reward, .truncated, .terminated, .exit])' failed)"
	run ! grep -q 'answer is' failed
	[[ $(jq -c 'select(.episode == "g-1") | [.stdout, .terminated]' observations) == '["3",true]' ]]
	separate env-verify f1-1 g-1
	[[ $status == 4 ]]
	expect '[.status, .reward]' '["error",null]
["pass",1]'
	# The author finds the reason beside the state.
	tail -n 1 "$PIPEGYM_STATE/episodes/f1-1/journal.jsonl" >last || :
	grep -q 'the answer is 42' "$PIPEGYM_STATE/episodes/f1-1/journal.jsonl"
	separate task-check unit/f1
	[[ $status == 1 && $output == *'"random","passed":false,"reason":"step 1: its environment has failed: error"'* ]]
}

@test "an episode that has no room for another state is truncated, also with the longest observations" {
	game full 'def reset: {state: "", observation: ""}; def step: {state: ("x" * 1000000), observation: "y"};' '{"limits": {"output_kib": 4096}}'
	env-reset --id g unit/full >/dev/null
	yes '{"tool":"add","args":{"n":1}}' | head -n 20 >actions
	separate env-step -e g-1 <actions
	[[ $status == 3 && $stderr != *"too long"* ]]
	expect '[.step > 5, .truncated, .info.full]' '[true,true,true]' "$(jq -c 'select(.step)' <<<"$output" | tail -n 1)"
}

@test "a program that is killed takes what works for it along, however long that may" {
	local pid child
	game slow 'def reset: {state: 0, observation: ""}; def step: def f: f; f;' '{"limits": {"step_s": 600}}'
	env-reset --id s unit/slow >/dev/null
	env-step -e s-1 <<<'{"tool":"add","args":{"n":1}}' &
	pid=$!
	until_is eval 'child=$(pgrep -x -P "$pid" pipegym-jq) && (($(cut -d " " -f 14 "/proc/$child/stat") >= 10))'
	kill -9 "$pid"
	wait "$pid" || :
	within 10 ended "$child"
}

@test "a task that cannot be one says why; so does one whose reset fails" {
	game none "$counter"
	rm "$T/tasks/unit/none/env.jq"
	fails 3 env-reset unit/none
	[[ $stderr == *"the jq kind needs env.jq"* ]]
	game box "$counter" '{"checks": [{"name": "f", "type": "file", "path": "x"}]}'
	fails 3 env-reset unit/box
	[[ $stderr == *".checks: a check of type file needs a box, and the jq kind has none"* ]]
	game syntax $'def reset: .\n  +;'
	fails 3 env-reset unit/syntax
	[[ $stderr == *"env.jq: reset: not a jq program"*"line 2"* ]]
	game missing 'def step: {state: 1, observation: ""};'
	fails 3 env-reset unit/missing
	[[ $stderr == *"it defines no reset"* ]]
	[[ -z $(ls "$PIPEGYM_STATE/episodes") ]]
	# In one line of a set, with options that are longer than a task.json may be.
	jq -c --arg env "$counter" '{name: "line", env_jq: $env} + . | .env.options.words = [range(12000) | "x" * 100]' "$T/tasks/unit/box/task.json" | jq -c '.checks = [{name: "goal", type: "jq", condition: ".state.sum == 3"}]' >"$T/tasks/lines.jsonl"
	quiet env-reset --id l lines/line
	quiet bash -c 'agent-oracle <<<"$1" | env-step | env-verify' - "$output"
	expect '.status' '"pass"'
}

@test "what environments have: the same numbers for a seed everywhere, grids, marks" {
	game library 'def reset: {state: 0, observation: [("7" | generator), (["7" | generator | draw(6)] | .[0][1]),
			("x" | generator | shuffled([range(8)])[1]), ([limit(4; "" | generator | recurse(next)) | below(10)]),
			(grid(2; 3; ".") | with_cell(1; 2; "#") | grid_text), (grid(2; 2; 1) | [cell(0; 1), cell(2; 0), inside(1; 1), inside(-1; 0)]),
			(beside4(0; 0)), (beside8(1; 1) | length), ([[1, 2], [3, 4]] | flipped), ("añb" | letters), (["a", "b", "a"] | counts),
			("allee" | marks("eagle")), ("speed" | marks("abide"))]};
		def step: .;'
	quiet env-reset --id g unit/library
	expect '.observation' '[[897447287,641521118],1,[4,3,6,0,5,1,2,7],[4,0,0,5],"...\n..#",[1,null,true,false],
		[[-1,0],[0,1],[1,0],[0,-1]],8,[[1,3],[2,4]],["a","ñ","b"],{"a":2,"b":1},"++-+=","--+-+"]'
}

@test "a board is drawn for a person, and no agent has it" {
	local play='{"episode":"b-1","tool":"add","args":{"n":1}}'
	game board "$counter"'def render: "sum \(.state.sum)/\(.options.goal) \(.seed)\n\("=" * (.state.sum + 1))";'
	env-reset --id b --seed s unit/board >told
	env-step <<<"$play" >>told
	add 0 b-1 && printf '%s\n' "$output" >>told
	quiet rollout-show b-1
	[[ $output == *$'tools: add, hint, submit\n# sum 0/3 s\n# =\n\n[1] add n=1\n| 1\n  exit 0'*$'reward 1\n# sum 1/3 s\n# ==\n\n[2]'* ]]
	# What a step did not change is not drawn again.
	[[ $output == *$'\n[2] add n=0\n! nothing\n  exit 1'*$'\n\nend: 2 steps'* && $(grep -c '^#' <<<"$output") == 4 ]]
	quiet rollout-show --step 1 b-1
	[[ $output == *$'\n# sum 1/3 s\n# ==\n'* && $output != *'sum 0'* ]]
	timeout 20 rollout-show --follow b-1 >shown &
	env-step <<<"$play" >>told
	env-step <<<"$play" >>told
	wait $!
	[[ $(grep -c '^# sum' shown) == 4 ]]
	env-verify b-1 >>told
	env-close b-1 >rollout
	run ! grep -q '/3' told rollout
	quiet rollout-show rollout
	[[ $output != *'# '* ]]
	quiet task-check unit/board
	expect '.tests[] | select(.name == "render")' '{"name":"render","passed":true}'
	game plain "$counter"
	quiet task-check unit/plain
	expect '[.tests[] | select(.name == "render")]' '[]'
}

@test "a board that is not right is no board, and harms nothing" {
	local i renders=('error("no \(.state.sum)")' '7' '"x" * 70000' 'input' '"\u001b[2J\u202e"' 'null')
	local shown=('no board: env.jq: render: it raised an error: no 0' 'no board: env.jq: render: its output is no text'
		'no board: env.jq: render: the text is longer than 64 KiB' 'no board: env.jq: render: it raised an error: input is not'
		'# ^[[2J\u{202e}' '')
	for i in "${!renders[@]}"; do
		game "r$i" "$counter def render: ${renders[i]};"
		env-reset --id "r$i" "unit/r$i" >first
		add 3 "r$i-1"
		expect '.terminated' true
		quiet rollout-show "r$i-1"
		[[ $output == *"${shown[i]}"* && $output != *$'\e'* && $(grep -c 'no board' <<<"$output") -le 1 ]]
	done
	separate task-check unit/r0 unit/r1 unit/r4 unit/r5
	[[ $status == 1 ]]
	expect '[.tests[] | select(.name == "render") | .reason]' '["step 0: env.jq: render: it raised an error: no 0"]
["step 0: env.jq: render: its output is no text"]
["step 0: it has control characters"]
[]'
	# Its task is another one by now.
	echo '#' >>"$T/tasks/unit/r4/env.jq"
	quiet rollout-show r4-1
	[[ $output != *'# '* && $output != *board* ]]
}

@test "task-check: the random agent calls a task's own tools, by their schemas, and finds what is too easy" {
	game random 'def fine: (.n | . >= 5 and . <= 7 and . == floor) and (.way | . == "a" or . == "b") and (.yes | type == "boolean")
			and (.list | type == "array" and all(.[]; . == "x")) and (.text | type == "string");
		def reset: {state: {sum: 0}, observation: ""};
		def step: if .action.args | fine then {state: {sum: (.state.sum + .action.args.n)}, observation: ""} else error("no") end;
		def generate: {solution: [(range(10) | {tool: "add", args: {n: 5, way: "a", yes: true, list: [], text: ""}}), {tool: "submit"}]};' \
		'{"checks": [{"name": "sum", "type": "jq", "condition": ".state.sum >= 50"}], "limits": {"steps": 100},
			"tools": [{"name": "add", "description": "Add.", "parameters": {"type": "object", "properties": {
				"n": {"type": "integer", "minimum": 5, "maximum": 7}, "way": {"type": "string", "enum": ["a", "b"]}, "yes": {"type": "boolean"},
				"list": {"type": "array", "items": {"enum": ["x"]}}, "text": {"type": "string"}}}}, "submit"]}'
	jq 'del(.tools[0].main)' "$T/tasks/unit/random/task.json" >task.json
	mv task.json "$T/tasks/unit/random/task.json"
	separate task-check unit/random
	[[ $status == 1 ]]
	expect '[.reason, (.tests[] | select(.name == "random") | .reward)]' '["random: it scores 1, more than 0: sum",1]'
}

@test "tasks of a set share the env.jq beside them, and their digests cover it" {
	local digest
	game one "$counter"
	game two "" '{"env": {"options": {"goal": 5}}, "checks": [{"name": "goal", "type": "jq", "condition": ".state.sum == 5"}]}'
	mv "$T/tasks/unit/one/env.jq" "$T/tasks/unit/env.jq"
	rm "$T/tasks/unit/two/env.jq"
	sed -i 's/range(3)/range(.options.goal)/' "$T/tasks/unit/env.jq"
	quiet bash -o pipefail -c 'task-list unit/one unit/two | env-reset | agent-oracle | env-step | env-verify | env-close'
	expect '[.reward, (.steps | length)]' '[1,3]
[1,5]'
	digest=$(task-list unit/one | jq .digest)
	echo '# other' >>"$T/tasks/unit/env.jq"
	[[ $(task-list unit/one | jq .digest) != "$digest" ]]
	# Its own is before that.
	echo 'def reset: error("own");' >"$T/tasks/unit/one/env.jq"
	fails 3 env-reset unit/one
	[[ $stderr == *"own"* ]]
}
