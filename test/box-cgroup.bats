#!/usr/bin/env bats
# PIPEGYM_LIMITS=cgroup: limits that a control group holds, and what becomes of the groups.

load helper
load episode

setup() {
	common_setup
	need_box
	export PIPEGYM_LIMITS=cgroup
}

# Groups that are still there when the test is over are the test's failure, but for those of other runs beside it.
teardown() {
	local status=0 group
	common_teardown || status=1
	[[ -z ${state:-} ]] || rm -rf "$state"
	for group in "${mine[@]}"; do
		if [[ -e $group ]]; then
			echo "left behind: $group"
			status=1
		fi
	done
	return "$status"
}

# Skips where this user can have no control group.
need_cgroup() {
	local reason
	reason=$(box-run true 2>&1 >/dev/null </dev/null) && return 0
	[[ $reason == *'no control group for boxes can be had'* ]] || {
		echo "$reason"
		return 1
	}
	skip "cgroup: ${reason#*had }"
}

# open_grouped [JSON]: an episode as begin opens it; its groups are then in the array mine, memory's first.
open_grouped() {
	need_cgroup
	begin "${1:-{\}}"
	mapfile -t mine <"$PIPEGYM_STATE/episodes/$ep/groups"
	((${#mine[@]} > 0))
}

small='{"limits": {"steps": 200, "memory_mib": 96, "disk_mib": 8, "processes": 40, "step_s": 20}}'

# The most that the episode's group has held, in MiB; where the kernel does not tell (v2 before 5.19), what it holds.
peak_mib() {
	local file
	for file in memory.max_usage_in_bytes memory.peak memory.current; do
		[[ ! -e ${mine[0]}/$file ]] || break
	done
	echo $(($(<"${mine[0]}/$file") >> 20))
}

# Fills socket buffers until it cannot go on, and says now and then how many MiB it has put there.
sockets='import socket, sys
held, shown, ends, chunk = 0, 0, [], bytes(65536)
while len(ends) < 760:
    ends += socket.socketpair()
    for here in ends[-2:]:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        here.setblocking(False)
        try:
            while True:
                held += here.send(chunk)
        except BlockingIOError:
            pass
    if held - shown >= 1 << 20:
        shown = held
        print(held >> 20, flush=True)'

@test "the record says which group, and what it does not count" {
	open_grouped "$small"
	tier=cgroup$((${#mine[@]} > 1 ? 1 : 2))
	[[ -e ${mine[0]}/memory.max ]] || tier=cgroup1
	quiet env-close "$ep"
	expect '[.box.tier, (.box.gaps | length > 0), (.box.gaps | any(contains("pipes")))]' "[\"$tier\",true,false]"
	quiet box-run --probe --json
	expect '[.works, .tier, (.gaps | length > 0)]' "[true,\"$tier\",true]"
	expect '[.findings[] | select(.name | test("cgroup v")) | .works] | any' true
	PIPEGYM_LIMITS=watchdog quiet box-run --probe --json
	expect '[.tier, (.gaps | any(contains("pipes")))]' '["watchdog",true]'
}

@test "memory on the heap: the group's limit holds, the observation says so, and the box goes on" {
	open_grouped "$small"
	# Beyond the resource limit of one process, and faster than it could be looked at.
	act '(for i in 1 2 3; do python3 -c "x = bytearray(80 << 20); import time; time.sleep(20)" & done; wait -n; echo $?; kill $(jobs -p); wait)'
	expect '[.stdout, .info.limit]' '["137\n","oom"]'
	(($(peak_mib) <= 104))
	works
	expect .info '{}'
}

# Pid 1 would be the first to be killed, if it were in the group: what the agent has is made the last.
@test "memory in socket buffers, which the watchdog does not see; pid 1 is not what is killed" {
	open_grouped "$small"
	pid=$(box_pid "$ep")
	act "echo 0 >/proc/\$\$/oom_score_adj; python3 -c '$sockets' >held; echo \$?; tail -n 1 held"
	expect '[(.stdout | split("\n")[0]), .info.limit]' '["137","oom"]'
	held=$(jq -r '.stdout | split("\n")[1]' <<<"$output")
	echo "held $held MiB, peak $(peak_mib) MiB"
	((held >= 16 && held <= 104))
	(($(peak_mib) <= 104))
	[[ $(box_pid "$ep") == "$pid" ]]
	works
	expect .info '{}'
}

@test "files on the disk do not take memory away, and a full disk is no lack of memory" {
	open_grouped '{"limits": {"steps": 200, "memory_mib": 32, "disk_mib": 64, "step_s": 20}}'
	act 'head -c 100M /dev/zero >full; stat -c %s full'
	expect '[.info.limit, (.stdout | tonumber > 60000000)]' '["disk",true]'
	act "python3 -c 'x = bytearray(16 << 20); print(len(x))'; rm full"
	expect '[.stdout, (.info.limit // "" | sub("disk"; ""))]' '["16777216\n",""]'
	works
}

@test "a fork bomb: refused by the group, which counts it however quick it was" {
	open_grouped "$small"
	act 'python3 -c "
import os, signal
pids = []
try:
    while len(pids) < 1000:
        pids.append(os.fork())
        if pids[-1] == 0:
            signal.pause()
except BlockingIOError:
    print(len(pids))
for pid in pids:
    os.kill(pid, 9)
for pid in pids:
    os.wait()"'
	# 40, without pid 1, the shell and the one that forks.
	expect '[.stdout, .info.limit]' '["37\n","pids"]'
	works
	expect .info '{}'
}

@test "tools and files commands are in the group; pid 1 is not, and nobody inside sees where it is" {
	open_grouped "$small"
	act 'cut -d : -f 3 /proc/self/cgroup | sort -u'
	expect_out $'/\n'
	act 'cut -d : -f 3 /proc/1/cgroup | sort -u'
	[[ $output != *box-* && $output != *process* && $output == *'/../init'* ]]
	act 'sleep 60 & sleep 60 & ls /sys 2>&1; grep -c cgroup /proc/self/mountinfo; true'
	expect .stdout $'"ls: cannot access \'/sys\': No such file or directory\\n0\\n"'
	pid=$(box_pid "$ep")
	# The shell and what it left in the background.
	[[ $(wc -l <"${mine[0]}/cgroup.procs") == 3 ]]
	run ! grep -qx "$pid" "${mine[0]}/cgroup.procs"
	fixture_task unit/asks '{"checks": [{"name": "a", "type": "command", "command": "cut -d : -f 3 /proc/self/cgroup | sort -u", "stdout": "/\n"}]}'
	open_episode asks unit/asks
	separate env-verify asks-1
	expect .status '"pass"'
	mapfile -t -O "${#mine[@]}" mine <"$PIPEGYM_STATE/episodes/asks-1/groups"
}

@test "a group goes with its episode, whatever PIPEGYM_LIMITS says then" {
	open_grouped
	[[ -d ${mine[0]} ]]
	PIPEGYM_LIMITS=watchdog quiet env-close "$ep"
	[[ ! -e ${mine[0]} && ! -e ${mine[-1]} ]]
	# A box that has gone already.
	open_grouped
	kill_box "$ep"
	quiet env-close "$ep"
	[[ ! -e ${mine[0]} && ! -e ${mine[-1]} ]]
}

@test "a box that is rebuilt has a group of its own, and the old one goes" {
	open_grouped
	act 'echo hello >greeting.txt'
	kill_box "$ep"
	quiet env-restore "$ep"
	[[ ! -e ${mine[0]} ]]
	mapfile -t mine <"$PIPEGYM_STATE/episodes/$ep/groups"
	[[ -d ${mine[0]} ]]
	works
	quiet env-close "$ep"
	[[ ! -e ${mine[0]} && ! -e ${mine[-1]} ]]
}

@test "a sweep removes what SIGKILL left, and nothing that is in use" {
	open_grouped
	local kept=("${mine[@]}") parent=${mine[0]%/*}
	open_episode lost
	mapfile -t lost <"$PIPEGYM_STATE/episodes/lost-1/groups"
	mine+=("${lost[@]}")
	# A program with its box and its spawner.
	box-run sleep 60 </dev/null 2>/dev/null &
	until_is eval '[[ $(find "$parent" -mindepth 1 -maxdepth 1 -name "box-*" | wc -l) -ge 3 ]]'
	kill -KILL $!
	wait $! || :
	# A box, and all that is known of it.
	kill_box lost-1
	rm -r "$PIPEGYM_STATE/episodes/lost-1"
	sleep 0.2
	# If nobody else of this user, another test for one, was quicker.
	quiet box-run true
	[[ ! -e ${lost[0]} && ! -e ${lost[-1]} ]]
	[[ -d ${kept[0]} && -d ${kept[-1]} ]]
	mine=("${kept[@]}")
	works
	quiet env-close "$ep"
	[[ ! -e ${kept[0]} ]]
}

@test "many at a time, made and swept side by side" {
	need_cgroup
	fixture_task unit/hello
	mine=()
	for i in 1 2 3 4; do
		(env-reset -n 10 -j 4 --id "many$i" unit/hello >"$T/out$i" 2>"$T/err$i" && env-close -j 4 <"$T/out$i" >/dev/null 2>>"$T/err$i"; echo $? >"$T/status$i") &
	done
	wait
	cat "$T"/err*
	[[ $(cat "$T"/status? | sort -u) == 0 ]]
	[[ $(cat "$T"/err? | wc -c) == 0 ]]
}

@test "replays and checks have groups too" {
	open_grouped
	act 'echo hello > greeting.txt'
	quiet env-verify "$ep"
	quiet env-close "$ep"
	printf '%s\n' "$output" >rollout.json
	quiet rollout-replay <rollout.json
	expect '[.match, .verdict_match]' '["exact",true]'
}

@test "where no group can be had: the reason and the remedy, and never the watchdog instead" {
	become_powerless
	powerless_run box-run true
	[[ $status == 125 && -z $output ]]
	[[ $stderr == 'box-run: PIPEGYM_LIMITS=cgroup: no control group for boxes can be had '*'systemd-run --user --scope -p Delegate=yes COMMAND gives one' ]]
	powerless_run env-reset bash/count-errors
	[[ $status == 4 ]]
	[[ $(field .type) == error && $(field .reason) == 'PIPEGYM_LIMITS=cgroup: '* ]]
	PIPEGYM_LIMITS=watchdog powerless_run box-run true
	[[ $status == 0 ]]
	powerless_run box-run --probe --json
	[[ $status == 125 ]]
	expect '[.works, .tier]' '[false,null]'
}

# Somebody who may make no group: this user, or for root nobody.
become_powerless() {
	powerless=()
	state=$(mktemp -d /tmp/pipegym-nobody.XXXXXX)
	if [[ $(id -u) == 0 ]]; then
		powerless=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
		"${powerless[@]}" test -x "$BIN/box-run" -a -r "$SRC/tasks" || skip "nobody cannot reach the tree"
		chown nobody "$state"
	elif box-run true </dev/null 2>/dev/null; then
		skip "this user may make groups"
	fi
}

powerless_run() {
	# A build that counts lines would count among files of root's, and say that it cannot.
	separate "${powerless[@]}" env PIPEGYM_STATE="$state" GCOV_PREFIX="$state/counters" "$@" </dev/null
}

@test "wrong words are wrong usage, in every program that makes boxes" {
	local name
	for name in env-reset env-step env-verify env-close env-fork env-restore rollout-replay; do
		PIPEGYM_LIMITS=cgroups fails 2 "$name"
		[[ ${stderr_lines[0]} == "$name: PIPEGYM_LIMITS: 'cgroups' is neither watchdog nor cgroup" ]]
	done
	PIPEGYM_LIMITS=none fails 125 box-run true
	[[ ${stderr_lines[0]} == "box-run: PIPEGYM_LIMITS: 'none' is neither watchdog nor cgroup" ]]
	PIPEGYM_LIMITS='' quiet box-run true
	PIPEGYM_LIMITS=none quiet task-list
}
