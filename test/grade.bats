#!/usr/bin/env bats
# Grading: what each check means, where it looks, and what an agent can and cannot do about it. How env-verify takes its
# input is in env-verify.bats.

load helper
load episode
load grading

setup() {
	common_setup
	need_box
}

# --- file checks ---

@test "file: it exists, it does not" {
	task '[{"name": "there", "type": "file", "path": "a/there"}, {"name": "gone", "type": "file", "path": "gone", "exists": false}]'
	verdict fail 0
	reason 'there: a/there is missing'
	expect '[.checks[].passed]' '[false,true]'
	act 'mkdir a; touch a/there gone'
	verdict fail 0
	reason 'gone: gone is still there'
	act 'rm gone'
	verdict pass 1
	# A link to nowhere is there; a link is no regular file.
	act 'ln -s nowhere gone'
	verdict fail 0
	act 'rm gone; mv a/there a/real; ln -s real a/there'
	verdict fail 0
	reason 'a/there is another kind of file (symlink)'
}

@test "file: kinds and modes" {
	task '[{"name": "d", "type": "file", "path": "d", "kind": "directory", "mode": "0750"},
		{"name": "l", "type": "file", "path": "l", "kind": "symlink"},
		{"name": "r", "type": "file", "path": "r", "mode": "4711"}]'
	act 'mkdir -m 750 d; ln -s /nowhere l; touch r; chmod 4711 r'
	verdict pass 1
	act 'chmod 751 d'
	verdict fail 0
	reason 'd has another mode (0751)'
	act 'chmod 750 d; rm l; touch l'
	verdict fail 0
	act 'ln -sf /nowhere l; rm r; mkfifo r'
	verdict fail 0
	reason 'another kind of file (special)'
	act 'rm r; mkdir r'
	verdict fail 0
}

@test "file: content conditions" {
	local file=0 condition good bad
	while IFS='|' read -r condition good bad; do
		[[ -n $condition ]] || continue
		task "[{\"name\": \"c\", \"type\": \"file\", \"path\": \"f\", \"content\": $condition}]"
		act "printf '$good' >f"
		verdict pass 1 || { echo "$condition $good"; false; }
		act "printf '$bad' >f"
		verdict fail 0 || { echo "$condition $bad"; false; }
		env-close "$ep" >/dev/null
	done <<'END'
"hello"|  hello\n|hello you
{"equals": "a\n"}|a\n|a
{"trimmed": "a  b"}|\n a  b\t\n|a b
{"lines_sorted": "a\nb"}|b \na\n\n|a\nb\nc\n
{"contains": "b"}|abc|ac
{"contains": ["a", "c"]}|abc|ab
{"excludes": ["x", "y"]}|abc|axc
{"matches": "^[0-9]+ total$"}|x\n12 total\ny|12 totals
{"number": 3.5, "tolerance": 0.1}| 3.55\n|3.7
{"json": {"a": [1, 2.0], "b": null}}|{"b":null, "a":[1.0,2]}|{"a":[1,2]}
{"trimmed": "ABC", "ignore_case": true}|abc|abd
{"contains": "a", "excludes": "b"}|ac|abc
END
}

