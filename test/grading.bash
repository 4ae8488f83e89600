# What the tests of checks share, on top of episode.bash.
# shellcheck shell=bash disable=SC2034,SC2154 # bats gives and takes variables

# task CHECKS [JSON...]: opens an episode of a task with these checks (a JSON array), in $ep.
task() {
	fixture_task unit/graded "{\"checks\": $1, \"limits\": {\"steps\": 100}}" "${@:2}"
	ep=g-1
	env-reset --id g unit/graded >/dev/null
}

# verdict STATUS REWARD [EPISODE]: grades anew; the verdict is in $output.
verdict() {
	local wanted=0
	case $1 in
	fail | tampered) wanted=1 ;;
	error) wanted=4 ;;
	esac
	separate env-verify --again "${3:-$ep}"
	expect '[.status, .reward]' "[\"$1\",$2]" || return
	[ "$status" = "$wanted" ] && [ -z "$stderr" ]
}

# reason TEXT: the verdict's reason holds it.
reason() {
	[[ $(field .reason) == *"$1"* ]] || { field .reason; false; }
}

# manual_check NAME: the check of this name in pipegym-task(5), as JSON.
manual_check() {
	awk '
		/^\.Ed/ { literal = 0 }
		literal { gsub(/\\&/, ""); gsub(/\\\(aq/, "\047"); gsub(/\\e/, "\\"); print }
		/^\.Bd -literal$/ { literal = 1 }
	' "$SRC/man/pipegym-task.5" | jq -c --arg name "$1" 'select(.name == $name)'
}
