#!/usr/bin/env bats
# What survives: programs and boxes killed at random moments (test/torture, in short), full disks, file systems that
# cannot be written, damage to journals, two at one episode.

load helper
load episode

setup() {
	common_setup
}

teardown() {
	if [[ -n ${mounted:-} ]]; then
		"$BIN/env-close" --all -q >/dev/null 2>&1 || :
		umount -l "$mounted"
	fi
	common_teardown
}

# torture KIND...: a few rounds of each. SEED=N bats... tries others.
torture() {
	need_box
	run env ROUNDS="${ROUNDS:-2}" PIPEGYM_BIN="$BIN" TMPDIR="$T" bash "$SRC/test/torture" "$@"
	echo "$output"
	[ "$status" = 0 ]
}

@test "SIGKILL of env-step: nothing lost, nothing twice unseen" { torture step; }
@test "SIGKILL of the box: it comes back exactly" { torture box; }
@test "SIGKILL of either" { torture mixed; }
@test "SIGKILL of env-reset: whole episodes or none" { torture reset; }
@test "SIGKILL of env-verify and of a submit: graded in the end, and nothing is left stopped" { torture verify submit; }
@test "SIGKILL of env-fork: whole branches or none, and the parent is as it was" { torture fork; }
@test "SIGKILL of env-close: the rollout is printed, or there still" { torture close; }

# small_state SIZE: the state folder on a file system of its own, of this size.
small_state() {
	mkdir "$T/small"
	mount -t tmpfs -o "size=$1,mode=700" none "$T/small" 2>/dev/null || skip "no right to mount a tmpfs"
	mounted=$T/small
	export PIPEGYM_STATE=$T/small
}

# The entries of an episode's journal.
entries() {
	jq -r .entry "$PIPEGYM_STATE/episodes/$1/journal.jsonl" | paste -sd ' '
}

@test "a full disk: an action that cannot be written is not carried out, an observation that cannot be is interrupted" {
	small_state 64k
	begin '{"limits": {"steps": 1000}}'
	open_episode other
	act 'echo 0 >>log'
	# Up to the last page, so that each line may be the one that does not fit.
	head -c 1M /dev/zero >"$T/small/ballast" 2>/dev/null || :
	local n=0 accepted
	while ((++n < 200)); do
		separate env-step -e e-1 -- "echo $n >>log; cat log | tail -n 1"
		((status == 0)) || break
	done
	[ "$status" = 4 ]
	expect '[.type, .episode, (.reason | test("journal.jsonl: No space left on device"))]' '["error","e-1",true]'
	# Whole lines only, and the next attempt says the same.
	jq -e . "$PIPEGYM_STATE/episodes/e-1/journal.jsonl" >/dev/null
	fails 4 env-step -e e-1 -- 'echo never >>log'
	fails 4 env-step -e e-1 --skip -- 'echo never >>log'
	fails 4 env-reset unit/hello
	expect '.reason | test("No space left on device")' true
	fails 4 env-fork -n 2 other-1
	expect '[.type, (.reason | test("No space left on device"))]' '["error",true]
["error",true]'
	[ "$(find "$PIPEGYM_STATE/episodes" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | paste -sd ' ')" = 'e-1 other-1' ]
	# Room again: it goes on where it was.
	rm "$T/small/ballast"
	quiet env-step --skip -e e-1 -- 'cat log; grep -c never log'
	accepted=$(grep -c '"entry":"action"' "$PIPEGYM_STATE/episodes/e-1/journal.jsonl")
	expect ".stdout | split(\"\\n\") | map(select(. != \"\")) | [.[-1], ((.[:-1] | length) as \$done | \$done <= $accepted - 1 and \$done >= $accepted - 2)]" \
		'["0",true]' "$(tail -n 1 <<<"$output")"
	works other-1
	# A disk that is full keeps nothing from being closed.
	head -c 1M /dev/zero >"$T/small/ballast" 2>/dev/null || :
	quiet env-close --all
	[ -z "$(ls -A "$PIPEGYM_STATE/episodes")" ]
}

