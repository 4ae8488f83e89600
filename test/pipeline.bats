#!/usr/bin/env bats
# All programs together: whole pipelines, many episodes at once, and what crashes and full disks may not do.

load helper
load episode

setup() {
	common_setup
	need_box
}

# statuses: the exit statuses of the last pipeline, which set them with PIPESTATUS.
all_zero() {
	[[ ! "$*" =~ [1-9] ]] || { echo "exit statuses: $*"; false; }
}

# That each is fit for use is tested in task-check.bats.
@test "shipped tasks, each third of them: solved, replayed exactly" {
	local count
	shipped | awk 'NR % 3 == 1' >all
	count=$(wc -l <all)
	((count >= 2))
	env-reset -j 2 --id all <all | agent-oracle | env-step -j 2 | env-verify -j 2 | env-close -j 2 >one
	all_zero "${PIPESTATUS[@]}"
	[ "$(wc -l <one)" = "$count" ]
	expect '[length, (map(.verdict.status) | unique), (map(.reward) | unique), (map(.terminated) | unique)]' "[$count,[\"pass\"],[1],[true]]" "$(jq -s . one)"
	separate rollout-replay -j 2 <one
	expect '[length, (map(.match) | unique), (map(.verdict_match) | unique), (map(.steps == .matched) | unique)]' "[$count,[\"exact\"],[true],[true]]" "$(jq -s . <<<"$output")"
	[ "$status" = 0 ]
	[ -z "$(ls -A "$PIPEGYM_STATE/episodes")" ]
}

@test "without names of their own, two runs differ in timing and episode alone" {
	local run
	for run in 1 2; do
		shipped -c bash | env-reset | agent-oracle | env-step | env-verify | env-close >"run.$run"
		all_zero "${PIPESTATUS[@]}"
	done
	[ "$(jq -S 'del(.. | .timing?, .episode?)' run.1)" = "$(jq -S 'del(.. | .timing?, .episode?)' run.2)" ]
}

@test "a line of jq as an agent" {
	fixture_task unit/hello
	env-reset -n 3 --id j unit/hello | jq -c '{episode, tool: "shell", args: {command: "echo hello >greeting.txt"}, tag: .step}' |
		env-step -j 2 | env-verify | env-close >rollouts
	all_zero "${PIPESTATUS[@]}"
	[ "$(jq -r '[.episode, .reward, (.steps | length), .steps[0].observation.tag] | @tsv' rollouts | sort | paste -sd ' ')" = $'j-1\t1\t1\t0 j-2\t1\t1\t0 j-3\t1\t1\t0' ]
}

@test "a closed loop: an agent that answers each observation" {
	fixture_task unit/hello
	mkfifo actions
	env-reset --id c unit/hello >first
	{
		cat first
		# Nobody else has the pipe open for writing once env-step has ended.
		env-step <actions
	} | tee log | jq -n --unbuffered -c 'label $out | foreach inputs as $seen (null; $seen;
		if .terminated then break $out
		elif .step < 4 then {episode, tool: "shell", args: {command: "echo hello >>greeting.txt; wc -l <greeting.txt"}}
		else {episode, tool: "submit"} end)' >actions
	[ "$(jq -r '.stdout // "" | rtrimstr("\n")' log | paste -sd ,)" = ',1,2,3,4,' ]
	expect '[.step, .terminated, .reward]' '[5,true,0]' "$(tail -n 1 log)"
}

