#!/usr/bin/env bats
# How boxes end that nobody ends, what becomes of their episodes, and that nothing is left of any of it.

load helper
load episode

setup() {
	common_setup
	need_box
	fixture_task unit/hello
}

names() {
	find "$PIPEGYM_STATE/episodes" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | paste -sd ' '
}

# entries EPISODE KIND: how many of them its journal has.
entries() {
	grep -c "^{\"entry\":\"$2\"" "$PIPEGYM_STATE/episodes/$1/journal.jsonl"
}

# gone EPISODE: waits until its box is. It does not ask the box for anything.
gone() {
	until_is eval '[[ $(env-list) != *"\"'"$1"'\""* ]]'
}

@test "a box of which nothing is asked ends by itself, and what becomes of its episode; so does one whose episode was removed" {
	local removed
	env-reset -n 2 --id r unit/hello >/dev/null
	removed=$(box_pid r-1)
	rm -r "$PIPEGYM_STATE/episodes/r-1"
	env-reset --id a --idle 4s unit/hello >/dev/null
	# A step that takes longer than that is not idle.
	quiet env-step < <(shell_action a-1 'x=1; sleep 4.2' && shell_action a-1 'y=2')
	gone a-1
	# Read off the box's own word, before anybody writes it down.
	quiet rollout-log a-1
	expect '[.truncated, .expired, (.steps | length)]' '[true,"idle_s",2]'
	fails 4 env-step -e a-1 -- true
	expect '.reason | test("^the episode has expired: nothing was asked of it for 4 s; env-restore")' true
	[ "$(entries a-1 expire)" = 1 ]
	# What it cannot do does not count as a step any more.
	fails 4 env-step -e a-1 <<<'{"tool":"nosuch"}'
	fails 4 env-fork a-1
	expect '.reason | test("^the episode has expired: ")' true
	quiet env-fork --at 2 --id b a-1
	act 'echo $x$y' b-1
	expect_out $'12\n'
	[ "$(env-list --dead | jq -r 'select(.episode == "a-1") | .state')" = expired ]
	# What cannot be looked at is not graded.
	separate env-verify a-1
	[ "$status" = 4 ]
	expect '[.status, .reward, (.reason | test("expired"))]' '["error",null,true]'
	rollout-log a-1 >rollout
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",null]'
	quiet env-restore --dry-run a-1
	expect '[.match, .restored]' '["exact",false]'
	# A new box is new time, and the episode goes on in it.
	quiet bash -c 'env-restore a-1 && env-step -e a-1 -- '\''echo $x$y >greeting.txt'\'
	expect '[.match, .restored, .exit]' '["exact",true,null]
[null,null,0]'
	quiet rollout-log a-1
	expect '[.truncated, .expired, .restores[0].expired]' '[false,null,"idle_s"]'
	# With the same deadline, as the branch has.
	gone a-1
	gone b-1
	quiet env-close a-1
	expect '[.truncated, .expired, .restores[0].expired, (.steps | length)]' '[true,"idle_s","idle_s",3]'
	quiet rollout-replay <<<"$output"
	expect '[.match, .verdict_match]' '["exact",null]'
	until_is ended "$removed"
	works r-2
}

@test "total_s holds when every other process of ours was killed, in the middle of a step" {
	fixture_task unit/brief '{"limits": {"total_s": 8, "step_s": 60}}'
	env-reset --id a unit/brief >/dev/null
	local step
	env-step -e a-1 -- 'sleep 1000' >step 2>/dev/null &
	step=$!
	begun action a-1
	kill -STOP "$step"
	env-reset --id idle unit/brief >/dev/null
	env-reset --id slow unit/brief >/dev/null
	act 'sleep 4.2' slow-1
	env-fork --id branch slow-1 >/dev/null
	gone a-1
	kill -9 "$step"
	wait "$step" || :
	fails 4 env-step -e a-1 -- true
	expect '.reason | test("^the episode has expired: its time of 8 s is up")' true
	# Whose doing it was.
	gone idle-1
	gone slow-1
	gone branch-1
	separate env-verify a-1 slow-1 idle-1 branch-1
	[ "$status" = 4 ]
	expect '[.[] | [.status, .reward]]' '[["fail",0],["fail",0],["error",null],["error",null]]' "$(jq -sc . <<<"$output")"
	expect '[.[0] | .reason, .checks[0].score]' "[\"greeting: the episode's time was up\",0]" "$(jq -sc . <<<"$output")"
	env-close slow-1 idle-1 branch-1 >/dev/null
	# What the open step did is not known; the restored episode asks for it.
	quiet env-restore a-1
	expect '[.match, .interrupted, .restored]' '["exact",true,true]'
	quiet env-step --skip -e a-1 -- true
	expect '[.step, .info.interrupted]' '[1,true]
[2,null]'
	act 'echo hello >greeting.txt' a-1
	quiet env-verify a-1
	expect '[.status, .reward]' '["pass",1]'
	quiet env-close a-1
	expect '[.truncated, .expired, .restores[0].expired, (.steps | length)]' '[false,null,"total_s",3]'
}

