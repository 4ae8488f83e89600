#!/usr/bin/env bash
# make demo: a whole round for a person to read: tasks, episodes, an agent, grading, rollouts, and their replay. Of each
# list it shows the beginning.
# test/demo.sh [CATEGORY]: only tasks of this category (one word).
set -euo pipefail

src=${PIPEGYM_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
PATH=${PIPEGYM_BIN:-$src/bin}:$PATH
export PIPEGYM_LIBEXEC=${PIPEGYM_LIBEXEC:-$src/libexec}
work=$(mktemp -d /tmp/pipegym-demo.XXXXXX)
export PIPEGYM_STATE=$work/state PIPEGYM_TASKS=$src/tasks
cleanup() {
	env-close --all -q >/dev/null 2>&1 || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

title() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}
[[ -t 1 ]] || title() {
	printf '\n%s\n' "$*"
}

# Prints a command as one would type it, runs it, and says what it cost.
stage() {
	local began=$EPOCHREALTIME ran=0
	printf '$ %s\n' "$1"
	eval "$1" || ran=$?
	printf '  (%d ms)\n' "$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))"
	return "$ran"
}

# Records on stdin as lines for a person, the first of them: show FILTER
show() {
	jq -r "$1" | awk 'NR <= 6 { print "  " $0 } END { if (NR > 6) print "  ... and " NR - 6 " more" }'
}

# What no episode could do without is said once, not once for each.
if ! box-run true; then
	echo 'demo: bin/box-run --probe says what else to know' >&2
	exit 4
fi
cd "$work"
title '1. Which tasks are there?'
stage "task-list --json ${1:+-c $1} > tasks.jsonl"
# shellcheck disable=SC2016 # jq's variables
show '"\(.id)\(" " * ([28 - (.id | length), 1] | max))\(.difficulty)\(" " * (8 - (.difficulty | length)))\(.title)"' <tasks.jsonl

title '2. Open an episode of each: a box of its own, and the first observation.'
stage 'env-reset -j 2 --id demo < tasks.jsonl > observations.jsonl'
show '"\(.episode)  \(.task)  \(.tools | length) tools, at most \(.limits.steps) steps"' <observations.jsonl

title '3. An agent reads observations and writes actions. This one knows the solutions.'
stage 'agent-oracle < observations.jsonl > actions.jsonl'
echo "  $(wc -l <actions.jsonl) actions; one of them:"
head -n 1 actions.jsonl | cut -c 1-160 | sed 's/^/  /'

title '4. Carry the actions out, each episode in its own live shell.'
stage 'env-step -j 2 < actions.jsonl > steps.jsonl'
jq -cs 'group_by(.episode)[]' steps.jsonl |
	show '"\(.[0].episode)  \(.[0].task)  \(length) steps, \(map(.timing.wall_ms) | add | round) ms"'
one=$(jq -rs 'group_by(.episode) | min_by(length)[0].episode' steps.jsonl)
echo "  One of them, $one:"
jq -rn --arg one "$one" --slurpfile actions actions.jsonl --slurpfile steps steps.jsonl '
	[[$actions[] | select(.episode == $one)], [$steps[] | select(.episode == $one)]] | transpose[]
	| "> \(.[0].tool // "shell") \(.[0].args // .[0] | .command? // .path? // tojson)", (.[1] | .stdout + .stderr)
	| rtrimstr("\n") | split("\n") | .[:4] + (if length > 4 then ["..."] else [] end) | .[] | .[:100]' | sed 's/^/    /'

title '5. Grade.'
stage 'env-verify -j 2 < observations.jsonl > verdicts.jsonl' || :
show '"\(.task)  \(.status)  reward \(.reward)  (\([.checks[] | select(.passed)] | length) of \(.checks | length) checks)"' <verdicts.jsonl

title '6. Close: what is left of an episode is its rollout, one line.'
stage 'env-close -j 2 < observations.jsonl > rollouts.jsonl'
show '"\(.episode)  \(.task)  \(.steps | length) steps  reward \(.reward)  \(tojson | length) bytes"' <rollouts.jsonl

title '7. Replay: do the same actions give the same observations and the same verdict again?'
replayed=0
stage 'rollout-replay -j 2 < rollouts.jsonl > replays.jsonl' || replayed=$?
show '"\(.task)  \(.match)  \(.matched) of \(.steps) steps"' <replays.jsonl

title 'The same as one pipeline:'
echo "$ task-list | env-reset | agent-oracle | env-step | env-verify | env-close > rollouts.jsonl"
echo "$ rollout-replay < rollouts.jsonl"

title 'What each set took: tasks, the steps of their solutions, milliseconds for all steps and for a task.'
jq -rs 'def cell($width): tostring | " " * ([$width - length, 0] | max) + .;
	def row: (.[0] + " " * ([10 - (.[0] | length), 1] | max)) + (.[1:] | map(cell(8)) | join(""));
	def sums($name): [$name, length, (map(.steps | length) | add), (map(.steps[].observation.timing.wall_ms) | add | round)]
		| . + [.[3] / .[1] | round] | row;
	["set", "tasks", "steps", "ms", "ms/task"] as $head | ($head | row),
	(group_by(.task / "/" | .[0])[] | sums(.[0].task / "/" | .[0])), sums("all")' rollouts.jsonl | sed 's/^/  /'

# The lists above may not have come to these.
jq -r 'select(.verdict.status != "pass") | "\(.task)  \(.verdict.status)  \(.verdict.reason)"' rollouts.jsonl
jq -r 'select(.match != "exact") | "\(.task)  replayed: \(.match)"' replays.jsonl

left=$(env-list --json | wc -l)
jq -rn --slurpfile r rollouts.jsonl --slurpfile p replays.jsonl --argjson left "$left" '
	([$r[] | select(.verdict.status == "pass")] | length) as $passed |
	([$p[] | select(.match == "exact")] | length) as $exact |
	"\ndemo: \($r | length) episodes, \($passed) passed, \($exact) replayed exactly, \($left) left open"'
[[ $replayed == 0 && $left == 0 ]]
jq -en --slurpfile r rollouts.jsonl --slurpfile t tasks.jsonl \
	'($r | length) == ($t | length) and all($r[]; .verdict.status == "pass")' >/dev/null