@test "file: sha256, binary content, an empty file" {
	task "[{\"name\": \"s\", \"type\": \"file\", \"path\": \"f\", \"sha256\": \"$(printf 'a\0\xff' | sha256sum | cut -d ' ' -f 1)\"},
		{\"name\": \"e\", \"type\": \"file\", \"path\": \"empty\", \"content\": {\"equals\": \"\"}}]"
	act 'printf "a\0\xff" >f; : >empty'
	verdict pass 1
	act 'printf "a\0\xfe" >f'
	verdict fail 0
	reason 's: f: '
}

@test "file: what cannot be read, or is too large, is no match, and hiding a file does not remove it" {
	task '[{"name": "c", "type": "file", "path": "f", "content": "x"}, {"name": "e", "type": "file", "path": "d/f", "exists": false}]' '{"limits": {"disk_mib": 64}}'
	act 'echo x >f; mkdir d; touch d/f; chmod 000 d'
	verdict fail 0
	expect '[.checks[].passed]' '[true,false]'
	act 'chmod 755 d; rm d/f; chmod 000 f'
	verdict fail 0
	reason 'f cannot be read, or is too large'
	act 'chmod 644 f; { echo x; head -c 17000000 /dev/zero; } >f'
	verdict fail 0
	reason 'f cannot be read, or is too large'
	# Nobody waits for holes.
	act 'truncate -s 60M f'
	verdict fail 0
	act 'echo x >f'
	verdict pass 1
}

@test "file: links on the way are followed within the workspace, and not out of it" {
	task '[{"name": "c", "type": "file", "path": "d/e/hostname", "content": "box"}, {"name": "p", "type": "file", "path": "p/passwd", "exists": false}]'
	local link out='d/e/hostname is behind a link that leads out of the workspace'
	act 'mkdir -p real/1/e; echo box >real/1/e/hostname; ln -s 1 real/now; ln -s /workspace/real/now d'
	verdict pass 1
	act "ln -s '$T' p; rm -r real d; mkdir d"
	for link in /etc ../../etc /tests/.. /proc/self/cwd/../etc /proc/1/root/etc; do
		act "ln -sfn $link d/e"
		verdict fail 0
		expect '[.checks[].passed]' '[false,true]'
		[[ $(field '.checks[0].reason') == "$out" || $link == /proc/1/* || $link == /tests/* ]]
	done
	# To itself, to nowhere, through a chain, and to a file.
	act 'ln -sfn e d/e'
	verdict fail 0
	act 'ln -sfn /nowhere d/e'
	verdict fail 0
	reason 'd/e/hostname is missing'
	act 'rm -r d; ln -s l1 d; for i in {1..30}; do ln -s l$((i + 1)) l$i; done; mkdir l31; ln -s /etc l31/e'
	verdict fail 0
	reason "$out"
	# What must not be there is not removed by a link that leads away.
	act 'rm p; ln -s /etc p'
	verdict fail 0
	expect '.checks[1].reason' '"p/passwd is behind a link that leads out of the workspace"'
}

@test "file: what stands in place of a file is no file, and nobody waits for it" {
	local make reason start=$SECONDS
	mkdir -p tasks/unit/graded/tests
	echo ok >tasks/unit/graded/tests/expected
	task '[{"name": "f", "type": "file", "path": "f", "content": {"excludes": "x"}}, {"name": "h", "type": "file", "path": "f", "sha256": "'"$(printf '%064d' 0)"'"}]' \
		'{"limits": {"disk_mib": 20000}}'
	while IFS='|' read -r make reason; do
		act "rm -rf f; $make"
		verdict fail 0
		[[ $(field '.checks[0].reason') == "$reason" ]] || { echo "$make"; field .reason; false; }
		expect '.checks[1].passed' false
	done <<'END'
ln -s /tests/expected f|f is another kind of file (symlink)
ln -s /proc/self/environ f|f is another kind of file (symlink)
ln -s /dev/zero f|f is another kind of file (symlink)
echo ok >g; ln -s g f|f is another kind of file (symlink)
mkfifo f|f is another kind of file (special)
mkdir f|f is another kind of file (directory)
truncate -s 10G f|f cannot be read, or is too large
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("f")'|f is missing
END
	((SECONDS - start < 60))
}

@test "untouched: what must stay as it was" {
	mkdir -p tasks/unit/graded/files/sub
	printf 'given\n' >tasks/unit/graded/files/sub/given
	task '[{"name": "kept", "type": "file", "path": "sub/given", "untouched": true}, {"name": "done", "type": "file", "path": "done"}]' '{"reward": "weighted"}'
	verdict fail 0.5
	act 'touch done; touch sub/given; chmod 600 sub/given'
	verdict pass 1
	act 'echo >>sub/given'
	verdict tampered 0
	reason 'kept: sub/given'
	expect '[.checks[].passed]' '[false,true]'
	act 'printf "given\n" >sub/given'
	verdict pass 1
	act 'rm sub/given'
	verdict tampered 0
	act 'ln -s /etc/hostname sub/given'
	verdict tampered 0
	act 'rm sub/given; mkdir sub/given'
	verdict tampered 0
	act 'rm -r sub; ln -s /nowhere sub'
	verdict tampered 0
	# Of what the task does not ship nobody can say it: the task is wrong.
	echo 'echo >made' >tasks/unit/graded/setup.sh
	env-close -q g-1
	task '[{"name": "kept", "type": "file", "path": "made", "untouched": true}]'
	verdict error null
	reason 'kept: untouched: the task ships no file made'
}

# --- command checks ---

@test "command: exit status, stdout, stderr, stdin" {
	task '[{"name": "a", "type": "command", "command": "cat; echo err >&2; exit 3", "stdin": "in\n", "exit": 3, "stdout": {"equals": "in\n"}, "stderr": "err"},
		{"name": "b", "type": "command", "command": ["printf", "%s|", "a b", "$HOME", "*"], "stdout": {"equals": "a b|$HOME|*|"}},
		{"name": "c", "type": "command", "command": "exit 9", "exit": null},
		{"name": "d", "type": "command", "command": "cat", "stdout": {"equals": ""}}]'
	verdict pass 1
	env-close "$ep" >/dev/null
	task '[{"name": "a", "type": "command", "command": "exit 1"}, {"name": "b", "type": "command", "command": "echo x", "stdout": "y"},
		{"name": "c", "type": "command", "command": "echo x >&2", "stderr": "y"}, {"name": "d", "type": "command", "command": ["/nowhere"]},
		{"name": "e", "type": "command", "command": "kill -9 $$", "exit": null}, {"name": "f", "type": "command", "command": "true"}]' '{"reward": "weighted"}'
	separate env-verify "$ep"
	[ "$status" = 1 ]
	expect '[.checks[] | [.name, .score, (.reason // "" | sub(": .*"; ""))]]' '[["a",0,"exit status 1"],["b",0,"stdout"],["c",0,"stderr"],
		["d",0,"exit status 127"],["e",0,"killed by signal 9"],["f",1,""]]'
	expect '.reward * 6 | round' 1
}

@test "command: where it runs" {
	mkdir -p tasks/unit/graded/tests/sub
	echo hidden >tasks/unit/graded/tests/sub/file
	printf '#!/bin/sh\necho ran\n' >tasks/unit/graded/tests/run
	chmod 755 tasks/unit/graded/tests/run
	task '[{"name": "a", "type": "command", "command": "pwd; ls; cat /tests/sub/file; /tests/run; id -un; echo $HOME; hostname; env | grep -c SECRET; true",
		"stdout": {"equals": "/srv/w\nmine\nhidden\nran\nagent\n/home/agent\nbox\n0\n"}}]' '{"env": {"cwd": "/srv/w"}}'
	act 'echo mine >mine; ls /tests'
	expect '[.exit, .stdout]' '[2,""]'
	SECRET=1 verdict pass 1
}

@test "each command check has a fresh box and a fresh copy" {
	task '[{"name": "a", "type": "command", "command": "rm -rf given; echo left >/tmp/left; echo left >left; sleep 1000 & true"},
		{"name": "b", "type": "command", "command": "cat given; ls /tmp; ls; grep -lsa sleep.100[0] /proc/[0-9]*/cmdline", "exit": 1, "stdout": {"equals": "g\ngiven\n"}},
		{"name": "c", "type": "file", "path": "left", "exists": false}, {"name": "d", "type": "file", "path": "given", "content": "g"}]'
	act 'echo g >given'
	verdict pass 1
	# And the episode's own is as it was.
	act 'ls; cat given; ls /tmp'
	expect_out $'given\ng\n'
}

@test "the grader's box is another one: what the agent left outside of the workspace is not there" {
	task '[{"name": "a", "type": "command", "command": "ls -A /tmp /home/agent /var/tmp /dev/shm; cat /etc/hostname; ls -A /tests; ls -d /opt 2>/dev/null; type evil; echo $EVIL; grep -lsa sleep.100[0] /proc/[0-9]*/cmdline; (echo >/dev/tcp/127.0.0.1/5555) 2>&1 | grep -q refused; echo $?",
		"stdout": {"equals": "/dev/shm:\n\n/home/agent:\n\n/tmp:\n\n/var/tmp:\nbox\n\n0\n"}}]'
	act 'for d in /tmp /home/agent /var/tmp /dev/shm; do echo evil >$d/evil; done; echo evil >/etc/hostname; mkdir /tests /opt; echo "PATH=/tmp:\$PATH" >/home/agent/.bashrc; cp /home/agent/.bashrc /home/agent/.profile; export EVIL=1 BASH_ENV=/tmp/evil; evil() { :; }; export -f evil'
	act 'python3 -c "
import socket, time
s = socket.socket(); s.bind((\"127.0.0.1\", 5555)); s.listen(); time.sleep(1000)" & sleep 1000 & true'
	separate env-verify "$ep"
	expect '[.checks[].reason]' '[null]'
	[ "$status" = 0 ]
}

@test "what the workspace holds arrives as it was: modes, times, links, holes, odd names, depth" {
	# Seen from inside, by the agent and then by the check. The folder's own size and times are another matter.
	local list='find . -mindepth 1 ! -name list -printf "%y %m %s %T@ %p %l\n" | sort'
	task "$(jq -cn --arg list "$list" '[{name: "same", type: "command", command: ($list + " | diff - list"), stdout: {equals: ""}},
		{name: "hole", type: "command", command: "stat -c %b hole; tail -c 1 hole; stat -c %Y .", stdout: {matches: "^[0-9]{1,3}\nx1104537600$"}},
		{name: "content", type: "command", command: "cat $\"new\nline\" a/b/old; find . -name bottom | tr -cd / | wc -c", stdout: {equals: "n301\n"}}]')"
	act 'mkdir -p a/b; touch -d "2001-02-03 04:05:06.789" a/b/old; chmod 4755 a/b/old; ln -s ../x a/link; truncate -s 5M hole; printf x >>hole
		printf n >"$(printf "new\nline")"; printf b >"$(printf "bad\xffname")"; mkfifo -m 640 p; d=.; for i in {1..300}; do d=$d/deep; done; mkdir -p $d; touch $d/bottom
		chmod 2555 a/b; touch -d 2002-03-04 a; touch -h -d 2003-04-05 a/link; touch -d 2004-05-06 p'
	act "$list >list; touch -d 2005-01-01 ."
	expect .exit 0
	verdict pass 1
}

@test "command: timeouts, floods, leftovers of a check" {
	task '[{"name": "slow", "type": "command", "command": "sleep 60", "timeout_s": 1}, {"name": "flood", "type": "command", "command": "yes", "exit": null},
		{"name": "much", "type": "command", "command": "head -c 5000000 /dev/zero", "stdout": {"contains": "x"}},
		{"name": "background", "type": "command", "command": "sleep 1000 & setsid -f sleep 1000; echo out", "stdout": "out"},
		{"name": "twice", "type": "command", "command": "(setsid sleep 1000 &); sleep 60", "timeout_s": 1, "exit": null}]'
	local start=$SECONDS
	separate env-verify "$ep"
	expect '[.checks[] | [.name, .passed, .reason]]' '[["slow",false,"the time limit was exceeded"],["flood",false,"too much output"],
		["much",false,"stdout: too much output"],["background",true,null],["twice",false,"the time limit was exceeded"]]'
	((SECONDS - start < 40))
	within 4 eval '! pgrep -P "${PIPEGYM_CONTAINER:-0}" -f "sleep 100[0]"'
}

