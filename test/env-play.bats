#!/usr/bin/env bats
# env-play: a script plays through a pipe; and a person at a terminal, which tmux is.

load helper
load episode
load terminal

setup() {
	common_setup
	need_box
}

teardown() {
	close_terminal
	common_teardown
}

# play TASK LINE...: plays the lines. stdout is in $output, stderr in $stderr, and the rollout of its only episode in $rollout.
play() {
	local task=$1
	shift
	separate bash -c 'printf "%s\n" "${@:2}" | timeout 30 env-play "$1"' bash "$task" "$@"
}

# The episode that output names last.
episode() {
	grep -oE 'ep-[a-z0-9]{13}' <<<"$output" | tail -n 1
}

says() {
	local text
	for text; do
		if [[ $output != *"$text"* ]]; then
			printf 'not said: %s\n%s\n%s\n' "$text" "$output" "$stderr"
			return 1
		fi
	done
}

says_not() {
	[[ $output != *"$1"* ]] || { printf 'said: %s\n%s\n' "$1" "$output" && return 1; }
}

@test "a script solves a task: what is asked, its steps, the verdict, and what it takes to come back to it" {
	fixture_task unit/hello
	play unit/hello 'echo hello >greeting.txt' 'cat greeting.txt' ':submit'
	[[ $status == 0 && -z $stderr ]]
	says 'Say hello' 'Write hello into greeting.txt.' 'Limits: 20 steps' '[1] $ echo hello >greeting.txt' \
		$'[2] $ cat greeting.txt\nhello' 'Solved: Say hello' '✓ greeting' 'You: 3 steps' 'The known solution: 2 steps'
	env-close "$(episode)" >rollout
	quiet rollout-replay <rollout
	expect '[.match, .reward]' '["exact", null]' "$(jq '{match, reward: null}' <<<"$output")"
	expect '[.steps[].action.tool]' '["shell","shell","submit"]' "$(<rollout)"
}

@test "what does not pass has its reason, and status 1; the rest of the script can still look and note" {
	fixture_task unit/hello '{"checks": [{"name": "greeting", "type": "file", "path": "greeting.txt", "content": "the secret\n"}]}'
	play unit/hello 'echo wrong >greeting.txt' ':submit' 'ls' ':note too late' ':log'
	[[ $status == 3 && $stderr == *'the episode has ended'* ]]
	says 'Not solved this time.' '✗ greeting' 'verdict: fail'
	says_not 'the secret'
	rollout-log "$(episode)" | rollout-show | grep -qF 'note after step 2: too late'
	env-close "$(episode)" >rollout
	expect '[.notes, .assisted]' '[[{"text":"too late","step":2}],null]' "$(<rollout)"
	play unit/hello ':submit'
	[[ $status == 1 ]]
}

@test "commands of several lines; comments and empty lines are no steps; the end of a script may come in the middle" {
	fixture_task unit/hello
	play unit/hello '# a comment' '' "echo 'a" "b'" 'for i in 1 2' 'do echo $i' 'done' 'cat <<X' 'here $((1+1))' 'X' "echo one \\" two 'if true'
	[[ $status == 0 ]]
	says $'a\nb' $'1\n2' 'here 2' 'one two' 'unexpected end of file' 'The episode stays'
	env-close "$(episode)" >rollout
	expect '[.steps[].action.args.command]' \
		'["echo '"'a\\nb'"'","for i in 1 2\ndo echo $i\ndone","cat <<X\nhere $((1+1))\nX","echo one \\\ntwo","if true"]' "$(<rollout)"
	quiet rollout-replay <rollout
	expect .match '"exact"'
}

@test "nothing that the box prints reaches the terminal as it is" {
	fixture_task unit/hello
	play unit/hello "printf '\\033[2J\\007\\302\\233m\\342\\200\\256x\\r\\n'" "printf '\\033]0;t\\007' >&2" $'mkdir $\'a\\eb\'; cd $\'a\\eb\'' ':log'
	says '^[[2J^G\x9bm\u{202e}x^M' '^[]0;t^G'
	[[ $output != *$'\033'* && $output != *$'\007'* && $stderr != *$'\033'* ]]
	play unit/hello $'echo \e[1mtyped'
	[[ $output != *$'\033'* ]]
}

