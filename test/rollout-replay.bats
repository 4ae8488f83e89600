#!/usr/bin/env bats
# rollout-replay: what it takes for equal, where it says that a rollout diverged, and what cannot be replayed.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 50, "step_s": 10}}'
}

# record COMMAND...: plays the commands, closes the episode; its rollout is in the file rollout.
record() {
	local command
	for command in "$@"; do
		shell_action e-1 "$command"
	done | env-step >observations
	env-close e-1 >rollout
}

@test "a report has these fields and no others" {
	record 'echo one' 'cat /nowhere' 'exit 3' 'pwd'
	quiet rollout-replay <rollout
	expect 'del(.timing, .normalisers, .end_state)' '{"type":"replay","episode":"e-1","task":"unit/hello","host":[],"match":"exact","steps":4,"matched":4,"matched_normalised":4,"used":[],"first":null,"cause":null,"verdict_match":null,"reward":{"logged":null,"replayed":null}}'
	expect '(.end_state | test("^sha256:[0-9a-f]{64}$")), (.normalisers | length > 20), (.timing | keys)' 'true
true
["logged_ms","replayed_ms","wall_ms"]'
	local state normalisers
	state=$(jq -r .end_state <<<"$output")
	# What is in force, and what it was made with, is part of the report.
	quiet rollout-replay --normalise pid,none <rollout
	expect '[.normalisers, .end_state]' "[[\"pid@1\"],\"$state\"]"
	quiet rollout-replay --list-normalisers
	normalisers=$(jq -r 'select(.default) | "\(.name)@\(.version)"' <<<"$output")
	quiet rollout-replay <rollout
	[ "$(jq -r '.normalisers[]' <<<"$output")" = "$normalisers" ]
	# It touches no episode.
	[ -z "$(ls "$PIPEGYM_STATE/episodes")" ]
	[ ! -e "$PIPEGYM_STATE/episodes/.e-1" ]
}

@test "much of what a box does is repeatable" {
	record 'ls -la /workspace /tmp /home/agent; ls /etc /dev' 'ps -eo pid,ppid,user,args 2>/dev/null || cat /proc/[0-9]*/comm' 'echo $$ $BASHPID $PPID; sleep 0 & echo $!' \
		'id; hostname; env | sort; umask; ulimit -a' 'cat /proc/self/maps | grep stack' \
		'python3 -c "print({\"a\", \"b\", \"c\"}, hash(\"x\"))"' 'cat /proc/self/status | grep -E "Cap|Seccomp|NoNew|Uid"' 'df -B1 / | tail -n 1' \
		'mkdir d; touch d/{c,a,b}; ls -U d; find d' 'nosuchcommand; ((' 'yes | head -n 100000' 'printf "\xff\0"' 'seq 1 3 >&2; (exit 5)'
	quiet rollout-replay <rollout
	expect '[.match, .matched]' '["exact",13]'
}

@test "one that diverges: exit status 1, and where" {
	record 'echo same' 'cat /proc/sys/kernel/random/uuid' 'cat /proc/sys/kernel/random/uuid'
	separate rollout-replay --normalise none <rollout
	[ "$status" = 1 ]
	[ -z "$stderr" ]
	# By itself, and where differences of this kind count for nothing.
	expect '[.match, .steps, .matched, .matched_normalised, .used, .first]' '["normalised",3,1,3,["uuid@1"],null]' "$(rollout-replay <rollout)"
	expect '[.match, .steps, .matched, .first.step, .first.field, .cause, .first.command, .diverging, .causes]' \
		'["diverged",3,1,2,"stdout","randomness","cat /proc/sys/kernel/random/uuid",{"cat":2},{"randomness":2}]'
	expect '.first | .diff == "@@ line 1 @@\n-\(.logged)+\(.replayed)"' true
	expect '[.first.logged, .first.replayed | length]' '[37,37]'
	expect '.first.logged' "$(jq -c '.steps[1].observation.stdout' rollout)"
}

