#!/usr/bin/env bats
# task-list: which tasks it finds, in which order, and what it says of broken ones.

load helper

# A few tasks of our own, and nothing else.
setup() {
	common_setup
	export PIPEGYM_TASKS=$T/tasks
	write bash/one '{"tags": ["text"]}'
	write bash/two '{"difficulty": "hard", "split": "test", "tags": ["text", "logs"]}'
	write sql/one '{"category": "sql", "difficulty": "medium", "tags": ["logs"]}'
	write_line more '{"name": "x", "category": "sql", "difficulty": "easy"}'
	write_line more '{"id": "more/a", "category": "git"}'
}

definition() {
	merged '{
		"title": "Say hello", "category": "bash", "difficulty": "easy", "prompt": "Write hello into greeting.txt.",
		"checks": [{"name": "greeting", "type": "file", "path": "greeting.txt", "content": "SECRET"}]
	}' "$1"
}

# write SET/NAME [JSON]: a task in a folder.
write() {
	mkdir -p "$T/tasks/$1"
	definition "${2:-"{}"}" >"$T/tasks/$1/task.json"
}

# write_line SET JSON: one more line of SET.jsonl.
write_line() {
	definition "$2" >>"$T/tasks/$1.jsonl"
}

# lists ID... : the last command succeeded, said nothing and printed the records of these tasks, in this order.
lists() {
	if ((status != 0)) || [[ -n $stderr ]]; then
		echo "status $status, stderr: $stderr"
		return 1
	fi
	printed "$@"
}

printed() {
	local ids
	ids=$(jq -r .id <<<"$output" | paste -sd ' ')
	[[ $ids == "$*" ]] || {
		echo "printed: $ids"
		return 1
	}
}

@test "all tasks, of folders and of files, in order of their ids" {
	separate task-list
	lists bash/one bash/two more/a more/x sql/one
	separate task-list -T "$T/tasks"
	lists bash/one bash/two more/a more/x sql/one
}

@test "a record has these fields and none that grades" {
	separate task-list bash/one
	lists bash/one
	jq -e '.type == "task" and .title == "Say hello" and .category == "bash" and .difficulty == "easy" and
		.split == "train" and .tags == ["text"] and .prompt == "Write hello into greeting.txt." and
		.tools == ["shell", "write_file", "read_file", "edit_file", "submit"] and .requires == [] and .hints == 0 and
		.env == {kind: "shell", cwd: "/workspace", network: "loopback"} and .limits.steps == 50 and
		(.digest | test("^sha256:[0-9a-f]{64}$"))' <<<"$output"
	jq -e 'keys - ["type", "id", "digest", "title", "category", "difficulty", "split", "tags", "prompt", "tools", "limits",
		"requires", "env", "hints"] == []' <<<"$output"
	[[ $output != *SECRET* ]]
}

@test "patterns: a task, a set, a glob" {
	separate task-list bash/two
	lists bash/two
	separate task-list bash
	lists bash/one bash/two
	separate task-list '*/one' more
	lists bash/one more/a more/x sql/one
	separate task-list 'b*' 'bash/*'
	lists bash/one bash/two
	separate task-list '[a-m]*/?'
	lists more/a more/x
}

@test "a pattern that matches nothing is an error; the others are listed" {
	separate task-list nothing bash/one 'ba'
	[ "$status" -eq 3 ]
	printed bash/one
	[ "$stderr" = "task-list: no task matches nothing
task-list: no task matches ba" ]
}

@test "category, difficulty, split, tag" {
	separate task-list -c sql
	lists more/x sql/one
	separate task-list -c sql --category git
	lists more/a more/x sql/one
	separate task-list -d hard -d medium
	lists bash/two sql/one
	separate task-list -s test
	lists bash/two
	separate task-list --tag logs
	lists bash/two sql/one
	separate task-list --tag logs -c bash -c git
	lists bash/two
	separate task-list --tag text --tag logs -d easy
	lists bash/one
	separate task-list -c nothing
	lists
}

@test "a pattern counts as matched before the options choose" {
	separate task-list -c sql bash
	lists
}

@test "-f: a jq program on the record" {
	separate task-list -f '.tags | length == 2'
	lists bash/two
	separate task-list -f '.id | startswith("more/")' -c git
	lists more/a
	separate task-list -f empty
	lists
}

@test "-f: what is no jq program is a usage error" {
	separate task-list -f '.id =='
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == "task-list: -f: "* ]]
}

