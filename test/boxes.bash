# Which boxes are a test's own; for helper.bash and test/torture.
# shellcheck shell=bash

# The ids of this test's pipegym-box processes, boxes and spawners. A box has no environment and no name of its
# own; but test/contain adopts what loses its parent, so that it is a descendant of PIPEGYM_CONTAINER. Without it
# (bats run by hand) nothing can be said, and nothing is.
own_boxes() {
	[[ -n ${PIPEGYM_CONTAINER:-} ]] || return 0
	local folder name pid parent found=()
	for folder in /proc/[0-9]*; do
		{ read -r name <"$folder/comm"; } 2>/dev/null || continue
		[[ $name == pipegym-box ]] || continue
		pid=${folder#/proc/} parent=${folder#/proc/}
		while ((parent > 1 && parent != PIPEGYM_CONTAINER)); do
			parent=$(awk '/^PPid:/ { print $2 }' "/proc/$parent/status" 2>/dev/null)
			parent=${parent:-0}
		done
		((parent != PIPEGYM_CONTAINER)) || found+=("$pid")
	done
	echo "${found[*]}"
}
