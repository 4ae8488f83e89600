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
	env-step -e e-1 -- 'touch started; sleep 5' >/dev/null &
	begun action e-1
	quiet rollout-log e-1
	expect '.steps' '[{"action":{"tool":"shell","args":{"command":"touch started; sleep 5"}},"observation":null}]'
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
	: >"$journal"
	fails 4 rollout-log e-1
	expect '[.type, .reason]' '["error","episode e-1: journal.jsonl: no reset"]'
}

# tree ARGUMENT...: each member as [episode, its parent's, the step], in the order of rollout-log --family.
tree() {
	quiet rollout-log --family "$@"
	jq -c '[.type, .episode, .parent.episode, .parent.step]' <<<"$output" | sed 's/"rollout",//' | paste -sd ' '
}

@test "--family: the whole family, parents before branches, each once, whoever is named" {
	act 'echo one'
	open_episode other
	local name all
	env-fork -n 2 --id a e-1 >/dev/null
	act 'echo two' a-1
	act 'echo three' a-1
	env-fork -n 2 --id b a-1 >/dev/null
	env-fork --at 1 --id c b-1 >/dev/null
	all='["e-1",null,null] ["a-1","e-1",1] ["b-1","a-1",3] ["c-1","b-1",1] ["b-2","a-1",3] ["a-2","e-1",1]'
	for name in e-1 a-1 b-2 c-1; do
		[ "$(tree $name)" = "$all" ]
	done
	[ "$(tree b-2 e-1 b-2)" = "$all" ]
	[ "$(env-list | tree)" = "$all [\"other-1\",null,null]" ]
	[ "$(env-list | tree other-1 c-1)" = "[\"other-1\",null,null] $all" ]
	# Rollouts as they always are.
	quiet rollout-log e-1 a-1 b-1 c-1 b-2 a-2
	[ "$output" = "$(rollout-log --family a-2)" ]
	kill_box b-1
	quiet rollout-log --family --text e-1
	[ "$(tr -s ' ' <<<"${output//reward null /}")" = 'e-1 1 steps live
 a-1 from step 1 3 steps live
 b-1 from step 3 3 steps dead
 c-1 from step 1 1 steps live
 b-2 from step 3 3 steps live
 a-2 from step 1 1 steps live' ]
	[[ $output == *$'\n      c-1 '* ]]
}

@test "--family: parents that were closed are named, another episode of their name is not of the family" {
	env-fork --id a e-1 >/dev/null
	env-fork --id b a-1 >/dev/null
	env-fork --id c b-1 >/dev/null
	env-close e-1 b-1 >/dev/null
	local name
	for name in e-1 a-1 b-1 c-1; do
		[ "$(tree $name)" = '["a-1","e-1",0] ["c-1","b-1",0]' ]
	done
	quiet rollout-log --family --text c-1
	[ "$(tr -s ' ' <<<"$output")" = 'e-1 closed
 a-1 from step 0 0 steps reward null live
 b-1 closed
 c-1 from step 0 0 steps reward null live' ]
	open_episode e
	[ "$(tree e-1)" = '["e-1",null,null]' ]
	[ "$(tree c-1)" = '["a-1","e-1",0] ["c-1","b-1",0]' ]
	fails 3 rollout-log --family nosuch a-1
	expect '[.type, .episode]' $'["error","nosuch"]\n["rollout","a-1"]\n["rollout","c-1"]'
	# What cannot be read hides nobody else.
	cp "$PIPEGYM_STATE/episodes/e-1/episode.json" kept
	echo broken >"$PIPEGYM_STATE/episodes/e-1/episode.json"
	sed -i '2s/.*/broken/' "$PIPEGYM_STATE/episodes/a-1/journal.jsonl"
	fails 4 rollout-log --family c-1
	expect '[.type, .episode]' $'["error","e-1"]\n["error","a-1"]\n["rollout","c-1"]'
	cp kept "$PIPEGYM_STATE/episodes/e-1/episode.json"
}

@test "--family: who is said to be its own parent, or above its own, is shown once" {
	local folder=$PIPEGYM_STATE/episodes parents name
	env-fork --id a e-1 >/dev/null
	env-fork --id b a-1 >/dev/null
	for parents in e-1 b-1; do
		jq -c --slurpfile from "$folder/$parents/episode.json" '.parent = ($from[0] | {episode, step: 0, created})' \
			"$folder/e-1/episode.json" >changed
		cp changed "$folder/e-1/episode.json"
		for name in e-1 a-1 b-1; do
			separate timeout -s KILL 20 rollout-log --family "$name"
			[ "$status" = 0 ]
			[ "$(jq -r .episode <<<"$output" | sort | paste -sd ' ')" = 'a-1 b-1 e-1' ]
		done
	done
}

@test "usage" {
	local arguments
	for arguments in '--nosuch' '-j 2' '-T x e-1' '--all' '--family=x'; do
		# shellcheck disable=SC2086 # words
		fails 2 rollout-log $arguments </dev/null
		[ -z "$output" ]
	done
	quiet rollout-log --help
	[[ $output == 'Usage: rollout-log [--family] [EPISODE...]'* ]]
	quiet rollout-log --text e-1
	[[ $output == *e-1* && $output != *'"type"'* ]]
}
