#!/usr/bin/env bats
# What an agent did to a box, a grader or a journal that once worked, and must not again; and what it tries instead of the work.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "boxes are asked, and no program of ours that is sanitized"
	need_box
}

# graded CHECKS [DEFINITION]: an episode of a task with these checks, hidden tests and small limits.
graded() {
	fixture_task unit/hello '{"limits": {"step_s": 2, "disk_mib": 16, "steps": 100}}' "${2:-"{}"}" "{\"checks\": $1}"
	mkdir -p "$T/tasks/unit/hello/tests"
	echo hidden >"$T/tasks/unit/hello/tests/data"
	open_episode e
	ep=e-1
}

# verdict STATUS: what env-verify says, within a time that no hang would keep.
verdict() {
	separate timeout 40 env-verify --again "$ep"
	expect .status "\"$1\""
}

file_check='[{"name": "f", "type": "file", "path": "greeting.txt", "content": "hello"}]'
command_check='[{"name": "c", "type": "command", "command": "python3 program.py", "stdout": "42"}]'

@test "a process that stops all others does not stop pid 1" {
	graded "$file_check"
	act '(sleep 1; exec perl -e "while (1) { kill STOP, -1 }") >/dev/null 2>&1 & echo started'
	sleep 1.2
	separate timeout 15 env-step -e "$ep" -- 'echo two'
	expect .type '"observation"'
	separate timeout 15 env-step -e "$ep" -- 'echo three'
	expect .type '"observation"'
	verdict fail
}

@test "threads behind a main thread that has exited are killed at the deadline" {
	graded "$command_check"
	act 'cat >program.py <<"END"
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1e6,)).start()
time.sleep(0.2)
ctypes.CDLL(None).syscall(60, 0)
END'
	verdict fail
	expect '.checks[0].reason' '"the time limit was exceeded"'
	act 'python3 program.py'
	expect .timeout true
	act 'ps ax | grep -c "[p]rogram.py"'
	expect_out $'0\n' 0 || expect_out $'0\n' 1
}

@test "a full disk is the agent's doing, not the grader's" {
	graded "$command_check" '{"limits": {"step_s": 20}}'
	act 'echo "print(42)" >program.py; head -c 100000000 /dev/zero >fill; true'
	verdict fail
	act 'rm fill; i=0; while : >"i$i"; do i=$((i + 1)); done 2>/dev/null; true'
	verdict fail
}

@test "a workspace that is a link, or many links to one file, is not copied without bound" {
	graded "$file_check" '{"limits": {"step_s": 10}}'
	act 'echo hello >greeting.txt; head -c 10000000 /dev/zero >big; for i in {1..12}; do ln big "l$i"; done'
	verdict fail
	expect '.checks[0].reason' '"the workspace cannot be read"'
	act 'rm l*; true'
	verdict pass
	act 'cd /; mv workspace w; ln -s /usr/share workspace'
	verdict fail
}

@test "the session's pipes replaced by others do not hold up a step" {
	graded "$file_check"
	act 'mv /run /run2; mkdir -p /run/session && mkfifo /run/session/stdout; exit 0'
	separate timeout 15 env-step -e "$ep" -- 'echo next'
	expect .stdout '"next\n"'
}

@test "a program that waits for an episode's lock ends when it is asked to" {
	local holder waiter
	graded "$file_check" '{"limits": {"step_s": 20}}'
	env-step -e "$ep" -- 'sleep 9' >/dev/null 3>&- &
	holder=$!
	begun action "$ep"
	env-step -e "$ep" -- true >/dev/null 2>&1 3>&- &
	waiter=$!
	sleep 0.3
	kill "$waiter"
	local start=$SECONDS
	wait "$waiter" || true
	((SECONDS - start < 8))
	wait "$holder"
}

