#!/usr/bin/env bats
# env-fork: branches have what the parent had, and go their own way.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 30, "step_s": 5}}'
}

step() {
	quiet env-step -e e-1 -- "$1"
}

state='echo "$a $E ${m[k]} $ro $# $2"; pwd; declare -f f; alias; trap -p; umask; shopt nullglob extglob; set +o; ls -A /etc /var /workspace/sub; stat -c "%A %Y %n" /workspace/sub/*; f a'

@test "files and the shell's state come over; parent and branches are independent" {
	step 'mkdir sub; echo hi >sub/f; chmod 640 sub/f; ln -s f sub/l; echo x >/etc/mine; rm -f /etc/hosts; mkdir /var/x; cd sub
		a="q'"'"'
r"; export E=1; declare -A m=([k]=v); declare -r ro=1; shopt -s extglob; f() { [[ $1 == +(a|b) ]] && echo f; }
		alias ll="ls -l"; trap "echo it'"\\\\''"'s" USR1; umask 027; set -o pipefail; shopt -s nullglob; set -- one "two 2"
		cd() { builtin cd "$@"; }; (exit 7)'
	quiet env-fork -n 2 --id b e-1
	[[ ${#lines[@]} == 2 ]]
	[[ $(jq -c '[.episode, .step, .parent, .info]' <<<"${lines[0]}") == '["b-1",1,{"episode":"e-1","step":1},{}]' ]]
	quiet env-step -e b-1 -- "echo \$?; $state"
	local branch
	branch=$(jq -r .stdout <<<"$output")
	quiet env-step -e e-1 -- "echo \$?; $state"
	[[ $branch == "$(jq -r .stdout <<<"$output")" ]]
	[[ $branch == 7* ]]
	env-step -e b-1 -- 'rm f; a=other' >/dev/null
	quiet env-step -e b-2 -- 'cat f; [[ $a != other ]]; echo $?'
	expect .stdout '"hi\n0\n"'
}

@test "a branch's rollout is complete, and replays alone" {
	step 'echo one >f'
	env-fork --id b e-1 >/dev/null
	env-step -e b-1 -- 'cat f' >/dev/null
	quiet rollout-log b-1
	expect '[.parent.step, (.steps | length), ([.steps[].observation.episode] | unique)]' '[1,2,["b-1"]]'
	env-close b-1 >rollout
	quiet rollout-replay <rollout
	expect .match '"exact"'
}

@test "an earlier step, also of an episode whose box is gone" {
	step 'echo one >f'
	step 'echo two >f'
	kill_box e-1
	fails 4 env-fork e-1
	quiet env-fork --at 1 --id b e-1
	expect .step 1
	quiet env-step -e b-1 -- 'cat f'
	expect .stdout '"one\n"'
	fails 3 env-fork --at 3 e-1
}

@test "a replay that diverges is a negative answer, and leaves no branch" {
	step 'echo same'
	step 'cat /proc/sys/kernel/random/uuid'
	step 'n=1; echo "a ü"'
	fails 1 env-fork -n 2 --id b --at 2 e-1
	expect '[.type, .episode, .status, (.reason | test("^its replay diverged at step 2: stdout: logged .*, replayed .*; --accept"))]' \
		'["error","e-1",1,true]'
	[[ $(ls -A "$PIPEGYM_STATE/episodes") == e-1 ]]
	# The status goes through a pipeline.
	separate env-step <<<"$output"
	[[ $status == 1 ]]
	quiet env-fork --at 1 --id before e-1
	quiet env-fork --at 2 --accept --id b e-1
	quiet env-step -e b-1 -- 'echo $n'
	expect '[.step, .stdout]' '[3,"\n"]'
}

@test "what was running is named, and goes on in the parent" {
	step 'sleep 500 &'
	quiet env-fork --id b e-1
	expect '.info.lost_processes | length' 1
	step 'jobs -r'
	expect '.stdout | test("Running")' true
}

@test "a best-first search over branches finds the solution" {
	local goal=5 ep=e-1 distance child move n d
	step n=1
	echo "$((goal - 1)) $ep" >open
	while read -r distance ep <open && [[ $distance != 0 ]]; do
		sed -i 1d open
		for move in n+1 'n*2' n-3; do
			child=$(env-fork "$ep" | jq -r .episode)
			n=$(env-step -e "$child" -- "n=\$(($move)); echo \$n" | jq -r .stdout)
			d=$((n - goal))
			echo "${d#-} $child" >>open
		done
		sort -n -o open open
	done
	quiet rollout-log "$ep"
	expect '.steps[-1].observation.stdout' '"5\n"'
}
