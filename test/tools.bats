#!/usr/bin/env bats
# The file tools, and actions that are none. The tool shell is in session.bats, submit in env-step.bats and grade.bats.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 200, "output_kib": 64}}'
}

# fails_with TEXT TOOL ARGS: its observation is a failure whose message holds the text.
fails_with() {
	tool "$2" "$3"
	expect '[.exit, .stdout, .info]' '[1,"",{}]'
	[[ $(field .stderr) == *"$1"* ]] || { field .stderr; return 1; }
}

# --- write_file, read_file ---

@test "a written file is what was given" {
	tool write_file '{"path": "f", "content": "one\ntwo"}'
	expect '[.exit, .stdout, .stderr, .cwd, .step, .tool]' '[0,"","","/workspace",1,"write_file"]'
	tool read_file '{"path": "f"}'
	expect '[.exit, .stdout, .stderr, .tool]' '[0,"one\ntwo","","read_file"]'
	act 'stat -c "%a %u %s" f; od -An -c f'
	expect_out $'644 1000 7\n   o   n   e  \\n   t   w   o\n'
	# Shorter content replaces longer, and empties.
	tool write_file '{"path": "f", "content": "x"}'
	tool read_file '{"path": "f"}'
	expect .stdout '"x"'
	tool write_file '{"path": "f", "content": ""}'
	tool read_file '{"path": "f"}'
	expect_out ''
	tool write_file '{"path": "g", "content": "a\u0000bä€😀"}'
	tool read_file '{"path": "g"}'
	expect '[.stdout, .info]' '["a\u0000bä€😀",{}]'
}

@test "content that just fits in one message with its path, and that just does not" {
	# 32768 bytes hold "f" or "/tmp/.stdin", a NUL, and 32766 or 32756 more; what is larger follows in messages of its own.
	jq -nc '(32765, 32766, 32767, 65536) | {tool: "write_file", args: {path: "f", content: (("x" * (. - 1)) + "z")}},
		{tool: "shell", args: {command: "wc -c <f; tail -c 2 f; tr -d xz <f | wc -c"}},
		{tool: "shell", args: {stdin: ("y" * (. - 10)), command: "wc -c"}}' >actions
	quiet env-step -e "$ep" <actions
	jq -j 'select(.tool == "shell") | .stdout' <<<"$output" >got
	printf '%s\nxz0\n%s\n' 32765 32755 32766 32756 32767 32757 65536 65526 >wanted
	diff wanted got
}

@test "the mode of a file stays" {
	act 'echo a >run; chmod 755 run'
	tool write_file '{"path": "run", "content": "b"}'
	act 'stat -c %a run'
	expect_out $'755\n'
}

@test "relative paths start from the session's directory, missing folders are made" {
	tool write_file '{"path": "a/b/../c/f", "content": "1"}'
	act 'find . | sort; cd a'
	expect_out $'.\n./a\n./a/b\n./a/c\n./a/c/f\n'
	tool write_file '{"path": "rel", "content": "2"}'
	tool read_file '{"path": "./c/f"}'
	expect '[.stdout, .cwd]' '["1","/workspace/a"]'
	tool read_file '{"path": "/workspace/a/rel"}'
	expect .stdout '"2"'
	tool read_file '{"path": "../a//rel"}'
	expect .stdout '"2"'
	# Its own directory is gone.
	act 'mkdir gone; cd gone; rmdir ../gone'
	tool read_file '{"path": "/workspace/a/rel"}'
	expect .stdout '"2"'
}

@test "paths out of the box lead nowhere" {
	fails_with 'No such file or directory' read_file '{"path": "../../../../etc/shadow"}'
	tool read_file '{"path": "../../../../../../etc/passwd"}'
	expect '[.exit, (.stdout | test("^root:x:0:0:root:/root:/usr/sbin/nologin\nagent:"))]' '[0,true]'
	[ "$(field .stdout)" != "$(cat /etc/passwd)" ]
	act 'ln -s /etc/passwd l; ln -s / root; ln -s ../../../../../.. up; ln -s l ll; ln -s loop loop'
	tool read_file '{"path": "ll"}'
	expect '.stdout | test("agent:x:1000")' true
	tool read_file '{"path": "up/etc/hostname"}'
	expect .stdout '"box\n"'
	fails_with 'No such file or directory' read_file "$(jq -cn --arg path "root$T/state" '{$path}')"
	fails_with 'Too many levels' read_file '{"path": "loop"}'
	fails_with 'Too many levels' write_file '{"path": "loop", "content": ""}'
	# The host's file of that name is untouched, and no file appears on it.
	tool write_file "$(jq -cn --arg path "$T/from-the-box" '{$path, content: "x"}')"
	[ ! -e "$T/from-the-box" ]
}

