#!/usr/bin/env bats
# Commands on a terminal: what an agent says beforehand, what a person types, and that it can be done again.

load helper
load episode
load terminal

setup() {
	common_setup
	begin '{"limits": {"steps": 200, "output_kib": 16}}'
}

teardown() {
	close_terminal
	common_teardown
}

# pty COMMAND [PTY]: carries a command out on a terminal.
pty() {
	tool shell "{\"command\": $(quoted "$1"), \"pty\": ${2:-"{}"}}"
}

# attend COMMAND [FILE]: the same by somebody who sits at a terminal of 20 rows and 60 columns, and does what standard input says.
attend() {
	TERM=xterm "$SRC/test/sit" 20 60 "$BUILD/test/probe/attend" "$ep" "$@" >"$T/screen"
	output=$(sed -n 's/.*observation://p' "$T/screen" | tr -d '\r')
}

# Closes the episode: its rollout is in $T/rollout.jsonl, and was replayed.
replays() {
	env-close "$ep" >"$T/rollout.jsonl"
	quiet rollout-replay <"$T/rollout.jsonl"
	expect '[.match, .matched == .steps]' '["exact",true]'
}

@test "a command on a terminal has what the session has, and gives nothing back but files" {
	act 'cd /tmp; export X="a b"; y=2; f() { echo "fun $y"; }; shopt -s extglob; alias ll="echo alias"; trap "echo bye" EXIT'
	# shellcheck disable=SC2016 # for the box
	pty 'stty size; echo "$X $y $TERM"; env | grep -c "COLUMNS\|LINES"; f; ll; pwd; [[ ab == @(ab|c) ]] && test -t 0 && test -t 2 && echo yes
		echo tty >/dev/tty; echo out >/dev/stdout; cd /; y=3; echo file >/tmp/made; exit 7' '{"rows": 30, "columns": 100}'
	expect '[.stdout, .stderr, .exit, .cwd, .info]' \
		'["30 100\r\na b 2 xterm-256color\r\n0\r\nfun 2\r\nalias\r\n/tmp\r\nyes\r\ntty\r\nout\r\n","",7,"/tmp",{"pty":true}]'
	# shellcheck disable=SC2016
	act 'echo "$y $PWD"; cat made'
	expect_out $'2 /tmp\nfile\n'
	pty 'stty size; echo "$TERM"' '{"term": "vt100"}'
	expect .stdout '"24 80\r\nvt100\r\n"'
	replays
}

@test "what is typed comes when the program is ready for it, and what it throws away is not missed" {
	# Both throw away what came before they asked.
	pty 'sleep 0.3; read -rsp "pass: " p; echo; echo "<$p>"; read -rp "next: " q; echo "<$q>"' \
		'{"input": [{"seen": 6, "text": "secret\r"}, {"seen": 22, "text": "more\u007f\r"}]}'
	expect '[.stdout, .exit]' '["pass: \r\n<secret>\r\nnext: more\b \b\r\n<mor>\r\n",0]'
	# By the clock alone; and sizes, at which the program is told.
	pty 'trap "stty size; exit 4" WINCH; echo ready; while :; do sleep 0.05; done' \
		'{"input": [{"at_s": 0.1, "seen": 7, "rows": 10, "columns": 40}]}'
	expect '[.stdout, .exit]' '["ready\r\n10 40\r\n",4]'
	replays
}

@test "keys are signals to the program, and the lost terminal is one" {
	pty 'echo up; sleep 60' '{"input": [{"at_s": 0.2, "seen": 4, "text": "\u0003"}]}'
	expect '[.stdout, .exit, .signal]' '["up\r\n^C",null,"SIGINT"]'
	pty 'echo up; sleep 60' '{"input": [{"at_s": 0.2, "seen": 4, "hangup": true}]}'
	expect '[.exit, .signal, .info]' '[null,"SIGHUP",{"pty":true}]'
	# The session's shell is none of it.
	act 'echo here'
	expect_out $'here\n'
	replays
}

