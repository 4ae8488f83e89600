#!/usr/bin/env bats
# env-close: which episodes it ends, what it prints, what is left.

load helper
load episode

setup() {
	common_setup
	begin
}

names() {
	find "$PIPEGYM_STATE/episodes" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort | paste -sd ' '
}

@test "a rollout has these fields and no others" {
	act 'echo one'
	quiet env-step -e e-1 <<<'{"tool":"submit","args":{"answer":"a"},"id":"i","tag":5}'
	quiet env-close e-1
	expect 'keys' '["box","episode","pipegym","reset","return","reward","seed","steps","task","task_digest","terminated","truncated","type","verdict"]'
	expect '[.type, .episode, .task, .seed, .reward, .terminated, .truncated, .verdict.status, .reset.step]' \
		'["rollout","e-1","unit/hello","0",0,true,false,"fail",0]'
	expect '.task_digest | test("^sha256:[0-9a-f]{64}$")' true
	expect '[.steps[] | keys]' '[["action","observation"],["action","observation"]]'
	expect '[.steps[].action]' '[{"tool":"shell","args":{"command":"echo one"}},{"tool":"submit","args":{"answer":"a"},"id":"i","tag":5}]'
	expect '[.steps[].observation | [.step, .stdout, .reward, .terminated]]' '[[1,"one\n",0,false],[2,"",0,true]]'
	expect '.box | del(.gaps, .kernel, .machine, .system, .programs)' '{"isolation":"namespaces","namespaces":"user,mount,pid,network,ipc,uts,cgroup","seccomp":true,"tier":"watchdog"}'
}

@test "without steps and without a verdict" {
	quiet env-close e-1
	expect '[.steps, .reward, .verdict, .terminated, .truncated, .reset.episode]' '[[],null,null,false,false,"e-1"]'
}

@test "the episode is gone: folder, box and every process in it" {
	act 'sleep 1000 & setsid -f sleep 1000'
	local pid
	pid=$(box_pid e-1)
	[ -d "/proc/$pid" ]
	quiet env-close e-1
	[ "$(names)" = '' ]
	ended "$pid"
	fails 3 env-close e-1
	expect '[.type, .episode, .reason, .status]' '["error","e-1","no such episode",3]'
	fails 3 env-step -e e-1 -- true
	fails 3 env-verify e-1
	fails 3 rollout-log e-1
	# Its name is free again.
	env-reset --id e unit/hello >/dev/null
	act 'ls -A'
	expect '[.step, .stdout]' '[1,""]'
}

@test "an episode whose box is gone" {
	act 'echo one'
	kill_box e-1
	quiet env-close e-1
	expect '[.steps[].observation.stdout]' '["one\n"]'
	[ "$(names)" = '' ]
}

@test "frozen and flooded boxes end too" {
	quiet env-step -e e-1 <<<'{"tool":"submit"}'
	quiet env-close e-1
	open_episode f
	act 'yes & yes >&2 & for i in {1..20}; do sleep 1000 & done; echo started' f-1
	quiet env-close f-1
	[ "$(names)" = '' ]
	open_episode b
	act 'bomb() { bomb | bomb & }; bomb 2>/dev/null; echo started' b-1
	quiet env-close b-1
	[ "$(names)" = '' ]
}

@test "records on standard input, each episode once; one that has ended at once" {
	env-reset -n 3 --id m unit/hello >first
	local answer
	coproc env-close
	local pid=$COPROC_PID
	exec {from}<&"${COPROC[0]}"
	{
		cat first
		echo '{"type":"verdict","episode":"m-2"}'
	} >&"${COPROC[1]}"
	read -r -t 20 answer <&"$from"
	expect .episode '"m-2"' "$answer"
	[ -d "$PIPEGYM_STATE/episodes/m-1" ]
	exec {COPROC[1]}>&-
	read -r -t 20 answer <&"$from"
	expect .episode '"m-1"' "$answer"
	wait "$pid" || :
	exec {from}<&-
	[ "$(names)" = 'e-1' ]
}

@test "several, one of them unknown; broken records; error records" {
	env-reset -n 2 --id m unit/hello >/dev/null
	fails 3 env-close m-1 nosuch m-2
	expect '[.type, .episode]' '["rollout","m-1"]
["error","nosuch"]
["rollout","m-2"]'
	fails 3 env-close <<<$'broken\n{"episode":"e-1"}\n[]'
	expect '[.type, .line]' '["error",1]
["error",3]
["rollout",null]'
	separate env-close <<<'{"type":"error","reason":"earlier","status":4}'
	[ "$status" = 4 ]
	expect .reason '"earlier"'
}

