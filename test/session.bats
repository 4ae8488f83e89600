#!/usr/bin/env bats
# The live shell of an episode: what carries over, what it survives, which output belongs to which step.

load helper
load episode

setup() {
	common_setup
	begin '{"limits": {"steps": 500, "disk_mib": 32}}'
}

# --- what carries over, each step by an env-step process of its own ---

@test "the working directory carries over" {
	act 'mkdir -p a/b; cd a/b'
	expect .cwd '"/workspace/a/b"'
	act 'pwd; cd -'
	expect_out $'/workspace/a/b\n/workspace\n'
	expect .cwd '"/workspace"'
}

@test "variables, exported ones, arrays and functions carry over" {
	act 'a="1  2"; export b=3; c=(x "y z"); declare -A d=([k]=v); f() { echo "f $1 $a"; }'
	act 'echo "$a"; env | grep ^b=; printf "<%s>" "${c[@]}"; echo; echo "${d[k]}"; f arg'
	expect_out $'1  2\nb=3\n<x><y z>\nv\nf arg 1  2\n'
}

@test "options, aliases, traps and the umask carry over" {
	act 'set -f -o pipefail; shopt -s extglob nullglob; alias hi="echo hello"; umask 077; trap "echo usr1" USR1'
	act 'echo *; false | true; echo $?; hi; umask; kill -USR1 $$; shopt extglob'
	expect_out $'*\n1\nhello\n0077\nusr1\nextglob        \ton\n'
}

@test "the exit status carries over as \$?" {
	act '(exit 42)'
	expect .exit 42
	act 'echo $?'
	expect_out $'42\n'
	act 'echo $?'
	expect_out $'0\n'
	act 'false'
	act 'if [ $? = 1 ]; then echo one; fi; true'
	expect_out $'one\n'
}

@test "jobs carry over: \$!, wait, kill" {
	act 'sleep 1001 & echo $! >pid'
	expect .exit 0
	act '[ "$!" = "$(cat pid)" ] && kill $! && wait $!'
	expect .exit 143
	works
}

@test "background processes live on between steps" {
	act '(while sleep 0.02; do echo x >>ticks; done) & disown'
	act 'n=$(wc -l <ticks 2>/dev/null || echo 0); until [ "$(wc -l <ticks)" -gt "$((n + 3))" ]; do sleep 0.02; done; echo grew'
	expect '[.stdout, .exit]' '["grew\n",0]'
}

@test "the same shell process serves all steps" {
	act 'echo $$ $BASHPID'
	local first=$output
	act 'echo $$ $BASHPID'
	expect .stdout "$(jq -c .stdout <<<"$first")"
}

# --- ends of the shell ---

@test "exit 3 ends the shell, the next step has a new one in the same directory" {
	act 'mkdir -p deep; cd deep; x=1; exit 3'
	expect '[.exit, .info.shell, .cwd]' '[3,"ended","/workspace/deep"]'
	act 'pwd; echo "<$x>"'
	expect_out $'/workspace/deep\n<>\n'
	expect .info '{}'
}

@test "output before and in the EXIT trap of a shell that exits is kept" {
	act 'mkdir d; cd d'
	act 'trap "echo bye" EXIT; echo hello; exit 4'
	expect '[.stdout, .exit, .info.shell]' '["hello\nbye\n",4,"ended"]'
	act 'pwd'
	expect_out $'/workspace/d\n'
}

@test "set -e and a failing command end the shell" {
	act 'set -e; false; echo not reached'
	expect '[.stdout, .exit, .info.shell]' '["",1,"ended"]'
	works
}

@test "set -e that nothing breaks carries over" {
	act 'set -e; true'
	expect '[.exit, .info]' '[0,{}]'
	act 'echo on; false; echo off'
	expect '[.stdout, .exit, .info.shell]' '["on\n",1,"ended"]'
	works
}

@test "set -u and an unset variable" {
	act 'set -u; echo "$nothing"; echo not reached'
	expect '[.stdout, .exit != 0]' '["",true]'
	[[ $output == *'nothing: unbound variable'* ]]
	works
}

@test "exec of a command that ends" {
	act 'exec echo replaced'
	expect '[.stdout, .exit, .info.shell]' '["replaced\n",0,"ended"]'
	works
}

@test "exec sleep 1000 is killed at the deadline" {
	tool shell '{"command": "cd /tmp; exec sleep 1000", "timeout_s": 1}'
	expect '[.exit, .signal, .timeout, .info.limit, .info.shell]' '[null,"SIGKILL",true,"timeout","killed"]'
	act 'pwd'
	expect_out $'/tmp\n'
}