@test "limits hold: time, output, and what is left behind" {
	# It is not for an agent to say that a person has the time.
	tool shell '{"command": "sleep 60", "timeout_s": 0.3, "pty": {"attended": true, "input": [{"at_s": 50, "text": "x"}]}}'
	expect '[.signal, .timeout, .info]' '["SIGKILL",true,{"limit":"timeout","pty":true}]'
	quiet rollout-log "$ep"
	expect '.steps[0].action.args.pty | has("attended")' false
	pty 'yes | head -c 300000; echo; echo the end'
	expect '[.info.stdout_cut > 300000, (.stdout | length < 20000), (.stdout | endswith("y\r\n\r\nthe end\r\n")), .exit]' '[true,true,true,0]'
	# Nothing more can be had from it, nor from another box.
	pty 'python3 -c "
import fcntl, os, termios
for call in (0x5412, 0x541c, 0x5423, 0x541d, 0x5437, 0x5457):
    try:
        fcntl.ioctl(0, call, b\"\\0\" * 64)
        print(hex(call), \"done\")
    except OSError as error:
        print(hex(call), error.errno)
"'
	expect .stdout '"0x5412 1\r\n0x541c 1\r\n0x5423 1\r\n0x541d 1\r\n0x5437 1\r\n0x5457 1\r\n"'
}

@test "a paste that is too long to be recorded does not reach the program, and keys still do" {
	# shellcheck disable=SC2016 # for the box
	attend 'stty raw -echo; printf begun; head -c 61400 >/dev/null; printf full; read -rd e text; echo "over: ${#text}"' < <(
		printf '%s\n' '["wait", "begun"]' "[\"type\", \"$(printf '%061400d' 0)\"]" '["wait", "full"]'
		printf '%s\n' "[\"type\", \"$(printf '%0100d' 0)\"]" '["wait", "\u0007"]' '["type", "123e"]'
	)
	expect '[.exit, .stdout]' '[0,"begunfullover: 3\n"]'
}

@test "an action that is none says what is wrong with it" {
	local bad
	for bad in '{"rows":0}|rows and columns are numbers from 1 to 1000' '{"columns":1001}|rows and columns are numbers' \
		'{"term":"a b"}|term is the name' '{"size":1}|it has rows, columns, term and input' '{"input":{}}|input is an array' \
		'{"input":[{}]}|an entry has a text' '{"input":[{"text":"a","hangup":true}]}|an entry has a text' \
		'{"input":[{"at_s":-1,"text":"a"}]}|at_s and seen are numbers' '{"input":[{"text":"a","rows":1}]}|an entry has a text' \
		'{"input":["a"]}|an entry is an object' '{"attended":1}|attended is true or false'; do
		pty true "${bad%%|*}"
		text=${bad#*|} expect '[.info, .exit, (.error | startswith("shell: pty: ")), (.error | contains($ENV.text))]' '[{"invalid":true},null,true,true]'
	done
	tool shell '{"command": "true", "stdin": "x", "pty": {}}'
	expect .error '"shell: pty: stdin is the terminal"'
	tool shell '{"command": "true", "pty": 1}'
	expect .error '"shell: argument pty must be an object"'
}

@test "a person's keys are the action's: what they did is done again in replays, restorations and branches" {
	act 'x="from the session"'
	attend 'printf "\033]0;t\a\033[6nname? "; read -r n; stty size; printf "%s\n" "$x" "$n" >note; read -rsp "code? " c; echo "$c" >>note' "$T/a.cast" <<-'E'
		["wait", "name? "]
		["type", "Zo"]
		["type", "ë\r"]
		["wait", "20 60"]
		["wait", "code? "]
		["type", "1234\r"]
	E
	expect '[.exit, .info, (.stdout | startswith("\u001b]0;t\u0007\u001b[6nname? Zoë\r\n20 60\r\n"))]' '[0,{"pty":true},true]'
	# Neither title nor question reached the person's terminal, nor the recording.
	! grep -q $'\033]\|\033\[6n' "$T/screen" || false
	jq -se '.[0].version == 2 and .[0].width == 60 and .[0].height == 20 and (.[1:] | all(length == 3)) and
		([.[1:][] | select(.[1] == "o")[2]] | add | startswith("name? Zoë\r\n20 60\r\n"))' "$T/a.cast"
	act 'cat note'
	expect_out $'from the session\nZoë\n1234\n'
	quiet rollout-log "$ep"
	expect '.steps[1].action.args.pty | [.rows, .columns, .term, .attended, (.input | map(.text) | add), (.input | all(.at_s >= 0 and .seen >= 0))]' \
		'[20,60,"xterm",true,"Zoë\r1234\r",true]'
	# A branch of an earlier step, and the episode itself once its box is gone.
	quiet env-fork --at 2 "$ep"
	act 'cat note' "$(jq -r .episode <<<"$output")"
	expect_out $'from the session\nZoë\n1234\n'
	kill_box "$ep"
	quiet env-restore "$ep"
	expect '[.match, .restored]' '["exact",true]'
	act 'tail -n 1 note'
	expect_out $'1234\n'
	replays
}

@test "the window's size, Ctrl-C and a full screen: an editor" {
	attend 'trap "stty size" WINCH; trap "exit 5" INT; echo begun; while :; do sleep 0.05; done' <<-'E'
		["wait", "begun"]
		["size", 33, 77]
		["wait", "33 77"]
		["type", "\u0003"]
	E
	expect '[.exit, (.stdout | startswith("begun\r\n33 77\r\n"))]' '[5,true]'
	quiet rollout-log "$ep"
	expect '.steps[0].action.args.pty.input | map(del(.at_s, .seen))' '[{"rows":33,"columns":77},{"text":"\u0003"}]'
	# As full-screen programs do: the other screen, no echo, keys as they come.
	cat >edit.py <<-'E'
		import curses
		def run(screen):
		    text = ""
		    while True:
		        screen.erase()
		        screen.addstr(0, 0, "%d rows: %s" % (screen.getmaxyx()[0], text))
		        screen.refresh()
		        key = screen.getkey()
		        if key == "\x1b":
		            return text
		        text += key
		open("edited", "w").write(curses.wrapper(run))
	E
	tool write_file "{\"path\": \"edit.py\", \"content\": $(quoted "$(<edit.py)")}"
	attend 'python3 edit.py' <<-'E'
		["wait", "20 rows: "]
		["type", "h"]
		["type", "i!"]
		["type", "\u001b"]
	E
	expect '[.exit, (.stdout | contains("\u001b[?1049h"))]' '[0,true]'
	act 'cat edited'
	expect_out "hi!"
	replays
}

@test "who cannot get out of a program, and who loses the terminal, ends it; the episode lives" {
	attend 'trap "" INT HUP; echo begun; while :; do sleep 0.1; done' <<-'E'
		["wait", "begun"]
		["type", "\u0003\u001d\u001d\u001d"]
	E
	expect '[.signal, .info.limit]' '["SIGKILL","stopped"]'
	run attend 'echo begun; sleep 60' <<-'E'
		["wait", "begun"]
		["hangup"]
	E
	attend 'printf "\033[?1049h"; echo begun; sleep 60' <<-'E'
		["wait", "begun"]
		["signal", 15]
	E
	expect .signal '"SIGHUP"'
	# The terminal is as it was: one's own screen, a cursor.
	grep -q $'\033\\[?1049h.*begun' <(tr -d '\r\n' <"$T/screen")
	grep -q $'\033\\[?1047l.*\033\\[?25h' "$T/screen"
	act 'echo on'
	expect_out $'on\n'
	quiet rollout-log "$ep"
	expect '.steps | map([.action.args.pty.input[-1].hangup, .observation.signal])' \
		'[[true,"SIGKILL"],[true,"SIGHUP"],[true,"SIGHUP"],[null,null]]'
	replays
}

@test "env-play --pty and :pty give a program the screen, and --asciicast keeps all that was seen" {
	terminal 60 12
	type_line "env-play --pty --asciicast $T/all.cast unit/hello"
	screen_has 'unit/hello 0/'
	type_line 'x="of the session"; seq 100 >numbers'
	screen_has 'unit/hello 1/'
	# A line that is a pager and nothing else; one that is more.
	type_line 'more numbers'
	screen_has '--More--' $'\n10\n'
	keys q
	screen_has 'unit/hello 2/'
	type_line 'more numbers | tail -n 1'
	screen_has $'\n100\n' 'unit/hello 3/'
	kill -CONT "$(player)"
	# shellcheck disable=SC2016 # for the box
	type_line ':pty clear; stty size; read -rsp "word? " w; stty size; echo "<$w> $x"; read -rsn 1 -p "key? "'
	screen_has '12 60' 'word?'
	tmux -L "$server" resize-window -x 70 -y 15
	type_line 'hidden'
	screen_has '15 70' '<hidden> of the session' 'key?'
	keys x
	screen_has 'unit/hello 4/'
	type_line ':quit'
	screen_has 'sh>'
	type_line 'clear; stty -a | grep -o -e " icanon" -e " echo " | wc -l'
	screen_has $'2\nsh>'
	jq -se '.[0].title == "unit/hello" and .[0].width == 60 and (.[1:] | all(length == 3)) and (.[1:] | any(.[1] == "r" and .[2] == "70x15"))
		and ([.[1:][] | select(.[1] == "o")[2]] | add | contains("seq 100 >numbers\r\n") and contains("\r\n10\r\n")
			and contains("<hidden> of the session\r\n"))' <all.cast
	ep=$(env-list --json | jq -r 'select(.task == "unit/hello" and .episode != "e-1").episode')
	replays
	jq -e '.steps | map(.action.args.pty.attended) == [null, true, null, true] and .[3].action.args.pty.input[0].rows == 15' rollout.jsonl
	# An old recording is not overwritten; a script has no terminal.
	run env-play --asciicast all.cast unit/hello </dev/null
	[[ $status == 4 && $output == *"all.cast: File exists"* ]]
	run env-play unit/hello <<<':pty top'
	[[ $status == 3 && $output == *':pty needs a terminal'* ]]
}

@test "a terminal that cannot be made is no fault of the command" {
	shell_action "$ep" true | jq -c '.args.pty = {}' >action
	run "$BUILD/test/probe/fault" unshare 1 1 env-step <action
	[[ $status == 4 && $output == *'make a terminal: Operation not permitted'* ]]
	quiet env-step --retry -e "$ep"
	expect '[.exit, .info]' '[0,{"pty":true,"retried":true}]'
}

@test "a box without namespaces says that it has no terminals" {
	env-reset --isolation landlock --id land unit/hello >/dev/null 2>"$T/err" || skip "no Landlock here: $(<"$T/err")"
	ep=land-1 pty true
	expect '[.stderr, .exit]' '["shell: a box without namespaces has no terminals\n",1]'
}