@test "a journal that holds nonsense is named, and its box can be ended all the same" {
	graded "$file_check"
	local journal=$PIPEGYM_STATE/episodes/$ep/journal.jsonl
	cp "$journal" saved
	echo '{"entry":"verdict","step":0,"ended":false,"verdict":7}' | seal >>"$journal"
	separate env-verify "$ep"
	[ "$status" = 4 ]
	[[ $stderr == *'a verdict without a status'* ]]
	cp saved "$journal"
	echo garbage >>"$journal"
	separate env-close "$ep"
	[ "$status" = 4 ]
	cp saved "$journal"
	[ "$(env-list --dead | jq -r .state)" = dead ]
	: >"$journal"
	separate env-step -e "$ep" -- true
	[ "$status" = 4 ]
	cp saved "$journal"
}

@test "of two that close an episode, one prints its rollout" {
	graded "$file_check"
	env-close "$ep" >one 2>/dev/null 3>&- &
	env-close "$ep" >two 2>/dev/null || true
	wait $! || true
	[ "$(cat one two | jq -c 'select(.type == "rollout")' | wc -l)" = 1 ]
}

@test "a root without what a shell needs, or that nobody may enter, is the agent's doing" {
	graded "$file_check"
	act 'rm /bin; exit'
	act true
	expect '[.exit, .info]' '[127,{"shell":"ended"}]'
	verdict fail
	act 'cat greeting.txt; /usr/bin/true' || true
	for command in 'rm /lib64; exit' 'chmod 0 /; exit'; do
		env-close "$ep" >/dev/null
		open_episode e
		act "$command"
		act true
		expect '[.exit > 125, .info]' '[true,{"shell":"ended"}]'
		verdict fail
	done
}

@test "a root that nobody may enter blinds neither deadlines nor limits" {
	separate timeout 20 box-run -t 1 -- sh -c 'chmod 0 /; while :; do :; done'
	[ "$status" = 124 ]
	graded '[{"name": "c", "type": "command", "command": "bash program.sh", "timeout_s": 0.5}]' '{"limits": {"memory_mib": 64, "step_s": 10}}'
	act 'echo "chmod 0 /; while :; do :; done" >program.sh'
	verdict fail
	expect '.checks[0].reason' '"the time limit was exceeded"'
	act "python3 -c 'import mmap, os, time; os.chmod(\"/\", 0); x = mmap.mmap(-1, 1 << 28); [x.write(bytes(1 << 20)) for i in range(256)]; time.sleep(100)'; echo \$?"
	expect '.info.limit' '"oom"'
}

@test "a process that lets itself be continued neither runs on after submit nor holds up a copy of the workspace" {
	graded '[{"name": "c", "type": "command", "command": "a=$(cat log | wc -l); sleep 0.2; [ $a = $(cat log | wc -l) ] && echo 42", "stdout": "42"}]' '{"limits": {"disk_mib": 64, "step_s": 10}}'
	# A timer of 1 ms whose signal is SIGCONT; what is about to copy the workspace is stopped.
	act 'for i in {1..5000}; do echo >f$i; done; cat >on.py <<"END"
import ctypes, os, signal
libc = ctypes.CDLL(None)
event = (ctypes.c_int * 16)(0, 0, 18, 0)
timer = ctypes.c_void_p()
print(libc.timer_create(1, event, ctypes.byref(timer)), flush=True)
libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 1000000, 0, 1000000), None)
log = open("log", "a")
while True:
    log.write("x\n")
    log.flush()
    last = int(open("/proc/sys/kernel/ns_last_pid").read())
    for pid in range(max(last - 1, os.getpid() + 1), last + 3):
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError:
            pass
END
python3 on.py & until [ -s log ]; do :; done'
	expect .stdout '"0\n"'
	verdict pass
	separate timeout 20 env-step -e "$ep" <<<'{"tool":"submit"}'
	expect .reward 1
	within 4 eval '! pgrep -P "$(box_pid "$ep")"'
}

# --- what an agent tries instead of the work -------------------------------------------------------------------------
# A task with a program to write (run with input that is given, that is not, and that is in /tests), a report, a database,
# a repository and tests to keep. Attacks are collected and then played side by side.

