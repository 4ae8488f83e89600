#!/usr/bin/env bats
# Each thing a box is made of fails in turn, by test/probe/fault: one line says what failed and why, the status is that of
# a failure of the system, and nothing is left. So it is with what a request needs: never a result of the agent's.

load helper
load episode

FAULT=$BUILD/test/probe/fault
MEMORY="$(python3 -c 'import os; print(os.strerror(12))')"

# What is mounted, but for what other tests mount meanwhile for themselves.
mounts() {
	cut -d ' ' -f 2-4 /proc/self/mounts | grep -v '/small ' | sort
}

setup() {
	common_setup
	! sanitized || skip "calls that a sanitizer makes would fail as well"
	need_box
	# Another program's filters may not let us have ours.
	"$FAULT" getppid 0 12 true || skip "no seccomp notifications here"
	mounts >mounts
	based=()
}

teardown() {
	local status=0
	if [[ -e mounts ]]; then
		mounts | diff mounts - || status=1
	fi
	rm -rf "${base:-}"
	common_teardown || status=1
	return "$status"
}

# faulty CALL N COMMAND...: runs it with the N-th such call of the helper failing for want of memory. $status; $count,
# $left ("gone" or "left"); what it said in the files out and err. name and wait, when set, are for fault.
faulty() {
	local call=$1 number=$2
	shift 2
	status=0
	timeout -k 1 20 "$FAULT" -p "${name:-pipegym-box}" -w "${wait:-2000}" "$call" "$number" 12 "$@" \
		9>report >out 2>err </dev/null || status=$?
	read -r count left <report
}

# wrong REASON: says so with all that is known of the last run.
wrong() {
	printf '%s #%s: %s: status %s, %s, stdout: %s, stderr: %s\n' "$call" "$number" "$1" "$status" "$left" "$(<out)" "$(<err)"
	return 1
}

# Whether err holds one line of this program that says why.
one_reason() {
	local said
	mapfile -t said <err
	[[ ${#said[@]} == 1 && ${said[0]} == "$1: "* ]] || return 1
	case ${said[0]} in
	*": $MEMORY" | *": $MEMORY; if this host restricts user namespaces"*) ;;
	# With what it would be told in: only that it is missed can be seen.
	*': the box helper ended' | *': it died while it was set up' | *': the box ended' | *': the box is gone: '*)
		[[ $call == sendto || $call == recvmsg ]]
		;;
	*) return 1 ;;
	esac
}

# Calls of which some do not matter: the system's own times stay as they are (getdents64: folders whose times are set),
# what is closed or read to no end, asking for an own session twice, another id where the first is not to be had, no
# limit of inotify's or of the host's memory killer, the pid that was given last, how full the disk is; and what the C
# library does with each program before main().
HARMLESS=' close getdents64 read pread64 readlink recvmsg setresgid setsid statfs write openat prlimit64 '

# --- box-run ---

# sweep CALL...: each of them of box-run's helper, one after the other.
sweep() {
	local call number total failed
	for call; do
		total=0 failed=0
		for ((number = 1; number < 100; number++)); do
			faulty "$call" "$number" box-run "${based[@]}" -- sh -c 'echo it works'
			((status < 124 || status == 125)) || wrong 'hangs' || return
			((count >= number)) || break
			total=$number
			[[ $left == gone ]] || wrong 'leaves a process' || return
			if [[ $status == 125 ]]; then
				one_reason box-run || wrong 'does not say why' || return
				[[ ! -s out ]] || [[ $call == sendto || $call == recvmsg || $call == ioctl ]] || wrong 'prints' || return
				failed=$((failed + 1))
			elif [[ $HARMLESS == *" $call "* ]]; then
				[[ $status == 0 && $(<out) == 'it works' && ! -s err ]] || wrong 'harms' || return
			else
				wrong 'goes unnoticed' || return
			fi
		done
		((number < 100)) || wrong 'too often' || return
		echo "$call: $failed of $total" | tee -a swept
	done
}

@test "whatever call fails in making a box, box-run says which step and why, and leaves nothing" {
	long
	sweep capset chdir clone close_range dup2 dup3 execve fcntl ioctl memfd_create mkdir mknodat mount mount_setattr \
		newfstatat personality pipe2 pivot_root prctl sendto sethostname signalfd4 socket symlink umount2 utimensat
	# They were all there, or their names have changed.
	[ "$(grep -c ': 0 of 0' swept)" -le 1 ]
	[ "$(sed -n 's/^mount: \([0-9]*\) of \1$/\1/p' swept)" -ge 10 ]
	[ "$(sed -n 's/^prctl: \([0-9]*\) of \1$/\1/p' swept)" -ge 40 ]
	[ "$(sed -n 's/^clone: \([0-9]*\) of \1$/\1/p' swept)" = 3 ]
	[ -z "$(ls -A "$PIPEGYM_STATE" 2>/dev/null)" ]
}

