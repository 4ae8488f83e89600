# What every .bats file loads (load helper). After it:
#   $BIN  the programs, first in PATH      $SRC, $BUILD  the two trees      $T  this test's own folder
# and PIPEGYM_STATE is $T/state, PIPEGYM_TASKS the shipped tasks. A file with a setup() or teardown() of its own calls
# common_setup and common_teardown in it.
# shellcheck shell=bash disable=SC2034,SC2154 # bats gives and takes variables
# shellcheck disable=SC2030,SC2031 # the probe has a T of its own

bats_require_minimum_version 1.5.0

here=${BASH_SOURCE[0]%/*}
SRC=${PIPEGYM_SRC:-${here%/*}}
BUILD=${PIPEGYM_BUILD:-$SRC}
BIN=${PIPEGYM_BIN:-$BUILD/bin}
export PIPEGYM_LIBEXEC=${PIPEGYM_LIBEXEC:-$BUILD/libexec}
PATH=$BIN:$PATH

setup() {
	common_setup
}

teardown() {
	common_teardown
}

common_setup() {
	# bats traces where each command stands, which takes an eighth of the time: for those of the test itself is enough.
	set +T
	declare -ft "$BATS_TEST_NAME" bats_error_trap bats_check_status_from_trap 2>/dev/null || :
	T=$BATS_TEST_TMPDIR
	# Sockets in it have names of at most 107 bytes.
	if ((${#T} > 60)); then
		T=$(mktemp -d /tmp/pipegym.XXXXXX)
	fi
	export PIPEGYM_STATE=$T/state PIPEGYM_TASKS=$SRC/tasks
	unset XDG_STATE_HOME PIPEGYM_LIMITS
	cd "$T" || return
}

# within SECONDS COMMAND...: waits until it succeeds, for so long at most, or a little longer.
within() {
	local looks=0 most=$(($1 * 50))
	shift
	until "$@" >/dev/null 2>&1; do
		if ((++looks == most)); then
			echo "not after $looks looks: $*"
			return 1
		fi
		sleep 0.02
	done
}

until_is() {
	within 20 "$@"
}

# ended PID: the process is gone, but for its parent's looking.
ended() {
	[[ -n $1 ]] && ! grep -q '^State:.[^Z]' "/proc/$1/status" 2>/dev/null
}

no_boxes() {
	[[ -z $(own_boxes) ]]
}

# Closes what the test left open, then wants every box and spawner of this test gone.
common_teardown() {
	local left status=0
	cd / || return
	if [[ -d $PIPEGYM_STATE/episodes && -x $BIN/env-close ]]; then
		"$BIN/env-close" --all -q >/dev/null 2>&1 || :
	fi
	# One whose folder was removed while a program that was killed made it takes up to five seconds to see that.
	if ! within 7 no_boxes; then
		left=$(own_boxes)
		echo "processes left behind: $left"
		# shellcheck disable=SC2086 # a list
		kill -KILL $left
		status=1
	fi
	if [[ $T != "$BATS_TEST_TMPDIR" ]]; then
		rm -rf "$T"
	fi
	return "$status"
}

# The ids of this test's pipegym-box processes, boxes and spawners.
own_boxes() {
	"$BUILD/test/contain" -l pipegym-box
}

# Skips the test where no box can be made, saying why: it opens an episode once per run of bats and remembers what
# happened. With PIPEGYM_MUST_BOX=1 that is a failure.
need_box() {
	local memory=$BATS_RUN_TMPDIR/box-probe reason
	if [[ ! -e $memory ]]; then
		(
			T=$(mktemp -d "$BATS_RUN_TMPDIR/probe.XXXX")
			export PIPEGYM_STATE=$T/state
			fixture_task probe/box
			if reason=$(env-reset --id probe probe/box 2>&1 >/dev/null); then
				env-close probe-1 >/dev/null 2>&1
				reason=
			fi
			printf '%s' "$reason" >"$memory.$$"
			mv "$memory.$$" "$memory"
		)
	fi
	reason=$(<"$memory")
	[[ -n $reason ]] || return 0
	reason="box: ${reason//$'\n'/ }"
	if [[ ${PIPEGYM_MUST_BOX:-0} == 1 ]]; then
		echo "$reason"
		return 1
	fi
	skip "$reason"
}

# Runs a command as bats' run does, but in less time: stdout is in $output and its $lines, stderr in $stderr and its
# $stderr_lines, the exit status in $status.
separate() {
	status=0 lines=() stderr_lines=()
	output=$("$@" 2>"$BATS_TEST_TMPDIR/.stderr") || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/.stderr")
	[[ -z $output ]] || mapfile -t lines <<<"$output"
	[[ -z $stderr ]] || mapfile -t stderr_lines <<<"$stderr"
}

# fixture_task SET/NAME [JSON...]: a small task in $T/tasks, which is put first in PIPEGYM_TASKS; JSON is merged over its
# definition (so {"checks":[...]} replaces its checks). Not for a subshell: it exports.
fixture_task() {
	local folder=$T/tasks/$1 task
	mkdir -p "$folder/files"
	task='{
		"title": "Say hello", "category": "bash", "difficulty": "easy",
		"prompt": "Write hello into greeting.txt.",
		"limits": {"steps": 20, "step_s": 10, "memory_mib": 128, "disk_mib": 16},
		"checks": [{"name": "greeting", "type": "file", "path": "greeting.txt", "content": {"trimmed": "hello"}}]
	}'
	merged "$task" "${@:2}" >"$folder/task.json" || return
	printf '%s\n' '{"tool":"shell","args":{"command":"echo hello > greeting.txt"}}' '{"tool":"submit","args":{}}' \
		>"$folder/solution.jsonl"
	case ":$PIPEGYM_TASKS:" in
	*":$T/tasks:"*) ;;
	*) export PIPEGYM_TASKS=$T/tasks:$PIPEGYM_TASKS ;;
	esac
}

# merged OBJECT [JSON...]: the object with each JSON merged over it.
merged() {
	"$BUILD/test/quick" merge "${@:2}" <<<"$1" || jq -sc 'reduce .[] as $patch ({}; . * $patch)' <<<"$*"
}

# open_episode ID [TASK]: opens an episode of the task (the fixture unit/hello, made when it is missing).
open_episode() {
	local task=${2:-unit/hello}
	if [[ $task == unit/hello && ! -e $T/tasks/unit/hello/task.json ]]; then
		fixture_task unit/hello
	fi
	# --id gives PREFIX-1, PREFIX-2, ...: the episode is then ID-1.
	env-reset --id "$1" "$task" >"$T/reset-$1.jsonl"
}

# shell_action EPISODE COMMAND: an action record.
shell_action() {
	printf '{"episode":%s,"tool":"shell","args":{"command":%s}}\n' "$(quoted "$1")" "$(quoted "$2")"
}

# quoted TEXT: a JSON string.
quoted() {
	local text=${1//\\/\\\\}
	text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}
	if [[ $text == *[[:cntrl:]]* ]]; then
		jq -n --arg text "$1" '$text'
	else
		printf '"%s"' "$text"
	fi
}

# long: skips what takes long, but for make check-full.
long() {
	in_full || skip "only in make check-full"
}

# many COUNT: that many with make check-full, else a tenth.
many() {
	if in_full; then echo "$1"; else echo $(($1 / 10)); fi
}

# shipped [OPTION...]: the records of the tasks that ship, with make check-full of all, else of the first of each set
# and kind.
shipped() {
	if in_full; then
		task-list "$@"
	else
		task-list "$@" | jq -sc 'unique_by([(.id | sub("/.*"; "")), .env.kind])[]'
	fi
}

in_full() {
	[[ ${PIPEGYM_TEST_FULL:-0} == 1 ]]
}

# Whether the programs are built with a sanitizer, which takes time and memory, and makes calls of its own.
sanitized() {
	grep -q __asan_init "$BIN/env-step"
}

# jq itself, but for what takes a tenth of its time otherwise.
jq() {
	"$BUILD/test/quick" jq "$@"
}

# field FILTER [JSON]: what jq -r says of a record, $output if none is given.
field() {
	jq -r "$1" <<<"${2-$output}"
}
