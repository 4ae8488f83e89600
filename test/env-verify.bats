#!/usr/bin/env bats
# env-verify: which episodes it grades, when, what it prints, how it ends. What checks mean is in grade.bats.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 3}, "checks": [
		{"name": "greeting", "type": "file", "path": "greeting.txt", "content": {"trimmed": "hello"}},
		{"name": "other", "type": "file", "path": "other.txt", "exists": false, "weight": 3}]}'
}

# solve EPISODE...
solve() {
	local id
	for id in "$@"; do
		shell_action "$id" 'echo hello >greeting.txt'
	done | env-step >/dev/null
}

@test "a verdict has these fields and no others" {
	solve e-1
	quiet env-verify e-1
	expect 'keys' '["checks","episode","reason","reward","status","task","timing","type"]'
	expect 'del(.timing)' '{"type":"verdict","episode":"e-1","task":"unit/hello","status":"pass","reward":1,"reason":null,"checks":[
		{"name":"greeting","weight":1,"score":1,"passed":true},{"name":"other","weight":3,"score":1,"passed":true}]}'
	expect '.timing | keys' '["wall_ms"]'
}

@test "a verdict that is no pass: exit status 1, and nothing on stderr" {
	act 'echo x >other.txt; echo hell >greeting.txt'
	separate env-verify e-1
	[ "$status" = 1 ]
	[ -z "$stderr" ]
	expect '[.status, .reward, [.checks[] | [.score, .passed]]]' '["fail",0,[[0,false],[0,false]]]'
	expect '.reason | test("^greeting: greeting.txt")' true
	# The reason never tells what was expected.
	[[ $output != *hello,* && $(field .reason) != *hello* ]]
}

@test "each episode once: when a record says that it has ended, else at the end of the input" {
	env-reset -n 3 --id m unit/hello >first
	solve m-1 m-2 m-3
	quiet env-verify <first
	expect .episode $'"m-1"\n"m-2"\n"m-3"'
	quiet env-verify < <(cat first first <(echo '{"episode":"m-2"}'))
	expect .episode $'"m-1"\n"m-2"\n"m-3"'
	# One that has ended comes out before the input ends, the others after.
	coproc env-verify
	local pid=$COPROC_PID
	exec {from}<&"${COPROC[0]}"
	local answer
	printf '%s\n' '{"type":"observation","episode":"m-1","terminated":false}' \
		'{"type":"observation","episode":"m-3","truncated":true}' >&"${COPROC[1]}"
	read -r -t 20 answer <&"$from"
	expect .episode '"m-3"' "$answer"
	echo '{"type":"observation","episode":"m-3","terminated":true}' >&"${COPROC[1]}"
	exec {COPROC[1]}>&-
	read -r -t 20 answer <&"$from"
	expect .episode '"m-1"' "$answer"
	run ! read -r -t 20 answer <&"$from"
	wait "$pid" || :
	exec {from}<&-
}

@test "any record with an episode: observations, actions, verdicts, rollouts, listed episodes" {
	solve e-1
	quiet env-verify <<<'{"type":"action","episode":"e-1","tool":"submit"}'
	expect .status '"pass"'
	env-list --json >list
	quiet env-verify <list
	rollout-log e-1 >rollout
	quiet env-verify <rollout
	quiet env-verify <<<"$output"
	expect '[.type, .status]' '["verdict","pass"]'
}

@test "a recorded verdict is printed again as it was" {
	solve e-1
	quiet env-verify e-1
	local first=$output
	act 'rm greeting.txt'
	quiet env-verify e-1
	[ "$output" = "$first" ]
	separate env-verify --again e-1
	[ "$status" = 1 ]
	expect .status '"fail"'
	local second=$output
	separate env-verify e-1
	[ "$output" = "$second" ]
	quiet rollout-log e-1
	expect '.verdict' "$second"
	[ "$(grep -c '"entry":"verdict"' "$PIPEGYM_STATE/episodes/e-1/journal.jsonl")" = 2 ]
}

