#!/usr/bin/env bats
# The live shell of an episode: its input and output, deadlines, and what the task's env says of it.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 500, "disk_mib": 32}}'
}

# --- input ---

@test "stdin is empty unless it is given" {
	act 'cat; read -r x; echo "read ended with $?"'
	expect_out $'read ended with 1\n'
	act 'readlink /proc/self/fd/0'
	expect_out $'/dev/null\n'
}

@test "the argument stdin" {
	tool shell '{"command": "read -r a; echo \"<$a>\"; cat", "stdin": "one\ntwo\nthree"}'
	expect_out $'<one>\ntwo\nthree'
	tool shell '{"command": "wc -c; x=5", "stdin": ""}'
	expect_out $'0\n'
	act 'echo "$x"; cat'
	expect_out $'5\n'
	tool shell "$(jq -cn '{command: "cat <<EOF\n$(cat) \u0027q\u0027 \"d\"\nEOF\nexit 6", stdin: "in"}')"
	expect '[.stdout, .exit, .info.shell]' '["in '"'q'"' \"d\"\n",6,"ended"]'
	jq -cn --arg episode "$ep" '{$episode, tool: "shell", args: {command: "sha256sum; wc -c <file", stdin: ("0123456789abcdef" * 65536)}}' >big
	act 'touch file'
	quiet env-step <big
	local sum
	sum=$(jq -jr .args.stdin big | sha256sum)
	expect .stdout "$(jq -cn --arg sum "$sum" '$sum + "\n0\n"')"
}

@test "stdin that the box has no room for is not cut short silently" {
	act 'head -c 100M /dev/zero >full 2>/dev/null; echo x 2>/dev/null >>full || echo full'
	expect '.stdout' '"full\n"'
	jq -cn --arg episode "$ep" '{$episode, tool: "shell", args: {command: "wc -c", stdin: ("x" * 500000)}}' >big
	quiet env-step <big
	expect '.stdout == "500000\n" or (.exit != 0 and .stdout == "" and (.stderr | length > 0))' true
	act 'rm full'
	quiet env-step <big
	expect_out $'500000\n'
}

# --- output ---

@test "stdout and stderr apart" {
	act 'echo out; echo err >&2; printf more; (exit 9)'
	expect '[.stdout, .stderr, .exit]' '["out\nmore","err\n",9]'
}

@test "output without a final newline" {
	act 'printf a; printf b >&2'
	expect '[.stdout, .stderr]' '["a","b"]'
	works
}

@test "NUL bytes and invalid UTF-8 in the output" {
	act 'printf "a\0b"'
	expect '[.stdout, .info]' '["a\u0000b",{}]'
	act 'printf "\xff\xc3\xa4\xc3"; printf "\xed\xa0\x80" >&2'
	expect '[.stdout, .info.stdout_replaced, .info.stderr_replaced]' '["\ufffdä\ufffd",true,true]'
	act 'head -c 3000 /dev/urandom'
	expect '[.exit, .info.stdout_replaced]' '[0,true]'
	works
}

@test "what a background job writes later belongs to the step in which it arrives" {
	act '(until [ -e go ]; do sleep 0.01; done; echo late; echo late too >&2; touch done) & echo first'
	expect_out $'first\n'
	act 'echo second'
	expect_out $'second\n'
	act 'touch go; until [ -e done ]; do sleep 0.01; done; echo third'
	expect '[.stdout, .stderr]' '["late\nthird\n","late too\n"]'
	act 'echo fourth'
	expect_out $'fourth\n'
}

@test "a background job that keeps the pipes open makes no step wait" {
	local start=$SECONDS
	act 'sleep 1001 & echo started'
	expect_out $'started\n'
	act 'setsid sleep 1001 & disown'
	works
	((SECONDS - start < 9))
}

@test "a background job that writes without end costs the others nothing but output" {
	act 'while :; do echo noise; done & echo started'
	expect '[.exit, (.stdout | test("started"))]' '[0,true]'
	act 'kill %1; wait %1 2>/dev/null; echo ended'
	expect '[.exit, .info.limit, (.stdout | test("ended"))]' '[0,null,true]'
	works
}

