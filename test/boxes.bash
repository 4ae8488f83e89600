# Which boxes are a test's own; for helper.bash and test/torture.
# shellcheck shell=bash

# The ids of this test's pipegym-box processes, boxes and spawners. A box has no environment and no name of its
# own; but test/contain adopts what loses its parent, so that it is a descendant of PIPEGYM_CONTAINER. Without it
# (bats run by hand) nothing can be said, and nothing is.
own_boxes() {
	[[ -n ${PIPEGYM_CONTAINER:-} ]] || return 0
	# In one go: bats looks at each command of a test, and of what a test calls.
	grep -sHE '^(Name|PPid):' /proc/[0-9]*/status | awk -F '[/:\t]+' -v top="$PIPEGYM_CONTAINER" '
		$5 == "Name" && $6 == "pipegym-box" { ours[$3] }
		$5 == "PPid" { parent[$3] = $6 }
		END {
			for (pid in ours) {
				for (at = pid; at > 1 && at != top; at = parent[at])
					continue
				if (at == top) { printf "%s%d", space, pid; space = " " }
			}
		}'
}