@test "errors at the beginning arrive at the end, and the good ones with them" {
	fixture_task unit/hello
	printf '%s\n' '{"type":"task","id":"unit/hello"}' '{"type":"task","id":"unit/nosuch"}' 'broken' '{"type":"task","id":"unit/hello"}' >tasks.jsonl
	env-reset --id e <tasks.jsonl 2>err.1 | agent-oracle 2>err.2 | env-step 2>err.3 | env-verify 2>err.4 | env-close >rollouts 2>err.5 &&
		false || local statuses="${PIPESTATUS[*]}"
	[ "$statuses" = '3 3 3 3 3' ]
	[ "$(jq -r '[.type, .episode // .line] | @tsv' rollouts | sort | paste -sd ' ')" = $'error\t2 error\t3 rollout\te-1 rollout\te-2' ]
	[ "$(jq -r 'select(.type == "rollout").verdict.status' rollouts | sort -u)" = pass ]
	# Said once, by the program that met it.
	[ "$(wc -l <err.1)" = 2 ]
	[ ! -s err.2 ] && [ ! -s err.3 ] && [ ! -s err.4 ] && [ ! -s err.5 ]
}

@test "many episodes, 20 steps each, interleaved: each sees its own files only, in order" {
	local count=16
	! in_full || count=64
	fixture_task unit/hello '{"limits": {"steps": 100}}'
	env-reset -n "$count" -j 4 --id m unit/hello >first
	[ "$(wc -l <first)" = "$count" ]
	jq -nc --argjson count "$count" 'range(20) as $i | range($count) as $e | {episode: "m-\($e + 1)", tool: "shell",
		args: {command: "echo m-\($e + 1) \($i) >>log; x=\"$x \($i)\"; cat log; echo $x; ls"}}' >actions
	quiet env-step -j 16 <actions
	[ "${#lines[@]}" = $((count * 20)) ]
	printf '%s\n' "$output" >observations
	# What each must have seen at each step, computed without a box.
	jq -n --argjson count "$count" 'range($count) as $e | range(20) as $i | "m-\($e + 1)" as $id |
		[$id, $i + 1, ([range($i + 1) | "\($id) \(.)\n"] | add) + ([range($i + 1) | tostring] | join(" ")) + "\nlog\n"]' | jq -c . >expected
	jq -c '[.episode, .step, .stdout]' observations >seen
	# The order within an episode is that of the input.
	for id in m-1 m-7 "m-$count"; do
		[ "$(grep -F "[\"$id\"," seen)" = "$(grep -F "[\"$id\"," expected)" ]
	done
	[ "$(sort seen)" = "$(sort expected)" ]
	quiet env-close --all -j 4
	[ "${#lines[@]}" = "$count" ]
}

# The most memory that a filter of few episodes may use, in KiB; AddressSanitizer keeps what was freed for a while.
bound() {
	if sanitized; then echo 1000000; else echo 60000; fi
}

# peak COMMAND...: runs it and prints its exit status and its greatest memory in KiB; stdout and stderr go to /dev/null.
peak() {
	python3 -c '
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=open("out", "wb"), stderr=subprocess.DEVNULL)
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

# Of 400 bytes each, so that what keeps them would be seen.
@test "a quarter of a million actions for an episode that is closed: as many errors, in bounded memory" {
	fixture_task unit/hello
	env-reset --id gone unit/hello >/dev/null
	env-close gone-1 >/dev/null
	local status memory count padding
	count=$(many 250000)
	printf -v padding '%340s' ''
	read -r status memory < <(yes "{\"episode\":\"gone-1\",\"tool\":\"shell\",\"args\":{\"command\":\"true $padding\"}}" | head -n "$count" | peak env-step -j 4)
	[ "$status" = 3 ]
	((memory < $(bound))) || { echo "$memory KiB"; false; }
	[ "$(wc -l <out)" = "$count" ]
	[ "$(grep -c '"reason":"no such episode","status":3}$' out)" = "$count" ]
}