@test "-f: a program that fails on a task names it" {
	separate task-list -f 'if .category == "sql" then error("no") else true end'
	[ "$status" -eq 3 ]
	printed bash/one bash/two more/a
	[ "$stderr" = "task-list: task more/x: -f: no
task-list: task sql/one: -f: no" ]
}

@test "-n: no more than that" {
	separate task-list -n 2
	lists bash/one bash/two
	separate task-list -n 100 more
	lists more/a more/x
	separate task-list -n 1 -d medium
	lists sql/one
	separate task-list -n 0
	[ "$status" -eq 2 ]
}

@test "--shuffle: an order that a seed draws, the same for ever" {
	separate task-list --shuffle 1
	lists bash/one sql/one more/a bash/two more/x
	separate task-list --shuffle 1 -n 2
	lists bash/one sql/one
	separate task-list --shuffle 'another seed'
	[ "$(jq -r .id <<<"$output" | sort | paste -sd ' ')" = "bash/one bash/two more/a more/x sql/one" ]
	[ "$(jq -r .id <<<"$output" | paste -sd ' ')" != "bash/one sql/one more/a bash/two more/x" ]
	separate task-list --shuffle '' -c sql
	[ "$status" -eq 0 ]
}

@test "a task that needs a missing program is left out" {
	write bash/one '{"requires": ["sh", "no-such-program", "nor-this"]}'
	separate task-list bash
	lists bash/two
	separate task-list -v bash
	[ "$status" -eq 0 ]
	printed bash/two
	[ "$stderr" = "task-list: task bash/one is left out: it needs no-such-program" ]
	separate task-list --missing bash
	lists bash/one bash/two
	[ "$(jq -r .missing <<<"$output" | paste -sd ' ')" = "no-such-program null" ]
	separate task-list bash/one
	lists
}

@test "--shuffle: what is missing on one host does not change the order of the others" {
	write more/a '{"requires": ["no-such-program"]}'
	sed -i 2d "$T/tasks/more.jsonl"
	separate task-list --shuffle 1
	lists bash/one sql/one bash/two more/x
	separate task-list --shuffle 1 -n 3
	lists bash/one sql/one bash/two
}

@test "a broken task is named by file and place, and the rest is listed" {
	write bash/broken '{"limits": {"steps": 0}}'
	echo '{' >>"$T/tasks/more.jsonl"
	separate task-list -T tasks
	[ "$status" -eq 3 ]
	printed bash/one bash/two more/a more/x sql/one
	[ "$stderr" = "task-list: tasks/bash/broken/task.json: .limits.steps: must be a whole number of 1 to 100000
task-list: tasks/more.jsonl:3: invalid JSON: a key expected at the end" ]
	separate task-list sql
	lists sql/one
	separate task-list 'bash/b*'
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "of two tasks with the same id the first along the path counts" {
	mkdir -p "$T/other/bash/one" "$T/other/bash/three"
	definition '{"title": "Another"}' | tee "$T/other/bash/one/task.json" >"$T/other/bash/three/task.json"
	separate task-list -T "$T/other:$T/tasks" bash
	lists bash/one bash/three bash/two
	[ "$(jq -r .title <<<"$output" | head -n 1)" = Another ]
	separate task-list -T "$T/tasks:$T/other" bash
	lists bash/one bash/three bash/two
	[ "$(jq -r .title <<<"$output" | head -n 1)" = "Say hello" ]
}

@test "a search path that is not there is an error" {
	separate task-list -T "$T/nowhere"
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ "$stderr" = "task-list: task path: $T/nowhere: no such folder" ]
	PIPEGYM_TASKS=$T/tasks:$T/tasks/more.jsonl separate task-list
	[ "$status" -eq 3 ]
	[ "$stderr" = "task-list: task path: $T/tasks/more.jsonl: not a folder" ]
}

@test "hostile names and files are told of, not followed" {
	local name=$'two\nlines \e[31m'
	mkdir -p "$T/tasks/bash/$name" "$T/tasks/sql/link"
	definition '{}' | tee "$T/elsewhere.json" >"$T/tasks/bash/$name/task.json"
	ln -s "$T/elsewhere.json" "$T/tasks/sql/link/task.json"
	mkfifo "$T/tasks/pipe.jsonl"
	separate task-list -T tasks
	[ "$status" -eq 3 ]
	printed bash/one bash/two more/a more/x sql/one
	[[ $stderr != *$'\e'* ]]
	[[ $stderr == *"task-list: tasks/bash/two lines ^[[31m/task.json: its place makes no id of a task"* ]]
	[[ $stderr == *"task-list: tasks/sql/link/task.json: symbolic links are not followed"* ]]
	[[ $stderr == *"task-list: tasks/pipe.jsonl: not a regular file"* ]]
}

@test "a digest is the same in another place, and not that of another content" {
	local digest
	digest=$(task-list bash/one | jq -r .digest)
	cp -r "$T/tasks" "$T/copy"
	[ "$(task-list -T "$T/copy" bash/one | jq -r .digest)" = "$digest" ]
	mkdir "$T/copy/bash/one/files"
	echo x >"$T/copy/bash/one/files/x"
	[ "$(task-list -T "$T/copy" bash/one | jq -r .digest)" != "$digest" ]
}

@test "for a person: a line each" {
	separate task-list --text bash
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == "bash/two "*" hard "*"Say hello" ]]
}

