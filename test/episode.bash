# What the tests of episodes share, on top of helper.bash (load helper, then load episode).
# $ep is the episode that begin opened; $output the last observation; expect says what must be in it.
# shellcheck shell=bash disable=SC2034,SC2154 # bats gives and takes variables

# begin [JSON]: opens an episode of a small task (JSON is merged over its definition).
begin() {
	need_box
	fixture_task unit/hello "$@" || return
	open_episode e || return
	ep=e-1
}

# quiet COMMAND...: runs it; it must exit with 0 and say nothing on stderr. stdout is in $output.
quiet() {
	separate "$@"
	if ((status != 0)) || [[ -n $stderr ]]; then
		printf '%s: status %s, stdout: %s, stderr: %s\n' "$*" "$status" "${output:0:2000}" "$stderr"
		return 1
	fi
}

# tool NAME ARGS [EPISODE]: carries out an action, whose observation is then in $output.
tool() {
	quiet env-step <<<"{\"episode\":\"${3:-$ep}\",\"tool\":\"$1\",\"args\":${2//$'\n'/ }}"
}

# act COMMAND [EPISODE]: the same for a shell command.
act() {
	quiet env-step -e "${2:-$ep}" -- "$1"
}

# A record with its long texts cut short.
digest() {
	jq -c 'walk(if type == "string" and length > 300 then .[:200] + " ... " + .[-80:] else . end)' <<<"$1" 2>&1 | cut -c 1-2000
}

# expect FILTER JSON [RECORD]: what jq gives for FILTER and the record ($output); the order of keys does not count.
expect() {
	local actual expected
	# jq is slow to start: not at all, or once, does for what is as it should be.
	! "$BUILD/test/quick" same "$1" "$2" <<<"${3-$output}" || return 0
	[[ $(jq "[$1] == [\$expected]" --argjson expected "$2" <<<"${3-$output}" 2>/dev/null) != true ]] || return 0
	actual=$(jq -Sc "$1" <<<"${3-$output}") || return
	[[ $actual != "$2" ]] || return 0
	expected=$(jq -Sc . <<<"$2") || return
	[[ $actual != "$expected" ]] || return 0
	printf 'jq %s\n    gives    %s\n    expected %s\n    of %s\n' "$1" "${actual:0:1000}" "${expected:0:1000}" "$(digest "${3-$output}")"
	return 1
}

# expect_out TEXT [STATUS]: the whole stdout of the last command; its exit status (0); nothing on its stderr.
expect_out() {
	! "$BUILD/test/quick" output "$1" "${2:-0}" <<<"$output" || return 0
	expect '[.stdout, .stderr, .exit]' "$(jq -cn --arg out "$1" --argjson exit "${2:-0}" '[$out, "", $exit]')"
}

# The next step of the episode works as any other.
works() {
	act 'echo "it works"' "${1:-$ep}"
	expect_out $'it works\n'
}

# expect_processes COUNT NAME [EPISODE]: so many processes have this command line, as the episode sees them. NAME is a
# regular expression for the words, a character behind each, and must not match itself: sleep.100[1].
expect_processes() {
	local look="grep -hsaE '$2' /proc/[0-9]*/cmdline | tr '\\0' ' '"
	# What is to be there may not have come to its exec.
	(($1 == 0)) || look="for i in {1..100}; do x=\$($look); ((\$(grep -c . <<<\$x) < $1)) || break; sleep 0.02; done; echo \"\$x\""
	act "($look)" "${3:-$ep}" || return
	expect '[.stdout | match("\n"; "g")] | length' "$1"
}

# fails STATUS COMMAND...: it must exit with exactly this status and say something on stderr.
fails() {
	local wanted=$1
	shift
	separate "$@"
	if ((status != wanted)) || [[ -z $stderr ]]; then
		printf '%s: status %s, not %s; stdout: %s, stderr: %s\n' "$*" "$status" "$wanted" "${output:0:2000}" "$stderr"
		return 1
	fi
}

# kill_box EPISODE: its pid 1, and with it all that is in it, is dead when this returns.
kill_box() {
	local pid
	pid=$(box_pid "$1")
	kill -9 "$pid"
	until_is ended "$pid"
}

last_is() {
	[[ $(tail -n 1 "$PIPEGYM_STATE/episodes/$2/journal.jsonl") == '{"entry":"'"$1"'"'* ]]
}

# in_box BEGINNING EPISODE: a process whose command line begins so is in its box, as seen from outside; its parent is a
# child of pid 1, or a child of one.
in_box() {
	local parents
	parents=$(env-list --json | jq "select(.episode == \"$2\").timing.pid") && parents=$(pgrep -d , -P "$parents") || return
	pgrep -f "^$1" -P "$parents,$(pgrep -d , -P "$parents")"
}

# begun ENTRY EPISODE [BEGINNING]: waits until this is the last entry of its journal, and the box has come to a process
# whose command line begins so ("sleep ").
begun() {
	until_is last_is "$1" "$2"
	until_is in_box "${3:-sleep }" "$2"
}

# seal: entries of a journal on stdin, each with its sum.
seal() {
	python3 -c '
import sys
for line in sys.stdin.buffer:
    line = line.rstrip(b"\n")[:-1]
    sums = [(0xcbf29ce484222325 ^ len(line)) + i for i in range(4)]
    for at in range(0, len(line), 32):
        for i in range(4):
            word = int.from_bytes(line[at + 8 * i:at + 8 * i + 8], "little")
            sums[i] = (sums[i] ^ word) * 0x100000001b3 % 2**64
            sums[i] ^= sums[i] >> 32
    total = sums[0]
    for other in sums[1:]:
        total = (total ^ other) * 0x100000001b3 % 2**64
    sys.stdout.buffer.write(line + b",\"sum\":\"%016x\"}\n" % total)'
}

# box_pid EPISODE: the process id of its pid 1, as this host sees it.
box_pid() {
	python3 - "$PIPEGYM_STATE/episodes/$1/box.sock" <<'END'
import socket, struct, sys
box = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
box.connect(sys.argv[1])
print(struct.unpack("3i", box.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
END
}