@test "every field counts but timing" {
	record 'echo one' 'echo two'
	local edit
	for edit in '.stdout = "two\n!"' '.stderr = "x"' '.exit = 1' '.cwd = "/"' '.reward = 1' '.terminated = true' '.info.x = 1' 'del(.info)' \
		'.tool = "x"' '.new = 1' '.episode = "x"' '.task = "x"'; do
		jq -c ".steps[1].observation |= ($edit)" rollout >edited
		separate rollout-replay <edited
		[ "$status" = 1 ] || { echo "$edit: $output"; false; }
		expect '[.match, .matched, .first.step]' '["diverged",1,2]'
	done
	jq -c '.steps[1].observation.timing = {"wall_ms": 12345} | del(.steps[0].observation.timing)' rollout >edited
	quiet rollout-replay <edited
	expect .match '"exact"'
	# Numbers are equal by value, objects whatever the order of their keys.
	jq -Sc . rollout >edited
	quiet rollout-replay <edited
}

@test "a long differing value is cut" {
	record 'seq 1 1000'
	jq -c '.steps[0].observation.stdout |= "€" * 5000' rollout >edited
	separate rollout-replay <edited
	[ "$status" = 1 ]
	expect '[(.first.logged | utf8bytelength <= 200), (.first.replayed | utf8bytelength <= 200), (.first.logged | test("^€+$"))]' '[true,true,true]'
}

@test "verdicts: of submit, of env-verify, and none" {
	act 'echo hello >greeting.txt'
	quiet env-step -e e-1 <<<'{"tool":"submit"}'
	env-close e-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .matched, .verdict_match]' '["exact",2,true]'
	jq -c '.verdict.reward = 0 | .reward = 0 | .verdict.status = "fail"' rollout >edited
	separate rollout-replay <edited
	[ "$status" = 1 ]
	expect '[.match, .matched, .verdict_match, .first.field]' '["diverged",2,false,"verdict"]'
	env-reset --id v unit/hello >/dev/null
	act 'echo hell >greeting.txt' v-1
	env-verify v-1 >/dev/null || [ $? = 1 ]
	env-close v-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
}

@test "a task whose verdict rests on the last output or the answer" {
	fixture_task unit/output '{"checks": [{"name": "out", "type": "output", "stdout": "42"}]}'
	env-reset --id o unit/output >/dev/null
	act 'echo 42' o-1
	env-verify o-1 >/dev/null
	env-close o-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
	fixture_task unit/answer '{"attempts": 3, "checks": [{"name": "a", "type": "answer", "answer": "42"}]}'
	env-reset --id a unit/answer >/dev/null
	printf '%s\n' '{"tool":"submit","args":{"answer":"41"}}' '"true"' '{"tool":"submit","args":{"answer":"42"}}' | env-step -e a-1 >/dev/null
	env-close a-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .matched, .verdict_match]' '["exact",3,true]'
	# Graded again by env-verify after wrong answers: the answer counts there too.
	env-reset --id b unit/answer >/dev/null
	env-step -e b-1 <<<'{"tool":"submit","args":{"answer":"41"}}' >/dev/null
	env-verify --again b-1 >/dev/null || [ $? = 1 ]
	rollout-log b-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
	act 'true' b-1
	env-verify --again b-1 >/dev/null || [ $? = 1 ]
	env-close b-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
}

@test "seeds, invalid actions, limits, tags and ids are replayed" {
	echo 'echo "$SEED" >seed' >tasks/unit/hello/setup.sh
	fixture_task unit/short '{"limits": {"steps": 5}}'
	cp tasks/unit/hello/setup.sh tasks/unit/short/
	env-reset --id s --seed 77 unit/short >/dev/null
	printf '%s\n' '"cat seed"' '{"tool":"nosuch","tag":[1]}' '{"tool":"shell","id":"x"}' '{"tool":"shell","args":{"command":"sleep 100","timeout_s":1}}' '"exit 1"' | env-step -e s-1 >/dev/null
	env-close s-1 >rollout
	expect '[.seed, .truncated, .steps[0].observation.stdout, .steps[3].observation.timeout]' '["77",true,"77\n",true]' "$(cat rollout)"
	quiet rollout-replay <rollout
	expect '[.match, .matched]' '["exact",5]'
}