@test "command: the step_s of the task is the default limit" {
	task '[{"name": "slow", "type": "command", "command": "sleep 60"}]' '{"limits": {"step_s": 1}}'
	verdict fail 0
	reason 'slow: the time limit was exceeded'
}

@test "a check's command cannot tell the grader anything but its output" {
	task '[{"name": "a", "type": "command", "command": "python3 prog.py", "stdout": {"equals": "right\n"}}]'
	act 'printf "%s\n" "import os, sys" "print(\"wrong\")" "for fd in range(3, 50):" "    try: os.write(fd, b\"right\\n\")" "    except OSError: pass" >prog.py'
	verdict fail 0
	act 'printf "%s\n" "import os, signal" "os.kill(1, 9); os.kill(os.getppid(), 9)" "print(open(\"/proc/1/mem\").read())" >prog.py'
	verdict fail 0
	act 'echo "print(\"right\")" >prog.py'
	verdict pass 1
}

# --- answer and output ---

@test "answer: what was submitted" {
	task '[{"name": "a", "type": "answer", "answer": {"number": 42}}]' '{"attempts": 5}'
	verdict fail 0
	reason 'a: answer: there is none'
	quiet env-step -e "$ep" <<<'{"tool":"submit","args":{"answer":"41"}}'
	expect '[.reward, .terminated, .info.verdict]' '[0,false,"fail"]'
	quiet env-step -e "$ep" <<<'{"tool":"submit"}'
	expect '[.reward, .info.verdict]' '[0,"fail"]'
	quiet env-step -e "$ep" <<<'{"tool":"submit","args":{"answer":" 42.0\n"}}'
	expect '[.reward, .terminated, .info.verdict]' '[1,true,"pass"]'
	verdict pass 1
}

