#!/usr/bin/env bats
# rollout-convert: ours to each format and back, other projects' records to ours and back, rows for training, and input that
# is malformed or made to harm. test/atif-check has the rules of ATIF.

load helper
load episode

setup() {
	common_setup
}

# converts STATUS FROM TO ARGUMENT...: runs it.
converts() {
	local expected=$1 from=$2 to=$3
	shift 3
	separate timeout 60 rollout-convert --from "$from" --to "$to" "$@"
	[[ $status == "$expected" ]] || { echo "status $status, not $expected: $stderr $output"; return 1; }
}

# same FILE FILE: the same values, a line each.
same() {
	diff <(jq -cS . "$1") <(jq -cS . "$2")
}

# Whether a file of a format is the same when it has been a file of ours.
returns() {
	converts 0 "$1" pipegym "$2"
	printf '%s\n' "$output" >ours
	[[ -z $stderr ]]
	rollout-convert --from pipegym --to "$1" ours >back
	same back "$2"
}

# With all that a rollout can have: a tag, an id, a NUL, an escape, what is no UTF-8, a limit, actions that are none.
rollouts() {
	env-reset --id r -n 2 bash/count-errors >/dev/null
	printf '%s\n' '{"tool":"shell","args":{"command":"printf \"a\\\\0\\\\033[1m\\\\377\"; ls /nope; exit 3"},"tag":{"a":1},"id":"call-9"}' \
		'{"tool":"none","id":"call-2"}' '{"foo":1}' '{"tool":"write_file","args":{"path":"a","content":"é\u0000"}}' \
		'{"tool":"shell","args":{"command":"sleep 9","timeout_s":0.1}}' '{"tool":"submit","args":{"answer":"x"}}' | env-step -e r-1 >/dev/null
	env-close r-1 r-2
}

@test "ours to each format and back is the same, and ATIF keeps to its rules" {
	need_box
	local format
	rollouts >rollouts
	for format in atif openai nemo gymnasium intercode pipegym; do
		echo "$format"
		converts 0 pipegym "$format" rollouts
		[[ -z $stderr ]]
		printf '%s\n' "$output" >there
		[[ $format != atif ]] || "$SRC/test/atif-check" <there
		rollout-convert --from "$format" --to pipegym <there >back
		same back rollouts
	done
	# Of a log of another project only what it has is compared.
	rollout-convert --from pipegym --to codecraft rollouts 2>dropped >actions
	[[ $(wc -l <dropped) == 1 && $(<dropped) == *"codecraft has no place for: "*verdict* ]]
	rollout-convert --from codecraft --to pipegym actions | jq -c '.steps | map(.action | del(.id))' >back
	jq -c '.steps | map(.action | {tool: (.tool // "none"), args})' rollouts | diff back -
}

