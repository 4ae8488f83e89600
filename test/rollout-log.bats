#!/usr/bin/env bats
# rollout-log: the rollout of an episode that goes on.

load helper
load episode

setup() {
	common_setup
	begin
}

@test "it is what env-close prints, and the episode goes on" {
	act 'echo one; x=1'
	act 'echo two >&2'
	quiet rollout-log e-1
	local first=$output
	expect '[.type, .reward, .verdict, (.steps | length), .terminated]' '["rollout",null,null,2,false]'
	quiet rollout-log e-1
	[ "$output" = "$first" ]
	act 'echo $x'
	expect '[.step, .stdout]' '[3,"1\n"]'
	env-verify e-1 >/dev/null || [ $? = 1 ]
	quiet rollout-log e-1
	local last=$output
	expect '[(.steps | length), .reward, .verdict.status]' '[3,0,"fail"]'
	quiet env-close e-1
	[ "$output" = "$last" ]
}

@test "an invalid action is in it as it was given" {
	quiet env-step -e e-1 <<<'{"tool":"nosuch","args":[1],"tag":"t"}'
	quiet env-step -e e-1 <<<'{"args":{"command":"ls"}}'
	quiet rollout-log e-1
	expect '[.steps[].action]' '[{"tool":"nosuch","args":[1],"tag":"t"},{"tool":null,"args":{"command":"ls"}}]'
}

@test "an episode whose box is gone, in a copy of the state folder that may only be read" {
	act 'echo one'
	cp -r "$PIPEGYM_STATE" copy
	quiet env-close e-1
	local rollout=$output
	chmod -R a-w copy
	PIPEGYM_STATE=$T/copy quiet rollout-log e-1
	chmod -R u+w copy
	[ "$output" = "$rollout" ]
	rm -r copy
}

@test "a step that is under way has no observation yet" {
	env-step -e e-1 -- 'touch started; sleep 3' >/dev/null &
	local tries
	for tries in {1..100}; do
		quiet rollout-log e-1
		[ "$(field '.steps | length')" = 0 ] || break
		sleep 0.05
	done
	expect '.steps' '[{"action":{"tool":"shell","args":{"command":"touch started; sleep 3"}},"observation":null}]'
	wait
	quiet rollout-log e-1
	expect '.steps[0].observation.exit' 0
}

@test "records on standard input, each episode once" {
	env-reset -n 2 --id m unit/hello >first
	quiet rollout-log < <(cat first first <(echo '{"type":"observation","episode":"m-2","terminated":true}') first)
	expect .episode $'"m-2"\n"m-1"'
	fails 3 rollout-log m-1 nosuch m-2
	expect '[.type, .episode]' '["rollout","m-1"]
["error","nosuch"]
["rollout","m-2"]'
	fails 3 rollout-log <<<$'broken\n{"episode":"m-1"}'
	expect '[.type, .line]' '["error",1]
["rollout",null]'
	separate rollout-log <<<'{"type":"error","reason":"earlier","status":4}'
	[ "$status" = 4 ]
}

@test "broken journals: a torn last line is nothing, a broken line before it is an error" {
	act 'echo one'
	local journal=$PIPEGYM_STATE/episodes/e-1/journal.jsonl
	quiet rollout-log e-1
	local whole=$output
	printf '{"entry":"action","step":2,"ended":fal' >>"$journal"
	quiet rollout-log e-1
	[ "$output" = "$whole" ]
	# Reading changes nothing.
	[ "$(tail -c 3 "$journal")" = fal ]
	printf 'se}\n' >>"$journal"
	sed -i '2s/.*/broken/' "$journal"
	fails 4 rollout-log e-1
	expect '[.type, .episode, .status, (.reason | test("journal.jsonl: line 2"))]' '["error","e-1",4,true]'
}

@test "usage" {
	local arguments
	for arguments in '--nosuch' '-j 2' '-T x e-1' '--all'; do
		# shellcheck disable=SC2086 # words
		fails 2 rollout-log $arguments </dev/null
		[ -z "$output" ]
	done
	quiet rollout-log --help
	[[ $output == 'Usage: rollout-log [EPISODE...]'* ]]
	quiet rollout-log --text e-1
	[[ $output == *e-1* && $output != *'"type"'* ]]
}