@test "many records of few episodes: bounded memory for env-verify and env-close too" {
	fixture_task unit/hello
	env-reset -n 2 --id f unit/hello >/dev/null
	local status memory
	read -r status memory < <(yes $'{"episode":"f-1"}\n{"episode":"f-2"}' | head -n "$(many 200000)" | peak env-verify)
	[ "$status" = 1 ]
	((memory < $(bound)))
	[ "$(wc -l <out)" = 2 ]
	read -r status memory < <(yes $'{"episode":"f-1"}\n{"episode":"f-2"}' | head -n "$(many 200000)" | peak env-close)
	[ "$status" = 0 ]
	((memory < $(bound)))
	[ "$(jq -r .episode out | sort | paste -sd ' ')" = 'f-1 f-2' ]
}

@test "a long episode: the cost of a step does not grow with it" {
	fixture_task unit/long '{"limits": {"steps": 100000}}'
	env-reset --id l unit/long >/dev/null
	yes '"true"' | head -n 3000 >actions
	quiet env-step -e l-1 <actions
	expect '.step' 3000 "${lines[2999]}"
	# Each by a process of its own, on a journal of half a megabyte.
	local i
	for i in {1..10}; do
		act 'true' l-1
	done
	expect .step 3010
	quiet env-close l-1
	expect '.steps | length' 3010
}

# --- ids, locks, crashes ---

@test "action ids across processes: the same input any number of times, carried out once" {
	fixture_task unit/hello '{"limits": {"steps": 100}}'
	env-reset --id i unit/hello >/dev/null
	jq -nc 'range(30) | {episode: "i-1", tool: "shell", args: {command: "echo \(.) >>log"}, id: "a\(.)"}' >actions
	local n pids=()
	for n in 1 2 3; do
		env-step <actions >"out.$n" &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n"
	done
	cmp out.1 out.2
	cmp out.2 out.3
	act 'sort -n log | uniq | wc -l; wc -l <log' i-1
	expect .stdout '"30\n30\n"'
	expect .step 31
}

@test "a sender that dies in between and begins anew: nothing is lost, nothing done twice" {
	fixture_task unit/hello '{"limits": {"steps": 200}}'
	env-reset --id i unit/hello >/dev/null
	jq -nc 'range(40) | {episode: "i-1", tool: "shell", args: {command: "echo \(.) >>log; sleep 0.02"}, id: "a\(.)"}' >actions
	local round pid
	for round in 1 2 3; do
		env-step --skip <actions >out 2>/dev/null &
		pid=$!
		sleep 0.3
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" || :
	done 2>/dev/null
	# One is left of the last round: the caller decides what becomes of it.
	quiet env-step --skip <actions
	expect 'map(.step) | unique | length' 40 "$(jq -s . <<<"$output")"
	act 'sort -n log | uniq -d' i-1
	expect_out ''
	# A step that was cut short may or may not have done its work, each of the others has.
	quiet rollout-log i-1
	local lost
	lost=$(field '[.steps[] | select(.observation.info.interrupted)] | length')
	((lost <= 3))
	act 'wc -l <log' i-1
	expect "(.stdout | tonumber) as \$n | \$n <= 40 and \$n >= 40 - $lost" true
	quiet rollout-log i-1
	expect '[.steps[].action.id // empty | select(startswith("a"))] | length == (unique | length)' true
}

@test "two steppers on one episode take turns" {
	fixture_task unit/hello '{"limits": {"steps": 200}}'
	env-reset --id t unit/hello >/dev/null
	local n
	for n in 1 2 3; do
		yes "\"echo $n >>log; x=\$((x + 1)); echo \$x\"" | head -n 30 | env-step -e t-1 >"out.$n" &
	done
	wait
	[ "$(cat out.1 out.2 out.3 | jq -r .step | sort -n | paste -sd ' ')" = "$(seq 1 90 | paste -sd ' ')" ]
	# The output of a step is its own: the counter is the step's number.
	[ "$(cat out.1 out.2 out.3 | jq -r 'select((.stdout | tonumber) != .step)')" = '' ]
	act 'sort log | uniq -c | tr -s " "' t-1
	expect_out $' 30 1\n 30 2\n 30 3\n'
}