@test "-j and --all" {
	env-reset -n 9 --id m unit/hello >/dev/null
	quiet env-close --all -j 3
	[ "$(jq -r .episode <<<"$output" | sort | paste -sd ' ')" = 'e-1 m-1 m-2 m-3 m-4 m-5 m-6 m-7 m-8 m-9' ]
	[ "$(names)" = '' ]
	quiet env-close --all
	[ -z "$output" ]
	# Two at a time: each episode is printed by one of them, at least once by either and lost by none.
	env-reset -n 9 --id m unit/hello >/dev/null
	env-close --all >one 2>/dev/null &
	env-close --all >two 2>/dev/null || :
	wait
	[ "$(jq -r 'select(.type == "rollout").episode' one two | sort -u | wc -l)" = 9 ]
	[ "$(names)" = '' ]
}

@test "what cannot be printed is not lost" {
	act 'echo precious'
	separate bash -c 'env-close e-1 >/dev/full'
	[ "$status" = 4 ]
	[ "$stderr" = 'env-close: standard output: No space left on device' ]
	[ "$(names)" = 'e-1' ]
	quiet env-close e-1
	expect '[.steps[].observation.stdout]' '["precious\n"]'
	env-reset -n 5 --id m unit/hello >/dev/null
	separate bash -c 'env-close --all -j 2 >/dev/full'
	[ "$status" = 4 ]
	[ "$(names)" = 'm-1 m-2 m-3 m-4 m-5' ]
}

@test "a reader that goes away" {
	env-reset -n 5 --id m unit/hello >/dev/null
	separate bash -c 'env-close m-1 m-2 m-3 m-4 m-5 | true; echo "${PIPESTATUS[0]}"'
	[ -z "$stderr" ]
	[[ $output == 4 || $output == 0 ]]
	if [ "$output" = 4 ]; then
		[ -n "$(names)" ]
	fi
}

@test "it waits for a step that is under way" {
	env-step -e e-1 -- 'sleep 0.5; echo done' >step &
	sleep 0.2
	quiet env-close e-1
	wait
	# Whichever came first: either the step was whole, or the episode was gone.
	if [ "$(jq -r .type step)" = observation ]; then
		expect '[.steps[].observation.stdout]' '["done\n"]'
	else
		expect '.reason' '"no such episode"' "$(cat step)"
	fi
}

@test "a folder that is no episode's, and one that is broken" {
	mkdir "$PIPEGYM_STATE/episodes/broken-1" "$PIPEGYM_STATE/episodes/not an id"
	echo '{' >"$PIPEGYM_STATE/episodes/broken-1/episode.json"
	fails 4 env-close broken-1
	fails 4 env-close --all
	expect '[.type, .episode]' '["error","broken-1"]
["rollout","e-1"]'
	[ "$(names)" = 'broken-1 not an id' ]
}

@test "a pipe in place of an episode's files keeps nobody waiting" {
	local folder=$PIPEGYM_STATE/episodes
	env-reset -n 2 --id p unit/hello >/dev/null
	rm "$folder/p-1/lock" "$folder/p-2/journal.jsonl"
	mkfifo "$folder/p-1/lock" "$folder/p-2/journal.jsonl"
	fails 4 timeout -s KILL 20 rollout-log p-2
	expect '[.status, .reason]' '[4,"episode p-2: journal.jsonl: Illegal seek"]'
	fails 4 timeout -s KILL 20 env-close --all
	expect '[.type, .episode]' '["rollout","e-1"]
["rollout","p-1"]
["error","p-2"]'
	rm -r "$folder/p-2"
}

@test "an episode whose journal is broken is kept, but its box ends" {
	local pid
	pid=$(box_pid e-1)
	echo '{"no":"entry"}' >>"$PIPEGYM_STATE/episodes/e-1/journal.jsonl"
	fails 4 env-close e-1
	expect '[.type, .episode, (.reason | test("journal.jsonl"))]' '["error","e-1",true]'
	ended "$pid"
	[ "$(names)" = 'e-1' ]
}

@test "usage" {
	local arguments
	for arguments in '--all e-1' '-j 0 e-1' '--nosuch' '-T x e-1'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-close $arguments </dev/null
		[ -z "$output" ]
	done
	[ "$(names)" = 'e-1' ]
	quiet env-close --help
	[[ $output == 'Usage: env-close [-j JOBS]'* ]]
}