@test "output: the last step that was not submit" {
	task '[{"name": "o", "type": "output", "stdout": {"equals": "42\n"}, "stderr": "e"}]' '{"attempts": 5}'
	verdict fail 0
	reason 'o: stdout: there is none'
	act 'echo 42; echo e >&2'
	verdict pass 1
	quiet env-step -e "$ep" <<<'{"tool":"nosuch"}'
	verdict fail 0
	act 'echo 42; echo f >&2'
	verdict fail 0
	reason 'o: stderr: '
	act 'echo 42; echo e >&2'
	quiet env-step -e "$ep" <<<'{"tool":"submit"}'
	expect .reward 1
	verdict pass 1
}

# --- rewards ---

@test "reward: all and weighted" {
	local checks='[{"name": "a", "type": "file", "path": "a", "weight": 3}, {"name": "b", "type": "file", "path": "b"}, {"name": "c", "type": "file", "path": "c", "weight": 0}]'
	task "$checks"
	act 'touch a'
	verdict fail 0
	expect '[.checks[] | [.weight, .score]]' '[[3,1],[1,0],[0,0]]'
	env-close "$ep" >/dev/null
	task "$checks" '{"reward": "weighted"}'
	verdict fail 0
	act 'touch a'
	verdict fail 0.75
	reason 'b: b is missing'
	act 'touch b'
	verdict fail 1
	act 'touch c'
	verdict pass 1
}

