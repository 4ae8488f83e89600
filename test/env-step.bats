#!/usr/bin/env bats
# env-step: which forms of actions it takes, what it prints, how it ends.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 100}}'
}

@test "an observation has these fields and no others" {
	act 'echo hello; echo error >&2; cd /tmp; exit 7'
	expect 'keys' '["cwd","episode","exit","info","reward","stderr","stdout","step","task","terminated","timing","tool","truncated","type"]'
	expect 'del(.timing)' '{"type":"observation","episode":"e-1","task":"unit/hello","step":1,"tool":"shell","stdout":"hello\n","stderr":"error\n","exit":7,"cwd":"/tmp","info":{"shell":"ended"},"reward":0,"terminated":false,"truncated":false}'
	expect '.timing | keys' '["wall_ms"]'
	expect '.timing.wall_ms > 0' true
	act true
	expect .step 2
}

@test "all forms of an action" {
	local forms=(
		'"echo a"'
		'{"episode":"e-1","tool":"shell","args":{"command":"echo a"}}'
		'{"type":"action","episode":"e-1","tool":"shell","args":{"command":"echo a"}}'
		'{"tool":"shell","args":{"command":"echo a"}}'
		'{"action":"command","command":"echo a"}'
		'{"episode":"e-1","action":"command","command":"echo a"}'
	)
	printf '%s\n' "${forms[@]}" >actions
	quiet env-step -e e-1 <actions
	expect '[.stdout, .tool, .exit]' "$(printf '["a\\n","shell",0]\n%.0s' "${forms[@]}")"
	quiet env-step -e e-1 <<<'{"action":"write_file","path":"f","content":"text\n"}'
	expect '[.tool, .exit]' '["write_file",0]'
	act 'cat f'
	expect_out $'text\n'
	# A last line needs no newline.
	quiet env-step -e e-1 < <(printf '"echo b"')
	expect .stdout '"b\n"'
}

@test "-e is for actions that name no episode" {
	open_episode other
	printf '%s\n' '"echo one"' '{"episode":"other-1","tool":"shell","args":{"command":"echo two"}}' >actions
	quiet env-step -e e-1 <actions
	expect '[.episode, .stdout]' $'["e-1","one\\n"]\n["other-1","two\\n"]'
	quiet env-step --episode=e-1 <<<'"echo three"'
	expect .stdout '"three\n"'
}

@test "-- COMMAND: its words are joined by spaces" {
	quiet env-step -e e-1 -- echo 'a  b' '$((1 + 1))' "'c  d'"
	expect .stdout '"a b 2 c  d\n"'
	quiet env-step -e e-1 -- -x
	expect .exit 127
	quiet env-step -e e-1 pwd
	expect .stdout '"/workspace\n"'
	# It leaves standard input alone.
	quiet env-step -e e-1 true <<<'not an action'
	expect .exit 0
	separate bash -c '{ env-step -e e-1 -- true >/dev/null; cat; } <<<rest'
	[ "$output" = rest ]
}

@test "--plain: each line is a command" {
	printf '%s\n' 'x="{"' 'echo $x' '"quoted"' '' '# comment' 'echo last' >commands
	quiet env-step -e e-1 --plain <commands
	expect '[.step, .stdout, .exit]' '[1,"",0]
[2,"{\n",0]
[3,"",127]
[4,"",0]
[5,"",0]
[6,"last\n",0]'
}

@test "what the command does is not the exit status" {
	quiet env-step -e e-1 -- 'false'
	quiet env-step -e e-1 -- 'exit 4'
	quiet env-step -e e-1 -- 'kill -9 $$'
	quiet env-step -e e-1 <<<'{"tool":"nosuch"}'
	quiet env-step </dev/null
	[ -z "$output" ]
}

# line NUMBER FILTER JSON: what is on this line of the output.
line() {
	expect "$2" "$3" "$(sed -n "$1p" <<<"$output")"
}

@test "a record that cannot be handled gives an error record in its place, and the next goes on" {
	{
		echo '"echo first"'
		echo 'not json'
		echo ''
		echo '[1]'
		echo '5'
		echo 'null'
		echo '{"type":"observation","episode":"e-1"}'
		echo '{"episode":"nosuch","tool":"shell","args":{"command":"true"}}'
		echo '{"episode":"../e-1","tool":"shell","args":{"command":"true"}}'
		echo '{"episode":5,"tool":"nosuch"}'
		printf '"\xff"\n'
		echo '{"episode":"e-1","tool":"shell","args":{"command":"true"},"id":5}'
		echo '"a" "b"'
		echo '{"episode":"e-1","tool":"shell","args":{"command":"true"},"id":"\u0000"}'
		echo '"echo last"'
	} >actions
	separate env-step -e e-1 <actions
	[ "$status" = 3 ]
	[ "${#lines[@]}" = 15 ]
	line 1 '[.type, .stdout]' '["observation","first\n"]'
	local n
	for n in 2 3 4 5 6 7 8 9 11 12 13 14; do
		line "$n" '[.type, .line, .status, (.reason | length > 3)]' "[\"error\",$n,3,true]"
		grep -q "^env-step: line $n: " <<<"$stderr"
	done
	line 7 '.reason | test("observation")' true
	line 8 '[.episode, .reason]' '["nosuch","no such episode"]'
	line 15 '[.type, .stdout]' '["observation","last\n"]'
	# 1, perhaps 10 (an episode that is no string is none), 15: nothing else was a step.
	line 15 '.step <= 3' true
}