@test "long output is shortened as an agent's is, and says so" {
	fixture_task unit/hello '{"limits": {"output_kib": 1}}'
	play unit/hello 'seq 1 5000'
	says 'bytes cut' 'shortened, as an agent would see it: 22869 bytes were left out'
}

@test "an episode that somebody else has closed does not stay" {
	fixture_task unit/hello
	# shellcheck disable=SC2016 # for bash
	separate bash -c '{
		echo true
		until ep=$(env-list | jq -r "select(.steps == 1).episode"); [[ -n $ep ]]; do sleep 0.05; done
		env-close "$ep" >rollout
		echo :log
	} | timeout 30 env-play unit/hello'
	[[ $status == 3 && $stderr == *'no such episode'* ]]
	says 'The episode is gone'
	says_not 'comes back'
}

@test "where somebody has put another in its place, that one is played" {
	fixture_task unit/hello
	open_episode x
	separate bash -c '{
		echo true
		until [[ $(env-list | jq .steps) == 1 ]]; do sleep 0.05; done
		env-close x-1 >rollout
		env-reset --id x unit/hello >reset
		printf "%s\n" true :note\ mine "echo hello >greeting.txt" :submit
	} | timeout 30 env-play x-1'
	[[ $status == 3 && $stderr == *'another episode has its name: that is played now, at step 0 of unit/hello'* ]]
	says 'Solved: Say hello'
}

@test "what others did to the episode counts for what is asked next, and nothing is done to another one unseen" {
	fixture_task unit/hello '{"hints": ["one", "two"]}'
	fixture_task unit/other '{"hints": ["three"]}'
	open_episode x
	mkfifo lines
	timeout 60 env-play x-1 <lines >out 2>err 3>&- &
	exec 4>lines
	# Steps of somebody else's.
	env-step -e x-1 -- true >/dev/null
	env-step -e x-1 -- true >/dev/null
	printf '%s\n' ':undo 3' ':hint' >&4
	until_is grep -q 'Hint 1 of 2' out
	grep -q 'only 2 steps were taken' err
	env-close x-1 >rollout
	env-reset --id x unit/other >reset
	printf '%s\n' ':pause' ':hint' >&4
	until_is grep -q 'Hint 1 of 1' out
	grep -q 'another episode has its name: that is played now, at step 0 of unit/other' err
	[[ $(env-list | jq -r .state) == live ]]
	exec 4>&-
	wait
}

@test "without a standard input it ends, and says why" {
	local input
	fixture_task unit/hello
	for input in 'exec <&-' 'exec </'; do
		separate timeout 10 bash -c "$input; env-play"
		[[ $status == 4 && $stderr == *'env-play: read: '* ]] || { echo "$input: $status $stderr" && false; }
	done
}

@test "an error of a line: status 3, and the script goes on; of the input: the line is named" {
	fixture_task unit/hello
	play unit/hello ':bogus' ':undo 3' ':undo x' ':redo' ':fork a/b' ':fork main' ':back nowhere' ':help me' ':note' $'a\xff' 'echo on'
	[[ $status == 3 ]]
	says $'[1] $ echo on\non'
	for text in "no such command: ':bogus'" 'only 0 steps' 'is no number' 'nothing was undone' 'no name for a branch' "'main' is where" \
		"no branch 'nowhere'" 'takes no argument' 'what is to be noted' 'line 10'; do
		[[ $stderr == *"$text"* ]] || { echo "$text: $stderr" && false; }
	done
	separate env-play no-such </dev/null
	[[ $status == 3 && $stderr == *'no such episode'* ]]
	separate env-play no/such </dev/null
	[[ $status == 3 ]]
	separate env-play a b
	[[ $status == 2 ]]
}

@test "undo, redo, fork and back are branches, of which each is a rollout that replays" {
	fixture_task unit/hello
	play unit/hello 'x=1; sleep 100 & until grep -q ^sleep /proc/$!/cmdline; do :; done' 'echo one >f' ':fork here' ':undo' 'cat f; echo $x' ':back here' 'cat f; x=2' ':back main' 'echo $x' \
		':undo 2' ':redo' 'echo $x'
	[[ $status == 0 ]]
	says 'This is step 1 of' 'cat: f: No such file' "Kept as 'here'" 'not run there any more: sleep 100'
	[[ $(grep -c '^1$' <<<"$output") == 3 ]]
	local each
	for each in $(env-list | jq -r .episode); do
		rollout-log "$each" | rollout-replay --summary >/dev/null
		rollout-log "$each"
	done >rollouts
	[[ $(jq -r 'select(.parent) | .parent.step' rollouts | sort -n | paste -sd ' ') == '1 1 2' ]]
	rollout-replay <rollouts | jq -e -s 'map(.match == "exact" or .match == "normalised") | all'
}

