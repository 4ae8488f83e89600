#!/usr/bin/env bats
# What bash and zsh complete: made of --help, so that what is tested is the way of a word from there, and that nothing on
# the line, in a folder or in a record is ever run.

load helper
load episode
load terminal

setup() {
	common_setup
	! sanitized || skip "sanitizers have no part in it"
	read -r -a programs <<<"$PIPEGYM_PROGRAMS"
	bash_completion=$BUILD/completion/pipegym zsh_completion=$BUILD/completion/_pipegym
	[ -e "$bash_completion" ] || skip "it was built without completion"
}

teardown() {
	close_terminal
	common_teardown
}

# reply WORD...: what bash completes the last word to, in $output; words are split as bash does, at "=" and ":" too.
reply() {
	quiet bash -c '
		source "$0"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		word=${COMP_WORDS[-1]}
		[[ $word != [=:] ]] || word=
		_pipegym "$1" "$word" "${COMP_WORDS[-2]}"
		[[ ${#COMPREPLY[@]} == 0 ]] || printf "%s\n" "${COMPREPLY[@]}"' "$bash_completion" "$@"
	output=$(sort -u <<<"$output" | paste -sd ' ')
}

# completes "WORD..." EXPECTED: what the last word, behind a blank, becomes.
completes() {
	local -a words
	IFS=' ' read -r -a words <<<"$1"
	[[ $1 != *' ' ]] || words+=('')
	reply "${words[@]}"
	[[ $output == "$2" ]] || { echo "$1: '$output' and not '$2'"; return 1; }
}

# A line for each program: its name and its options.
options_of_help() {
	local program
	for program in "${programs[@]}"; do
		"$program" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort | paste -sd ' ' | sed "s/^/$program /"
	done
}

@test "bash: the options of each program are those of its --help" {
	quiet bash -c '
		source "$0"
		for program; do
			COMP_WORDS=("$program" -) COMP_CWORD=1
			_pipegym "$program" - "$program"
			echo "$program" $(printf "%s\n" "${COMPREPLY[@]}" | sort)
		done' "$bash_completion" "${programs[@]}"
	[ "$output" = "$(options_of_help)" ]
	completes 'env-list --de' --dead
	# Neither as an argument nor behind -- nor behind a command.
	completes 'env-reset --id --' ''
	completes 'env-reset -- --' ''
	completes 'box-run true --' ''
}

@test "bash: an argument is what its name says" {
	mkdir folder 'a folder' && touch file.jsonl
	fixture_task 'unit/hello' '{"category":"sitting","tags":["first","second"]}'
	open_episode live
	open_episode dead
	kill_box dead-1
	completes 'env-reset -T f' folder
	completes 'env-reset -q --tasks = f' folder
	completes 'env-reset -T /nowhere : f' folder
	completes 'rollout-replay --done f' 'file.jsonl folder'
	completes 'box-run --bind-ro folder : f' 'file.jsonl folder'
	completes 'env-step -e ' 'dead-1 live-1'
	completes 'env-close live-1 d' dead-1
	completes 'rollout-show l' live-1
	completes 'rollout-show f' 'file.jsonl folder'
	completes 'env-reset unit/h' unit/hello
	completes "env-reset -T $T/tasks " unit/hello
	completes "env-reset -T $T/folder " ''
	completes "task-list -T $T/tasks " 'unit unit/hello'
	completes "task-list -T $T/tasks -c " sitting
	completes "task-list -T $T/tasks --tag " 'first second'
	completes "rollout-convert -T $T/tasks --task-set " unit
	completes 'task-list --difficulty = ' 'easy hard medium'
	completes 'env-reset --isolation l' landlock
	completes 'rollout-stat --by category,s' category,split
	completes 'rollout-replay --normalise no' none
	completes 'rollout-replay --normalise none,uu' none,uuid
	# One that can be left out is no word of its own.
	completes 'task-list --curriculum = fi' file.jsonl
	completes "task-list -T $T/tasks --curriculum unit/" unit/hello
	completes 'env-reset -n ' ''
}

@test "bash: operands by their places, and commands" {
	mkdir folder && touch file
	completes 'task-import --original mb' mbpp
	completes 'task-import mbpp f' 'file folder'
	completes 'task-import mbpp file f' 'file folder'
	completes 'box-image f' 'file folder'
	completes 'box-image file f' folder
	completes 'agent-oracle ' ''
	completes 'box-run -m 64 sha256s' sha256sum
	completes 'env-step -e x -- sha256s' sha256sum
	completes 'env-step -e x -- sha256sum f' 'file folder'
	completes 'box-run sha256sum -b f' 'file folder'
}

# What is not refused as unknown would be wanted in a file.
@test "the formats that --help lists are those that there are" {
	local formats
	for formats in 'rollout-convert --from * --to sft' 'rollout-convert --from atif --to *' 'task-import * /dev/null -o set'; do
		# shellcheck disable=SC2086 # words
		separate ${formats/\*/?} </dev/null
		[ "$status" = 2 ]
		[[ $stderr =~ ", but "([a-z, ]+) ]]
		completes "${formats%%\**}" "${BASH_REMATCH[1]//,/}"
	done
}

# hostile: a folder, a set and a state with names that a shell would run; the programs see what is theirs.
hostile() {
	local name
	mkdir -p sets state/episodes
	for name in '$(touch ran)' '`touch ran`' $'a\ntouch ran' "';touch ran;'" '";touch ran;"' 'a b' '-n'; do
		mkdir -p -- "./$name" "sets/$name/$name" "state/episodes/$name"
		echo '{}' >"sets/$name/$name/task.json"
	done
}

@test "bash: nothing is run, and no name that could be is offered" {
	local line
	hostile
	# shellcheck disable=SC2016 # for the inner shell
	quiet bash -c '
		source "$0"
		for word in "" "\$(touch ran)" "\$(" "\`touch ran\`" "\"\$(touch ran)" "~\$(touch ran)/" "x]\$(touch ran)" "a[\$(touch ran)]" "\\"; do
			for before in -e -T "$word" "--$word"; do
				COMP_WORDS=(env-step "$before" "$word") COMP_CWORD=2
				_pipegym env-step "$word" "$before"
			done
			COMP_WORDS=("$word" "$word") COMP_CWORD=1
			_pipegym "$word" "$word" "$word"
		done' "$bash_completion"
	[ -z "$output" ]
	for line in env-close 'env-step -e' "task-list -T $T/sets" "env-play -T $T/sets"; do
		completes "$line " ''
	done
	[ ! -e ran ]
}

@test "a program that does not end, not even when told to, does not hold up the shell for long" {
	in_full || skip "make check-full"
	mkdir bin
	printf '#!/bin/sh\ntrap "" TERM\nsleep 60\n' >bin/task-list
	chmod +x bin/task-list
	SECONDS=0
	PATH=$T/bin:$PATH completes 'env-reset ' ''
	((SECONDS < 30))
}

# At the prompt of a shell: a choice, and a folder whose name is a command.
tab_completes() {
	screen_has 'ready>'
	keys -l 'env-reset --isolation=l'
	keys Tab
	screen_has 'env-reset --isolation=landlock'
	keys -l -- ' -T \$'
	keys Tab
	screen_has '-T \$\(touch\ ran\)/'
	[ ! -e ran ]
}

@test "bash: at a terminal" {
	hostile
	terminal 80 20
	type_line "PATH=$BIN:\$PATH; source '$bash_completion'; PS1='re''ady>'"
	tab_completes
}

@test "zsh: the options of each program, and the same arguments" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	[ -e "$zsh_completion" ]
	# shellcheck disable=SC2016 # for zsh
	quiet zsh -f -c '
		_arguments() { print -r -- $service ${(o)${(M)${@##(\([^\)]#\)|\*)}:#--*}%%[^a-z-]*} }
		setopt extendedglob
		for service in "${@:2}"; do source "$1"; done' zsh "$zsh_completion" "${programs[@]}"
	[ "$output" = "$(options_of_help)" ]
}

@test "zsh: at a terminal" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	hostile
	cp "$zsh_completion" _pipegym
	terminal 80 20
	type_line "PATH=$BIN:\$PATH exec zsh -f"
	type_line "fpath=($T \$fpath); autoload -U compinit; compinit -u -D; PS1='re''ady>'"
	tab_completes
}