@test "doing nothing scores nothing, whatever the kinds of checks" {
	echo given >given
	mkdir -p tasks/unit/graded/files
	task '[{"name": "a", "type": "file", "path": "x"}, {"name": "b", "type": "command", "command": "cat x"}, {"name": "c", "type": "answer", "answer": ""},
		{"name": "d", "type": "output", "stdout": ""}]' '{"reward": "weighted"}'
	verdict fail 0
}

# --- what goes wrong ---

@test "a workspace that cannot be copied, or does not fit: a fail, not an error" {
	task '[{"name": "a", "type": "file", "path": "f"}]' '{"limits": {"disk_mib": 4}}'
	act 'touch f; cd /; mv /workspace /elsewhere'
	verdict fail 0
	reason 'the workspace cannot be read'
	act 'mv /elsewhere /workspace'
	verdict pass 1
	act 'mv /workspace /elsewhere; ln -s /proc/1 /workspace'
	verdict fail 0
	act 'rm /workspace; echo file >/workspace'
	verdict fail 0
	act 'rm /workspace; mv /elsewhere /workspace'
	# Two names of one file are two files in the copy.
	act 'cd /workspace; head -c 1500000 /dev/zero >big; for i in {1..6}; do ln big big$i; done; ls | wc -l'
	verdict fail 0
	reason 'does not fit'
}