@test "no episode in the action and no -e" {
	fails 3 env-step <<<'"echo a"'
	expect '[.type, .line, .status]' '["error",1,3]'
	[ "$stderr" = 'env-step: line 1: no "episode" in it, and no -e' ]
}

@test "--strict stops at the first record that cannot be handled" {
	printf '%s\n' '"echo 1"' 'broken' '"echo 2"' '"echo 3"' >actions
	fails 3 env-step --strict -e e-1 <actions
	[ "${#lines[@]}" = 2 ]
	line 1 .stdout '"1\n"'
	line 2 '[.type, .line]' '["error",2]'
	act 'true'
	expect .step 2
	# Also when it is the episode that is wrong, and with jobs.
	printf '%s\n' '{"episode":"nosuch","tool":"shell","args":{"command":"true"}}' '"echo 2"' >actions
	fails 3 env-step --strict -e e-1 <actions
	[ "${#lines[@]}" = 1 ]
	{
		echo '{"episode":"nosuch","tool":"shell","args":{"command":"true"}}'
		yes '"true"' | head -n 60
	} >actions
	fails 3 env-step --strict -j 2 -e e-1 <actions
	grep -q '"no such episode"' <<<"$output"
	# What the agent does wrong is not the caller's mistake.
	printf '%s\n' '{"tool":"nosuch"}' '"echo 2"' >actions
	quiet env-step --strict -e e-1 <actions
	[ "${#lines[@]}" = 2 ]
}

@test "error records of an earlier program pass through" {
	local error='{"type":"error",  "line": 12,"reason":"no such task","status":3, "more": [1]}'
	separate env-step -e e-1 < <(printf '%s\n' "$error" '"echo a"')
	[ "$status" = 3 ]
	[ -z "$stderr" ]
	[ "${lines[0]}" = "$error" ]
	line 2 .stdout '"a\n"'
	separate env-step -e e-1 <<<'{"type":"error","reason":"x","status":4}'
	[ "$status" = 4 ]
	separate env-step -e e-1 <<<'{"type":"error","reason":"x"}'
	[ "$status" = 3 ]
}

@test "the tag comes back, other fields do not" {
	quiet env-step <<<'{"episode":"e-1","tool":"shell","args":{"command":"true"},"tag":{"a":[1,null,"ä"]},"other":1,"id":"i1"}'
	expect '[.tag, .other, .id]' '[{"a":[1,null,"ä"]},null,null]'
	quiet env-step <<<'{"episode":"e-1","tool":"nosuch","tag":false}'
	expect '[.tag, .info.invalid]' '[false,true]'
	quiet env-step <<<'{"episode":"e-1","tool":"shell","args":{"command":"true"},"tag":null}'
	expect 'has("tag")' true
}

@test "an action id that the journal has gets its observation again and runs nothing" {
	local action='{"episode":"e-1","tool":"shell","args":{"command":"echo x >>f; wc -l <f"},"id":"a1"}'
	quiet env-step <<<"$action"
	local first=$output
	expect '[.step, .stdout]' '[1,"1\n"]'
	quiet env-step <<<"$action"
	[ "$output" = "$first" ]
	# Within one process, and whatever the rest of the action is.
	quiet env-step < <(printf '%s\n' "$action" '{"episode":"e-1","tool":"shell","args":{"command":"rm f"},"id":"a1"}' "$action")
	[ "$output" = "$first"$'\n'"$first"$'\n'"$first" ]
	# Another id, or none, is another action. An id is the whole string.
	quiet env-step <<<"${action/a1/a}"
	expect '[.step, .stdout]' '[2,"2\n"]'
	act 'wc -l <f; echo "{\"id\":\"a3\"}"'
	expect '[.step, .stdout]' '[3,"2\n{\"id\":\"a3\"}\n"]'
	quiet env-step <<<"${action/a1/a3}"
	expect '[.step, .stdout]' '[4,"3\n"]'
	quiet env-step <<<"${action/a1/}"
	expect .step 5
	# The mistake of an agent is recorded as well.
	quiet env-step < <(printf '%s\n' '{"episode":"e-1","tool":"nosuch","id":"b"}' '{"episode":"e-1","tool":"shell","args":{"command":"true"},"id":"b"}')
	expect '[.step, .error]' $'[6,"unknown tool: nosuch"]\n[6,"unknown tool: nosuch"]'
	# And of another episode it is another id.
	open_episode other
	quiet env-step <<<"${action/e-1/other-1}"
	expect '[.step, .stdout]' '[1,"1\n"]'
}