@test "calls of which some do not matter: the box then works as any" {
	long
	sweep getdents64 openat pread64 prlimit64 read readlink recvmsg setgroups setresgid setresuid setsid statfs write
	[ "$(sed -n 's/^openat: \([0-9]*\) of [0-9]*$/\1/p' swept)" -ge 14 ]
	[ "$(sed -n 's/^prlimit64: \([0-9]*\) of [0-9]*$/\1/p' swept)" -ge 7 ]
}

@test "what a base needs fails: the same" {
	local HARMLESS=' read '
	base=$(mktemp -d /tmp/pipegym-base.XXXXXX)
	install -D "$(type -P sh)" "$base/bin/sh"
	ldd "$base/bin/sh" | grep -o '/[^ ]*' | while read -r library; do
		install -D "$library" "$base$library"
	done
	mkdir "$base/etc"
	echo 'root:x:0:0::/:/bin/sh' >"$base/etc/passwd"
	chmod -R go+rX "$base"
	based=(--base "$base")
	box-run --probe --json | jq -e '.findings[] | select(.name == "overlay") | .works' || skip "no overlay in user namespaces"
	sweep fchdir mkdir mount newfstatat openat2 setxattr
	[ "$(sed -n 's/^mkdir: \([0-9]*\) of \1$/\1/p' swept)" -ge 15 ]
	[ "$(sed -n 's/^openat2: \([0-9]*\) of \1$/\1/p' swept)" = 3 ]
	[ "$(grep -c ': 0 of 0' swept)" = 0 ]
}

@test "what box-run itself needs fails: the same" {
	local name=box-run
	sweep clone dup2 dup3 eventfd2 execve pipe2 socketpair
	[ "$(grep -c ': 0 of 0' swept)" = 0 ]
}

# --- env-reset ---

# sweep_reset TOTAL CALL...: the same with env-reset, which must fail at least TOTAL times in all.
sweep_reset() {
	local call number total=$1 failed=0 wait=3000
	shift
	for call; do
		for ((number = 1; number < 60; number++)); do
			faulty "$call" "$number" env-reset --id f unit/hello
			((status != 124 && status != 137)) || wrong 'hangs' || return
			if [[ $status == 0 ]]; then
				# The call that is to fail is still to come.
				((count < number)) || wrong 'goes unnoticed' || return
				env-close -q f-1 >/dev/null || return
				break
			fi
			[[ $left == gone ]] || wrong 'leaves a process' || return
			[[ $status == 4 ]] || wrong 'is not a failure of the system' || return
			one_reason env-reset || wrong 'does not say why' || return
			[[ $(<out) == '{"type":"error",'*'"episode":"f-1",'*'"status":4'* && $(wc -l <out) == 1 ]] || wrong 'no error record' || return
			[[ $(ls -A "$PIPEGYM_STATE/episodes") == other-1 ]] || wrong 'leaves an episode' || return
			failed=$((failed + 1))
		done
	done
	echo "$failed failed"
	((failed >= total))
}

@test "whatever call fails in opening an episode, env-reset prints an error record and leaves nothing" {
	long
	fixture_task unit/hello
	echo 'a file' >"$T/tasks/unit/hello/files/file"
	# The setup is a command, which has everything of its own.
	echo 'echo "$SEED" >seed' >"$T/tasks/unit/hello/setup.sh"
	open_episode other
	act 'sleep 1000 & echo $!' other-1
	sweep_reset 50 clone chdir dup2 dup3 execve fcntl fchmod ftruncate listen mount mount_setattr pipe2 \
		pivot_root pwrite64 sendto signalfd4 umount2
	# The other one did not feel it.
	works other-1
	expect_processes 1 'sleep.100[0]' other-1
}

@test "what env-reset itself needs fails: the same" {
	local name=env-reset call
	fixture_task unit/hello
	open_episode other
	sweep_reset 10 clone dup2 dup3 execve pipe2 socketpair bind
	works other-1
}

# --- steps ---

