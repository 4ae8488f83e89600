#!/usr/bin/env bats
# Manual pages: every example runs, every page has the options of its program.
load helper

setup() {
	local task
	common_setup
	! sanitized || skip "what the examples call is called by each program's own tests"
	# The examples about all tasks of a category take a minute with all that ship.
	if ! in_full; then
		for task in bash/count-errors bash/old-drafts ctf/onion git/merge-branches sql/silent-members; do
			mkdir -p "$T/tasks/${task%/*}"
			ln -s "$SRC/tasks/$task" "$T/tasks/$task"
		done
		export PIPEGYM_TASKS=$T/tasks
	fi
}

# blocks PAGE FOLDER: writes each literal block under EXAMPLES, as a reader sees it, to FOLDER/1, FOLDER/2, ... and
# prints how many there are.
blocks() {
	awk -v folder="$2" '
		/^\.Sh / { examples = $2 == "EXAMPLES" }
		/^\.Ed/ { block = "" }
		block {
			gsub(/\\&/, "")
			gsub(/\\\(aq/, "\047")
			gsub(/\\e/, "\\")
			print > block
		}
		examples && /^\.Bd -literal/ { block = folder "/" ++count }
		END { print count + 0 }
	' "$1"
}

# Runs each block of a page with bash, in a folder of its own. What it leaves open is closed.
run_examples() {
	local page=$SRC/man/$1 count number
	need_box
	mkdir "$T/blocks"
	count=$(blocks "$page" "$T/blocks")
	((count > 0))
	for ((number = 1; number <= count; number++)); do
		mkdir "$T/$number"
		cd "$T/$number" || return
		if ! timeout 120 bash -e -u -o pipefail "$T/blocks/$number" </dev/null; then
			printf '%s: this example failed:\n' "$1"
			cat "$T/blocks/$number"
			return 1
		fi
		env-close --all -q >/dev/null
	done
}

@test "the examples of task-list(1) run" { run_examples task-list.1; }
@test "the examples of task-check(1) run" { run_examples task-check.1; }
@test "the examples of task-import(1) run" { run_examples task-import.1; }
@test "the examples of env-reset(1) run" { run_examples env-reset.1; }
@test "the examples of env-step(1) run" { run_examples env-step.1; }
@test "the examples of env-fork(1) run" { run_examples env-fork.1; }
@test "the examples of env-restore(1) run" { run_examples env-restore.1; }
@test "the examples of env-verify(1) run" { run_examples env-verify.1; }
@test "the examples of env-close(1) run" { run_examples env-close.1; }
@test "the examples of env-list(1) run" { run_examples env-list.1; }
@test "the examples of env-play(1) run" { run_examples env-play.1; }
@test "the examples of agent-oracle(1) run" { run_examples agent-oracle.1; }
@test "the examples of rollout-convert(1) run" { run_examples rollout-convert.1; }
@test "the examples of rollout-log(1) run" { run_examples rollout-log.1; }
@test "the examples of rollout-replay(1) run" { run_examples rollout-replay.1; }
@test "the examples of rollout-show(1) run" { run_examples rollout-show.1; }
@test "the examples of rollout-stat(1) run" { run_examples rollout-stat.1; }
@test "the examples of box-image(1) run" { run_examples box-image.1; }
@test "the examples of box-run(1) run" { run_examples box-run.1; }
@test "the examples of pipegym(7) run" { run_examples pipegym.7; }
@test "the examples of pipegym-box(7) run" { run_examples pipegym-box.7; }
@test "the examples of pipegym-record(5) run" { run_examples pipegym-record.5; }
@test "the examples of pipegym-task(5) run" { run_examples pipegym-task.5; }

# The commands of README, as they are typed: the sections below, what stands 4 columns in.
@test "the commands of README run, and complain about nothing" {
	need_box
	awk '/^[A-Z][A-Z ]*$/ { on = /^(A FIRST SESSION|THREE PIPELINES)$/ } on && /^    / { print substr($0, 5) }' "$SRC/README" \
		>"$T/commands"
	[[ $(wc -l <"$T/commands") -ge 10 ]]
	timeout 200 bash -u "$T/commands" </dev/null 2>errors
	cat errors
	[[ ! -s errors ]]
	[[ $(jq -s 'map(.reward) | unique' -c rollouts.jsonl) == '[1]' ]]
}

@test "every page is installed and has its examples run" {
	local page name
	for page in "$SRC"/man/*.[1-9]; do
		name=$(basename "$page")
		grep -qF "run_examples $name;" "$BATS_TEST_FILENAME"
		grep -qF "man/$name" "$SRC/man/local.mk"
	done
}

# "-n --number COUNT" a line, of the .It lines of a page.
page_options() {
	awk '/^\.It Fl / {
		line = ""
		for (i = 2; i <= NF; i++)
			if ($i == "Fl")
				line = line " -" $(i + 1)
			else if ($i == "Ar" && i == NF - 1)
				line = line " " $(i + 1)
		print substr(line, 2)
	}' "$1"
}

# The same of a program's --help.
help_options() {
	"$1" --help | sed -nE 's/^ +((-[A-Za-z]), )?(--[a-z-]+)(\[=([A-Z]+)\]|( [A-Z:]+))?( .*)?$/\2 \3 \5\6/p' | tr -s ' ' | sed 's/^ //; s/ $//'
}

@test "pages and --help have the same options, in the same order" {
	local page name
	for page in "$SRC"/man/*.1; do
		name=$(basename "$page" .1)
		echo "$name"
		diff <(page_options "$page") <(help_options "$name")
		[[ $(page_options "$page" | wc -l) -ge 6 ]]
	done
}

# The usage line of --help, and what mandoc makes of the SYNOPSIS, in one form: one blank between words, no dots.
synopsis() {
	tr -s ' \n' '  ' | sed -E 's/ ?\.\.\.//g; s/^ //; s/ $//'
}

@test "SYNOPSIS and --help have the same usage" {
	local page name
	command -v mandoc >/dev/null || skip "mandoc is not there"
	for page in "$SRC"/man/*.1; do
		name=$(basename "$page" .1)
		diff <(mandoc -Tascii "$page" | sed 's/.\x08//g' | sed -n '/^SYNOPSIS/,/^DESCRIPTION/{/^[A-Z]/!p}' | synopsis) \
			<("$name" --help | sed -n '1s/^Usage: //p' | synopsis)
	done
}

@test "SEE ALSO has every page of ours that a page speaks of, in order" {
	local page
	for page in "$SRC"/man/*.[1-9]; do
		awk '/^\.Xr/ { print $2 "." $3 }' "$page" | sort -u | while read -r name; do
			[[ ! -e $SRC/man/$name || $page == */$name ]] || echo "$name"
		done >spoken
		awk '/^\.Sh/ { see = /SEE ALSO/ } see && /^\.Xr/ { print $2 "." $3 }' "$page" >see
		echo "${page##*/}:"
		diff spoken <(sort see | grep -xFf spoken)
		diff see <(LC_ALL=C sort -t . -k 2,2 -k 1,1 see)
	done
}