@test "an id is remembered beyond the end of the episode" {
	quiet env-step -e e-1 <<<'{"tool":"submit","args":{"answer":"x"},"id":"end"}'
	local first=$output
	expect '[.terminated, .reward, .info]' '[true,0,{"verdict":"fail"}]'
	quiet env-step -e e-1 <<<'{"tool":"submit","id":"end"}'
	[ "$output" = "$first" ]
	fails 3 env-step -e e-1 <<<'{"tool":"submit","id":"another"}'
	expect '[.reason, .episode, .line]' '["the episode has ended","e-1",1]'
}

@test "the step limit truncates, and nothing follows" {
	fixture_task unit/short '{"limits": {"steps": 3}}'
	open_episode short unit/short
	printf '%s\n' '"true"' '{"tool":"nosuch"}' '"echo 3"' '"echo 4"' >actions
	fails 3 env-step -e short-1 <actions
	expect '[.type, .step, .terminated, .truncated]' '["observation",1,false,false]
["observation",2,false,false]
["observation",3,false,true]
["error",null,null,null]'
	line 4 '[.line, .episode, .reason, .status]' '[4,"short-1","the episode has ended",3]'
	fails 3 env-step -e short-1 -- true
	# A submit as the last step is an end, not a limit.
	env-reset --id last unit/short >/dev/null
	printf '%s\n' '"echo hello >greeting.txt"' '"true"' '{"tool":"submit"}' >actions
	quiet env-step -e last-1 <actions
	line 3 '[.terminated, .truncated, .reward]' '[true,false,1]'
}

@test "submit ends the episode with a reward; attempts allow more" {
	fixture_task unit/twice '{"attempts": 2}'
	open_episode twice unit/twice
	quiet env-step -e twice-1 <<<'{"tool":"submit"}'
	expect '[.reward, .terminated, .exit, .stdout, .info.verdict]' '[0,false,0,"","fail"]'
	act 'echo hello >greeting.txt' twice-1
	quiet env-step -e twice-1 <<<'{"tool":"submit"}'
	expect '[.reward, .terminated, .info.verdict]' '[1,true,"pass"]'
	env-reset --id both unit/twice >/dev/null
	printf '%s\n' '{"tool":"submit"}' '{"tool":"submit"}' '{"tool":"submit"}' >actions
	fails 3 env-step -e both-1 <actions
	expect '.terminated' $'false\ntrue\nnull'
	# The first pass ends it.
	env-reset --id pass unit/twice >/dev/null
	act 'echo hello >greeting.txt' pass-1
	quiet env-step -e pass-1 <<<'{"tool":"submit"}'
	expect '[.reward, .terminated]' '[1,true]'
}

@test "-j keeps the order within an episode" {
	local i id
	env-reset -n 6 --id many unit/hello >/dev/null
	for i in {1..10}; do
		for id in {1..6}; do
			shell_action "many-$id" "echo $i >>log; wc -l <log"
		done
	done >actions
	quiet env-step -j 4 <actions
	[ "${#lines[@]}" = 60 ]
	for id in {1..6}; do
		expect "[.[] | select(.episode == \"many-$id\") | [.step, (.stdout | tonumber)]] == [range(1; 11) | [., .]]" true \
			"$(jq -s . <<<"$output")"
	done
	# Without -j all is in the order of the input.
	quiet env-step <actions
	[ "$(jq -r .episode <<<"$output")" = "$(jq -r .episode actions)" ]
}

@test "an observation is printed before the next action is read" {
	local answer
	coproc env-step -e e-1
	local pid=$COPROC_PID
	exec {from}<&"${COPROC[0]}"
	local i
	for i in 1 2 3; do
		echo "\"echo $i\"" >&"${COPROC[1]}"
		read -r -t 20 answer <&"${COPROC[0]}"
		expect .stdout "\"$i\\n\"" "$answer"
	done
	exec {COPROC[1]}>&-
	wait "$pid" || :
	exec {from}<&-
}

@test "-T: where submit finds the task" {
	act 'echo hello >greeting.txt'
	cp -r tasks moved
	rm -r tasks
	act 'true'
	separate env-verify e-1
	[ "$status" = 4 ]
	expect '[.status, .reward]' '["error",null]'
	quiet env-step -T moved -e e-1 <<<'{"tool":"submit"}'
	expect '[.reward, .info.verdict]' '[1,"pass"]'
}