@test "a torn last line of the journal is dropped" {
	fixture_task unit/hello
	env-reset --id t unit/hello >/dev/null
	local journal=$PIPEGYM_STATE/episodes/t-1/journal.jsonl
	act 'echo one' t-1
	printf '{"entry":"action","step":2,"ended":false,"action":{"tool":"shell","args":{"command":"rm -rf' >>"$journal"
	act 'echo two' t-1
	expect '[.step, .stdout]' '[2,"two\n"]'
	[ "$(wc -l <"$journal")" = 5 ]
	run -0 jq -e . "$journal"
	# When it was the observation that was torn, the step is one that nobody knows the end of.
	truncate -s -20 "$journal"
	quiet env-step --skip -e t-1 -- 'echo three'
	expect '[.step, .stdout, .info]' $'[2,null,{"interrupted":true}]\n[3,"three\\n",{}]'
	quiet env-close t-1
	expect '[.steps[] | [.observation.step, .observation.stdout, .observation.info]]' '[[1,"one\n",{}],[2,null,{"interrupted":true}],[3,"three\n",{}]]'
}

@test "SIGKILL of env-step in the middle of a step: the step is known as interrupted, and all that it started ends" {
	fixture_task unit/hello
	env-reset --id k unit/hello >/dev/null
	act 'x=kept; sleep 1001 & echo started' k-1
	env-step -e k-1 -- ': >mark; setsid -f sleep 1002; sleep 1002' >out 2>&1 &
	local pid=$!
	begun action k-1 'sleep 1002'
	kill -9 "$pid"
	wait "$pid" || :
	[ ! -s out ]
	fails 4 env-step -e k-1 -- 'echo $x; ls'
	expect '.reason | test("step 2 is interrupted: .*--retry.*--skip")' true
	quiet env-step --skip -e k-1 </dev/null
	expect '[.step, .info]' '[2,{"interrupted":true}]'
	act 'echo $x; ls' k-1
	expect '[.step, .stdout]' '[3,"kept\nmark\n"]'
	ep=k-1
	expect_processes 0 'sleep.100[2]'
	expect_processes 1 'sleep.100[1]'
	quiet rollout-log k-1
	expect '.steps[1].observation | del(.episode, .task)' '{"type":"observation","step":2,"tool":null,"exit":null,
		"error":"interrupted: the step began, and what it did is not known","info":{"interrupted":true},"reward":0,"terminated":false,"truncated":false}'
}

@test "an interrupted last step truncates all the same" {
	fixture_task unit/short '{"limits": {"steps": 1}}'
	env-reset --id k unit/short >/dev/null
	env-step -e k-1 -- 'sleep 1002' >out 2>&1 &
	local pid=$!
	begun action k-1
	kill -9 "$pid"
	wait "$pid" || :
	fails 3 env-step --skip -e k-1 -- true
	expect '[.step, .truncated, .reason]' $'[1,true,null]\n[null,null,"the episode has ended"]'
	quiet env-close k-1
	expect '[.truncated, (.steps | length)]' '[true,1]'
}

@test "SIGTERM, SIGINT and SIGHUP end env-step at once, and its command too" {
	fixture_task unit/hello '{"limits": {"step_s": 60}}'
	env-reset --id k unit/hello >/dev/null
	ep=k-1
	local signal pid number start
	for signal in TERM INT HUP; do
		# A shell starts what it puts in the background with SIGINT ignored.
		python3 -c 'import os, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp("env-step", ["env-step", "-e", "k-1", "--", "sleep 1003"])' >out 2>&1 &
		pid=$!
		begun action k-1
		start=$SECONDS
		kill -s "$signal" "$pid"
		number=0
		wait "$pid" || number=$?
		[ "$number" = "$((128 + $(kill -l "$signal")))" ]
		((SECONDS - start < 20))
		quiet env-step --skip -e k-1 </dev/null
		expect_processes 0 'sleep.100[3]'
	done
	works
}