@test "a long output is cut in its middle" {
	fixture_task unit/short '{"limits": {"output_kib": 4, "steps": 50}}'
	open_episode short unit/short
	act 'seq 1 100000; echo err >&2' short-1
	local total
	total=$(seq 1 100000 | wc -c)
	expect '[.stderr, .exit]' '["err\n",0]'
	expect '[.stdout[:6], .stdout[-13:]]' '["1\n2\n3\n","99999\n100000\n"]'
	# What is kept and what was cut are the whole.
	expect ".info.stdout_cut + (.stdout | sub(\"\\n\\\\[\\\\.\\\\.\\\\. [0-9]+ bytes cut \\\\.\\\\.\\\\.\\\\]\\n\"; \"\") | utf8bytelength)" "$total"
	expect '(.stdout | capture("\\[\\.\\.\\. (?<n>[0-9]+) bytes cut").n | tonumber) == .info.stdout_cut' true
	expect '.stdout | utf8bytelength <= 4096 + 60' true
	# Exactly as much as fits is whole, one byte more is not.
	act 'head -c 4096 /dev/zero | tr "\0" x' short-1
	expect '[(.stdout | length), .info]' '[4096,{}]'
	act 'head -c 4097 /dev/zero | tr "\0" x' short-1
	expect '.info.stdout_cut > 0' true
	# Cut between characters, never inside one.
	act 'head -c 9000 /dev/zero | sed "s/\x00/€/g"' short-1
	expect '[.info.stdout_replaced, (.stdout | test("\ufffd"))]' '[null,false]'
}

@test "a flood of output ends its step" {
	act 'yes; echo "came back"'
	expect '[.exit, .signal, .info.limit]' '[null,"SIGKILL","output"]'
	expect '.info.stdout_cut > 60000000' true
	works
}

# --- deadlines ---

@test "at the deadline the command is killed, the shell and its variables live on" {
	act 'x=kept'
	tool shell '{"command": "echo before; sleep 1000", "timeout_s": 1}'
	expect '[.stdout, .exit, .signal, .timeout, .info.limit, .info.shell]' \
		'["before\n",null,"SIGKILL",true,"timeout",null]'
	act 'echo $x'
	expect_out $'kept\n'
}

@test "timeout_s cannot exceed the task's step_s, and nonsense counts as none" {
	fixture_task unit/quick '{"limits": {"step_s": 1}}'
	open_episode quick unit/quick
	tool shell '{"command": "sleep 60", "timeout_s": 100}' quick-1
	expect '[.timeout, (.timing.wall_ms > 900)]' '[true,true]'
	tool shell '{"command": "sleep 60"}' quick-1
	expect .timeout true
	tool shell '{"command": "echo a", "timeout_s": 0}' quick-1
	expect .stdout '"a\n"'
	tool shell '{"command": "echo b", "timeout_s": -5}' quick-1
	expect .stdout '"b\n"'
	tool shell '{"command": "sleep 60", "timeout_s": 0.2}' quick-1
	expect '[.timeout, .timing.wall_ms >= 200]' '[true,true]'
}

@test "the deadline kills children that were forked twice into sessions of their own, not older background jobs" {
	act 'sleep 1001 & setsid sleep 1001 &'
	tool shell '{"command": "(setsid sh -c \"sleep 1002 & sleep 1002\" & ) ; setsid -f sleep 1002; until [ \"$(grep -lsaE \"sleep.100[2]\" /proc/[0-9]*/cmdline | wc -l)\" -ge 3 ]; do sleep 0.02; done; sleep 1000", "timeout_s": 2}'
	expect '[.timeout, .info.shell]' '[true,null]'
	expect_processes 0 'sleep.100[2]'
	expect_processes 0 'sleep.1000.$'
	expect_processes 2 'sleep.100[1]'
	act 'jobs -r | wc -l'
	expect .stdout '"2\n"'
}