@test "atif: a trajectory with all that it can hold, and the faults that the checker finds" {
	cat >trajectory.json <<'END'
{"schema_version": "ATIF-v1.7", "session_id": "s1", "agent": {"name": "a", "version": "1", "extra": {"k": 1},
  "tool_definitions": [{"type": "function", "function": {"name": "shell", "description": "d", "parameters": {}}}]}, "notes": "n",
 "steps": [
  {"step_id": 1, "source": "system", "message": "be brief", "timestamp": "2025-01-01T00:00:00Z"},
  {"step_id": 2, "source": "user", "message": [{"type": "text", "text": "do it"}]},
  {"step_id": 3, "source": "agent", "message": "", "reasoning_content": "hm", "model_name": "m", "metrics": {"prompt_tokens": 3},
   "tool_calls": [{"tool_call_id": "a", "function_name": "shell", "arguments": {"command": "ls"}},
    {"tool_call_id": "b", "function_name": "shell", "arguments": {"command": "pwd"}}],
   "observation": {"results": [{"source_call_id": "a", "content": "x"}, {"source_call_id": "b", "content": "/"}]}},
  {"step_id": 4, "source": "user", "message": "go on"},
  {"step_id": 5, "source": "agent", "message": "so", "tool_calls": [{"tool_call_id": "a", "function_name": "shell", "arguments": {}}],
   "observation": {"results": [{"content": "all"}]}, "extra": {"k": 1}},
  {"step_id": 6, "source": "agent", "message": "done"}],
 "final_metrics": {"total_steps": 6, "extra": {"reward": 0.5}}, "extra": {"z": 1}}
END
	returns atif trajectory.json
	expect '[.episode, .reward, .reset.prompt, (.steps | map(.action.args.command, .observation.stdout, .extra.joined))]' \
		'["s1",0.5,"do it",["ls","x",null,"pwd","/",true,null,null,null]]' "$(<ours)"
	# As others read it; what they have no field for is in extra, and comes back.
	rollout-convert --from pipegym --to openai ours >rows
	expect '[.messages[] | .role, .content]' '["system","be brief","user","do it","assistant","","tool","x","tool","/","user","go on","assistant","so","assistant","done"]' \
		"$(<rows)"
	rollout-convert --from openai --to atif rows | tee there | jq 'del(.extra.pipegym)' >back
	same back trajectory.json
	"$SRC/test/atif-check" <there
	jq -c '(.steps[0].step_id = 2), (.steps[1].tool_calls = []), (.steps[2].observation.results[0].source_call_id = "z"),
		(.agent.x = 1), del(.agent.name), (.steps = []), (.steps[2].tool_calls[0].arguments = "x"), (.steps[2].metrics = 1 | .steps[2].source = "user")' trajectory.json >faults
	run "$SRC/test/atif-check" <faults
	[[ $status == 1 && ${#lines[@]} == 8 ]]
}

@test "openai, nemo, gymnasium: what they log comes back as it was" {
	cat >rows <<'END'
{"messages": [{"role": "developer", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": null, "refusal": null, "reasoning_content": "r", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "shell", "arguments": "{\"command\": \"ls\"}"}}, {"id": "b", "type": "function", "function": {"name": "shell", "arguments": "{no"}}]}, {"role": "tool", "tool_call_id": "a", "content": "\u0000\u001b[0m"}, {"role": "tool", "tool_call_id": "b", "name": "shell", "content": "y"}, {"role": "assistant", "content": "done"}], "tools": [{"type": "function", "function": {"name": "shell", "parameters": {}, "strict": true}}], "id": "e1", "n": 3}
END
	returns openai rows
	expect '[.episode, (.steps | map(.action.args, .observation.stdout))]' '["e1",[{"command":"ls"},"\u0000\u001b[0m",{},"y"]]' "$(<ours)"
	cat >rows <<'END'
{"responses_create_params": {"input": [{"role": "user", "content": "u"}], "tools": [{"type": "function", "name": "shell", "parameters": {}, "strict": true}], "temperature": 1}, "response": {"id": "x", "output": [{"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "hm"}]}, {"type": "function_call", "name": "shell", "arguments": "{\"command\":\"ls\"}", "call_id": "a", "id": "f"}, {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": "b"}, {"type": "function_call_output", "call_id": "a", "output": "x"}, {"type": "function_call_output", "call_id": "b", "output": "y"}, {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]}]}, "reward": 1.0, "_ng_task_index": 4, "_ng_rollout_index": 0}
END
	returns nemo rows
	expect '[.reward, .verdict.status, (.steps | map(.observation.stdout)), .extra.after[0].content]' '[1,"pass",["x","y"],"done"]' "$(<ours)"
	# Two calls that have one name have two in ATIF.
	jq -c '.messages[1].tool_calls[].id = "a" | .messages[2:4][].tool_call_id = "a"' <<<'{"messages": [{"role": "user", "content": "u"},
		{"role": "assistant", "content": null, "tool_calls": [{"id": "", "type": "function", "function": {"name": "f", "arguments": "{}"}},
		{"id": "", "type": "function", "function": {"name": "g", "arguments": "{}"}}]},
		{"role": "tool", "tool_call_id": "", "content": "x"}, {"role": "tool", "tool_call_id": "", "content": "y"}]}' >rows
	rollout-convert --from openai --to atif rows >there
	"$SRC/test/atif-check" <there
	rollout-convert --from atif --to openai <there | same - rows
	echo '{"obs": "x", "action": "ls", "reward": 1, "terminated": true, "truncated": false, "info": "none"}' >steps
	returns gymnasium steps
	# Two episodes, of which the second ends with the file.
	cat >steps <<'END'
{"obs": [1, 2], "info": {"seed": 1}}
{"obs": 1, "action": 3, "reward": 1.5, "terminated": false, "truncated": false, "info": {}}
{"obs": "x", "action": "ls", "reward": 2, "terminated": false, "truncated": true, "info": {}}
{"obs": {"a": 1}, "action": {"tool": "t", "args": {}}, "reward": 0, "terminated": false, "truncated": false}
END
	returns gymnasium steps
	expect 'map([.return, .truncated, (.steps | map(.action))])' '[[3.5,true,[{"tool":"step","args":{"action":3}},{"tool":"shell","args":{"command":"ls"}}]],[0,false,[{"tool":"t","args":{}}]]]' \
		"$(jq -s . ours)"
}

# The forms of InterCode's agents and environments.
results() {
	cat <<'END'
{
  "0": {"environment": "ic_bash", "dataset": "d/tasks.json", "task_id": 0, "query": "Count to 3", "turn_history": {"actions": ["seq 2", "sleep 99", "seq \"3\""], "observations": ["1\n2\n", "Command timed out", "1\n2\n3\n"], "rewards": [0.67, 0.67, 1.0], "valid_action": [true, false, true]}, "summary": {"max_reward": 1.0, "max_reward_idx": 2, "turns_taken": 3, "turns_max": 10}},
  "1": {"environment": "ic_sql", "task_id": 1, "query": "q", "hardness": "easy", "turn_history": {"thoughts": ["a", "b"], "actions": ["SELECT 1", "submit"], "observations": [[[1, "x"]], ""], "rewards": [0.5, 0.5], "valid_action": [true, true]}, "summary": {"max_reward": 0.5}},
  "2": {"environment": "ic_ctf", "task_id": 2, "query": "q", "turn_history": {"plan": "first", "actions": ["ls", "submit flag{x}"], "observations": ["f", "ok"], "rewards": [0, 1]}},
  "3": {"environment": "ic_python", "task_id": 3, "query": "q", "turn_history": {"actions": [], "observations": [], "rewards": []}, "plan": "p"}
}
END
}

@test "intercode: each of its forms comes back as it was" {
	results >results.json
	returns intercode results.json
	expect '[.[].steps[].action | .tool, .args[]]' '["shell","seq 2","shell","sleep 99","shell","seq \"3\"","sql","SELECT 1","submit","shell","ls","submit","flag{x}"]' \
		"$(jq -s . ours)"
	expect 'map([.reward, .terminated, .truncated, .steps[0].extra.reasoning])' '[[1,true,false,null],[0.5,true,false,"a"],[1,true,false,null],[null,false,true,null]]' "$(jq -s . ours)"
	# By their names, of which there may be two.
	jq -c '{"7": .["1"], "x\"": .["0"]}' results.json >named.json
	returns intercode named.json
	cat ours ours | rollout-convert --from pipegym --to intercode | jq -ce 'keys == ["0", "1", "7", "x\""]'
	# Entries that are unfit are named, and the others go on.
	jq '{"a": .["0"], "b": 1, "c": {"turn_history": {"actions": [1]}}, "d\u001b": {"turn_history": {}}, "e": .["1"]}' results.json |
		sed '$s/.*/, "f" 1}/' >bad.json
	converts 3 intercode pipegym bad.json
	[[ $stderr == *'bad.json: entry "b": it is no object'*'bad.json: entry "c": an action is no text'*'the object is broken here'* ]]
	[[ $stderr != *$'\e'* ]]
	expect 'map(.type)' '["rollout","error","error","error","rollout","error"]' "$(jq -s . <<<"$output")"
}

@test "intercode: a result is carried out again, on the task that it is of" {
	need_box
	mkdir sets
	echo '[{"query": "Count to 3", "gold": "seq 3"}, {"query": "Count to 4", "gold": "seq 4"}]' >tasks.json
	task-import intercode tasks.json --original -o sets/count >/dev/null
	results | jq '{"0": .["0"]} | .["0"].turn_history |= map_values(del(.[1]))' >results.json
	converts 0 intercode pipegym -T sets --task-set count results.json
	printf '%s\n' "$output" >ours
	expect '[.task, (.task_digest | type)]' '["count/tasks-001","string"]' "$output"
	run rollout-replay -T sets --json <ours
	[[ $status == 0 ]]
	expect '[.match, .matched, .verdict_match]' '["exact",2,true]'
	# What was logged and is not so is a difference; what was not is none, and no match.
	jq -c '.steps[1].observation.stdout = "4\n" | .steps[0].observation = null' ours >other
	run rollout-replay -T sets --json <other
	[[ $status == 1 ]]
	expect '[.match, .matched, .first.step, .first.field, .causes]' '["diverged",0,2,"stdout",{"unknown":1}]'
	# Another task, or none.
	jq -c '.["0"].query = "Count to 4"' results.json >wrong.json
	converts 3 intercode atif -T sets --task-set count wrong.json
	[[ -z $output && $stderr == *'entry "0": count/tasks-001 asks something else'* ]]
	jq -c '.["0"].task_id = 7' results.json >wrong.json
	converts 3 intercode atif -T sets --task-set count wrong.json
	[[ -z $output && $stderr == *"from record 8"* ]]
	jq -c '{messages: [{role: "user", content: .["0"].query}]}' wrong.json >row
	converts 0 openai pipegym -T sets --task-set count row
	expect .task '"count/tasks-001"'
	converts 3 openai pipegym -T sets --task-set none row
}

# rollout EPISODE TASK REWARD: a short one.
rollout() {
	jq -cn --arg episode "$1" --arg task "$2" --argjson reward "$3" '{type: "rollout", $episode, $task, reset: {prompt: $task},
		steps: [{action: {tool: "shell", args: {command: $episode}}, observation: {stdout: "out", exit: 1}}], $reward}'
}

@test "sft and dpo: messages with flags, pairs of a task, the best with the worst" {
	for line in 'a t/1 0.5' 'b t/2 1' 'c t/1 1' 'd t/1 0' 'e t/1 0.5' 'f t/1 null' 'g t/2 1' 'h t/1 0.2'; do
		# shellcheck disable=SC2086 # words
		rollout $line
	done >rollouts
	converts 0 pipegym sft rollouts
	expect '.[0] | [.task, .reward, (.messages | map(.role, .loss))]' '["t/1",0.5,["user",false,"assistant",true,"tool",false]]' "$(jq -s . <<<"$output")"
	[[ $(jq -r '.messages[2].content' <<<"${lines[0]}") == $'out\n[exit 1]' ]]
	TMPDIR=$T converts 0 pipegym dpo rollouts
	expect 'map([.task, .chosen_episode, .rejected_episode, .chosen_reward, .rejected_reward])' \
		'[["t/1","c","d",1,0],["t/1","a","h",0.5,0.2]]' "$(jq -s . <<<"$output")"
	expect '.[0] | [(.prompt | map(.content)), .chosen[0].tool_calls[0].function.arguments, .rejected[0].tool_calls[0].function.arguments]' \
		'[["t/1"],"{\"command\":\"c\"}","{\"command\":\"d\"}"]' "$(jq -s . <<<"$output")"
	[[ $stderr == *"in no pair: 3 rollouts, and 1 without a reward"* && -z $(find "$T" -name 'pipegym-*') ]]
	# What is there twice is no other pair, and what says the same is none.
	jq -c '., (select(.episode == "b") | .reward = 0)' rollouts rollouts >twice
	converts 0 pipegym dpo twice
	expect 'map([.task, .chosen_episode, .rejected_episode])' '[["t/1","c","d"],["t/1","a","h"],["t/2","g","b"]]' "$(jq -s . <<<"$output")"
	[[ $stderr == *"in no pair: 10 rollouts, and 2 without a reward"* ]]
}

@test "what no format knows comes back, what was changed is no fault in theirs, and another shape is refused" {
	local format patch
	rollout a t/1 1 | jq -c '.reset.tools = [{name: "shell", strict: true}] | .steps[0].observation.terminated = true
		| .steps += [{action: {tool: 5, args: {}, id: 7}, observation: null}]' >odd
	for format in atif openai nemo gymnasium intercode; do
		rollout-convert --from pipegym --to "$format" odd >there
		[[ $format != atif ]] || "$SRC/test/atif-check" <there
		rollout-convert --from "$format" --to pipegym <there >back
		same back odd
		# Said to be theirs, of which nothing is left.
		jq -c --arg format "$format" '.source = {format: $format} | .task_digest = null' odd >bare
		rollout-convert --from pipegym --to "$format" bare >there
		[[ $format != atif ]] || "$SRC/test/atif-check" <there
		rollout-convert --from "$format" --to pipegym <there >back
		same back bare
	done
	for patch in '.source = "x"' '.reset.tools = true' '.reset.tools = ["x"]' '.extra.after = [{role: "x"}]' '.extra.fields = {atif: 1}' \
		'.steps[0].extra.content = 5' '.steps[0].extra.before = {}' '.steps[1].extra.call = {openai: []}'; do
		jq -c "$patch" odd >forged
		converts 3 pipegym atif forged
		[[ -z $output && $stderr =~ 'line 1: '(its|the)' '.*(is no|are no|is not) ]]
	done
}

@test "what is malformed is named, with file and place, and the rest goes on" {
	{
		printf '%s\n' '{"type":"rollout"' '' '{"type":"rollout","episode":"x","steps":[{}]}' $'{"a":"\xff"}' '[1]' \
			'{"type":"error","line":3,"reason":"made up","status":3}' '{"type":"rollout","episode":"x","steps":[],"extra":1}'
		rollout a t/1 1
	} >bad
	converts 3 pipegym pipegym bad
	expect 'map(.type)' '["error","error","error","error","error","error","error","rollout"]' "$(jq -s . <<<"$output")"
	[[ $stderr == *"bad: line 1: invalid JSON"*"bad: line 3: step 1 has no action"*"bad: line 4: invalid UTF-8"*"bad: line 7: its extra is no object"* ]]
	converts 3 pipegym openai bad
	expect 'map(has("messages"))' '[true]' "$(jq -s . <<<"$output")"
	printf '%s\n' '{"action":"start","task_id":"1"}' '{"action":"command","command":"ls"}' '{bad' '{"action":"close"}' \
		'{"action":"start","task_id":2}' '{"action":"submit"}' >actions
	converts 3 codecraft pipegym actions
	expect 'map([.type, .task])' '[["error",null],["rollout","2"]]' "$(jq -s . <<<"$output")"
	[[ $stderr == *"actions: line 3: "* ]]
	converts 4 pipegym atif none
	mkdir folder
	converts 3 pipegym atif folder
	# What says that it is ours, and is not.
	for format in atif openai nemo gymnasium; do
		echo '{"schema_version": "ATIF-v1.7", "steps": [{"source": "user"}], "messages": [], "responses_create_params": {}, "response": {"output": []},
			"obs": 1, "info": {"pipegym": {"steps": 1}}, "extra": {"pipegym": {"steps": [{}]}}}' | tr -d '\n' >ours
		converts 3 "$format" pipegym ours
	done
	echo '{"schema_version": "ATIF-v1.7", "steps": [{"source": "agent", "message": "", "reasoning_content": 5}]}' >other
	converts 3 atif pipegym other
	[[ $stderr == *"record 1: the reasoning_content of a step is no text" ]]
	# Or has another shape.
	jq -c '.extra.pipegym.rollout = {"type": "rollout"} | .extra.pipegym.steps = []' ours >other
	converts 3 atif pipegym other
	[[ $stderr == *"its episode is no text"* ]]
	converts 2 nothing pipegym bad
	converts 2 sft pipegym bad
	converts 2 pipegym nothing bad
}