@test "an endless loop in the shell itself is killed" {
	tool shell '{"command": "x=1; while :; do :; done", "timeout_s": 1}'
	expect '[.exit, .signal, .timeout, .info.shell]' '[null,"SIGKILL",true,"killed"]'
	works
}

@test "a shell that kills itself" {
	act 'kill -9 $$; sleep 1'
	expect '[.exit, .signal, .info.shell, .timeout]' '[null,"SIGKILL","ended",null]'
	works
	act 'kill -SEGV $$; sleep 1'
	expect '[.exit, .signal, .info.shell]' '[null,"SIGSEGV","ended"]'
	works
}

@test "a shell that stops itself is killed at the deadline" {
	tool shell '{"command": "kill -STOP $$", "timeout_s": 1}'
	expect '[.exit, .timeout, .info.shell]' '[null,true,"killed"]'
	works
}

@test "return, break and continue outside of loops and functions" {
	act 'break'
	works
	act 'continue'
	works
	act 'return 5'
	works
	act 'echo before; break; echo after'
	expect '.stdout[:7]' '"before\n"'
	works
}

@test "exit in a directory with an odd name" {
	local name
	for name in 'a b' '"q"' ä '\xff' 'two\nlines' '\n' '5\n0' '-' '*'; do
		act "cd /workspace; n=\$(printf '%b.' '$name'); mkdir \"./\${n%.}\"; cd \"./\${n%.}\"; pwd | od -An -c >/tmp/before; exit"
		expect '[.exit, .info.shell]' '[0,"ended"]'
		act 'pwd | od -An -c | cmp - /tmp/before && echo same'
		expect_out $'same\n'
	done
}

# --- syntax ---

@test "unbalanced quotes, parentheses and keywords are a syntax error of their step only" {
	local command
	for command in 'echo "a' "echo 'a" 'echo $(ls' 'if true' '}' 'for' 'echo `ls' 'cat <(' ')' 'case x in' '( exit 3'; do
		act "$command"
		expect '[.exit != 0, (.stderr | length > 0), .info]' '[true,true,{}]'
		works
	done
}

@test "a syntax error names the line within the command" {
	act $'echo one\necho two\nfi'
	[[ $(field .stderr) == *'line 3'* ]]
}

@test "here-documents" {
	act $'x=1; cat <<END\n$x \'y\' "z"\nEND\ncat <<\'END\'\n$x\nEND\necho end'
	expect_out $'1 \'y\' "z"\n$x\nend\n'
	act $'cat <<-END\n\t\ttabs\n\tEND'
	expect_out $'tabs\n'
	act $'cat <<END\nnever ended'
	expect '.stdout' '"never ended\n"'
	works
	act "cat <<<'a string'"
	expect_out $'a string\n'
}

@test "comments, empty and blank commands, line continuations" {
	act ''
	expect_out ''
	act '   '
	expect_out ''
	act '# nothing'
	expect_out ''
	act $'# first\necho a # b\n'
	expect_out $'a\n'
	act $'echo a \\\n  b'
	expect_out $'a b\n'
	act $'echo a\n\n\necho b\n'
	expect_out $'a\nb\n'
}

@test "a command of 1 MiB" {
	jq -cn --arg episode "$ep" '{$episode, tool: "shell", args: {command: ("x=" + ("0123456789abcdef" * 65536) + "; echo ${#x}")}}' >big
	quiet env-step <big
	expect_out $'1048576\n'
	jq -cn --arg episode "$ep" '{$episode, tool: "shell", args: {command: ("# " + ("x" * 1048576) + "\necho ${#x}")}}' >big
	quiet env-step <big
	expect_out $'1048576\n'
}

@test "a command with a NUL character is refused to the agent" {
	tool shell '{"command": "echo a\u0000b"}'
	expect '[.exit, (.stderr | test("NUL"))]' '[1,true]'
	works
}

@test "characters of all kinds in a command" {
	act $'printf "%s\\n" "ä€😀 \t \x01 \x7f \\\\ \$HOME" \'"\''
	expect .stdout "$(jq -cn '"ä€😀 \t \u0001 \u007f \\ $HOME\n\"\n"')"
}

# --- what a command may do to the shell's own machinery ---

@test "functions and aliases that shadow builtins" {
	act 'read() { return 1; }; printf() { echo gotcha; }; echo() { command echo "my echo: $*"; }; cd() { command echo "no cd"; }; eval() { :; }; exit() { :; }; trap() { :; }'
	expect_out ''
	act 'echo hello; cd /tmp; printf "%s" x'
	expect_out $'my echo: hello\nno cd\nmy echo: gotcha\n'
	act 'unset -f read printf echo cd eval exit trap; cd /tmp; pwd'
	expect_out $'/tmp\n'
	act 'alias builtin=false while=false do=false read=false eval=false if=false for=false'
	expect .exit 0
	act '\unalias -a; pwd'
	expect '[.stdout, .info]' '["/tmp\n",{}]'
}

