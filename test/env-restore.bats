#!/usr/bin/env bats
# env-restore: an episode whose box is gone comes back as it was, or it is said where it does not. And what becomes of a
# step that was interrupted.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 30, "step_s": 10}}'
}

# What there is of the episode's folder, and when it was changed.
folder_state() {
	find "$PIPEGYM_STATE/episodes/$1" -printf '%P %s %T@ %i\n' | sort
}

# interrupt [EPISODE] COMMAND: begins a step, in which something follows the command, and kills its env-step meanwhile.
interrupt() {
	local pid episode=e-1
	[[ $# == 1 ]] || { episode=$1 && shift; }
	env-step -e "$episode" -- "$1; sleep 30" >out 2>&1 &
	pid=$!
	begun action "$episode"
	kill -9 "$pid"
	wait "$pid" || :
}

@test "an episode whose box is gone comes back as it was, under its name" {
	fixture_task unit/seeded
	printf '%s\n' 'echo "seed $SEED" >seed.txt' >tasks/unit/seeded/setup.sh
	env-reset --id s --seed 17 unit/seeded >/dev/null
	local command
	for command in 'cd /tmp; x=(1 "two words"); f() { echo "f $1"; }; set -o noglob; umask 027' 'echo $$; exit 3' \
		'cd /tmp; x=(1 "two words"); f() { echo "f $1"; }; set -o noglob; alias g="echo aliased"' \
		'echo kept >/workspace/file; (while sleep 0.05; do echo tick >>/tmp/ticks; done) &' 'sleep 9 & timeout 0.1 sleep 5'; do
		act "$command" s-1
	done
	tool read_file '{"path":"/workspace/seed.txt"}' s-1
	expect .stdout '"seed 17\n"'
	tool nosuch '{}' s-1
	kill_box s-1
	fails 4 env-step -e s-1 -- true
	expect '.reason | test("env-restore")' true
	quiet env-restore s-1
	expect 'del(.timing)' '{"type":"restore","episode":"s-1","task":"unit/seeded","match":"exact","steps":7,"matched":7,"first":null,"interrupted":false,"restored":true}'
	act 'f "${x[1]}"; g *; pwd; cat /workspace/file /workspace/seed.txt; jobs | wc -l' s-1
	expect '[.step, .stdout]' '[8,"f two words\naliased *\n/tmp\nkept\nseed 17\n4\n"]'
	# What it started in the background is there again.
	act 'until [ -s /tmp/ticks ]; do sleep 0.02; done; n=$(wc -l </tmp/ticks); until [ "$(wc -l </tmp/ticks)" -gt "$n" ]; do sleep 0.02; done; echo grew' s-1
	expect .stdout '"grew\n"'
	quiet env-close s-1
	expect '[.restores, (.steps | length)]' '[[{"step":7,"match":"exact","first":null}],9]'
	quiet rollout-replay <<<"$output"
	expect .match '"exact"'
}

@test "one that is alive is left alone" {
	act 'x=5'
	local before
	before=$(folder_state e-1)
	local option
	for option in '' --dry-run --accept --sync; do
		# shellcheck disable=SC2086 # a word, or none
		quiet env-restore $option e-1
		expect . '{"type":"restore","episode":"e-1","task":"unit/hello","match":"live","steps":1,"matched":null,"first":null,"interrupted":false,"restored":false}'
	done
	[ "$(folder_state e-1)" = "$before" ]
	act 'echo $x'
	expect .stdout '"5\n"'
}

@test "--dry-run compares and changes nothing" {
	act 'echo one'
	kill_box e-1
	local before
	before=$(folder_state e-1)
	quiet env-restore --dry-run e-1
	expect 'del(.timing)' '{"type":"restore","episode":"e-1","task":"unit/hello","match":"exact","steps":1,"matched":1,"first":null,"interrupted":false,"restored":false}'
	[ "$(folder_state e-1)" = "$before" ]
	fails 4 env-step -e e-1 -- true
	# A torn line neither.
	printf '{"entry":"act' >>"$PIPEGYM_STATE/episodes/e-1/journal.jsonl"
	before=$(folder_state e-1)
	quiet env-restore --dry-run e-1
	expect '[.match, .steps]' '["exact",1]'
	[ "$(folder_state e-1)" = "$before" ]
}

@test "where it diverged is said, and it lives only with --accept" {
	act 'echo same; n=1'
	act 'cat /proc/sys/kernel/random/uuid'
	act 'echo same again'
	kill_box e-1
	separate env-restore e-1
	[ "$status" = 1 ]
	[ -z "$stderr" ]
	expect '[.match, .steps, .matched, .restored, .first.step, .first.field, (.first | .logged != .replayed)]' '["diverged",3,2,false,2,"stdout",true]'
	fails 4 env-step -e e-1 -- true
	[ ! -e "$PIPEGYM_STATE/episodes/e-1/.box.sock" ]
	separate env-restore --dry-run e-1
	[ "$status" = 1 ]
	quiet env-restore --accept e-1
	expect '[.match, .restored, .first.step]' '["diverged",true,2]'
	act 'echo $n'
	expect '[.step, .stdout]' '[4,"1\n"]'
	# The rollout says so, also after more of it.
	kill_box e-1
	quiet env-restore --accept e-1
	quiet env-close e-1
	expect '[.restores[] | [.step, .match, .first.step, .first.field]]' '[[3,"diverged",2,"stdout"],[4,"diverged",2,"stdout"]]'
}

@test "several from records, side by side; one that cannot be does not keep the others" {
	env-reset -n 4 --id m unit/hello >/dev/null
	local n
	for n in 1 2 3 4; do
		act "echo $n >f; echo $n" "m-$n"
		kill_box "m-$n"
	done
	sed -i '2s/echo/ECHO/' "$PIPEGYM_STATE/episodes/m-3/journal.jsonl"
	fails 4 env-list --dead
	(jq -c 'select(.type != "error")' <<<"$output" && echo '{"episode":"m-3"}') >dead
	fails 4 env-restore -j 3 <dead
	expect 'sort_by(.episode) | map([.type, .episode, .match])' \
		'[["restore","m-1","exact"],["restore","m-2","exact"],["error","m-3",null],["restore","m-4","exact"]]' "$(jq -s . <<<"$output")"
	[ "$stderr" = 'env-restore: m-3: journal.jsonl: line 2: damaged: it is not what was written' ] ||
		[ "$stderr" = 'env-restore: m-3: episode m-3: journal.jsonl: line 2: damaged: it is not what was written' ]
	for n in 1 2 4; do
		act 'cat f' "m-$n"
		expect .stdout "\"$n\\n\""
	done
	# Two at one episode: one rebuilds it, for the other it is alive.
	kill_box m-1
	env-restore m-1 >one &
	quiet env-restore m-1
	wait $!
	[ "$( (cat one; echo "$output") | jq -r .match | sort | paste -sd ' ')" = 'exact live' ]
}

@test "a task that has changed, or is not there, is refused" {
	act 'echo one'
	kill_box e-1
	cp -r tasks kept
	echo more >tasks/unit/hello/files/more
	fails 3 env-restore e-1
	expect '[.type, .status, (.reason | test("has changed"))]' '["error",3,true]'
	quiet env-restore -T kept e-1
	expect .match '"exact"'
	works
}

@test "an ended episode comes back to be graded" {
	fixture_task unit/short '{"limits": {"steps": 2}}'
	open_episode short unit/short
	act 'echo hello >greeting.txt' short-1
	act true short-1
	kill_box short-1
	separate env-verify short-1
	[ "$status" = 4 ]
	expect '[.status, .reward, (.reason | test("env-restore"))]' '["error",null,true]'
	quiet env-restore short-1
	expect .match '"exact"'
	quiet env-verify short-1
	expect '[.status, .reward]' '["pass",1]'
	# So does one with submits, which are graded again.
	fixture_task unit/twice '{"attempts": 3}'
	open_episode twice unit/twice
	printf '%s\n' '{"tool":"submit"}' '"echo hello >greeting.txt"' | env-step -e twice-1 >/dev/null
	kill_box twice-1
	quiet env-restore twice-1
	expect '[.match, .matched]' '["exact",2]'
	quiet env-step -e twice-1 <<<'{"tool":"submit"}'
	expect '[.reward, .terminated]' '[1,true]'
}

@test "total_s counts anew, and an episode that has expired comes back" {
	fixture_task unit/brief '{"limits": {"total_s": 8}}'
	open_episode brief unit/brief
	act 'x=1' brief-1
	sleep 8.2
	fails 4 env-step -e brief-1 -- true
	expect '.reason | test("expired.*env-restore")' true
	[ "$(env-list --dead | jq -r .state)" = expired ]
	quiet env-restore brief-1
	expect .match '"exact"'
	act 'echo $x' brief-1
	expect .stdout '"1\n"'
	# It is dead, not expired, if it is killed now.
	kill_box brief-1
	[ "$(env-list --dead | jq -r .state)" = dead ]
}

@test "an interrupted step: nothing follows until --retry or --skip, ids are answered" {
	quiet env-step <<<'{"episode":"e-1","tool":"shell","args":{"command":"echo one"},"id":"a1"}'
	local first=$output
	interrupt 'echo begun >>log'
	fails 4 env-step -e e-1 -- true
	expect '[.type, .status, (.reason | test("^step 2 is interrupted: it was begun"))]' '["error",4,true]'
	fails 4 env-step -e e-1 <<<'{"tool":"submit"}'
	fails 4 env-step -e e-1 <<<'{"tool":"nosuch"}'
	quiet env-step -e e-1 <<<'{"tool":"shell","args":{"command":"true"},"id":"a1"}'
	[ "$output" = "$first" ]
	# Nor is it graded: a reward would be for something else.
	separate env-verify e-1
	[ "$status" = 4 ]
	expect '[.status, .reward, (.reason | test("step 2 is interrupted"))]' '["error",null,true]'
	quiet rollout-log e-1
	expect '[.steps[].observation | type]' '["object","null"]'
	# Its observation comes before that of the next action.
	quiet env-step --skip -e e-1 -- 'wc -l <log'
	expect '[.step, .stdout, .info]' $'[2,null,{"interrupted":true}]\n[3,"1\\n",{}]'
	quiet env-step --skip -e e-1 </dev/null
	[ -z "$output" ]
	quiet env-verify e-1 || [ "$status" = 1 ]
	expect .status '"fail"'
}

@test "--retry carries the same step out again, and the journal has both" {
	local action='{"episode":"e-1","tool":"shell","args":{"command":"echo x >>log; [ $(wc -l <log) -ge 3 ] || sleep 9"},"id":"a1","tag":7}'
	env-step <<<"$action" >/dev/null 2>&1 &
	local pid=$!
	begun action e-1
	kill -9 "$pid"
	wait "$pid" || :
	fails 4 env-step <<<"$action"
	# Again interrupted.
	env-step --retry <<<"$action" >/dev/null 2>&1 &
	pid=$!
	begun retry e-1
	kill -9 "$pid"
	wait "$pid" || :
	[ "$(jq -r .entry "$PIPEGYM_STATE/episodes/e-1/journal.jsonl" | paste -sd ' ')" = 'reset action retry' ]
	# One record for one action: it is the interrupted one.
	quiet env-step --retry <<<"$action"
	expect '[.step, .info, .exit, .tag]' '[1,{"retried":true},0,7]'
	local observed=$output
	quiet env-step --retry <<<"$action"
	[ "$output" = "$observed" ]
	act 'wc -l <log'
	expect '[.step, .stdout]' '[2,"3\n"]'
	[ "$(jq -r .entry "$PIPEGYM_STATE/episodes/e-1/journal.jsonl" | paste -sd ' ')" = 'reset action retry retry observation action observation' ]
	# A replay cannot know what the first attempts did.
	kill_box e-1
	separate env-restore e-1
	[ "$status" = 1 ]
	expect '[.match, .first]' '["diverged",{"step":1,"field":"info","logged":{"retried":true},"replayed":{}}]'
}

@test "a step that lost its box: restored without it, then retried or skipped, and known to be undone" {
	act 'echo one >>log'
	local box pid number=0
	box=$(box_pid e-1)
	env-step -e e-1 -- 'echo two >>log; sleep 30' >out 2>&1 &
	pid=$!
	begun action e-1
	kill -9 "$box"
	wait "$pid" || number=$?
	[ "$number" = 4 ]
	expect '.reason | test("^step 2 is interrupted: ")' true "$(jq -c 'select(.type == "error")' <(grep -a '^{' out))"
	# The box first, whatever is asked.
	fails 4 env-step --skip -e e-1 </dev/null
	expect '.reason | test("env-restore")' true
	quiet env-restore e-1
	expect '[.match, .steps, .interrupted, .restored]' '["exact",1,true,true]'
	fails 4 env-step -e e-1 -- true
	expect '.reason | test("step 2 is interrupted: it was given to a box that is gone")' true
	quiet env-step --skip -e e-1 -- 'cat log'
	expect '[.step, .stdout, .info]' $'[2,null,{"interrupted":true,"undone":true}]\n[3,"one\\n",{}]'
	box=$(box_pid e-1)
	env-step -e e-1 -- 'echo four >>log; sleep 5; cat log' >out 2>&1 &
	pid=$!
	begun action e-1
	kill -9 "$box"
	wait "$pid" || :
	quiet env-restore e-1
	expect '[.match, .steps, .interrupted]' '["exact",3,true]'
	quiet env-step --retry -e e-1 </dev/null
	expect '[.step, .stdout, .info]' '[4,"one\nfour\n",{"retried":true,"undone":true}]'
	# All of it is known, so that it can be replayed.
	kill_box e-1
	quiet env-restore e-1
	expect '[.match, .steps, .matched]' '["exact",4,4]'
	quiet env-close e-1
	expect '[.restores[].step]' '[1,3,4]'
	quiet rollout-replay <<<"$output"
	expect .match '"exact"'
}

@test "a step that was skipped in its box is unknown for good: the replay diverges there" {
	act 'echo one >>log'
	interrupt 'echo two >>log'
	quiet env-step --skip -e e-1 -- 'true'
	kill_box e-1
	separate env-restore e-1
	[ "$status" = 1 ]
	expect '[.match, .matched, .first]' '["diverged",2,{"step":2,"field":"info","logged":{"interrupted":true},"replayed":null}]'
	quiet env-restore --accept e-1
	act 'cat log'
	expect .stdout '"one\n"'
}

@test "the last step that may be taken can be retried" {
	fixture_task unit/short '{"limits": {"steps": 1, "step_s": 10}}'
	open_episode short unit/short
	interrupt short-1 'echo hello >greeting.txt'
	kill_box short-1
	quiet env-restore short-1
	expect '[.match, .steps, .interrupted]' '["exact",0,true]'
	fails 4 env-step -e short-1 -- true
	act true e-1
	quiet env-step --retry -e short-1 </dev/null
	expect '[.step, .truncated, .timeout]' '[1,true,true]'
	quiet env-verify short-1
	expect .reward 1
}

@test "SIGKILL of a restore leaves the episode dead or alive, and never in between" {
	act 'sleep 0.2; echo one'
	local round delay
	for round in 1 2 3; do
		kill_box e-1
		delay=0.$((RANDOM % 4))
		timeout -s KILL "$delay" env-restore e-1 >out 2>&1 || :
		# Not the other way round: what was said to be restored is.
		if [ -s out ]; then
			works
		fi
		quiet env-restore e-1
		expect '.match | IN("exact", "live")' true
	done
	works
	[ "$(env-list | jq -r .state)" = live ]
}

@test "usage, help, text" {
	local arguments
	for arguments in '--dry-run --accept e-1' '-j 0 e-1' '--nosuch' '-e e-1'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-restore $arguments </dev/null
		[ -z "$output" ]
	done
	fails 2 env-step --retry --skip -e e-1 </dev/null
	act 'cat /proc/sys/kernel/random/uuid'
	kill_box e-1
	separate env-restore --text e-1
	[ "$status" = 1 ]
	[[ $output == *'e-1 '*'unit/hello '*'diverged  0 of 1 steps, not restored'*'step 1, stdout: logged '* ]]
	quiet env-restore --text --accept e-1
	[[ $output == *'diverged  0 of 1 steps, restored'* ]]
	quiet env-restore --text e-1
	[[ $output == *live* && $output != *'"type"'* ]]
}