@test "writing through a link writes where it leads" {
	act 'mkdir d; ln -s d/f l; ln -s /nowhere/f dangling'
	tool write_file '{"path": "l", "content": "x"}'
	tool read_file '{"path": "d/f"}'
	expect .stdout '"x"'
	act 'ls -l l | cut -c 1'
	expect_out $'l\n'
	fails_with 'No such file' write_file '{"path": "dangling", "content": "x"}'
}

@test "pipes, devices, folders and sockets are no files, and nobody waits" {
	act 'mkfifo p; mkdir d; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"s\")"; ln -s p lp'
	local path start=$SECONDS
	for path in p lp /dev/zero /dev/null /dev/random /dev/tty /dev/full s; do
		tool read_file "{\"path\": \"$path\"}"
		expect '[.exit, .stdout, (.stderr | length > 0)]' '[1,"",true]'
		tool write_file "{\"path\": \"$path\", \"content\": \"x\"}"
		expect '[.exit, (.stderr | length > 0)]' '[1,true]'
		tool edit_file "{\"path\": \"$path\", \"old\": \"x\", \"new\": \"y\"}"
		expect '[.exit, (.stderr | length > 0)]' '[1,true]'
	done
	fails_with 'Is a directory' read_file '{"path": "d"}'
	fails_with 'Is a directory' write_file '{"path": "d", "content": ""}'
	fails_with 'Not a directory' read_file '{"path": "/etc/hostname/x"}'
	fails_with 'Is a directory' write_file '{"path": "x/", "content": ""}'
	((SECONDS - start < 30))
	# A pipe with both ends open is none either.
	act 'exec 9<>p; echo data >&9'
	fails_with '' read_file '{"path": "p"}'
}

@test "nothing of /proc, pid 1 above all" {
	local path
	for path in /proc/self/mem /proc/1/mem /proc/1/environ /proc/self/environ /proc/1/cmdline /proc/self/fd/0 /proc/1/fd/10 /proc/self/maps; do
		tool read_file "{\"path\": \"$path\"}"
		expect '[.exit, .stdout, (.stderr | length > 0)]' '[1,"",true]'
		tool write_file "{\"path\": \"$path\", \"content\": \"x\"}"
		expect '[.exit, (.stderr | length > 0)]' '[1,true]'
	done
	for path in /proc/self/root/etc/shadow /proc/1/root/etc/shadow /proc/1/cwd/etc/shadow; do
		tool read_file "{\"path\": \"$path\"}"
		expect '.exit' 1
	done
	fails_with '' write_file '{"path": "/proc/sys/user/max_user_namespaces", "content": "9"}'
	fails_with '' write_file '{"path": "/proc/sys/kernel/core_pattern", "content": "|/bin/sh"}'
	fails_with '' write_file '{"path": "/proc/self/oom_score_adj", "content": "-1000"}'
}

@test "what may not be written or read" {
	fails_with 'Read-only file system' write_file '{"path": "/usr/bin/new", "content": ""}'
	# The host's files are not the agent's to begin with.
	fails_with 'Permission denied' write_file '{"path": "/bin/sh", "content": ""}'
	act 'echo secret >f; chmod 000 f'
	fails_with 'Permission denied' read_file '{"path": "f"}'
	fails_with 'Permission denied' write_file '{"path": "f", "content": ""}'
	fails_with 'No such file' read_file '{"path": "nosuch"}'
	fails_with 'No such file' read_file '{"path": "no/such"}'
	fails_with 'Not a directory' write_file '{"path": "f/x", "content": ""}'
}

