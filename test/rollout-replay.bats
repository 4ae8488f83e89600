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
	expect . '{"type":"replay","episode":"e-1","task":"unit/hello","match":"exact","steps":4,"matched":4,"first":null,"verdict_match":null}'
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
	separate rollout-replay <rollout
	[ "$status" = 1 ]
	[ -z "$stderr" ]
	expect '[.match, .steps, .matched, .first.step, .first.field]' '["diverged",3,1,2,"stdout"]'
	expect '[.first.logged, .first.replayed | length]' '[37,37]'
	expect '.first.logged' "$(jq -c '.steps[1].observation.stdout' rollout)"
}

@test "every field counts but timing" {
	record 'echo one' 'echo two'
	local edit
	for edit in '.stdout = "two\n!"' '.stderr = "x"' '.exit = 1' '.cwd = "/"' '.reward = 1' '.terminated = true' '.info.x = 1' 'del(.info)' \
		'.step = 9' '.tool = "x"' '.new = 1' '.episode = "x"' '.task = "x"'; do
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
	fixture_task unit/short '{"limits": {"steps": 5, "step_s": 1}}'
	cp tasks/unit/hello/setup.sh tasks/unit/short/
	env-reset --id s --seed 77 unit/short >/dev/null
	printf '%s\n' '"cat seed"' '{"tool":"nosuch","tag":[1]}' '{"tool":"shell","id":"x"}' '"sleep 100"' '"exit 1"' | env-step -e s-1 >/dev/null
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
	sleep 0.5
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

@test "usage" {
	local arguments
	for arguments in 'file' '-j 0' '--nosuch' '-e x'; do
		# shellcheck disable=SC2086 # words
		fails 2 rollout-replay $arguments </dev/null
		[ -z "$output" ]
	done
	quiet rollout-replay --help
	[[ $output == 'Usage: rollout-replay [-T DIR]'* ]]
}