@test "tools: words, JSON, or texts that are typed; of a game a line is a move" {
	fixture_task unit/hello
	play unit/hello ':write_file a/b' 'one' 'two' '.' ':read_file a/b' ':edit_file a/b' one . ONE . \
		':edit_file {"path": "a/b", "old": "two", "new": "TWO"}' 'cat a/b' ':diff' ':tools' 'ln -s a link; mkdir no; echo >no/file; chmod 0 no' ':diff' ':read_file'
	[[ $status == 0 ]]
	says $'one\ntwo' $'ONE\nTWO' $'+++ b/workspace/a/b\n@@ -0,0 +1,2 @@\n+ONE\n+TWO' ':edit_file path old new' \
		'Only in b: workspace/link' 'b/workspace/no: Permission denied'
	play games/minesweeper '1 1' ':open 1 1' ':hint' ':submit' 'x y'
	says '[1] open row=1 column=1' '[2] open row=1 column=1' 'A hint costs a step.' 'argument column must be an integer'
	[[ $stderr == *'it ends by itself'* ]]
}

@test "hints and scores are noted: the rollout says that its player was assisted, and so does a branch's" {
	fixture_task unit/hello '{"hints": ["first", "second"], "checks": [
		{"name": "seen", "type": "file", "path": "f", "content": "x\n", "visible": true},
		{"name": "hidden", "type": "file", "path": "g", "content": "y\n"}]}'
	play unit/hello 'echo x >f' ':score' ':hint' ':hint' ':hint' 'true' ':undo' ':fork b'
	says '✓ seen' 'There may be others' 'first' 'second' 'Hint 2 of 2'
	says_not hidden
	[[ $stderr == *'there are no more hints'* ]]
	rollout-log "$(env-list | jq -r 'select(.episode | test("[.]b$")) | .episode')" >rollout
	expect '[.assisted, (.notes | map([keys[0], .step])), .steps[0].observation.exit]' '[true,[["checks",1],["hint",1],["hint",1]],0]' "$(<rollout)"
	expect '.notes[0].checks | map(.name)' '["seen"]' "$(<rollout)"
	play bash/count-errors ':score'
	says 'No check of this task can be seen'
}

@test "an episode is taken up again: where it stands, when its box is gone, after a pause, and when it has ended" {
	fixture_task unit/hello
	play unit/hello 'x=1; cd /tmp' ':quit' 'echo never'
	says_not never
	ep=$(episode)
	play "$ep" 'echo "$x $PWD"'
	says $'[2] $ echo "$x $PWD"\n1 /tmp'
	kill_box "$ep"
	play "$ep" 'echo "$x again"' ':pause'
	says 'Its box was gone' '2 steps were carried out again' '1 again'
	[[ -z $(own_boxes) ]]
	play "$ep" 'echo hello >/workspace/greeting.txt; echo "$x"' ':submit'
	[[ $status == 0 ]]
	says 'Solved'
	play "$ep" 'ls'
	[[ $status == 3 ]]
	env-close "$ep" >rollout
	quiet rollout-replay <rollout
	expect .match '"exact"'
}

@test "--json: the records alone on stdout, each line one" {
	fixture_task unit/hello
	separate bash -c 'printf "%s\n" "echo hi" ":hint" ":score" "echo hello >greeting.txt" ":submit" | env-play --json unit/hello'
	[[ $status == 3 && $stderr == *'there are no hints'* ]]
	expect '[.[] | [.type, .step]]' '[["observation",0],["observation",1],["error",null],["observation",2],["observation",3],["verdict",null]]' \
		"$(jq -s . <<<"$output")"
}

