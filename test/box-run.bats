#!/usr/bin/env bats
# box-run: a command in a fresh box, its streams and its status; --probe.

load helper

setup() {
	common_setup
	need_box
}

# Bats' own folder is closed to all others: what a box of root is to be shown lies elsewhere.
open_folder() {
	shown=$(mktemp -d /tmp/pipegym-shown.XXXXXX)
	chmod 755 "$shown"
}

teardown() {
	if [[ -n ${shown:-} ]]; then
		chmod -R u+rwX "$shown"
		rm -rf "$shown"
	fi
	common_teardown
}

# gives STATUS COMMAND...: runs box-run with these arguments.
gives() {
	local expected=$1
	shift
	separate timeout 60 box-run "$@" </dev/null
	echo "status $status, not $expected; stdout: ${output:0:300} stderr: ${stderr:0:300}"
	[[ $status == "$expected" ]]
}

# --- status ---

@test "the status is the command's" {
	gives 0 -- true
	gives 1 -- false
	gives 3 -- sh -c 'exit 3'
	gives 255 sh -c 'exit 255'
	[[ -z $output && -z $stderr ]]
}

@test "a signal that ended the command: 128 and its number" {
	gives 137 -- sh -c 'kill -9 $$'
	gives 143 -- sh -c 'kill -TERM $$'
}

@test "no such command: 127; one that cannot be run: 126; each says so" {
	run -127 --separate-stderr box-run -- no-such-command </dev/null
	[[ $stderr == 'no-such-command: No such file or directory' ]]
	gives 126 -- /etc
	[[ $stderr == '/etc: Permission denied' ]]
}

@test "a time limit: 124, at once, and what was written before" {
	local began=$SECONDS
	gives 124 -t 3 -- sh -c 'echo before; sleep 60 & sleep 60'
	((SECONDS - began < 10))
	[[ $output == before && $stderr == 'box-run: killed after 3 s' ]]
	gives 124 -q -t 1 -- sleep 60
	[[ -z $stderr ]]
}

@test "wrong usage: 125, whatever it is" {
	local wrong
	for wrong in '' '-m 1 true' '-m x true' '--disk 0 true' '-p 1 true' '-t 0 true' '-C x true' '-C /a/../b true' \
		'--probe true' '--bind-ro /usr true' '--bind-ro /usr: true' '--bind-ro :/x true' '--bind-ro /usr:x true' \
		'--bind-ro /usr:/a/../b true' '--bind-ro /usr:/ true' '--bind-ro /usr:/proc/x true' '--bind-ro /usr:/run true'; do
		# shellcheck disable=SC2086 # words
		gives 125 $wrong
		[[ -z $output && $stderr == 'box-run: '* ]]
	done
}

@test "a box that is refused: 125 and the reason" {
	PIPEGYM_LIBEXEC=$T/nowhere gives 125 -- true
	[[ $stderr == 'box-run: helper '*'No such file or directory' ]]
	gives 125 -C /usr/new -- true
	[[ $stderr == 'box-run: cannot make a box: make the working directory: Read-only file system' ]]
}

@test "options end where the command begins" {
	gives 0 echo -n --help -t x
	[[ $output == '--help -t x' ]]
	gives 0 -- printf '%s|' a '' 'b c' $'d\ne'
	[[ $output == $'a||b c|d\ne|' ]]
}

@test "more arguments than fit: 125, and as many as fit" {
	# shellcheck disable=SC2046 # words
	gives 0 -- sh -c 'echo $#' sh $(seq 506)
	[[ $output == 506 ]]
	# shellcheck disable=SC2046
	gives 125 -- true $(seq 600)
	[[ $stderr == 'box-run: more than 510 arguments'* ]]
	gives 125 -- true "$(head -c 40000 /dev/zero | tr '\0' x)"
}

# --- streams ---

@test "the input is passed on to its end" {
	[[ $(seq 1 1000000 | timeout 60 box-run -- wc -l) == 1000000 ]]
	[[ $(box-run -- cat </dev/null) == '' ]]
	[[ $(echo word | box-run -- cat) == word ]]
	seq 1 300000 >"$T/numbers"
	timeout 60 box-run -- cat <"$T/numbers" | cmp - "$T/numbers"
}