@test "an observation that does not fit: the step is interrupted, and is retried when there is room" {
	small_state 256k
	begin
	act true
	# Room for the action; none for what it says.
	head -c 200k /dev/zero >"$T/small/ballast"
	fails 4 env-step -e e-1 -- 'echo x >>log; head -c 60000 /dev/urandom | base64'
	expect '.reason | test("step 2 is interrupted: journal.jsonl: No space left")' true
	[ "$(entries e-1)" = 'reset action observation action' ]
	fails 4 env-step -e e-1 -- true
	expect '.reason | test("step 2 is interrupted: .*--retry")' true
	rm "$T/small/ballast"
	quiet env-step --retry -e e-1 </dev/null
	expect '[.step, .info.retried]' '[2,true]'
	act 'wc -l <log'
	expect .stdout '"2\n"'
}

@test "a state folder that cannot be written any more" {
	small_state 4m
	begin
	act 'echo one >log'
	open_episode other
	mount -o remount,ro "$T/small" || skip "no right to remount"
	fails 4 env-step -e e-1 -- 'echo two >log'
	expect '[.type, .episode, .status, .reason]' '["error","e-1",4,"journal.jsonl: Read-only file system"]'
	fails 4 env-reset --id new unit/hello
	expect '.reason | test("Read-only file system")' true
	fails 4 env-verify e-1
	expect '.reason | test("Read-only file system")' true
	# What only reads works.
	quiet rollout-log e-1
	expect '.steps | length' 1
	[ "$(env-list | jq -r .episode | paste -sd ' ')" = 'e-1 other-1' ]
	kill_box other-1
	quiet env-restore --dry-run other-1
	expect .match '"exact"'
	fails 4 env-restore other-1
	expect '.reason | test("Read-only file system")' true
	fails 4 env-close other-1
	jq -es 'map(select(.type == "error")) | length == 1 and (.[0].reason | test("Read-only file system"))' <<<"$output"
	mount -o remount,rw "$T/small"
	act 'cat log'
	expect '[.step, .stdout]' '[2,"one\n"]'
	quiet env-restore other-1
	expect .match '"exact"'
}

@test "two steppers on one episode, with the same ids: each action once, the same answers" {
	begin '{"limits": {"steps": 100}}'
	jq -nc 'range(25) | {episode: "e-1", id: "a\(.)", tool: "shell", args: {command: "echo \(.) >>log; wc -l <log"}}' >actions
	env-step <actions >one &
	env-step <actions >two &
	quiet env-step <actions
	wait
	echo "$output" >three
	cmp one two
	cmp two three
	[ "$(jq -r '[.step, .stdout] | @text' one)" = "$(jq -nr 'range(1; 26) | [., "\(.)\n"] | @text')" ]
}

@test "damage in the middle of a journal: every program that reads it names file, line and reason, others go on" {
	begin
	open_episode other
	local n program journal=$PIPEGYM_STATE/episodes/e-1/journal.jsonl
	for n in 1 2 3; do
		act "echo some text $n >log; cat log"
	done
	cp "$journal" saved
	local damages=(
		'4s/some text 2/some tixt 2/'    # in a string
		'5s/"stdout":"s/"stdout":"S/'    # one letter of an observation
		'4d'                             # a line is gone
		'4{p;p}'                         # or is there more than once
		'4{h;d};5G'                      # or in another place
		'4s/.*//' '4s/$/ /' '4s/^{//' '4s/.*/{}/'
	)
	local damage line
	for damage in "${damages[@]}"; do
		sed "$damage" saved >"$journal"
		for program in 'env-step -e e-1 -- true' 'env-verify e-1' 'env-list' 'rollout-log e-1' 'env-restore e-1' 'env-restore --dry-run e-1'; do
			# shellcheck disable=SC2086 # words
			separate $program
			line="$damage: $program: $status, $stderr"
			[ "$status" = 4 ] || { echo "$line" && false; }
			[[ $stderr =~ 'journal.jsonl: line '[45]': '.{10} ]] || { echo "$line" && false; }
			[[ $output =~ '"type":"error","episode":"e-1","reason":"'(episode e-1: )?'journal.jsonl: line '[45]': '.{10} ]] ||
				{ echo "$line" && false; }
		done
		[ "$(sha256sum <"$journal")" = "$(sed "$damage" saved | sha256sum)" ]
	done
	quiet env-step -e other-1 -- true
	cp saved "$journal"
	works
}