@test "a set of thousands is listed, and one of it found" {
	jq -cn 'range(3000) | {name: "t\(.)", title: "T", category: "c", difficulty: "easy", prompt: "P", files: {a: ("x" * 1000)},
		checks: [{name: "n", type: "file", path: "a"}]}' >"$T/tasks/big.jsonl"
	[ "$(task-list big | wc -l)" -eq 3000 ]
	separate task-list big/t2999
	lists big/t2999
}

# --- curricula ---

# Two levels of the tasks of setup() and a last one of all else; with JSON, levels in their place.
curriculum() {
	local levels='[{"name": "first", "tasks": ["bash/one", "sql/*"], "pass_rate": 0.5, "window": 4},
		{"name": "second", "tasks": ["bash", "more/*"], "difficulty": ["easy"], "window": 2},
		{"name": "third", "tasks": ["*/*"]}]'
	jq -n --argjson levels "${1:-$levels}" '{title: "Ours", $levels}' >"$T/tasks/curriculum.json"
}

# played TASK STATUS...: a rollout for each.
played() {
	local id=$1 status
	shift
	for status; do
		jq -nc --arg id "$id" --arg status "$status" --arg n $RANDOM$RANDOM '{type: "rollout", episode: "e-\($n)", task: $id,
			verdict: (if $status == "none" then null else {type: "verdict", status: $status} end), steps: []}'
	done
}

@test "--curriculum: the tasks of its levels, each once, in its order" {
	curriculum
	separate task-list --curriculum
	lists bash/one sql/one more/a more/x bash/two
	[ "$(jq -r .level <<<"$output" | paste -sd ' ')" = "first first second second third" ]
	separate task-list --curriculum --text -n 1
	[[ $output =~ ^bash/one\ .*\ first\ +Say\ hello$ ]]
	separate task-list --curriculum=curriculum -n 3
	lists bash/one sql/one more/a
	separate task-list --curriculum -d hard -c sql
	lists
	separate task-list --curriculum 'more/*' sql
	lists sql/one more/a more/x
	separate task-list --curriculum --shuffle 1
	[ "$(jq -r .id <<<"$output" | paste -sd ' ')" != "bash/one sql/one more/a more/x bash/two" ]
	[ "${#lines[@]}" = 5 ]
	cp "$T/tasks/curriculum.json" "$T/mine.json"
	rm "$T/tasks/curriculum.json"
	separate task-list --curriculum=mine.json bash/one
	lists bash/one
	separate task-list --curriculum
	[ "$status" -eq 3 ]
	[ "$stderr" = "task-list: task path: there is no curriculum.json" ]
}

@test "--curriculum: what is not as it has to be is named" {
	wrong() {
		curriculum "$1"
		separate task-list -T tasks --curriculum
		[ "$status" -eq 3 ] && [ "$stderr" = "task-list: tasks/curriculum.json: $2" ] || {
			echo "$1: $status: $stderr"
			return 1
		}
	}
	wrong '[]' '.levels: must have 1 to 1000 elements'
	wrong '[{"name": "a"}]' '.levels[0].tasks: is missing'
	wrong '[{"name": "a", "tasks": ["*"], "passrate": 1}]' '.levels[0].passrate: unknown key'
	wrong '[{"name": "a", "tasks": ["*"], "pass_rate": 0}]' '.levels[0].pass_rate: must be greater than 0'
	wrong '[{"name": "a", "tasks": ["*"], "window": 0.5}]' '.levels[0].window: must be a whole number of 1 to 100000'
	wrong '[{"name": "a", "tasks": ["*", "*"]}]' '.levels[0].tasks: * is there twice'
	wrong '[{"name": "a", "tasks": ["bash/*"]}, {"name": "a", "tasks": ["*"]}]' '.levels: level a is there twice'
	wrong '[{"name": "a", "tasks": ["bash/one"]}, {"name": "b", "tasks": ["bash/one"]}]' '.levels: task bash/one is in the levels a and b'
	# These are found out when all tasks are known, and the others are listed.
	wrong '[{"name": "a", "tasks": ["bash/*"]}, {"name": "b", "tasks": ["sql/one", "git/none"]}]' 'level b: no task matches git/none'
	printed bash/one bash/two sql/one
	wrong '[{"name": "a", "tasks": ["bash/*"]}, {"name": "b", "tasks": ["bash/t*"]}]' 'level b: it has no task'
	echo '{' >"$T/tasks/curriculum.json"
	separate task-list -T tasks --curriculum
	[ "$status" -eq 3 ]
	[[ $stderr == "task-list: tasks/curriculum.json: invalid JSON: "* ]]
}