@test "what cannot be replayed: exit status 4" {
	record 'echo one'
	cp -r tasks kept
	echo more >tasks/unit/hello/files/more
	fails 4 rollout-replay <rollout
	expect '[.type, .episode, .task, .match, .steps, .matched, .first, .verdict_match]' \
		'["replay","e-1","unit/hello","unreplayable",1,0,null,null]'
	expect '.reason | test("unit/hello has changed")' true
	rm -r tasks
	fails 4 rollout-replay <rollout
	expect '.match' '"unreplayable"'
	quiet rollout-replay -T kept <rollout
	expect '.match' '"exact"'
}

@test "what is no rollout: exit status 3, and the next goes on" {
	record 'echo one'
	{
		echo 'broken'
		echo '{"type":"observation","episode":"e-1"}'
		cat rollout
		echo '{"type":"error","reason":"earlier","status":3}'
	} >input
	fails 3 rollout-replay <input
	expect '[.type, .line, .match]' '["error",1,null]
["error",2,null]
["replay",null,"exact"]
["error",null,null]'
	# One that says it is a rollout but lacks what it needs.
	jq -c 'del(.steps), (.steps[0] |= {})' rollout >input
	fails 3 rollout-replay <input
	expect '[.type, .line, .episode, .status]' '["error",1,"e-1",3]
["error",2,"e-1",3]'
	quiet rollout-replay </dev/null
	[ -z "$output" ]
}

@test "-j: several at a time, of the same name too" {
	record 'echo one; sleep 0.1' 'pwd'
	local i
	for i in {1..8}; do cat rollout; done >many
	quiet rollout-replay -j 4 <many
	expect '.match' "$(printf '"exact"\n%.0s' {1..8})"
}

@test "a step that a crash interrupted" {
	local pid
	env-step -e e-1 -- 'sleep 3' >/dev/null 2>&1 &
	pid=$!
	begun action e-1
	kill -9 "$pid"
	wait "$pid" || :
	quiet env-step --skip -e e-1 -- 'echo after'
	env-close e-1 >rollout
	expect '[.steps[].observation.info]' '[{"interrupted":true},{}]' "$(cat rollout)"
	separate rollout-replay <rollout
	# What nobody saw is not what a replay sees.
	expect '[.match, .first.step, .matched, .steps]' '["diverged",1,1,2]'
	[ "$status" = 1 ]
}

@test "normalisers of a task, and what no normaliser is for" {
	fixture_task unit/own '{"normalise": [{"name": "run", "pattern": "run-[0-9]+", "with": "RUN"}]}'
	env-reset --id n unit/own >/dev/null
	act 'echo run-$RANDOM; date' n-1
	env-close n-1 >rollout
	jq -c '.steps[0].observation.stdout = "run-1\nWed Jan  1 00:00:00 UTC 2025\n"' rollout >edited
	quiet rollout-replay <edited
	expect '[.match, .matched, .matched_normalised, .used, .cause]' '["normalised",0,1,["run@task","rfc-date@1"],null]'
	separate rollout-replay --normalise default <edited
	expect '[.match, .normalisers[0], .used]' '["diverged","ansi@1",[]]'
	# The diff is of what is left.
	expect '.first.diff | split("\n")[3]' '" <rfc-date>"'
	# A status is no text.
	jq -c '.steps[0].observation.exit = 3' rollout >edited
	separate rollout-replay <edited
	expect '[.match, .first.field]' '["diverged","exit"]'
	jq '.normalise[0].pattern = "(" | .normalise += [{"name":"pid","pattern":"x"}]' tasks/unit/own/task.json >changed
	mv changed tasks/unit/own/task.json
	separate task-list unit/own
	[ "$status" = 3 ]
	[[ $stderr == *"'(' without ')'"* ]]
}