@test "who does not expire: it had ended, or was killed; who does is written down once, or is known all the same" {
	env-reset -n 4 --id a --idle 5s unit/hello >/dev/null
	kill_box a-2
	quiet env-step -e a-1 <<<'{"tool":"submit"}'
	gone a-1
	gone a-3
	gone a-4
	[ "$(env-list --dead | jq -r '"\(.episode) \(.state) \(.ended)"' | paste -sd ' ')" = \
		'a-1 dead true a-2 dead false a-3 expired true a-4 expired true' ]
	fails 3 env-step -e a-1 -- true
	local i
	for i in {1..4}; do
		env-step -e a-3 -- true >/dev/null 2>&1 &
		env-verify a-3 >/dev/null 2>&1 &
	done
	wait
	[ "$(entries a-3 expire)" = 1 ]
	chmod 400 "$PIPEGYM_STATE/episodes/a-4/journal.jsonl"
	chattr +i "$PIPEGYM_STATE/episodes/a-4/journal.jsonl" 2>/dev/null || :
	fails 4 env-step -e a-4 -- true
	expect '.reason | test("^the episode has expired")' true
	quiet env-close --dead
	expect '[.episode, .terminated, .truncated, .expired]' '["a-1",true,false,null]
["a-2",false,false,null]
["a-3",false,true,"idle_s"]
["a-4",false,true,"idle_s"]'
	[ -z "$(names)" ]
}

@test "env-close --idle, --dead" {
	env-reset -n 4 --id a unit/hello >/dev/null
	local orphan
	orphan=$(box_pid a-4)
	rm -r "$PIPEGYM_STATE/episodes/a-4"
	mkdir "$PIPEGYM_STATE/episodes/.half"
	touch -d '2 hours ago' "$PIPEGYM_STATE/episodes/a-2/"{journal.jsonl,box.sock}
	quiet env-close --idle 1d
	[ -z "$output" ]
	quiet env-close --idle 1h
	expect .episode '"a-2"'
	[ "$(names)" = '.half a-1 a-3' ]
	kill_box a-3
	quiet env-close --dead
	expect .episode '"a-3"'
	[ "$(names)" = a-1 ]
	within 1 ended "$orphan"
	works a-1
	local arguments
	for arguments in '--idle 1h a-1' '--dead a-1' '--dead --all' '--idle 1h --dead' '--idle x' '--idle -1' '--idle'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-close $arguments </dev/null
		[ -z "$output" ]
	done
	quiet env-close --idle 0
	expect .episode '"a-1"'
}

@test "what cannot be removed, or does not end, does not keep the others" {
	# A sanitizer that looks for leaks cannot, where another traces.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	local boxes
	env-reset -n 4 --id a unit/hello >/dev/null
	mkdir "$PIPEGYM_STATE/episodes/.half"
	boxes=("$(box_pid a-1)" "$(box_pid a-2)")
	rm -r "$PIPEGYM_STATE/episodes/"a-[12]
	kill_box a-3
	# The first call of all is for what is unfinished, the first box to be waited for an orphan's.
	fails 4 "$BUILD/test/probe/fault" unlinkat 1 5 env-close --dead
	expect '[.type, .episode]' '["error","half"]
["rollout","a-3"]'
	within 1 ended "${boxes[0]}"
	within 1 ended "${boxes[1]}"
	env-reset -n 2 --id b unit/hello >/dev/null
	boxes=("$(box_pid b-1)" "$(box_pid b-2)")
	rm -r "$PIPEGYM_STATE/episodes/"b-[12]
	fails 4 "$BUILD/test/probe/fault" pidfd_open 1 24 env-close --dead
	within 2 ended "${boxes[0]}"
	within 2 ended "${boxes[1]}"
	works a-4
}

@test "an episode that was moved away keeps its box, which is no leftover" {
	env-reset -n 2 --id a unit/hello >/dev/null
	mv "$PIPEGYM_STATE/episodes/a-1" elsewhere
	quiet env-list --dead
	[ -z "$output" ]
	quiet env-close --all
	expect .episode '"a-2"'
	mv elsewhere "$PIPEGYM_STATE/episodes/a-1"
	works a-1
}