@test "without an operand a task is chosen, and the rest of the script plays it" {
	fixture_task unit/hello
	separate bash -c 'printf "%s\n" unit/hello "echo hi" ":quit" | PIPEGYM_TASKS=$1 env-play' bash "$T/tasks"
	[[ $status == 0 ]]
	says 'unit/hello' $'[1] $ echo hi\nhi' 'The episode stays'
	separate env-play </dev/null
	[[ $status == 0 && -z $stderr ]]
}

@test "README's first task is solved as README says" {
	local lines
	mapfile -t lines < <(awk '/^[A-Z][A-Z ]*$/ { on = /^PLAY A TASK YOURSELF$/ } on && /^    / { print substr($0, 5) }' "$SRC/README")
	[[ ${lines[0]} == env-play\ * && ${lines[1]} == :submit ]]
	play "${lines[0]#env-play }" "${lines[@]:2}" "${lines[1]}"
	[[ $status == 0 && -z $stderr ]]
	says '[1] $ zcat' '[2] submit' 'Solved'
}

@test "--solution shows the known way, and leaves no episode" {
	fixture_task unit/hello
	separate env-play --solution unit/hello </dev/null
	[[ $status == 0 ]]
	says '[1] $ echo hello > greeting.txt' '[2] submit' 'Solved'
	[[ -z $(env-list --json) ]]
	rm "$T/tasks/unit/hello/solution.jsonl"
	separate env-play --solution unit/hello </dev/null
	[[ $status == 3 && $stderr == *'no known solution'* && -z $(env-list --json) ]]
}

@test "a stop signal while a command runs: it dies of it, and the episode is there" {
	fixture_task unit/hello
	mkfifo lines
	env-play unit/hello <lines >out 2>err &
	local pid=$! status=0
	exec 7>lines
	echo 'echo begun; sleep 60' >&7
	until_is eval '[[ $(env-list --json | jq -r .steps) == 1 ]]'
	kill -HUP "$pid"
	wait "$pid" || status=$?
	exec 7>&-
	[[ $status == 129 ]]
	play "$(env-list --json | jq -r .episode)" 'echo on'
	says 'Step 1 was interrupted' $'[2] $ echo on\non'
}

# --- at a terminal ----------------------------------------------------------

@test "a terminal: prompt, completion, lines that go on, history, Ctrl-C, Ctrl-D" {
	fixture_task unit/hello '{"limits": {"step_s": 60}}'
	mkdir -p "$T/tasks/unit/hello/files/folder"
	touch "$T/tasks/unit/hello/files/folder/"{with\ blank,alpha,altitude,$'esc\e[31m'}
	terminal 80 24
	type_line 'env-play unit/hello'
	screen_has 'unit/hello 0/20' 'workspace$'
	tmux -L "$server" send-keys -l 'ls fo'
	keys Tab
	# With more behind it Tab is one of a text that was pasted.
	screen_has 'ls folder/'
	tmux -L "$server" send-keys -l 'w'
	keys Tab
	screen_has 'ls folder/with\ blank'
	keys Enter
	screen_has 'unit/hello 1/20'
	tmux -L "$server" send-keys -l 'ls folder/'
	keys Tab
	screen_has 'alpha  altitude' "\$'esc\\033[31m'"
	tmux -L "$server" send-keys -l es
	keys Tab
	screen_has "ls folder/\$'esc\\033[31m'"
	keys C-c
	type_line "echo 'one"
	screen_has '> '
	type_line "two'"
	screen_has 'unit/hello 2/20'
	type_line 'sleep 50'
	begun action "$(env-list --json | jq -r .episode)"
	keys C-c
	screen_has '[stopped]' 'unit/hello 3/20'
	keys Up Up
	screen_has "echo 'one"
	keys C-c
	type_line 'clear; echo hello >greeting.txt'
	screen_has 'unit/hello 4/20'
	keys C-d
	screen_has 'Leave?'
	type_line s
	screen_has 'Solved: Say hello' '✓ greeting' 'unit/hello 5/20'
	type_line :quit
	screen_has 'sh>'
	type_line 'stty -a | grep -o -e " icanon" -e " echo " | wc -l; tput cols'
	screen_has $'2\n80'
	env-close "$(env-list --json | jq -r .episode)" >rollout
	expect '[.steps[2].observation | .signal, .info.limit]' '["SIGKILL","stopped"]' "$(<rollout)"
	quiet rollout-replay <rollout
	# Also the process id in what the shell says of the one that was killed: Tab has taken none.
	expect .match '"exact"'
}