@test "--history: the lowest level that too few of the last attempts passed" {
	curriculum
	: >history
	separate task-list --curriculum --history history
	lists bash/one sql/one
	# What was not attempted counts as not passed; one of error, one without a verdict and one of another task do not count.
	{
		played bash/one fail pass error tampered error none
		played no/such pass pass
		echo '{"type": "error", "line": 1}'
	} >history
	separate task-list --curriculum --history history
	lists bash/one sql/one
	played sql/one pass >>history
	separate task-list --curriculum --history history
	lists more/a more/x
	separate task-list --curriculum --history - --shuffle 1 -n 1 <history
	[ "$(jq -r .level <<<"$output")" = second ]
	separate task-list --curriculum -v --history history -d hard
	[ -z "$output" ]
	[ "${lines[*]} $stderr" = " task-list: level first: of the last 4 attempts 2 passed, it takes 0.5 of 4
task-list: level second: of the last 0 attempts 0 passed, it takes 0.8 of 2
task-list: level third: of the last 0 attempts 0 passed, it takes 0.8 of 20" ]
	# The oldest leaves the window, and with it the level is lost.
	{
		played more/a pass pass
		played bash/two pass pass
		played bash/one fail fail
	} >>history
	separate task-list --curriculum --history history
	lists bash/one sql/one
	{
		played bash/one pass pass pass pass
		# shellcheck disable=SC2046 # words
		played bash/two $(yes pass | head -n 16)
	} >>history
	separate task-list --curriculum --history history
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "task-list: all levels are passed" ]
}

@test "--history: verdicts, and an episode's rollout behind its verdict, which is no second attempt" {
	curriculum '[{"name": "a", "tasks": ["bash/one"], "pass_rate": 1, "window": 2}, {"name": "b", "tasks": ["bash/two"]}]'
	jq -nc '{type: "verdict", episode: "x-1", task: "bash/one", status: "pass"}' >history
	played bash/one pass | jq -c '.episode = "x-1"' >>history
	separate task-list --curriculum --history history
	lists bash/one
	# The same names once more are another attempt.
	cat history >>history.2
	cat history >>history.2
	separate task-list --curriculum --history history.2
	lists bash/two
}

@test "--history: a torn last line is left out, any other that is no record is an error" {
	curriculum
	{
		played bash/one pass pass
		printf '{"type": "rollout", "task": "ba'
	} >history
	separate task-list --curriculum --history history
	[ "$status" -eq 0 ]
	printed more/a more/x
	[ "$stderr" = "task-list: --history: history: line 3, the last one, is torn and left out" ]
	{
		echo
		played bash/one pass
	} >>history
	separate task-list --curriculum --history history
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ "$stderr" = "task-list: --history: history: line 3 is no record" ]
	separate task-list --curriculum --history nowhere
	[ "$status" -eq 3 ]
	[ "$stderr" = "task-list: --history: nowhere: No such file or directory" ]
	separate task-list --history history
	[ "$status" -eq 2 ]
}

@test "--history: 100,000 rollouts in bounded memory" {
	local status memory
	curriculum
	played bash/one pass >one
	# shellcheck disable=SC2034 # read for its place
	read -r status memory < <(yes "$(<one)" | head -n "$(many 100000)" | python3 -c '
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=open("out", "wb"))
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' task-list --curriculum --history -)
	[ "$status" = 0 ]
	sanitized || ((memory < 20000)) || { echo "$memory KiB"; false; }
	[ "$(jq -r .level out | sort -u)" = second ]
}

@test "the shipped curriculum has all tasks that ship, the easy ones first" {
	PIPEGYM_TASKS=$SRC/tasks separate task-list --missing --curriculum
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(jq -r .id <<<"$output" | sort)" = "$(PIPEGYM_TASKS=$SRC/tasks task-list --missing | jq -r .id)" ]
	[ "$(jq -r .difficulty <<<"$output" | uniq | paste -sd ' ')" = "easy medium hard" ]
}

@test "the shipped tasks are sound" {
	PIPEGYM_TASKS=$SRC/tasks separate task-list --missing
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" -ge 12 ]
}
