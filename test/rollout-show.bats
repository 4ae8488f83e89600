#!/usr/bin/env bats
# rollout-show: a transcript for a person, in which nothing can pass for something else.

load helper
load episode

setup() {
	common_setup
}

# rollout ID JSON [STEP...]: a rollout of these steps, with JSON merged over it.
rollout() {
	local id=$1 patch=$2
	shift 2
	local IFS=,
	"$BUILD/test/quick" merge "$patch" <<<"{\"type\":\"rollout\",\"episode\":\"$id\",\"task\":\"unit/x\",\"seed\":\"7\",
		\"reset\":{\"prompt\":\"Do it.\",\"tools\":[{\"name\":\"shell\",\"description\":\"runs it\"}]},
		\"steps\":[$*],\"reward\":null,\"verdict\":null}" | tr -d '\n' && echo
}

# step COMMAND STDOUT [MORE]: a step of it.
step() {
	printf '{"action":{"tool":"shell","args":{"command":%s}},"observation":{"stdout":%s,"exit":0,"timing":{"wall_ms":%d}%s}}' \
		"$(quoted "$1")" "$(quoted "$2")" "$RANDOM" "${3:-}"
}

@test "a transcript: task, steps, how they ended, the verdict" {
	rollout a '{"terminated":true,"reward":0.5,"verdict":{"status":"fail","reward":0.5,"reason":"b: no","checks":[
		{"name":"a","passed":true},{"name":"b","passed":false,"cases":{"passed":1,"count":3},"reason":"no\nway"}]},
		"parent":{"episode":"z","step":1},"restores":[{"step":1,"match":"exact"}],"artefacts":{"a\n\u001b[1m":{},"notebook.ipynb":{"cells":[]}}}' \
		'{"action":{"tool":"shell","args":{"command":"cat <<E\nx\nE","stdin":"y"}},"observation":{"stdout":"x\n","stderr":"oh","exit":1,"timing":{"wall_ms":1.5}}}' \
		'{"action":{"tool":"guess","args":{"word":"crane","n":2,"note":"a b","text":"l\nm"}},"observation":{"stdout":"{}","observation":{"marks":"..gy.","left":[1]},"exit":0,"reward":-0.1,"info":{"hint":1}}}' \
		'{"action":{"tool":"nosuch","args":[1]},"observation":{"error":"unknown tool","exit":null,"info":{"invalid":true}}}' \
		'{"action":{"tool":"guess"},"observation":{"error":"it ended","exit":null,"reward":null,"truncated":true,"info":{"environment":"ended"}}}' \
		'{"action":{"tool":"shell","args":{"command":"sleep 9"}},"observation":null}' '"ls"' >r
	quiet rollout-show r
	diff - <<<"$output" <(cat <<'END'
episode a · task unit/x · seed 7
  a branch · episode z · step 1
> Do it.
  tools: shell

[1] $ cat <<E   # stdin=y
+ x
+ E
| x
! oh
  exit 1 · 1.5 ms

[2] guess word=crane n=2 note="a b" text=+
  text:
+ l
+ m
| marks: ..gy.
| left: [1]
  exit 0 · reward -0.1 · hint 1

[3] nosuch [1]
! unknown tool
  invalid

[4] guess
! it ended
  truncated · environment ended

[5] $ sleep 9
  no observation: the step is under way, or was interrupted

[6]
  no observation: the step is under way, or was interrupted

restored: step 1 · match exact
artefacts: a ^[[1m · notebook.ipynb
end: 6 steps · terminated · reward 0.5
verdict: fail · reward 0.5: b: no
  ✓ a
  ✗ b (1 of 3): no way
END
	) || false
}

@test "no byte of a rollout reaches a terminal or a pipe as anything but text" {
	local bad='\u001b[31m\u001b]0;t\u0007\r\u0008\u009b1m\u202e\u2066\u0000' options width
	rollout 'a\u001b[2J' "{\"task\":\"$bad\",\"seed\":\"$bad\",\"expired\":\"$bad\",\"reset\":{\"prompt\":\"$bad\",\"tools\":[\"$bad\"]},
		\"parent\":{\"episode\":\"$bad\"},\"verdict\":{\"status\":\"$bad\",\"reason\":\"$bad\",\"checks\":[{\"name\":\"$bad\",\"reason\":\"$bad\"}]}}" \
		"{\"action\":{\"tool\":\"$bad\",\"id\":\"$bad\",\"tag\":{\"${bad%??????}\":1},\"args\":{\"x\\u001b\":\"$bad\\n$bad\",\"y\\r\":1}},\"observation\":{\"stdout\":\"$bad\",
			\"stderr\":\"$bad\",\"error\":\"$bad\",\"signal\":\"$bad\",\"cwd\":\"$bad\",\"info\":{\"i\\u001b\":\"$bad\"},\"own\\u009b\":\"$bad\"}}" >r
	# Two of the same task, all else of which differs.
	{ cat r && sed 's/31m/32m/g' r; } | sed 's/"task":"[^"]*"/"task":"t"/' >two
	for options in '' '--full' '--step 1' '--step 0'; do
		# shellcheck disable=SC2086 # words
		rollout-show $options r
	done >shown
	for width in 40 120; do COLUMNS=$width rollout-show --diff two || :; done >>shown
	COLUMNS=200 NO_COLOR=1 python3 -c 'import pty; pty.spawn(["rollout-show", "--full", "r"])' | tr -d '\r' >>shown
	[ "$(wc -c <shown)" -gt 4000 ]
	python3 - <<'END'
import unicodedata
text = open("shown", encoding="utf-8", newline="").read()
wrong = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf")}
assert not wrong, wrong
END
	printf '{"type":"rollout","episode":"\xff","steps":[]}\n' >r
	separate rollout-show r
	[ "$status" = 3 ]
	[[ $stderr == *'invalid UTF-8'* && $output != *$'\xff'* ]]
}

@test "output cannot look like a step: at each width, what it has begins with a gutter" {
	rollout a '{}' "$(step 'true' "$(printf 'x%.0s' {1..38})[9] \$ rm -rf /  exit 0 · reward 1")" >r
	local width
	for width in 20 40 41 80; do
		COLUMNS=$width rollout-show r >shown
		[ "$(grep -c '^\[' shown)" = 1 ]
		run ! grep -E '^[^|:].*(xx|\[9|rm|reward)' shown
		[ "$(wc -L <shown)" -le "$width" ]
	done
	[ "$(COLUMNS=40 rollout-show r | sed -n 6p)" = "| $(printf 'x%.0s' {1..38})" ]
}

@test "a terminal: its width, also when it changes, and colours unless NO_COLOR is set" {
	rollout a '{}' "$(step 'true' "$(printf 'x%.0s' {1..50})")" >r
	: >grown
	cat >terminal.py <<'END'
import fcntl, os, pty, struct, sys, termios, time
def width(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
os.environ.update(TERM="xterm")
os.environ.pop("COLUMNS", None)
pid, fd = pty.fork()
if pid == 0:
    os.execvp("rollout-show", ["rollout-show", "--follow", "grown"])
text, rollout = b"", open("r", "rb").read()
for columns in (40, 60):
    width(fd, columns)
    with open("grown", "ab") as out:
        out.write(rollout[:50])
        out.flush()
        time.sleep(0.3)
        out.write(rollout[50:])
    end = time.monotonic() + 20
    seen = text.count(b"not graded")
    while text.count(b"not graded") == seen and time.monotonic() < end:
        text += os.read(fd, 65536)
os.write(fd, b"\x03")
_, status = os.waitpid(pid, 0)
assert os.WTERMSIG(status) == 2, status
rows = text.decode().replace("\r", "").split("\n")
assert "| " + 38 * "x" in rows and ": " + 12 * "x" in rows and "| " + 50 * "x" in rows, rows
assert "\x1b[1m[1] $ true\x1b[0m" in rows, rows
END
	timeout 60 python3 terminal.py
	NO_COLOR=1 python3 -c 'import pty; pty.spawn(["rollout-show", "r"])' >shown
	[[ $(<shown) != *$'\e'* && $(<shown) == *'[1] $ true'* ]]
}

@test "--follow of an episode: a step when it begins, until the episode ends" {
	begin
	act 'echo one'
	rollout-show --follow e-1 >shown &
	local pid=$!
	env-step -e e-1 -- 'touch /tmp/here; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo two' >step &
	local stepper=$!
	until_is grep -q '^\[2\]' shown
	grep -q '^| one' shown
	grep -q '^\[2\] \$ touch' shown
	run ! grep -q '^| two' shown
	# Its own folders of the box are in sight of its processes alone.
	kill -0 "$pid"
	kill "$stepper"
	wait "$stepper" || :
	env-step --skip -e e-1 -- 'echo hello > greeting.txt' >step
	tool submit '{}'
	timeout 20 tail --pid "$pid" -f /dev/null
	wait "$pid"
	[[ $(tail -n 3 shown) == *'verdict: pass · reward 1'$'\n''  ✓ greeting' ]]
	grep -q 'interrupted' shown
	# One that is closed has ended as well, and so has what nobody reads.
	open_episode f
	rm shown
	rollout-show --follow f-1 >shown &
	pid=$!
	until_is test -s shown
	env-close f-1 >/dev/null
	timeout 20 tail --pid "$pid" -f /dev/null
	wait "$pid"
	[[ $(tail -n 1 shown) == 'end: 0 steps'* ]]
	open_episode g
	timeout 20 bash -c 'rollout-show --follow g-1 | head -n 1 >/dev/null; exit "${PIPESTATUS[0]}"' || [ $? = 4 ]
}

@test "--diff: where two rollouts diverge, below or beside each other" {
	{
		rollout a '{}' "$(step ls x)" "$(step pwd $'1\n2\n3')" "$(step true '')"
		rollout other '{"task":"unit/y"}'
		rollout b '{"seed":"8"}' "$(step ls x)" "$(step pwd $'1\n0\n3')" "$(step false '')" "$(step more '')"
	} >r
	local columns
	for columns in 40 100; do
		separate env COLUMNS=$columns rollout-show --diff r
		[ "$status" = 1 ]
		printf '%s\n' "$output" >shown.$columns
	done
	diff - shown.40 <<'END'
--- episode a · seed 7
+++ episode b · seed 8
  task unit/x
  > Do it.
    tools: shell
= [1] $ ls
*** they diverge at step 2: the same
    action, another outcome
  [2] $ pwd
  | 1
- | 2
+ | 0
  | 3
    exit 0
- [3] $ true
+ [3] $ false
    exit 0
+ [4] $ more
+   exit 0
- end: 3 steps · not graded
+ end: 4 steps · not graded
END
	diff <(sed -n '/diverge/,$p' shown.100 | tr -s ' ') - <<'END'
*** they diverge at step 2: the same action, another outcome
[2] $ pwd [2] $ pwd
| 1 | 1
| 2 | | 0
| 3 | 3
 exit 0 exit 0
[3] $ true | [3] $ false
 exit 0 exit 0
 > [4] $ more
 > exit 0
end: 3 steps · not graded | end: 4 steps · not graded
END
	head -n 1 r >a
	rollout a2 '{}' "$(step ls x)" "$(step pwd $'1\n2\n3')" "$(step true '')" >b
	quiet rollout-show --diff a b
	[[ $output == *'*** no difference in 3 steps' ]]
	# Of which nothing is known.
	quiet rollout-show --diff < <(printf '{"type":"rollout","steps":[]}\n%.0s' 1 2)
	[[ $output == *'*** no difference in 0 steps' ]]
	fails 3 rollout-show --diff a <&-
	[[ $stderr == *'no second rollout of the same task' ]]
}

@test "folded unless --full or --step; what is no rollout; usage" {
	rollout a '{}' "$(step 'seq 99' "$(seq 99)" ',"cwd":"/w","tag":{"k":[1]}')" >r
	quiet rollout-show r
	[[ $output == *$'| 8\n  ... 87 lines\n| 96\n'* && $output != *'| 50'* ]]
	quiet rollout-show --full - <r
	[[ $output == *$'| 49\n| 50\n'* ]]
	quiet rollout-show --step 1 r
	[[ $output == *$'| 49\n| 50\n'*'cwd /w'*'tag: {"k":[1]}'* ]]
	quiet rollout-show --step 0 r
	[[ $output == *'runs it'* ]]
	fails 3 rollout-show --step 2 r
	quiet rollout-show --json r
	[ "$output" = "$(<r)" ]
	{ cat r && echo '[1]' && echo '{"type":"error","reason":"earlier","status":4}' && cat r; } >mixed
	separate rollout-show mixed
	[ "$status" = 4 ]
	[[ $stderr == 'rollout-show: mixed: line 2: not a rollout' && $output == *'error: mixed: line 2: not a rollout'* ]]
	fails 4 rollout-show - <mixed
	[[ $stderr == 'rollout-show: line 2: not a rollout' ]]
	[ "$(grep -c '^end:' <<<"$output")" = 2 ]
	fails 3 rollout-show nosuch
	[[ $stderr == *'no such episode, and no such file' ]]
	fails 4 rollout-show .
	local arguments
	for arguments in '--step x r' '--step 1 --diff r' '--follow r r' '--diff r r r' '--json --step 1 r' '--nosuch'; do
		# shellcheck disable=SC2086 # words
		fails 2 rollout-show $arguments
	done
}
