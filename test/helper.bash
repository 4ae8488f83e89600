# What every .bats file loads (load helper). After it:
#   $BIN  the programs, first in PATH      $SRC, $BUILD  the two trees      $T  this test's own folder
# and PIPEGYM_STATE is $T/state, PIPEGYM_TASKS the shipped tasks. A file with a setup() or teardown() of its own calls
# common_setup and common_teardown in it.
# shellcheck shell=bash disable=SC2034,SC2154 # bats gives and takes variables
# shellcheck disable=SC2030,SC2031 # the probe has a T of its own

bats_require_minimum_version 1.5.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC1091 # linted by itself
source "$here/boxes.bash"
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
	T=$BATS_TEST_TMPDIR
	# Sockets in it have names of at most 107 bytes.
	if ((${#T} > 60)); then
		T=$(mktemp -d /tmp/pipegym.XXXXXX)
	fi
	export PIPEGYM_STATE=$T/state PIPEGYM_TASKS=$SRC/tasks
	unset XDG_STATE_HOME PIPEGYM_LIMITS
	cd "$T" || return
}

# Closes what the test left open, then wants every box and spawner of this test gone.
common_teardown() {
	local left status=0 tries
	cd / || return
	if [[ -d $PIPEGYM_STATE/episodes && -x $BIN/env-close ]]; then
		"$BIN/env-close" --all -q >/dev/null 2>&1 || :
	fi
	# One whose folder was removed while a program that was killed made it takes up to five seconds to see that.
	for tries in {1..140}; do
		left=$(own_boxes)
		[[ -n $left ]] || break
		sleep 0.05
	done
	if [[ -n $left ]]; then
		echo "processes left behind after $tries looks: $left"
		# shellcheck disable=SC2086 # a list
		kill -KILL $left
		status=1
	fi
	if [[ $T != "$BATS_TEST_TMPDIR" ]]; then
		rm -rf "$T"
	fi
	return "$status"
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

# Runs a command as bats' run does, with stdout in $output and stderr in $stderr.
separate() {
	run --separate-stderr "$@"
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
	if ! "$BUILD/test/quick" merge "${@:2}" <<<"$task" >"$folder/task.json"; then
		jq -s 'reduce .[] as $patch ({}; . * $patch)' <<<"$task${*:2}" >"$folder/task.json" || return
	fi
	printf '%s\n' '{"tool":"shell","args":{"command":"echo hello > greeting.txt"}}' '{"tool":"submit","args":{}}' \
		>"$folder/solution.jsonl"
	case ":$PIPEGYM_TASKS:" in
	*":$T/tasks:"*) ;;
	*) export PIPEGYM_TASKS=$T/tasks:$PIPEGYM_TASKS ;;
	esac
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

# many COUNT: that many, or a tenth where the same tests are run again (.ci/run sets PIPEGYM_TEST_AGAIN).
many() {
	echo $((${PIPEGYM_TEST_AGAIN:-0} ? $1 / 10 : $1))
}

# shipped [OPTION...]: the records of the tasks that ship, or of each twelfth one where the same tests are run again.
shipped() {
	task-list "$@" | awk -v again="${PIPEGYM_TEST_AGAIN:-0}" 'again == 0 || NR % 12 == 0'
}

# any_user: skips what is the same for all users where the same tests are run again as another than root.
any_user() {
	[[ ${PIPEGYM_TEST_AGAIN:-0} == 0 || $EUID == 0 ]] || skip "it is the same for all users"
}

# any_build: skips what boxes are asked, and hardly a program of ours that is sanitized, where the same tests are run again as root.
any_build() {
	[[ ${PIPEGYM_TEST_AGAIN:-0} == 0 || $EUID != 0 ]] || skip "sanitizers have no part in it"
}

# once: skips what takes long, and is about sizes or whole sets of tasks alone, where the same tests are run again.
once() {
	[[ ${PIPEGYM_TEST_AGAIN:-0} == 0 ]] || skip "once is enough"
}

# jq itself, but for what takes a tenth of its time otherwise.
jq() {
	"$BUILD/test/quick" jq "$@"
}

# field FILTER [JSON]: what jq -r says of a record, $output if none is given.
field() {
	jq -r "$1" <<<"${2-$output}"
}
