#!/usr/bin/env bats
# env-list: which episodes it lists, and what it says of them.

load helper
load episode

setup() {
	common_setup
	need_box
	fixture_task unit/hello '{"limits": {"steps": 2}}'
}

@test "none" {
	quiet env-list
	[ -z "$output" ]
	quiet env-list --dead
	[ -z "$output" ]
}

@test "a live episode has these fields and no others" {
	env-reset --id a unit/hello >/dev/null
	quiet env-list
	expect 'del(.timing)' '{"type":"episode","episode":"a-1","task":"unit/hello","state":"live","steps":0,"ended":false}'
	expect '.timing | keys' '["age_s","memory_kib","pid","processes"]'
	expect '[.timing.processes, .timing.age_s < 60, .timing.memory_kib > 0]' '[1,true,true]'
	act 'sleep 1000 & sleep 1000 &' a-1
	act 'true' a-1
	quiet env-list
	expect '[.steps, .ended, .timing.processes]' '[2,true,4]'
	quiet env-list --dead
	[ -z "$output" ]
}

@test "in order of their names" {
	env-reset -n 3 --id b unit/hello >/dev/null
	env-reset -n 2 --id A unit/hello >/dev/null
	env-reset --id b-10 unit/hello >/dev/null
	quiet env-list
	expect .episode '"A-1"
"A-2"
"b-1"
"b-10-1"
"b-2"
"b-3"'
}

@test "those whose box is gone" {
	env-reset -n 2 --id a unit/hello >/dev/null
	act 'true' a-2
	kill_box a-2
	quiet env-list
	expect .episode '"a-1"'
	quiet env-list --dead
	expect 'del(.timing)' '{"type":"episode","episode":"a-2","task":"unit/hello","state":"dead","steps":1,"ended":false}'
	expect '.timing | keys' '["age_s"]'
	quiet env-close <<<"$output"
	quiet env-list --dead
	[ -z "$output" ]
}

@test "those whose time is up" {
	fixture_task unit/brief '{"limits": {"total_s": 4}}'
	env-reset --id a unit/brief >/dev/null
	until_is eval '[[ -z $(env-list) ]]'
	quiet env-list --dead
	expect '[.episode, .state, .ended]' '["a-1","expired",true]'
	fails 4 env-step -e a-1 -- true
	expect '.reason | test("expired: its time of 4 s is up")' true
	quiet rollout-log a-1
	expect '[.terminated, .truncated, .expired]' '[false,true,"total_s"]'
}

@test "what is no episode, and a box that has none" {
	env-reset -n 2 --id a unit/hello >/dev/null
	local pid
	pid=$(box_pid a-2)
	# A box whose episode has no name left ends by itself.
	ln "$PIPEGYM_STATE/episodes/a-2/lock" kept
	mkdir "$PIPEGYM_STATE/episodes/.half" "$PIPEGYM_STATE/episodes/theirs" "$PIPEGYM_STATE/episodes/not an id"
	touch "$PIPEGYM_STATE/episodes/file"
	rm -r "$PIPEGYM_STATE/episodes/a-2"
	quiet env-list
	expect .episode '"a-1"'
	quiet env-list --dead
	expect '[.episode, .name, .state, .timing.age_s < 60]' '["half",null,"unfinished",true]
[null,"file","foreign",true]
[null,"not an id","foreign",true]
[null,"theirs","foreign",true]
[null,null,"orphan",true]'
	expect '[.timing.pid, .timing.processes, .timing.memory_kib > 0]' "[$pid,1,true]" "$(tail -n 1 <<<"$output")"
	quiet env-list --dead --text
	[[ $output == *'not an id'*foreign* && $output == *orphan*'1 process'*KiB* ]]
	quiet env-close --all
	expect .episode '"a-1"'
	# What is not ours is left to whom it belongs.
	[ "$(ls -A "$PIPEGYM_STATE/episodes")" = $'file\nnot an id\ntheirs' ]
	quiet env-list --dead
	expect .state '"foreign"
"foreign"
"foreign"'
}

@test "broken ones do not hide the others" {
	env-reset -n 2 --id a unit/hello >/dev/null
	kill_box a-1
	echo '{' >"$PIPEGYM_STATE/episodes/a-1/episode.json"
	mkdir "$PIPEGYM_STATE/episodes/not an id"
	fails 4 env-list
	expect '[.type, .episode]' '["error","a-1"]
["episode","a-2"]'
	rm -r "$PIPEGYM_STATE/episodes/a-1"
}

@test "its output is input for the others" {
	env-reset -n 3 --id a unit/hello >/dev/null
	quiet bash -c 'env-list | env-close -j 2'
	[ "$(jq -r .episode <<<"$output" | sort | paste -sd ' ')" = 'a-1 a-2 a-3' ]
}

@test "--text is for people" {
	env-reset --id a unit/hello >/dev/null
	quiet env-list --text
	[[ $output == *'1 process'*KiB* ]]
	[[ $output == *a-1* && $output == *unit/hello* && $output != *'"type"'* ]]
}

@test "usage" {
	local arguments
	for arguments in 'a-1' '--nosuch' '-j 2' '-e x'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-list $arguments </dev/null
		[ -z "$output" ]
	done
	quiet env-list --help
	[[ $output == 'Usage: env-list [--dead]'* ]]
	touch file
	PIPEGYM_STATE=$T/file fails 4 env-list
}