@test "SIGTERM while many steps are under way and more wait" {
	fixture_task unit/hello '{"limits": {"step_s": 60}}'
	env-reset -n 6 -j 3 --id k unit/hello >/dev/null
	jq -nc 'range(60) | {episode: "k-\(. % 6 + 1)", tool: "shell", args: {command: "sleep 1003"}}' >actions
	env-step -j 6 <actions >out 2>err &
	local pid=$! id number=0 start=$SECONDS
	for id in 1 2 3 4 5 6; do
		begun action "k-$id"
	done
	kill "$pid"
	wait "$pid" || number=$?
	[ "$number" = 143 ]
	((SECONDS - start < 40))
	for id in 1 2 3 4 5 6; do
		# At most the one step was begun, and the next one works.
		quiet rollout-log "k-$id"
		expect '.steps | length <= 1' true
		quiet env-step --skip -e "k-$id" </dev/null
		works "k-$id"
	done
}

@test "a shell that has to be killed after env-step was: the next step says so" {
	begin
	env-step -e e-1 -- 'x=5; : >up; while :; do sleep 60; done' >out 2>&1 &
	local pid=$!
	begun action e-1
	kill -9 "$pid"
	wait "$pid" || :
	quiet env-step --skip -e e-1 </dev/null
	act 'echo "${x-lost}"; ls'
	expect '[.stdout, .info.shell]' '["lost\nup\n","killed"]'
	act 'echo here'
	expect '[.stdout, .info]' '["here\n",{}]'
}