# open_faulty CALL N: an episode whose helper's N-th call after its opening fails.
open_faulty() {
	local wait=0
	fixture_task unit/hello
	faulty "$1" 0 env-reset --id count unit/hello
	[[ $status == 0 ]] || return
	env-close -q count-1 >/dev/null || return
	faulty "$1" $((count + $2)) env-reset --id e unit/hello
	[[ $status == 0 && ! -s err ]] || return
	ep=e-1
}

# refused COMMAND...: exit 4, one line why, and an error record instead of a result.
refused() {
	separate timeout 20 "$@"
	[[ $status == 4 && $stderr == *": $MEMORY" && ${#stderr_lines[@]} == 1 ]] || {
		echo "$call: status $status, stdout: $output, stderr: $stderr"
		return 1
	}
	expect '[.type, .episode, .status, (.reason | test("box: ")), has("reward")]' '["error","e-1",4,true,false]'
}

@test "the session's shell cannot be started: an error, never a result; the next one can" {
	local call
	for call in clone execve dup2 chdir setsid prlimit64; do
		# Other sessions are asked for, and limits asked after, that do not matter.
		case $call in
		setsid) continue ;;
		prlimit64) open_faulty "$call" 2 ;;
		*) open_faulty "$call" 1 ;;
		esac
		refused env-step -e "$ep" -- 'echo never'
		# It could have been begun: that is for the caller to say.
		quiet env-step --skip -e "$ep" -- 'echo hello >greeting.txt'
		expect '[.exit, .reward, .info.interrupted]' $'[null,0,true]\n[0,0,null]'
		works
		separate env-verify "$ep"
		expect '[.status, .reward]' '["pass",1]'
		env-close "$ep" >rollout
		expect '[.steps[0].observation.info.interrupted, (.steps | length)]' '[true,3]' "$(<rollout)"
	done
}

@test "a tool's process cannot be started, or finds no memory: an error" {
	local call
	for call in clone pipe2 dup2 openat close_range; do
		open_faulty "$call" 1
		if [[ $call == close_range ]]; then
			# There is another way to close them.
			quiet env-step <<<'{"episode":"e-1","tool":"write_file","args":{"path":"a","content":"b"}}'
			expect .exit 0
		else
			refused env-step <<<'{"episode":"e-1","tool":"write_file","args":{"path":"a","content":"b"}}'
			quiet env-step --skip -e "$ep" -- true
		fi
		works
		env-close -q "$ep" >/dev/null
	done
}

@test "grading cannot be done: a verdict of error without a reward, and then it can" {
	local call
	for call in clone getdents64; do
		open_faulty "$call" 1
		separate env-verify "$ep"
		[ "$status" = 4 ]
		expect '[.type, .status, .reward, (.reason | test("'"$MEMORY"'$"))]' '["verdict","error",null,true]'
		separate env-verify "$ep"
		expect '[.status, .reward]' '["fail",0]'
		env-close -q "$ep" >/dev/null
	done
}

# --- limits of the host ---

# bounded COMMAND...: box-run under it works as normal, or fails with one line; $failed counts.
bounded() {
	status=0
	timeout 20 "$@" box-run -- echo it works >out 2>err </dev/null || status=$?
	if [[ $status == 0 ]]; then
		[[ $(<out) == 'it works' && ! -s err ]]
	else
		failed=$((failed + 1))
		[[ $status == 125 && ! -s out && $(wc -l <err) == 1 && $(<err) == 'box-run: '*': '* ]]
	fi || {
		echo "$*: status $status, stdout: $(<out), stderr: $(<err)"
		return 1
	}
}

@test "too few descriptors, too few processes" {
	local limit failed=0
	for limit in {4..24}; do
		# What the dynamic linker says is not ours.
		prlimit --nofile="$limit:$limit" box-run --version >/dev/null 2>&1 || [ "$?" = 125 ] || continue
		bounded prlimit --nofile="$limit:$limit"
	done
	((failed >= 3 && failed < 20))
	failed=0
	for limit in 0 1 2; do
		bounded prlimit --nproc="$limit:$limit"
	done
	((failed >= 1))
}

@test "no more namespaces: which, and what to do" {
	local kind failed=0
	unshare -Ur true || skip "no user namespace to try it in"
	for kind in user mnt pid ipc uts cgroup net; do
		bounded unshare -Ur sh -c "echo 0 >/proc/sys/user/max_${kind}_namespaces && exec \"\$@\"" sh
		grep -qE '^box-run: cannot make a box: clone (user|mount|pid|ipc|uts|cgroup|network) namespace: No space left on device; the limit is the sysctl user\.max_user_namespaces' err
	done
	[ "$failed" = 7 ]
	bounded unshare -Ur
	[ "$status" = 0 ]
}