@test "input that the command does not want does not hold it up" {
	[[ $(yes | timeout 20 box-run -- head -n 3) == $'y\ny\ny' ]]
	yes | timeout 20 box-run -- true
	seq 1 1000000 | timeout 20 box-run -- sh -c 'exec <&-; sleep 0.2'
}

@test "a folder or nothing as the input is an error" {
	run timeout 20 bash -c 'box-run -- sh -c "cat; sleep 5" <"$1" 2>&1' bash "$T"
	[[ $status == 125 && $output == 'box-run: standard input: Is a directory' ]]
	run timeout 20 bash -c 'box-run -- sh -c "cat; sleep 5" <&- 2>&1'
	[[ $status == 125 && $output == 'box-run: standard input: Bad file descriptor' ]]
}

@test "output comes as it is written, answers may be answered" {
	local answer
	coproc BOX { exec timeout 30 box-run -- sh -c 'while read -r line; do echo "got $line"; done; echo end'; }
	# Ends of our own: bash closes a coprocess's as soon as it has ended.
	local pid=$BOX_PID from to
	exec {from}<&"${BOX[0]}" {to}>&"${BOX[1]}" {BOX[1]}>&-
	echo one >&"$to"
	read -r -t 10 answer <&"$from"
	[[ $answer == 'got one' ]]
	echo two >&"$to"
	read -r -t 10 answer <&"$from"
	[[ $answer == 'got two' ]]
	exec {to}>&-
	read -r -t 10 answer <&"$from"
	[[ $answer == end ]]
	wait "$pid"
}

@test "stdout and stderr apart, byte for byte" {
	gives 4 -- sh -c 'echo out; echo err >&2; exit 4'
	[[ $output == out && $stderr == err ]]
	head -c 3000000 /dev/urandom >"$T/bytes"
	box-run -- cat <"$T/bytes" | cmp - "$T/bytes"
	box-run -- sh -c 'cat >&2' <"$T/bytes" 2>&1 >/dev/null | cmp - "$T/bytes"
}

@test "200 MB of output are not cut" {
	[[ $(timeout 100 box-run -- head -c 200000000 /dev/zero | wc -c) == 200000000 ]]
	[[ $(timeout 100 box-run -- sh -c 'head -c 100000000 /dev/zero >&2' 2>&1 | wc -c) == 100000000 ]]
}

@test "a slow reader gets all of it" {
	[[ $(timeout 60 box-run -- seq 1 500000 | (sleep 1; tail -n 1)) == 500000 ]]
}

@test "a reader that went away ends the box, without a message" {
	local began=$SECONDS
	run bash -c 'timeout 20 box-run -- yes 2>"$1" | head -n 3; echo "${PIPESTATUS[0]}"' bash "$T/stderr"
	[[ $output == $'y\ny\ny\n125' ]]
	[[ ! -s $T/stderr ]]
	((SECONDS - began < 10))
}

@test "/dev/full: 125 and a message" {
	run bash -c 'timeout 20 box-run -- echo lost 2>&1 >/dev/full'
	[[ $status == 125 && $output == 'box-run: standard output: No space left on device' ]]
	run bash -c 'timeout 20 box-run -- yes 2>&1 >/dev/full'
	[[ $status == 125 && $output == 'box-run: standard output: No space left on device' ]]
	run bash -c 'timeout 20 box-run -- sh -c "echo lost >&2; sleep 9" 2>/dev/full'
	[[ $status == 125 ]]
	# Nothing was written: nothing was lost.
	run bash -c 'timeout 20 box-run -- sh -c "exit 5" >/dev/full'
	[[ $status == 5 ]]
}

# --- limits ---

@test "memory of a process" {
	gives 1 -m 64 -- python3 -c 'bytearray(200 << 20)'
	[[ $stderr == *MemoryError* ]]
	gives 0 -m 400 -- python3 -c 'bytearray(200 << 20)'
}

@test "disk" {
	gives 1 --disk 4 -- head -c 1000 /no/such/file
	gives 2 --disk 4 -- sh -c 'for i in 1 2 3; do head -c 3000000 /dev/zero >$i || exit 2; done'
	gives 0 --disk 16 -- sh -c 'for i in 1 2 3; do head -c 3000000 /dev/zero >$i || exit 2; done'
}