@test "a pipeline whose reader goes away leaves episodes that can be closed" {
	fixture_task unit/hello
	env-reset -n 20 --id p unit/hello 2>err | head -n 1 >first && local statuses="${PIPESTATUS[*]}"
	[[ $statuses == '4 0' || $statuses == '0 0' ]]
	[ ! -s err ]
	quiet env-list
	local count=${#lines[@]}
	((count >= 1))
	quiet env-close --all
	[ "${#lines[@]}" = "$count" ]
}

# --- /dev/full ---

# full COMMAND...: its output goes to /dev/full: it must end with 4 and say so.
full() {
	separate bash -c '"$@" >/dev/full' bash "$@"
	[ "$status" = 4 ] || { echo "$*: status $status"; false; }
	[[ $stderr == *"$1: standard output: No space left on device"* ]] || { echo "$*: $stderr"; false; }
}

@test "/dev/full loses no episode and no observation, whatever the program" {
	fixture_task unit/hello
	full task-list
	# Nobody would know of an episode that was not told.
	full env-reset -n 3 --id f unit/hello
	[ -z "$(ls -A "$PIPEGYM_STATE/episodes")" ]
	[ -z "$(own_boxes)" ]
	env-reset --id f unit/hello >/dev/null
	works f-1
	rollout-log f-1 >log
	full agent-oracle < <(jq -c .reset log)
	full rollout-log f-1
	full env-list
	# What was carried out is in the journal; what came after was not begun.
	printf '%s\n' '"echo a >>f"' '"echo b >>f"' '"echo c >>f"' >actions
	full env-step -e f-1 <actions
	quiet rollout-log f-1
	expect '[.steps[].observation | type] | unique' '["object"]'
	local steps
	steps=$(field '.steps | length')
	((steps >= 2 && steps <= 4))
	act 'wc -l <f' f-1
	expect '.stdout | tonumber' "$((steps - 1))"
	full env-verify f-1
	quiet rollout-log f-1
	expect '.verdict.status' '"fail"'
	full env-close f-1
	quiet rollout-log f-1
	quiet env-close f-1
	local rollout=$output
	full rollout-replay <<<"$rollout"
}

# --- how long a line can be ---

@test "what a program prints, the others can read: long observations and long rollouts" {
	long
	fixture_task unit/large '{"limits": {"output_kib": 4096, "disk_mib": 64}}'
	env-reset --id l unit/large >/dev/null
	# A NUL is six characters of JSON.
	env-step -e l-1 -- 'head -c 16000000 /dev/zero; head -c 16000000 /dev/zero >&2' >observation
	(($(wc -c <observation) > 50000000))
	quiet env-list
	separate env-verify <observation
	[ "$status" = 1 ]
	expect '[.type, .episode]' '["verdict","l-1"]'
	fails 3 env-step -e l-1 -- true
	expect .reason '"the episode has ended"'
	rollout-log l-1 >rollout
	rollout-replay <rollout >report
	expect .match '"exact"' "$(cat report)"
	env-close <observation >closed
	cmp rollout closed
}

@test "an episode whose rollout would become too long a line is truncated, an action that would make it so refused" {
	long
	fixture_task unit/large '{"limits": {"output_kib": 1024, "disk_mib": 64}}'
	env-reset --id l unit/large >/dev/null
	yes '"head -c 1000000 /dev/zero"' | head -n 12 >actions
	# 6 MB a line, which is much for a shell to hold.
	env-step -e l-1 <actions >observations 2>/dev/null || [ $? = 3 ]
	expect '[.type, .truncated, .info.full]' '["observation",false,null]' "$(sed -n 7p observations)"
	expect '[.type, .truncated, .info.full]' '["observation",true,true]' "$(sed -n 9p observations)"
	expect '[.type, .status]' '["error",3]' "$(sed -n 10p observations)"
	quiet bash -c 'env-close l-1 | rollout-replay'
	expect .match '"exact"'
	env-reset --id m unit/large >/dev/null
	jq -nc '{episode: "m-1", tool: "shell", args: {command: "wc -c", stdin: ("x" * 30000000)}, tag: ("y" * 13000000)}' >long
	fails 3 env-step <long
	expect '.reason | test("too long")' true
	jq -c 'del(.tag)' long | env-step >observation
	expect '[.stdout, .truncated]' '["30000000\n",false]' "$(cat observation)"
	quiet bash -c 'env-close m-1 | rollout-replay'
	expect .match '"exact"'
}

# --- without a box for some ---

@test "episodes whose boxes die in the middle of a pipeline: errors in their place, the others go on" {
	fixture_task unit/hello
	env-reset -n 4 --id d unit/hello >first
	kill_box d-2
	agent-oracle <first | env-step 2>err | env-verify 2>>err | env-close >rollouts && false || local statuses="${PIPESTATUS[*]}"
	[ "$statuses" = '0 4 4 4' ]
	[ "$(jq -r 'select(.type == "rollout") | [.episode, .reward] | @tsv' rollouts | sort | paste -sd ' ')" = $'d-1\t1 d-3\t1 d-4\t1' ]
	# An error for each of its actions, said once.
	[ "$(jq -r 'select(.type == "error") | [.episode, .status] | @tsv' rollouts | paste -sd ' ')" = $'d-2\t4 d-2\t4' ]
	[ "$(wc -l <err)" = 2 ]
	quiet env-list --dead
	expect .episode '"d-2"'
	quiet env-close <<<"$output"
	expect '[.episode, .steps]' '["d-2",[]]'
}

@test "the programs of one build, in a moved folder, without PIPEGYM_LIBEXEC" {
	fixture_task unit/hello
	mkdir moved moved/bin moved/libexec
	local name
	# Programs of a build tree may be wrappers: only whole ones can be moved.
	for name in env-reset env-step env-close; do
		cp "$BIN/$name" moved/bin/
	done
	cp "$PIPEGYM_LIBEXEC/pipegym-box" moved/libexec/
	unset PIPEGYM_LIBEXEC
	quiet moved/bin/env-reset --id m unit/hello
	quiet moved/bin/env-step -e m-1 -- 'echo moved'
	expect .stdout '"moved\n"'
	quiet moved/bin/env-close m-1
}
