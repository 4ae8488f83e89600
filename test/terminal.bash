# A person at a terminal, which tmux is: for those test files that load it. teardown() calls close_terminal.
# shellcheck shell=bash disable=SC2034,SC2154 # T is helper.bash's, and a loop counts for itself

# terminal WIDTH HEIGHT: a shell in a terminal of that size. Its prompt is "sh>".
terminal() {
	command -v tmux >/dev/null || skip "tmux is not installed"
	server=pipegym-$$-$BATS_TEST_NUMBER
	export TMUX_TMPDIR=$T
	# To look for leaks a sanitizer stops the process, which hangs where the shell of a lost terminal lets it go on.
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	env -u TMUX SHELL=/bin/bash tmux -L "$server" -f /dev/null new-session -d -x "$1" -y "$2" \
		"exec env PS1='sh> ' HISTFILE= bash --norc --noprofile"
	screen_has 'sh>'
}

# The pid of the env-play that the terminal's shell started.
player() {
	pgrep -P "$(tmux -L "$server" display-message -p '#{pane_pid}')" -x env-play
}

keys() {
	tmux -L "$server" send-keys "$@"
}

# type TEXT: the text and Enter.
type_line() {
	tmux -L "$server" send-keys -l "$1"
	tmux -L "$server" send-keys Enter
}

# screen_has TEXT...: waits until all of it is to be seen.
screen_has() {
	local tries text missing
	for tries in {1..200}; do
		screen=$(tmux -L "$server" capture-pane -p)
		missing=
		for text; do
			[[ $screen == *"$text"* ]] || missing=$text
		done
		[[ -n $missing ]] || return 0
		sleep 0.05
	done
	printf 'not on the screen: %s\n%s\n' "$missing" "$screen"
	return 1
}

close_terminal() {
	if [[ -n ${server:-} ]]; then
		tmux -L "$server" kill-server 2>/dev/null || :
	fi
}