@test "steps that are not in their order, there twice, or not there at all" {
	record 'echo one >f' 'cat f' 'echo two >f' 'cat f'
	jq -c '.steps |= [.[2], .[0], .[3], .[1], .[3]]' rollout >edited
	quiet rollout-replay <edited
	expect '[.match, .steps, .matched, .pairs]' '["exact",5,4,{"reordered":[1,2],"duplicated":[4]}]'
	jq -c 'del(.steps[1]) | .steps += [.steps[2] | .action.args.command = "rm f"]' rollout >edited
	separate rollout-replay <edited
	[ "$status" = 1 ]
	expect '[.match, .matched, .pairs, .first.step, .first.field, .cause, .causes]' '["diverged",3,{"missing":[[2,2]],"conflicting":[4]},2,"missing","incomplete log",{"incomplete log":1}]'
	# An observation belongs to the action that has its id, wherever it stands.
	jq -c '.steps |= (to_entries | map(.value.action.id = "a\(.key)" | .value.observation = (.value.observation | .id = "a0" | del(.type, .step))) | map(.value))
		| .steps[0].observation.id = "a1" | .steps[1].observation.id = "a0" | .steps = .steps[:2]
		| .steps[0].observation.stdout = "one\n" | .steps[1].observation.stdout = ""' rollout >edited
	separate rollout-replay <edited
	expect '[.matched, .first.field]' '[0,"id"]'
	jq -c 'del(.steps[0].observation.stdout, .steps[1].observation.stdout)' edited >other
	separate rollout-replay <other
	expect '.first.field' '"id"'
}

@test "--stop-at, --verify-only, --summary" {
	record 'echo hello >greeting.txt' 'cat /proc/uptime' 'echo >greeting.txt'
	separate rollout-replay --stop-at 1 <rollout
	[ "$status" = 0 ]
	expect '[.match, .stop_at, .steps, .matched]' '["exact",1,3,1]'
	jq -c '.reward = 0, .reward = 1' rollout >edited
	separate rollout-replay --verify-only --summary <edited
	[ "$status" = 1 ]
	expect 'select(.type == "replay") | [.match, .matched, .verify_only, .reward, .first.field]' '["exact",null,true,{"logged":0,"replayed":0},null]
["diverged",null,true,{"logged":1,"replayed":0},"reward"]'
	expect 'select(.type != "replay") | [.type, .rollouts, .exact, .diverged, .rewards, .reward_flips, .match_rate]' '["replay-summary",2,1,1,2,1,0.5]'
	separate rollout-replay --summary <edited
	expect 'select(.type == "replay-summary") | [.steps, .matched, .commands, .causes]' '[6,4,{"cat":2},{"time":2}]'
}

@test "--done: what was replayed is not replayed again" {
	record 'echo one'
	jq -c '.episode = "other", (.episode = "changed" | .steps[0].observation.stdout = "x"), .task = "unit/nosuch"' rollout >input
	cat rollout >>input
	separate rollout-replay --done listed <input
	[ "$status" = 4 ]
	expect '[.episode, .match]' '["other","diverged"]
["changed","diverged"]
["e-1","unreplayable"]
["e-1","exact"]'
	expect '[.episode, .match]' '["other","diverged"]
["changed","diverged"]
["e-1","exact"]' "$(<listed)"
	# A line that a crash cut short is none; what could not be run is tried again; the status is that of all.
	sed -n 1p listed >torn
	sed -n 2p listed | head -c 40 >>torn
	separate rollout-replay --summary --done torn <input
	[ "$status" = 4 ]
	expect '[.episode, .match, .resumed]' '["changed","diverged",null]
["e-1","unreplayable",null]
["e-1","exact",null]
[null,null,1]'
	cmp torn listed
	sed -i /nosuch/d input
	separate rollout-replay --done torn <input
	[ "$status" = 1 ]
	[ -z "$output" ]
	# Another file is not made a list of these.
	fails 3 rollout-replay --done input <rollout
	fails 4 rollout-replay --done /nowhere/done <rollout
}