@test "processes" {
	gives 2 -p 8 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; exit 0'
	gives 0 -p 20 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; exit 0'
}

@test "no network, or loopback alone" {
	gives 1 -- bash -c ': </dev/tcp/127.0.0.1/9'
	[[ $stderr == *'Connection refused'* ]]
	gives 1 --no-network -- bash -c ': </dev/tcp/127.0.0.1/9'
	[[ $stderr == *'Network is unreachable'* ]]
	gives 1 -- bash -c ': </dev/tcp/192.0.2.1/9'
	[[ $stderr == *'Network is unreachable'* ]]
}

# --- what is seen ---

@test "nothing of the host is there" {
	echo secret >"$T/secret"
	export SECRET=secret
	gives 0 -- env
	[[ $output != *secret* && $output == *HOME=/home/agent* ]]
	gives 1 -- cat "$T/secret"
	gives 0 -- sh -c 'pwd; ls -A; ls /home /root /tmp; ls /sys /boot /opt 2>/dev/null; names=$(ps -e -o comm=); echo "$names" | sort; id -un'
	[[ $output == $'/workspace\n/home:\nagent\n\n/root:\n\n/tmp:\npipegym-box\nps\nsh\nagent' ]]
}

@test "it starts in a folder of one's choice" {
	gives 0 -C /some/where -- sh -c 'pwd; touch here; ls'
	[[ $output == $'/some/where\nhere' ]]
	gives 0 --directory / -- pwd
	[[ $output == / ]]
}

@test "--bind-ro: a folder and a file are there, and cannot be written" {
	open_folder
	mkdir "$shown/folder"
	echo inside >"$shown/folder/file"
	chmod -R a+rwX "$shown/folder"
	cd "$shown"
	gives 0 --bind-ro folder:/deep/er/data --bind-ro "$shown/folder/file:/one/file" -C /one -- sh -c '
		cat /deep/er/data/file /one/file
		for file in /deep/er/data/file /one/file /deep/er/data/new; do echo x >$file || exit 1; done 2>&1 | grep -c Read-only
		rm -f /deep/er/data/file 2>&1 | grep -c Read-only
		rm -rf /one 2>/dev/null; cat /one/file; echo x >/deep/er/beside; touch /one/beside; exit 0'
	[[ $output == $'inside\ninside\n1\n1\ninside' ]]
	[[ $(cat "$shown/folder/file") == inside && ! -e $shown/folder/new ]]
}

@test "--bind-ro: over what the box has" {
	open_folder
	echo other >"$shown/passwd"
	chmod a+r "$shown/passwd"
	gives 0 --bind-ro "$shown/passwd:/etc/passwd" --bind-ro "$shown:/workspace" -- cat /etc/passwd /workspace/passwd
	[[ $output == $'other\nother' ]]
	gives 0 --bind-ro "$shown:/tmp/a" --bind-ro "$shown/passwd:/tmp/b" --bind-ro "$shown:/tmp/c" -- ls /tmp
	[[ $output == $'a\nb\nc' ]]
}

@test "--bind-ro: what is missing or cannot be placed is refused by name" {
	gives 125 --bind-ro "$T/none:/data" -- true
	[[ $stderr == "box-run: --bind-ro: $T/none: No such file or directory" ]]
	gives 125 --bind-ro /etc:/usr/new -- true
	[[ $stderr == 'box-run: cannot make a box: show /usr/new: Read-only file system' ]]
	gives 125 --bind-ro /etc/passwd:/tmp -- true
	[[ $stderr == 'box-run: cannot make a box: show /tmp: '* ]]
}

@test "--bind-ro: what boxes may not read is refused, also to root" {
	open_folder
	mkdir "$shown/closed"
	echo secret >"$shown/closed/file"
	chmod 700 "$shown/closed"
	[[ $EUID == 0 ]] || chmod 0 "$shown/closed"
	gives 125 --bind-ro "$shown/closed/file:/file" -- true
	[[ $stderr == *'Permission denied'* ]]
	[[ $EUID == 0 ]] || return 0
	gives 125 --bind-ro "$shown/closed:/closed" -- true
	[[ $stderr == "box-run: cannot make a box: show $shown/closed: Permission denied; "* ]]
}

