#!/usr/bin/env bats
# Manual pages: every example runs, every page has the options of its program, mandoc has nothing to say.
load helper

setup() {
	common_setup
	once
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
	ln -s "$BIN" bin
	timeout 200 bash -u "$T/commands" </dev/null 2>errors
	cat errors
	[[ ! -s errors ]]
	[[ $(jq -s 'map(.reward) | unique' -c rollouts.jsonl) == '[1]' ]]
}

# "SECTION NAME" a line, of the tables of pipegym-record(5); with "always", only of fields that are in every record.
fields() {
	awk -v always="${1:-}" '
		/^\.Ss / { section = tolower($2) }
		/^\.It [a-z]/ && $3 == "Ta" && !(always && /maybe/) { print section, $2 }
	' "$SRC/man/pipegym-record.5" | sort -u
}

@test "pipegym-record(5) has the fields of every record, and no others" {
	need_box
	fixture_task unit/hello '{"requires": ["no-such-program"]}'
	echo '{"levels": [{"name": "all", "tasks": ["unit", "bash"]}]}' >all.json
	{
		task-list --all --curriculum=all.json unit bash
		env-reset --id a -n 2 bash/count-errors
		printf '%s\n' '{"tool":"shell","args":{"command":"head -c 200000 /dev/zero | tr \"\\\\0\" x; printf \"\\\\377\" >&2; exit 3"},"tag":1}' \
			'{"tool":"shell","args":{"command":"sleep 9","timeout_s":0.1}}' '{"tool":"none"}' '{"tool":"submit"}' |
			env-step -e a-1
		env-step -e nobody -- true || :
		env-step -e a-2 -- 'sleep 60 &' && env-fork a-2
		echo '{' | env-step || :
		env-verify a-1 a-2 || :
		env-list
		kill -9 "$(env-list | jq 'select(.episode == "a-2") | .timing.pid')"
		env-restore a-2
		env-close a-1 a-2 | tee rollouts
		rollout-stat <rollouts
		rollout-stat --by split rollouts
		rollout-stat --compare rollouts rollouts
		rollout-replay --summary <rollouts
		rollout-replay --list-normalisers
		task-check unit/hello bash/count-errors || :
		jq -c '.task = "no/such"' rollouts | rollout-replay || :
		echo '{"tasks": {"1": {"description": "x"}, "2": {}}}' >curriculum.json
		task-import codecraft curriculum.json -o set || :
	} >records 2>/dev/null
	[[ $(jq -r .type records | sort -u | wc -l) == 14 ]]
	jq -r '.type as $type | . as $all | [to_entries[] | if .key == "timing" then "timing." + (.value | keys[]) else .key end],
		[$all | .info?, .box?, .checks[]?, .tests[]?, .refusals[]?, .notes[]? | objects | keys[]] | .[] | "\($type) \(.)"' records | sort -u >printed
	echo "printed, but not in the page:"
	diff <(comm -23 printed <(fields)) /dev/null
	# Observations have more than one table, and what is in a table of a nested object is looked for there.
	echo "in the page, but not in every record:"
	jq -r --rawfile always <(fields always | grep -v '^observation') '. as $record |
		$always | split("\n")[] | split(" ") | select(.[0] == $record.type) | .[1] as $field |
		select([$record, $record.timing, $record.box, $record.checks[0]?, $record.tests[0]?, $record.refusals[0]?] |
			map(objects | has($field | ltrimstr("timing."))) | any | not) | "\($record.type) \($field)"' records >absent
	cat absent
	[[ ! -s absent ]]
}

@test "every page is installed and has its examples run" {
	local page name
	for page in "$SRC"/man/*.[1-9]; do
		name=$(basename "$page")
		grep -qF "run_examples $name;" "$BATS_TEST_FILENAME"
		grep -qF "man/$name" "$SRC/man/local.mk"
	done
}

@test "every program has a page" {
	local program
	for program in ${PIPEGYM_PROGRAMS:-}; do
		echo "$program"
		[[ -f $SRC/man/$program.1 ]]
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
	}' "$1" | sort
}

# The same of a program's --help.
help_options() {
	"$1" --help | sed -nE 's/^ +((-[A-Za-z]), )?(--[a-z-]+)(\[=([A-Z]+)\]|( [A-Z:]+))?( .*)?$/\2 \3 \5\6/p' | tr -s ' ' | sed 's/^ //; s/ $//' | sort
}

@test "pages and --help have the same options" {
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

@test "mandoc finds nothing to warn about" {
	local page
	command -v mandoc >/dev/null || skip "mandoc is not there"
	for page in "$SRC"/man/*.[1-9]; do
		run mandoc -Tlint -Wwarning "$page"
		echo "$output"
		[[ $status == 0 && -z $output ]]
	done
}