@test "--done: killed again and again, nothing is lost, and hardly anything twice" {
	local kills=0 i before
	record 'echo one; sleep 0.1'
	for ((i = 0; i < 60; i++)); do sed "s/\"e-1\"/\"k-$i\"/g" rollout; done >input
	: >out
	for ((i = 0; i < 8; i++)); do
		before=$(wc -l <out)
		rollout-replay -j 2 --done listed <input >>out &
		# One report at least, and what comes in the time until it is killed.
		until [ "$(wc -l <out)" -gt "$before" ] || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
		kill -9 $! 2>/dev/null && kills=$((kills + 1))
		wait $! 2>/dev/null || :
	done
	[ "$kills" -ge 4 ]
	rollout-replay -j 2 --done listed <input >>out
	[ "$(jq -r .episode out | sort -u | wc -l)" = 60 ]
	[ "$(jq -r .match out | sort -u)" = exact ]
	[ "$(wc -l <out)" -le $((60 + 2 * kills)) ]
	[ "$(jq -r .episode listed | sort -u | wc -l)" = 60 ]
	[ "$(wc -l <listed)" -le $((60 + 2 * kills)) ]
}

@test "--done: a last report that was cut short is removed, and nothing else" {
	record 'echo one'
	quiet rollout-replay <rollout
	head -c 9 <<<"$output" >out
	rollout-replay --done a <rollout >>out
	expect .match '"exact"' "$(<out)"
	{ cat rollout; head -c 300 rollout; } >out
	rollout-replay --done b <rollout >>out
	[ "$(wc -l <out)" = 3 ]
	[ "$(sed -n 2p out)" = "$(head -c 300 rollout)" ]
	expect .match '"exact"' "$(tail -n 1 out)"
	rollout-replay --done c <rollout >>out
	[ "$(wc -l <out)" = 4 ]
}

@test "what a rollout says of where it was made comes first" {
	record 'echo one'
	expect '.box.programs.bash | test("^[0-9a-f]{12}$")' true "$(<rollout)"
	jq -c '.pipegym = "0.0.1" | .box.kernel = "2.6.32" | .box.programs.bash = "00" | .box.programs.nosuch = "01" | .steps[0].observation.stdout = "two\n"' rollout >edited
	separate rollout-replay <edited
	expect '[.host[] | [.name, .logged]]' '[["pipegym","0.0.1"],["kernel","2.6.32"],["bash","00"],["nosuch","01"]]'
	expect 'keys_unsorted | index("host") < index("match")' true
	separate rollout-replay --text <edited
	[[ $output == *'kernel was 2.6.32, here '*'step 1, stdout'*'-two'*'+one'* ]]
	# One of another project says what it knows.
	jq -c 'del(.pipegym, .box, .verdict) | .steps[0].observation |= {stdout}' rollout >edited
	quiet rollout-replay <edited
	expect '[.host, .match]' '[null,"exact"]'
}

@test "usage" {
	local arguments
	for arguments in 'file' '-j 0' '--nosuch' '-e x' '--normalise nosuch' '--stop-at 0' '--stop-at 1 --verify-only'; do
		# shellcheck disable=SC2086 # words
		fails 2 rollout-replay $arguments </dev/null
		[ -z "$output" ]
	done
	quiet rollout-replay --help
	[[ $output == 'Usage: rollout-replay [-T DIR]'* ]]
}