@test "an episode that has not ended goes on, its background processes too" {
	act '(while sleep 0.02; do echo x >>ticks; done) & echo hello >greeting.txt'
	quiet env-verify e-1
	act 'until [ -s ticks ]; do sleep 0.02; done; n=$(wc -l <ticks); until [ "$(wc -l <ticks)" -gt "$((n + 3))" ]; do sleep 0.02; done; echo grew'
	expect .stdout '"grew\n"'
	quiet env-verify --again e-1
	act 'echo $n | grep -c .; jobs -p | wc -l'
	expect '[.stdout, .truncated]' '["1\n1\n",true]'
	# Also after the end, and again.
	quiet env-verify --again e-1
	quiet env-verify --again e-1
}

@test "the verdict of submit is the one" {
	act 'echo hello >greeting.txt'
	quiet env-step -e e-1 <<<'{"tool":"submit"}'
	quiet env-verify e-1
	expect '[.status, .reward]' '["pass",1]'
	quiet env-verify --again e-1
	expect '[.status, .reward]' '["pass",1]'
	[ "$(jq -r 'select(.entry == "verdict").step' "$PIPEGYM_STATE/episodes/e-1/journal.jsonl" | paste -sd ' ')" = '2 2' ]
}

@test "several: the worst status counts, all are printed" {
	env-reset -n 3 --id m unit/hello >/dev/null
	solve m-1 m-3
	separate env-verify m-1 m-2 m-3
	[ "$status" = 1 ]
	expect '[.episode, .status]' '["m-1","pass"]
["m-2","fail"]
["m-3","pass"]'
	fails 3 env-verify m-2 nosuch m-3
	expect '[.type, .episode, .status]' '["verdict","m-2","fail"]
["error","nosuch",3]
["verdict","m-3","pass"]'
	[ "$stderr" = 'env-verify: nosuch: no such episode' ]
}

@test "-j" {
	env-reset -n 8 --id m unit/hello >first
	solve m-1 m-2 m-3 m-4 m-5 m-6 m-7 m-8
	quiet env-verify -j 4 <first
	[ "$(jq -r '.episode + " " + .status' <<<"$output" | sort | paste -sd ' ')" = \
		'm-1 pass m-2 pass m-3 pass m-4 pass m-5 pass m-6 pass m-7 pass m-8 pass' ]
}

@test "a task that has changed: error, reward null, exit status 4, and the next try is made" {
	solve e-1
	cp -r tasks kept
	echo more >tasks/unit/hello/files/more
	separate env-verify e-1
	[ "$status" = 4 ]
	expect '[.status, .reward, .checks]' '["error",null,[]]'
	expect '.reason | test("unit/hello has changed")' true
	quiet rollout-log e-1
	expect '[.reward, .verdict.status]' '[null,"error"]'
	rm -r tasks
	separate env-verify e-1
	[ "$status" = 4 ]
	# -T finds it elsewhere.
	quiet env-verify -T kept e-1
	expect '[.status, .reward]' '["pass",1]'
	quiet env-verify e-1
	expect '[.status, .reward]' '["pass",1]'
}

@test "a box that is gone cannot be graded; a verdict from before counts" {
	open_episode known
	solve known-1 e-1
	quiet env-verify known-1
	kill_box known-1
	kill_box e-1
	separate env-verify e-1
	[ "$status" = 4 ]
	expect '[.status, .reward]' '["error",null]'
	quiet env-verify known-1
	expect .status '"pass"'
}

@test "records that are none" {
	solve e-1
	fails 3 env-verify <<<$'broken\n{"type":"observation"}\n"e-1"\n{"episode":7}\n{"episode":"e-1"}'
	expect '[.type, .line]' '["error",1]
["error",2]
["error",3]
["error",4]
["verdict",null]'
	separate env-verify <<<$'{"type":"error","episode":"e-1","reason":"earlier","status":3}\n{"episode":"e-1"}'
	[ "$status" = 3 ]
	expect '[.type, .reason]' '["error","earlier"]
["verdict",null]'
	quiet env-verify </dev/null
	[ -z "$output" ]
}

@test "usage" {
	local arguments
	for arguments in '-j 0 e-1' '-j x e-1' '--nosuch' '-n 1 e-1' '-T'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-verify $arguments </dev/null
		[ -z "$output" ]
	done
	quiet env-verify --help
	[[ $output == 'Usage: env-verify [-T DIR]'* ]]
}