@test "a command that ignores signals, or forks without end, is gone after the deadline" {
	tool shell '{"command": "trap \"\" TERM INT HUP; (trap \"\" TERM INT HUP; sleep 1003); sleep 1003", "timeout_s": 1}'
	expect .timeout true
	expect_processes 0 'sleep.100[3]'
	works
	tool shell '{"command": "f() { f | f & }; f 2>/dev/null; sleep 1000", "timeout_s": 1}'
	expect '.exit' null
	act 'true'
	act 'true'
	works
}

@test "pid 1 does not wait for a command that stops reading its input" {
	jq -cn --arg episode "$ep" '{$episode, tool: "shell", args: {command: "exec <&-; sleep 0.1; echo done", stdin: ("x" * 300000)}}' >big
	quiet env-step <big
	expect_out $'done\n'
}

# --- the task's env ---

@test "background: kill ends what a step leaves behind" {
	fixture_task unit/tidy '{"env": {"background": "kill"}}'
	open_episode tidy unit/tidy
	act 'x=1; sleep 1001 & setsid -f sleep 1001; echo started' tidy-1
	expect_out $'started\n'
	expect_processes 0 'sleep.100[1]' tidy-1
	act 'echo $x' tidy-1
	expect_out $'1\n'
}

@test "merge_output puts both streams in order into stdout" {
	fixture_task unit/merged '{"env": {"merge_output": true}}'
	open_episode merged unit/merged
	act 'echo 1; echo 2 >&2; echo 3; echo 4 >&2; ls /nowhere' merged-1
	expect '[(.stdout | split("\n")[0:4]), .stderr]' '[["1","2","3","4"],""]'
	expect '.stdout | test("nowhere")' true
	act 'nosuchcommand' merged-1
	expect '[(.stdout | test("not found")), .stderr]' '[true,""]'
}

@test "another working directory" {
	fixture_task unit/elsewhere '{"env": {"cwd": "/srv/some where"}}'
	mkdir -p "$T/tasks/unit/elsewhere/files"
	echo text >"$T/tasks/unit/elsewhere/files/file"
	open_episode elsewhere unit/elsewhere
	act 'pwd; cat file' elsewhere-1
	expect_out $'/srv/some where\ntext\n'
	act 'rmdir x; mkdir x; cd x; rmdir ../x; pwd' elsewhere-1
	expect '.exit' 0
	act 'exit' elsewhere-1
	act 'pwd' elsewhere-1
	expect '.exit' 0
}

@test "folders moved away, and pipes put in their place, do not hold up pid 1" {
	fixture_task unit/brief '{"limits": {"step_s": 1}}'
	open_episode brief unit/brief
	ep=brief-1
	act 'mv /run /elsewhere 2>/dev/null; rm -rf /run 2>/dev/null; mkfifo /tmp/p; mv /dev /dev2; mkdir /dev; mkfifo /dev/null; mv /etc /etc2; exit 1'
	act 'true'
	tool read_file '{"path": "/tmp/p"}'
	[ "$(field .exit)" = 1 ]
	act 'rm /dev/null; rmdir /dev; mv /dev2 /dev; exit 1'
	act 'mv /dev2 /dev; true'
	# Whatever became of its own shell, the episode answers and ends.
	quiet env-close "$ep"
}

@test "what a background process starts while another step is killed is its own" {
	act '(while sleep 0.03; do echo tick >>/tmp/ticks; done) &'
	for i in 1 2 3; do
		tool shell '{"command": "sleep 1001 & sleep 1002", "timeout_s": 0.6}'
		expect .timeout true
	done
	act 'n=$(wc -l </tmp/ticks); until [ "$(wc -l </tmp/ticks)" -gt "$n" ]; do sleep 0.02; done; echo 1'
	[[ $(jq -r .stdout <<<"$output" | sed -n 1p) == 1 ]]
	expect_processes 0 'sleep.100[12]'
}