@test "paths that are none: empty, too long, with a NUL" {
	local tool
	for tool in '["read_file",{}]' '["write_file",{"content":"x"}]' '["edit_file",{"old":"a","new":"b"}]'; do
		jq -cn --argjson tool "$tool" --arg episode "$ep" '("", "a\u0000b", "x" * 4096) | {$episode, tool: $tool[0], args: ($tool[1] + {path: .})}' |
			env-step >out
		expect '[.exit, (.stderr | test("path"))]' $'[1,true]\n[1,true]\n[1,true]' "$(cat out)"
	done
	jq -cn --arg episode "$ep" '("x" * 4095), ("x" * 256), ("x/" * 2000) | {$episode, tool: "read_file", args: {path: .}}' | env-step >out
	expect .exit $'1\n1\n1' "$(cat out)"
	tool write_file '{"path": " a\n\"b\\ *ä", "content": "odd"}'
	tool read_file '{"path": " a\n\"b\\ *ä"}'
	expect .stdout '"odd"'
}

@test "a file of 10 MiB" {
	jq -cn --arg episode "$ep" '{$episode, tool: "write_file", args: {path: "big", content: ("0123456789abcdef" * 655360)}}' >big
	quiet env-step <big
	expect .exit 0
	act 'wc -c <big; sha256sum <big'
	expect_out "10485760"$'\n'"$(jq -jr .args.content big | sha256sum)"$'\n'
	tool read_file '{"path": "big"}'
	expect '[.exit, .stdout[:16], .stdout[-16:], .info.stdout_cut > 10000000, .info.limit]' '[0,"0123456789abcdef","0123456789abcdef",true,null]'
	act 'echo END >>big'
	tool edit_file '{"path": "big", "old": "END\n", "new": "THE END\n"}'
	expect .exit 0
	act 'tail -c 8 big; wc -c <big'
	expect_out $'THE END\n10485768\n'
}

@test "what does not fit on the disk fails, and the disk is full, nothing else" {
	jq -cn --arg episode "$ep" '{$episode, tool: "write_file", args: {path: "big", content: ("x" * 20000000)}}' >big
	quiet env-step <big
	expect '[.exit, (.stderr | test("No space left on device|File too large"))]' '[1,true]'
	act 'rm big; echo ok >small; cat small'
	expect_out $'ok\n'
}

@test "read_file of bytes that are not UTF-8" {
	act 'printf "a\xffb" >f'
	tool read_file '{"path": "f"}'
	expect '[.stdout, .info]' '["a\ufffdb",{"stdout_replaced":true}]'
}

# --- edit_file ---

@test "edit_file replaces a text that occurs once" {
	act 'printf "one\ntwo\nthree\n" >f; chmod 700 f'
	tool edit_file '{"path": "f", "old": "two\n", "new": "2\n2\n"}'
	expect '[.exit, .stdout, .stderr]' '[0,"",""]'
	act 'cat f; stat -c %a f'
	expect_out $'one\n2\n2\nthree\n700\n'
	tool edit_file '{"path": "f", "old": "one\n2\n2\nthree\n", "new": ""}'
	act 'wc -c <f'
	expect_out $'0\n'
	act 'printf "a\xff\0b.*$" >f'
	tool edit_file '{"path": "f", "old": "b.*$", "new": "\\1 &ä"}'
	act 'od -An -tx1 f'
	expect_out $' 61 ff 00 5c 31 20 26 c3 a4\n'
}

@test "edit_file: none, two, overlapping, empty" {
	act 'printf "aaa\nb\nb\n" >f'
	fails_with 'f: the old text does not occur' edit_file '{"path": "f", "old": "x", "new": "y"}'
	fails_with 'f: the old text occurs more than once' edit_file '{"path": "f", "old": "b\n", "new": "y"}'
	fails_with 'f: the old text occurs more than once' edit_file '{"path": "f", "old": "aa", "new": "y"}'
	fails_with 'f: the old text is empty' edit_file '{"path": "f", "old": "", "new": "y"}'
	fails_with 'nosuch: No such file' edit_file '{"path": "nosuch", "old": "x", "new": "y"}'
	act ': >empty'
	fails_with 'does not occur' edit_file '{"path": "empty", "old": "x", "new": "y"}'
	act 'cat f'
	expect_out $'aaa\nb\nb\n'
	# Nothing is made on the way.
	act 'ls'
	expect_out $'empty\nf\n'
}

# --- actions that are none ---