@test "of a history that is too long its end is kept" {
	fixture_task unit/hello
	mkdir -p "$PIPEGYM_STATE/play"
	seq -f '"%1000000f"' 2 >"$PIPEGYM_STATE/play/history-unit.jsonl"
	echo '"echo last"' >>"$PIPEGYM_STATE/play/history-unit.jsonl"
	terminal 80 24
	type_line 'env-play unit/hello'
	screen_has 'unit/hello 0/20'
	keys Up
	screen_has 'echo last'
	(($(wc -c <"$PIPEGYM_STATE/play/history-unit.jsonl") < 20))
}

@test "a terminal that is resized, suspended, dumb, and lost; and its state after a signal" {
	fixture_task unit/hello
	terminal 80 24
	type_line 'env-play unit/hello'
	screen_has 'unit/hello 0/20'
	keys PPage NPage IC DC F5 S-Left M-Up C-Down
	tmux -L "$server" send-keys -l 'echo a'
	screen_has '$ echo a'
	tmux -L "$server" resize-window -x 60 -y 20
	tmux -L "$server" send-keys -l $'\t\tb;c'
	screen_has 'b;c'
	# Drawn anew in its place; a tab with more behind it was pasted.
	[[ $(grep -c 'unit/hello 0/20' <<<"$screen") == 1 && $screen =~ 'echo a'\ +'b;c' ]]
	tmux -L "$server" resize-window -x 44 -y 20
	keys C-u
	until_is eval '[[ $(tmux -L "$server" capture-pane -p) != *"b;c"* ]]'
	tmux -L "$server" send-keys -l 'echo a'
	# A terminal drops what was not read when C-z or C-c comes. Rows above may be of the wider one.
	until_is eval '[[ $(tmux -L "$server" capture-pane -p) == *"$ echo a" ]]'
	keys C-z
	screen_has Stopped
	type_line fg
	screen_has $'env-play unit/hello\nunit/hello 0/20'
	type_line 'b; :'
	screen_has $'\nab\n' 'unit/hello 1/20'
	tmux -L "$server" send-keys -l 'half a line'
	screen_has 'half a line'
	kill -TERM "$(player)"
	screen_has Terminated
	type_line 'clear; stty -a | grep -o -e " icanon" -e " echo " | wc -l'
	screen_has $'2\nsh>'
	type_line "clear; TERM=dumb env-play $(env-list | jq -r .episode)"
	screen_has 'unit/hello 1/20'
	[[ $(<"$PIPEGYM_STATE/play/history-unit.jsonl") == '"echo ab; :"' ]]
	type_line 'echo dumb'
	screen_has $'\ndumb\n' 'unit/hello 2/20'
	local pid
	pid=$(player)
	tmux -L "$server" kill-server
	until_is ended "$pid"
	play "$(env-list | jq -r .episode)" 'echo on'
	says $'[3] $ echo on\non'
}

@test "Ctrl-C does no harm to a game that is thinking, nor to the grading of what was handed in" {
	mkdir -p "$T/tasks/unit/slow"
	cat >"$T/tasks/unit/slow/env.jq" <<-'END'
		def reset: {state: 0, observation: "go"};
		def step: reduce range(1500000) as $i (0; . + 1) | {state: ., observation: "at \(.)"};
	END
	fixture_task unit/slow '{"env": {"kind": "jq"}, "checks": [{"name": "c", "type": "jq", "condition": ".state > 0"}],
		"tools": [{"name": "go", "description": "One step.", "main": "way", "parameters": {"type": "object",
			"properties": {"way": {"type": "string"}}}}, "submit"]}'
	terminal 80 24
	type_line 'env-play unit/slow'
	screen_has 'unit/slow 0/20>'
	type_line on
	until_is grep -q '"entry":"action"' "$PIPEGYM_STATE"/episodes/*/journal.jsonl
	keys C-c
	screen_has 'at 1500000' 'unit/slow 1/20>'
	type_line :submit
	until_is eval '(($(grep -c "\"entry\":\"action\"" "$PIPEGYM_STATE"/episodes/*/journal.jsonl) == 2))'
	keys C-c
	screen_has 'verdict: pass'
}
