#!/usr/bin/env bats
# env-fork: branches have what the parent had, and go their own way.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 30, "step_s": 20}}'
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
	expect '.parent | [.step, .first.step, .first.field]' '[2,2,"stdout"]'
	quiet env-step -e b-1 -- 'echo $n'
	expect '[.step, .stdout]' '[3,"\n"]'
	quiet rollout-log before-1 b-1
	expect '.parent | [.step, .first.step, .first.field]' '[1,null,null]
[2,2,"stdout"]'
}

@test "a program without its first thread and one that is traced are stopped, and go on" {
	step 'python3 -c "
import ctypes, os, signal, time
if os.fork() == 0:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(1000)" & python3 -c "
import ctypes, threading, time
def tick():
    while True:
        open(\"ticks\", \"a\").write(\"x\")
        time.sleep(0.02)
threading.Thread(target=tick).start()
ctypes.CDLL(None).syscall(60, 0)" & until [ -s ticks ] && grep -qs "^State:.t" /proc/[0-9]*/status; do sleep 0.02; done'
	expect .exit 0
	quiet env-fork --id b e-1
	expect '.info.lost_processes | length' 3
	step 'n=$(wc -c <ticks); until [ "$(wc -c <ticks)" -gt "$n" ]; do sleep 0.02; done; echo grew'
	expect .stdout '"grew\n"'
}

@test "what was running is named, and goes on in the parent" {
	step 'sleep 500 &'
	quiet env-fork --id b e-1
	expect '.info.lost_processes | length' 1
	local lost
	lost=$(jq -c .info.lost_processes <<<"$output")
	quiet rollout-log b-1
	expect '[.parent.step, .parent.lost_processes, .parent.lost_session]' "[1,$lost,null]"
	step 'jobs -r'
	expect '.stdout | test("Running")' true
}

@test "files that take their time, with something running: the shells of both have what they had" {
	fixture_task unit/roomy '{"limits": {"disk_mib": 32}}'
	env-reset --id r unit/roomy >/dev/null
	act 'x=1; sleep 500 & for ((i = 0; i < 32000; i++)); do : >f$i; done; cd /tmp' r-1
	quiet env-fork --id b r-1
	expect '.info | [(.lost_processes | length), .lost_session]' '[1,null]'
	local ep
	for ep in r-1 b-1; do
		act 'echo $x $PWD; ls /workspace | wc -l' $ep
		expect_out $'1 /tmp\n32000\n'
	done
}

# branch NAME COMMAND PROBE [LOST]: after COMMAND the next of the episodes s-1, s-2, ... is branched; what it lost of its
# session (nothing) is as given, and without losses PROBE is in both the same.
branch() {
	local parent=s-$((++branches)) child=$1-1 both
	# What it prints, and whether the shell outlives it, does not matter.
	env-step -e "$parent" -- "$2" >/dev/null
	env-fork --id "$1" "$parent" >forked
	both=$(jq -nc --arg command "$3" '("'"$parent"'", "'"$child"'") | {episode: ., tool: "shell", args: {$command}}' |
		env-step | jq -sc --slurpfile forked forked --argjson lost "${4:-null}" 'map([.stdout, .stderr, .exit, .cwd, .info]) |
			[($lost or .[0] == .[1]) and $forked[0].info.lost_session == $lost, $forked[0].info.lost_session, .]')
	[[ $both == '[true,'* ]] || { echo "$1: $both" && false; }
}

@test "a shell in whatever state: all of it comes over" {
	local all='\builtin declare -f; \builtin declare -F; \builtin alias; \builtin trap -p; \builtin umask; \builtin set +o; \builtin shopt; \builtin pwd' name
	local functions='' aliases='shopt -s expand_aliases;' branches=0
	env-reset -n 21 --id s unit/hello >/dev/null
	for name in declare printf trap set shopt alias unset command eval exit umask pwd cd '[' test echo : return; do
		functions+="function $name { command echo mine; }; "
	done
	for name in declare printf trap set builtin command eval if for while '{' '!' '[[' function 'case' 'do' 'done'; do
		aliases+=" \\alias '$name=echo aliased';"
	done
	branch functions "$functions" "$all"
	branch aliases "$aliases" '\alias; \type x'
	branch disabled 'enable -n cd alias command unset declare shopt set trap umask pwd hash; x=1' 'builtin enable -n; echo $x'
	branch readonly 'readonly x=1 OLDPWD PATH IFS HOME; readonly -a arr=(1 2)' 'declare -p x PATH IFS HOME OLDPWD arr'
	branch values $'x=$\'a\nb\nend\\001\'; y=$\'\\377\\376\'; z="declare -a BASH_ARGC=()"; export E=; declare -A m=([$\'k\\n\']=$\'v\\n\' ["\'"]=\'"\')
		declare -n r=q s="arr[1]"; q=5 arr=(a b c); unset "arr[0]"; declare -i i=5; declare -u U; declare -x X; declare -a none=(); declare -A nor' \
		'declare -p x y z m r q s arr i U X none nor E; s=new; U=u; i=1+1; echo ${arr[1]} $U $i'
	branch texts $'f() { cat <<A; }\n1 $x \001\xff \'\nA\nexport -f f; g() ( exit 3 ); declare -ft g; declare -fr g; ü() { [[ $1 =~ ^(a|b)$ ]] || ((1)); }; function a/b { :; }' \
		'declare -f; declare -F; f; bash -c f; g() { :; }; g'
	branch traps "trap 'echo \"it'\\''s\" \$x; \`echo 1\`' USR1 USR2; trap '' INT; trap 'echo
line' HUP; trap 'echo err >>log' ERR; trap 'echo ret' RETURN; set -ET; trap 'echo bye' EXIT; (exit 3)" \
		'echo $?; trap -p; cat log; kill -USR1 $$; kill -INT $$; kill -HUP $$; exit 4'
	branch counter "n=0; trap '((n++))' DEBUG" 'echo $n; trap -p'
	branch strict 'set -eu -o pipefail' 'set +o; echo $-'
	branch tracing 'set -xvfCaBE +h; x=1' 'set +o; echo $x *; echo >f; echo >f'
	branch posix 'set -o posix; export POSIXLY_CORRECT=1' 'set +o; shopt; declare -p POSIXLY_CORRECT'
	branch level 'BASH_COMPAT=4.2; shopt -s nullglob dotglob lastpipe nocasematch extdebug' 'shopt; echo $BASH_COMPAT'
	branch closed 'umask 777; : >a; mkdir d; mkfifo p; chmod 0 /tmp /home/agent; chmod 4755 a' 'umask; stat -c "%A %Y" a d p /tmp /home/agent'
	branch words 'IFS=ab0123; PROMPT_COMMAND=x PS4=y BASH_ENV=/tmp/env; export BASH_ENV; set -- "" "a b"; (exit 210)' 'echo $? $#; x=1a2; echo $x; bash -c "echo $0"'
	branch folders $'mkdir $\'a\\nb\'; pushd $\'a\\nb\'; pushd /tmp; pushd -n /none; ulimit -n 77; ulimit -S -c 0 -v 500000; hash -p /bin/ls foo; complete -W "a b" foo' \
		'dirs -l; popd; popd; ulimit -a; ulimit -Ha; foo -d /; complete -p; pwd'
	branch descriptors 'exec >o 2>&1 <&-' 'echo x; cat'
	branch environment 'x=$(head -c 100000 /dev/zero | tr "\0" x); for i in {1..10}; do export x$i=$x; done' 'echo ${#x} ${#x10}; declare -p x9 | md5sum'
	branch ended 'x=1; cd /tmp; exit 3' 'echo $? $x; pwd'
	branch replaced 'cd /tmp; exec sh' 'pwd'
}

@test "a shell in whatever state: what does not come over is named, and the branch works" {
	local branches=0
	env-reset -n 11 --id s unit/hello >/dev/null
	branch files 'exec 5>/tmp/f 9>/tmp/g' 'echo >&5' '["open files"]'
	branch deleted 'mkdir /tmp/d; cd /tmp/d; rmdir /tmp/d' 'pwd' '["working directory"]'
	branch closed 'mkdir -p /tmp/d/e; cd /tmp/d/e; chmod 0 /tmp/d/e' 'pwd' '["working directory"]'
	branch history 'set -o history; history -s abc' 'history' '["history"]'
	branch special 'unset SECONDS' 'echo $SECONDS' '["special variables"]'
	branch names 'function a=b { :; }; f() { :; }' 'f' '["functions","functions'"'"' attributes"]'
	branch builtins 'enable -n cd enable' 'type cd' '["builtins"]'
	branch mute 'enable -n eval' true '["shell"]'
	branch large 'x=$(head -c 20000000 /dev/zero | tr "\0" x); cd /tmp' 'echo $x' '["shell"]'
	branch spoilt 'readonly REPLY' true '["shell"]'
	branch noise "set -T; trap 'printf \"\\0\"' DEBUG" true '["shell"]'
	open_episode works
	env-step -e works-1 -- 'cd /tmp; readonly REPLY' >/dev/null
	env-fork -n 3 --id branch works-1 >/dev/null
	quiet env-step -e branch-3 -- 'pwd'
	expect .stdout '"/tmp\n"'
	works branch-1
}

@test "files as they are: links, times, modes, holes, the order of names; what cannot be carried is nobody's failure" {
	local branches=0 look
	env-reset -n 3 --id s unit/hello >/dev/null
	look='find / -xdev -not -path "/proc*" -printf "%p %y %m %n %l\n"; find /workspace /etc /home -printf "%p %s %T@\n"; stat -c "%n %s" hole; cat /etc/hosts; [[ a -ef z/hard ]]; echo $?'
	branch order 'mkdir b a c; touch z1 y x; mv a d; ln -s x l; mkfifo p; echo more >>/etc/hosts; rm /etc/hostname; echo new >/etc/hostname
		mkdir /srv; rmdir /tmp; mkdir /tmp; mv /home /h; mv /h /home; rm /bin; ln -s usr/bin /bin; touch -d 2020-01-01 . b
		echo text >a; mkdir z; ln a z/hard; mkdir -p s/t; echo >s/t/f; ln s/t/f over; chmod 0 s/t s; truncate -s 10M hole' "$look"
	branch links 'head -c 8000000 /dev/zero >a; for i in {1..20}; do ln a a$i; done' 'ls -l; stat -c %h a'
	branch full 'head -c 80000000 /dev/zero >a; echo x >b' 'stat -c %s a b' 2>/dev/null
	open_episode no
	env-step -e no-1 -- 'chmod 0 /' >/dev/null
	fails 3 env-fork --id nothing no-1
	expect '[.type, .status, .reason]' '["error",3,"files of the branch: /: Permission denied"]'
	[[ ! -e $PIPEGYM_STATE/episodes/nothing-1 ]]
}

@test "folders 20,000 levels deep come over" {
	# A sanitizer's frames are several times as large.
	local levels=20000
	! grep -q __asan_init "$BIN/env-step" || levels=2000
	fixture_task unit/roomy '{"limits": {"disk_mib": 32}}'
	env-reset --id d unit/roomy >/dev/null
	act "n=$levels"' python3 -c "
import os
for i in range(int(os.environ[\"n\"])): os.mkdir(\"d\"); os.chdir(\"d\")
open(\"f\", \"w\").write(\"bottom\")"' d-1
	quiet env-fork --id b d-1
	act "n=$levels"' python3 -c "
import os
for i in range(int(os.environ[\"n\"])): os.chdir(\"d\")
print(os.listdir(), open(\"f\").read())"' b-1
	expect_out $'[\'f\'] bottom\n'
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