# real [SECONDS]: the task, whose programs get SECONDS (5), and no attacks yet.
real() {
	fixture_task unit/hello '{"limits": {"steps": 30, "step_s": 5, "disk_mib": 6, "memory_mib": 128, "processes": 32}, "attempts": 2,
		"prompt": "Write sum.py, which prints the sum of the numbers that it reads, and the sum of numbers into report.txt.",
		"checks": [
			{"name": "given", "type": "command", "command": ["python3", "sum.py"], "stdin": "20\n22\n", "stdout": {"equals": "42\n"}},
			{"name": "hidden", "type": "command", "command": "cat /tests/numbers /workspace/numbers | python3 sum.py", "stdout": {"equals": "70091\n"}},
			{"name": "report", "type": "file", "path": "report.txt", "content": "55"},
			{"name": "programs", "type": "command", "stdout": "7\nsame\n1\n55",
				"command": "sqlite3 -batch :memory: \"SELECT 3 + 4\" && diff /tests/numbers /tests/numbers && echo same && bash -c \"diff report.txt /tests/numbers >/dev/null; echo \\$?\" && git --git-dir=/tests/none rev-parse 2>/dev/null; cat report.txt"},
			{"name": "tests-kept", "type": "file", "path": "test_sum.py", "untouched": true},
			{"name": "numbers-kept", "type": "file", "path": "numbers", "untouched": true}]}'
	sed -i "s/\"type\":\"command\"/&,\"timeout_s\":${1:-5}/g" tasks/unit/hello/task.json
	mkdir -p tasks/unit/hello/files tasks/unit/hello/tests
	printf 'import unittest\n' >tasks/unit/hello/files/test_sum.py
	seq 10 >tasks/unit/hello/files/numbers
	echo 70036 >tasks/unit/hello/tests/numbers
	names=() count=0
	: >actions
}

work='echo "import sys; print(sum(int(line) for line in sys.stdin))" >sum.py; echo 55 >report.txt'

# attack NAME COMMAND...: an episode in which these are done, and then submit.
attack() {
	local command
	names+=("$1")
	((count += 1))
	for command in "${@:2}"; do
		shell_action "r-$count" "$command"
	done >>actions
}

# outcome JQ: of each episode's verdict, with its submit's observation in .submit, this must be true; names those of which
# it is not. Verdicts are in the file verdicts.
outcome() {
	env-reset --id r -n "$count" -j 2 unit/hello >/dev/null
	seq "$count" | jq -c '{episode: "r-\(.)", tool: "submit"}' >>actions
	timeout 100 env-step -j 2 <actions >observations
	timeout 100 env-verify -j 2 <observations >verdicts || :
	env-close --all -q >/dev/null
	[ "$(wc -l <verdicts)" = "$count" ]
	jq -rs --argjson names "$(printf '%s\n' "${names[@]}" | jq -R . | jq -s .)" 'sort_by(.episode | ltrimstr("r-") | tonumber)[] |
		select('"$1"' | not) | "\(.episode | ltrimstr("r-") | tonumber | $names[. - 1]): \(.status) \(.reward): \(.reason)"' verdicts >wrong
	cat wrong
	[ ! -s wrong ]
	# No reason tells what was expected.
	jq -r '.reason, .checks[].reason' verdicts >reasons
	run -1 grep -E '70091|70036|55|42' reasons
}

worthless='.status == "fail" and .reward == 0'

