#!/usr/bin/env bats
# What every program does in the same way. A new program is tested here by being built; one that reads records also
# needs a line in example().

load helper
load episode

# Programs that read records when they get no operands.
readers=(agent-oracle env-close env-fork env-reset env-restore env-step env-verify rollout-log rollout-replay rollout-stat task-check)
# Those that take an episode's id.
takers=(env-close env-fork env-restore env-step env-verify rollout-log)

setup() {
	common_setup
	programs=("$SRC"/bin/*.c)
	programs=("${programs[@]##*/}")
	programs=("${programs[@]%.c}")
}

# each LIST-NAME FUNCTION: calls the function with each program's name and fails, naming them all, if it failed for any.
each() {
	local -n list=$1
	local program failed=()
	[[ ${#list[@]} -gt 0 ]]
	for program in "${list[@]}"; do
		[[ " ${programs[*]} " == *" $program "* ]] || continue
		"$2" "$program" || failed+=("$program")
	done
	[[ ${#failed[@]} == 0 ]] || fail "not so: ${failed[*]}"
}

fail() {
	echo "$*"
	return 1
}

# want WHAT ACTUAL EXPECTED: compares, and says which.
want() {
	[[ $2 == "$3" ]] || fail "$program: $1: got '$2', expected '$3'; stdout: '${output:0:300}' stderr: '${stderr:0:300}'"
}

# own_status PROGRAM STATUS: the status with which the program fails by itself. Those of box-run are its command's, and so
# it says 125 of itself whatever it was, as env(1) and timeout(1) do. It reads bytes and no records: it is no reader.
own_status() {
	if [[ $1 == box-run ]]; then
		echo 125
	else
		echo "$2"
	fi
}

# Ends with a message of the program on stderr.
want_message() {
	[[ $stderr == "$program: "* ]] || fail "$program: stderr is not 'PROGRAM: ...': '${stderr:0:300}'"
}

# --- options ----------------------------------------------------------

@test "there are programs" {
	[[ ${#programs[@]} -gt 0 ]]
	for program in "${programs[@]}"; do
		[[ -x $BIN/$program ]] || fail "$BIN/$program is not there"
	done
}

help_is_help() {
	local option
	for option in --help -h; do
		separate "$1" "$option"
		want "status of $option" "$status" 0 && want "stderr of $option" "$stderr" "" || return
		[[ $output == *"$1"* ]] || fail "$1: $option does not name the program" || return
	done
	# Long lines cannot be read in a terminal of 80 columns, and tabs have no one width.
	[[ $output != *$'\t'* ]] || fail "$1: a tab in --help"
}

@test "--help: status 0, on stdout, names the program" {
	each programs help_is_help
}

# "LETTER NAME ARGUMENT: TEXT" a line for each option; a default in parentheses is no part of the text.
help_texts() {
	"$1" --help | sed -nE 's/^ +((-[A-Za-z]),)? *--([a-z-]+)( ?[^ ]+)?  +(.*)$/\2 \3\4: \5/p' | sed -E 's/ \([^()]*\)(;|$)/\1/'
}

@test "an option has one letter, one name, one argument and one meaning in all programs" {
	local program
	# Those of the same meaning whose text says what it is for: COUNT of what; what nothing was asked of for TIME.
	for program in "${programs[@]}"; do
		help_texts "$program" | sed -E 's/^(-n number COUNT|-? ?idle TIME): .*/\1: /'
	done | sort -u >"$T/options"
	[[ $(wc -l <"$T/options") -gt 40 ]]
	# Names that are there twice, and letters.
	sed -E 's/^(-.)? ?([a-z-]+).*/\2/' "$T/options" | sort | uniq -d >"$T/twice"
	sed -nE 's/^(-.) .*/\1/p' "$T/options" | uniq -d >>"$T/twice"
	grep -wFf "$T/twice" "$T/options" || :
	[[ ! -s $T/twice ]]
}

version_is_version() {
	local option
	for option in --version -V; do
		separate "$1" "$option"
		want "status of $option" "$status" 0 && want "stderr of $option" "$stderr" "" || return
		[[ $output =~ ^$1\ .*[0-9]+\.[0-9]+\.[0-9]+ ]] || fail "$1: $option said '$output'" || return
	done
}

@test "--version: status 0, the name and a number" {
	each programs version_is_version
}

refuses_option() {
	local option
	for option in --no-such-option -?; do
		separate "$1" "$option" </dev/null
		want "status of $option" "$status" "$(own_status "$1" 2)" && want "stdout" "$output" "" && want_message || return
	done
}

@test "an unknown option: status 2, a message, nothing on stdout" {
	each programs refuses_option
}

refuses_number() {
	separate "$1" -j "$2" </dev/null
	want "status of -j '$2'" "$status" 2 && want "stdout" "$output" "" && want_message
}

numbers_checked() {
	"$1" --help | grep -q -- --jobs || return 0
	local number
	for number in 0 -1 x 1x '' 99999999999999999999; do
		refuses_number "$1" "$number" || return
	done
}

@test "-j takes a whole number from 1" {
	each programs numbers_checked
}

# What no option of that argument takes, with something that it may take behind it.
refuses_argument() {
	local bad=$'\xff' good=1
	separate "$1" "$2=$bad" "$2=$good" </dev/null
	want "status of $2" "$status" "$(own_status "$1" 2)" && want "stdout" "$output" "" || return
	[[ $stderr == "$1: $2: "* ]] || fail "$1: '$stderr' does not begin with $2"
}

arguments_checked() {
	local arguments='COUNT|FIELDS|JOBS|LIST|MIB|NAMES?|PID|PREFIX|SECONDS|SEED|STEP|TIME' option
	for option in $("$1" --help | sed -nE "s/^ .*(--[a-z-]+) ($arguments) .*/\1/p"); do
		# Any text is a seed to --shuffle.
		[[ $option != --shuffle ]] || continue
		refuses_argument "$1" "$option" || return
	done
}

@test "an argument that an option does not take: refused by the option's name, whatever follows" {
	each programs arguments_checked
}

takes_common_options() {
	separate "$1" -q -v --json --text --help
	want "status" "$status" 0
}

@test "-q -v --json --text are known everywhere" {
	each programs takes_common_options
}

# --- standard streams -------------------------------------------------

full_device() {
	local option
	for option in --help --version; do
		run bash -c '"$1" "$2" 2>"$3" >/dev/full' bash "$1" "$option" "$T/stderr"
		stderr=$(<"$T/stderr")
		want "status of $option" "$status" "$(own_status "$1" 4)" && want_message || return
		[[ $stderr == *"No space left on device"* ]] || fail "$1: '$stderr' does not say why" || return
	done
}

@test "/dev/full: status 4 and a message" {
	each programs full_device
}

closed_stdout() {
	run bash -c '"$1" --help 2>"$2" >&-' bash "$1" "$T/stderr"
	stderr=$(<"$T/stderr")
	want "status of --help" "$status" "$(own_status "$1" 4)" && want_message
}

@test "a closed stdout: status 4 and a message" {
	each programs closed_stdout
}

closed_stdin() {
	separate bash -c '"$1" --help <&-' bash "$1"
	want "status of --help" "$status" 0 || return
	[[ " ${readers[*]} " == *" $1 "* ]] || return 0
	separate timeout 10 bash -c '"$1" <&-' bash "$1"
	want "status when reading" "$status" 4 && want_message
}

@test "a closed stdin: an error for who reads it" {
	each programs closed_stdin
}

closed_stderr() {
	run bash -c '"$1" --no-such-option </dev/null 2>&-' bash "$1"
	want "status" "$status" "$(own_status "$1" 2)" && want "stdout" "$output" ""
}

@test "a closed stderr: the status still tells, and messages go nowhere else" {
	each programs closed_stderr
}

early_end() {
	"$1" --help 1>&"$nobody" 2>"$T/stderr" && status=0 || status=$?
	want "status" "$status" "$(own_status "$1" 4)" && want "stderr" "$(<"$T/stderr")" ""
}

@test "a reader that went away: status 4, no message, no death by SIGPIPE" {
	local reader nobody
	mkfifo "$T/pipe"
	exec {reader}<>"$T/pipe" {nobody}>"$T/pipe" {reader}<&-
	each programs early_end
}

# --- records ----------------------------------------------------------

empty_input() {
	separate timeout 10 "$1" </dev/null
	want "status" "$status" 0 && want "stdout" "$output" "" && want "stderr" "$stderr" ""
}

@test "empty input: status 0, no output" {
	each readers empty_input
}

# One line of input that the program can handle; opens an episode for it.
example() {
	local episode=$1-1
	open_episode "$1" >&2 || return
	case $1 in
	env-reset | task-check) task-list -f '.id == "unit/hello"' --json ;;
	env-step) shell_action "$episode" 'echo hello' ;;
	env-verify | env-close | env-fork | env-restore | rollout-log) echo "{\"episode\":\"$episode\"}" ;;
	agent-oracle) cat "$T/reset-$1.jsonl" ;;
	rollout-replay | rollout-stat) agent-oracle <"$T/reset-$1.jsonl" | env-step | env-close ;;
	*) fail "no example input for $1" >&2 ;;
	esac
}

# Lines 2 to 5 are refused by their numbers; line 1 is handled as if nothing were wrong, before or after them.
bad_lines() {
	example "$1" >"$T/line" || return
	{ cat "$T/line" && printf '%s\n' '{"episode": ' '[1]' $'{"episode":"\xff"}' ''; } >"$T/input"
	separate timeout 120 "$1" <"$T/input"
	want "status" "$status" 3 && want_message || return
	want "messages" "$(grep -oE 'line [0-9]+' <<<"$stderr" | uniq | paste -sd ' ')" 'line 2 line 3 line 4 line 5' || return
	want "whether line 1 was handled, error records, their reasons" "$(jq -cs '[any(.[]; .type != "error"),
		([.[] | select(.type == "error")] | map([.line, .status]), (map(.reason | type) | unique))]' <<<"$output")" \
		'[true,[[2,3],[3,3],[4,3],[5,3]],["string"]]'
}

@test "lines that are no JSON, an array, no UTF-8, empty: status 3, an error record for each, the first line handled" {
	need_box
	each readers bad_lines
}

passes_error() {
	local line='{"type":"error","line":7,"episode":"elsewhere","reason":"made up","status":4}'
	separate timeout 10 "$1" <<<"$line"
	want "status" "$status" 4 && expect . "$line"
}

@test "an error record of an earlier program: passed on, status at least its own" {
	each readers passes_error
}

no_such_episode() {
	separate timeout 10 "$1" <<<'{"episode":"no-such","tool":"shell","args":{"command":"true"}}'
	want "status" "$status" 3 && want_message && expect '[.type, .episode, .status]' '["error","no-such",3]' || return
	[[ $1 != env-step ]] || return 0
	separate timeout 10 "$1" no-such
	want "status with an operand" "$status" 3 && want_message && expect '[.type, .episode, .status]' '["error","no-such",3]'
}

@test "an episode that does not exist: status 3 and an error record" {
	each takers no_such_episode
}

bad_episode_id() {
	local id
	for id in .. ../../etc '' a/b "$(printf 'a%.0s' {1..65})"; do
		separate timeout 10 "$1" < <(shell_action "$id" true)
		want "status of '$id'" "$status" 3 && expect .type '"error"' || return
	done
}

@test "an id that is none: status 3 and an error record" {
	each takers bad_episode_id
}

# --- being stopped ----------------------------------------------------

@test "a reader that goes away in the middle: no hang, nothing left behind" {
	need_box
	open_episode gone
	for i in {1..50}; do
		shell_action gone-1 "echo $i; sleep 0.1"
	done >"$T/actions"
	run timeout 20 bash -c 'env-step <"$1" 2>"$2" | head -n 1; echo "${PIPESTATUS[0]}"' bash "$T/actions" "$T/stderr"
	[[ ${lines[1]} == 4 ]]
	[[ ! -s $T/stderr ]]
	separate env-close gone-1
	[[ $status == 0 ]]
	# Not all 50: it stopped when it saw that nobody reads.
	[[ $(field '.steps | length') -lt 50 ]]
	[[ -z $(env-list --json) ]]
}

@test "SIGTERM in the middle of a step: dies of it soon, the episode can go on" {
	need_box
	open_episode stopped
	shell_action stopped-1 'sleep 60' >"$T/action"
	env-step <"$T/action" >"$T/out" 2>"$T/err" &
	local pid=$! status=0 began
	begun action stopped-1
	began=$SECONDS
	kill -TERM "$pid"
	wait "$pid" || status=$?
	[[ $status == 143 ]]
	((SECONDS - began < 10))
	# No lock is held: the next one does not wait for the rest of the minute.
	began=$SECONDS
	shell_action stopped-1 'echo on' >"$T/action"
	separate timeout 20 env-step <"$T/action"
	((SECONDS - began < 10))
	[[ $(jq -r .type <<<"${lines[-1]}") =~ ^(observation|error)$ ]]
	separate env-close stopped-1
	[[ $status == 0 ]]
	[[ -z $(own_boxes) ]]
}

@test "SIGINT while waiting for input: dies of it, nothing on stdout" {
	local pipe reader pids=() i status
	mkfifo "$T/pipe"
	exec {pipe}<>"$T/pipe"
	for reader in "${readers[@]}"; do
		# The shell starts background commands with SIGINT ignored.
		timeout -s INT 0.5 "$reader" <"$T/pipe" >"$T/$reader.out" 2>"$T/$reader.err" {pipe}>&- &
		pids+=($!)
	done
	for i in "${!readers[@]}"; do
		reader=${readers[i]}
		wait "${pids[i]}" && status=0 || status=$?
		[[ $status == 124 ]] || fail "$reader: status $status; $(<"$T/$reader.err")"
		[[ ! -s $T/$reader.out ]] || fail "$reader: stdout: $(<"$T/$reader.out")"
	done
}

@test "the examples above leave no box and no episode" {
	need_box
	open_episode tidy
	separate env-close tidy-1
	[[ $status == 0 ]]
	[[ -z $(ls -A "$PIPEGYM_STATE/episodes") ]]
	[[ -z $(own_boxes) ]]
}