# states EPISODE: the states of its processes, as seen from outside.
states() {
	local child children
	set -- "$(env-list | jq "select(.episode == \"$1\") | .timing.pid")"
	for (( ; $# > 0; )); do
		children=()
		{ read -ra children <"/proc/$1/task/$1/children"; } 2>/dev/null || :
		for child in "${children[@]}"; do
			awk '/^State/ && $2 != "Z" { print $2 }' "/proc/$child/status" 2>/dev/null || :
			set -- "$@" "$child"
		done
		shift
	done | sort -u | paste -sd ' '
}

# freeze EPISODE FLAGS: as a grader (0) or env-fork (256) does, and then waits to be killed: $holder.
freeze() {
	rm -f hold told
	mkfifo hold told
	python3 - "$PIPEGYM_STATE/episodes/$1/box.sock" "$(sed -n '/^enum box_op/,/^};/p' "$SRC/lib/box_wire.h" | grep -oE $'^\tBOX_[A-Z_]+' | grep -n BOX_FREEZE | cut -d: -f1)" "$2" 3>&- <<'END' &
import signal, socket, struct, sys
signal.alarm(60)
box = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
box.connect(sys.argv[1])
box.send(struct.pack("7IiI", int(sys.argv[2]), int(sys.argv[3]), 0, 0, 0, 0, 0, 0, 0))
assert len(box.recv(65536)) >= 32
open("told", "w").close()
open("hold").read()
END
	holder=$!
	timeout 60 cat told
}

@test "a box that was frozen by a program that died goes on at once, or with the next request when it was graded" {
	begin
	act '(while sleep 0.02; do echo x >>ticks; done) & echo started'
	local holder
	freeze e-1 0
	kill -9 "$holder"
	wait "$holder" || :
	within 4 eval '[ "$(states e-1)" = T ]'
	tool read_file '{"path":"ticks"}'
	[[ $(states e-1) != *T* ]]
	freeze e-1 256
	[[ $(states e-1) == *T* ]]
	kill -9 "$holder"
	wait "$holder" || :
	within 4 eval '[[ $(states e-1) != *T* ]]'
	act 'n=$(wc -l <ticks); until [ "$(wc -l <ticks)" -gt "$n" ]; do sleep 0.02; done; echo grew'
	expect .stdout '"grew\n"'
}

@test "--sync: each line of the journal, and each new file and folder, is synced before anything comes of it" {
	need_box
	command -v strace >/dev/null || skip "no strace"
	fixture_task unit/hello
	# A sanitizer that looks for leaks cannot, where another traces.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	strace -o trace -e trace=fsync,fdatasync,syncfs true 2>/dev/null || skip "strace may not trace"
	strace -o trace -e trace=openat,write,fsync,fdatasync,syncfs,renameat,renameat2 env-reset --sync --id s unit/hello >/dev/null
	# The journal's line, episode.json, its folder, the folder of the episodes; and the new state folder before.
	[ "$(grep -cE '^syncfs\(' trace)" = 1 ]
	[ "$(grep -oE '^(fdatasync|fsync|renameat2?)' trace | sed 's/[2]$//' | paste -sd ' ')" = 'renameat renameat fdatasync fsync renameat fsync renameat fsync' ]
	strace -o trace -e trace=write,fdatasync env-step --sync -e s-1 -- true >/dev/null
	[ "$(grep -oE '^write\([0-9]+, "\{\\"(entry|type)|^fdatasync' trace | sed 's/([0-9]*, .*"/ /' | paste -sd ' ')" = 'write entry fdatasync write entry fdatasync write type' ]
	strace -o trace -e trace=fdatasync env-step -e s-1 -- true >/dev/null
	[ "$(grep -c fdatasync trace)" = 0 ]
	strace -o trace -e trace=fdatasync env-verify --sync s-1 >/dev/null || :
	[ "$(grep -c '^fdatasync' trace)" = 1 ]
	strace -o trace -e trace=fsync,renameat2 env-close --sync s-1 >rollout
	[ "$(grep -oE '^(fsync|renameat2)' trace | paste -sd ' ')" = 'fsync renameat2' ]
	env-reset --id p unit/hello | env-close --sync | jq -e .steps >/dev/null
}