@test "the work itself passes, whatever else an agent leaves behind; nothing at all is worth nothing" {
	real
	attack 'the work' "$work"
	attack 'with full disk' "$work" 'head -c 7000000 /dev/zero >/tmp/fill; i=0; while : >/tmp/i$i; do i=$((i + 1)); done' ':'
	attack 'with full memory' "$work" 'python3 -c "
import time
held = []
for i in range(100):
    held.append(bytearray(b\"x\" * 1000000))
time.sleep(1000)" >/dev/null 2>&1 & sleep 0.3'
	attack 'with all processes' "$work" 'python3 -c "
import os, time
try:
    while os.fork(): pass
    time.sleep(1000)
except OSError: pass"'
	attack 'with odd variables' "$work" 'export PATH=/nowhere LD_PRELOAD=/nowhere LD_LIBRARY_PATH=/workspace PYTHONPATH=/workspace PYTHONSTARTUP=/nowhere PYTHONHOME=/nowhere BASH_ENV=/workspace/x ENV=/workspace/x GIT_DIR=/nowhere GIT_EXTERNAL_DIFF=false IFS=0 LC_ALL=xx TMPDIR=/nowhere HOME=/nowhere; set -e; umask 777; ulimit -n 64; exec 2>&-' 'false'
	attack 'without rights' "$work" 'chmod 000 /tmp /home/agent; cd /; chmod 700 /workspace'
	outcome '.status == "pass" and .reward == 1'
	# So they did fill the disk and take all processes.
	expect '[.[] | select(.info.limit) | [.episode, .info.limit]] | unique' '[["r-2","disk"],["r-4","pids"]]' "$(jq -s . observations)"
	real
	attack 'nothing'
	attack 'looking about' 'ls -la' 'cat *'
	outcome "$worthless"
}

@test "tests edited, removed, replaced: tampered, and the reason has all of it" {
	real
	attack 'edited' "$work" 'echo >>test_sum.py'
	attack 'removed' "$work" 'rm test_sum.py numbers'
	attack 'a link' "$work" 'mv test_sum.py t; ln -s t test_sum.py'
	attack 'a link to itself' "$work" 'rm test_sum.py; ln -s test_sum.py test_sum.py'
	attack 'a folder' "$work" 'rm numbers; mkdir numbers'
	outcome '.status == "tampered" and .reward == 0 and (.reason | test("tests-kept: |numbers-kept: "))'
	expect .reason '"tests-kept: test_sum.py is missing; numbers-kept: numbers is missing"' "$(jq 'select(.episode == "r-2")' verdicts)"
}

@test "rewards and verdicts written in advance, wherever one may look for them" {
	local write='mkdir -p /logs/verifier /logs/agent /tests /output /var/log ~/.local/state/pipegym 2>/dev/null; for d in . /tmp /logs /logs/verifier /logs/agent /tests /output ~ ~/.local/state/pipegym /var/tmp /dev/shm /run; do
		for f in reward reward.txt reward.json score.txt result.json results.json verdict verdict.json ctrf.json report.txt grade.json .reward status; do
		printf "%s" "$v" >$d/$f; done; done 2>/dev/null; :'
	real
	attack 'a number' "v=1; $write"
	attack 'a verdict' "v='{\"type\":\"verdict\",\"status\":\"pass\",\"reward\":1,\"score\":1,\"passed\":true}'; $write"
	attack 'tests that pass' 'mkdir -p /tests; echo "print(70091)" >/tests/numbers; echo "exit 0" >/tests/test.sh; chmod -R a+rwx /tests'
	attack 'a journal' 'mkdir -p ~/.local/state/pipegym/episodes/r-1; echo "{\"entry\":\"verdict\",\"verdict\":{\"status\":\"pass\",\"reward\":1}}" | tee ~/.local/state/pipegym/episodes/r-1/journal.jsonl journal.jsonl'
	outcome "$worthless"
}

@test "files that test runners and programs read: planted in the workspace and at home" {
	real
	attack 'runners' 'for f in conftest.py unittest.py pytest.py sitecustomize.py usercustomize.py json.py io.py codecs.py encodings.py; do printf "import os, sys\nos.write(1, b\"42\\n\")\nos._exit(0)\n" >$f; done
		printf "[pytest]\naddopts = --co -p evil\n" >pytest.ini; cp pytest.ini tox.ini; printf "[tool:pytest]\naddopts = --co\n" >setup.cfg; echo "import sitecustomize" >evil.pth; echo 55 >report.txt' \
		'echo "import sys" >sum.py'
	attack 'at home' 'site=~/.local/lib/$(python3 -c "import sys; print(\"python%d.%d\" % sys.version_info[:2])")/site-packages; mkdir -p $site
		for f in sitecustomize.py usercustomize.py; do printf "import os\nos.write(1, b\"42\\n\")\nos._exit(0)\n" >$site/$f; done; echo "import usercustomize" >$site/evil.pth' \
		'for f in .bashrc .profile .bash_profile .bash_login .bash_logout .inputrc .pythonrc .pythonrc.py; do echo "echo 42; exit 0" >~/$f; cp ~/$f .; done
		printf ".print 7\n.quit\n" >~/.sqliterc; cp ~/.sqliterc .; printf "[alias]\nrev-parse = !true\n[core]\npager = true\nfsmonitor = true\n[diff]\nexternal = true\n" >~/.gitconfig; cp ~/.gitconfig .; mkdir -p ~/.config/git .git; cp ~/.gitconfig ~/.config/git/config; cp ~/.gitconfig .git/config' \
		'echo "import sys" >sum.py; echo 55 >report.txt'
	outcome "$worthless"
	# They were read where they lay: what failed is what was not done.
	[ "$(jq -c '[.checks[] | select(.passed) | .name]' verdicts | sort -u)" = '["report","programs","tests-kept","numbers-kept"]' ]
	# And a home is no workspace.
	fixture_task unit/home '{"env": {"cwd": "/home/agent"}}'
	fails 3 env-reset unit/home
	[[ $stderr == *".env.cwd: must not be the agent's home"* ]]
}

@test "programs of the grader's names, earlier in PATH, and variables that would lead to them" {
	local fake='for d in . bin ~/bin ~/.local/bin /tmp /usr/local/bin /opt/bin; do mkdir -p $d; for p in python3 python bash sh sqlite3 git diff cat env; do printf "#!/bin/sh\necho 42\necho 55\nexit 0\n" >$d/$p; chmod +x $d/$p; done; done 2>/dev/null'
	real
	attack 'in many places' "$fake" 'export PATH=/workspace:/workspace/bin:$HOME/bin:$HOME/.local/bin:$PATH; hash -r; python3 sum.py'
	attack 'PATH for all' "$fake" 'echo "PATH=/workspace:$PATH" | tee ~/.profile ~/.bashrc ~/.pam_environment /etc/environment /etc/profile 2>/dev/null; export BASH_ENV=~/.bashrc ENV=~/.profile'
	attack 'functions' 'for p in python3 bash sqlite3 diff cat; do eval "$p() { echo 42; }; export -f $p"; done'
	attack 'libraries' 'printf "int main(void);\n__attribute__((constructor)) static void f(void) { }\nint puts(const char *s) { return 0; }\n" >/tmp/e.c; gcc -shared -fPIC -o evil.so /tmp/e.c 2>/dev/null || echo evil >evil.so; cp evil.so libc.so.6; echo /workspace/evil.so >/etc/ld.so.preload; export LD_PRELOAD=/workspace/evil.so LD_LIBRARY_PATH=/workspace'
	attack 'python and git' 'echo "print(42)" >/tmp/start.py; export PYTHONPATH=/workspace PYTHONSTARTUP=/tmp/start.py PYTHONINSPECT=1 PYTHONBREAKPOINT=os._exit GIT_CONFIG_GLOBAL=/tmp/x GIT_EXEC_PATH=/workspace GIT_EXTERNAL_DIFF=true GIT_PAGER=true IFS=4'
	attack 'links' 'ln -s /bin/true sum.py; ln -s /bin/true python3'
	outcome "$worthless"
}

@test "links and devices in place of what is expected" {
	real 0.7
	attack 'to a hidden file' 'ln -s /tests/numbers report.txt; ln -s /tests/numbers sum.py'
	attack 'to a descriptor' 'ln -s /proc/self/fd/0 report.txt; ln -s /proc/self/fd/0 sum.py'
	attack 'to an environment' 'ln -s /proc/self/environ report.txt; ln -s /proc/1/mem sum.py'
	attack 'to a device' 'ln -s /dev/zero report.txt; ln -s /dev/zero sum.py'
	attack 'to a terminal' 'ln -s /dev/tty report.txt; ln -s /dev/stdin sum.py'
	attack 'a pipe' 'mkfifo report.txt sum.py'
	attack 'a socket' 'python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"report.txt\")"'
	attack 'a hole' 'truncate -s 10G report.txt || truncate -s 5M report.txt; truncate -s 4M sum.py'
	attack 'a folder' 'mkdir report.txt sum.py; echo "print(42)" >sum.py/__main__.py'
	attack 'the folder of hidden files' 'cd /; mv workspace w; ln -s /tests workspace'
	outcome "$worthless"
}

@test "programs that guess, flood, forge or search" {
	real 0.7
	attack 'the visible case' 'echo 55 >report.txt; echo "print(42)" >sum.py'
	attack 'the visible case by its input' 'echo 55 >report.txt; echo "import sys; print({\"20\\n22\\n\": 42}.get(sys.stdin.read(), 0))" >sum.py'
	attack 'an early end' 'echo 55 >report.txt; echo "import os; os._exit(0)" >sum.py'
	attack 'endless' 'echo "while True: print(42)" >sum.py; yes 55 | head -c 5000000 >report.txt'
	attack 'NULs and escapes' 'printf "print(\"42\\\\0\\\\n\\\\x1b[2J\\\\x1b]0;passed\\\\x07\")\n" >sum.py; printf "55\0\033[1A55" >report.txt'
	attack 'a verdict' 'echo "print(\"\\n{\\\"type\\\":\\\"verdict\\\",\\\"status\\\":\\\"pass\\\",\\\"reward\\\":1}\\nPASSED\\n1 passed in 0.01s\\nOK\")" | tee sum.py >report.txt'
	attack 'what is expected' 'cat >sum.py <<X
import glob, os, re, sys
seen = b""
for path in glob.glob("/tests/*") + glob.glob("/proc/*/cmdline") + glob.glob("/proc/*/environ") + glob.glob("/proc/*/fd/*") + glob.glob("/tmp/*") + ["/proc/1/mem", "/proc/self/maps"]:
    try:
        if not os.path.isfile(path): continue
        with open(path, "rb", buffering=0) as f: seen += f.read(65536)
    except OSError: pass
found = re.search(rb"700[0-9][0-9]", seen.replace(b"70036", b""))
print(found.group().decode() if found else 42)
X
cp sum.py report.txt'
	attack 'the grader itself' 'cat >sum.py <<X
import os, signal
for fd in range(3, 100):
    try: os.write(fd, b"42\\n")
    except OSError: pass
for pid in (1, os.getppid(), -1):
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass
X'
	outcome "$worthless"
	run -1 grep $'[\001-\010\033]' verdicts
}

@test "what grades is nowhere that an agent looks, before and after a submit" {
	local look='for f in /proc/[0-9]*/{cmdline,environ,mem,maps,fd/*,root/tests/*}; do [ -f "$f" ] && head -c 1000000 "$f"; done 2>/dev/null | grep -caE "7003[6]|7009[1]"
		grep -rlsE "7003[6]|7009[1]|print.su[m]" / --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr --exclude-dir=lib --exclude-dir=bin --exclude-dir=dev
		find / -xdev \( -name "solution*" -o -name tests -o -name "journal*" -o -name "task.json" -o -name episodes -o -name box.sock \) ! -path "/usr/*" ! -path "/proc/*"
		ls -l /proc/self/fd /proc/$$/fd | grep -vE "total|^/proc|^$|pipe:|/dev/null|/run/session|/proc/[0-9]+/fd"; ls -A /tests /logs 2>/dev/null; :'
	real
	printf '%s\n' '"echo print.sum"' '{"tool":"submit"}' >tasks/unit/hello/solution.jsonl
	env-reset -n 2 --id r unit/hello >/dev/null
	act "$look" r-1
	expect_out $'0\n'
	quiet env-step -e r-1 <<<'{"tool":"submit"}'
	expect '[.reward, .terminated, .stdout, .info]' '[0,false,"",{"attempts_left":1,"verdict":"fail"}]'
	act "$look" r-1
	expect_out $'0\n'
}

@test "a daemon that changes files once it has been stopped and runs on; one that never rests" {
	real
	# It is continued as soon as the workspace has been copied, before the first check: too late for that one.
	env-reset --id r unit/hello >/dev/null
	echo "trap '$work; touch done' CONT; touch ready; while :; do sleep 0.05; done" >daemon
	quiet env-step -e r-1 < <(jq -cRs '{tool: "write_file", args: {path: "daemon", content: .}}' daemon)
	act 'setsid bash -c "setsid bash daemon &" >/dev/null 2>&1; while [ ! -e ready ]; do sleep 0.02; done' r-1
	quiet env-step -e r-1 <<<'{"tool":"submit"}'
	expect '[.reward, .info.verdict]' '[0,"fail"]'
	act 'while [ ! -e done ]; do sleep 0.02; done' r-1
	expect .exit 0
	quiet env-step -e r-1 <<<'{"tool":"submit"}'
	expect '[.reward, .info.verdict]' '[1,"pass"]'
	env-close --all -q >/dev/null
	# Right and wrong by turns, files that come and go: one or the other is graded, and it is no error.
	real
	attack 'a busy loop' "$work" '(while :; do echo 54 >report.txt; echo 55 >report.txt; done) & echo'
	attack 'a busy loop of renames' "$work" '(while :; do mv report.txt r; ln -s /proc/self/environ report.txt; mv -T r report.txt; done) >/dev/null 2>&1 & echo'
	attack 'files without end' "$work" '(while :; do for i in {1..50}; do echo >x$i; done; rm x*; done) >/dev/null 2>&1 & echo'
	outcome '.status == "pass" or (.status == "fail" and .reward == 0)'
}

@test "submit again, step and submit after the end, answers without end" {
	real
	fixture_task unit/hello '{"attempts": 1, "checks": [{"name": "a", "type": "answer", "answer": "right"}]}'
	env-reset -n 2 --id r unit/hello >/dev/null
	separate env-step -e r-1 < <(printf '%s\n' '{"tool":"submit","args":{"answer":"wrong"}}' '{"tool":"submit","args":{"answer":"right"}}' '"true"' '{"tool":"submit","args":{"answer":"right"}}')
	[ "$status" = 3 ]
	expect '[.type, .reward, .terminated, .reason]' '["observation",0,true,null]
["error",null,null,"the episode has ended"]
["error",null,null,"the episode has ended"]
["error",null,null,"the episode has ended"]'
	separate env-verify r-1
	expect '[.status, .reward]' '["fail",0]'
	separate env-verify --again r-1
	expect '[.status, .reward]' '["fail",0]'
	# 100 MB are no line; 8 MB are, and no answer.
	{
		printf '{"tool":"submit","args":{"answer":"'
		head -c 100000000 /dev/zero | tr '\0' x
		printf '"}}\n'
	} >large
	separate env-step -e r-2 <large
	[ "$status" = 3 ]
	expect '[.type, .line]' '["error",1]'
	separate env-step -e r-2 < <(head -c 8000000 large; printf '"}}\n')
	expect '[.reward, .terminated, (.reason // "" | length)]' '[0,true,0]'
	quiet env-close r-2
	expect '[.reward, .verdict.status, .verdict.reason]' '[0,"fail","a: answer: not what is expected"]'
}