# --- its end ---

@test "what the command leaves behind ends with it" {
	local began=$SECONDS
	gives 0 -- sh -c 'sleep 60 & setsid sleep 60 & echo started'
	[[ $output == started ]]
	((SECONDS - began < 10))
	[[ -z $(own_boxes) ]]
}

@test "SIGTERM, SIGINT and SIGHUP end the box, and box-run dies of them" {
	local signal pid status
	for signal in TERM INT HUP; do
		mkfifo "$T/$signal"
		# A shell that is not interactive has background commands ignore SIGINT.
		perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' box-run -- sh -c 'echo up; sleep 60' >"$T/$signal" &
		pid=$!
		read -r -t 20 _ <"$T/$signal"
		kill -s "$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		[[ $status == $((128 + $(kill -l "$signal"))) ]]
		[[ -z $(own_boxes) ]]
	done
}

@test "SIGTERM while the command takes no input and nobody reads output" {
	local pid status=0 reader
	mkfifo "$T/out"
	exec {reader}<>"$T/out"
	box-run -- yes </dev/zero >"$T/out" &
	pid=$!
	read -r -t 20 _ <&"$reader"
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exec {reader}<&-
	[[ $status == 143 ]]
	[[ -z $(own_boxes) ]]
}

@test "SIGKILL leaves no box either" {
	box-run -- sleep 60 </dev/null &
	local pid=$!
	sleep 0.5
	kill -KILL "$pid"
	wait "$pid" || :
	within 2 no_boxes
}

# --- the probe ---

@test "--probe --json: one record, its fields, status 0" {
	gives 0 --probe --json
	[[ $(jq -c '[.type, .works, .reason, (.findings | length > 20)]' <<<"$output") == '["probe",true,null,true]' ]]
	[[ $(jq -c '[.findings[] | keys_unsorted] | unique' <<<"$output") == '[["name","works","needed","found","remedy"]]' ]]
	[[ $(jq '[.findings[] | select(.needed and (.works | not))] | length' <<<"$output") == 0 ]]
	# A remedy where something is missing, and nowhere else.
	[[ $(jq '[.findings[] | select(.works == (.remedy != null))] | length' <<<"$output") == 0 ]]
	for name in 'user namespace' 'network namespace' 'uid map' overlay 'proc mount' pivot_root seccomp Landlock \
		'cgroup v2' 'cgroup v1' user.max_user_namespaces kernel.pid_max RLIMIT_NOFILE; do
		jq -e --arg name "$name" 'any(.findings[]; .name == $name)' <<<"$output" >/dev/null
	done
}

@test "--probe: a table, also into a pipe" {
	gives 0 --probe
	[[ $output == 'user namespace '*'a box can be made; its limits: watchdog'* ]]
	[[ $output == *"user.max_user_namespaces"*"$(</proc/sys/user/max_user_namespaces)"* ]]
}

@test "--probe where no box can be made: status 125 and why" {
	PIPEGYM_LIBEXEC=$T/nowhere gives 125 --probe --json
	[[ $(jq -c '[.works, (.reason | startswith("helper"))]' <<<"$output") == '[false,true]' ]]
	PIPEGYM_LIBEXEC=$T/nowhere gives 125 --probe
	[[ $output == *'no box can be made: helper '* ]]
}

@test "--probe finds what is forbidden" {
	# In a user namespace that may have no further ones.
	run unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec box-run --probe --json'
	[[ $status != 1 ]] || skip "no user namespace for unshare(1)"
	[[ $status == 125 ]]
	[[ $(jq -c '.works, (.findings[0] | [.name, .works, .needed, .found])' <<<"$output") == \
		$'false\n["user namespace",false,true,"No space left on device"]' ]]
	[[ $(jq -r .reason <<<"$output") == *'user.max_user_namespaces'* ]]
}

@test "--probe leaves nothing behind" {
	gives 0 --probe
	[[ -z $(find /sys/fs/cgroup -name 'pipegym-probe*' 2>/dev/null) ]]
}