@test "a function named builtin costs at most the shell" {
	tool shell '{"command": "builtin() { :; }", "timeout_s": 1}'
	act 'unset -f builtin'
	works
	tool shell '{"command": "builtin() { return 1; }", "timeout_s": 1}'
	works
}

@test "shell variables that matter to it: IFS, PATH, REPLY, PS4, BASH_ENV, ENV, POSIXLY_CORRECT" {
	act 'IFS=abc PS4="++" REPLY=x BASH_ENV=/nowhere ENV=/nowhere; echo "$REPLY"'
	expect '.exit' 0
	works
	act 'PATH=/nowhere; ls'
	expect .exit 127
	act 'PATH=/usr/bin:/bin; ls -d /tmp'
	expect_out $'/tmp\n'
	act 'set -o posix; echo posix'
	expect_out $'posix\n'
	works
}

@test "set -x and set -v show the command, not the machinery" {
	act 'set -x; echo traced'
	expect '[.stdout, .exit]' '["traced\n",0]'
	act 'echo more; set +x'
	# One + for each eval that it is in.
	expect '[.stdout, (.stderr | gsub("[+]+"; "+"))]' '["more\n","+ echo more\n+ set +x\n"]'
	act 'set -v'
	act 'echo a'
	expect '[.stdout, .stderr]' '["a\n","echo a\n"]'
	act 'set +v'
	works
	# After which a shell carries nothing out any more, not even this.
	tool shell '{"command": "set -n", "timeout_s": 1}'
	works
}

@test "traps for ERR, DEBUG and RETURN hit the command, and the session goes on" {
	act 'trap "echo err" ERR; false; true'
	expect '[.stdout, .exit]' '["err\n",0]'
	act 'trap - ERR; trap "echo debug >>/tmp/debug" DEBUG; true; trap - DEBUG'
	expect .exit 0
	works
}

@test "readonly and unset of whatever" {
	act 'readonly REPLY=mine'
	tool shell '{"command": "echo hello", "timeout_s": 2}'
	tool shell '{"command": "true", "timeout_s": 2}'
	works
	act 'readonly __status=7; true'
	tool shell '{"command": "true", "timeout_s": 2}'
	works
	act 'unset __status REPLY; true'
	works
}

@test "closing every descriptor" {
	act 'for n in {0..255}; do eval "exec $n>&-"; done'
	works
	act 'exec 0<&- 1>&- 2>&-; echo nobody hears this'
	works
	act 'exec >/dev/full; echo x'
	works
}

@test "redirections by exec last for one step" {
	act 'exec >file 2>&1 3>three; echo to the file; echo to three >&3'
	expect_out ''
	works
	act 'cat file three'
	expect_out $'to the file\nto three\n'
	act 'exec </etc/hostname; read -r name; echo "$name"'
	expect_out $'box\n'
	act 'cat; echo end'
	expect_out $'end\n'
}

@test "descriptors above 2 that a command opens carry over" {
	act 'exec 5>five; echo a >&5'
	act 'echo b >&5; exec 5>&-; cat five'
	expect_out $'a\nb\n'
}

@test "the session's pipes cannot be removed, and what is read from them comes back" {
	tool shell '{"command": "rm -rf /run/session; ls /run/session | wc -l", "timeout_s": 3}'
	expect .stdout '"4\n"'
	works
	tool shell '{"command": "head -c 65536 /dev/zero >/run/session/status; true", "timeout_s": 3}'
	tool shell '{"command": "timeout 1 cat /run/session/command /run/session/stdout >/dev/null; true", "timeout_s": 5}'
	tool shell '{"command": "true", "timeout_s": 3}'
	works
}

@test "a forged status fools its own step only" {
	tool shell '{"command": "echo 77 >/run/session/status; sleep 0.3; true", "timeout_s": 3}'
	sleep 0.5
	works
	tool shell '{"command": "echo 77 >/run/session/status; sleep 0.3; true", "timeout_s": 3}'
	tool shell '{"command": "sleep 0.3", "timeout_s": 3}'
	tool shell '{"command": "sleep 0.3", "timeout_s": 3}'
	works
	tool shell '{"command": "(sleep 0.3; echo 77 >/run/session/status) & true", "timeout_s": 3}'
	tool shell '{"command": "sleep 1", "timeout_s": 3}'
	sleep 1
	works
}

@test "a command put into the session's pipe is no step" {
	tool shell '{"command": "printf \"echo injected\\\\0\" >/run/session/command; true", "timeout_s": 3}'
	tool shell '{"command": "true", "timeout_s": 3}'
	tool shell '{"command": "true", "timeout_s": 3}'
	works
}
