#!/usr/bin/env bats
# agent-oracle: plays the known solution, and only when an episode opens.

load helper

setup() {
	common_setup
	fixture_task unit/hello
	export PIPEGYM_TASKS=$T/tasks
}

# observe EPISODE [TASK [STEP]]: an observation as env-reset and env-step print them.
observe() {
	jq -cn --arg episode "$1" --arg task "${2:-unit/hello}" --argjson step "${3:-0}" \
		'{type: "observation", $episode, $task, $step, prompt: "", tools: [], limits: {}}'
}

# plays [JSON...]: it succeeded, said nothing and printed these records.
plays() {
	local expected
	expected=$(printf '%s\n' "$@" | jq -cS .)
	if ((status != 0)) || [[ -n $stderr || $(jq -cS . <<<"$output") != "$expected" ]]; then
		echo "status $status, stderr: $stderr, stdout: $output"
		return 1
	fi
}

@test "the whole solution at step 0, for each episode" {
	{
		observe a
		observe b
	} >first
	separate agent-oracle <first
	plays '{"episode":"a","tool":"shell","args":{"command":"echo hello > greeting.txt"}}' \
		'{"episode":"a","tool":"submit","args":{}}' \
		'{"episode":"b","tool":"shell","args":{"command":"echo hello > greeting.txt"}}' \
		'{"episode":"b","tool":"submit","args":{}}'
}

@test "later observations are read over" {
	{
		observe a unit/hello 1
		observe a unit/unknown 2
	} >later
	separate agent-oracle <later
	plays
}

@test "nothing in, nothing out" {
	separate agent-oracle </dev/null
	plays
}

@test "short forms are printed in full" {
	cat >"$T/tasks/unit/hello/solution.jsonl" <<'END'
"ls -l"
{"action":"command","command":"pwd"}
{"tool":"write_file","args":{"path":"a","content":"é\n"},"id":"w"}
{"tool":"submit","args":{"answer":"42"}}
END
	separate agent-oracle < <(observe a)
	plays '{"episode":"a","tool":"shell","args":{"command":"ls -l"}}' \
		'{"episode":"a","tool":"shell","args":{"command":"pwd"}}' \
		'{"episode":"a","tool":"write_file","args":{"path":"a","content":"é\n"},"id":"w"}' \
		'{"episode":"a","tool":"submit","args":{"answer":"42"}}'
}

@test "a string is for the first tool of the task" {
	fixture_task unit/quiz '{"tools": ["submit"], "checks": [{"name": "a", "type": "answer", "answer": "4"}]}'
	echo '"4"' >"$T/tasks/unit/quiz/solution.jsonl"
	separate agent-oracle < <(observe a unit/quiz)
	plays '{"episode":"a","tool":"submit","args":{"answer":"4"}}'
}

@test "a task of a .jsonl set" {
	jq -c '. + {name: "x", solution: ["true"]}' "$T/tasks/unit/hello/task.json" >"$T/tasks/lines.jsonl"
	separate agent-oracle -T "$T/tasks" < <(observe a lines/x)
	plays '{"episode":"a","tool":"shell","args":{"command":"true"}}'
}

@test "-T: where to look for tasks" {
	mkdir -p "$T/other"
	separate agent-oracle -T "$T/other" < <(observe a)
	[ "$status" -eq 3 ]
	[ "$stderr" = "agent-oracle: line 1: a: no such task: unit/hello" ]
	[ "$(field '[.type, .line, .episode, .reason, .status] | @csv')" = '"error",1,"a","no such task: unit/hello",3' ]
}

@test "a task without solution, a broken task, a solution that no tool can carry out" {
	fixture_task unit/none
	rm "$T/tasks/unit/none/solution.jsonl"
	fixture_task unit/broken '{"attempts": 0}'
	fixture_task unit/wrong
	printf '%s\n' '"true"' '{"tool":"fly"}' >"$T/tasks/unit/wrong/solution.jsonl"
	fixture_task unit/torn
	printf '%s\n' '"true"' '{"tool"' >"$T/tasks/unit/torn/solution.jsonl"
	{
		observe a unit/none
		observe b unit/broken
		observe c unit/wrong
		observe d unit/torn
		observe e
	} >first
	separate agent-oracle <first
	[ "$status" -eq 3 ]
	[ "$(jq -r '"\(.type) \(.episode)"' <<<"$output")" = "error a
error b
error c
error d
null e
null e" ]
	[[ ${stderr_lines[0]} == "agent-oracle: line 1: a: task unit/none has no solution" ]]
	[[ ${stderr_lines[1]} == "agent-oracle: line 2: b: "*"unit/broken/task.json: .attempts: must be a whole number of 1 to 1000" ]]
	[[ ${stderr_lines[2]} == "agent-oracle: line 3: c: task unit/wrong: action 2 of its solution: unknown tool: fly" ]]
	[[ ${stderr_lines[3]} == "agent-oracle: line 4: d: "*"unit/torn/solution.jsonl: line 2: invalid JSON: "* ]]
}

@test "what is no observation is refused, error records are passed on, the rest is played" {
	{
		echo '{'
		echo
		echo '{"type":"verdict","episode":"a","task":"unit/hello","step":0}'
		echo '{"type":"observation","episode":"a","task":"unit/hello"}'
		echo '{"type":"observation","episode":"a","step":0}'
		echo '{"type":"error","line":7,"reason":"of an earlier program","status":3}'
		observe a
	} >input
	separate agent-oracle <input
	[ "$status" -eq 3 ]
	[ "$(jq -r '"\(.type) \(.line)"' <<<"$output")" = "error 1
error 2
error 3
error 4
error 5
error 7
null null
null null" ]
	[ "${#stderr_lines[@]}" -eq 5 ]
}

@test "a task folder that is missing" {
	separate agent-oracle -T "$T/nowhere" < <(observe a)
	[ "$status" -eq 3 ]
	[ "$stderr" = "agent-oracle: line 1: a: task path: $T/nowhere: no such folder" ]
}

@test "no operands" {
	separate agent-oracle file
	[ "$status" -eq 2 ]
	[ -z "$output" ]
}