@test "--keep-alive-with: boxes end with a process, also in the middle of a step" {
	sleep 1000 &
	local keeper=$! pids episode
	env-reset -n 2 --id a --keep-alive-with "$keeper" unit/hello >/dev/null
	env-reset -n 2 --id b unit/hello >/dev/null
	env-fork --id c --keep-alive-with "$keeper" b-1 >/dev/null
	kill_box b-2
	env-restore --keep-alive-with "$keeper" b-2 >/dev/null
	# A branch and a new box are not tied unless it is said.
	env-fork --id d a-1 >/dev/null
	pids=()
	for episode in a-1 a-2 c-1 b-2; do
		works "$episode"
		pids+=("$(box_pid "$episode")")
	done
	(exec env-step -e a-2 -- 'sleep 1000') >step 2>/dev/null &
	begun action a-2
	kill -9 "$keeper"
	for pid in "${pids[@]}"; do
		until_is ended "$pid"
	done
	wait
	expect '[.type, .status]' '["error",4]' "$(cat step)"
	works b-1
	works d-1
	[ "$(env-list --dead | jq -r '"\(.episode) \(.state)"' | paste -sd ' ')" = 'a-1 dead a-2 dead b-2 dead c-1 dead' ]
	fails 4 env-step -e a-1 -- true
	expect '.reason | test("gone .the process that it was to live with has ended.; env-restore")' true
	quiet env-restore a-1
	works a-1
}

@test "--keep-alive-with: a process of somebody else will do; one that is not there, or has ended, is refused" {
	local pid arguments program
	env-reset --id a --keep-alive-with 1 unit/hello >/dev/null
	works a-1
	sleep 0 &
	pid=$!
	wait
	for program in env-reset env-fork env-restore; do
		for arguments in "$pid" 0 x -1 2147483647 99999999999; do
			fails 2 "$program" --keep-alive-with "$arguments" a-1
			[ -z "$output" ]
		done
	done
	# One that has ended and was not waited for.
	bash -c 'sleep 0.3 & echo $!; exec sleep 1000' >zombie &
	until_is test -s zombie
	until_is ended "$(cat zombie)"
	fails 2 env-reset --keep-alive-with "$(cat zombie)" unit/hello
	[[ $stderr == *'it has ended'* ]]
	kill "$!"
	[ "$(names)" = a-1 ]
}

@test "what resists deletion: by modes, number and depth, and immutable where that can be" {
	env-reset -n 2 --id a unit/hello >/dev/null
	# The agent's own resistance ends with its box.
	act 'mkdir -p shut/in; chmod 0 shut/in shut; mkdir -p "$(printf "d/%.0s" {1..2000})"; seq 3000 | xargs touch' a-2
	python3 - "$PIPEGYM_STATE/episodes/a-1" "${COUNT:-1000}" <<'END'
import os, sys
os.chdir(sys.argv[1])
for i in range(int(sys.argv[2])):
    os.mknod(f"f{i}")
os.mkdir("shut")
os.mknod("shut/file", 0)
os.mkdir("shut/folder", 0)
os.chmod("shut", 0)
os.symlink("/etc", "link")
os.mkfifo("fifo")
os.mkdir("deep")
os.chdir("deep")
for i in range(5000):
    os.mkdir("d")
    os.chdir("d")
END
	mkdir "$PIPEGYM_STATE/episodes/a-1/fixed"
	touch "$PIPEGYM_STATE/episodes/a-1/fixed/file"
	chattr +i "$PIPEGYM_STATE/episodes/a-1/"{fixed/file,fixed,} 2>/dev/null || :
	chattr +a "$PIPEGYM_STATE/episodes/a-2/journal.jsonl" 2>/dev/null || :
	quiet timeout 100 env-close --all
	expect .episode '"a-1"
"a-2"'
	[ -z "$(names)" ]
}

@test "what resists deletion in a box without namespaces" {
	quiet env-reset --id a --isolation landlock unit/hello || skip "Landlock: ${stderr//$'\n'/ }"
	act 'mkdir -p shut/in; chmod 0 shut/in shut; mkdir -p "$(printf "d/%.0s" {1..2000})"; echo "$PWD"' a-1
	local folder
	folder=$(jq -r '.stdout | rtrimstr("\n")' <<<"$output")
	[ -d "$folder" ]
	quiet env-close --all
	# Where its helper takes long it is killed, and the removal goes on by itself.
	until_is test ! -e "$folder"
}

@test "nothing is left of many episodes, a third of which were killed: no process, mount, socket, group, folder" {
	run env ROUNDS="${ROUNDS:-20}" PIPEGYM_BIN="$BIN" TMPDIR="$T" bash "$SRC/test/torture" many
	echo "$output"
	[ "$status" = 0 ]
}