@test "a box that is gone: an error that is worth a retry, and no step" {
	kill_box e-1
	fails 4 env-step -e e-1 -- true
	expect '[.type, .episode, .status, (.reason | test("box is gone"))]' '["error","e-1",4,true]'
	fails 4 env-step -e e-1 <<<'"true"'
	expect '[.line, .status]' '[1,4]'
	quiet rollout-log e-1
	expect '.steps | length' 0
	# A mistake needs no box.
	quiet env-step -e e-1 <<<'{"tool":"nosuch"}'
	expect .step 1
}

@test "a box that dies under a step" {
	quiet env-step -e e-1 -- true
	local pid
	pid=$(box_pid e-1)
	(begun action e-1 && kill -9 "$pid") &
	fails 4 env-step -e e-1 -- sleep 30
	expect '[.type, .episode, .status]' '["error","e-1",4]'
	wait
	quiet rollout-log e-1
	expect '[.steps[] | .observation != null]' '[true,false]'
}

@test "an action nested as deep as may be is refused or recorded, and never harms the journal" {
	local depth
	for depth in 60 90 99 100 110 124 125 126 127 128 129 140 199 200 250 254 255 256; do
		jq -cn --argjson depth "$depth" '(reduce range($depth) as $i (1; {a: .})), (reduce range($depth) as $i (1; [.])), (reduce range($depth / 2) as $i (1; [{a: .}])) |
			{episode: "e-1", tool: "nosuch", tag: .}, {episode: "e-1", tool: "shell", args: {command: .}}'
	done >actions
	separate env-step <actions
	[ "$status" = 3 ]
	[ "${#lines[@]}" = "$(wc -l <actions)" ]
	expect '[.[] | select(.type == "observation")] | length > 10' true "$(jq -s . <<<"$output")"
	quiet rollout-log e-1
	quiet rollout-replay <<<"$output"
	expect .match '"exact"'
}

@test "a reader that goes away: what was begun is recorded, the rest is not begun" {
	yes '"echo x >>log; sleep 0.1"' | head -n 90 >actions
	separate bash -c 'env-step -e e-1 <actions | head -n 1 >first; echo "${PIPESTATUS[0]}"'
	[ "$output" = 4 ]
	[ -z "$stderr" ]
	quiet rollout-log e-1
	expect '[.steps[].observation | type] | unique' '["object"]'
	local steps
	steps=$(field '.steps | length')
	((steps >= 1 && steps < 90))
	act 'wc -l <log'
	expect '.stdout | tonumber' "$steps"
}

@test "an episode whose time is up in the middle of a step" {
	fixture_task unit/brief '{"limits": {"total_s": 6}}'
	open_episode brief unit/brief
	fails 4 env-step -e brief-1 -- sleep 60
	expect '[.type, .episode, .status]' '["error","brief-1",4]'
	fails 4 env-step -e brief-1 -- true
	expect '.reason | test("expired")' true
	quiet env-close brief-1
	expect '[.steps[].observation.info]' '[{"interrupted":true}]'
}

@test "usage" {
	local arguments
	for arguments in --plain '-- true' 'true' '-j 0' '-j 4097' '-j x' '-j' '-e' '--nosuch' '-e e-1 -j -1 true'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-step $arguments </dev/null
		[ -z "$output" ]
		[[ $stderr == *"Try 'env-step --help'."* ]]
	done
	quiet env-step --help
	[[ $output == 'Usage: env-step [-T DIR]'* ]]
	quiet env-step --version
	[[ $output == 'env-step (pipegym) '* ]]
}

@test "--text is for people" {
	quiet env-step --text -e e-1 -- 'echo hello; printf "\e[31mred"'
	[[ $output == *hello* ]]
	[[ $output != *$'\e[31m'* ]]
	[[ $output != *'"type"'* ]]
}

@test "a state folder that is not there, or cannot be made" {
	PIPEGYM_STATE=$T/nosuch fails 3 env-step -e e-1 -- true
	touch file
	PIPEGYM_STATE=$T/file fails 4 env-step -e e-1 -- true
}

@test "an episode that is no text, or has a NUL in it, is no other" {
	open_episode n
	printf '%s\n' '{"episode":"n-1\u0000x","tool":"shell","args":{"command":"true"}}' '{"episode":7,"tool":"shell","args":{"command":"true"}}' \
		'{"episode":null,"tool":"shell","args":{"command":"true"}}' >actions
	separate env-step -e n-1 <actions
	[ "$status" = 3 ]
	expect '[.type, .reason]' '["error","\"episode\" is no id"]' "$(sed -n 1p <<<"$output")"
	[ "$(grep -c '"episode\\" is no id' <<<"$output")" = 3 ]
	fails 3 env-verify < <(head -n 1 actions)
	quiet rollout-log n-1
	expect '.steps' '[]'
}