@test "an unknown tool and wrong arguments: an observation with error, and a step" {
	# invalid ACTION ERROR
	local step=0 actions errors n
	actions=(
		'{"tool":"nosuch"}'
		'{"tool":"shell"}'
		'{"tool":"shell","args":{}}'
		'{"tool":"shell","args":{"command":5}}'
		'{"tool":"shell","args":{"command":null}}'
		'{"tool":"shell","args":{"command":"true","what":1}}'
		'{"tool":"shell","args":{"command":"true","timeout_s":"1"}}'
		'{"tool":"shell","args":{"command":"true","stdin":["x"]}}'
		'{"tool":"shell","args":["true"]}'
		'{"tool":"shell","args":"true"}'
		'{"tool":"write_file","args":{"path":"f"}}'
		'{"tool":"read_file","args":{}}'
		'{"tool":"edit_file","args":{"path":"f","old":"x"}}'
		'{"tool":"submit","args":{"answer":5}}'
		'{"tool":""}'
		'{"args":{"command":"true"}}'
		'{"tool":null}'
		'{"tool":5}'
		'{"action":"nosuch"}'
		'{"action":"command"}'
		'{}'
	)
	errors=('unknown tool: nosuch' 'missing argument: command' 'missing argument: command' 'must be a string' 'must be a string'
		'unknown argument: what' 'must be a number' 'must be a string' 'must be an object' 'must be an object'
		'missing argument: content' 'missing argument: path' 'missing argument: new' 'must be a string' 'unknown tool: '
		'needs a tool' 'needs a tool' 'needs a tool' 'unknown tool: nosuch' 'missing argument: command' 'needs a tool')
	for n in "${!actions[@]}"; do
		quiet env-step -e "$ep" <<<"${actions[n]}"
		step=$((step + 1))
		expect '[.type, .step, .exit, .info, .reward, .terminated, .truncated]' "[\"observation\",$step,null,{\"invalid\":true},0,false,false]"
		[[ ! $output =~ \"(stdout|stderr|signal)\": ]]
		[[ $(field .error) == *"${errors[n]}"* ]]
	done
	works
}

@test "a long name of a tool is cut, and stays well-formed" {
	quiet env-step -e "$ep" < <(jq -cn '{tool: ("ä" * 5000)}, {tool: ("x" + "ä" * 5000)}')
	expect '.error | [test("unknown tool: x?ä"), length < 100, test("\ufffd")]' $'[true,true,false]\n[true,true,false]'
	quiet env-step -e "$ep" < <(jq -cn '{tool: "shell", args: {command: "true", ("ä" * 5000, "x" + "ä" * 5000): 1}}')
	expect '.error | [test("unknown argument: x?ä"), length < 120, test("\ufffd")]' $'[true,true,false]\n[true,true,false]'
}

@test "a tool that the task does not offer" {
	fixture_task unit/few '{"tools": ["read_file", "submit"]}'
	open_episode few unit/few
	tool shell '{"command": "true"}' few-1
	expect '[.error, .info, .exit]' '["this task has no tool shell",{"invalid":true},null]'
	tool write_file '{"path": "f", "content": ""}' few-1
	expect .error '"this task has no tool write_file"'
	# A bare string is the main argument of the task's first tool.
	quiet env-step -e few-1 <<<'"/etc/hostname"'
	expect '[.tool, .stdout]' '["read_file","box\n"]'
	fixture_task unit/answer '{"tools": ["submit"], "checks": [{"name": "a", "type": "answer", "answer": "42"}]}'
	open_episode answer unit/answer
	quiet env-step -e answer-1 <<<'"42"'
	expect '[.tool, .reward]' '["submit",1]'
}

@test "file tools while the session is busy or has none" {
	# No shell has been started yet.
	tool read_file '{"path": "nosuch"}'
	expect .cwd '"/workspace"'
	act '(until [ -e go ]; do sleep 0.02; done; echo seen >answer) &'
	tool write_file '{"path": "go", "content": ""}'
	act 'until [ -s answer ]; do sleep 0.02; done; cat answer'
	expect_out $'seen\n'
}

@test "a tool that fails says where the session is all the same" {
	act 'cd /tmp; printf "a a" >twice'
	for action in 'read_file {"path": "none"}' 'read_file {"path": ""}' 'write_file {"path": "/proc/x", "content": ""}' \
		'edit_file {"path": "twice", "old": "a", "new": "b"}' 'edit_file {"path": "", "old": "a", "new": "b"}'; do
		tool "${action%% *}" "${action#* }"
		expect '[.exit, .cwd]' '[1,"/tmp"]'
	done
}
