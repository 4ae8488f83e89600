#!/usr/bin/env bats
# env-play's list of tasks, boards, and --watch, at a terminal.

load helper
load episode
load terminal

setup() {
	common_setup
	export PIPEGYM_TASKS=$T/tasks
}

teardown() {
	close_terminal
	common_teardown
}

# game NAME TITLE [DIFFICULTY]: a task games/NAME in which three steps of one are to be made, and which draws where one is.
game() {
	mkdir -p "$T/tasks/games/$1"
	cat >"$T/tasks/games/$1/env.jq" <<-'END'
		def reset: {state: 0, observation: "go"};
		def step: (.state + 1) | {state: ., observation: "at \(.)", terminated: (. == 3)};
		def render: "─" * (.state + 1) + "o";
		def generate: {solution: [range(3) | {tool: "go", args: {way: "on"}}]};
	END
	cat >"$T/tasks/games/$1/task.json" <<-END
		{"title": "$2", "category": "games", "difficulty": "${3:-easy}", "prompt": "Go three steps.", "env": {"kind": "jq"},
		 "tools": [{"name": "go", "description": "One step.", "main": "way", "parameters": {"type": "object", "required": ["way"],
		   "properties": {"way": {"type": "string"}}}}],
		 "checks": [{"name": "there", "type": "jq", "condition": ".state == 3"}]}
	END
}

# screen_is LINE...: waits until these are the first lines of the screen.
screen_is() {
	local tries wanted
	wanted=$(printf '%s\n' "$@")
	for tries in {1..200}; do
		screen=$(tmux -L "$server" capture-pane -p | head -n $#)
		[[ $screen != "$wanted" ]] || return 0
		sleep 0.05
	done
	diff - <<<"$screen" <(printf '%s\n' "$wanted")
}

# as_it_was: the shell has its terminal again, in the mode that it had before.
as_it_was() {
	# What is typed before the program has left, or is stopped, it may read with the rest.
	until_is eval '[[ $(ps -o stat= -p "$(player)") != [DRS]* ]]'
	type_line 'clear; stty -g | cmp - before && echo "as it"" was"'
	screen_has 'as it was'
}

list() {
	terminal 50 10
	type_line 'stty -g >before; clear; env-play'
}

@test "a task is chosen, played with its board, and is solved from then on" {
	game alpha 'The first one' hard
	game beta 'The second one'
	game gamma $'Evil \u202e one'
	list
	screen_is 'Choose a task: 3, of which you have solved 0' '/ _' 'games · easy' '>   games/beta   The second one' \
		'    games/gamma  Evil \u{202e} one' 'games · hard' '    games/alpha  The first one' '' '' \
		'3  type to filter, Enter: play, Esc: leave'
	keys Down Down
	screen_has '>   games/alpha'
	keys -l 'SECOND'
	screen_is 'Choose a task: 3, of which you have solved 0' '/ SECOND_' 'games · easy' '>   games/beta  The second one' ''
	keys Enter
	screen_has '─o' '| go'
	type_line on
	screen_has 'at 1' '──o'
	type_line on
	type_line on
	screen_has 'verdict: pass' '3/50>'
	keys C-d
	until_is eval '[[ -z $(player) ]]'
	type_line 'stty -g >before; clear; env-play'
	screen_is 'Choose a task: 3, of which you have solved 1' '/ _' 'games · easy' '> ✓ games/beta   The second one'
	keys C-c
	as_it_was
}

@test "the list: of any size, stopped and continued, left, ended by a signal" {
	game alpha 'The first one'
	local i
	for i in {10..30}; do
		game "n$i" "Number $i"
	done
	list
	screen_has 'Choose a task: 22' '>   games/alpha'
	tmux -L "$server" resize-window -x 20 -y 5
	keys End
	screen_is '/ _' '    games/n28   Numb' '    games/n29   Numb' '>   games/n30   Numb' '22  type to filter,'
	keys PageUp
	screen_has '>   games/n29'
	tmux -L "$server" resize-window -x 70 -y 8
	screen_has 'Choose a task: 22, of which you have solved 0' '>   games/n29    Number 29'
	keys C-z
	screen_has Stopped
	as_it_was
	type_line fg
	screen_has '>   games/n29    Number 29'
	keys Escape
	as_it_was
	type_line 'clear; env-play'
	screen_has '>   games/alpha'
	kill -TERM "$(player)"
	screen_has Terminated
	as_it_was
	type_line 'clear; TERM=dumb env-play'
	screen_has '  22    games/n30    Number 30' 'number or name:'
	type_line '23'
	screen_has 'there is no such task'
	type_line 'alpha'
	screen_has 'games/alpha 0/50>'
}

@test "--watch: each step with its board, to the end of the episode or as long as one likes" {
	local step='{"episode":"w-1","tool":"go","args":{"way":"on"}}'
	game alpha 'The first one'
	env-reset --id w games/alpha >first
	terminal 50 20
	type_line 'stty -g >before; clear; env-play --watch w-1'
	screen_has 'task games/alpha' '# ─o'
	env-step <<<"$step" >steps
	screen_has '[1] go way=on' '| at 1' '# ──o'
	keys q
	as_it_was
	type_line 'clear; env-play --watch w-1'
	screen_has '# ──o'
	env-step <<<"$step"$'\n'"$step" >steps
	screen_has '# ────o' 'end: 3 steps · terminated'
	as_it_was
	fails 3 env-play --watch nosuch
	[[ $stderr == 'env-play: '*'nosuch'* ]]
	# Without a terminal as well.
	timeout 20 env-play --watch w-1 >shown </dev/null
	grep -q '^# ────o' shown
}