# peak COMMAND...: its greatest memory file in MiB, and its exit status.
peak() {
	python3 - "$@" <<'END'
import os, subprocess, sys, time
grader = subprocess.Popen(sys.argv[1:], stdout=open("out", "wb"))
folder, peak = "/proc/%d/fd/" % grader.pid, 0
while grader.poll() is None:
    try:
        for name in os.listdir(folder):
            if "memfd:" in os.readlink(folder + name):
                peak = max(peak, os.stat(folder + name).st_size)
    except OSError:
        pass
    time.sleep(0.002)
print(peak >> 20, grader.returncode)
END
}

@test "whatever the workspace is made to be, the grader's memory is bounded" {
	long
	task '[{"name": "a", "type": "file", "path": "f"}]' '{"limits": {"disk_mib": 4}}'
	local memory status
	# One file by many names, each of which would be a copy.
	act 'touch f; head -c 2500000 /dev/zero | tr "\0" x >big; for i in {1..400}; do ln big big$i; done'
	read -r memory status < <(peak env-verify --again "$ep")
	[ "$status" = 1 ] && ((memory < 200)) || { echo "$memory MiB, status $status"; false; }
	# Many names of one byte and holes of a terabyte.
	act 'rm big*; truncate -s 1T hole 2>/dev/null || truncate -s 3M hole; for i in {1..20000}; do ln f f$i 2>/dev/null || break; done; true'
	read -r memory status < <(peak env-verify --again "$ep")
	((status <= 1 && memory < 200)) || { echo "$memory MiB, status $status"; false; }
	# The system in its place.
	act 'cd /; mv workspace elsewhere; ln -s /usr workspace'
	read -r memory status < <(peak env-verify --again "$ep")
	[ "$status" = 1 ] && ((memory < 200)) || { echo "$memory MiB, status $status"; false; }
	act 'rm /workspace; ln -s / /workspace'
	read -r memory status < <(peak env-verify --again "$ep")
	[ "$status" = 1 ] && ((memory < 200)) || { echo "$memory MiB, status $status"; false; }
}

@test "submit stops what runs; the rest is graded as it stood" {
	task '[{"name": "a", "type": "command", "command": "a=$(wc -l <log); sleep 0.3; [ $a -gt 0 ] && [ $a = $(wc -l <log) ]"}]'
	act '(while :; do echo x >>log; done) & sleep 0.2; echo started'
	expect '.stdout' '"started\n"'
	quiet env-step -e "$ep" <<<'{"tool":"submit"}'
	expect '.terminated' true
	# Nothing of it runs any more.
	within 4 eval '! pgrep -P "$(box_pid "$ep")"'
}

@test "a task that has changed: error, reward null, and the observation of submit says so" {
	task '[{"name": "a", "type": "file", "path": "f"}]'
	act 'touch f'
	echo >>tasks/unit/graded/task.json
	verdict error null
	reason 'unit/graded has changed'
	quiet env-step -e "$ep" <<<'{"tool":"submit"}'
	expect '[.reward, .info.verdict]' '[null,"error"]'
}

@test "grading leaves nothing behind" {
	task '[{"name": "a", "type": "command", "command": "sleep 1000 & true"}, {"name": "b", "type": "file", "path": "f"}]'
	verdict fail 0
	verdict fail 0
	within 4 eval '(($(own_boxes | wc -w) <= 1))'
	[ "$(ls -A "$PIPEGYM_STATE/episodes")" = "$ep" ]
}

@test "verdicts are the same again, but for timing" {
	task '[{"name": "a", "type": "command", "command": "ls -la --time-style=full-iso; date -r f", "stdout": {"contains": "other"}}, {"name": "b", "type": "file", "path": "f"}]'
	act 'touch -d 2020-01-01 f'
	verdict fail 0
	local first
	first=$(jq -Sc 'del(.timing)' <<<"$output")
	verdict fail 0
	[ "$(jq -Sc 'del(.timing)' <<<"$output")" = "$first" ]
}
